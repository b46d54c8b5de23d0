"""Why an act can't be done: every reason, as a sentence that names the state, the day and the article, and says what
can be done first.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from zhiheng.engines.conditions import is_met, within
from zhiheng.engines.workflow import refusals
from zhiheng.engines.workflow.compiled import CompiledAct
from zhiheng.engines.workflow.forms import SEVERAL
from zhiheng.engines.workflow.legal_time import day_of
from zhiheng.engines.workflow.standing import NOTHING, CaseStanding, listed
from zhiheng.grammar.chapters.workflow_pages import ALL_NAMED, BY_LAW, CaseRight, Hand, Level
from zhiheng.grammar.types import Condition
from zhiheng.kernel.days import Period
from zhiheng.kernel.law import LawKey
from zhiheng.kernel.reasons import Flag, Refusal, Refused


@dataclass(frozen=True, slots=True)
class CasePerson:
    """Somebody at a case: what their roles allow, where their unit stands to the unit that holds it, or as which party
    they speak.

    ``name`` tells one person from another (``account:12``); ``called`` is what refusals call them, where that differs.
    """

    name: str
    may: frozenset[CaseRight] = frozenset()
    level: Level = "own"
    party: str = ""
    called: str = ""


class Entered(dict[str, Any]):
    """What is being entered and by whom, as a function of ``rule.py`` gets it."""

    def __init__(self, said: Mapping[str, Any], people: Sequence[CasePerson]) -> None:
        super().__init__(said)
        self.people = tuple(person.name for person in people)


def refusals_of(
    standing: CaseStanding,
    act: CompiledAct,
    people: Sequence[CasePerson] = (),
    entered: Mapping[str, Any] | None = None,
) -> tuple[Refusal, ...]:
    """Every reason why an act can't be done at the moment of the standing; none: it can.

    Without ``people`` it is not asked who does it; without ``entered`` what is still to be filled in is not asked.
    """
    if entered is not None and (ill := tuple(_ill_typed(standing, act, entered))):
        # Nothing can be compared with what is no number and no day.
        return ill
    found = [*_by_states(standing, act), *_by_periods(standing, act), *_by_relatives(standing, act)]
    found += _by_numbers(standing, act, entered)
    if act.body.rule is not None and entered is not None and not found:
        said = _asked(standing, act.body.rule, entered, people)
        if isinstance(said, Refusal):
            found.append(said)
    if people:
        found += _by_people(standing, act, people)
    if entered is not None:
        found += _by_form(standing, act, entered)
    return tuple(found)


def hints_of(
    standing: CaseStanding, act: CompiledAct, people: Sequence[CasePerson], entered: Mapping[str, Any]
) -> tuple[Flag, ...]:
    """What an officer should know before the act; a hint never decides."""
    if any(_ill_typed(standing, act, entered)):
        return ()
    said = (_asked(standing, name, entered, people) for name in act.body.hints)
    return tuple(flag for flag in said if isinstance(flag, Flag))


def _asked(
    standing: CaseStanding, name: str, entered: Mapping[str, Any], people: Sequence[CasePerson]
) -> Refusal | Flag | None:
    """What a function of rule.py says. Raises Refused where it breaks down."""
    try:
        return standing.workflow.rules[name](standing, Entered(entered, people))
    except Refused:
        raise
    except Exception as cause:  # Whatever a book's own code raises is a mistake of the book, told as such.
        label = standing.workflow.page.label
        raise Refused(refusals.rule_broken(label, name, cause)) from cause


def sealed_acts(standing: CaseStanding) -> tuple[str, ...]:
    """The acts whose words are closed to everybody now: done, and none of those that open them."""
    acts = standing.workflow.page.acts
    return tuple(
        name
        for name, body in acts.items()
        if body.sealed_until and standing.done(name) and not standing.done(*body.sealed_until)
    )


def _by_states(standing: CaseStanding, act: CompiledAct) -> Iterator[Refusal]:
    workflow, body, states, day = standing.workflow, act.body, standing.states, day_of(standing.now)
    if not body.holds(day):
        yield refusals.act_not_in_force(act, day)
    if body.opens_case == standing.is_open:
        yield refusals.case_open_or_not(standing.is_open)
    lacking = act.any_of if act.any_of and not states & act.any_of else act.all_of & ~states
    if lacking:
        now, need = workflow.words(states), workflow.words(lacking)
        first = [
            each
            for each in workflow.acts.values()
            if each.begins & lacking
            and not each.is_stuck(states)
            and not each.body.opens_case
            and each.body.by
            and not each.by_law
        ]
        yield refusals.act_not_while(now, act=act, need=need, first=first)
    if states & act.none_of:
        now = workflow.words(states & act.none_of)
        yield refusals.act_not_now(now, act)
    if not act.any_of and not act.all_of and not body.opens_case and states & workflow.finals:
        yield refusals.case_closed()
    rest = ((states & ~act.ends) | act.begins) & ~workflow.finals
    if act.ends_case and rest and not lacking:
        now = workflow.words(rest)
        yield refusals.case_unfinished(now, act)
    for name in body.after:
        if not standing.done(name):
            before = workflow.of(name)[0]
            yield refusals.act_before_another(before, act=act)
    if body.once and standing.done(act.name):
        yield refusals.act_done_already(act)


def _by_periods(standing: CaseStanding, act: CompiledAct) -> Iterator[Refusal]:
    names = {act.key, act.name}
    for number, (name, period) in enumerate(standing.workflow.periods):
        # An extension is decided while the period runs, as a right is used while it runs.
        bounded, waiting = names & {*period.right, *period.extended_by}, names & {*period.wait}
        if not bounded and not waiting:
            continue
        clock = standing.clock(number)
        zh, en = period.label.zh, period.label.en
        if clock is None:
            told = (f"“{zh}”尚未起算", f"'{en}' has not begun")
        else:
            told = (f"“{zh}”{clock.day} 届满（{clock.cited[0]}）", f"'{en}' ends on {clock.day} ({clock.cited[1]})")
        if bounded and (clock is None or clock.is_late):
            yield refusals.too_late(name, told, act)
        if waiting and (clock is None or not clock.is_late):
            yield refusals.too_early(name, told, act)


def _by_relatives(standing: CaseStanding, act: CompiledAct) -> Iterator[Refusal]:
    page = standing.workflow.page
    for child in act.body.settled:
        running = [each for each in standing.children.get(child, ()) if each not in standing.ended_children]
        if running:
            label, names = page.children[child].label, [each.rpartition("/")[2] for each in sorted(running)]
            yield refusals.children_running(len(running), label, names)
    for child in act.body.begun:
        waiting = [each for each in standing.children.get(child, ()) if each not in standing.begun_children]
        if waiting:
            label, names = page.children[child].label, [each.rpartition("/")[2] for each in sorted(waiting)]
            yield refusals.children_not_begun(len(waiting), label, names)
    for name in act.body.everyone:
        each_act = standing.workflow.of(name)[0]
        did = {person for line in standing.kept.get(name, ()) for person in line.people}
        hands = each_act.body.by
        named = {person for hand in hands for person in standing.named_for(hand)}
        if missing := named - did:
            yield refusals.not_everyone_yet(len(missing), each_act)


# What the bounds of a condition are called.
_BOUNDS: Final[Mapping[str, tuple[str, str]]] = {
    "at_least": ("不少于", "at least"),
    "at_most": ("不超过", "at most"),
    "more_than": ("大于", "more than"),
    "less_than": ("小于", "less than"),
}


def _by_numbers(standing: CaseStanding, act: CompiledAct, entered: Mapping[str, Any] | None) -> Iterator[Refusal]:
    """Conditions on what was said, counted and is being entered: by fixed values, and by numbers and lists of the law
    of the day.
    """
    body, page, said, day = act.body, standing.workflow.page, entered or NOTHING, day_of(standing.now)

    def label(name: str) -> tuple[str, str]:
        of = page.fields.get(name) or page.tallies.get(name) or page.look_ups.get(name)
        return (of.label.zh, of.label.en) if of is not None else (name, name)

    def comes_later(name: str, value: Any) -> bool:
        return value is None and entered is None and name in (*body.asks, *body.sees)

    bounds = [
        (name, how, getattr(condition, how), ("", ""))
        for name, condition in body.where.items()
        for how in _BOUNDS
        if getattr(condition, how) is not None
    ]
    for how in _BOUNDS:
        for name, law_name in getattr(body, how).items():
            law = standing.time.value(law_name, day)
            row = LawKey.parse(law_name).row
            bounds.append(
                (name, how, law.row(row) if row else law.value, (f"（{law.cited()}）", f" ({law.cited('en')})"))
            )
    for name, how, limit, cited in bounds:
        value = standing.value(name, said)
        # Of a list it is asked how many it has.
        number = len(set(value)) if isinstance(value, list | tuple) else value
        zh, en = _BOUNDS[how]
        if not comes_later(name, value) and (number is None or not within(how, limit, number)):
            yield refusals.number_out_of_bounds(
                how, field=name, label=label(name), zh=zh, limit=limit, cited=cited, number=number, act=act, en=en
            )
    for name, condition in body.where.items():
        rest = condition.model_copy(update=dict.fromkeys(_BOUNDS))
        value = standing.value(name, said)
        if not comes_later(name, value) and not is_met(value, rest):
            yield refusals.value_does_not_fit(name, label=label(name), act=act, wanted=_wanted(rest))
    if entered is None:
        return
    for name, of in body.among.items():
        listed_by_law = "." in of
        allowed = standing.time.value(of, day).value if listed_by_law else standing.value(of, said)
        if {*listed(said.get(name))} - {*listed(allowed)}:
            source = (of, of) if listed_by_law else label(of)
            yield refusals.value_not_among(name, label=label(name), source=source)
    for name, law_name in body.all_of.items():
        law = standing.time.value(law_name, day)
        if lacking := [
            standing.time.word(law_name, each) for each in listed(law.value) if each not in listed(said.get(name))
        ]:
            yield refusals.values_lacking(
                name, label=label(name), lacking=lacking, cited_zh=law.cited(), cited_en=law.cited("en")
            )


def _wanted(condition: Condition) -> str:
    wanted = condition.equals if condition.equals is not None else condition.any_of
    return "" if wanted is None or isinstance(wanted, bool | tuple) else f"（须为 {wanted}）"


def how_many(standing: CaseStanding, act: CompiledAct) -> int:
    """How many different persons make the act on the day of the standing."""
    joint = act.body.joint or 1
    return int(standing.law(joint)) if isinstance(joint, str) else joint


def as_whom(standing: CaseStanding, act: CompiledAct, person: CasePerson) -> str:
    """The hand or party as which somebody does an act, the first in the order of the page; '' where they can't."""
    page = standing.workflow.page
    for name in act.body.by:
        if name in page.parties:
            if _speaks_for(person, name):
                return name
        elif name != BY_LAW and _not_as(standing, act, person, name, page.hands[name]) is None:
            return name
    return ""


