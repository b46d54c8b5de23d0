"""What of a quality file is read: whose file, what a scope shows of it, as of which day, known on which; and which
facts of it are on a page, by number, narrowed in SQL however long the file is.

Every list of a file begins with ``FileView.facts``, so that none forgets one of these. A short file is looked through
in memory instead (``at_once``), which chooses the same. The lines of what was chosen are made in ``file_pages``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from zhiheng.database.paging import Keyset, Page
from zhiheng.engines.cards import CardPlan, CardStatement, failures_count, plan_of
from zhiheng.engines.naming import BEFORE, LATELY
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.cards import counted_records
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.grammar.types import Label
from zhiheng.kernel.actor import Reach, Scope
from zhiheng.ledger.models import Alias, Fact, FactParty
from zhiheng.ledger.standing import Acts, acts_on, known_by, next_statements, stands, statements_of
from zhiheng.quality_file.file_head import FileHead
from zhiheng.quality_file.scope_filters import facts_within

# What of a long file is looked through for what holds now and for what is urgent: the latest so many statements.
_LOOKED_THROUGH = 2_000
_YEAR = dt.timedelta(days=366)
_MONTH = dt.timedelta(days=31)
# The order of a file: the latest day first.
LATEST_DAY_FIRST = Keyset("-occurred_on", "-id")


@dataclass(frozen=True)
class TimelineFilters:
    """What a timeline is narrowed by; everything given must hold. ``outcome`` is pass, fail or neutral; ``fails``:
    failures that count (``LATELY``, ``BEFORE``), or problems that are ``OPEN``, which a page is asked for; they become
    ``failed``: failures held against the subject after the one day and up to the other; or ``only``: nothing but these
    facts.
    """

    quality: str = ""
    role: str = ""
    outcome: str = ""
    unit: str = ""
    record: str = ""
    first: dt.date | None = None
    last: dt.date | None = None
    fails: str = ""
    failed: tuple[dt.date, dt.date] | None = None
    only: frozenset[int] | None = None


@dataclass(frozen=True)
class LinesQuestion:
    """Which lines of a timeline are asked for: narrowed how, beyond which place (``next`` of the page before), how
    many.
    """

    filters: TimelineFilters = TimelineFilters()
    after: str = ""
    limit: int = 20

    def failed(self, after: dt.date, until: dt.date) -> LinesQuestion:
        """The same of failures after the one day and up to the other."""
        return replace(self, filters=replace(self.filters, fails="", failed=(after, until)))

    def only(self, facts: Collection[int]) -> LinesQuestion:
        """The same of nothing but some facts."""
        return replace(self, filters=replace(self.filters, fails="", only=frozenset(facts)))


@dataclass(frozen=True, slots=True)
class InQuality:
    """Facts of one quality; ``fails`` of the last 12 months, ``fails_before`` of the 12 before."""

    facts: int = 0
    fails: int = 0
    fails_before: int = 0
    last_on: dt.date | None = None

    def plus(self, more: InQuality) -> InQuality:
        """Both together."""
        return InQuality(
            self.facts + more.facts,
            self.fails + more.fails,
            self.fails_before + more.fails_before,
            max(filter(None, (self.last_on, more.last_on)), default=None),
        )


Counts = Mapping[str, InQuality]


@dataclass(frozen=True)
class ChosenGroup:
    """A group of the book's card: the facts of it that hold, and those that have ended, the latest first."""

    id: str
    label: Label
    on: Sequence[int]
    over: Sequence[int]

    def first(self, limit: int) -> set[int]:
        """Those that are shown."""
        return {*self.on[:limit], *self.over[:limit]}


@dataclass(frozen=True)
class FileHas:
    """The records, units and roles of which a file has facts that the scope shows, for its filters."""

    records: tuple[str, ...]
    units: tuple[str, ...]
    roles: tuple[str, ...]


