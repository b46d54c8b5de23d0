"""What an enterprise may let a financial institution read, for which purposes, for how long, and in which words it
agrees (``book/credit/<extract>.yaml``).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from string import Formatter
from types import MappingProxyType
from typing import TYPE_CHECKING

from pydantic import Field, field_validator

from zhiheng.grammar.types import Citation, Entry, Identifier, Label
from zhiheng.grammar.yaml import BookError, BookRefused, read, validated

if TYPE_CHECKING:
    from zhiheng.grammar.loader import Book

BLANKS = ("enterprise", "reader", "purpose", "first", "last")


class Reader(Entry):
    """A financial institution with which the district has an agreement."""

    id: Identifier
    name: Label


class CreditExtract(Entry):
    """The part of a file that an enterprise may open to a financial institution."""

    label: Label
    law: tuple[Citation, ...] = Field(min_length=1)
    readers: tuple[Reader, ...] = Field(min_length=1, description="who may be given consent")
    purposes: dict[Identifier, Label] = Field(min_length=1, description="what it may be read for")
    records: tuple[Identifier, ...] = Field(min_length=1, description="record types that are credit-relevant")
    longest_months: int = Field(ge=1, le=60, description="a consent holds at most so long; then it is asked for anew")
    text: Label = Field(description="what the enterprise agrees to; {enterprise} {reader} {purpose} {first} {last}")

    @field_validator("text")
    @classmethod
    def _blanks_known(cls, text: Label) -> Label:
        for words in (text.zh, text.en):
            named = {name for _, name, _, _ in Formatter().parse(words) if name is not None}
            if wrong := named - set(BLANKS):
                raise ValueError(f"{{{sorted(wrong)[0]}}} can't be filled in; there are: {', '.join(BLANKS)}")
            if missing := set(BLANKS) - named:
                raise ValueError(f"the text must name {{{sorted(missing)[0]}}}, or nobody knows what was agreed to")
        return text


def load_credit(book: Book) -> Mapping[str, CreditExtract]:
    """The extracts of a book by the name of their file. Raises BookRefused with every mistake."""
    root: Path = book.root
    found: dict[str, CreditExtract] = {}
    errors: list[BookError] = []
    for path in sorted((root / "credit").glob("*.yaml")):
        try:
            document = read(path, root=root)
            extract = validated(CreditExtract, document)
        except BookRefused as refused:
            errors += refused.errors
            continue
        errors += [
            document.error(
                ("records", index),
                f"没有叫“{name}”的记录类型；请写 records 目录下某个文件夹的名字。",
                f"There is no record {name!r}; use a name of a folder under records.",
                code="credit.record",
            )
            for index, name in enumerate(extract.records)
            if name not in book.records
        ]
        errors += [
            document.error(
                ("records", index),
                f"“{name}”只供质强办使用，不得开放给金融机构。",
                f"{name!r} is for the office alone and can't be opened to a financial institution.",
                code="credit.secret",
            )
            for index, name in enumerate(extract.records)
            if name in book.records and book.records[name].record.audience == "office"
        ]
        found[path.stem] = extract
    if errors:
        raise BookRefused(*errors)
    return MappingProxyType(found)
