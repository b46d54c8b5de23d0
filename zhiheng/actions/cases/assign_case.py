"""Assign a case to somebody of the unit that holds it: whose list it stands on. The hands of the workflow stay what
they are.
"""

from __future__ import annotations

from zhiheng.actions.cases import line_writer, refusals
from zhiheng.grammar.call import Call
from zhiheng.kernel.reasons import Refused
from zhiheng.office import case_log
from zhiheng.office.cases import CaseEvent
from zhiheng.people import access
from zhiheng.people.actors import actor_of
from zhiheng.people.models import Account


def assign_case(case: int, account: int, *, call: Call, place: int | None = None, batch: str = "") -> CaseEvent:
    """The line that says who handles it from now on. Raises Refused where the account may not handle it."""
    access.require_somewhere(call, "case.assign")
    with line_writer.open_for_writing(case, call) as opened:
        standing = opened.standing()
        target = line_writer.target(opened, standing)
        access.require(call, "case.assign", **target)
        line_writer.check_place(opened, place)
        found = Account.objects.filter(pk=account, is_active=True).first()
        if found is None or access.may(call.by(actor_of(found)), "case.handle", **target) is not None:
            raise Refused(refusals.not_of_the_unit(found.name if found else str(account)))
        who = f"account:{found.pk}"
        last = opened.family.machine[opened.case.pk]
        if next((case_log.data_of(line)["to"] for line in reversed(last) if line.act == case_log.ASSIGN), "") == who:
            raise Refused(refusals.not_changed())
        data = {"to": who, "name": found.name}
        return line_writer.write_machine_line(opened, case_log.ASSIGN, data, line_writer.Signer.of(call), batch=batch)
