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
from zhiheng.reading.sheet_output import Mark, Output, SheetSummary

_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]+)", re.IGNORECASE)
_SPACE = re.compile(r"[ \t\r\n]+")
_UNSEEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|(?<![-\w])height\s*:\s*0(?:\.0+)?\s*(?:px|pt)?\s*(?:;|$)",
    re.IGNORECASE,
)
_LINED = re.compile(
    r"text-decoration(?:-line)?\s*:[^;}]*line-through|text-line-through\s*:\s*(?!none)\w", re.IGNORECASE
)
_CLASS = re.compile(r"\.([A-Za-z_][\w-]{0,60})")
# What these stand in is a line of its own.
_LINES = frozenset(
    {"p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "li", "caption", "title", "center", "hr", "body", "br"}
)
_MOST_LINES = 20
_STRIKES = frozenset({"s", "strike", "del"})


class _Tables(HTMLParser):
    """Collects the tables of a page as rows of text; a cell that spans several places is repeated in each of them."""

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
        # By table: rows that are not shown, cells that are struck out, columns that are not shown.
        self.unseen_tables: list[bool] = []
        self.hidden: list[set[int]] = []
        self.struck: list[dict[int, set[int]]] = []
        self.hidden_columns: list[set[int]] = []
        self._styles: list[str] | None = None
        self._unseen: set[str] = set()
        self._lined: set[str] = set()
        # The lines of text beside the tables: those above each, and those that came since the last.
        self.above: list[list[str]] = []
        self._lines: list[list[str]] = [[]]
        self._strikes = 0
        self._cell_struck = self._row_struck = self._cell_hidden = False

    def _looks(self, attrs: list[tuple[str, str | None]]) -> tuple[bool, bool]:
        """Whether an element is not shown, and whether its text is struck out, as it says itself or by its class."""
        said = dict(attrs)
        style, names = said.get("style") or "", (said.get("class") or "").split()
        unseen = "hidden" in said or _UNSEEN.search(style) is not None or not self._unseen.isdisjoint(names)
        return unseen, _LINED.search(style) is not None or not self._lined.isdisjoint(names)

    def _read_styles(self, text: str) -> None:
        # A pattern for a whole rule would look from each place again how far it is to the next bracket.
        for rule in text[:200_000].split("}"):
            head, _, said = rule.rpartition("{")
            names = head.rpartition("{")[2]
            if _UNSEEN.search(said):
                self._unseen |= set(_CLASS.findall(names))
            if _LINED.search(said):
                self._lined |= set(_CLASS.findall(names))

    def lines(self) -> list[str]:
        """What stands behind the last table, or above the next."""
        texts = ["".join(pieces).strip()[:200] for pieces in self._lines]
        return [text for text in texts if text][-_MOST_LINES:]

    def _beside(self, tag: str) -> None:
        if tag in _LINES and self._cell is None and self._lines[-1]:
            # Only the last lines are told, but a page of long prose must not be kept whole either.
            self._lines = [*self._lines[-_MOST_LINES:], []]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._beside(tag)
        if tag == "style":
            self._styles = []
        if self._cell is not None and (tag in _STRIKES or self._looks(attrs)[1]):
            self._strikes += 1
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
                self.above.append(self.lines())
                self._lines = [[]]
                self.unseen_tables.append(self._looks(attrs)[0])
                self.hidden.append(set())
                self.struck.append({})
                self.hidden_columns.append(set())
                self._taken = {}
        elif self._depth != 1:
            if tag == "br" and self._cell is not None:
                self._cell.append("\n")
        elif tag == "tr":
            self._close_cell()
            self.tables[-1].append([])
            self._column = 0
            unseen, self._row_struck = self._looks(attrs)
            if unseen:
                self.hidden[-1].add(len(self.tables[-1]) - 1)
        elif tag in {"td", "th"}:
            self._close_cell()
            if not self.tables[-1]:
                self.tables[-1].append([])
            said = dict(attrs)
            self._spans = (_span(said.get("rowspan")), _span(said.get("colspan")))
            self._cell = []
            self._strikes = 0
            self._cell_hidden, self._cell_struck = self._looks(attrs)
        elif tag == "br" and self._cell is not None:
            self._cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._beside(tag)
        if tag == "style" and self._styles is not None:
            self._read_styles("".join(self._styles))
            self._styles = None
        if tag in {"script", "style"}:
            self._silent = max(0, self._silent - 1)
        elif tag == "table":
            if self._depth == 1:
                self._close_cell()
            self._depth = max(0, self._depth - 1)
        elif self._depth == 1 and tag in {"td", "th", "tr"}:
            self._close_cell()

    def handle_data(self, data: str) -> None:
        if self._styles is not None:
            self._styles.append(data)
        if self._silent:
            return
        if self._cell is not None:
            self._cell.append(_SPACE.sub(" ", data))
        elif sum(map(len, self._lines[-1])) < 200:
            self._lines[-1].append(_SPACE.sub(" ", data[:200]).replace("\xa0", " "))

    def _close_cell(self) -> None:
        if self._cell is None or not self.tables:
            return
        text = "\n".join(line.strip(" ") for line in "".join(self._cell).split("\n")).replace("\xa0", " ").strip()
        self._cell = None
        row = self.tables[-1][-1]
        number = len(self.tables[-1]) - 1
        self._fill(row, number)
        if text and (self._cell_struck or self._row_struck or self._strikes):
            self.struck[-1].setdefault(number, set()).add(len(row))
        if self._cell_hidden and len(self.hidden_columns[-1]) < 1000:
            self.hidden_columns[-1].add(len(row))
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
        at = number - 1
        below = parser.lines() if number == len(parser.tables) else []
        summary = SheetSummary(
            f"表格{number}",
            hidden=parser.unseen_tables[at],
            merges=merges,
            hidden_columns=[(each, each) for each in sorted(parser.hidden_columns[at])],
            beside=[*parser.above[at], *below],
        )
        output.write(summary, _even(table, parser.hidden[at], parser.struck[at]))


def _even(
    table: list[list[str]], hidden: set[int], struck: dict[int, set[int]]
) -> Iterator[tuple[list[str], list[int], list[Mark]]]:
    width = max((len(row) for row in table), default=0)
    for number, row in enumerate(table):
        asked: list[Mark] = [(-1, "hidden")] if number in hidden else []
        asked += [(column, "struck") for column in sorted(struck.get(number, ()))]
        yield row + [""] * (width - len(row)), [], asked


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
