"""The first page of a file in four statements, where the file is not very long: everything light of it is read at once,
and what stands, what is urgent and what comes first is worked out here.

A long file is read piece by piece instead (``quality_file``, ``file_urgent``), each piece narrowed in SQL. Both ways
say the same; a test compares them. What a page costs is mostly the making of statements, and most files have a few
dozen facts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db import connection

from zhiheng.database.paging import Page, cut, one_more, place_text, place_values
from zhiheng.database.rows import matching
from zhiheng.engines.cards import CardPlan, CardStatement
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.cards import CARDS
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.kernel.actor import Scope
from zhiheng.ledger.models import Fact
from zhiheng.quality_file.alerts import Urgent, pressing
from zhiheng.quality_file.standing import next_statements, replaced
from zhiheng.quality_file.timeline import (
    FileHead,
    FileLine,
    GroupStanding,
    TimelineFilters,
    _line,
    _roles,
    plan_for,
    records_of,
    window,
)

# A longer file is left to the statements that narrow it.
MOST = 1_500


@dataclass(frozen=True)
class AtOnce:
    """The pieces of a file's first page; ``records``, ``units`` and ``roles`` are those that the file has, for its
    filters; ``facts``: how many of its facts the scope shows.
    """

    current: tuple[GroupStanding, ...]
    timeline: Page[FileLine]
    urgent: Urgent
    records: tuple[str, ...]
    units: tuple[str, ...]
    roles: tuple[str, ...]
    facts: int


class _Light(NamedTuple):
    """A fact without its texts; days are ISO texts."""

    id: int
    record: str
    unit: str
    kind: str
    thing: int | None
    on: str
    until: str | None
    outcome: str | None
    area: str


_LIGHT = """
    SELECT p.fact_id, p.role, p.alias_id, f.record, f.unit, f.kind, f.thing, f.occurred_on, f.valid_until, f.outcome, f.area
    FROM ledger_factparty p JOIN ledger_fact f ON f.id = p.fact_id WHERE p.alias_id IN ({marks}) LIMIT {limit}
"""  # noqa: E501
_OF_THINGS = "SELECT f.thing, f.id, f.kind, f.occurred_on FROM ledger_fact f"


def at_once(
    head: FileHead,
    *,
    book: Book,
    scope: Scope,
    as_of: dt.date,
    card_area: str = "",
    filters: TimelineFilters,
    after: str = "",
    limit: int = 20,
    kind: str = "enterprise",
    of_group: int = 20,
    of_urgent: int = 8,
) -> AtOnce | None:
    """The first page of a file as it is known today; None where the file is too long, or the scope too special, to be
    read so.
    """
    page = book[CARDS].get(kind)
    plan = plan_for(book, kind)
    if page is None or plan is None or any(way.subjects and head.subject not in way.subjects for way in scope.ways):
        return None
    light, links = _read(head)
    if light is None:
        return None
    day = as_of.isoformat()
    # Ways by subject are those of this subject: every other one was turned away above.
    about, card = (head.subject,), (card_area,) if card_area else ()

    def shown(fact: _Light) -> bool:
        return scope.shows(record=fact.record, areas=(fact.area, *card), unit=fact.unit, subjects=about)

    seen = [f for f in light.values() if f.on <= day and shown(f)]
    mates = _of_the_same_things({f.thing for f in seen if f.thing is not None}, day)
    later = replaced({f.id for f in seen} | {number for _, _, number in mates})
    outdated = next_statements(mates, later)
    standing = [f for f in seen if f.id not in later and f.id not in outdated]
    roles = {number: tuple(sorted({role for role, _ in those})) for number, those in links.items()}
    told = _held(standing, roles, plan, filters.fails, as_of) if filters.fails else seen
    page_of_ids = _paged(told, roles, filters, book, after, limit)
    groups = {
        group.id: _split(standing, roles, {(s.record, r) for s in group.records for r in _roles(s, book)}, day)
        for group in page.groups
    }
    pending = list(_pending(standing, links, plan, as_of))
    wanted = {*page_of_ids.rows, *(n for on, over in groups.values() for n in (*on[:of_group], *over[:of_group]))}
    facts = _whole(wanted | {said.fact for said in pending})
    records = records_of(
        {f.delivery_id: f.record for f in facts.values()}, {f.delivery_id: f.delivery for f in facts.values()}, book
    )

    def line(number: int, *, history: bool) -> FileLine:
        by = later.get(number) if history else None
        over = outdated.get(number) if history else None
        return _line(facts[number], records[facts[number].delivery_id], roles[number], by, over, book)

    current = tuple(
        GroupStanding(
            group.id,
            group.label,
            tuple(line(n, history=False) for n in on[:of_group]),
            len(on),
            tuple(line(n, history=False) for n in over[:of_group]),
        )
        for group in page.groups
        for on, over in (groups[group.id],)
    )
    said = [each._replace(body=facts[each.fact].body) for each in pending]
    return AtOnce(
        current,
        page_of_ids.made(line(n, history=True) for n in page_of_ids.rows),
        pressing(head, said, facts, roles, plan=plan, book=book, as_of=as_of, limit=of_urgent),
        tuple(sorted({f.record for f in seen})),
        tuple(sorted({f.unit for f in seen})),
        tuple(sorted({role for f in seen for role in roles[f.id]})),
        len(seen),
    )


def _read(head: FileHead) -> tuple[dict[int, _Light] | None, dict[int, list[tuple[str, int]]]]:
    """The facts of the file without their texts, and in which roles it stands in each; None where they are too many."""
    aliases = [spelling.alias for spelling in head.spellings]
    marks = ", ".join(["%s"] * len(aliases))
    with connection.cursor() as cursor:
        cursor.execute(_LIGHT.format(marks=marks, limit=one_more(MOST)), aliases)
        rows = cursor.fetchall()
    if len(rows) > MOST:
        return None, {}
    light: dict[int, _Light] = {}
    links: dict[int, list[tuple[str, int]]] = {}
    for number, role, alias, record, unit, kind, thing, on, until, outcome, area in rows:
        links.setdefault(number, []).append((role, alias))
        if number not in light:
            light[number] = _Light(
                number, record, unit, kind, thing, str(on), None if until is None else str(until), outcome, area
            )
    return light, links


def _of_the_same_things(things: Collection[int], day: str) -> list[tuple[int, str, int]]:
    """(thing, day, fact) of every statement of some things up to the day, withdrawals left out."""
    return [
        (thing, str(on), number)
        for thing, number, kind, on in matching(_OF_THINGS, "f.thing", sorted(things))
        if kind != Fact.Kind.WITHDRAWAL and str(on) <= day
    ]


def _held(
    standing: Iterable[_Light], roles: Mapping[int, tuple[str, ...]], plan: CardPlan, fails: str, as_of: dt.date
) -> list[_Light]:
    """Failures that count against the subject in the months asked for (``quality_file.held_against``)."""
    after, until = (day.isoformat() for day in window(fails, as_of))
    return [
        f
        for f in standing
        if f.outcome == "fail"
        and after < f.on <= until
        and plan.judged.get(f.record, frozenset()).intersection(roles[f.id])
    ]


def _paged(
    seen: Iterable[_Light],
    roles: Mapping[int, tuple[str, ...]],
    filters: TimelineFilters,
    book: Book,
    after: str,
    limit: int,
) -> Page[int]:
    """The ids of the timeline's lines on this page; on the first, how many there are."""
    place = place_values(after, dt.date, int)
    key = None if place is None else (place[0].isoformat(), place[1])

    def fits(fact: _Light) -> bool:
        entry = book[RECORDS].get(fact.record)
        return (
            (not filters.role or filters.role in roles[fact.id])
            and (not filters.quality or (entry is not None and entry.record.quality == filters.quality))
            and (not filters.outcome or fact.outcome == filters.outcome)
            and (not filters.unit or fact.unit == filters.unit)
            and (not filters.record or fact.record == filters.record)
            and (filters.first is None or fact.on >= filters.first.isoformat())
            and (filters.last is None or fact.on <= filters.last.isoformat())
            and (filters.only is None or fact.id in filters.only)
            and (key is None or (fact.on, fact.id) < key)
        )

    order = sorted(((fact.on, fact.id) for fact in seen if fits(fact)), reverse=True)
    page = cut(order[: one_more(limit)], limit, lambda each: place_text(*each))
    return page.made((number for _, number in page.rows), None if after else len(order))


