"""Why something that was asked for is not shown: it is not there, or lies outside of what the reader may see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from zhiheng.grammar.types import Label
from zhiheng.kernel.days import Left
from zhiheng.kernel.reasons import Refusal


def no_consent() -> Refusal:
    return Refusal(
        "access.no_consent",
        "没有这家企业为此用途给贵机构的有效授权；请企业在“企业之窗”授权后再查。",
        "There is no live consent of this enterprise to you for this purpose; ask it to give one in its corner.",
    )


def no_enterprise() -> Refusal:
    return Refusal(
        "access.no_enterprise",
        "您的账号没有对应的企业；请用邀请信上的码启用企业账号。",
        "Your account belongs to no enterprise; take up an account with the code of your letter.",
    )


def account_absent(number: int) -> Refusal:
    return Refusal(
        "account.absent", f"没有编号为 {number} 的账号；请从人员清单打开。", f"There is no account {number}."
    )


def no_account() -> Refusal:
    return Refusal("account.absent", "这个身份没有账号。", "There is no account behind this identity.")


def alias_absent(subject: int, *, alias: int) -> Refusal:
    return Refusal(
        "alias.absent",
        f"主体 {subject} 名下没有编号为 {alias} 的名称（可能刚刚已被拆出）；请从该主体的名称清单打开。",
        f"Subject {subject} has no name {alias} (any more); open it from the list of its names.",
    )


def area_absent(area: str) -> Refusal:
    return Refusal(
        "area.absent",
        f"没有代码为“{area}”的地区；请填规则书里的区划代码。",
        f"There is no area {area!r}; give a code of the book.",
        field="area",
    )


def attachment_lost(name: str) -> Refusal:
    return Refusal(
        "attachment.absent",
        f"附件“{name}”登记在案，但服务器上找不到这个文件；请联系管理员从备份恢复，或请企业重新提供。",
        f"The attachment {name} is on record but its file is not on the server; ask the operator to restore it from a "
        "backup, or the enterprise to send it again.",
    )


def code_of_several_enterprises() -> Refusal:
    return Refusal(
        "credit.several",
        "这个代码下报来过几家不同的企业，是哪一家还在核对；请从“授权给我们的企业”清单中打开，或者核对代码后再查。",
        "Several enterprises were told with this code, and whose it is is being checked; open the one "
        "that consents to you from your list, or check the code.",
        "code",
    )


def delivery_not_of_upload(number: int, *, delivery_id: int) -> Refusal:
    return Refusal(
        "delivery.absent",
        f"提交 {number} 里没有编号为 {delivery_id} 的报送。",
        f"There is no delivery {delivery_id} in upload {number}.",
    )


def entry_absent() -> Refusal:
    return Refusal(
        "entry.absent",
        "没有这个公示条目，或者不在您的范围内；请核对编号。",
        "There is no such entry, or it is not within your reach; check the number.",
    )


def fact_absent(fact: int) -> Refusal:
    return Refusal(
        "fact.absent",
        f"没有编号为 {fact} 的事实，或者您无权查看；请从企业档案或报送页面打开。",
        f"There is no fact {fact}, or you may not see it; open it from a file or a delivery.",
    )


def fact_outside_key(number: int) -> Refusal:
    return Refusal(
        "fact.absent",
        f"没有编号为 {number} 的事实，或不在这个令牌的范围内。",
        f"There is no fact {number}, or this token does not reach it.",
    )


def fact_not_of_enterprise(fact: int) -> Refusal:
    return Refusal(
        "fact.absent",
        f"本企业档案里没有编号为 {fact} 的事实。",
        f"There is no fact {fact} in the file of your enterprise.",
    )


def fact_withdrawn() -> Refusal:
    return Refusal(
        "fact.withdrawal",
        "这条事实已经撤回，不能再更正或撤回；如撤回有误，请在备注中写明后重新报送这一行。",
        "This fact has been withdrawn and can't be corrected or withdrawn again; if that was wrong, hand the "
        "row in again with a remark that says so.",
    )


def indicator_absent(name: str) -> Refusal:
    return Refusal(
        "indicator.absent",
        f"没有“{name}”这个指标；请用 /indicators 查看全部。",
        f"There is no indicator {name!r}; see /indicators.",
        field="name",
    )


def match_absent(number: int) -> Refusal:
    return Refusal(
        "likely.absent",
        f"没有编号为 {number} 的疑似匹配，或它不在您的查看范围内；请从清单打开。",
        f"There is no likely match {number}, or it is not among those that you may see; open it from the list.",
    )


def objection_absent(number: int) -> Refusal:
    return Refusal("objection.absent", f"没有编号为 {number} 的异议。", f"There is no objection {number}.")


def receipt_absent() -> Refusal:
    return Refusal("objection.absent", "没有这个回执编号。", "There is no such receipt.")


def no_portal() -> Refusal:
    return Refusal(
        "publication.no_portal",
        "规则书没有 portal.yaml，没有可以公示的地方；请先写好门户和公示规则。",
        "The book has no portal.yaml, so there is nowhere to publish; write the portal and its rules first.",
    )


def objection_open(
    receipt: str,
    *,
    raised_on: dt.date,
    due_on: dt.date,
    provisional: bool,
    left: Left | None,
    law: tuple[str, str] | None,
) -> Refusal:
    """``left``: what is left of the time to answer; ``law``: what lets publication go on meanwhile, in Chinese and in
    English, where the rule cites it.
    """
    open_zh, open_en = ("（暂定）", " (provisional)") if provisional else ("", "")
    zh = f"企业于 {raised_on} 对这条事实提出异议（回执 {receipt}），应在 {due_on}{open_zh} 前答复"
    en = f"An enterprise objected to this fact on {raised_on} ({receipt}); it is to be answered by {due_on}{open_en}"
    zh, en = (f"{zh}（{left.zh}）", f"{en} ({left.en})") if left else (zh, en)
    if law is None:
        return Refusal("publication.objection", f"{zh}；答复之前不公示。", f"{en}; it is not published before that.")
    return Refusal(
        "publication.objection_reason",
        f"{zh}。依{law[0]}，异议期间不停止公示；确需现在公示的，请打开这一条，写明理由。",
        f"{en}. By {law[1]} publication may go on meanwhile; to publish now, open it and give a reason.",
        "despite",
    )


def objection_upheld(receipt: str) -> Refusal:
    return Refusal(
        "publication.objection_upheld",
        f"企业对这条事实的异议（回执 {receipt}）已经成立，公示已撤下；确需重新公示的，请打开这一条，写明理由。",
        f"The objection to this fact ({receipt}) was upheld and it was taken down; to publish it again, "
        "open it and give a reason.",
        "despite",
    )


def record_unknown(record: str) -> Refusal:
    return Refusal(
        "record.unknown",
        f"规则书中已没有记录类型“{record}”，不能更正；请先把它加回规则书。",
        f"The book no longer has the record {record!r}, so it can't be corrected; put it back first.",
    )


def request_absent() -> Refusal:
    return Refusal(
        "request.absent",
        "没有这一条公示申请，或者不在您的范围内；请核对编号。",
        "There is no such request, or it is not within your reach; check the number.",
    )


def subject_absent(subject: int) -> Refusal:
    return Refusal(
        "subject.absent",
        f"没有编号为 {subject} 的主体，或它已并入别处；请重新查找。",
        f"There is no subject {subject}, or it was merged into another; look for it again.",
    )


def upload_absent(upload_id: int) -> Refusal:
    return Refusal(
        "upload.absent",
        f"没有编号为 {upload_id} 的提交；请从报送清单重新打开。",
        f"There is no upload {upload_id}; open it from the list of deliveries again.",
    )


def upload_unknown(number: int) -> Refusal:
    return Refusal("upload.absent", f"没有编号为 {number} 的提交。", f"There is no upload {number}.")


def case_document_absent() -> Refusal:
    """There is no such document of a case, it is not made yet, or its case is not within reach."""
    return Refusal(
        "case.paper.absent",
        "没有这份文书，或者还没有制作好，或者您无权查看；请稍后刷新案件页面再试。",
        "There is no such document, it is not made yet, or you may not see it; reload the case in a moment.",
    )


def case_attachment_absent() -> Refusal:
    """There is no such attachment of a case, or its case is not within reach."""
    return Refusal(
        "case.attachment.absent",
        "没有这个附件，或者您无权查看；请从案件页面打开。",
        "There is no such attachment, or you may not see it; open it from the page of its case.",
    )


def case_act_absent(name: str) -> Refusal:
    """The address names an act that the case's workflow does not have."""
    return Refusal(
        "case.act.absent",
        f"本事项没有“{name}”这一步；请回到案件页面重新选择。",
        f"The procedure has no act {name!r}; go back to the case and choose again.",
    )


