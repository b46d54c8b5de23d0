"""Excel 2003 XML (SpreadsheetML): a workbook as one XML text, usually with the name .xls, as older systems export
it.
"""

from __future__ import annotations

import codecs
import datetime
import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from zhiheng.kernel.reasons import Refused
from zhiheng.reading import refusals
from zhiheng.reading.limits import Limits
from zhiheng.reading.sheet_marks import NumberFormat, format_of
from zhiheng.reading.sheet_output import Mark, Output, SheetSummary, cell_text

_SS = "{urn:schemas-microsoft-com:office:spreadsheet}"
_DECLARED = re.compile(r"^\s*<\?xml\b[^>]*?\bencoding\s*=\s*[\"']([A-Za-z0-9_.-]+)[\"'][^>]*\?>")
_FORMATS = {"Percent": NumberFormat(percent=True)}


def read_xml(path: Path, limits: Limits, output: Output) -> None:
    """Every worksheet of an Excel 2003 XML workbook. Raises Refused."""
    text = _decoded(path.read_bytes())
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise Refused(refusals.entities(path.name))
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 - no entity is left to expand
    except ElementTree.ParseError as error:
        raise Refused(refusals.workbook_damaged(str(error))) from None
    styles = {one.get(f"{_SS}ID", ""): one for one in root.iter(f"{_SS}Style")}
    for sheet in root.iter(f"{_SS}Worksheet"):
        options = next((one for one in sheet.iter() if one.tag.endswith("}Visible")), None)
        summary = SheetSummary(sheet.get(f"{_SS}Name", ""), hidden=options is not None and bool(options.text))
        table = sheet.find(f"{_SS}Table")
        rows = [] if table is None else list(_rows(table, styles, limits, summary))
        width = max((len(texts) for texts, _, _ in rows), default=0)
        output.write(summary, ((texts + [""] * (width - len(texts)), lost, asked) for texts, lost, asked in rows))


def _decoded(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        names = ["utf-16"]
    else:
        said = _DECLARED.match(content[:400].decode("ascii", "ignore"))
        name = said[1].lower() if said else "utf-8-sig"
        names = ["gb18030" if name in {"gb2312", "gbk"} else "utf-8-sig" if name in {"utf-8", "utf8"} else name]
    for name in names:
        try:
            return re.sub(r"^\s*<\?xml\b[^>]*\?>", "", content.decode(name)).lstrip("\ufeff \t\r\n")
        except (UnicodeError, LookupError):
            continue
    raise Refused(refusals.encoding(1, 0, content[0]))


def _rows(
    table: ElementTree.Element, styles: dict[str, ElementTree.Element], limits: Limits, summary: SheetSummary
) -> Iterator[tuple[list[str], list[int], list[Mark]]]:
    number = 0
    most = min(limits.max_rows, limits.max_sheet_rows)
    for row in table.iter(f"{_SS}Row"):
        at = _index(row, number)
        # A row that is far below the one before it: said at once, before the empty rows between are written.
        if at > number and at >= most:
            raise Refused(refusals.workbook_greedy())
        for _ in range(number, at):
            yield [], [], []
        number = at + 1
        texts: list[str] = []
        lost: list[int] = []
        asked: list[Mark] = [(-1, "hidden")] if row.get(f"{_SS}Hidden") == "1" else []
        for cell in row.iter(f"{_SS}Cell"):
            place = _index(cell, len(texts))
            if place >= limits.max_columns:
                raise Refused(refusals.too_many_columns(place + 1, limits.max_columns))
            texts += [""] * (place - len(texts))
            style = styles.get(cell.get(f"{_SS}StyleID", ""))
            text, marks = _cell(cell, style)
            if text.isdigit() and len(text) > 15 and _kind(cell) == "Number":
                lost.append(place)
            asked += [(place, mark) for mark in marks]
            texts.append(text)
            wide, tall = _count(cell, "MergeAcross"), _count(cell, "MergeDown")
            if wide or tall:
                summary.merges.append((number - 1, place, number - 1 + tall, place + wide))
                texts += [""] * min(wide, limits.max_columns - len(texts))
        yield texts, lost, asked


def _index(element: ElementTree.Element, next_place: int) -> int:
    said = element.get(f"{_SS}Index", "")
    return max(next_place, int(said) - 1) if said.isdigit() and len(said) < 9 else next_place


def _count(cell: ElementTree.Element, name: str) -> int:
    said = cell.get(f"{_SS}{name}", "")
    return int(said) if said.isdigit() and len(said) < 8 else 0


def _kind(cell: ElementTree.Element) -> str:
    data = cell.find(f"{_SS}Data")
    return "" if data is None else data.get(f"{_SS}Type", "")


def _cell(cell: ElementTree.Element, style: ElementTree.Element | None) -> tuple[str, list[str]]:
    data = cell.find(f"{_SS}Data")
    text = "" if data is None else "".join(data.itertext())
    marks = []
    if not text and cell.get(f"{_SS}Formula"):
        marks.append("uncomputed")
    if style is not None and text:
        font = style.find(f"{_SS}Font")
        if font is not None and font.get(f"{_SS}StrikeThrough") == "1":
            marks.append("struck")
    kind = _kind(cell)
    if kind == "Boolean":
        return "是" if text.strip() == "1" else "否", marks
    if kind == "DateTime":
        try:
            return cell_text(datetime.datetime.fromisoformat(text.strip().removesuffix("Z"))), marks
        except ValueError:
            return text, marks
    if kind == "Number":
        try:
            text = cell_text(float(text))
        except ValueError:
            return text, marks
        code = "" if style is None else next((f.get(f"{_SS}Format", "") for f in style.iter(f"{_SS}NumberFormat")), "")
        shown = _FORMATS.get(code) or (format_of(code) if code and not code[0].isalpha() else None)
        if shown is not None and shown.scaled:
            marks.append("scaled")
        elif shown is not None:
            text = shown.text(text)
    return text, marks
