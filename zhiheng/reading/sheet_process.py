"""The process that parses a workbook or a web page, so that a hostile one can take nothing down but itself.

It is started as ``python -m zhiheng.reading.sheet_process KIND PATH LIMITS ROOM`` with bounds on memory, time and what
it may write; ROOM is a folder for files that pass. Rows go to standard output, one JSON line per some hundred rows; the
last line of standard error is one JSON object: either ``{"refusal": {...}}`` or ``{"sheets": [...]}`` with the place of
each sheet in the output."""

from __future__ import annotations

import html
import re
import sys
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import orjson

from zhiheng.kernel.reasons import Refusal, Refused
from zhiheng.reading import refusals
from zhiheng.reading.limits import Limits
from zhiheng.reading.other_marks import BookFacts, marks_of_ods, marks_of_xls
from zhiheng.reading.sheet_marks import WHOLE, Marks, NumberFormat, Styles, column_index, comments, styles_of
from zhiheng.reading.sheet_output import Mark, Output, SheetSummary, cell_text
from zhiheng.reading.sheet_slices import SheetSlices

_NAMED = 30
_PIECE = 1 << 20
_ERROR_CELL = re.compile(
    rb'<c r="([A-Z]{1,3})(\d{1,7})"[^>]*? t="e"[^>]*>(?:<f[^>]*/>|<f[^>]*>[^<]*</f>)?<v>(#[^<]{1,20})</v>'
)
# What is printed above and below each page of a sheet: officers put the unit and the title there.
_PAGE_TEXT = re.compile(rb"<(?:\w+:)?(?:odd|first|even)(?:Header|Footer)>([^<]{1,2000})<")
_PAGE_CODES = re.compile(r"&(?:\"[^\"]*\"|K[0-9A-F]{6}|K\d\d[+-]\d{3}|[0-9]{1,3}|[A-Z])")
_ENTITY = re.compile(rb"<!(?:ENTITY|DOCTYPE)|<\0!\0(?:E\0N\0T\0I\0T\0Y\0|D\0O\0C\0T\0Y\0P\0E\0)")


@dataclass(slots=True)
class _PartFacts:
    large: bool = False
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    beside: list[str] = field(default_factory=list)
    marks: Marks = field(default_factory=Marks)
    comments: list[str] = field(default_factory=list)


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


def check_parts(path: Path, limits: Limits) -> tuple[dict[str, _PartFacts], Styles]:
    """Unpacks every part of a packed workbook into nothing, counting, before a parser sees it. Raises Refused.

    Returns, by part, the error cells (which the parser would give as empty) and what a sheet shows beside its values:
    of a large sheet neither, since both are looked for when it is read in slices. And the styles.
    """
    facts: dict[str, _PartFacts] = {}
    styles = Styles()
    total = 0
    packed = max(1, path.stat().st_size)
    try:
        with zipfile.ZipFile(path) as archive:
            for entry in sorted(archive.infolist(), key=_styles_first):
                lower = entry.filename.lower()
                if lower.endswith("vbaproject.bin") or lower.startswith(("xl/macrosheets/", "basic/")):
                    raise Refused(refusals.macros())
                if lower.startswith("xl/externallinks/"):
                    raise Refused(refusals.external_links())
                if entry.flag_bits & 1:
                    raise Refused(refusals.encrypted())
                is_xml = lower.endswith((".xml", ".rels", ".vml", ".rdf"))
                is_sheet = lower.startswith("xl/worksheets/") and lower.endswith(".xml")
                is_texts = lower == "xl/sharedstrings.xml"
                # Of an .ods: read as a whole, and by a parser that begins a tag anew with each piece of it.
                is_open = lower in ("content.xml", "styles.xml")
                stretch = 0
                if is_open and entry.file_size > limits.max_ods_bytes:
                    raise Refused(refusals.whole_workbook_too_large("ODS", entry.file_size, limits.max_ods_bytes))
                whole = bytearray()
                part = _PartFacts(large=is_sheet and entry.file_size > 2 * limits.slice_bytes)
                carry = b""
                if is_texts and entry.file_size > limits.max_shared_bytes:
                    raise Refused(refusals.too_much_shared_text(limits.max_shared_bytes))
                with archive.open(entry) as stream:
                    while piece := stream.read(_PIECE):
                        total += len(piece)
                        if total > limits.max_unzipped_bytes:
                            raise Refused(refusals.bomb())
                        if total > limits.ratio_floor and total > packed * limits.max_ratio:
                            raise Refused(refusals.bomb())
                        if not is_xml:
                            continue
                        if is_open:
                            stretch = _longest_open(piece, stretch, limits.max_markup_bytes)
                        text = carry + piece
                        if b"<" in text and _ENTITY.search(text):
                            raise Refused(refusals.entities(entry.filename))
                        if lower == "meta-inf/manifest.xml" and b"encryption-data" in text:
                            raise Refused(refusals.encrypted())
                        if lower == "xl/styles.xml" and len(whole) <= WHOLE:
                            whole += piece
                        if is_sheet:
                            carry = _look_at_cells(text, part, None if part.large else styles)
                        elif is_texts:
                            cut = text.rfind(b">") + 1
                            styles.look_at_texts(text[:cut])
                            carry = text[cut:][-65_536:]
                        else:
                            if "comments" in lower:
                                part.comments += comments(piece)
                            carry = text[-64:]
                if is_sheet and not part.large:
                    part.marks.look_at(carry, styles)
                if lower == "xl/styles.xml" and len(whole) <= WHOLE:
                    styles = styles_of(bytes(whole))
                    if styles.count > limits.max_formats:
                        raise Refused(refusals.too_many_formats(styles.count, limits.max_formats))
                facts[entry.filename] = part
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError, ValueError) as error:
        raise Refused(refusals.workbook_damaged(str(error))) from None
    except Exception as error:
        if isinstance(error, Refused | MemoryError):
            raise
        raise Refused(refusals.workbook_damaged(type(error).__name__)) from None
    return facts, styles


