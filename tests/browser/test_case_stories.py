"""Cases from their first page to their last, each step by the person whom it falls to: a failed sample, a penalty with a
hearing, a recall, a listing with its repair, a hand-over that is refused.

They share one small place, whose clock the stories set: each begins after the one above it in the same year has begun,
and stands on its own. What a party does on paper is entered by the officer who receives it; the enterprise of the
failed sample does it itself, in its corner.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.office_at_work import FIRM, FOOD, Office, office, place

__all__ = ["office", "place"]
pytestmark = pytest.mark.slow


def test_抽查不合格_告知_异议复检_责令改正_复查不合格_上报公告_公告后复查合格(office: Office) -> None:
    office.at("2026-03-02")
    case = office.open(
        "handler",
        "product_follow_up",
        {"sampled": FIRM},
        happened="2026-03-02",
        report_number="WJ-26-031",
        product="减速器 JZQ250",
        failed_items="接地措施",
    )
    office.stands("handler", case, "待告知")
    office.at("2026-03-03")
    office.do("handler", case, "notify", told=[FIRM])
    notice = office.child("handler", case)
    office.at("2026-03-04")
    office.do("handler", notice, "serve.sampled", happened="2026-03-04", first_laboratory="市质检所")
    office.stands("handler", notice, "可提出异议", due={"异议期限": ("2026-03-19", "第三十六条")})
    office.stands(
        "handler",
        case,
        "告知与异议中",
        "应当停止生产、销售",
        due={"立即停止生产、销售": ("2026-03-04", "第四十五条")},
    )
    office.in_corner(case, "stop_sale", happened="2026-03-04", stopped="停产并下架同型号。")
    office.at("2026-03-18")
    office.in_corner(notice, "object.result", happened="2026-03-18", grounds="检验方法不适用。")
    office.can_not("handler", case, "确定最终结论：最终不合格", "结论告知")
    office.at("2026-03-20")
    office.do("handler", notice, "answer_request.retest")
    office.stands("handler", notice, "待办理复检手续", due={"办理复检手续": ("2026-03-27", "第三十八条")})
    office.at("2026-03-25")
    office.in_corner(notice, "do_formalities", happened="2026-03-25")
    office.stands("handler", notice, "待确定复检机构", due={"确定复检机构": ("2026-04-04", "第三十九条")})
    office.refused("handler", notice, "name_laboratory", "初检机构", retest_laboratory="市质检所", only_one="false")
    office.do("handler", notice, "name_laboratory", retest_laboratory="省质检院", only_one="false")
    office.at("2026-04-10")
    office.do("handler", notice, "receive_retest.failed", happened="2026-04-10", sample_state="封样完好。")
    office.do("handler", notice, "tell_retest")
    office.stands("handler", notice, "结论已定")
    office.at("2026-04-13")
    office.do("handler", case, "conclude.failed")
    office.refused("handler", case, "order", "2026-06-12", rectify_by="2026-06-13")
    office.do("handler", case, "order", rectify_by="2026-06-10")
    office.stands(
        "handler",
        case,
        "已停止生产、销售",
        "改正期限内",
        due={"改正期限": ("2026-06-10", "文书载明的期限"), "组织复查": ("2026-06-27", "第四十七条第一款")},
    )
    office.at("2026-05-20")
    office.in_corner(case, "report_done", happened="2026-05-20", corrected="更换接地端子，全检合格。")
    office.at("2026-05-25")
    office.do("handler", case, "take_sample", "second", happened="2026-05-25", sample_number="FC-031")
    office.can_not("handler", case, "复查结论：合格", "李敏不能")
    office.at("2026-06-08")
    office.do("third", case, "recheck.failed", happened="2026-06-08", recheck_report="FJ-031")
    office.stands("handler", case, "已停止生产、销售", "待逐级上报")
    office.do("head", case, "report_up")
    office.can_not("head", case, "向社会公告", "省级市场监督管理部门")
    office.at("2026-06-22")
    city = office.by("city")
    city.go("/desk/inbox/?part=unclocked")
    expect(city.page.locator(f"main th a[href='{case}']")).to_have_count(1)
    office.do("city", case, "announce", happened="2026-06-22", announcement="2026年第8号")
    office.stands(
        "handler",
        case,
        "已停止生产、销售",
        "已公告，待公告后复查",
        due={"公告后复查最早": ("2026-08-21", "第四十八条"), "公告后复查最晚": ("2026-09-20", "第四十八条")},
    )
    office.at("2026-08-21")
    office.do("handler", case, "take_sample", "second", happened="2026-08-21", sample_number="FC-032")
    office.can_not("third", case, "公告后复查结论：合格", "2026-08-21")
    office.at("2026-08-26")
    office.do("third", case, "recheck_announced.passed", happened="2026-08-26", recheck_report="FJ-032")
    office.stands("handler", case, "已办结")
    office.papers("handler", case, "责令改正", "复查")


def test_行政处罚_听证_集体讨论_缴款_结案_核实效果(office: Office) -> None:
    office.at("2026-03-09")
    case = office.open(
        "head", "penalty_case", {"party": FIRM}, "open_verified", lead="销售不合格减速器。", officers=["李敏", "赵安"]
    )
    office.stands("handler", case, "调查中", due={"办案期限": ("2026-06-07", "第六十四条")})
    office.at("2026-03-10")
    office.do(
        "handler", case, "investigate.on_site", "second", happened="2026-03-10", evidence=["现场笔录", "库存清单"]
    )
    office.at("2026-03-16")
    office.do(
        "handler",
        case,
        "report.major",
        "second",
        party_kind="organisation",
        proposed_kinds=["罚款"],
        proposed_fine="200000",
        proposed_forfeit="0",
    )
    office.can_not("handler", case, "审核：同意处理意见", "审核")
    office.at("2026-03-18")
    office.do("legal", case, "review.agree")
    office.refused("head", case, "approve_proposal.plea", "听证")
    office.do("head", case, "approve_proposal.hearing")
    office.at("2026-03-20")
    office.do("handler", case, "notify", happened="2026-03-20")
    office.stands(
        "handler",
        case,
        "须法制审核和集体讨论",
        "属于听证范围",
        "可以陈述申辩",
        due={"陈述申辩和要求听证": ("2026-03-27", "第五十七条")},
    )
    office.at("2026-03-27")
    office.do("handler", case, "ask_hearing", happened="2026-03-27")
    office.stands(
        "head",
        case,
        "须法制审核和集体讨论",
        "要求听证，待确定主持人",
        due={"确定听证主持人": ("2026-04-01", "第十八条")},
    )
    office.do("head", case, "name_host", host=["郑听"])
    office.at("2026-04-07")
    office.do("handler", case, "hand_over_file", happened="2026-04-07")
    office.at("2026-04-14")
    office.do("presider", case, "set_hearing", hearing_on="2026-04-27")
    office.at("2026-04-15")
    office.do("presider", case, "serve_hearing_notice", happened="2026-04-15")
    office.at("2026-04-21")
    office.do("presider", case, "announce_hearing", happened="2026-04-21")
    office.can_not("presider", case, "举行听证", "2026-04-24")
    office.at("2026-04-27")
    office.do("presider", case, "hold_hearing.public", happened="2026-04-27", hearing_record=["听证笔录"])
    office.stands(
        "presider",
        case,
        "须法制审核和集体讨论",
        "听证报告待写",
        "已经听证",
        due={"听证报告": ("2026-05-07", "第二十九条")},
    )
    office.at("2026-05-07")
    office.do("presider", case, "report_hearing", hearing_report="事实清楚，建议维持。")
    office.at("2026-05-11")
    office.do("legal", case, "review.agree_after_hearing")
    office.at("2026-05-12")
    office.do("head", case, "decide_jointly.money", "deputy", "deputy2", kinds=["罚款"], fine="150000", forfeit="0")
    office.stands("handler", case, "决定书待送达（有罚没款）", "处罚信息待公示")
    office.at("2026-05-18")
    office.do("handler", case, "serve.money", happened="2026-05-18")
    office.do("handler", case, "publish.here", happened="2026-05-18")
    office.stands("handler", case, "待缴款", "可以申请复议或者起诉", due={"缴纳罚没款": ("2026-06-02", "第七十二条")})
    office.at("2026-05-29")
    office.do("handler", case, "pay.full", happened="2026-05-29", paid="150000")
    office.at("2026-06-03")
    office.do("head", case, "close")
    office.can_not("handler", case, "核实效果并办结：已解决", "李敏不能")
    office.do("third", case, "check_effect.solved", effect_note="复查两批，均合格。")
    office.stands("handler", case, "已办结")
    office.papers("handler", case, "立案", "现场", "听证通知书", "听证笔录", "行政处罚决定书")


def test_食品召回_启动_持有人_进展_结束报告_市级评价_核实效果(office: Office) -> None:
    office.at("2026-12-02T09:30")
    case = office.open(
        "handler",
        "food_recall",
        {"recaller": FOOD},
        happened="2026-12-02 09:30",
        risk="检出沙门氏菌",
        product="鸡蛋糕 20261120 批",
        level="level_1",
    )
    office.stands("handler", case, "待启动召回", due={"启动召回": ("2026-12-03", "第十一条")})
    office.at("2026-12-02T20:00")
    office.do(
        "handler",
        case,
        "start.voluntary",
        happened="2026-12-02 20:00",
        sold="1000",
        holders=["街口超市"],
        announced="published",
    )
    office.stands(
        "handler",
        case,
        "召回中",
        "须作过程报告",
        due={"完成召回": ("2026-12-12", "第十五条"), "过程报告": ("2026-12-03", "第二十四条")},
    )
    holder = office.child("handler", case)
    office.do("handler", holder, "tell", happened="2026-12-02 20:00")
    office.at("2026-12-03")
    office.do("handler", holder, "stop", happened="2026-12-03", held="300")
    office.do("handler", case, "report_progress", happened="2026-12-03", progress="已收回一百。")
    office.stands("handler", case, "召回中", "须作过程报告", due={"过程报告": ("2026-12-04", "第二十四条")})
    office.can_not("handler", case, "召回和处理结束", "持有人")
    office.at("2026-12-04")
    office.do("handler", holder, "account", happened="2026-12-04", returned="280", disposed="20")
    office.do("handler", case, "tell_destruction", happened="2026-12-04", destroy_on="2026-12-07")
    office.do("handler", case, "report_progress", happened="2026-12-04", progress="全部收回。")
    office.at("2026-12-07")
    office.do("handler", case, "finish.to_report", happened="2026-12-07", disposal="无害化处理三百。")
    office.stands("handler", case, "待报告召回和处理情况", due={"报告召回和处理情况": ("2026-12-12", "第二十四条")})
    office.at("2026-12-10")
    office.do("handler", case, "report_end", happened="2026-12-10", summary="召回三百，全部无害化处理。")
    office.can_not("handler", case, "设区的市级以上部门评价", "上")
    office.at("2026-12-14")
    office.do("city", case, "evaluate.enough")
    office.stands("handler", case, "待核实效果", due={"核实效果": ("2026-12-28", "办理承诺")})
    office.do("third", case, "check_effect.solved", effect_note="抽查三家门店，没有在售。")
    office.stands("handler", case, "已办结")


def test_严重违法失信名单_上一级同意_公示满一年_信用修复移出(office: Office) -> None:
    office.at("2026-03-02")
    case = office.open(
        "handler",
        "serious_violation_list",
        {"subject": FIRM},
        "propose.violation",
        decision="市监处〔2026〕1号",
        cause="生产劣质产品，受到较重行政处罚。",
        conditions=["较重行政处罚", "性质恶劣", "情节严重", "社会危害较大"],
    )
    office.stands("handler", case, "拟列入，待告知")
    office.at("2026-03-04")
    office.do("handler", case, "notify", happened="2026-03-04")
    office.stands(
        "handler",
        case,
        "可以陈述申辩、要求听证",
        due={"陈述申辩和要求听证": ("2026-03-11", "第五十七条")},
    )
    office.do("handler", case, "plead", happened="2026-03-04", plea="没有主观故意。")
    office.at("2026-03-13")
    office.can_not("head", case, "报上一级市场监督管理部门同意", "陈述申辩待复核")
    office.do("handler", case, "check_plea", plea_checked="有批次记录为证，不予采纳。")
    office.at("2026-03-16")
    office.do("head", case, "ask_consent")
    office.stands("head", case, "已报上一级，待答复", due={"上一级答复": ("2026-03-30", "办理承诺")})
    office.can_not("head", case, "上一级市场监督管理部门答复", "上一级")
    office.at("2026-03-20")
    office.do("city", case, "consent.agree", happened="2026-03-20")
    office.at("2026-03-23")
    office.do("head", case, "list.here")
    office.stands(
        "handler",
        case,
        "待公示",
        "列入名单",
        due={"公示列入信息": ("2026-04-21", "第十四条"), "列入期限": ("2029-03-23", "第二十一条")},
    )
    office.at("2026-04-20")
    office.do("handler", case, "publish", happened="2026-04-20")
    office.stands("handler", case, "列入名单", due={"可以申请提前移出": ("2027-04-20", "第十三条")})
    office.at("2027-04-20")
    office.can_not("handler", case, "申请提前移出", "2027-04-20")
    office.at("2027-04-21")
    office.do("handler", case, "apply_repair", happened="2027-04-21")
    office.stands("handler", case, "列入名单", "信用修复审查中")
    repair = office.child("handler", case)
    office.do("handler", repair, "apply.list", happened="2027-04-21", asks_for="serious_list")
    office.stands("handler", repair, "待受理", due={"受理或者一次性告知": ("2027-04-23", "第十四条")})
    office.at("2027-04-22")
    office.do("handler", repair, "accept.plain")
    office.at("2027-04-30")
    office.refused(
        "head", repair, "decide.list", "未再受较重行政处罚", list_conditions=["义务已履行"], measures_over="true"
    )
    office.do(
        "head",
        repair,
        "decide.list",
        list_conditions=["义务已履行", "危害后果和不良影响已消除", "未再受较重行政处罚"],
        measures_over="true",
    )
    office.stands("handler", repair, "准予修复")
    office.stands("handler", case, "待停止公示并解除措施")
    office.at("2027-05-05")
    office.do("handler", case, "stop_display")
    office.stands("handler", case, "已移出")
    office.papers(
        "handler", case, "列入严重违法失信名单告知书", "列入严重违法失信名单决定书", "移出严重违法失信名单决定书"
    )


def test_移交被退回_协商不成_由上一级指定(office: Office) -> None:
    office.at("2026-03-02")
    case = office.open(
        "handler",
        "product_follow_up",
        {"sampled": FIRM},
        happened="2026-03-02",
        report_number="WJ-26-077",
        product="建筑用脚手架扣件",
        failed_items="抗滑性能",
    )
    office.do("handler", case, "offer", to_unit="liyuan_construction", handover_reason="用于在建工程。")
    office.stands("handler", case, "待告知", "移交待接收", due={"接收或者退回": ("2026-03-04", "移交办法")})
    office.at("2026-03-03")
    office.do("builder", case, "decline", handover_reason="产品质量监督抽查由市场监管部门处理。")
    page = office.stands("handler", case, "待告知", "处理权限有争议")
    expect(page.locator("section[aria-labelledby=log]")).to_contain_text("产品质量监督抽查由市场监管部门处理。")
    office.do("city", case, "designate", to_unit="liyuan_market")
    page = office.stands("handler", case, "待告知")
    expect(page.locator("main p.line").first).to_contain_text("砺原区市场监督管理局承办")
    office.papers("handler", case, "分送通知书")
