"""How the public complains and reports (``book/submissions.yaml``): which kinds of submissions there are, which
workflow each opens, what is asked, and what its sender is told of its course.

.. code-block:: yaml

    kinds:
      complaint:
        workflow: complaint
        act: receive
        sender: complainant
        about: respondent
        text: dispute
        asks: [claim]

What a case tells its sender is named here, act by act and field by field: what is not named stays with the officers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from pydantic import Field

from zhiheng.grammar.book import Book, Chapter, PageKind, Reading
from zhiheng.grammar.chapters.case_documents import CASE_DOCUMENTS
from zhiheng.grammar.chapters.workflow_pages import ActName, WorkflowPage
from zhiheng.grammar.chapters.workflows import WORKFLOWS, WorkflowEntry
from zhiheng.grammar.citations import cited_in
from zhiheng.grammar.registry import register
from zhiheng.grammar.types import Citation, Entry, Identifier, Label
from zhiheng.grammar.yaml import BookError, Document

PAGE = "submissions.yaml"


class SenderAsks(Entry):
    """An act that its sender does by the receipt: what the page asks, and the field for their words."""

    act: ActName
    label: Label
    field: Identifier | None = None


class SubmissionKind(Entry):
    """A kind of submission: the case that it opens, and what its sender is told of it."""

    label: Label
    says: Label = Field(description="what it is for, in one sentence")
    workflow: Identifier
    act: ActName = Field(description="the act that opens the case")
    sender: Identifier = Field(description="the party that the sender is")
    about: Identifier = Field(description="the party that it is about")
    text: Identifier = Field(description="the field for what happened")
    asks: tuple[Identifier, ...] = Field(default=(), description="further fields of the act that the sender fills in")
    named: Identifier | None = Field(default=None, description="a yes-or-no field: whether the sender gave a name")
    needs: tuple[Literal["name", "phone", "address", "about"], ...] = Field(
        default=(), description="what the law asks of the sender"
    )
    routed: Literal["complaint", "report"] = Field(description="the answer of routing that proposes it")
    states: dict[Identifier, Label] = Field(min_length=1, description="states in plain words for the sender")
    periods: tuple[Identifier, ...] = Field(default=(), description="periods that the sender is told of")
    tells: dict[Identifier, tuple[Identifier, ...]] = Field(
        default_factory=dict, description="act -> the fields of it that the sender reads"
    )
    papers: tuple[Identifier, ...] = Field(default=(), description="documents that are meant for the sender")
    supplement: SenderAsks | None = Field(
        default=None, description="the act for new facts; without one it is a message"
    )
    solved: SenderAsks | None = None
    not_solved: SenderAsks | None = None
    again: SenderAsks | None = Field(default=None, description="the act by which the sender opens it again")

    @property
    def answers(self) -> tuple[SenderAsks, ...]:
        """What the sender can be asked once it is dealt with."""
        return tuple(one for one in (self.solved, self.not_solved, self.again) if one is not None)


class Submissions(Entry):
    """Complaints and reports of the public."""

    law: tuple[Citation, ...] = ()
    photographs: int = Field(ge=0, le=20, description="how many may come with one submission")
    alike_within: int = Field(ge=1, le=400, description="days within which the same words are pointed at")
    statistics_law: tuple[Citation, ...] = ()
    kinds: dict[Identifier, SubmissionKind] = Field(min_length=1)

    def of_workflow(self, workflow: str) -> tuple[str, SubmissionKind] | None:
        """The kind that opens cases of a workflow."""
        return next(((name, kind) for name, kind in self.kinds.items() if kind.workflow == workflow), None)


def _errors(
    page: Submissions, document: Document, workflows: Mapping[str, WorkflowEntry], papers: Mapping[str, object]
) -> Iterator[BookError]:
    for name, kind in page.kinds.items():
        at = ("kinds", name)
        if kind.workflow not in workflows:
            yield from document.unknown_names((*at, "workflow"), [kind.workflow], workflows, "工作流", "workflow")
            continue
        yield from _of_kind(kind, document, at, workflows[kind.workflow].page)
        yield from document.unknown_names((*at, "papers"), kind.papers, papers, "案件文书", "document of cases")


def _of_kind(kind: SubmissionKind, document: Document, at: tuple[str, ...], page: WorkflowPage) -> Iterator[BookError]:
    sent = [one for one in (kind.supplement, *kind.answers) if one is not None]
    fields = [kind.text, *kind.asks, *((kind.named,) if kind.named else ()), *(one.field for one in sent if one.field)]
    acts = {*page.acts, *(f"{name}.{outcome}" for name, act in page.acts.items() for outcome in act.outcomes)}
    yield from document.unknown_names((*at, "act"), [kind.act, *(one.act for one in sent)], acts, "行为", "act")
    yield from document.unknown_names((*at, "tells"), kind.tells, page.acts, "行为", "act")
    told = [field for fields_ in kind.tells.values() for field in fields_]
    yield from document.unknown_names((*at, "asks"), [*fields, *told], page.fields, "字段", "field")
    yield from document.unknown_names((*at, "sender"), [kind.sender, kind.about], page.parties, "当事人", "party")
    yield from document.unknown_names((*at, "states"), kind.states, page.states, "状态", "state")
    yield from document.unknown_names((*at, "periods"), kind.periods, page.periods, "期限", "period")
    party = page.parties.get(kind.sender)
    if party is not None and not party.sealed:
        yield document.error(
            (*at, "sender"),
            f"“{kind.sender}”没有写 sealed: true，身份会写明在案件里；请在工作流里改成密封。",
            f"The party {kind.sender!r} is not sealed, so who it is would stand in the case; seal it in the workflow.",
        )


def _read(reading: Reading) -> Submissions | None:
    """None where the book has no such page: then the portal takes nothing in."""
    for _, page, document in reading.each(Submissions):
        reading.errors += _errors(page, document, reading[WORKFLOWS], reading[CASE_DOCUMENTS])
        return page
    return None


def _cites(book: Book) -> Iterator[tuple[str, str, Citation]]:
    for citation in cited_in(book[SUBMISSIONS]):
        yield PAGE, "投诉举报", citation


# What the public can send, and what it is told; None where the book has no such page.
SUBMISSIONS: Chapter[Submissions | None] = register(
    Chapter(
        name="submissions",
        label=Label(zh="投诉举报", en="Complaints and reports"),
        pages=(PageKind("submissions", PAGE, Submissions),),
        needs=(WORKFLOWS, CASE_DOCUMENTS),
        read=_read,
        counts={"submissions": lambda page: len(page.kinds) if page is not None else 0},
        cites=_cites,
        reference="explanation/submissions.md",
    )
)
