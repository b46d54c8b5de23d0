"""A blank form of a record (空白表样): its columns, what may stand in each, rows as an example, and how to fill it in.

All of it comes from the book: the headings of a source, the choices of the fields, the examples that are tests as well.
A form that is filled in comes back as the same facts, whatever the sender leaves of the marks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from zhiheng.engines.naming import CADENCES
from zhiheng.engines.recognise import Layout
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.record_pages import FieldDefinition, Source
from zhiheng.grammar.chapters.records import RECORDS, RecordEntry
from zhiheng.grammar.types import Label
from zhiheng.kernel.fields.base import FieldType

NUMBERING = "序号"
EXAMPLE = "示例"
_EXAMPLES = 2
_FORMATS: Mapping[str, Label] = {
    "text": Label(zh="文字", en="text"),
    "long_text": Label(zh="文字，可以分行", en="text, in several lines if need be"),
    "day": Label(zh="日期，写成 2026-01-31", en="a day, written 2026-01-31"),
    "decimal": Label(zh="数字", en="a number"),
    "integer": Label(zh="整数", en="a whole number"),
    "money": Label(zh="金额，单位{unit}", en="an amount in {unit}"),
    "percentage": Label(zh="百分比，写成 96.4%", en="a percentage, written 96.4%"),
    "quantity": Label(zh="数量带单位，如 12.5kg", en="a quantity with its unit, as 12.5kg"),
    "uscc": Label(zh="18位统一社会信用代码", en="the 18 characters of the unified social credit code"),
    "resident_id": Label(zh="18位公民身份号码", en="the 18 characters of the resident identity number"),
    "phone": Label(zh="电话号码，固定电话带区号", en="a telephone number, with its area code"),
    "equipment_code": Label(zh="特种设备代码", en="the code of the equipment"),
    "licence_number": Label(zh="证书上的编号", en="the number on the certificate"),
    "division": Label(zh="区划的名称或代码", en="the name or the code of an area"),
    "industry": Label(
        zh="国民经济行业分类的代码或名称", en="code or name of the national classification of industries"
    ),
    "choice": Label(zh="从可选项里选一个", en="one of the choices"),
    "multi_choice": Label(zh="从可选项里选，几个的用、隔开", en="of the choices, several with 、 or ; between them"),
    "yes_no": Label(zh="是或否", en="是 (yes) or 否 (no)"),
    "test_result": Label(zh="检验值，原样照写", en="the result as it stands in the report"),
    "limit": Label(zh="限值，原样照写", en="the limit as it stands in the standard"),
    "party": Label(zh="单位全称（个人写姓名）", en="the full name"),
}
_PARTS: Mapping[str, Label] = {
    "code": Label(zh="18位统一社会信用代码，没有的留空", en="the unified social credit code, or nothing"),
    "address": Label(zh="地址", en="the address"),
    "place": Label(zh="所在地区", en="the area"),
    "phone": Label(zh="电话号码，固定电话带区号", en="a telephone number, with its area code"),
    "unit": Label(zh="计量单位", en="the unit"),
    "limit": Label(zh="标准限值，原样照写", en="the limit as it stands in the standard"),
    "legal_person": Label(zh="法定代表人姓名", en="the legal representative"),
    "former_names": Label(zh="曾用名称，几个的用、隔开", en="former names, with 、 between them"),
}


@dataclass(frozen=True)
class FormColumn:
    """A column: its heading, whether every row must fill it, what it feeds, and what may stand in it."""

    heading: str
    required: bool
    secret: bool
    targets: tuple[str, ...]
    label: Label
    format: Label
    choices: tuple[str, ...] = ()
    strict: bool = False
    note: Label | None = None
    example: str = ""


@dataclass(frozen=True)
class BlankForm:
    """A form: its title, its columns, example rows in their order, and lines of how to fill it in."""

    record: str
    source: str
    title: Label
    columns: tuple[FormColumn, ...]
    examples: tuple[tuple[str, ...], ...]
    notes: tuple[Label, ...]

    @property
    def file_name(self) -> str:
        """What the file is called."""
        return f"{self.title.zh}（空白表样）.xlsx"

    def row(self, texts: Mapping[str, str], layout: Layout) -> tuple[str, ...]:
        """A row (heading -> text, in any spelling that the layout knows) under the columns of the form."""
        by_target: dict[str, str] = {}
        for heading, text in texts.items():
            for target in layout.targets(heading):
                by_target.setdefault(target, text)
        return tuple(next((by_target[t] for t in column.targets if t in by_target), "") for column in self.columns)


def blank_form(book: Book, record: str, source: str = "standard") -> BlankForm | None:
    """The form of a record in the layout of one of its sources; None where the book has no such record or source."""
    entry = book[RECORDS].get(record)
    if entry is None or source not in entry.sources:
        return None
    said = entry.sources[source]
    layout = Layout.of(record, entry.record, source, said, entry.words)
    examples = [e.row for e in entry.examples.accepted if e.source == source]
    # Where a source knows several headings for the same, the first is the one to write.
    fed: set[str] = set()
    headings = []
    for heading in said.columns:
        if fed.isdisjoint(said.targets(heading)):
            headings.append(heading)
            fed |= set(said.targets(heading))
    columns = tuple(_column(entry, said, heading, entry.types[source], examples, layout) for heading in headings)
    form = BlankForm(record, source, said.label, columns, (), _notes(book, entry))
    rows = tuple(form.row(row, layout) for row in examples[:_EXAMPLES])
    return BlankForm(record, source, said.label, columns, rows, form.notes)


def _column(
    entry: RecordEntry,
    source: Source,
    heading: str,
    types: Mapping[str, FieldType],
    examples: list[dict[str, str]],
    layout: Layout,
) -> FormColumn:
    targets = source.targets(heading)
    name, _, part = targets[0].partition(".")
    field = entry.record.fields[name]
    kind = types[name]
    choices = () if part else _choices(kind)
    required = any(target in (*entry.record.required, entry.record.on) for target in targets)
    shown = next(
        (text for row in examples for h, text in row.items() if set(layout.targets(h)) & set(targets) and text.strip()),
        "",
    )
    label = field.label
    return FormColumn(
        heading,
        required,
        field.secret,
        targets,
        label,
        _PARTS.get(part, _format(field, kind)) if part else _format(field, kind),
        choices,
        kind.name in ("choice", "yes_no") and not getattr(kind, "contained", None),
        field.note,
        shown,
    )


def _choices(kind: FieldType) -> tuple[str, ...]:
    if kind.name == "yes_no":
        return ("是", "否")
    choices: Mapping[str, tuple[str, ...]] = getattr(kind, "choices", {})
    return tuple(words[0] if words else code for code, words in choices.items())


def _format(field: FieldDefinition, kind: FieldType) -> Label:
    said = _FORMATS[field.type]
    unit = str(getattr(kind, "unit", "") or "")
    if field.type == "money":
        return Label(zh=said.zh.format(unit=unit or "元"), en=said.en.format(unit=unit or "元"))
    if field.type == "day" and getattr(kind, "precision", "day") == "month":
        return Label(zh="月份，写成 2026-01", en="a month, written 2026-01")
    if field.type == "decimal" and unit:
        return Label(zh=f"数字，单位{unit}", en=f"a number in {unit}")
    return said


def _notes(book: Book, entry: RecordEntry) -> tuple[Label, ...]:
    record = entry.record
    law = "；".join(f"《{c.text}》{c.article}" for c in record.law)
    senders = [unit.name for unit in book[DISTRICT].units if entry.id in unit.records]
    return (
        Label(
            zh=f"依据：{law}。{CADENCES[record.volume.cadence].zh}报送。",
            en=f"Law: {law}. Handed in {CADENCES[record.volume.cadence].en}.",
        ),
        Label(
            zh="报送单位："
            + (
                "、".join(n.zh for n in senders[:6]) + ("等" if len(senders) > 6 else "")
                if senders
                else "规则书没有指定"
            )
            + "。",
            en="Handed in by: "
            + (
                ", ".join(n.en for n in senders[:6]) + (" ..." if len(senders) > 6 else "")
                if senders
                else "nobody in particular"
            )
            + ".",
        ),
        Label(
            zh="带*的列每行必填；不用的列可以整列删去，列的次序可以调换，表头的字不要改。第一列写着“示例”"
            "的行不会接收，删不删都可以。",
            en="Columns with * are filled in every row. Columns of no use may be deleted, their order is free, the "
            "words of the headings stay. Rows that begin with 示例 are not received, whether they are deleted or "
            "not.",
        ),
        Label(
            zh="代码、编号、电话按文本填写，不要用公式；看不准的留空，不要写“不详”以外的猜测。",
            en="Codes, numbers and telephones are texts, never formulas. What is not known for certain is left empty.",
        ),
    )
