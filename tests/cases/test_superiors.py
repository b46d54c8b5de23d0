"""The level above: units at the areas around, and those to which a unit answers, wherever they stand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from tests.book_once import book_once, with_chapters
from tests.cases.officers import BOOK, CITY, MARKET, NEIGHBOUR, call, officer
from zhiheng.actions.cases.act_in_case import act_in_case
from zhiheng.actions.cases.open_case import PartyGiven, open_case
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.district import DISTRICT, District
from zhiheng.kernel.reasons import Refused
from zhiheng.office.cases import Case, CaseStandingRow
from zhiheng.queries.cases import case_sheet
from zhiheng.queries.inbox import UPPER, counts, inbox, unclocked

# A unit of the same district, to which the market bureau answers where the book says so.
GOVERNMENT = "liyuan_development"
LI, HEAD = officer(1, "department_officer", name="李敏"), officer(3, "department_head", name="王局")


def answering(**under: tuple[str, ...]) -> Book:
    """The default book with these units answering to others."""
    district = book_once(BOOK)[DISTRICT]
    told = district.model_dump()
    for unit in told["units"]:
        unit["under"] = under.get(unit["id"], unit["under"])
    return with_chapters(book_once(BOOK), {DISTRICT: District.model_validate(told)})


def test_上级单位_上级区域的单位和写明的上级_都在其上_下级的下级也在其下() -> None:
    district = answering(liyuan_market=(GOVERNMENT,))[DISTRICT]
    assert {MARKET, "liyuan_testing", "liyuan_tiezhen"} <= district.units_beneath[GOVERNMENT]
    assert NEIGHBOUR not in district.units_beneath[GOVERNMENT]
    assert {MARKET, NEIGHBOUR, "liyuan_tiezhen"} <= district.units_beneath[CITY]
    assert not district.units_beneath["liyuan_tiezhen"]
    assert "liyuan_testing" in district.units_beneath[MARKET], "质检中心由本区市场监管局管理"
    assert GOVERNMENT not in district.units_beneath[MARKET]


@pytest.mark.parametrize(
    ("under", "told"),
    [
        ({MARKET: ("nowhere",)}, "under nowhere, which units does not list"),
        ({MARKET: (MARKET,)}, "liyuan_market stand above themselves"),
        ({MARKET: (GOVERNMENT,), GOVERNMENT: (MARKET,)}, "stand above themselves"),
        ({CITY: (MARKET,)}, "no unit of an area beneath"),
    ],
)
def test_上级写错的_说明哪个单位_怎么改(under: dict[str, tuple[str, ...]], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        answering(**under)


def to_consent(book: Book) -> Case:
    """A listing about which the level above is asked, with an answer promised by a day."""

    def ask(who: Any, moment: str) -> Call:
        return call(who, moment, book)

    given = {"decision": "〔2026〕1号", "cause": "逃避执行"}
    party = PartyGiven("subject", name="试验第一百货有限公司")
    opened = open_case(
        "serious_violation_list",
        "propose.evasion",
        given,
        unit=MARKET,
        call=ask(LI, "2026-03-02 09:00"),
        parties=[party],
    )
    act_in_case(opened.case.pk, "notify", {}, call=ask(LI, "2026-03-03 09:00"))
    act_in_case(opened.case.pk, "ask_consent", {}, call=ask(HEAD, "2026-03-16 09:00"))
    return opened.case


@pytest.mark.slow
@pytest.mark.django_db
def test_本区的上级单位_看得到等它答复的案件_列在待办里_答复了就办_没有写明的看不到() -> None:
    book = answering(liyuan_market=(GOVERNMENT,))
    case = to_consent(book)
    superior = officer(11, "department_head", GOVERNMENT, "区里")
    above = call(superior, "2026-03-17 09:00", book)
    assert [row.case.pk for row in inbox("later", call=above).rows + inbox("soon", call=above).rows] == [case.pk]
    assert counts(call=above).late == 0
    assert [each.key for each in case_sheet(case.pk, call=above).acts if each.possible] == [
        "consent.agree",
        "consent.refuse",
    ]
    elsewhere = replace(above, book=book_once(BOOK))
    assert not [*inbox("later", call=elsewhere).rows, *inbox("soon", call=elsewhere).rows]
    with pytest.raises(Refused):
        act_in_case(case.pk, "consent.agree", {}, call=elsewhere)
    beside = call(officer(12, "department_head", NEIGHBOUR), "2026-03-17 09:00", book)
    with pytest.raises(Refused):
        case_sheet(case.pk, call=beside)
    city = call(officer(13, "department_head", CITY), "2026-03-17 09:00", book)
    assert [row.case.pk for row in inbox("later", call=city).rows + inbox("soon", call=city).rows] == [case.pk]
    act_in_case(case.pk, "consent.agree", {}, call=above)
    assert CaseStandingRow.objects.get(case=case).states == ["to_decide"]


@pytest.mark.slow
@pytest.mark.django_db
def test_移交有争议的_没有期限_也列在上级单位的待办里() -> None:
    book = answering(liyuan_market=(GOVERNMENT,))
    given = {"claim": "退货退款", "dispute": "电热水壶漏电"}
    case = open_case("complaint", "receive", given, unit=MARKET, call=call(LI, "2026-04-20 09:00", book)).case
    asked = {"to_unit": NEIGHBOUR, "handover_reason": "经营地在该单位辖区"}
    act_in_case(case.pk, "offer", asked, call=call(LI, "2026-04-20 11:00", book))
    theirs = call(officer(9, "department_head", NEIGHBOUR), "2026-04-21 09:00", book)
    act_in_case(case.pk, "decline", {"handover_reason": "不属本单位"}, call=theirs)
    above = call(officer(11, "department_head", GOVERNMENT, "区里"), "2026-04-22 09:00", book)
    # As of a page that gives no period while the level above decides.
    CaseStandingRow.objects.filter(case=case).update(due=None, waits_for=UPPER)
    assert [row.case.pk for row in unclocked(call=above).rows] == [case.pk]
    assert not unclocked(call=replace(above, book=book_once(BOOK))).rows
    act_in_case(case.pk, "designate", {"to_unit": NEIGHBOUR}, call=above)
    assert CaseStandingRow.objects.get(case=case).unit == NEIGHBOUR
