"""Doubts that show only beside other facts: after an enterprise's end, between two sheets or two rows of one file, of
one code under two names, in whichever order they came.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import xlsxwriter

from tests.published.places import UNIT, Place
from zhiheng.actions.facts import correct_fact, find_doubts
from zhiheng.actions.identity.link_subjects import decide
from zhiheng.actions.intake.receive_delivery import receive
from zhiheng.actions.projections.refresh_projections import refresh
from zhiheng.actions.publication.approve import approve_all
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.kernel.actor import SYSTEM
from zhiheng.ledger.aliases import DOUBTS
from zhiheng.ledger.models import Alias, Fact, LikelyMatch
from zhiheng.office.models import PublicationRequest
from zhiheng.projections.models import FoundDoubt
from zhiheng.quality_file.doubts import doubts_beside, doubts_of
from zhiheng.queries import publishable

pytestmark = pytest.mark.slow

SAMPLE = ("food_sampling", "结果、单位、限量各占一栏，合成一个值")
REGISTER = ("enterprise_register", "在营企业按登记信息收下，注册资本按万元读")
FIRM = {
    "企业名称": "云澜市麦垄禾香食品有限公司",
    "统一社会信用代码": "91990101QF8NMTAQ52",
    "成立日期": "2020-01-02",
}


def look(place: Place, *, whole: bool = False) -> None:
    refresh(Call(SYSTEM, place.book, place.now), whole=whole)


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
        assert doubts_of([sample.id]) == {}
        ended(place)
        look(place)
    assert doubts_of([sample.id]) == {sample.id: ("party_ended",)}
    place.propose()
    request = PublicationRequest.objects.get(fact=sample.id)
    assert "party_ended" in {doubt["code"] for doubt in request.doubts}
    mine = PublicationRequest.objects.filter(fact=sample.id)
    assert approve_all(mine, call=Call(SYSTEM, place.book, place.now)) == 0


def test_注销之前的抽检不存疑(place: Place) -> None:
    sample = place.fact(*SAMPLE)
    ended(place, "2026-03-17")
    look(place)
    assert doubts_of([sample.id]) == {}


def test_登记更正以后疑点就没有了(place: Place) -> None:
    register, sample = ended(place), place.fact(*SAMPLE)
    look(place)
    assert doubts_of([sample.id]) != {}
    changes = {"status": "存续"}
    correct_fact.correct(register.id, changes, reason="录错状态", call=Call(SYSTEM, place.book, place.now), unit=UNIT)
    look(place)
    assert doubts_of([sample.id]) == {}


def test_全部重做的结果一样(place: Place) -> None:
    sample = place.fact(*SAMPLE)
    ended(place)
    look(place)
    look(place, whole=True)
    assert doubts_of([sample.id]) == {sample.id: ("party_ended",)}


# Another firm with the code of FIRM, as a cell that was filled down has it.
COPIED = {"标称生产企业": "云澜市柏榆机械有限公司", "被抽样单位": "云澜市柏榆机械有限公司"}


def doubtful(fact: Fact) -> bool:
    """Whether it is doubted whom a fact is about: since it came in, or since another came in."""
    return "identity_doubtful" in publishable.told(fact, doubts_of([fact.id]).get(fact.id, ())).flags


@pytest.mark.parametrize("register_first", [True, False])
def test_代码抄到另一家名下_先登记后登记都一样_那一家的事实存疑_公示等人核对(
    place: Place, register_first: bool
) -> None:
    if register_first:
        place.fact(*REGISTER, **FIRM)
        look(place)
    copied = place.fact(*SAMPLE, **COPIED)
    look(place)
    if not register_first:
        assert not doubtful(copied), "nobody else was told under the code so far"
        place.fact(*REGISTER, **FIRM)
        look(place)
    rightful = place.fact(*SAMPLE, 抽样编号="XBJ26990101500019")
    look(place)
    assert (doubtful(copied), doubtful(rightful)) == (True, False)
    subjects = dict(Alias.objects.filter(code=FIRM["统一社会信用代码"]).values_list("name", "subject_id"))
    assert len(set(subjects.values())) == 2
    place.propose()
    mine = PublicationRequest.objects.filter(fact=copied.id)
    assert "identity_doubtful" in {doubt["code"] for doubt in mine.get().doubts}
    assert approve_all(mine, call=Call(SYSTEM, place.book, place.now)) == 0
    assert "identity_doubtful" not in {d["code"] for d in PublicationRequest.objects.get(fact=rightful.id).doubts}
    # What is sent the same way afterwards is doubted when it comes, under another address, too.
    later = place.fact(
        *SAMPLE, **COPIED, 抽样编号="XBJ26990101500020", 标称生产企业地址="云澜市砺原区铁砧街道砧台路18号"
    )
    assert "identity_doubtful" in later.flags
    for pair in LikelyMatch.objects.filter(decision="", kind__in=DOUBTS):
        decide(pair.id, same=False, reason="代码抄错，已电话核实", call=Call(SYSTEM, place.book, place.now))
    look(place)
    assert doubts_of([copied.id, rightful.id, later.id]) == {}


def test_登记表里没有的两家_同一代码_谁先谁后都存疑_人判过就不再(place: Place) -> None:
    one, other = place.fact(*SAMPLE), place.fact(*SAMPLE, **COPIED, 抽样编号="XBJ26990101500019")
    look(place)
    assert (doubtful(one), doubtful(other)) == (True, True)
    look(place, whole=True)
    assert doubts_of([one.id, other.id]) == {one.id: ("identity_doubtful",)}, "the other was flagged when it came"
    # The register tells whose the code is: the doubt about that one goes.
    place.fact(*REGISTER, **FIRM)
    look(place)
    assert doubts_of([one.id]) == {}
    (pair,) = LikelyMatch.objects.filter(decision="", kind__in=DOUBTS)
    decide(pair.id, same=True, reason="更名前后的名称", call=Call(SYSTEM, place.book, place.now))
    look(place)
    assert doubts_of([one.id, other.id]) == {}


def test_登记机关把自己登记过的代码改到新名称下_是改名_不存疑(place: Place) -> None:
    place.fact(*REGISTER, **FIRM)
    old = place.fact(*SAMPLE)
    place.fact(*REGISTER, **FIRM | {"企业名称": "云澜市柏榆机械有限公司"}, 核准日期="2026-06-01")
    look(place)
    assert not doubtful(old)
    assert len(set(Alias.objects.filter(code=FIRM["统一社会信用代码"]).values_list("subject_id", flat=True))) == 1


def workbook(place: Place, path: Path, second: dict[str, str]) -> list[Fact]:
    """Two sheets with one sample each: the example's row, and the same with other cells."""
    entry = place.book[RECORDS]["food_sampling"]
    assert entry.examples is not None
    row = next(each.row for each in entry.examples.accepted if each.name == SAMPLE[1])
    with xlsxwriter.Workbook(str(path), {"strings_to_numbers": False}) as book:
        for name, cells in (("不合格", row), ("合格", row | second)):
            sheet = book.add_worksheet(name)
            for number, texts in enumerate([list(cells), list(cells.values())]):
                sheet.write_row(number, 0, texts)
    receive(path, call=Call(SYSTEM, place.book, place.now), unit=UNIT, record="food_sampling", source="standard")
    look(place)
    return list(Fact.objects.order_by("id"))