def case_absent(number: int | str) -> Refusal:
    """There is no such case, or it is not within reach: both are answered alike."""
    return Refusal(
        "case.absent",
        f"没有案件“{number}”，或者您无权查看；请核对案号。",
        f"There is no case {number}, or you may not see it; check its number.",
    )


def case_batch_absent(number: int) -> Refusal:
    """Nobody has chosen cases under this number, or somebody else has."""
    return Refusal(
        "case.batch.absent",
        f"没有第 {number} 批案件，或者不是您选定的；请从案件清单重新勾选。",
        f"There is no batch {number} of cases, or it is somebody else's; tick the cases in the list again.",
    )


def case_not_yours() -> Refusal:
    return Refusal(
        "case.not_yours",
        "您不是本案的办理人；请找承办单位。",
        "You have no part in this case; ask the unit that handles it.",
    )


def case_offered_elsewhere() -> Refusal:
    return Refusal(
        "case.offered_elsewhere",
        "案件不是移交给您的单位，不能办理；请由拟接收的单位办。",
        "The case was not offered to your unit; the unit that it was offered to does this.",
    )


def case_signed_already(called: str) -> Refusal:
    """One pair of eyes signs once."""
    return Refusal(
        "case.signed_already",
        f"{called}已经签署；请另一人签署。",
        f"{called} has signed already; another person has to sign.",
    )