def _longest_open(piece: bytes, before: int, most: int) -> int:
    """Bytes since the last end of a tag, after one more piece. Raises Refused where there are more than allowed."""
    first = piece.find(b">")
    if first < 0:
        open_now = longest = before + len(piece)
    else:
        open_now = len(piece) - piece.rfind(b">") - 1
        longest = max(before + first, open_now)
    if longest > most:
        raise Refused(refusals.markup_too_long(most))
    return open_now


def _styles_first(entry: zipfile.ZipInfo) -> tuple[bool, bool]:
    """What cells refer to is read before the cells, whatever the order of the parts."""
    lower = entry.filename.lower()
    return not lower.endswith("styles.xml"), lower.startswith("xl/worksheets/")


def _look_at_cells(text: bytes, part: _PartFacts, styles: Styles | None) -> bytes:
    """Notes what a piece of a sheet says beside its values (without ``styles``: not of single cells); returns what must
    be seen again with the next piece.
    """
    cut = max(text.rfind(b"</c>") + 4, text.rfind(b"</row>") + 6)
    if cut < 6:
        cut = text.rfind(b"</x:c>") + 6 if b"</x:c>" in text else 0
    whole, rest = (text[:cut], text[cut:]) if cut >= 4 else (b"", text)
    if styles is None:
        part.marks.filtered = part.marks.filtered or b"filterColumn" in text
    else:
        _look_at_rows(whole, part, styles)
    if b"Header>" in rest or b"Footer>" in rest:
        for found in _PAGE_TEXT.findall(rest):
            part.beside += [line for line in _page_lines(found) if line not in part.beside]
    return rest[-65_536:]


def _look_at_rows(whole: bytes, part: _PartFacts, styles: Styles) -> None:
    if b' t="e"' in whole:
        for column, row, said in _ERROR_CELL.findall(whole):
            part.errors[int(row) - 1, column_index(column)] = said.decode("ascii", "replace")
    part.marks.look_at(whole, styles)


def _page_lines(text: bytes) -> list[str]:
    """The lines of what is printed on each page, without the codes for fonts, page numbers and the like."""
    said = html.unescape(text.decode("utf-8", "replace")).replace("_x000a_", "\n")
    lines = _PAGE_CODES.sub("\n", said.replace("&&", "＆")).split("\n")
    return [line.strip()[:200] for line in lines if len(line.strip()) > 3][:_NAMED]


