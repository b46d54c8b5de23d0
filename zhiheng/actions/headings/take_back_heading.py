"""Take back a heading that was accepted by mistake: the book of this installation does not know it any more.

What was received under it stays, with the definition of that day; it is corrected or withdrawn like any other fact. The
proposal stands as taken back, with the reason, so that the unit reads it and may propose anew.
"""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.headings.decide_heading import locked_proposal
from zhiheng.actions.headings.propose_heading import LONGEST_REASON
from zhiheng.grammar import additions
from zhiheng.grammar.call import Call
from zhiheng.kernel.data_folder import inside
from zhiheng.kernel.reasons import Refusal, Refused
from zhiheng.ledger import bulk
from zhiheng.office.models import HeadingProposal
from zhiheng.people import access


def take_back_heading(number: int, *, reason: str, call: Call) -> HeadingProposal:
    """Take back one that was accepted, with the reason; raises Refused where it was not."""
    access.require_somewhere(call, "heading.decide")
    reason = reason.strip()
    if not reason or len(reason) > LONGEST_REASON:
        raise Refused(
            Refusal(
                "reason.needed",
                f"收回要写明理由（{LONGEST_REASON} 字以内），报送单位会看到；请补写。",
                f"Taking it back needs a reason of at most {LONGEST_REASON} characters, which the unit reads; write "
                "one.",
                "reason",
            )
        )
    with transaction.atomic():
        bulk.lock()
        found = locked_proposal(number, call=call)
        if found.state != HeadingProposal.State.ACCEPTED:
            raise Refused(
                Refusal(
                    "heading.not_accepted",
                    "只有已采用的表头可以收回；请刷新列表。",
                    "Only a heading that was accepted can be taken back; load the list again.",
                )
            )
        found.state, found.decision = HeadingProposal.State.RECALLED, reason
        found.decided_by, found.decided_at = str(call.actor)[:160], call.now
        found.save()
        audit.write(
            call, "heading.take_back", f"heading:{found.pk}", detail={"record": found.record, "source": found.source}
        )
        # Last of all: where the file can't be removed, nothing is taken back.
        additions.remove(inside(settings.DATA, "book-additions"), found.pk)
    return found