PASSED = {"检验结论": "合格", "检验结果": "120"}


def test_两张工作表对同一批次结论相反_两条都存疑(place: Place) -> None:
    one, two = workbook(place, place.folder / "两表.xlsx", PASSED)
    assert doubts_of([one.id, two.id]) == {one.id: ("sheets_disagree",), two.id: ("sheets_disagree",)}
    correct_fact.withdraw(one.id, reason="抄错", call=Call(SYSTEM, place.book, place.now), unit=UNIT)
    look(place)
    assert doubts_of([one.id, two.id]) == {}


@pytest.mark.parametrize("second", [PASSED | {"抽样编号": "XBJ26990101500099"}, {"规格型号": "400g/袋"}])
def test_不同的批次_或者结论相同_不算矛盾(place: Place, second: dict[str, str]) -> None:
    one, two = workbook(place, place.folder / "两表.xlsx", second)
    assert doubts_of([one.id, two.id]) == {}
    assert one.occurred_on == dt.date(2026, 3, 16)


def one_sheet(place: Place, record: str, *rows: dict[str, str]) -> list[Fact]:
    """One table with these rows, received."""
    path = place.folder / "一表.xlsx"
    headings = list(dict.fromkeys(heading for row in rows for heading in row))
    with xlsxwriter.Workbook(str(path), {"strings_to_numbers": False}) as book:
        sheet = book.add_worksheet("表")
        for number, texts in enumerate([headings, *([row.get(each, "") for each in headings] for row in rows)]):
            sheet.write_row(number, 0, texts)
    (result,) = receive(path, call=Call(SYSTEM, place.book, place.now), unit=UNIT, record=record)
    assert result.facts == len(rows), result
    look(place)
    return list(Fact.objects.order_by("id"))


