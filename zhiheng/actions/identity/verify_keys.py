"""Is every spelling still found by each of its keys? The keys follow from the spelling; the table of keys has no hash.

Without a key the next delivery of the same enterprise becomes another one. Keys beyond those are left alone: former
names give some, and those that an earlier reading of names wrote stay for good. What such a key linked stands in the
delivery that it came with, and a wrong link shows there as a merge that nobody decided.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from zhiheng.database.rows import stream
from zhiheng.engines.identity import Mention
from zhiheng.engines.identity.index import keys_of
from zhiheng.ledger.verify import VerifyFinding

# Keys are compared a range of aliases at a time: so many aliases, some twenty keys of eight bytes each.
_AT_ONCE = 200_000
_NAMED = 200


def not_findable() -> list[VerifyFinding]:
    """The spellings that lack a key; the first of them by name."""
    found, more = list[VerifyFinding](), 0
    for number, name in _lacking():
        if len(found) == _NAMED:
            more += 1
            continue
        found.append(
            VerifyFinding(
                "alias_key",
                0,
                None,
                f"名称 {number}“{name}”的检索键少了，再报来时会认不出；请从备份恢复。",
                f"Alias {number} ({name}) lacks a key by which it is found again; bring it back from a backup.",
            )
        )
    if more:
        found.append(
            VerifyFinding("alias_key", 0, None, f"还有 {more} 个名称的检索键少了。", f"{more} more aliases lack a key.")
        )
    return found


def _lacking() -> Iterator[tuple[int, str]]:
    columns = "id, kind, name, code, code_kind, address, place"
    sql = f"SELECT {columns} FROM ledger_alias WHERE id BETWEEN %s AND %s ORDER BY id"
    ((last,),) = next(stream("SELECT COALESCE(MAX(id), 0) FROM ledger_alias"))
    for first in range(1, last + 1, _AT_ONCE):
        bounds = [first, min(first + _AT_ONCE - 1, last)]
        stored = _stored(bounds)
        for batch in stream(sql, bounds, size=2_000):
            for number, *mention in batch:
                wanted = np.array([_pair(number, key) for key in keys_of(Mention(*mention))], np.uint64)
                at = np.searchsorted(stored, wanted)
                if not all(spot < len(stored) and stored[spot] == key for spot, key in zip(at, wanted, strict=True)):
                    yield number, mention[1]


def _stored(bounds: list[int]) -> NDArray[np.uint64]:
    sql = "SELECT alias_id, key FROM ledger_aliaskey WHERE alias_id BETWEEN %s AND %s"
    parts = []
    for batch in stream(sql, bounds):
        rows = np.array(batch, np.int64).astype(np.uint64)
        parts.append(_mixed(rows[:, 0]) ^ rows[:, 1])
    return np.sort(np.concatenate(parts)) if parts else np.empty(0, np.uint64)


def _mixed(aliases: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Numbers of aliases spread over 64 bits, so that one alias's key is not taken for another's."""
    return aliases * np.uint64(0x9E3779B97F4A7C15)


def _pair(alias: int, key: int) -> int:
    return (alias * 0x9E3779B97F4A7C15 % (1 << 64)) ^ key