def _speaks_for(person: CasePerson, party: str) -> bool:
    """Whether somebody is the party, or may enter what it did on paper; the line says so."""
    return person.party == party or ("case.handle" in person.may and person.level == "own")


def who_leaves(standing: CaseStanding, act: CompiledAct) -> Mapping[str, tuple[str, ...]]:
    """The fields of an act with those who no longer act as a hand -> who can stand there: those named for it now. Of a
    hand for which the page names nobody everybody can.
    """
    fields = [(field, hand) for hand, field in act.body.relieves.items() if field != ALL_NAMED]
    if act.body.recuses is not None:
        fields.append((act.body.recuses.field, act.body.recuses.hand))
    return {field: standing.named_for(hand) for field, hand in fields if hand in standing.workflow.assigned_hands}


def entanglement(standing: CaseStanding, hands: Sequence[str], name: str) -> tuple[str, str] | None:
    """Why somebody can be none of these hands whatever their rights: recused from each, or in this case as somebody
    from whom it has to be apart. None: at least one is open to them.
    """
    why: tuple[str, str] | None = None
    for hand in hands:
        why = _entangled(standing, hand, name)
        if why is None:
            return None
    return why


def _entangled(standing: CaseStanding, name: str, person: str) -> tuple[str, str] | None:
    page = standing.workflow.page
    label = page.hands[name].label
    if (name, person) in standing.recused:
        return "已决定回避", "recused"
    for other in page.hands[name].apart_from:
        if person in standing.actors.get(other, ()) or person in standing.assigned.get(other, ()):
            was = page.hands[other].label
            return f"在本案中是{was.zh}，不得兼任{label.zh}", f"was {was.en} in this case and can't be {label.en} too"
    return None


