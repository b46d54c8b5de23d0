"""A paper before it has a form: what stands on it, so that PDF, DOCX and the digest of its content agree word for
word.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from hashlib import sha256

from zhiheng.kernel.facts import canonical

Row = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Section:
    """A titled table of four columns; ``note`` stands under it, ``empty`` in the place of its rows."""

    title: str
    headings: Row
    rows: tuple[Row, ...]
    empty: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """What a paper says; its digest is printed on it and kept."""

    title: str
    office: str
    number: str
    as_of: str
    identity: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    statement: str

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON of everything the paper says."""
        return sha256(canonical(asdict(self)).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class ExtractPaper:
    """A content with its frame: how to verify it, the reader it was made for, how pages are counted.

    ``page_of`` has the blanks ``{page}`` and ``{pages}``.
    """

    content: Content
    verification: str
    address: str
    hash_label: str
    watermark: str
    page_of: str
    language: str = "zh"
    # The head of the public log as it is signed, for a QR code of its own, and what is written below it; nothing where
    # there is none.
    log_head: str = ""
    log_label: str = ""
