"""Facts because of which a case is to be opened, as officers see them: those that wait, those that were declined, those
that hold no longer; what a form is filled with; what is offered in a running case.

``facts_to_open`` a page, narrowed in SQL to where the reader may open cases; ``counts`` how many there are
``fact_to_open``  one with what it fills in, and the others of the same sample or party
``offered_in``    what later facts propose to do in a case
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, cast, get_args

import orjson
from django.db.models import Count, Q, QuerySet

from zhiheng.database.paging import Keyset, Page
from zhiheng.engines.workflow.from_facts import FactSaid, filled, from_matrix, opener_named, party_role
from zhiheng.engines.workflow.of_book import case_book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.calendars import CALENDAR
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.grammar.chapters.submissions import SUBMISSIONS
from zhiheng.grammar.chapters.workflows import WORKFLOWS
from zhiheng.grammar.types import Label
from zhiheng.kernel.days import Left, Unit, left
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger.models import Alias, Fact, FactParty
from zhiheng.office.case_facts import CaseFact, CaseFactDecision, case_facts_within
from zhiheng.office.cases import Case
from zhiheng.people import access
from zhiheng.queries import refusals
from zhiheng.queries.case_reach import quality_of
from zhiheng.queries.delivered import DeliveredFact, feed_of, read_delivered

PAGE = 50
FactPart = Literal["waiting", "submissions", "declined", "lapsed"]
PARTS: Final[tuple[FactPart, ...]] = get_args(FactPart)


@dataclass(frozen=True)
class FactToOpen:
    """A fact as the list shows it: for which procedure, by what record, about whom, how old, by when, by which law.

    ``joins``: the running case that took up an earlier fact of the same. ``sent``: a submission of another body, whose
    sender is not in it. ``decided``: why it was declined last.
    """

    row: CaseFact
    workflow: Label
    act: Label
    record: Label
    unit: Label
    parties: tuple[str, ...]
    age: int
    left: Left | None
    article: str
    joins: Case | None
    sent: DeliveredFact | None = None
    kind: Label | None = None
    decided: CaseFactDecision | None = None

    @property
    def is_late(self) -> bool:
        """Whether the day by which a case is to be opened is over."""
        return self.left is not None and self.left.overdue


@dataclass(frozen=True)
class FactFilled:
    """One fact with what it fills in the form of the act: fields, parties by role as (name, code, alias), the day, and
    the other facts that go into the same case.
    """

    shown: FactToOpen
    fields: Mapping[str, str | tuple[str, ...]]
    parties: Mapping[str, Alias]
    facts: tuple[int, ...]


@dataclass(frozen=True)
class FactCounts:
    """How many facts wait for a case, how many submissions to be confirmed, how many of both are late; and how many
    were declined and hold no longer.
    """

    waiting: int = 0
    submissions: int = 0
    declined: int = 0
    lapsed: int = 0
    late: int = 0

    @property
    def total(self) -> int:
        """What waits for the reader."""
        return self.waiting + self.submissions


def _part(part: FactPart, call: Call) -> Q:
    waiting = Q(state=CaseFact.State.WAITING, shows_on__lte=call.today)
    if part == "waiting":
        return waiting & Q(number=None)
    if part == "submissions":
        return waiting & Q(number__isnull=False)
    return Q(state=CaseFact.State.DECLINED if part == "declined" else CaseFact.State.LAPSED)


def _reach(call: Call) -> QuerySet[CaseFact]:
    return CaseFact.objects.filter(
        case_facts_within(access.scope(call, "case.open"), quality_of(call.book)), opens=True
    )


def counts(*, call: Call) -> FactCounts:
    """How many there are of each part (one query)."""
    access.require_somewhere(call, "case.read")
    if access.scope(call, "case.open").nothing:
        return FactCounts()
    each = {part: Count("pk", filter=_part(part, call)) for part in PARTS}
    late = Count("pk", filter=Q(state=CaseFact.State.WAITING, due__lt=call.today))
    return FactCounts(**_reach(call).aggregate(**each, late=late))


def facts_to_open(
    part: FactPart, *, after: str = "", call: Call, workflow: str = "", total: int | None = None
) -> Page[FactToOpen]:
    """A page of one part, the oldest first.

    Args:
        part: which part of the list.
        workflow: only facts for this workflow; empty: for all.
        total: how many there are, where it was counted before.
    """
    access.require_somewhere(call, "case.open")
    rows = _reach(call).filter(_part(part, call))
    if workflow:
        rows, total = rows.filter(workflow=workflow), None
    page = Keyset("day", "id").page(rows.select_related("case__standing"), after, PAGE)
    if total is None and not after:
        total = rows.count() if page.next else len(page.rows)
    return page.made(_shown(page.rows, call), total)


def fact_to_open(number: int, *, call: Call) -> FactFilled:
    """One fact, and what it fills in. Raises Refused where there is none within reach."""
    access.require_somewhere(call, "case.open")
    row = _reach(call).filter(pk=number).select_related("case__standing").first()
    if row is None:
        raise Refused(refusals.fact_not_proposed(number))
    opener = opener_named(call.book, row.workflow, row.act)
    said = facts_as_said([row]).get(row.now)
    fields: dict[str, str | tuple[str, ...]] = {}
    parties: dict[str, Alias] = {}
    if opener is not None and said is not None:
        fields = {**filled(opener, said, call.book)}
        if opener.spec.matrix is not None:
            fields[opener.spec.matrix.units], fields[opener.spec.matrix.measures] = from_matrix(opener, said, call.book)
        named = dict(FactParty.objects.filter(fact_id=row.now).values_list("role", "alias_id"))
        aliases = Alias.objects.in_bulk(named.values())
        for party in opener.spec.parties:
            alias = aliases.get(named.get(party_role(opener, party, call.book), 0))
            if alias is not None:
                parties[party] = alias
    waiting = CaseFact.objects.filter(key=row.key, workflow=row.workflow, opens=True, state=CaseFact.State.WAITING)
    together = {row.fact, *waiting.filter(number=None).values_list("fact", flat=True)}
    return FactFilled(_shown([row], call)[0], fields, parties, tuple(sorted(together)))


@dataclass(frozen=True)
class OfferedAct:
    """What a later fact proposes to do in a running case: the act, the fact, and what it fills in."""

    row: CaseFact
    act: str
    label: Label
    record: Label
    fields: Mapping[str, str]


def offered_in(case: int, *, call: Call) -> tuple[OfferedAct, ...]:
    """What later facts propose to do in a case that the reader has before them; nothing is done by itself."""
    access.require_somewhere(call, "case.read")
    rows = list(
        CaseFact.objects.filter(case=case, state=CaseFact.State.WAITING, shows_on__lte=call.today).order_by("id")[:20]
    )
    if not rows:
        return ()
    said, found = facts_as_said(rows), []
    for row in rows:
        opener = opener_named(call.book, row.workflow, row.act)
        if opener is None or row.now not in said:
            continue
        page = call.book[WORKFLOWS][row.workflow].page
        found.append(
            OfferedAct(
                row,
                "" if row.opens else row.act,
                page.acts[row.act].label,
                call.book[RECORDS][row.record].record.label,
                filled(opener, said[row.now], call.book),
            )
        )
    return tuple(found)


def facts_as_said(rows: Collection[CaseFact]) -> dict[int, FactSaid]:
    """What the facts of rows that the caller has narrowed say, as they hold now (one query)."""
    facts = Fact.objects.filter(id__in=[row.now for row in rows]).exclude(kind=Fact.Kind.WITHDRAWAL)
    return {
        fact.id: FactSaid(
            fact.id,
            fact.record,
            fact.unit,
            fact.area,
            fact.occurred_on,
            fact.delivery.learned_on,
            orjson.loads(fact.body),
        )
        for fact in facts.select_related("delivery")
    }


def _shown(rows: Sequence[CaseFact], call: Call) -> list[FactToOpen]:
    """Rows with their words: four queries, however many rows."""
    said = facts_as_said(rows)
    roles = _roles(rows, call)
    names: dict[int, list[str]] = {}
    if rows:
        links = FactParty.objects.filter(fact_id__in=said).values_list("fact_id", "role", "alias_id")
        of = [(fact, alias) for fact, role, alias in links if role in roles.get(fact, ())]
        aliases = Alias.objects.in_bulk({alias for _, alias in of})
        for fact, alias in of:
            names.setdefault(fact, []).append(aliases[alias].name)
    decisions: dict[int, CaseFactDecision] = {}
    declined = [row.pk for row in rows if row.state == CaseFact.State.DECLINED]
    if declined:
        for decision in CaseFactDecision.objects.filter(of__in=declined).order_by("id"):
            decisions[decision.of_id] = decision
    submissions = call.book[SUBMISSIONS]
    found = []
    for row in rows:
        page = call.book[WORKFLOWS][row.workflow].page
        feed = feed_of(call.book, row.record) if row.number is not None else None
        holds = said.get(row.now)
        sent = read_delivered(feed, holds, call) if feed is not None and holds is not None else None
        kind = submissions.kinds.get(row.kind) if submissions is not None else None
        unit = call.book[DISTRICT].names.get(row.unit)
        article, counted = _law(row, call)
        found.append(
            FactToOpen(
                row,
                page.label,
                page.acts[row.act].label if row.act in page.acts else Label(zh=row.act, en=row.act),
                call.book[RECORDS][row.record].record.label,
                unit if unit is not None else Label(zh=row.unit, en=row.unit),
                tuple(dict.fromkeys(names.get(row.now, ()))),
                (call.today - row.day).days,
                left(call.today, row.due, counted, call.book[CALENDAR]) if row.due is not None else None,
                article,
                _joins(row),
                sent,
                kind.label if kind is not None else None,
                decisions.get(row.pk),
            )
        )
    return found


def _joins(row: CaseFact) -> Case | None:
    """The running case into which a fact that waits belongs."""
    if row.case is None or row.state != CaseFact.State.WAITING or row.case.standing.final:
        return None
    return row.case


def _roles(rows: Sequence[CaseFact], call: Call) -> dict[int, set[str]]:
    """Fact -> the roles of those whom its case is about: nobody else of a fact is named in the list."""
    found: dict[int, set[str]] = {}
    for row in rows:
        feed = feed_of(call.book, row.record) if row.number is not None else None
        opener = opener_named(call.book, row.workflow, row.act)
        if feed is not None:
            field = call.book[RECORDS][row.record].record.fields[feed.spec.about]
            found.setdefault(row.now, set()).add(str(field.options.get("role", "")))
        elif opener is not None:
            found.setdefault(row.now, set()).update(party_role(opener, each, call.book) for each in opener.spec.parties)
    return found


def _law(row: CaseFact, call: Call) -> tuple[str, Unit]:
    """The law that gives the day by which a case is to be opened, or that of the act: title and article; and in what
    it counts.
    """
    opener = opener_named(call.book, row.workflow, row.act)
    feed = feed_of(call.book, row.record) if row.number is not None else None
    within = feed.spec.within.get(row.kind) if feed is not None else opener.spec.within if opener is not None else None
    if within is not None:
        try:
            by = case_book(call.book).time.value(within, row.day)
        except Refused:
            return "", "d"
        return f"{by.text.zh}{by.article}", cast(Unit, by.unit)
    act = call.book[WORKFLOWS][row.workflow].page.acts.get(row.act)
    return (act.law if act is not None and not act.law.isascii() else ""), "d"


__all__ = [
    "PARTS",
    "FactCounts",
    "FactFilled",
    "FactToOpen",
    "OfferedAct",
    "counts",
    "fact_to_open",
    "facts_as_said",
    "facts_to_open",
    "offered_in",
]
