"""Bulk files of what is published: CSV, JSON and Parquet of each record type, a JSON Schema, and the list of what was
taken down.

Everything is streamed: a list may have millions of entries. Nothing is read here but the published tables.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
from django.db.models import Q
from django.utils import timezone

from zhiheng.kernel.formulas import as_text
from zhiheng.published.entry_text import text_of
from zhiheng.published.models import Form, PublishedEntry, PublishedParty, Withdrawal
from zhiheng.published.reading import contested, with_forms

FORMATS = ("csv", "json", "parquet", "schema.json")
TAKEN_DOWN = "taken_down"
# Bound parameters of one statement; SQLite takes no more than a thousand everywhere.
_STEP = 900
# What every entry has, before the fields of its record: column -> (JSON type, 中文, English).
COMMON: Mapping[str, tuple[str, str, str]] = {
    "id": ("string", "公示编号", "Public id"),
    "list": ("string", "栏目", "List"),
    "record": ("string", "信息种类", "Kind of record"),
    "title": ("string", "标题", "Title"),
    "enterprises": ("array", "企业", "Enterprises"),
    "outcome": ("string", "结论", "Outcome"),
    "area": ("string", "区划代码", "Area code"),
    "source": ("string", "来源单位", "Source"),
    "occurred_on": ("date", "发生日期", "Day of the event"),
    "published_on": ("date", "公示日期", "Published on"),
    "show_until": ("date", "公示至", "Shown until"),
    "objection": ("string", "异议", "Objection: open, upheld or empty"),
}
_DAYS = frozenset(name for name, (kind, _, _) in COMMON.items() if kind == "date")


@dataclass(frozen=True)
class Written:
    """A file that was written, before it is handed out."""

    format: str
    path: Path
    digest: str
    size: int
    rows: int
    good_through: dt.date | None


@dataclass(frozen=True)
class Field:
    """A field of a record in the files."""

    name: str
    zh: str
    en: str


class _Hashed(io.RawIOBase):
    """A file that is written once and knows its digest."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.file: BinaryIO = path.open("wb")
        self.digest = hashlib.sha256()
        self.size = 0

    def writable(self) -> bool:
        """Written, never read."""
        return True

    def write(self, data: Any) -> int:
        """Append bytes."""
        self.file.write(data)
        self.digest.update(data)
        self.size += len(data)
        return len(data)

    def finish(self) -> None:
        """Make sure that it is on the disk. (Not ``close``, which a writer of Parquet calls when it is done.)"""
        self.file.flush()
        os.fsync(self.file.fileno())
        self.file.close()


def fields_of(record: str) -> list[Field]:
    """The fields of a record as published, of all its editions, in the order in which they came up."""
    found: dict[str, Field] = {}
    for columns in Form.objects.filter(record=record).order_by("digest").values_list("columns", flat=True):
        for column in columns:
            found.setdefault(column["target"], Field(_name(column["target"]), column["zh"], column["en"]))
    return list(found.values())


def _name(target: str) -> str:
    """A field's name in the files; one that is called like a common column says that the row itself states it."""
    name = target.replace(".", "_")
    return f"stated_{name}" if name in COMMON else name


def entries_of(record: str, today: dt.date) -> Iterator[list[dict[str, Any]]]:
    """What is shown of a record, in steps: common columns and ``fields`` (name -> text)."""
    # The lists it ever stood in: an index leads from a list to its entries, none from a record.
    lists = sorted(set(Form.objects.filter(record=record).values_list("list", flat=True)))
    shown = (
        PublishedEntry.objects.filter(
            Q(show_until__isnull=True) | Q(show_until__gte=today),
            list__in=lists,
            record=record,
            state=PublishedEntry.State.SHOWN,
        )
        .select_related("contested")
        .defer("basis_zh", "basis_en", "law_digest", "notice", "title_en")
    )
    after = 0
    while entries := list(shown.filter(pk__gt=after).order_by("pk")[:_STEP]):
        after = entries[-1].pk
        with_forms(entries)
        parties: dict[int, list[dict[str, str]]] = {}
        rows = (
            PublishedParty.objects.filter(entry__in=[each.pk for each in entries])
            .order_by("pk")
            .values_list("entry", "role", "enterprise__public_id", "enterprise__name", "enterprise__code")
        )
        for entry, role, public_id, name, code in rows:
            parties.setdefault(entry, []).append({"role": role, "id": public_id, "name": name, "code": code})
        yield [_entry(entry, parties.get(entry.pk, [])) for entry in entries]


def _entry(entry: PublishedEntry, parties: list[dict[str, str]]) -> dict[str, Any]:
    told = {}
    for column, kept in zip(entry.form.columns, orjson.loads(entry.values), strict=True):
        if kept is not None:
            told[_name(column["target"])] = text_of(kept, "zh")[0]
    return {
        "id": entry.public_id,
        "list": entry.list,
        "record": entry.record,
        "title": entry.title_zh,
        "enterprises": parties,
        "outcome": entry.outcome,
        "area": entry.area,
        "source": entry.unit,
        "occurred_on": entry.occurred_on,
        "published_on": timezone.localtime(entry.published_at).date(),
        "show_until": entry.show_until,
        "objection": contested(entry),
        "fields": told,
    }


