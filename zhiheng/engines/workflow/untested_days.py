"""Days of change that no story notices.

A page changes on a day where it says so itself (``since``, ``until``) and where a parameter of the law that it counts
by does. Each such day is moved by one, to both sides, and the stories are played: if the change could come a day
earlier, no story stands on the last day of the old rule; if it could come a day later, none stands on the first of the
new one.

Where only the article or the text changes that is cited, cases stand as they did: then a story must tell of the last
day before and of the first day after. Where a rule begins (or ends), a story must tell of its first (or last) day: on
the other side there may be nothing that could be done.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from zhiheng.engines.workflow.compiled import Workflow
from zhiheng.engines.workflow.family import CaseLog
from zhiheng.engines.workflow.legal_time import LegalTime, day_of
from zhiheng.engines.workflow.stories import Family, compiled, people_of
from zhiheng.engines.workflow.untested import fails, tellers_of
from zhiheng.grammar.chapters.workflow_pages import Story, WorkflowPage
from zhiheng.grammar.chapters.workflows import WorkflowEntry
from zhiheng.kernel.law import Law, LawKey, Parameter

_DAY = dt.timedelta(days=1)
_BOUNDS = ("at_least", "at_most", "more_than", "less_than", "among", "all_of")
# The page with a day of change that lies so many days later (earlier, where there are fewer than none).
_Move = Callable[[int], WorkflowPage]
_BEFORE, _AFTER = -1, 1


@dataclass(frozen=True, slots=True)
class DayOfChange:
    """The first day of something new in a workflow: what changes (an entry of the page, a parameter of the law), and of
    which of its two sides a story must tell.
    """

    what: str
    day: dt.date
    sides: tuple[int, ...] = (_BEFORE, _AFTER)

    def __str__(self) -> str:
        return f"{self.what} {self.day}"


@dataclass(frozen=True, slots=True)
class UntestedDays:
    """The days of change of a page. ``before``: those of which no story tells the last day before (the change could
    come a day earlier); ``after``: those of which none tells the first day (it could come a day later).
    """

    changes: tuple[DayOfChange, ...]
    before: tuple[DayOfChange, ...]
    after: tuple[DayOfChange, ...]


def days_of_change(page: WorkflowPage, law: Law) -> tuple[DayOfChange, ...]:
    """The days on which a page changes, or what its cases count by or cite."""
    return (*_moving(page, law, []), *_cited(page, law))


def untested_days(entries: Mapping[str, WorkflowEntry], name: str, time: LegalTime) -> UntestedDays:
    """The days of change of a page that its stories, and those of the pages that open its cases, don't notice.

    Raises Refused where a story does not come true to begin with: it would seem to notice everything.
    """
    whole = compiled(entries)
    stories = tellers_of(entries, whole, name, time)
    page, rules = entries[name].page, entries[name].rules
    added: list[Parameter] = []
    moves = _moving(page, time.law, added)
    told = LegalTime(Law([*time.law, *added]), time.calendar)
    missed: dict[int, list[DayOfChange]] = {_BEFORE: [], _AFTER: []}
    cited = tuple(_cited(page, time.law))
    days_told = {day for workflow, story in stories for day in _days_of(whole, time, workflow, story, name)}
    for change, move in moves.items():
        near = sorted(stories, key=lambda each: _far(each[1], change.day))
        for side in change.sides:
            if len(change.sides) == 1 and _day(change, side) in days_told:
                continue
            workflows = {**whole, name: Workflow(name, move(side), rules)}
            if not any(fails(workflows, told, workflow, story) for workflow, story in near):
                missed[side].append(change)
    for side, unnoticed in missed.items():
        unnoticed += [change for change in cited if _day(change, side) not in days_told]
    return UntestedDays((*moves, *cited), tuple(missed[_BEFORE]), tuple(missed[_AFTER]))


def _day(change: DayOfChange, side: int) -> dt.date:
    """The last day before a change, or its first day."""
    return change.day if side == _AFTER else change.day - _DAY


def _days_of(
    workflows: Mapping[str, Workflow], time: LegalTime, teller: str, story: Story, name: str
) -> Iterator[dt.date]:
    """The days on which something is done in a case of a workflow, as a story tells them."""
    family = Family(workflows, time, {"": CaseLog(workflows[teller])})
    people = people_of(story)
    for day in story.days:
        if day.act is None or day.refused is not None:
            continue
        family.do(day.case, day, [people[each] for each in day.by])
        if family.cases[day.case].workflow.name == name:
            yield day_of(day.day)


def first_day_of(page: WorkflowPage, law: Law) -> dt.date:
    """The first day on which there was such a case: the first of the oldest text of the page that the law knows (the
    law of another text may reach further back), and of the acts that open one.
    """
    titles = {each.text for each in page.law}
    texts = {value.text.id for value in law if value.text.zh in titles}
    openers = [act.since or dt.date.min for act in page.acts.values() if act.opens_case]
    known = min((value.since for value in law if value.text.id in texts), default=dt.date.min)
    return max(known, min(openers, default=dt.date.min))


def _moving(page: WorkflowPage, law: Law, added: list[Parameter]) -> dict[DayOfChange, _Move]:
    """What can be moved, with the page that each move makes; ``added``: parameters that these pages name."""
    first = first_day_of(page, law)
    by_law = {change: move for change, move in _of_law(page, law, added) if change.day > first}
    return dict(_of_page(page)) | by_law


def _far(story: Story, day: dt.date) -> int:
    """How many days lie between a story and the two days around a change: the nearest are played first."""
    days = [(day_of(each.day) - day).days for each in story.days]
    return min(min(abs(each), abs(each + 1)) for each in days)


# -- days that the page says itself -----------------------------------------------------------------------------------


def _of_page(page: WorkflowPage) -> Iterator[tuple[DayOfChange, _Move]]:
    for act, body in page.acts.items():
        yield from _of_entry(page, ("acts", act), body)
        for outcome, more in body.outcomes.items():
            yield from _of_entry(page, ("acts", act, "outcomes", outcome), more)
    for field, said in page.fields.items():
        yield from _of_entry(page, ("fields", field), said)
    for name, period in page.periods.items():
        yield from _of_entry(page, ("periods", name), period)
        for place, start in enumerate(period.after):
            yield from _of_entry(page, ("periods", name, "after", place), start)


def _of_entry(page: WorkflowPage, where: tuple[str | int, ...], entry: Any) -> Iterator[tuple[DayOfChange, _Move]]:
    for key, first in (("since", 0), ("until", 1)):
        # The until of a period is a field of the case, not a day.
        day = getattr(entry, key, None)
        if isinstance(day, dt.date):
            what = ".".join(map(str, (*where, key)))
            yield DayOfChange(what, day + first * _DAY), _dated(page, where, key, day)


def _dated(page: WorkflowPage, where: tuple[str | int, ...], key: str, day: dt.date) -> _Move:
    return lambda days: _with(page, (*where, key), day + days * _DAY)


def _with(entry: Any, where: tuple[str | int, ...], value: Any) -> Any:
    """The entry with another value at a place in it."""
    if not where:
        return value
    head, *rest = where
    if isinstance(entry, Mapping):
        return {**entry, head: _with(entry[head], tuple(rest), value)}
    if isinstance(entry, tuple):
        return tuple(_with(each, tuple(rest), value) if place == head else each for place, each in enumerate(entry))
    return entry.model_copy(update={head: _with(getattr(entry, str(head)), tuple(rest), value)})


# -- days on which the law changes ------------------------------------------------------------------------------------


def _of_law(page: WorkflowPage, law: Law, added: list[Parameter]) -> Iterator[tuple[DayOfChange, _Move]]:
    """Each day on which a parameter of the page says another thing, is new or ends. The page gets a parameter of its
    own instead, which is ``added`` to the law: other pages count on as they did.
    """
    for name, places in _names(page).items():
        topic, parameter, _ = LawKey.parse(name)
        for day, sides in _changes(law.values(topic, parameter)):
            for days in sides:
                added += [_moved(each, day, days) for each in law.history(topic, parameter)]
            yield DayOfChange(f"{topic}.{parameter}", day, sides), _renaming(page, places, day)


def _names(page: WorkflowPage) -> dict[str, list[tuple[tuple[str | int, ...], str]]]:
    """topic.parameter -> the places of the page that count by it, with the name as it stands there."""
    found: dict[str, list[tuple[tuple[str | int, ...], str]]] = {}
    for where, name in _said(page):
        found.setdefault(LawKey.parse(name).name, []).append((where, name))
    return found


def _said(page: WorkflowPage) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for name, period in page.periods.items():
        for key in ("within", "every"):
            if isinstance(said := getattr(period, key), str):
                yield ("periods", name, key), said
        yield from _dotted(("periods", name, "extended_by"), period.extended_by)
    for act, body in page.acts.items():
        steps: Iterable[tuple[tuple[str, ...], Any]] = [
            (("acts", act), body),
            *((("acts", act, "outcomes", outcome), more) for outcome, more in body.outcomes.items()),
        ]
        for where, step in steps:
            for key in _BOUNDS:
                yield from _dotted((*where, key), getattr(step, key))
            if isinstance(step.joint, str):
                yield (*where, "joint"), step.joint
    for field, said in page.fields.items():
        if said.choices_of is not None:
            yield ("fields", field, "choices_of"), said.choices_of


def _dotted(where: tuple[str | int, ...], said: Mapping[str, str]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Those of some names that are of the law, not of a field."""
    return (((*where, key), name) for key, name in said.items() if "." in name)


