"""What a sheet of .xlsx shows beside its values, and the values don't tell: hidden and struck rows, number formats,
formulas without result.

The parser gives values only. A sheet that says 96.4% holds 0.964, one that shows 1.2万元 holds 1.2 or 12000, and a row
that somebody has filtered away or struck through looks like any other. Found with patterns over the pieces of the part
as they stream by, so that a sheet of any size costs one pass and little memory; a sheet without such styles costs next
to nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from xml.etree import ElementTree

from zhiheng.kernel.fields.measures import measure

# A part of a workbook is looked into as a whole only up to this size.
WHOLE = 16 * 1024 * 1024
_MOST = 2_000_000
_NAMED = 30

_ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*)>")
_HIDDEN = re.compile(rb'\bhidden="(?:1|true)"|\bht="0(?:\.0*)?"')
_NUMBER = re.compile(rb'\br="(\d{1,7})"')
_COL = re.compile(rb"<(?:\w+:)?col\b([^>]*)>")
_BOUNDS = re.compile(rb'\b(min|max)="(\d{1,5})"')
_CELL = re.compile(rb'<(?:\w+:)?c\b(?=[^>]*\br="([A-Z]{1,3})(\d{1,7})")(?=[^>]*\bs="(\d{1,5})")[^>]*>')
_STRING_CELL = re.compile(
    rb'<(?:\w+:)?c\b(?=[^>]*\br="([A-Z]{1,3})(\d{1,7})")(?=[^>]*\bt="s")[^>]*>\s*<(?:\w+:)?v>(\d{1,9})</'
)
_UNCOMPUTED = re.compile(
    rb'<(?:\w+:)?c\b(?=[^>]*\br="([A-Z]{1,3})(\d{1,7})")(?![^>]*\bt="str")[^>]*>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)'
    rb"\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_COMMENT = re.compile(rb'<(?:\w+:)?(?:comment|threadedComment)\b[^>]*\bref="([A-Z]{1,3}\d{1,7})"')
_SI = re.compile(rb"<(?:\w+:)?si\b|<(?:\w+:)?strike(?:\s*/>|\s+val=\"(?:1|true)\"\s*/>)")

PERCENT_IDS = {9, 10}
_RENMINBI = {"¥", "￥", "RMB", "CNY", "元", ""}


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """How a number is shown: as per cent, with a text before or behind it, filled up with zeros; ``scaled``: smaller
    than it is.
    """

    percent: bool = False
    before: str = ""
    behind: str = ""
    digits: int = 0
    scaled: bool = False

    def text(self, plain: str) -> str:
        """The number as the sheet shows it, with every digit that it has."""
        said = plain
        if self.percent:
            moved = format(Decimal(plain) * 100, "f")
            said = (moved.rstrip("0").rstrip(".") if "." in moved else moved) + "%"
        elif self.digits and plain.isdigit():
            said = plain.zfill(self.digits)
        return f"{self.before}{said}{self.behind}"


@dataclass(slots=True)
class Styles:
    """The styles of a workbook that matter: which strike their text out, which show a number as another; ``count``: of
    all formats of cells.
    """

    count: int = 0
    struck: set[int] = field(default_factory=set)
    shown: dict[int, NumberFormat] = field(default_factory=dict)
    struck_texts: set[int] = field(default_factory=set)
    texts: int = 0

    def look_at_texts(self, piece: bytes) -> None:
        """Notes which of the shared texts have a piece struck out; pieces come in order and don't cut a tag."""
        if b"<strike" not in piece and b":strike" not in piece:
            self.texts += piece.count(b"<si>") + piece.count(b"<si ") + piece.count(b":si>")
            return
        for found in _SI.finditer(piece):
            if b"strike" in found[0]:
                self.struck_texts.add(self.texts - 1)
            else:
                self.texts += 1


