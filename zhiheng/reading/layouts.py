"""Where the headings stand, and which rows around the data are not data.

Officers put a title above a table, headings over two lines with merged cells, a line of units, a line of column
numbers, totals and signatures below. A book that knows some of the headings finds them surely; without it the shape
of the rows decides, and where the shape says nothing there is no table."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from zhiheng.kernel.fields.measures import heading_unit, told_unit
from zhiheng.kernel.reasons import Flag
from zhiheng.reading import refusals
from zhiheng.reading.rows import UNIT as _UNIT
from zhiheng.reading.rows import is_instructions, is_sample, is_units, note_rows, squash
from zhiheng.reading.sheet_marks import column_letters

KnownHeadings = Callable[[Sequence[str]], float]
# Top row, left column, bottom row, right column; all counted from 0 and included.
Merge = tuple[int, int, int, int]


def words_of(known: KnownHeadings | None) -> frozenset[str]:
    """The words that may stand above columns, as they are written, where the reader of headings provides them
    (``known.words``).
    """
    words: frozenset[str] = getattr(known, "words", frozenset())
    return words


HEAD_ROWS = 60
SEARCHED = 30
DEEPEST = 4
# The last column of a file of refused rows that goes back to its sender.
REASON_HEADING = "退回原因 / reason"

_NUMERIC = re.compile(r"[-+]?(?:[\d,，]*\.\d+|[\d,，]*\d)\s*[%％]?|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([ T].*)?")
_LABELLED = re.compile(r"^[^:：]{1,12}[:：]\s*\S")
_UNIT_TOLD = re.compile(r"(?:计量)?单位\s*[:：]\s*([^，,；;。（）()\s]{1,12})")
_ORDINAL = re.compile(r"[（(\[]?\s*(\d{1,3}|[甲乙丙丁戊己庚辛壬癸A-Za-z])\s*[）)\]]?(?:\s*=.*)?")
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_SENTENCE = re.compile(r"[：；，。]|[:;,.] ")


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row that is no data: its number, its cells (under the headings, when it is reported), and why."""

    row_number: int
    cells: tuple[str, ...]
    why: Flag


