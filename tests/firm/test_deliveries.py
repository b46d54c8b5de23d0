"""What an enterprise hands in itself: its own rows of the records that the book names, refused rows come back with the
reason.
"""

from __future__ import annotations

import csv
import io
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django_tasks_db.models import DBTaskResult
from python_calamine import CalamineWorkbook

from tests.actions.test_upload import work
from tests.desk.files_of import FIRM, NOW, OTHER, clock, place, statements, subject_of
from tests.firm.owners import browser_of, page
from tests.places import LIFTS, SAMPLING, Ledger, credit_code, lift_row, sampling_row
from zhiheng.actions.intake.receive_delivery import confirm
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import SYSTEM
from zhiheng.ledger.chain import HEADER, header
from zhiheng.ledger.models import Delivery, Fact
from zhiheng.ledger.verify import verify
from zhiheng.office import task_queue
from zhiheng.office.models import Upload

__all__ = ["clock", "place"]
pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def browser(place: Ledger) -> Client:
    """Somebody of the food maker."""
    return browser_of(subject_of())


def sheet(*rows: list[str], headings: Any = SAMPLING, name: str = "自查.csv") -> SimpleUploadedFile:
    """A file as it comes from a form."""
    out = io.StringIO()
    csv.writer(out).writerows([headings, *rows])
    return SimpleUploadedFile(name, out.getvalue().encode())


def own(number: int, **changed: str) -> list[str]:
    """A row about the food maker."""
    return sampling_row(number, **{"生产企业": FIRM, "生产企业代码": credit_code(1), **changed})


def hand_in(browser: Client, *files: SimpleUploadedFile, status: int = 302) -> str:
    """Send the form, and let the worker do its part."""
    answer = browser.post(reverse("firm:deliveries"), {"files": list(files)})
    assert answer.status_code == status, answer.content.decode()[:3000]
    if status == 302:
        work()
    return answer.content.decode()


def result(browser: Client) -> str:
    """The page of the last upload."""
    return page(browser, "delivery", Upload.objects.latest("id").pk)


def test_own_rows_become_facts_of_the_unit_that_says_so(browser: Client) -> None:
    before = Fact.objects.count()
    hand_in(browser, sheet(own(50), own(51)))
    assert Fact.objects.count() == before + 2
    assert Delivery.objects.latest("id").unit == "test_enterprises"
    assert "2 行：接收 2，重复 0，退回 0" in result(browser)
    assert "自查.csv" in page(browser, "deliveries")
    assert "自查.csv" in page(browser, "home")


def test_what_an_enterprise_sends_comes_after_everything_that_departments_wait_for(browser: Client) -> None:
    hand_in(browser, sheet(own(50)))
    task = DBTaskResult.objects.get(id=Upload.objects.latest("id").task)
    assert task.priority == task_queue.FROM_ENTERPRISES
    others = DBTaskResult.objects.exclude(id=task.id).values_list("priority", flat=True)
    assert all(priority > task.priority for priority in others)


