"""An objection is a case: its log says what was done, its row follows from the log, and what was raised before
objections were cases becomes one whole.
"""

from __future__ import annotations

import datetime as dt
import re
from types import MappingProxyType
from typing import Any

import pytest
from django.urls import reverse

from tests.book_once import with_chapters
from tests.desk.files_of import NOW, clock, place, subject_of
from tests.desk.officers import officer, signed_in
from tests.desk.test_objections import ANSWER, PDF, WHY, fact_of, objected, page
from tests.factories import ObjectionFactory
from tests.places import Ledger
from zhiheng.actions.cases.act_in_case import act_in_case
from zhiheng.actions.cases.open_case import PartyGiven, open_case
from zhiheng.actions.cases.remake_standings import remake_all
from zhiheng.actions.cases.strike_line import strike_line
from zhiheng.actions.cases.verify_cases import verify_cases
from zhiheng.actions.objections.answer_objection import answer
from zhiheng.actions.objections.carry_over import are_waiting, carry_over
from zhiheng.actions.objections.raise_objection import Attachment, withdraw_objection
from zhiheng.actions.objections.refusals import attachment_too_large
from zhiheng.database.content_store import ATTACHMENTS, Accepted
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.roles import ROLES
from zhiheng.kernel.actor import SYSTEM, Actor, Holding
from zhiheng.kernel.reasons import Refused
from zhiheng.office import case_log
from zhiheng.office.case_log import data_of, key_of, names_in, people_of, said_in
from zhiheng.office.cases import CaseDuty, CaseStandingRow
from zhiheng.office.models import Objection
from zhiheng.people.models import TrailLine
from zhiheng.queries.cases import CaseFilters, case_sheet, cases
from zhiheng.queries.inbox import counts

__all__ = ["clock", "place"]
pytestmark = [pytest.mark.django_db, pytest.mark.slow]
CLERK = Actor("account:5", "officer", "试验员甲", (Holding("clerk", "test_market"),))
OTHER = Actor("account:6", "officer", "试验员乙", (Holding("clerk", "test_market"),))


def at(place: Ledger, who: Actor = CLERK, days: int = 0) -> Call:
    """A call of somebody, so many days later."""
    return Call(who, place.book, NOW + dt.timedelta(days=days))


def owner(one: Objection) -> Actor:
    return Actor("account:77", "enterprise", "某负责人", (Holding("owner", subject=one.subject),))


def answered(place: Ledger, one: Objection, days: int = 1) -> Objection:
    return answer(one.pk, upheld=False, remedy="", text=ANSWER, call=at(place, days=days))


def whole(place: Ledger, days: int = 1) -> list[str]:
    """What verifying the cases finds."""
    return [each.zh for each in verify_cases(call=at(place, SYSTEM, days)).findings]


def test_异议的状态和期限出自案件的记录(place: Ledger) -> None:
    one = objected(place.book, files=[Attachment("证明.pdf", [PDF])])
    standing = CaseStandingRow.objects.get(case=one.case_id)
    assert (standing.states, standing.unit, standing.due) == (["checked"], "test_market", one.due_on)
    (duty,) = CaseDuty.objects.filter(case=one.case_id)
    assert (duty.takes, duty.acts, duty.due) == ("objection.answer", ["answer"], one.due_on)
    (line,) = one.case.lines.all()
    assert (key_of(line), line.happened_at, names_in(people_of(line))) == ("object.checked", NOW, ("account:77",))
    # What was attached stands in the chain by its digest.
    assert [each["digest"] for each in data_of(line)["files"]] == [each["digest"] for each in one.files]
    assert [(each.name, each.given_by, each.field) for each in line.attachments.all()] == [
        ("证明.pdf", "account:77", "materials")
    ]
    assert whole(place) == []
    answered(place, one)
    one.refresh_from_db()
    line = one.case.lines.get(place=2)
    assert (key_of(line), said_in(line)["answer"]) == ("answer.rejected", ANSWER)
    assert "行政复议" in said_in(line)["remedies"]
    assert (one.state, one.answered_by, one.answered_at) == ("rejected", "account:5", NOW + dt.timedelta(days=1))
    assert (str(one.due_on), one.due_basis["unit"]) == ("2026-08-05", "wd")
    assert not CaseDuty.objects.filter(case=one.case_id).exists()
    assert CaseStandingRow.objects.get(case=one.case_id).final


def test_改动过的异议行_核验会发现_重算会改回(place: Ledger) -> None:
    one = objected(place.book)
    Objection.objects.filter(pk=one.pk).update(state="rejected", due_on=NOW.date())
    assert any("zhiheng cases rebuild" in told for told in whole(place))
    # What the row pretends decides nothing: the log says that it is open.
    withdraw_objection(one.receipt, call=at(place, owner(one)))
    assert (Objection.objects.get().state, str(Objection.objects.get().due_on)) == ("withdrawn", "2026-08-05")
    Objection.objects.update(answer="改过的答复")
    assert remake_all(call=at(place, SYSTEM)) == 1
    assert Objection.objects.get().answer == ""
    assert whole(place) == []


