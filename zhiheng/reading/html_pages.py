"""Web pages that were saved with the name of a workbook, as many older systems export them."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from zhiheng.kernel.reasons import Refused
from zhiheng.reading import refusals
from zhiheng.reading.limits import Limits
from zhiheng.reading.sheet_process import Mark, Output, SheetSummary

_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]+)", re.IGNORECASE)
_SPACE = re.compile(r"[ \t\r\n]+")


class _Tables(HTMLParser):
    """Collects the tables of a page as rows of text, cells that span several places told in each of the heading's."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[str]]] = []
        self.merges: list[list[tuple[int, int, int, int]]] = []
        self._limits = limits
        self._depth = 0
        self._cell: list[str] | None = None
        self._spans = (1, 1)
        self._taken: dict[tuple[int, int], str] = {}
        self._column = 0
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"script", "style"}:
            self._silent += 1
        elif tag == "table":
            self._depth += 1
            if self._depth > self._limits.max_depth:
                raise Refused(refusals.too_deep(self._limits.max_depth))
            if self._depth == 1:
                if len(self.tables) >= self._limits.max_sheets:
                    raise Refused(refusals.too_many_sheets(len(self.tables) + 1, self._limits.max_sheets))
                self._close_cell()
                self.tables.append([])
                self.merges.append([])
                self._taken = {}
        elif self._depth != 1:
            if tag == "br" and self._cell is not None:
                self._cell.append("\n")
        elif tag == "tr":
            self._close_cell()
            self.tables[-1].append([])
            self._column = 0
        elif tag in {"td", "th"}:
            self._close_cell()
            if not self.tables[-1]:
                self.tables[-1].append([])
            said = dict(attrs)
            self._spans = (_span(said.get("rowspan")), _span(said.get("colspan")))
            self._cell = []
        elif tag == "br" and self._cell is not None:
            self._cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in {"script", "style"}:
            self._silent = max(0, self._silent - 1)
        elif tag == "table":
            if self._depth == 1:
                self._close_cell()
            self._depth = max(0, self._depth - 1)
        elif self._depth == 1 and tag in {"td", "th", "tr"}:
            self._close_cell()

    def handle_data(self, data: str) -> None:
        if self._cell is not None and not self._silent:
            self._cell.append(_SPACE.sub(" ", data))

    def _close_cell(self) -> None:
        if self._cell is None or not self.tables:
            return
        text = "\n".join(line.strip(" ") for line in "".join(self._cell).split("\n")).replace("\xa0", " ").strip()
        self._cell = None
        row = self.tables[-1][-1]
        number = len(self.tables[-1]) - 1
        self._fill(row, number)
        tall, wide = self._spans
        if len(row) + wide > self._limits.max_columns:
            raise Refused(refusals.too_many_columns(len(row) + wide, self._limits.max_columns))
        if tall > 1 or wide > 1:
            self.merges[-1].append((number, len(row), number + tall - 1, len(row) + wide - 1))
            for below in range(number + 1, number + tall):
                for column in range(len(row), len(row) + wide):
                    self._taken[below, column] = ""
            if len(self._taken) > 1_000_000:
                raise Refused(refusals.workbook_greedy())
        row.append(text)
        row.extend([""] * (wide - 1))

    def _fill(self, row: list[str], number: int) -> None:
        while (number, len(row)) in self._taken:
            row.append(self._taken.pop((number, len(row))))


def _span(said: str | None) -> int:
    return min(1000, max(1, int(said))) if said and said.strip().isdigit() and len(said) < 8 else 1


def read_page(path: Path, limits: Limits, output: Output) -> None:
    """Every table of a page as a sheet. Raises Refused."""
    parser = _Tables(limits)
    parser.feed(_decode(path.read_bytes()))
    parser.close()
    parser._close_cell()
    for number, (table, merges) in enumerate(zip(parser.tables, parser.merges, strict=True), start=1):
        summary = SheetSummary(f"表格{number}", merges=merges)
        output.write(summary, _even(table))


def _even(table: list[list[str]]) -> Iterator[tuple[list[str], list[int], list[Mark]]]:
    width = max((len(row) for row in table), default=0)
    for row in table:
        yield row + [""] * (width - len(row)), [], []


def _decode(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        names = ["utf-16"]
    else:
        said = _CHARSET.search(content[:4096])
        declared = said.group(1).decode("ascii").lower() if said else ""
        # Pages that say GB2312 use the characters of the larger sets that include it.
        declared = "gb18030" if declared in {"gb2312", "gbk", "gb_2312-80", "x-gbk"} else declared
        names = ["utf-8-sig", "gb18030"]
        if declared:
            names.insert(0, declared)
    for name in names:
        try:
            return content.decode(name)
        except (UnicodeError, LookupError):
            continue
    raise Refused(refusals.encoding(1, 0, content[0]))
