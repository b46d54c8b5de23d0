"""What people outside of the desk do: an enterprise, a bank, the public."""

from __future__ import annotations

import base64
import datetime as dt
import json
import re
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import House, Visits
from tests.browser.tables import as_csv, example
from tests.browser.world import SAMPLED
from zhiheng.grammar.book import Book

pytestmark = pytest.mark.slow

CODE = "91990101DM93J4CY3U"
ISSUE = """
import datetime as dt
from zhiheng.actions.accounts.issue_token import issue_token
from zhiheng.cli.session import now, open_book
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import operator
issued = issue_token("信贷系统", unit="yunlan_rural_bank", scopes=["credit.read"], role="bank_program",
                     last_day=now().date() + dt.timedelta(days=30), call=Call(operator("t"), open_book(), now()))
print(orjson.dumps(issued.key).decode())
"""
# A picture of one dot.
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def asked(house: House, key: str, code: str, purpose: str) -> tuple[int, Any]:
    """What a bank's system is answered."""
    address = f"{house.url}/api/v1/office/credit/{code}?purpose={urllib.parse.quote(purpose)}"
    request = urllib.request.Request(address, headers={"Authorization": f"Bearer {key}"})
    try:
        with urllib.request.urlopen(request, timeout=600) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_企业_凭邀请码启用_看档案_签承诺_报台账_提异议得回执(visit: Visits, house: House, book: Book) -> None:
    office = visit("office")
    office.go(f"/desk/people/invitations/?subject={house.things['sampled']}")
    form = office.page.locator("form[action$='/invitations/new/']")
    form.get_by_role("radio", name=SAMPLED).check()
    form.locator("[name=role]").select_option("enterprise_owner")
    form.locator("[name=name]").fill("麦穗青")
    office.send(form.locator("button"))
    expect(office.page.locator("article.letter")).to_contain_text(SAMPLED)
    code = office.page.locator(".code-on-paper").inner_text().strip()

    firm = visit(width=390, height=844)
    page = firm.page
    firm.go("/firm/join/")
    for name, text in (
        ("code", code),
        ("name", "麦穗青"),
        ("login", "mai.suiqing"),
        ("password", "麦田 shines at noon 9"),
        ("again", "麦田 shines at noon 8"),
    ):
        page.fill(f"[name={name}]", text)
    firm.send(page.get_by_role("button", name="启用"))
    expect(page.locator(".field.is-wrong")).to_contain_text("两次输入的密码不一样")
    page.fill("[name=password]", "麦田 shines at noon 9")
    page.fill("[name=again]", "麦田 shines at noon 9")
    firm.send(page.get_by_role("button", name="启用"))
    expect(page).to_have_url(re.compile("/firm/$"))
    expect(page.locator("main h1, h1").first).to_contain_text(SAMPLED)

    firm.go("/firm/undertakings/quality_commitment/")
    page.fill("[name=signer]", "不是我")
    firm.send(page.get_by_role("button", name="签署"))
    expect(page.locator(".field.is-wrong")).to_be_visible()
    page.fill("[name=signer]", "麦穗青")
    firm.send(page.get_by_role("button", name="签署"))
    expect(page.locator("main")).to_contain_text("麦穗青")
    expect(page.locator("tbody")).to_contain_text("质量诚信公开承诺")

    own = example(book, "ledger_line") | {"记录单位": SAMPLED, "记录单位统一社会信用代码": "91990101QF8NMTAQ52"}
    other = own | {"记录单位": "云澜市锦枢区惠民超市有限公司", "记录单位统一社会信用代码": ""}
    firm.go("/firm/deliveries/")
    page.set_input_files("input[type=file]", {"name": "进货.csv", "mimeType": "text/csv", "buffer": as_csv(own, other)})
    firm.send(page.locator("form[enctype]").get_by_role("button", name="报送"))
    if not re.search(r"/firm/deliveries/\d+/$", page.url):
        page.get_by_role("link", name="进货.csv").first.click()
    refused = page.locator("td.is-text-fail")
    for _ in range(1200):
        if refused.count():
            break
        page.wait_for_timeout(500)
        page.reload()
    expect(page.locator("main")).to_contain_text("2 行：接收 1，重复 0，退回 1")

    firm.go("/firm/file/?outcome=fail")
    page.locator("main a[href*='/firm/facts/']").first.click()
    page.get_by_role("link", name="提出异议").click()
    page.select_option("[name=ground]", "wrong_content")
    page.fill("[name=reason]", "检验结果抄录有误，附原始报告。")
    page.set_input_files("[name=files]", {"name": "报告.png", "mimeType": "image/png", "buffer": PNG})
    firm.send(page.get_by_role("button", name="提交异议"))
    expect(page).to_have_url(re.compile(r"/firm/objections/[\w-]+/"))
    receipt = page.url.strip("/").split("/")[-1]
    expect(page.locator("h1")).to_contain_text(receipt)
    expect(page.locator("main")).to_contain_text("待答复")
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")

    office.go("/desk/objections/")
    market = visit("market")
    market.go("/desk/objections/")
    expect(market.page.locator("main")).to_contain_text(receipt)


