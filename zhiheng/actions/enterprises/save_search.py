"""Save a search under a name, to run it again. Saving under a name that is in use replaces that search."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

from django.conf import settings
from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.enterprises import refusals
from zhiheng.grammar.call import Call
from zhiheng.kernel.reasons import Refused
from zhiheng.people import access
from zhiheng.people.models import SavedSearch

MOST = 30
_NAME = 60
_QUERY = 2000
# Where in a list somebody was is no part of what they look for.
_PLACE_IN_LIST = ("after", "csrfmiddlewaretoken")


def save_search(name: str, query: str, *, call: Call) -> SavedSearch:
    """Save a query string of the list of enterprises for the account that acts.

    Returns:
        The saved search.

    Raises:
        Refused: without an account, a name or a condition, or where there are too many.
    """
    access.require_somewhere(call, "search.save")
    name = " ".join(name.split())
    said = [(key, value) for key, value in parse_qsl(query) if key not in _PLACE_IN_LIST]
    kept = urlencode(said)
    if not name or len(name) > _NAME:
        raise Refused(refusals.search_name_malformed(_NAME))
    if not kept or len(kept) > _QUERY:
        raise Refused(refusals.search_empty())
    if call.actor.account is None:
        raise Refused(refusals.search_without_account())
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        own = SavedSearch.objects.filter(owner_id=call.actor.account)
        if not own.filter(name=name).exists() and own.count() >= MOST:
            raise Refused(refusals.too_many_searches(MOST))
        saved: SavedSearch
        saved, _ = SavedSearch.objects.update_or_create(
            owner_id=call.actor.account, name=name, defaults={"query": kept, "saved_at": call.now}
        )
        audit.write(call, "search.save", f"search:{saved.pk}", detail={"name": name})
    return saved
