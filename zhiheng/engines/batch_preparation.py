"""A chunk of rows, cleaned, hashed and keyed: everything about it that needs no database.

``Prepared`` is plain data, so it can be made in another process while the ledger's writer works on the chunk before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b, sha256
from itertools import pairwise, repeat
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from zhiheng.engines.coded import TEXT, Coded, glued, slices
from zhiheng.engines.intake import Intake, RowRefusal, RowSkip, Taken
from zhiheng.kernel.facts import Party, content, marks, statement, statement_key
from zhiheng.kernel.merkle import leaf_hash
from zhiheng.kernel.reasons import Flag, Refusal

_KEEP_GROUPS = 500_000
_MANY_GROUPS = 20_000


@dataclass(slots=True)
class Prepared:
    """Accepted rows of a chunk as columns of equal length, and what was refused of it.

    Texts are Arrow arrays and numbers NumPy's, so that a chunk goes from one process to another as a few buffers.
    ``leaves`` are the leaf hashes one after the other; ``things`` and ``flags`` are None where no row has any.
    ``groups`` has one column per party field, of numbers; ``new_groups`` says which parties a number stands for, from
    this chunk on; ``fresh`` says that numbers of earlier chunks are forgotten. ``row_count`` counts the rows of data:
    ``skipped`` are none.
    """

    row_count: int
    row_numbers: NDArray[np.int64]
    keys: NDArray[np.int64]
    things: list[int | None] | None
    leaves: bytes
    occurred_on: Coded[str]
    valid_until: Coded[str | None]
    outcome: Coded[str | None]
    area: Coded[str]
    flags: Coded[str] | None
    bodies: Any
    rows: Any
    groups: list[NDArray[np.int64]]
    new_groups: dict[int, tuple[Party, ...]]
    fresh: bool
    refused: list[RowRefusal]
    skipped: list[RowSkip]
    flag_counts: Counter[str]
    flagged: int

    def take(self, rows: NDArray[np.int64]) -> Prepared:
        """Some of the accepted rows, with nothing else changed."""
        some = pa.array(rows)
        leaves = b"".join([self.leaves[32 * row : 32 * row + 32] for row in rows.tolist()])
        return replace(
            self,
            row_numbers=self.row_numbers[rows],
            keys=self.keys[rows],
            things=None if self.things is None else [self.things[row] for row in rows.tolist()],
            leaves=leaves,
            occurred_on=self.occurred_on.take(rows),
            valid_until=self.valid_until.take(rows),
            outcome=self.outcome.take(rows),
            area=self.area.take(rows),
            flags=None if self.flags is None else self.flags.take(rows),
            bodies=self.bodies.take(some),
            rows=self.rows.take(some),
            groups=[column[rows] for column in self.groups],
        )


class Preparer:
    """Prepares the chunks of one table, for one speaking unit."""

    def __init__(self, intake: Intake, *, record: str, unit: str, area: str) -> None:
        """``area`` is where the unit stands: the area of every row that names none."""
        self._intake = intake
        self._area = area
        self._head = statement(record, unit, "statement", "", "")
        self._thing_head = f"{record}\n{unit}\n"
        self._numbers: dict[tuple[Party, ...], int] = {}
        # By the identity of the tuple itself, which the intake gives out again for the same text; the tuples are kept
        # alive, so that it is not another's meanwhile.
        self._number_of: dict[int, int] = {}
        self._alive: list[tuple[Party, ...]] = []
        self._held: list[tuple[Party, ...]] = []

    def prepare(
        self,
        columns: Sequence[Any],
        row_numbers: Sequence[int] | NDArray[np.int64],
        broken: Iterable[tuple[int, Sequence[str], Refusal]] = (),
        flags: Iterable[tuple[int, Flag]] = (),
        skipped: Iterable[tuple[int, Sequence[str], Flag]] = (),
    ) -> Prepared:
        """Clean and hash a chunk (cells as column-major texts, lists or Arrow arrays); ``broken`` rows were refused by
        the reader already, ``skipped`` are no data.
        """
        taken = self._intake.take(columns, row_numbers)
        count = len(taken.row_numbers)
        things = None
        if taken.things is not None:
            of = self._thing_head
            things = [None if thing is None else statement_key(of + thing) for thing in taken.things]
        area = taken.area.map(lambda area: area or self._area)
        leaves, keys = self._hashed(taken, area, things)
        fresh = len(self._held) > _KEEP_GROUPS
        if fresh:
            self._numbers.clear()
            self._forget()
            self._held.clear()
        first_new = len(self._held)
        groups = [self._number(column) for column in taken.party_columns]
        refused = taken.refused + [RowRefusal(number, tuple(cells), (why,)) for number, cells, why in broken]
        counts = Counter(flag.code for _, flag in flags)
        flagged = 0
        for texts in filter(None, taken.flags.rows() if taken.flags is not None else ()):
            flagged += 1
            counts.update(texts.split(","))
        return Prepared(
            row_count=count + len(refused),
            row_numbers=taken.row_numbers,
            keys=keys,
            things=things,
            leaves=leaves,
            occurred_on=taken.occurred_on.small(),
            valid_until=taken.valid_until.small(),
            outcome=taken.outcome.small(),
            area=area.small(),
            flags=taken.flags,
            bodies=taken.bodies,
            rows=taken.rows,
            groups=groups,
            new_groups=dict(enumerate(self._held[first_new:], start=first_new)),
            fresh=fresh,
            refused=refused,
            skipped=[RowSkip(number, tuple(cells), why) for number, cells, why in skipped],
            flag_counts=counts,
            flagged=flagged,
        )

    def groups(self) -> Sequence[tuple[Party, ...]]:
        """The parties of every number in use."""
        return self._held

    def _hashed(
        self, taken: Taken, area: Coded[str], things: list[int | None] | None
    ) -> tuple[bytes, NDArray[np.int64]]:
        """Leaf hashes (``kernel.merkle.leaf_hash`` of ``kernel.facts.content``) and statement keys of the rows.

        The same as those functions give of each row; here the contents stand in one buffer, and pieces of it are
        hashed.
        """
        count = len(taken.row_numbers)
        if not count:
            return b"", np.empty(0, np.int64)
        marked = glued(
            pa.array(taken.row_numbers).cast(TEXT),
            taken.occurred_on.texts(""),
            taken.valid_until.texts(""),
            taken.outcome.texts(""),
            area.texts(""),
            "" if taken.flags is None else taken.flags.texts(""),
            "" if things is None else pc.fill_null(pa.array(things, pa.int64()).cast(TEXT), ""),
            between="|",
        )
        whole, at = slices(glued("\0" + self._head, taken.bodies, "\n", marked, "\n", taken.rows))
        said = pc.binary_length(taken.bodies).to_numpy(zero_copy_only=False) + (1 + len(self._head.encode()))
        ends = (np.array(at[:-1], np.int64) + said).tolist()
        leaves = b"".join([sha256(whole[a:b]).digest() for a, b in pairwise(at)])
        keys = b"".join([blake2b(whole[a + 1 : b], digest_size=8).digest() for a, b in zip(at, ends, strict=False)])
        return leaves, (np.frombuffer(keys, ">u8") >> np.uint64(1)).astype(np.int64)

    def _number(self, column: Coded[tuple[Party, ...]]) -> NDArray[np.int64]:
        """The number of each row's parties; only those that rows have get one, in the order of the rows."""
        if not column.count:
            return np.empty(0, np.int64)
        numbers, number_of, held = self._numbers, self._number_of, self._held
        if len(number_of) > 2 * len(numbers) + _MANY_GROUPS:
            # Most are of texts that the intake has forgotten meanwhile.
            self._forget()
        of_value = np.array(list(map(number_of.get, map(id, column.values), repeat(-1))), np.int64)
        codes = np.zeros(1, np.int64) if column.codes is None else column.codes
        unknown = codes[of_value[codes] < 0]
        if len(unknown):
            used, first = np.unique(unknown, return_index=True)
            for value in used[np.argsort(first)].tolist():
                group = column.values[value]
                number = numbers.setdefault(group, len(held))
                if number == len(held):
                    held.append(group)
                of_value[value] = number_of[id(group)] = number
                self._alive.append(group)
        of_row = of_value[codes]
        return np.broadcast_to(of_row, column.count).copy() if column.codes is None else of_row

    def _forget(self) -> None:
        """Forget which tuples the intake has given before; what their parties are numbered stays."""
        self._number_of.clear()
        self._alive.clear()


def doubt(prepared: Prepared, rows: Iterable[int], flag: str, *, head: str) -> None:
    """Flag rows of a prepared chunk afterwards, for what only the ledger could know; their leaf hashes say so, too.

    ``head``: what stands before a body in a statement (``statement`` without one).
    """
    p = prepared
    count = len(p.keys)
    flags = [""] * count if p.flags is None else p.flags.rows()
    days, until, outcome, area = p.occurred_on.rows(), p.valid_until.rows(), p.outcome.rows(), p.area.rows()
    leaves = bytearray(p.leaves)
    for i in rows:
        told = flags[i].split(",") if flags[i] else []
        if flag in told:
            continue
        p.flagged += not told
        p.flag_counts[flag] += 1
        flags[i] = ",".join((*told, flag))
        thing = None if p.things is None else p.things[i]
        marked = marks(int(p.row_numbers[i]), days[i], until[i], outcome[i], area[i], flags[i], thing)
        leaves[32 * i : 32 * i + 32] = leaf_hash(content(head + p.bodies[i].as_py(), marked, p.rows[i].as_py()))
    p.flags, p.leaves = Coded.of(flags), bytes(leaves)
