"""Propose and approve all undoubted facts in one go, for a portal that is filled for the first time from many thousand
facts.

The same rules and the same rows as proposing everything and then approving everything (tests compare the two), in one
pass: each fact is rendered once, and the request is written as decided. Facts with a doubt or an objection, or that
replace an entry, are left to be decided one by one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.publication import refusals
from zhiheng.actions.publication.entry_writer import EntryToWrite, Shelf
from zhiheng.actions.publication.propose_publication import ProposalCandidate, RequestProposal, candidates, write
from zhiheng.engines.publication import Releaser
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.kernel.actor import Actor
from zhiheng.kernel.progress import Progress
from zhiheng.kernel.reasons import Refusal, Refused
from zhiheng.ledger import bulk as ledger
from zhiheng.ledger import standing
from zhiheng.ledger.models import Fact
from zhiheng.office.models import PublicationMark, PublicationRequest
from zhiheng.people import access
from zhiheng.published import store
from zhiheng.published.models import PublishedEnterprise
from zhiheng.queries import objection_holds, publishable

# So many facts in one transaction: nobody else is served while a portal is filled, so it need not be short.
STEP = 4_000


@dataclass
class Filled:
    """What came of it: how many were looked at, how many proposals of each kind were made, how many are shown now."""

    facts: int = 0
    proposed: int = 0
    published: int = 0
    asked: set[tuple[str, str, str]] = field(default_factory=set)


def publish_in_bulk(
    *,
    proposer: Actor,
    approver: Actor,
    book: Book,
    now: dt.datetime,
    reason: str,
    leave: Collection[int] = (),
    since: Mapping[str, dt.date] | None = None,
    progress: Progress | None = None,
) -> Filled:
    """Continue from the last fact that was examined. May be stopped and begun again.

    Args:
        leave: facts that are proposed and stay open.
        since: record -> day before which its facts are passed over.

    Returns:
        What was published, and what was left.
    """
    access.require(Call(proposer, book, now), "publication.propose")
    if proposer.kind != "system" and proposer.id == approver.id:
        raise Refused(refusals.proposer_approves())
    done, rules = Filled(), publishable.ready(book)
    last = PublishedEnterprise.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    while rules and _some(rules, proposer, approver, book, now, reason, frozenset(leave), since or {}, last, done):
        if progress:
            progress("公示 publishing", done.published, None)
    store.note_statistics()
    return done


def newest_failures(count: int, *, book: Book, now: dt.datetime) -> list[int]:
    """The facts of the latest adverse results that would be proposed without a doubt: what an officer tries the queue
    with.
    """
    rules, found = publishable.ready(book), []
    mark = PublicationMark.objects.filter(name="facts").values_list("value", flat=True).first() or 0
    facts = Fact.objects.filter(record__in=sorted(rules), outcome="fail", id__gt=mark).order_by("-occurred_on", "-id")
    for fact in facts[: count * 40]:
        made = rules[fact.record].release(publishable.told(fact), today=now.date())
        if not isinstance(made, Refusal) and not made.doubts and standing.holds(fact):
            found.append(fact.id)
        if len(found) == count:
            break
    return found


def newest_of_each(most: int, *, book: Book) -> dict[str, dt.date]:
    """The day from which on a record has about so many facts; records with fewer are left out, and the one of who an
    enterprise is.
    """
    days = {}
    chapter = publishable.chapter(book)
    for record in sorted(set(chapter.rules) - {chapter.portal.enterprise_record}):
        facts = Fact.objects.filter(record=record).order_by("-occurred_on").values_list("occurred_on", flat=True)
        if (day := next(iter(facts[most : most + 1]), None)) is not None:
            days[record] = day
    return days


def _some(
    rules: Mapping[str, Releaser],
    proposer: Actor,
    approver: Actor,
    book: Book,
    now: dt.datetime,
    reason: str,
    leave: frozenset[int],
    since: Mapping[str, dt.date],
    last_enterprise: int,
    done: Filled,
) -> bool:
    with transaction.atomic():
        ledger.lock()
        mark, _ = PublicationMark.objects.select_for_update().get_or_create(name="facts")
        facts = publishable.said(Fact.objects.filter(id__gt=mark.value, record__in=sorted(rules)).order_by("id")[:STEP])
        if not facts:
            return False
        recent = [fact for fact in facts if fact.occurred_on >= since.get(fact.record, dt.date.min)]
        found = candidates(recent, rules, Call(proposer, book, now), gone_by=last_enterprise)
        clear = [
            each
            for each in found
            if each.release is not None
            and each.request.verb == PublicationRequest.Verb.PUBLISH
            and not each.release.doubts
            and each.fact.id not in leave
        ]
        records: dict[int, str] = {each.fact.id: each.fact.record for each in clear}
        against = objection_holds.against(records, records, book=book, today=now.date())
        clear = [each for each in clear if each.fact.id not in against]
        _may(clear, approver, book, now, done)
        shelf = Shelf(Call(approver, book, now))
        shelf.put_up([EntryToWrite(each.fact, each.release, rules[each.fact.record]) for each in clear if each.release])
        shelf.close()
        decided = {each.fact.id for each in clear}
        write([each.request for each in found if each.fact.id not in decided])
        _write([each.request for each in clear], approver, now, reason)
        mark.value = facts[-1].id
        mark.save()
        done.facts += len(facts)
        done.proposed += len(found)
        done.published += len(clear)
        if found:
            about, words = f"facts:{facts[0].id}-{facts[-1].id}", {"requests": len(found)}
            audit.write_as(actor=proposer, verb="publication.propose", about=about, at=now, detail=words)
        if clear:
            told = {"count": len(clear), "reason": reason}
            audit.write_as(actor=approver, verb="publication.publish", about=about, at=now, detail=told)
    return True


def _may(clear: Sequence[ProposalCandidate], approver: Actor, book: Book, now: dt.datetime, done: Filled) -> None:
    """Ask once for each record, area and unit whether the approver may publish it."""
    for record, area, unit in dict.fromkeys((each.fact.record, each.fact.area, each.fact.unit) for each in clear):
        if (record, area, unit) not in done.asked:
            access.require(
                Call(approver, book, now),
                "publication.approve",
                record=record,
                area=area,
                unit=unit,
                quality=book[RECORDS][record].record.quality,
            )
            done.asked.add((record, area, unit))


def _write(requests: Sequence[RequestProposal], approver: Actor, now: dt.datetime, reason: str) -> None:
    """The requests as decided."""
    by = str(approver)
    decided = [
        each._replace(state=PublicationRequest.State.APPROVED.value, decided_by=by, decided_at=now, decision=reason)
        for each in requests
    ]
    store.append(PublicationRequest, RequestProposal._fields, decided)
