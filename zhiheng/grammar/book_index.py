"""The book as people read it: the references between its chapters, values of the law in words, and search over what
each chapter puts into the index.
"""

from __future__ import annotations

import datetime as dt
from calendar import month_name
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Literal

from zhiheng.grammar.book import Book, BookHit
from zhiheng.grammar.chapters.calendars import CALENDAR, YEARS, CalendarYear
from zhiheng.grammar.chapters.district import DISTRICT, Unit
from zhiheng.grammar.chapters.glossary import GLOSSARY, Glossary
from zhiheng.grammar.chapters.indicators import INDICATORS
from zhiheng.grammar.chapters.law import DAY_OF_YEAR, LAW, LAW_TOPICS, LawTopic, topic_by_title, words_of_law
from zhiheng.grammar.chapters.records import RECORDS, RecordEntry
from zhiheng.grammar.chapters.texts import TEXTS, LegalText, TextRegister, plain_title
from zhiheng.grammar.registry import in_order_of_needs, registered
from zhiheng.grammar.types import Citation, Label
from zhiheng.kernel.days import UNITS, Calendar, Period
from zhiheng.kernel.law import MONEY, PERCENT, Law, LawKey, Parameter, Value

Freshness = Literal["checked", "old", "never"]
_NO_WORDS: Mapping[str, Label] = MappingProxyType({})
_MONTHS = 12


@dataclass(frozen=True)
class Library:
    """A book with all its chapters."""

    book: Book

    @property
    def topics(self) -> Mapping[str, LawTopic]:
        """The topics of the law."""
        return self.book[LAW_TOPICS]

    @property
    def law(self) -> Law:
        """Every dated parameter."""
        return self.book[LAW]

    @property
    def register(self) -> TextRegister:
        """The texts that the book cites."""
        return self.book[TEXTS]

    @cached_property
    def years(self) -> tuple[CalendarYear, ...]:
        """The years of the calendar, the newest first."""
        years = self.book[YEARS]
        return tuple(sorted(years, key=lambda page: page.year, reverse=True))

    @property
    def calendar(self) -> Calendar:
        """The working days of these years."""
        return self.book[CALENDAR]

    @property
    def glossary(self) -> Glossary:
        """The word table."""
        return self.book[GLOSSARY]

    @cached_property
    def _texts(self) -> Mapping[str, str]:
        return topic_by_title(self.topics, self.register.texts)

    def topic_of(self, citation: Citation) -> str:
        """The topic whose page has the text that is cited; empty where no page has it."""
        return self._texts.get(plain_title(citation.text), "")

    def texts_of(self, topic: str) -> tuple[tuple[str, LegalText], ...]:
        """The texts that a topic cites, in the order of their ids."""
        page = self.topics[topic]
        known = {**self.register.texts, **page.texts}
        return tuple((id, known[id]) for id in sorted(page.cited()))

    def senders(self, record: str) -> tuple[Unit, ...]:
        """The units that hand in a record."""
        return tuple(unit for unit in self.book[DISTRICT].units if record in unit.records)

    def indicators_of(self, record: str) -> tuple[str, ...]:
        """The indicators that are counted from a record."""
        return tuple(
            name
            for name, indicator in self.book[INDICATORS].items()
            if record in {m.record for m in indicator.measures()}
        )

    def records_published_by(self, topic: str) -> tuple[RecordEntry, ...]:
        """The records whose publication ends by a parameter of a topic."""
        return tuple(
            entry
            for entry in self.book[RECORDS].values()
            if LawKey.parse(entry.record.publication.until).topic == topic
        )

    def values(self, topic: str, parameter: str) -> tuple[Parameter, ...]:
        """Every value of a parameter, the newest first."""
        return tuple(reversed(self.law.values(topic, parameter)))

    def written(self, value: Parameter) -> Label:
        """A value of the law in the words of its page and of the word table."""
        return written_value(value.value, value.unit, words_of_law(self.book, value.topic))

    def stale_in(self, topic: str, today: dt.date) -> int:
        """The number of values of a topic that were not checked within a year, or never."""
        return sum(freshness(p.checked, today) != "checked" for p in self.law.rules() if p.topic == topic)

    @cached_property
    def _shelf(self) -> tuple[tuple[BookHit, str], ...]:
        return tuple(
            (hit, _folded(words))
            for chapter in registered()
            if chapter.index is not None
            for hit, words in chapter.index.entries(self.book)
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
    """The book as people turn its pages. Raises BookRefused with every mistake of the chapters that they look at."""
    book.read(*in_order_of_needs(chapter for chapter in registered() if chapter.index is not None), CALENDAR)
    return Library(book)


def index_groups() -> Mapping[str, Label]:
    """The groups of the index in their order, and what they are called."""
    return {chapter.index.name: chapter.index.label for chapter in registered() if chapter.index is not None}


def freshness(checked: dt.date | Literal["never"] | None, today: dt.date, months: int = _MONTHS) -> Freshness:
    """How recently a citation was checked: ``never``, longer ago than ``months`` (``old``), or ``checked``."""
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
