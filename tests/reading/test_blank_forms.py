"""空白表样：每种记录都有，填上样例再交回来就是同样的事实；示例行和填表说明不会成为数据。"""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from tests.book_once import book_once
from tests.places import SMALL
from zhiheng.engines.blank_forms import EXAMPLE, BlankForm, blank_form
from zhiheng.engines.examples import read_row
from zhiheng.engines.intake import Batch, Intake
from zhiheng.engines.recognise import Layout, recognise, share_of_known
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.headings import TABLE_WORDS
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.reading.blank_forms import NOTES_SHEET, write_blank_form
from zhiheng.reading.layouts import KnownHeadings
from zhiheng.reading.opening import open_path
from zhiheng.reading.tables import Table, Unreadable

ROOT = Path(__file__).resolve().parents[2]
BOOKS = {"book": book_once(ROOT / "book"), "small": book_once(SMALL)}
# The two sources of office_visit have the same headings on purpose: such a table is asked about, whoever made it.
FORMS = [
    (name, record, source)
    for name, book in BOOKS.items()
    for record, entry in book[RECORDS].items()
    for source in entry.sources
    if record != "office_visit"
]


def made(book: Book, record: str, source: str) -> BlankForm:
    """The form, which is there."""
    form = blank_form(book, record, source)
    assert form is not None
    return form


@cache
def layouts_of(name: str) -> list[Layout]:
    """Every layout of a book."""
    return [
        Layout.of(e.id, e.record, s, said, e.words)
        for e in BOOKS[name][RECORDS].values()
        for s, said in e.sources.items()
    ]


@cache
def known_of(name: str) -> KnownHeadings:
    """What tells a row of headings by the words of a book."""
    return share_of_known(layouts_of(name), BOOKS[name][TABLE_WORDS])


def filled_in(form: BlankForm, rows: list[tuple[str, ...]], path: Path) -> Path:
    """The form as it comes back: headings and example rows as they were written, the rows typed beneath, the notes
    left.
    """
    sheets = CalamineWorkbook.from_filelike(io.BytesIO(write_blank_form(form)))
    table, notes = (sheets.get_sheet_by_name(name).to_python() for name in sheets.sheet_names)
    with xlsxwriter.Workbook(str(path), {"strings_to_numbers": False, "strings_to_formulas": False}) as book:
        for name, lines in zip(sheets.sheet_names, ([*table, *[("", *row) for row in rows]], notes), strict=True):
            sheet = book.add_worksheet(name)
            for at, line in enumerate(lines):
                for column, cell in enumerate(line):
                    sheet.write_string(at, column, str(cell))
    return path


@pytest.mark.parametrize(
    ("name", "record", "source"),
    # Some hundred workbooks of the default book, each parsed in a process of its own; those of the small book are
    # quick.
    [pytest.param(*form, id="/".join(form), marks=[pytest.mark.slow] if form[0] == "book" else []) for form in FORMS],
)
def test_填上样例交回来_就是同样的事实(name: str, record: str, source: str, tmp_path: Path) -> None:
    book, layouts, known = BOOKS[name], layouts_of(name), known_of(name)
    entry = book[RECORDS][record]
    layout = Layout.of(record, entry.record, source, entry.sources[source], entry.words)
    form = made(book, record, source)
    assert entry.examples is not None
    examples = [e for e in entry.examples.accepted if e.source == source]
    path = filled_in(form, [form.row(e.row, layout) for e in examples], tmp_path / form.file_name.replace("/", "_"))
    found = list(open_path(path, known_headings=known))
    tables = [item for item in found if isinstance(item, Table)]
    others = [item for item in found if isinstance(item, Unreadable)]
    assert len(tables) == 1, found
    assert all(item.harmless for item in others), [item.refusal.zh for item in others]
    (table,) = tables
    told = recognise(layouts, table.layout.headings)
    assert isinstance(told, Layout), told
    assert (told.record_id, told.source_id) == (record, source)
    intake = Intake(told, entry.types[source], table.layout.headings, delivered_on=None, row_cleaner=entry.clean)
    bodies: list[str] = []
    skipped: list[str] = []
    for chunk in table.chunks():
        assert not chunk.broken
        batch = intake.read(chunk.columns, chunk.row_numbers)
        assert not batch.refused, batch.refused
        bodies += batch.bodies
        skipped += [each.why.code for each in chunk.skipped]
    wanted = [read_row(entry, source, e.row) for e in examples]
    assert bodies == [each.bodies[0] for each in wanted if isinstance(each, Batch)]
    assert len(skipped) == len(form.examples)


def test_表样写明必填_可选项和怎么填() -> None:
    form = made(BOOKS["book"], "food_sampling", "standard")
    sheets = CalamineWorkbook.from_filelike(io.BytesIO(write_blank_form(form)))
    table = sheets.get_sheet_by_name(sheets.sheet_names[0]).to_python()
    assert table[0][:2] == ["序号", "抽样编号"]
    assert "*样品名称" in table[0]
    assert [row[0] for row in table[1:]] == [f"{EXAMPLE}1", f"{EXAMPLE}2"]
    notes = "\n".join(str(row[0]) for row in sheets.get_sheet_by_name(NOTES_SHEET).to_python())
    assert "食品安全抽样检验管理办法" in notes
    assert "抽样环节：从可选项里选一个（生产、流通、餐饮、网络）" in notes
    assert "样品名称（必填）" in notes
    assert "涉密" in "\n".join(
        str(row[0])
        for row in CalamineWorkbook.from_filelike(
            io.BytesIO(write_blank_form(made(BOOKS["book"], "complaint", "standard")))
        )
        .get_sheet_by_name(NOTES_SHEET)
        .to_python()
    )


def test_没有这种记录就没有表样() -> None:
    assert blank_form(BOOKS["book"], "no_such_record") is None
    assert blank_form(BOOKS["book"], "food_sampling", "no_such_source") is None
