"""Files that are attached to a case: pictures, PDF, Word and Excel, by what is in them; a name can say anything.

Pictures are encoded anew (``pictures.py``), so that neither place nor device comes along. Documents are kept as they
were sent: they are evidence. One that carries a program, is encrypted or is none of these kinds is refused.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from zhiheng.kernel.reasons import Refused
from zhiheng.reading import refusals
from zhiheng.reading.clamd import scan
from zhiheng.reading.pictures import clean_picture

BYTES: Final = 20 << 20
PICTURES: Final = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF")
# The part that says which program wrote a package of Office Open XML (ECMA-376), and the kind that it tells.
_OFFICE: Final = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx"}
_MOST_PARTS: Final = 5_000
_MACROS: Final = "vbaproject.bin"


@dataclass(frozen=True, slots=True)
class CleanAttachment:
    """A file as it is kept: its bytes, kind (``jpg``, ``png``, ``pdf``, ``docx``, ``xlsx``) and digest; the digest of
    what was sent; whether a scanner for viruses looked at it.
    """

    content: bytes
    kind: str
    digest: str
    sent_digest: str
    scanned: bool


def clean_attachment(name: str, pieces: Iterable[bytes], *, scanner: str = "") -> CleanAttachment:
    """The file as it may be kept. ``scanner``: the address of a ClamAV daemon, '' where there is none.

    Raises Refused for what is empty, too large, of another kind, broken, or infected.
    """
    sent = _whole(name, pieces)
    if scanner:
        scan(name, sent, scanner)
    if sent.startswith(PICTURES) or sent[4:8] == b"ftyp":
        picture = clean_picture(name, sent)
        return CleanAttachment(picture.content, picture.kind, picture.digest, picture.sent_digest, bool(scanner))
    digest = sha256(sent).hexdigest()
    kind = "pdf" if sent.startswith(b"%PDF-") else _office_kind(name, sent)
    return CleanAttachment(sent, kind, digest, digest, bool(scanner))


def _whole(name: str, pieces: Iterable[bytes]) -> bytes:
    found = bytearray()
    for piece in pieces:
        found += piece
        if len(found) > BYTES:
            raise Refused(refusals.attachment_bytes(name, BYTES >> 20))
    if not found:
        raise Refused(refusals.attachment_empty(name))
    return bytes(found)


def _office_kind(name: str, sent: bytes) -> str:
    """The kind of an office document, by the parts that its package holds; nothing is unpacked."""
    if not sent.startswith(b"PK\x03\x04"):
        raise Refused(refusals.attachment_kind(name))
    try:
        with zipfile.ZipFile(io.BytesIO(sent)) as package:
            parts = package.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as cause:
        raise Refused(refusals.attachment_broken(name)) from cause
    kind = next((kind for part, kind in _OFFICE.items() if part in parts), None)
    if kind is None or "[Content_Types].xml" not in parts or len(parts) > _MOST_PARTS:
        raise Refused(refusals.attachment_kind(name))
    if any(part.casefold().endswith(_MACROS) for part in parts):
        raise Refused(refusals.attachment_macros(name))
    return kind
