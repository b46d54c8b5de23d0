"""Prints docs/reference/transition-days.md: ``python docs/transition_days.py > docs/reference/transition-days.md``.

The table is made from the workflows and the law of the default book; tests/book/test_reference_docs.py says when it is
stale.
"""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from zhiheng.engines.workflow.untested_days import DayOfChange, days_of_change
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.law import LAW
from zhiheng.grammar.chapters.workflow_pages import POLICIES, WorkflowPage
from zhiheng.grammar.chapters.workflows import WORKFLOWS
from zhiheng.grammar.loader import load
from zhiheng.kernel.law import Law, LawKey, Parameter
from zhiheng.kernel.reasons import Refused

BOOK = Path(__file__).resolve().parents[1] / "book"
DAY = dt.timedelta(days=1)
HEAD = """# 法律改变的日子和工作流 Days on which the law of workflows changes

由规则书生成，请勿手改：`python docs/transition_days.py > docs/reference/transition-days.md`。
Made from the book; don't edit by hand.

每一行是一个工作流在这一天改变的内容。每个改变之日的前一日和当日都有故事（`zhiheng book untested` 和测试看着）；只有新规定或者只有旧规定的，
讲到有规定的那一日。**正在进行的期限**：按工作流写的过渡办法，见《[法律与日历](law-and-calendars.md)》和[工作流的写法](workflow-grammar.md)；
没有写的按起算之日的规定。

| 改变之日 | 工作流 | 改变的内容 | 正在进行的期限 |
|---|---|---|---|
"""  # noqa: E501


def page(book: Book) -> str:
    """The whole page."""
    law = book[LAW]
    rows: dict[tuple[dt.date, str], list[str]] = {}
    for name, entry in book[WORKFLOWS].items():
        for change in days_of_change(entry.page, law):
            rows.setdefault((change.day, name), []).append(told(change, entry.page, law))
    return HEAD + "".join(
        f"| {day} | {book[WORKFLOWS][name].page.label.zh} `{name}` | {'；'.join(dict.fromkeys(found))} | "
        f"{policy(book[WORKFLOWS][name].page, law, day)} |\n"
        for (day, name), found in sorted(rows.items())
    )


def policy(page: WorkflowPage, law: Law, day: dt.date) -> str:
    """What becomes of periods that run on a day."""
    words = {"started": "按起算之日的规定", "recounted": "重新计算", "later": "取较晚的", "earlier": "取较早的"}
    return words[str(law.of(LawKey.parse(page.transition), day).value) if page.transition else POLICIES[0]]


def told(change: DayOfChange, page: WorkflowPage, law: Law) -> str:
    """What changes, in words."""
    head, *rest = change.what.split(".")
    if change.what == "law":
        return "所依的文件或者条文"
    if head in ("acts", "fields", "periods") and rest[-1] in ("since", "until"):
        begins = rest[-1] == "since"
        labels = "：".join(labels_of(page, head, rest[:-1]))
        return f"“{labels}”{'开始' if begins else '不再'}{'起算' if 'after' in rest else '有'}"
    name = change.what.removesuffix(" (article)")
    key = LawKey.parse(name)
    before, after = (at(law, key, on) for on in (change.day - DAY, change.day))
    label = (after or before or law.history(key.topic, key.parameter)[0]).zh
    if change.what.endswith(" (article)"):
        return f"{label}（{before.article if before else ''} → {after.article if after else ''}）"
    return f"{label}：{value_of(before)} → {value_of(after)}"


def labels_of(page: WorkflowPage, head: str, path: list[str]) -> Iterator[str]:
    """The labels of the entries that a path in the page goes through."""
    entry: Any = getattr(page, head)
    for step in path:
        if step == "after":
            entry = entry.after
        elif isinstance(entry, tuple):
            act, _, outcome = entry[int(step)].act.partition(".")
            body = page.acts[act]
            yield body.label.zh + (f"：{body.outcomes[outcome].label.zh}" if outcome else "")
        elif step != "outcomes":
            entry = entry[step]
            yield entry.label.zh
        else:
            entry = entry.outcomes


def at(law: Law, key: LawKey, day: dt.date) -> Parameter | None:
    """The value of a day; None where there is no such rule."""
    try:
        return law.of(key, day)
    except Refused:
        return None


def value_of(found: Parameter | None) -> str:
    """A value as people read it, with its article."""
    if found is None:
        return "没有规定"
    value = found.value
    if found.kind == "period":
        rows = value if isinstance(value, dict) else [""]
        shown = "／".join(found.period(row).show() for row in rows)
    else:
        shown = f"{len(value)} 项" if isinstance(value, tuple) else str(value)
    return f"{shown}（{found.article}）" if found.article else shown


if __name__ == "__main__":
    sys.stdout.write(page(load(BOOK)))
