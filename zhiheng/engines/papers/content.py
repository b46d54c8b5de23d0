"""A paper before it has a form, so that PDF, DOCX and the digest of its content agree word for word."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any, Final, Literal

from zhiheng.kernel.facts import canonical

# What a line is: to whom, text, a heading within it, an attachment, how many copies there are.
Manner = Literal["to", "text", "heading", "attachment", "copies"]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; its own line ends stay."""

    manner: Manner
    text: str

    def texts(self) -> Iterator[str]:
        """What it says."""
        yield self.text


@dataclass(frozen=True, slots=True)
class PaperCell:
    """A field of a form: its printed name, what stands in it, how many lines it has at least."""

    label: str
    text: str
    lines: int = 1


@dataclass(frozen=True, slots=True)
class PaperForm:
    """Rows of fields."""

    rows: tuple[tuple[PaperCell, ...], ...]

    def texts(self) -> Iterator[str]:
        """What it says, row by row."""
        for row in self.rows:
            for cell in row:
                yield cell.label
                yield cell.text


@dataclass(frozen=True, slots=True)
class Listing:
    """A list with headings that stand again on every page; ``shares`` are the widths of its columns as shares."""

    headings: tuple[str, ...]
    shares: tuple[int, ...]
    rows: tuple[tuple[str, ...], ...]

    def texts(self) -> Iterator[str]:
        """What it says, row by row."""
        yield from self.headings
        for row in self.rows:
            yield from row


@dataclass(frozen=True, slots=True)
class Signing:
    """Places to sign, a line each."""

    places: tuple[str, ...]

    def texts(self) -> Iterator[str]:
        """What it says."""
        yield from self.places


@dataclass(frozen=True, slots=True)
class Seal:
    """The end of a paper: who issues it, on which day; the seal goes over both."""

    unit: str
    day: str

    def texts(self) -> Iterator[str]:
        """What it says."""
        yield self.unit
        yield self.day


PaperPart = Paragraph | PaperForm | Listing | Signing | Seal


@dataclass(frozen=True, slots=True)
class Sheet:
    """A title with what stands below it; each sheet begins a page."""

    title: str
    number: str
    parts: tuple[PaperPart, ...]

    def texts(self) -> Iterator[str]:
        """What it says, from top to bottom."""
        yield self.title
        yield self.number
        for part in self.parts:
            yield from part.texts()


@dataclass(frozen=True, slots=True)
class PaperContent:
    """What a paper says: the document of the book, the case, who issues it, and its sheets, the paper itself first."""

    document: str
    case: str
    unit: str
    sheets: tuple[Sheet, ...]

    @property
    def title(self) -> str:
        """The title of the paper itself."""
        return self.sheets[0].title

    @property
    def number(self) -> str:
        """Its number; empty where it has none."""
        return self.sheets[0].number

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON of everything that it says."""
        return sha256(self.canonical.encode()).hexdigest()

    @property
    def canonical(self) -> str:
        """Everything that it says, as JSON of one possible form."""
        sheets = [
            {**asdict(sheet), "parts": [{type(part).__name__: asdict(part)} for part in sheet.parts]}
            for sheet in self.sheets
        ]
        return canonical({"document": self.document, "case": self.case, "unit": self.unit, "sheets": sheets})

    def texts(self) -> Iterator[str]:
        """Every text on it, in the order in which it is read."""
        for sheet in self.sheets:
            yield from sheet.texts()


def as_content(said: Mapping[str, Any]) -> PaperContent:
    """The content in its JSON, as it was frozen. Raises KeyError or TypeError where it is none."""
    sheets = tuple(
        Sheet(
            sheet["title"],
            sheet["number"],
            tuple(_PARTS[name](body) for part in sheet["parts"] for name, body in part.items()),
        )
        for sheet in said["sheets"]
    )
    return PaperContent(said["document"], said["case"], said["unit"], sheets)


_PARTS: Final[Mapping[str, Callable[[Mapping[str, Any]], PaperPart]]] = {
    "Paragraph": lambda body: Paragraph(**body),
    "PaperForm": lambda body: PaperForm(tuple(tuple(PaperCell(**cell) for cell in row) for row in body["rows"])),
    "Listing": lambda body: Listing(
        tuple(body["headings"]), tuple(body["shares"]), tuple(tuple(row) for row in body["rows"])
    ),
    "Signing": lambda body: Signing(tuple(body["places"])),
    "Seal": lambda body: Seal(**body),
}
