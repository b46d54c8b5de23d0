"""What taking up and setting aside begin with: an open signal within reach, locked."""

from __future__ import annotations

from zhiheng.actions.warnings import refusals
from zhiheng.grammar.call import Call
from zhiheng.kernel.reasons import Refused
from zhiheng.office.warnings import WarningSignal
from zhiheng.queries.warnings import open_signal, state_in_words


def signal_to_decide(number: int, call: Call) -> WarningSignal:
    """The signal, locked until the transaction ends. Raises Refused where it is absent or out of reach, and where it
    was decided on before.
    """
    signal = open_signal(number, "warning.decide", call=call, lock=True)
    if signal.state != WarningSignal.State.OPEN:
        state = state_in_words(signal)
        raise Refused(refusals.signal_decided(state.zh, state.en, signal.decided_by_name))
    return signal