@dataclass(frozen=True)
class ChosenFacts:
    """What of a file is on its first page, by number: what holds now, the page of the timeline with what took the place
    of its facts, and what the facts that can be urgent say. ``facts``: those that are read by now; ``roles``: those of
    the subject; ``counts``: None where they were not asked for.
    """

    groups: Sequence[ChosenGroup]
    page: Page[int]
    pending: Sequence[CardStatement]
    facts: Mapping[int, Fact]
    roles: Mapping[int, tuple[str, ...]]
    later: Acts
    outdated: Mapping[int, int]
    counts: Counts | None
    has: FileHas | None = None

    def shown(self, of_group: int) -> set[int]:
        """What is shown, but for what is urgent."""
        return set(self.page.rows).union(*(group.first(of_group) for group in self.groups))

    def whole_facts(self, of_group: int) -> dict[int, Fact]:
        """The facts that are shown or can be urgent, with their texts (one statement)."""
        wanted = self.shown(of_group) | {each.fact for each in self.pending}
        return {**self.facts, **whole_facts(wanted.difference(self.facts))}


@dataclass(frozen=True)
class FileView:
    """The file of a subject, as a reader has it.

    ``known_on``: only what had been received by that day (None: all of it). ``card_area``: the area of the subject's
    card: readers who reach that area see the whole file. ``whole``: the reader reaches the enterprise itself, and not
    only some of what was said of it.
    """

    subject: int
    scope: Scope
    as_of: dt.date
    known_on: dt.date | None = None
    card_area: str = ""
    whole: bool = False

    def facts(self, roles: Collection[str] = ()) -> QuerySet[Fact]:
        """The facts of the file that may be seen, as a query; in some ``roles`` of the subject, or in any.

        The list of ids is what the databases begin with.
        """
        links = FactParty.objects.filter(alias_id__in=self._aliases())
        if roles:
            links = links.filter(role__in=sorted(roles))
        shown = facts_within(self.scope, card_area=self.card_area, subject=self.subject)
        facts = Fact.objects.filter(shown, id__in=links.values("fact_id"))
        return known_by(facts.filter(occurred_on__lte=self.as_of), self.known_on)

    def standing(self, roles: Collection[str] = ()) -> QuerySet[Fact]:
        """Those of the ``facts`` that stand: neither corrected nor withdrawn, nor outdated by a later statement."""
        return self.facts(roles).filter(stands(self.as_of, self.known_on))

    def roles_in(self, facts: Collection[int]) -> dict[int, tuple[str, ...]]:
        """The roles of the subject in each of some facts (one statement)."""
        found: dict[int, set[str]] = {}
        links = FactParty.objects.filter(alias_id__in=self._aliases(), fact_id__in=facts)
        for fact, role in links.values_list("fact_id", "role"):
            found.setdefault(fact, set()).add(role)
        return {fact: tuple(sorted(roles)) for fact, roles in found.items()}

    def page(self, lines: LinesQuestion, *, book: Book, counted: bool = False) -> Page[int]:
        """The facts on a page of the timeline, the latest day first (1 statement, 2 where they are to be counted)."""
        filters = lines.filters
        facts = self.facts((filters.role,) if filters.role else ())
        if filters.quality:
            of_quality = [n for n, entry in book[RECORDS].items() if entry.record.quality == filters.quality]
            facts = facts.filter(record__in=of_quality)
        for name in ("outcome", "unit", "record"):
            if value := getattr(filters, name):
                facts = facts.filter(**{name: value})
        if filters.first is not None:
            facts = facts.filter(occurred_on__gte=filters.first)
        if filters.last is not None:
            facts = facts.filter(occurred_on__lte=filters.last)
        if filters.failed is not None:
            facts = facts.filter(self.held_against(plan_of(book), *filters.failed))
        if filters.only is not None:
            facts = facts.filter(id__in=sorted(filters.only))
        total = facts.count() if counted and not lines.after else None
        page = LATEST_DAY_FIRST.keys(facts, lines.after, lines.limit).of_total(total)
        return page.made(number for _, number in page.rows)

    def after(self, numbers: Sequence[int], things: Collection[int]) -> tuple[Acts, dict[int, int]]:
        """What took the place of some facts, which speak of some things: acts on them, and the next statements of the
        same things (at most 2 statements).
        """
        if not numbers:
            return {}, {}
        told = statements_of(things, self.as_of, self.known_on)
        return acts_on(numbers, self.known_on), next_statements(told)

    def groups(self, plan: CardPlan) -> tuple[list[ChosenGroup], dict[int, tuple[str, ...]]]:
        """The facts that hold on the day, by group, and the roles of the subject in each (2 statements)."""
        wanted = {each for _, inside in plan.groups for each in inside}
        facts = self.standing({role for _, role in wanted}).filter(record__in=sorted({record for record, _ in wanted}))
        light = list(facts.order_by("-occurred_on", "-id").values_list("id", "record", "valid_until")[:_LOOKED_THROUGH])
        roles = self.roles_in([number for number, _, _ in light])
        groups = []
        for group, inside in plan.groups:
            some = [(n, u) for n, record, u in light if any((record, role) in inside for role in roles.get(n, ()))]
            on = [number for number, until in some if until is None or until >= self.as_of]
            over = [number for number, until in some if until is not None and until < self.as_of]
            groups.append(ChosenGroup(group.id, group.label, on, over))
        return groups, roles

    def pending(self, plan: CardPlan, head: FileHead) -> tuple[dict[int, Fact], list[CardStatement]]:
        """The facts that can be urgent, with their texts, and what they say of the subject in each role (2
        statements).
        """
        wanted = self.standing(_roles_meant(plan)).filter(_can_be_urgent(plan, self.as_of))
        facts = {fact.id: fact for fact in _with_texts(wanted.order_by("-occurred_on", "-id"))[:_LOOKED_THROUGH]}
        own = FactParty.objects.filter(alias_id__in=[s.alias for s in head.spellings], fact_id__in=list(facts))
        links = own.values_list("fact_id", "role", "alias_id")
        return facts, [_statement(facts[fact], role, alias) for fact, role, alias in links]

    def counts(self, *, book: Book) -> Counts:
        """Quality -> how the file stands in it, counted as the card counts (``engines/cards.py``; 1 statement)."""
        plan = plan_of(book)
        of_days = [failures_count(when, self.as_of) for when in (LATELY, BEFORE)]
        lately, before = (Count("id", filter=self.held_against(plan, *days)) for days in of_days)
        counted = self.facts().order_by().values("record")
        counted = counted.annotate(many=Count("id"), fails=lately, fails_before=before, last_on=Max("occurred_on"))
        rows: Any = counted.values_list("record", "many", "fails", "fails_before", "last_on")
        found: dict[str, InQuality] = {}
        for record, *numbers in rows:
            if record in book[RECORDS]:
                quality = book[RECORDS][record].record.quality
                found[quality] = found.get(quality, InQuality()).plus(InQuality(*numbers))
        return found

    def held_against(self, plan: CardPlan | None, after: dt.date, until: dt.date) -> Q:
        """Failures that the card of the subject counts, of the days after the one and up to the other: they stand, and
        the subject is whom the record speaks of (a laboratory that found something has not failed).
        """
        judged = Q(pk__in=())
        records: dict[frozenset[str], list[str]] = {}
        for record, roles in plan.judged.items() if plan is not None else ():
            records.setdefault(roles, []).append(record)
        own = FactParty.objects.filter(fact_id=OuterRef("id"), alias_id__in=self._aliases())
        for roles, names in records.items():
            judged |= Q(record__in=names) & Q(Exists(own.filter(role__in=sorted(roles))))
        in_days = Q(occurred_on__gt=after, occurred_on__lte=until)
        return Q(outcome="fail") & judged & in_days & stands(self.as_of, self.known_on)

    def sees_as_counted(self, book: Book) -> bool:
        """Whether what may be seen of the file is just what its card counts (the records that every department sees),
        so that each of its numbers is what can be opened.

        One way has to show all of it: to reach this file for some records, and all records elsewhere, is not enough.
        No way may show more: a reader of what is for the office alone opens more than the card counts.
        """
        counted = counted_records(book[RECORDS])
        return (
            self.whole
            and all((set(book[RECORDS]) if way.records is None else way.records) <= counted for way in self.scope.ways)
            and any(
                (way.areas is None or self.card_area in way.areas)
                and (way.subjects is None or self.subject in way.subjects)
                for way in ways_as_counted(self.scope, book)
            )
        )

    def _aliases(self) -> QuerySet[Alias, Any]:
        return Alias.objects.filter(subject_id=self.subject).values("id")


