"""What a notice or a record of a case says (``book/documents/<document>/document.yaml`` with ``kind``).

An act of a workflow ``issues`` it. Its texts have blanks in braces, which are filled from the case, from the law of the
day and from who issues it; what is not known stays a line to be written by hand, as on the printed form.

.. code-block:: yaml

    kind: notice
    label: {zh: 投诉不予受理告知书, en: Complaint not taken in}
    title: 投诉不予受理告知书
    number: "{place}市监投不受〔{year}〕{serial}号"
    to: "{party.complainant}"
    body:
      - says: "你于{day.receive}提出的投诉{refusal_cause}，依据{law.complaints.refusal_causes}，决定不予受理。"
    seal: true
    copies: 本文书一式两份，一份送达，一份归档。

A paper of a Chinese authority is in Chinese; its label, by which pages name it, is in both languages. A
``template.docx`` beside the page is the district's letterhead. docs/reference/document-grammar.md lists every key.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import AfterValidator, Field, StringConstraints, field_validator, model_validator

from zhiheng.grammar.book import Book, Chapter, PageKind, Reading
from zhiheng.grammar.chapters.documents import TEMPLATE, is_of_a_case
from zhiheng.grammar.chapters.workflow_pages import ActName, Dated, WorkflowPage
from zhiheng.grammar.registry import register
from zhiheng.grammar.types import Citation, Filter, Identifier, Label, LateEntry
from zhiheng.grammar.yaml import Wrong

# Head of a blank -> what may stand after it; None: a name of the workflow, the law or the page.
HEADS: Mapping[str, tuple[str, ...] | None] = MappingProxyType(
    {
        "paper": ("title", "number", "day"),
        "case": ("number", "day", "moment", "act", "outcome", "officers"),
        "unit": ("name", "place", "address", "telephone"),
        "act": ("law",),
        "opener": None,
        "party": None,
        "hand": None,
        "day": None,
        "until": None,
        "length": None,
        "value": None,
        "law": None,
        "cite": None,
        "blank": None,
    }
)
PARTY_DETAILS = ("name", "code", "address", "representative", "telephone")
# How a field may be shown otherwise than as it is: in characters of account, how many entries it has, its first entry.
FIELD_FORMS = ("capital", "count")
# The party whom a case is about, whatever its workflow calls it.
MAIN = "main"
NUMBER_BLANKS = ("place", "year", "serial")
MOST_BLANK = 60

_BLANK = re.compile(r"\{([^{}]*)\}")
_NAMES = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*")


class PaperBlank(NamedTuple):
    """A blank of a text: ``{party.subject.code}`` has the head ``party``; that of a field has none."""

    head: str
    name: str
    form: str = ""


def blanks_of(text: str) -> Iterator[PaperBlank]:
    """The blanks of a text, in its order."""
    return (blank_of(found) for found in _BLANK.findall(text))


def parts_of(text: str) -> Iterator[str | PaperBlank]:
    """A text cut at its blanks: what stands between them, and they themselves."""
    for number, part in enumerate(_BLANK.split(text)):
        if number % 2:
            yield blank_of(part)
        elif part:
            yield part


def blank_of(written: str) -> PaperBlank:
    """A blank as the page writes it between its braces."""
    head, _, rest = written.partition(".")
    if head not in HEADS or not rest:
        return PaperBlank("", head, rest)
    if head == "party":
        name, _, detail = rest.partition(".")
        return PaperBlank(head, name, detail)
    return PaperBlank(head, rest)


def main_party(page: WorkflowPage) -> str:
    """The party whom the cases of a workflow are about: the first that it names."""
    return next(iter(page.parties), "")


def _well_formed(text: str) -> str:
    if "{" in _BLANK.sub("", text) or "}" in _BLANK.sub("", text):
        raise Wrong(
            "大括号没有成对；空格写成 {字段} 或者 {party.当事人} 这样，文字里不用大括号。",
            "Braces don't pair; a blank is {field} or {party.name}, and text itself has no braces.",
        )
    for written in _BLANK.findall(text):
        blank = blank_of(written)
        if not _NAMES.fullmatch(written):
            wrong = True
        elif blank.head == "blank":
            wrong = not (blank.name.isdigit() and 1 <= int(blank.name) <= MOST_BLANK)
        elif blank.head == "party":
            wrong = bool(blank.form) and blank.form not in PARTY_DETAILS
        elif blank.head:
            known = HEADS[blank.head]
            wrong = known is not None and blank.name not in known
        else:
            wrong = bool(blank.form) and blank.form not in FIELD_FORMS
        if wrong:
            raise Wrong(
                f"看不懂空格“{{{written}}}”；可写 {{字段}}、{{字段.capital}}（大写金额）、{{字段.count}}、"
                f"{shown_heads('zh')}。",
                f"The blank {{{written}}} means nothing; write {{field}}, {{field.capital}}, {{field.count}}, "
                f"{shown_heads('en')}.",
            )
    return text


def shown_heads(language: Literal["zh", "en"]) -> str:
    """The blanks that there are beside fields, for a sentence."""
    name, between = ("名称", "、") if language == "zh" else ("name", ", ")
    return between.join(
        f"{{{head}.{'|'.join(known) if known else ('1–60' if head == 'blank' else name)}}}"
        for head, known in HEADS.items()
    )


def _of_number(text: str) -> str:
    if unknown := sorted(set(_BLANK.findall(text)) - set(NUMBER_BLANKS)):
        raise Wrong(
            f"文号里没有空格“{'、'.join(unknown)}”；只有 {{place}}、{{year}}、{{serial}}。",
            f"A number has no blank {', '.join(unknown)}; it has {{place}}, {{year}} and {{serial}}.",
        )
    if text and not {"{year}", "{serial}"} <= {f"{{{name}}}" for name in _BLANK.findall(text)}:
        raise Wrong("文号须有 {year} 和 {serial}。", "A number has {year} and {serial}.")
    return text


Text = Annotated[str, StringConstraints(max_length=4000), AfterValidator(_well_formed)]
NumberPattern = Annotated[str, StringConstraints(max_length=80), AfterValidator(_of_number)]


class FormCell(LateEntry):
    """A field of a form: its printed name, what is filled in, how many lines it has for writing by hand."""

    label: str = Field(min_length=1)
    says: Text = ""
    lines: int = Field(default=1, ge=1, le=30)


class ListColumn(LateEntry):
    """A column of a list: its heading, its share of the width, what stands in it."""

    label: str = Field(min_length=1)
    share: int = Field(default=1, ge=1, le=20)
    shows: Literal["row", "entry", "nothing"] = Field(
        default="nothing", description="the number of the row, the entry of the field, or nothing (written by hand)"
    )


class PaperList(LateEntry):
    """A list with a row for each entry of a field."""

    of: Identifier | None = Field(default=None, description="the field with the entries; none: filled in by hand")
    columns: tuple[ListColumn, ...] = Field(min_length=1, max_length=12)
    rows: int = Field(default=1, ge=1, le=40, description="at least so many rows")


_CONTENTS = ("says", "heading", "form", "list_", "signatures")


class PaperBlock(Dated):
    """A part of the body, one of: a paragraph, a heading, a form, a list, places to sign."""

    says: Text = ""
    heading: str = ""
    form: tuple[tuple[FormCell, ...], ...] = ()
    list_: PaperList | None = Field(default=None, alias="list")
    signatures: tuple[Text, ...] = ()
    of: tuple[ActName, ...] = Field(default=(), description="stands only where one of these acts issues the paper")
    where: Filter = Field(default_factory=dict, description="stands only where fields of the case meet this")

    @field_validator("form", mode="before")
    @classmethod
    def _rows(cls, value: Any) -> Any:
        return [row if isinstance(row, list) else [row] for row in value] if isinstance(value, list) else value

    @model_validator(mode="after")
    def _one(self) -> PaperBlock:
        if sum(bool(getattr(self, name)) for name in _CONTENTS) != 1:
            raise Wrong(
                "正文的每一段写 says、heading、form、list、signatures 之一。",
                "Each part of the body has one of says, heading, form, list, signatures.",
            )
        return self

    def texts(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Every text with blanks, and where it stands."""
        if self.says:
            yield ("says",), self.says
        for number, row in enumerate(self.form):
            for place, cell in enumerate(row):
                yield (("form", number, "says") if len(row) == 1 else ("form", number, place, "says")), cell.says
        for number, text in enumerate(self.signatures):
            yield ("signatures", number), text


