"""Days of the place as ranges of moments: the same rows as by the day of each moment, and by an index."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connections, router
from django.utils import timezone

from zhiheng.database.days import on_days
from zhiheng.people.models import TrailLine

DAY = dt.timedelta(days=1)
MIDDLE = dt.date(2026, 3, 1)
# The last moment of a day, the first of the next, and noon, around the turn of a month in a place that is ahead of UTC.
TIMES = (dt.time(), dt.time(7, 59, 59), dt.time(8), dt.time(12), dt.time(23, 59, 59, 999_999))
SIDES = [
    None,
    dt.date.min,
    dt.date(1, 1, 2),
    *(MIDDLE + n * DAY for n in range(-3, 4)),
    dt.date(9999, 12, 30),
    dt.date.max,
]


@pytest.fixture
def lines(db: None) -> None:
    zone = timezone.get_current_timezone()
    TrailLine.objects.bulk_create(
        TrailLine(at=dt.datetime.combine(MIDDLE + n * DAY, time, zone), actor="甲", verb="search", about=f"{n} {time}")
        for n in (-2, -1, 0, 1, 2)
        for time in TIMES
    )


@pytest.mark.database
def test_按日查出的正是当地那几天的_两端都算(lines: None) -> None:
    every = {line.about: timezone.localtime(line.at).date() for line in TrailLine.objects.all()}
    assert len(every) == 25
    for first in SIDES:
        for last in SIDES:
            found = set(TrailLine.objects.filter(on_days("at", first, last)).values_list("about", flat=True))
            wanted = {a for a, day in every.items() if (first or day) <= day <= (last or day)}
            assert found == wanted, (first, last)


@pytest.mark.database
def test_按日查用得上时刻的索引(lines: None) -> None:
    """By ``at__date`` each line would be turned into a day first."""
    connection = connections[router.db_for_read(TrailLine)]
    if connection.vendor != "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
    plan = TrailLine.objects.filter(on_days("at", MIDDLE, MIDDLE)).values("at").order_by().explain()
    assert "trail_at" in plan, plan
