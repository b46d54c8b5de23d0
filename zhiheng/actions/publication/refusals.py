"""Why a fact is not published, corrected in public or taken down."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from zhiheng.grammar.types import Label
from zhiheng.kernel.reasons import Flag, Refusal


def correction_needs_notice() -> Refusal:
    return Refusal(
        "correction.notice",
        "更正要有对公众的说明（中文和英文）和内部理由；请补填。",
        "A correction needs a notice to the public (in Chinese and English) and a reason; fill them in.",
        "notice",
    )


def correction_changes_nothing() -> Refusal:
    return Refusal(
        "correction.same",
        "按现行规则公开的内容与现在的一样，没有可更正的；内容本身有误的，请由报送单位更正事实。",
        "The rule of today shows the same, so nothing would change; if the content is wrong, its sender "
        "corrects the fact.",
    )


def expiry_unusual(ended: int, today: dt.date) -> Refusal:
    return Refusal(
        "expiry.unusual",
        f"按今天（{today}）有 {ended:,} 条公示期满，远多于平常，系统没有自行撤下；请核对服务器时钟，确实期满的，"
        "在服务器上运行 zhiheng publish expire。",
        f"As of today ({today}) the time of {ended:,} entries is over, far more than usual, so nothing was taken down "
        "by itself; look at the server's clock, and where they have ended run zhiheng publish expire.",
    )


def entry_not_shown() -> Refusal:
    return Refusal(
        "entry.absent",
        "这个条目不在公示中；请核对编号。",
        "This entry is not being shown; check its number.",
    )


def entry_absent() -> Refusal:
    return Refusal(
        "entry.absent",
        "没有这个公示条目；请核对编号。",
        "There is no such published entry; check its number.",
    )


def fact_absent(fact_id: int) -> Refusal:
    return Refusal(
        "fact.absent",
        f"没有编号为 {fact_id} 的事实；请核对编号。",
        f"There is no fact {fact_id}; check the number.",
    )


def rule_changed() -> Refusal:
    return Refusal(
        "publication.changed",
        "公示规则在提出之后改过，公开的内容与提出时不同；已经更新，请重新查看后再批准。",
        "The rule has changed since this was proposed, and the public would see something else; look at it again.",
    )


def request_decided() -> Refusal:
    return Refusal("publication.decided", "别人已经处理了这一条。", "Somebody else has decided this one already.")


def doubts_need_reason(doubts: Collection[Flag]) -> Refusal:
    return Refusal(
        "publication.doubts",
        f"这一条有疑点（{'；'.join(flag.zh for flag in doubts)}）；核对属实、仍要公示的，请在审核意见中写明理由。",
        f"There are doubts about it ({'; '.join(flag.en for flag in doubts)}); where it is right all "
        "the same, say why.",
        "reason",
    )


def entry_gone() -> Refusal:
    return Refusal(
        "publication.gone",
        "原来的条目已经不在公示，无须再办。",
        "The entry is not shown any more; nothing is left to be done.",
    )


def record_no_longer_published() -> Refusal:
    return Refusal(
        "publication.never",
        "规则书已不再公示这种记录；请改为撤下。",
        "The book does not publish such records any more; take it down instead.",
    )


def record_never_published(what: Label) -> Refusal:
    return Refusal(
        "publication.never",
        f"规则书没有写明公示“{what.zh}”；需要公示的，请先在规则书中写明公示规则。",
        f"The book does not publish '{what.en}'; write a rule of publication in the book first.",
    )


def notice_identifies_a_person(found: Collection[str]) -> Refusal:
    return Refusal(
        "publication.notice",
        f"公告里有能认出个人的内容（{'、'.join(found)}）；请删去后再办。",
        f"The notice holds what identifies a person ({', '.join(found)}); take it out.",
        "notice",
    )


def fact_outdated() -> Refusal:
    return Refusal(
        "publication.outdated",
        "这条事实已被更正、撤回或者有了新的说法，本次不公示。",
        "The fact was corrected, withdrawn or said anew; it is not published.",
    )


def fact_superseded() -> Refusal:
    return Refusal(
        "publication.outdated",
        "这条事实已被更正、撤回或者有了新的说法；请提出现行有效的那一条。",
        "This fact was corrected, withdrawn or said anew; propose the one that holds.",
    )


def earlier_end_needs_reason() -> Refusal:
    return Refusal(
        "publication.reason",
        "提前截止日期要写明理由；请填写审核意见。",
        "An earlier end needs a reason; give one.",
        "reason",
    )


def declining_needs_reason() -> Refusal:
    return Refusal(
        "publication.reason",
        "不予公示要写明理由；请填写审核意见。",
        "Declining needs a reason; give one.",
        "reason",
    )


def proposed_by_oneself() -> Refusal:
    return Refusal(
        "publication.second_person",
        "这一条是您自己提出的，须由另一个人审核；请交给同事办理。",
        "You proposed this yourself; somebody else has to decide it. Hand it to a colleague.",
    )


def proposer_approves() -> Refusal:
    return Refusal(
        "publication.second_person",
        "提出和审核须是两个人；请换一个人审核。",
        "Whoever proposes does not approve; let somebody else do it.",
    )


def shown_already() -> Refusal:
    return Refusal(
        "publication.shown",
        "这条已经在公示，无须再办。",
        "It is shown already; nothing is left to be done.",
    )


def fact_shown() -> Refusal:
    return Refusal("publication.shown", "这条事实已经在公示。", "This fact is shown already; nothing is to be done.")


def shown_longer_than_allowed(until: dt.date) -> Refusal:
    return Refusal(
        "publication.until",
        f"截止日期不能晚于规定的 {until}；请改早。",
        f"It may not be shown longer than the law allows ({until}); choose an earlier day.",
        "until",
    )


def request_absent() -> Refusal:
    return Refusal("request.absent", "没有这一条；请刷新列表。", "There is no such request; load the list again.")


def cause_missing() -> Refusal:
    return Refusal(
        "withdrawal.cause",
        "撤下要写明原因；请选择撤下原因。",
        "A withdrawal needs a cause; choose one.",
        "cause",
    )


def cause_unknown(cause: str, causes: Collection[str]) -> Refusal:
    return Refusal(
        "withdrawal.cause",
        f"没有“{cause}”这种撤下原因；可用：{'、'.join(causes)}。",
        f"There is no cause {cause!r}; use one of {', '.join(causes)}.",
        "cause",
    )


def withdrawal_needs_reason() -> Refusal:
    return Refusal("withdrawal.reason", "撤下要写明理由；请填写。", "A withdrawal needs a reason; give one.", "reason")
