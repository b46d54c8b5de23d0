"""What a listing means for an enterprise: by list, which department applies which measure, by which article, since when
(``book/restrictions.yaml`` and ``book/restrictions/<list>.yaml``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pydantic import Field, model_validator

from zhiheng.grammar.book import Book, BookHit, Chapter, IndexGroup, PageKind, Reading
from zhiheng.grammar.chapters.district import DISTRICT, District
from zhiheng.grammar.chapters.filter_checks import filter_errors
from zhiheng.grammar.chapters.law import LAW
from zhiheng.grammar.chapters.records import RECORDS, RecordEntry, column_names
from zhiheng.grammar.citations import cited_in
from zhiheng.grammar.registry import register
from zhiheng.grammar.types import Citation, Filter, Identifier, Label, LateEntry, LawName, SystemId
from zhiheng.grammar.yaml import BookError, Document, Wrong
from zhiheng.kernel.law import LawKey


class RestrictingDepartment(LateEntry):
    """A kind of department. Its units are those of the district that hand in ``hands_in``; without it the department
    has no unit on the platform, and is told on paper.
    """

    label: Label
    hands_in: Identifier | None = Field(default=None, description="the record by which its units are known")


class RestrictingDepartments(LateEntry):
    """The kinds of departments that apply measures (``book/restrictions.yaml``)."""

    departments: dict[Identifier, RestrictingDepartment] = Field(min_length=1)


class RestrictionMeasure(LateEntry):
    """What one kind of department does with whom the list names, by which article, between which days.

    ``lasts``: a length of the law from the day of listing; without it a measure holds as long as the listing.
    """

    label: Label
    department: Identifier
    law: tuple[Citation, ...] = Field(min_length=1)
    from_: dt.date = Field(alias="from", description="the first day on which the measure exists")
    until: dt.date | None = Field(default=None, description="its last day, where the law took it back")
    where: Filter = Field(default_factory=dict, description="only of listings that say so")
    lasts: LawName | None = Field(default=None, description="parameter of the law: how long, from the day of listing")
    note: Label | None = None

    @model_validator(mode="after")
    def _has_law(self) -> RestrictionMeasure:
        days = [self.from_, *([self.until] if self.until is not None else [])]
        if self.until is not None and self.until < self.from_:
            raise Wrong("until 早于 from；请改正日期。", "until lies before from; correct the days.")
        for day in days:
            if not any(citation.holds(day) for citation in self.law):
                raise Wrong(
                    f"{day} 没有一条依据施行；没有依据的措施不能写。请改 from、until，或补上那一天的条款。",
                    f"On {day} none of its articles is in force; there is no measure without one. Correct from or "
                    "until, or add the article of that day.",
                )
        return self

    def holds(self, day: dt.date) -> bool:
        """Whether the measure exists on a day."""
        return self.from_ <= day and (self.until is None or day <= self.until)

    def law_on(self, day: dt.date) -> tuple[Citation, ...]:
        """The articles that are its basis on a day."""
        return tuple(citation for citation in self.law if citation.holds(day))


class Remedy(LateEntry):
    """What the enterprise can do, and by which article: object, ask for review, ask for removal."""

    label: Label
    law: tuple[Citation, ...] = Field(min_length=1)


class RestrictingList(LateEntry):
    """A list with its measures."""

    label: Label
    systems: tuple[SystemId, ...] = Field(min_length=1)
    law: tuple[Citation, ...] = Field(min_length=1)
    record: Identifier = Field(description="facts of this record are the listings; they end with their last day")
    party: Identifier = Field(description="the field with the enterprise that is listed")
    longest: LawName | None = Field(default=None, description="parameter: after how long the listing ends anyhow")
    taken_back: LawName = Field(description="parameter: within how long measures are taken back after the removal")
    remedies: tuple[Remedy, ...] = Field(min_length=1)
    measures: dict[Identifier, RestrictionMeasure] = Field(min_length=1)


@dataclass(frozen=True)
class RestrictionMatrix:
    """The kinds of departments, and the lists by the name of their file."""

    departments: Mapping[str, RestrictingDepartment]
    lists: Mapping[str, RestrictingList]

    def of_record(self, record: str) -> tuple[tuple[str, RestrictingList], ...]:
        """The lists whose listings are facts of a record."""
        return tuple((name, page) for name, page in self.lists.items() if page.record == record)

    def units(self, department: str, area: str, district: District) -> tuple[str, ...]:
        """The units of a department that act for an enterprise in an area: those at the nearest node from there
        upwards, in the order of the book; none where the department is not on the platform.
        """
        record = self.departments[department].hands_in
        if record is None:
            return ()
        for node in (area, *district.areas_above.get(area, ())):
            here = tuple(unit.id for unit in district.units if unit.area == node and record in unit.records)
            if here:
                return here
        return ()


def _list_errors(
    page: RestrictingList,
    document: Document,
    departments: Mapping[str, RestrictingDepartment],
    records: Mapping[str, RecordEntry],
) -> Iterator[BookError]:
    for name, measure in page.measures.items():
        yield from document.unknown_names(
            ("measures", name, "department"), [measure.department], departments, "部门", "department"
        )
    entry = records.get(page.record)
    if entry is None:
        if records:
            yield from document.unknown_names(("record",), [page.record], records, "记录类型", "record")
        return
    fields = entry.record.fields
    yield from document.unknown_names(("party",), [page.party], fields, "字段", "field")
    if page.party in fields and fields[page.party].type != "party":
        yield document.error(
            ("party",), f"“{page.party}”不是企业字段。", f"{page.party!r} is not a field with an enterprise."
        )
    if entry.record.until is None:
        yield document.error(
            ("record",),
            f"记录“{page.record}”没有写明到哪天为止（until），不知道何时移出。",
            f"Record {page.record!r} does not say until when it holds, so nobody knows when a listing ends.",
        )
    for name, measure in page.measures.items():
        at = ("measures", name, "where")
        yield from document.unknown_names(at, measure.where, fields, "字段", "field")
        known = {each: condition for each, condition in measure.where.items() if each in column_names(entry)}
        yield from filter_errors(known, entry, document, at)


def _read(reading: Reading) -> RestrictionMatrix | None:
    """None where the book has no page ``restrictions.yaml``: then no listing has measures."""
    records = reading.usable(RECORDS) or {}
    departments: Mapping[str, RestrictingDepartment] | None = None
    for _, common, document in reading.each(RestrictingDepartments):
        departments = common.departments
        for name, department in departments.items():
            if records and department.hands_in is not None:
                reading.errors += document.unknown_names(
                    ("departments", name, "hands_in"), [department.hands_in], records, "记录类型", "record"
                )
    found: dict[str, RestrictingList] = {}
    for path, page, document in reading.each(RestrictingList):
        if departments is None:
            reading.errors.append(
                document.error(
                    (),
                    "规则书没有 restrictions.yaml，不知道有哪些部门；请照 book/restrictions.yaml 写一页。",
                    "The book has no restrictions.yaml, so no department is known; write one as "
                    "book/restrictions.yaml.",
                )
            )
        else:
            reading.errors += _list_errors(page, document, departments, records)
        found[path.stem] = page
    return RestrictionMatrix(departments, MappingProxyType(found)) if departments is not None else None


def _checks(book: Book) -> Iterator[BookError]:
    """Lengths that the law of the day lacks."""
    matrix = book[RESTRICTIONS]
    for name, page in matrix.lists.items() if matrix is not None else ():
        asked: list[tuple[str, str, dt.date | None]] = [("taken_back", page.taken_back, None)]
        if page.longest is not None:
            asked.append(("longest", page.longest, None))
        asked += [(f"measures.{key}.lasts", m.lasts, m.from_) for key, m in page.measures.items() if m.lasts]
        for where, parameter, day in asked:
            key = LawKey.parse(parameter)
            values = book[LAW].values(key.topic, key.parameter)
            if values and (day is None or any((value.begins or value.since) <= day for value in values)):
                continue
            yield BookError(
                "book.wrong",
                f"法规参数里没有 {parameter}{f'（{day}）' if day else ''}；请改成 book/law 里的名称。",
                f"The law has no {parameter}{f' on {day}' if day else ''}; use a name of book/law.",
                where,
                file=f"restrictions/{name}.yaml",
            )


def _cites(book: Book) -> Iterator[tuple[str, str, Citation]]:
    matrix = book[RESTRICTIONS]
    for name, page in matrix.lists.items() if matrix is not None else ():
        for citation in cited_in(page):
            yield f"restrictions/{name}.yaml", page.label.zh, citation


def _entries(book: Book) -> Iterator[tuple[BookHit, str]]:
    matrix = book[RESTRICTIONS]
    for name, page in matrix.lists.items() if matrix is not None else ():
        words = [f"{measure.label.zh} {measure.label.en}" for measure in page.measures.values()]
        laws = sorted({f"{c.text} {c.article}" for c in cited_in(page)})
        hit = BookHit("restrictions", name, page.label, note=Label(zh="联合惩戒措施", en="joint restrictions"))
        yield hit, " ".join([name, *words, *laws, *page.systems])


# The joint-restriction matrix; None where the book has none.
RESTRICTIONS: Chapter[RestrictionMatrix | None] = register(
    Chapter(
        name="restrictions",
        label=Label(zh="联合惩戒措施", en="Joint restrictions"),
        pages=(
            PageKind("restricting_departments", "restrictions.yaml", RestrictingDepartments),
            PageKind("restrictions", "restrictions/*.yaml", RestrictingList),
        ),
        needs=(RECORDS, DISTRICT, LAW),
        read=_read,
        checks=_checks,
        counts={
            "restriction_measures": lambda m: sum(len(p.measures) for p in m.lists.values()) if m is not None else 0
        },
        cites=_cites,
        index=IndexGroup("restrictions", Label(zh="联合惩戒措施", en="Joint restrictions"), _entries),
        order=5,
        reference="reference/restriction-grammar.md",
    )
)
