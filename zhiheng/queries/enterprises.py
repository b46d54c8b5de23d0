"""Search enterprises within the actor's reach; a search by a text leaves a line in the trail."""

from __future__ import annotations

from dataclasses import dataclass

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
    page = search(text, scope=scope, filters=filters, after=after, limit=limit, order=order)
    if text and not after:
        trail.note(
            call, "enterprise.search", "enterprises", detail={"text": plain_words(text), "found": len(page.rows)}
        )
    saved = (
        () if call.actor.account is None else SavedSearch.objects.filter(owner_id=call.actor.account).order_by("name")
    )
    counted = None if text or after else total(scope, filters, order)
    return EnterpriseList(page, tuple(Saved(s.pk, s.name, s.query) for s in saved), counted)
