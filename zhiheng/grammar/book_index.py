"""The book as people read it: the chapters that records and indicators refer to, the references between them, and
search.

The loader reads what receiving needs; law, calendars and the word table are read here, once, for whoever turns the
pages.
"""

from __future__ import annotations

import datetime as dt
from calendar import month_name
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Literal

from zhiheng.grammar.chapters import district
from zhiheng.grammar.chapters.calendars import EXAMPLES, CalendarYear, load_calendar
from zhiheng.grammar.chapters.glossary import Glossary, load_glossary
from zhiheng.grammar.chapters.law import DAY_OF_YEAR, LawTopic, load_topics
from zhiheng.grammar.chapters.texts import LegalText, TextRegister, plain_title
from zhiheng.grammar.loader import Book, RecordEntry
from zhiheng.grammar.types import Citation, Label
from zhiheng.grammar.yaml import validated
from zhiheng.kernel.days import UNITS, Calendar, Period
from zhiheng.kernel.law import MONEY, PERCENT, Law, LawKey, Parameter, Value

Chapter = Literal["record", "law", "indicator", "role", "term"]
Freshness = Literal["checked", "old", "never"]
_NO_WORDS: Mapping[str, Label] = MappingProxyType({})
_MONTHS = 12


@dataclass(frozen=True)
class BookHit:
    """A page of the book that answers a search: the chapter, its name there, what it is called, and where the words
    stand.
    """

    chapter: Chapter
    name: str
    label: Label
    place: str = ""
    note: Label | None = None


@dataclass(frozen=True)
class Library:
    """A book with all its chapters."""

    book: Book
    topics: Mapping[str, LawTopic]
    law: Law
    register: TextRegister
    years: tuple[CalendarYear, ...]
    calendar: Calendar
    glossary: Glossary
    _texts: Mapping[str, str] = field(repr=False, default_factory=dict)

    def topic_of(self, citation: Citation) -> str:
        """The topic whose page has the text that is cited; empty where no page has it."""
        return self._texts.get(plain_title(citation.text), "")

    def texts_of(self, topic: str) -> tuple[tuple[str, LegalText], ...]:
        """The texts that a topic cites, in the order of their ids."""
        page = self.topics[topic]
        known = {**self.register.texts, **page.texts}
        return tuple((id, known[id]) for id in sorted(page.cited()))

    def senders(self, record: str) -> tuple[district.Unit, ...]:
        """The units that hand in a record."""
        return tuple(unit for unit in self.book.district.units if record in unit.records)

    def indicators_of(self, record: str) -> tuple[str, ...]:
        """The indicators that are counted from a record."""
        return tuple(
            name
            for name, indicator in self.book.indicators.items()
            if record in {m.record for m in indicator.measures()}
        )

    def records_published_by(self, topic: str) -> tuple[RecordEntry, ...]:
        """The records whose publication ends by a parameter of a topic."""
        return tuple(
            entry for entry in self.book.records.values() if LawKey.parse(entry.record.publication.until).topic == topic
        )

    def values(self, topic: str, parameter: str) -> tuple[Parameter, ...]:
        """Every value of a parameter, the newest first."""
        return tuple(reversed(self.law.values(topic, parameter)))

    @cached_property
    def words(self) -> Mapping[str, Label]:
        """What identifiers of the word table are called."""
        return MappingProxyType({term.id: Label(zh=term.zh, en=term.en) for term in self.glossary.terms})

    def written(self, value: Parameter) -> Label:
        """A value of the law in the words of its page and of the word table."""
        return written_value(value.value, value.unit, {**self.words, **self.topics[value.topic].words})

    def stale_in(self, topic: str, today: dt.date) -> int:
        """How many values of a topic nobody has checked, or not for a year."""
        return sum(freshness(p.checked, today) != "checked" for p in self.law.rules() if p.topic == topic)

    @cached_property
    def _shelf(self) -> tuple[tuple[BookHit, str], ...]:
        return tuple(self._entries())

    def _entries(self) -> Iterator[tuple[BookHit, str]]:
        for entry in self.book.records.values():
            record = entry.record
            fields = [f"{f.label.zh} {f.label.en} {' '.join(f.synonyms)}" for f in record.fields.values()]
            laws = [f"{c.text} {c.article}" for c in record.law]
            yield (
                BookHit("record", entry.id, record.label, note=Label(zh="记录类型", en="record type")),
                _folded(entry.id, *fields, *laws),
            )
        for name, topic in self.topics.items():
            texts = [
                f"{' '.join(text.titles())} {text.en} {' '.join(e.order for e in text.editions)}"
                for _, text in self.texts_of(name)
            ]
            yield BookHit("law", name, topic.label, note=Label(zh="法规专题", en="topic of law")), _folded(name, *texts)
            for key, parameter in topic.parameters.items():
                articles = [f"{value.article} {value.text}" for value in parameter.values]
                yield (
                    BookHit("law", name, parameter.label, place=key, note=topic.label),
                    _folded(key, topic.label.zh, topic.label.en, *articles),
                )
        for id, text in self.register.texts.items():
            topic_name = self._texts.get(plain_title(text.zh), "")
            yield (
                BookHit(
                    "law",
                    topic_name,
                    Label(zh=text.zh, en=text.en),
                    place=f"text-{id}",
                    note=Label(zh="法规文件", en="text"),
                ),
                _folded(plain_title(text.zh), *text.titles(), *(edition.order for edition in text.editions)),
            )
        for name, indicator in self.book.indicators.items():
            words = [indicator.plan, indicator.note]
            said = [f"{label.zh} {label.en}" for label in words if label is not None]
            yield (
                BookHit("indicator", name, indicator.label, note=Label(zh="指标", en="indicator")),
                _folded(name, *said, *(f"{c.text} {c.article}" for c in indicator.law), *indicator.systems),
            )
        for name, role in self.book.roles.items():
            yield (
                BookHit("role", name, role.label, note=Label(zh="角色", en="role")),
                _folded(name, role.held_by.zh, role.held_by.en),
            )
        for term in self.glossary.terms:
            yield (
                BookHit("term", term.id, Label(zh=term.zh, en=term.en), note=Label(zh="术语", en="term")),
                _folded(term.id, term.law, term.note, *term.not_),
            )

    def search(self, text: str, *, limit: int = 60) -> tuple[BookHit, ...]:
        """Pages that have all the words, those first whose own name has them; an empty search finds nothing."""
        words = _folded(text).split()
        if not words:
            return ()
        whole = " ".join(words)
        ranked = []
        for number, (found, rest) in enumerate(self._shelf):
            name = _folded(found.label.zh, found.label.en)
            if not all(word in name or word in rest for word in words):
                # 食品抽检 means 食品安全监督抽检: the characters of a short name stand in the full one, in this order.
                if all(word in name or abbreviates(word, found.label.zh) for word in words):
                    ranked.append((4, number, found))
                continue
            parts = (_folded(found.label.zh), _folded(plain_title(found.label.zh)), _folded(found.label.en), found.name)
            rank = (
                0
                if whole in parts
                else 1
                if any(p.startswith(whole) for p in parts)
                else 2
                if all(w in name for w in words)
                else 3
            )
            ranked.append((rank, number, found))
        return tuple(found for _, _, found in sorted(ranked, key=lambda r: r[:2])[:limit])


