"""Which record of the book is this table, and whose layout? Answered from the headings alone; doubt is a question.

A heading is known to a layout when the source maps it, ignores it, or it is a label or synonym of a field. A layout fits when
every heading is known and every required field is fed. One fitting layout that explains strictly more than every other is the
answer; otherwise the sender is asked, or told by name which headings nobody knows.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from zhiheng.grammar.records import Record, Source
from zhiheng.kernel.reasons import Refusal

# Columns that Zhiheng itself adds to a table it sends back, and numbering columns: they never carry anything.
ALWAYS_IGNORED = frozenset({"退回原因", "退回原因/reason", "reason", "序号", "行号", "no.", "编号(系统)"})


@lru_cache(maxsize=100_000)
def heading_key(heading: str) -> str:
    """A heading without what typists vary: width, case, spaces, line breaks, star marks, trailing colons."""
    text = unicodedata.normalize("NFKC", heading).casefold()
    return "".join(c for c in text if not c.isspace() and c not in "*＊:").strip("、.")


@dataclass(frozen=True, slots=True)
class Layout:
    """A record and one of its sources, with every heading it knows: heading key -> targets (empty: ignored)."""

    record_id: str
    source_id: str
    record: Record
    source: Source
    known: Mapping[str, tuple[str, ...]]

    @staticmethod
    def of(record_id: str, record: Record, source_id: str, source: Source) -> Layout:
        """The layout of a source; the source's own words win over labels and synonyms of the record."""
        known: dict[str, tuple[str, ...]] = {}
        for name, field in record.fields.items():
            for word in (field.label.zh, field.label.en, *field.synonyms, name):
                known.setdefault(heading_key(word), (name,))
        for heading in (*record.ignored, *source.ignored):
            known[heading_key(heading)] = ()
        for heading in source.columns:
            known[heading_key(heading)] = source.targets(heading)
        for heading in ALWAYS_IGNORED:
            known.setdefault(heading_key(heading), ())
        return Layout(record_id, source_id, record, source, known)

    def key_of(self, heading: str) -> str | None:
        """The known word that a heading stands for, or None. A heading under a band ("检验结果/单位") is tried whole first, then
        without the band."""
        parts = heading.split("/")
        for start in range(len(parts)):
            key = heading_key("/".join(parts[start:]))
            if key in self.known:
                return key
        return None

    def targets(self, heading: str) -> tuple[str, ...]:
        """The fields (or ``field.part``) that a heading feeds; none where it is ignored or unknown."""
        key = self.key_of(heading) if heading.strip() else None
        return () if key is None else self.known[key]


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a layout explains a heading row."""

    layout: Layout
    matched: int
    own: int
    unknown: tuple[str, ...]
    missing: tuple[str, ...]
    twice: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Every heading known, every required field fed, none fed twice."""
        return not self.unknown and not self.missing and not self.twice and self.matched > 0


def fit(layout: Layout, headings: Sequence[str]) -> Fit:
    """Compare one layout with a heading row; empty headings count only if something stands beneath (the caller knows)."""
    own_words = {heading_key(h) for h in layout.source.columns}
    fed: dict[str, str] = dict.fromkeys(layout.source.fixed, "")
    unknown: list[str] = []
    twice: list[str] = []
    matched = own = 0
    for heading in headings:
        if not heading.strip():
            continue
        key = layout.key_of(heading)
        if key is None:
            unknown.append(heading)
            continue
        targets = layout.known[key]
        matched += bool(targets)
        own += key in own_words
        for target in targets:
            if fed.get(target):
                twice.append(heading)
            fed[target] = heading
    required = set(layout.record.required) | {layout.record.on}
    missing = tuple(name for name in layout.record.fields if name in required and name not in fed)
    return Fit(layout, matched, own, tuple(unknown), missing, tuple(twice))


def recognise(
    layouts: Iterable[Layout], headings: Sequence[str], *, record: str | None = None, source: str | None = None
) -> Layout | Refusal:
    """The layout of a heading row, or a refusal: a question where several fit, names of headings where none does.

    ``record`` and ``source`` narrow the choice where the sender has said what it is.
    """
    fits = [
        fit(layout, headings)
        for layout in layouts
        if record in (None, layout.record_id) and source in (None, layout.source_id)
    ]
    whole = sorted((f for f in fits if f.whole), key=lambda f: (f.own, f.matched), reverse=True)
    if whole:
        best = whole[0]
        rivals = [f for f in whole[1:] if (f.own, f.matched) == (best.own, best.matched)]
        if not rivals:
            return best.layout
        names_zh = "、".join(
            f"{f.layout.record.label.zh}（{f.layout.record_id}/{f.layout.source_id}）" for f in (best, *rivals)
        )
        names_en = ", ".join(f"{f.layout.record_id}/{f.layout.source_id}" for f in (best, *rivals))
        return Refusal(
            "table.ambiguous",
            f"这张表的表头同时符合：{names_zh}。请用 --record 和 --source 说明是哪一种。",
            f"The headings fit several layouts: {names_en}. Say which with --record and --source.",
        )
    if not fits:
        return Refusal(
            "table.no_such_layout",
            f"规则书中没有记录类型“{record or ''}”或来源“{source or ''}”。请用 zhiheng book list 查看可用的名称。",
            f"The book has no record {record!r} with source {source!r}. See the names with: zhiheng book list.",
        )
    near = max(fits, key=lambda f: (f.own - 2 * len(f.unknown) - 2 * len(f.missing), f.matched))
    fields = near.layout.record.fields
    parts_zh, parts_en = [], []
    if near.unknown:
        parts_zh.append(f"不认识的列：{'、'.join(near.unknown[:12])}")
        parts_en.append(f"unknown columns: {', '.join(near.unknown[:12])}")
    if near.missing:
        parts_zh.append("缺少必填列：" + "、".join(fields[name].label.zh for name in near.missing))
        parts_en.append("missing columns: " + ", ".join(fields[name].label.en for name in near.missing))
    if near.twice:
        parts_zh.append(f"重复的列：{'、'.join(near.twice)}")
        parts_en.append(f"columns given twice: {', '.join(near.twice)}")
    label = near.layout.record.label
    nothing = near.matched == 0
    return Refusal(
        "table.unknown" if nothing else "table.columns",
        (
            "这张表的表头在规则书中找不到对应的记录类型。请检查表头是否完整，或用 --record 说明记录类型。"
            if nothing
            else f"这张表最接近“{label.zh}”（{near.layout.source_id}），但{'；'.join(parts_zh)}。"
            "请更正表头，或在该来源的 sources 文件中写明这一列对应哪个字段或忽略。"
        ),
        (
            "No record of the book has such headings. Check that the heading row is whole, or name the record with --record."
            if nothing
            else f"Nearest is {label.en} ({near.layout.source_id}), but {'; '.join(parts_en)}. "
            "Mend the headings, or map or ignore the column in the source's file."
        ),
    )
