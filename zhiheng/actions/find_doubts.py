"""Doubts that show only beside other facts, and in whichever order they came in.

A row that says something of an enterprise after the register says that it had ended; two sheets of one file that give one matter two
outcomes on one day. Both facts stay as they are; the doubt is kept beside them, shown with them, and holds back their publication
until an officer has looked. What is no longer so (the register was corrected, a row withdrawn) goes with the next refresh.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import orjson
from django.db import transaction
from django.db.models import Q

from zhiheng.engines.cards import Plan, roles_needed
from zhiheng.grammar.loader import Book
from zhiheng.kernel.doubts import PARTY_ENDED, SHEETS_DISAGREE
from zhiheng.ledger import spoken, store
from zhiheng.ledger.deliveries import tables
from zhiheng.ledger.models import Delivery, Fact
from zhiheng.projections.models import Card, FoundDoubt, Refresh

_SOME = 500


def of_facts(facts: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """The doubts that were found about facts: fact -> codes."""
    found: dict[int, tuple[str, ...]] = {}
    select = "SELECT d.fact, d.code FROM projections_founddoubt d"
    for fact, code in store.matching(select, "d.fact", sorted(facts)):
        if code not in found.get(fact, ()):
            found[fact] = (*found.get(fact, ()), code)
    return found


# -- what is said of an enterprise after its end -------------------------------------------------------------------


def of_the_ended(plan: Plan, touched: Collection[int] | None, *, today: dt.date) -> int:
    """Look at the enterprises among ``touched`` (None: at all) that exist no more; returns how many facts are doubtful."""
    if not plan.page.ended:
        return 0
    ended = Card.objects.filter(status__in=plan.page.ended)
    before = FoundDoubt.objects.filter(code=PARTY_ENDED)
    if touched is None:
        wanted = sorted({*ended.values_list("subject", flat=True), *before.values_list("subject", flat=True)})
    else:
        wanted = sorted(
            {
                subject
                for some in _pieces(sorted(touched))
                for query in (ended.filter(subject__in=some), before.filter(subject__in=some))
                for subject in query.values_list("subject", flat=True)
            }
        )
    count = 0
    for some in _pieces(wanted):
        found = list(
            _after_the_end(plan, list(ended.filter(subject__in=some).values_list("subject", flat=True)), today)
        )
        with transaction.atomic():
            before.filter(subject__in=some).delete()
            FoundDoubt.objects.bulk_create(found, ignore_conflicts=True, batch_size=_SOME)
        count += len(found)
    return count


def _after_the_end(plan: Plan, subjects: Sequence[int], today: dt.date) -> Iterator[FoundDoubt]:
    until = spoken.last_fact()
    told = spoken.told_of(
        subjects, until=until, today=today, gone=spoken.replaced(until), bodies=roles_needed(plan.bodies())
    )
    registers = {source.record: source.roles for source in plan.fields.get("status", ())}
    for subject, lines in told.lines.items():
        ends = [line for line in lines if line.standing and line.role in registers.get(line.record, ())]
        if not ends:
            continue
        end = max(ends, key=lambda line: (line.on, line.fact))
        for line in lines:
            events = plan.events.get(line.record, frozenset())
            if line.standing and line.role in events and line.on > end.on:
                yield FoundDoubt(fact=line.fact, code=PARTY_ENDED, subject=subject, other=end.fact)


# -- two sheets of one file ------------------------------------------------------------------------------------------


def between_sheets(book: Book, *, whole: bool = False) -> int:
    """Look at the files that were received since the last time; returns how many facts are doubtful."""
    state, _ = Refresh.objects.get_or_create(part="doubts")
    last = Delivery.objects.order_by("-id").values_list("id", flat=True).first() or 0
    new = tables().filter(id__gt=0 if whole else state.fact, id__lte=last, fact_count__gt=0)
    files = set(new.values_list("file_digest", "unit", "record"))
    # A row that was withdrawn or corrected since then disagrees with nothing.
    acts = Delivery.objects.filter(id__gt=state.fact, id__lte=last, source__in=("correction", "withdrawal")).exists()
    count = 0
    for digest, unit, record in sorted(files):
        entry = book.records.get(record)
        if entry is None or not (entry.record.key or entry.record.matter):
            continue
        parts = list(tables().filter(file_digest=digest, unit=unit, record=record).order_by("id"))
        if len({(part.file_name, part.table_name) for part in parts}) < 2:
            continue
        found = list(_disagreeing(parts, entry.record.matter))
        with transaction.atomic():
            FoundDoubt.objects.bulk_create(found, ignore_conflicts=True, batch_size=_SOME)
        count += len(found)
    if acts:
        _forget_settled()
    state.fact = last
    state.save(update_fields=["fact"])
    return count


def _disagreeing(parts: Sequence[Delivery], matter: Sequence[str]) -> Iterator[FoundDoubt]:
    """The facts of different tables that give one matter two outcomes on one day, each with the one that it disagrees with."""
    told: dict[tuple[Any, str], dict[str, tuple[int, tuple[str, str]]]] = {}
    for part in parts:
        assert part.first_fact is not None
        numbers = range(part.first_fact, part.first_fact + part.fact_count)
        gone = set(Fact.objects.filter(concerns__range=(numbers[0], numbers[-1])).values_list("concerns", flat=True))
        rows = Fact.objects.filter(id__range=(numbers[0], numbers[-1]), kind="statement", outcome__isnull=False)
        where = (part.file_name, part.table_name)
        for number, thing, body, on, outcome in rows.values_list(
            "id", "thing", "body", "occurred_on", "outcome"
        ).iterator():
            what = thing if thing is not None else _matter(body, matter)
            if number in gone or what is None:
                continue
            said = told.setdefault((what, str(on)), {})
            for other, (fact, there) in said.items():
                if other != outcome and there != where:
                    yield FoundDoubt(fact=number, code=SHEETS_DISAGREE, other=fact)
                    yield FoundDoubt(fact=fact, code=SHEETS_DISAGREE, other=number)
            said.setdefault(outcome, (number, where))


def _matter(body: str, names: Sequence[str]) -> tuple[str, ...] | None:
    """What a row is about, by the fields of the record that say so; None where it leaves one empty."""
    if not names:
        return None
    told: Mapping[str, Any] = orjson.loads(body)
    values = tuple(orjson.dumps(told[name]).decode() for name in names if told.get(name) is not None)
    return values if len(values) == len(names) else None


def _forget_settled() -> None:
    """Take out the doubts of which one side was corrected or withdrawn."""
    doubts = FoundDoubt.objects.filter(code=SHEETS_DISAGREE)
    numbers = sorted({number for pair in doubts.values_list("fact", "other") for number in pair})
    for some in _pieces(numbers):
        settled = set(Fact.objects.filter(concerns__in=some).values_list("concerns", flat=True))
        doubts.filter(Q(fact__in=settled) | Q(other__in=settled)).delete()


def _pieces(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    return (numbers[start : start + _SOME] for start in range(0, len(numbers), _SOME))
