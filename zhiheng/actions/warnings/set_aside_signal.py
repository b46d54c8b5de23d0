"""Set a signal aside: an officer looked at it and opens no case, with a reason that stays."""

from __future__ import annotations

from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.warnings import refusals
from zhiheng.grammar.call import Call
from zhiheng.kernel.reasons import Refused
from zhiheng.kernel.text_input import paragraphs
from zhiheng.office import leases
from zhiheng.office.warnings import WarningSignal
from zhiheng.queries.warnings import open_signal, state_in_words

LEAST, MOST = 5, 1_000


def set_aside_signal(number: int, reason: str, *, call: Call) -> WarningSignal:
    """Set an open signal aside. Raises Refused where it is absent or out of reach, was decided on before, or no reason
    is given; nothing is written then.
    """
    reason = paragraphs(reason)
    with transaction.atomic(using=leases.queue_database()):
        signal = open_signal(number, "warning.decide", call=call, lock=True)
        if signal.state != WarningSignal.State.OPEN:
            state = state_in_words(signal)
            raise Refused(refusals.signal_decided(state.zh, state.en, signal.decided_by_name))
        if not LEAST <= len(reason) <= MOST:
            raise Refused(refusals.reason_short(LEAST, MOST))
        signal.state, signal.reason, signal.decided_at = WarningSignal.State.SET_ASIDE, reason, call.now
        signal.decided_by, signal.decided_by_name = str(call.actor)[:160], call.actor.name[:60]
        signal.save(update_fields=["state", "reason", "decided_at", "decided_by", "decided_by_name"])
        audit.write(call, "signal.set_aside", f"signal:{signal.pk}")
    return signal
