"""Enterprises of the ledger as parties of a case: found by name or code within reach, with the cases that they had."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.models import Q

from zhiheng.grammar.call import Call
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger.models import Alias
from zhiheng.office.cases import CasePartyRow, CaseStandingRow
from zhiheng.people import access
from zhiheng.projections.models import Card
from zhiheng.projections.search import SearchFilters
from zhiheng.queries import refusals
from zhiheng.queries.cases import CaseInList, cases_of, readable
from zhiheng.queries.enterprises import find_enterprises

MOST = 10


@dataclass(frozen=True, slots=True)
class EnterpriseAsParty:
    """An enterprise of the ledger: ``alias`` is the name by which a case takes it, so that the case follows where the
    name belongs to another enterprise later. ``cases``: how many cases it had that the reader may see.
    """

    subject: int
    alias: int | None
    name: str
    code: str
    address: str
    cases: int


def find_parties(text: str, *, call: Call) -> tuple[EnterpriseAsParty, ...]:
    """The first enterprises within reach that a name or a code finds; none for an empty text."""
    if not text.strip():
        return ()
    found = find_enterprises(text, SearchFilters(), order="recent", after="", call=call, limit=MOST)
    return _as_parties([hit.card for hit in found.page.rows], call)


def enterprise_as_party(subject: int, *, call: Call) -> EnterpriseAsParty:
    """An enterprise that was chosen. Raises Refused where there is none within reach."""
    access.require_somewhere(call, "enterprise.list")
    card = Card.objects.filter(subject=subject).first()
    if card is None or access.may(call, "enterprise.list", area=card.area, subject=subject) is not None:
        raise Refused(refusals.subject_absent(subject))
    return _as_parties([card], call)[0]


def _as_parties(cards: Collection[Card], call: Call) -> tuple[EnterpriseAsParty, ...]:
    subjects = [card.subject for card in cards]
    aliases = list(
        Alias.objects.filter(subject_id__in=subjects).order_by("id").only("id", "name", "code", "subject_id")
    )
    had = _cases_before({alias.pk: alias.subject_id for alias in aliases}, subjects, call)
    return tuple(
        EnterpriseAsParty(
            card.subject,
            _alias_of(card, [alias for alias in aliases if alias.subject_id == card.subject]),
            card.name,
            card.code,
            card.address,
            len(had.get(card.subject, ())),
        )
        for card in cards
    )


def _alias_of(card: Card, aliases: Collection[Alias]) -> int | None:
    """The name that is called as the card is: with its code where there is one."""
    ranked = sorted(aliases, key=lambda one: (one.name != card.name, one.code != card.code, one.pk))
    return ranked[0].pk if ranked else None


def _cases_before(owners: Mapping[int, int], subjects: Collection[int], call: Call) -> dict[int, set[int]]:
    """Subject -> its cases that the reader may see (one query)."""
    if access.scope(call, "case.read").nothing:
        return {}
    named = Q(alias__in=list(owners)) | Q(alias=None, subject__in=subjects)
    rows = CasePartyRow.objects.filter(named, case__in=CaseStandingRow.objects.filter(readable(call)).values("case"))
    found: dict[int, set[int]] = {}
    for case, alias, subject in rows.values_list("case_id", "alias", "subject"):
        owner = owners.get(alias) if alias is not None else subject
        if owner is not None:
            found.setdefault(owner, set()).add(case)
    return found


def cases_before(case: int, *, call: Call) -> tuple[tuple[str, tuple[CaseInList, ...]], ...]:
    """Of each enterprise of a case that had others: its name, and those that the reader may see, the latest first."""
    access.require_somewhere(call, "case.read")
    found = []
    for party in CasePartyRow.objects.filter(case=case).exclude(alias=None, subject=None).order_by("id"):
        subject = party.subject
        if party.alias is not None:
            subject = Alias.objects.filter(pk=party.alias).values_list("subject_id", flat=True).first()
        if subject is None:
            continue
        others = tuple(one for one in cases_of(subject, call=call).rows if one.case.pk != case)
        if others:
            found.append((party.name, others))
    return tuple(found)
