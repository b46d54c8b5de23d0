"""Open one fact: its sheet as far as somebody may see it, and what they may do with it. A reading, not a change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from zhiheng.grammar.loader import Book
from zhiheng.kernel.actor import Actor
from zhiheng.kernel.reasons import Refusal, Refused
from zhiheng.ledger.fact_sheet import FactSheet, Proof, fact_sheet, proof_of
from zhiheng.people import access
from zhiheng.projections.models import Card


@dataclass(frozen=True)
class FactRead:
    """A sheet, and the acts that the actor may do on the fact."""

    sheet: FactSheet
    may: frozenset[str]
    areas: frozenset[str]


ACTS = ("fact.correct", "fact.withdraw", "fact.read_secret", "proof.export")


def read_fact(fact: int, *, actor: Actor, book: Book, now: dt.datetime, through: int | None = None) -> FactRead:
    """The sheet of a fact with secret fields masked. ``through``: the enterprise whose file it is opened through.

    Raises Refused where there is no such fact; to whoever may not see it there is none either: a number guessed tells nothing.
    """
    access.require_somewhere(actor, "fact.read", book=book, today=now.date())
    areas = card_areas(through)
    scope = access.scope(actor, "fact.read", book=book, today=now.date())
    sheet = fact_sheet(fact, book=book, scope=scope, card_areas=areas)
    if sheet is None:
        raise Refused(absent(fact))
    about = subjects_of(sheet)
    places = frozenset({sheet.area, *(area for subject, area in areas.items() if subject in about)}) - {""}
    may = frozenset(
        act
        for act in ACTS
        if access.may(
            actor, act, book=book, today=now.date(), unit=sheet.unit, area=places, record=sheet.record, subject=about
        ) is None
    )  # fmt: skip
    return FactRead(sheet, may, places)


def read_proof(fact: int, *, actor: Actor, book: Book, now: dt.datetime, through: int | None = None) -> Proof:
    """The way from a fact to the root of its delivery, for whoever may see the fact."""
    read_fact(fact, actor=actor, book=book, now=now, through=through)
    proof = proof_of(fact)
    if proof is None:
        raise Refused(absent(fact))
    return proof


def card_areas(subject: int | None) -> dict[int, str]:
    """The area of an enterprise's card, by its number; empty where it has none."""
    if subject is None:
        return {}
    return dict(Card.objects.filter(subject=subject).exclude(area="").values_list("subject", "area"))


def subjects_of(sheet: FactSheet) -> Collection[int]:
    """Whom a fact is about, today."""
    return sorted({party.subject for party in sheet.parties if party.subject is not None})


def absent(fact: int) -> Refusal:
    """Why there is no sheet."""
    return Refusal(
        "fact.absent", f"没有编号为 {fact} 的事实，或者您无权查看；请从企业档案或报送页面打开。",
        f"There is no fact {fact}, or you may not see it; open it from a file or a delivery.",
    )  # fmt: skip
