"""Doubts that show only beside other facts, and in whichever order they came in.

A row that says something of an enterprise after the register says that it had ended; two sheets of one file that give
one matter two outcomes on one day; two rows of one file about one matter that can't both be right; a code under two
names that have nothing in common. Both facts stay as they are; the doubt is kept beside them, shown with them, and
holds back their publication until an officer has looked. What is no longer so (the register was corrected, a row
withdrawn) goes with the next refresh.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

import orjson
from django.db import transaction
from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet

from zhiheng.engines.cards import CardPlan, roles_needed
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.cards import CARDS, registers
from zhiheng.grammar.chapters.records import RECORDS, RecordEntry
from zhiheng.kernel.doubts import IDENTITY_DOUBTFUL, PARTY_ENDED, ROWS_DISAGREE, SHEETS_DISAGREE
from zhiheng.kernel.fields.base import FieldType
from zhiheng.ledger import bulk, standing
from zhiheng.ledger.aliases import DOUBTS, CodeSide, contested
from zhiheng.ledger.chain import tables
from zhiheng.ledger.models import AuditLine, Delivery, Fact, FactParty, LikelyMatch
from zhiheng.projections.models import Card, FoundDoubt, Refresh
from zhiheng.quality_file import bulk_statements

_SOME = 500


# -- what is said of an enterprise after its end -------------------------------------------------------------------


def of_the_ended(plan: CardPlan, touched: Collection[int] | None, *, today: dt.date) -> int:
    """Look at the enterprises among ``touched`` (None: at all) that exist no more; returns how many facts are
    doubtful.
    """
    if not plan.page.ended:
        return 0
    ended = Card.objects.filter(status__in=plan.page.ended)
    before = FoundDoubt.objects.filter(code=PARTY_ENDED)
    if touched is None:
        wanted = sorted({*ended.values_list("subject", flat=True), *_subjects(before)})
    else:
        wanted = sorted(
            {
                subject
                for some in _pieces(sorted(touched))
                for query in (
                    ended.filter(subject__in=some).values_list("subject", flat=True),
                    _subjects(before.filter(subject__in=some)),
                )
                for subject in query
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


def _subjects(found: QuerySet[FoundDoubt]) -> set[int]:
    """The subjects that doubts are about; doubts of a single fact have none."""
    return {subject for subject in found.values_list("subject", flat=True).distinct() if subject is not None}


def _after_the_end(plan: CardPlan, subjects: Sequence[int], today: dt.date) -> Iterator[FoundDoubt]:
    until = bulk_statements.last_fact()
    told = bulk_statements.told_of(
        subjects, until=until, today=today, gone=standing.all_replaced(until), bodies=roles_needed(plan.bodies())
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


# -- one code under two names ---------------------------------------------------------------------------------------


def of_the_contested(book: Book, touched: AbstractSet[int] | None) -> int:
    """Find doubts about facts under a code whose holder is contested; returns how many facts are doubtful among those.

    ``touched``: the subjects that new facts and acts concern (None: all). Subjects that stand in a pair with one of
    them are included: a fact of the register about the one may clear or accuse the other. A decided pair accuses no
    subject any more.
    """
    state, _ = Refresh.objects.get_or_create(part="contested")
    with transaction.atomic():
        # A decision on a pair holds this lock until it is written: no line of an earlier number comes afterwards.
        bulk.lock()
        last = AuditLine.objects.order_by("-id").values_list("id", flat=True).first() or 0
    sides = contested(registers(book[CARDS]))
    before = FoundDoubt.objects.filter(code=IDENTITY_DOUBTFUL)
    doubted = _subjects(before)
    wanted = sides.keys() | doubted
    if touched is not None:
        waiting = _pairs(decision="").exclude(alias__subject_id=F("other__subject_id"))
        beside = {s for pair in waiting.values_list(*_SIDES) if not touched.isdisjoint(pair) for s in pair}
        beside |= _decided(state.fact, last)
        wanted = (wanted & beside) | (sides.keys() ^ doubted)
    count = 0
    for some in _pieces(sorted(wanted)):
        found = [
            FoundDoubt(fact=fact, code=IDENTITY_DOUBTFUL, subject=subject, other=other)
            for subject in some
            if subject in sides
            for fact, other in _said_under(sides[subject])
        ]
        with transaction.atomic():
            before.filter(subject__in=some).delete()
            FoundDoubt.objects.bulk_create(found, ignore_conflicts=True, batch_size=_SOME)
        count += len(found)
    state.fact = last
    state.save(update_fields=["fact"])
    return count


def _decided(after: int, last: int) -> set[int]:
    """The subjects of pairs that were decided since a line of the trail: each decision writes a line."""
    lines = AuditLine.objects.filter(id__gt=after, id__lte=last, verb__in=("likely.same", "likely.different"))
    numbers = sorted(int(about.rpartition(":")[2]) for about in lines.values_list("about", flat=True))
    return {s for some in _pieces(numbers) for pair in _pairs().filter(id__in=some).values_list(*_SIDES) for s in pair}


_SIDES = ("alias__subject_id", "other__subject_id")


def _pairs(**which: str) -> QuerySet[LikelyMatch]:
    return LikelyMatch.objects.filter(kind__in=DOUBTS, **which)


def _said_under(side: CodeSide) -> Iterator[tuple[int, int]]:
    """The facts of one side that were not flagged when they came, each with the first fact of the other side (0: it has
    none).
    """
    first = FactParty.objects.filter(alias_id__in=side.against).aggregate(first=Min("fact_id"))["first"]
    flagged = Fact.objects.filter(id=OuterRef("fact_id"), flags__contains=IDENTITY_DOUBTFUL)
    links = FactParty.objects.filter(~Exists(flagged), alias_id__in=side.aliases)
    for fact in links.values_list("fact_id", flat=True).distinct().iterator():
        yield fact, first or 0


# -- two sheets or two rows of one file ------------------------------------------------------------------------------


def within_files(book: Book, *, whole: bool = False) -> int:
    """Look at the files that were received since the last time; returns how many doubts were found in them."""
    state, _ = Refresh.objects.get_or_create(part="doubts")
    last = Delivery.objects.order_by("-id").values_list("id", flat=True).first() or 0
    new = tables().filter(id__gt=0 if whole else state.fact, id__lte=last, fact_count__gt=0)
    files = set(new.values_list("file_digest", "unit", "record"))
    # A row that was withdrawn or corrected since then disagrees with nothing.
    acts = Delivery.objects.filter(id__gt=state.fact, id__lte=last, source__in=("correction", "withdrawal")).exists()
    count = 0
    for digest, unit, record in sorted(files):
        entry = book[RECORDS].get(record)
        if entry is None or not (entry.record.key or entry.record.matter):
            continue
        parts = list(tables().filter(file_digest=digest, unit=unit, record=record, fact_count__gt=0).order_by("id"))
        found = list(_contradicting(parts, entry))
        if len({(part.file_name, part.table_name) for part in parts}) > 1:
            found += _disagreeing(parts, entry.record.matter)
        with transaction.atomic():
            FoundDoubt.objects.bulk_create(found, ignore_conflicts=True, batch_size=_SOME)
        count += len(found)
    if acts:
        _forget_settled()
    state.fact = last
    state.save(update_fields=["fact"])
    return count


# Of so many different rows about one matter each further one is compared with these only.
_COMPARED = 8


def _contradicting(parts: Sequence[Delivery], entry: RecordEntry) -> Iterator[FoundDoubt]:
    """The facts of one file that speak of one matter on one day and can't both be right, each with the first that it
    contradicts.

    Two sheets that give one matter two outcomes are left to ``_disagreeing``.
    """
    record = entry.record
    same = {*record.key, *record.matter, *record.each, record.on}
    types = {name: kind for kinds in entry.types.values() for name, kind in kinds.items() if name not in same}
    together = _about_one_matter(parts, entry)
    gone = standing.replaced({number for rows in together for number in rows})
    for rows in together:
        live = [number for number in rows if number not in gone]
        compared: list[tuple[Fact, Mapping[str, Any]]] = []
        for some in _pieces(live):
            for fact in Fact.objects.filter(id__in=some).order_by("id").only("id", "body", "outcome", "delivery_id"):
                said: Mapping[str, Any] = orjson.loads(fact.body)
                other = next((o for o, told in compared if _contradict(types, (fact, said), (o, told))), None)
                if other is not None and not _of_two_sheets(parts, fact, other):
                    yield FoundDoubt(fact=fact.id, code=ROWS_DISAGREE, other=other.id)
                    yield FoundDoubt(fact=other.id, code=ROWS_DISAGREE, other=fact.id)
                if len(compared) < _COMPARED and all(said != told for _, told in compared):
                    compared.append((fact, said))


def _contradict(
    types: Mapping[str, FieldType], one: tuple[Fact, Mapping[str, Any]], other: tuple[Fact, Mapping[str, Any]]
) -> bool:
    """Whether two facts about one matter can't both be right: another outcome, contradicting fields, or no common party
    in a role.
    """
    outcomes = {fact.outcome for fact, _ in (one, other) if fact.outcome is not None}
    if len(outcomes) > 1 or any(kind.contradicts(one[1].get(name), other[1].get(name)) for name, kind in types.items()):
        return True
    here, there = _who(one[1]), _who(other[1])
    return any(here[role].isdisjoint(there[role]) for role in here.keys() & there.keys())


def _who(said: Mapping[str, Any]) -> dict[str, set[str]]:
    """Role -> the codes and names of those in it."""
    found: dict[str, set[str]] = {}
    for party in said.get("parties", ()):
        found.setdefault(party["role"], set()).update(party[what] for what in ("code", "name") if party.get(what))
    return found


def _of_two_sheets(parts: Sequence[Delivery], one: Fact, other: Fact) -> bool:
    """Whether two facts stand in different tables and have different outcomes."""
    if one.outcome is None or other.outcome is None or one.outcome == other.outcome:
        return False
    where = {part.id: (part.file_name, part.table_name) for part in parts}
    return where[one.delivery_id] != where[other.delivery_id]


def _about_one_matter(parts: Sequence[Delivery], entry: RecordEntry) -> list[list[int]]:
    """The statements of one file that speak of one matter on one day, two or more each: numbers of facts, ascending."""
    here = Q()
    for part in parts:
        assert part.first_fact is not None
        here |= Q(id__range=(part.first_fact, part.first_fact + part.fact_count - 1))
    rows = Fact.objects.filter(here, kind=Fact.Kind.STATEMENT)
    together: dict[tuple[Any, ...], list[int]] = {}
    if entry.record.key:
        said = rows.filter(thing__isnull=False)
        things = said.values_list("thing", "occurred_on").annotate(rows=Count("id")).filter(rows__gt=1).order_by()
        wanted = sorted({thing for thing, _, _ in things})
        for some in _pieces(wanted):
            for number, thing, on in (
                said.filter(thing__in=some).order_by("id").values_list("id", "thing", "occurred_on")
            ):
                together.setdefault((thing, on), []).append(number)
        return [numbers for numbers in together.values() if len(numbers) > 1]
    # Keys of 64 bits first, so that a long table takes little memory; which rows speak of one matter is then told by
    # the words.
    seen: set[int] = set()
    again: set[int] = set()
    for key in map(hash, (what for _, what in _matters(rows, entry))):
        (again if key in seen else seen).add(key)
    if again:
        for number, what in _matters(rows, entry):
            if hash(what) in again:
                together.setdefault(what, []).append(number)
    return [numbers for numbers in together.values() if len(numbers) > 1]


def _matters(rows: QuerySet[Fact], entry: RecordEntry) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Of each row that says so: its number, and the matter, the part of it and the day that it speaks of."""
    record = entry.record
    for number, body, on in rows.order_by("id").values_list("id", "body", "occurred_on").iterator():
        if (matter := _matter(body, record.matter)) is not None:
            told = orjson.loads(body) if record.each else {}
            yield number, (*matter, *(orjson.dumps(told.get(name)) for name in record.each), str(on))