@dataclass(frozen=True, slots=True)
class _Sheets:
    """What the workbook itself says: sheet name -> its part, part -> parts of its comments, and the day its days begin
    with.
    """

    parts: dict[str, str]
    comments: dict[str, list[str]]
    epoch1904: bool = False


def _sheets_of(path: Path) -> _Sheets:
    try:
        with zipfile.ZipFile(path) as archive:
            names = {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"}
            if any(archive.getinfo(name).file_size > WHOLE for name in names):
                return _Sheets({}, {})
            # check_parts has refused every part that declares an entity, so this parser has nothing to expand.
            links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
            book = ElementTree.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314
            targets = {link.get("Id", ""): link.get("Target", "") for link in links}
            found = {}
            for sheet in book.iter():
                if sheet.tag.endswith("}sheet"):
                    key = next((value for name, value in sheet.attrib.items() if name.endswith("}id")), "")
                    target = targets.get(key, "")
                    found[sheet.get("name", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            remarks = {part: _comments_of(archive, part) for part in found.values()}
    except (KeyError, ElementTree.ParseError, zipfile.BadZipFile):
        return _Sheets({}, {})
    settings = next((one for one in book if one.tag.endswith("}workbookPr")), None)
    return _Sheets(found, remarks, settings is not None and settings.get("date1904", "0") in ("1", "true"))


def _comments_of(archive: zipfile.ZipFile, part: str) -> list[str]:
    folder, _, name = part.rpartition("/")
    try:
        if archive.getinfo(f"{folder}/_rels/{name}.rels").file_size > WHOLE:
            return []
        links = ElementTree.fromstring(archive.read(f"{folder}/_rels/{name}.rels"))  # noqa: S314
    except (KeyError, ElementTree.ParseError):
        return []
    targets = [link.get("Target", "") for link in links if link.get("Type", "").lower().endswith("comments")]
    return [
        t.lstrip("/") if t.startswith("/") else f"{folder.rpartition('/')[0]}/{t.removeprefix('../')}" for t in targets
    ]


def read_workbook(path: Path, limits: Limits, output: Output, room: Path, *, packed: bool) -> None:
    """Every sheet of a workbook. Raises Refused."""
    import python_calamine

    facts, styles = check_parts(path, limits) if packed else ({}, Styles())
    sheets = _sheets_of(path) if packed else _Sheets({}, {})
    # An .ods is packed too, and has no part of a sheet by itself.
    others = BookFacts() if sheets.parts else marks_of_ods(path) if packed else marks_of_xls(path)
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
        name = sheets.parts.get(sheet_data.name, "")
        part = facts.get(name, _PartFacts())
        summary.beside = part.beside
        summary.comments = [
            ref for one in sheets.comments.get(name, ()) for ref in facts.get(one, _PartFacts()).comments
        ][:_NAMED]
        summary.epoch1904, summary.marks_unseen = sheets.epoch1904 or others.epoch1904, not name
        if part.large:
            slices = SheetSlices(path, name, sheet_data.name, limits, room)
            output.write(summary, _texts_of_slices(slices, part, styles, limits))
            summary.merges = slices.merges
            summary.uncomputed, summary.uncomputed_cells = part.marks.uncomputed_count, part.marks.named
            summary.hidden_columns = part.marks.hidden_columns
            continue
        sheet = book.get_sheet_by_name(sheet_data.name)
        if sheet.start is None or sheet.end is None:
            output.write(summary, ())
            continue
        _check_size(sheet, limits)
        merges = sheet.merged_cell_ranges or []
        if len(merges) > limits.max_merges:
            raise Refused(refusals.too_many_merges(limits.max_merges))
        summary.merges = [(a[0], a[1], b[0], b[1]) for a, b in merges]
        summary.uncomputed, summary.uncomputed_cells = part.marks.uncomputed_count, part.marks.named
        summary.hidden_columns = part.marks.hidden_columns
        if (other := others.sheets.get(sheet_data.name)) is not None:
            part = _PartFacts(marks=other.marks)
            summary.uncomputed, summary.uncomputed_cells = other.marks.uncomputed_count, other.marks.named
            summary.hidden_columns, summary.comments = other.marks.hidden_columns, other.comments[:_NAMED]
            summary.marks_unseen = False
        output.write(summary, _texts(sheet.iter_rows(), sheet.start[1], part))


def _check_size(sheet: Any, limits: Limits) -> None:
    if sheet.end[1] + 1 > limits.max_columns:
        raise Refused(refusals.too_many_columns(sheet.end[1] + 1, limits.max_columns))
    if sheet.end[0] + 1 > limits.max_rows:
        raise Refused(refusals.too_many_rows(limits.max_rows))


def _texts_of_slices(
    slices: SheetSlices, part: _PartFacts, styles: Styles, limits: Limits
) -> Iterator[tuple[list[str], list[int], list[Mark]]]:
    """The rows of a large sheet; what is said of single cells is looked for in each slice, and forgotten with it."""
    number = width = 0
    for markup, sheet in slices:
        part.errors.clear()
        part.marks.forget_cells()
        _look_at_rows(markup, part, styles)
        if sheet.start is None or sheet.end is None:
            continue
        _check_size(sheet, limits)
        if sheet.start[0] < number:
            raise Refused(refusals.workbook_damaged(f"row {sheet.start[0] + 1}"))
        # Rows that stand between two stretches hold nothing.
        for _ in range(number, sheet.start[0]):
            yield [""] * width, [], []
        width = max(width, sheet.end[1] + 1)
        for texts, blunted, asked in _texts(sheet.to_python(), sheet.start[1], part, first=sheet.start[0]):
            # A column that ends in an earlier stretch is empty here.
            yield texts + [""] * (width - len(texts)), blunted, asked
        number = sheet.end[0] + 1


def _texts(
    rows: Iterable[list[Any]], left: int, part: _PartFacts, *, first: int = 0
) -> Iterator[tuple[list[str], list[int], list[Mark]]]:
    margin = [""] * left
    marks, errors = part.marks, part.errors
    rows_with_errors = {row for row, _ in errors}
    rows_shown: dict[int, list[tuple[int, NumberFormat]]] = {}
    for (line, column), how in marks.shown.items():
        rows_shown.setdefault(line, []).append((column, how))
    odd = marks.hidden | marks.struck.keys() | marks.uncomputed.keys()
    plain = not odd and not rows_shown and not errors
    for number, row in enumerate(rows, start=first):
        texts = margin + [value if type(value) is str else cell_text(value) for value in row]
        blunted = [left + column for column, value in enumerate(row) if type(value) is float and abs(value) >= 1e15]
        for column in blunted:
            # Beyond this a number in the file is no longer the one that was typed: then no digit of its end is shown.
            if abs(held := row[column - left]) >= 2**53:
                texts[column] = f"{held:.15g}"
        asked: list[Mark] = []
        if number in rows_with_errors:
            for column, text in enumerate(texts):
                if not text:
                    texts[column] = errors.get((number, column), "")
        if plain:
            yield texts, blunted, asked
            continue
        for column, how in rows_shown.get(number, ()):
            held = row[column - left] if left <= column < left + len(row) else None
            if type(held) is not float and type(held) is not int:
                continue
            if how.scaled:
                asked.append((column, "scaled"))
            else:
                texts[column] = how.text(texts[column])
        if number in odd:
            if number in marks.hidden:
                asked.append((-1, "filtered" if marks.filtered else "hidden"))
            asked += [
                (column, "struck")
                for column in sorted(marks.struck.get(number, ()))
                if column < len(texts) and texts[column]
            ]
            asked += [
                (column, "uncomputed")
                for column in sorted(marks.uncomputed.get(number, ()))
                if column < len(texts) and not texts[column]
            ]
        yield texts, blunted, asked


def main(arguments: list[str]) -> int:
    """Reads what the parent asks for; the exit status is 0 also where the file is refused."""
    kind, name, asked, room = arguments
    limits = Limits(**orjson.loads(asked))
    bound(limits)
    output = Output(limits)
    refusal: Refusal | None = None
    try:
        if kind == "html":
            from zhiheng.reading.html_pages import read_page

            read_page(Path(name), limits, output)
        elif kind == "xml":
            from zhiheng.reading.xml_sheets import read_xml

            read_xml(Path(name), limits, output)
        else:
            read_workbook(Path(name), limits, output, Path(room), packed=kind == "packed")
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
