"""Recognise the record and the layout of a table from its headings alone; doubt is a question to the sender.

A heading is known to a layout when the source maps it, ignores it, or it is a label or synonym of a field. A layout
fits when every heading is known and every required field is fed. One fitting layout that explains strictly more than
every other is the answer; otherwise the sender is asked, or the unknown headings are named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from zhiheng.engines import refusals
from zhiheng.grammar.chapters.headings import NO_BOOK_WORDS, BookWords, heading_key
from zhiheng.grammar.chapters.record_pages import Held, Record, Source
from zhiheng.kernel.fields.measures import bare_heading
from zhiheng.kernel.fields.party import PartyField
from zhiheng.kernel.periods import period_named
from zhiheng.kernel.reasons import Flag, Refusal

PARTY_PARTS = frozenset(PartyField.parts)


@lru_cache(maxsize=20_000)
def _forms(heading: str, words: BookWords) -> tuple[str, ...]:
    """The keys under which a heading may be known, in the order in which they are tried: whole, and without the band
    over it ("检验结果/单位"); as it stands, and without what only tells how to fill it in.
    """
    bands = heading.split("/")
    whole = ["/".join(bands[start:]) for start in range(len(bands))]
    return tuple(dict.fromkeys([*map(heading_key, whole), *map(words.headings.undecorated, whole)]))


# Types of fields whose numbers count a unit: the heading of such a column may state another one than the book has it.
_COUNTING = frozenset({"money", "decimal", "integer", "percentage", "quantity"})


@lru_cache(maxsize=20_000)
def _reading(heading: str, words: BookWords) -> tuple[str, str] | None:
    return words.reading(heading)


@dataclass(frozen=True)
class Layout:
    """A record and one of its sources, with every heading it knows: heading key -> targets (empty: ignored).

    ``plain`` are the keys of ignored headings of which the book says that they hold nothing secret.
    """

    record_id: str
    source_id: str
    record: Record
    source: Source
    known: Mapping[str, tuple[str, ...]]
    plain: frozenset[str] = frozenset()
    words: BookWords = NO_BOOK_WORDS
    # What was read from beside the table instead of from a column, for the account of how it was read.
    told: tuple[Flag, ...] = ()

    @staticmethod
    def of(record_id: str, record: Record, source_id: str, source: Source, words: BookWords = NO_BOOK_WORDS) -> Layout:
        """The layout of a source; the source's own words win over labels and synonyms of the record."""
        known: dict[str, tuple[str, ...]] = {}
        for name, field in record.fields.items():
            for word in (field.label.zh, field.label.en, *field.synonyms, name):
                known.setdefault(heading_key(word), (name,))
        for name, field in record.fields.items():
            for part, headings in field.parts.items():
                for word in headings:
                    known.setdefault(heading_key(word), (f"{name}.{part}",))
        held = {**record.ignored, **source.ignored}
        for heading in held:
            known[heading_key(heading)] = ()
        for heading in source.columns:
            known[heading_key(heading)] = source.targets(heading)
        for heading in source.columns:
            # What else may stand above a column that feeds several fields feeds them too (抽样时间 as 抽样日期).
            name, *more = source.targets(heading)
            if more and name in record.fields:
                also = record.fields[name]
                for word in (also.label.zh, also.label.en, *also.synonyms):
                    if known[key := heading_key(word)] == (name,):
                        known[key] = (name, *more)
        for key in words.headings.numbers:
            known.setdefault(key, ())
        plain = frozenset(heading_key(heading) for heading, what in held.items() if what == "plain")
        return Layout(record_id, source_id, record, source, known, plain | words.headings.numbers, words)

    @cached_property
    def _by_role(self) -> Mapping[str, str]:
        """Role -> the field that holds it, where there is one such field; '' -> the only field that names anybody."""
        fields: dict[str, list[str]] = {}
        for name, field in self.record.fields.items():
            if field.type == "party":
                fields.setdefault(str(field.options.get("role", "subject")), []).append(name)
        found = {role: names[0] for role, names in fields.items() if len(names) == 1}
        everybody = [name for names in fields.values() for name in names]
        return {**found, "": everybody[0]} if len(everybody) == 1 else found

    @cached_property
    def _by_bare(self) -> Mapping[str, tuple[str, ...]]:
        """The known headings of columns that count something, without the unit that the book has in them: a table that
        states its own unit (工程造价（元） for 工程造价（万元）) means the same column.
        """
        found = {key: targets for key, targets in self.known.items() if self._count(targets)}
        words: list[tuple[str, tuple[str, ...]]] = []
        for name, field in self.record.fields.items():
            words += [(word, (name,)) for word in (field.label.zh, *field.synonyms)]
        words += [(heading, self.source.targets(heading)) for heading in self.source.columns]
        return {heading_key(bare_heading(word)): targets for word, targets in words if self._count(targets)} | found

    def _count(self, targets: Sequence[str]) -> bool:
        return bool(targets) and all(self.record.fields[t.partition(".")[0]].type in _COUNTING for t in targets)

    def key_of(self, heading: str) -> str | None:
        """The known word that a heading stands for, or None."""
        return next((key for key in _forms(heading, self.words) if key in self.known), None)

    def understood(self, heading: str) -> tuple[str, ...] | None:
        """The fields (or ``field.part``) that a heading feeds, none where it is ignored; None where it is unknown.

        A heading that stands in no list is read by the words about parties: 标识生产单位地址 is the address of the
        producer.
        """
        return self._understood(heading)

    @cached_property
    def _understood(self) -> Callable[[str], tuple[str, ...] | None]:
        """Remembers: while a table is recognised, each heading is asked for several times."""
        return lru_cache(maxsize=2_000)(self._understand)

    def _understand(self, heading: str) -> tuple[str, ...] | None:
        if (key := self.key_of(heading)) is not None:
            return self.known[key]
        bare = bare_heading(self.words.headings.without_flags(heading))
        if bare != heading:
            targets = next((self._by_bare[key] for key in _forms(bare, self.words) if key in self._by_bare), ())
            if targets:
                return targets
        if (read := _reading(heading, self.words)) is None:
            return None
        role, part = read
        name = self._by_role.get(role)
        if name is None or (part and part not in PARTY_PARTS):
            return None
        return (f"{name}.{part}" if part else name,)

    def among(self, headings: Sequence[str]) -> Layout:
        """The layout for a table with these headings: a heading that feeds several fields (抽样日期 also the day that
        counts) leaves one to a more specific column, where there is one. The layout itself where nothing changes.
        """
        told = {heading: self.targets(heading) for heading in headings}
        first = {targets[0] for targets in told.values() if targets}
        yielding = {
            heading: tuple(target for at, target in enumerate(targets) if not at or target not in first)
            for heading, targets in told.items()
            if len(targets) > 1 and not first.isdisjoint(targets[1:])
        }
        if not yielding:
            return self
        columns = {**self.source.columns, **{h: t[0] if len(t) == 1 else t for h, t in yielding.items()}}
        known = {**self.known, **{heading_key(heading): targets for heading, targets in yielding.items()}}
        return replace(self, known=known, source=self.source.model_copy(update={"columns": columns}))

    def with_period(self, headings: Sequence[str], beside: Sequence[str]) -> Layout:
        """The layout with the day that the texts beside a table say of every row (2026年10月统计表), where its record
        takes it from there and no column says it. The layout itself where nothing is said, or not for certain.
        """
        wanted = {name: field.in_title for name, field in self.record.fields.items() if field.in_title is not None}
        fed = {target.partition(".")[0] for heading in headings for target in self.targets(heading)}
        told = {name: which for name, which in wanted.items() if name not in fed and name not in self.source.fixed}
        if not told or len(periods := period_named(beside)) != 1:
            return self
        ((period, text),) = periods
        fixed, remarks = dict(self.source.fixed), []
        for name, which in told.items():
            if which == "first" and not period.is_month:
                continue
            day = period.first if which == "first" else period.last
            fixed[name] = day.isoformat()
            label = self.record.fields[name].label
            remarks.append(refusals.period_read(label, words=period.words, day=day, text=text, field=name))
        if not remarks:
            return self
        return replace(self, source=self.source.model_copy(update={"fixed": fixed}), told=tuple(remarks))

    def targets(self, heading: str) -> tuple[str, ...]:
        """The fields (or ``field.part``) that a heading feeds; none where it is ignored or unknown."""
        return (self.understood(heading) or ()) if heading.strip() else ()

    def as_read(self, headings: Sequence[str]) -> Source:
        """The source extended by how these headings were understood by the words of the book, so that a delivery can be
        read later without other words. The source itself where it knows all of them.
        """
        columns: dict[str, str | tuple[str, ...]] = {}
        ignored: dict[str, Held] = {}
        for heading in headings:
            if not heading.strip() or heading_key(heading) in self.known:
                continue
            if targets := self.understood(heading):
                columns[heading] = targets[0] if len(targets) == 1 else targets
            else:
                ignored[heading] = "plain" if self.is_plain(heading) else "secret"
        if not columns and not ignored:
            return self.source
        return self.source.model_copy(
            update={"columns": {**self.source.columns, **columns}, "ignored": {**self.source.ignored, **ignored}}
        )

    def is_plain(self, heading: str) -> bool:
        """Whether the book says that an ignored column holds nothing secret; an unknown column is never plain."""
        return any(key in self.plain for key in _forms(heading, self.words))


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a layout explains a heading row. ``kept``: unknown columns that do no harm; ``lacks``: headings without
    which it is not this source's table; ``excess``: fields that its tables never have.
    """

    layout: Layout
    matched: int
    own: int
    unknown: tuple[str, ...]
    missing: tuple[str, ...]
    twice: tuple[str, ...]
    kept: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    excess: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Every heading known or harmless, every required field fed, none fed twice, and nothing speaks against the
        source.
        """
        against = self.unknown or self.missing or self.twice or self.lacks or self.excess
        return not against and self.matched > 0

    @property
    def told_by_words(self) -> tuple[int, int]:
        """How much speaks for it in its own words, when one missing column is forgiven and every further fault counts
        against it.
        """
        faults = sum(map(len, (self.unknown, self.missing, self.twice, self.lacks, self.excess)))
        return self.own - 2 * max(0, faults - 1), self.matched

    @property
    def nearness(self) -> tuple[bool, int, int]:
        """By this the nearest of several is found."""
        faults = len(self.unknown) + len(self.missing) + len(self.lacks) + len(self.excess)
        return self.whole, self.own - 2 * faults, self.matched


