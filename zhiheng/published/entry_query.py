"""What programs ask of the published tables: entries of several lists in any of three orders, without a depth, and
counts by field.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from django.db.models import Count, QuerySet

from zhiheng.database.days import on_days
from zhiheng.database.paging import Keyset, Page
from zhiheng.published.models import PublishedEnterprise, PublishedEntry, PublishedParty
from zhiheng.published.reading import _with_parties, on_show

Sort = Literal["-occurred_on", "occurred_on", "-published_at"]
By = Literal["list", "record", "kind", "outcome", "quality", "area", "unit"]
SORTS: tuple[Sort, ...] = ("-occurred_on", "occurred_on", "-published_at")
_ORDERS: Mapping[Sort, Keyset] = {
    "-occurred_on": Keyset("-occurred_on", "-id"),
    "occurred_on": Keyset("occurred_on", "id"),
    # Numbers are given in the order of publication.
    "-published_at": Keyset("-id"),
}


@dataclass(frozen=True)
class EntryQuestion:
    """What entries are narrowed by; everything given must hold."""

    list: str = ""
    record: str = ""
    kind: str = ""
    outcome: str = ""
    quality: str = ""
    areas: Collection[str] = ()
    enterprise: str = ""
    first: dt.date | None = None
    last: dt.date | None = None
    published_since: dt.date | None = None


def _asked(question: EntryQuestion, today: dt.date) -> QuerySet[PublishedEntry]:
    found = on_show(today)
    for name in ("list", "record", "kind", "outcome", "quality"):
        if value := getattr(question, name):
            found = found.filter(**{name: value})
    if question.areas:
        found = found.filter(area__in=sorted(question.areas))
    if question.enterprise:
        whose = PublishedEnterprise.objects.filter(public_id=question.enterprise).values("pk")
        found = found.filter(pk__in=PublishedParty.objects.filter(enterprise__in=whose).values("entry"))
    if question.first:
        found = found.filter(occurred_on__gte=question.first)
    if question.last:
        found = found.filter(occurred_on__lte=question.last)
    if question.published_since:
        found = found.filter(on_days("published_at", question.published_since))
    return found


def entries(question: EntryQuestion, *, sort: Sort, after: str, limit: int, today: dt.date) -> Page[PublishedEntry]:
    """A page of entries; ``after`` is the ``next`` of the page before (two queries)."""
    found = _asked(question, today).select_related("form", "contested")
    page = _ORDERS[sort].page(found, after, limit)
    _with_parties(page.rows)
    return page


def counts(question: EntryQuestion, by: By, *, today: dt.date) -> list[tuple[str, int]]:
    """How many entries each value of a field has, the most frequent first (one query)."""
    found: list[Any] = list(_asked(question, today).order_by().values_list(by).annotate(n=Count("pk")))
    return sorted(((value, n) for value, n in found), key=lambda one: (-one[1], one[0]))


def total(question: EntryQuestion, *, today: dt.date) -> int:
    """How many entries there are (one query)."""
    return _asked(question, today).aggregate(n=Count("pk"))["n"] or 0