def ways_as_counted(scope: Scope, book: Book) -> list[Reach]:
    """The ways of a scope that show every fact that a card counts, in the areas and of the subjects that they reach."""
    counted = counted_records(book[RECORDS])
    return [way for way in scope.ways if way.units is None and (way.records is None or way.records >= counted)]


def choose(view: FileView, head: FileHead, lines: LinesQuestion, *, book: Book, counted: bool) -> ChosenFacts:
    """What is on the first page of a file of any length, on any day (about 10 statements); ``counted``: with counts."""
    plan = plan_of(book)
    page = view.page(lines, book=book, counted=True)
    groups, roles = view.groups(plan) if plan is not None else ([], {})
    facts, pending = view.pending(plan, head) if plan is not None else ({}, [])
    things = Fact.objects.filter(id__in=page.rows, thing__isnull=False).values_list("thing", flat=True)
    roles = view.roles_in(page.rows) | roles | roles_of(pending)
    later, outdated = view.after(page.rows, {thing for thing in things if thing is not None})
    counts = view.counts(book=book) if counted else None
    return ChosenFacts(groups, page, pending, facts, roles, later, outdated, counts)


def whole_facts(numbers: Collection[int]) -> dict[int, Fact]:
    """Facts with their texts and their deliveries (one statement)."""
    if not numbers:
        return {}
    return {fact.id: fact for fact in _with_texts(Fact.objects.filter(id__in=sorted(numbers)))}