def fit(layout: Layout, headings: Sequence[str], beside: Sequence[str] = ()) -> Fit:
    """Compare one layout with a heading row; empty headings count only if something stands beneath (the caller knows).

    ``beside``: the title lines of the table and the names of its sheet and file, which may say the period that no
    column says.
    """
    own_words = {heading_key(h) for h in layout.source.columns}
    layout = layout.among(headings).with_period(headings, beside)
    fed: dict[str, str] = dict.fromkeys(layout.source.fixed, "")
    unknown: list[str] = []
    kept: list[str] = []
    twice: list[str] = []
    matched = own = 0
    for heading in headings:
        if not heading.strip():
            continue
        targets = layout.understood(heading)
        if targets is None:
            (kept if layout.words.headings.is_harmless(heading) else unknown).append(heading)
            continue
        matched += bool(targets)
        own += layout.key_of(heading) in own_words
        for target in targets:
            if fed.get(target):
                twice.append(heading)
            fed[target] = heading
    required = set(layout.record.required) | {layout.record.on}
    missing = tuple(name for name in layout.record.fields if name in required and name not in fed)
    keys = {key for heading in headings for key in _forms(heading, layout.words)}
    lacks = tuple(heading for heading in layout.source.needs if heading_key(heading) not in keys)
    excess = tuple(
        name for name in layout.source.without if any(t.partition(".")[0] == name for t, h in fed.items() if h)
    )
    return Fit(layout, matched, own, tuple(unknown), missing, tuple(dict.fromkeys(twice)), tuple(kept), lacks, excess)


