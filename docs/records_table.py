"""Prints docs/reference/records.md: ``python docs/records_table.py > docs/reference/records.md``.

The table is made from the default book, so that no record is missing from it; tests/book/test_reference_docs.py says
when it is stale.
"""

from __future__ import annotations

import sys
from pathlib import Path

from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.records import RECORDS, RecordEntry
from zhiheng.grammar.loader import load

BOOK = Path(__file__).resolve().parents[1] / "book"
QUALITIES = {"product": "产品", "project": "工程", "service": "服务", "environment": "环境"}
KINDS = {"event": "事件", "standing": "状况"}
HEAD = """# 记录类型一览 Record types of the default book

由规则书生成，请勿手改：`python docs/records_table.py > docs/reference/records.md`。
Made from the book; don't edit by hand.

- **质量**：产品、工程、服务、环境。**种类**：事件（发生过一次）或状况（说到下次为止）。
- **来源**：`sources/` 下的文件，一个系统的导出一个。
- **依据**：引用几条，其中几条已与原文核对。没有核对的用 `zhiheng book report` 列出。
"""
COLUMNS = ("记录 id", "中文", "English", "质量", "种类", "系统 systems", "来源 sources", "依据 law checked")


def row_of(entry: RecordEntry) -> tuple[str, ...]:
    """One record as cells."""
    record = entry.record
    checked = sum(citation.checked != "never" for citation in record.law)
    return (
        f"`{entry.id}`",
        record.label.zh,
        record.label.en,
        QUALITIES[record.quality],
        KINDS[record.kind],
        " ".join(record.systems),
        ", ".join(sorted(entry.sources)),
        f"{checked} / {len(record.law)}",
    )


def page(book: Book) -> str:
    """The whole page as Markdown, a table per department."""
    parts = [HEAD]
    for department in sorted({entry.department for entry in book[RECORDS].values()}):
        entries = [entry for entry in book[RECORDS].values() if entry.department == department]
        lines = [f"| {' | '.join(COLUMNS)} |", "|" + "---|" * len(COLUMNS)]
        lines += [f"| {' | '.join(row_of(entry))} |" for entry in sorted(entries, key=lambda e: e.id)]
        parts.append(f"## {department}（{len(entries)}）\n\n" + "\n".join(lines) + "\n")
    parts.append(f"共 {len(book[RECORDS])} 种 / {len(book[RECORDS])} record types.\n")
    return "\n".join(parts)


if __name__ == "__main__":
    sys.stdout.write(page(load(BOOK)))
