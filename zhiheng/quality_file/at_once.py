"""What is on the first page of a file that is not very long, chosen in memory: everything light of the file is read at
once (three statements), and what stands, what can be urgent and what comes first is worked out here.

A longer file, or one as it was known on an earlier day, is narrowed in SQL (``file_view.choose``). Both ways choose the
same; a test compares them (docs/decisions/0043). What a page costs is mostly the making of statements, and most files
have a few dozen facts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from django.db import connection

from zhiheng.database.paging import Page, cut, one_more, place_text, place_values
from zhiheng.engines.cards import CardPlan, CardStatement, failures_count, plan_of
from zhiheng.engines.naming import BEFORE, LATELY
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.ledger.standing import later_than
from zhiheng.quality_file.file_head import FileHead
from zhiheng.quality_file.file_view import ChosenFacts, ChosenGroup, Counts, FileHas, FileView, InQuality, LinesQuestion

# A longer file is left to the statements that narrow it.
MOST = 1_500


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
    SELECT p.fact_id, p.role, p.alias_id, f.record, f.unit, f.kind, f.thing, f.occurred_on, f.valid_until, f.outcome,
    f.area
    FROM ledger_factparty p JOIN ledger_fact f ON f.id = p.fact_id WHERE p.alias_id IN ({marks}) LIMIT {limit}
"""


def choose_at_once(view: FileView, head: FileHead, lines: LinesQuestion, *, book: Book) -> ChosenFacts | None:
    """What is on the first page of a file as it is known today; None where the file is too long, or the day or the
    scope too special, to be read so.
    """
    plan = plan_of(book)
    if plan is None or view.known_on is not None:
        return None
    if any(way.subjects and head.subject not in way.subjects for way in view.scope.ways):
        return None
    light, links = _read(head)
    if light is None:
        return None
    day = view.as_of.isoformat()
    seen = _seen(view, light.values())
    later, outdated = later_than([f.id for f in seen], {f.thing for f in seen if f.thing is not None}, day)
    standing = [f for f in seen if f.id not in later and f.id not in outdated]
    roles = {number: tuple(sorted({role for role, _ in those})) for number, those in links.items()}
    failed = lines.filters.failed
    told = seen if failed is None else _held(standing, roles, plan, failed)
    return ChosenFacts(
        [ChosenGroup(group.id, group.label, *_split(standing, roles, inside, day)) for group, inside in plan.groups],
        _paged(told, roles, lines, book),
        list(_pending(standing, links, plan, view.as_of)),
        {},
        roles,
        later,
        outdated,
        _counts(seen, standing, roles, plan, view.as_of, book),
        FileHas(
            tuple(sorted({f.record for f in seen})),
            tuple(sorted({f.unit for f in seen})),
            tuple(sorted({role for f in seen for role in roles[f.id]})),
        ),
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


def _seen(view: FileView, light: Iterable[_Light]) -> list[_Light]:
    """The facts that the scope shows and that are true by the day."""
    day = view.as_of.isoformat()
    # Ways by subject are those of this subject: every other one was turned away before.
    about, card = (view.subject,), (view.card_area,) if view.card_area else ()
    return [
        f
        for f in light
        if f.on <= day and view.scope.shows(record=f.record, areas=(f.area, *card), unit=f.unit, subjects=about)
    ]


def _held(
    standing: Iterable[_Light], roles: Mapping[int, tuple[str, ...]], plan: CardPlan, days: Iterable[dt.date]
) -> list[_Light]:
    """Failures that count against the subject of the days after the one and up to the other
    (``FileView.held_against``).
    """
    after, until = (day.isoformat() for day in days)
    return [
        f
        for f in standing
        if f.outcome == "fail"
        and after < f.on <= until
        and plan.judged.get(f.record, frozenset()).intersection(roles[f.id])
    ]


def _counts(
    seen: Iterable[_Light],
    standing: Sequence[_Light],
    roles: Mapping[int, tuple[str, ...]],
    plan: CardPlan,
    as_of: dt.date,
    book: Book,
) -> Counts:
    """Quality -> how the file stands in it (``FileView.counts``)."""
    lately, before = (
        {f.id for f in _held(standing, roles, plan, failures_count(when, as_of))} for when in (LATELY, BEFORE)
    )
    found: dict[str, InQuality] = {}
    for f in seen:
        if f.record in book[RECORDS]:
            quality = book[RECORDS][f.record].record.quality
            one = InQuality(1, f.id in lately, f.id in before, dt.date.fromisoformat(f.on))
            found[quality] = found.get(quality, InQuality()).plus(one)
    return found


def _paged(seen: Iterable[_Light], roles: Mapping[int, tuple[str, ...]], lines: LinesQuestion, book: Book) -> Page[int]:
    """The ids of the timeline's lines on this page; on the first, how many there are."""
    filters, after, limit = lines.filters, lines.after, lines.limit
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