def test_一家企业的两个人同时提异议_后一人的附件不留下无主的文件(
    place: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    first: list[Objection] = []
    hold = case_log.lock

    def hold_after_the_colleague() -> None:
        if not first:
            first.append(Objection())
            first[0] = objected(place.book, files=[Attachment("同事的.pdf", [PDF])])
        hold()

    monkeypatch.setattr(case_log, "lock", hold_after_the_colleague)
    second = objected(place.book, files=[Attachment("自己的.pdf", [PDF + b" mine"])])
    assert second.pk == first[0].pk == Objection.objects.get().pk
    kept = {path.name for path in ATTACHMENTS.folder().rglob("*") if path.is_file()}
    assert kept == {each["digest"] for each in second.files}


@pytest.mark.parametrize("act", ["answer.upheld", "answer.rejected", "take_back"])
def test_答复和撤回不能绕到案件页去办(place: Ledger, act: str) -> None:
    one = objected(place.book)
    said = {"answer.upheld": {"answer": ANSWER, "remedy": "corrected"}, "answer.rejected": {"answer": ANSWER}}
    who = owner(one) if act == "take_back" else CLERK
    with pytest.raises(Refused) as refused:
        act_in_case(one.case_id or 0, act, said.get(act, {}), call=at(place, who))
    assert [each.code for each in refused.value.refusals] == ["case.own_page"]
    assert Objection.objects.get().state == "open"


def test_异议不能从立案页提出(place: Ledger) -> None:
    one = objected(place.book)
    with pytest.raises(Refused) as refused:
        open_case(
            "fact_objection",
            "object.other",
            {"fact": "抽样", "ground": "not_us", "reason": WHY},
            unit="test_market",
            call=at(place),
            parties=[PartyGiven("objector", name="某企业")],
        )
    assert [each.code for each in refused.value.refusals] == ["case.own_page"]
    assert Objection.objects.get() == one


def test_异议页和案件页互相打得开(place: Ledger) -> None:
    one = objected(place.book)
    browser = signed_in(officer())
    text = page(browser, "objection", one.pk)
    assert reverse("desk:case", args=[one.case_id]) in text
    assert "试异〔2026〕1号" in text
    case = browser.get(reverse("desk:case", args=[one.case_id])).content.decode()
    assert reverse("desk:objection", args=[one.pk]) in case
    assert WHY in case
    assert not re.search(r"/acts?/answer", case)


def test_撤销了答复_异议又待答复(place: Ledger) -> None:
    one = objected(place.book)
    answered(place, one)
    line = one.case.lines.get(place=2)
    strike_line(line.pk, reason="答复的不是这一条", call=at(place, OTHER, 2))
    one.refresh_from_db()
    assert (one.state, one.answer, one.answered_at, str(one.due_on)) == ("open", "", None, "2026-08-05")
    assert whole(place, 2) == []
    assert answered(place, one, 3).state == "rejected"


def test_撤销了提出的记录_异议不再等答复并写明理由(place: Ledger) -> None:
    one = objected(place.book)
    strike_line(one.case.lines.get(place=1).pk, reason="代提的人没有授权", call=at(place, OTHER))
    one.refresh_from_db()
    assert (one.state, one.answer, one.answered_by) == ("withdrawn", "代提的人没有授权", "account:6")
    with pytest.raises(Refused):
        answered(place, one)
    assert whole(place) == []


# -- who reads them ----------------------------------------------------------------------------------------------------


def test_能看案件不能看异议的_看不到异议的案件(place: Ledger) -> None:
    one = objected(place.book)
    roles = dict(place.book[ROLES])
    clerk = roles["clerk"]
    acts = [
        clause.model_copy(update={"acts": tuple(a for a in clause.acts if a != "objection.read")})
        for clause in clerk.may
    ]
    roles["clerk"] = clerk.model_copy(update={"may": tuple(acts)})
    call = Call(CLERK, with_chapters(place.book, {ROLES: MappingProxyType(roles)}), NOW)
    assert not cases(CaseFilters(), call=call).rows
    with pytest.raises(Refused) as refused:
        case_sheet(one.case_id or 0, call=call)
    assert refused.value.refusals[0].code == "case.absent"
    assert counts(call=call).later == 0
    assert [row.row.case_id for row in cases(CaseFilters(), call=at(place)).rows] == [one.case_id]
    assert counts(call=at(place)).later == 1


def test_别的单位看不到异议的案件(place: Ledger) -> None:
    one = objected(place.book)
    elsewhere = Actor("account:8", "officer", "远", (Holding("clerk", "test_environment"),))
    assert not cases(CaseFilters(), call=at(place, elsewhere)).rows
    with pytest.raises(Refused):
        case_sheet(one.case_id or 0, call=at(place, elsewhere))


# -- of before ---------------------------------------------------------------------------------------------------------


def of_before(fact: int, **words: Any) -> Objection:
    """A row as it was written before objections were cases."""
    row: Objection = ObjectionFactory(
        **{
            "subject": subject_of(),
            "fact": fact,
            "record": "sampling_check",
            "unit": "test_market",
            "area": "990901001",
            "ground": "not_us",
            "reason": WHY,
            "at": NOW - dt.timedelta(days=30),
            "by": "account:77",
            "by_name": "某负责人",
            "due_on": dt.date(2026, 7, 6),
            "due_basis": {"zh": "15个工作日", "en": "15 working days", "unit": "wd"},
            **words,
        }
    )
    return row


KEPT = (
    "receipt",
    "subject",
    "fact",
    "entry",
    "record",
    "unit",
    "area",
    "ground",
    "reason",
    "files",
    "state",
    "at",
    "by",
)
SAID = ("by_name", "answer", "answered_at", "answered_by", "remedy")


def test_以前的异议转为案件_编号时间人和附件都不变(place: Ledger) -> None:
    too_large = attachment_too_large("证明.pdf", 1 << 20)
    (paper,) = ATTACHMENTS.keep_several([([PDF], Accepted(1 << 20, too_large, kinds={b"%PDF-": "pdf"}))])
    files = [{"name": "证明.pdf", "digest": paper.digest, "size": paper.size, "kind": "pdf"}]
    done = {"answered_at": NOW - dt.timedelta(days=20), "answered_by": "account:5 for account:6"}
    of_before(fact_of(), files=files)
    # Raised again after it was taken back: both are of the same fact.
    of_before(
        fact_of(),
        state="withdrawn",
        at=NOW - dt.timedelta(days=40),
        answered_at=NOW - dt.timedelta(days=35),
        answered_by="account:77",
    )
    of_before(fact_of(at=1), state="upheld", remedy="taken_down", answer=ANSWER, **done)
    of_before(
        fact_of("discharge_fine"), state="rejected", remedy="none", answer=ANSWER, record="discharge_fine", **done
    )
    before = {row["id"]: row for row in Objection.objects.values("id", *KEPT, *SAID)}
    assert are_waiting(place.book)
    assert carry_over(call=at(place, SYSTEM)) == 4
    assert carry_over(call=at(place, SYSTEM)) == 0
    assert not are_waiting(place.book)
    assert {row["id"]: row for row in Objection.objects.values("id", *KEPT, *SAID)} == before
    assert whole(place) == []
    for one in Objection.objects.select_related("case"):
        lines = list(one.case.lines.order_by("place"))
        assert (lines[0].happened_at, lines[0].entered_at, one.case.opened_at) == (one.at, NOW, one.at)
        assert len(lines) == 1 + (one.state != "open")
        assert not one.case.documents.exists(), "nothing is issued for what was answered long ago"
        if one.answered_by.startswith("account:5"):
            (person,) = people_of(lines[1])
            assert (person["who"], person["for"], lines[1].happened_at) == ("account:5", "account:6", one.answered_at)
    # The due day is counted by the law and the calendar of the day on which it was raised.
    assert str(Objection.objects.get(state="open").due_on) == "2026-07-06"
    assert TrailLine.objects.filter(verb="objection.carry_over").count() == 1
    assert {line.actor for line in TrailLine.objects.filter(verb__in=("case.open", "case.act"))} == {"system"}
    browser = signed_in(officer())
    open_one = Objection.objects.get(state="open")
    assert WHY in page(browser, "objection", open_one.pk)
    told = browser.get(reverse("desk:objection_file", args=[open_one.pk, paper.digest]))
    assert told.content == PDF
    assert ANSWER in page(browser, "objection", Objection.objects.get(state="upheld").pk)


@pytest.mark.parametrize("end", ["answer", "withdraw"])
def test_还没转为案件的也能办_办的时候就成了案件(place: Ledger, end: str) -> None:
    one = of_before(fact_of())
    if end == "answer":
        answered(place, one, 0)
    else:
        withdraw_objection(one.receipt, call=at(place, owner(one)))
    one.refresh_from_db()
    assert one.state == ("rejected" if end == "answer" else "withdrawn")
    assert key_of(one.case.lines.get(place=1)) == "object.checked"
    assert whole(place) == []


def test_规则书没有异议的工作流时_以前的异议照样可看(place: Ledger) -> None:
    one = of_before(fact_of(), state="rejected", answer=ANSWER, answered_at=NOW, answered_by="account:5")
    assert ANSWER in page(signed_in(officer()), "objection", one.pk)
    assert one.case_id is None
