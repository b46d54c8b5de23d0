"""The cases of the demo: grown from facts of its own ledger, opened and brought forward by the acts that officers use,
each by the account and on the day that the book says (``book/demo/cases.yaml``, ``places.yaml``). Nothing is written
past them.

All acts of all cases are brought into one order of time before the first is written, so that numbers and the chain of
lines grow as they would have.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

import orjson

from zhiheng.actions.accounts import refusals as account_refusals
from zhiheng.actions.cases.act_in_case import act_in_case, sign_proposal
from zhiheng.actions.cases.line_writer import ActsTogether, acts_together
from zhiheng.actions.cases.open_case import PartyGiven, open_case
from zhiheng.actions.cases.restrict_case import restrict_case
from zhiheng.actions.cases.strike_line import strike_line
from zhiheng.engines.workflow.of_book import case_book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.calendars import CALENDAR
from zhiheng.grammar.chapters.demo_cases import DEMO_CASES, WHOLE, CaseCourse, RunningCases
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.kernel.actor import Actor
from zhiheng.kernel.days import Period, before, nth_working_day
from zhiheng.kernel.facts import canonical
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger.models import Fact, FactParty
from zhiheng.office.cases import CaseEvent
from zhiheng.people import access
from zhiheng.people.actors import actor_of
from zhiheng.people.models import Account

# The cases are of the last three years.
YEARS = 3
# So many acts are one transaction.
AT_ONCE = 2_000
UNTOLD = "未写明"
# Offices are open from half past eight to half past five.
OPENS, OPEN_FOR = dt.time(8, 30), 9 * 60


@dataclass(frozen=True)
class GrownFrom:
    """A fact that a case is grown from, and whom it is about."""

    number: int
    day: dt.date
    alias: int
    words: Mapping[str, str]


@dataclass
class DemoCase:
    """A case of the demo: its course, how many acts of it were done and on which days, the fact, and what it became."""

    key: str
    course: CaseCourse
    days: Sequence[dt.date]
    fact: GrownFrom
    number: int = 0
    children: list[int] = field(default_factory=list)
    # It was opened when the demo was made before.
    old: bool = False

    def acts(self, rng: Random) -> Iterator[tuple[dt.datetime, int]]:
        """The moments of its acts; two of one day stand in their order."""
        minutes = sorted(rng.sample(range(OPEN_FOR), len(self.days)))
        for place, (day, minute) in enumerate(zip(self.days, minutes, strict=True)):
            yield dt.datetime.combine(day, OPENS) + dt.timedelta(minutes=minute), place


@dataclass(frozen=True)
class DemoCasesOpened:
    """How many cases were opened with how many acts; of courses for which the ledger had too few facts, how many are
    missing.
    """

    cases: int
    acts: int
    missing: int


def since(now: dt.datetime) -> dt.datetime:
    """From when on cases of the demo are acted in."""
    return now - dt.timedelta(days=366 * YEARS)


def open_demo_cases(
    wanted: int, *, seed: int, call: Call, progress: Callable[[str, int, int | None], None] = lambda *_: None
) -> DemoCasesOpened:
    """Open the cases of the demo up to the day of the call and do what was done in them; the same facts, seed and day
    give the same cases. ``wanted``: how many the first place is to have, of each way of a course at least one; the
    further places have their share beside them. May be run again:
    what was opened before stays as it is.

    Raises Refused in a real place, and where an act of a course can't be done.
    """
    access.require(call, "people.manage")
    if not call.book[DISTRICT].fictional:
        raise Refused(account_refusals.demo_accounts_in_real_place())
    people = {row.login: actor_of(row) for row in Account.objects.filter(login__startswith="demo-")}
    cases, missing = _planned(wanted, seed, call)
    zone = call.now.tzinfo
    steps = sorted(
        (moment.replace(tzinfo=zone), case.key, place, case)
        for case in cases
        for moment, place in case.acts(Random(f"{seed}/{case.key}/minutes"))
    )
    done = 0
    for first in range(0, len(steps), AT_ONCE):
        with acts_together(call) as together:
            for moment, _, place, case in steps[first : first + AT_ONCE]:
                done += _do(case, place, replace(call, now=moment), people, together)
        progress("案件办理记录", done, len(steps))
    opened = [case for case in cases if not case.old]
    for case in opened:
        _by_hand(case, call, people)
    return DemoCasesOpened(len(opened), done, missing)


def _do(case: DemoCase, place: int, call: Call, people: Mapping[str, Actor], together: ActsTogether) -> int:
    """An act of a case, signed by all who do it; returns how many lines it is."""
    if case.old:
        return 0
    act = case.course.acts[place]
    workflow = case.course.workflow
    by = [people[login] for login in act.by]
    call = call.by(by[0])
    given = {name: _filled(value, case.fact, people) for name, value in act.given.items()}
    if place == 0:
        stated = case_book(call.book).workflows[workflow].acts[act.act].body.day == "stated"
        opened = open_case(
            workflow,
            act.act,
            given,
            unit=case.course.unit,
            call=call,
            parties=[PartyGiven(case.course.party, alias=case.fact.alias)],
            happened=call.today if stated else None,
            facts=[case.fact.number],
            once=case.key,
            together=together,
        )
        case.number, case.old = opened.case.pk, not opened.new
        return int(opened.new)
    made = act_in_case(case.children[-1] if act.in_child else case.number, act.act, given, call=call, together=together)
    for other in by[1:]:
        if made.proposal is not None:
            made = sign_proposal(made.proposal.pk, digest=made.proposal.digest, call=call.by(other), together=together)
    case.children += made.opened
    return int(made.line is not None)


def _by_hand(case: DemoCase, call: Call, people: Mapping[str, Actor]) -> None:
    """What is done with a case after its course."""
    if case.course.strike is not None:
        hand = case.course.strike
        last = CaseEvent.objects.filter(case=case.number).order_by("-place").values_list("pk", flat=True)[0]
        strike_line(last, reason=hand.reason, call=call.by(people[hand.by]))
    if case.course.restrict is not None:
        hand = case.course.restrict
        restrict_case(case.number, restricted=True, reason=hand.reason, call=call.by(people[hand.by]))


def _filled(value: Any, fact: GrownFrom, people: Mapping[str, Actor]) -> Any:
    """What is said, with words of the fact and accounts for logins."""
    if isinstance(value, list | tuple):
        return [_filled(each, fact, people) for each in value]
    if isinstance(value, str) and value.startswith("@"):
        return people[value[1:]].id
    return value.format_map(fact.words) if isinstance(value, str) else value


# -- which cases there are ---------------------------------------------------------------------------------------------


def _planned(wanted: int, seed: int, call: Call) -> tuple[list[DemoCase], int]:
    """The cases of every course with their days, and how many are missing for want of facts."""
    courses = call.book[DEMO_CASES]
    # Courses that grow from the same facts share them.
    shared: dict[str, list[GrownFrom]] = {}
    found: list[DemoCase] = []
    missing = 0
    for name, course in courses.items():
        kept = canonical([course.record, dict(course.where), course.unit, course.role])
        if kept not in shared:
            shared[kept] = _facts(course, call)
        facts = shared[kept]
        rng = Random(f"{seed}/{name}")
        number = 0
        for count, length, ago in _ways(course, wanted):
            for _ in range(count):
                number += 1
                case = _grown(f"demo:{name}:{number}", course, length, ago, facts, rng, call)
                if case is None:
                    missing += 1
                else:
                    found.append(case)
    return found, missing


def _ways(course: CaseCourse, wanted: int) -> Iterator[tuple[int, int, RunningCases | None]]:
    """(how many, how many acts, since when they stand there) of the ways of a course; those that run first, for they
    take the newest facts.
    """
    for length, act in enumerate(course.acts, 1):
        for standing in (act.running, act.late):
            if standing is not None:
                yield _share(standing.cases, wanted), length, standing
    if course.done:
        yield _share(course.done, wanted), len(course.acts), None


def _share(of_whole: int, wanted: int) -> int:
    return max(1, round(of_whole * wanted / WHOLE))


def _grown(
    key: str,
    course: CaseCourse,
    length: int,
    standing: RunningCases | None,
    facts: list[GrownFrom],
    rng: Random,
    call: Call,
) -> DemoCase | None:
    """A case and its fact, which is taken from ``facts`` (the newest first); None where none fits."""
    acts = course.acts[:length]
    gaps = [rng.randint(*act.after) for act in acts]
    if standing is not None:
        days = [_earlier(call.today, rng.randint(*standing.ago), call)]
        for gap in reversed(gaps[1:]):
            days.append(_earlier(days[-1], gap, call))
        days.reverse()
        at = next((place for place, fact in enumerate(facts) if fact.day <= days[0]), None)
        return DemoCase(key, course, days, facts.pop(at)) if at is not None else None
    # What has ended is spread over all the facts that are old enough.
    long_enough = dt.timedelta(days=2 * sum(gaps) + 30)
    first = next((place for place, fact in enumerate(facts) if fact.day + long_enough < call.today), None)
    if first is None:
        return None
    fact = facts.pop(rng.randrange(first, len(facts)))
    days = [_later(fact.day, gaps[0], call)]
    for gap in gaps[1:]:
        days.append(_later(days[-1], gap, call))
    return DemoCase(key, course, days, fact)


def _later(day: dt.date, amount: int, call: Call) -> dt.date:
    """So many working days later; no day later is the next working day, or the day itself where it is one."""
    calendar = call.book[CALENDAR]
    if amount == 0:
        return nth_working_day(day - dt.timedelta(days=1), 1, calendar)
    return nth_working_day(day, amount, calendar)


def _earlier(day: dt.date, amount: int, call: Call) -> dt.date:
    return before(day, Period(amount, "wd"), call.book[CALENDAR]).day if amount else day


def _facts(course: CaseCourse, call: Call) -> list[GrownFrom]:
    """The facts of the last three years that a course may be grown from, about somebody in its role, newest first."""
    district = call.book[DISTRICT]
    rows = Fact.objects.filter(
        record=course.record,
        area__in=sorted(district.areas_below[district.area_of_unit[course.unit]]),
        kind=Fact.Kind.STATEMENT,
        occurred_on__gte=since(call.now).date() + dt.timedelta(days=30),
        occurred_on__lt=call.today,
    )
    where = dict(course.where)
    if "outcome" in where:
        rows = rows.filter(outcome=where.pop("outcome"))
    told: dict[int, tuple[dt.date, dict[str, Any]]] = {}
    keys = set[int]()
    for number, key, day, body in rows.order_by("-occurred_on", "id").values_list("id", "key", "occurred_on", "body"):
        said = orjson.loads(body)
        if key not in keys and all(said.get(name) == value for name, value in where.items()):
            keys.add(key)
            told[number] = day, said
    aliases: dict[int, int] = {}
    numbers = list(told)
    for first in range(0, len(numbers), AT_ONCE):
        links = FactParty.objects.filter(fact_id__in=numbers[first : first + AT_ONCE], role=course.role)
        aliases |= dict(links.values_list("fact_id", "alias_id"))
    return [
        GrownFrom(number, day, aliases[number], _words(said, course.role))
        for number, (day, said) in told.items()
        if number in aliases
    ]


def _words(said: Mapping[str, Any], role: str) -> Mapping[str, str]:
    """Fields of a fact as texts; of one that it does not have they say that it was not told."""
    words = {name: value for name, value in said.items() if isinstance(value, str) and value}
    party = next((each["name"] for each in said.get("parties", ()) if each.get("role") == role), "")
    number = said.get("report_number") or said.get("sample_number") or said.get("complaint_number") or UNTOLD
    return defaultdict(lambda: UNTOLD, {**words, "party": party, "number": number})