def library(book: Book) -> Library:
    """The book with its further chapters. Raises BookRefused with every mistake of theirs."""
    root = book.root
    topics, register = load_topics(root / "law", root=root)
    law = Law(value for topic in topics.values() for value in topic.values(register.texts))
    texts = {
        plain_title(title): name
        for name, topic in reversed(topics.items())
        for id in sorted(topic.cited())
        for title in {**register.texts, **topic.texts}[id].titles()
    }
    years = tuple(
        validated(CalendarYear, path, root=root)
        for path in sorted((root / "calendars").glob("*.yaml"), reverse=True)
        if path.name != EXAMPLES
    )
    return Library(
        book,
        MappingProxyType(topics),
        law,
        register,
        years,
        load_calendar(root / "calendars", root=root),
        load_glossary(root / "glossary.yaml", root=root),
        MappingProxyType(texts),
    )


def freshness(checked: dt.date | Literal["never"] | None, today: dt.date, months: int = _MONTHS) -> Freshness:
    """Whether somebody has looked a citation up lately: ``never``, or longer ago than ``months`` (``old``), or
    ``checked``.
    """
    if checked is None or checked == "never":
        return "never"
    age = (today.year - checked.year) * 12 + today.month - checked.month - (today.day < checked.day)
    return "old" if age >= months else "checked"


# What is counted where the unit is no period, share or amount: the measure word follows the number.
_COUNTED: Mapping[str, tuple[str, str, str]] = {
    "person": ("人", "person", "persons"),
    "point": ("分", "point", "points"),
    "time": ("次", "time", "times"),
    "minute": ("分钟", "minute", "minutes"),
    "letter": ("封", "letter", "letters"),
    "season": ("个季", "season", "seasons"),
    "winner": ("名", "winner", "winners"),
    "indicator": ("项指标", "indicator", "indicators"),
    "industry": ("个行业", "industry", "industries"),
    "day": ("日", "day", "days"),
    "size": ("", "", ""),
    "weight": ("", "", ""),
}


def written_value(value: Value, unit: str, words: Mapping[str, Label] = _NO_WORDS) -> Label:
    """A value of the law as people read it: 15个工作日, 30%, 50,000元; a table row by row, a list one after the other.

    ``words`` says how identifiers of the book are called (``public_holiday``); one that it does not know stays as it is
    written.
    """
    if isinstance(value, Mapping):
        rows = [(_word(row, words), written_value(each, unit, words)) for row, each in value.items()]
        return Label(
            zh="；".join(f"{row.zh}：{label.zh}" for row, label in rows),
            en="; ".join(f"{row.en}: {label.en}" for row, label in rows),
        )
    if isinstance(value, tuple):
        several = [written_value(each, unit, words) for each in value]
        return Label(zh="、".join(label.zh for label in several), en=", ".join(label.en for label in several))
    if isinstance(value, str):
        return _word(value, words)
    if isinstance(value, int) and unit in UNITS:
        period = Period(value, unit)
        return Label(zh=period.show("zh"), en=period.show("en"))
    number = f"{value:,}"
    if unit == PERCENT:
        return Label(zh=f"{number}%", en=f"{number}%")
    if unit == MONEY:
        return Label(zh=f"{number}元", en=f"{number} yuan")
    zh, one, many = _COUNTED.get(unit, ("", "", ""))
    return Label(zh=f"{number}{zh}", en=f"{number} {one if value == 1 else many}".strip())


def _word(text: str, words: Mapping[str, Label]) -> Label:
    if DAY_OF_YEAR.fullmatch(text):
        month, day = map(int, text.split("-"))
        return Label(zh=f"{month}月{day}日", en=f"{day} {month_name[month]}")
    return words.get(text) or Label(zh=text, en=text.replace("_", " "))


def abbreviates(short: str, full: str) -> bool:
    """Whether a short Chinese name (three characters or more) stands in a full one, its characters in this order."""
    rest = iter(full)
    return len(short) >= 3 and not short.isascii() and all(sign in rest for sign in short)


def _folded(*texts: str) -> str:
    return " ".join(" ".join(texts).casefold().replace("_", " ").split())
