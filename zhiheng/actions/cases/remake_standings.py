"""Make standings and duties of cases anew: those whose day has come, or all of them from their logs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from zhiheng.actions import audit
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.office import case_standings
from zhiheng.office.cases import CaseStandingRow
from zhiheng.people import access


def is_due(book: Book, now: dt.datetime) -> bool:
    """Whether a standing differs by now although nobody did anything, or the book counts otherwise (one query)."""
    return CaseStandingRow.objects.filter(case_standings.due_to_change(now, book)).exists()


def remake_due(*, call: Call, report: Callable[[int], None] = lambda _: None) -> int:
    """Make anew what changes by now; returns of how many cases a row was written. Costs what changes, not what is
    there.
    """
    access.require(call, "ledger.verify")
    return case_standings.remake_due(call.book, call.now, _noting(call, whole=False), report)


def remake_all(*, call: Call, report: Callable[[int], None] = lambda _: None) -> int:
    """Make every standing and duty anew from the logs; returns of how many cases a row was written: none, where all
    were right.
    """
    access.require(call, "ledger.verify")
    return case_standings.remake_all(call.book, call.now, _noting(call, whole=True), report)


def _noting(call: Call, *, whole: bool) -> case_standings.Note:
    """Notes what was written, in its transaction: a line after it would be lost with a process that dies between."""

    def note(written: int) -> None:
        audit.write(call, "case.remake", "cases", detail={"count": written, "whole": whole})

    return note
