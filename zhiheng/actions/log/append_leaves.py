"""Let the log grow: every row that has no entry yet gets one, and the head is signed.

No audit line tells of it: the line would be a row without an entry, and the log would never come to rest. The signed
head is its own record.
"""

from __future__ import annotations

import datetime as dt

from zhiheng.actions.log.sources import SOURCES
from zhiheng.grammar.call import Call
from zhiheng.ledger import log, log_key
from zhiheng.ledger.models import LogCheckpoint
from zhiheng.people import access

# A row gets its entry at most so long after its act, while a worker runs (RFC 6962 calls it the merge delay). Shorter
# would sign a head for every page that an officer opens.
MERGE_DELAY = dt.timedelta(minutes=1)


def head_is_old(now: dt.datetime) -> bool:
    """Whether the next head may be signed: there is none yet, or the last one is old enough (one statement)."""
    last = log.last_checkpoint()
    return last is None or not last.signed_at <= now < last.signed_at + MERGE_DELAY


def leaves_wait(now: dt.datetime) -> bool:
    """Whether the last head is old enough and a row has no entry; one or two statements for each kind of row."""
    return head_is_old(now) and any(source.waits() for source in SOURCES)


def append_leaves(*, call: Call) -> LogCheckpoint:
    """Add what has no entry yet and sign the head; where nothing came, the head as it was signed last.

    Killed on the way, the next run goes on: entries are added in whole batches, and the head follows from them.
    """
    access.require(call, "ledger.verify")
    with log.alone():
        for source in SOURCES:
            for rows in source.new():
                log.append(source.kind, rows)
        return log.sign(log_key.own_key(), call.now)
