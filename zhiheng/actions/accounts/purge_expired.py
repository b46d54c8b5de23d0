"""Remove expired data: sessions, counters of forms and attempts, unfinished files in the inbox.

None of it can be used any more; it is removed so that a copied database holds no more than it must, and the tables stay
small.
"""

from __future__ import annotations

import datetime as dt

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connections, transaction

from zhiheng.actions.intake.process_upload import forget_left_behind

# Somebody may be signing in at this moment: the session and the line of it in the list are not written at once.
JUST_BEGUN = dt.timedelta(hours=1)


def forget_expired(now: dt.datetime) -> dict[str, int]:
    """Remove it all; how many of each."""
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        sessions, _ = Session.objects.filter(expire_date__lt=now).delete()
        # The list of one's own sessions names each by its key, where and when it began: it goes with the session.
        begun = UserSession.objects.filter(created_at__lt=now - JUST_BEGUN)
        begun.exclude(session_key__in=Session.objects.values("session_key")).delete()
        notes = _notes(now)
    return {"sessions": sessions, "notes": notes, "files": forget_left_behind(now)}


def _notes(now: dt.datetime) -> int:
    """Counts of tries and the numbers of forms that were sent; the cache itself only culls where it has grown full."""
    connection = connections[settings.PEOPLE_DATABASE]
    table = connection.ops.quote_name(str(settings.CACHES["default"]["LOCATION"]))
    moment = connection.ops.adapt_datetimefield_value(now.replace(microsecond=0))
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE expires < %s", [moment])
        return int(cursor.rowcount)
