"""The examples of a book are tests: each is read as if it were a row of a delivery, and must give what it says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from zhiheng.engines.intake import Batch, Intake
from zhiheng.engines.recognise import Layout, recognise
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.calendars import CALENDAR, CALENDAR_EXAMPLES, CalendarExample
from zhiheng.grammar.chapters.calendars import EXAMPLES as CALENDAR_PAGE
from zhiheng.grammar.chapters.calendars import FOLDER as CALENDARS
from zhiheng.grammar.chapters.record_pages import AcceptedExample, RefusedExample
from zhiheng.grammar.chapters.records import EXAMPLES, RECORDS, RecordEntry
from zhiheng.grammar.yaml import read
from zhiheng.kernel.days import Calendar, due
from zhiheng.kernel.reasons import Refusal


def read_row(
    entry: RecordEntry, source: str, row: Mapping[str, str], *, delivered_on: dt.date | None = None
) -> Batch | Refusal:
    """What the record makes of a single row (heading -> text) in a source's layout, delivered on a day."""
    layout = recognise([Layout.of(entry.id, entry.record, source, entry.sources[source], entry.words)], list(row))
    if isinstance(layout, Refusal):
        return layout
    intake = Intake(layout, entry.types[source], list(row), delivered_on=delivered_on, row_cleaner=entry.clean)
    return intake.read([[text] for text in row.values()], [1])


def failure_of_accepted(entry: RecordEntry, example: AcceptedExample) -> str:
    """Why an example of an accepted row does not hold, or an empty text."""
    if example.source not in entry.sources:
        return f"没有来源“{example.source}” / there is no source {example.source!r}"
    batch = read_row(entry, example.source, example.row, delivered_on=example.delivered_on)
    if isinstance(batch, Refusal):
        return f"表头不符：{batch.zh} / {batch.en}"
    if batch.refused:
        return "被退回：" + "；".join(f"{r.field} {r.code} {r.zh}" for r in batch.refused[0].refusals)
    told = orjson.loads(batch.bodies[0])
    told |= {
        "occurred_on": batch.occurred_on[0],
        "valid_until": batch.valid_until[0],
        "outcome": batch.outcome[0],
        "area": batch.area[0],
        "severity": next((s for o, s in entry.record.severity.items() if o == batch.outcome[0]), None),
    }
    for name, wanted in example.gives.items():
        wanted = plain(wanted)
        if name == "parties":
            if trouble := _parties_differ(told.get("parties", []), wanted):
                return trouble
        elif told.get(name) != wanted and not _part_of(wanted, told.get(name)):
            return f"“{name}”得到 {told.get(name)!r}，应为 {wanted!r} / {name} gave {told.get(name)!r}, not {wanted!r}"
    flags = set(filter(None, batch.flags[0].split(",")))
    if flags != set(example.flags):
        return f"存疑标记为 {sorted(flags)}，应为 {sorted(example.flags)} / flags are {sorted(flags)}"
    return ""


def failure_of_refused(entry: RecordEntry, example: RefusedExample) -> str:
    """Why an example of a refused row does not hold, or an empty text."""
    if example.source not in entry.sources:
        return f"没有来源“{example.source}” / there is no source {example.source!r}"
    batch = read_row(entry, example.source, example.row, delivered_on=example.delivered_on)
    refusals = (batch,) if isinstance(batch, Refusal) else batch.refused[0].refusals if batch.refused else ()
    if not refusals:
        return "本应退回，却被接收 / it was accepted"
    if not any(r.code == example.reason and example.field in ("", r.field) for r in refusals):
        found = "、".join(f"{r.code}（{r.field}）" for r in refusals)
        return f"退回原因是 {found}，应为 {example.reason}（{example.field}） / refused for {found}"
    return ""


def failures(book: Book) -> Iterator[str]:
    """Every example of the book's records that does not hold, with its file, line, record and name."""
    for entry in book[RECORDS].values():
        page = entry.folder / EXAMPLES
        for number, example in enumerate(entry.examples.accepted):
            if trouble := failure_of_accepted(entry, example):
                yield f"{place_of(page, book, 'accepted', number)}{entry.id}「{example.name}」：{trouble}"
        for number, refused in enumerate(entry.examples.refused):
            if trouble := failure_of_refused(entry, refused):
                yield f"{place_of(page, book, 'refused', number)}{entry.id}「{refused.name}」：{trouble}"


def failure_of_calendar(example: CalendarExample, calendar: Calendar) -> str:
    """Why a golden case of counting days does not hold, or an empty text."""
    paused = [pause.suspension() for pause in example.suspended]
    found = due(example.start, example.period, calendar, rolls=example.rolls, suspended=paused)
    last = found.moment or found.day
    if last != example.due:
        return f"到期 {last}，应为 {example.due} / it is due {last}, not {example.due}"
    if found.provisional != example.provisional:
        return (
            f"日期{'可能变动' if found.provisional else '已定'}，与样例不符 / the day is "
            f"{'provisional' if found.provisional else 'settled'}, which the example denies"
        )
    return ""


def calendar_failures(book: Book) -> Iterator[str]:
    """Every golden case of counting days that does not hold, with its file, line and name."""
    page = book.root / CALENDARS / CALENDAR_PAGE
    for number, example in enumerate(book[CALENDAR_EXAMPLES]):
        if trouble := failure_of_calendar(example, book[CALENDAR]):
            yield f"{place_of(page, book, 'examples', number)}「{example.case}」：{trouble}"


def place_of(page: Path, book: Book, *where: str | int) -> str:
    """``records/market/lift/examples.yaml:12 accepted.0: ``: where an example stands, for the head of a message."""
    return read(page, root=book.root).error(where, "", "").place


def plain(value: Any) -> Any:
    """What YAML gave, as the values of a fact: days as texts."""
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if isinstance(value, Mapping):
        return {k: plain(v) for k, v in value.items()}
    return value if value is None or isinstance(value, bool | int | str) else str(value)


def _part_of(wanted: Any, told: Any) -> bool:
    """An object is compared by the keys that the example gives."""
    if isinstance(wanted, dict) and isinstance(told, dict):
        return all(k in told and (told[k] == v or _part_of(v, told[k])) for k, v in wanted.items())
    return False


def _parties_differ(told: list[dict[str, Any]], wanted: list[dict[str, Any]]) -> str:
    if len(told) != len(wanted):
        return f"得到 {len(told)} 个当事方，应为 {len(wanted)} 个：{told} / {len(told)} parties, not {len(wanted)}"
    left = list(told)
    for party in wanted:
        match = next((p for p in left if _part_of(party, p)), None)
        if match is None:
            return f"没有当事方 {party}，得到 {told} / no such party among {told}"
        left.remove(match)
    return ""
