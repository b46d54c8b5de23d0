"""Plays the stories of the book: days in the life of a case, each a test that an official can read."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from zhiheng.engines.workflow import refusals
from zhiheng.engines.workflow.compiled import CompiledAct, Workflow
from zhiheng.engines.workflow.family import CaseLog, replay_family
from zhiheng.engines.workflow.guards import CasePerson, hints_of, refusals_of, sealed_acts
from zhiheng.engines.workflow.legal_time import LegalTime
from zhiheng.engines.workflow.look_ups import nothing_found
from zhiheng.engines.workflow.standing import CaseLine, CaseStanding, Clock, listed
from zhiheng.grammar.chapters.workflow_pages import Story, StoryDay
from zhiheng.grammar.chapters.workflows import WorkflowEntry
from zhiheng.kernel.days import Sentence
from zhiheng.kernel.reasons import Flag, Refused


def compiled(entries: Mapping[str, WorkflowEntry]) -> dict[str, Workflow]:
    """Every workflow of a book, compiled."""
    return {name: Workflow(name, entry.page, entry.rules) for name, entry in entries.items()}


@dataclass(slots=True)
class Family:
    """A case with those that it opened, in memory, and the one thing that can be done: an act.

    Cases are numbered by how they were opened: "" the first, ``party`` or ``party/child`` the others.
    """

    workflows: Mapping[str, Workflow]
    time: LegalTime
    cases: dict[str, CaseLog]
    lines: int = 0
    hints: tuple[Flag, ...] = field(default=())

    def standing(self, case: str, on: dt.date) -> CaseStanding:
        """The standing of a case on a day or at a moment."""
        return replay_family(self.cases, self.time, on)[case]

    def do(self, case: str, day: StoryDay, people: Sequence[CasePerson]) -> None:
        """Guards, the line, the cases that it opens. Raises Refused with every reason against it."""
        assert day.act is not None
        standing = self.standing(case, day.day)
        act = standing.workflow.acts[day.act]
        entered = {**_entered(standing.workflow, day), **_seen(standing.workflow, act, day)}
        self.hints = hints_of(standing, act, people, entered)
        if refused := refusals_of(standing, act, people, entered):
            raise Refused(*refused)
        opened: list[str] = []
        if (opens := act.body.opens) is not None:
            child = standing.workflow.page.children[opens.child].workflow
            for party in listed(entered.get(opens.for_each)) if opens.for_each else (opens.child,):
                number = f"{case}/{party}".strip("/")
                opened.append(number)
                if number in self.cases and self.cases[number].workflow.name != child:
                    raise Refused(refusals.number_of_another_workflow(number))
                if number not in self.cases:
                    self.cases[number] = CaseLog(self.workflows[child], (case,), str(party))
        self.lines += 1
        line = CaseLine(day.day, day.act, tuple(person.name for person in people), entered, self.lines, tuple(opened))
        log = self.cases[case]
        self.cases[case] = replace(log, lines=(*log.lines, line))


def _entered(workflow: Workflow, day: StoryDay) -> dict[str, Any]:
    """What a day says, moments (which a page of the book has as text) read."""
    entered = dict(day.with_)
    for name, value in day.with_.items():
        field_ = workflow.page.fields.get(name)
        if field_ is not None and field_.type == "moment" and isinstance(value, str):
            with contextlib.suppress(ValueError):
                entered[name] = dt.datetime.fromisoformat(value)
    return entered


def _seen(workflow: Workflow, act: CompiledAct, day: StoryDay) -> dict[str, Any]:
    """What the look-ups of an act answer in a story: what the day says, else that nothing was found.

    Raises Refused where the day answers one that the act does not ask.
    """
    if unasked := sorted(day.sees.keys() - {*act.body.sees}):
        raise Refused(refusals.look_ups_not_of_act(act, unasked))
    return {name: day.sees.get(name, nothing_found(workflow.page.look_ups[name])) for name in act.body.sees}


@dataclass(frozen=True, slots=True)
class StoryFailure:
    """Where a story does not come true."""

    workflow: str
    story: str
    number: int
    day: dt.date
    told: Sentence

    def __str__(self) -> str:
        return f"{self.workflow}：{self.story}，第 {self.number} 行（{self.day}）：{self.told.zh} / {self.told.en}"


def play(workflows: Mapping[str, Workflow], time: LegalTime, name: str, story: Story) -> Iterator[StoryFailure]:
    """What is wrong with a story, as it is found day by day; nothing: it comes true."""
    people = people_of(story)
    family = Family(workflows, time, {"": CaseLog(workflows[name])})
    for number, day in enumerate(story.days, 1):
        for sentence in _told(family, day, people):
            yield StoryFailure(name, story.name, number, day.day, sentence)


def _told(family: Family, day: StoryDay, people: Mapping[str, CasePerson]) -> tuple[Sentence, ...]:
    if day.case not in family.cases:
        return (Sentence(f"还没有案件“{day.case}”", f"there is no case {day.case!r} yet"),)
    try:
        return tuple(_day(family, day, people))
    except Refused as refused:
        return tuple(Sentence(each.zh, each.en) for each in refused.refusals)
    except Exception as cause:  # A page or a story that can't be counted is a mistake of the book, told with its line.
        why = f"{type(cause).__name__}: {cause}"
        return (
            Sentence(
                f"算不下去（{why}）；请检查这一天和页面", f"can't be worked out ({why}); check this day and the page"
            ),
        )


def play_all(entries: Mapping[str, WorkflowEntry], time: LegalTime) -> tuple[StoryFailure, ...]:
    """What is wrong with the stories of a book."""
    workflows = compiled(entries)
    return tuple(
        failure
        for name, entry in entries.items()
        for story in entry.stories
        for failure in play(workflows, time, name, story)
    )


def people_of(story: Story) -> dict[str, CasePerson]:
    """The persons of a story, by their names."""
    return {
        name: CasePerson(name, frozenset(said.may), said.level, said.party or "") for name, said in story.people.items()
    }


def _day(family: Family, day: StoryDay, people: Mapping[str, CasePerson]) -> Iterator[Sentence]:
    family.hints = ()
    if unknown := [name for name in day.by if name not in people]:
        yield Sentence(f"故事里没有{'、'.join(unknown)}", f"the story has no {', '.join(unknown)}")
        return
    if day.act is not None:
        yield from _done_or_refused(family, day, people)
    standing = family.standing(day.case, day.day)
    if day.then.issued is not None:
        act = standing.workflow.acts.get(day.act or "")
        issued = act.body.issues if act is not None and day.refused is None else ()
        if sorted(issued) != sorted(day.then.issued):
            yield _differs("出具的文书", "documents issued", list(issued), list(day.then.issued))
    yield from _expected(standing, day, family.hints)


def _done_or_refused(family: Family, day: StoryDay, people: Mapping[str, CasePerson]) -> Iterator[Sentence]:
    if day.act not in family.cases[day.case].workflow.acts:
        yield Sentence(f"没有行为“{day.act}”", f"there is no act {day.act!r}")
        return
    try:
        family.do(day.case, day, [people[name] for name in day.by])
    except Refused as refused:
        codes = [refusal.code.removeprefix("workflow.") for refusal in refused.refusals]
        if day.refused not in codes:
            why = "；".join(refusal.zh for refusal in refused.refusals)
            why_en = " ".join(refusal.en for refusal in refused.refusals)
            yield Sentence(
                f"“{day.act}”被拒绝：{why}（{'、'.join(codes)}）",
                f"{day.act} is refused: {why_en} ({', '.join(codes)})",
            )
    else:
        if day.refused is not None:
            yield Sentence(
                f"“{day.act}”本应因 {day.refused} 被拒绝，却办成了", f"{day.act} should be refused: {day.refused}"
            )


def _expected(standing: CaseStanding, day: StoryDay, hints: Sequence[Flag]) -> Iterator[Sentence]:
    then, clocks = day.then, {clock.period: clock for clock in standing.clocks()}
    if then.stands is not None and standing.stands != then.stands:
        yield _differs("状态", "states", list(standing.stands), list(then.stands))
    if then.due is not None:
        # ``due: {}`` says that nothing runs; a period that is named must end on that day, or (``~``) not run.
        wanted = {name: str(on) for name, on in then.due.items() if on is not None}
        shown = {name: _shown(clocks[name]) for name in (then.due or clocks) if name in clocks}
        if shown != wanted:
            yield _differs("到期", "due", shown, wanted)
    if then.late is not None:
        late = sorted(name for name, clock in clocks.items() if clock.is_late)
        if late != sorted(then.late):
            yield _differs("超期", "late", late, sorted(then.late))
    for name, demands in then.duty.items():
        demanded = standing.workflow.page.periods[name].duty if name in clocks else ()
        if demanded != demands:
            yield _differs(f"{name} 的义务", f"duty of {name}", list(demanded), list(demands))
    for name, missed in then.missed.items():
        if name not in clocks or clocks[name].missed != missed:
            yield _differs(f"{name} 漏报", f"{name} missed", clocks[name].missed if name in clocks else None, missed)
    for name, words in then.article.items():
        if name not in clocks or words not in clocks[name].cited[0]:
            yield _differs(f"{name} 依据", f"{name} cites", clocks[name].cited[0] if name in clocks else None, words)
    if then.may is not None:
        able = sorted({act.name for act in standing.workflow.acts.values() if _can_be_done(standing, act.key)})
        if able != sorted(then.may):
            yield _differs("可办", "may", able, sorted(then.may))
    for key, code in then.may_not.items():
        if not (acts := standing.workflow.of(key)):
            yield Sentence(f"没有行为“{key}”", f"there is no act {key!r}")
        for act in acts:
            codes = [refusal.code.removeprefix("workflow.") for refusal in refusals_of(standing, act)]
            if code not in codes:
                yield _differs(f"{act.key} 不可的理由", f"why not {act.key}", codes, code)
    for name, value in then.numbers.items():
        if name not in standing.workflow.page.tallies:
            yield Sentence(f"没有合计“{name}”", f"there is no tally {name!r}")
        elif (found := standing.tally(name)) != value:
            yield _differs(name, name, found, value)
    if then.sealed is not None and sorted(sealed_acts(standing)) != sorted(then.sealed):
        yield _differs("密封", "sealed", list(sealed_acts(standing)), list(then.sealed))
    if then.holder is not None and standing.holder != then.holder:
        yield _differs("持有单位", "holder", standing.holder, then.holder)
    if then.hints is not None and [flag.code for flag in hints] != list(then.hints):
        yield _differs("提示", "hints", [flag.code for flag in hints], list(then.hints))


def _can_be_done(standing: CaseStanding, key: str) -> bool:
    act = standing.workflow.acts[key]
    return bool(act.body.by) and not act.by_law and not refusals_of(standing, act)


def _shown(clock: Clock) -> str:
    return clock.moment.isoformat(timespec="minutes") if clock.moment is not None else str(clock.day)


def _differs(zh: str, en: str, found: object, wanted: object) -> Sentence:
    return Sentence(f"{zh}是 {found}，应为 {wanted}", f"{en}: {found}, expected {wanted}")
