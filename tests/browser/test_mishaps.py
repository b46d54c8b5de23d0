"""What goes wrong in every office: two clicks, the back button, two people at one thing, a session that ended, hostile
text.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import House, Visitor, Visits
from tests.browser.tables import as_csv, samples
from tests.browser.test_officers import hand_in
from zhiheng.grammar.book import Book

pytestmark = pytest.mark.slow

HOSTILE = '"><img src=x onerror="window.hurt=1"><script>window.hurt=1</script>'
# What of such a text became part of a page.
HURT = """
() => [window.hurt ? "it ran" : "", document.querySelector('img[src="x"], [onerror]') ? "it became an element" : ""].filter(Boolean)
"""


def fill_account(page: Page, login: str, name: str) -> None:
    """The form of a new account."""
    page.select_option("[name=kind]", "officer")
    page.fill("[name=name]", name)
    page.fill("[name=login]", login)
    page.select_option("[name=unit]", "liyuan_market")


def accounts(visitor: Visitor, name: str) -> int:
    """How many accounts of that name there are."""
    return int(
        visitor.house.program(
            f"from zhiheng.people.models import Account\nprint(Account.objects.filter(name={name!r}).count())"
        )
    )


@pytest.mark.parametrize("script", [True, False])
def test_提交按钮双击_只办一次_停在结果页(visit: Visits, script: bool) -> None:
    admin = visit("admin", java_script_enabled=script)
    name = f"双击{'有' if script else '无'}脚本"
    admin.go("/desk/people/new/")
    fill_account(admin.page, f"twice-{script}".lower(), name)
    admin.page.get_by_role("button", name="建立账号").dblclick()
    expect(admin.page.locator("h1")).to_contain_text(name)
    assert accounts(admin, name) == 1


def test_提交后按返回再提交_不办第二次(visit: Visits) -> None:
    admin = visit("admin")
    admin.go("/desk/people/new/")
    fill_account(admin.page, "back-button", "返回再交")
    admin.send(admin.page.get_by_role("button", name="建立账号"))
    expect(admin.page.locator("h1")).to_contain_text("返回再交")
    made = admin.page.url
    admin.page.go_back()
    if admin.page.input_value("[name=login]") != "back-button":
        fill_account(admin.page, "back-button", "返回再交")
    admin.send(admin.page.get_by_role("button", name="建立账号"))
    admin.page.wait_for_load_state()
    # A form kept by the browser is known to have been sent; one asked for anew is told that the account is there.
    assert admin.page.url == made or re.search("已经办理|已有人使用", admin.text())
    assert accounts(admin, "返回再交") == 1


def fact_of(visitor: Visitor, number: int) -> str:
    """The address of a fact of the sampled enterprise, the same for whoever asks."""
    visitor.go(f"/desk/enterprises/{visitor.house.things['sampled']}/")
    links = visitor.page.locator(".timeline a.what[href*='/desk/facts/']")
    return str(links.nth(number).get_attribute("href")).partition("?")[0]


def test_两人更正同一条_后交的看到别人改了什么_自己写的一字不丢(visit: Visits) -> None:
    first, second = visit("market"), visit("head")
    address = fact_of(first, 3) + "correct/"
    first.go(address)
    second.go(address)
    product = second.page.input_value("[name=product]")
    first.page.fill("[name=product]", "手工挂面（先改的）")
    first.page.fill("[name=reason]", "样品名称抄错，见抽样单。")
    first.send(first.page.get_by_role("button", name="更正", exact=True))
    expect(first.page.locator("body")).to_contain_text("手工挂面（先改的）")

    second.page.fill("[name=remark]", "后交的人写的备注")
    second.page.fill("[name=reason]", "补写备注，见复核单。")
    second.send(second.page.get_by_role("button", name="更正", exact=True))
    expect(second.page.locator("h1")).to_contain_text("别人先改了这些内容")
    changed = second.page.locator("tbody tr", has_text="手工挂面（先改的）")
    expect(changed.first).to_contain_text(product)
    assert second.page.locator("[name=remark]").input_value() == "后交的人写的备注"
    assert second.page.locator("[name=reason]").input_value() == "补写备注，见复核单。"
    second.send(second.page.get_by_role("button", name="仍按我填写的提交"))
    expect(second.page.locator("body")).to_contain_text("后交的人写的备注")


@pytest.mark.parametrize("script", [True, False])
def test_填到一半会话过期_登录后内容还在(visit: Visits, script: bool) -> None:
    visitor = visit(java_script_enabled=script)
    page = visitor.page
    visitor.sign_in("market")
    page.wait_for_url(re.compile("/desk/"))
    visitor.go(fact_of(visitor, 5) + "correct/")
    # Where somebody corrected it already, the form is that of the newest statement.
    address = urlsplit(page.url).path
    page.fill("[name=remark]", "写了一半的备注")
    page.fill("[name=reason]", "一段很长的理由，不想再写第二遍。")
    visitor.context.clear_cookies(name="sessionid")
    visitor.send(page.get_by_role("button", name="更正", exact=True))
    expect(page.locator("[name=password]")).to_be_visible()
    visitor.sign_in("market")
    expect(page.locator("[name=remark]")).to_have_value("写了一半的备注")
    assert page.locator("[name=reason]").input_value() == "一段很长的理由，不想再写第二遍。"
    assert address in page.url


# By whom, where, which form.
FORMS = (
    ("admin", "/desk/people/new/", "main form[method=post]"),
    ("admin", "/desk/people/{account}/", "form[action$='/role/']"),
    ("admin", "/desk/people/tokens/", "form[action$='/tokens/new/']"),
    ("office", "/desk/people/invitations/", "form[action$='/invitations/new/']"),
    ("office", "/desk/enterprises/", "main form.filters"),
    ("office", "/desk/book/search/", "main form"),
    ("office", "/desk/facts/{fact}/secret/", "form[action$='/secret/']"),
    ("market", "/desk/me/", "form[action$='/delegate/']"),
    ("market", "/desk/facts/{fact}/correct/", "main form[method=post]"),
    ("market", "/desk/objections/{objection}/", "main form[action$='/answer/']"),
    ("publication", "/desk/publication/shown/{entry}/", "form[action$='/correct/']"),
    ("owner", "/firm/undertakings/after_sales_commitment/", "main form[method=post]"),
    ("owner", "/firm/consents/", "form[action$='/consents/new/']"),
    ("", "/firm/join/", "main form"),
    ("", "/account/login/", "main form[method=post]"),
    ("", "/", "main form"),
    ("", "/verify/", "main form"),
)
# Where what was typed above is shown to others.
SHOWN = (
    ("insider", "/desk/people/"),
    ("insider", "/desk/people/{account}/"),
    ("insider", "/desk/people/tokens/"),
    ("insider", "/desk/people/invitations/"),
    ("insider", "/desk/audit/"),
    ("insider", "/desk/deliveries/"),
    ("insider", "/desk/enterprises/{sampled}/"),
    ("insider", "/desk/objections/{objection}/"),
    ("insider", "/desk/publication/"),
    ("insider", "/desk/publication/?pile=blocked"),
    ("insider", "/desk/facts/{fact}/"),
    ("owner", "/firm/"),
    ("owner", "/firm/file/"),
    ("owner", "/firm/undertakings/"),
    ("", "/lists/sampling/"),
    ("", "/p/{entry}/"),
)
FILL = """
(form, text) => {
  for (const field of form.elements) {
    if (field.matches("[type=hidden], [type=submit], [type=file], button, [readonly]")) continue;
    field.removeAttribute("maxlength");
    if (field.matches("[type=checkbox], [type=radio]")) field.checked = true;
    else if (field.matches("select")) field.selectedIndex = Math.min(1, field.options.length - 1);
    else if (field.matches("[type=date]")) field.value = new Date(Date.now() + 864e5 * 3).toISOString().slice(0, 10);
    else field.value = field.matches("[type=email]") ? `${text}@example.org` : text;
    for (const fold = field.closest("details"); fold && !fold.open; ) fold.open = true;
  }
  form.noValidate = true;
}
"""


def test_每张主要表格的每个框写进脚本_从不执行(visit: Visits, house: House, book: Book) -> None:
    visitors = {who: visit(who) for who in ("admin", "office", "market", "publication", "owner", "insider", "")}
    wrong = []
    for who, address, which in FORMS:
        visitor = visitors[who]
        visitor.go(address.format(**house.things))
        form = visitor.page.locator(which).first
        form.evaluate(FILL, HOSTILE)
        submit = "(form) => form.requestSubmit(form.querySelector('button:not([type=button]):not([disabled])'))"
        if form.get_attribute("hx-post") or form.get_attribute("hx-get"):
            with visitor.page.expect_response(lambda answer: answer.request.resource_type == "xhr"):
                form.evaluate(submit)
        else:
            with visitor.page.expect_navigation():
                form.evaluate(submit)
        wrong += [f"{address} {which}: {one}" for one in visitor.page.evaluate(HURT)]
        visitor.violations()
    rows = samples(book, 951, 955)
    rows[0] |= {"样品名称": HOSTILE, "备注": HOSTILE, "规格型号": HOSTILE, "批号": HOSTILE}
    rows[1] |= {"抽样日期": HOSTILE, "检验结论": HOSTILE}
    market = visitors["market"]
    hand_in(market, "坏<img src=x onerror=hurt()>.csv", as_csv(*rows))
    wrong += [f"upload: {one}" for one in market.page.evaluate(HURT)]
    market.page.locator("#upload-state a[href$='#refused']").first.click()
    expect(market.page.locator("#refused")).to_contain_text("<img src=x")
    wrong += [f"delivery: {one}" for one in market.page.evaluate(HURT)]
    seen = 0
    for who, address in SHOWN:
        visitor = visitors[who]
        visitor.go(address.format(**house.things))
        wrong += [f"{address}: {one}" for one in visitor.page.evaluate(HURT)]
        seen += "<img src=x" in visitor.text()
    assert wrong == []
    assert seen >= 4, "what was typed is shown nowhere: this test looks in the wrong places"


def test_看守看得见_内联脚本_别的主机_控制台错误(visit: Visits) -> None:
    """The watch that every test of this folder ends with: without this, it might see nothing."""
    visitor = visit()
    visitor.go("/about/")
    visitor.page.evaluate("""async () => {
        document.body.insertAdjacentHTML("beforeend", '<img src="/nothing-here.png" onerror="window.hurt = 1">');
        await fetch("http://other.invalid/").catch(() => null);
        await new Promise((resolve) => setTimeout(resolve, 300));
    }""")
    visitor.violations()
    seen = "\n".join(visitor.faults)
    visitor.faults.clear()
    assert "404 GET" in seen
    assert "script-src" in seen
    assert "other.invalid" in seen
