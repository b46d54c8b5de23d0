"""People: roles given and lent, acting for somebody, what the auditor sees, a second factor at sign-in."""

from __future__ import annotations

import datetime as dt
import re
import time

import pytest
from playwright.sync_api import expect

from bench.totp import shown_at
from tests.browser.conftest import Visitor, Visits
from tests.browser.world import PASSWORD

pytestmark = pytest.mark.slow


def set_up_factor(visitor: Visitor, password: str) -> None:
    """Somebody turns on an authenticator; what concerns the account's safety may ask for the password once more."""
    page = visitor.page
    visitor.go("/account/2fa/totp/activate/")
    if page.locator("[name=password]").count():
        page.fill("[name=password]", password)
        visitor.send(page.locator("main form[method=post] button:not([type])").first)
    page.fill("[name=code]", shown_at(page.input_value("#authenticator_secret"), time.time()))
    visitor.send(page.get_by_role("button", name="启用"))
    expect(page.locator("main")).to_contain_text("恢复码")


def new_account(visitor: Visitor, login: str, name: str) -> None:
    """An administrator makes an account for an officer of the market bureau."""
    visitor.go("/desk/people/new/")
    page = visitor.page
    page.select_option("[name=kind]", "officer")
    page.fill("[name=name]", name)
    page.fill("[name=login]", login)
    page.select_option("[name=unit]", "liyuan_market")
    visitor.send(page.get_by_role("button", name="建立账号"))
    expect(page.locator("h1")).to_contain_text(name)


def test_管理员_开账号授角色_新人用登录码设密码_受托代办(visit: Visits) -> None:
    admin = visit("admin")
    page = admin.page
    new_account(admin, "xin.ren", "辛仁")
    page.select_option("[name=role]", "department_officer")
    page.fill("form[action$='/role/'] [name=reason]", "新到岗")
    admin.send(page.locator("form[action$='/role/'] button"))
    expect(page.locator("section", has=page.locator("#roles"))).to_contain_text("部门经办人")
    admin.send(page.get_by_role("button", name="打印登录码"))
    code = page.locator(".code-on-paper").inner_text().strip()
    assert len(code) >= 12

    # The role shows facts: it holds once another person of the unit has confirmed it.
    lender = visit("head")
    lender.go("/desk/people/confirm/")
    lender.send(lender.page.locator("tr", has_text="xin.ren").get_by_role("button", name="确认", exact=True))
    expect(lender.page.locator("main")).to_contain_text("角色已确认")

    fresh = visit()
    fresh.go("/firm/join/")
    fresh.page.fill("[name=code]", code.lower())
    fresh.page.fill("[name=password]", "晴天 runs downhill 17")
    fresh.page.fill("[name=again]", "晴天 runs downhill 17")
    fresh.send(fresh.page.get_by_role("button", name="启用"))
    # The role asks for a second factor before anything else.
    expect(fresh.page.locator("main")).to_contain_text("您担任的角色要求双重验证")
    set_up_factor(fresh, "晴天 runs downhill 17")
    fresh.go("/desk/")
    # A department's officer begins with what is to be done; what their unit hands in is one step away.
    expect(fresh.page).to_have_url(re.compile("/desk/inbox/$"))
    expect(fresh.page.locator("h1")).to_contain_text("待办")
    fresh.page.get_by_role("navigation", name="其他工作").get_by_role("link", name="数据报送").click()
    expect(fresh.page.locator("h1")).to_contain_text("数据报送")

    lender.go("/desk/me/")
    form = lender.page.locator("form[action$='/delegate/']")
    form.locator("[name=grant]").select_option(label=re_option(form.locator("[name=grant]"), "部门负责人"))
    form.locator("[name=to]").select_option(label=re_option(form.locator("[name=to]"), "辛仁"))
    form.locator("[name=last_day]").fill(str(dt.date.today() + dt.timedelta(days=7)))
    form.locator("[name=reason]").fill("休假")
    lender.send(form.get_by_role("button", name="委托"))
    expect(lender.page.locator("section", has=lender.page.locator("#lent"))).to_contain_text("辛仁")

    fresh.go("/desk/me/")
    fresh.send(fresh.page.get_by_role("button", name=re.compile("^代 .+ 办理$")))
    fresh.go("/desk/publication/")
    expect(fresh.page.locator(".who-menu summary")).to_contain_text("代办")
    fresh.go("/desk/me/")
    fresh.send(fresh.page.get_by_role("button", name="恢复本人身份"))
    expect(fresh.page.locator(".who-menu summary")).not_to_contain_text("代办")


def re_option(select: object, part: str) -> str:
    """The label of the option that holds some text."""
    labels: list[str] = [text.strip() for text in select.locator("option").all_inner_texts()]
    return next(text for text in labels if part in text)


def test_审计员_看到谁为什么看了涉密内容(visit: Visits) -> None:
    reader = visit("office")
    reader.go(f"/desk/facts/{reader.house.things['fact']}/")
    reader.page.get_by_role("link", name="说明用途后显示遮盖的内容").click()
    purpose = "核对法定代表人联系电话，办理约谈"
    reader.page.fill("[name=purpose]", purpose)
    reader.page.get_by_role("button", name="显示").click()
    expect(reader.page.locator("body")).to_contain_text("涉密内容现在完整显示")
    auditor = visit("auditor")
    auditor.go("/desk/audit/")
    line = auditor.page.locator("tbody tr", has_text=purpose)
    expect(line.first).to_contain_text("office")
    expect(line.first).to_contain_text(f"事实 {reader.house.things['fact']}")


def test_双重验证_启用后登录要第二步(visit: Visits) -> None:
    visitor = visit()
    page = visitor.page
    visitor.sign_in("environment")
    page.wait_for_url(re.compile("/account/2fa/$"))
    expect(page.locator("main")).to_contain_text("您担任的角色要求双重验证")
    # What concerns the account's safety asks for the password once more.
    visitor.go("/account/2fa/totp/activate/")
    page.fill("[name=password]", PASSWORD)
    visitor.send(page.locator("main form[method=post] button:not([type])").first)
    secret = page.input_value("#authenticator_secret")
    now = time.time()
    page.fill("[name=code]", "000000" if shown_at(secret, now) != "000000" else "111111")
    visitor.send(page.get_by_role("button", name="启用"))
    expect(page.locator(".field.is-wrong, .error-summary").first).to_be_visible()
    secret = page.input_value("#authenticator_secret")
    page.fill("[name=code]", shown_at(secret, time.time()))
    visitor.send(page.get_by_role("button", name="启用"))
    expect(page.locator("main")).to_contain_text("恢复码")
    visitor.go("/desk/")
    page.locator(".who-menu summary").click()
    visitor.send(page.get_by_role("button", name="退出登录"))

    visitor.sign_in("environment")
    expect(page.locator("h1")).to_contain_text("双重验证")
    visitor.go("/desk/")
    expect(page.locator("h1")).to_contain_text("双重验证")
    assert "/account/2fa/authenticate/" in page.url, "the second step can't be left out"
    # A code works once: the next one is taken half a minute early, which the clocks of telephones are allowed.
    page.fill("[name=code]", shown_at(secret, time.time() + 30))
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page).to_have_url(re.compile("/desk/inbox/$"))
