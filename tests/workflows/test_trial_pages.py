"""The sixteen trial pages beside the project hold under the grammar as it stands, and their stories come true."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.workflows.trial_pages import copied, with_model_texts
from zhiheng.engines.workflow.legal_time import LegalTime
from zhiheng.engines.workflow.stories import compiled, play_all
from zhiheng.engines.workflow.walk import findings, walk
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.calendars import CALENDAR
from zhiheng.grammar.chapters.law import LAW
from zhiheng.grammar.chapters.workflows import WorkflowEntry, read_workflows

pytestmark = pytest.mark.shared

TRIAL = "design/workflows"
# How many sets of states the trial found that acts can reach.
REACHED = {"complaint": 85, "product_follow_up": 46}


@pytest.fixture(scope="module")
def time(shared: Path, book_root: Path) -> LegalTime:
    """The law of the book with what only the trial's model texts say."""
    law = with_model_texts(Book(book_root)[LAW], shared / TRIAL / "law-added.diff")
    return LegalTime(law, Book(book_root)[CALENDAR])


@pytest.fixture(scope="module")
def trial(shared: Path, time: LegalTime, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, WorkflowEntry]:
    """The pages, read."""
    root = tmp_path_factory.mktemp("trial")
    return read_workflows(copied(shared / TRIAL / "pages", root / "workflows"), time.law, root=root)


def test_十六个试写的工作流都读得懂(trial: Mapping[str, WorkflowEntry]) -> None:
    assert len(trial) == 16


def test_试写的每个故事都成立(trial: Mapping[str, WorkflowEntry], time: LegalTime) -> None:
    assert sum(len(entry.stories) for entry in trial.values()) == 21
    assert [str(failure) for failure in play_all(trial, time)] == []


def test_试写的每个工作流都走得到头(trial: Mapping[str, WorkflowEntry]) -> None:
    workflows = compiled(trial)
    assert {name: findings(workflow) for name, workflow in workflows.items() if findings(workflow)} == {}
    assert {name: len(walk(workflows[name]).standings) for name in REACHED} == REACHED
