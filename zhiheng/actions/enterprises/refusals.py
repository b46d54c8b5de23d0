"""Why an invitation, a consent, an undertaking or a saved search of an enterprise is not taken."""

from __future__ import annotations

import datetime as dt

from zhiheng.grammar.types import Label
from zhiheng.kernel.reasons import Refusal


def consent_absent(consent_id: int) -> Refusal:
    return Refusal("consent.absent", f"没有编号为 {consent_id} 的授权。", f"There is no consent {consent_id}.")


def extract_absent() -> Refusal:
    return Refusal("consent.extract", "没有这种查询授权。", "There is no such extract.", field="extract")


def consent_too_long(longest_months: int, latest: dt.date) -> Refusal:
    return Refusal(
        "consent.long",
        f"一次授权最长 {longest_months} 个月，截止日期不得晚于 {latest}。",
        f"A consent holds at most {longest_months} months; the last day can't be after {latest}.",
        field="last",
    )


def consent_given_meanwhile() -> Refusal:
    return Refusal(
        "consent.meanwhile",
        "刚刚有人就同一机构、同一用途作了授权，请看下面的授权记录，需要时再授权一次。",
        "Somebody has just given this institution a consent for the same purpose; look at it below, and give one "
        "again if needed.",
        field="reader",
    )


def consent_ends_in_the_past() -> Refusal:
    return Refusal(
        "consent.past",
        "截止日期已过，请选今天或以后的日期。",
        "The last day is past; choose today or later.",
        field="last",
    )


def purpose_not_chosen() -> Refusal:
    return Refusal("consent.purpose", "请选择查询用途。", "Choose what it may be read for.", field="purpose")


def institution_not_chosen() -> Refusal:
    return Refusal(
        "consent.reader",
        "请选择一家已签协议的金融机构。",
        "Choose an institution that has an agreement.",
        field="reader",
    )


def enterprise_absent() -> Refusal:
    return Refusal("enterprise.absent", "没有这家企业。", "There is no such enterprise.", field="subject")


def invitation_absent(invitation_id: int) -> Refusal:
    return Refusal(
        "invitation.absent",
        f"邀请 {invitation_id} 不存在，或已启用、已收回；请刷新名单。",
        f"Invitation {invitation_id} does not exist, or was used or withdrawn; reload the list.",
    )


def invitation_code_used() -> Refusal:
    return Refusal(
        "invitation.used",
        "这个码刚刚被用过；如果不是您，请马上告诉发码单位。",
        "This code was used a moment ago; if it was not you, tell who gave it to you at once.",
    )


def invitation_code_wrong(tries: int) -> Refusal:
    return Refusal(
        "invitation.wrong",
        f"这个码不对，或已用过、过期、试错满 {tries} 次；请照纸上的字重新输入，仍不行请发码单位重发。",
        f"The code is wrong, or was used, has expired, or was tried wrongly {tries} times; type it again as "
        "it is printed, or ask who gave it to you for a new one.",
        "code",
    )


def search_absent() -> Refusal:
    return Refusal(
        "search.absent",
        "没有这个已保存的查询，可能已经删去；请刷新页面。",
        "There is no such saved search, it may be gone; reload the page.",
    )


def search_empty() -> Refusal:
    return Refusal(
        "search.empty",
        "没有可保存的条件；请先填写查询内容或选择筛选。",
        "There is no condition to save; search for something or choose a filter first.",
        field="query",
    )


def too_many_searches(most: int) -> Refusal:
    return Refusal(
        "search.many",
        f"已保存 {most} 个查询；请先删去不用的。",
        f"{most} searches are saved; remove one that you don't use.",
    )


def search_name_malformed(longest: int) -> Refusal:
    return Refusal(
        "search.name",
        f"请给这次查询起一个名称，不超过 {longest} 个字。",
        f"Give the search a name of at most {longest} characters.",
        field="name",
    )


def search_without_account() -> Refusal:
    return Refusal(
        "search.nobody",
        "只有登录的账号才能保存查询；请用自己的账号登录。",
        "Only an account can save a search; sign in with your own.",
    )


def signature_absent() -> Refusal:
    return Refusal("signature.absent", "没有这份签署。", "There is no such signature.")


def enterprise_to_invite_absent(subject: int) -> Refusal:
    return Refusal(
        "subject.absent",
        f"没有编号为 {subject} 的企业；请按名称或统一社会信用代码查找。",
        f"There is no enterprise {subject}; look it up by its name or credit code.",
    )


def undertaking_absent() -> Refusal:
    return Refusal("undertaking.absent", "没有这份承诺书或责任书。", "There is no such undertaking.")


def answer_missing(label: Label, longest: int, field: str) -> Refusal:
    return Refusal("undertaking.asked", f"请填写“{label.zh}”（不超过 {longest} 字）。", f"Fill in: {label.en}.", field)


def undertaking_changed() -> Refusal:
    return Refusal(
        "undertaking.changed",
        "这份文本在您打开后有了改动，请重新阅读后再签。",
        "The text has changed since you opened it; read it again, then sign.",
    )


def undertaking_without_early_end() -> Refusal:
    return Refusal(
        "undertaking.no_end",
        "这份承诺或责任书不能提前终止，到期自然失效。",
        "This can't be ended early; it ends on its day.",
    )


def undertaking_expired() -> Refusal:
    return Refusal("undertaking.over", "已经到期失效，不用再终止。", "It has ended on its day already.")


def place_of_enterprise_unknown() -> Refusal:
    return Refusal(
        "undertaking.place",
        "还不知道本企业在哪个区划，请联系属地质强办。",
        "It is not known where the enterprise lies; ask the quality office.",
    )


def signature_not_own_name(name: str) -> Refusal:
    return Refusal(
        "undertaking.signer",
        f"请输入您本人的姓名“{name}”作为签名。",
        f"Type your own name, {name}, as your signature.",
        "signer",
    )