def test_银行_企业同意才查得到_企业看得到每次查询_撤回就查不到(visit: Visits, house: House) -> None:
    # A bank stands in no area, so its key is issued at the terminal.
    key = house.program(ISSUE)
    status, told = asked(house, key, CODE, "after_loan")
    assert status == 403, told
    owner = visit("owner")
    page = owner.page
    owner.go("/firm/consents/")
    form = page.locator("form[action$='/consents/new/']")
    form.locator("[name=reader]").select_option("yunlan_rural_bank")
    form.locator("[name=purpose]").select_option("after_loan")
    form.locator("[name=last]").fill(str(dt.date.today() + dt.timedelta(days=20)))
    owner.send(form.get_by_role("button", name="同意授权"))
    row = page.locator("tr", has_text="贷后管理")
    expect(row.first).to_contain_text("有效")
    status, told = asked(house, key, CODE, "after_loan")
    assert status == 200, told
    assert told["facts"]
    owner.go("/firm/consents/")
    reads = page.locator("section[aria-labelledby=reads]")
    expect(reads).to_contain_text("云澜农村商业银行")
    expect(reads).to_contain_text("贷后管理")
    owner.send(
        page.locator("section[aria-labelledby=given] tr", has_text="贷后管理").first.get_by_role("button", name="撤回")
    )
    expect(page.locator("section[aria-labelledby=given] tr", has_text="贷后管理").first).to_contain_text("撤回")
    status, told = asked(house, key, CODE, "after_loan")
    assert status == 403, told


@pytest.mark.parametrize("script", [True, False])
def test_公众_没有脚本也查得到企业和结果_中英文(visit: Visits, house: House, script: bool) -> None:
    visitor = visit(java_script_enabled=script, width=390, height=844)
    page = visitor.page
    visitor.go("/")
    page.fill("main [name=q]", "磐钻石油")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("云澜市砺原区磐钻石油机械有限公司")
    visitor.send(page.locator("main a[href^='/e/']").first)
    expect(page.locator("h1")).to_contain_text("磐钻石油机械")
    # The square for the shop's wall leads back to this page.
    visitor.send(page.get_by_role("button", name="English"))
    expect(page.locator("html")).to_have_attribute("lang", "en")
    visitor.go("/")
    text = page.locator("main").inner_text()
    assert "Yunlan quality and safety information" in text
    visitor.send(page.get_by_role("button", name="中文"))
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    if script:
        # The public pages carry no script at all.
        assert visitor.scripts == set()


# Pages of the portal with a form that anybody may send (the receipt leads to one): they ask for a proof of work.
SENDING = {"portal:complain", "portal:follow", "portal:receipt"}


def test_门户每一页_不用脚本_手机宽度_正文都在(visit: Visits, house: House) -> None:
    visitor = visit(java_script_enabled=False, width=390, height=844)
    walked = 0
    for name, _act, room, url in house.pages:
        if not room.startswith("zhiheng.portal.") or name in ("portal:list", "portal:open_file", "portal:feed"):
            continue
        answer = visitor.context.request.get(house.url + url)
        if not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        visitor.go(url)
        main = visitor.page.locator("main")
        expect(main).to_be_visible()
        assert len(main.inner_text()) > 20, url
        scripts = re.findall(r"<script[^>]*>", answer.text())
        # Where something is sent, the sender's machine works for it; the page says whom to call where it can't.
        assert len(scripts) == (name in SENDING), (url, scripts)
        walked += 1
    assert walked >= 12
