"""A workflow drawn: every state is a card, what can be done and by when stands in it, states of one lane never hold
together.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.book_once import book_once
from zhiheng.engines.workflow.compiled import Workflow
from zhiheng.engines.workflow.drawing import columns_of, draw, lanes_of
from zhiheng.engines.workflow.legal_time import LegalTime
from zhiheng.engines.workflow.stories import compiled
from zhiheng.engines.workflow.walk import walk
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.calendars import CALENDAR
from zhiheng.grammar.chapters.law import LAW
from zhiheng.grammar.chapters.workflows import WORKFLOWS

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def book(book_root: Path) -> Book:
    """The default book."""
    return book_once(book_root)


@pytest.fixture(scope="module")
def workflows(book: Book) -> dict[str, Workflow]:
    """Its workflows."""
    return compiled(book[WORKFLOWS])


def test_同一道里的状态从不同时成立_办结在最右(workflows: dict[str, Workflow]) -> None:
    for workflow in workflows.values():
        lanes, columns = lanes_of(workflow), columns_of(workflow)
        for states in walk(workflow).standings:
            together = [lanes[state] for state in workflow.states(states)]
            assert len(together) == len(set(together)), (workflow.name, workflow.states(states))
        ends = {columns[state] for state in workflow.states(workflow.finals)}
        assert ends == {max(columns.values())}


def test_每个状态一张卡片_写着期限_条文和能办的事(book: Book, workflows: dict[str, Workflow]) -> None:
    time = LegalTime(book[LAW], book[CALENDAR])
    picture = draw(workflows["complaint"], time, dt.date(2026, 5, 6), stands=("mediating",))
    root = ElementTree.fromstring(picture)
    cards = {group.get("data-state"): "".join(group.itertext()) for group in root.iter(f"{SVG}g")}
    assert cards.keys() == workflows["complaint"].bit.keys()
    assert "调解期限：60日" in cards["mediating"]
    assert "· 达成调解协议" in cards["mediating"]
    assert 'stroke-width="3"' in picture
    before = draw(workflows["complaint"], time, dt.date(2026, 4, 14))
    assert "调解期限：45个工作日" in before
    assert "Mediation: 60 calendar days" in draw(workflows["complaint"], time, dt.date(2026, 5, 6), language="en")


def test_每个工作流都画得出来_卡片互不遮盖(book: Book, workflows: dict[str, Workflow]) -> None:
    time = LegalTime(book[LAW], book[CALENDAR])
    for workflow in workflows.values():
        root = ElementTree.fromstring(draw(workflow, time, dt.date(2026, 12, 1)))
        boxes = [
            tuple(int(rect.get(key, 0)) for key in ("x", "y", "width", "height")) for rect in root.iter(f"{SVG}rect")
        ]
        for number, (x, y, width, height) in enumerate(boxes):
            for x2, y2, width2, height2 in boxes[number + 1 :]:
                apart = x + width <= x2 or x2 + width2 <= x or y + height <= y2 or y2 + height2 <= y
                assert apart, workflow.name
