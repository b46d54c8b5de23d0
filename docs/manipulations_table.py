"""Prints docs/reference/manipulations.md: ``python docs/manipulations_table.py > docs/reference/manipulations.md``.

The table is made from the rows that the tests do to a filled place (tests/actions/manipulations.py);
tests/book/test_reference_docs.py says when it is stale.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.actions.manipulations import GROUPS, PARTS, Manipulation

HEAD = """# 改动台账和文件，核验查不查得出

由测试所用的清单生成，请勿手改：`python docs/manipulations_table.py > docs/reference/manipulations.md`。
Made from the rows of the tests; don't edit by hand.

每一行都是掌握数据库和数据目录的人做得到的改动：先去掉触发器，再用 SQL 或者改文件。测试
（`tests/actions/test_manipulations.py`）在 SQLite 和 PostgreSQL 上对一个装好的试验区逐条去做，看
`zhiheng ledger verify` 哪一部分说出来；查不出的写明理由。写着 `--deep` 的要加这个选项才全部做，
平时存档文件和公示每天换一批。怎样读核验的结果，
见[核验与证明](../how-to/verify-and-prove.md)。
"""
COLUMNS = ("改动", "哪一部分查出", "发现的种类 kind")
NOT_FOUND = "**查不出**："


def row_of(row: Manipulation) -> tuple[str, str, str]:
    """One manipulation as cells."""
    if not row.found:
        return row.what, f"{NOT_FOUND}{row.why_not}", "—"
    return row.what, PARTS[row.part], f"`{row.found}`"


def page() -> str:
    """The whole page as Markdown, a table per kind of data, and what is not found once more at the end."""
    parts = [HEAD]
    for group, rows in GROUPS.items():
        lines = [f"| {' | '.join(COLUMNS)} |", "|" + "---|" * len(COLUMNS)]
        lines += [f"| {' | '.join(row_of(row))} |" for row in rows]
        parts.append(f"## {group}（{len(rows)}）\n\n" + "\n".join(lines) + "\n")
    every = [row for rows in GROUPS.values() for row in rows]
    found = sum(bool(row.found) for row in every)
    parts.append(f"共 {len(every)} 种，查得出 {found} 种，查不出 {len(every) - found} 种。\n")
    return "\n".join(parts)


if __name__ == "__main__":
    sys.stdout.write(page())