def recognise(
    layouts: Iterable[Layout],
    headings: Sequence[str],
    *,
    record: str | None = None,
    source: str | None = None,
    beside: Sequence[str] = (),
) -> Layout | Refusal:
    """The layout of a heading row, or a refusal: a question where several fit, names of headings where none does.

    ``record`` and ``source`` narrow the choice where the sender has said what it is; ``beside`` has the texts beside
    the table.
    """
    fits = [
        fit(layout, headings, beside)
        for layout in layouts
        if record in (None, layout.record_id) and source in (None, layout.source_id)
    ]
    whole = sorted((f for f in fits if f.whole), key=lambda f: (f.own, f.matched), reverse=True)
    if whole:
        best = whole[0]
        rivals = [f for f in whole[1:] if (f.own, f.matched) == (best.own, best.matched) or _as_well(f, best)]
        if not rivals:
            # A record that one column keeps from fitting, though the table is told in its words, is none that may be
            # passed over.
            own = max(f.told_by_words for f in fits if f.layout.record_id == best.layout.record_id)
            others = [f for f in fits if not f.whole and f.layout.record_id != best.layout.record_id]
            nearer = max(others, key=lambda f: f.told_by_words, default=None)
            if nearer is None or nearer.told_by_words <= own:
                return best.layout
            return _passed_over(nearer, best)
        names_zh = "、".join(f"{f.layout.record.label.zh}（{f.layout.source.label.zh}）" for f in (best, *rivals))
        names_en = ", ".join(f"{f.layout.record.label.en} ({f.layout.source.label.en})" for f in (best, *rivals))
        return refusals.several_layouts_fit(names_zh, names_en=names_en)
    if not fits:
        return refusals.no_such_layout(record, source=source)
    near = max(fits, key=lambda f: f.nearness)
    return _nothing_fits(near, headings, [f.layout for f in fits if f.layout.record_id == near.layout.record_id])


