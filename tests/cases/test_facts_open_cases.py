"""Facts propose cases, officers open them: a failed sample, an inspection that ran out, a correction afterwards."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.utils import DatabaseError

from tests.cases.officers import MARKET, NEIGHBOUR, call, officer
from tests.published.places import Place, default_book, place
from zhiheng.actions.cases import taken_facts
from zhiheng.actions.cases.open_case import PartyGiven, open_case
from zhiheng.actions.cases.watch_facts import Watched, facts_wait, watch_facts
from zhiheng.actions.facts.correct_fact import correct, withdraw
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import SYSTEM
from zhiheng.kernel.reasons import Refused
from zhiheng.office import case_log
from zhiheng.office.case_facts import CaseFact, CaseFactDecision, CaseFactWatch
from zhiheng.office.cases import CaseEvent
from zhiheng.queries import case_facts

__all__ = ["default_book", "place"]
pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.database]
FAILED = {"抽样单编号": "LY2026G0500", "检验结论": "不合格", "不合格项目": "挥发性有机化合物"}
EXAMPLE = "区级监督抽查，合格"
HANDLER = officer(1, "department_officer")


def failed(place: Place, **more: str) -> Any:
    """A failed sample, reported on the day of the place."""
    return place.fact(
        "product_sampling", EXAMPLE, **{"抽样日期": "2026-10-18", "报告日期": "2026-11-12", **FAILED, **more}
    )


def watched(place: Place, days: int = 0) -> Watched:
    return watch_facts(call=Call(SYSTEM, place.book, place.now + dt.timedelta(days=days)))


def acts(place: Place, who: Any = HANDLER, days: int = 0) -> Call:
    return call(who, place.now + dt.timedelta(days=days), place.book)


def waiting(place: Place, days: int = 0, who: Any = HANDLER) -> list[CaseFact]:
    return [one.row for one in case_facts.facts_to_open("waiting", call=acts(place, who, days)).rows]


def opened(place: Place, row: CaseFact, **more: Any) -> Any:
    """Open the case of a fact as its form is filled."""
    found = case_facts.fact_to_open(row.pk, call=acts(place))
    return open_case(
        row.workflow,
        row.act,
        {**found.fields, **more},
        unit=MARKET,
        call=acts(place),
        parties=[PartyGiven(role, alias=alias.pk) for role, alias in found.parties.items()],
        happened=row.day,
        facts=found.facts,
    )


def told(case: int) -> list[str]:
    lines = CaseEvent.objects.filter(case=case, act=case_log.FACT).order_by("id")
    return [case_log.data_of(line)["text"] for line in lines]


@pytest.mark.slow
def test_不合格的样品列为应立案_合格的和风险监测的不列(place: Place) -> None:
    failed(place)
    failed(place, 抽样单编号="LY2026G0501", 检验结论="合格", 不合格项目="/")
    failed(place, 抽样单编号="LY2026G0502", 抽查类型="风险监测")
    assert facts_wait(place.book)
    assert watched(place).proposed == 1
    assert not facts_wait(place.book)
    (row,) = waiting(place)
    assert (row.workflow, row.act, row.unit, row.day) == ("product_follow_up", "open", MARKET, place.now.date())
    (shown,) = case_facts.facts_to_open("waiting", call=acts(place, days=3)).rows
    assert (shown.parties, shown.age, shown.article) == (("云澜市锦枢区七彩涂料有限公司",), 3, "第三十五条")
    counts = case_facts.counts(call=acts(place))
    assert (counts.waiting, counts.total, counts.late) == (1, 1, 0)


def test_别的单位看不到_没有立案权限的数不到(place: Place) -> None:
    failed(place)
    watched(place)
    assert waiting(place, who=officer(2, "department_officer", NEIGHBOUR)) == []
    assert case_facts.counts(call=acts(place, officer(2, "department_officer", NEIGHBOUR))).total == 0
    with pytest.raises(Refused) as refused:
        taken_facts.decline_fact(
            CaseFact.objects.get().pk, reason="不归我们", call=acts(place, officer(2, "department_officer", NEIGHBOUR))
        )
    assert refused.value.refusals[0].code == "case.fact.absent"


def test_一步立案_当事人_产品_项目和收到之日都从事实填好(place: Place) -> None:
    fact = failed(place)
    watched(place)
    done = opened(place, waiting(place)[0])
    said = case_log.data_of(done.line)["said"]
    assert said["failed_items"] == "挥发性有机化合物"
    assert said["product"] == "内墙涂料 18L/桶 20260210"
    assert done.case.opened_on == place.now.date()
    assert done.case.parties.get().name == "云澜市锦枢区七彩涂料有限公司"
    row = CaseFact.objects.get()
    assert (row.state, row.case_id, row.line) == ("taken", done.case.pk, done.line.pk)
    assert fact.pk in json.loads(done.line.seen)["facts"]
    assert waiting(place) == []


def test_一条事实只立一次案_数据库也挡住(place: Place) -> None:
    failed(place)
    watched(place)
    row = waiting(place)[0]
    opened(place, row)
    with pytest.raises(Refused) as refused:
        opened(place, row)
    assert [each.code for each in refused.value.refusals] == ["case.fact_taken"]
    values = {
        name: getattr(row, name)
        for name in ("workflow", "act", "fact", "now", "record", "unit", "quality", "key", "day", "shows_on", "seen_at")
    }
    with pytest.raises(IntegrityError), transaction.atomic(using=str(settings.PEOPLE_DATABASE)):
        CaseFact.objects.create(**values)


@pytest.mark.slow
def test_同一样品的几条进同一个案件_后来的建议并入(place: Place) -> None:
    failed(place, 不合格项目="甲醛")
    failed(place, 不合格项目="挥发性有机化合物")
    watched(place)
    first, second = waiting(place)
    done = opened(place, first)
    assert {row.case_id for row in CaseFact.objects.all()} == {done.case.pk}
    assert second.pk not in [row.pk for row in waiting(place)]
    failed(place, 不合格项目="苯系物")
    watched(place)
    (third,) = waiting(place)
    assert third.case_id == done.case.pk
    taken_facts.join_case(third.pk, call=acts(place))
    assert told(done.case.pk) == [f"同一事项又有事实 {third.now}，并入本案。"]
    assert waiting(place) == []


def test_不立案要写理由_记下的不能改_以后还可以立案(place: Place) -> None:
    failed(place)
    watched(place)
    row = waiting(place)[0]
    with pytest.raises(Refused):
        taken_facts.decline_fact(row.pk, reason="", call=acts(place))
    taken_facts.decline_fact(row.pk, reason="企业已注销，移送属地。", call=acts(place))
    assert waiting(place) == []
    (declined,) = case_facts.facts_to_open("declined", call=acts(place)).rows
    assert declined.decided is not None
    assert (declined.decided.reason, declined.decided.name) == ("企业已注销，移送属地。", "某1")
    assert case_facts.counts(call=acts(place)).declined == 1
    for change in (
        lambda: CaseFactDecision.objects.update(reason="改"),
        lambda: CaseFactDecision.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic(using=str(settings.PEOPLE_DATABASE)):
            change()
    assert opened(place, row).new
    assert CaseFact.objects.get().state == "taken"


def test_更正以后不再符合的不列了_仍符合的照新的算(place: Place) -> None:
    fact, other = failed(place), failed(place, 抽样单编号="LY2026G0503")
    watched(place)
    officer_ = replace(acts(place), actor=SYSTEM)
    correct(fact.pk, changes={"verdict": "合格", "failed_items": "/"}, reason="复检合格", call=officer_, unit=MARKET)
    correct(other.pk, changes={"failed_items": "甲醛"}, reason="写错项目", call=officer_, unit=MARKET)
    assert watched(place).lapsed == 1
    (row,) = waiting(place)
    assert row.fact == other.pk
    assert row.now > other.pk
    assert opened(place, row).line is not None
    assert case_log.data_of(CaseEvent.objects.get(place=1))["said"]["failed_items"] == "甲醛"


def test_立案以后更正或者撤回的_写进案件_只写一次(place: Place) -> None:
    fact = failed(place)
    watched(place)
    case = opened(place, waiting(place)[0]).case.pk
    withdraw(fact.pk, reason="样品搞错", call=replace(acts(place), actor=SYSTEM), unit=MARKET)
    assert watched(place).told == 1
    CaseFactWatch.objects.all().delete()
    assert watched(place).told == 0
    (text,) = told(case)
    assert "已被报送单位撤回" in text


def test_重看一遍账本_结果一样_已立案和不立案的不动(place: Place) -> None:
    failed(place)
    failed(place, 抽样单编号="LY2026G0504")
    failed(place, 抽样单编号="LY2026G0505")
    watched(place)
    first, second, _ = waiting(place)
    opened(place, first)
    taken_facts.decline_fact(second.pk, reason="重复报送。", call=acts(place))
    before = list(CaseFact.objects.order_by("fact").values("fact", "state", "case", "key", "day", "due"))
    CaseFactWatch.objects.all().delete()
    watched(place)
    assert list(CaseFact.objects.order_by("fact").values("fact", "state", "case", "key", "day", "due")) == before
    CaseFact.objects.filter(state="waiting").delete()
    CaseFactWatch.objects.all().delete()
    watched(place)
    assert list(CaseFact.objects.order_by("fact").values("fact", "state", "case", "key", "day", "due")) == before


def test_食品不合格的_五个工作日内送达_写明条文_逾期看得到(place: Place) -> None:
    place.fact("food_sampling", "单位写在结果里，是同一个值", 抽样日期="2026-10-16", 公布日期="2026-11-12")
    watched(place)
    (shown,) = case_facts.facts_to_open("waiting", call=acts(place)).rows
    assert shown.row.due == dt.date(2026, 11, 27)
    assert shown.article == "食品安全抽样检验管理办法第二十九条"
    (later,) = case_facts.facts_to_open("waiting", call=acts(place, days=20)).rows
    assert later.is_late
    assert case_facts.counts(call=acts(place, days=20)).late == 1


def test_设备检验过期的次日才列_期间又检验过的不列(place: Place) -> None:
    row = {"检验日期": "2025-11-25", "下次检验日期": "2026-11-24"}
    name = "定期检验合格，有效期到下次检验日"
    place.fact("equipment_inspection", name, **row)
    place.fact("equipment_inspection", name, **row, 设备代码="31109901012019050002")
    watched(place)
    assert waiting(place) == []
    assert waiting(place, days=4) == []
    assert len(waiting(place, days=5)) == 2
    place.fact(
        "equipment_inspection", name, 检验日期="2026-11-20", 下次检验日期="2027-11-20", 报告编号="云特检TD2026-000999"
    )
    watched(place)
    (left,) = waiting(place, days=5)
    found = case_facts.fact_to_open(left.pk, call=acts(place, days=5))
    assert found.fields == {"equipment_code": "31109901012019050002", "valid_until": "2026-11-24"}
    assert [alias.name for alias in found.parties.values()] == ["云澜市砺原区听涛物业服务有限公司"]


def test_办理中来了新的检验报告_只提示可以办什么_办了才算(place: Place) -> None:
    name = "定期检验合格，有效期到下次检验日"
    place.fact("equipment_inspection", name, 检验日期="2025-11-10", 下次检验日期="2026-11-10")
    watched(place)
    (row,) = waiting(place)
    found = case_facts.fact_to_open(row.pk, call=acts(place))
    case = open_case(
        row.workflow,
        row.act,
        {**found.fields, "place": "听涛苑 3 栋"},
        unit=MARKET,
        call=acts(place),
        parties=[PartyGiven(role, alias=alias.pk) for role, alias in found.parties.items()],
        facts=found.facts,
    ).case
    lines = CaseEvent.objects.filter(case=case).count()
    place.fact(
        "equipment_inspection", name, 检验日期="2026-11-18", 下次检验日期="2027-11-18", 报告编号="云特检TD2026-000888"
    )
    watched(place)
    assert CaseEvent.objects.filter(case=case).count() == lines, "nothing is done by itself"
    (offer,) = [one for one in case_facts.offered_in(case.pk, call=acts(place)) if one.act]
    assert (offer.act, offer.fields) == ("receive_result", {"report_number": "云特检TD2026-000888"})


def test_很久以前的不合格_交来时已过半年的_不再列(place: Place) -> None:
    failed(place, 抽样日期="2026-02-20", 报告日期="2026-03-12")
    assert watched(place).proposed == 0
