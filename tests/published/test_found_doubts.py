"""Doubts that show only beside other facts: after an enterprise's end, and between two sheets of one file, in whichever order they came."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import xlsxwriter

from tests.published.places import UNIT, Place
from zhiheng.actions import correct_fact
from zhiheng.actions.find_doubts import of_facts
from zhiheng.actions.publish import approve_all
from zhiheng.actions.receive_delivery import receive
from zhiheng.actions.refresh_projections import refresh
from zhiheng.kernel.actor import SYSTEM
from zhiheng.ledger.models import Fact
from zhiheng.office.models import PublicationRequest

SAMPLE = ("food_sampling", "结果、单位、限量各占一栏，合成一个值")
REGISTER = ("enterprise_register", "在营企业按登记信息收下，注册资本按万元读")
FIRM = {
    "企业名称": "云澜市麦垄禾香食品有限公司", "统一社会信用代码": "91990101QF8NMTAQ52", "成立日期": "2020-01-02",
}  # fmt: skip


def look(place: Place, *, whole: bool = False) -> None:
    refresh(place.book, SYSTEM, place.now, whole=whole)


def ended(place: Place, day: str = "2026-02-01") -> Fact:
    return place.fact(*REGISTER, **FIRM, 登记状态="注销", 核准日期=day)


@pytest.mark.parametrize("register_first", [True, False])
def test_注销以后的抽检存疑_先报后报都一样_公示等人核对(place: Place, register_first: bool) -> None:
    if register_first:
        ended(place)
        look(place)
    sample = place.fact(*SAMPLE)
    look(place)
    if not register_first:
        assert of_facts([sample.id]) == {}
        ended(place)
        look(place)
    assert of_facts([sample.id]) == {sample.id: ("party_ended",)}
    place.propose()
    request = PublicationRequest.objects.get(fact=sample.id)
    assert "party_ended" in {doubt["code"] for doubt in request.doubts}
    mine = PublicationRequest.objects.filter(fact=sample.id)
    assert approve_all(mine, actor=SYSTEM, book=place.book, now=place.now) == 0


def test_注销之前的抽检不存疑(place: Place) -> None:
    sample = place.fact(*SAMPLE)
    ended(place, "2026-03-17")
    look(place)
    assert of_facts([sample.id]) == {}


def test_登记更正以后疑点就没有了(place: Place) -> None:
    register, sample = ended(place), place.fact(*SAMPLE)
    look(place)
    assert of_facts([sample.id]) != {}
    changes = {"status": "存续"}
    correct_fact.correct(
        register.id, changes, reason="录错状态", book=place.book, actor=SYSTEM, unit=UNIT, now=place.now
    )
    look(place)
    assert of_facts([sample.id]) == {}


def test_全部重做的结果一样(place: Place) -> None:
    sample = place.fact(*SAMPLE)
    ended(place)
    look(place)
    look(place, whole=True)
    assert of_facts([sample.id]) == {sample.id: ("party_ended",)}


def workbook(place: Place, path: Path, second: dict[str, str]) -> list[Fact]:
    """Two sheets with one sample each: the example's row, and the same with other cells."""
    entry = place.book.records["food_sampling"]
    assert entry.examples is not None
    row = next(each.row for each in entry.examples.accepted if each.name == SAMPLE[1])
    with xlsxwriter.Workbook(str(path), {"strings_to_numbers": False}) as book:
        for name, cells in (("不合格", row), ("合格", row | second)):
            sheet = book.add_worksheet(name)
            for number, texts in enumerate([list(cells), list(cells.values())]):
                sheet.write_row(number, 0, texts)
    receive(path, book=place.book, actor=SYSTEM, unit=UNIT, now=place.now, record="food_sampling", source="standard")
    look(place)
    return list(Fact.objects.order_by("id"))


PASSED = {"检验结论": "合格", "检验结果": "120"}


def test_两张工作表对同一批次结论相反_两条都存疑(place: Place) -> None:
    one, two = workbook(place, place.folder / "两表.xlsx", PASSED)
    assert of_facts([one.id, two.id]) == {one.id: ("sheets_disagree",), two.id: ("sheets_disagree",)}
    correct_fact.withdraw(one.id, reason="抄错", book=place.book, actor=SYSTEM, unit=UNIT, now=place.now)
    look(place)
    assert of_facts([one.id, two.id]) == {}


@pytest.mark.parametrize("second", [PASSED | {"抽样编号": "XBJ26990101500099"}, {"规格型号": "400g/袋"}])
def test_不同的批次_或者结论相同_不算矛盾(place: Place, second: dict[str, str]) -> None:
    one, two = workbook(place, place.folder / "两表.xlsx", second)
    assert of_facts([one.id, two.id]) == {}
    assert one.occurred_on == dt.date(2026, 3, 16)
