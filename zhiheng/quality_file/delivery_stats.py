"""What was handed in within some days, and in the same days a year before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count, Max, Q, Sum

from zhiheng.ledger.chain import tables
from zhiheng.ledger.models import Delivery


@dataclass(frozen=True)
class Received:
    """Deliveries accepted of a record: how many and with how many facts, now and in the same days a year before."""

    record: str
    deliveries: int
    facts: int
    deliveries_before: int
    facts_before: int


def received(units: Collection[str] | None, *, after: dt.date, until: dt.date, year: dt.timedelta) -> list[Received]:
    """What units handed in (None: all), by record, the most facts first. ``year``: how far back the comparison lies.
    One query.
    """
    now = Q(learned_on__gt=after, learned_on__lte=until)
    then = Q(learned_on__gt=after - year, learned_on__lte=until - year)
    found = tables().filter(now | then, fact_count__gt=0)
    if units is not None:
        found = found.filter(unit__in=units)
    rows = found.values("record").annotate(
        deliveries=Count("id", filter=now),
        facts=Sum("fact_count", filter=now),
        deliveries_before=Count("id", filter=then),
        facts_before=Sum("fact_count", filter=then),
    )
    lines = [
        Received(r["record"], r["deliveries"], r["facts"] or 0, r["deliveries_before"], r["facts_before"] or 0)
        for r in rows
    ]
    return sorted(lines, key=lambda line: (-line.facts, line.record))


def last_link() -> tuple[int, str]:
    """The number of the last delivery and its link, which the whole chain hangs on; (0, "") in an empty ledger. One
    query.
    """
    last = Delivery.objects.order_by("-id").values_list("id", "link").first()
    return (int(last[0]), str(last[1])) if last is not None else (0, "")


def last_received_on(units: Collection[str] | None) -> dt.date | None:
    """The day on which units handed something in last. One query."""
    found = tables().filter(fact_count__gt=0)
    if units is not None:
        found = found.filter(unit__in=units)
    last: dt.date | None = found.aggregate(day=Max("learned_on"))["day"]
    return last