def _with_texts(facts: QuerySet[Fact]) -> QuerySet[Fact]:
    """With what a line is made of; not with the row as it was delivered."""
    return facts.select_related("delivery").defer("row", "leaf")


def roles_of(said: Iterable[CardStatement]) -> dict[int, tuple[str, ...]]:
    """Fact -> the roles in which it is stated."""
    roles: dict[int, tuple[str, ...]] = {}
    for each in said:
        roles[each.fact] = tuple(sorted({*roles.get(each.fact, ()), each.role}))
    return roles


def _statement(fact: Fact, role: str, alias: int) -> CardStatement:
    until = None if fact.valid_until is None else str(fact.valid_until)
    on = str(fact.occurred_on)
    return CardStatement(fact.id, role, alias, fact.record, fact.unit, on, until, fact.outcome, fact.area, True, None)


def _roles_meant(plan: CardPlan) -> set[str]:
    """A subject with a minor part in the fact (a laboratory with 100,000 samples) is named in no such role."""
    found = {role for source in plan.expiring.values() for role in source.roles}
    found |= {role for problem in plan.problems for role in problem.roles}
    return found | {role for of_record in plan.settling.values() for role in of_record}


def _can_be_urgent(plan: CardPlan, as_of: dt.date) -> Q:
    """Facts that end, can be a problem, or settle one."""
    lately = as_of - _MONTH * (max((problem.said.months for problem in plan.problems), default=0) + 1)
    wanted = Q(record__in=sorted(plan.expiring), valid_until__gte=as_of - _YEAR)
    for problem in plan.problems:
        wanted |= Q(record=problem.record, outcome__in=problem.said.outcome, occurred_on__gte=lately)
        for settler in problem.settlers:
            settled = Q(record=settler.record, occurred_on__gte=lately)
            wanted |= settled & Q(outcome__in=settler.outcomes) if settler.outcomes else settled
    return wanted
