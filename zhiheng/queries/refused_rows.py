"""Refused rows as they were handed in: who may see them unmasked, noted with a purpose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zhiheng.grammar.call import Call
from zhiheng.grammar.types import Label
from zhiheng.kernel.text_input import purpose_in
from zhiheng.ledger.models import Delivery
from zhiheng.people import access, trail
from zhiheng.quality_file.deliveries import veil_of

EXAMPLE = Label(zh="改正退回行后重新报送", en="to mend the rows and hand them in again")


def require_clear(delivery: Delivery, *, purpose: str, call: Call, detail: Mapping[str, Any]) -> None:
    """Let the actor see refused rows unmasked: for their own unit, or with the right to secret fields; noted with a
    purpose.

    Raises Refused without the right, and without a purpose in words where anything would be masked.

    Args:
        purpose: what the rows are needed for, in words.
        detail: what the line of the trail says besides.
    """
    target: access.ActTarget = {"unit": delivery.unit, "record": delivery.record}
    access.require(call, "delivery.report", **target)
    veil = veil_of(delivery, call.book)
    if not veil.hides:
        return
    if all(holding.unit != delivery.unit for holding in call.actor.holdings):
        access.require(call, "fact.read_secret", **target)
    said = purpose_in(purpose, zh=EXAMPLE.zh, en=EXAMPLE.en)
    trail.note(
        call,
        "refusals.report",
        f"delivery:{delivery.id}",
        purpose=said,
        detail={"record": delivery.record, "fields": sorted(veil.secret), **detail},
    )
