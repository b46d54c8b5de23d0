"""What an enterprise may let a financial institution read, for which purposes, for how long, and in which words it
agrees (``book/credit/<extract>.yaml``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from string import Formatter
from types import MappingProxyType

from pydantic import Field, field_validator

from zhiheng.grammar.book import Book, Chapter, PageKind, Reading
from zhiheng.grammar.chapters.ratings import RATINGS
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.grammar.citations import cited_in_pages
from zhiheng.grammar.registry import register
from zhiheng.grammar.types import Citation, Identifier, Label, LateEntry
from zhiheng.grammar.yaml import Wrong

BLANKS = ("enterprise", "reader", "purpose", "first", "last")


class Reader(LateEntry):
    """A financial institution with which the district has an agreement."""

    id: Identifier
    name: Label


class CreditExtract(LateEntry):
    """The part of a file that an enterprise may open to a financial institution."""

    label: Label
    law: tuple[Citation, ...] = Field(min_length=1)
    readers: tuple[Reader, ...] = Field(min_length=1, description="who may be given consent")
    purposes: dict[Identifier, Label] = Field(min_length=1, description="what it may be read for")
    records: tuple[Identifier, ...] = Field(min_length=1, description="record types that are credit-relevant")
    ratings: tuple[Identifier, ...] = Field(default=(), description="ratings whose grade and points a report tells")
    only_published: tuple[Identifier, ...] = Field(
        default=(), description="records of which an extract and a report tell only what is published and still on show"
    )
    longest_months: int = Field(ge=1, le=60, description="a consent holds at most so long; then it is asked for anew")
    text: Label = Field(description="what the enterprise agrees to; {enterprise} {reader} {purpose} {first} {last}")

    @field_validator("text")
    @classmethod
    def _blanks_known(cls, text: Label) -> Label:
        for words in (text.zh, text.en):
            named = {name for _, name, _, _ in Formatter().parse(words) if name is not None}
            if wrong := named - set(BLANKS):
                raise Wrong(
                    f"{{{sorted(wrong)[0]}}} 填不出来；能填的有：{'、'.join(BLANKS)}。",
                    f"{{{sorted(wrong)[0]}}} can't be filled in; there are: {', '.join(BLANKS)}.",
                )
            if missing := set(BLANKS) - named:
                raise Wrong(
                    f"正文须有 {{{sorted(missing)[0]}}}，否则没有人知道同意的是什么。",
                    f"the text must name {{{sorted(missing)[0]}}}, or nobody knows what was agreed to.",
                )
        return text


def _read(reading: Reading) -> Mapping[str, CreditExtract]:
    """The extracts by the name of their file."""
    records = reading[RECORDS]
    found: dict[str, CreditExtract] = {}
    for path, extract, document in reading.each(CreditExtract):
        reading.errors += [
            document.error(
                ("records", index),
                f"没有叫“{name}”的记录类型；请写 records 目录下某个文件夹的名字。",
                f"There is no record {name!r}; use a name of a folder under records.",
                code="credit.record",
            )
            for index, name in enumerate(extract.records)
            if name not in records
        ]
        reading.errors += [
            document.error(
                ("records", index),
                f"“{name}”只供质强办使用，不得开放给金融机构。",
                f"{name!r} is for the office alone and can't be opened to a financial institution.",
                code="credit.secret",
            )
            for index, name in enumerate(extract.records)
            if name in records and records[name].record.audience == "office"
        ]
        reading.errors += document.unknown_names(
            ("ratings",), extract.ratings, reading.usable(RATINGS) or {}, "评价", "rating"
        )
        reading.errors += document.unknown_names(
            ("only_published",), extract.only_published, extract.records, "本页的记录", "record of this page"
        )
        found[path.stem] = extract
    return MappingProxyType(found)


def _cites(book: Book) -> Iterator[tuple[str, str, Citation]]:
    return cited_in_pages(book[CREDIT], "credit")


# What an enterprise may open to financial institutions, by the name of the page.
CREDIT: Chapter[Mapping[str, CreditExtract]] = register(
    Chapter(
        name="credit",
        label=Label(zh="信用摘录", en="Credit extracts"),
        pages=(PageKind("credit", "credit/*.yaml", CreditExtract),),
        needs=(RECORDS, RATINGS),
        read=_read,
        counts={"credit_extracts": len},
        cites=_cites,
        reference="how-to/another-book.md",
    )
)
