"""What was learned in some days: how many facts of each record, and how many of them failed. Columns only, so a week of
a large place is counted in a moment; the same condition lists the facts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from zhiheng.analytics.lake import Lake, Manifest
from zhiheng.analytics.layout import PARTITION, literal, quoted
from zhiheng.analytics.query import show_placed
from zhiheng.analytics.reader import DuckReader
from zhiheng.kernel.memo import Recent

_LEARNED: Recent[tuple[object, ...], Sequence[tuple[str, str, int, int]]] = Recent(32)
_PAGES: Recent[tuple[object, ...], Sequence[int]] = Recent(32)


@dataclass(frozen=True)
class LearnedFacts:
    """Facts of a record that were learned, and those of them whose outcome is a fail."""

    facts: int
    fails: int


def learned(
    lake: Lake, *, areas: Collection[str] | None, after: dt.date, until: dt.date, records: Collection[str] | None = None
) -> Mapping[str, LearnedFacts]:
    """Record -> what was learned of it after a day and until another, in areas (None: everywhere).

    Counted for all areas at once and remembered by the process until the lake changes: the cockpits of a place ask the
    same again and again.
    """
    wanted = None if records is None else frozenset(records)
    key = (lake.folder, lake.written(), after, until, wanted)
    found: dict[str, LearnedFacts] = {}
    for record, area, facts, fails in _LEARNED.get(key, lambda: _by_area(lake, after, until, records)):
        if areas is None or area in areas:
            before = found.get(record, LearnedFacts(0, 0))
            found[record] = LearnedFacts(before.facts + facts, before.fails + fails)
    return found


def _by_area(
    lake: Lake, after: dt.date, until: dt.date, records: Collection[str] | None
) -> list[tuple[str, str, int, int]]:
    """(record, area, facts, fails) of everything that was learned."""
    manifest = lake.manifest()
    names = _records(lake, manifest, records)
    if not names:
        return []
    parts = [
        f"SELECT {literal(name)} AS record, area, count(*) AS facts, count(*) FILTER (outcome = 'fail') AS "
        f"fails FROM {quoted(f'{name}/placed')} WHERE {_met(None, after, until)} GROUP BY area"
        for name in names
    ]
    with lake.open(manifest, names) as connection:
        show_placed(DuckReader(connection), lake, manifest, names, as_of=until, known_on=until)
        rows: list[tuple[str, str, int, int]] = connection.execute(" UNION ALL ".join(parts)).fetchall()
    return rows


def facts_learned(
    lake: Lake,
    *,
    areas: Collection[str] | None,
    after: dt.date,
    until: dt.date,
    records: Collection[str] | None = None,
    fails: bool = False,
    start: int = 0,
    limit: int = 50,
) -> Sequence[int]:
    """The ids of the facts that ``learned`` counts, by the day they are true on, the newest first; ``start``: after so
    many. Remembered as the counts are.
    """
    inside = None if areas is None else frozenset(areas)
    wanted = None if records is None else frozenset(records)
    key = (lake.folder, lake.written(), inside, after, until, wanted, fails, start, limit)
    return _PAGES.get(key, lambda: _facts_learned(lake, inside, after, until, wanted, fails, start, limit))


def _facts_learned(
    lake: Lake,
    areas: Collection[str] | None,
    after: dt.date,
    until: dt.date,
    records: Collection[str] | None,
    fails: bool,
    start: int,
    limit: int,
) -> list[int]:
    manifest = lake.manifest()
    names = _records(lake, manifest, records)
    if not names:
        return []
    more = " AND outcome = 'fail'" if fails else ""
    parts = [
        f"SELECT fact_id, occurred_on FROM {quoted(f'{name}/placed')} WHERE {_met(areas, after, until)}{more}"
        for name in names
    ]
    with lake.open(manifest, names) as connection:
        show_placed(DuckReader(connection), lake, manifest, names, as_of=until, known_on=until)
        sql = f"SELECT fact_id FROM ({' UNION ALL '.join(parts)}) ORDER BY occurred_on DESC, fact_id DESC "
        sql += f"LIMIT {int(limit)} OFFSET {int(start)}"
        return [number for (number,) in connection.execute(sql).fetchall()]


def last_learned(lake: Lake, *, areas: Collection[str], until: dt.date) -> dt.date | None:
    """The last day, up to one, on which something of these areas was learned; None where nothing was."""
    manifest = lake.manifest()
    names = _records(lake, manifest, None)
    if not names or not areas:
        return None
    met = f"learned_on <= DATE {literal(str(until))} AND area IN ({', '.join(map(literal, sorted(areas)))})"
    parts = [f"SELECT max(learned_on) AS day FROM {quoted(f'{name}/placed')} WHERE {met}" for name in names]
    with lake.open(manifest, names) as connection:
        show_placed(DuckReader(connection), lake, manifest, names, as_of=until, known_on=until)
        (found,) = connection.execute(f"SELECT max(day) FROM ({' UNION ALL '.join(parts)})").fetchall()
    day: dt.date | None = found[0]
    return day


def _records(lake: Lake, manifest: Manifest, records: Collection[str] | None) -> tuple[str, ...]:
    """The records that have facts, and whose columns are still those of the book."""
    return tuple(
        name
        for name, layout in sorted(lake.layouts.items())
        if (records is None or name in records)
        and manifest.facts.get(name)
        and manifest.digests.get(name) == layout.digest
    )


def _met(areas: Collection[str] | None, after: dt.date, until: dt.date) -> str:
    # What is learned happened before: the partitions of later years are not even opened.
    met = [
        f"learned_on > DATE {literal(str(after))}",
        f"learned_on <= DATE {literal(str(until))}",
        f"{PARTITION} <= {until.year + 1}",
    ]
    if areas is not None:
        met.append(f"area IN ({', '.join(map(literal, sorted(areas)))})" if areas else "false")
    return " AND ".join(met)
