"""Entries as the pages of the portal show them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from zhiheng.engines.naming import ROLES
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.pages.access import book
from zhiheng.pages.words import label, say
from zhiheng.portal import names
from zhiheng.published import (
    entry_text,
    reading,
)
from zhiheng.published.models import Contested, PublishedEnterprise, PublishedEntry


@dataclass(frozen=True, slots=True)
class EntryRow:
    """An entry in a list."""

    public_id: str
    title: str
    list: str
    kind: str
    outcome: str
    outcome_word: str
    quality: str
    occurred_on: dt.date
    until: str
    area: str
    cells: Sequence[tuple[str, str]]
    enterprises: Sequence[tuple[str, PublishedEnterprise]]
    contested: str


def rows(entries: Sequence[PublishedEntry], own: str = "") -> list[EntryRow]:
    """Entries as lines of a list: title, and what of the list's columns the title, the day and the enterprises leave
    unsaid.

    ``own`` is the enterprise on whose file they stand: its name is said once, on top of the page.
    """
    language = names.side()
    made = []
    for entry in entries:
        enterprises = _concerned(entry)
        known = book()[RECORDS].get(entry.record)
        decides = known.record.outcome.field if known and known.record.outcome else ""
        word = outcome(entry)
        title = _headline(entry, word, own, [each.name for _, each in enterprises])
        told = {each.name for _, each in enterprises} | {own, word, *_day(entry.occurred_on)}
        cells = []
        for column, kept in zip(entry.form.columns, orjson.loads(entry.values), strict=True):
            if kept is None or not (column["listed"] or column["target"] == decides):
                continue
            text, _ = entry_text.text_of(kept, language)
            if text and column["listed"] and text not in told and text not in title:
                cells.append((column[language], text))
        until = say("公示至 {day}", "until {day}", day=entry.show_until) if entry.show_until else ""
        made.append(
            EntryRow(
                entry.public_id,
                title,
                entry.list,
                label(entry.form.label),
                entry.outcome,
                word,
                entry.quality,
                entry.occurred_on,
                until,
                names.area(entry.area),
                cells,
                enterprises,
                objection(entry)["word"],
            )
        )
    return made


def outcome(entry: PublishedEntry) -> str:
    """What came out of it, in the words of the record: 合格, 罚款, 有效, 已报."""
    word = entry_text.outcome_of(entry.outcome, entry.form.columns, entry.values, book()[RECORDS].get(entry.record))
    return label(word) if word is not None else ""


def _concerned(entry: PublishedEntry) -> list[tuple[str, PublishedEnterprise]]:
    """The enterprises of an entry, each once: maker and seller may be one, then both parts are said of it."""
    parts: dict[int, tuple[list[str], PublishedEnterprise]] = {}
    for part, each in getattr(entry, "enterprises", []):
        said = parts.setdefault(each.pk, ([], each))[0]
        if (word := role(entry, part)) not in said:
            said.append(word)
    return [(say("、", ", ").join(said), each) for said, each in parts.values()]


def _headline(entry: PublishedEntry, word: str, own: str, concerned: Sequence[str]) -> str:
    """The title without what stands beside it: the outcome as a badge, the enterprises in the line beneath."""
    whole = left = title(entry)
    for said in (f"：{word}", f": {word}", f", {word}", f"（{word}）", f" ({word})") if word else ():
        left = left.replace(said, "")
    for name in filter(None, (own, *concerned)):
        for said in (f"（{name}）", f" ({name})"):
            left = left.replace(said, "") or left
    for said in (f"{own}：", f"{own}: ") if own else ():
        left = left.replace(said, "") or left
    if left in (word, "") or (left != whole and left in (own, *concerned)):
        return _kind(entry) or whole
    return left


def _kind(entry: PublishedEntry) -> str:
    """What kind of matter it is (日常检查); where its record tells no kinds, what the record is called."""
    rule = names.chapter().rules.get(entry.record)
    known = book()[RECORDS].get(entry.record)
    decides = known.record.outcome.field if known and known.record.outcome else ""
    if rule is not None and rule.kind is not None and rule.kind != decides and known is not None:
        said = dict(names.choices(entry.record, rule.kind)).get(entry.kind, "")
        if said:
            return said
    return label(entry.form.label)


def role(entry: PublishedEntry, part: str) -> str:
    """What the record calls the part of an enterprise (标称生产企业, 被抽样单位), or what the part is called in
    general.
    """
    known = book()[RECORDS].get(entry.record)
    for target, kind in next(iter(known.types.values())).items() if known is not None else ():
        if getattr(kind, "role", "") == part:
            for column in entry.form.columns:
                if column["target"] == target:
                    return str(column[names.side()])
    return label(ROLES[part]) if part in ROLES else part


def objection(entry: PublishedEntry) -> dict[str, str]:
    """What the reader is told where an enterprise objects: a word and a sentence of the book; empty where nobody
    does.
    """
    state, words = reading.contested(entry), names.chapter().portal.contested
    if not state or words is None:
        return {"word": "", "says": ""}
    if state == Contested.State.UPHELD:
        return {"word": label(words.upheld), "says": label(words.upheld_says)}
    return {"word": label(words.open), "says": label(words.open_says)}


def _day(day: dt.date) -> tuple[str, str]:
    """The day as a field of type day says it."""
    return f"{day.year}年{day.month}月{day.day}日", day.isoformat()


def title(entry: PublishedEntry) -> str:
    """The title in the language of the page."""
    return str(entry.title_zh if names.side() == "zh" else entry.title_en)
