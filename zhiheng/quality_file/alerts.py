"""The urgent part of a file on a day: open problems, expiries soon and past. By the book's ``cards`` page.

The same engine that makes the card decides (``engines/cards.py``); here it is given only the statements that can
matter, so that it works for any day, and within any scope.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Q

from zhiheng.engines.cards import CardPlan, CardStatement, PartySpelling, card_of
from zhiheng.grammar.book import Book
from zhiheng.kernel.actor import Scope
from zhiheng.ledger.models import Fact, FactParty
from zhiheng.quality_file.standing import stands
from zhiheng.quality_file.timeline import FileHead, FileLine, _facts_of, _line, plan_for, records_of

_LOOKED_THROUGH = 2_000
_YEAR = dt.timedelta(days=366)
_MONTH = dt.timedelta(days=31)


@dataclass(frozen=True)
class Urgent:
    """Open problems, the latest first; coming expiries, the next first; expiries within a year without a renewal.

    Of each at most ``limit`` lines; ``open_in_all`` and the like say how many there are, ``open_facts`` which problems
    are open and ``open_of`` how many of each record.
    """

    problems: tuple[FileLine, ...] = ()
    ending: tuple[FileLine, ...] = ()
    ended: tuple[FileLine, ...] = ()
    open_in_all: int = 0
    ending_in_all: int = 0
    ended_in_all: int = 0
    open_facts: frozenset[int] = frozenset()
    open_of: Mapping[str, int] = field(default_factory=dict)


def urgent(
    head: FileHead,
    *,
    book: Book,
    scope: Scope,
    as_of: dt.date,
    known_on: dt.date | None = None,
    card_area: str = "",
    kind: str = "enterprise",
    limit: int = 8,
) -> Urgent:
    """What is urgent in the file of a subject (2 statements)."""
    plan = plan_for(book, kind)
    if plan is None:
        return Urgent()
    months = max((problem.said.months for problem in plan.problems), default=0)
    lately = as_of - _MONTH * (months + 1)
    wanted = Q(record__in=sorted(plan.expiring), valid_until__gte=as_of - _YEAR)
    for problem in plan.problems:
        wanted |= Q(record=problem.record, outcome__in=problem.said.outcome, occurred_on__gte=lately)
        for settler in problem.settlers:
            settled = Q(record=settler.record, occurred_on__gte=lately)
            wanted |= settled & Q(outcome__in=settler.outcomes) if settler.outcomes else settled
    # Whoever only had a hand in it (a laboratory with a hundred thousand samples) is spoken of in no such role.
    roles_meant = {role for source in plan.expiring.values() for role in source.roles}
    roles_meant |= {role for problem in plan.problems for role in problem.roles}
    roles_meant |= {role for of_record in plan.settling.values() for role in of_record}
    about = _facts_of(head.subject, scope, card_area, as_of, known_on, sorted(roles_meant))
    about = about.filter(stands(as_of, known_on)).filter(wanted)
    found = list(
        about.select_related("delivery").defer("row", "leaf").order_by("-occurred_on", "-id")[:_LOOKED_THROUGH]
    )
    links: dict[int, list[tuple[str, int]]] = {}
    own = FactParty.objects.filter(alias_id__in=[s.alias for s in head.spellings], fact_id__in=[f.id for f in found])
    for fact, role, alias in own.values_list("fact_id", "role", "alias_id"):
        links.setdefault(fact, []).append((role, alias))
    said = [
        CardStatement(
            f.id,
            role,
            alias,
            f.record,
            f.unit,
            str(f.occurred_on),
            None if f.valid_until is None else str(f.valid_until),
            f.outcome,
            f.area,
            True,
            f.body,
        )
        for f in found
        for role, alias in links.get(f.id, ())
    ]
    roles = {fact: tuple(sorted({role for role, _ in those})) for fact, those in links.items()}
    return pressing(head, said, {f.id: f for f in found}, roles, plan=plan, book=book, as_of=as_of, limit=limit)


def pressing(
    head: FileHead,
    said: Sequence[CardStatement],
    facts: Mapping[int, Fact],
    roles: Mapping[int, tuple[str, ...]],
    *,
    plan: CardPlan,
    book: Book,
    as_of: dt.date,
    limit: int,
) -> Urgent:
    """What is urgent among statements that stand; ``facts`` are those that may be shown, with their deliveries."""
    spellings = {
        s.alias: PartySpelling(s.alias, s.name, s.code, s.code_kind, s.address, s.place) for s in head.spellings
    }
    card = card_of(head.subject, said, spellings, plan, as_of)
    if card is None:
        return Urgent()
    some = list(facts.values())
    records = records_of({f.delivery_id: f.record for f in some}, {f.delivery_id: f.delivery for f in some}, book)

    def lines(numbers: Sequence[int]) -> tuple[FileLine, ...]:
        return tuple(
            _line(facts[n], records[facts[n].delivery_id], roles[n], None, None, book)
            for n in numbers[:limit]
            if n in facts
        )

    problems = sorted(card.problems, key=lambda n: (str(facts[n].occurred_on) if n in facts else "", n), reverse=True)
    return Urgent(
        lines(problems),
        lines(card.ending),
        lines(card.ended),
        len(problems),
        len(card.ending),
        len(card.ended),
        frozenset(problems),
        Counter(facts[n].record for n in problems if n in facts),
    )
