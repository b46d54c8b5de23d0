"""What reading gives: tables of text cells, told apart from everything around them.

A table is read as often as its reader likes, in chunks of columns, in constant memory. A row is data, or it is
reported: ``broken`` rows are refused and go back to the sender, ``skipped`` rows are no data (a total, a signature, a
heading printed again on each page, an example that came with the form). Empty rows are no rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from zhiheng.kernel.formulas import as_delivered
from zhiheng.kernel.reasons import Flag, Refusal, Refused
from zhiheng.reading import refusals
from zhiheng.reading.encodings import is_garbled
from zhiheng.reading.layouts import REASON_HEADING, SheetLayout, Skipped
from zhiheng.reading.limits import DEFAULT, Limits
from zhiheng.reading.rows import FIRST_CELLS, blank_of_arrow, no_data, squash, suspect
from zhiheng.reading.sheet_marks import column_letters


@dataclass(slots=True)
class Chunk:
    """Some rows of a table, column by column; ``row_numbers`` has one number per row.

    ``broken`` holds number, cells and reason of the rows that are refused, ``skipped`` those that are no data; their
    cells stand under the headings, what stands under none comes after them."""

    first_row_number: int
    # Lists of texts, or Arrow arrays where a text file was read by Arrow's reader.
    columns: list[Any]
    row_numbers: list[int]
    broken: list[tuple[int, list[str], Refusal]] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    flags: list[tuple[int, Flag]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file or sheet from which nothing was read, and why. ``harmless``: nothing was expected of it (a cover sheet, a
    lock file); where it is False the delivery should be refused."""

    origin: str
    sheet: str
    refusal: Refusal
    harmless: bool = False


@dataclass(slots=True)
class Block:
    """Rows that stand together in a file, as they came: as rows, or, all of the table's width, as columns.

    ``doubtful`` lists the rows in which quoted line breaks were met (places in the block, from 0); ``blunted`` lists
    the cells (row in the block, column) whose digits the spreadsheet has lost; ``refused`` the rows that could not be
    told as text; ``asked`` cells (row, column or -1 for the whole row, what) of which somebody must say what is meant.
    ``size``: about how many bytes of text they hold.
    """

    first: int
    rows: list[list[str]] | None
    doubtful: Sequence[int] = ()
    blunted: Sequence[tuple[int, int]] = ()
    refused: Mapping[int, Refusal] = field(default_factory=dict)
    columns: list[Any] | None = None
    asked: Sequence[tuple[int, int, str]] = ()
    size: int = 0

    def __len__(self) -> int:
        if self.rows is not None:
            return len(self.rows)
        return len(self.columns[0]) if self.columns else 0

    def as_rows(self) -> list[list[str]]:
        if self.rows is not None:
            return self.rows
        return [list(row) for row in zip(*map(listed, self.columns or ()), strict=True)]

    def part(self, start: int, stop: int) -> Block:
        """The rows from ``start`` up to ``stop``, counted from 0."""
        return Block(
            self.first + start,
            self.as_rows()[start:stop],
            [row - start for row in self.doubtful if start <= row < stop],
            [(row - start, column) for row, column in self.blunted if start <= row < stop],
            {row - start: why for row, why in self.refused.items() if start <= row < stop},
            asked=[(row - start, column, what) for row, column, what in self.asked if start <= row < stop],
            size=self.size,
        )


