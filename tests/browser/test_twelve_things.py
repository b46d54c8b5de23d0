"""The twelve things that officers ask of every system of cases (``workflows.md``, section 13), each shown on the pages as
those see them whom it concerns.

They share one small place, whose clock the tests set; each opens cases of its own and stands on its own.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ROOT
from tests.browser.office_at_work import FIRM, FOOD, Office, office, place

__all__ = ["office", "place"]
pytestmark = pytest.mark.slow

DAY = re.compile(r"应于\s*(\d{4}-\d{2}-\d{2})")


def complaint(office: Office, day: str, login: str = "handler", respondent: str = FOOD, **said: str) -> str:
    """A complaint that came on a day, entered by an officer; its address."""
    told = {"happened": day, "claim": "退还货款二百元", "dispute": "鸡蛋糕有异味", **said}
    return office.open(login, "complaint", {"respondent": respondent}, **told)


def number_of(office: Office, login: str, case: str) -> str:
    """The number of a case, as its page says it."""
    visitor = office.by(login)
    visitor.go(case)
    found = re.search(r"\S+〔\d{4}〕\d+号", visitor.page.locator("h1").inner_text())
    assert found is not None
    return found[0]


def clock(page: Page, period: str) -> str:
    """What stands of a period on the page of a case, with why it ends on that day."""
    found = page.locator("section[aria-labelledby=clocks] .card-body > div", has_text=period).first
    if (why := found.locator("summary")).count():
        why.first.click()
    return found.inner_text()


def last_day(page: Page, period: str) -> str:
    """The last day of a period."""
    day = DAY.search(clock(page, period))
    assert day is not None, period
    return day[1]


def notice_of(office: Office, login: str, number: str) -> list[str]:
    """The titles of the reminders that somebody has of a case."""
    visitor = office.by(login)
    visitor.go("/messages/")
    return visitor.page.locator("main tbody tr", has_text=number).locator("th strong").all_inner_texts()


def test_一_别人在办的时候停表_期限自己往后移(office: Office) -> None:
    office.at("2026-05-25")
    case = complaint(office, "2026-05-25")
    office.do("handler", case, "decide.accept")
    office.stands("handler", case, "调解中", due={"调解期限": ("2026-07-24", "第二十三条")})
    office.at("2026-06-01")
    office.do("handler", case, "send_to_laboratory", happened="2026-06-01", laboratory="市质检所")
    # Nobody touches the case: day by day its end moves, and the page says that it may move on.
    for day, end in (("2026-06-15", "2026-08-07"), ("2026-06-22", "2026-08-14")):
        office.at(day)
        office.place.ask(work=True)
        page = office.stands("second", case, "调解中", "鉴定、检测中")
        assert last_day(page, "调解期限") == end
        expect(page.locator("section[aria-labelledby=clocks]")).to_contain_text("日期可能变动")
    office.do("handler", case, "receive_finding", happened="2026-06-22", finding="不符合标准。")
    office.at("2026-06-29")
    told = clock(office.stands("second", case, "调解中"), "调解期限")
    assert "2026-08-14" in told, told
    assert "鉴定、检测中" in told, told
    assert "日期可能变动" not in told, told


def test_二_工作日自然日和放假各按法律算_算法写在旁边(office: Office) -> None:
    office.at("2026-04-28")
    case = complaint(office, "2026-04-28")
    page = office.stands("handler", case, "待决定是否受理")
    told = clock(page, "决定是否受理")
    # Seven working days from 29 April: 1 to 5 May is a holiday, 9 May is worked.
    assert "2026-05-11" in told, told
    assert "放假" in told, told
    office.at("2026-04-29")
    office.do("handler", case, "decide.accept")
    page = office.stands("handler", case, "调解中")
    # Sixty days as they pass, holidays or not.
    assert "2026-06-28" in clock(page, "调解期限"), clock(page, "调解期限")


def test_三_到期之前先提醒_按到期先后排_没人读的在工作日逐级升级(office: Office) -> None:
    office.at("2026-07-06")
    first = complaint(office, "2026-07-06")
    office.at("2026-07-08")
    second = complaint(office, "2026-07-08")
    head = office.by("head")
    for case in (second, first):
        head.go(case)
        head.page.locator("summary", has_text="指派承办人").click()
        head.page.locator("form[action$='/assign/'] [name=account]").select_option(label="李敏")
        head.send(head.page.get_by_role("button", name="指派", exact=True))
    number, later = (number_of(office, "handler", case) for case in (first, second))
    due = last_day(office.stands("handler", first, "待决定是否受理"), "决定是否受理")
    assert due == "2026-07-15"
    office.at("2026-07-09")
    office.place.ask(work=True)
    assert notice_of(office, "handler", number) == [], "four working days are left"
    office.at("2026-07-10")
    office.place.ask(work=True)
    (warned,) = notice_of(office, "handler", number)
    assert "2026-07-15 到期" in warned, warned
    handler = office.by("handler")
    handler.go("/desk/inbox/?part=soon")
    rows = handler.page.locator("main tbody tr", has_text=re.compile(f"{number}|{later}")).all_inner_texts()
    assert [number in row for row in rows] == [True, False], "what is due first stands first"
    # Friday's reminder lies unread over the week-end: after two working days, not two days, the head is told.
    for day, told in (("2026-07-12", 0), ("2026-07-14", 0), ("2026-07-15", 1)):
        office.at(f"{day}T09:30")
        office.place.ask(work=True)
        assert len(notice_of(office, "head", number)) == told, day
    assert "承办人尚未阅读提醒" in notice_of(office, "head", number)[0]
    office.at("2026-07-16")
    office.place.ask(work=True)
    assert any("逾期" in each for each in notice_of(office, "handler", number))
    assert any("逾期" in each for each in notice_of(office, "head", number))
    handler.go("/desk/inbox/?part=late")
    expect(handler.page.locator("main tbody tr.is-late", has_text=number)).to_have_count(1)
    assert notice_of(office, "office", number) == []
    office.at("2026-07-22")
    office.place.ask(work=True)
    assert any("逾期" in each for each in notice_of(office, "office", number))
    office.do("handler", first, "decide.accept")
    office.place.ask(work=True)
    head.go("/messages/")
    settled = head.page.locator("main tbody tr", has_text=number)
    assert all("已办结" in each for each in settled.all_inner_texts()), "what is done asks nobody any more"


def test_四_每一项不能办的步骤旁边都写着原因(office: Office) -> None:
    office.at("2026-05-06")
    case = office.open(
        "head", "penalty_case", {"party": FIRM}, "open_verified", lead="标识不符。", officers=["李敏", "赵安"]
    )
    for login in ("handler", "third", "head", "legal"):
        visitor = office.by(login)
        visitor.go(case)
        named = 0
        for listed in visitor.page.locator("section[aria-labelledby=acts] details").all():
            listed.locator("summary").click()
            # What others can do now stands below who they are; all else has its own reason.
            others = listed.locator("li").all_inner_texts()
            acts, reasons = listed.locator("dt").all_inner_texts(), listed.locator("dd").all_inner_texts()
            assert len(acts) == len(reasons)
            assert f" {len(acts) + len(others)} 项" in listed.locator("summary").inner_text()
            assert [each for each in reasons if len(each.strip()) < 5 or not each.strip().endswith("。")] == []
            named += len(acts) + len(others)
        assert named >= 10
    office.can_not("third", case, "调查取证：现场检查", "不是本案指定的办案人员")
    office.can_not("handler", case, "送达处罚决定书：有罚没款", "须在“决定书待送达（有罚没款）”")
    # Somebody who comes by an old link is told the same, in place of a form.
    handler = office.by("handler")
    handler.go(f"{case}act/review.agree/")
    expect(handler.page.locator("section[aria-labelledby=why]")).to_contain_text("审核")
    expect(handler.page.get_by_role("button", name="确定", exact=True)).to_have_count(0)


def test_五_办错了由另一人撤销_原文和理由都在(office: Office) -> None:
    office.at("2026-06-03")
    case = office.open(
        "handler",
        "rectification",
        {"ordered": FIRM},
        happened="2026-06-03",
        basis="inspection",
        problem="台账不全",
        source_number="JC-26-9",
    )
    office.do("handler", case, "order.in_time", requirement="补齐台账", rectify_by="2026-06-30")
    own = office.by("handler")
    own.go(case)
    expect(own.page.locator("summary", has_text="撤销这条记录")).to_have_count(0)
    head = office.by("head")
    head.go(case)
    line = head.page.locator("section[aria-labelledby=log] li.entry", has_text="责令改正").first
    line.locator("summary", has_text="撤销这条记录").click()
    line.locator("[name=reason]").fill("责令错了对象，另行下达。")
    head.send(line.get_by_role("button", name="撤销，原文保留"))
    expect(head.page.locator("#messages")).to_contain_text("已撤销")
    office.stands("handler", case, "待责令")
    log = own.page.locator("section[aria-labelledby=log]")
    expect(log).to_contain_text("补齐台账")
    expect(log).to_contain_text("责令错了对象，另行下达。")
    expect(log).to_contain_text("王局")


def test_六_办结的可以重新打开_迟到的材料还能归档(office: Office) -> None:
    office.at("2026-06-08")
    case = complaint(office, "2026-06-08")
    office.do("handler", case, "decide.accept")
    office.do("handler", case, "agree", agreement="退还货款二百元。", fulfilled="true")
    office.do("second", case, "check_effect.solved", effect_note="电话回访，已退款。")
    office.stands("handler", case, "已办结")
    office.at("2026-06-15")
    visitor = office.by("handler")
    visitor.go(case)
    page = visitor.page
    small = page.locator("section[aria-labelledby=small]")
    small.locator("[name=text]").fill("补交付款凭证。")
    small.locator("[name=attachments]").set_input_files(
        {"name": "付款凭证.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4\n%%EOF\n"}
    )
    visitor.send(small.get_by_role("button", name="记录", exact=True))
    expect(page.locator("section[aria-labelledby=log]")).to_contain_text("付款凭证.pdf")
    office.stands("handler", case, "已办结")
    office.do("head", case, "reopen", reopen_reason="投诉人来电，退款没有到账。")
    office.stands("handler", case, "待核实效果")
    expect(office.by("handler").page.locator("section[aria-labelledby=log]")).to_contain_text("退款没有到账")


def test_七_新规定管到在办的案件_不用迁移_换书以前先试算(office: Office, tmp_path: Path) -> None:
    office.at("2026-06-16")
    case = complaint(office, "2026-06-16")
    office.do("handler", case, "decide.accept")
    number = number_of(office, "handler", case)
    before = last_day(office.stands("handler", case, "调解中"), "调解期限")
    other = Path(shutil.copytree(ROOT / "book", tmp_path / "other"))
    page = other / "law" / "complaints.yaml"
    text = page.read_text("utf-8")
    start = text.index("mediation_limit:")
    limit = text.index("value: 60", start)
    page.write_text(text[:limit] + "value: 90" + text[limit + len("value: 60") :], "utf-8")
    done = subprocess.run(
        [sys.executable, "-c", "from zhiheng.cli.main import main; main()", "book", "try", str(other)],
        env=office.place.environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert number in done.stdout
    assert before in done.stdout, "the end under the book of today, beside that under the other"
    assert last_day(office.stands("handler", case, "调解中"), "调解期限") == before, "a trial writes nothing"


def test_八_四只眼睛真的是两个人_签过的不能再签_经办的不能审核(office: Office) -> None:
    office.at("2026-06-17")
    case = office.open(
        "head", "penalty_case", {"party": FIRM}, "open_verified", lead="销售不合格减速器。", officers=["李敏", "赵安"]
    )
    visitor = office.form("handler", case, "investigate.on_site")
    page = visitor.page
    page.fill("[name=happened]", "2026-06-17")
    page.fill("[name=evidence]", "现场笔录")
    visitor.send(page.get_by_role("button", name="提出并签署", exact=True))
    expect(page.locator("#messages")).to_contain_text("还须 1 人签署")
    visitor.go(case)
    expect(page.get_by_role("button", name="核对无误，签署")).to_have_count(0)
    expect(page.locator("main")).to_contain_text("已经签署；请另一人签署")
    third = office.by("third")
    third.go(case)
    expect(third.page.get_by_role("button", name="核对无误，签署")).to_have_count(0)
    second = office.by("second")
    second.go(case)
    second.send(second.page.get_by_role("button", name="核对无误，签署"))
    expect(second.page.locator("#messages")).to_contain_text("已签署")
    visitor.go(case)
    log = page.locator("section[aria-labelledby=log]")
    expect(log).to_contain_text("李敏、赵安")
    # Who investigates is told whose it is to review.
    office.can_not("handler", case, "审核", "须在“审核中”时办")
    reviewed = page.locator("section[aria-labelledby=acts] dt").filter(has_text=re.compile(r"^\s*审核"))
    expect(reviewed.first).to_contain_text("审核人员")


def test_九_休假前委托同事_有起止和痕迹_承办的案件成批改派(office: Office) -> None:
    office.at("2026-08-03")
    cases = [complaint(office, "2026-08-03", dispute=f"鸡蛋糕第{each}盒有异味") for each in (1, 2)]
    handler, third, head = office.by("handler"), office.by("third"), office.by("head")
    handler.go("/desk/me/")
    form = handler.page.locator("form[action$='/delegate/']")
    form.locator("[name=grant]").select_option(index=0)
    form.locator("[name=to]").select_option(label="孙礼（third）")
    form.locator("[name=first_day]").fill("2026-08-04")
    form.locator("[name=last_day]").fill("2026-08-07")
    form.locator("[name=reason]").fill("年休假")
    handler.send(form.get_by_role("button", name="委托"))
    lent = handler.page.locator("section[aria-labelledby=lent] tbody tr", has_text="孙礼")
    for told in ("2026-08-04", "2026-08-07", "年休假"):
        expect(lent).to_contain_text(told)
    stands_in = third.page.get_by_role("button", name="代 李敏 办理")
    third.go("/desk/me/")
    expect(stands_in).to_have_count(0)
    office.at("2026-08-04")
    third.go("/desk/me/")
    third.send(stands_in)
    office.do("third", cases[0], "decide.accept")
    log = office.stands("head", cases[0], "调解中").locator("section[aria-labelledby=log] li.entry", has_text="受理")
    expect(log.first).to_contain_text("孙礼（代李敏）")
    office.at("2026-08-08")
    third.go("/desk/me/")
    expect(stands_in).to_have_count(0)
    office.several("head", *cases)
    assign = head.page.locator("section[aria-labelledby=assign]")
    assign.locator("[name=account]").select_option(label="赵安")
    head.send(assign.get_by_role("button", name="改派"))
    expect(head.page.locator("main [role=status]")).to_contain_text("全部办完")
    expect(head.page.locator("main")).to_contain_text("改派给赵安")
    second = office.by("second")
    second.go("/desk/cases/?handler=own")
    for case in cases:
        expect(second.page.locator(f"main th a[href='{case}']")).to_have_count(1)


def test_十_同一步办多件_各自把关_没办成的列出来和原因(office: Office) -> None:
    office.at("2026-08-17")
    plain, overtaken, accepted = (complaint(office, "2026-08-17", dispute=f"第{each}件") for each in (1, 2, 3))
    office.do("second", accepted, "decide.accept")
    visitor = office.several("handler", plain, overtaken, accepted)
    page = visitor.page
    choice = page.locator("section[aria-labelledby=acts] a[href$='/decide.accept/']")
    expect(choice.locator("xpath=../following-sibling::dd[1]")).to_contain_text("选定的 3 件中 2 件能办")
    visitor.send(choice)
    # While the officer looks at the form, a colleague acts in one of them.
    office.do("second", overtaken, "split_report", lead="销售过期食品。")
    visitor.send(page.locator("main form.card button.is-primary"))
    expect(page.locator("main [role=status]")).to_contain_text("未办的列出原因")
    said = {
        case: page.locator("main tbody tr", has=page.locator(f"a[href='{case}']")).inner_text()
        for case in (plain, overtaken, accepted)
    }
    assert "已办" in said[plain], said
    assert "赵安" in said[overtaken], said
    assert "分出举报另办" in said[overtaken], said
    assert "调解中" in said[accepted], said
    office.stands("handler", plain, "调解中")
    office.stands("handler", overtaken, "待决定是否受理")


def test_十一_两人同时办_后办的看到变了什么_写的一字不丢(office: Office) -> None:
    office.at("2026-08-24")
    case = complaint(office, "2026-08-24")
    office.do("handler", case, "decide.accept")
    typed = "双方同意：退还货款二百元，九月十日以前付清。"
    visitor = office.form("handler", case, "agree")
    page = visitor.page
    page.fill("[name=agreement]", typed)
    page.select_option("[name=fulfilled]", "false")
    office.do("second", case, "send_to_laboratory", happened="2026-08-24", laboratory="市质检所")
    sure = page.get_by_role("button", name="确定", exact=True)
    visitor.send(sure)
    expect(page.locator("main")).to_contain_text("案件有了变化")
    expect(page.locator("main")).to_contain_text("赵安")
    expect(page.locator("main")).to_contain_text("送鉴定、检测")
    assert page.input_value("[name=agreement]") == typed
    assert page.input_value("[name=fulfilled]") == "false"
    office.stands("second", case, "调解中", "鉴定、检测中")
    # Having read it, the officer goes on: the same words count now.
    visitor.send(sure)
    expect(page.locator("#messages")).to_contain_text("已记录")
    expect(page.locator("section[aria-labelledby=log]")).to_contain_text(typed)


def test_十二_移交可以说明理由退回_谁退的看得见_收下的由对方办(office: Office) -> None:
    office.at("2026-09-01")
    case = complaint(office, "2026-09-01", dispute="装修材料有异味")
    number = number_of(office, "handler", case)
    office.do("handler", case, "offer", to_unit="liyuan_construction", handover_reason="装修质量。")
    builder = office.by("builder")
    builder.go("/desk/inbox/?part=soon")
    expect(builder.page.locator("main tbody tr", has_text=number)).to_contain_text("接收移交")
    builder = office.form("builder", case, "decline")
    expect(builder.page.locator("[name=handover_reason]")).to_have_attribute("required", "")
    office.do("builder", case, "decline", handover_reason="属于产品质量，不是工程质量。")
    page = office.stands("handler", case, "待决定是否受理", "处理权限有争议")
    line = page.locator("section[aria-labelledby=log] li.entry", has_text="说明理由退回")
    expect(line).to_contain_text("陈建（云澜市砺原区住房和城乡建设局）")
    expect(line).to_contain_text("属于产品质量，不是工程质量。")
    handler = office.by("handler")
    handler.go("/desk/inbox/?part=later")
    expect(handler.page.locator("main tbody tr", has_text=number).filter(has_text="协商")).to_have_count(1)
    office.do("handler", case, "offer", to_unit="liyuan_construction", handover_reason="附检测报告，甲醛来自施工用胶。")
    office.do("builder", case, "take_over")
    page = office.stands("builder", case, "待决定是否受理")
    expect(page.locator("main p.line").first).to_contain_text("砺原区住房和城乡建设局承办")
    office.do("builder", case, "decide.accept")
