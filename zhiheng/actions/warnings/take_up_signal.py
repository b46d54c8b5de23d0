"""Take a signal up: a case of the workflow that answers signals is opened, with what was found in words, its colour,
its enterprise and its facts.
"""

from __future__ import annotations

from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.cases.open_case import CaseOpened, PartyGiven, open_case
from zhiheng.actions.warnings import refusals
from zhiheng.actions.warnings.decision import signal_to_decide
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.early_warning import WARNINGS
from zhiheng.kernel.reasons import Refused
from zhiheng.office import leases
from zhiheng.office.warnings import WarningSignal
from zhiheng.queries.warnings import enterprise_of, fact_ids, open_signal, signal_in_words

# A case names at most so many facts; the signal lists all of them.
MOST_FACTS = 200


def take_up_signal(number: int, *, unit: str, call: Call) -> CaseOpened:
    """Open a case of an open signal for a unit. Raises Refused where the signal is absent or out of reach, was decided
    on before, or the actor may open no such case; nothing is written then.
    """
    warnings = call.book[WARNINGS]
    if warnings is None:
        raise Refused(refusals.nothing_watched())
    response = warnings.answering.response
    facts = fact_ids(open_signal(number, "warning.decide", call=call), call.book, limit=MOST_FACTS)
    with transaction.atomic(using=leases.queue_database()):
        signal = signal_to_decide(number, call)
        parties = []
        if signal.subject is not None:
            concerned = enterprise_of(signal.subject)
            parties = [PartyGiven(response.party, name=concerned.name, code=concerned.code, subject=signal.subject)]
        opened = open_case(
            response.workflow,
            response.act,
            {response.signal: signal_in_words(signal, call.book).zh, response.level: signal.level},
            unit=unit,
            call=call,
            parties=parties,
            facts=facts,
            once=f"signal:{signal.pk}",
        )
        signal.decide(WarningSignal.State.TAKEN_UP, call.actor, call.now, case=opened.case)
        audit.write(call, "signal.take_up", f"signal:{signal.pk}", detail={"workflow": response.workflow})
    return opened
