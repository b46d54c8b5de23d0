"""Who witnesses the public log, and how many of them must have signed (``book/witnesses.yaml``).

.. code-block:: yaml

    quorum: 1
    witnesses:
      - {name: {zh: 市局, en: the city}, key: witness.example.gov.cn/city+…+…, address: "https://witness.example.gov.cn/"}
"""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from zhiheng.grammar.book import Book, Chapter, PageKind, Reading
from zhiheng.grammar.registry import register
from zhiheng.grammar.types import Entry, Label
from zhiheng.grammar.yaml import BookError

PAGE = "witnesses.yaml"


class WitnessEntry(Entry):
    """A witness: who it is, its public key, where it is asked."""

    name: Label
    # A name, the id of the key in hex, and 33 bytes in Base64: what ``zhiheng witness`` prints.
    key: str = Field(pattern=r"^[^\s+]+\+[0-9a-f]{8}\+B[A-Za-z0-9+/]{43}$", max_length=120)
    address: str = Field(pattern=r"^https?://[^\s?#]+$")


class Witnesses(Entry):
    """The witnesses, and how many of them a head must have for outsiders to rely on it."""

    quorum: int = Field(ge=0, le=50, default=0)
    witnesses: tuple[WitnessEntry, ...] = ()


NONE = Witnesses()


def _read(reading: Reading) -> Witnesses:
    """No witnesses where the book has no such page."""
    for _, found, document in reading.each(Witnesses):
        if found.quorum > len(found.witnesses):
            reading.errors.append(
                document.error(
                    ("quorum",),
                    f"要 {found.quorum} 方签名，只写了 {len(found.witnesses)} 方；请减少，或补上见证方。",
                    f"{found.quorum} must sign and {len(found.witnesses)} are named; lower it or name more.",
                )
            )
        return found
    return NONE


def _checks(book: Book) -> Iterator[BookError]:
    keys = [one.key for one in book[WITNESSES].witnesses]
    for number, key in enumerate(keys):
        if key in keys[:number]:
            yield BookError(
                "book.wrong",
                f"见证方的公钥 {key[:60]} 写了两次，只能算一方；请删去一处。",
                f"The key {key[:60]} stands twice and counts once; delete one.",
                f"witnesses.{number}.key",
                file=PAGE,
            )


# Who witnesses the log; nobody where the book has no such page.
WITNESSES: Chapter[Witnesses] = register(
    Chapter(
        name="witnesses",
        label=Label(zh="公开日志的见证方", en="Witnesses of the public log"),
        pages=(PageKind("witnesses", PAGE, Witnesses),),
        read=_read,
        checks=_checks,
        counts={"witnesses": lambda found: len(found.witnesses)},
        reference="how-to/witnesses.md",
    )
)
