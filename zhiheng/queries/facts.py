"""One fact: its sheet as far as the actor may see it, and the acts that they may do with it. A reading, not a
change.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from zhiheng.grammar.call import Call
from zhiheng.kernel.reasons import Refused
from zhiheng.office.models import PublicationRequest
from zhiheng.people import access
from zhiheng.projections.models import Card
from zhiheng.published.models import PublishedEntry
from zhiheng.quality_file.doubts import doubts_of
from zhiheng.quality_file.fact_detail import FactSheet, Proof, fact_sheet, proof_of
from zhiheng.queries import publishable, refusals
from zhiheng.queries.readings import note_reading


@dataclass(frozen=True)
class PublicationStanding:
    """How far a fact is on its way to the public: what is shown of it, or the request that waits for a decision."""

    entry: str = ""
    request: int | None = None


@dataclass(frozen=True)
class FactRead:
    """A sheet, the acts that the actor may do on the fact, and how far its publication is where the actor may know."""

    sheet: FactSheet
    may: frozenset[str]
    areas: frozenset[str]
    publication: PublicationStanding = PublicationStanding()
    # Doubts that show only beside other facts.
    found: tuple[str, ...] = ()


ACTS = ("fact.correct", "fact.withdraw", "fact.read_secret", "proof.export")
PUBLICATION = ("publication.read", "publication.propose")


def read_fact(fact: int, *, call: Call, through: int | None = None) -> FactRead:
    """The sheet of a fact with secret fields masked.

    Args:
        through: the enterprise whose file it is opened through.

    Raises:
        Refused: where there is no such fact; one outside of the actor's reach counts as absent, so that guessing
            numbers reveals nothing.
    """
    access.require_somewhere(call, "fact.read")
    areas = card_areas(through)
    scope = access.scope(call, "fact.read")
    sheet = fact_sheet(fact, book=call.book, scope=scope, card_areas=areas)
    if sheet is None:
        raise Refused(refusals.fact_absent(fact))
    about = subjects_of(sheet)
    # One line for an enterprise and a day, however many of its facts are opened; a fact about nobody has its own.
    note_reading(call, "fact.read", about, otherwise=f"fact:{fact}", detail={"fact": fact})
    places = frozenset({sheet.area, *(area for subject, area in areas.items() if subject in about)}) - {""}
    may = frozenset(
        act
        for act in ACTS
        if access.may(call, act, unit=sheet.unit, area=places, record=sheet.record, subject=about) is None
    )
    # Publication asks for the area of the fact alone; whose file it was opened through changes nothing.
    public = {
        act
        for act in PUBLICATION
        if access.may(call, act, unit=sheet.unit, area=sheet.area, quality=sheet.quality, record=sheet.record) is None
    }
    found = doubts_of([fact]).get(fact, ())
    if not public or sheet.record not in publishable.ready(call.book):
        return FactRead(sheet, may, places, found=found)
    publication = _publication(fact)
    if publication != PublicationStanding() or sheet.withdrawn or sheet.replaced_by or sheet.later:
        public -= {"publication.propose"}
    return FactRead(
        sheet, may | public, places, publication if "publication.read" in public else PublicationStanding(), found
    )


def _publication(fact: int) -> PublicationStanding:
    """How far the fact is today."""
    entry = (
        PublishedEntry.objects.filter(fact=fact, state=PublishedEntry.State.SHOWN)
        .values_list("public_id", flat=True)
        .first()
    )
    if entry is not None:
        return PublicationStanding(entry=entry)
    waiting = PublicationRequest.objects.filter(fact=fact, state__in=PublicationRequest.UNDECIDED)
    return PublicationStanding(request=waiting.order_by("-pk").values_list("pk", flat=True).first())


def read_proof(fact: int, *, call: Call, through: int | None = None) -> Proof:
    """The path from a fact to the root of its delivery, for actors who may see the fact.

    Args:
        through: the enterprise whose file it is opened through.
    """
    read_fact(fact, call=call, through=through)
    proof = proof_of(fact)
    if proof is None:
        raise Refused(refusals.fact_absent(fact))
    return proof


def card_areas(subject: int | None) -> dict[int, str]:
    """The area of an enterprise's card, by its number; empty where it has none."""
    if subject is None:
        return {}
    return dict(Card.objects.filter(subject=subject).exclude(area="").values_list("subject", "area"))


def subjects_of(sheet: FactSheet) -> Collection[int]:
    """The subjects of a fact, as linked today."""
    return sorted({party.subject for party in sheet.parties if party.subject is not None})