def receipt_opens_nothing() -> Refusal:
    return Refusal(
        "submission.receipt",
        "没有这个回执；请对照回执一位一位核对十六位数字。",
        "There is no such receipt; compare its sixteen digits one by one.",
        "receipt",
    )


def rating_absent(name: str, known: Sequence[str]) -> Refusal:
    return Refusal(
        "rating.absent",
        f"规则书里没有评价“{name}”；现有：{'、'.join(known) or '（无）'}。",
        f"The book has no rating {name!r}; it has: {', '.join(known) or '(none)'}.",
    )


def rating_edition_absent(name: str, edition: str) -> Refusal:
    return Refusal(
        "rating.edition.absent",
        f"评价“{name}”没有版本“{edition}”；请写生效日（如 2026-01-01）或版本指纹的前八位以上。",
        f"Rating {name!r} has no edition {edition!r}; write a day (2026-01-01) or at least 8 signs of its digest.",
    )


def rating_not_in_force(label: Label, day: dt.date, first: dt.date) -> Refusal:
    return Refusal(
        "rating.not_in_force",
        f"“{label.zh}”自 {first} 起施行，{day} 还没有；请问这一天以后的日期。",
        f"{label.en} is in force from {first} on, and not on {day}; ask for a later day.",
    )


def backtest_too_early(day: dt.date, latest: dt.date, over: dt.date) -> Refusal:
    return Refusal(
        "rating.backtest.too_early",
        f"{day} 以后还不满一年（到 {over} 才满），查没查出不合格还说不准；请检验 {latest} 或更早的等级。",
        f"The year after {day} is over on {over} only, so what it finds is not known yet; try {latest} or an earlier "
        "day.",
    )


def rating_band_absent(band: str, known: Sequence[str]) -> Refusal:
    return Refusal(
        "rating.band.absent",
        f"没有等级“{band}”；可用：{'、'.join(known)}，未评写 none。",
        f"There is no grade {band!r}; use one of {', '.join(known)}, or none for those not graded.",
    )


def rating_cell_absent(cell: str, known: Sequence[str]) -> Refusal:
    return Refusal(
        "rating.cell.absent",
        f"矩阵里没有“{cell}”这一格；请写可能性和后果各第几级：{'、'.join(known) or '（这种评价没有矩阵）'}。",
        f"The matrix has no cell {cell!r}; write the levels of likelihood and consequence: "
        f"{', '.join(known) or '(this rating has no matrix)'}.",
    )


