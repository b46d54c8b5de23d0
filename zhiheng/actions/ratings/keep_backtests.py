"""Try the ratings of the book on the past and keep for their pages whether a grade foretold anything."""

from __future__ import annotations

import datetime as dt

from zhiheng.analytics.lake import Lake
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.ratings import RATINGS
from zhiheng.kernel.days import months_later
from zhiheng.ledger.models import Delivery
from zhiheng.people import access
from zhiheng.queries.rating_backtest import backtest_rating, last_backtest

# A year of outcomes changes slowly; once a month is often enough.
_GOOD_FOR = dt.timedelta(days=30)


def keep_backtests(lake: Lake, *, call: Call) -> dict[str, str]:
    """Try every rating, in the edition of today, on the day a year ago, where no result of this edition was kept within
    a month.

    Grades are those of that day as it was known then; where the ledger is younger, as it is known today, which the
    result says.

    Returns:
        Rating -> the verdict, of those that were tried.

    Raises:
        Refused: where the actor may not have the whole ledger read.
    """
    access.require(call, "ledger.verify")
    day = months_later(call.today, -12)
    first = Delivery.objects.order_by("id").values_list("learned_on", flat=True).first()
    known = day if first is not None and first <= day else call.today
    found = {}
    for name, rating in call.book[RATINGS].items():
        edition = rating.on(call.today)
        if edition is None or _is_fresh(name, edition.edition, call.today):
            continue
        said = backtest_rating(name, day, known_on=known, edition=edition.edition, keep=True, lake=lake, call=call)
        found[name] = str(said["verdict"])
    return found


def _is_fresh(name: str, edition: str, today: dt.date) -> bool:
    """Whether a result of this edition was kept within the month."""
    last = last_backtest(name, edition)
    return last is not None and today - dt.date.fromisoformat(last["made_on"]) < _GOOD_FOR
