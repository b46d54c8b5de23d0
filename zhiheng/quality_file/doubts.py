"""Doubts about facts that show only beside other facts, as the read model keeps them."""

from __future__ import annotations

from collections.abc import Iterable

from zhiheng.database.rows import matching
from zhiheng.kernel.doubts import PARTY_ENDED


def doubts_of(facts: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """The doubts that were found about facts: fact -> codes."""
    found: dict[int, tuple[str, ...]] = {}
    select = "SELECT d.fact, d.code FROM projections_founddoubt d"
    for fact, code in matching(select, "d.fact", sorted(facts)):
        if code not in found.get(fact, ()):
            found[fact] = (*found.get(fact, ()), code)
    return found


def doubts_beside(facts: Iterable[int]) -> dict[int, dict[str, list[int]]]:
    """The doubts about facts, with the facts that each doubt rests on: fact -> code -> those facts, ascending.

    None for a doubt that the register alone raises: every delivery of it says so anew, and it stays the same doubt.
    """
    found: dict[int, dict[str, list[int]]] = {}
    select = "SELECT d.fact, d.code, d.other FROM projections_founddoubt d"
    for fact, code, other in sorted(matching(select, "d.fact", sorted(facts))):
        rests = found.setdefault(fact, {}).setdefault(code, [])
        if code != PARTY_ENDED:
            rests.append(other)
    return found
