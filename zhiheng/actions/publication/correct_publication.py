"""Correct something published: a corrected entry takes its place with a notice; the old one is never edited.

What the ledger says is corrected there (correct_fact), and the corrected entry is proposed by itself. This act is for
the other case: the fact is right, and what is shown of it is not, because a rule of the book was wrong when it was
published.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.publication import refusals
from zhiheng.actions.publication.approve import check_notice
from zhiheng.actions.publication.entry_writer import EntryToWrite, Shelf
from zhiheng.actions.publication.rebuild_open_data import after_a_withdrawal
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.kernel.reasons import Refusal, Refused
from zhiheng.ledger import bulk
from zhiheng.ledger.models import Fact
from zhiheng.people import access
from zhiheng.published import entry_text
from zhiheng.published.models import PublishedEntry
from zhiheng.queries import publishable


def correct(public_id: str, *, notice: Mapping[str, str], reason: str, call: Call) -> str:
    """Replace an entry by its rendering as of today, with a notice in both languages.

    Returns:
        The public id of the new entry.

    Raises:
        Refused: where nothing would change, the notice is missing or identifies a person, or it may not be shown any
            more.
    """
    if not reason.strip() or not all(notice.get(side, "").strip() for side in ("zh", "en")):
        raise Refused(refusals.correction_needs_notice())
    with transaction.atomic():
        bulk.lock()
        old = PublishedEntry.objects.filter(public_id=public_id).first()
        if old is None or old.state != PublishedEntry.State.SHOWN:
            raise Refused(refusals.entry_not_shown())
        quality = call.book[RECORDS][old.record].record.quality if old.record in call.book[RECORDS] else None
        access.require(call, "publication.correct", record=old.record, area=old.area, unit=old.unit, quality=quality)
        anew = _made_anew(old, call.book, call.now, notice)
        shelf = Shelf(call)
        # A fact is shown once at a time, so the old one goes first.
        shelf.take_down([old], state=PublishedEntry.State.CORRECTED, cause="corrected", reason=reason)
        (new,) = shelf.put_up([anew])
        shelf.succeed([(old, new)])
        shelf.close()
        audit.write(
            call, "publication.correct", old.public_id, detail={"by": new.public_id, "reason": reason, "fact": old.fact}
        )
        transaction.on_commit(lambda: after_a_withdrawal([old.list], book=call.book, now=call.now))
        return str(new.public_id)


def _made_anew(old: PublishedEntry, book: Book, now: dt.datetime, notice: Mapping[str, str]) -> EntryToWrite:
    """What the rule of today shows of the same fact; the time of display goes on from where it began."""
    fact = Fact.objects.get(pk=old.fact)
    releaser = publishable.ready(book).get(fact.record)
    if releaser is None:
        raise Refused(refusals.record_no_longer_published())
    told = publishable.told(fact)
    made = releaser.release(told, today=now.date())
    if isinstance(made, Refusal):
        raise Refused(made)
    check_notice(notice, releaser.secrets(told, made.person))
    shown = [(v.zh, v.en, v.masked) if v is not None else None for v in made.values]
    if (entry_text.packed(shown), made.title.zh, made.title.en) == (old.values, old.title_zh, old.title_en):
        raise Refused(refusals.correction_changes_nothing())
    return EntryToWrite(
        fact,
        made,
        releaser,
        old,
        notice,
        old.show_until if made.until is None else min(made.until, old.show_until or made.until),
    )
