"""Verify that the table of statement keys agrees with the facts: each key leads to its fact, and no key leads
elsewhere.

Removing a key lets a statement be repeated; adding one lets a new row be taken for a duplicate. Keys are clustered by
key and facts by number, so, as with links (``links``), each pair of key and fact is given a number by a secret drawn
for this run, and the sums on both sides are compared; pairs are sought one by one only where these differ.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from zhiheng.database.rows import stream

# Two odd numbers of 64 bits.
Secret = tuple[int, int]
_ROUND = 1 << 64


def secret() -> Secret:
    """For one run."""
    one, two = (int.from_bytes(os.urandom(8), "big") | 1 for _ in range(2))
    return one, two


def sum_of(secret: Secret, keys: Sequence[int], facts: Sequence[int]) -> int:
    """The sum over pairs of key and fact, modulo 2**64."""
    said = _numbers(keys) * np.uint64(secret[0]) + _numbers(facts) * np.uint64(secret[1])
    # The last steps of SplitMix64 (Steele, Lea, Flood 2014), so that sums of pairs say nothing of sums of keys.
    said = (said ^ (said >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    said = (said ^ (said >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return int(np.sum(said ^ (said >> np.uint64(31)), dtype=np.uint64))


def _numbers(column: Sequence[int]) -> NDArray[np.uint64]:
    found = np.array(column)
    if found.dtype != np.int64:
        # SQLite lets somebody put a text or a fraction where a number belongs; it is nobody's key, and leads to nobody.
        found = np.array([each if isinstance(each, int) else 0 for each in column], np.int64)
    return found.astype(np.uint64)


def stored_sum(secret: Secret) -> int:
    """The sum over the table."""
    total = 0
    for batch in stream("SELECT key, fact_id FROM ledger_factkey"):
        keys, facts = zip(*batch, strict=True)
        total += sum_of(secret, keys, facts)
    return total % _ROUND


def astray(at_most: int) -> tuple[list[int], list[int]]:
    """The facts whose key does not lead to them, and the numbers to which a key leads that is not theirs; the first of
    each.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT f.id FROM ledger_fact f LEFT JOIN ledger_factkey k ON k.key = f.key AND k.fact_id = f.id "
            f"WHERE k.key IS NULL ORDER BY f.id LIMIT {at_most}"
        )
        lost = [number for (number,) in cursor.fetchall()]
        cursor.execute(
            "SELECT k.fact_id FROM ledger_factkey k LEFT JOIN ledger_fact f ON f.id = k.fact_id AND f.key = k.key "
            f"WHERE f.id IS NULL ORDER BY k.fact_id LIMIT {at_most}"
        )
        return lost, [number for (number,) in cursor.fetchall()]