def _by_people(standing: CaseStanding, act: CompiledAct, people: Sequence[CasePerson]) -> Iterator[Refusal]:
    number = how_many(standing, act)
    if len({person.name for person in people}) < number:
        yield refusals.too_few_people(act, number)
    for person in people:
        why = _not_by(standing, act, person)
        if why is not None:
            yield refusals.person_may_not(person.called or person.name, act, why)


def _not_by(standing: CaseStanding, act: CompiledAct, person: CasePerson) -> tuple[str, str] | None:
    """Why somebody can't do an act as any of its hands or parties; None: they can."""
    page = standing.workflow.page
    why: tuple[str, str] | None = (
        "由法律规定的期限届满时发生，不由人办理",
        "it happens when a period ends, nobody does it",
    )
    if not act.body.by:
        why = ("由相关案件的办理引起，不由人办理", "it follows from another case, nobody does it")
    for name in act.body.by:
        if name == BY_LAW:
            continue
        if name in page.parties:
            if _speaks_for(person, name):
                return None
            why = (f"由{page.parties[name].label.zh}办", f"it is for the {page.parties[name].label.en}")
            continue
        why = _not_as(standing, act, person, name, page.hands[name])
        if why is None:
            return None
    return why


_LEVELS: Final[Mapping[str, tuple[str, str]]] = {
    "own": ("本级本单位", "of the unit that holds the case"),
    "other": ("另一单位", "of another unit"),
    "above": ("上一级", "of the level above"),
}


