"""Accept or reject a unit's proposal for the meaning of a heading. The proposer does not decide it."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.headings import refusals
from zhiheng.actions.headings.propose_heading import LONGEST_REASON, targets_of
from zhiheng.grammar import additions
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.kernel.actor import Actor, same_person
from zhiheng.kernel.data_folder import inside
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger import bulk
from zhiheng.office.models import HeadingProposal
from zhiheng.people import access


def accept_heading(number: int, *, call: Call, reason: str = "") -> HeadingProposal:
    """Make the book of this installation know the heading from now on.

    Returns:
        The accepted proposal.

    Raises:
        Refused: for the proposer, where it was decided before, or where the book has no such field any more.
    """
    return _decide(number, HeadingProposal.State.ACCEPTED, reason, call)


def reject_heading(number: int, *, reason: str, call: Call) -> HeadingProposal:
    """Leave the book as it is, with a reason that the unit reads.

    Returns:
        The rejected proposal.

    Raises:
        Refused: without a reason, for the proposer, or where it was decided before.
    """
    if not reason.strip():
        access.require_somewhere(call, "heading.decide")
        raise Refused(refusals.rejecting_needs_reason())
    return _decide(number, HeadingProposal.State.REJECTED, reason, call)


def _decide(number: int, state: HeadingProposal.State, reason: str, call: Call) -> HeadingProposal:
    access.require_somewhere(call, "heading.decide")
    with transaction.atomic():
        bulk.lock()
        found = locked_proposal(number, call=call)
        _check(found, state, reason.strip(), call.actor, call.book)
        found.state, found.decision = state, reason.strip()
        found.decided_by, found.decided_at = str(call.actor)[:160], call.now
        found.save()
        audit.write(
            call,
            "heading.accept" if state == HeadingProposal.State.ACCEPTED else "heading.reject",
            f"heading:{found.pk}",
            detail={"record": found.record, "source": found.source},
        )
        if state == HeadingProposal.State.ACCEPTED:
            # Last of all: where the file can't be written, nothing is decided.
            additions.write(
                inside(settings.DATA, "book-additions"),
                additions.Addition(found.pk, found.record, found.source, found.heading, found.target),
            )
    return found


def locked_proposal(number: int, *, call: Call) -> HeadingProposal:
    """Lock a proposal for a decision until the transaction ends.

    Returns:
        The locked proposal.

    Raises:
        Refused: where it is absent or the actor may not decide on it.
    """
    found = HeadingProposal.objects.select_for_update().filter(pk=number).first()
    if found is None:
        raise Refused(refusals.proposal_absent(number))
    access.require(call, "heading.decide", unit=found.unit, record=found.record)
    return found


def _check(found: HeadingProposal, state: HeadingProposal.State, reason: str, actor: Actor, book: Book) -> None:
    if found.state != HeadingProposal.State.OPEN:
        raise Refused(refusals.proposal_decided())
    if same_person(found.proposed_by, actor):
        raise Refused(refusals.proposed_by_oneself())
    if len(reason) > LONGEST_REASON:
        raise Refused(refusals.opinion_too_long(LONGEST_REASON))
    entry = book[RECORDS].get(found.record)
    if state == HeadingProposal.State.ACCEPTED and (
        entry is None or found.source not in entry.sources or found.target not in targets_of(entry)
    ):
        raise Refused(refusals.layout_gone())
