"""A blank form as a workbook: headings, drop-downs, example rows, and a sheet that says how to fill it in.

Every cell is a text: codes keep their digits and nothing is run as a formula. The sheet of notes is lines in one
column, so that it is no table when the workbook comes back.
"""

from __future__ import annotations

import io
from typing import Literal

import xlsxwriter

from zhiheng.engines.blank_forms import EXAMPLE, NUMBERING, BlankForm, FormColumn

Language = Literal["zh", "en"]
NOTES_SHEET = "填表说明"
# What Excel takes as a list of choices, as a message beside a cell, and as its title.
_LONGEST_LIST, _LONGEST_MESSAGE, _LONGEST_TITLE = 255, 255, 32
_ROWS = 2_000
_WIDEST = 40


def write_blank_form(form: BlankForm, *, language: Language = "zh") -> bytes:
    """The workbook. The table stays Chinese as the departments' tables are; ``language`` is that of the notes."""
    made = io.BytesIO()
    options = {"in_memory": True, "strings_to_numbers": False, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(made, options) as book:
        _table(book, form)
        _notes(book, form, language)
    return made.getvalue()


def _table(book: xlsxwriter.Workbook, form: BlankForm) -> None:
    # A fixed shape and pale colours: the form is printed as well.
    text = book.add_format({"num_format": "@", "valign": "top"})
    usual = book.add_format(
        {"bold": True, "text_wrap": True, "valign": "vcenter", "num_format": "@", "bg_color": "#EEF2F6", "border": 1}
    )
    must = book.add_format(
        {"bold": True, "text_wrap": True, "valign": "vcenter", "num_format": "@", "bg_color": "#FFF3D6", "border": 1}
    )
    example = book.add_format({"italic": True, "font_color": "#666666", "num_format": "@", "valign": "top"})
    sheet = book.add_worksheet(_sheet_name(form.title.zh))
    sheet.freeze_panes(1, 1)
    sheet.set_row(0, 36)
    sheet.write_string(0, 0, NUMBERING, usual)
    sheet.set_column(0, 0, 7, text)
    for at, column in enumerate(form.columns, start=1):
        sheet.write_string(
            0, at, f"*{column.heading}" if column.required else column.heading, must if column.required else usual
        )
        longest = max([len(column.heading), *(len(cell) for row in form.examples for cell in [row[at - 1]])])
        sheet.set_column(at, at, min(max(10, longest * 2), _WIDEST), text)
        _guide(sheet, at, column)
    for number, row in enumerate(form.examples, start=1):
        sheet.write_string(number, 0, f"{EXAMPLE}{number}", example)
        for at, cell in enumerate(row, start=1):
            sheet.write_string(number, at, cell, example)


def _guide(sheet: xlsxwriter.worksheet.Worksheet, at: int, column: FormColumn) -> None:
    """What Excel shows beside the cell, and the list to choose from."""
    told = column.format.zh + (f"。{column.note.zh}" if column.note else "")
    if column.choices:
        told += "：" + "、".join(column.choices)
    rule: dict[str, object] = {
        "validate": "any",
        "input_title": f"{column.heading}{'（必填）' if column.required else ''}"[:_LONGEST_TITLE],
        "input_message": told if len(told) <= _LONGEST_MESSAGE else told[: _LONGEST_MESSAGE - 1] + "…",
    }
    listed = ",".join(column.choices)
    if (
        column.choices
        and column.strict
        and len(listed) <= _LONGEST_LIST
        and not any("," in each for each in column.choices)
    ):
        # A warning and no wall: the book knows further words for the same.
        rule |= {
            "validate": "list",
            "source": list(column.choices),
            "error_type": "warning",
            "error_title": "不在可选项里",
            "error_message": "可选项见下拉；同义的写法也能认，认不出的会退回。",
        }
    sheet.data_validation(1, at, _ROWS, at, rule)


def _notes(book: xlsxwriter.Workbook, form: BlankForm, language: Language) -> None:
    sheet = book.add_worksheet(NOTES_SHEET)
    sheet.set_column(0, 0, 110)
    head = book.add_format({"bold": True, "text_wrap": True, "num_format": "@"})
    line = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
    lines = [getattr(note, language) for note in form.notes]
    lines += [_told(number, column, language) for number, column in enumerate(form.columns, start=1)]
    title = f"{form.title.zh}：{NOTES_SHEET}" if language == "zh" else f"{form.title.en}: how to fill it in"
    sheet.write_string(0, 0, title, head)
    for at, said in enumerate(lines, start=1):
        sheet.write_string(at, 0, said, line)


def _told(number: int, column: FormColumn, language: Language) -> str:
    if language == "en":
        needed = ", required" if column.required else ""
        told = f"{number}. {column.heading} ({column.label.en}{needed}): {column.format.en}"
        told += f" ({', '.join(column.choices)})" if column.choices else ""
        told += f". {column.note.en}" if column.note else ""
        return f"{told}. Example: {column.example}" if column.example else told
    told = f"{number}. {column.heading}{'（必填）' if column.required else ''}：{column.format.zh}"
    told += f"（{'、'.join(column.choices)}）" if column.choices else ""
    told += f"。{column.note.zh}" if column.note else ""
    told += "。涉密，只有办理需要的人看得到" if column.secret else ""
    return f"{told}。例：{column.example}" if column.example else f"{told}。"


def _sheet_name(title: str) -> str:
    """A name that Excel takes for a sheet."""
    return "".join("_" if char in "[]:*?/\\" else char for char in title)[:31]
