"""``zhiheng book try``: running cases replayed under another book; what stands otherwise is listed, nothing written."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner, Result

from tests.book_once import book_once
from tests.cases.officers import BOOK, MARKET, at, call, officer
from zhiheng.actions.cases.act_in_case import act_in_case
from zhiheng.actions.cases.open_case import open_case
from zhiheng.cli.main import main
from zhiheng.grammar.loader import load
from zhiheng.kernel.actor import SYSTEM
from zhiheng.kernel.reasons import Refused
from zhiheng.office.cases import Case, CaseDuty, CaseEvent, CaseStandingRow
from zhiheng.people.models import TrailLine
from zhiheng.queries.book_trial import CaseTried, try_book

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
LI = officer(1, "department_officer", name="李敏")
NOW = "2026-04-22 10:00"


@pytest.fixture
def two_cases() -> tuple[Case, Case]:
    """A complaint in mediation, and one that waits for a decision."""
    first, second = (
        open_case(
            "complaint", "receive", {"claim": "退货", "dispute": "漏电"}, unit=MARKET, call=call(LI, "2026-04-20 09:00")
        ).case
        for _ in range(2)
    )
    act_in_case(first.pk, "decide.accept", {}, call=call(LI, "2026-04-21 10:00"))
    return first, second


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """A copy of the book, to be changed."""
    return Path(shutil.copytree(BOOK, tmp_path / "other"))


def change(book: Path, page: str, old: str, new: str) -> None:
    """Write a page of the copy otherwise."""
    text = (book / page).read_text("utf-8")
    assert old in text
    (book / page).write_text(text.replace(old, new, 1), "utf-8")


def tried(other: Path, **more: Any) -> tuple[list[CaseTried], int]:
    """What differs, and how many cases were looked at."""
    trial = try_book(load(other), call=call(SYSTEM, NOW), **more)
    found = list(trial.differing())
    assert trial.differ == len(found)
    return found, trial.cases


def told(case: CaseTried) -> set[tuple[str, str, str, str]]:
    """(what, name, before, after) of each difference."""
    return {(each.kind, each.name, each.before.zh, each.after.zh) for each in case.differences}


def terminal(*words: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Result:
    """The command at the terminal, at the moment of the tests."""
    settings.BOOK = BOOK
    monkeypatch.setattr("zhiheng.cli.session.now", lambda: at(NOW))
    return CliRunner().invoke(main, ["book", "try", *words])


def test_同一本书_没有不同_状态为零(
    two_cases: tuple[Case, Case], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = terminal(str(BOOK), settings=settings, monkeypatch=monkeypatch)
    assert result.exit_code == 0
    assert result.stdout.startswith("2 件在办案件，0 件有不同")


def test_期限改长_只列出期限在跑的那一件_和前后的到期日(two_cases: tuple[Case, Case], other: Path) -> None:
    change(other, "law/complaints.yaml", "value: 60", "value: 90")
    (case,), looked = tried(other)
    assert (case.number, looked) == (two_cases[0].number, 2)
    assert told(case) == {("due", "mediation", "2026-06-20", "2026-07-20")}


def test_行为不再可办_后来的行为就列出(two_cases: tuple[Case, Case], other: Path) -> None:
    change(other, "workflows/complaint/workflow.yaml", "  decide:\n", "  decide:\n    until: 2026-04-01\n")
    found, _ = tried(other)
    waiting = next(each for each in found if each.number == two_cases[1].number)
    assert ("act", "decide.accept", "可以", "") in told(waiting)
    # What was done by it already stays in force and stands out as irregular.
    done = next(each for each in found if each.number == two_cases[0].number)
    assert {each.kind for each in done.differences} == {"irregular"}


def test_另一本书没有这个行为_那一件说明无法推算_别的照比(two_cases: tuple[Case, Case], other: Path) -> None:
    change(other, "law/complaints.yaml", "value: 60", "value: 90")
    page = other / "workflows/complaint/workflow.yaml"
    page.write_text(
        page.read_text("utf-8").replace("      accept:", "      take_on:").replace("decide.accept", "decide.take_on"),
        "utf-8",
    )
    for number, case in enumerate(tried(other)[0]):
        assert case.number == two_cases[number].number
        kinds = {each.kind for each in case.differences}
        assert kinds == ({"unread"} if number == 0 else {"act"})


def test_只看一个工作流(two_cases: tuple[Case, Case], other: Path) -> None:
    assert tried(other, workflow="food_recall") == ([], 0)


def test_什么也不写入_没有权利的不能比(
    two_cases: tuple[Case, Case],
    other: Path,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    change(other, "law/complaints.yaml", "value: 60", "value: 90")
    tables = (Case, CaseEvent, CaseStandingRow, CaseDuty, TrailLine)
    before = [list(table.objects.order_by("pk").values()) for table in tables]
    result = terminal(str(other), "--json", settings=settings, monkeypatch=monkeypatch)
    assert [list(table.objects.order_by("pk").values()) for table in tables] == before
    *lines, total = map(orjson.loads, result.stdout.splitlines())
    assert result.exit_code == 1
    assert total == {"cases": 2, "differ": 1}
    assert [(line["case"], line["name"], line["after"]) for line in lines] == [
        (two_cases[0].number, "mediation", "2026-07-20")
    ]
    with pytest.raises(Refused):
        try_book(book_once(BOOK), call=call(LI, NOW))


def test_试算不再查询_按行里冻结的答案比(
    two_cases: tuple[Case, Case], other: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked_again(*_: object, **__: object) -> None:
        raise AssertionError("a trial asks nobody: what was looked up stands in the lines")

    monkeypatch.setattr("zhiheng.queries.look_ups._answer", asked_again)
    change(
        other,
        "workflows/complaint/workflow.yaml",
        "  decide:\n",
        "  decide:\n    where: {earlier_cases: {exists: true}}\n",
    )
    found, looked = tried(other)
    assert looked == 2
    # No party was named, so nothing was looked up then, and an answer of today is not put in its place.
    assert [(each.number, {one.kind for one in each.differences}) for each in found] == [
        (two_cases[0].number, {"irregular"})
    ]