def _cited(page: WorkflowPage, law: Law) -> Iterator[DayOfChange]:
    """The days from which another article or text is cited, by the page or by what it counts by, and nothing else
    changes.
    """
    first = first_day_of(page, law)
    days = {each.from_ for each in page.law if each.from_ is not None}
    days |= {each.until + _DAY for each in page.law if each.until is not None}
    yield from (DayOfChange("law", day) for day in sorted(days) if day > first)
    for name in _names(page):
        topic, parameter, _ = LawKey.parse(name)
        values = law.values(topic, parameter)
        changes = {day for day, _ in _changes(values)}
        for before, value in pairwise(values):
            day = value.begins or value.since
            is_other = (before.text.id, before.article) != (value.text.id, value.article)
            if is_other and day > first and day not in changes:
                yield DayOfChange(f"{name} (article)", day)


def _changes(values: tuple[Parameter, ...]) -> Iterator[tuple[dt.date, tuple[int, ...]]]:
    """The days on which a rule begins, says another thing or ends, and on which sides of them there is a rule."""
    for before, value in pairwise((None, *values, None)):
        day = None if value is None else value.begins or value.since
        goes_on = before is None or before.until is None or before.until + _DAY == day
        if before is not None and before.until is not None and not goes_on:
            yield before.until + _DAY, (_BEFORE,)
        if value is None or day is None:
            continue
        if before is None or not goes_on:
            if before is not None or value.first:
                yield day, (_AFTER,)
        elif (before.value, before.unit) != (value.value, value.unit):
            yield day, (_BEFORE, _AFTER)


def _called(parameter: str, day: dt.date, days: int) -> str:
    return f"{parameter}_{day:%Y%m%d}_{'later' if days > 0 else 'earlier'}"


def _moved(value: Parameter, day: dt.date, days: int) -> Parameter:
    """A value of the parameter of which a change lies so many days later."""
    by = days * _DAY
    return replace(
        value,
        name=_called(value.name, day, days),
        since=value.since + by if value.since == day else value.since,
        begins=value.begins + by if value.begins == day else value.begins,
        until=value.until + by if value.until is not None and value.until + _DAY == day else value.until,
    )


def _renaming(page: WorkflowPage, places: list[tuple[tuple[str | int, ...], str]], day: dt.date) -> _Move:
    def moved(days: int) -> WorkflowPage:
        found = page
        for where, name in places:
            topic, parameter, row = LawKey.parse(name)
            key = LawKey(topic, _called(parameter, day, days), row)
            found = _with(found, where, str(key))
        return found

    return moved