PENALTY = {
    "处罚决定书文号": "砺市监罚〔2026〕7号",
    "当事人": "云澜市柏榆机械有限公司",
    "违法行为类型": "生产不合格产品",
    "处罚种类": "罚款",
    "罚款金额（元）": "5000",
    "处罚决定日期": "2026-03-05",
}
FOUND = {
    "抽样编号": "XBJ26990101500018",
    "样品名称": "挂面",
    "标称生产企业": "云澜市麦垄禾香食品有限公司",
    "抽样日期": "2026-03-01",
    "检验项目": "铅",
    "检验结论": "合格",
}
CONTRADICTIONS = [
    ("administrative_penalty", PENALTY, {"罚款金额（元）": "50000"}),
    ("administrative_penalty", PENALTY, {"当事人": "云澜市麦垄禾香食品有限公司"}),
    ("administrative_penalty", PENALTY, {"处罚种类": "警告", "罚款金额（元）": ""}),
    ("food_sampling", FOUND, {"检验结论": "不合格"}),
    ("enterprise_register", FIRM | {"核准日期": "2026-03-01", "登记状态": "存续"}, {"登记状态": "注销"}),
]
COMPATIBLE = [
    ("administrative_penalty", PENALTY, {"处罚决定书文号": "砺市监罚〔2026〕8号", "罚款金额（元）": "50000"}),
    ("administrative_penalty", PENALTY, {"违法行为类型": "生产不合格的产品"}),
    ("food_sampling", FOUND, {"检验项目": "镉", "检验结论": "不合格"}),
    (
        "enterprise_register",
        FIRM | {"核准日期": "2026-03-01", "登记状态": "存续"},
        {"登记状态": "注销", "核准日期": "2026-04-01"},
    ),
]


@pytest.mark.parametrize(("record", "row", "second"), CONTRADICTIONS)
def test_一张表里两行说同一件事却不同_两条都存疑_更正以后就没有了(
    place: Place, record: str, row: dict[str, str], second: dict[str, str]
) -> None:
    one, two = one_sheet(place, record, row, row | second)
    assert doubts_of([one.id, two.id]) == {one.id: ("rows_disagree",), two.id: ("rows_disagree",)}
    assert doubts_beside([two.id]) == {two.id: {"rows_disagree": [one.id]}}
    look(place, whole=True)
    assert len(doubts_of([one.id, two.id])) == 2
    correct_fact.withdraw(one.id, reason="抄错", call=Call(SYSTEM, place.book, place.now), unit=UNIT)
    look(place)
    look(place, whole=True)
    assert doubts_of([one.id, two.id]) == {}


@pytest.mark.parametrize(("record", "row", "second"), COMPATIBLE)
def test_一张表里两行说的不是同一件事_或者不矛盾_不存疑(
    place: Place, record: str, row: dict[str, str], second: dict[str, str]
) -> None:
    one, two = one_sheet(place, record, row, row | second)
    assert doubts_of([one.id, two.id]) == {}


def test_判过的对子再多_每次更新只看新判的(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        changed = {"抽样编号": f"XBJ2699010150010{number}", "标称生产企业": f"云澜市第{number}柏榆机械有限公司"}
        place.fact(*SAMPLE, **changed | {"被抽样单位": changed["标称生产企业"]})
    place.fact(*REGISTER, **FIRM)
    look(place)
    waiting = list(LikelyMatch.objects.filter(decision="", kind__in=DOUBTS).order_by("id"))
    assert len(waiting) >= 3
    asked: list[set[int]] = []
    decided = find_doubts._decided

    def told(after: int, last: int) -> set[int]:
        asked.append(decided(after, last))
        return asked[-1]

    monkeypatch.setattr(find_doubts, "_decided", told)
    for pair in waiting[:2]:
        decide(pair.id, same=False, reason="代码抄错，已电话核实", call=Call(SYSTEM, place.book, place.now))
        look(place)
        look(place)
    sides = [{pair.alias.subject_id, pair.other.subject_id} for pair in waiting[:2]]
    assert asked == [sides[0], set(), sides[1], set()]
    step_by_step = set(FoundDoubt.objects.values_list("fact", "code", "subject"))
    look(place, whole=True)
    assert step_by_step == set(FoundDoubt.objects.values_list("fact", "code", "subject"))
