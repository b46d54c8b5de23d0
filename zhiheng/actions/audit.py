"""The audit line that every action writes inside its own transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from zhiheng.grammar.trail_words import check_verb
from zhiheng.kernel.actor import Actor
from zhiheng.kernel.facts import canonical
from zhiheng.ledger.models import AuditLine


def write(*, actor: Actor, verb: str, about: str, at: dt.datetime, detail: Mapping[str, Any] | None = None) -> None:
    """Add one line to the ledger's trail; ``at`` has a time zone. Names and ids only: no cell of a delivered row stands
    here.

    Raises ValueError where the verb has no words or belongs to the trail of people.
    """
    check_verb(verb, of_the_ledger=True)
    AuditLine.objects.create(
        actor=str(actor)[:120], verb=verb, about=about, at=at, detail=canonical(dict(detail or {}))
    )