class Table:
    """One sheet, one CSV file or one table of a database.

    ``row_count`` is the number of rows from the first row of data to the last row of the sheet, empty ones and remarks
    included, where the file says so; None for a text file. Of a text file ``lines`` is known, which no table in it
    exceeds.
    """

    def __init__(
        self,
        *,
        origin: str,
        sheet: str,
        layout: SheetLayout,
        blocks: Callable[[SheetLayout], Iterator[Block]],
        row_count: int | None = None,
        lines: int | None = None,
        remarks: bool = True,
        command_like: bool = False,
        garbled: bool = False,
        hidden: bool = False,
        heading_words: frozenset[str] = frozenset(),
        limits: Limits = DEFAULT,
    ) -> None:
        self.origin = origin
        self.sheet = sheet
        self.layout = layout
        self.row_count = row_count
        self.lines = lines
        # Somebody has hidden the sheet: whether it is meant is a question, as it is of a hidden row.
        self.hidden = hidden
        # Whatever must live as long as the table does, such as the folder that an archive was unpacked to.
        self.keep: object = None
        self._blocks = blocks
        self._remarks = remarks
        self._command_like = command_like
        self._garbled = garbled
        self._heading_words = heading_words
        self._limits = limits
        # Rows that went back as a text file, with the marks that keep a spreadsheet from running them, and come mended.
        self._is_our_own = bool(layout.delimiter) and REASON_HEADING in layout.headings

    def __repr__(self) -> str:
        return f"Table({self.origin!r}, {self.sheet!r}, {len(self.layout.headings)} columns)"

    def chunks(self, size: int = 50_000) -> Iterator[Chunk]:
        """The rows of the table, ``size`` (to a tenth more) at a time, or fewer where they hold long texts.

        Raises Refused where the file turns out not to be whole (or to exceed a limit) on the way: then nothing of it
        may be kept."""
        if size < 1:
            raise ValueError("a chunk has at least one row")
        shaper = _Shaper(
            self.layout,
            remarks=self._remarks,
            command_like=self._command_like,
            garbled=self._garbled,
            heading_words=self._heading_words,
        )
        seen = held = 0
        for block in self._blocks(self.layout):
            block = _from_first_row(block, self.layout.first_row)
            if not len(block):
                continue
            if self._is_our_own:
                block = replace(block, rows=[list(map(as_delivered, row)) for row in block.as_rows()], columns=None)
            seen += len(block)
            if seen > self._limits.max_rows:
                raise Refused(refusals.too_many_rows(self._limits.max_rows))
            shaper.add(block)
            held += block.size
            if held > self._limits.chunk_chars:
                held = 0
                yield from shaper.rest()
            for chunk in shaper.full(size):
                held = 0
                yield chunk
        yield from shaper.rest()


def _from_first_row(block: Block, first_row: int) -> Block:
    before = first_row - block.first
    return block if before <= 0 else block.part(before, len(block))


# Into how many pieces line breaks cut a row at most, for it to be looked for.
_PIECES = 8


