"""What goes back to the sender: the refused rows in the sender's own layout, each with its reason, to be mended."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

import xlsxwriter

from zhiheng.kernel.formulas import as_text
from zhiheng.kernel.reasons import Refusal
from zhiheng.reading.layouts import REASON_HEADING, SheetLayout

_MAX_CELL = 32_767
_MAX_ROWS = 1_048_576


def write_refusals(
    layout: SheetLayout, rows: Iterable[Sequence[str]], reasons: Iterable[str | Sequence[Refusal]], path: Path
) -> int:
    """Writes refused rows under the headings of their file, with a last column that says why; returns how many.

    ``rows`` have the cells in the order of ``layout.headings``; ``reasons`` one text, or the row's refusals, for each
    row. The extension of ``path`` decides: .xlsx, else CSV (UTF-8 with the mark that Excel needs). Every cell is
    written as text: nothing in it is run as a formula, and codes keep their digits. Rows beyond what a sheet can hold
    go on in a further one."""
    pairs = zip(rows, (_told(reason) for reason in reasons), strict=True)
    headings = [*layout.headings, REASON_HEADING]
    if path.suffix.lower() == ".xlsx":
        return _write_workbook(headings, layout, pairs, path)
    return _write_text(headings, layout, pairs, path)


def _told(reason: str | Sequence[Refusal]) -> str:
    if isinstance(reason, str):
        return reason
    return "\n".join(f"{refusal.field}：{refusal.zh}" if refusal.field else refusal.zh for refusal in reason)


def _write_workbook(
    headings: Sequence[str], layout: SheetLayout, pairs: Iterable[tuple[Sequence[str], str]], path: Path
) -> int:
    options = {
        "constant_memory": True,
        "strings_to_numbers": False,
        "strings_to_formulas": False,
        "strings_to_urls": False,
    }
    count = 0
    with xlsxwriter.Workbook(str(path), options) as book:
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "num_format": "@"})
        text = book.add_format({"num_format": "@", "valign": "top"})
        why = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top", "font_color": "#9C0006"})
        sheet = None
        at = 0
        for row, reason in pairs:
            if sheet is None or at == _MAX_ROWS:
                sheet = book.add_worksheet(f"退回 {count // (_MAX_ROWS - 1) + 1}")
                sheet.freeze_panes(1, 0)
                sheet.set_column(0, len(headings) - 2, 16)
                sheet.set_column(len(headings) - 1, len(headings) - 1, 60)
                for column, heading in enumerate(headings):
                    sheet.write_string(0, column, heading, bold)
                at = 1
            for column in range(len(headings) - 1):
                cell = row[column] if column < len(row) else ""
                # An empty cell keeps the text format, so that what is typed into it stays text.
                if cell:
                    sheet.write_string(at, column, cell[:_MAX_CELL], text)
                else:
                    sheet.write_blank(at, column, None, text)
            surplus = [cell for cell in row[len(headings) - 1 :] if cell]
            told = f"{reason}\n多出的内容：{' | '.join(surplus)}" if surplus else reason
            sheet.write_string(at, len(headings) - 1, told[:_MAX_CELL], why)
            at += 1
            count += 1
        if sheet is None:
            sheet = book.add_worksheet("退回 1")
            for column, heading in enumerate(headings):
                sheet.write_string(0, column, heading, bold)
    return count


def _write_text(
    headings: Sequence[str], layout: SheetLayout, pairs: Iterable[tuple[Sequence[str], str]], path: Path
) -> int:
    count = 0
    # A sender whose system reads only GB18030 gets back what it can read.
    encoding = "gb18030" if codecs.lookup(layout.encoding or "utf-8").name == "gb18030" else "utf-8-sig"
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=layout.delimiter or ",")
        writer.writerow([as_text(heading) for heading in headings])
        width = len(headings) - 1
        for row, reason in pairs:
            # A text file can't say that a cell is text, so what would start a program gets the mark that stops it.
            cells = [as_text(cell) for cell in row[:width]]
            cells += [""] * (width - len(row))
            surplus = [cell for cell in row[width:] if cell]
            told = f"{reason}\n多出的内容：{' | '.join(surplus)}" if surplus else reason
            writer.writerow([*cells, as_text(told)])
            count += 1
    return count