def _not_as(
    standing: CaseStanding, act: CompiledAct, person: CasePerson, name: str, hand: Hand
) -> tuple[str, str] | None:
    zh, en = hand.label.zh, hand.label.en
    if hand.takes not in person.may:
        return f"须由{zh}办，您没有这项权限", f"it is for the {en}, and the role does not allow it"
    if person.level != hand.at:
        return f"须由{zh}办（{_LEVELS[hand.at][0]}）", f"it is for the {en} ({_LEVELS[hand.at][1]})"
    entangled = _entangled(standing, name, person.name)
    named = standing.assigned.get(name, ())
    recused = (name, person.name) in standing.recused
    if not recused and name in standing.workflow.assigned_hands and person.name not in named:
        return f"不是本案指定的{zh}", f"not named as {en} of this case"
    if entangled is not None:
        return entangled
    if act.body.each and any(person.name in line.people for line in standing.kept.get(act.name, ())):
        return "每人只办一次，已经办过", "each does it once, and did"
    return None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


_NUMBER: Final = ("一个数", "a number", _is_number)
# A code that is all digits comes as a number where nobody quoted it.
_TEXT: Final = ("文字", "text", lambda value: isinstance(value, str) or _is_number(value))
_ONE_WORD: Final = ("一项", "one", lambda value: isinstance(value, str | int))
# What fits into a field of a kind, or into each entry where it holds several; every other kind takes text.
_FITS: Final[Mapping[str, tuple[str, str, Callable[[Any], bool]]]] = {
    "number": _NUMBER,
    "money": _NUMBER,
    "choice": _ONE_WORD,
    "choices": _ONE_WORD,
    "yes_no": ("是或者否", "yes or no", lambda value: isinstance(value, bool)),
    "day": ("一个日期", "a day", lambda value: isinstance(value, dt.date) and not isinstance(value, dt.datetime)),
    # Where nobody knows the hour the day is enough: it is counted from its first moment.
    "moment": (
        "北京时间的日期和时刻",
        "a day and a time in China",
        lambda value: isinstance(value, dt.date) and getattr(value, "tzinfo", None) is None,
    ),
}


