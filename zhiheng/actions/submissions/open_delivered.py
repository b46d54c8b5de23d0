"""Open the cases of complaints and reports that the national hotline sent as a delivery: an officer confirms what was
proposed, one by one or many at once. Who complained is sealed, and stands in nothing else of the case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import orjson
from django.conf import settings
from django.db import transaction

from zhiheng.actions.cases import refusals
from zhiheng.actions.cases.open_case import PartyGiven, open_case
from zhiheng.actions.custody.seal_identity import seal_identity
from zhiheng.engines.workflow.from_facts import FactSaid
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.kernel.reasons import Refusal, Refused
from zhiheng.ledger.models import Fact, FactParty
from zhiheng.office.case_facts import CaseFact
from zhiheng.office.cases import Case
from zhiheng.people import access
from zhiheng.queries.delivered import DeliveredFact, about_role, as_kind, feed_of, read_delivered
from zhiheng.queries.refusals import fact_not_proposed

MOST_AT_ONCE = 200


@dataclass(frozen=True)
class Confirmed:
    """What an officer says of a proposal: its number, and kind and unit where they are others than proposed."""

    number: int
    kind: str = ""
    unit: str = ""


@dataclass(frozen=True)
class OpenedDelivered:
    """The cases that were opened, and of each that was not the reasons, by the number of its proposal."""

    opened: tuple[Case, ...]
    refused: tuple[tuple[int, tuple[Refusal, ...]], ...]


def open_delivered(confirmed: Sequence[Confirmed], *, call: Call) -> OpenedDelivered:
    """Open a case for each; one that can't be opened stops none of the others."""
    access.require_somewhere(call, "case.open")
    opened, refused = [], []
    for one in confirmed[:MOST_AT_ONCE]:
        try:
            opened.append(_open(one, call))
        except Refused as why:
            refused.append((one.number, tuple(why.refusals)))
    return OpenedDelivered(tuple(opened), tuple(refused))


def _open(one: Confirmed, call: Call) -> Case:
    row = CaseFact.objects.filter(pk=one.number).first()
    if row is None:
        raise Refused(fact_not_proposed(one.number))
    unit, area = row.unit, row.area
    if access.may(call, "case.open", unit=unit, area=area, quality=row.quality, workflow=row.workflow) is not None:
        raise Refused(fact_not_proposed(one.number))
    if row.state == CaseFact.State.TAKEN:
        raise Refused(refusals.fact_taken(row.fact, row.case.number if row.case else ""))
    sent = delivered_of(row, call)
    if sent is None:
        raise Refused(refusals.not_delivered(row.fact))
    chosen = as_kind(sent, one.kind or row.kind, call)
    if chosen is None:
        raise Refused(refusals.submission_kind_unknown(one.kind))
    kind, given = chosen
    unit = one.unit or row.unit
    area = area or call.book[DISTRICT].area_of_unit.get(unit, "")
    # A number of the hotline is one case, whatever becomes of this row.
    once = sha256(orjson.dumps(["delivered", row.record, row.number])).hexdigest()
    with transaction.atomic(using=str(settings.PEOPLE_DATABASE)):
        sealed = seal_identity(sent.reporter(), area=area, call=call)
        parties = [PartyGiven(kind.sender, sealed=sealed)] if sealed else []
        if (about := _about(row, kind.about, sent, call)) is not None:
            parties.append(about)
        if row.workflow != kind.workflow:
            # An officer takes it for the other kind: it is that workflow's fact now.
            CaseFact.objects.filter(pk=row.pk).update(workflow=kind.workflow, act=kind.act, kind=one.kind)
        done = open_case(
            kind.workflow,
            kind.act,
            given,
            unit=unit,
            call=call,
            parties=parties,
            happened=row.day,
            facts=[row.fact],
            once=once,
        )
    return done.case


def delivered_of(row: CaseFact, call: Call) -> DeliveredFact | None:
    """What was delivered, as it holds now; None where the book takes it for no submission."""
    access.require_somewhere(call, "case.open")
    feed = feed_of(call.book, row.record)
    fact = Fact.objects.filter(pk=row.now).select_related("delivery").first()
    if feed is None or fact is None or row.number is None:
        return None
    said = FactSaid(
        fact.id,
        fact.record,
        fact.unit,
        fact.area,
        fact.occurred_on,
        fact.delivery.learned_on,
        orjson.loads(fact.body),
    )
    return read_delivered(feed, said, call)


def _about(row: CaseFact, role: str, sent: DeliveredFact, call: Call) -> PartyGiven | None:
    """Whom it is about, as the ledger knows them."""
    if not sent.about:
        return None
    named = about_role(sent.feed, call.book)
    alias = FactParty.objects.filter(fact_id=row.now, role=named).values_list("alias_id", flat=True).first()
    return PartyGiven(role, alias=alias) if alias is not None else PartyGiven(role, name=sent.about)
