"""Why a heading is not proposed, accepted, rejected or taken back."""

from __future__ import annotations

from zhiheng.kernel.reasons import Refusal


def delivery_absent(number: int) -> Refusal:
    return Refusal(
        "delivery.absent",
        f"没有编号为 {number} 的报送；请从报送清单重新打开。",
        f"There is no delivery {number}; open it from the list of deliveries again.",
    )


def proposal_absent(number: int) -> Refusal:
    return Refusal(
        "heading.absent",
        f"没有编号为 {number} 的表头建议；请刷新列表。",
        f"There is no proposal {number} for a heading; load the list again.",
    )


def proposal_decided() -> Refusal:
    return Refusal(
        "heading.decided",
        "这条建议已经有人决定；请刷新列表。",
        "Somebody has decided this proposal already; load the list again.",
    )


def heading_known() -> Refusal:
    return Refusal(
        "heading.known",
        "这份报送里没有这个表头，或规则书已经认识它；请刷新报送页面，已认识的可以直接再次接收。",
        "The delivery has no such heading, or the book knows it already; reload its page, and receive the file again.",
    )


def heading_too_long(heading: str, longest: int) -> Refusal:
    return Refusal(
        "heading.long",
        f"这个表头有 {len(heading)} 个字，超过 {longest} 字，不像一个表头；请检查表头行是否完整，改短后重新报送。",
        f"This heading has {len(heading)} characters, more than {longest}: hardly a heading. Check "
        "the row of headings, shorten it and hand it in again.",
        "target",
    )


def layout_gone() -> Refusal:
    return Refusal(
        "heading.no_source",
        "规则书里已没有这种表样或这个字段；请写明理由，选“不采用”，由报送单位重新提请。",
        "The book has no such layout or field any more; reject it with that reason, and the unit proposes anew.",
    )


def layout_unknown() -> Refusal:
    return Refusal(
        "heading.no_source",
        "规则书里没有这种记录类型或表样；请刷新报送页面后重新选择。",
        "The book has no such record or layout; reload the page of the delivery and choose again.",
    )


def heading_not_accepted() -> Refusal:
    return Refusal(
        "heading.not_accepted",
        "只有已采用的表头可以收回；请刷新列表。",
        "Only a heading that was accepted can be taken back; load the list again.",
    )


def opinion_too_long(longest: int) -> Refusal:
    return Refusal(
        "heading.reason",
        f"意见请写在 {longest} 字以内。",
        f"Write at most {longest} characters.",
        "reason",
    )


def remark_too_long(longest: int) -> Refusal:
    return Refusal(
        "heading.reason",
        f"说明请写在 {longest} 字以内。",
        f"Say why in at most {longest} characters.",
        "reason",
    )


def proposed_by_oneself() -> Refusal:
    return Refusal(
        "heading.second_person",
        "这一条是您自己提请的，须由另一个人决定；请交给同事办理。",
        "You proposed this yourself; somebody else has to decide it. Hand it to a colleague.",
    )


def field_not_chosen() -> Refusal:
    return Refusal(
        "heading.target",
        "请选择这一列对应哪个字段；没有用的列选“不使用”。",
        "Choose the field that this column stands for, or that it is not used.",
        "target",
    )


def heading_waits() -> Refusal:
    return Refusal(
        "heading.waits",
        "这个表头已有另一条建议在等质量办决定；请等它有了结果，或与质量办联系。",
        "Another proposal for this heading waits for the quality office; wait for its decision, or talk to the office.",
        "target",
    )


def rejecting_needs_reason() -> Refusal:
    return Refusal(
        "reason.needed",
        "不采用要写明理由，报送单位会看到；请补写。",
        "Declining needs a reason, which the unit reads; write one.",
        "reason",
    )


def taking_back_needs_reason(longest: int) -> Refusal:
    return Refusal(
        "reason.needed",
        f"收回要写明理由（{longest} 字以内），报送单位会看到；请补写。",
        f"Taking it back needs a reason of at most {longest} characters, which the unit reads; write one.",
        "reason",
    )