def _split(
    standing: Sequence[_Light], roles: Mapping[int, tuple[str, ...]], group: Collection[tuple[str, str]], day: str
) -> tuple[list[int], list[int]]:
    """What holds of a group, and what has ended, the latest first."""
    inside = sorted(
        (
            (f.on, f.id, f.until is None or f.until >= day)
            for f in standing
            if any((f.record, role) in group for role in roles[f.id])
        ),
        reverse=True,
    )
    return [number for _, number, on in inside if on], [number for _, number, on in inside if not on]


def _pending(
    standing: Iterable[_Light], links: Mapping[int, list[tuple[str, int]]], plan: CardPlan, as_of: dt.date
) -> Iterator[CardStatement]:
    """The statements that can be a problem, settle one, or end: without their texts yet. Settlers count only beside a
    problem.
    """
    months = max((problem.said.months for problem in plan.problems), default=0)
    lately = (as_of - dt.timedelta(days=31) * (months + 1)).isoformat()
    ended = (as_of - dt.timedelta(days=366)).isoformat()
    asked = {p.record: p.said.outcome for p in plan.problems}
    # Several problems may be of one record: then any of their outcomes counts.
    for problem in plan.problems:
        asked[problem.record] = (*asked[problem.record], *problem.said.outcome)
    light = list(standing)
    wrong = {f.id for f in light if f.record in asked and f.outcome in asked[f.record] and f.on >= lately}
    found = {f.record for f in light if f.id in wrong}
    settling = {settler.record for problem in plan.problems if problem.record in found for settler in problem.settlers}
    for f in light:
        ends = f.record in plan.expiring and f.until is not None and f.until >= ended
        if f.id in wrong or ends or (f.record in settling and f.on >= lately):
            for role, alias in links[f.id]:
                yield CardStatement(f.id, role, alias, f.record, f.unit, f.on, f.until, f.outcome, f.area, True, None)


def _whole(numbers: Collection[int]) -> dict[int, Fact]:
    """Facts with their texts and their deliveries."""
    found = Fact.objects.filter(id__in=sorted(numbers)).select_related("delivery").defer("row", "leaf")
    return {fact.id: fact for fact in found}
