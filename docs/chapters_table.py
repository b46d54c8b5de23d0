"""Prints docs/reference/chapters.md: ``python docs/chapters_table.py > docs/reference/chapters.md``.

The page is made from the chapters that register themselves; tests/grammar/test_chapters.py says when it is stale.
"""

from __future__ import annotations

import sys

from zhiheng.grammar.registry import registered

HEAD = """# 规则书的各章 The chapters of a book

由各章自己登记的内容生成，请勿手改：`python docs/chapters_table.py > docs/reference/chapters.md`。
Made from what the chapters register; don't edit by hand. How to add one: [add a chapter](../how-to/add-a-chapter.md).

**read**: *at once* when a book is opened, and a mistake refuses the book; *asked* when somebody asks for it. A chapter without files is made of
those that it needs.
"""  # noqa: E501


def page() -> str:
    """The whole page."""
    lines = [
        HEAD,
        "| chapter | 章 | files | pages | needs | read | how it is written |",
        "|---|---|---|---|---|---|---|",
    ]
    for chapter in registered():
        files = "<br>".join(f"`{kind.files}`" for kind in chapter.pages)
        pages = "<br>".join(f"`{kind.name}`" for kind in chapter.pages)
        needs = ", ".join(f"`{needed.name}`" for needed in chapter.needs)
        title = chapter.reference.rpartition("/")[2].removesuffix(".md").replace("-", " ")
        lines.append(
            f"| `{chapter.name}` {chapter.label.en} | {chapter.label.zh} | {files} | {pages} | {needs} | "
            f"{'at once' if chapter.at_once else 'asked'} | [{title}](../{chapter.reference}) |"
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(page())
