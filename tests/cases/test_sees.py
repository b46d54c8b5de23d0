"""Look-ups of an act (``sees``): asked at its moment as far as who acts may read, frozen into the line, never asked
again.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from hashlib import sha256
from types import MappingProxyType
from typing import Any

import pytest

from tests.book_once import with_chapters
from tests.cases.officers import MARKET, call
from tests.cases.test_facts_open_cases import acts, failed, opened, waiting, watched
from tests.factories import AliasFactory
from tests.published.places import Place, default_book, place
from zhiheng.actions.cases.act_in_case import act_in_case
from zhiheng.actions.cases.open_case import PartyGiven, open_case
from zhiheng.actions.cases.remake_standings import remake_all
from zhiheng.actions.cases.verify_cases import verify_cases
from zhiheng.actions.facts.correct_fact import withdraw
from zhiheng.engines.workflow.look_ups import Reached
from zhiheng.engines.workflow.of_book import case_book
from zhiheng.grammar.chapters.workflow_pages import HandsIn
from zhiheng.grammar.chapters.workflows import WORKFLOWS
from zhiheng.kernel.actor import PUBLIC, SYSTEM
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger.models import Alias
from zhiheng.office import case_log
from zhiheng.office.cases import CaseEvent, CaseHandIn, CasePartyRow
from zhiheng.queries import cases as reading
from zhiheng.queries.look_ups import LookUpsAsked, before_opening

__all__ = ["default_book", "place"]
pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.database, pytest.mark.slow]
FIRM = "云澜市锦枢区七彩涂料有限公司"
EARLIER = "earlier_failures"


def answers(line: CaseEvent) -> dict[str, Any]:
    return case_log.answers_in(CaseEvent.objects.get(pk=line.pk))


def follow_up(place: Place) -> Any:
    """The case of a failed sample, opened as its form is filled."""
    watched(place)
    return opened(place, next(row for row in waiting(place) if row.workflow == "product_follow_up"))


def complaint(place: Place, who: Any = None, **more: Any) -> Any:
    alias = Alias.objects.filter(name=FIRM).order_by("id").first()
    assert alias is not None
    return open_case(
        "complaint",
        "receive",
        {"claim": "退货退款", "dispute": "开裂"},
        unit=MARKET,
        call=acts(place) if who is None else call(who, place.now, place.book),
        parties=[PartyGiven("respondent", alias=alias.pk)],
        **more,
    )


def test_同一产品此前不合格的样品查得到_本次的和别的产品的不算(place: Place) -> None:
    earlier = failed(place, 抽样单编号="LY2026G0301", 抽样日期="2026-03-10", 报告日期="2026-03-20")
    failed(place, 抽样单编号="LY2026G0302", 抽样日期="2026-03-10", 报告日期="2026-03-20", 产品名称="木器涂料")
    failed(place, 抽样单编号="LY2023G0301", 抽样日期="2023-03-10", 报告日期="2023-03-20")
    row = failed(place)
    watched(place)
    mine = next(each for each in waiting(place) if each.fact == row.pk)
    found = answers(opened(place, mine).line)[EARLIER]
    assert (found.value, found.facts, found.on) == (1, (earlier.pk,), place.now.date())
    assert found.reached is Reached.PART, "the enterprise lies in another district"


def test_查到的随行冻结_事实撤回以后重放也不变(place: Place) -> None:
    earlier = failed(place, 抽样单编号="LY2026G0301", 抽样日期="2026-03-10", 报告日期="2026-03-20")
    row = failed(place)
    watched(place)
    case = opened(place, next(each for each in waiting(place) if each.fact == row.pk)).case
    withdraw(earlier.pk, unit=MARKET, reason="样品登记错误", call=call(SYSTEM, place.now, place.book))
    remake_all(call=call(SYSTEM, place.now + dt.timedelta(days=1), place.book))
    (line,) = [each for each in reading.case_sheet(case.pk, call=acts(place, days=1)).lines if each.answers]
    assert {each.name: each.answer.value for each in line.answers} == {EARLIER: 1, "earlier_cases": 0}
    assert verify_cases(call=call(SYSTEM, place.now, place.book)).whole
    family = case_log.family_of([case.pk], case_book(place.book))
    assert family.logs[case.number].lines[0].said[EARLIER] == 1


def test_再次立案查到此前的案件_线上有门_看不到的人没有门(place: Place) -> None:
    failed(place)
    first, second = complaint(place), complaint(place)
    found = answers(second.line)["earlier_cases"]
    assert (found.value, found.cases, found.reached) == (1, (first.case.pk,), Reached.PART)
    (line,) = reading.case_sheet(second.case.pk, call=acts(place)).lines
    (shown,) = line.answers
    assert [each.label.zh for each in shown.cases] == [first.case.number]
    assert shown.note is not None
    assert shown.note.zh == "请留意是否重复或者再犯"


def test_公众提交的没有查_说明没有查而不是零(place: Place) -> None:
    failed(place)
    alias = Alias.objects.filter(name=FIRM).order_by("id").first()
    done = open_case(
        "complaint",
        "receive",
        {"claim": "退货退款", "dispute": "开裂"},
        unit=MARKET,
        call=call(PUBLIC, place.now, place.book),
        parties=[PartyGiven("complainant", sealed="x1"), PartyGiven("respondent", alias=alias.pk if alias else None)],
        receipt="1234567890123456",
    )
    found = answers(done.line)["earlier_cases"]
    assert (found.value, found.reached) == (None, Reached.NONE)


def test_当事人不在台账里_说明没有查(place: Place) -> None:
    done = open_case(
        "rectification",
        "find",
        {"basis": "inspection", "problem": "台账不全"},
        unit=MARKET,
        call=acts(place),
        parties=[PartyGiven("ordered", "街边小店")],
    )
    assert {each.reached for each in answers(done.line).values()} == {Reached.UNKNOWN}
    assert {each.value for each in answers(done.line).values()} == {None}


def test_看不到的记录不计入_也不当作没有(place: Place) -> None:
    failed(place)
    alias = Alias.objects.filter(name=FIRM).order_by("id").first()
    assert alias is not None
    party = CasePartyRow(role="sampled", alias=alias.pk)
    said = {"product": "内墙涂料"}
    (mine,) = [
        one
        for one in before_opening("product_follow_up", party, unit=MARKET, said=said, call=acts(place))
        if one.name == EARLIER
    ]
    assert (mine.answer.value, mine.answer.reached, len(mine.facts)) == (1, Reached.PART, 1)
    nobody = before_opening(
        "product_follow_up", party, unit=MARKET, said=said, call=call(PUBLIC, place.now, place.book)
    )
    assert {(one.answer.value, one.answer.reached) for one in nobody} == {(None, Reached.NONE)}


def test_抽中的机构按名称查_同名的有两家就不查(place: Place) -> None:
    known = case_book(place.book).workflows["food_retest"]
    act = known.acts["draw"]

    def asked() -> Any:
        return LookUpsAsked(known, act, [], {"drawn": "试验检验所"}, MARKET).subjects("drawn")

    assert asked() == ()
    first = AliasFactory(name="试验检验所")
    AliasFactory(name="试验检验所", subject=first.subject)
    assert asked() == (first.subject_id,)
    AliasFactory(name="试验检验所")
    assert asked() == ()


def test_查到的不能由人填写(place: Place) -> None:
    failed(place)
    case = follow_up(place).case
    with pytest.raises(Refused) as refused:
        act_in_case(case.pk, "notify", {"told": ["甲厂"], EARLIER: "0"}, call=acts(place))
    assert [each.code for each in refused.value.refusals] == ["workflow.unknown"]
    assert "由系统在办理时查询" in refused.value.refusals[0].zh


def test_查到的写在行的依据里_说的话里没有(place: Place) -> None:
    failed(place)
    line = follow_up(place).line
    assert EARLIER not in case_log.data_of(line)["said"]
    assert json.loads(line.seen)["answers"][EARLIER] == {
        "value": 0,
        "on": place.now.date().isoformat(),
        "reached": "part",
    }


def test_报送的行写得出查到的_逐字节相同(place: Place) -> None:
    failed(place, 抽样单编号="LY2026G0301", 抽样日期="2026-03-10", 报告日期="2026-03-20")
    entry = place.book[WORKFLOWS]["product_follow_up"]
    row = HandsIn(record="product_sampling", row={"产品": "{product}", "此前不合格": "{earlier_failures} 件"})
    act = entry.page.acts["open"].model_copy(update={"records": row})
    page = entry.page.model_copy(update={"acts": {**entry.page.acts, "open": act}})
    flows = {**place.book[WORKFLOWS], "product_follow_up": replace(entry, page=page)}
    place.book = with_chapters(place.book, {WORKFLOWS: MappingProxyType(flows)})
    latest = failed(place)
    watched(place)
    line = opened(place, next(each for each in waiting(place) if each.fact == latest.pk)).line
    found = answers(line)[EARLIER]
    said = case_log.data_of(line)["said"]
    text = f"产品,此前不合格\r\n{said['product']},{found.value} 件\r\n"
    assert found.value == 1
    assert CaseHandIn.objects.get(line=line).digest == sha256(text.encode()).hexdigest()


def test_冻结以后事实撤回_以后的步骤仍按当时查到的_再查一次的按现在(place: Place) -> None:
    earlier = failed(place, 抽样单编号="LY2026G0301", 抽样日期="2026-03-10", 报告日期="2026-03-20")
    row = failed(place)
    watched(place)
    first = opened(place, next(each for each in waiting(place) if each.fact == row.pk))
    withdraw(earlier.pk, unit=MARKET, reason="样品登记错误", call=call(SYSTEM, place.now, place.book))
    act_in_case(first.case.pk, "notify", {"told": [FIRM]}, call=acts(place, days=1))
    family = case_log.family_of([first.case.pk], case_book(place.book))
    assert family.logs[first.case.number].lines[0].said[EARLIER] == 1
    kept = answers(first.line)[EARLIER]
    assert (kept.value, kept.facts) == (1, (earlier.pk,))
    party = CasePartyRow(role="sampled", alias=first.case.parties.get().alias)
    said = case_log.data_of(first.line)["said"]
    (now,) = [
        one
        for one in before_opening("product_follow_up", party, unit=MARKET, said=said, call=acts(place, days=1))
        if one.name == EARLIER
    ]
    assert now.answer.facts == (row.pk,), "only the sample of this case is left"
