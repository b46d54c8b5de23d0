"""What listings mean: the measures that hold of an enterprise, and those that a department has to carry out. Those of a
file are read with the file (``queries/quality_files.py``).

``own_restrictions``  of the actor's own enterprise
``to_carry_out``      of all enterprises within reach, by those of the own unit; narrowed and paged in SQL
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.models import Q

from zhiheng.database.paging import Keyset, Page
from zhiheng.engines.restrictions import Restriction
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.restrictions import RESTRICTIONS, RestrictionMatrix
from zhiheng.ledger.fact_ranges import within_deliveries_of
from zhiheng.ledger.models import Alias, Fact, FactParty
from zhiheng.ledger.standing import stands
from zhiheng.people import access
from zhiheng.projections.models import Card
from zhiheng.quality_file.restrictions import listing_of, listing_roles, restrictions_from, restrictions_of
from zhiheng.quality_file.scope_filters import facts_within
from zhiheng.queries.own_file import subject_of
from zhiheng.queries.quality_files import open_file

READ = "file.read"
PAGE = 50
# A listing that ended longer ago than this has no measure left that could be taken back in time.
_ENDED_LATELY = dt.timedelta(days=62)


def own_restrictions(*, call: Call) -> tuple[Restriction, ...]:
    """The measures that hold of the actor's own enterprise today."""
    view, _ = open_file(subject_of(call.actor), act="firm.open", call=call)
    return restrictions_of(view, book=call.book)


@dataclass(frozen=True)
class ListedEnterprise:
    """A listing with the measures of it that concern the reader, all of its list where the reader is of none of the
    departments.
    """

    subject: int
    name: str
    area: str
    restrictions: tuple[Restriction, ...]


def own_departments(matrix: RestrictionMatrix, book: Book, units: Collection[str]) -> frozenset[str]:
    """The kinds of departments to which some units belong."""
    own = set(units)
    return frozenset(
        name
        for name, each in matrix.departments.items()
        if any(unit.id in own and each.hands_in in unit.records for unit in book[DISTRICT].units)
    )


def to_carry_out(*, after: str, call: Call) -> Page[ListedEnterprise]:
    """The listings within reach that have measures today, the latest first: of a reader who is of one of the
    departments, the measures of that department alone.

    5 statements, however many listings there are.
    """
    access.require_somewhere(call, READ)
    matrix, roles = call.book[RESTRICTIONS], listing_roles(call.book)
    if matrix is None:
        return Page((), "")
    mine = own_departments(matrix, call.book, [holding.unit for holding in call.actor.holdings if holding.unit])
    recent = Q(valid_until=None) | Q(valid_until__gte=call.today - _ENDED_LATELY)
    facts = Fact.objects.filter(
        facts_within(access.scope(call, READ)),
        recent,
        stands(call.today),
        within_deliveries_of(roles),
        occurred_on__lte=call.today,
    )
    page = Keyset("-occurred_on", "-id").page(facts.defer("row", "leaf"), after, PAGE)
    subjects = _subjects(page.rows, roles)
    cards = {card.subject: card for card in Card.objects.filter(subject__in=set(subjects.values()))}
    found = []
    for fact in page.rows:
        subject = subjects.get(fact.id)
        if subject is None:
            continue
        card = cards.get(subject)
        area = card.area if card is not None and card.area else fact.area
        measures = restrictions_from([listing_of(fact, subject, area)], call.today, book=call.book)
        shown = tuple(one for one in measures if not mine or one.measure.department in mine)
        if shown:
            found.append(ListedEnterprise(subject, card.name if card is not None else "", area, shown))
    return page.made(found)


def _subjects(facts: Collection[Fact], roles: Mapping[str, str]) -> dict[int, int]:
    """Fact -> the enterprise that it lists."""
    record_of = {fact.id: fact.record for fact in facts}
    links = FactParty.objects.filter(fact_id__in=record_of).values_list("fact_id", "role", "alias_id")
    named = {fact: alias for fact, role, alias in links if role == roles[record_of[fact]]}
    subjects = dict(Alias.objects.filter(id__in=set(named.values())).values_list("id", "subject_id"))
    return {fact: subjects[alias] for fact, alias in named.items()}


__all__ = ["ListedEnterprise", "own_departments", "own_restrictions", "to_carry_out"]