@dataclass(slots=True)
class Marks:
    """What was seen of one sheet; rows and columns count from 0."""

    hidden: set[int] = field(default_factory=set)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    filtered: bool = False
    struck: dict[int, set[int]] = field(default_factory=dict)
    shown: dict[tuple[int, int], NumberFormat] = field(default_factory=dict)
    uncomputed: dict[int, set[int]] = field(default_factory=dict)
    uncomputed_count: int = 0
    named: list[str] = field(default_factory=list)

    def look_at(self, text: bytes, styles: Styles) -> None:
        """Notes what a piece of the sheet says; a piece ends with a whole cell."""
        if b"hidden=" in text or b'ht="0' in text:
            for found in _ROW.finditer(text):
                number = _NUMBER.search(found[1])
                if number and _HIDDEN.search(found[1]) and len(self.hidden) < _MOST:
                    self.hidden.add(int(number[1]) - 1)
            for found in _COL.finditer(text):
                bounds = dict(_BOUNDS.findall(found[1]))
                if _HIDDEN.search(found[1]) and len(bounds) == 2 and len(self.hidden_columns) < 1000:
                    self.hidden_columns.append((int(bounds[b"min"]) - 1, int(bounds[b"max"]) - 1))
        self.filtered = self.filtered or b"filterColumn" in text
        if styles.struck or styles.shown:
            for letters, row, style in _CELL.findall(text):
                self.styled(int(row) - 1, column_index(letters), int(style), styles)
        if styles.struck_texts:
            for letters, row, number in _STRING_CELL.findall(text):
                if int(number) in styles.struck_texts:
                    self.struck.setdefault(int(row) - 1, set()).add(column_index(letters))
        if b"</f>" in text or b"<f " in text or b":f>" in text:
            for letters, row in _UNCOMPUTED.findall(text):
                self.uncomputed_count += 1
                if len(self.uncomputed) < _MOST:
                    self.uncomputed.setdefault(int(row) - 1, set()).add(column_index(letters))
                if len(self.named) < _NAMED:
                    self.named.append((letters + row).decode("ascii"))

    def styled(self, row: int, column: int, style: int, styles: Styles) -> None:
        """Notes what the style of a cell says."""
        if style in styles.struck and len(self.struck) < _MOST:
            self.struck.setdefault(row, set()).add(column)
        shown = styles.shown.get(style)
        if shown is not None and len(self.shown) < _MOST:
            self.shown[row, column] = shown

    def forget_cells(self) -> None:
        """Forgets what was seen of rows and cells; columns, counts and the first names stay."""
        for held in (self.hidden, self.struck, self.shown, self.uncomputed):
            held.clear()

    def note_uncomputed(self, row: int, column: int) -> None:
        """Notes a formula without a result."""
        self.uncomputed_count += 1
        if len(self.uncomputed) < _MOST:
            self.uncomputed.setdefault(row, set()).add(column)
        if len(self.named) < _NAMED:
            self.named.append(f"{column_letters(column)}{row + 1}")


def column_letters(index: int) -> str:
    """The letters over the column with this index, counted from 0."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def comments(text: bytes) -> list[str]:
    """The cells that comments of a part belong to."""
    return [ref.decode("ascii") for ref in _COMMENT.findall(text)]


def column_index(letters: bytes) -> int:
    """A = 0, B = 1, ..."""
    index = 0
    for letter in letters:
        index = index * 26 + letter - 64
    return index - 1


def styles_of(content: bytes) -> Styles:
    """The styles of ``xl/styles.xml``; nothing where it can't be understood. The part must declare no entity."""
    try:
        root = ElementTree.fromstring(content)  # noqa: S314
    except ElementTree.ParseError:
        return Styles()
    codes = {
        int(one.get("numFmtId", "0")): one.get("formatCode", "")
        for one in root.iter()
        if one.tag.endswith("}numFmt") and one.get("numFmtId", "").isdigit()
    }
    fonts = next((list(one) for one in root if one.tag.endswith("}fonts")), [])
    cells = next((list(one) for one in root if one.tag.endswith("}cellXfs")), [])
    struck_fonts = {
        number
        for number, font in enumerate(fonts)
        if any(part.tag.endswith("}strike") and part.get("val", "1") not in ("0", "false") for part in font)
    }
    styles = Styles(count=len(cells))
    for number, cell in enumerate(cells):
        if cell.get("fontId", "0").isdigit() and int(cell.get("fontId", "0")) in struck_fonts:
            styles.struck.add(number)
        code = int(cell.get("numFmtId", "0")) if cell.get("numFmtId", "0").isdigit() else 0
        shown = NumberFormat(percent=True) if code in PERCENT_IDS else format_of(codes[code]) if code in codes else None
        if shown is not None:
            styles.shown[number] = shown
    return styles


_TOKENS = re.compile(
    r"\"(?P<quoted>[^\"]*)\"?|\\(?P<escaped>.)|!(?P<marked>.)|\[\$(?P<currency>[^\]-]*)[^\]]*\]|\[[^\]]*\]|[_*].|(?P<plain>.)",
    re.DOTALL,
)


def format_of(code: str) -> NumberFormat | None:
    """How a number format shows a positive number; None where it shows it as it is, or shows a day."""
    before, behind, digits = "", "", ""
    percent = scaled = pointed = False
    for found in _TOKENS.finditer(code[:255]):
        plain = found["plain"]
        literal = found["quoted"] or found["escaped"] or found["marked"] or found["currency"] or ""
        if plain is not None and plain in "0#?":
            if behind.strip():
                # Digits go on behind a text: 0!.0,"万" moves the point by a text of its own.
                scaled, behind = True, ""
            digits += plain
        elif plain == ".":
            pointed = True
        elif plain == ",":
            digits += ","
        elif plain == "%":
            percent = True
        elif plain == ";":
            break
        elif plain is not None and plain in "ymdhsYMDHSeEgGaAbB@年月日时分秒":
            return None
        else:
            literal = literal or (plain or "")
            if digits:
                behind += literal
            else:
                before += literal
    if not digits:
        return None
    before = "" if before.strip() in _RENMINBI else before.strip()
    zeros = 0 if pointed or "#" in digits or "," in digits or "?" in digits else len(digits)
    behind = behind.strip()
    of = measure(behind) if behind else None
    if of is not None and of.factor == 1 and of.dimension.startswith("count:"):
        # 3家 is 3 of what is counted anyway; 3万家 is not.
        behind = ""
    shown = NumberFormat(
        percent, before, behind, zeros if zeros > 1 and not percent else 0, scaled or digits.endswith(",")
    )
    return None if shown == NumberFormat() else shown