@dataclass(frozen=True)
class SheetLayout:
    """How one sheet is laid out. Row numbers are those that Excel shows; column positions count from 0.

    ``headings`` has one text per column that is read, two-line headings joined by '/'; ``columns`` says where each of
    them stands in the sheet; ``units`` holds what a line of units under the headings said of it ('' where nothing).
    ``notes`` holds the lines above the headings; ``remarks`` whatever an officer should know of how the file was read;
    ``skipped`` the rows between the headings and the data that are neither (units, column numbers, how to fill in).
    ``epoch1904``: a bare number that means a day counts from 1904."""

    header_rows: tuple[int, ...]
    headings: tuple[str, ...]
    first_row: int
    notes: tuple[str, ...] = ()
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    columns: tuple[int, ...] = ()
    units: tuple[str, ...] = ()
    width: int = 0
    raw_headers: tuple[tuple[str, ...], ...] = ()
    remarks: tuple[Flag, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    epoch1904: bool = False

    def in_order(self, cells: Sequence[str]) -> list[str]:
        """The cells of a row as it stands in the sheet, under the headings; what stands under none comes after them."""
        columns = self.columns or tuple(range(len(self.headings)))
        placed = [cells[column] if column < len(cells) else "" for column in columns]
        taken = set(columns)
        return placed + [cell for column, cell in enumerate(cells) if column not in taken and cell.strip()]


@dataclass(frozen=True, slots=True)
class HeadingBand:
    """A heading band: ``depth`` rows from ``top``, and one text per column of the sheet ('' where there is none)."""

    top: int
    depth: int
    headings: list[str]


def find_layout(
    rows: Sequence[Sequence[str]],
    *,
    merges: Sequence[Merge] = (),
    known: KnownHeadings | None = None,
    first_number: int = 1,
) -> SheetLayout | None:
    """The layout of a sheet from its first rows (some 60 are enough), or None where they hold no table.

    ``first_number`` is the number of the first row given. Row numbers in the layout are those that Excel shows.
    """
    padded = _rectangle(rows[:HEAD_ROWS])
    if not padded or not padded[0]:
        return None
    found = (_by_book(padded, merges, known) if known is not None else None) or _by_shape(padded, merges)
    if found is None:
        return None
    top, after = found.top, found.top + found.depth
    band = list(range(top, after))
    units = [""] * len(found.headings)
    between: list[tuple[int, Flag]] = []
    # Samples and empty rows are passed over to see whether a row that speaks of the columns comes behind them.
    passed: list[tuple[int, Flag]] = []
    lines: list[str] = []
    at = after
    while at < len(padded):
        line = [squash(cell) for cell in padded[at]]
        filled = [cell for cell in line if cell]
        if not filled or is_sample(line):
            passed += [(at, refusals.sample_row())] if filled else []
            at += 1
            continue
        if is_units(line) and all(found.headings[column] for column, cell in enumerate(line) if cell):
            if len(filled) == 1 and _UNIT_TOLD.search(filled[0]):
                # It says so of the table, wherever in the row it stands.
                lines.append(filled[0])
            else:
                units = [_bare_unit(cell) or unit for cell, unit in zip(line, units, strict=True)]
            why = refusals.unit_row()
        elif _is_ordinals(line):
            why = refusals.ordinal_row()
        elif is_instructions(line):
            said = [match[1].strip() if (match := _UNIT_TOLD.search(cell)) else heading_unit(cell) for cell in line]
            units = [new or unit for new, unit in zip(said, units, strict=True)]
            why = refusals.instruction_row()
        else:
            break
        between += [*passed, (at, why)]
        passed = []
        band.append(at)
        at += 1
        after = at
    headings, columns, kept_units = _columns(padded, found, after, units)
    notes = []
    for line in padded[:top]:
        text = " ".join(dict.fromkeys(squash(cell) for cell in line if cell.strip()))
        if text:
            notes.append(text)
    notes += lines
    layout = SheetLayout(
        header_rows=tuple(first_number + row for row in band),
        headings=tuple(headings),
        first_row=first_number + after,
        notes=tuple(notes),
        columns=tuple(columns),
        units=tuple(kept_units),
        width=len(found.headings),
        raw_headers=tuple(tuple(squash(cell) for cell in padded[row]) for row in band),
    )
    skipped = tuple(Skipped(first_number + row, tuple(layout.in_order(padded[row])), why) for row, why in between)
    return replace(layout, skipped=skipped)


def _rectangle(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    width = max((len(row) for row in rows), default=0)
    return [list(row) + [""] * (width - len(row)) for row in rows]


def _by_book(rows: list[list[str]], merges: Sequence[Merge], known: KnownHeadings) -> HeadingBand | None:
    best: tuple[tuple[float, float, int, int], HeadingBand] | None = None
    for top in range(min(SEARCHED, len(rows))):
        if not any(cell.strip() for cell in rows[top]):
            continue
        for depth in range(1, min(DEEPEST, len(rows) - top + 1)):
            headings = _join(rows, top, depth, merges)
            said = [heading for heading in headings if heading]
            share = known(said) if said else 0.0
            if share <= 0:
                continue
            rank = (round(share * len(said), 6), share, -depth, -top)
            if best is None or rank > best[0]:
                best = (rank, HeadingBand(top, depth, headings))
    if best is None:
        return None
    (count, share, _, _), found = best
    if not ((share >= 0.5 and (count >= 2 or share == 1.0)) or (count >= 4 and share >= 0.3)):
        return None
    if sum(1 for heading in found.headings if heading) == 1 and _is_prose(rows):
        # Notes on how to fill in a form name its columns, a line each; none of these lines is a heading.
        return None
    if found.depth == 1:
        # The book may know the words of one line of a two-line heading only; the shape tells where the band ends.
        for top in (found.top, found.top - 1):
            depth = _depth(rows, top, merges) if top >= 0 else 1
            if depth > 1 and top + depth > found.top:
                return HeadingBand(top, depth, _join(rows, top, depth, merges))
    return found


def _by_shape(rows: list[list[str]], merges: Sequence[Merge]) -> HeadingBand | None:
    widest = max((sum(1 for cell in row if cell.strip()) for row in rows), default=0)
    if widest < 2:
        return None
    for top in range(min(SEARCHED, len(rows))):
        depth = _depth(rows, top, merges)
        headings = _join(rows, top, depth, merges)
        if not _like_headings([heading for heading in headings if heading], widest):
            continue
        filled = [sum(1 for cell in row if cell.strip()) for row in rows[top + depth :]]
        filled = [count for count in filled if count]
        # Prose with commas in it has lines of any length; the rows of a table mostly fill their columns.
        enough = max(2, 0.3 * sum(1 for heading in headings if heading))
        if filled and 2 * sum(1 for count in filled if count >= enough) >= len(filled):
            return HeadingBand(top, depth, headings)
        return None
    return None


def _like_headings(said: Sequence[str], widest: int) -> bool:
    if len(said) < max(2, widest * 0.6) or len(set(said)) < len(said):
        return False
    if any(len(heading) > 80 or _LABELLED.match(heading) for heading in said):
        return False
    return sum(1 for heading in said if _NUMERIC.fullmatch(heading)) <= 0.3 * len(said)


def _depth(rows: list[list[str]], top: int, merges: Sequence[Merge]) -> int:
    """How many lines the heading band that begins in this row would have, by merged cells or by its gaps."""
    upper = rows[top]
    filled = [column for column, cell in enumerate(upper) if cell.strip()]
    if len(filled) < 2 or top + 1 >= len(rows):
        return 1
    here = [m for m in merges if m[0] == top]
    if here:
        tall = max(m[2] - m[0] + 1 for m in here)
        if 1 < tall <= DEEPEST and top + tall <= len(rows) and any(m[3] > m[1] for m in here):
            return tall if _text_only(rows[top + 1 : top + tall]) else 1
        wide = [m for m in here if m[3] > m[1]]
        if tall == 1 and wide and all(any(rows[top + 1][c].strip() for c in range(m[1], m[3] + 1)) for m in wide):
            return 2 if _text_only(rows[top + 1 : top + 2]) and len(here) < len(upper) else 1
        return 1
    lower = rows[top + 1]
    if not _text_only([lower]):
        return 1
    extent = [c for c in range(len(upper)) if upper[c].strip() or lower[c].strip()]
    groups = [
        c
        for c in filled
        if lower[c].strip() and c + 1 < len(upper) and not upper[c + 1].strip() and lower[c + 1].strip()
    ]
    alone = [c for c in filled if not lower[c].strip()]
    # A lower line that fills every column is a line of headings under a title, not the second line of a band.
    if not groups or not alone:
        return 1
    # Each gap in the upper line must belong to the group on its left, or it is not a merged heading at all.
    group = False
    for column in extent:
        if upper[column].strip():
            group = bool(lower[column].strip())
        elif not group:
            return 1
    return 2


def _is_prose(rows: Sequence[Sequence[str]]) -> bool:
    """Whether at least half of the cells are sentences rather than values."""
    cells = [cell for row in rows for cell in row if cell.strip()]
    return 2 * sum(1 for cell in cells if _SENTENCE.search(cell)) >= len(cells)


def _text_only(rows: Sequence[Sequence[str]]) -> bool:
    cells = [squash(cell) for row in rows for cell in row if cell.strip()]
    return bool(cells) and all(not _NUMERIC.fullmatch(cell) and len(cell) <= 40 for cell in cells)


def _join(rows: list[list[str]], top: int, depth: int, merges: Sequence[Merge]) -> list[str]:
    width = len(rows[0])
    lines = [[squash(cell) for cell in rows[top + i]] for i in range(depth)]
    if depth > 1:
        within = [m for m in merges if top <= m[0] < top + depth]
        for first, left, last, right in within:
            text = lines[first - top][left] if left < width else ""
            for row in range(first, min(last, top + depth - 1) + 1):
                for column in range(left, min(right, width - 1) + 1):
                    lines[row - top][column] = text
        if not any(m[3] > m[1] for m in within):
            for i in range(depth - 1):
                current = ""
                for column in range(width):
                    below = any(lines[j][column] for j in range(i + 1, depth))
                    if lines[i][column]:
                        current = lines[i][column] if below else ""
                    elif below and current:
                        lines[i][column] = current
                    else:
                        current = ""
    return ["/".join(dict.fromkeys(line[column] for line in lines if line[column])) for column in range(width)]


def _bare_unit(cell: str) -> str:
    return told_unit(cell) or (cell.strip("（）()[]【】 ") if _UNIT.fullmatch(cell) else "")


def _is_ordinals(line: Sequence[str]) -> bool:
    """Whether the line only numbers the columns: 1 2 3, (1) (2), 甲 乙 1 2."""
    cells = [cell for cell in line if cell]
    if len(cells) < 3:
        return False
    marks = [match.group(1) for cell in cells if (match := _ORDINAL.fullmatch(cell))]
    if len(marks) < len(cells):
        return False
    stems = [mark for mark in marks if not mark.isdigit()]
    numbers = [int(mark) for mark in marks[len(stems) :] if mark.isdigit()]
    if marks[: len(stems)] != stems or len(stems) + len(numbers) != len(marks):
        return False
    named = stems == list(_STEMS[: len(stems)]) or stems == [chr(65 + i) for i in range(len(stems))]
    return named and numbers == list(range(1, len(numbers) + 1))


def _columns(
    rows: list[list[str]], found: HeadingBand, after: int, units: list[str]
) -> tuple[list[str], list[int], list[str]]:
    """The columns that are read: those with a heading, and those without one that are filled all the same."""
    sample = rows[after:]
    sample = sample[: note_rows(sample)]
    headings, columns, kept = [], [], []
    for column, heading in enumerate(found.headings):
        if not heading:
            filled = sum(1 for row in sample if row[column].strip())
            if not sample or filled * 2 <= len(sample):
                continue
            heading = f"（{column_letters(column)} 列无标题）"
        headings.append(heading)
        columns.append(column)
        kept.append(units[column])
    return headings, columns, kept
