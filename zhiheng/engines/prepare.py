"""A chunk of rows, cleaned, hashed and keyed: everything about it that needs no database.

``Prepared`` is plain data, so it can be made in another process while the ledger's writer works on the chunk before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from zhiheng.engines.intake import Intake, RefusedRow, SkippedRow
from zhiheng.kernel.facts import Party, content, marks, statement, statement_key
from zhiheng.kernel.merkle import leaf_hash
from zhiheng.kernel.reasons import Flag, Refusal

_KEEP_GROUPS = 500_000


@dataclass(slots=True)
class Prepared:
    """Accepted rows of a chunk as columns of equal length, and what was refused of it.

    ``groups`` has one column per party field, of numbers; ``new_groups`` says which parties a number stands for, from this
    chunk on; ``fresh`` says that numbers of earlier chunks are forgotten. ``row_count`` counts the rows of data: ``skipped`` are
    none.
    """

    row_count: int
    row_numbers: list[int]
    keys: list[int]
    things: list[int | None]
    leaves: list[bytes]
    occurred_on: list[str]
    valid_until: list[str | None]
    outcome: list[str | None]
    area: list[str]
    flags: list[str]
    bodies: list[str]
    rows: list[str]
    groups: list[list[int]]
    new_groups: dict[int, tuple[Party, ...]]
    fresh: bool
    refused: list[RefusedRow]
    skipped: list[SkippedRow]
    flag_counts: Counter[str]
    flagged: int


class Preparer:
    """Prepares the chunks of one table, for one speaking unit."""

    def __init__(self, intake: Intake, *, record: str, unit: str, area: str) -> None:
        """``area`` is where the unit stands: the area of every row that names none."""
        self._intake = intake
        self._area = area
        self._head = statement(record, unit, "statement", "", "")
        self._thing_head = f"{record}\n{unit}\n"
        # The tuples are held beside their numbers, so that no other object can take the identity of one.
        self._numbers: dict[int, int] = {}
        self._held: list[tuple[Party, ...]] = []

    def prepare(
        self,
        columns: Sequence[Sequence[str]],
        row_numbers: Sequence[int],
        broken: Iterable[tuple[int, Sequence[str], Refusal]] = (),
        flags: Iterable[tuple[int, Flag]] = (),
        skipped: Iterable[tuple[int, Sequence[str], Flag]] = (),
    ) -> Prepared:
        """Clean and hash a chunk (column-major cell texts); ``broken`` rows were refused by the reader already, ``skipped`` are no
        data."""
        batch = self._intake.read(columns, row_numbers)
        head, of = self._head, self._thing_head
        said = [head + body for body in batch.bodies]
        things = [None if thing is None else statement_key(of + thing) for thing in batch.things]
        areas = [area or self._area for area in batch.area]
        marked = map(
            marks, batch.row_numbers, batch.occurred_on, batch.valid_until, batch.outcome, areas, batch.flags, things
        )
        fresh = len(self._held) > _KEEP_GROUPS
        if fresh:
            self._numbers.clear()
            self._held.clear()
        first_new = len(self._held)
        groups = [self._number(column) for column in batch.party_columns]
        refused = batch.refused + [RefusedRow(number, tuple(cells), (why,)) for number, cells, why in broken]
        counts = Counter(flag.code for _, flag in flags)
        flagged = 0
        for texts in filter(None, batch.flags):
            flagged += 1
            counts.update(texts.split(","))
        return Prepared(
            row_count=len(batch) + len(refused),
            row_numbers=batch.row_numbers,
            keys=[statement_key(text) for text in said],
            things=things,
            leaves=[leaf_hash(content(*texts)) for texts in zip(said, marked, batch.rows, strict=True)],
            occurred_on=batch.occurred_on,
            valid_until=batch.valid_until,
            outcome=batch.outcome,
            area=areas,
            flags=batch.flags,
            bodies=batch.bodies,
            rows=batch.rows,
            groups=groups,
            new_groups=dict(enumerate(self._held[first_new:], start=first_new)),
            fresh=fresh,
            refused=refused,
            skipped=[SkippedRow(number, tuple(cells), why) for number, cells, why in skipped],
            flag_counts=counts,
            flagged=flagged,
        )

    def groups(self) -> Sequence[tuple[Party, ...]]:
        """The parties of every number in use."""
        return self._held

    def _number(self, column: list[tuple[Party, ...]]) -> list[int]:
        numbers, held = self._numbers, self._held
        ids = list(map(id, column))
        for key, group in dict(zip(ids, column, strict=True)).items():
            if key not in numbers:
                numbers[key] = len(held)
                held.append(group)
        return list(map(numbers.__getitem__, ids))


def chosen(prepared: Prepared, rows: Sequence[int]) -> list[Sequence[Any]]:
    """The columns of a prepared chunk that a fact has, of these rows only."""
    columns: list[Sequence[Any]] = [
        prepared.row_numbers, prepared.keys, prepared.things, prepared.leaves, prepared.occurred_on, prepared.valid_until,
        prepared.outcome, prepared.area, prepared.flags, prepared.bodies, prepared.rows,
    ]  # fmt: skip
    if len(rows) < len(prepared.keys):
        columns = [[column[i] for i in rows] for column in columns]
    return columns


def doubt(prepared: Prepared, rows: Iterable[int], flag: str, *, head: str) -> None:
    """Flag rows of a prepared chunk afterwards, for what only the ledger could know; their leaf hashes say so, too.

    ``head``: what stands before a body in a statement (``statement`` without one).
    """
    p = prepared
    for i in rows:
        told = p.flags[i].split(",") if p.flags[i] else []
        if flag in told:
            continue
        p.flagged += not told
        p.flag_counts[flag] += 1
        p.flags[i] = ",".join((*told, flag))
        marked = marks(
            p.row_numbers[i], p.occurred_on[i], p.valid_until[i], p.outcome[i], p.area[i], p.flags[i], p.things[i]
        )
        p.leaves[i] = leaf_hash(content(head + p.bodies[i], marked, p.rows[i]))
