"""Enterprises of the ledger as parties of a case: found by name or code within reach."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from zhiheng.grammar.call import Call
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger.models import Alias
from zhiheng.people import access
from zhiheng.projections.models import Card
from zhiheng.projections.search import SearchFilters
from zhiheng.queries import refusals
from zhiheng.queries.enterprises import find_enterprises

MOST = 10


@dataclass(frozen=True, slots=True)
class EnterpriseAsParty:
    """An enterprise of the ledger: ``alias`` is the name by which a case takes it, so that the case follows where the
    name belongs to another enterprise later.
    """

    subject: int
    alias: int | None
    name: str
    code: str
    address: str


def find_parties(text: str, *, call: Call) -> tuple[EnterpriseAsParty, ...]:
    """The first enterprises within reach that a name or a code finds; none for an empty text."""
    if not text.strip():
        return ()
    found = find_enterprises(text, SearchFilters(), order="recent", after="", call=call, limit=MOST)
    return _as_parties([hit.card for hit in found.page.rows])


def enterprise_as_party(subject: int, *, call: Call) -> EnterpriseAsParty:
    """An enterprise that was chosen. Raises Refused where there is none within reach."""
    access.require_somewhere(call, "enterprise.list")
    card = Card.objects.filter(subject=subject).first()
    if card is None or access.may(call, "enterprise.list", area=card.area, subject=subject) is not None:
        raise Refused(refusals.subject_absent(subject))
    return _as_parties([card])[0]


def _as_parties(cards: Collection[Card]) -> tuple[EnterpriseAsParty, ...]:
    subjects = [card.subject for card in cards]
    aliases = list(
        Alias.objects.filter(subject_id__in=subjects).order_by("id").only("id", "name", "code", "subject_id")
    )
    return tuple(
        EnterpriseAsParty(
            card.subject,
            _alias_of(card, [alias for alias in aliases if alias.subject_id == card.subject]),
            card.name,
            card.code,
            card.address,
        )
        for card in cards
    )


def _alias_of(card: Card, aliases: Collection[Alias]) -> int | None:
    """The name that is called as the card is: with its code where there is one."""
    ranked = sorted(aliases, key=lambda one: (one.name != card.name, one.code != card.code, one.pk))
    return ranked[0].pk if ranked else None
