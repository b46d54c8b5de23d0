"""Which statement holds, over columns: the rule of ``zhiheng.ledger.standing``, in the words of Ibis.

``facts`` has ``fact_id``, ``occurred_on`` and, where its statements are of things, ``thing``; ``acts`` has ``concerns``
and ``learned_on``. Both are narrowed to what is known and true by the days asked before.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import ibis

# More than there will ever be facts.
_IDS = 10**11


def without_replaced(facts: ibis.Table, acts: ibis.Table, known_on: dt.date) -> ibis.Table:
    """The facts that no correction or withdrawal known by the day took away."""
    known = acts.filter(acts.learned_on <= known_on)
    return facts.anti_join(known, facts.fact_id == known.concerns)


def latest_of_each_thing(facts: ibis.Table) -> ibis.Table:
    """Of the statements on one thing the latest: by the day it was true on, then by the order in which they were
    received.
    """

    def thing(table: ibis.Table) -> Any:
        # A statement that names no thing replaces none and is replaced by none.
        return ibis.coalesce(table.thing, -table.fact_id)

    def place(table: ibis.Table) -> Any:
        # One number for both, so that the latest is a plain maximum: a window would carry every column through a sort.
        return table.occurred_on.delta(ibis.date(1970, 1, 1), unit="day") * _IDS + table.fact_id

    last = facts.group_by(last_thing=thing(facts)).aggregate(last_place=place(facts).max())
    return facts.semi_join(last, [thing(facts) == last.last_thing, place(facts) == last.last_place])
