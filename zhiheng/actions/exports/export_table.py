"""Export a table that is shown on a page: require a purpose, mask secret columns, mark every copy with actor, time and
purpose, and write the trail.

Every list of every door is exported here. The rows handed in are already narrowed to what the actor may see; whether
the actor may take them away is checked here.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Literal

import xlsxwriter

from zhiheng.actions import audit
from zhiheng.actions.exports import refusals
from zhiheng.grammar.call import Call
from zhiheng.grammar.types import Label
from zhiheng.kernel.actor import Actor
from zhiheng.kernel.formulas import as_text
from zhiheng.kernel.masking import MASK
from zhiheng.kernel.media_types import MEDIA_TYPES
from zhiheng.kernel.reasons import Refused
from zhiheng.people import access

Format = Literal["csv", "xlsx"]
Language = Literal["zh", "en"]
Cell = str | int | Decimal | dt.date | None

MOST_ROWS = 200_000
LEAST_PURPOSE, MOST_PURPOSE = 4, 200
_MAX_CELL = 32_767


@dataclass(frozen=True)
class ExportColumn:
    """A column of an export; a ``secret`` one is masked unless it is unmasked by name."""

    name: str
    label: Label
    secret: bool = False


@dataclass(frozen=True)
class ExportTable:
    """What is exported: a title, where it comes from in a sentence or two, columns and rows. ``about`` is what the
    trail says.
    """

    title: Label
    about: str
    columns: Sequence[ExportColumn]
    rows: Iterable[Sequence[Cell]]
    notes: Sequence[Label] = ()


@dataclass(frozen=True)
class Export:
    """A file to hand over. ``number`` stands in its watermark and in the trail, ``digest`` is its SHA-256."""

    number: str
    name: str
    content: bytes
    content_type: str
    rows: int
    masked: tuple[str, ...]
    digest: str


def make_export(
    table: ExportTable,
    *,
    purpose: str,
    format: Format,
    call: Call,
    area: str | Collection[str] = "",
    unit: str = "",
    unmasked: Collection[str] = (),
    language: Language = "zh",
) -> Export:
    """Write a table as a file, noted in the trail before it is handed over.

    Args:
        purpose: what the file is for, in words.
        area, unit: what the table is of, for the check of access.
        unmasked: secret columns shown as they are, for which the actor must be allowed to read secret values.
        language: of headings and words.

    Returns:
        The file.

    Raises:
        Refused: without a purpose, for too many rows, and where the actor may not.
    """
    access.require(call, "export.make", area=area, unit=unit)
    secret = {column.name for column in table.columns if column.secret}
    if shown := secret & set(unmasked):
        access.require(call, "fact.read_secret", area=area, unit=unit)
    purpose = " ".join(purpose.split())
    if not LEAST_PURPOSE <= len(purpose) <= MOST_PURPOSE:
        raise Refused(refusals.export_needs_purpose(LEAST_PURPOSE, most=MOST_PURPOSE))
    masked = tuple(column.name for column in table.columns if column.name in secret - shown)
    hidden = [column.name in masked for column in table.columns]
    rows: list[list[Cell]] = []
    for row in table.rows:
        if len(rows) == MOST_ROWS:
            raise Refused(refusals.too_many_rows(MOST_ROWS))
        rows.append([MASK if hide and cell else cell for cell, hide in zip(row, hidden, strict=True)])
    number = secrets.token_hex(6)
    marks = _marks(table, call.actor, purpose, call.now, number, masked, language)
    content = _workbook(table, rows, marks, language) if format == "xlsx" else _text(table, rows, marks, language)
    digest = sha256(content).hexdigest()
    audit.write(
        call,
        "export.make",
        table.about,
        purpose=purpose,
        detail={
            "number": number,
            "format": format,
            "rows": len(rows),
            "columns": [column.name for column in table.columns],
            "masked": list(masked),
            "unmasked": sorted(shown),
            "sha256": digest,
        },
    )
    name = f"{_said(table.title, language)}_{call.now:%Y%m%d_%H%M}_{number}.{format}"
    return Export(number, _file_name(name), content, MEDIA_TYPES[format], len(rows), masked, digest)


def _marks(
    table: ExportTable,
    actor: Actor,
    purpose: str,
    now: dt.datetime,
    number: str,
    masked: Sequence[str],
    language: Language,
) -> list[tuple[str, str]]:
    """The watermark: pairs of a heading and what it says."""
    zh = language == "zh"
    labels = {column.name: _said(column.label, language) for column in table.columns}
    who = f"{actor.name}（{actor}）" if zh else f"{actor.name} ({actor})"
    marks = [
        ("标题" if zh else "Title", _said(table.title, language)),
        ("导出人" if zh else "Exported by", who),
        ("时间" if zh else "At", f"{now:%Y-%m-%d %H:%M:%S %z}"),
        ("用途" if zh else "Purpose", purpose),
        ("编号" if zh else "Number", number),
    ]
    if masked:
        marks.append(
            ("已遮盖的列" if zh else "Masked columns", ("、" if zh else ", ").join(labels[name] for name in masked))
        )
    marks += [("说明" if zh else "Note", _said(note, language)) for note in table.notes]
    marks.append(
        (
            "提示" if zh else "Mind",
            "仅供上述用途；转交他人须另行批准。导出已留痕。"
            if zh
            else "For this purpose only; to hand it on needs leave of its own. This export stands in the trail.",
        )
    )
    return marks


def _text(
    table: ExportTable, rows: Sequence[Sequence[Cell]], marks: Sequence[tuple[str, str]], language: Language
) -> bytes:
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    # The watermark is the heading of a last column, and every row has the number of the export: no line besides the
    # data that a
    # pivot would count, headings in the first line, and rows that were cut out still say where they come from.
    zh = language == "zh"
    between, colon = ("；", "：") if zh else ("; ", ": ")
    mark = between.join(f"{heading}{colon}{' '.join(said.split())}" for heading, said in marks)
    number = dict(marks)["编号" if zh else "Number"]
    writer.writerow(
        [*(_said(column.label, language) for column in table.columns), f"{'水印' if zh else 'Watermark'}{colon}{mark}"]
    )
    for row in rows:
        writer.writerow([*(_safe(cell) for cell in row), number])
    return file.getvalue().encode("utf-8-sig")


def _workbook(
    table: ExportTable, rows: Sequence[Sequence[Cell]], marks: Sequence[tuple[str, str]], language: Language
) -> bytes:
    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    zh = language == "zh"
    with xlsxwriter.Workbook(file, options) as book:
        bold = book.add_format({"bold": True, "bottom": 1, "valign": "top", "text_wrap": True})
        text = book.add_format({"num_format": "@", "valign": "top"})
        day = book.add_format({"num_format": "yyyy-mm-dd", "valign": "top", "align": "left"})
        sheet = book.add_worksheet("数据" if zh else "Data")
        sheet.freeze_panes(1, 0)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        said = dict(marks[:5])
        foot = " ".join(f"{heading} {value}" for heading, value in list(said.items())[1:])
        # At most 255 characters; an ampersand is a code there.
        sheet.set_footer(f"&L&8{foot.replace('&', '＆')[:230]}&R&8&P/&N")
        for at, column in enumerate(table.columns):
            heading = _said(column.label, language)
            sheet.write_string(0, at, heading, bold)
            sheet.set_column(at, at, _width(heading, [row[at] for row in rows[:200]]))
        for line, row in enumerate(rows, 1):
            for at, cell in enumerate(row):
                if isinstance(cell, dt.date):
                    sheet.write_datetime(line, at, dt.datetime(cell.year, cell.month, cell.day), day)
                elif isinstance(cell, int | Decimal):
                    sheet.write_number(line, at, cell)
                elif cell:
                    sheet.write_string(line, at, cell[:_MAX_CELL], text)
        mark = book.add_worksheet("水印" if zh else "Watermark")
        mark.set_column(0, 0, 14)
        mark.set_column(1, 1, 90)
        wrap = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
        for line, (heading, value) in enumerate(marks):
            mark.write_string(line, 0, heading, bold)
            mark.write_string(line, 1, value[:_MAX_CELL], wrap)
        mark.protect()
    return file.getvalue()


def _safe(cell: Cell) -> str:
    """A cell of a text file: what a spreadsheet would run gets the mark that stops it; numbers stay numbers."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return as_text(cell)
    return str(cell)


def _width(heading: str, cells: Sequence[Cell]) -> int:
    def broad(text: str) -> int:
        return sum(2 if ord(letter) > 0x2E80 else 1 for letter in text)

    return min(60, 2 + max(broad(str(cell)) for cell in (heading, *cells) if cell is not None))


def _file_name(name: str) -> str:
    return "".join("_" if letter in '\\/:*?"<>|\r\n\t' else letter for letter in name)


def _said(label: Label, language: Language) -> str:
    return label.zh if language == "zh" else label.en
