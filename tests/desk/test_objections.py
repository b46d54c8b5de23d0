"""Objections at the desk: the most urgent first, beside the fact, closed once and only after something was done about
them.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.desk.files_of import FIRM, NOW, clock, place, statements, subject_of
from tests.desk.officers import officer, signed_in
from tests.places import Ledger
from zhiheng.actions.facts.correct_fact import correct, withdraw
from zhiheng.actions.objections.raise_objection import Attachment, raise_objection, withdraw_objection
from zhiheng.database.content_store import ATTACHMENTS
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import SYSTEM, Actor, Holding
from zhiheng.ledger.models import Fact
from zhiheng.office.models import Objection
from zhiheng.people.models import TrailLine

__all__ = ["clock", "place"]
pytestmark = [pytest.mark.django_db, pytest.mark.slow]
WHY = "样品不是本企业生产的，包装上的批号与台账不符。"
PDF = b"%PDF-1.4 paper"
ANSWER = "经核对抽样单和企业台账，结论如下，依据试验办法第九条。"


@pytest.fixture
def clerk(place: Ledger) -> Client:
    """An officer of the market bureau."""
    return signed_in(officer())


def fact_of(record: str = "sampling_check", at: int = 0) -> int:
    """A fact of a record."""
    return int(Fact.objects.filter(record=record).order_by("id")[at].id)


def objected(book: Book, fact: int | None = None, **words: Any) -> Objection:
    """Somebody of the food maker objects."""
    owner = Actor("account:77", "enterprise", "某负责人", (Holding("owner", subject=subject_of()),))
    given = {"fact": fact or fact_of(), "ground": "not_us", "reason": WHY, "call": Call(owner, book, NOW)}
    return raise_objection(subject_of(), **{**given, **words})


def page(browser: Client, which: str = "objections", *args: Any, status: int = 200, **query: Any) -> str:
    """The text of a page."""
    answer = browser.get(reverse(f"desk:{which}", args=args), query)
    assert answer.status_code == status, (answer.status_code, answer.content.decode()[:2000])
    return answer.content.decode()


def answer(browser: Client, number: int, **typed: str) -> Any:
    """Send the answer."""
    given = {"verdict": "rejected", "remedy": "", "text": ANSWER}
    return browser.post(reverse("desk:answer_objection", args=[number]), {**given, **typed})


def test_an_objection_stands_beside_what_it_is_about_with_its_due_day(place: Ledger, clerk: Client) -> None:
    one = objected(place.book)
    assert FIRM in page(clerk)
    text = page(clerk, "objection", one.pk)
    for said in (WHY, "不是本企业的记录", "试验挂面", "2026-08-05", "15个工作日", "某负责人"):
        assert said in text, said
    assert TrailLine.objects.filter(verb="objection.read", about=f"objection:{one.pk}").count() == 1


def test_a_due_day_that_may_still_move_is_called_provisional_and_says_why(place: Ledger, clerk: Client) -> None:
    # The invented book has no holiday notice of any year.
    one = objected(place.book)
    text = page(clerk, "objection", one.pk)
    for said in ("（暂定）", "2026年的放假安排不在日历中", "自2026年7月15日起算15个工作日"):
        assert said in text, said
    Objection.objects.filter(pk=one.pk).update(due_basis={**one.due_basis, "provisional": []})
    assert "暂定" not in re.sub(r"<li>.*?</li>", "", page(clerk, "objection", one.pk))


def test_a_due_day_of_before_its_count_was_kept_is_still_shown(place: Ledger, clerk: Client) -> None:
    one = objected(place.book)
    Objection.objects.filter(pk=one.pk).update(due_basis={"zh": "15个工作日（试验办法）", "en": "15", "unit": "wd"})
    text = page(clerk, "objection", one.pk)
    assert "15个工作日（试验办法）" in text
    assert "暂定" not in text


def test_the_most_urgent_comes_first_and_what_is_late_is_marked(place: Ledger, clerk: Client) -> None:
    late = objected(place.book, fact_of(at=1))
    objected(place.book)
    Objection.objects.filter(pk=late.pk).update(due_on=NOW.date() - dt.timedelta(days=3))
    text = page(clerk)
    assert text.index(f"/objections/{late.pk}/") < text.index(f"/objections/{late.pk + 1}/")
    assert text.count('class="is-late"') == 1


def test_a_rejected_objection_is_closed_with_its_reason(place: Ledger, clerk: Client) -> None:
    one = objected(place.book)
    assert answer(clerk, one.pk).status_code == 302
    one.refresh_from_db()
    assert (one.state, one.remedy, one.answer) == ("rejected", "none", ANSWER)
    assert "没有异议" in page(clerk)
    assert FIRM in page(clerk, state="closed")
    shown = page(signed_in(officer(name="试验员乙")), "objection", one.pk)
    assert ANSWER in shown
    assert "试验员甲" in shown
    assert "办结并答复" not in shown
    assert TrailLine.objects.filter(verb="objection.answer").count() == 1


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"verdict": ""}, "请选择“成立”或“不成立”"),
        ({"verdict": "maybe"}, "请选择“成立”或“不成立”"),
        ({"text": "不对"}, "请写明答复"),
        ({"text": "\u0000\u202e" * 20}, "请写明答复"),
        ({"verdict": "upheld"}, "请选择怎样处理"),
        ({"verdict": "upheld", "remedy": "burned"}, "请选择怎样处理"),
        ({"verdict": "upheld", "remedy": "corrected"}, "还没有更正或撤回"),
        ({"verdict": "upheld", "remedy": "withdrawn"}, "还没有更正或撤回"),
        ({"verdict": "upheld", "remedy": "taken_down"}, "没有公示过"),
    ],
)
def test_what_can_not_be_closed_is_told_why_and_what_was_typed_stays(
    place: Ledger, clerk: Client, typed: dict[str, str], said: str
) -> None:
    one = objected(place.book)
    told = answer(clerk, one.pk, **typed)
    assert told.status_code == 422
    assert said in told.content.decode()
    if "text" not in typed:
        assert ANSWER in told.content.decode()
    one.refresh_from_db()
    assert one.state == "open"


def test_an_objection_that_stands_is_closed_after_the_fact_was_corrected(place: Ledger, clerk: Client) -> None:
    one = objected(place.book)
    doors = [reverse(f"desk:{name}", args=[one.fact]) for name in ("fact_correct", "fact_withdraw")]
    assert all(f'href="{door}?through=' in page(clerk, "objection", one.pk) for door in doors)
    correct(
        fact_of(), {"product": "试验粉丝"}, reason="异议成立", call=Call(SYSTEM, place.book, NOW), unit="test_market"
    )
    text = page(clerk, "objection", one.pk)
    assert "这条事实已更正" in text
    latest = Fact.objects.filter(kind="correction").get().id
    assert f'href="{reverse("desk:fact", args=[latest])}?through=' in text
    assert not any(door in text for door in doors), "what was corrected is not corrected again here"
    assert answer(clerk, one.pk, verdict="upheld", remedy="withdrawn").status_code == 422
    assert answer(clerk, one.pk, verdict="upheld", remedy="corrected").status_code == 302
    assert Objection.objects.get().state == "upheld"


def test_an_objection_that_stands_is_closed_after_the_fact_was_withdrawn(place: Ledger, clerk: Client) -> None:
    one = objected(place.book)
    withdraw(fact_of(), reason="异议成立", call=Call(SYSTEM, place.book, NOW), unit="test_market")
    assert answer(clerk, one.pk, verdict="upheld", remedy="withdrawn").status_code == 302
    assert "已撤回事实" in page(clerk, "objection", one.pk)


def test_the_second_of_two_officers_is_told_and_keeps_what_was_typed(place: Ledger, clerk: Client) -> None:
    one = objected(place.book)
    other = signed_in(officer(name="试验员乙"))
    answer(clerk, one.pk)
    told = answer(other, one.pk, text=ANSWER + "我的另一种意见。")
    assert told.status_code == 409
    assert "已由别人在 2026-07-15 10:00 办结" in told.content.decode()
    assert Objection.objects.get().answer == ANSWER
    assert TrailLine.objects.filter(verb="objection.answer").count() == 1


def test_an_objection_that_the_enterprise_took_back_is_not_answered(place: Ledger, clerk: Client) -> None:
    one = objected(place.book)
    owner = Actor("account:77", "enterprise", "某负责人", (Holding("owner", subject=one.subject),))
    withdraw_objection(one.receipt, call=Call(owner, place.book, NOW))
    assert answer(clerk, one.pk).status_code == 409
    assert Objection.objects.get().answer == ""


# -- for whom it opens -------------------------------------------------------------------------------------------------


def test_the_objections_of_another_unit_are_out_of_reach(place: Ledger) -> None:
    one = objected(place.book)
    elsewhere = signed_in(officer(unit="test_environment"))
    assert FIRM not in page(elsewhere)
    assert page(elsewhere, "objection", one.pk, status=403)
    assert answer(elsewhere, one.pk).status_code == 403
    assert Objection.objects.get().state == "open"


def test_who_looks_after_accounts_sees_no_objection(place: Ledger) -> None:
    one = objected(place.book)
    keeper = signed_in(officer("keeper"))
    assert page(keeper, status=403)
    assert page(keeper, "objection", one.pk, status=403)


@pytest.mark.parametrize("number", [0, 10**9, 10**18 - 1])
def test_an_objection_that_was_never_raised_is_absent(clerk: Client, number: int) -> None:
    assert "没有编号为" in page(clerk, "objection", number, status=404)


def test_a_number_that_no_objection_can_have_is_no_address(clerk: Client) -> None:
    assert clerk.get(f"/desk/objections/{10**30}/").status_code == 404


# -- papers ------------------------------------------------------------------------------------------------------------


def test_a_paper_is_downloaded_and_never_opened_in_the_page(place: Ledger, clerk: Client) -> None:
    one = objected(place.book, files=[Attachment("证明 材料.pdf", [b"%PDF-1.4 ", b"paper"])])
    (file,) = one.files
    told = clerk.get(reverse("desk:objection_file", args=[one.pk, file["digest"]]))
    assert told.content == b"%PDF-1.4 paper"
    assert told.headers["Content-Disposition"].startswith("attachment")
    assert told.headers["X-Content-Type-Options"] == "nosniff"
    elsewhere = signed_in(officer(unit="test_environment"))
    assert elsewhere.get(reverse("desk:objection_file", args=[one.pk, file["digest"]])).status_code == 403


@pytest.mark.parametrize("digest", ["0" * 64, "x", "a-b"])
def test_a_paper_of_no_objection_is_absent(place: Ledger, clerk: Client, digest: str) -> None:
    one = objected(place.book, files=[Attachment("a.pdf", [b"%PDF-1.4"])])
    assert clerk.get(reverse("desk:objection_file", args=[one.pk, digest])).status_code == 404


def test_a_paper_whose_file_is_gone_is_told_in_words(place: Ledger, clerk: Client) -> None:
    one = objected(place.book, files=[Attachment("照片.pdf", [b"%PDF-1.4"])])
    (file,) = one.files
    ATTACHMENTS.path_of(file["digest"]).unlink()
    told = clerk.get(reverse("desk:objection_file", args=[one.pk, file["digest"]]))
    assert told.status_code == 404
    assert "附件“照片.pdf”登记在案，但服务器上找不到这个文件" in told.content.decode()


def test_a_paper_of_another_objection_is_not_opened_through_this_one(place: Ledger, clerk: Client) -> None:
    first = objected(place.book, files=[Attachment("a.pdf", [b"%PDF-1.4 first"])])
    second = objected(place.book, fact_of(at=1), files=[Attachment("b.pdf", [b"%PDF-1.4 second"])])
    through = reverse("desk:objection_file", args=[first.pk, second.files[0]["digest"]])
    assert clerk.get(through).status_code == 404


# -- long lists --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["open", "closed"])
def test_a_long_list_is_turned_page_by_page_in_few_statements(place: Ledger, clerk: Client, state: str) -> None:
    first = objected(place.book)
    Objection.objects.all().delete()
    Objection.objects.bulk_create(
        Objection(
            receipt=f"R{n}",
            subject=first.subject,
            fact=n,
            record="sampling_check",
            unit="test_market",
            area="990901001",
            ground="not_us",
            reason=WHY,
            at=NOW,
            due_on=NOW.date() + dt.timedelta(days=n % 3),
            state="open" if state == "open" else "rejected",
        )
        for n in range(120)
    )
    seen: list[str] = []
    after = ""
    for _ in range(5):
        with statements() as found:
            text = page(clerk, state=state, **({"after": after} if after else {}))
        assert len(found) <= 8
        seen += re.findall(r'href="/desk/objections/(\d+)/"', text)
        following = re.search(r'rel="next" href="\?([^"]+)"', text)
        if following is None:
            break
        after = re.search(r"after=([^&]+)", following[1])[1]
        assert f"state={state}" in following[1]
    assert len(seen) == len(set(seen)) == 120


@pytest.mark.parametrize(
    "after", ["x~1", "~", "2026-99-99~5", "2026-01-01~x", "~5", "\u0000", "2026-01-01~" + "9" * 28]
)
def test_a_cursor_that_was_made_up_breaks_nothing(clerk: Client, after: str) -> None:
    for state in ("open", "closed"):
        assert clerk.get(reverse("desk:objections"), {"after": after, "state": state}).status_code in (200, 400, 422)


def test_a_ground_that_the_book_has_no_longer_is_told_in_words(place: Ledger, clerk: Client) -> None:
    one = objected(place.book)
    Objection.objects.update(ground="former_ground")
    assert "规则书中已没有的理由：former_ground" in page(clerk, "objection", one.pk)
