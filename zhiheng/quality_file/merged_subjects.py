"""Where a subject went that has no file any more: into which one its names were merged."""

from __future__ import annotations

import orjson

from zhiheng.ledger.models import Alias, IdentityAct


def merged_into(subject: int) -> int | None:
    """The subject that took a subject's names over and still has one of them; None where nothing was moved away from
    it.

    Acts of identity are few (a person makes each), so their texts are looked through, the latest first.
    """
    for text in (
        IdentityAct.objects.filter(moves__contains=f",{subject},").order_by("-id").values_list("moves", flat=True)
    ):
        moved = [alias for alias, start, _ in orjson.loads(text) if start == subject]
        holder = (
            Alias.objects.filter(id__in=moved).exclude(subject_id=subject).values_list("subject_id", flat=True).first()
        )
        if holder is not None:
            return int(holder)
    return None
