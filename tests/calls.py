"""Calls of tests: a day of a test stands for its noon."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo


def noon(day: dt.date) -> dt.datetime:
    """Twelve o'clock of a day at the office."""
    return dt.datetime.combine(day, dt.time(12), ZoneInfo("Asia/Shanghai"))
