"""Refused rows are as secret as facts: masked at every door, and shown as handed in only to the sender, for a purpose,
with a line in the trail. People, numbers and telephones are invented.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from django.urls import reverse
from python_calamine import CalamineWorkbook

from tests.actions.test_upload import work
from tests.cli.test_commands import complaint, run, told
from tests.desk.officers import officer, signed_in
from tests.desk.test_deliveries import page
from tests.places import SMALL, Ledger, write_csv
from zhiheng.engines.recognise import Layout
from zhiheng.grammar.chapters.headings import TABLE_WORDS
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.ledger.models import Delivery
from zhiheng.ledger.veil import veil_over
from zhiheng.office.models import Upload
from zhiheng.people.models import TrailLine

pytestmark = pytest.mark.slow

FINES = ["当事人", "当事人代码", "决定日期", "决定", "联系电话"]
ROWS = [
    ["试验化工厂", "", "2026-03-01", "罚款", "13812345678"],
    # Wrong elsewhere: the telephone is right and secret.
    ["试验电镀厂", "", "2026-13-41", "罚款", "13912345678"],
    # The secret itself is wrong, and the reason quotes it.
    ["试验印染厂", "", "2026-03-01", "罚款", "李四光 1391234567"],
    # A telephone and an identity number in the wrong columns.
    ["试验造纸厂", "", "2026-03-01", "找张三丰 13987654321", ""],
    ["试验皮革厂", "110101199001011237", "2026-13-01", "罚款", ""],
]
PEOPLE = [
    ["试验电镀厂", "李四光", "未缴", "电话13912345678"],
    ["试验印染厂", "张三丰", "已缴", "电话13812345678"],
    ["试验造纸厂", "王五", "已缴", "无"],
]
SECRETS = ("13912345678", "1391234567", "李四光", "13987654321", "110101199001011237")
PURPOSE = "改正后重新报送（试验）"


@pytest.fixture
def place(ledger: Ledger, settings: Any) -> Ledger:
    """The small place, open to pages."""
    settings.BOOK = SMALL
    return ledger


@pytest.fixture
def delivery(place: Ledger) -> int:
    """A delivery of fines with four refused rows."""
    (result,) = place.receive(write_csv(place.folder / "处罚.csv", FINES, ROWS), unit="test_environment")
    assert (result.facts, result.refused) == (1, 4)
    return result.deliveries[0]


def refusals_taken(verb: str = "refusals.report") -> list[tuple[str, str]]:
    """The lines of the trail: who, what for."""
    return list(TrailLine.objects.filter(verb=verb).order_by("id").values_list("about", "purpose"))


@pytest.mark.parametrize("role", ["watcher", "clerk"])
def test_页面上谁都只看到遮盖后的退回行(delivery: int, role: str) -> None:
    text = page(signed_in(officer(role, "test_environment")), "delivery", delivery)
    assert "试验电镀厂" in text, "what is not secret stays"
    assert "＊＊＊" in text
    assert [secret for secret in SECRETS if secret in text] == []
    assert "“联系电话”填得不对；此栏涉密" in text
    assert refusals_taken() == []


def test_报送单位说明用途后取回原样_用途进入留痕(delivery: int, tmp_path: Path) -> None:
    clerk = signed_in(officer("clerk", "test_environment"))
    address = reverse("desk:delivery_refusals", args=[delivery])
    for purpose in ("", "  ", "看"):
        refused = clerk.post(address, {"purpose": purpose})
        assert refused.status_code == 422
        assert "请写明查看的用途" in refused.content.decode()
        assert "13912345678" not in refused.content.decode()
    assert refusals_taken() == []
    answer = clerk.post(address, {"purpose": PURPOSE})
    assert answer.status_code == 200
    out = tmp_path / "退回.xlsx"
    out.write_bytes(b"".join(answer.streaming_content))
    _, *rows = CalamineWorkbook.from_path(out).get_sheet_by_index(0).to_python()
    assert [row[:-1] for row in rows] == ROWS[1:]
    assert refusals_taken() == [(f"delivery:{delivery}", PURPOSE)]


def test_没有取回权的看不到下载_也取不到(delivery: int) -> None:
    watcher = signed_in(officer("watcher", "test_environment"))
    assert 'name="purpose"' not in page(watcher, "delivery", delivery)
    assert watcher.post(reverse("desk:delivery_refusals", args=[delivery]), {"purpose": PURPOSE}).status_code == 403
    assert refusals_taken() == []


def test_没有涉密栏和不认识的栏_取回不必说明用途(place: Ledger) -> None:
    from tests.places import sampling_row

    result = place.samples("抽检.csv", [sampling_row(1, 抽样日期="2026-02-30")])
    clerk = signed_in(officer())
    assert 'name="purpose"' not in page(clerk, "delivery", result.deliveries[0])
    assert clerk.post(reverse("desk:delivery_refusals", args=[result.deliveries[0]])).status_code == 200


def test_不是数据的行也可能写着人_有涉密栏的表整行遮盖(place: Ledger) -> None:
    remark = ["填报人：李四光 13912345678", "", "", "", ""]
    (result,) = place.receive(write_csv(place.folder / "处罚.csv", FINES, [ROWS[0], remark]), unit="test_environment")
    number = result.deliveries[0]
    assert Delivery.objects.get(id=number).skipped_count == 1
    for role in ("watcher", "clerk"):
        text = page(signed_in(officer(role, "test_environment")), "delivery", number)
        assert [part for part in ("李四光", "13912345678") if part in text] == []
        assert "＊＊＊" in text
    assert "李四光" not in run("deliveries", "show", number).output


def test_没有认出的表_表头可能就是一行数据_只给报送单位看(place: Ledger) -> None:
    # Somebody has deleted the line of headings.
    place.receive(write_csv(place.folder / "无表头.csv", PEOPLE[0], PEOPLE[1:]), unit="test_environment")
    number = Delivery.objects.get(state="refused").id
    text = page(signed_in(officer("watcher", "test_environment")), "delivery", number)
    assert [part for part in ("13912345678", "试验电镀厂", "李四光") if part in text] == []
    assert "＊＊＊" in text
    own = page(signed_in(officer("clerk", "test_environment")), "delivery", number)
    assert "试验电镀厂" in own, "the sender sees which headings were not known"


def test_没有认出的文件_结果页同样遮盖(place: Ledger) -> None:
    from tests.desk.test_deliveries import hand_in

    clerk = signed_in(officer("clerk", "test_environment"))
    hand_in(clerk, write_csv(place.folder / "无表头.csv", PEOPLE[0], PEOPLE[1:]), unit="test_environment")
    work()
    number = Upload.objects.get().id
    assert "试验电镀厂" in page(clerk, "upload_result", number)
    text = page(signed_in(officer("watcher", "test_environment")), "upload_result", number)
    assert [part for part in ("13912345678", "试验电镀厂", "李四光") if part in text] == []


def test_终端上取回涉密的退回行也要用途(delivery: int, place: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHIHENG_ACTOR", "tester")
    out = place.folder / "退回.csv"
    assert "请写明查看的用途" in complaint("deliveries", "refusals", delivery, out)
    assert not out.exists()
    assert told("deliveries", "refusals", delivery, out, "--purpose", PURPOSE) == {"file": str(out), "rows": 4}
    assert "13912345678" in out.read_text("utf-8-sig")
    assert refusals_taken() == [(f"delivery:{delivery}", PURPOSE)]


# -- cell by cell ------------------------------------------------------------------------------------------------------


def layout(book: Any) -> Layout:
    """Fines with a column that the source ignores."""
    entry = book[RECORDS]["discharge_fine"]
    source = entry.sources["standard"].model_copy(update={"ignored": {"反馈内容": "unsaid", "网址": "plain"}})
    return Layout.of("discharge_fine", entry.record, "standard", source, book[TABLE_WORDS])


def test_规则书不认识或不用的栏也遮盖_序号和退回原因不遮(small_book: Any) -> None:
    headings = ["序号", *FINES, "反馈内容", "神秘列", "网址", "退回原因"]
    veil = veil_over(headings, layout(small_book))
    row = ["1", "试验厂", "", "2026-03-01", "罚款", "13812345678", "已联系张三丰", "李四光", "例.中国", "日期不对"]
    assert veil.cells(row) == [
        "1",
        "试验厂",
        "",
        "2026-03-01",
        "罚款",
        "＊＊＊",
        "＊＊＊",
        "＊＊＊",
        "例.中国",
        "日期不对",
    ]


@pytest.mark.parametrize(
    "cells",
    [
        ["试验厂", "", "2026-03-01", "罚款"],
        ["试验厂", "", "2026-03-01", "罚款", "", "13812345678"],
        ["13812345678 李四光"],
    ],
)
def test_格子数和表头对不上的行_分不清哪格是哪栏_整行遮盖(small_book: Any, cells: list[str]) -> None:
    shown = veil_over(FINES, layout(small_book)).cells(cells)
    assert {cell for cell in shown if cell} == {"＊＊＊"}


def test_没有版式的表整行遮盖(small_book: Any) -> None:
    assert veil_over(["甲", "乙"], None).cells(["李四光", "13812345678"]) == ["＊＊＊", "＊＊＊"]


def test_原因里引用的内容随格子一起遮盖(small_book: Any) -> None:
    veil = veil_over([*FINES, "反馈内容"], layout(small_book))
    cells = ["试验厂", "", "2026-13-01", "罚款", "12x", "找“李四光”问，电话13812345678，" + "很长" * 40]
    quoted = "找“李四光”问，电话13812345678，" + "很长" * 9 + "…"
    reasons = [
        {"code": "x", "field": "", "zh": f"反馈写着“{cells[5]}”；又写着“{quoted}”。", "en": f"It says '{cells[5]}'."},
        {"code": "phone.unread", "field": "contact_phone", "zh": "“12x”不是电话", "en": "'12x' is no telephone"},
        {"code": "required", "field": "contact_phone", "zh": "“联系电话”是必填项。", "en": "Telephone is required."},
        {"code": "day.unread", "field": "decided_on", "zh": "“2026-13-01”不存在。", "en": "no such day"},
    ]
    told_of = orjson.dumps(veil.reasons(reasons, cells)).decode()
    assert [part for part in ("李四光", "13812345678", "12x") if part in told_of] == []
    assert "是必填项" in told_of
    assert "“2026-13-01”不存在" in told_of


def test_后来才定为涉密的栏_旧的退回行也遮盖(small_book: Any) -> None:
    veil = veil_over(FINES, layout(small_book), {"firm": ("当事人", "Firm")})
    assert veil.cells(ROWS[1])[0] == "＊＊＊"
