"""One law, one last day: workflows, objections and publication count the same period to the same end."""

from __future__ import annotations

import ast
import datetime as dt
from collections.abc import Callable, Mapping
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.book_once import book_once
from tests.examples import examples
from tests.workflows.pages import BOOK, HEAD, after, line, workflow_of
from zhiheng.actions.objections.as_case import term_of
from zhiheng.engines.workflow.compiled import Workflow
from zhiheng.engines.workflow.legal_time import LegalTime
from zhiheng.engines.workflow.promised import promised
from zhiheng.engines.workflow.standing import Clock
from zhiheng.grammar.chapters.calendars import CALENDAR
from zhiheng.grammar.chapters.law import LAW
from zhiheng.kernel.deadlines import deadline
from zhiheng.kernel.law import LawKey
from zhiheng.kernel.reasons import Refused

FOUND = book_once(BOOK)
TIME = LegalTime(FOUND[LAW], FOUND[CALENDAR])
KEYS = sorted(
    {
        f"{rule.topic}.{rule.name}.{row}" if row else f"{rule.topic}.{rule.name}"
        for rule in FOUND[LAW].rules()
        if rule.kind == "period"
        for row in (rule.value if isinstance(rule.value, Mapping) else [""])
    }
)


@cache
def waiting(key: str) -> Workflow:
    """A case that must be closed within a period of the law from the day on which it begins."""
    return workflow_of(
        HEAD
        + f"""
states:
  open: {{label: {{zh: 办理中, en: open}}}}
  done: {{label: {{zh: 办结, en: done}}, final: true}}
acts:
  begin: {{label: {{zh: 立案, en: begin}}, by: [handler], opens_case: true, begins: [open]}}
  close: {{label: {{zh: 办结, en: close}}, by: [head], while: [open], ends: [open], begins: [done]}}
periods:
  closing: {{label: {{zh: 办结期限, en: Close}}, in: open, within: {key}, duty: [close]}}
""",
        head="",
    )


def refusal_of(asked: Callable[[], object]) -> str:
    """The code with which something is refused; empty where it is not."""
    try:
        asked()
    except Refused as refused:
        return refused.refusals[0].code
    return ""


@settings(max_examples=examples(200), deadline=None)
@given(st.sampled_from(KEYS), st.dates(dt.date(2012, 1, 1), dt.date(2030, 12, 31)))
def test_办案异议和公示按同一条规定算到同一天(key: str, start: dt.date) -> None:
    why_not = refusal_of(lambda: deadline(FOUND[LAW], LawKey.parse(key), start, FOUND[CALENDAR]))
    # A rule that did not exist on that day gives a case no period, and an objection no term.
    is_absent = why_not in ("law.repealed", "law.not_yet")
    if why_not and not is_absent:
        assert refusal_of(lambda: clocks_of(key, start)) == why_not
        return
    clocks = clocks_of(key, start)
    begun = promised(waiting(key), [line(str(start), "begin")], TIME, start, duty="close")
    assert len(clocks) == (0 if is_absent else 1)
    assert (begun is None) == is_absent
    for clock in clocks:
        term = deadline(FOUND[LAW], LawKey.parse(key), start, FOUND[CALENDAR])
        assert (clock.day, clock.moment) == (term.day, term.due.moment)
        assert (clock.provisional, clock.why, clock.doubt) == (term.provisional, term.why, term.doubt)
        assert clock.cited == term.cited
        # What is kept beside the due day of an objection: the same words as beside a publication.
        assert begun is not None
        assert (begun.day, begun.basis()) == (term.day, term.basis())


def test_异议的答复期限就是它的案件的期限() -> None:
    start = dt.date(2026, 9, 7)
    for record, key in (
        ("food_sampling", "food_sampling.objection_process_decided"),
        ("abnormal_list_entry", "abnormal_list.objection_verify"),
    ):
        term = deadline(FOUND[LAW], LawKey.parse(key), start, FOUND[CALENDAR])
        assert term_of(record, FOUND, start).basis() == term.basis()
    assert term_of("inspection_finding", FOUND, start).said.zh.startswith("20个工作日（法规无专门规定")


def clocks_of(key: str, start: dt.date) -> tuple[Clock, ...]:
    """What runs on the day on which such a case begins."""
    return after(waiting(key), TIME, str(start), line(str(start), "begin")).clocks()


@pytest.mark.slow
def test_期限只在一处计算_条文的名称只在一处拆开() -> None:
    for path in sorted((BOOK.parent / "zhiheng").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        where = path.relative_to(BOOK.parent / "zhiheng").as_posix()
        names = {
            alias.name
            for node in (ast.walk(ast.parse(text)) if "zhiheng.kernel.days" in text else ())
            if isinstance(node, ast.ImportFrom) and node.module == "zhiheng.kernel.days"
            for alias in node.names
        }
        # The golden cases of the book try the counting itself.
        at_home = where in ("kernel/deadlines.py", "engines/examples.py")
        assert "due" not in names or at_home, f"{where}: ask kernel/deadlines.py when it ends"
        assert '.split("."), "")' not in text, f"{where}: read the key of a parameter with LawKey.parse"
