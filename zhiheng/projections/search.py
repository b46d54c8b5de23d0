"""Finds enterprises by name, code, licence, equipment, product or Pinyin, and lists their cards: a million of them, on
both databases.

``search(text, scope=…, filters=…, after=…, limit=…)`` takes one or two statements. The order is: exact names (or codes,
licences, equipment), then names or codes that begin so, then those with the words somewhere in a name, a product, or in
Pinyin (initials or whole). Without a text it lists by ``order``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any, Literal

from django.db import connection
from django.db.models import Q

from zhiheng.database import dialect
from zhiheng.database.paging import Page, cut, one_more, place_text, place_values
from zhiheng.database.scope_sql import ScopedTable, SqlCondition, among
from zhiheng.grammar.types import QUALITIES
from zhiheng.kernel.actor import Scope
from zhiheng.projections.models import Card, SearchEntry
from zhiheng.projections.tokens import Phrase, SearchQuestion, as_fts5, as_tsqueries, asked, sounds_like

Order = Literal["recent", "problems", "expiry", "subject"]


@dataclass(frozen=True)
class SearchFilters:
    """What a list is narrowed by; everything given must hold.

    ``areas``: codes of areas, with those beneath already among them (``book.areas_below[code]``); ``industry``: the
    beginning of a code; ``problems``: a quality with open problems, or ``any``; ``expiring_before``: something ends by
    this day (and has not ended yet); ``expired``: something has ended and was not renewed; ``listed``: on any list
    (``any``), on the list of one record, or on none (``none``); ``unit``: a unit that has spoken of it; ``registered``:
    whether a register tells its status, or not.
    """

    areas: tuple[str, ...] = ()
    industry: str = ""
    problems: str = ""
    expiring_before: dt.date | None = None
    expired: bool = False
    listed: str = ""
    kind: str = ""
    status: str = ""
    in_business: bool | None = None
    unit: str = ""
    registered: bool | None = None


@dataclass(frozen=True)
class Match:
    """Why a card was found: ``kind`` is ``name``, ``former``, ``code`` or a word of ``search`` in the book's card."""

    kind: str
    shown: str
    how: Literal["exact", "start", "within", "pinyin"]


@dataclass(frozen=True)
class Hit:
    """A card, and why it was found (nothing where no text was searched for). ``counted``: whether the reader may open
    every fact that the card counts; of another card no number may be shown.
    """

    card: Card
    why: tuple[Match, ...] = ()
    counted: bool = True


def search(
    text: str,
    *,
    scope: Scope,
    filters: SearchFilters = SearchFilters(),
    after: str = "",
    limit: int = 50,
    order: Order = "recent",
) -> Page[Hit]:
    """A page of cards. ``after`` is the ``next`` of the page before; one that can't be read starts from the beginning.

    ``order`` (of lists without a text): ``recent``: the latest fact first; ``problems``: those with open problems, most
    first; ``expiry``: what ends soonest first; ``subject``: as they came in.
    """
    question = asked(text)
    where = _narrowed(scope, filters, order if question is None else None)
    if question is None:
        return _listed(where, after, limit, order) if not text.strip() else Page()
    tiers = _tiers(question, where, _cursor(after))
    # Each kind of hits is looked for only as far as the better ones have left room: what everybody has is not read to
    # its end.
    named, room = [], str(one_more(limit))
    for number, tier in enumerate(tiers):
        # PostgreSQL plans for a tenth of all rows where it can't read the limit, so it is also written out.
        rows = f"SELECT * FROM ({tier.sql} LIMIT {one_more(limit)}) AS r" if dialect.is_postgresql() else tier.sql
        named.append(f"t{number} AS MATERIALIZED ({rows} LIMIT {room})")
        counts = " - ".join(f"(SELECT COUNT(*) FROM t{each})" for each in range(len(named)))
        room = f"(SELECT {one_more(limit)} - {counts})"
    found: list[Any] = list(
        Card.objects.raw(
            f"WITH {', '.join(named)} SELECT h.tier, h.place, c.* FROM "
            f"({' UNION ALL '.join(f'SELECT * FROM t{number}' for number in range(len(tiers)))}) h "
            "JOIN projections_card c ON c.subject = h.subject ORDER BY h.tier, h.place, h.subject",
            [param for tier in tiers for param in tier.params],
        )
    )
    page = cut(found, limit, lambda card: place_text(card.tier, card.subject, card.place))
    why = _why(question, page.rows)
    return page.made(Hit(card, why.get(card.subject, ())) for card in page.rows)


def total(scope: Scope, filters: SearchFilters, order: Order = "recent") -> int:
    """How many cards a list without a text has. One statement."""
    where = _narrowed(scope, filters, order)
    said = [str(where).removeprefix(" AND ")] if where.conditions else []
    said += {"problems": ["c.open_problems > 0"], "expiry": ["c.next_expiry IS NOT NULL"]}.get(order, [])
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT COUNT(*) FROM projections_card c{' WHERE ' + ' AND '.join(said) if said else ''}",
            list(where.params),
        )
        (found,) = cursor.fetchone()
    return int(found)


