"""The same file through every door: terminal, desk, interface and corner receive the same facts and say the same of
it.
"""

from __future__ import annotations

import csv
import html
import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse

from tests.actions.test_upload import work
from tests.api.conftest import BASE, Caller, Keys, key
from tests.desk.files_of import FIRM, NOW, clock, place, subject_of
from tests.desk.officers import officer, said_on, signed_in
from tests.firm.owners import browser_of
from tests.places import SAMPLING, Ledger, credit_code, sampling_row
from zhiheng.actions.intake.receive_delivery import receive
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import SYSTEM
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger.models import Fact, RefusedRow, SkippedRow
from zhiheng.office.models import Upload

__all__ = ["clock", "key", "place"]
pytestmark = [pytest.mark.django_db, pytest.mark.slow]

Rows = list[list[str]]


def own(number: int, **changed: str) -> list[str]:
    """A row about the food maker."""
    return sampling_row(number, **{"生产企业": FIRM, "生产企业代码": credit_code(1), **changed})


def text(*rows: list[str], headings: Any = SAMPLING, encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([headings, *rows])
    return out.getvalue().encode(encoding)


def workbook(sheets: dict[str, Rows], mend: Callable[[Any, str], None] = lambda _sheet, _name: None) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
            mend(sheet, name)
    return out.getvalue()


def archive(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for name, content in files.items():
            packed.writestr(f"{name}.csv", content)
    return out.getvalue()


def hide_second(sheet: Any, name: str) -> None:
    if name == "二":
        sheet.hide()


def hide_row(sheet: Any, _name: str) -> None:
    sheet.set_row(2, None, None, {"hidden": True})


HEAD = list(SAMPLING)
UNIT_ABOVE = [h + "（mg/kg）" if h == "检验结果" else h for h in HEAD if h != "单位"]
NO_UNIT = [cell for at, cell in enumerate(own(61)) if HEAD[at] != "单位"]
FILES: dict[str, tuple[str, bytes]] = {
    "国标码": ("a.csv", text(own(50), encoding="gb18030")),
    "单位写在表头": ("a.csv", text(NO_UNIT, headings=UNIT_ABOVE)),
    "合计_重复的表头_空行": (
        "a.xlsx",
        workbook({"一": [HEAD, own(50), HEAD, [], own(51), ["合计", "2批次"], ["注：以上为区级抽检"]]}),
    ),
    "隐藏的表": ("a.xlsx", workbook({"一": [HEAD, own(50)], "二": [HEAD, own(51)]}, hide_second)),
    "两张表_一张封面": (
        "a.xlsx",
        workbook({"封面": [["抽检月报"], ["二〇二六年三月"]], "一": [HEAD, own(50)], "二": [HEAD, own(51)]}),
    ),
    "重复的行": ("a.csv", text(own(50), own(50), own(51))),
    "有退回的行": (
        "a.csv",
        text(own(50), own(51, 抽样日期="二月三十日"), own(52, 样品名称=""), own(53, 抽样日期="2027-03-01")),
    ),
    "行数异常": ("a.csv", text(*(own(number) for number in range(100, 170)))),
    "压缩包_好坏各一": ("a.zip", archive(good=text(own(50)), bad=text(["1", "2"], headings=["甲", "乙"]))),
    "不是表格": ("a.csv", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj<<>>endobj\n"),
    "扩展名不符": ("a.xls", text(own(50))),
}

COMPARED = (
    "table",
    "state",
    "record",
    "source",
    "rows",
    "facts",
    "duplicates",
    "refused",
    "skipped",
    "flagged",
    "refusal",
    "remarks",
)


def kept(before: int) -> dict[str, Any]:
    """What the ledger has of it: facts, refused rows with their reasons, skipped rows."""
    return {
        "facts": [
            (f.row_number, f.record, f.body, str(f.occurred_on), f.outcome, f.flags, f.area)
            for f in Fact.objects.filter(id__gt=before).order_by("id")
        ],
        "refused": list(RefusedRow.objects.order_by("id").values_list("row_number", "reasons")),
        "skipped": list(SkippedRow.objects.order_by("id").values_list("row_number", "reason")),
    }


def words(problem: dict[str, str] | None) -> list[str] | None:
    """A refusal or remark, as both languages say it."""
    return [problem[word] for word in ("code", "zh", "en")] if problem else None


def told(tables: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a door says of each table, in the order of the file."""
    said = [{word: table.get(word) for word in COMPARED} for table in tables]
    return [s | {"refusal": words(s["refusal"]), "remarks": [words(one) for one in s["remarks"]]} for s in said]


def through(door: Callable[[str, bytes], tuple[list[dict[str, Any]], Any]], name: str, content: bytes) -> Any:
    """(what the door says, what the ledger has), and everything is as before."""
    before = Fact.objects.order_by("-id").values_list("id", flat=True).first() or 0
    point = transaction.savepoint()
    found = [*door(name, content), kept(before)]
    transaction.savepoint_rollback(point)
    Upload.objects.all().delete()
    return found


def at_terminal(ledger: Ledger) -> Callable[[str, bytes], Any]:
    """What ``zhiheng receive`` does and prints as JSON."""

    def door(name: str, content: bytes) -> Any:
        folder = ledger.folder / "terminal"
        folder.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
        try:
            results = receive(folder / name, call=Call(SYSTEM, ledger.book, NOW), unit="test_enterprises")
        except Refused as cause:
            return [], [cause.refusals[0].code, cause.refusals[0].zh, cause.refusals[0].en]
        return told([result.as_json() for result in results]), None

    return door


def through_page(browser: Client, form: str, shown: str, **words: str) -> Callable[[str, bytes], Any]:
    """The form of a page, and the page of the upload: what it keeps, which must stand on the page, too."""

    def door(name: str, content: bytes) -> Any:
        answer = browser.post(reverse(form), {"files": [SimpleUploadedFile(name, content)], **words})
        assert answer.status_code == 302, said_on(answer.content.decode())
        work()
        upload = Upload.objects.latest("id")
        page = html.unescape(said_on(browser.get(reverse(shown, args=[upload.id])).content.decode()))
        squeezed = "".join(page.split())
        for table in upload.result:
            if table["refusal"]:
                assert "".join(table["refusal"]["zh"].split()) in squeezed, page
            for remark in table["remarks"]:
                assert "".join(remark["zh"].split()) in squeezed, (remark, page)
        if upload.failure:
            assert "".join(upload.failure["zh"].split()) in squeezed, page
        return told(upload.result), (
            [upload.failure[word] for word in ("code", "zh", "en")] if upload.failure else None
        )

    return door


def through_interface(caller: Caller) -> Callable[[str, bytes], Any]:
    """The interface for programs, and what it answers."""

    def door(name: str, content: bytes) -> Any:
        file = {"file": SimpleUploadedFile(name, content), "unit": "test_enterprises"}
        answer = caller.client.post(f"{BASE}/office/deliveries", file)
        assert answer.status_code == 202, answer.content
        work()
        found = caller.get(f"/office/deliveries/{answer.json()['upload']}").json()
        failure = found.get("failure")
        return told(found["tables"]), ([failure[word] for word in ("code", "zh", "en")] if failure else None)

    return door


@pytest.mark.parametrize("which", FILES)
def test_同一份文件从终端_工作台_接口_企业之窗报来_事实和说法都一样(place: Ledger, key: Keys, which: str) -> None:
    name, content = FILES[which]
    program = Caller(key(["api.deliver", "api.read"], unit="test_enterprises"))
    clerk = signed_in(officer(unit="test_enterprises"))
    doors = {
        "工作台": through_page(clerk, "desk:upload", "desk:upload_result", unit="test_enterprises", kind=""),
        "接口": through_interface(program),
        "企业之窗": through_page(browser_of(subject_of()), "firm:deliveries", "firm:delivery"),
    }
    terminal = through(at_terminal(place), name, content)
    for table in terminal[0]:
        assert table["rows"] == sum(table[word] for word in ("facts", "duplicates", "refused", "skipped")) or (
            table["state"] != "accepted"
        )
    for called, door in doors.items():
        assert through(door, name, content) == terminal, called


def test_工作台报过的文件_程序再报一次_能问到它的处理结果(place: Ledger, key: Keys) -> None:
    name, content = FILES["重复的行"]
    clerk = signed_in(officer(unit="test_enterprises"))
    clerk.post(
        reverse("desk:upload"),
        {"files": [SimpleUploadedFile(name, content)], "unit": "test_enterprises", "kind": ""},
    )
    work()
    program = Caller(key(["api.deliver", "api.read"], unit="test_enterprises"))
    file = {"file": SimpleUploadedFile(name, content), "unit": "test_enterprises"}
    taken = program.client.post(f"{BASE}/office/deliveries", file).json()
    assert taken["before"]
    found = program.get(f"/office/deliveries/{taken['upload']}").json()
    assert [(table["facts"], table["duplicates"]) for table in found["tables"]] == [(2, 1)]
    other = Caller(key(["api.deliver", "api.read"], unit="test_market"))
    assert other.get(f"/office/deliveries/{taken['upload']}").status_code == 403
