"""Forget a search that was saved."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.enterprises import refusals
from zhiheng.grammar.call import Call
from zhiheng.kernel.reasons import Refused
from zhiheng.people import access
from zhiheng.people.models import SavedSearch


def forget_search(number: int, *, call: Call) -> str:
    """Delete one of the account's own saved searches.

    Returns:
        Its name.

    Raises:
        Refused: where there is none with this number; another account's search counts as absent.
    """
    access.require_somewhere(call, "search.save")
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        saved = SavedSearch.objects.filter(pk=number, owner_id=call.actor.account).first()
        if saved is None:
            raise Refused(refusals.search_absent())
        name = str(saved.name)
        saved.delete()
        audit.write(call, "search.forget", f"search:{number}", detail={"name": name})
    return name
