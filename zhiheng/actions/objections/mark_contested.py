"""Mark what is shown to the public while an objection to it is open or was upheld.

Marks are derived from objections, which may lie in another database: each run brings about the same marks, however
often it has begun.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.publication.entry_writer import clear_contested, contest, raise_versions
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.publication_pages import PublicationRule
from zhiheng.ledger import bulk
from zhiheng.people import access
from zhiheng.published.models import PublishedEntry
from zhiheng.queries import publishable
from zhiheng.queries.objection_holds import current_marks, is_behind, marks_of, wanted_marks


def mark(*, call: Call) -> int:
    """Bring the marks on published entries in line with open objections. Changed lists get a new version.

    Returns:
        How many entries changed.

    Raises:
        Refused: where the actor may not.
    """
    access.require(call, "publication.propose")
    if not is_behind(call.book):
        return 0
    with transaction.atomic():
        bulk.lock()
        wanted, marked = wanted_marks(call.book), current_marks()
        gone = [number for number in marked if number not in wanted]
        changed = {number: state for number, state in wanted.items() if marked.get(number) != state}
        numbers = sorted({*gone, *changed})
        clear_contested(gone)
        contest(changed, call.now)
        lists: set[str] = set()
        for some in publishable.parts(numbers):
            lists |= set(PublishedEntry.objects.filter(pk__in=some).values_list("list", flat=True))
        raise_versions(dict.fromkeys(lists, 0), call.now)
        if numbers:
            audit.write(
                call,
                "publication.mark_objections",
                f"entries:{numbers[0]}-{numbers[-1]}",
                detail={"marked": len(changed), "cleared": len(gone)},
            )
    return len(numbers)


def mark_new(entries: Sequence[tuple[int, int]], rules: Mapping[str, PublicationRule], now: dt.datetime) -> None:
    """Mark what was just put up in spite of an objection, in the transaction that put it up: (entry, fact)."""
    if entries:
        records = [record for record, rule in rules.items() if rule.objection.marked]
        contest(marks_of([fact for _, fact in entries], records), now)
