"""What an enterprise reads of itself in its corner: its own file and nothing of anybody else, nothing secret, in few
statements.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.desk.files_of import FIRM, NOW, OTHER, PHONE, clock, place, refreshed, statements, subject_of
from tests.desk.officers import officer, signed_in
from tests.firm.owners import browser_of, owner, page
from tests.places import Ledger, credit_code, sampling_row
from zhiheng.actions.facts.correct_fact import correct
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import SYSTEM
from zhiheng.ledger.models import Fact
from zhiheng.people.models import Grant
from zhiheng.published.models import PublishedEnterprise

__all__ = ["clock", "place"]
pytestmark = [pytest.mark.django_db, pytest.mark.slow]

PAGES = ("home", "file", "published", "undertakings", "deliveries", "consents", "objections")


@pytest.fixture
def browser(place: Ledger) -> Client:
    """Somebody of the food maker."""
    return browser_of(subject_of())


def facts(record: str) -> list[int]:
    """The facts of a record, the first first."""
    return list(Fact.objects.filter(record=record).order_by("id").values_list("id", flat=True))


def cost(ask: Callable[[], Any]) -> int:
    with statements() as found:
        ask()
    return len(found)


def test_the_first_screen_says_what_is_about_us_and_what_is_asked_of_us(browser: Client) -> None:
    text = page(browser, "home")
    assert FIRM in text
    assert credit_code(1) in text
    assert "甲街道" in text
    assert "签署：质量承诺" in text
    assert "未办结" in text
    assert "抽样检查" in text


def test_what_ends_soon_stands_on_the_first_screen_with_the_days_left(place: Ledger) -> None:
    text = page(browser_of(subject_of(OTHER)), "home")
    assert "有效期至 2026-08-01" in text
    assert "有效期至 2026-06-01" in text


@pytest.mark.parametrize("which", PAGES)
def test_every_page_stands_in_its_tab(browser: Client, which: str) -> None:
    text = page(browser, which)
    assert 'aria-current="page"' in text
    # What the enterprise is called stands in the top bar.
    assert f"<strong>{FIRM}</strong>" in text


def test_the_file_shows_what_every_department_said_and_is_narrowed_by_outcome(browser: Client) -> None:
    text = page(browser, "file")
    assert "试验区市场监督管理局" in text
    assert "试验区生态环境局" in text
    failed = page(browser, "file", outcome="fail")
    assert failed.count("firm/facts/") < text.count("firm/facts/")
    assert "2025-03-05" not in failed
    assert "没有符合条件的记录" in page(browser, "file", quality="project")


def test_a_filter_that_does_not_exist_is_told_and_shows_no_other_list(browser: Client) -> None:
    text = page(browser, "file", status=422, quality="x' OR 1=1")
    assert "不在可选的范围内" in text
    assert "firm/facts/" not in text
    assert "“结果”最好：" in page(browser, "file", status=422, outcome="最好")


def test_a_fact_says_what_was_delivered_by_whom_and_under_which_law(browser: Client) -> None:
    text = page(browser, "fact", facts("sampling_check")[0])
    assert "试验挂面" in text
    assert "试验区市场监督管理局" in text
    assert "《试验办法（虚构）》第一条" in text
    assert "提出异议" in text


def test_a_secret_field_is_masked_everywhere_in_the_corner(browser: Client) -> None:
    (fine,) = facts("discharge_fine")
    text = page(browser, "fact", fine)
    assert "联系电话" in text
    assert "已隐去" in text
    for shown in (text, page(browser, "home"), page(browser, "file"), page(browser, "object", fine)):
        assert PHONE not in shown


def test_a_fact_of_another_enterprise_does_not_exist_here(place: Ledger, browser: Client) -> None:
    (lift, *_) = facts("lift_register")
    for which in ("fact", "object"):
        assert "本企业档案里没有" in page(browser, which, lift, status=404)
    assert (
        browser.post(
            reverse("firm:object", args=[lift]), {"ground": "not_us", "reason": "这不是我们的电梯，请核对。"}
        ).status_code
        == 404
    )


@pytest.mark.parametrize("number", [0, 10**9, 10**18 - 1])
def test_a_fact_that_was_never_there_is_absent_too(browser: Client, number: int) -> None:
    assert "本企业档案里没有" in page(browser, "fact", number, status=404)


@pytest.mark.parametrize("number", [10**18, 10**30])
def test_a_number_that_no_fact_can_have_is_no_address(browser: Client, number: int) -> None:
    assert browser.get(f"/firm/facts/{number}/").status_code == 404


def test_a_corrected_fact_says_so_and_leads_to_the_correction(browser: Client, place: Ledger) -> None:
    first = facts("sampling_check")[0]
    new = correct(
        first, {"product": "试验粉丝"}, reason="录入有误", call=Call(SYSTEM, place.book, NOW), unit="test_market"
    )
    text = page(browser, "fact", first)
    assert "这条记录已被更正" in text
    assert reverse("firm:fact", args=[new]) in text
    assert reverse("firm:object", args=[first]) not in text
    assert "试验粉丝" in page(browser, "fact", new)


def test_an_enterprise_of_which_nobody_spoke_yet_sees_why_it_is_empty(place: Ledger) -> None:
    maker = subject_of("试验百货店")
    text = page(browser_of(maker), "file", quality="environment")
    assert "没有符合条件的记录" in text
    assert "暂无部门报送" in page(browser_of(maker), "home")


# -- published ---------------------------------------------------------------------------------------------------------


def test_nothing_published_is_said_so(browser: Client) -> None:
    assert "没有公示中的信息" in page(browser, "published")


# -- for whom it opens -------------------------------------------------------------------------------------------------


def test_an_officer_has_no_corner(place: Ledger) -> None:
    clerk = signed_in(officer())
    for which in PAGES:
        assert clerk.get(reverse(f"firm:{which}")).status_code == 403, which


def test_a_stranger_is_led_to_the_log_in(place: Ledger, client: Client) -> None:
    for which in PAGES:
        answer = client.get(reverse(f"firm:{which}"))
        assert answer.status_code == 302, which
        assert "/account/login/" in answer.headers["Location"]


def test_whose_role_has_ended_sees_nothing_more(place: Ledger) -> None:
    account = owner(subject_of())
    browser = signed_in(account)
    assert page(browser, "home")
    Grant.objects.filter(account=account).update(last_day=NOW.date() - dt.timedelta(days=1))
    for which in PAGES:
        assert browser.get(reverse(f"firm:{which}")).status_code == 403, which


def test_an_account_without_an_enterprise_is_told_what_to_do(place: Ledger) -> None:
    account = owner(subject_of())
    Grant.objects.filter(account=account).update(subject=None)
    assert "没有对应的企业" in page(signed_in(account), "home", status=403)


def test_the_tabs_are_those_that_the_role_may_open(place: Ledger, browser: Client) -> None:
    text = page(browser, "home")
    for which in PAGES:
        assert f'href="{reverse(f"firm:{which}")}"' in text, which


# -- cost --------------------------------------------------------------------------------------------------------------


def test_the_pages_take_few_statements_however_much_there_is(place: Ledger) -> None:
    place.samples(
        "many.csv",
        [sampling_row(n, 生产企业=FIRM, 生产企业代码=credit_code(1), 抽样单号=f"M{n}") for n in range(100, 140)],
    )
    refreshed(place)
    subject = subject_of()
    browser = browser_of(subject)
    entry_of = facts("sampling_check")[0]
    page(browser, "home")
    assert cost(lambda: page(browser, "home")) <= 15
    assert cost(lambda: page(browser, "fact", entry_of)) <= 15
    assert cost(lambda: page(browser, "object", entry_of)) <= 15
    assert cost(lambda: page(browser, "file")) <= 10
    for which in ("published", "undertakings", "deliveries", "consents", "objections"):
        assert cost(lambda which=which: page(browser, which)) <= 8, which


def test_a_long_file_is_turned_page_by_page_and_every_line_is_shown_once(place: Ledger) -> None:
    place.samples(
        "many.csv",
        [sampling_row(n, 生产企业=FIRM, 生产企业代码=credit_code(1), 抽样单号=f"M{n}") for n in range(100, 150)],
    )
    browser = browser_of(subject_of())
    seen: list[str] = []
    after = ""
    for _ in range(9):
        text = page(browser, "file", **({"after": after} if after else {}))
        seen += re.findall(r'href="/firm/facts/(\d+)/"', text)
        found = re.search(r'rel="next" href="\?after=([^"]+)"', text)
        if found is None:
            break
        after = found[1]
    assert len(seen) == len(set(seen)) == 54


@pytest.mark.parametrize("after", ["x", "~", "2026-99-99~1", "~~~", "٣", "\u0000", "9" * 39])
@pytest.mark.parametrize("which", ["file", "published"])
def test_a_cursor_that_was_made_up_breaks_nothing(browser: Client, which: str, after: str) -> None:
    assert browser.get(reverse(f"firm:{which}"), {"after": after}).status_code in (200, 400, 422)


def test_the_published_list_shows_only_what_is_about_us(place: Ledger) -> None:
    mine, other = subject_of(), subject_of(OTHER)
    assert PublishedEnterprise.objects.count() == 0
    assert page(browser_of(mine), "published").count("firm:object") == page(browser_of(other), "published").count(
        "firm:object"
    )


def test_企业看得到哪个单位看过几次_看不到是谁(place: Ledger) -> None:
    subject = subject_of()
    browser = browser_of(subject)
    assert "近一年没有单位查看过" in page(browser, "readings")
    for name in ("读者甲", "读者乙"):
        officer_ = signed_in(officer(name=name))
        for _ in range(3):
            assert officer_.get(reverse("desk:file", args=[subject])).status_code == 200
    page(browser, "file")
    text = page(browser, "readings")
    assert "试验区市场监督管理局" in text
    assert text.count("2 次") == 2, (
        "two people on one day, in 30 days and in a year; the enterprise itself does not count"
    )
    assert "读者甲" not in text
    assert "近一年没有单位查看过" in page(browser_of(subject_of(OTHER)), "readings")
