"""Set a signal aside: an officer looked at it and opens no case, with a reason that stays."""

from __future__ import annotations

from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.warnings import refusals
from zhiheng.actions.warnings.decision import signal_to_decide
from zhiheng.grammar.call import Call
from zhiheng.kernel.reasons import Refused
from zhiheng.kernel.text_input import paragraphs
from zhiheng.office import leases
from zhiheng.office.warnings import WarningSignal

LEAST, MOST = 5, 1_000


def set_aside_signal(number: int, reason: str, *, call: Call) -> WarningSignal:
    """Set an open signal aside. Raises Refused where it is absent or out of reach, was decided on before, or no reason
    is given; nothing is written then.
    """
    reason = paragraphs(reason)
    with transaction.atomic(using=leases.queue_database()):
        signal = signal_to_decide(number, call)
        if not LEAST <= len(reason) <= MOST:
            raise Refused(refusals.reason_short(LEAST, MOST))
        signal.decide(WarningSignal.State.SET_ASIDE, call.actor, call.now, reason=reason)
        audit.write(call, "signal.set_aside", f"signal:{signal.pk}")
    return signal