class _Shaper:
    """Turns blocks of rows into columns, and sorts out the rows that are not data."""

    def __init__(
        self,
        layout: SheetLayout,
        *,
        remarks: bool,
        command_like: bool,
        garbled: bool,
        heading_words: frozenset[str] = frozenset(),
    ) -> None:
        self._layout = layout
        self._width = layout.width or len(layout.headings)
        self._picks = list(layout.columns) or list(range(len(layout.headings)))
        self._straight = self._picks == list(range(self._width))
        self._dropped = sorted(set(range(self._width)) - set(self._picks))
        self._remarks = remarks
        self._command_like = command_like
        self._garbled = garbled
        self._raw_headers = [header for header in layout.raw_headers if any(header)]
        self._titles = frozenset(note for note in layout.notes if note)
        self._keys = frozenset({"", *(self._titles if remarks else ())})
        self._heads = frozenset(
            squash(header[self._picks[0]]) for header in self._raw_headers if self._picks[0] < len(header)
        )
        self._field = dict(zip(self._picks, layout.headings, strict=True))
        # Words that stand above columns: a row of them beneath the data is the beginning of another table.
        self._heading_words = heading_words if remarks else frozenset()
        self._second = 0
        # A block with one of these in its first column is looked at row by row.
        self._marked = self._keys | self._heads | self._heading_words
        # The last line of the block before was a piece of a row that goes on in this one.
        self._cut = False
        self._clear()
        self._skipped.extend(layout.skipped)

    def _clear(self) -> None:
        # Of each column the pieces that came, block by block: lists of texts, or Arrow arrays.
        self._columns: list[list[Any]] = [[] for _ in self._picks]
        self._numbers: list[int] = []
        self._broken: list[tuple[int, list[str], Refusal]] = []
        self._skipped: list[Skipped] = []
        self._flags: list[tuple[int, Flag]] = []

    def add(self, block: Block) -> None:
        columns: Sequence[Sequence[str]] | None = block.columns
        slow = self._cut or self._command_like or self._garbled or self._second
        if slow or block.blunted or block.refused or block.asked:
            columns = None
        elif block.rows is not None and set(map(len, block.rows)) == {self._width}:
            columns = list(zip(*block.rows, strict=True))
        if (
            columns is not None
            and not (
                _has_one_of(columns[self._picks[0]], self._marked)
                or _has_blank(columns[self._picks[0]])
                # The first heading of a second table may be known to nobody.
                or any(_has_one_of(columns[pick], self._heading_words) for pick in self._picks[1:FIRST_CELLS])
                or any(any(_different(columns[column])) for column in self._dropped)
                or (self._remarks and suspect(columns))
                or any(self._swallowed([column[row] for column in columns]) for row in block.doubtful)
            )
        ):
            picked = columns if self._straight else [columns[pick] for pick in self._picks]
            for held, column in zip(self._columns, picked, strict=True):
                held.append(column)
            self._numbers.extend(range(block.first, block.first + len(block)))
            return
        self._add_slowly(block)

    def _skip(self, number: int, row: Sequence[str], why: Flag) -> None:
        self._skipped.append(Skipped(number, tuple(self._layout.in_order(row)), why))

    def _break(self, number: int, row: Sequence[str], why: Refusal) -> None:
        self._broken.append((number, self._layout.in_order(row), why))

    def _add_slowly(self, block: Block) -> None:
        width, good, numbers = self._width, [], []
        rows = block.as_rows()
        split = self._split_rows(rows) | self._fragments(rows)
        doubtful = set(block.doubtful)
        asked: dict[int, list[tuple[int, str]]] = {}
        for offset, column, what in block.asked:
            asked.setdefault(offset, []).append((column, what))
        for offset, row in enumerate(rows):
            number = block.first + offset
            if offset in block.refused:
                self._break(number, row, block.refused[offset])
                continue
            if len(row) > width and any(cell and not cell.isspace() for cell in row[width:]):
                self._break(number, row, refusals.row_longer(len(row), len(self._picks)))
                continue
            if offset in split:
                self._break(number, row, refusals.row_split(" ".join(row)))
                continue
            if len(row) != width:
                row = (list(row) + [""] * (width - len(row)))[:width]
            if not any(row) or not any(cell and not cell.isspace() for cell in row):
                continue
            why = self._no_data(row)
            if why is not None:
                if why.code == "row.repeated_heading":
                    self._second = 0
                self._skip(number, row, why)
                continue
            if self._heading_words and self._is_heading(row):
                self._second = number
            if self._second:
                self._break(number, row, refusals.row_second_table(self._second))
                continue
            refusal = self._refusal(row, doubtful=offset in doubtful) or self._question(number, asked.get(offset, ()))
            if refusal is not None:
                self._break(number, row, refusal)
                continue
            good.append(row)
            numbers.append(number)
            if self._command_like:
                self._flag_commands(number, row)
        kept = set(numbers)
        for offset, column in block.blunted:
            if block.first + offset in kept and column in self._field:
                self._flags.append((block.first + offset, refusals.digits_lost(self._field[column])))
        for held, pick in zip(self._columns, self._picks, strict=True):
            held.append([row[pick] for row in good])
        self._numbers.extend(numbers)

    def _no_data(self, row: Sequence[str]) -> Flag | None:
        if not self._remarks:
            return None
        filled = [cell for cell in row if cell and not cell.isspace()]
        for header in self._raw_headers:
            if squash(filled[0]) in header and [squash(cell) for cell in row] == list(header):
                return refusals.repeated_heading()
        # A page that is printed again begins with its title; only short rows can be one.
        if len(filled) <= 3 and " ".join(dict.fromkeys(squash(cell) for cell in filled)) in self._titles:
            return refusals.repeated_heading()
        return no_data(row)

    def _is_heading(self, row: Sequence[str]) -> bool:
        """Whether a row holds the names of other columns: three or more different words, nearly all of which stand
        above columns.
        """
        said = {squash(cell) for cell in row if cell and not cell.isspace()}
        return len(said) >= 3 and sum(word in self._heading_words for word in said) >= 0.8 * len(said)

    def _refusal(self, row: Sequence[str], *, doubtful: bool) -> Refusal | None:
        for column in self._dropped:
            if row[column] and not row[column].isspace():
                return refusals.row_outside(column_letters(column))
        if self._garbled and any(is_garbled(row[column]) for column in self._field if column < len(row)):
            return refusals.row_garbled(
                "、".join(self._field[c] for c in self._field if c < len(row) and is_garbled(row[c]))
            )
        if doubtful and self._swallowed(row):
            return refusals.row_swallowed(next(cell for cell in row if "\n" in cell))
        return None

    def _question(self, number: int, asked: Sequence[tuple[int, str]]) -> Refusal | None:
        """What must be asked of a row that shows something else than it holds."""
        for what in ("hidden", "filtered", "struck", "scaled", "uncomputed"):
            columns = [column for column, said in asked if said == what and (column < 0 or column in self._field)]
            if columns:
                cells = "、".join(f"{column_letters(column)}{number}" for column in columns if column >= 0)
                return refusals.row_asked(what, cells)
        return None

    def _swallowed(self, row: Sequence[str]) -> bool:
        """Whether a line within a cell has as many delimiters as a row of its own would."""
        delimiter = self._layout.delimiter
        return self._width > 2 and any(
            line.count(delimiter) >= self._width - 2 for cell in row if "\n" in cell for line in cell.split("\n")
        )

    def _split_rows(self, rows: Sequence[Sequence[str]]) -> set[int]:
        """Rows that unquoted line breaks have cut: all pieces are short, and together they have the right length."""
        found: set[int] = set()
        width = self._width
        if not self._layout.delimiter or width < 4:
            return found
        short = [offset for offset, row in enumerate(rows) if 0 < len(row) < width and any(row)]
        for at, one in enumerate(short):
            if one in found or len(rows[one]) == 1:
                continue
            together = len(rows[one])
            for more, other in enumerate(short[at + 1 : at + _PIECES], start=1):
                together += len(rows[other]) - 1
                if other != one + more or together > width:
                    break
                if together == width:
                    found |= set(range(one, other + 1))
                    break
        # Some programs leave empty cells at the end of a row out: then short rows are their habit, and prove nothing.
        return found if len(found) * 2 >= len(short) else set()

    def _fragments(self, rows: Sequence[Sequence[str]]) -> set[int]:
        """A line of one cell beside whole rows: the beginning or the end of one of them, cut off by a line break.

        Where the row before ends like the others, the line belongs to the row after it.
        """
        found: set[int] = set()
        width = self._width
        if not self._layout.delimiter or width < 3:
            return found
        if self._cut and rows and len(rows[0]) == width:
            found.add(0)
        self._cut = False
        alone = [at for at, row in enumerate(rows) if len(row) == 1 and row[0].strip()]
        if not alone or len(alone) * 2 > len(rows):
            return found
        last = Counter(_shape(row[-1]) for row in rows if len(row) == width)
        for at in alone:
            if self._no_data([rows[at][0], *[""] * (width - 1)]) is not None:
                continue
            found.add(at)
            self._cut = at + 1 == len(rows)
            if at + 1 < len(rows) and len(rows[at + 1]) == width:
                found.add(at + 1)
            if at and len(rows[at - 1]) == width and last[_shape(rows[at - 1][-1])] < 2:
                found.add(at - 1)
        return found

    def _flag_commands(self, number: int, row: Sequence[str]) -> None:
        for column, heading in self._field.items():
            if command_like(row[column]):
                self._flags.append((number, refusals.command_like(heading)))

    def _size(self) -> int:
        return max(len(self._numbers), len(self._broken), len(self._skipped))

    def full(self, size: int) -> Iterator[Chunk]:
        while self._size() >= size:
            numbers = self._numbers
            if len(numbers) <= size + size // 10:
                yield from self.rest()
                return
            columns = list(map(_whole, self._columns))
            chunk = self._chunk([column[:size] for column in columns], numbers[:size])
            self._clear()
            self._numbers = numbers[size:]
            self._columns = [[column[size:]] for column in columns]
            yield chunk

    def rest(self) -> Iterator[Chunk]:
        if self._numbers or self._broken or self._skipped:
            chunk = self._chunk(list(map(_whole, self._columns)), self._numbers)
            self._clear()
            yield chunk

    def _chunk(self, columns: list[Any], numbers: list[int]) -> Chunk:
        told = [*numbers[:1], *(n for n, _, _ in self._broken[:1]), *(s.row_number for s in self._skipped[:1])]
        return Chunk(min(told), columns, numbers, self._broken, self._skipped, self._flags)