# -- what is asked of the database -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Where:
    """Conditions on a card ``c``, each with its parameters."""

    conditions: tuple[str, ...]
    params: tuple[Any, ...]

    def __str__(self) -> str:
        return "".join(f" AND {condition}" for condition in self.conditions)


@dataclass(frozen=True)
class _Tier:
    number: int
    sql: str
    params: tuple[Any, ...]


def _narrowed(scope: Scope, filters: SearchFilters, order: Order | None) -> _Where:
    """The conditions of a list in an order, or of a search (no order)."""
    few = order in ("problems", "expiry") or filters.problems or filters.expired or filters.listed not in ("", "none")
    # SQLite takes the index of areas wherever one is named, and would read all cards of a district to find the few that
    # another
    # index holds in the order that was asked for; the sign takes that index away from it.
    area = dialect.without_index("c.area") if order is not None and few else "c.area"
    conditions: list[str] = []
    params: list[Any] = []

    def add(condition: str, *values: Any) -> None:
        conditions.append(condition)
        params.extend(values)

    if any(
        "\x00" in given
        for given in (filters.industry, filters.listed, filters.kind, filters.status, filters.unit, *filters.areas)
    ):
        # PostgreSQL takes no text with a NUL; nothing has one.
        add("1 = 0")
        filters = SearchFilters()
    if shown := _CARDS.within(scope, area):
        add(f"({shown.sql})", *shown.params)
    if filters.areas:
        here = among(area, filters.areas)
        add(here.sql, *here.params)
    if filters.industry:
        add("c.industry >= %s AND c.industry < %s", filters.industry, _beyond(filters.industry))
    if filters.problems:
        named = filters.problems in QUALITIES
        # Word for word as the partial indexes have it.
        add(f"c.{filters.problems}_open > 0" if named else "c.open_problems > 0")
    if filters.expiring_before is not None:
        add("c.next_expiry <= %s", filters.expiring_before)
    if filters.expired:
        add("c.expired > 0")
    if filters.listed == "none":
        add("NOT c.listed")
    elif filters.listed:
        add("c.listed")
        if filters.listed != "any":
            add(dialect.holds("c.lists"), _in_json(filters.listed))
    for name in ("kind", "status"):
        if value := getattr(filters, name):
            add(f"c.{name} = %s", value)
    if filters.registered is not None:
        add("c.status <> ''" if filters.registered else "c.status = ''")
    if filters.in_business is not None:
        add("c.in_business" if filters.in_business else "NOT c.in_business")
    if filters.unit:
        add(dialect.holds("c.units"), _in_json(filters.unit))
    return _Where(tuple(conditions), tuple(params))


def _units_of_cards(units: Collection[str], area: str) -> SqlCondition:
    said = " OR ".join([dialect.holds("c.units")] * len(units))
    return SqlCondition(f"({said})", tuple(_in_json(unit) for unit in sorted(units)))


# What else is told: how the column of the area is to be written.
_CARDS = ScopedTable[str, SqlCondition](
    "cards",
    SqlCondition,
    # Of a card, which records one may see tells nothing.
    records=ScopedTable.LIMITS_NOTHING,
    areas=lambda areas, area: among(area, areas),
    units=_units_of_cards,
    subjects=lambda subjects, area: among("c.subject", subjects),
    workflows=ScopedTable.LIMITS_NOTHING,
)


def _in_json(name: str) -> str:
    """A name as it stands in a JSON list of names."""
    return f'"{name}"'


def _beyond(text: str) -> str:
    """The first text after all that begin with this one, byte by byte."""
    return text + "\U0010ffff"


def _cursor(after: str) -> tuple[int, int, str]:
    tier, subject, place = place_values(after, int, int, str) or (0, 0, "")
    # What a text was found by is folded: letters and digits only.
    return (tier, subject, place) if tier <= _LAST_TIER and (not place or place.isalnum()) else (0, 0, "")


_LAST_TIER = 2


