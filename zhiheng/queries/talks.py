"""What senders of complaints and reports have said by their receipt and nobody of the office has answered."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from zhiheng.grammar.call import Call
from zhiheng.office.case_scope import cases_within
from zhiheng.office.cases import Case, CaseEvent, CaseStandingRow
from zhiheng.people import access
from zhiheng.queries.case_reach import quality_of, readable

SHOWN = 20


@dataclass(frozen=True)
class UnheardTalk:
    """A case whose sender has said something, and when first."""

    case: Case
    at: dt.datetime


def unread(*, call: Call) -> tuple[UnheardTalk, ...]:
    """The cases that the reader handles whose sender waits for a word, the oldest first (one query)."""
    access.require_somewhere(call, "case.read")
    scope = access.scope(call, "case.handle")
    if scope.nothing:
        return ()
    rows = CaseStandingRow.objects.filter(
        readable(call), cases_within(scope, quality_of(call.book)), unheard__isnull=False
    )
    said = CaseEvent.objects.filter(pk=OuterRef("unheard")).values("entered_at")
    found = rows.select_related("case").annotate(said_at=Subquery(said)).order_by("unheard")[:SHOWN]
    return tuple(UnheardTalk(row.case, timezone.localtime(row.said_at)) for row in found if row.said_at is not None)
