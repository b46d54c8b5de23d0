"""A complaint from a telephone with a script: the work is done by the page itself, and the receipt leads to the case."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visits

pytestmark = pytest.mark.slow


def test_举报从手机填到回执_再凭回执留言(visit: Visits) -> None:
    stranger = visit("", width=390)
    page = stranger.page
    stranger.go("/complain/")
    page.get_by_role("link", name="开始填写").click()
    page.locator("[name=text]").fill("铁砧里步行街 12 号的店天天卖过期的散装糕点，请严查。")
    page.locator("[name=area]").select_option("990101001")
    page.get_by_role("button", name="下一步").click()
    expect(page.locator("input[name=kind][value=report]")).to_be_checked()
    # The script fills it in while the rest is being read.
    expect(page.locator("input[name=solution]")).not_to_have_value("")
    page.get_by_role("button", name="提交").click()
    receipt = page.locator("[data-receipt]")
    expect(receipt).to_have_text(re.compile(r"^\d{4} \d{4} \d{4} \d{4}$"))
    digits = receipt.inner_text()
    # Back goes to the empty form: nothing is there that the browser would ask to send again.
    page.go_back()
    expect(page.locator("[name=text]")).to_be_visible()
    page.go_forward()
    expect(receipt).to_have_text(digits)
    page.get_by_role("button", name="退出").click()
    page.locator("[name=receipt]").fill(digits)
    page.get_by_role("button", name="查询").click()
    expect(page.locator(".stands")).to_have_text("已经收到，正在核查。")
    page.locator("section[aria-labelledby=f-say] [name=text]").fill("明天上午还会摆出来。")
    page.get_by_role("button", name="送出").click()
    expect(page.locator(".timeline")).to_contain_text("明天上午还会摆出来。")