def _tiers(question: SearchQuestion, where: _Where, cursor: tuple[int, int, str]) -> list[_Tier]:
    """The kinds of hits that are still to come, best first; each leaves out what a better one has found."""
    tier, subject, place = cursor
    whole, beyond = question.whole, _beyond(question.whole)

    def since(number: int) -> int:
        return subject if number == tier else 0

    entries = "projections_searchentry e JOIN projections_card c ON c.subject = e.subject"
    exact = (
        f"SELECT 0 AS tier, '' AS place, e.subject FROM {entries} WHERE e.text = %s AND e.subject > %s{where} "
        "GROUP BY e.subject ORDER BY e.subject"
    )
    # Sought in the order of the texts, so that a beginning that everybody has is not read to its end. OFFSET keeps
    # PostgreSQL from
    # joining all entries with all others instead of looking a few up.
    begun = (
        f"SELECT 1 AS tier, e.text AS place, e.subject FROM {entries} "
        f"WHERE e.text > %s AND e.text < %s AND (e.text, e.subject) > (%s, %s){where} AND NOT EXISTS "
        "(SELECT 1 FROM projections_searchentry b WHERE b.subject = e.subject AND b.text >= %s AND b.text < e.text "
        "LIMIT 1 OFFSET 0) GROUP BY e.text, e.subject ORDER BY e.text, e.subject"
    )
    better = (
        f"{where} AND NOT EXISTS (SELECT 1 FROM projections_searchentry b "
        "WHERE b.subject = c.subject AND b.text >= %s AND b.text < %s LIMIT 1 OFFSET 0)"
    )
    head = "SELECT 2 AS tier, '' AS place, c.subject FROM"
    at = (place, subject) if tier == 1 else (whole, 0)
    found = [
        _Tier(0, exact, (whole, since(0), *where.params)),
        _Tier(1, begun, (whole, beyond, *at, *where.params, whole)),
    ]
    if dialect.is_postgresql():
        # OFFSET keeps the subjects of a range in their order, so that cards are looked up for a page of them and no
        # more.
        within = (
            f"{head} (SELECT subject FROM projections_words WHERE words @@ CAST(%s AS tsquery) ORDER BY subject "
            f"OFFSET 0) w JOIN projections_card c ON c.subject = w.subject WHERE w.subject BETWEEN %s AND %s{better} "
            "ORDER BY w.subject"
        )
        for asked_for, first, last in as_tsqueries(question, since(2)):
            found.append(_Tier(2, within, (asked_for, first, last, *where.params, whole, beyond)))
    else:
        within = (
            f"{head} projections_words w JOIN projections_card c ON c.subject = w.rowid "
            f"WHERE w.words MATCH %s AND w.rowid > %s{better} ORDER BY w.rowid"
        )
        found.append(_Tier(2, within, (as_fts5(question), since(2), *where.params, whole, beyond)))
    return [each for each in found if each.number >= tier]


def _listed(where: _Where, after: str, limit: int, order: Order) -> Page[Hit]:
    """Cards without a question, in an order that an index has."""
    column, kind, descending = _ORDERS[order]
    sign, direction = ("<", "DESC") if descending else (">", "ASC")
    said, params = [str(where).removeprefix(" AND ")] if where.conditions else [], list(where.params)
    if order == "problems":
        said.append("c.open_problems > 0")
    if order == "expiry":
        said.append("c.next_expiry IS NOT NULL")
    if (place := place_values(after, kind, int)) is not None:
        said.append(f"(c.{column}, c.subject) {sign} (%s, %s)" if column != "subject" else f"c.subject {sign} %s")
        params += place if column != "subject" else place[1:]
    keys = f"c.{column} {direction}, c.subject {direction}" if column != "subject" else f"c.subject {direction}"
    conditions = f"WHERE {' AND '.join(said)} " if said else ""
    found = list(
        Card.objects.raw(
            f"SELECT c.* FROM projections_card c {conditions}ORDER BY {keys} LIMIT {one_more(limit)}", params
        )
    )
    page = cut(found, limit, lambda card: place_text(getattr(card, column), card.subject))
    return page.made(map(Hit, page.rows))


# Order -> the column, the kind of its values, and whether the largest comes first.
_ORDERS: Mapping[str, tuple[str, type, bool]] = {
    "recent": ("last_on", dt.date, True),
    "problems": ("open_problems", int, True),
    "expiry": ("next_expiry", dt.date, False),
    "subject": ("subject", int, False),
}


# -- why something was found -------------------------------------------------------------------------------------------


def _why(question: SearchQuestion, page: Sequence[Card]) -> dict[int, tuple[Match, ...]]:
    """For each card the texts that were met, the best first (at most three); one statement for all."""
    if not page:
        return {}
    parts = [ways[0] for ways in question.parts]
    texts = ["".join(_letters(phrase)) for phrase in parts]
    entries = SearchEntry.objects.filter(subject__in=[card.subject for card in page])
    entries = entries.filter(
        reduce(or_, (Q(text__contains=text) for text in (*texts, question.whole)), Q(kind__in=("name", "former")))
    )
    met: dict[int, list[tuple[int, Match]]] = {}
    for subject, kind, text, shown in entries.values_list("subject", "kind", "text", "shown"):
        if text == question.whole:
            met.setdefault(subject, []).append((0, Match(kind, shown, "exact")))
        elif text.startswith(question.whole):
            met.setdefault(subject, []).append((1, Match(kind, shown, "start")))
        elif any(part in text for part in texts):
            met.setdefault(subject, []).append((2, Match(kind, shown, "within")))
        elif kind in ("name", "former") and sounds_like(text, question):
            met.setdefault(subject, []).append((3, Match(kind, shown, "pinyin")))
    order = {"name": 0, "code": 1, "former": 2}
    return {
        subject: tuple(
            match for _, match in sorted(found, key=lambda m: (m[0], order.get(m[1].kind, 3), m[1].shown))[:3]
        )
        for subject, found in met.items()
    }


def _letters(phrase: Phrase) -> Iterator[str]:
    """The text that a phrase of pairs was cut from."""
    yield phrase.words[0]
    yield from (word[-1] for word in phrase.words[1:])
