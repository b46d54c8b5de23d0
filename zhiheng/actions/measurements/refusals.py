"""Why a series of lots, a lot or a table of measurements is not taken."""

from __future__ import annotations

from zhiheng.kernel.reasons import Refusal


def name_missing() -> Refusal:
    return Refusal("sampling.name", "请填名称，如“瓶盖 进货”。", "Give it a name, such as 'caps, received'.", "name")


def standard_unknown() -> Refusal:
    return Refusal(
        "sampling.standard",
        "规则书里没有这个抽样标准；请从页面上重新选择。",
        "The book has no such sampling standard; choose again on the page.",
        "standard",
    )


def lot_name_missing() -> Refusal:
    return Refusal("sampling.lot_name", "请填批号。", "Give the number of the batch.", "name")


def day_of_lot_ahead() -> Refusal:
    return Refusal("sampling.day", "检验日期还没有到；请核对。", "The day of inspection has not come; check it.", "day")


def number_missing(field: str, *, zh: str, en: str) -> Refusal:
    return Refusal("sampling.number", f"请填{zh}（整数）。", f"Give {en}, a whole number.", field)


def too_many_series(most: int) -> Refusal:
    return Refusal(
        "sampling.many",
        f"最多保留 {most} 个系列；请先删除不用的。",
        f"At most {most} series are kept; delete some first.",
        "name",
    )


def too_many_lots(most: int) -> Refusal:
    return Refusal(
        "sampling.lots",
        f"一个系列最多 {most} 批；请另建一个系列。",
        f"A series has at most {most} batches; begin another one.",
        "name",
    )


def lot_absent() -> Refusal:
    return Refusal(
        "sampling.lot_absent", "没有这一批；请刷新页面再看。", "There is no such batch; load the page again."
    )


def lot_is_leaned_on() -> Refusal:
    return Refusal(
        "sampling.leaned_on",
        "删去这一批以后，后面的批次要用别的方案，已登记的不合格数对不上；请先从最后一批删起。",
        "Without this batch the later ones would have had other plans, which their numbers do not fit; delete from the "
        "last one on.",
    )


def too_many_sets(most: int) -> Refusal:
    return Refusal(
        "measurement.many",
        f"最多保留 {most} 份测量值；请先删除不用的。",
        f"At most {most} tables of measurements are kept; delete some first.",
        "files",
    )


def file_missing() -> Refusal:
    return Refusal("measurement.file", "请选择一个文件。", "Choose a file.", "files")


def file_too_large(most: int) -> Refusal:
    return Refusal(
        "measurement.large",
        f"文件超过 {most // 1024 // 1024} MB；请分成几份，或只留测量值。",
        f"The file is larger than {most // 1024 // 1024} MB; split it, or keep the measurements alone.",
        "files",
    )


def several_tables(sheets: int) -> Refusal:
    return Refusal(
        "measurement.tables",
        f"文件里有 {sheets} 张有数据的表；请一次提交一张，其余的删去。",
        f"The file has {sheets} tables with data; send one at a time, and delete the others.",
        "files",
    )


def row_unreadable(row: int, zh: str, en: str) -> Refusal:
    return Refusal("measurement.row", f"第 {row} 行：{zh}", f"Row {row}: {en}", "files")


def tuning_no_number(field: str) -> Refusal:
    return Refusal(
        "measurement.tuning",
        "不是数字；请填数字，留空用常用值。",
        "This is no number; write one, or leave it out for the usual value.",
        field,
    )


def specification_no_number(field: str) -> Refusal:
    return Refusal(
        "measurement.specification",
        "规格限不是数字；请填数字，不带单位，没有的留空。",
        "The limit of the specification is no number; write one without a unit, or leave it out.",
        field,
    )
