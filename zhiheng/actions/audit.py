"""The audit line that every action writes inside its transaction. Its verb decides which of the two trails it goes to.

What changes the ledger, what is published or what is derived stands beside the ledger. Acts on accounts, consents,
searches, exports and uploads stand beside people, in a database that no delivery holds up (``OF_THE_LEDGER`` in
``grammar/trail_words.py``). Reads, which are no actions, write to the second one themselves (``people/trail.py``).
Nothing else writes either table.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from zhiheng.grammar.call import Call
from zhiheng.grammar.trail_words import OF_BOTH, OF_THE_LEDGER, check_verb
from zhiheng.kernel.actor import Actor
from zhiheng.kernel.facts import canonical
from zhiheng.ledger.models import AuditLine
from zhiheng.people import trail


def write(call: Call, verb: str, about: str, purpose: str = "", detail: Mapping[str, Any] | None = None) -> None:
    """Write the audit line of a call: its actor, its moment (see ``write_as``)."""
    write_as(call.actor, verb, about, call.now, purpose, detail)


def write_as(
    actor: Actor, verb: str, about: str, at: dt.datetime, purpose: str = "", detail: Mapping[str, Any] | None = None
) -> None:
    """Add one line to the trail that the verb belongs to, where no call is at hand. ``about`` is
    ``account:12``, ``fact:3``; ``at`` has a time zone. Names and ids only: no cell of a delivered row stands here.

    Raises ValueError where the verb has no words, a line of people names a secret (``trail.note_as``), or a line of the
    ledger is given a purpose, which that trail has no place for.
    """
    if verb not in OF_THE_LEDGER | OF_BOTH:
        trail.note_as(actor, verb, about, at, purpose, detail)
        return
    check_verb(verb, of_the_ledger=True)
    if purpose:
        raise ValueError(f"{verb!r}: a line of the ledger's trail has no purpose; put the reason into its detail")
    AuditLine.objects.create(
        actor=str(actor)[:120], verb=verb, about=about, at=at, detail=canonical(dict(detail or {}))
    )
