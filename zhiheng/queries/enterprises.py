"""Search enterprises within the actor's reach; a search by a text leaves a line in the trail."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from zhiheng.database.paging import Page
from zhiheng.engines.plain_words import plain_words
from zhiheng.grammar.call import Call
from zhiheng.people import access, trail
from zhiheng.people.models import SavedSearch
from zhiheng.projections.search import Hit as Hit
from zhiheng.projections.search import Match as Match
from zhiheng.projections.search import Order as Order
from zhiheng.projections.search import SearchFilters as SearchFilters
from zhiheng.projections.search import search, total
from zhiheng.quality_file.file_view import ways_as_counted

# A code that no area has.
NOWHERE: Final = "-"


@dataclass(frozen=True)
class Saved:
    """A search that the account saved."""

    number: int
    name: str
    query: str


@dataclass(frozen=True)
class EnterpriseList:
    """A page of cards with the account's own searches beside it. ``total``: of the first page of a list without a
    text.
    """

    page: Page[Hit]
    saved: tuple[Saved, ...]
    total: int | None = None


def hits(page: Page[Hit], *, call: Call) -> Page[Hit]:
    """The hits of a search, each with whether its numbers may be shown: a card counts for all departments, and a role
    for one quality, or for what one unit sent, opens less than it says.
    """
    ways = ways_as_counted(access.scope(call, "file.read"), call.book)
    return page.made(
        replace(
            hit,
            counted=any(
                (way.areas is None or hit.card.area in way.areas)
                and (way.subjects is None or hit.card.subject in way.subjects)
                for way in ways
            ),
        )
        for hit in page.rows
    )


def of_what_is_counted(filters: SearchFilters, order: Order, call: Call) -> SearchFilters:
    """Filters, narrowed to the areas where the reader opens all that cards count, where they, or the order, go by the
    numbers of cards: else who is found would tell them.
    """
    by_numbers = filters.problems or filters.expiring_before or filters.expired or filters.listed
    if not by_numbers and order not in ("problems", "expiry"):
        return filters
    areas = set[str]()
    for way in ways_as_counted(access.scope(call, "file.read"), call.book):
        if way.subjects is None and way.areas is None:
            return filters
        areas |= way.areas or set() if way.subjects is None else set()
    # No area has the empty code: where nothing is left, nothing is found.
    return replace(filters, areas=tuple(sorted(areas & set(filters.areas) if filters.areas else areas)) or (NOWHERE,))


def find_enterprises(
    text: str, filters: SearchFilters, *, order: Order, after: str, call: Call, limit: int = 50
) -> EnterpriseList:
    """The cards that a text and filters find, within the actor's reach.

    Only the first page of a search by text is noted: turning a page is the same search.

    Args:
        text: a name, code, licence number, product or the first letters in Pinyin; empty: all.
        order: recent, problems or expiry.
    """
    access.require_somewhere(call, "enterprise.list")
    scope = access.scope(call, "enterprise.list")
    text = " ".join(text.split())[:100]
    filters = of_what_is_counted(filters, order, call)
    page = hits(search(text, scope=scope, filters=filters, after=after, limit=limit, order=order), call=call)
    if text and not after:
        trail.note(
            call, "enterprise.search", "enterprises", detail={"text": plain_words(text), "found": len(page.rows)}
        )
    saved = (
        () if call.actor.account is None else SavedSearch.objects.filter(owner_id=call.actor.account).order_by("name")
    )
    counted = None if text or after else total(scope, filters, order)
    return EnterpriseList(page, tuple(Saved(s.pk, s.name, s.query) for s in saved), counted)
