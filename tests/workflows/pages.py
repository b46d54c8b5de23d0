"""Small invented workflows for tests, and the law that they count by."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from zhiheng.engines.workflow.compiled import Workflow
from zhiheng.engines.workflow.legal_time import LegalTime
from zhiheng.engines.workflow.standing import CaseLine, CaseStanding, replay
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.calendars import CALENDAR as BOOK_CALENDAR
from zhiheng.grammar.chapters.workflow_pages import WorkflowPage
from zhiheng.kernel.law import Instrument, Law, Parameter

BOOK = Path(__file__).resolve().parents[2] / "book"
CALENDAR = Book(BOOK)[BOOK_CALENDAR]
OLD = Instrument("old", "旧办法", "old measures")
NEW = Instrument("new", "新办法", "new measures")
OWN = Instrument("own", "本区规定", "rules of the district")


def parameter(
    name: str, value: Any, unit: str, since: str, *, text: Instrument = OLD, until: str | None = None
) -> Parameter:
    """A value of the topic ``made``."""
    ends = dt.date.fromisoformat(until) if until else None
    return Parameter("made", name, name, name, value, unit, text, "第一条", dt.date.fromisoformat(since), until=ends)


def time_of(*parameters: Parameter, policy: str = "") -> LegalTime:
    """A law of these values and the district's rule that no last day moves."""
    rolls = Parameter("district_rules", "last_day_rolls", "顺延", "rolls", "none", "", OWN, "", dt.date(1949, 10, 1))
    return LegalTime(Law([*parameters, rolls]), CALENDAR, policy=policy)


HEAD = """
label: {zh: 测试工作流（虚构）, en: A test workflow (invented)}
quality: product
law: [{text: 测试办法, checked: never, lead: 虚构}]
number: {zh: "测〔{year}〕{serial}号", en: "T {year}/{serial}"}
hands:
  handler: {label: {zh: 承办人, en: handler}, takes: case.handle}
  head: {label: {zh: 负责人, en: head}, takes: case.approve}
"""


def page_of(text: str, head: str = HEAD) -> WorkflowPage:
    """A page, with the usual head before it."""
    return WorkflowPage.model_validate(YAML(typ="safe").load(head + text))


def workflow_of(text: str, head: str = HEAD, name: str = "made") -> Workflow:
    """A compiled page."""
    return Workflow(name, page_of(text, head))


def day(text: str) -> dt.date:
    """A day, or a moment where the text has a time."""
    return dt.datetime.fromisoformat(text) if "T" in text else dt.date.fromisoformat(text)


def line(on: str, act: str, number: int = 0, /, *people: str, **said: Any) -> CaseLine:
    """A line of a log."""
    return CaseLine(day(on), act, people, said, number)


def after(workflow: Workflow, time: LegalTime, as_of: str, *lines: CaseLine) -> CaseStanding:
    """The standing after some lines."""
    return replay(workflow, lines, time, day(as_of))
