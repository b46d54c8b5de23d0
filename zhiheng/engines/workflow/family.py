"""Cases that opened each other, replayed together in one pass over time.

What a case tells its relatives is never stored with them: it follows, so that a late entry in one is seen in all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from zhiheng.engines.workflow.compiled import CompiledAct, Workflow
from zhiheng.engines.workflow.guards import refusals_of
from zhiheng.engines.workflow.legal_time import LegalTime, day_of, moment_of
from zhiheng.engines.workflow.standing import CaseLine, CaseStanding, Tell, listed
from zhiheng.grammar.chapters.workflow_pages import PARENT


@dataclass(slots=True)
class CaseLog:
    """A case of a family: its workflow, the cases that opened it, for whom it was opened, its lines."""

    workflow: Workflow
    parents: tuple[str, ...] = ()
    party: str = ""
    lines: tuple[CaseLine, ...] = ()


def replay_family(
    cases: Mapping[str, CaseLog],
    time: LegalTime,
    as_of: dt.date,
    *,
    struck: frozenset[int] = frozenset(),
    audit: bool = False,
) -> dict[str, CaseStanding]:
    """The standings of cases, those that opened each other in one pass over time. What it costs grows with the lines of
    each family, however many families are given at once.

    ``struck`` are numbers of lines that don't count. ``audit`` lists with each standing the lines that would not be
    permitted as things are known now (a late entry, a line struck in another case): they stay in force.
    """
    # Where all but one were opened by others, they belong together.
    if sum(not case.parents for case in cases.values()) <= 1:
        return _replay_related(cases, time, as_of, struck, audit=audit)
    standings: dict[str, CaseStanding] = {}
    for family in _families(cases):
        standings |= _replay_related(family, time, as_of, struck, audit=audit)
    return {number: standings[number] for number in cases}


def _families(cases: Mapping[str, CaseLog]) -> list[dict[str, CaseLog]]:
    """The cases apart: those that opened each other, with all that those opened or were opened by."""
    relatives: dict[str, list[str]] = {number: [] for number in cases}
    for number, case in cases.items():
        for parent in case.parents:
            relatives[number].append(parent)
            relatives[parent].append(number)
    found, seen = [], set[str]()
    for number in cases:
        if number in seen:
            continue
        seen.add(number)
        family = [number]
        for each in family:
            for other in relatives[each]:
                if other not in seen:
                    seen.add(other)
                    family.append(other)
        found.append({each: cases[each] for each in family})
    return found


def _replay_related(
    cases: Mapping[str, CaseLog], time: LegalTime, as_of: dt.date, struck: frozenset[int], *, audit: bool
) -> dict[str, CaseStanding]:
    """The standings of cases of one family, in one pass over time."""
    family = {number: CaseStanding(case.workflow, time, party=case.party) for number, case in cases.items()}
    expiring = {number: each for number, each in family.items() if each.workflow.expiring}
    for number, case in cases.items():
        family[number].tell = _teller(number, case, cases, family)
    for number, line in _in_order(cases, as_of, struck):
        if expiring:
            _expire_all(expiring, moment_of(line.on))
        standing = family[number]
        standing.now = line.on
        if audit:
            act = standing.workflow.acts[line.act]
            if refused := refusals_of(standing, act, entered=line.said):
                standing.irregular = (*standing.irregular, (line, refused))
        standing.apply(line)
    _expire_all(expiring, moment_of(as_of))
    for standing in family.values():
        standing.now = as_of
    return family


def _in_order(cases: Mapping[str, CaseLog], as_of: dt.date, struck: frozenset[int]) -> Iterator[tuple[str, CaseLine]]:
    """The lines of all cases up to a day or a moment, in the order in which they happened.

    Within a day moments go by the clock, whenever they were entered; a line of which only the day is known stands after
    those that were entered before it.
    """
    last = day_of(as_of)
    lines = [
        (on, line.number, number, line)
        for number, case in cases.items()
        for line in case.lines
        if (on := day_of(line.on)) <= last and line.number not in struck
    ]
    lines.sort(key=lambda each: each[:3])
    if not any(isinstance(line.on, dt.datetime) for *_, line in lines):
        yield from ((number, line) for _, _, number, line in lines)
        return
    placed: list[tuple[dt.datetime, int, str, CaseLine]] = []
    latest = dt.datetime.min
    for _, place, number, line in lines:
        at = moment_of(line.on)
        latest = max(latest, at)
        placed.append((at if isinstance(line.on, dt.datetime) else latest, place, number, line))
    until = as_of if isinstance(as_of, dt.datetime) else dt.datetime.max
    for at, _, number, line in sorted(placed, key=lambda each: each[:3]):
        if at <= until:
            yield number, line


def _expire_all(family: Mapping[str, CaseStanding], until: dt.datetime) -> None:
    """Acts by law of all relatives up to a moment, the earliest first."""
    while True:
        ready = [
            (due, number)
            for number, each in family.items()
            if each.may_expire and (due := each.next_expiry(until)) is not None
        ]
        if not ready:
            return
        family[min(ready)[1]].expire(until)


def _teller(
    number: str, case: CaseLog, cases: Mapping[str, CaseLog], family: Mapping[str, CaseStanding]
) -> Tell | None:
    """Who hears what a case does: the cases that opened it, always; those that it opened, where an act says so."""
    # Parent -> the names under which it opens cases of this workflow.
    names_at = {
        parent: [
            name for name, child in cases[parent].workflow.page.children.items() if child.workflow == case.workflow.name
        ]
        for parent in case.parents
    }
    tells = any(act.body.tells for act in case.workflow.acts.values())
    if not any(names_at.values()) and not tells:
        return None

    # What this case is telling now: an act that comes back to where it came from is not told once more.
    telling: set[tuple[str, int]] = set()

    def tell(line: CaseLine, act: CompiledAct) -> None:
        said = (act.key, line.number)
        if said in telling:
            return
        telling.add(said)
        try:
            tell_on(line, act)
        finally:
            telling.discard(said)

    def tell_on(line: CaseLine, act: CompiledAct) -> None:
        standing = family[number]
        for parent, names in names_at.items():
            # Where two names of the parent stand for cases of one workflow, it hears this case by the name by which it
            # opened it.
            opened = [name for name in names if number in family[parent].children.get(name, ())]
            for name in opened or names:
                _hear(family[parent], f"{name}.{act.key}", line, number, has_ended=standing.has_ended)
        if act.body.tells is not None:
            for other in standing.children.get(act.body.tells, ()):
                _hear(family[other], f"{PARENT}.{act.key}", line, number, has_ended=False)

    return tell


def _hear(standing: CaseStanding, heard: str, line: CaseLine, number: str, *, has_ended: bool) -> None:
    """What another case (``number``) did: counted, and done here by the first act that listens and can be done."""
    names = (heard, heard.rpartition(".")[0]) if heard.count(".") == 2 else (heard,)
    standing.count_heard(names, line, number, has_ended=has_ended)
    workflow = standing.workflow
    standing.now = line.on
    for act in (workflow.acts[key] for name in names for key in workflow.heard.get(name, ())):
        if act.body.named_in is not None and standing.party not in listed(line.said.get(act.body.named_in)):
            continue
        if not refusals_of(standing, act):
            # Only what the own page has a field for is taken over.
            said = {name: value for name, value in line.said.items() if name in workflow.page.fields}
            done = CaseLine(line.on, act.key, (), said, line.number)
            standing.heard = (*standing.heard, done)
            standing.apply(done)
            return
