"""The days on which law changes, in every workflow of the default book: stories tell the last day of the old rule and the
first of the new one, and a period that runs over such a day goes by whichever policy a district may choose.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import pairwise

import pytest

from tests.book_once import book_once
from tests.workflows.pages import BOOK
from zhiheng.engines.workflow.family import CaseLog, replay_family
from zhiheng.engines.workflow.legal_time import LegalTime, day_of
from zhiheng.engines.workflow.standing import Clock
from zhiheng.engines.workflow.stories import Family, compiled, people_of
from zhiheng.engines.workflow.untested_days import first_day_of, untested_days
from zhiheng.grammar.chapters.calendars import CALENDAR
from zhiheng.grammar.chapters.law import LAW
from zhiheng.grammar.chapters.workflow_pages import POLICIES, Story
from zhiheng.grammar.chapters.workflows import WORKFLOWS
from zhiheng.kernel.deadlines import Purpose, ends
from zhiheng.kernel.law import LawKey

pytestmark = pytest.mark.slow
BOOK_ = book_once(BOOK)
TIME = LegalTime(BOOK_[LAW], BOOK_[CALENDAR])
WHOLE = compiled(BOOK_[WORKFLOWS])
DAY = dt.timedelta(days=1)


@pytest.mark.parametrize("name", sorted(WHOLE))
def test_法律改变的前一日和当日_都有故事讲到(name: str) -> None:
    found = untested_days(BOOK_[WORKFLOWS], name, TIME)
    assert [str(each) for each in found.before] == [], "no story tells the last day before"
    assert [str(each) for each in found.after] == [], "no story tells the first day"


def changed_lengths() -> dict[tuple[str, str, dt.date], list[str]]:
    """Workflow, length of the law, and a day since which it is another -> the periods of that length."""
    found: dict[tuple[str, str, dt.date], list[str]] = {}
    for name, workflow in WHOLE.items():
        for period, body in workflow.periods:
            if not isinstance(body.within, str) or workflow.page.transition is None:
                continue
            key = LawKey.parse(body.within)
            for before, value in pairwise(TIME.law.values(key.topic, key.parameter)):
                day = value.begins or value.since
                is_other = (before.value, before.unit) != (value.value, value.unit) and before.until is None
                if is_other and day > first_day_of(workflow.page, TIME.law):
                    found.setdefault((name, body.within, day), []).append(period)
    return found


def told_until(teller: str, story: Story, day: dt.date) -> Family:
    """The cases of a story as they stood before a day."""
    family, people = Family(WHOLE, TIME, {"": CaseLog(WHOLE[teller])}), people_of(story)
    for each in story.days:
        if each.act is not None and each.refused is None and day_of(each.day) < day:
            family.do(each.case, each, [people[who] for who in each.by])
    return family


def clocks(cases: dict[str, CaseLog], case: str, on: dt.date, policy: str) -> tuple[Clock, ...]:
    """The periods of a case that run on a day, by a policy."""
    return replay_family(cases, LegalTime(TIME.law, TIME.calendar, policy=policy), on)[case].clocks()


def crossing(name: str, periods: Sequence[str], day: dt.date) -> Iterator[tuple[Family, str, Clock]]:
    """Cases of stories in which a period that began before a day still runs on it."""
    for teller, entry in BOOK_[WORKFLOWS].items():
        for story in entry.stories:
            if not any(day_of(each.day) == day - DAY for each in story.days):
                continue
            family = told_until(teller, story, day)
            for case, log in family.cases.items():
                if log.workflow.name == name and log.lines:
                    for clock in clocks(family.cases, case, day, "started"):
                        if clock.period in periods and day_of(clock.start) < day:
                            yield family, case, clock


@pytest.mark.parametrize(("name", "within", "day"), sorted(changed_lengths()))
def test_跨过改变之日的期限_按本区所定的四种办法之一(name: str, within: str, day: dt.date) -> None:
    key = LawKey.parse(within)
    looked = 0
    for family, case, clock in crossing(name, changed_lengths()[name, within, day], day):
        row = replay_family(family.cases, TIME, day)[case].row(within)
        purpose = WHOLE[name].page.periods[clock.period].purpose

        def end(on: dt.date, clock: Clock = clock, row: str = row, purpose: Purpose = purpose) -> dt.date:
            law = TIME.law.of(key, on)
            return ends(TIME.law, TIME.calendar, clock.start, law.period(row), by=law, purpose=purpose).day

        old, new = end(day_of(clock.start)), end(day)
        if clock.day != old:
            continue  # It was extended, or not all of it is counted.
        expected = {
            "started": old,
            "recounted": max(new, day),
            "later": max(old, new),
            "earlier": old if old <= new else max(new, day),
        }
        ended = {
            policy: [one.day for one in clocks(family.cases, case, day, policy) if one.period == clock.period]
            for policy in POLICIES
        }
        assert ended == {policy: [on] for policy, on in expected.items()}
        looked += 1
    assert looked, f"no story in which {within} runs over {day}"
