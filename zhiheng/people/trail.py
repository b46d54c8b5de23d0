"""The trail of people: reads of personal data, exports, searches, sign-ins, acts on accounts. It outlives its subjects.

Changes of the ledger have a separate trail beside them; this one stands in the database of people, because a page that
reads must not wait for a delivery that writes. Actions write to both through ``actions/audit.py``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any, Final

from zhiheng.grammar.call import Call
from zhiheng.grammar.trail_words import check_verb
from zhiheng.kernel.actor import Actor
from zhiheng.kernel.facts import canonical
from zhiheng.people.models import TrailLine

# Words that name a secret: nothing under such a key is ever written down.
_SECRETS: Final = ("password", "passwd", "token", "code", "secret", "otp", "credential")


def note(call: Call, verb: str, about: str, purpose: str = "", detail: Mapping[str, Any] | None = None) -> None:
    """Add one line in the name of who makes the call, at its moment (see ``note_as``)."""
    note_as(call.actor, verb, about, call.now, purpose, detail)


def note_as(
    actor: Actor, verb: str, about: str, at: dt.datetime, purpose: str = "", detail: Mapping[str, Any] | None = None
) -> None:
    """Add one line where no call is made, as at signing in. ``about`` is ``account:12``, ``subject:7``, ``fact:3``;
    ``detail`` has names, ids and numbers.

    Raises ValueError where a key of ``detail`` names a secret: what is never written can't be read; and where the verb
    has no words or belongs to the ledger's trail.
    """
    check_verb(verb, of_the_ledger=False)
    told = without_secrets(detail or {})
    TrailLine.objects.create(
        at=at, actor=str(actor)[:160], verb=verb, about=about, purpose=purpose, detail=canonical(told)
    )


def without_secrets(detail: Mapping[str, Any]) -> dict[str, Any]:
    """The detail of a line as it may be written. Raises ValueError where a key names a secret."""
    if secret := [key for key in detail if any(word in key.lower().split("_") for word in _SECRETS)]:
        raise ValueError(f"the trail holds no secret: leave {secret} out of the detail")
    return dict(detail)


def note_daily(call: Call, verb: str, abouts: Collection[str], detail: Mapping[str, Any] | None = None) -> None:
    """Add one line for each thing that the asker has none for today: who opens a page ten times a day stands there once
    (one query, and one more where something is new).
    """
    check_verb(verb, of_the_ledger=False)
    if not abouts:
        return
    actor, at = str(call.actor)[:160], call.now
    morning = at.replace(hour=0, minute=0, second=0, microsecond=0)
    lines = TrailLine.objects.filter(actor=actor, verb=verb, about__in=abouts, at__gte=morning, at__lte=at)
    told = canonical(without_secrets(detail or {}))
    new = sorted(set(abouts) - set(lines.values_list("about", flat=True)))
    if new:
        TrailLine.objects.bulk_create(
            [TrailLine(at=at, actor=actor, verb=verb, about=about, purpose="", detail=told) for about in new]
        )
