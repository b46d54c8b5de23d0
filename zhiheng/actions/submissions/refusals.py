"""Why a complaint or a report of the public is not taken, or a receipt opens nothing."""

from __future__ import annotations

from zhiheng.grammar.types import Label
from zhiheng.kernel.reasons import Refusal


def not_taken_here() -> Refusal:
    return Refusal(
        "submission.none",
        "本平台现在不受理投诉举报；请拨打 12315。",
        "This platform takes no complaints or reports at present; please call 12315.",
    )


def kind_needed() -> Refusal:
    return Refusal(
        "submission.kind",
        "请选择是投诉还是举报：请求解决自己的争议选投诉，反映违法线索选举报。",
        "Choose complaint or report: a complaint settles your own dispute, a report points to a violation.",
        "kind",
    )


def text_needed(least: int) -> Refusal:
    return Refusal(
        "submission.text",
        f"请写明事情的经过，不少于 {least} 个字：哪一天、买了什么、发生了什么。",
        f"Write what happened, in at least {least} characters: which day, what was bought, what went wrong.",
        "text",
    )


def place_needed() -> Refusal:
    return Refusal(
        "submission.area",
        "请选择事情发生在哪个区域；说不清的，选它的上一级区域。",
        "Choose the area where it happened; if you are not sure, the one around it.",
        "area",
    )


def sender_needs(part: str, label: Label, kind: Label) -> Refusal:
    """``part``: name, phone, address of the sender, or about."""
    return Refusal(
        "submission.needs",
        f"{kind.zh}须写明{label.zh}（市场监督管理投诉举报处理办法第十条）；请补填，填写的身份会封存。",
        f"A {kind.en.lower()} states {label.en} (Order 121, Art. 10); fill it in. What you say of yourself is sealed.",
        part,
    )


def business_gone() -> Refusal:
    return Refusal(
        "submission.business",
        "选择的企业已经不在公示名录里；请重新查找，或者直接写名称。",
        "The chosen enterprise is not on the public register any more; search again or write its name.",
        "business",
    )


def oneself_in_text(field: str) -> Refusal:
    """The sender's own name or telephone stands in a text that officers read."""
    return Refusal(
        "submission.oneself",
        "这里写到了您自己的姓名或者电话。这一栏承办人都能看到；请删去，身份只写在下面封存的几栏里。",
        "Your own name or telephone stands here, where every handler reads it. Take it out; who you are belongs only "
        "in the sealed fields.",
        field,
    )


def too_many_photographs(most: int) -> Refusal:
    return Refusal(
        "submission.photographs",
        f"一次最多 {most} 张照片；请去掉几张，其余的可以凭回执补充。",
        f"At most {most} photographs at a time; leave some out and add them later by your receipt.",
        "photographs",
    )


def words_needed(longest: int) -> Refusal:
    return Refusal(
        "submission.words",
        f"请写明要说的话，最多 {longest} 个字。",
        f"Write what you want to say, in at most {longest} characters.",
        "text",
    )


def many_messages(most: int) -> Refusal:
    return Refusal(
        "submission.many",
        f"今天已经留言 {most} 次；请明天再说，紧急的拨打 12315。",
        f"You have written {most} times today; write again tomorrow, or call 12315 if it is urgent.",
        "text",
    )


def not_an_answer() -> Refusal:
    return Refusal(
        "submission.answer",
        "现在不能这样答复；请刷新页面，看看办到了哪一步。",
        "This can't be answered now; reload the page to see how the case stands.",
    )


def form_old() -> Refusal:
    return Refusal(
        "submission.form",
        "页面已经过期，内容没有提交；请核对后再提交一次。",
        "This page has expired and nothing was sent; look through it and send it again.",
    )


def no_such_feed(name: str) -> Refusal:
    return Refusal(
        "submission.no_feed",
        f"规则书没有写“{name}”的反馈格式；请在 submissions.yaml 的 delivered 中写 answers。",
        f"The book has no columns for answers to {name!r}; write them under delivered in submissions.yaml.",
    )


def days_reversed() -> Refusal:
    return Refusal(
        "submission.days_reversed",
        "起始日期晚于截止日期；请调换。",
        "The first day is after the last; exchange them.",
        "first",
    )