def _as_well(rival: Fit, best: Fit) -> bool:
    """Whether another record uses as many of the columns, and its words are not clearly fewer: then it may be
    either.
    """
    return (
        rival.layout.record_id != best.layout.record_id
        and rival.matched >= best.matched
        and best.own - rival.own < max(2, best.matched / 4)
    )


def _passed_over(near: Fit, best: Fit) -> Refusal:
    """The question that a table is which has the words of one record and, without one of its columns, fits another."""
    label, other = near.layout.record.label, best.layout.record.label
    parts_zh, parts_en = _faults(near, {})
    return refusals.nearer_to_another_record(label, parts_zh=parts_zh, other=other, parts_en=parts_en)


def _nothing_fits(near: Fit, headings: Sequence[str], siblings: Sequence[Layout]) -> Refusal:
    """Why no layout fits, by the nearest one: unknown headings and what they may mean, missing ones, doubled ones."""
    if near.matched == 0:
        return refusals.no_record_fits()
    label, source = near.layout.record.label, near.layout.source.label
    guesses = suggestions(near, headings, siblings)
    parts_zh, parts_en = _faults(near, guesses)
    return refusals.columns_do_not_fit(label, source=source, parts_zh=parts_zh, parts_en=parts_en)


def _faults(near: Fit, guesses: Mapping[str, tuple[Suggestion, ...]]) -> tuple[list[str], list[str]]:
    """What keeps a table from fitting, in Chinese and in English; ``guesses``: what unknown headings may mean."""
    parts_zh: list[str] = []
    parts_en: list[str] = []
    if near.unknown:
        zh = [f"“{h}”" + (f"（是不是“{guesses[h][0].word}”？）" if guesses.get(h) else "") for h in near.unknown[:12]]
        en = [f"'{h}'" + (f" (is it '{guesses[h][0].word}'?)" if guesses.get(h) else "") for h in near.unknown[:12]]
        parts_zh.append(f"未识别的列：{'、'.join(zh)}")
        parts_en.append(f"unknown columns: {', '.join(en)}")
    if near.missing or near.lacks:
        wanted = [headings_for(near.layout, name) for name in near.missing]
        parts_zh.append("缺少必填列：" + "、".join([*(zh for zh, _ in wanted), *near.lacks]))
        parts_en.append("missing columns: " + ", ".join([*(en for _, en in wanted), *near.lacks]))
        if any(near.layout.record.fields[name].in_title for name in near.missing):
            parts_zh.append(
                "标题、工作表名和文件名里也没有写明（或写了不止一个）统计期，可以写在标题里，如“2026年10月”"
            )
            parts_en.append("nor does a title, the name of the sheet or of the file say one period, as 2026年10月")
    if near.twice:
        parts_zh.append(f"重复的列：{'、'.join(near.twice)}")
        parts_en.append(f"columns given twice: {', '.join(near.twice)}")
    if near.excess:
        fields = near.layout.record.fields
        parts_zh.append("这种表样没有的列：" + "、".join(fields[name].label.zh for name in near.excess))
        parts_en.append(
            "columns that such a table never has: " + ", ".join(fields[name].label.en for name in near.excess)
        )
    return parts_zh, parts_en


