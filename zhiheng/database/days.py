"""Days of the place as half-open ranges of moments, so that an index on the moment is used: never ``field__date``."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q
from django.utils import timezone

_FIRST, _LAST = dt.date.min, dt.date.max


def on_days(field: str, first: dt.date | None = None, last: dt.date | None = None) -> Q:
    """The condition that a moment lies on one of the days from ``first`` to ``last``, both included, as days are
    counted at the place (the current time zone); None leaves that side open.

    ``field``: the name of a DateTimeField, or the way to one. The first and the last day that a calendar can name are
    open sides too: there is no moment before or after them to compare with.
    """
    asked = Q()
    if first is not None and first > _FIRST:
        asked &= Q(**{f"{field}__gte": _start_of(first)})
    if last is not None and last < _LAST:
        asked &= Q(**{f"{field}__lt": _start_of(last + dt.timedelta(days=1))})
    return asked


def _start_of(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), timezone.get_current_timezone())
