"""Entries as the pages of the portal show them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from zhiheng.pages.doors import book
from zhiheng.pages.words import label, say
from zhiheng.portal import names
from zhiheng.published import reading, showing
from zhiheng.published.models import PublishedEntry


@dataclass(frozen=True, slots=True)
class Row:
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
    cells: list[tuple[str, str]]
    enterprises: list[tuple[str, Any]]
    contested: str


def rows(entries: Sequence[PublishedEntry], own: str = "") -> list[Row]:
    """Entries as lines of a list: title, and what of the list's columns the title, the day and the enterprises leave unsaid.

    ``own`` is the enterprise on whose file they stand: its name is said once, on top of the page.
    """
    language = names.side()
    records = book().records
    made = []
    for entry in entries:
        # Maker and seller may be one: its name is said once.
        enterprises = list({each.pk: (role, each) for role, each in getattr(entry, "enterprises", [])}.values())
        title = entry.title_zh if language == "zh" else entry.title_en
        known = records.get(entry.record)
        decides = known.record.outcome.field if known and known.record.outcome else ""
        told = {each.name for _, each in enterprises} | {own, *_day(entry.occurred_on)}
        cells, word = [], ""
        for column, kept in zip(entry.form.columns, orjson.loads(entry.values), strict=True):
            if kept is None or not (column["listed"] or column["target"] == decides):
                continue
            text, _ = showing.text_of(kept, language)
            if column["target"] == decides:
                word = text
                if entry.outcome in ("pass", "fail"):
                    # It stands beside the title.
                    continue
            if text and column["listed"] and text not in told and text not in title:
                cells.append((column[language], text))
        for pattern in (f"（{own}）", f"{own}：", f" ({own})", f"{own}: ") if own else ():
            title = title.replace(pattern, "")
        until = say("公示至 {day}", "until {day}", day=entry.show_until) if entry.show_until else ""
        made.append(Row(
            entry.public_id, title, entry.list, label(entry.form.label), entry.outcome, word or _general(entry), entry.quality,
            entry.occurred_on, until, names.area(entry.area), cells, enterprises,
            objection(entry)["word"],
        ))  # fmt: skip
    return made


def objection(entry: PublishedEntry) -> dict[str, str]:
    """What the reader is told where an enterprise objects: a word and a sentence of the book; empty where nobody does."""
    state, words = reading.contested(entry), names.chapter().portal.contested
    if not state or words is None:
        return {"word": "", "says": ""}
    if state == "upheld":
        return {"word": label(words.upheld), "says": label(words.upheld_says)}
    return {"word": label(words.open), "says": label(words.open_says)}


def _day(day: dt.date) -> tuple[str, str]:
    """The day as a field of type day says it."""
    return f"{day.year}年{day.month}月{day.day}日", day.isoformat()


def _general(entry: PublishedEntry) -> str:
    return label(names.OUTCOMES[entry.outcome]) if entry.outcome in names.OUTCOMES else ""


def title(entry: PublishedEntry) -> str:
    """The title in the language of the page."""
    return str(entry.title_zh if names.side() == "zh" else entry.title_en)
