"""Approve or reject publication requests. The approver publishes exactly what was shown: if the text changed meanwhile,
it is shown again.

A second pair of eyes: the proposer does not approve. Proposals of the system itself may be approved by any approver.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import QuerySet

from zhiheng.actions import audit
from zhiheng.actions.objections import mark_contested
from zhiheng.actions.publication import refusals
from zhiheng.actions.publication.entry_writer import EntryToWrite, Shelf
from zhiheng.actions.publication.rebuild_open_data import after_a_withdrawal
from zhiheng.engines.plain_words import identifying
from zhiheng.engines.publication import Release
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.kernel.actor import Actor, same_person
from zhiheng.kernel.progress import Progress
from zhiheng.kernel.reasons import Refusal, Refused
from zhiheng.ledger import bulk, standing
from zhiheng.ledger.models import Fact
from zhiheng.office.models import PublicationRequest
from zhiheng.people import access
from zhiheng.published.models import PublishedEntry
from zhiheng.quality_file.doubts import doubts_beside
from zhiheng.queries import objection_holds, publishable

# So many in one transaction: a receiver waits for the writing lock no longer than a moment.
STEP = 500


@dataclass
class Decided:
    """What came of a decision about several requests."""

    approved: list[int] = field(default_factory=list)
    rejected: list[int] = field(default_factory=list)
    # Decided already, outdated, or no longer what was shown: request -> why.
    left: dict[int, Refusal] = field(default_factory=dict)
    # Lists from which something went: their bulk files are made anew.
    gone_from: set[str] = field(default_factory=set)


def approve(
    requests: Sequence[int],
    *,
    call: Call,
    reason: str = "",
    notice: Mapping[str, str] | None = None,
    until: dt.date | None = None,
    despite: str = "",
) -> Decided:
    """Publish, correct, replace or take down what these requests ask for; each is checked again in its transaction.

    Args:
        notice: the public's notice of a correction, ``zh`` and ``en``.
        until: an earlier last day, where an officer decides so (with a reason).
        despite: why it is published although an enterprise objects, where the law of the record lets it go on.

    Returns:
        The requests approved, and those left with their reasons.

    Raises:
        Refused: where the actor may not approve one of them, or proposed it; nothing is done then.
    """
    check_notice(notice)
    if until is not None and not reason.strip():
        raise Refused(refusals.earlier_end_needs_reason())
    done = Decided()
    for some in _steps(requests):
        with transaction.atomic():
            bulk.lock()
            _approve_some(some, call, reason, notice, until, done, despite)
    _mend_files(done.gone_from, call.book, call.now)
    return done


def approve_all(
    matching: QuerySet[PublicationRequest], *, call: Call, reason: str = "", progress: Progress | None = None
) -> int:
    """Approve every open request of a query without doubts, step by step. May be stopped and begun again.

    Returns:
        How many.

    Raises:
        Refused: where the actor may not.
    """
    after, done = 0, Decided()
    matching = matching.filter(state=PublicationRequest.State.OPEN, doubts=[])
    while some := list(matching.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:STEP]):
        after = some[-1]
        with transaction.atomic():
            bulk.lock()
            _approve_some(some, call, reason, None, None, done)
        if progress:
            progress("公示 publishing", len(done.approved), None)
    _mend_files(done.gone_from, call.book, call.now)
    return len(done.approved)


def _mend_files(lists: set[str], book: Book, now: dt.datetime) -> None:
    """Bulk files without what went, once the transaction that took it down has ended."""
    if lists:
        transaction.on_commit(lambda: after_a_withdrawal(sorted(lists), book=book, now=now))


def reject(requests: Sequence[int], *, reason: str, call: Call) -> Decided:
    """Decide that a proposal is not carried out; with a reason, which the file keeps.

    Returns:
        The requests rejected, and those left with their reasons.

    Raises:
        Refused: without a reason, or where the actor may not.
    """
    if not reason.strip():
        raise Refused(refusals.declining_needs_reason())
    done = Decided()
    for some in _steps(requests):
        with transaction.atomic():
            bulk.lock()
            for request in _open(some, call, done):
                done.rejected.append(request.pk)
            PublicationRequest.objects.filter(pk__in=done.rejected, state__in=PublicationRequest.UNDECIDED).update(
                state=PublicationRequest.State.REJECTED,
                decided_by=str(call.actor),
                decided_at=call.now,
                decision=reason,
            )
            _told(call.actor, "publication.reject", some, done.rejected, call.now, reason)
    return done


def _approve_some(
    numbers: Sequence[int],
    call: Call,
    reason: str,
    notice: Mapping[str, str] | None,
    until: dt.date | None,
    done: Decided,
    despite: str = "",
) -> None:
    requests = _open(numbers, call, done)
    shelf = Shelf(call)
    rules = publishable.ready(call.book)
    facts = Fact.objects.in_bulk([request.fact for request in requests])
    entries = PublishedEntry.objects.filter(state=PublishedEntry.State.SHOWN).in_bulk(
        [r.entry for r in requests if r.entry is not None]
    )
    shown = set(
        PublishedEntry.objects.filter(
            state=PublishedEntry.State.SHOWN, fact__in=[r.fact for r in requests]
        ).values_list("fact", flat=True)
    )
    against = objection_holds.against(
        (r.fact for r in requests if r.verb in objection_holds.HELD_BACK),
        {r.fact: r.record for r in requests},
        book=call.book,
        today=call.today,
    )
    found = doubts_beside(facts)
    gone = standing.replaced(facts)
    holds = standing.latest({fact.thing for fact in facts.values() if fact.thing is not None})
    up: list[tuple[PublicationRequest, EntryToWrite]] = []
    down: dict[str, list[tuple[PublicationRequest, PublishedEntry]]] = {}
    for request in requests:
        fact = facts.get(request.fact)
        before = entries.get(request.entry) if request.entry is not None else None
        if request.entry is not None and before is None:
            _leave(
                request,
                done,
                refusals.entry_gone(),
                call.now,
            )
        elif request.verb == PublicationRequest.Verb.WITHDRAW:
            assert before is not None
            down.setdefault(request.cause, []).append((request, before))
        elif (
            fact is None
            or fact.record not in rules
            or (request.fact in shown and request.verb == PublicationRequest.Verb.PUBLISH)
        ):
            _leave(
                request,
                done,
                refusals.shown_already(),
                call.now,
            )
        elif fact.id in gone or (fact.thing is not None and holds.get(fact.thing) not in (None, fact.id)):
            _leave(
                request,
                done,
                refusals.fact_outdated(),
                call.now,
            )
        else:
            made = rules[fact.record].release(publishable.told(fact, tuple(found.get(fact.id, ()))), today=call.today)
            if isinstance(made, Refusal):
                _leave(request, done, made, None if request.state == PublicationRequest.State.BLOCKED else call.now)
            elif publishable.described(made)[1] != request.digest:
                _renew(request, made, done)
            elif request.verb in objection_holds.HELD_BACK and (
                held := objection_holds.still_held(against.get(fact.id), despite)
            ):
                done.left[request.pk] = held
            elif made.doubts and not f"{reason}{despite}".strip():
                done.left[request.pk] = refusals.doubts_need_reason(made.doubts)
            else:
                if until is not None and made.until is not None and until > made.until:
                    raise Refused(refusals.shown_longer_than_allowed(made.until))
                check_notice(notice, rules[fact.record].secrets(publishable.told(fact), made.person))
                up.append(
                    (
                        request,
                        EntryToWrite(
                            fact, made, rules[fact.record], before, _notice(request, call.book, notice), until
                        ),
                    )
                )
    _put_up(shelf, up)
    overruled = {request.fact: request for request, _ in up if request.fact in against}
    shown_now = PublishedEntry.objects.filter(fact__in=list(overruled), state=PublishedEntry.State.SHOWN).values_list(
        "pk", "fact"
    )
    mark_contested.mark_new(list(shown_now) if overruled else [], publishable.chapter(call.book).rules, call.now)
    done.gone_from |= {each.before.list for _, each in up if each.before is not None}
    done.gone_from |= {entry.list for both in down.values() for _, entry in both}
    for cause, both in down.items():
        shelf.take_down(
            [entry for _, entry in both],
            state=PublishedEntry.State.WITHDRAWN,
            cause=cause,
            reason=reason,
            due_on=min((r.due_on for r, _ in both if r.due_on), default=None),
        )
    shelf.close()
    approved = [request.pk for request, _ in up] + [request.pk for both in down.values() for request, _ in both]
    PublicationRequest.objects.filter(pk__in=approved).update(
        state=PublicationRequest.State.APPROVED, decided_by=str(call.actor), decided_at=call.now, decision=reason
    )
    for request, each in up:
        if each.release.doubts:
            # Later readers of doubts see which were there, and that somebody approved it all the same.
            looked_at = publishable.flags(each.release, found.get(each.fact.id))
            PublicationRequest.objects.filter(pk=request.pk).update(doubts=looked_at)
    for request in overruled.values():
        receipt = against[request.fact].objection.receipt
        PublicationRequest.objects.filter(pk=request.pk).update(
            decision=f"{reason} 异议（回执 {receipt}）处理期间公示的理由：{despite.strip()}".strip()
        )
    done.approved += approved
    if approved:
        said = " ".join(each for each in (reason, despite) if each) if overruled else reason
        _told(call.actor, "publication.publish", numbers, approved, call.now, said)


def _put_up(shelf: Shelf, up: Sequence[tuple[PublicationRequest, EntryToWrite]]) -> None:
    """Take down what is replaced, write what takes its place, and link the two."""
    verbs, states = PublicationRequest.Verb, PublishedEntry.State
    for verb, state, cause in (
        (verbs.CORRECT, states.CORRECTED, "corrected"),
        (verbs.REPLACE, states.WITHDRAWN, "superseded"),
    ):
        old = [each.before for request, each in up if request.verb == verb and each.before is not None]
        if old:
            shelf.take_down(old, state=state, cause=cause)
    made = {entry.fact: entry for entry in shelf.put_up([each for _, each in up])}
    shelf.succeed([(each.before, made[each.fact.id]) for _, each in up if each.before is not None])


def _notice(request: PublicationRequest, book: Book, notice: Mapping[str, str] | None) -> dict[str, str] | None:
    if request.verb != PublicationRequest.Verb.CORRECT:
        return None
    said = publishable.chapter(book).portal.causes["corrected"].notice
    return dict(notice) if notice else {"zh": said.zh, "en": said.en}


def check_notice(notice: Mapping[str, str] | None, secrets: Sequence[str] = ()) -> None:
    """Refuse a notice that would identify a person: it is read by everybody."""
    if notice is None:
        return
    if found := identifying("\n".join(notice.values()), secrets):
        raise Refused(refusals.notice_identifies_a_person(found))


def _open(numbers: Sequence[int], call: Call, done: Decided) -> list[PublicationRequest]:
    """The requests still open; raises Refused where the actor may not decide one of them."""
    found = list(PublicationRequest.objects.select_for_update().filter(pk__in=numbers).order_by("pk"))
    asked: set[tuple[str, str, str]] = set()
    requests = []
    for request in found:
        where = (request.record, request.area, request.unit)
        if where not in asked:
            entry = call.book[RECORDS].get(request.record)
            access.require(
                call,
                "publication.approve",
                record=request.record,
                area=request.area,
                unit=request.unit,
                quality=entry.record.quality if entry else None,
            )
            asked.add(where)
        if request.state not in PublicationRequest.UNDECIDED:
            _leave(
                request,
                done,
                refusals.request_decided(),
            )
            continue
        if same_person(request.proposed_by, call.actor):
            raise Refused(refusals.proposed_by_oneself())
        requests.append(request)
    missing = set(numbers) - {request.pk for request in found}
    for number in missing:
        done.left[number] = refusals.request_absent()
    return requests


def _leave(request: PublicationRequest, done: Decided, why: Refusal, now: dt.datetime | None = None) -> None:
    done.left[request.pk] = why
    if now is not None:
        PublicationRequest.objects.filter(pk=request.pk).update(
            state=PublicationRequest.State.LAPSED, decided_at=now, decision=why.zh
        )


def _renew(request: PublicationRequest, made: Release, done: Decided) -> None:
    """The rule or the fact's text is another than when it was proposed: the new text is shown before anybody approves
    it.
    """
    shown, digest = publishable.described(made)
    PublicationRequest.objects.filter(pk=request.pk).update(
        state=PublicationRequest.State.OPEN,
        shown=shown,
        digest=digest,
        until=made.until,
        title=made.title.zh,
        doubts=publishable.flags(made),
        person=made.person,
    )
    done.left[request.pk] = refusals.rule_changed()


def _steps(numbers: Sequence[int]) -> list[Sequence[int]]:
    distinct = sorted(set(numbers))
    return [distinct[start : start + STEP] for start in range(0, len(distinct), STEP)]


def _told(actor: Actor, verb: str, asked: Sequence[int], decided: Sequence[int], now: dt.datetime, reason: str) -> None:
    audit.write_as(
        actor=actor,
        verb=verb,
        about=f"requests:{asked[0]}-{asked[-1]}",
        at=now,
        detail={"requests": list(decided)[-STEP:], "count": len(decided), "reason": reason},
    )
