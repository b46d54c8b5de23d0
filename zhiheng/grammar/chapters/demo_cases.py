"""What ``book/demo/cases.yaml`` may say: the courses of the cases that the demo grows from its own facts, in its first
place and, after it, in the further ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import Field, RootModel, model_validator

from zhiheng.grammar.book import Chapter, PageKind, Reading
from zhiheng.grammar.chapters.demo_places import DEMO_PLACES, DemoPlacePage, Login
from zhiheng.grammar.registry import register
from zhiheng.grammar.types import Identifier, Label, LateEntry
from zhiheng.grammar.yaml import Wrong

# The numbers of the courses are of a first place with so many cases.
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
            raise Wrong(
                "done、running、late 至少有一个大于 0：一条流程至少有一件。",
                "done, running or late: a course has at least one case.",
            )
        if self.acts[0].in_child:
            raise Wrong(
                "acts 的第一步是立案本身，不能在子案件里；请删去 in_child。",
                "acts: the first act opens the case itself.",
            )
        return self

    @property
    def of_whole(self) -> int:
        """How many cases of the whole demo go this way."""
        standing = [each.cases for act in self.acts for each in (act.running, act.late) if each is not None]
        return self.done + sum(standing)


class DemoCases(RootModel[dict[Identifier, CaseCourse]]):
    """All courses: name -> course."""


# Of a further place, late cases are shown where at least so much of one is its share.
_LATE_FROM = 0.3


def _read(reading: Reading) -> Mapping[str, CaseCourse]:
    own = next((page.root for _, page, _ in reading.each(DemoCases)), {})
    found = dict(own)
    for name, place in (reading.usable(DEMO_PLACES) or {}).items():
        found |= {f"{course}_in_{name}": told for course, told in _of_place(own, place)}
    return found


def _of_place(own: Mapping[str, CaseCourse], place: DemoPlacePage) -> Iterator[tuple[str, CaseCourse]]:
    """The courses of the first place as a further one goes them: by its units and officers, as many as its share.

    What is struck or restricted by hand is shown by the first place alone.
    """
    for name, course in own.items():
        if name in place.without or course.unit not in place.units or course.strike or course.restrict:
            continue
        acts = tuple(
            act.model_copy(
                update={
                    "by": tuple(_login(login, place) for login in act.by),
                    "given": {field: _elsewhere(value, place) for field, value in act.given.items()},
                    "running": _part(act.running, place.share),
                    "late": _part(act.late, place.share, least=_LATE_FROM),
                }
            )
            for act in course.acts
        )
        words = {"unit": place.units[course.unit], "done": round(course.done * place.share), "acts": acts}
        yield name, course.model_copy(update=words)


def _login(login: str, place: DemoPlacePage) -> str:
    return place.people[login].login if login in place.people else login


def _elsewhere(value: Any, place: DemoPlacePage) -> Any:
    """What is said in a field, with the units and accounts of the place."""
    if isinstance(value, list | tuple):
        return [_elsewhere(each, place) for each in value]
    if not isinstance(value, str):
        return value
    return f"@{_login(value[1:], place)}" if value.startswith("@") else place.units.get(value, value)


def _part(standing: RunningCases | None, share: float, *, least: float = 0) -> RunningCases | None:
    """A share of the cases that stand somewhere, at least one; none where it is less than ``least`` of one."""
    if standing is None or standing.cases * share < least:
        return None
    return standing.model_copy(update={"cases": max(1, round(standing.cases * share))})


# The courses of the demo's cases, name -> course, those of further places among them; none where the book has no such
# page.
DEMO_CASES: Chapter[Mapping[str, CaseCourse]] = register(
    Chapter(
        name="demo_cases",
        label=Label(zh="演示案件的经过", en="Courses of the demo's cases"),
        pages=(PageKind("demo_cases", "demo/cases.yaml", DemoCases),),
        needs=(DEMO_PLACES,),
        read=_read,
        order=200,
        reference="how-to/another-book.md",
    )
)
