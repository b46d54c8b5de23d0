"""Look through what is new in the ledger for facts because of which a case is to be opened, or something done in a
running one: they are proposed to officers. Nothing is opened and no act is done here.

Work follows what is new: how far each act has looked is kept, and written in the transaction with what was found.
Begun anew (the book says otherwise, or a row is gone) it finds the same; what was taken up or declined stays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import orjson
from django.conf import settings
from django.db import transaction

from zhiheng.actions.cases import line_writer
from zhiheng.database.turns import WritePauses
from zhiheng.engines.workflow.from_facts import FactSaid, Opener, key_of, openers_of, proposed
from zhiheng.engines.workflow.of_book import case_book
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.ledger.models import Fact
from zhiheng.office import case_log
from zhiheng.office.case_facts import CaseFact, CaseFactWatch
from zhiheng.people import access
from zhiheng.quality_file.bulk_statements import last_fact
from zhiheng.queries.delivered import DeliveredFact, feeds_of, read_delivered

# So many numbers of facts are looked through in one transaction: officers wait meanwhile, and pages give up after 5 s.
AT_ONCE = 250


@dataclass
class Watched:
    """What was found: how many facts were proposed, how many propose nothing any more, how much was told in cases."""

    proposed: int = 0
    lapsed: int = 0
    told: int = 0


@dataclass(frozen=True)
class NewFact:
    """A fact with what it is to an earlier one."""

    said: FactSaid
    kind: str
    concerns: int | None


def facts_wait(book: Book) -> bool:
    """Whether there are facts that were not looked through, or the book looks for others than before (two queries)."""
    known = dict(CaseFactWatch.objects.values_list("name", "digest"))
    if known != _digests(book):
        return True
    if not known:
        return False
    last = last_fact()
    return CaseFactWatch.objects.filter(fact__lt=last).exists()


def _digests(book: Book) -> dict[str, str]:
    acts = {one.name: one.digest for some in openers_of(book).values() for one in some}
    return acts | {feed.name: feed.digest for feed in feeds_of(book)}


def watch_facts(*, call: Call, report: Callable[[str, int, int | None], None] = lambda *_: None) -> Watched:
    """Look through what is new; returns what was found."""
    access.require(call, "ledger.verify")
    done = Watched()
    seen = _begun(call, done)
    if not seen:
        return done
    last, low = last_fact(), min(seen.values())
    records = sorted({*openers_of(call.book), *(feed.spec.record for feed in feeds_of(call.book))})
    pauses = WritePauses(str(settings.PEOPLE_DATABASE))
    while low < last:
        high = min(low + AT_ONCE, last)
        facts = _read(low, high, records)
        with transaction.atomic(using=str(settings.PEOPLE_DATABASE)):
            case_log.lock()
            seen = dict(CaseFactWatch.objects.values_list("name", "fact"))
            looked = _Looking(call, seen, done)
            for fact in facts:
                looked.at(fact)
            CaseFactWatch.objects.filter(fact__lt=high).update(fact=high)
        low = high
        report("因事实立案 facts for cases", low, last)
        pauses.between()
    return done


def _begun(call: Call, done: Watched) -> dict[str, int]:
    """How far each act has looked. Where the book says otherwise than before it begins anew, and what waited because of
    the old words waits no more, unless it is found again.
    """
    wanted = _digests(call.book)
    with transaction.atomic(using=str(settings.PEOPLE_DATABASE)):
        for watch in CaseFactWatch.objects.all():
            if wanted.get(watch.name) != watch.digest:
                workflow, _, act = watch.name.partition(".")
                waiting = CaseFact.objects.filter(workflow=workflow, act=act, state=CaseFact.State.WAITING)
                done.lapsed += waiting.filter(number=None).update(state=CaseFact.State.LAPSED)
                watch.delete()
        known = dict(CaseFactWatch.objects.values_list("name", "fact"))
        CaseFactWatch.objects.bulk_create(
            CaseFactWatch(name=name, digest=digest) for name, digest in wanted.items() if name not in known
        )
    return dict.fromkeys(wanted, 0) | known


def _read(low: int, high: int, records: Sequence[str]) -> list[NewFact]:
    rows = Fact.objects.filter(id__gt=low, id__lte=high, record__in=records).order_by("id")
    names = ("id", "record", "unit", "area", "occurred_on", "delivery__learned_on", "body", "kind", "concerns")
    return [
        NewFact(FactSaid(number, record, unit, area, on, learned, orjson.loads(body)), kind, concerns)
        for number, record, unit, area, on, learned, body, kind, concerns in rows.values_list(*names)
    ]


class _Looking:
    """Looks at facts one after the other, under the lock of all cases."""

    def __init__(self, call: Call, seen: Mapping[str, int], done: Watched) -> None:
        self.call, self.seen, self.done = call, seen, done
        self.time = case_book(call.book).time
        self.openers = openers_of(call.book)
        self.feeds = feeds_of(call.book)

    def at(self, fact: NewFact) -> None:
        """One fact."""
        if fact.kind != Fact.Kind.STATEMENT:
            self._changed(fact)
            return
        for opener in self.openers.get(fact.said.record, ()):
            if self.seen.get(opener.name, 0) < fact.said.number:
                self._stated(opener, fact.said)
        for feed in self.feeds:
            if feed.spec.record == fact.said.record and self.seen.get(feed.name, 0) < fact.said.number:
                self._delivered(read_delivered(feed, fact.said, self.call))

    # -- what is said anew ---------------------------------------------------------------------------------------------

    def _stated(self, opener: Opener, said: FactSaid) -> None:
        found, key = proposed(opener, said, self.time), key_of(opener, said)
        before = list(CaseFact.objects.filter(key=key, workflow=opener.workflow).order_by("id"))
        if any(
            row.fact == said.number and row.opens == opener.opens and row.state != row.State.LAPSED for row in before
        ):
            return
        if opener.opens:
            self._later(opener, said, before)
        if found is None:
            return
        running = next(
            (row.case_id for row in reversed(before) if row.state == row.State.TAKEN and self._runs(row)), None
        )
        if not opener.opens and running is None:
            return
        values = {
            "act": opener.act,
            "now": said.number,
            "record": said.record,
            "unit": self._holder(running) or said.unit,
            "area": said.area,
            "quality": opener.quality,
            "key": key,
            "day": found.day,
            "shows_on": found.shows_on,
            "due": found.due if running is None else None,
            "state": CaseFact.State.WAITING,
            "case_id": running,
            "seen_at": self.call.now,
        }
        CaseFact.objects.update_or_create(
            workflow=opener.workflow, opens=opener.opens, fact=said.number, defaults=values
        )
        self.done.proposed += 1

    def _later(self, opener: Opener, said: FactSaid, before: Sequence[CaseFact]) -> None:
        """The same thing is spoken of again: what was due to be proposed later is not, where something came before."""
        if opener.spec.once_past is None:
            return
        for row in before:
            if row.state == row.State.WAITING and row.opens and row.fact != said.number:
                row.state = row.State.LAPSED
                row.save(update_fields=["state"])
                self.done.lapsed += 1

    def _runs(self, row: CaseFact) -> bool:
        return row.case_id is not None and not line_writer.has_ended(row.case_id)

    def _holder(self, case: int | None) -> str:
        return line_writer.holder_of(case) if case is not None else ""

    # -- what is corrected or withdrawn --------------------------------------------------------------------------------

    def _changed(self, fact: NewFact) -> None:
        """A fact was corrected or withdrawn: what waits is looked at again, what was taken up is told in its case."""
        said, withdrawn = fact.said, fact.kind == Fact.Kind.WITHDRAWAL
        for row in CaseFact.objects.filter(now=fact.concerns or 0, fact__lt=said.number).order_by("id"):
            row.now = said.number
            if row.state == row.State.TAKEN and row.case_id is not None:
                self.tell(row.case_id, _withdrawn(row) if withdrawn else _corrected(row), said.number)
            elif row.state == row.State.WAITING and (withdrawn or (row.number is None and not self._still(row, said))):
                row.state = row.State.LAPSED
                self.done.lapsed += 1
            row.save()

    def _still(self, row: CaseFact, said: FactSaid) -> bool:
        """Whether what was corrected still proposes what it did; its days are those of the correction."""
        acts = (one for one in self.openers.get(row.record, ()) if (one.workflow, one.act) == (row.workflow, row.act))
        opener = next(acts, None)
        found = proposed(opener, said, self.time) if opener is not None else None
        if found is None:
            return False
        row.shows_on, row.day, row.key, row.area = found.shows_on, found.day, found.key, said.area
        row.due = found.due if row.case_id is None else None
        return True

    def tell(self, case: int, text: str, fact: int) -> None:
        """Say in a case what became of what it rests on. A fact is told once."""
        with line_writer.open_for_writing(case, self.call) as opened:
            lines = (line for line in opened.lines if line.act == case_log.FACT)
            if any(case_log.data_of(line).get("fact") == fact for line in lines):
                return
            signer = line_writer.Signer.of(self.call)
            line_writer.write_machine_line(opened, case_log.FACT, {"text": text, "fact": fact}, signer)
        self.done.told += 1

    # -- what other bodies send ----------------------------------------------------------------------------------------

    def _delivered(self, sent: DeliveredFact | None) -> None:
        """A complaint or a report of the hotline: proposed once under its number; what it says anew is told."""
        if sent is None:
            return
        said = sent.fact
        before = CaseFact.objects.filter(record=said.record, number=sent.number).first()
        if before is not None:
            self._again(before, sent)
            return
        if not sent.open or CaseFact.objects.filter(workflow=sent.workflow, opens=True, fact=said.number).exists():
            return
        CaseFact.objects.create(
            workflow=sent.workflow,
            act=sent.act,
            fact=said.number,
            now=said.number,
            record=said.record,
            unit=sent.unit,
            area=said.area,
            quality=sent.quality,
            key=sent.key,
            number=sent.number,
            said=sent.digest,
            kind=sent.kind,
            day=sent.day,
            shows_on=said.learned_on,
            due=sent.due,
            seen_at=self.call.now,
        )
        self.done.proposed += 1

    def _again(self, row: CaseFact, sent: DeliveredFact) -> None:
        if row.fact >= sent.fact.number or row.said == sent.digest:
            return
        row.now, row.said = sent.fact.number, sent.digest
        if row.case_id is not None and row.state == row.State.TAKEN:
            text = f"热线 {sent.number} 再次来件，内容有变化：\n{sent.text}"
            self.tell(row.case_id, text, sent.fact.number)
        row.save(update_fields=["now", "said"])


def _corrected(row: CaseFact) -> str:
    return f"立案所依据的事实 {row.fact} 已被更正为事实 {row.now}；请核对案件中填写的内容是否仍然成立。"


def _withdrawn(row: CaseFact) -> str:
    return f"立案所依据的事实 {row.fact} 已被报送单位撤回（事实 {row.now}）；请决定案件是否继续办理。"


__all__ = ["Watched", "facts_wait", "watch_facts"]
