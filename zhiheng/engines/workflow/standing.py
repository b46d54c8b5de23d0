"""Logs to standings: which states hold, what was said, which periods run until when.

A line of a log is an act that somebody did. Acts by law are never written: where a period says ``else``, its end is an
act, derived on the day after its last (days) or at its moment (hours), so that a letter which came in time and was
entered late undoes it. What a case tells its relatives is derived as well.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from zhiheng.engines.workflow.compiled import CompiledAct, Workflow
from zhiheng.engines.workflow.legal_time import LegalTime, day_of, moment_of
from zhiheng.grammar.chapters.workflow_pages import ALL_NAMED, LegalPeriod, OwnLength
from zhiheng.kernel.days import Due, Period, Sentence, Suspension, Unit, left, months_later
from zhiheng.kernel.deadlines import Extension
from zhiheng.kernel.law import LawKey
from zhiheng.kernel.reasons import Refusal

DAY: Final = dt.timedelta(days=1)
NOTHING: Final[Mapping[Any, Any]] = MappingProxyType({})


class CaseLine(NamedTuple):
    """A line of a log: when it happened, which act (``act`` or ``act.outcome``), by whom, what was said.

    ``number`` is its place in the order of entry over all cases; ``opened`` the cases that it opened.
    """

    on: dt.date
    act: str
    people: tuple[str, ...] = ()
    said: Mapping[str, Any] = NOTHING
    number: int = 0
    opened: tuple[str, ...] = ()


class Clock(NamedTuple):
    """A period that runs: since when, until which last day (or moment), by which article, why that day.

    ``provisional``: the day may still move (a pause runs, or a year's holidays are not published). ``missed`` counts
    the times that a recurring duty was not done.
    """

    period: str
    label: tuple[str, str]
    start: dt.date
    day: dt.date
    moment: dt.datetime | None
    is_late: bool
    provisional: bool
    cited: tuple[str, str]
    why: tuple[Sentence, ...]
    left: tuple[str, str]
    missed: int = 0
    # In what the law counts it.
    unit: Unit = "d"
    # How long the law (or the district) makes it, before pauses and extensions; what is still open, where provisional.
    length: Period | None = None
    doubt: tuple[Sentence, ...] = ()


class _Run:
    """A running period: its start, the extensions granted, the days on which a recurring duty was done.

    ``missed``: how often a recurring duty was not done while it recurred otherwise, before ``start``.
    """

    __slots__ = ("done", "extensions", "missed", "start")

    def __init__(self, start: dt.date, missed: int = 0) -> None:
        self.start, self.missed = start, missed
        # What was granted (a parameter of the law, or the new last day) and on which day.
        self.extensions: tuple[tuple[str | dt.date, dt.date], ...] = ()
        self.done: tuple[dt.date, ...] = ()


class _End(NamedTuple):
    on: dt.date
    # None: until a day that was stated.
    length: Period | None
    cited: tuple[str, str]
    why: tuple[Sentence, ...]
    provisional: bool
    doubt: tuple[Sentence, ...] = ()


Tell = Callable[[CaseLine, CompiledAct], None]


class CaseStanding:
    """What follows from a log up to a moment. Made by ``replay`` and ``replay_family``; read by guards, pages and
    ``rule.py``.

    ``states`` are the bits of the workflow; ``values`` the last thing said in each field.
    """

    __slots__ = (
        "_counts",
        "_expiry",
        "_ran_out",
        "_runs",
        "actors",
        "assigned",
        "begun_children",
        "children",
        "derived",
        "ended_children",
        "ended_on",
        "heard",
        "holder",
        "irregular",
        "is_open",
        "kept",
        "now",
        "party",
        "pauses",
        "recused",
        "states",
        "tell",
        "time",
        "values",
        "workflow",
    )

    def __init__(self, workflow: Workflow, time: LegalTime, *, party: str = "") -> None:
        self.workflow, self.time, self.party = workflow, time, party
        self.states = 0
        self.is_open = False
        self.now: dt.date = dt.date.min
        self.values: dict[str, Any] = {}
        self.holder = ""
        self.ended_on: dt.date | None = None
        self.derived: tuple[CaseLine, ...] = ()
        self.heard: tuple[CaseLine, ...] = ()
        self.irregular: tuple[tuple[CaseLine, tuple[Refusal, ...]], ...] = ()
        self.recused: frozenset[tuple[str, str]] = frozenset()
        self.tell: Tell | None = None
        # Made when first written: most cases never need them.
        self.kept: Mapping[str, tuple[CaseLine, ...]] = NOTHING
        self.actors: Mapping[str, frozenset[str]] = NOTHING
        self.assigned: Mapping[str, tuple[str, ...]] = NOTHING
        self.children: Mapping[str, tuple[str, ...]] = NOTHING
        self.ended_children: frozenset[str] = frozenset()
        self.begun_children: frozenset[str] = frozenset()
        self.pauses: Mapping[int, tuple[tuple[dt.date, dt.date | None], ...]] = NOTHING
        self._counts: dict[int, int] = {}
        self._runs: list[_Run | None] = [None] * len(workflow.periods)
        # None: nothing expires; True: to be worked out; else the moment and the period.
        self._expiry: tuple[dt.datetime, int] | bool | None = None
        # While an act by law is taken: the last day of the period that ran out.
        self._ran_out: dt.date | None = None

    # -- what guards, pages and rule.py ask ----------------------------------------------------------------------------

    @property
    def stands(self) -> tuple[str, ...]:
        """The names of the states that hold."""
        return self.workflow.states(self.states)

    @property
    def has_ended(self) -> bool:
        """Whether a final state holds."""
        return bool(self.states & self.workflow.finals)

    @property
    def today(self) -> dt.date:
        """The day of the standing: what ``rule.py`` compares days with, since ``now`` may be a moment."""
        return day_of(self.now)

    def named_for(self, hand: str) -> tuple[str, ...]:
        """Who is named for a hand: neither relieved nor recused since."""
        named = dict.fromkeys(self.assigned.get(hand, ()))
        return tuple(each for each in named if (hand, each) not in self.recused)

    def done(self, *acts: str) -> bool:
        """Whether one of these acts (or outcomes) was done."""
        number = self.workflow.number
        return any(self._counts.get(number.get(act, -1)) for act in acts)

    def law(self, name: str) -> Any:
        """The value of a parameter of the law on the day of the standing."""
        return self.time.value(name, day_of(self.now)).value

    def value(self, name: str, entered: Mapping[str, Any] = NOTHING) -> Any:
        """A tally, or what is being said in a field, or what was said in it last."""
        if name in self.workflow.page.tallies:
            return self.tally(name)
        return entered[name] if name in entered else self.values.get(name)

    def row(self, name: str, entered: Mapping[str, Any] = NOTHING) -> str:
        """The row that the name of a parameter means: spelt out, or what is or was said in a field; none: empty."""
        key = LawKey.parse(name)
        return str(self.value(key.row_field, entered) or "") if key.row_field else key.row

    def tally(self, name: str) -> int | float | None:
        """A number over acts; None where there is nothing to take it over."""
        tally = self.workflow.page.tallies[name]
        lines = [line for act in tally.act for line in self.kept.get(act, ())]
        if tally.field is None:
            return len(lines) - sum(len(self.kept.get(act, ())) for act in tally.less)
        said: list[int | float] = [value for line in lines if (value := line.said.get(tally.field)) is not None]
        if tally.take == "sum":
            return sum(said)
        if not said:
            return None
        if tally.take == "share":
            return 100 * sum(value == tally.equals for value in said) / len(said)
        return sum(said) / len(said) if tally.take == "mean" else max(said) - min(said)

    def clocks(self) -> tuple[Clock, ...]:
        """Every period that runs, the one that ends first before the others."""
        found = [clock for number in range(len(self._runs)) if (clock := self.clock(number)) is not None]
        return tuple(sorted(found, key=lambda clock: clock.moment or moment_of(clock.day)))

    def clock(self, number: int) -> Clock | None:
        """One period of the page as it runs now; None where it does not."""
        run = self._runs[number]
        if run is None:
            return None
        name, period = self.workflow.periods[number]
        if period.every is not None:
            return self._slot(name, period, period.every, run)
        found = self._end(number, run, self.now)
        if found is None:
            return None
        if not (period.duty or period.right or period.wait) and self._comes_to_nothing(number, found):
            return None
        moment = found.on if isinstance(found.on, dt.datetime) else None
        is_late = moment_of(self.now) > moment if moment else day_of(self.now) > found.on
        now = moment_of(self.now) if moment else day_of(self.now)
        unit: Unit = found.length.unit if found.length is not None else "d"
        rest = left(now, found.on, unit, self.time.calendar)
        return Clock(
            name,
            (period.label.zh, period.label.en),
            run.start,
            day_of(found.on),
            moment,
            is_late,
            found.provisional,
            found.cited,
            found.why,
            (rest.zh, rest.en),
            unit=unit,
            length=found.length,
            doubt=found.doubt,
        )

    def changes_at(self) -> dt.datetime | None:
        """The first moment after now at which the standing differs although nobody does anything: a right lapses, a
        wait ends, a duty becomes late, the law acts, a slot passes, new law counts, or a pause goes on (every day, as
        the end of its period moves on with it). None: it stays as it is.
        """
        now, found = moment_of(self.now), []
        expiry = self.next_expiry(dt.datetime.max)
        if expiry is not None:
            found.append(expiry[0])
        for number, (_, period) in enumerate(self.workflow.periods):
            run, clock = self._runs[number], self.clock(number)
            if run is None or clock is None:
                continue
            found.append(clock.moment or _over(clock.day))
            if self.states & self.workflow.pauses[number]:
                found.append(moment_of(day_of(self.now)) + DAY)
            if isinstance(period.within, str):
                changes = self.time.changes(LawKey.parse(period.within), day_of(run.start))
                found += [moment_of(change.begins or change.since) for change in changes]
        return min((each for each in found if each > now), default=None)

    # -- when periods end ----------------------------------------------------------------------------------------------

    def _end(self, number: int, run: _Run, as_of: dt.date) -> _End | None:
        _, period = self.workflow.periods[number]
        stated = self.values.get(period.until) if period.until is not None else None
        found: Due | None
        length: Period | None = None
        if stated is not None:
            moment = stated if isinstance(stated, dt.datetime) else None
            found = Due(day_of(stated), moment, False, ())
            cited = self._cited_stated(period, day_of(run.start))
        elif period.within is None:
            return None
        else:
            found, length, cited = self._length(period, run, as_of)
        if found is None:
            return None
        for granted, on in run.extensions:
            more, pauses = self._extension(granted, on, run), self._suspensions(period, as_of)
            found = self.time.extended(found, more, pauses, period.purpose)
        return _End(found.moment or found.day, length, cited, found.why, found.provisional, found.doubt)

    def _cited_stated(self, period: LegalPeriod, start: dt.date) -> tuple[str, str]:
        """By what a day holds that a document states: where the law bounds it, by the article that does."""
        zh, en = "文书载明的期限", "the day stated in the document"
        if not isinstance(period.within, str) or (law := self.time.at(LawKey.parse(period.within), start)) is None:
            return zh, en
        length = law.period(self.row(period.within))
        return (
            f"{zh}，不得超过{length.show()}（{law.cited()}）",
            f"{en}, at most {length.show('en')} ({law.cited('en')})",
        )

    def _extension(self, granted: str | dt.date, on: dt.date, run: _Run) -> Extension:
        if isinstance(granted, dt.date):
            return Extension(granted)
        # By the rule of the day on which the period began; where there was none yet, of the day on which it was
        # extended.
        law = self.time.at(LawKey.parse(granted), day_of(run.start)) or self.time.value(granted, on)
        return Extension(law.period(self.row(granted)), law)

    def _comes_to_nothing(self, number: int, end: _End) -> bool:
        """Whether the act with which a period ends does not exist on the day after: what the law no longer says does
        not happen.
        """
        act = self.workflow.periods[number][1].else_
        if act is None:
            return False
        return not self.workflow.acts[act].body.holds(day_of(_over(end.on)))

    def _length(
        self, period: LegalPeriod, run: _Run, as_of: dt.date
    ) -> tuple[Due | None, Period | None, tuple[str, str]]:
        pauses = self._suspensions(period, as_of)
        within = period.within
        if isinstance(within, OwnLength):
            length = Period(within.value, within.unit)
            found = self.time.end(run.start, length, None, pauses, period.purpose)
            return found, length, (within.by.zh, within.by.en)
        assert within is not None
        key, row, start = LawKey.parse(within), self.row(within), day_of(run.start)
        law = self.time.at(key, start)
        if law is None:
            return None, None, ("", "")
        length = law.period(row)
        found = self.time.end(run.start, length, law, pauses, period.purpose)
        for change in self.time.changes(key, start):
            since = change.begins or change.since
            policy = self.time.policy(self.workflow.page.transition, since)
            if policy == "started" or since > min(day_of(as_of), found.day):
                continue
            new = self.time.end(run.start, change.period(row), change, pauses, period.purpose)
            takes = {"later": new.day > found.day, "earlier": new.day < found.day}.get(policy, True)
            if takes and new.day < since:
                # A law that shortens a period does not end it before it is in force itself.
                new = Due(since, moment_of(since) if new.moment else None, new.provisional, new.why, new.doubt)
            if takes:
                told = Sentence(f"自 {since} 起按新规定重新计算。", f"Counted again by the new rule since {since}.")
                found = Due(new.day, new.moment, new.provisional, (*new.why, told), new.doubt)
                law, length = change, change.period(row)
        return found, length, (law.cited(), law.cited("en"))

    def _suspensions(self, period: LegalPeriod, as_of: dt.date) -> tuple[Suspension, ...]:
        """From the day after each pause began to the day on which it ended."""
        if not period.not_counted_while or not self.pauses:
            return ()
        found = []
        for state in period.not_counted_while:
            label = self.workflow.page.states[state].label
            for begun, ended in self.pauses.get(self.workflow.bit[state], ()):
                first, last = day_of(begun) + DAY, day_of(ended or as_of)
                if last >= first:
                    found.append(Suspension(first, last, label.zh, label.en, ended is None))
        return tuple(found)

    def _slot(self, name: str, period: LegalPeriod, every: str, run: _Run) -> Clock | None:
        """A duty that recurs: the slot that is open now, and how many passed without it."""
        first, today = day_of(run.start), day_of(self.now)
        law = self.time.at(LawKey.parse(every), first)
        if law is None:
            return None
        length = law.period(self.row(every))
        filled = {_slot_of(on, first, length) for on in run.done}
        slot = _slot_of(today, first, length)
        missed = run.missed + sum(each not in filled for each in range(slot))
        last = _slot_end(first, length, slot + (slot in filled))
        rest = left(today, last, "d", self.time.calendar)
        return Clock(
            name,
            (period.label.zh, period.label.en),
            run.start,
            last,
            None,
            False,
            False,
            (law.cited(), law.cited("en")),
            (),
            (rest.zh, rest.en),
            missed,
        )

    # -- the log -------------------------------------------------------------------------------------------------------

    def apply(self, line: CaseLine) -> None:
        """Take a line, whether or not it would be permitted: what was done was done."""
        workflow = self.workflow
        act = workflow.acts[line.act]
        runs, said = self._runs, line.said
        self.is_open = True
        counts = self._counts
        for number in act.counts:
            counts[number] = counts.get(number, 0) + 1
        if said:
            if workflow.recurring_by:
                self._recur_otherwise(said, line.on)
            self.values.update(said)
        if act.is_kept:
            self._keep((act.key, act.name), line)
        for hand in act.remembered_hands:
            self.actors = {**self.actors, hand: self.actors.get(hand, frozenset()) | {*line.people}}
        if act.is_special:
            self._special(act, line)
        for period in act.stops:
            run = runs[period]
            if run is not None:
                if self.workflow.periods[period][1].every is not None:
                    run.done = (*run.done, line.on)
                else:
                    runs[period] = None
        for period, how in act.extends:
            run = runs[period]
            extension = how if "." in how else said.get(how)
            if run is not None and extension:
                run.extensions = (*run.extensions, (extension, day_of(line.on)))
        before = self.states
        self.states = now = (before & ~act.ends) | act.begins
        since = line.on if self._ran_out is None else self._ran_out
        if act.touches and before != now:
            self._turn(before, now, line.on, since)
        for period in act.starts:
            self._start(period, act, line.on, since)
        if act.ends_case:
            self.ended_on = line.on
            self._end_periods()
        if act.moves_expiry:
            self._expiry = True
        if self.tell is not None:
            self.tell(line, act)

    def _recur_otherwise(self, said: Mapping[str, Any], on: dt.date) -> None:
        """A duty is to recur at another distance: it is counted anew from that day, and what was missed before stays
        missed.
        """
        for field, periods in self.workflow.recurring_by.items():
            if field not in said or said[field] == self.values.get(field):
                continue
            for number in periods:
                run, (name, period) = self._runs[number], self.workflow.periods[number]
                if run is None or period.every is None:
                    continue
                before = self.now
                self.now = on
                slot = self._slot(name, period, period.every, run)
                self.now = before
                self._runs[number] = _Run(on, slot.missed if slot else 0)

    def _keep(self, names: tuple[str, ...], line: CaseLine) -> None:
        self.kept = {**self.kept, **{name: (*self.kept.get(name, ()), line) for name in dict.fromkeys(names)}}

    def _special(self, act: CompiledAct, line: CaseLine) -> None:
        body = act.body
        for hand, field in body.relieves.items():
            before = self.assigned.get(hand, ())
            gone = before if field == ALL_NAMED else listed(line.said.get(field))
            self.assigned = {**self.assigned, hand: tuple(each for each in before if each not in gone)}
        for hand, field in body.assigns.items():
            named = listed(line.said.get(field))
            self.assigned = {**self.assigned, hand: (*self.assigned.get(hand, ()), *named)}
        if body.recuses is not None:
            # Who is challenged was said with the challenge; the decision need not say it again.
            gone = listed(line.said.get(body.recuses.field, self.values.get(body.recuses.field)))
            self.recused |= {(body.recuses.hand, name) for name in gone}
        if body.opens is not None and line.opened:
            child = body.opens.child
            self.children = {**self.children, child: (*self.children.get(child, ()), *line.opened)}
        if body.moves_to is not None and (unit := line.said.get(body.moves_to, self.values.get(body.moves_to))):
            self.holder = str(unit)

    def _turn(self, before: int, now: int, on: dt.date, first: dt.date) -> None:
        """States with periods or pauses began or ended on a day. ``first``: the last day of the period by whose end
        they did, where the law did it: until it a pause lasts, and from it a period is counted that says so.
        """
        workflow = self.workflow
        changed = before ^ now
        for bit, periods in workflow.running_in.items():
            if changed & bit:
                for number in periods:
                    since = workflow.periods[number][1].since
                    starts = now & bit and (since is None or day_of(on) >= since)
                    self._runs[number] = _Run(first if workflow.periods[number][1].from_end else on) if starts else None
        changed &= workflow.pausing
        while changed:
            bit = changed & -changed
            changed ^= bit
            held = self.pauses.get(bit, ())
            turned = (*held, (on, None)) if now & bit else (*held[:-1], (held[-1][0], first))
            self.pauses = {**self.pauses, bit: turned}

    def _start(self, number: int, act: CompiledAct, on: dt.date, first: dt.date) -> None:
        """A period that runs from an act begins, where its dates allow; done again, only where it says so."""
        period, day = self.workflow.periods[number][1], day_of(on)
        in_time = any(start.holds(day) for start in period.after if start.act in (act.key, act.name))
        if (
            in_time
            and (period.since is None or day >= period.since)
            and (self._runs[number] is None or period.from_ == "last")
        ):
            self._runs[number] = _Run(first if period.from_end else on)

    def _end_periods(self) -> None:
        """A case that has ended has no periods but those of its final state."""
        for number, (_, period) in enumerate(self.workflow.periods):
            if period.in_ is None or not self.states & self.workflow.bit[period.in_]:
                self._runs[number] = None

    # -- relatives -----------------------------------------------------------------------------------------------------

    def count_heard(self, names: tuple[str, ...], line: CaseLine, number: str, *, has_ended: bool) -> None:
        """Remember what another case did for tallies, and whether that case has ended."""
        kept = tuple(name for name in names if name in self.workflow.tallied)
        if kept:
            self._keep(kept, line)
        if number not in self.begun_children:
            self.begun_children |= {number}
        self.ended_children = self.ended_children | {number} if has_ended else self.ended_children - {number}

    # -- acts by law ---------------------------------------------------------------------------------------------------

    def next_expiry(self, until: dt.datetime) -> tuple[dt.datetime, int] | None:
        """When the next act by law happens and by which period, where that is no later than a moment."""
        found = self._expiry
        if isinstance(found, bool):
            found = None
            for number in self.workflow.expiring:
                run = self._runs[number]
                if run is None or self.states & self.workflow.pauses[number]:
                    continue
                end = self._end(number, run, until)
                if end is not None and not self._comes_to_nothing(number, end):
                    # Nothing ends before it began, even where the day that somebody stated lies earlier.
                    over = max(_over(end.on), moment_of(run.start))
                    found = min(found or (over, number), (over, number))
            # Where running periods may be counted again by new law, the answer of today is none for tomorrow.
            self._expiry = True if found is not None and self.workflow.page.transition is not None else found
        return found if found is not None and found[0] <= until else None

    def expire(self, until: dt.datetime) -> bool:
        """Do the next act by law whose period ran out by a moment; False where there is none."""
        due = self.next_expiry(until)
        if due is None:
            return False
        at, number = due
        act = self.workflow.periods[number][1].else_
        assert act is not None
        if self.workflow.acts[act].is_stuck(self.states):
            # The states that the page asks for do not hold: the period is over, and nothing happens.
            self._runs[number], self._expiry = None, True
            return True
        line = CaseLine(at.date() if at.time() == dt.time() else at, act)
        self._runs[number], self._expiry, self.now = None, True, line.on
        self.derived = (*self.derived, line)
        self._ran_out = None if isinstance(line.on, dt.datetime) else line.on - DAY
        self.apply(line)
        self._ran_out = None
        return True

    @property
    def may_expire(self) -> bool:
        """Whether an act by law may be waiting."""
        return self._expiry is not None


def _over(last: dt.date) -> dt.datetime:
    """The first moment after a period: the beginning of the day after its last, or its moment."""
    if isinstance(last, dt.datetime):
        return last
    # 9999-12-31 is how people write that there is no last day.
    return moment_of(last + DAY) if last < dt.date.max else dt.datetime.max


def replay(workflow: Workflow, lines: Sequence[CaseLine], time: LegalTime, as_of: dt.date) -> CaseStanding:
    """The standing of a case without relatives. ``lines`` in the order in which they happened, struck ones left out."""
    standing = CaseStanding(workflow, time)
    apply, expire = standing.apply, standing.expire
    for line in lines:
        while standing._expiry is not None and expire(moment_of(line.on)):
            pass
        apply(line)
    while standing._expiry is not None and expire(moment_of(as_of)):
        pass
    standing.now = as_of
    return standing


def listed(value: Any) -> tuple[Any, ...]:
    """What was said in a field that may hold several, as several."""
    if value is None:
        return ()
    return tuple(value) if isinstance(value, list | tuple | set | frozenset) else (value,)


_MONTHS: Final = {"month": 1, "year": 12}


def _slot_end(first: dt.date, length: Period, slot: int) -> dt.date:
    """The last day of the slot with this number (from 0) of a duty that recurs since a day: that day itself belongs to
    the first slot.
    """
    amount = max(length.amount, 1) * (slot + 1)
    months = _MONTHS.get(length.unit)
    return first + DAY * amount if months is None else months_later(first, months * amount)


def _slot_of(on: dt.date, first: dt.date, length: Period) -> int:
    """In which slot a day lies."""
    day, months, amount = day_of(on), _MONTHS.get(length.unit), max(length.amount, 1)
    if months is None:
        return max((day - first - DAY).days // amount, 0)
    slot = max(((day.year - first.year) * 12 + day.month - first.month) // (months * amount) - 1, 0)
    while _slot_end(first, length, slot) < day:
        slot += 1
    return slot
