"""The process that parses a workbook or a web page, so that a hostile one can take nothing down but itself.

It is started as ``python -m zhiheng.reading.sheet_process KIND PATH LIMITS`` with bounds on memory, time and what it
may write. Rows go to standard output, one JSON line per some hundred rows; the last line of standard error is one
JSON object: either ``{"refusal": {...}}`` or ``{"sheets": [...]}`` with the place of each sheet in the output."""

from __future__ import annotations

import datetime
import re
import sys
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import orjson

from zhiheng.kernel.reasons import Refusal, Refused
from zhiheng.reading import refusals
from zhiheng.reading.limits import MIB, Limits

BATCH = 200
_MAX_MERGES = 100_000
_PIECE = 1 << 20
_ERROR_CELL = re.compile(
    rb'<c r="([A-Z]{1,3})(\d{1,7})"[^>]*? t="e"[^>]*>(?:<f[^>]*/>|<f[^>]*>[^<]*</f>)?<v>(#[^<]{1,20})</v>'
)
_UNCOMPUTED = re.compile(rb"</f>\s*(?:<v\s*/>|<v></v>)?\s*</c>")
_ENTITY = re.compile(rb"<!(?:ENTITY|DOCTYPE)|<\0!\0(?:E\0N\0T\0I\0T\0Y\0|D\0O\0C\0T\0Y\0P\0E\0)")


@dataclass(slots=True)
class SheetSummary:
    """Where the rows of a sheet stand in the output, and what is known of it. Positions count from 0."""

    name: str
    hidden: bool = False
    offset: int = 0
    batches: int = 0
    rows: int = 0
    width: int = 0
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    blunted: int = 0
    uncomputed: int = 0
    commands: bool = False


@dataclass(slots=True)
class _PartFacts:
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    uncomputed: int = 0


