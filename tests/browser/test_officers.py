"""What officers do in a day, in a browser: from a number to the row behind it, files in and out, identity,
publication.
"""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
import python_calamine
import xlsxwriter
from playwright.sync_api import expect

from tests.browser.conftest import House, Visitor, Visits
from tests.browser.tables import as_csv, example, samples
from tests.browser.world import SAMPLED
from zhiheng.grammar.book import Book

pytestmark = pytest.mark.slow

CSV = "text/csv"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def hand_in(visitor: Visitor, name: str, data: bytes, kind: str = CSV, *, door: str = "/desk/deliveries/new/") -> None:
    """Hand a file in and wait on its page until it was received."""
    page = visitor.page
    visitor.go(door)
    page.set_input_files("input[type=file]", {"name": name, "mimeType": kind, "buffer": data})
    visitor.send(page.locator("main form[enctype] button:not([type=button])"))
    link = page.locator("main").get_by_role("link", name=name).first
    if not page.locator("#upload-state").count():
        link.click()
    expect(page.locator("#upload-state")).to_contain_text(
        re.compile("逐行处理结果|没有处理完|没有表格"), timeout=600_000
    )


def test_质强办_从驾驶舱的一个数走到单元格原文(visit: Visits) -> None:
    visitor = visit()
    page = visitor.page
    visitor.go("/desk/")
    assert "/account/login/" in page.url
    visitor.sign_in("office")
    expect(page).to_have_url(re.compile("/desk/inbox/$"))
    page.locator("main a[href$='/desk/cockpit/']").click()
    page.locator("a.door[href*='/figures/food_pass_rate/']").first.click()
    sheet = page.locator("#sheet")
    expect(sheet.locator("#sheet-title")).to_be_focused()
    expect(sheet).to_contain_text("计算方法")
    expect(sheet).to_contain_text("依据")
    sheet.locator("tbody td a[href*='/desk/facts/']").first.click()
    expect(sheet).to_contain_text("单元格原文")
    expect(sheet.locator(".row-texts")).to_contain_text("抽样编号")
    expect(sheet.locator(".row-texts")).to_contain_text("XBJ2699010150")
    expect(sheet).to_contain_text("抽检.csv")
    sheet.locator("[data-sheet=back]").click()
    expect(sheet).to_contain_text("计算方法")
    page.keyboard.press("Escape")
    expect(page.locator("#sheet-box")).to_be_hidden()
    # The browser gives the focus back to where it was before the sheet.
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_质强办_用键盘和拼音首字母找企业_筛选档案_打印(visit: Visits) -> None:
    visitor = visit("office")
    page = visitor.page
    visitor.go("/desk/news/")
    page.keyboard.press("Control+k")
    expect(page.locator("#palette input")).to_be_focused()
    page.keyboard.type("mlhx")
    found = page.locator("#palette-results a", has_text=SAMPLED)
    expect(found.first).to_be_visible()
    expect(page.locator("#palette-results a.is-on")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/desk/enterprises/\d+/$"))
    expect(page.locator("h1")).to_contain_text(SAMPLED)

    visitor.go("/desk/enterprises/")
    page.fill("main [name=q]", "mlhx")
    page.keyboard.press("Enter")
    expect(page.locator("tbody th a").first).to_contain_text("麦垄禾香")
    visitor.go(f"/desk/enterprises/{visitor.house.things['sampled']}/")
    everything = page.locator(".timeline > li:has(.what)").count()
    page.select_option("main form.filters [name=outcome]", "fail")
    visitor.send(page.locator("main form.filters button", has_text="筛选"))
    expect(page).to_have_url(re.compile("outcome=fail"))
    failed = page.locator(".timeline > li:has(.what)")
    assert 0 < failed.count() < everything
    assert all("不合格" in text for text in failed.all_inner_texts())

    page.get_by_role("link", name="打印").first.click()
    page.emulate_media(media="print")
    expect(page.locator("body")).to_contain_text(SAMPLED)
    assert not page.locator(".rail").is_visible()
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")


def test_部门_交有错的表_在格子里看到原因_下载改好再交(visit: Visits, book: Book, tmp_path: Path) -> None:
    good, bad = samples(book, 901, 905)
    bad |= {"检验项目": "", "抽样日期": "三月十六"}
    visitor = visit("market")
    page = visitor.page
    hand_in(visitor, "九月抽检.csv", as_csv(good, bad))
    expect(page.locator("#upload-state")).to_contain_text("2 行 = 1 条事实 + 0 行重复 + 1 行退回")
    page.locator("#upload-state a[href$='#refused']").first.click()
    wrong = page.locator("#refused td.is-wrong")
    expect(wrong.filter(has_text="三月十六").locator(".why").first).not_to_be_empty()
    with page.expect_download() as offered:
        page.get_by_role("button", name="下载退回记录").click()
    path = tmp_path / "mend.xlsx"
    offered.value.save_as(path)
    table = python_calamine.load_workbook(str(path)).get_sheet_by_index(0).to_python()
    heading_at = next(n for n, row in enumerate(table) if "抽样编号" in row)
    headings = [str(cell) for cell in table[heading_at]]
    row = [str(cell) for cell in table[heading_at + 1]]
    row[headings.index("抽样日期")] = str(dt.date.today() - dt.timedelta(days=9))
    row[headings.index("检验项目")] = "铝的残留量(干样品,以Al计)"
    mended = tmp_path / "mended.xlsx"
    with xlsxwriter.Workbook(str(mended), {"strings_to_numbers": False}) as workbook:
        sheet = workbook.add_worksheet()
        for at, cells in enumerate((headings, row)):
            sheet.write_row(at, 0, cells)
    hand_in(visitor, "九月抽检改.xlsx", mended.read_bytes(), EXCEL)
    expect(page.locator("#upload-state")).to_contain_text("1 行 = 1 条事实 + 0 行重复 + 0 行退回")


def test_部门_行数少得出奇先暂存_负责人核对确认(visit: Visits, book: Book) -> None:
    clerk = visit("market")
    hand_in(clerk, "质量奖.csv", as_csv(example(book, "quality_award")))
    expect(clerk.page.locator("#upload-state")).to_contain_text("等人确认")
    address = str(clerk.page.get_by_role("link", name="去核对并确认").get_attribute("href")).partition("#")[0]
    clerk.go(address)
    expect(clerk.page.locator("#confirm")).to_contain_text("核对后确认")
    expect(clerk.page.locator("#confirm form")).to_have_count(0)

    head = visit("head")
    page = head.page
    head.go(address)
    page.fill("#confirm [name=reason]", "今年只有一家获奖，已电话核对。")
    head.send(page.locator("#confirm button"))
    # The worker receives it; then the held delivery says which one it became.
    for _ in range(1200):
        clerk.go(address)
        if clerk.page.locator("#confirm", has_text="已有人确认").count():
            break
        clerk.page.wait_for_timeout(500)
    clerk.send(clerk.page.locator("#confirm").get_by_role("link"))
    expect(clerk.page.locator("#main")).to_contain_text("逐行处理结果")


# Of which act of identity the cards of today are.
CARDS_OF_ACT = """
from zhiheng.ledger.models import IdentityAct
from zhiheng.projections.models import Refresh
last = IdentityAct.objects.order_by("-id").values_list("id", flat=True).first()
print(orjson.dumps([Refresh.objects.get(part="cards").act, last]).decode())
"""


def test_核对员_只用键盘判断一对_再撤销(visit: Visits, house: House) -> None:
    visitor = visit("identity")
    page = visitor.page
    visitor.go("/desk/identity/")
    visitor.send(page.get_by_role("link", name="对比").first)
    expect(page.locator("#decide")).to_be_visible()
    page.keyboard.press("?")
    expect(page.locator("#identity-keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("3")
    expect(page.locator("[name=reason]")).to_have_value("已电话向企业核实")
    page.keyboard.press("s")
    expect(page.locator("#messages")).to_contain_text("已判为同一主体")
    page.keyboard.press("u")
    expect(page).to_have_url(re.compile("/desk/identity/acts/"))
    first = page.locator("tbody tr")
    expect(first.nth(0)).to_contain_text("撤销")
    expect(first.nth(1)).to_contain_text("已撤销")
    # The cards of both are made anew after each act, one after the other: until then one of the two is not found.
    for _ in range(300):
        seen, last = house.program(CARDS_OF_ACT)
        if seen == last:
            break
        page.wait_for_timeout(1000)
    assert seen == last
    office = visit("office")
    office.go(f"/desk/people/invitations/?subject={house.things['sampled']}")
    expect(office.page.get_by_role("radio", name=SAMPLED)).to_have_count(1)


def test_公示审核员_批准后公众看得到_撤下后处处没有(visit: Visits) -> None:
    visitor = visit("publication")
    page = visitor.page
    visitor.go("/desk/publication/?record=food_sampling")
    page.locator("tbody th a[href*='/desk/publication/']").first.click()
    sheet = page.locator("#sheet")
    expect(sheet).to_contain_text("公众将看到的内容")
    title = sheet.locator(".card p.strong").inner_text()
    sheet.locator("[name=reason]").fill("内容与原文一致。")
    visitor.send(sheet.get_by_role("button", name="批准公示"))
    visitor.go("/desk/publication/shown/")
    page.locator("tbody a[href*='/desk/publication/shown/']", has_text=title).first.click()
    public = page.get_by_role("link", name="公众看到的页面").get_attribute("href") or ""
    public = re.sub(r"^https?://[^/]+", "", public)
    withdrawing = page.url

    reader = visit(java_script_enabled=False)
    answer = reader.go(public)
    assert answer is not None
    assert answer.status == 200
    assert title in reader.text()
    entry = public.strip("/").split("/")[-1]
    listed = ("/lists/sampling/", "/feeds/sampling.atom")
    told = {one: reader.context.request.get(reader.house.url + one).text() for one in listed}
    assert [one for one, text in told.items() if entry not in text] == []

    page.goto(withdrawing)
    page.select_option("[name=cause]", index=1)
    page.locator("form[action$='/withdraw/'] [name=reason]").fill("复核后发现公示依据有误。")
    visitor.send(page.locator("form[action$='/withdraw/'] button"))
    expect(page.locator("#main")).to_contain_text("已撤下")
    answer = reader.go(public)
    assert answer is not None
    assert answer.status == 410
    assert title not in reader.text()
    told = {one: reader.context.request.get(reader.house.url + one).text() for one in listed}
    assert entry not in told["/lists/sampling/"]
    # Readers of the feed are told to remove it, by its address alone.
    assert re.findall(rf"<[^>]*{entry}[^>]*>", told["/feeds/sampling.atom"]) == re.findall(
        rf"<at:deleted-entry [^>]*{entry}[^>]*>", told["/feeds/sampling.atom"]
    )
    assert f"{entry}/</id>" not in told["/feeds/sampling.atom"]
