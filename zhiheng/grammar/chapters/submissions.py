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
from zhiheng.grammar.chapters.filter_checks import field_filter_errors
from zhiheng.grammar.chapters.records import RECORDS, RecordEntry
from zhiheng.grammar.chapters.workflow_pages import ActName, OwnLength, WorkflowPage
from zhiheng.grammar.chapters.workflows import WORKFLOWS, WorkflowEntry
from zhiheng.grammar.citations import cited_in
from zhiheng.grammar.registry import register
from zhiheng.grammar.types import Citation, Condition, Entry, Filter, Identifier, Label, LawName
from zhiheng.grammar.yaml import BookError, Document

PAGE = "submissions.yaml"


class SenderAsks(Entry):
    """An act that its sender does by the receipt: what the page asks, and the field for their words."""

    act: ActName
    label: Label
    field: Identifier | None = None


class SubmissionAnswers(Entry):
    """What is answered of cases of a kind: which outcomes take it in or refuse it, where cause and reason stand.

    ``ends``: act with outcome -> what the other side calls this result; what is not named is told by its own label.
    """

    takes_in: tuple[ActName, ...] = ()
    refuses: tuple[ActName, ...] = ()
    cause: Identifier | None = None
    reason: Identifier | None = None
    ends: dict[ActName, Label] = Field(default_factory=dict)


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
    told_back: SubmissionAnswers = Field(
        default=SubmissionAnswers(), description="what a body that sent it is answered"
    )
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


class DeliveredSender(Entry):
    """Which fields of the record say who complains; they go under seal and nowhere else."""

    name: Identifier | None = None
    phone: Identifier | None = None
    address: Identifier | None = None

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that are said."""
        return tuple(name for name in (self.name, self.phone, self.address) if name is not None)


AnswerCell = Literal[
    "number",
    "kind",
    "case_number",
    "received_on",
    "decided",
    "decided_on",
    "article",
    "reason",
    "result",
    "ended_on",
    "unit",
]


class AnswerColumn(Entry):
    """A column of the file of answers: its heading as the other side reads it, and what stands in it."""

    heading: str = Field(min_length=1, max_length=60)
    says: AnswerCell


class DeliveredSubmissions(Entry):
    """Complaints and reports that another body sends as a delivery: which record has them, how its fields are meant."""

    label: Label
    record: Identifier
    where: Filter = Field(default_factory=dict, description="only these facts; the others were dealt with before")
    number: Identifier = Field(description="the sender's own number of each; a second one of the same opens nothing")
    kind: Identifier = Field(description="the field that says what it is")
    kinds: dict[Identifier, Identifier] = Field(min_length=1, description="choice of that field -> kind of submission")
    received: tuple[Identifier, ...] = Field(
        min_length=1, description="the day on which the authority had it; the first that is said"
    )
    text: Identifier
    asks: dict[Identifier, tuple[Identifier, ...]] = Field(
        default_factory=dict,
        description="field of the case -> fields of the record, the first that says something; where the act has it",
    )
    about: Identifier = Field(description="the party field with whom it is about")
    sender: DeliveredSender = DeliveredSender()
    within: dict[Identifier, LawName] = Field(default_factory=dict, description="kind -> until when it is dealt with")
    recent: OwnLength | None = Field(
        default=None, description="what was older than this when it was delivered was dealt with before"
    )
    answers: tuple[AnswerColumn, ...] = ()


class Submissions(Entry):
    """Complaints and reports of the public."""

    law: tuple[Citation, ...] = ()
    photographs: int = Field(ge=0, le=20, description="how many may come with one submission")
    alike_within: int = Field(ge=1, le=400, description="days within which the same words are pointed at")
    statistics_law: tuple[Citation, ...] = ()
    kinds: dict[Identifier, SubmissionKind] = Field(min_length=1)
    delivered: dict[Identifier, DeliveredSubmissions] = Field(
        default_factory=dict, description="what other bodies send as deliveries, such as the national hotline"
    )

    def of_workflow(self, workflow: str) -> tuple[str, SubmissionKind] | None:
        """The kind that opens cases of a workflow."""
        return next(((name, kind) for name, kind in self.kinds.items() if kind.workflow == workflow), None)


def _errors(
    page: Submissions,
    document: Document,
    workflows: Mapping[str, WorkflowEntry],
    papers: Mapping[str, object],
    records: Mapping[str, RecordEntry],
) -> Iterator[BookError]:
    for name, sent in page.delivered.items():
        yield from _of_delivered(sent, document, ("delivered", name), page, records)
    for name, kind in page.kinds.items():
        at = ("kinds", name)
        if kind.workflow not in workflows:
            yield from document.unknown_names((*at, "workflow"), [kind.workflow], workflows, "工作流", "workflow")
            continue
        yield from _of_kind(kind, document, at, workflows[kind.workflow].page)
        yield from document.unknown_names((*at, "papers"), kind.papers, papers, "案件文书", "document of cases")


def _of_delivered(
    sent: DeliveredSubmissions,
    document: Document,
    at: tuple[str, ...],
    page: Submissions,
    records: Mapping[str, RecordEntry],
) -> Iterator[BookError]:
    if sent.record not in records:
        yield from document.unknown_names((*at, "record"), [sent.record], records, "记录", "record")
        return
    fields = records[sent.record].record.fields
    named = [sent.number, sent.kind, *sent.received, sent.text, sent.about, *sent.sender.fields, *sent.where]
    yield from document.unknown_names(
        at,
        [*named, *(name for names in sent.asks.values() for name in names)],
        fields,
        "记录的字段",
        "field of the record",
    )
    yield from field_filter_errors(sent.where, records[sent.record], document, (*at, "where"))
    if sent.kind in fields:
        # What the choice is called decides which cases are opened: a word that is never sent opens none.
        said = Condition(any_of=tuple(sent.kinds))
        yield from field_filter_errors({sent.kind: said}, records[sent.record], document, at)
    yield from document.unknown_names((*at, "kinds"), sent.kinds.values(), page.kinds, "来件种类", "kind")
    yield from document.unknown_names((*at, "within"), sent.within, page.kinds, "来件种类", "kind")
    for name in sent.sender.fields:
        if name in fields and not fields[name].secret:
            yield document.error(
                (*at, "sender"),
                f"“{name}”说的是来件人是谁，记录里没有写 secret: true；请补上。",
                f"{name!r} says who the sender is and is not secret in the record; make it secret.",
            )


def _of_kind(kind: SubmissionKind, document: Document, at: tuple[str, ...], page: WorkflowPage) -> Iterator[BookError]:
    outcomes = {*page.acts, *(f"{name}.{outcome}" for name, act in page.acts.items() for outcome in act.outcomes)}
    answered = [*kind.told_back.takes_in, *kind.told_back.refuses, *kind.told_back.ends]
    yield from document.unknown_names((*at, "answers"), answered, outcomes, "行为", "act")
    causes = [name for name in (kind.told_back.cause, kind.told_back.reason) if name is not None]
    yield from document.unknown_names((*at, "answers"), causes, page.fields, "字段", "field")
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
        reading.errors += _errors(page, document, reading[WORKFLOWS], reading[CASE_DOCUMENTS], reading[RECORDS])
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
        needs=(RECORDS, WORKFLOWS, CASE_DOCUMENTS),
        read=_read,
        counts={"submissions": lambda page: len(page.kinds) if page is not None else 0},
        cites=_cites,
        reference="explanation/submissions.md",
    )
)
