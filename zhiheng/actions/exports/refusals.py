"""Why a table, an extract of a file or the check of an extract is not given."""

from __future__ import annotations

from zhiheng.kernel.reasons import Refusal


def extract_outside_reach() -> Refusal:
    return Refusal(
        "access.area",
        "这家企业不在您的范围内，您看到的不是整份档案，不能出具摘录；请找当地的质强办。",
        "This enterprise lies outside of your reach and you don't see its whole file, so you can't make an "
        "extract; ask the quality office there.",
    )


def document_missing(document: str) -> Refusal:
    return Refusal(
        "document.missing",
        f"规则书里没有文书“{document}”；请在 documents 目录下补上。",
        f"The book has no document {document!r}; add it under documents.",
    )


def export_needs_purpose(least: int, *, most: int) -> Refusal:
    return Refusal(
        "export.purpose",
        f"请用 {least} 到 {most} 个字写明导出用途，例如“三季度质量分析会材料”。",
        f"Say in {least} to {most} characters what the export is for, such as 'papers of the quarterly meeting'.",
        field="purpose",
    )


def too_many_rows(most: int) -> Refusal:
    return Refusal(
        "export.rows",
        f"一次最多导出 {most:,} 行；请缩小筛选范围后再导出。",
        f"At most {most:,} rows can be exported at once; narrow the list first.",
    )


def extract_absent() -> Refusal:
    return Refusal(
        "extract.absent",
        "没有这个编号的摘录：请核对编号；编号无误而查不到的，不是本系统出具的。",
        "There is no extract with this number. Check the number; if it is right, the paper was not issued here.",
    )


def extract_needs_purpose(least: int, *, most: int) -> Refusal:
    return Refusal(
        "purpose.needed",
        f"请写明摘录的用途（{least} 到 {most} 个字），例如“投标资格核对”；用途会印在每一页上。",
        f"Say what the extract is for ({least} to {most} characters), for example 'tender of 2026'; it is "
        "printed on every page.",
        field="purpose",
    )
