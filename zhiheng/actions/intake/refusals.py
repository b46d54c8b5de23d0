"""Why a delivery, a table of it or a row is not received, confirmed or withdrawn."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from zhiheng.database.troubles import WORDS, DatabaseTrouble
from zhiheng.grammar.types import Label
from zhiheng.kernel.reasons import Refusal


def refused_rows_of_no_delivery(delivery_id: int) -> Refusal:
    return Refusal(
        "delivery.absent",
        f"没有编号为 {delivery_id} 的报送；请从报送清单查找。",
        f"There is no delivery {delivery_id}; look for it in the list of deliveries.",
    )


def delivery_absent(delivery_id: int) -> Refusal:
    return Refusal(
        "delivery.absent",
        f"没有编号为 {delivery_id} 的报送；请从报送清单核对编号。",
        f"There is no delivery {delivery_id}; check its number in the list.",
    )


def delivery_confirmed_by_another(delivery_id: int) -> Refusal:
    return Refusal(
        "delivery.confirmed",
        f"报送 {delivery_id} 已有人确认接收；您写的理由没有记录，结果见该报送页面。",
        f"Somebody has confirmed delivery {delivery_id} already; your reason was not written down, the "
        "result is on its page.",
    )


def delivery_confirmed(delivery_id: int) -> Refusal:
    return Refusal(
        "delivery.confirmed",
        f"报送 {delivery_id} 已经确认接收过，无需再次确认。",
        f"Delivery {delivery_id} has been confirmed already; nothing is left to do.",
    )


def delivery_not_accepted(delivery_id: int) -> Refusal:
    return Refusal(
        "delivery.not_accepted",
        f"报送 {delivery_id} 不是已接收的报送，没有可撤回的内容；请从报送清单核对编号。",
        f"Delivery {delivery_id} was not accepted as a table, so there is nothing to withdraw; check its number "
        "in the list.",
    )


def delivery_not_waiting(delivery_id: int) -> Refusal:
    return Refusal(
        "delivery.not_held",
        f"报送 {delivery_id} 没有在等待确认；请刷新清单。",
        f"Delivery {delivery_id} does not wait to be confirmed; refresh the list.",
    )


def delivery_not_held(delivery_id: int) -> Refusal:
    return Refusal(
        "delivery.not_held",
        f"没有编号为 {delivery_id} 的待确认报送，或它刚刚已被确认；请刷新暂存的报送清单。",
        f"There is no held delivery {delivery_id}, or it was confirmed just now; look at the list of held ones again.",
    )


def delivery_withdrawn(delivery_id: int) -> Refusal:
    return Refusal(
        "delivery.withdrawn",
        f"报送 {delivery_id} 中已没有仍然有效的记录，可能已经撤回；请刷新页面。",
        f"Nothing of delivery {delivery_id} stands any more; it may have been withdrawn already. Load the page again.",
    )


def file_gone(name: str) -> Refusal:
    return Refusal(
        "file.absent",
        f"已报送的文件“{name}”不在服务器上了；请重新报送这份文件。",
        f"The file {name!r} that was handed in is not on the server any more; hand it in again.",
    )


def path_absent(path: Path) -> Refusal:
    return Refusal("file.absent", f"找不到“{path}”；请检查路径。", f"There is no {path}; check the path.")


def statement_keys_astray() -> Refusal:
    return Refusal(
        "ledger.keys_astray",
        "台账的陈述键与事实对不上（有人动过数据库），无法判断哪些行已经报过，这次什么也没有接收。请管理员运行 zhiheng "
        "ledger verify 核验台账。",
        "The statement keys of the ledger do not fit its facts (somebody changed the database), so it can't be told "
        "which rows were said before, and nothing was received. Have the ledger verified: zhiheng ledger verify.",
    )


def confirming_needs_reason() -> Refusal:
    return Refusal(
        "reason.needed",
        "确认接收要写明理由，例如“全年一次报送，已与去年核对”；请补写。",
        "Confirming needs a reason, such as 'the whole year at once, compared with last year'; write one.",
        "reason",
    )


def withdrawing_needs_reason() -> Refusal:
    return Refusal(
        "reason.needed",
        "撤回整份报送要写明理由，例如“误报的文件，已另行报送”；请补写理由。",
        "Taking a delivery back needs a reason, such as 'wrong file, the right one was handed in'; write one.",
        "reason",
    )


def record_not_for_enterprises(label: Label) -> Refusal:
    return Refusal(
        "record.not_own",
        f"“{label.zh}”由主管部门报送，企业不能自己报送；请对照“企业之窗”列出的表样。",
        f"{label.en} is handed in by the department in charge; see in the corner what enterprises hand in.",
    )


def refused_as_a_whole(delivery_id: int, *, zh: str, en: str) -> Refusal:
    return Refusal(
        "refusals.whole",
        f"报送 {delivery_id} 是整张退回的，没有逐行退回的内容。原因：{zh}",
        f"Delivery {delivery_id} was refused as a whole, so there are no refused rows. Why: {en}",
    )


def row_of_another_enterprise() -> Refusal:
    return Refusal(
        "row.not_own",
        "这一行没有写明是本企业（名称或统一社会信用代码对不上）；企业只能报送本企业的记录，请核对企业名称和代码。",
        "This row does not name your enterprise (neither name nor credit code fit); you hand in your own records only.",
    )


def no_rows(others: int) -> Refusal:
    """``others``: rows that are no data."""
    rows_zh = f"另有 {others} 行是合计、说明等，不是数据。" if others else ""
    rows_en = f" {others} rows are totals or remarks." if others else ""
    return Refusal(
        "table.no_rows",
        f"这张表只有标题，没有数据行，什么也没有读到。{rows_zh}请核对是否交错了文件，填好数据后重新报送。",
        f"This table has headings and no row of data, so nothing was read.{rows_en} Check whether it is the right "
        "file, and send it again with its rows.",
    )


def table_lies_on_its_side(names: str) -> Refusal:
    return Refusal(
        "table.transposed",
        f"这张表是横着填的：列名（{names}等）写在第一列，一列是一条记录。请在 Excel 或 WPS 中全选、复制，"
        "用“选择性粘贴—转置”改成一行一条，再重新报送。",
        f"This table is transposed: the names of its columns ({names} ...) stand in the first column, and each "
        "column is a record. Copy all of it, paste it with 'transpose' so that each row is a record, and send it "
        "again.",
    )


def unit_missing() -> Refusal:
    return Refusal(
        "unit.needed",
        "没有说明报送单位；请用 --from 写明单位代号。",
        "It is not said who sends this; name the unit with --from.",
    )


def unit_unknown(unit: str) -> Refusal:
    return Refusal(
        "unit.unknown",
        f"没有代号为“{unit}”的单位；请从单位名单中选择，或先登记该单位。",
        f"There is no unit {unit!r}; choose one of the list of units, or have it added first.",
    )


def unit_absent(unit: str) -> Refusal:
    return Refusal(
        "unit.unknown",
        f"没有代号为“{unit}”的单位；请重新选择报送单位。",
        f"There is no unit {unit!r}; choose the sender again.",
        "unit",
    )


def database_failed(trouble: DatabaseTrouble) -> Refusal:
    said = WORDS[trouble]
    return Refusal(
        "upload.database",
        f"{said.zh}，这份文件没有收完，没有写入半份内容。{said.zh_do}处理好以后，点“再次接收”。",
        f"{said.en}: this file was not received to its end, and nothing was written by halves. {said.en_do} Once it is "
        "seen to, choose 'Receive again'.",
    )


def file_empty() -> Refusal:
    return Refusal(
        "upload.empty",
        "文件是空的（0 字节）；请检查导出是否完成，重新选择文件。",
        "The file is empty (0 bytes); check whether the export was finished, then choose the file again.",
        "files",
    )


def disk_failed(cause: OSError) -> Refusal:
    why = cause.strerror or cause
    return Refusal(
        "upload.machine",
        f"服务器读写文件失败（{why}），这份文件尚未接收，没有写入半份内容；请管理员检查磁盘后，点“再次接收”。",
        f"The server could not read or write a file ({why}). Nothing of this file was received by "
        "halves; ask the operator to look at the disk, then choose 'Receive again'.",
    )


def no_such_table() -> Refusal:
    return Refusal(
        "upload.no_such_question",
        "这份文件里没有这张表，或规则书里没有所选的记录类型和来源；请刷新页面后重新选择。",
        "The file has no such table, or the book no such record and source; reload the page and choose again.",
    )


def file_too_large(limit: int) -> Refusal:
    return Refusal(
        "upload.too_large",
        f"文件超过 {limit / (1 << 20):,.0f} MB；请拆成几份，或请管理员在服务器上用 zhiheng receive 接收。",
        f"The file is larger than {limit / (1 << 20):,.0f} MB; split it, or ask the operator to receive it with "
        "zhiheng receive.",
        "files",
    )


def receiving_broke_off() -> Refusal:
    return Refusal(
        "upload.unforeseen",
        "接收时出现意外错误，没有写入半份内容；请点“再次接收”，若仍不行，请把文件名和时间告诉管理员。",
        "An unforeseen error occurred; nothing was written by halves. Choose 'Receive again'; if it happens again, "
        "tell the operator the name of the file and the time.",
    )


def worker_died() -> Refusal:
    return Refusal(
        "upload.worker_died",
        "接收这份文件时后台进程两次中断（可能内存不足），已停止重试；已写入的部分完整可用。请管理员查看日志后，"
        "点“再次接收”。",
        "The background process died twice while it received this file (out of memory?), so it was not tried a third "
        "time. What was written is whole; ask the operator to look at the log, then choose 'Receive again'.",
    )


def volume_unexpected(rows: int, label: Label, *, at_least: int, at_most: int, learned: bool) -> Refusal:
    """``learned``: the bounds come from the unit's last deliveries, not from the book."""
    zh, en = ("按本单位近几次报送推算，", "by its last deliveries, ") if learned else ("", "")
    return Refusal(
        "volume.unexpected",
        f"这张表有 {rows:,} 行；{zh}“{label.zh}”每次一般为 {at_least:,} 至 {at_most:,} 行。"
        "已暂存，尚未接收：请核对是否漏报、重复或误报的文件，核对无误的，由有权限的人写明理由确认接收。",
        f"This table has {rows:,} rows; {en}a delivery of {label.en} has {at_least:,} to "
        f"{at_most:,}. It is held and not accepted yet: check that it is whole and the right file; "
        "somebody who may then confirms it, with a reason.",
    )


def headings_expected(why: Refusal, label: Label, *, must: Collection[str], may: Collection[str]) -> Refusal:
    """The same refusal with the headings that the sender's own record has: those it must and those it may have."""
    return Refusal(
        why.code,
        f"{why.zh}“{label.zh}”的列名是：{'、'.join(must)}（必有）"
        f"{'，' + '、'.join(may) + '等（可有）' if may else ''}。",
        f"{why.en} The columns of {label.en}: {', '.join(must)} (needed)"
        + (f"; {', '.join(may)} ... (may be there)." if may else "."),
    )