def write(record: str, folder: Path, *, today: dt.date, head: Mapping[str, Any]) -> list[Written]:
    """All files of a record in a folder; ``head`` opens the JSON document (licence, updated, source)."""
    fields = fields_of(record)
    columns = [*COMMON, *(field.name for field in fields)]
    table, document, parquet = (_Hashed(folder / f"{record}.{ending}") for ending in ("csv", "json", "parquet"))
    schema = pa.schema([(name, pa.date32() if name in _DAYS else pa.string()) for name in columns])
    # Spreadsheets take UTF-8 for a local encoding unless a mark at the beginning says otherwise.
    table.write("\ufeff".encode())
    table.write(_line(columns))
    document.write(orjson.dumps({**head, "record": record})[:-1] + b',"entries":[')
    rows, good = 0, None
    named = schema.with_metadata({"zhiheng": orjson.dumps(dict(head))})
    with pq.ParquetWriter(pa.PythonFile(parquet, mode="w"), named, compression="zstd") as columnar:
        for some in entries_of(record, today):
            flat = [_flat(entry, fields) for entry in some]
            table.write(_lines([["" if value is None else str(value) for value in line] for line in flat]))
            document.write((b"," if rows else b"") + b",".join(map(orjson.dumps, some)))
            columnar.write_table(
                pa.table(
                    [pa.array(c, type=f.type) for c, f in zip(zip(*flat, strict=True), schema, strict=True)],
                    schema=named,
                )
            )
            rows += len(some)
            good = min([day for day in (good, *(entry["show_until"] for entry in some)) if day], default=None)
    document.write(b"]}\n")
    described = _Hashed(folder / f"{record}.schema.json")
    # The table has no place of its own for it: the file that describes its columns says which log was in force.
    beside = {"public_log": head["public_log"]} if "public_log" in head else {}
    described.write(orjson.dumps(schema_of(record, fields) | beside, option=orjson.OPT_INDENT_2) + b"\n")
    written = []
    for ending, file in (("csv", table), ("json", document), ("parquet", parquet), ("schema.json", described)):
        file.finish()
        written.append(Written(ending, file.path, file.digest.hexdigest(), file.size, rows, good))
    return written


def write_taken_down(folder: Path, *, head: Mapping[str, Any]) -> list[Written]:
    """Write everything that was taken down (public id, list, when, why), so that holders of copies can remove it
    too.
    """
    table, document = _Hashed(folder / f"{TAKEN_DOWN}.csv"), _Hashed(folder / f"{TAKEN_DOWN}.json")
    columns = ("id", "list", "taken_down_at", "cause", "successor")
    table.write("\ufeff".encode() + _line(columns))
    document.write(orjson.dumps(dict(head))[:-1] + b',"entries":[')
    rows, after = 0, 0
    while some := list(
        Withdrawal.objects.filter(pk__gt=after)
        .order_by("pk")
        .values_list("pk", "public_id", "list", "at", "cause", "successor")[:_STEP]
    ):
        after = some[-1][0]
        told = [(row[1], row[2], row[3].isoformat(), row[4], row[5]) for row in some]
        for row in told:
            table.write(_line(row))
        document.write(
            (b"," if rows else b"") + b",".join(orjson.dumps(dict(zip(columns, row, strict=True))) for row in told)
        )
        rows += len(some)
    document.write(b"]}\n")
    written = []
    for ending, file in (("csv", table), ("json", document)):
        file.finish()
        written.append(Written(ending, file.path, file.digest.hexdigest(), file.size, rows, None))
    return written


def schema_of(record: str, fields: Sequence[Field]) -> dict[str, Any]:
    """JSON Schema of an entry in the JSON document."""

    def described(kind: str, zh: str, en: str) -> dict[str, Any]:
        types: dict[str, dict[str, Any]] = {
            "string": {"type": "string"},
            "date": {"type": ["string", "null"], "format": "date"},
            "array": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {name: {"type": "string"} for name in ("role", "id", "name", "code")},
                },
            },
        }
        return {"title": zh, "description": en, **types[kind]}

    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": record,
        "type": "object",
        "required": ["entries"],
        "properties": {
            "entries": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": [*COMMON, "fields"],
                    "properties": {
                        **{name: described(*words) for name, words in COMMON.items()},
                        "fields": {
                            "type": "object",
                            "additionalProperties": False,
                            "properties": {field.name: described("string", field.zh, field.en) for field in fields},
                        },
                    },
                },
            }
        },
    }


def _flat(entry: Mapping[str, Any], fields: Sequence[Field]) -> list[Any]:
    common = [
        "；".join(f"{p['name']}（{p['code']}）" if p["code"] else p["name"] for p in entry[name])
        if name == "enterprises"
        else entry[name]
        for name in COMMON
    ]
    return [*common, *(entry["fields"].get(field.name) for field in fields)]


def _line(cells: Sequence[str]) -> bytes:
    """A row of CSV."""
    return _lines([cells])


def _lines(rows: Sequence[Sequence[str]]) -> bytes:
    """Rows of CSV; a cell that a spreadsheet would take for a formula is marked as text."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([list(map(as_text, cells)) for cells in rows])
    return out.getvalue().encode()