def rating_file_absent(path: str) -> Refusal:
    return Refusal(
        "rating.file.absent",
        f"没有文件“{path}”；请写评价的名称，或者一个 YAML 文件的路径。",
        f"There is no file {path!r}; write the name of a rating, or the path of a YAML file.",
    )


def rating_file_wrong(said: str) -> Refusal:
    return Refusal(
        "rating.file.wrong",
        f"评价文件有误：{said}",
        f"The file of the rating is wrong: {said}",
    )


def series_absent(number: int) -> Refusal:
    return Refusal(
        "sampling.absent",
        f"没有编号为 {number} 的抽样系列；请从列表里打开。",
        f"There is no series {number}; open one of the list.",
    )


def standard_absent(name: str) -> Refusal:
    return Refusal(
        "sampling.standard_absent",
        f"规则书里不再有抽样标准“{name}”，算不出方案；请告知质强办。",
        f"The book has no sampling standard {name!r} any more, so there is no plan; tell the quality office.",
    )


def measurements_absent(number: int) -> Refusal:
    return Refusal(
        "measurement.absent",
        f"没有编号为 {number} 的测量值；请从列表里打开。",
        f"There are no measurements {number}; open some of the list.",
    )


def fact_not_proposed(number: int) -> Refusal:
    return Refusal(
        "case.fact.absent",
        f"清单中没有编号为 {number} 的待立案事实；请从“因事实应立案”的清单打开。",
        f"There is no fact {number} that waits for a case; open it from the list.",
    )


def signal_absent(number: int) -> Refusal:
    return Refusal(
        "signal.absent",
        f"没有编号为 {number} 的预警线索；请从预警清单打开。",
        f"There is no signal {number}; open it from the list of early warnings.",
    )


def warning_gone(name: str) -> Refusal:
    return Refusal(
        "warning.gone",
        f"规则书中已没有预警规则“{name}”，不能再说明这条线索；请联系质强办。",
        f"The book no longer has the warning {name!r}, so the signal can't be explained; ask the quality office.",
    )


def confirming_own() -> Refusal:
    return Refusal(
        "confirmation.own",
        "提请的人和得到的人都不能确认；请本单位另一位有权确认的人办理。",
        "Neither who gives it nor who receives it confirms it; ask another person of the unit who may.",
    )


def confirming_by_the_same_person() -> Refusal:
    return Refusal(
        "confirmation.same_person",
        "提请人或得到的人与您同名，看来是同一个人的两个账号；请另一个人确认。",
        "Who gives or receives it has your name, so these look like two accounts of one person; ask somebody else.",
    )


def confirming_after_a_code() -> Refusal:
    return Refusal(
        "confirmation.code",
        "提请的管理员一天之内给您的账号发过登录码或重置过双重验证；请一天以后再确认，或请另一个人。",
        "The administrator who gives it gave your account a code or reset its factor within a day; confirm it a day "
        "later, or ask somebody else.",
    )


def confirming_elsewhere() -> Refusal:
    return Refusal(
        "confirmation.elsewhere",
        "这是别的单位的事项；由那个单位有权确认的人办理，没有的由上级区域的办理。",
        "It is of another unit: somebody there confirms it, or of the area above where nobody there may.",
    )


def no_such_data_check(name: str) -> Refusal:
    return Refusal(
        "data_check.absent",
        f"没有名为“{name}”的数据核查；用 zhiheng check-data --list 查看全部名称。",
        f"There is no check of the data named {name!r}; zhiheng check-data --list names all of them.",
    )


def standard_not_in_force(standard: str, field: str) -> Refusal:
    return Refusal(
        "acceptance.standard",
        f"抽样标准 {standard} 今天不在施行期内；请管理员更新规则书里的抽样方案。",
        f"The sampling standard {standard} is not in force today; have the plan in the book brought up to date.",
        field,
    )


def batch_not_whole(field: str) -> Refusal:
    return Refusal(
        "acceptance.batch_not_whole",
        "批量应为整数（件数）；请改正。",
        "The batch is a whole number of items; correct it.",
        field,
    )