def _disagreeing(parts: Sequence[Delivery], matter: Sequence[str]) -> Iterator[FoundDoubt]:
    """The facts of different tables that give one matter two outcomes on one day, each with the one that it disagrees
    with.
    """
    told: dict[tuple[Any, str], dict[str, tuple[int, tuple[str, str]]]] = {}
    for part in parts:
        assert part.first_fact is not None
        numbers = range(part.first_fact, part.first_fact + part.fact_count)
        rows = Fact.objects.filter(~standing.is_replaced(), id__range=(numbers[0], numbers[-1]))
        rows = rows.filter(kind=Fact.Kind.STATEMENT, outcome__isnull=False)
        where = (part.file_name, part.table_name)
        for number, thing, body, on, outcome in rows.values_list(
            "id", "thing", "body", "occurred_on", "outcome"
        ).iterator():
            what = thing if thing is not None else _matter(body, matter)
            if what is None or outcome is None:
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
    doubts = FoundDoubt.objects.filter(code__in=(SHEETS_DISAGREE, ROWS_DISAGREE))
    numbers = sorted({number for pair in doubts.values_list("fact", "other") for number in pair})
    for settled in _pieces(sorted(standing.replaced(numbers))):
        doubts.filter(Q(fact__in=settled) | Q(other__in=settled)).delete()


def _pieces(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    return (numbers[start : start + _SOME] for start in range(0, len(numbers), _SOME))
