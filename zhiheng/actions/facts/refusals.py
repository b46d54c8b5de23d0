"""Why a fact is not corrected, withdrawn or proved."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from zhiheng.kernel.reasons import Refusal


def nothing_to_prove() -> Refusal:
    return Refusal(
        "access.nothing",
        "其中没有您可以导出证明的事实；请找报送单位或质强办。",
        "There is no fact among them whose proof you may export; ask the unit that sent them, or the quality office.",
    )


def facts_not_in_log() -> Refusal:
    """The log has no entry of a delivery of the facts under a signed head yet."""
    return Refusal(
        "proof.not_in_log",
        "这些事实所属的报送还没有写入公开日志，后台一分钟左右写入一次；请稍后再试，或先运行 zhiheng ledger log。",
        "The public log has no entry of their delivery yet; it gets one within a minute or two. Try again then, or run "
        "zhiheng ledger log first.",
    )


def nothing_to_correct() -> Refusal:
    return Refusal(
        "correction.empty",
        "没有写要更正的字段；请至少写一个字段和新的内容。",
        "No field to correct is given; give at least one field with its new text.",
    )


def field_unknown(name: str, known: Collection[str]) -> Refusal:
    return Refusal(
        "correction.field",
        f"这个记录没有字段“{name}”；可用：{'、'.join(known)}。",
        f"The record has no field {name!r}; use one of {', '.join(known)}.",
        name,
    )


def part_unknown(name: str, *, part: str, parts: Collection[str]) -> Refusal:
    return Refusal(
        "correction.part",
        f"字段“{name}”没有“{part}”这一部分；可用：{'、'.join(parts) or '（无）'}。",
        f"Field {name!r} has no part {part!r}; use one of: {', '.join(parts) or '(none)'}.",
        name,
    )


def parts_left_out(name: str, told: Mapping[str, str], left: Collection[str]) -> Refusal:
    return Refusal(
        "correction.parts",
        f"“{name}”还带有 {'、'.join(f'{t}（{told[t]}）' for t in left)}；请一并写明，不变的照写，不要的留空。",
        f"{name} also has {', '.join(f'{t} ({told[t]})' for t in left)}; give them too: again, or empty to clear.",
        name,
    )


def correction_changes_nothing(fact_id: int) -> Refusal:
    return Refusal(
        "correction.same",
        f"更正后的内容与事实 {fact_id} 相同；请检查新的内容。",
        f"The correction says the same as fact {fact_id}; check the new text.",
    )


def fact_absent(fact_id: int) -> Refusal:
    return Refusal(
        "fact.absent",
        f"没有编号为 {fact_id} 的事实；请检查编号。",
        f"There is no fact {fact_id}; check the number.",
    )


def fact_of_another_unit(fact_id: int, unit: str) -> Refusal:
    return Refusal(
        "fact.not_yours",
        f"事实 {fact_id} 由“{unit}”报送，只能由该单位更正或撤回；请联系该单位。",
        f"Fact {fact_id} was said by {unit!r}; only that unit can correct or withdraw it. Ask them.",
    )


def fact_superseded(fact_id: int, *, later: int) -> Refusal:
    return Refusal(
        "fact.superseded",
        f"事实 {fact_id} 已被事实 {later} 更正或撤回；请更正事实 {later}。",
        f"Fact {fact_id} has been corrected or withdrawn by fact {later}; correct that one.",
    )


def fact_is_a_withdrawal(fact_id: int) -> Refusal:
    return Refusal(
        "fact.withdrawal",
        f"事实 {fact_id} 是一次撤回，不能再更正或撤回；若撤回有误，把这一行重新报送即可（撤回之后，"
        "同样的行是新的记录）。",
        f"Fact {fact_id} is a withdrawal and can't be corrected or withdrawn. If it was wrong, hand the row "
        "in again: after a withdrawal the same row is new.",
    )


def correction_needs_reason() -> Refusal:
    return Refusal(
        "reason.needed",
        "更正和撤回都要写明理由；请补写理由。",
        "A correction or withdrawal needs a reason; write one.",
    )


def record_unknown(record: str) -> Refusal:
    return Refusal(
        "record.unknown",
        f"规则书中已没有记录类型“{record}”；请先把它加回规则书。",
        f"The book no longer has the record {record!r}; put it back first.",
    )


def subject_absent(subject: int) -> Refusal:
    return Refusal(
        "subject.absent",
        f"没有主体 {subject}；请检查编号。",
        f"There is no subject {subject}; check the number.",
    )
