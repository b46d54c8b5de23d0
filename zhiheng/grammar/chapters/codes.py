"""Code tables of public standards (``book/codes/``): so far the industries of GB/T 4754, by edition.

A code table has thousands of rows, so a page holds it as one block of text, ``code name`` a line: quick to read,
easy to compare with the standard. The order carries the tree: a section letter stands before the divisions that
belong to it. An industry code means nothing without its edition; both are stored.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pydantic import Field, model_validator

from zhiheng.grammar.book import Chapter, PageKind, Reading
from zhiheng.grammar.registry import register
from zhiheng.grammar.types import Entry, Label
from zhiheng.grammar.yaml import Wrong

_LINE = re.compile(r"([A-Z]|[0-9]{2,4}) (\S.*)\Z")


@dataclass(frozen=True, slots=True)
class IndustryTable:
    """One edition of the industrial classification. ``names`` holds sections, divisions, groups and classes alike."""

    edition: str
    standard: str
    in_force: dt.date
    names: Mapping[str, str]
    sections: Mapping[str, str]

    def section(self, code: str) -> str | None:
        """The section letter that a code belongs to, or None where the edition does not have the code."""
        if code not in self.names:
            return None
        return code if code in self.sections.values() else self.sections[code[:2]]

    def path(self, code: str) -> tuple[str, ...]:
        """The code with all that contain it, widest first: ('A', '01', '011', '0111'); empty for an unknown code."""
        section = self.section(code)
        if section is None:
            return ()
        return (section, *(code[:n] for n in range(2, len(code) + 1)))


class IndustryPage(Entry):
    """A page of ``book/codes/``."""

    standard: str
    edition: str = Field(pattern=r"^\d{4}$")
    label: Label
    in_force: dt.date
    source: str
    note: Label | None = None
    codes: str = Field(description="每行“代码 名称” / 'code name' a line")

    @model_validator(mode="after")
    def _tree(self) -> IndustryPage:
        self.table()
        return self

    def table(self) -> IndustryTable:
        """The rows as a table. Raises Wrong where a line is not 'code name', stands twice, or has no parent."""
        names: dict[str, str] = {}
        sections: dict[str, str] = {}
        section = ""
        for n, line in enumerate(self.codes.splitlines(), 1):
            match = _LINE.match(line)
            if match is None:
                raise Wrong(
                    f"代码表第 {n} 行“{line}”不是“代码 名称”；请写成：0111 稻谷种植。",
                    f"Line {n} of the table, '{line}', is not 'code name'; write for example: 0111 稻谷种植.",
                )
            code, name = match.groups()
            if code in names:
                raise Wrong(
                    f"代码 {code} 在第 {n} 行第二次出现；请删去一行。",
                    f"The code {code} comes a second time on line {n}; delete one of the lines.",
                )
            if code.isalpha():
                section = code
            elif len(code) == 2 and section:
                sections[code] = section
            elif code[:-1] not in names:
                raise Wrong(
                    f"第 {n} 行的代码 {code} 之前没有上级代码；请先写上级。",
                    f"The code {code} on line {n} has no parent before it; put the parent first.",
                )
            names[code] = name
        return IndustryTable(
            self.edition, self.standard, self.in_force, MappingProxyType(names), MappingProxyType(sections)
        )


def _read(reading: Reading) -> Mapping[str, IndustryTable] | None:
    tables: dict[str, IndustryTable] = {}
    for path, page, document in reading.each(IndustryPage):
        if path.stem != f"gbt4754-{page.edition}":
            reading.errors.append(
                document.error(
                    ("edition",),
                    f"{page.edition} 年版应写在 gbt4754-{page.edition}.yaml 中；请改文件名或改 edition。",
                    f"Edition {page.edition} belongs in gbt4754-{page.edition}.yaml; rename the file or the edition.",
                )
            )
        tables[page.edition] = page.table()
    return None if reading.errors else MappingProxyType(tables)


# Every edition of the industrial classification, by edition ('2017').
INDUSTRIES: Chapter[Mapping[str, IndustryTable]] = register(
    Chapter(
        name="codes",
        label=Label(zh="标准代码表", en="Code tables of standards"),
        pages=(PageKind("codes", "codes/gbt4754-*.yaml", IndustryPage),),
        read=_read,
        at_once=True,
        reference="reference/field-types.md",
    )
)
