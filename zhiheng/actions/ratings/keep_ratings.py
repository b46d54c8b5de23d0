"""Bring what is kept of the ratings up to the lake, so that a page reads a grade and computes none."""

from __future__ import annotations

from zhiheng.analytics import rated
from zhiheng.analytics.lake import Lake
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.ratings import RATINGS
from zhiheng.people import access
from zhiheng.projections import store
from zhiheng.queries.ratings import files_of, rating_asked, rating_facts


def keep_ratings(lake: Lake, *, call: Call) -> dict[str, int]:
    """Bring every rating of the book up to the lake as of today: of those whom something new touches alone.

    Returns:
        Rating -> in how many layers it stands now (1: everybody was made anew).

    Raises:
        Refused: where the actor may not have the whole ledger read.
    """
    access.require(call, "ledger.verify")
    kept = {}
    with store.alone():
        every = [
            rating_asked(call.book, name, as_of=call.today, today=call.today)
            for name, rating in call.book[RATINGS].items()
            if rating.on(call.today) is not None
        ]
        facts = rating_facts()
        facts.follow(lake, rated.read_of(lake, lake.manifest(), *every))
        for asked in every:
            files = files_of(asked.name)
            files.folder.mkdir(parents=True, exist_ok=True)
            kept[asked.name] = rated.keep(lake, files, asked, facts).layers
    return kept
