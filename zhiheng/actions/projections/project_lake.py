"""Project what is new in the ledger into the lake, the columnar copy from which figures are computed."""

from __future__ import annotations

import datetime as dt

from zhiheng.analytics.lake import Lake, Projected, project
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import Actor
from zhiheng.kernel.progress import Progress, quiet
from zhiheng.people import access


def project_lake(
    lake: Lake, *, actor: Actor, now: dt.datetime, progress: Progress = quiet, thorough: bool = False
) -> Projected:
    """Bring the lake up to the ledger. It shows and changes nothing, so it takes the right to have the whole ledger
    read.

    Args:
        progress: called with (what, done, total).
        thorough: check every byte of the lake, and rewrite what differs.

    Returns:
        What was written.

    Raises:
        Refused: where the actor may not have the whole ledger read.
    """
    access.require(Call(actor, lake.book, now), "ledger.verify")
    return project(lake, progress=progress, thorough=thorough)