def listed(column: Any) -> list[str]:
    """A column as a list of texts."""
    return column if isinstance(column, list) else list(column) if isinstance(column, tuple) else column.to_pylist()


def _has_one_of(column: Any, texts: frozenset[str]) -> bool:
    """Whether a cell of a column is one of these texts."""
    if isinstance(column, list | tuple):
        return not texts.isdisjoint(column)
    import pyarrow.compute as pc

    return bool(pc.any(pc.is_in(column, _as_array(texts, column.type))).as_py())


def _has_blank(column: Any) -> bool:
    """Whether a cell of a column has nothing but spaces."""
    if isinstance(column, list | tuple):
        return any(map(str.isspace, set(column)))
    return blank_of_arrow(column.unique())


@lru_cache(maxsize=8)
def _as_array(texts: frozenset[str], kind: Any) -> Any:
    """Texts as an Arrow array, made once for all blocks of a table."""
    import pyarrow as pa

    return pa.array(texts, kind)


def _different(column: Any) -> set[str]:
    """The distinct texts of a column."""
    return set(column) if isinstance(column, list | tuple) else set(column.unique().to_pylist())


def _whole(pieces: Sequence[Any]) -> Any:
    """The pieces of a column together: a list of texts, or an Arrow array where one of them is one."""
    if len(pieces) == 1:
        return listed(pieces[0]) if isinstance(pieces[0], tuple) else pieces[0]
    if all(isinstance(piece, list | tuple) for piece in pieces):
        return [text for piece in pieces for text in piece]
    import pyarrow as pa

    kind = next(piece.type for piece in pieces if not isinstance(piece, list | tuple))
    return pa.concat_arrays([pa.array(piece, kind) if isinstance(piece, list | tuple) else piece for piece in pieces])


def _shape(cell: str) -> str:
    """A cell with every digit alike: days and numbers of one column look the same."""
    return "".join("9" if c.isdigit() else c for c in cell[:80])


def command_like(cell: str) -> bool:
    """Whether a text would start a program if a spreadsheet took it for a formula (``=cmd|'/c …'!A1``)."""
    return "|" in cell and "!" in cell and cell.lstrip()[:1] in {"=", "+", "-", "@"}


def rows_of(chunk: Chunk) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The good rows of a chunk, one by one, with their numbers."""
    return zip(chunk.row_numbers, zip(*map(listed, chunk.columns), strict=True), strict=True)
