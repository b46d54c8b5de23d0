"""Project what is new in the ledger into the lake, the columnar copy from which figures are computed."""

from __future__ import annotations

import datetime as dt

from zhiheng.analytics.lake import Lake, Progress, Projected, project, silent
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import Actor
from zhiheng.people import access


def project_lake(
    lake: Lake, *, actor: Actor, now: dt.datetime, progress: Progress = silent, thorough: bool = False
) -> Projected:
    """Bring the lake up to the ledger; ``thorough``: look at every byte of it, and make anew what is not as it was
    written.

    Nothing is told by it and nothing changed: whoever may have the whole ledger read may have it projected. Raises
    Refused else.
    """
    access.require(Call(actor, lake.book, now), "ledger.verify")
    return project(lake, progress=progress, thorough=thorough)