def test_a_file_that_is_far_larger_than_one_enterprise_can_need_is_not_taken(
    browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zhiheng.actions.intake.upload_delivery.LIMIT_OF_ENTERPRISES", 2_000)
    assert "文件超过" in hand_in(browser, sheet(*(own(n) for n in range(50, 90))), status=422)
    assert not Upload.objects.exists()


def test_a_row_about_somebody_else_is_refused_with_the_reason(browser: Client) -> None:
    before = Fact.objects.count()
    hand_in(browser, sheet(own(50), sampling_row(51, 生产企业="别家食品有限公司")))
    assert Fact.objects.count() == before + 1
    text = result(browser)
    assert "接收 1，重复 0，退回 1" in text
    assert "这一行没有写明是本企业" in text
    assert "别家食品有限公司" in text


@pytest.mark.parametrize(
    "changed",
    [
        {"生产企业": "别家食品有限公司", "生产企业代码": "", "被抽样单位": FIRM},
        {"生产企业": FIRM, "生产企业代码": credit_code(77)},
        {"生产企业": f"{FIRM}、别家食品有限公司", "生产企业代码": ""},
        {"生产企业": FIRM.replace("甲", "乙"), "生产企业代码": ""},
    ],
)
def test_a_row_that_only_mentions_the_enterprise_is_not_its_own(browser: Client, changed: dict[str, str]) -> None:
    before = Fact.objects.count()
    hand_in(browser, sheet(own(50, **changed)))
    assert Fact.objects.count() == before, changed
    assert "退回 1" in result(browser)


def test_former_names_of_the_enterprise_are_its_own(browser: Client) -> None:
    hand_in(browser, sheet(own(50, 生产企业="试验甲食品厂（旧名）", 生产企业代码="")))
    assert "接收 1" in result(browser)


def test_a_record_of_a_department_is_not_taken_from_an_enterprise(browser: Client) -> None:
    before = Fact.objects.count()
    hand_in(browser, sheet(lift_row("L9", 使用单位=FIRM), headings=LIFTS, name="电梯.csv"))
    assert Fact.objects.count() == before
    assert "企业不能自己报送" in result(browser)


def test_what_is_only_signed_can_not_be_handed_in_as_a_file(browser: Client, place: Ledger) -> None:
    before = Fact.objects.count()
    rows = sheet(["2026-07-01", FIRM, "我们承诺一切都好"], headings=["日期", "企业", "情况"], name="承诺.csv")
    hand_in(browser, rows)
    assert Fact.objects.count() == before


def test_refused_rows_are_downloaded_with_their_reasons_mended_and_handed_in_again(browser: Client) -> None:
    hand_in(browser, sheet(own(50), own(51, 抽样日期="二月三十日"), own(52, 检验结论="")))
    upload = Upload.objects.get()
    delivery = upload.result[0]["deliveries"][0]
    assert reverse("firm:refused_rows", args=[upload.pk, delivery]) in result(browser)
    answer = browser.get(reverse("firm:refused_rows", args=[upload.pk, delivery]))
    rows = CalamineWorkbook.from_filelike(BytesIO(b"".join(answer))).get_sheet_by_index(0).to_python()
    assert len(rows) == 3
    assert rows[0][: len(SAMPLING)] == list(SAMPLING)
    assert "二月三十日" in str(rows[1])
    assert "检验结论" in str(rows[2][-1])
    mended = [[str(cell) for cell in row[: len(SAMPLING)]] for row in rows[1:]]
    mended[0][SAMPLING.index("抽样日期")] = "2026-03-01"
    mended[1][SAMPLING.index("检验结论")] = "合格"
    hand_in(browser, sheet(own(50), *mended, name="改好.csv"))
    assert "3 行：接收 2，重复 1，退回 0" in result(browser)


def test_only_the_first_refused_rows_stand_on_the_page(browser: Client) -> None:
    hand_in(browser, sheet(*[own(n, 抽样日期="某日") for n in range(55)]))
    text = result(browser)
    assert "这里只列前 50 行" in text
    # Each row shows the text twice: in its cell and in the reason.
    assert text.count("某日") == 2 * 50


def test_somebody_elses_upload_does_not_exist_here(browser: Client) -> None:
    hand_in(browser, sheet(own(50, 抽样日期="某日")))
    upload = Upload.objects.get()
    other = browser_of(subject_of(OTHER))
    assert "没有编号为" in page(other, "delivery", upload.pk, status=404)
    assert page(other, "refused_rows", upload.pk, upload.result[0]["deliveries"][0], status=404)
    assert page(other, "delivery", 10**12, status=404)
    assert "自查.csv" not in page(other, "deliveries")


def of_the_other(number: int) -> list[str]:
    """A row about the keeper of the lift, which has made something too."""
    return sampling_row(number, 生产企业=OTHER, 生产企业代码="")


def test_两家企业交来一字不差的文件_各收各的行_各看各的退回(browser: Client) -> None:
    """Both speak under the one unit of the district; a list that an association hands round is such a file."""
    keeper = browser_of(subject_of(OTHER))
    before = Fact.objects.count()
    rows = [own(50), of_the_other(51), of_the_other(52)]
    hand_in(browser, sheet(*rows))
    hand_in(keeper, sheet(*rows))
    first, second = Upload.objects.order_by("id")
    assert first.digest == second.digest
    assert first.unit == second.unit == "test_enterprises"
    assert "3 行：接收 1，重复 0，退回 2" in page(browser, "delivery", first.pk)
    assert "3 行：接收 2，重复 0，退回 1" in page(keeper, "delivery", second.pk)
    assert Fact.objects.count() == before + 3
    assert (first.result[0]["again"], second.result[0]["again"]) == (False, False)
    one, two = (Delivery.objects.get(id=upload.result[0]["deliveries"][0]) for upload in (first, second))
    assert (one.subject, two.subject) == (subject_of(), subject_of(OTHER))
    assert verify().whole, "both links stand in the chain"
    downloaded = b"".join(keeper.get(reverse("firm:refused_rows", args=[second.pk, two.pk])))
    (_, row) = CalamineWorkbook.from_filelike(BytesIO(downloaded)).get_sheet_by_index(0).to_python()
    assert row[SAMPLING.index("生产企业")] == FIRM, "what is sent back is what this enterprise could not hand in"
    assert page(keeper, "refused_rows", first.pk, one.pk, status=404)


def test_两家企业交来认不出的同一份文件_各有各的退回(browser: Client) -> None:
    strange = {"headings": ["神秘", "更神秘"], "name": "不认识.csv"}
    hand_in(browser, sheet(["1", "2"], **strange))
    hand_in(browser_of(subject_of(OTHER)), sheet(["1", "2"], **strange))
    one, two = Delivery.objects.filter(state="refused").order_by("id")
    assert one.file_digest == two.file_digest
    assert [one.subject, two.subject] == [subject_of(), subject_of(OTHER)]


def test_同一家企业把同样的行再交一次_还是重复(browser: Client) -> None:
    hand_in(browser, sheet(own(50), own(51)))
    hand_in(browser, sheet(own(51), own(50), name="换了顺序.csv"))
    assert "2 行：接收 0，重复 2，退回 0" in result(browser)


def test_一家的暂存确认后_收的仍只是它自己的行(place: Ledger, browser: Client) -> None:
    many = [own(100 + n) for n in range(400)]
    hand_in(browser, sheet(*many, of_the_other(900)))
    (held,) = Delivery.objects.filter(state="held")
    assert held.subject == subject_of()
    before = Fact.objects.count()
    (result,) = confirm(held.id, call=Call(SYSTEM, place.book, NOW))
    assert (result.facts, result.refused) == (400, 1)
    assert Fact.objects.count() == before + 400
    assert Delivery.objects.latest("id").subject == subject_of()


def test_先前没有这一栏的报送_链接不变(place: Ledger) -> None:
    for row in Delivery.objects.values(*HEADER):
        assert "subject" not in header(row), "a department speaks for nobody but itself"
        assert header({name: value for name, value in row.items() if name != "subject"}) == header(row)
    assert header({**row, "subject": 7})["subject"] == 7


def test_a_delivery_of_another_upload_is_not_opened_through_ones_own(browser: Client) -> None:
    hand_in(browser, sheet(own(50)))
    upload = Upload.objects.get()
    first = Delivery.objects.earliest("id")
    assert first.id not in upload.result[0]["deliveries"]
    assert page(browser, "refused_rows", upload.pk, first.id, status=404)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (0, "请选择文件"),
        (21, "一次最多 20 个文件"),
    ],
)
def test_no_file_or_too_many_are_not_taken(browser: Client, files: int, said: str) -> None:
    text = hand_in(browser, *[sheet(own(n), name=f"{n}.csv") for n in range(files)], status=422)
    assert said in text
    assert not Upload.objects.exists()


def test_an_empty_file_is_told_of(browser: Client) -> None:
    text = hand_in(browser, SimpleUploadedFile("空.csv", b""), status=422)
    assert "文件是空的" in text or "请选择文件" in text


def test_a_file_name_is_shown_without_its_folders_and_tricks(browser: Client) -> None:
    hand_in(browser, sheet(own(50), name="..\\..\\etc\u202e<b>pass\u0000wd.csv"))
    name = Upload.objects.get().name
    assert not set(name) & set("/\\\u0000\u202e")
    assert "<b>" not in page(browser, "deliveries")


def test_the_page_of_an_upload_takes_few_statements(browser: Client) -> None:
    hand_in(browser, sheet(own(50), own(51, 抽样日期="某日")))
    result(browser)
    with statements() as found:
        result(browser)
    assert len(found) <= 15