def _ill_typed(standing: CaseStanding, act: CompiledAct, entered: Mapping[str, Any]) -> Iterator[Refusal]:
    """What was said in a field that can't hold it."""
    for name in (*act.body.asks, *act.body.optional):
        field, value = standing.workflow.page.fields[name], entered.get(name)
        zh, en, fits = _FITS.get(field.type, _TEXT)
        several = listed(value) if field.type in SEVERAL else () if value in (None, "") else (value,)
        if not all(map(fits, several)):
            yield refusals.value_ill_typed(field.label, zh=zh, value=value, en=en, field=name)
        elif field.type in ("number", "money") and not field.negative and several and several[0] < 0:
            yield refusals.value_negative(field.label, value=value, field=name)


def _by_form(standing: CaseStanding, act: CompiledAct, entered: Mapping[str, Any]) -> Iterator[Refusal]:
    body, page, day = act.body, standing.workflow.page, day_of(standing.now)
    fields = {name: page.fields[name] for name in (*body.asks, *body.optional)}
    if unknown := sorted(entered.keys() - fields.keys() - {*body.sees}):
        yield refusals.fields_not_of_act(act, unknown)
    asked = [name for name in body.asks if fields[name].holds(day)]
    for name in asked:
        if entered.get(name) in (None, "", [], ()):
            yield refusals.field_empty(name, fields[name].label)
    for name, field in fields.items():
        said = listed(entered.get(name))
        if field.choices_of is not None:
            law = standing.time.value(field.choices_of, day)
            if {*said} - {*listed(law.value)}:
                yield refusals.choice_not_of_law(
                    field.label, day=day, cited_zh=law.cited(), cited_en=law.cited("en"), field=name
                )
        elif field.choices and {*said} - field.choices.keys():
            yield refusals.choice_unknown(field.label, name)
    for name, named in who_leaves(standing, act).items():
        if strangers := [str(each) for each in listed(entered.get(name)) if each not in named]:
            yield refusals.nobody_named(page.fields[name].label, field=name, strangers=strangers)
    yield from _stated_days(standing, act, entered, asked)


def _stated_days(
    standing: CaseStanding, act: CompiledAct, entered: Mapping[str, Any], asked: Sequence[str]
) -> Iterator[Refusal]:
    """A day that an officer states lies within what the law gives, and not before the day on which it is stated."""
    day = day_of(standing.now)
    for _, period in standing.workflow.periods:
        stated = entered.get(period.until) if period.until is not None else None
        if not isinstance(stated, dt.date):
            continue
        if day_of(stated) < day:
            yield refusals.last_day_before_act(period.label, stated=stated, day=day, field=str(period.until))
        if period.until not in asked or not isinstance(period.within, str):
            continue
        law = standing.time.value(period.within, day)
        length: Period = law.period(standing.row(period.within, entered))
        last = standing.time.end(standing.now, length, law).day
        if day_of(stated) > last:
            yield refusals.last_day_too_late(
                period.label, last=last, cited_zh=law.cited(), cited_en=law.cited("en"), field=str(period.until)
            )
