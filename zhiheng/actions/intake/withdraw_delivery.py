"""Withdraw a whole delivery in one act: every statement of it that still stands is withdrawn, with its published
entries.

The rows stay as delivered and readable; each withdrawal is a new fact that names the old one. A very long delivery is
withdrawn in steps, each a transaction: after a kill the same act continues, and nothing is withdrawn twice.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from django.db import transaction
from django.db.models import QuerySet

from zhiheng.actions import audit
from zhiheng.actions.intake import refusals
from zhiheng.actions.publication.entry_writer import Shelf
from zhiheng.actions.publication.rebuild_open_data import after_a_withdrawal
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.publication import PUBLICATION
from zhiheng.kernel.actor import Actor
from zhiheng.kernel.facts import canonical, content, marks, statement, statement_key
from zhiheng.kernel.merkle import EMPTY_ROOT, leaf_hash, root_of
from zhiheng.kernel.progress import Progress
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger import bulk, chain
from zhiheng.ledger.chain import is_table
from zhiheng.ledger.models import Delivery, Fact
from zhiheng.ledger.standing import is_replaced
from zhiheng.office.models import PublicationRequest
from zhiheng.people import access
from zhiheng.published.models import PublishedEntry
from zhiheng.queries import publishable
from zhiheng.queries.refusals import delivery_not_of_upload
from zhiheng.queries.uploads import upload

# So many in one transaction: receiving waits for the writing lock no longer than a moment.
STEP = 20_000
ACT = "fact.withdraw"


@dataclass(frozen=True, slots=True)
class DeliveryStanding:
    """What would go with a delivery: statements that still stand, and entries that the public sees of them.

    ``repeated``: later deliveries of the unit with rows that counted as said before; where it was this delivery that
    had said them, they stand nowhere any more until those files are handed in again.
    """

    facts: int
    published: int
    repeated: tuple[Delivery, ...] = ()


def offer_withdrawal(delivery_id: int, *, call: Call) -> tuple[Delivery, DeliveryStanding]:
    """Show what a withdrawal would take along.

    Returns:
        The delivery, and its standing statements and entries.

    Raises:
        Refused: where the actor may not withdraw it, or it was not accepted.
    """
    access.require_somewhere(call, ACT)
    found = Delivery.objects.filter(id=delivery_id).first()
    if found is None:
        raise Refused(refusals.delivery_absent(delivery_id))
    access.require(call, ACT, unit=found.unit, record=found.record)
    if not is_table(found):
        raise Refused(refusals.delivery_not_accepted(found.id))
    for area in {area for part in _parts(found) for area in _standing(part).values_list("area", flat=True).distinct()}:
        access.require(call, ACT, unit=found.unit, record=found.record, area=area)
    return found, _all_standing(found)


def _all_standing(found: Delivery) -> DeliveryStanding:
    """What of a delivery, with all parts of its table, still stands."""
    facts = published = 0
    for part in _parts(found):
        standing = list(_standing(part).values_list("id", flat=True))
        facts += len(standing)
        published += len(_shown(standing))
    return DeliveryStanding(facts, published, tuple(chain.repeated_by(_parts(found))))


def _parts(found: Delivery) -> list[Delivery]:
    """All parts of the table that a delivery is a part of; mostly it is the only one."""
    return list(
        Delivery.objects.filter(
            file_digest=found.file_digest,
            file_name=found.file_name,
            table_name=found.table_name,
            unit=found.unit,
            subject=found.subject,
            edition=found.edition,
            state=Delivery.State.ACCEPTED,
        )
        .exclude(source__in=("correction", "withdrawal"))
        .order_by("id")
    )


def withdraw_delivery(
    delivery_id: int, *, reason: str, call: Call, progress: Progress | None = None
) -> DeliveryStanding:
    """Withdraw a delivery, with every part of a very long table. A statement that was corrected goes with its
    correction.

    Args:
        progress: called with (what, done, total).

    Returns:
        How many statements were withdrawn and how many published entries went with them.

    Raises:
        Refused: where there is no such delivery, it was not accepted, nothing of it stands any more, the reason is
            missing, or the actor does not act for the unit that sent it.
    """
    found, left = offer_withdrawal(delivery_id, call=call)
    if not reason.strip():
        raise Refused(refusals.withdrawing_needs_reason())
    facts = published = 0
    for part in _parts(found):
        while step := _step(part, reason.strip(), call):
            facts, published = facts + step.facts, published + step.published
            if progress:
                progress("撤回 withdrawing", facts, left.facts)
    if not facts:
        raise Refused(refusals.delivery_withdrawn(delivery_id))
    return DeliveryStanding(facts, published, left.repeated)


def _standing(found: Delivery) -> QuerySet[Fact]:
    """The statements of a delivery that still stand: its own, or the corrections that took their place."""
    if found.first_fact is None:
        return Fact.objects.none()
    last = found.first_fact + found.fact_count - 1
    own = Fact.objects.filter(~is_replaced(), id__range=(found.first_fact, last))
    return own | Fact.objects.filter(
        ~is_replaced(), id__in=_corrections(found.first_fact, last), kind=Fact.Kind.CORRECTION
    )


def _corrections(first: int, last: int) -> list[int]:
    """Every correction of these statements, and of their corrections."""
    found: list[int] = []
    some = list(
        Fact.objects.filter(concerns__range=(first, last), kind=Fact.Kind.CORRECTION).values_list("id", flat=True)
    )
    while some:
        found += some
        some = [
            number
            for part in publishable.parts(some)
            for number in Fact.objects.filter(concerns__in=part, kind=Fact.Kind.CORRECTION).values_list("id", flat=True)
        ]
    return found


def _step(found: Delivery, reason: str, call: Call) -> DeliveryStanding | None:
    """Withdraw some of what still stands; None where nothing does."""
    with transaction.atomic():
        bulk.lock()
        some = list(
            _standing(found)
            .order_by("id")
            .only("id", "record", "unit", "occurred_on", "valid_until", "outcome", "area", "thing")[:STEP]
        )
        if not some:
            return None
        _append(found, some, reason, call.actor, call.now)
        numbers = [fact.id for fact in some]
        published = _take_down(numbers, reason, call)
        audit.write(
            call,
            "delivery.withdraw",
            f"delivery:{found.id}",
            detail={"facts": len(some), "published": published, "reason": reason},
        )
        return DeliveryStanding(len(some), published)


def _append(found: Delivery, some: Sequence[Fact], reason: str, actor: Actor, now: dt.datetime) -> None:
    """A delivery of withdrawals that answers the one it takes back."""
    first, delivery = bulk.next_id("fact"), bulk.next_id("delivery")
    body, row = canonical({"reason": reason}), canonical({"reason": reason, "actor": str(actor)})
    leaves, rows = [], []
    for number, old in enumerate(some, start=1):
        said = statement(old.record, old.unit, "withdrawal", str(old.id), body)
        occurred, until = str(old.occurred_on), None if old.valid_until is None else str(old.valid_until)
        leaf = leaf_hash(content(said, marks(number, occurred, until, old.outcome, old.area, "", old.thing), row))
        leaves.append(leaf)
        rows.append(
            (
                first + number - 1,
                delivery,
                number,
                old.record,
                old.unit,
                "withdrawal",
                old.id,
                statement_key(said),
                old.thing,
                leaf,
                occurred,
                until,
                old.outcome,
                old.area,
                "",
                body,
                row,
            )
        )
    bulk.append_facts(rows)
    chain.append(
        {
            "state": "accepted",
            "unit": found.unit,
            "record": found.record,
            "source": "withdrawal",
            "edition": "",
            "file_name": f"withdrawal of delivery {found.id}",
            "file_digest": sha256(row.encode()).hexdigest(),
            "table_name": "",
            "part": 1,
            "headings": "[]",
            "learned_on": now.date(),
            "row_count": len(some),
            "fact_count": len(some),
            "duplicate_count": 0,
            "refused_count": 0,
            "flagged_count": 0,
            "first_fact": first,
            "notes": "[]",
            "root": root_of(leaves).hex(),
            "refused_root": EMPTY_ROOT.hex(),
            "answers_id": found.id,
            "subject": found.subject,
        }
    )


def _take_down(facts: Sequence[int], reason: str, call: Call) -> int:
    """Take what is published of these statements from the shelf, and end what waits to be decided about them."""
    if call.book[PUBLICATION] is None:
        return 0
    for part in publishable.parts(facts):
        PublicationRequest.objects.filter(fact__in=part, state__in=PublicationRequest.UNDECIDED).update(
            state=PublicationRequest.State.LAPSED, decided_at=call.now, decision=reason
        )
    shown = _shown(facts)
    if shown:
        within = publishable.withdraw_within(call.book, shown[0].record, "annulled", call.today)
        shelf = Shelf(call)
        shelf.take_down(
            shown,
            state=PublishedEntry.State.WITHDRAWN,
            cause="annulled",
            reason=reason,
            due_on=within.day if within else None,
        )
        shelf.close()
        lists = sorted({entry.list for entry in shown})
        transaction.on_commit(lambda: after_a_withdrawal(lists, book=call.book, now=call.now))
    return len(shown)


def _shown(facts: Sequence[int]) -> list[PublishedEntry]:
    """What the public sees of these statements, or still sees of those that they correct: a corrected entry waits for
    its approval.
    """
    told = {*facts, *publishable.corrected(facts).values()}
    return [
        entry
        for part in publishable.parts(sorted(told))
        for entry in PublishedEntry.objects.filter(fact__in=part, state=PublishedEntry.State.SHOWN).order_by("pk")
    ]


def withdraw_from_upload(number: int, delivery_id: int, *, reason: str, call: Call) -> DeliveryStanding:
    """Withdraw one of an upload's deliveries, with every part of its table.

    Returns:
        As ``withdraw_delivery``.

    Raises:
        Refused: where the delivery is not of this upload, and as ``withdraw_delivery``.
    """
    found = upload(number, call=call)
    parts = next((table["deliveries"] for table in found.result if delivery_id in table["deliveries"]), None)
    if parts is None:
        raise Refused(delivery_not_of_upload(number, delivery_id=delivery_id))
    return withdraw_delivery(delivery_id, reason=reason, call=call)