def headings_for(layout: Layout, name: str) -> tuple[str, str]:
    """What a sender would have to write above a column that feeds a field: the source's own words, else the field's
    label.
    """
    own = [heading for heading in layout.source.columns if name in layout.source.targets(heading)]
    label = layout.record.fields[name].label
    return (own[0], f"{own[0]} ({label.en})") if own else (label.zh, label.en)


def kept_columns(layout: Layout, headings: Sequence[str]) -> list[Flag]:
    """Flags for the unknown columns of a delivery that do no harm."""
    return [refusals.column_kept_unused(heading) for heading in fit(layout, headings).kept]


@dataclass(frozen=True)
class KnownShare:
    """Counts how many of some texts are headings that a layout knows; used to find the heading row of a sheet.

    ``words``: all of them as they are written.
    """

    keys: frozenset[str]
    words: frozenset[str]
    book_words: BookWords

    def __call__(self, texts: Sequence[str]) -> float:
        """The share (0 to 1) of the texts that are known."""
        filled = [text for text in texts if text.strip()]
        known = sum(
            not self.keys.isdisjoint((*_forms(text, self.book_words), *_forms(bare_heading(text), self.book_words)))
            or (_reading(text, self.book_words) or ("", ""))[0] != ""
            for text in filled
        )
        return known / len(filled) if filled else 0.0


def share_of_known(layouts: Iterable[Layout], words: BookWords) -> KnownShare:
    """The measure for these layouts."""
    layouts = list(layouts)
    return KnownShare(
        frozenset(key for layout in layouts for key in layout.known),
        frozenset(word for layout in layouts for word in _words_of(layout)),
        words,
    )


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What an unknown heading may mean: a target, the known word that it resembles, and how much (0 to 100)."""

    target: str
    word: str
    score: int


def suggestions(
    told: Fit, headings: Sequence[str], siblings: Sequence[Layout] = (), most: int = 3
) -> Mapping[str, tuple[Suggestion, ...]]:
    """What each unknown heading of a fit may mean, the likeliest first: words of other sources of the record, and
    near-misses.

    A field that another column feeds already is not proposed.
    """
    from rapidfuzz import fuzz  # loaded only where a table was not understood

    layout = told.layout
    fed = {target for heading in headings for target in layout.targets(heading)}
    words = _words_of(layout)
    for sibling in siblings:
        for word, targets in _words_of(sibling).items():
            words.setdefault(word, targets)
    found: dict[str, tuple[Suggestion, ...]] = {}
    for heading in told.unknown:
        said = layout.words.headings.undecorated(heading)
        best: dict[str, Suggestion] = {}
        for word, targets in words.items():
            key = heading_key(word)
            score = 100 if key == said else int(fuzz.ratio(said, key))
            if score < 100 and min(len(said), len(key)) >= 2 and (key in said or said in key):
                score = max(score, 75)
            for target in targets:
                if score >= _RESEMBLES and target not in fed and score > best.get(target, _NOTHING).score:
                    best[target] = Suggestion(target, word, score)
        found[heading] = tuple(sorted(best.values(), key=lambda each: -each.score)[:most])
    return found


_RESEMBLES = 60
_NOTHING = Suggestion("", "", 0)


def _words_of(layout: Layout) -> dict[str, tuple[str, ...]]:
    """Every word as people write it -> what it feeds."""
    words = {heading: layout.source.targets(heading) for heading in layout.source.columns}
    for name, field in layout.record.fields.items():
        for word in (field.label.zh, *field.synonyms):
            words.setdefault(word, (name,))
        for part, headings in field.parts.items():
            for word in headings:
                words.setdefault(word, (f"{name}.{part}",))
    return words
