"""What enterprises do in their corner (``book/corner.yaml``): what they hand in themselves, what they sign, how they
object.

A statement of an enterprise about itself enters the ledger like everybody else's, with a unit that says so (企业自报).
Which unit that is follows from where the enterprise lies.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from string import Formatter
from typing import Literal

from pydantic import Field, field_validator, model_validator

from zhiheng.grammar.book import Book, Chapter, PageKind, Reading
from zhiheng.grammar.chapters.district import DISTRICT, District
from zhiheng.grammar.chapters.law import LAW, law_errors
from zhiheng.grammar.chapters.records import RECORDS, RecordEntry
from zhiheng.grammar.citations import cited_in
from zhiheng.grammar.registry import register
from zhiheng.grammar.types import Citation, Identifier, Label, LateEntry
from zhiheng.grammar.yaml import BookError, Document
from zhiheng.kernel.law import Law, LawKey

PAGE = "corner.yaml"
BLANKS = ("number", "enterprise", "code", "signer", "text", "day", "until")


class Undertaking(LateEntry):
    """A text that an enterprise signs, and the row of the ledger that its signature becomes."""

    label: Label
    says: Label = Field(description="what it is for, in one sentence")
    text: Label = Field(
        description="what is signed, word by word; {enterprise} {code} {signer} {day} {until} and the asked words"
    )
    law: tuple[Citation, ...] = ()
    months: int = Field(ge=1, le=60, description="how long it holds")
    asks: dict[Identifier, Label] = Field(default_factory=dict, description="what the signer fills in")
    optional: tuple[Identifier, ...] = ()
    record: Identifier
    source: str = "standard"
    row: dict[str, str] = Field(
        min_length=1, description="heading of the source -> text with the same blanks and {text}, {number}"
    )
    end: dict[str, str] = Field(
        default_factory=dict, description="what differs in the row that ends it early; empty: it can't be"
    )

    @model_validator(mode="after")
    def _blanks(self) -> Undertaking:
        known = {*BLANKS, *self.asks}
        for words in (self.text.zh, self.text.en, *self.row.values(), *self.end.values()):
            if wrong := {name for _, name, _, _ in Formatter().parse(words) if name is not None} - known:
                raise ValueError(f"{{{sorted(wrong)[0]}}} can't be filled in; there are: {', '.join(sorted(known))}")
        if extra := set(self.optional) - set(self.asks):
            raise ValueError(f"optional: {sorted(extra)[0]} is not among asks")
        return self


class OwnPeriod(LateEntry):
    """A period that the district has set itself, where no law sets one."""

    value: int = Field(ge=1, le=365)
    unit: Literal["wd", "d", "month"]
    by: Label = Field(description="who set it, shown beside the due day")


class Objections(LateEntry):
    """Within which time an objection is answered, what it may say, and where to turn next."""

    grounds: dict[Identifier, Label] = Field(min_length=1)
    otherwise: OwnPeriod
    by_record: dict[Identifier, str] = Field(
        default_factory=dict, description="record -> topic.parameter of book/law (of a table: topic.parameter.row)"
    )
    review: Label = Field(description="where to turn when the answer is no")

    @field_validator("by_record")
    @classmethod
    def _parameters(cls, given: dict[str, str]) -> dict[str, str]:
        for record, parameter in given.items():
            if parameter.count(".") != 1:
                raise ValueError(f"{record}: write topic.parameter, such as food_sampling.objection_process_decided")
        return given


class Corner(LateEntry):
    """The enterprise corner of a district."""

    units: tuple[Identifier, ...] = Field(
        min_length=1, description="units in whose name enterprises speak of themselves"
    )
    hands_in: dict[Identifier, Identifier] = Field(
        default_factory=dict,
        description="record that an enterprise may hand in by file -> the field that must name itself",
    )
    undertakings: dict[Identifier, Undertaking] = Field(default_factory=dict)
    objections: Objections

    def unit_for(self, area: str, district: District) -> str | None:
        """The unit in whose name an enterprise of an area speaks: the nearest at its area or above."""
        at = {district.area_of_unit[unit]: unit for unit in self.units}
        nearest = (area, *district.areas_above.get(area, ()))
        return next((at[code] for code in nearest if code in at), None)


def _errors(
    corner: Corner, document: Document, district: District, records: Mapping[str, RecordEntry], law: Law
) -> list[BookError]:
    found = [
        document.error(
            ("units", at),
            f"没有代号为“{unit}”的单位；请先写进 district.yaml。",
            f"There is no unit {unit!r}; add it to district.yaml.",
        )
        for at, unit in enumerate(corner.units)
        if unit not in district.area_of_unit
    ]
    named: list[tuple[tuple[str | int, ...], str]] = [
        (("hands_in", at), record) for at, record in enumerate(corner.hands_in)
    ]
    named += [(("undertakings", name, "record"), one.record) for name, one in corner.undertakings.items()]
    named += [(("objections", "by_record", record), record) for record in corner.objections.by_record]
    found += [
        document.error(
            where,
            f"没有叫“{record}”的记录类型；请写 records 目录下某个文件夹的名字。",
            f"There is no record {record!r}; use a name of a folder under records.",
        )
        for where, record in named
        if record not in records
    ]
    for record, field in corner.hands_in.items():
        entry = records.get(record)
        if entry is None:
            continue
        about = entry.record.fields.get(field)
        if about is None or about.type != "party" or not about.required:
            found.append(
                document.error(
                    ("hands_in", record),
                    f"“{record}”没有必填的当事人字段“{field}”；请写指明报送企业的那个字段。",
                    f"{record} has no required field {field!r} of a party; name the field that says which enterprise "
                    "speaks.",
                )
            )
    for named_by_law, parameter in corner.objections.by_record.items():
        key, at = LawKey.parse(parameter), ("objections", "by_record", named_by_law)
        if key.parameter not in law.names(key.topic):
            found.append(
                document.error(
                    at,
                    f"法规参数里没有“{parameter}”；请写 law 目录下的 主题.参数。",
                    f"The law has no parameter {parameter!r}; write topic.parameter of the folder law.",
                )
            )
        else:
            found += law_errors(parameter, at, law, document, period=True)
    for name, one in corner.undertakings.items():
        entry = records.get(one.record)
        if entry is None:
            continue
        source = entry.sources.get(one.source)
        if source is None:
            found.append(
                document.error(
                    ("undertakings", name, "source"),
                    f"“{one.record}”没有来源“{one.source}”。",
                    f"{one.record} has no source {one.source!r}.",
                )
            )
            continue
        found += [
            document.error(
                ("undertakings", name, part, heading),
                f"来源“{one.source}”没有“{heading}”这一列；可用：{'、'.join(source.columns)}。",
                f"The source {one.source} has no column {heading!r}.",
            )
            for part, row in (("row", one.row), ("end", one.end))
            for heading in row
            if heading not in source.columns
        ]
    return found


def _read(reading: Reading) -> Corner | None:
    """None where the book has no such page."""
    for _, corner, document in reading.each(Corner):
        reading.errors += _errors(corner, document, reading[DISTRICT], reading[RECORDS], reading[LAW])
        return corner
    return None


def _cites(book: Book) -> Iterator[tuple[str, str, Citation]]:
    for citation in cited_in(book[CORNER]):
        yield PAGE, "企业之窗", citation


# What enterprises do in their corner; None where the book has none.
CORNER: Chapter[Corner | None] = register(
    Chapter(
        name="corner",
        label=Label(zh="企业之窗", en="Enterprise corner"),
        pages=(PageKind("corner", PAGE, Corner),),
        needs=(DISTRICT, RECORDS, LAW),
        read=_read,
        counts={"undertakings": lambda corner: len(corner.undertakings) if corner is not None else 0},
        cites=_cites,
        reference="how-to/enterprise-corner.md",
    )
)
