"""Bring the read models up to the ledger: cards and search, stored figures, deliveries owed.

All of it is derived: deleting everything and refreshing gives the same. After a delivery only the subjects are rebuilt
whose card it may have changed, after a merge or a split those it moved, and on a new day those that change by
themselves (an expiry, a fail that grows old). A change of the book's definitions rebuilds everything.

Everything is computed outside of transactions and written in short ones, since a writer on SQLite blocks the others. A
process may be killed anywhere: the watermark moves only after what it stands for, so the next run does the rest again.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256

import orjson
from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.facts import find_doubts
from zhiheng.analytics.delivery_coverage import days_told
from zhiheng.analytics.lake import Lake
from zhiheng.engines.cards import CardPlan, CardValues, SubjectTally, card_after, plan_of, roles_needed
from zhiheng.engines.comparison import bounds_of, compared
from zhiheng.engines.periods import KEPT, ReportingPeriod, periods
from zhiheng.engines.places import tell_places
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.calendars import CALENDAR
from zhiheng.grammar.chapters.cards import CARDS
from zhiheng.grammar.chapters.cockpit import COCKPITS, days_needed, year_before
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.indicators import INDICATORS
from zhiheng.grammar.chapters.law import LAW
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.grammar.chapters.targets import TARGETS
from zhiheng.kernel.deadlines import Deadline
from zhiheng.kernel.prefetch import no_garbage_collection
from zhiheng.kernel.progress import Progress, quiet
from zhiheng.ledger import standing
from zhiheng.ledger.chain import tables
from zhiheng.ledger.models import Delivery, Subject
from zhiheng.people import access
from zhiheng.projections import store, tokens
from zhiheng.projections.models import Card, Owed, Refresh, StoredFigure
from zhiheng.quality_file import bulk_statements
from zhiheng.queries.figures import Figure, open_figures

# So many subjects are read at a time, and so many facts are looked through before the watermark moves.
READ_SUBJECTS = 2_000
BLOCK_FACTS = 100_000
# A transaction is made to take about so long: others wait for SQLite's writing lock meanwhile.
SECONDS = 0.2
_KIND = "enterprise"


@dataclass
class Refreshed:
    """What a refresh did."""

    cards: int = 0
    whole: bool = False
    fact: int = 0
    figures: int = 0
    owed: int = 0
    doubts: int = 0

    def as_json(self) -> dict[str, int | bool]:
        """The result for programs."""
        return dict(vars(self))


def refresh(call: Call, progress: Progress = quiet, *, lake: Lake | None = None, whole: bool = False) -> Refreshed:
    """Bring all read models up to date. One refresh runs at a time.

    Args:
        progress: called with (what, done, total).
        lake: projected before; it gives figures and deliveries owed. Without it only cards are refreshed.
        whole: rebuild every card and figure, whatever the watermark says.

    Returns:
        What was rebuilt.

    Raises:
        Refused: where the actor may not.
    """
    # Who may have the whole ledger read and checked may have it read for this: nothing is told by it, nothing changed.
    access.require(call, "ledger.verify")
    done = Refreshed()
    with store.alone():
        # Figures first: they take a moment, however much came in, and the cards of a large delivery do not.
        if lake is not None:
            _Figures(call, lake, progress).run(done, whole=whole)
            _owed(call.book, lake, call.today, done)
        plan = plan_of(call.book, _KIND)
        if plan is not None:
            cards = _Cards(plan, call.now, progress)
            cards.run(done, whole=whole)
            touched = None if done.whole else cards.touched
            done.doubts = find_doubts.of_the_ended(plan, touched, today=call.today)
            done.doubts += find_doubts.of_the_contested(call.book, touched)
        done.doubts += find_doubts.within_files(call.book, whole=whole)
        with transaction.atomic():
            audit.write(call, "projections.refresh", "projections", detail=done.as_json())
    return done


# -- cards -------------------------------------------------------------------------------------------------------------


# A card, its subject, and what is kept counted of it.
_Made = tuple[CardValues | None, int, SubjectTally | None]


class _Pace:
    """How many cards a transaction takes: as many as are written in about SECONDS."""

    def __init__(self) -> None:
        self.size = 100

    def pieces(self, made: Sequence[_Made]) -> Iterator[Sequence[_Made]]:
        """Pieces of a list, as large as the last ones have shown to be right."""
        at = 0
        while at < len(made):
            piece = made[at : at + self.size]
            begun = time.monotonic()
            yield piece
            took = time.monotonic() - begun
            at += len(piece)
            if len(piece) == self.size:
                self.size = max(20, min(5_000, int(self.size * min(2.0, max(0.3, SECONDS / max(took, 0.001))))))


class _Cards:
    """Makes cards, and writes them."""

    def __init__(self, plan: CardPlan, now: dt.datetime, progress: Progress) -> None:
        self.plan, self.now, self.today, self.progress = plan, now, now.date(), progress
        self.bodies = roles_needed(plan.bodies())
        self.edition = store.edition_of(plan)
        self.pace = _Pace()
        self.done = 0
        # Whose picture may have changed.
        self.touched: set[int] = set()

    def run(self, done: Refreshed, *, whole: bool) -> None:
        """All that is to be done, from where the last run stopped."""
        state, _ = Refresh.objects.get_or_create(part="cards")
        until, act = bulk_statements.last_fact(), bulk_statements.last_act()
        if (
            whole
            or state.edition != self.edition
            or state.fact > until
            # The clock was set back: what was counted as over is not.
            or (state.day is not None and self.today < state.day)
            or until - state.fact > max(state.fact, BLOCK_FACTS)
            # Somebody has taken the read models away: they are made anew, not told as nothing.
            or (state.fact > 0 and bulk_statements.has_subjects(_KIND) and not Card.objects.exists())
        ):
            self._begin(state, until, act)
        if state.next_subject is not None:
            done.whole = True
            self._everything(state)
            until, act = bulk_statements.last_fact(), bulk_statements.last_act()
        self._moved(state, act)
        while state.fact < until:
            self._block(state, min(state.fact + BLOCK_FACTS, until))
        self._of_the_day(state)
        Refresh.objects.filter(part="cards").update(at=self.now)
        if done.whole or self.done > BLOCK_FACTS // 10:
            store.note_statistics()
        done.cards, done.fact = self.done, state.fact

    def _begin(self, state: Refresh, until: int, act: int) -> None:
        """From here on everything is made anew; a run that is killed goes on where it was."""
        if state.edition.partition(".")[0] not in ("", str(tokens.VERSION)):
            # What is kept was cut by other rules, so it can't be taken out piece by piece.
            store.forget_words()
        state.fact, state.act, state.edition, state.next_subject = until, act, self.edition, 1
        state.day = self.today
        state.save()

    def _everything(self, state: Refresh) -> None:
        gone = standing.all_replaced(state.fact)
        last = bulk_statements.last_subject()
        assert state.next_subject is not None
        while state.next_subject <= last:
            end = min(state.next_subject + READ_SUBJECTS - 1, last)
            subjects = bulk_statements.subjects_between(state.next_subject, end, _KIND)
            # Cards of numbers that are no subjects of this kind (any more) go as well.
            kept = Card.objects.filter(subject__range=(state.next_subject, end)).values_list("subject", flat=True)
            self._make(subjects, state.fact, gone, extra=set(kept) - set(subjects))
            state.next_subject = end + 1
            state.save(update_fields=["next_subject"])
            self.progress("cards", end, last)
        store.forget_beyond(last)
        state.next_subject = None
        state.save(update_fields=["next_subject"])

    def _moved(self, state: Refresh, act: int) -> None:
        """Subjects from which or to which names moved."""
        if act <= state.act:
            return
        self._some(bulk_statements.subjects_moved(state.act, act), state.fact)
        state.act = act
        state.save(update_fields=["act"])

    def _block(self, state: Refresh, until: int) -> None:
        """The subjects of the facts up to ``until``."""
        more: set[int] = set()
        changed: set[int] = set()
        for said_more, said_otherwise in bulk_statements.subjects_told_of(state.fact, until):
            more |= said_more
            changed |= said_otherwise
        self._some(more | changed, until, more - changed, state.fact)
        state.fact = until
        state.save(update_fields=["fact"])

    def _of_the_day(self, state: Refresh) -> None:
        """Cards that say something else from a day on, which has come."""
        due = list(
            Card.objects.filter(changes_on__lte=self.today).order_by("subject").values_list("subject", flat=True)
        )
        self._some(due, state.fact, due, state.fact)
        if state.day != self.today:
            state.day = self.today
            state.save(update_fields=["day"])

    def _some(self, subjects: Collection[int], until: int, more: Collection[int] = (), after: int = 0) -> None:
        """Make some cards; of ``more`` nothing changed but what the facts after one add."""
        if not subjects:
            return
        self.touched |= set(subjects)
        gone = standing.all_replaced(until)
        wanted = sorted(subjects)
        for start in range(0, len(wanted), READ_SUBJECTS):
            some = wanted[start : start + READ_SUBJECTS]
            found = list(Subject.objects.filter(id__in=some, kind=_KIND).values_list("id", flat=True))
            counted = store.tallies(sorted(set(found).intersection(more)))
            self._make(found, until, gone, counted=counted, after=after)
            self.progress("cards", min(start + READ_SUBJECTS, len(wanted)), len(wanted))

    def _make(
        self,
        subjects: Sequence[int],
        until: int,
        gone: Collection[int],
        extra: Collection[int] = (),
        counted: Mapping[int, SubjectTally] | None = None,
        after: int = 0,
    ) -> None:
        counted = counted or {}
        # A million small tuples that live for a moment: looking through them for cycles would cost as much as making
        # them.
        with no_garbage_collection():
            made: list[_Made] = []
            for some, since in (([s for s in subjects if s not in counted], 0), (sorted(counted), after)):
                told = bulk_statements.told_of(
                    some, until=until, today=self.today, gone=gone, bodies=self.bodies, after=since
                )
                for subject in some:
                    tally = counted.get(subject)
                    lines = told.lines[subject]
                    if tally is not None:
                        # A run that was killed may have counted some of them.
                        lines = [line for line in lines if line.fact > tally.until]
                    card, kept = card_after(
                        subject, tally, lines, told.spellings[subject], self.plan, self.today, until
                    )
                    made.append((card, subject, kept))
                del told
        made += [(None, subject, None) for subject in extra]
        made.sort(key=lambda each: each[1])
        for piece in self.pace.pieces(made):
            cards = [(card, store.entries_of(card.subject, card.words)) for card, _, _ in piece if card is not None]
            counts = {subject: tally for _, subject, tally in piece if tally is not None}
            store.write_cards(cards, [subject for _, subject, _ in piece], until, counts)
        self.done += len(subjects)


# -- figures -----------------------------------------------------------------------------------------------------------


class _Figures:
    """Asks the lake for every indicator of every area as of the days that are needed, and keeps the answers."""

    def __init__(self, call: Call, lake: Lake, progress: Progress) -> None:
        self.call, self.lake, self.progress = call, lake, progress
        book = call.book
        self.edition = sha256(
            orjson.dumps(
                [[name, book[INDICATORS][name].edition] for name in sorted(book[INDICATORS])]
                + [[name, goals.model_dump_json(by_alias=True)] for name, goals in sorted(book[TARGETS].items())]
                + [[area.code, area.parent or ""] for area in book[DISTRICT].areas]
                + [[name, list(entry.record.place_of)] for name, entry in sorted(book[RECORDS].items())]
                + [
                    [of, [str(told) for told in page.fields.get("area", ())]]
                    for of, page in sorted(book[CARDS].items())
                ]
            )
        ).hexdigest()

    def run(self, done: Refreshed, *, whole: bool) -> None:
        """What has changed since the last run: everything, or the indicators of the records that were delivered."""
        state, _ = Refresh.objects.get_or_create(part="figures")
        watermark, act = self.lake.manifest().watermark, bulk_statements.last_act()
        days = days_needed(self.call.book[COCKPITS], self.call.today)
        kept = set(StoredFigure.objects.values_list("as_of", flat=True).distinct())
        # A run that was killed, or gave way, may have left a day half written: only what a whole run has left is as it
        # should be.
        kept &= set(days_needed(self.call.book[COCKPITS], state.day)) if state.day else set()
        touched = self._touched(state.fact, watermark)
        everything = whole or state.edition != self.edition or state.act != act or state.fact > watermark
        for number, day in enumerate(days):
            names = None if everything or day not in kept else touched
            if names is None or names:
                done.figures += self._day(day, names)
            self.progress("figures", number + 1, len(days))
        if done.figures:
            some = not everything and kept.issuperset(days)
            self._against(days, touched if some else None)
        with transaction.atomic():
            StoredFigure.objects.exclude(as_of__in=days).delete()
            StoredFigure.objects.exclude(indicator__in=list(self.call.book[INDICATORS])).delete()
            StoredFigure.objects.exclude(area__in=[area.code for area in self.call.book[DISTRICT].areas]).delete()
            Refresh.objects.filter(part="figures").update(
                fact=watermark, act=act, edition=self.edition, day=self.call.today, at=self.call.now
            )

    def _touched(self, after: int, until: int) -> list[str]:
        """The indicators that read a record of which facts came in, or whose facts are counted where such a record
        says.
        """
        deliveries = Delivery.objects.filter(fact_count__gt=0, first_fact__lte=until, state=Delivery.State.ACCEPTED)
        records = {
            record
            for record, first, count in deliveries.values_list("record", "first_fact", "fact_count")
            if first is not None and first + count - 1 > after
        }
        if records & tell_places(self.call.book):
            records |= {name for name, entry in self.call.book[RECORDS].items() if entry.record.place_of}
        return [
            name
            for name, indicator in self.call.book[INDICATORS].items()
            if records & {measure.record for measure in indicator.measures()}
        ]

    def _day(self, day: dt.date, names: Sequence[str] | None) -> int:
        written_ = 0
        figures = open_figures(None, as_of=day, act="ledger.verify", call=self.call, lake=self.lake)
        for area, found in figures.of_every_area(names):
            rows = [self._row(area, figure) for figure in found]
            with transaction.atomic():
                StoredFigure.objects.filter(
                    area=area, as_of=day, indicator__in=[row.indicator for row in rows]
                ).delete()
                StoredFigure.objects.bulk_create(rows)
            written_ += len(rows)
        return written_

    def _row(self, area: str, figure: Figure) -> StoredFigure:
        return StoredFigure(
            area=area,
            indicator=figure.indicator,
            as_of=figure.as_of,
            known_on=figure.known_on,
            value=figure.value,
            zh=figure.zh,
            en=figure.en,
            unit=figure.unit,
            decimals=figure.decimals,
            numerator=_decimal(figure.numerator),
            denominator=_decimal(figure.denominator),
            plan_zh=figure.plan_zh,
            plan_en=figure.plan_en,
            first=figure.first,
            last=figure.last,
            explanation_zh=figure.explanation_zh,
            explanation_en=figure.explanation_en,
            edition=figure.edition,
            watermark=figure.watermark,
            facts=figure.facts,
            unplaced_above=figure.unplaced_above,
            unplaced_beneath=figure.unplaced_beneath,
            computed_at=self.call.now,
        )

    def _against(self, days: Collection[dt.date], names: Collection[str] | None) -> None:
        """Put last year's value and the goal beside every figure of these indicators (None: of all), and beside those
        whose goal reads one of them: they may have changed though the figure has not.
        """
        reads = {
            name: {bound for goal in goals.goals for bound in goal.indicators()}
            for name, goals in self.call.book[TARGETS].items()
        }
        asked = set(self.call.book[INDICATORS] if names is None else names)
        asked |= {name for name, bounds in reads.items() if bounds & asked}
        read = asked.union(*(reads.get(name, ()) for name in asked))
        stored = StoredFigure.objects.only("indicator", "as_of", "area", "value", "zh", "en", *_AGAINST)
        for area in self.call.book[DISTRICT].areas:
            rows = list(stored.filter(area=area.code, as_of__in=list(days), indicator__in=read))
            by_day: dict[dt.date, dict[str, StoredFigure]] = {}
            for row in rows:
                by_day.setdefault(row.as_of, {})[row.indicator] = row
            changed = [row for row in rows if row.indicator in asked and self._compare(row, by_day)]
            store.write_columns(changed, _AGAINST)

    def _compare(self, row: StoredFigure, rows: Mapping[dt.date, Mapping[str, StoredFigure]]) -> bool:
        was = tuple(getattr(row, name) for name in _AGAINST)
        before = rows.get(year_before(row.as_of), {}).get(row.indicator)
        row.before_on, row.before, row.before_zh, row.before_en = (
            (before.as_of, before.value, before.zh, before.en) if before is not None else (None, None, "", "")
        )
        values = {name: other.value for name, other in rows[row.as_of].items()}
        goal, bounds = bounds_of(self.call.book, row.indicator, row.area, row.as_of, values)
        against = compared(self.call.book[INDICATORS][row.indicator], row.value, row.before, bounds)
        row.goal, row.goal_met = against.goal, against.reached
        row.goal_by_zh, row.goal_by_en = (goal.set_by.zh, goal.set_by.en) if goal is not None else ("", "")
        return was != tuple(getattr(row, name) for name in _AGAINST)


_AGAINST = ("before_on", "before", "before_zh", "before_en", "goal", "goal_by_zh", "goal_by_en", "goal_met")


def _decimal(number: int | Decimal | None) -> Decimal | None:
    return None if number is None else Decimal(number)


# -- who owes what -----------------------------------------------------------------------------------------------------


def _owed(book: Book, lake: Lake, today: dt.date, done: Refreshed) -> None:
    """One row per unit, record and period: what came in for it, and when it falls due."""
    received = _received(book)
    records = sorted({record for _, record in received})
    cadences = {r: book[RECORDS][r].record.volume.cadence for r in records}
    since = min((p.first for c in set(cadences.values()) for p in periods(c, today)), default=today)
    told: dict[int, list[tuple[dt.date, int]]] = {}
    for _, delivery, day, facts in days_told(lake, records, since):
        told.setdefault(delivery, []).append((day, facts))
    started = (
        Delivery.objects.filter(state=Delivery.State.ACCEPTED)
        .order_by("learned_on")
        .values_list("learned_on", flat=True)
        .first()
    )
    rows = []
    dues: dict[tuple[ReportingPeriod, int], Deadline] = {}
    for unit in book[DISTRICT].units:
        for name in unit.records:
            entry = book[RECORDS].get(name)
            if entry is None or entry.record.volume.cadence not in KEPT:
                continue
            volume = entry.record.volume
            for period in periods(volume.cadence, today):
                at = (period, volume.due)
                if at not in dues:
                    dues[at] = period.due(volume.due, book[LAW], book[CALENDAR])
                row = _owed_row(unit.id, unit.area, name, volume.cadence, period, dues[at])
                _handed_in(row, received.get((unit.id, name), ()), told, standing=entry.record.kind == "standing")
                # Of the time before anything was handed in at all nobody owes anything.
                if row.handed_in_on is not None or started is None or row.due_on >= started:
                    rows.append(row)
    kept = {(o.unit, o.record, o.first): o for o in Owed.objects.all()}
    fresh = []
    for row in rows:
        old = kept.pop((row.unit, row.record, row.first), None)
        if old is None:
            fresh.append(row)
        elif any(getattr(old, name) != getattr(row, name) for name in _OWED):
            row.id = old.id
            fresh.append(row)
    new, changed = [row for row in fresh if row.id is None], [row for row in fresh if row.id is not None]
    for start in range(0, len(new), 100):
        with transaction.atomic():
            Owed.objects.bulk_create(new[start : start + 100])
    for start in range(0, len(changed), 100):
        with transaction.atomic():
            Owed.objects.bulk_update(changed[start : start + 100], _OWED)
    with transaction.atomic():
        Owed.objects.filter(id__in=[old.id for old in kept.values()]).delete()
    done.owed = len(rows)


_OWED = ("area", "cadence", "last", "due_on", "due_basis", "handed_in_on", "deliveries", "facts")
_Received = tuple[int, dt.date, int]


def _received(book: Book) -> Mapping[tuple[str, str], list[_Received]]:
    """(unit, record) -> (delivery, day, facts) of what was accepted."""
    found: dict[tuple[str, str], list[_Received]] = {}
    for unit, record, number, day, facts in tables().values_list("unit", "record", "id", "learned_on", "fact_count"):
        if record in book[RECORDS]:
            found.setdefault((unit, record), []).append((number, day, facts))
    return found


def _owed_row(unit: str, area: str, record: str, cadence: str, period: ReportingPeriod, due: Deadline) -> Owed:
    return Owed(
        unit=unit,
        area=area,
        record=record,
        cadence=cadence,
        first=period.first,
        last=period.last,
        due_on=due.day,
        due_basis=due.basis(),
    )


def _handed_in(
    row: Owed, received: Iterable[_Received], told: Mapping[int, Sequence[tuple[dt.date, int]]], *, standing: bool
) -> None:
    """A delivery is for a period where it speaks of its days, or came in between its end and the day it fell due.

    What holds from a day long ago is told again and again: of a standing record also what came in during the period
    counts.
    """
    for number, day, facts in received:
        inside = sum(n for on, n in told.get(number, ()) if row.first <= on <= row.last)
        in_time = (row.first if standing else row.last + dt.timedelta(days=1)) <= day <= row.due_on
        if not inside and not in_time:
            continue
        row.deliveries += 1
        row.facts += inside or facts
        row.handed_in_on = min(row.handed_in_on or day, day)