def number_text(value: float) -> str:
    """A number as the sheet shows it: no '.0', no exponent, and no digits beyond the 15 that a spreadsheet keeps."""
    if value != value or value in (float("inf"), float("-inf")):
        return str(value)
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    short = Decimal(repr(value))
    if not value.is_integer() and len(short.as_tuple().digits) > 15:
        short = Decimal(f"{value:.15g}")
    text = format(short, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _moment(value: datetime.datetime) -> str:
    if value.time() == datetime.time():
        return value.date().isoformat()
    return value.isoformat(sep=" ")


def cell_text(value: Any) -> str:
    """Any cell of a spreadsheet as text."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, datetime.datetime):
        if value.microsecond:
            # A time is kept as a fraction of a day, so a whole second comes back some microseconds off.
            value = (value + datetime.timedelta(microseconds=500_000)).replace(microsecond=0)
        return _moment(value)
    if isinstance(value, datetime.date | datetime.time):
        return str(value.isoformat())
    if isinstance(value, datetime.timedelta):
        seconds = round(value.total_seconds())
        sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
        return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return str(value)


def bound(limits: Limits) -> None:
    """Sets the bounds of this process, where the system knows such bounds."""
    try:
        import resource
    except ImportError:
        return
    seconds = limits.seconds + 5
    for what, most in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, limits.max_spool_bytes),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(what)[1]
        ceiling = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (ceiling, ceiling))


class Output:
    """Writes rows and remembers where each sheet begins."""

    def __init__(self, limits: Limits) -> None:
        self._out = sys.stdout.buffer
        self._limits = limits
        self._at = 0
        self.sheets: list[SheetSummary] = []

    def write(self, summary: SheetSummary, rows: Iterable[tuple[list[str], list[int]]]) -> None:
        """The rows of one sheet, with the columns of those numbers whose digits are lost."""
        if len(self.sheets) >= self._limits.max_sheets:
            raise Refused(refusals.too_many_sheets(len(self.sheets) + 1, self._limits.max_sheets))
        summary.offset = self._at
        batch: list[list[str]] = []
        blunted: list[tuple[int, int]] = []
        for row, columns in rows:
            blunted += [(len(batch), column) for column in columns]
            batch.append(row)
            if len(batch) == BATCH:
                self._flush(summary, batch, blunted)
                batch, blunted = [], []
        if batch:
            self._flush(summary, batch, blunted)
        self.sheets.append(summary)

    def _flush(self, summary: SheetSummary, batch: list[list[str]], blunted: list[tuple[int, int]]) -> None:
        line = orjson.dumps([batch, blunted])
        if self._at + len(line) + 1 > self._limits.max_spool_bytes:
            raise Refused(refusals.workbook_greedy())
        if len(line) > self._limits.max_cell_chars:
            for offset, row in enumerate(batch, start=summary.rows + 1):
                if max(map(len, row), default=0) > self._limits.max_cell_chars:
                    raise Refused(refusals.cell_too_long(offset, self._limits.max_cell_chars))
        self._out.write(line)
        self._out.write(b"\n")
        self._at += len(line) + 1
        summary.batches += 1
        summary.rows += len(batch)
        if summary.rows > self._limits.max_rows:
            raise Refused(refusals.too_many_rows(self._limits.max_rows))
        summary.width = max(summary.width, max(map(len, batch)))
        summary.blunted += len(blunted)
        if b"|" in line and b"!" in line:
            summary.commands = True


def check_parts(path: Path, limits: Limits) -> dict[str, _PartFacts]:
    """Unpacks every part of a packed workbook into nothing, counting, before a parser sees it. Raises Refused.

    Returns, by part, the error cells (which the parser would give as empty) and the number of formulas without a value.
    """
    facts: dict[str, _PartFacts] = {}
    total = 0
    packed = max(1, path.stat().st_size)
    try:
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                lower = entry.filename.lower()
                if lower.endswith("vbaproject.bin") or lower.startswith(("xl/macrosheets/", "basic/")):
                    raise Refused(refusals.macros())
                if lower.startswith("xl/externallinks/"):
                    raise Refused(refusals.external_links())
                if entry.flag_bits & 1:
                    raise Refused(refusals.encrypted())
                is_xml = lower.endswith((".xml", ".rels", ".vml", ".rdf"))
                is_sheet = lower.startswith("xl/worksheets/") and lower.endswith(".xml")
                part = _PartFacts()
                carry = b""
                with archive.open(entry) as stream:
                    while piece := stream.read(_PIECE):
                        total += len(piece)
                        if total > limits.max_unzipped_bytes:
                            raise Refused(refusals.bomb())
                        if total > limits.ratio_floor and total > packed * limits.max_ratio:
                            raise Refused(refusals.bomb())
                        if not is_xml:
                            continue
                        text = carry + piece
                        if b"<" in text and _ENTITY.search(text):
                            raise Refused(refusals.entities(entry.filename))
                        if lower == "meta-inf/manifest.xml" and b"encryption-data" in text:
                            raise Refused(refusals.encrypted())
                        if is_sheet:
                            carry = _look_at_cells(text, part)
                        else:
                            carry = text[-64:]
                facts[entry.filename] = part
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError, ValueError) as error:
        raise Refused(refusals.workbook_damaged(str(error))) from None
    except Exception as error:
        if isinstance(error, Refused | MemoryError):
            raise
        raise Refused(refusals.workbook_damaged(type(error).__name__)) from None
    return facts


def _look_at_cells(text: bytes, part: _PartFacts) -> bytes:
    """Notes the error cells of a piece of a sheet; returns what must be seen again with the next piece."""
    cut = text.rfind(b"</c>") + 4
    whole, rest = (text[:cut], text[cut:]) if cut >= 4 else (b"", text)
    if b' t="e"' in whole:
        for column, row, said in _ERROR_CELL.findall(whole):
            part.errors[int(row) - 1, _column_index(column)] = said.decode("ascii", "replace")
    if b"</f>" in whole:
        part.uncomputed += len(_UNCOMPUTED.findall(whole))
    return rest[-65_536:]


def _column_index(letters: bytes) -> int:
    index = 0
    for letter in letters:
        index = index * 26 + letter - 64
    return index - 1


def _parts_of_sheets(path: Path) -> dict[str, str]:
    """Sheet name -> name of its part, as the workbook's own list says."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"}
            if any(archive.getinfo(name).file_size > 16 * MIB for name in names):
                return {}
            # check_parts has refused every part that declares an entity, so this parser has nothing to expand.
            links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
            book = ElementTree.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314
    except (KeyError, ElementTree.ParseError, zipfile.BadZipFile):
        return {}
    targets = {link.get("Id", ""): link.get("Target", "") for link in links}
    found = {}
    for sheet in book.iter():
        if sheet.tag.endswith("}sheet"):
            key = next((value for name, value in sheet.attrib.items() if name.endswith("}id")), "")
            target = targets.get(key, "")
            found[sheet.get("name", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return found


def read_workbook(path: Path, limits: Limits, output: Output, *, packed: bool) -> None:
    """Every sheet of a workbook. Raises Refused."""
    import python_calamine

    facts = check_parts(path, limits) if packed else {}
    parts = _parts_of_sheets(path) if packed else {}
    try:
        # By path the library would believe the extension; by content it looks at the file.
        with path.open("rb") as file:
            book = python_calamine.CalamineWorkbook.from_filelike(file)
    except python_calamine.PasswordError:
        raise Refused(refusals.encrypted()) from None
    metadata = list(book.sheets_metadata)
    if len(metadata) > limits.max_sheets:
        raise Refused(refusals.too_many_sheets(len(metadata), limits.max_sheets))
    if any(str(sheet.typ).endswith(("MacroSheet", "Vba")) for sheet in metadata):
        raise Refused(refusals.macros())
    for sheet_data in metadata:
        summary = SheetSummary(sheet_data.name, hidden=not str(sheet_data.visible).endswith(".Visible"))
        if not str(sheet_data.typ).endswith("WorkSheet"):
            output.write(summary, ())
            continue
        sheet = book.get_sheet_by_name(sheet_data.name)
        if sheet.start is None or sheet.end is None:
            output.write(summary, ())
            continue
        if sheet.end[1] + 1 > limits.max_columns:
            raise Refused(refusals.too_many_columns(sheet.end[1] + 1, limits.max_columns))
        if sheet.end[0] + 1 > limits.max_rows:
            raise Refused(refusals.too_many_rows(limits.max_rows))
        merges = sheet.merged_cell_ranges or []
        summary.merges = [(a[0], a[1], b[0], b[1]) for a, b in merges[:_MAX_MERGES]]
        part = facts.get(parts.get(sheet_data.name, ""), _PartFacts())
        summary.uncomputed = part.uncomputed
        output.write(summary, _texts(sheet.iter_rows(), sheet.start[1], part.errors))


def _texts(
    rows: Iterable[list[Any]], left: int, errors: dict[tuple[int, int], str]
) -> Iterator[tuple[list[str], list[int]]]:
    margin = [""] * left
    rows_with_errors = {row for row, _ in errors}
    for number, row in enumerate(rows):
        texts = margin + [value if type(value) is str else cell_text(value) for value in row]
        blunted = [left + column for column, value in enumerate(row) if type(value) is float and abs(value) >= 1e15]
        if number in rows_with_errors:
            for column, text in enumerate(texts):
                if not text:
                    texts[column] = errors.get((number, column), "")
        yield texts, blunted


def main(arguments: list[str]) -> int:
    """Reads what the parent asks for; the exit status is 0 also where the file is refused."""
    kind, name, asked = arguments
    limits = Limits(**orjson.loads(asked))
    bound(limits)
    output = Output(limits)
    refusal: Refusal | None = None
    try:
        if kind == "html":
            from zhiheng.reading.html_pages import read_page

            read_page(Path(name), limits, output)
        else:
            read_workbook(Path(name), limits, output, packed=kind == "packed")
        sys.stdout.buffer.flush()
    except Refused as refused:
        refusal = refused.refusals[0]
    except (MemoryError, RecursionError):
        refusal = refusals.workbook_greedy()
    except OSError as error:
        # EFBIG: the rows outgrew what this process may write.
        refusal = refusals.workbook_greedy() if error.errno == 27 else refusals.workbook_damaged(str(error))
    except BaseException as error:  # a parser in another language may panic, which is no Exception
        refusal = refusals.workbook_damaged(f"{type(error).__name__}: {error}"[:200])
    said = {"refusal": asdict(refusal)} if refusal else {"sheets": [asdict(sheet) for sheet in output.sheets]}
    sys.stderr.buffer.write(b"\n" + orjson.dumps(said) + b"\n")
    sys.stderr.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
