"""Which two units keep the identity of those who report (``book/custody.yaml``): both must act to open a seal.

.. code-block:: yaml

    lapses_after: {days: 7, by: {zh: 本区自定, en: set by the district}}
    sides:
      - {area: "990101", units: [liyuan_market, liyuan_quality_office]}
"""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field, model_validator

from zhiheng.grammar.book import Book, Chapter, PageKind, Reading
from zhiheng.grammar.chapters.district import DISTRICT, AreaCode, District
from zhiheng.grammar.chapters.roles import ROLES
from zhiheng.grammar.citations import cited_in
from zhiheng.grammar.registry import register
from zhiheng.grammar.types import Citation, Entry, Identifier, Label
from zhiheng.grammar.yaml import BookError, Document, Wrong

PAGE = "custody.yaml"
ACT = "case.read_sealed"


class Lapse(Entry):
    """How long a request to open waits for the other side."""

    days: int = Field(ge=1, le=60)
    by: Label = Field(description="who set it")


class Sides(Entry):
    """The two units of an area."""

    area: AreaCode
    units: tuple[Identifier, Identifier]

    @model_validator(mode="after")
    def _different(self) -> Sides:
        if self.units[0] == self.units[1]:
            raise Wrong(
                "两方必须是不同的单位；请改写其中一个。", "The two sides must be different units; change one of them."
            )
        return self


class Custody(Entry):
    """Who keeps sealed identities, and how long a request waits."""

    lapses_after: Lapse
    law: tuple[Citation, ...] = ()
    sides: tuple[Sides, ...] = Field(min_length=1)

    def of_area(self, area: str, district: District) -> tuple[str, str] | None:
        """The two units of an area: its own, else those of the nearest area above; None where nobody is named."""
        at = {one.area: one.units for one in self.sides}
        return next((at[code] for code in (area, *district.areas_above.get(area, ())) if code in at), None)


def _errors(custody: Custody, document: Document, district: District) -> Iterator[BookError]:
    areas = [one.area for one in custody.sides]
    for at, one in enumerate(custody.sides):
        if one.area not in district.areas_above:
            yield document.error(
                ("sides", at, "area"),
                f"没有代码为“{one.area}”的区域；请先写进 district.yaml。",
                f"There is no area {one.area!r}; add it to district.yaml.",
            )
        if one.area in areas[:at]:
            yield document.error(
                ("sides", at, "area"),
                f"区域“{one.area}”写了两次；请删去一处。",
                f"The area {one.area!r} stands twice; delete one.",
            )
        for unit in one.units:
            if unit not in district.area_of_unit:
                yield document.error(
                    ("sides", at, "units"),
                    f"没有代号为“{unit}”的单位；请先写进 district.yaml。",
                    f"There is no unit {unit!r}; add it to district.yaml.",
                )


def _read(reading: Reading) -> Custody | None:
    """None where the book has no such page."""
    for _, custody, document in reading.each(Custody):
        reading.errors += _errors(custody, document, reading[DISTRICT])
        return custody
    return None


def _checks(book: Book) -> Iterator[BookError]:
    if book[CUSTODY] is None:
        return
    for name, role in book[ROLES].items():
        for number, clause in enumerate(role.may):
            if ACT in clause.acts and clause.reach != "unit":
                yield BookError(
                    "book.wrong",
                    f"“{role.label.zh}”保管举报人身份的范围写成了 {clause.reach}；"
                    "一个人不能替两个单位保管，请写 reach: unit。",
                    f"The role {name} keeps identities with reach {clause.reach}; nobody keeps both sides, so write "
                    "reach: unit.",
                    f"may.{number}.reach",
                    file=f"roles/{name}.yaml",
                )


def _cites(book: Book) -> Iterator[tuple[str, str, Citation]]:
    for citation in cited_in(book[CUSTODY]):
        yield PAGE, "身份保管", citation


# Who keeps sealed identities; None where the book has no such page: then nobody's identity can be taken.
CUSTODY: Chapter[Custody | None] = register(
    Chapter(
        name="custody",
        label=Label(zh="身份保管", en="Custody of identities"),
        pages=(PageKind("custody", PAGE, Custody),),
        needs=(DISTRICT,),
        read=_read,
        checks=_checks,
        counts={"custody": lambda custody: len(custody.sides) if custody is not None else 0},
        cites=_cites,
        reference="explanation/reporters.md",
    )
)
