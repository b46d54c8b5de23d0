"""Which lines of a page no story would miss, and which say again what follows anyhow."""

from __future__ import annotations

import datetime as dt

from ruamel.yaml import YAML

from tests.workflows.pages import page_of, parameter, time_of
from zhiheng.engines.workflow.untested import untested
from zhiheng.engines.workflow.untested_days import untested_days
from zhiheng.grammar.chapters.workflow_pages import Stories
from zhiheng.grammar.chapters.workflows import WorkflowEntry

PAGE = """
fields: {grounds: {label: {zh: 理由, en: Grounds}, type: long_text}}
states:
  may_object: {label: {zh: 可提出异议, en: may object}}
  %(more)s
  settled: {label: {zh: 已定, en: settled}, final: true}
acts:
  serve: {label: {zh: 送达, en: serve}, by: [handler], opens_case: true, begins: [may_object]}
  object: {label: {zh: 提出异议, en: object}, by: [handler], while: [may_object%(while)s], ends: [may_object], begins: [settled]}
  lapse: {label: {zh: 视为认可, en: lapse}, by: [law], ends: [may_object], begins: [%(after)s]}
  %(acts)s
periods:
  objection: {label: {zh: 异议期限, en: Objection}, in: may_object, within: {value: 3, unit: d, by: {zh: 本区规定, en: district}}, right: [object], else: lapse}
"""
STORIES = """
- name: 三日内提出；第四日起视为认可（虚构）
  people: {李敏: {may: [case.handle]}}
  days:
    - {day: 2026-05-06, act: serve, by: 李敏, then: {may: [object], due: {objection: 2026-05-09}}}
    - {day: 2026-05-09, then: {may: [object]}}
    - {day: 2026-05-10, then: {may: [], stands: [settled]}}
"""


def entry(**filled: str) -> WorkflowEntry:
    """The page with its stories, and what is filled into the page."""
    stories = Stories.model_validate({"stories": YAML(typ="safe").load(STORIES)}).stories
    return WorkflowEntry(
        "made", page_of(PAGE % ({"more": "", "while": "", "after": "settled", "acts": ""} | filled)), {}, stories
    )


def missed(made: WorkflowEntry) -> list[str]:
    """The lines that no story would miss."""
    return [str(each) for each in untested({"made": made}, "made", time_of()).unnoticed]


def test_期满另有后果的权利_随状态一并终止_不算没有故事() -> None:
    # After the last day the state is gone by law: the right could not be used, whether or not the page says so.
    assert "periods.objection.right" not in missed(entry())


def test_期满后还在别的状态能办的_写明权利才算数() -> None:
    # Without the line, the objection could still be made in the other state: a story has to show that it can't.
    made = entry(
        **{
            "more": "late: {label: {zh: 期满待办, en: late}}",
            "while": ", late",
            "after": "late",
            "acts": "close: {label: {zh: 办结, en: close}, by: [handler], while: [late], ends: [late], begins: "
            "[settled]}",
        }
    )
    stories = (made.stories[0].model_copy(update={"days": made.stories[0].days[:2]}),)
    assert "periods.objection.right" in missed(WorkflowEntry("made", made.page, {}, stories))


def test_办了就离开该状态的义务_不算没有故事() -> None:
    # The objection ends the state, and the period with it, whether or not the page calls it a duty as well.
    made = entry()
    period = made.page.periods["objection"].model_copy(update={"duty": ("object",)})
    page = made.page.model_copy(update={"periods": {"objection": period}})
    assert missed(WorkflowEntry("made", page, {}, made.stories)) == missed(made)


def days_without_story(*days: str) -> tuple[list[str], list[str]]:
    """The days of change of a page of which no story tells the last day before, and of which none tells the first: its
    cases are served on these days, each with its last day.
    """
    time = time_of(parameter("objection", 10, "d", "2020-01-01"), parameter("objection", 20, "d", "2026-04-01"))
    page = page_of(PAGE % {"more": "", "while": "", "after": "settled", "acts": ""})
    period = page.periods["objection"].model_copy(update={"within": "made.objection"})
    act = page.acts["object"].model_copy(update={"since": dt.date(2026, 4, 1)})
    page = page.model_copy(update={"periods": {"objection": period}, "acts": {**page.acts, "object": act}})
    stories = Stories.model_validate({"stories": YAML(typ="safe").load("".join(days))}).stories
    found = untested_days({"made": WorkflowEntry("made", page, {}, stories)}, "made", time)
    assert [str(each) for each in found.changes] == ["acts.object.since 2026-04-01", "made.objection 2026-04-01"]
    return [each.what for each in found.before], [each.what for each in found.after]


def served(day: str, last: str, then: str) -> str:
    return f"""
- name: 送达（虚构）
  people: {{李敏: {{may: [case.handle]}}}}
  days:
    - {{day: {day}, act: serve, by: 李敏, then: {{due: {{objection: {last}}}, {then}}}}}
"""


BEFORE = served("2026-03-31", "2026-04-10", "may_not: {object: not_in_force}")
AFTER = served("2026-04-01", "2026-04-21", "may: [object]")
BOTH = ["acts.object.since", "made.objection"]


def test_改变之日_前一日和当日都要有故事() -> None:
    assert days_without_story(BEFORE, AFTER) == ([], [])
    assert days_without_story(BEFORE) == ([], BOTH)
    assert days_without_story(AFTER) == (BOTH, [])
    assert days_without_story(served("2026-03-02", "2026-03-12", "may: []")) == (BOTH, BOTH)
