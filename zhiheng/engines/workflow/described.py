"""A workflow in words: what each act needs and does, what each period means on a day, for pages that people read."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from zhiheng.engines.workflow.compiled import Workflow
from zhiheng.engines.workflow.legal_time import LegalTime
from zhiheng.grammar.chapters.workflow_pages import BY_LAW, PARENT, CaseAct, LegalPeriod, OwnLength, Step
from zhiheng.grammar.types import Citation, Label
from zhiheng.kernel.days import Period, Sentence
from zhiheng.kernel.deadlines import DISTRICT, RULES
from zhiheng.kernel.law import LawKey, Parameter
from zhiheng.kernel.reasons import Refused


@dataclass(frozen=True, slots=True)
class PeriodInWords:
    """A period of a page: since when, how long on that day (None: no such rule), what it makes of acts, its article."""

    name: str
    label: Label
    starts: Sentence
    length: Sentence | None
    effects: tuple[Sentence, ...]
    law: Parameter | None
    set_by: Label | None


@dataclass(frozen=True, slots=True)
class OutcomeInWords:
    """One way in which an act can come out."""

    label: Label
    leads_to: tuple[Label, ...]
    asks: tuple[Label, ...]
    dates: Sentence | None


@dataclass(frozen=True, slots=True)
class ActInWords:
    """An act of a page: who does it, in which states, what is filled in, what it leads to, its article."""

    name: str
    label: Label
    who: tuple[Label, ...]
    when: tuple[Label, ...]
    asks: tuple[Label, ...]
    leads_to: tuple[Label, ...]
    outcomes: tuple[OutcomeInWords, ...]
    law: Parameter | Citation | None
    dates: Sentence | None


def periods_in_words(workflow: Workflow, time: LegalTime, day: dt.date) -> tuple[PeriodInWords, ...]:
    """Every period of a page by the law of a day."""
    return tuple(_period(workflow, time, day, name, period) for name, period in workflow.periods)


def acts_in_words(workflow: Workflow, time: LegalTime, day: dt.date) -> tuple[ActInWords, ...]:
    """Every act of a page, in its order."""
    return tuple(_act(workflow, time, day, name, body) for name, body in workflow.page.acts.items())


def length_in_words(period: LegalPeriod, time: LegalTime, day: dt.date) -> tuple[Sentence | None, Parameter | None]:
    """How long a period is by the law of a day, and the parameter that says it; no length where there is no such rule
    then.
    """
    name = period.within or period.every
    if name is None:
        return Sentence("到文书载明之日", "until the day stated"), None
    if isinstance(name, OwnLength):
        own = Period(name.value, name.unit)
        return Sentence(own.show(), own.show("en")), None
    key = LawKey.parse(name)
    try:
        law = time.at(key, day)
    except Refused:
        # A gap is no rule that there was none: it is told as what it is.
        return Sentence("规则书没有写到这一天", "the book does not reach back to that day"), None
    if law is None:
        return None, None
    rows = [law.period(each) for each in law.value] if key.row_field and isinstance(law.value, Mapping) else []
    rows = rows or [law.period("" if key.row_field else key.row)]
    zh, en = ("每", "every ") if period.every else ("", "")
    shown = Sentence(zh + "／".join(each.show() for each in rows), en + " / ".join(each.show("en") for each in rows))
    return shown, law


def _period(workflow: Workflow, time: LegalTime, day: dt.date, name: str, period: LegalPeriod) -> PeriodInWords:
    length, law = length_in_words(period, time, day)
    if period.in_ is not None:
        state = workflow.page.states[period.in_].label
        starts = Sentence(f"进入“{state.zh}”起", f"from '{state.en}' on")
    else:
        acts = [workflow.of(start.act)[0] for start in period.after if start.holds(day)]
        acts = acts or [workflow.of(start.act)[0] for start in period.after]
        zh, en = "、".join(f"“{act.zh}”" for act in acts), " or ".join(f"'{act.en}'" for act in acts)
        again = period.from_ == "last"
        starts = Sentence(
            f"自{zh}之日起{'，每次重新起算' if again else ''}", f"from {en}{', anew each time' if again else ''}"
        )
    own = period.within if isinstance(period.within, OwnLength) else None
    return PeriodInWords(
        name,
        period.label,
        starts,
        length,
        (*_effects(workflow, period), *_last_day(period, time, day)),
        law,
        own.by if own is not None else None,
    )


def _last_day(period: LegalPeriod, time: LegalTime, day: dt.date) -> Iterator[Sentence]:
    """Which last days of a limit or a display move on; of other periods the text of their law says it."""
    if period.purpose == "act":
        return
    name = f"{DISTRICT}.{RULES[period.purpose]}"
    word = time.word(name, time.value(name, day).value)
    yield Sentence(
        f"最后一日遇何日顺延，依本区规定：{word.zh}", f"last days that move on, set by the district: {word.en}"
    )


def _effects(workflow: Workflow, period: LegalPeriod) -> Iterator[Sentence]:
    def acts(names: Iterable[str]) -> tuple[str, str]:
        # An act whose outcomes are all named is named once.
        found = {act.name if name == act.name else act.key: act for name in names for act in workflow.of(name)}
        labels = [
            workflow.page.acts[key].label if key in workflow.page.acts else Label(zh=act.zh, en=act.en)
            for key, act in found.items()
        ]
        return "、".join(f"“{label.zh}”" for label in labels), ", ".join(f"'{label.en}'" for label in labels)

    for names, zh, en in (
        (period.duty, "期内应当{}", "within it, must: {}"),
        (period.right, "期内可以{}", "within it, may: {}"),
        (period.wait, "期满才能{}", "only after it: {}"),
        ((period.else_,) if period.else_ else (), "期满即{}", "at its end: {}"),
    ):
        if names:
            told = acts(names)
            yield Sentence(zh.format(told[0]), en.format(told[1]))
    if period.not_counted_while:
        paused = workflow.words(workflow.bits(period.not_counted_while))
        yield Sentence(f"{paused[0]}的时间不计入", f"time in {paused[1]} is not counted")
    if period.extended_by:
        told = acts(period.extended_by)
        yield Sentence(f"{told[0]}可以延长", f"extended by {told[1]}")
    if period.until is not None and period.within is not None:
        field = workflow.page.fields[period.until].label
        yield Sentence(f"以“{field.zh}”载明的为准，不得更晚", f"as stated in '{field.en}', no later")


def _act(workflow: Workflow, time: LegalTime, day: dt.date, name: str, body: CaseAct) -> ActInWords:
    page = workflow.page
    when = workflow.states(workflow.of(name)[0].any_of | workflow.of(name)[0].all_of)
    return ActInWords(
        name,
        body.label,
        tuple(_who(workflow, body)),
        tuple(page.states[state].label for state in when),
        _fields(workflow, body.asks),
        _begun(workflow, body),
        tuple(
            OutcomeInWords(more.label, _begun(workflow, more), _fields(workflow, more.asks), _dates(more))
            for more in body.outcomes.values()
        ),
        _law(workflow, time, day, body),
        _dates(body),
    )


def _who(workflow: Workflow, body: CaseAct) -> Iterator[Label]:
    for name in body.by:
        if name == BY_LAW:
            yield Label(zh="期满依法发生", en="by law, when a period ends")
        else:
            named = workflow.page.hands.get(name) or workflow.page.parties[name]
            yield named.label
    if body.hears:
        relatives = dict.fromkeys(each.partition(".")[0] for each in body.hears)
        children = [workflow.page.children[each].label for each in relatives if each != PARENT]
        for label in children or [Label(zh="上级案件", en="the case that opened it")]:
            yield Label(zh=f"由“{label.zh}”引起", en=f"follows from '{label.en}'")


def _begun(workflow: Workflow, step: Step) -> tuple[Label, ...]:
    return tuple(workflow.page.states[state].label for state in step.begins)


def _fields(workflow: Workflow, names: Iterable[str]) -> tuple[Label, ...]:
    return tuple(workflow.page.fields[name].label for name in names)


def _law(workflow: Workflow, time: LegalTime, day: dt.date, step: Step) -> Parameter | Citation | None:
    if not step.law:
        return None
    if step.law.isascii():
        with contextlib.suppress(Refused):
            return time.at(LawKey.parse(step.law), day)
        return None
    # An article is one of the first text; on a day on which that was not in force another text has another number for
    # it.
    first = workflow.page.law[0]
    return first.model_copy(update={"article": step.law}) if first.holds(day) else None


def _dates(step: Step) -> Sentence | None:
    if step.since is None and step.until is None:
        return None
    zh = f"自 {step.since} 起" if step.since is not None else ""
    en = f"since {step.since}" if step.since is not None else ""
    if step.until is not None:
        zh, en = f"{zh}至 {step.until} 止", f"{en} until {step.until}".strip()
    return Sentence(zh, en)
