"""What ``book/demo/cases.yaml`` may say: the courses of the cases that the demo grows from its own facts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, RootModel, model_validator

from zhiheng.grammar.book import Chapter, PageKind, Reading
from zhiheng.grammar.chapters.demo_accounts import Login
from zhiheng.grammar.registry import register
from zhiheng.grammar.types import Identifier, Label, LateEntry

# The numbers of the courses are of a demo of so many cases.
WHOLE = 5_000
# From so many to so many working days.
Between = Annotated[tuple[Annotated[int, Field(ge=0, le=400)], Annotated[int, Field(ge=0, le=400)]], Field()]


class RunningCases(LateEntry):
    """Of the whole demo's cases so many stand still after an act, done so many working days ago."""

    cases: int = Field(ge=1, le=1000)
    ago: Between


class CourseAct(LateEntry):
    """An act of a course: by whom, how long after the one before (the first one: after the fact), saying what."""

    act: Identifier | Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$")]
    by: tuple[Login, ...] = Field(min_length=1, description="several sign together, the first proposes it")
    after: Between = (0, 0)
    given: Mapping[str, Any] = Field(
        default={},
        description="what is said in its fields; in a text {product} stands for a field of the fact, {number} for the "
        "report or the complaint, {party} for the party; @demo-head is the account",
    )
    in_child: bool = Field(default=False, description="in the case that an act before has opened")
    running: RunningCases | None = None
    late: RunningCases | None = Field(default=None, description="the same of cases in which a period is over")


class ByHand(LateEntry):
    """What is done with a case after its course: by whom, and why."""

    by: Login
    reason: str = Field(min_length=2, max_length=500)


class CaseCourse(LateEntry):
    """Cases of a workflow that go the same way. Every number is of the whole demo (``WHOLE`` of them)."""

    workflow: Identifier
    record: Identifier = Field(description="grown from facts of this record")
    where: Mapping[str, Any] = Field(default={}, description="what the fact says; ``outcome`` is its outcome")
    unit: Identifier = Field(description="the unit that opens them; the facts are of its place")
    party: Identifier = Field(description="the party of the workflow")
    role: Identifier = Field(description="whom of the fact it is")
    done: int = Field(default=0, ge=0, le=20_000, description="so many went the whole way")
    acts: tuple[CourseAct, ...] = Field(min_length=1)
    strike: ByHand | None = Field(default=None, description="the last line is struck")
    restrict: ByHand | None = Field(default=None, description="the case is restricted")

    @model_validator(mode="after")
    def _has_cases(self) -> CaseCourse:
        if not self.of_whole:
            raise ValueError("done, running or late: a course has at least one case")
        if self.acts[0].in_child:
            raise ValueError("acts: the first act opens the case itself")
        return self

    @property
    def of_whole(self) -> int:
        """How many cases of the whole demo go this way."""
        standing = [each.cases for act in self.acts for each in (act.running, act.late) if each is not None]
        return self.done + sum(standing)


class DemoCases(RootModel[dict[Identifier, CaseCourse]]):
    """All courses: name -> course."""


def _read(reading: Reading) -> Mapping[str, CaseCourse]:
    return next((page.root for _, page, _ in reading.each(DemoCases)), {})


# The courses of the demo's cases, name -> course; none where the book has no such page.
DEMO_CASES: Chapter[Mapping[str, CaseCourse]] = register(
    Chapter(
        name="demo_cases",
        label=Label(zh="演示案件的经过", en="Courses of the demo's cases"),
        pages=(PageKind("demo_cases", "demo/cases.yaml", DemoCases),),
        read=_read,
        order=200,
        reference="how-to/another-book.md",
    )
)
