"""What a paper says that an office hands out (``book/documents/<document>/document.yaml``): its words, in both
languages.

The machine fills the sections; which of them stand on the paper, in which order and under which headings is the
district's own. A ``template.docx`` beside the page is the district's letterhead for the DOCX form.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from string import Formatter
from types import MappingProxyType
from typing import Literal, get_args

from pydantic import Field, ValidationInfo, field_validator, model_validator

from zhiheng.grammar.book import Chapter, PageKind, Reading
from zhiheng.grammar.registry import register
from zhiheng.grammar.types import Identifier, Label, LateEntry
from zhiheng.grammar.yaml import BookRefused, Wrong

ExtractSection = Literal["standing", "problems", "expiring", "people", "things", "lists", "conflicts", "timeline"]
ReportSection = Literal["grades", "points", "listings", "restrictions", "published", "provenance"]
# Which sections the machine can fill, by the name of the paper; papers of other names are extracts of a file.
CREDIT_REPORT = "credit_report"

TEMPLATE = "template.docx"
# What a text may have filled in: text -> names in braces.
BLANKS = {
    "number": ("number",),
    "watermark": ("who", "day", "purpose"),
    "page_of": ("page", "pages"),
    "more": ("shown", "total"),
    "as_of": ("as_of", "known_on"),
}


class SectionText(LateEntry):
    """A section of the paper: its title, the headings of its four columns, and what it says where there is nothing."""

    id: ExtractSection | ReportSection
    title: Label
    headings: tuple[Label, Label, Label, Label]
    empty: Label
    rows: int = Field(default=200, ge=1, le=2000, description="at most so many rows; the paper says how many there are")


class DocumentText(LateEntry):
    """The words of a paper."""

    label: Label
    title: Label
    number: Label = Field(description="{number}")
    as_of: Label = Field(description="{as_of} {known_on}")
    identity: dict[
        Literal[
            "name",
            "code",
            "former",
            "status",
            "does",
            "area",
            "since",
            "address",
            "reader",
            "purpose",
            "consent",
            "made_on",
        ],
        Label,
    ]
    sections: tuple[SectionText, ...] = Field(min_length=1)
    more: Label = Field(description="{shown} {total}")
    statement: Label
    verification: Label
    content_hash: Label
    watermark: Label = Field(description="{who} {day} {purpose}")
    page_of: Label = Field(description="{page} {pages}")

    @field_validator(*BLANKS)
    @classmethod
    def _blanks_known(cls, text: Label, info: ValidationInfo) -> Label:
        known = BLANKS[info.field_name or ""]
        for said in (text.zh, text.en):
            try:
                named = {name for _, name, _, _ in Formatter().parse(said) if name is not None}
            except ValueError:
                named = {said}
            if unknown := sorted(named - set(known)):
                raise Wrong(
                    f"空格“{'、'.join(unknown)}”没有内容可填；可用：{'、'.join('{' + name + '}' for name in known)}。",
                    f"Nothing fills the blank {', '.join(unknown)}; use "
                    f"{', '.join('{' + name + '}' for name in known)}.",
                )
        return text

    @model_validator(mode="after")
    def _each_once(self) -> DocumentText:
        ids = [section.id for section in self.sections]
        if twice := sorted({name for name in ids if ids.count(name) > 1}):
            raise Wrong(
                f"栏目 {'、'.join(twice)} 写了两次；请删去一处。",
                f"Section {', '.join(twice)} stands twice; remove one.",
            )
        return self


class Paper(LateEntry):
    """A paper of the book: its words, and the district's own letterhead where there is one."""

    id: Identifier
    text: DocumentText
    template: Path | None = None


def is_of_a_case(reading: Reading, path: Path) -> bool:
    """Whether a page is one of a notice or record of cases (``case_documents.py``), which says its ``kind``.

    A file that is no YAML is none: its own reader refuses it.
    """
    try:
        data = reading.document(path).data
    except BookRefused:
        return False
    return isinstance(data, Mapping) and "kind" in data


def _read(reading: Reading) -> Mapping[str, Paper]:
    found: dict[str, Paper] = {}
    for path in reading.paths(DocumentText):
        if is_of_a_case(reading, path) or (page := reading.page(DocumentText, path)) is None:
            continue
        fillable = get_args(ReportSection if path.parent.name == CREDIT_REPORT else ExtractSection)
        for at, section in enumerate(page[0].sections):
            if section.id not in fillable:
                reading.errors.append(
                    page[1].error(
                        ("sections", at, "id"),
                        f"这种文书没有栏目“{section.id}”；可用：{'、'.join(fillable)}。",
                        f"This paper has no section {section.id!r}; use one of {', '.join(fillable)}.",
                    )
                )
        template = path.parent / TEMPLATE
        found[path.parent.name] = Paper(
            id=path.parent.name, text=page[0], template=template if template.is_file() else None
        )
    return MappingProxyType(found)


# The papers that offices hand out, by the name of their folder.
DOCUMENTS: Chapter[Mapping[str, Paper]] = register(
    Chapter(
        name="documents",
        label=Label(zh="文书", en="Documents"),
        pages=(
            PageKind("document", "documents/*/document.yaml", DocumentText),
            PageKind("letterhead", f"documents/*/{TEMPLATE}"),
        ),
        read=_read,
        counts={"documents": len},
        reference="how-to/extracts.md",
    )
)
