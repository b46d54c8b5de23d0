"""Export a proof bundle; who exported what is written to the trail."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from zhiheng.actions import audit
from zhiheng.kernel.reasons import Refusal, Refused
from zhiheng.ledger import proof
from zhiheng.ledger.models import Alias, FactParty


def export_proof(out: Path, *, subject: int | None, actor: str, now: dt.datetime) -> int:
    """Write a bundle of all facts, or of one subject's; returns how many facts it has."""
    facts = None
    if subject is not None:
        aliases = list(Alias.objects.filter(subject_id=subject).values_list("id", flat=True))
        if not aliases:
            raise Refused(
                Refusal(
                    "subject.absent",
                    f"没有主体 {subject}；请检查编号。",
                    f"There is no subject {subject}; check the number.",
                )
            )
        facts = sorted(set(FactParty.objects.filter(alias_id__in=aliases).values_list("fact_id", flat=True)))
    audit.write(actor=actor, verb="proof.export", about="ledger" if subject is None else f"subject:{subject}", at=now)
    return proof.export(out, fact_ids=facts)
