"""Take back a heading that was accepted by mistake: the book of this installation does not know it any more.

What was received under it stays, with the definition of that day; it is corrected or withdrawn like any other fact. The
proposal stands as taken back, with the reason, so that the unit reads it and may propose anew.
"""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.headings import refusals
from zhiheng.actions.headings.decide_heading import locked_proposal
from zhiheng.actions.headings.propose_heading import LONGEST_REASON
from zhiheng.grammar import additions
from zhiheng.grammar.call import Call
from zhiheng.kernel.data_folder import inside
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger import bulk
from zhiheng.office.models import HeadingProposal
from zhiheng.people import access


def take_back_heading(number: int, *, reason: str, call: Call) -> HeadingProposal:
    """Take back an accepted heading.

    Returns:
        The proposal.

    Raises:
        Refused: without a reason, or where it was not accepted.
    """
    access.require_somewhere(call, "heading.decide")
    reason = reason.strip()
    if not reason or len(reason) > LONGEST_REASON:
        raise Refused(refusals.taking_back_needs_reason(LONGEST_REASON))
    with transaction.atomic():
        bulk.lock()
        found = locked_proposal(number, call=call)
        if found.state != HeadingProposal.State.ACCEPTED:
            raise Refused(refusals.heading_not_accepted())
        found.state, found.decision = HeadingProposal.State.RECALLED, reason
        found.decided_by, found.decided_at = str(call.actor)[:160], call.now
        found.save()
        audit.write(
            call, "heading.take_back", f"heading:{found.pk}", detail={"record": found.record, "source": found.source}
        )
        # Last of all: where the file can't be removed, nothing is taken back.
        additions.remove(inside(settings.DATA, "book-additions"), found.pk)
    return found