class CaseDocumentPage(LateEntry):
    """A notice that is handed to somebody, or a record that is put into the file of the case."""

    kind: Literal["notice", "record"]
    label: Label
    title: str = Field(min_length=1, max_length=60)
    follows: str = Field(default="", description="the official form that it follows")
    number: NumberPattern = Field(default="", description="its own number: {place}, {year}, {serial}")
    to: Text = Field(default="", description="to whom it is addressed")
    cites: dict[Identifier, tuple[Citation, ...]] = Field(
        default_factory=dict, description="articles by name, each with the days on which it is the basis"
    )
    body: tuple[PaperBlock, ...] = Field(min_length=1)
    attachments: tuple[Text, ...] = ()
    seal: bool = Field(default=True, description="ends with the name of the unit, the day and the place of the seal")
    copies: str = Field(default="", description="how many copies there are and where they go")
    encloses: tuple[Identifier, ...] = Field(
        default=(), description="papers that go with it on pages of their own: a list, a certificate of service"
    )
    words: dict[Identifier, dict[Identifier, str]] = Field(
        default_factory=dict, description="field -> choice of a list of the law -> how the paper says it"
    )

    def texts(self) -> Iterator[tuple[tuple[str | int, ...], str, PaperBlock | None]]:
        """Every text with blanks, where it stands, and the part of the body that it belongs to."""
        yield ("to",), self.to, None
        for number, text in enumerate(self.attachments):
            yield ("attachments", number), text, None
        for number, block in enumerate(self.body):
            for where, text in block.texts():
                yield ("body", number, *where), text, block


class CasePaper(LateEntry):
    """A paper of cases: its page, and the district's own letterhead where there is one."""

    id: Identifier
    page: CaseDocumentPage
    template: Path | None = None


FILE = "documents/*/document.yaml"


def _read(reading: Reading) -> Mapping[str, CasePaper]:
    found: dict[str, CasePaper] = {}
    for path in reading.paths(CaseDocumentPage):
        if not is_of_a_case(reading, path):
            continue
        if (page := reading.page(CaseDocumentPage, path)) is not None:
            template = path.parent / TEMPLATE
            name = path.parent.name
            found[name] = CasePaper(id=name, page=page[0], template=template if template.is_file() else None)
    return MappingProxyType(found)


def _cites(book: Book) -> Iterator[tuple[str, str, Citation]]:
    for name, paper in book[CASE_DOCUMENTS].items():
        for citations in paper.page.cites.values():
            for citation in citations:
                yield f"documents/{name}/document.yaml", paper.page.label.zh, citation


# The notices and records that acts of workflows issue, by the name of their folder.
CASE_DOCUMENTS: Chapter[Mapping[str, CasePaper]] = register(
    Chapter(
        name="case_documents",
        label=Label(zh="案件文书", en="Documents of cases"),
        pages=(PageKind("case_document", FILE, CaseDocumentPage),),
        read=_read,
        counts={"case_documents": len},
        cites=_cites,
        reference="reference/document-grammar.md",
    )
)
