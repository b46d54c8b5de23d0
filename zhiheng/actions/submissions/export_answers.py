"""Take the answers to a hotline away as a file: in the columns of the book, noted with what it is for; nothing of who
complained is in it.
"""

from __future__ import annotations

import datetime as dt

from zhiheng.actions import audit
from zhiheng.actions.exports.export_table import Cell, Export, ExportColumn, ExportTable, Format, Language, make_export
from zhiheng.actions.submissions import refusals
from zhiheng.grammar.call import Call
from zhiheng.grammar.types import Label
from zhiheng.kernel.reasons import Refused
from zhiheng.people import access
from zhiheng.queries.delivered import feeds_of
from zhiheng.queries.hotline_answers import answers_of


def export_answers(
    feed: str,
    first: dt.date,
    last: dt.date,
    *,
    unit: str,
    purpose: str,
    format: Format,
    call: Call,
    language: Language = "zh",
) -> Export:
    """The file with the answers to what was received between two days, both included, that the actor may read.

    Raises Refused where the book names no such body or no columns, the days are the wrong way round, no purpose is
    given, or the actor may not export.
    """
    access.require_somewhere(call, "case.read")
    sender = next((each for each in feeds_of(call.book) if each.id == feed), None)
    if sender is None or not sender.spec.answers:
        raise Refused(refusals.no_such_feed(feed))
    if last < first:
        raise Refused(refusals.days_reversed())
    found = answers_of(sender, first, last, call=call)

    def cell(value: object) -> Cell:
        if isinstance(value, Label):
            return value.zh if language == "zh" else value.en
        return value if isinstance(value, str | dt.date) else None

    title = Label(
        zh=f"{sender.spec.label.zh}办理反馈（{first} 至 {last}）",
        en=f"Answers to {sender.spec.label.en}, {first} to {last}",
    )
    notes = [
        Label(zh="按收到日期列出；没有来件人的任何信息。", en="By day of receipt; nothing of the senders is in it.")
    ]
    if found.left_out:
        notes.append(
            Label(
                zh=f"另有 {found.left_out} 件限制查阅，没有列出。",
                en=f"{found.left_out} more are restricted and left out.",
            )
        )
    table = ExportTable(
        title,
        f"submissions:{feed}",
        [ExportColumn(column.says, Label(zh=column.heading, en=column.heading)) for column in sender.spec.answers],
        ([cell(row.get(column.says)) for column in sender.spec.answers] for row in found.rows),
        notes,
    )
    made = make_export(table, purpose=purpose, format=format, call=call, unit=unit, language=language)
    detail = {"feed": feed, "from": str(first), "to": str(last), "rows": made.rows}
    audit.write(call, "case.answers", f"submissions:{feed}", purpose=purpose, detail=detail)
    return made
