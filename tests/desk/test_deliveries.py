"""Deliveries at the desk, page by page: hand in, look, mend, confirm, who owes what; each within the officer's reach
only.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from python_calamine import CalamineWorkbook

from tests.actions.test_upload import samples, work
from tests.desk.officers import officer, said_on, signed_in
from tests.factories import OwedFactory
from tests.places import NOON, SAMPLING, SMALL, Ledger, credit_code, sampling_row, write_csv, write_xlsx
from zhiheng.ledger.models import Delivery, Fact
from zhiheng.office.models import TaskProgress, Upload
from zhiheng.projections.models import Owed
from zhiheng.quality_file.deliveries import enterprises_named

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def place(ledger: Ledger, settings: Any) -> Ledger:
    """The small place, open to pages."""
    settings.BOOK = SMALL
    return ledger


@pytest.fixture
def clerk(place: Ledger) -> Client:
    """An officer of the market bureau, signed in."""
    return signed_in(officer())


def page(browser: Client, which: str, *args: Any, status: int = 200, **query: Any) -> str:
    """The text of a page."""
    answer = browser.get(reverse(f"desk:{which}", args=args), query)
    assert answer.status_code == status, (answer.status_code, answer.content.decode()[:2000])
    return answer.content.decode()


def hand_in(browser: Client, *paths: Path, unit: str = "test_market", **words: Any) -> Any:
    """Send the upload form with files."""
    files = [SimpleUploadedFile(path.name, path.read_bytes()) for path in paths]
    return browser.post(reverse("desk:upload"), {"unit": unit, "files": files, "kind": "", **words})


def statements(ask: Callable[[], Any]) -> int:
    """How many statements a page sends to both databases."""
    count = 0
    captured = [CaptureQueriesContext(connections[name]) for name in connections]
    for one in captured:
        one.__enter__()
    try:
        ask()
    finally:
        for one in captured:
            one.__exit__(None, None, None)
            count += len([q for q in one.captured_queries if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))])
    return count


# -- handing in --------------------------------------------------------------------------------------------------------


def test_交一个文件_转到它的结果页_接收后逐行处理结果(place: Ledger, clerk: Client) -> None:
    answer = hand_in(clerk, samples(place, "三月抽检.csv"))
    upload = Upload.objects.get()
    assert answer.status_code == 302
    assert answer.headers["Location"] == reverse("desk:upload_result", args=[upload.id])
    text = page(clerk, "upload_result", upload.id)
    assert "三月抽检.csv" in text
    assert "hx-get" in text, "the page asks again while the file waits"
    work()
    text = page(clerk, "upload_result", upload.id)
    assert "12 行 = 12 条事实 + 0 行重复 + 0 行退回" in " ".join(re.sub(r"<[^>]+>", "", text).split())
    assert "hx-trigger" not in text.partition('id="upload-state"')[2][:300]
    assert upload.actor_name == "试验员甲"


def test_一次交多个文件_空文件被说明_其余照收(place: Ledger, clerk: Client) -> None:
    empty = place.folder / "空的.csv"
    empty.touch()
    answer = hand_in(clerk, samples(place, "好的.csv"), empty)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "空的.csv" in text
    assert "0 字节" in text
    assert "好的.csv" in text
    assert Upload.objects.count() == 1


def test_同一份文件再交_说明此前已交过(place: Ledger, clerk: Client) -> None:
    path = samples(place)
    hand_in(clerk, path)
    answer = clerk.post(
        reverse("desk:upload"),
        {"unit": "test_market", "files": SimpleUploadedFile("另一个名字.csv", path.read_bytes())},
        follow=True,
    )
    assert "此前已交过" in answer.content.decode()
    assert Upload.objects.count() == 1


def test_不选文件或选了别的单位_错误写在旁边_选过的还在(place: Ledger, clerk: Client) -> None:
    answer = clerk.post(reverse("desk:upload"), {"unit": "test_environment"})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "请选择至少一个文件" in text
    assert "请选择您可以为之报送的单位" in text
    answer = clerk.post(reverse("desk:upload"), {"unit": "test_market"})
    assert re.search(r'value="test_market" selected', answer.content.decode())


def test_只能为自己的单位报送_选项里只有它(clerk: Client) -> None:
    text = page(clerk, "upload")
    options = re.search(r'<select name="unit".*?</select>', text, re.S)
    assert options is not None
    assert "test_market" in options[0]
    assert "jia_office" not in options[0]


def test_没有报送权限的人打不开交件页(place: Ledger) -> None:
    watcher = signed_in(officer("watcher"))
    assert watcher.get(reverse("desk:upload")).status_code == 403
    assert hand_in(watcher, samples(place)).status_code == 403
    assert Upload.objects.count() == 0


def test_陌生人被带去登录(place: Ledger) -> None:
    for name, args in (("deliveries", ()), ("upload", ()), ("exchange", ()), ("delivery", (1,)), ("identity", ())):
        answer = Client().get(reverse(f"desk:{name}", args=args))
        assert answer.status_code == 302
        assert "login" in answer.headers["Location"]


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>.csv",
        "../../../etc/cron.d/x.csv",
        "很" * 300 + ".csv",
        'a"onload="x.csv',
        "\u202egpj.csv",
    ],
)
def test_文件名里的恶意内容不会变成页面的一部分(place: Ledger, clerk: Client, name: str) -> None:
    body = samples(place).read_bytes()
    file = SimpleUploadedFile("x.csv", body)
    file._name = name
    clerk.post(reverse("desk:upload"), {"unit": "test_market", "files": file})
    upload = Upload.objects.get()
    work()
    for text in (page(clerk, "upload_result", upload.id), page(clerk, "deliveries")):
        assert "<script>alert(1)" not in text
        assert 'a"onload' not in text
        assert "\u202e" not in text


def test_页面分段刷新只给出进度那一部分(place: Ledger, clerk: Client) -> None:
    hand_in(clerk, samples(place))
    upload = Upload.objects.get()
    Upload.objects.update(state="running")
    TaskProgress.objects.create(task=upload.task, what="抽检.csv", done=300, total=1200, at=NOON)
    answer = clerk.get(
        reverse("desk:upload_result", args=[upload.id]), headers={"HX-Request": "true", "HX-Target": "upload-state"}
    )
    text = answer.content.decode()
    assert "<html" not in text
    assert 'value="300" max="1200"' in text


# -- questions ---------------------------------------------------------------------------------------------------------


def test_认不出的表_列出最接近的种类和不认识的列(place: Ledger, clerk: Client) -> None:
    path = write_csv(place.folder / "改了表头.csv", ["抽样单编号呀", *SAMPLING[1:]], [sampling_row(1)])
    hand_in(clerk, path)
    work()
    text = page(clerk, "upload_result", Upload.objects.get().id)
    assert "整表退回" in text
    assert "抽样单编号呀" in text
    assert "请选择表格类型" in text
    number = Delivery.objects.get().id
    text = page(clerk, "delivery", number)
    assert "抽样单编号呀" in text
    assert f'href="{reverse("desk:upload")}?unit=test_market"' in text, "from the refusal a door leads to the form"


PHONES = ("13912340910", "13912340911", "13912340913")


def test_表名表头和表上方写了手机号的_页面上遮住_本单位的人看也一样(place: Ledger, clerk: Client) -> None:
    lines = [f"联系人王小明 {PHONES[1]}", ",".join([f"回访{PHONES[2]}", *SAMPLING]), ",".join(["x", *sampling_row(1)])]
    path = place.folder / f"抽样 {PHONES[0]}.csv"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    hand_in(clerk, path)
    work()
    delivery = Delivery.objects.get().id
    for text in (
        page(clerk, "deliveries"),
        page(clerk, "upload_result", Upload.objects.get().id),
        page(clerk, "delivery", delivery),
    ):
        # What the sender's own answer is sent back with stands in the form, unseen.
        seen = re.sub(r'<input type="hidden"[^>]*>', "", text)
        assert [phone for phone in PHONES if phone in seen] == []


def test_有退回行的报送页有改好再交的门_没有退回的和别人的没有(place: Ledger, clerk: Client) -> None:
    door = f'href="{reverse("desk:upload")}?unit=test_market"'
    (wrong,) = place.samples("有错.csv", [sampling_row(1), sampling_row(2, 检验结论="还行")]).deliveries
    (right,) = place.samples("没错.csv", [sampling_row(3)]).deliveries
    assert door in page(clerk, "delivery", wrong)
    assert "改好后继续报送" in page(clerk, "delivery", wrong)
    assert door not in page(clerk, "delivery", right)
    watcher = signed_in(officer("watcher", name="看的人"))
    assert door not in page(watcher, "delivery", wrong)


def test_暂存的行在逐行处理结果里另列_各项相加等于报送行数(place: Ledger, clerk: Client) -> None:
    path = write_csv(place.folder / "多.csv", SAMPLING, [sampling_row(i) for i in range(61)])
    hand_in(clerk, path)
    work()
    text = page(clerk, "upload_result", Upload.objects.get().id)
    found = re.findall(r'"tile-name">([^<]+)</span><span class="tile-value">(.*?)</div>', text, re.S)
    tiles = [(name, said_on(value)) for name, value in found if not name.startswith("其中")]
    first, *rest = [int(number.replace(",", "")) for _, number in tiles]
    assert ("+ 暂存（核对确认后接收）", "61") in tiles
    assert first == sum(rest) == 61


def test_回答是哪一种表_按所选的种类接收(place: Ledger, clerk: Client) -> None:
    hand_in(clerk, samples(place, "问.csv"))
    upload = Upload.objects.get()
    refusal = {"code": "table.ambiguous", "zh": "同时符合几种", "en": "several fit"}
    line = {
        "origin": "问.csv",
        "table": "",
        "state": "refused",
        "deliveries": [],
        "record": "",
        "source": "",
        "rows": 0,
        "facts": 0,
        "duplicates": 0,
        "refused": 0,
        "flagged": 0,
        "again": False,
        "notes": [],
        "refusal": refusal,
    }
    Upload.objects.update(state="done", result=[line])
    answer = clerk.post(
        reverse("desk:upload_answer", args=[upload.id]),
        {"origin": "问.csv", "table": "", "kind": "sampling_check/standard"},
    )
    assert answer.status_code == 302
    work()
    assert Fact.objects.count() == 12
    wrong = clerk.post(
        reverse("desk:upload_answer", args=[upload.id]), {"origin": "没有.csv", "table": "", "kind": "x/y"}
    )
    assert wrong.status_code == 422


# -- one delivery ------------------------------------------------------------------------------------------------------


def test_代码错一位只标在代码格_原因在行号旁也看得到(place: Ledger, clerk: Client) -> None:
    code = next(name for name in SAMPLING if "代码" in name)
    right = credit_code(1)
    row = sampling_row(2, **{code: right[:-1] + ("A" if right[-1] != "A" else "B")})
    result = place.samples("有错.csv", [sampling_row(1), row])
    text = page(clerk, "delivery", result.deliveries[0])
    assert text.count('class="is-wrong"') == 1
    assert f'data-label="{code}" class="is-wrong"' in text
    said = re.search(r'class="is-wrong"[^>]*><span>[^<]*<span class="why">([^<]+)', text)
    assert said is not None
    assert f'<span class="why-short">{said[1]}</span>' in text


def test_退回的行按交来的样子列出_原因写在出错的格子里(place: Ledger, clerk: Client) -> None:
    rows = [sampling_row(1), sampling_row(2, 抽样日期="2026-02-30"), sampling_row(3, 检验结论="还行")]
    result = place.samples("有错.csv", rows)
    text = page(clerk, "delivery", result.deliveries[0])
    cell = re.search(
        r'<td data-label="抽样日期"\s+class="is-wrong"\s+id="row-3-[0-9]+">\s*<span>2026-02-30<span class="why">([^<]+)',
        text,
    )
    assert cell is not None
    assert cell[1].strip()
    assert re.search(r'class="is-wrong"\s+id="[^"]+">\s*<span>还行<span class="why">', text)
    assert text.count('class="is-wrong"') == 2
    leads = re.findall(r'<a href="#(row-[0-9]+-[0-9]+)">', text)
    assert len(leads) == 2, "beside a row's number stands where it is wrong"
    assert all(f'id="{one}"' in text for one in leads)
    assert Delivery.objects.get().root in text


def test_不是数据的行列在报送页上_连同原因(place: Ledger, clerk: Client) -> None:
    result = place.samples("有合计.csv", [sampling_row(1), ["合 计", "1批次"], ["填表人：某某"]])
    text = page(clerk, "delivery", result.deliveries[0])
    listed = re.search(r'id="skipped".*?</section>', text, re.DOTALL)
    assert listed is not None
    assert re.findall(r'<th scope="row" class="num">(\d+)</th>', listed[0]) == ["3", "4"]
    assert "合 计  1批次" in listed[0]
    assert "合计、小计或平均行" in listed[0]
    assert "合计对不上" not in text
    clerk.cookies["django_language"] = "en"
    assert "A total, a subtotal or a mean" in page(clerk, "delivery", result.deliveries[0])


def test_退回的行下载后改好再交_事实补齐(place: Ledger, clerk: Client, tmp_path: Path) -> None:
    result = place.samples("有错.csv", [sampling_row(1), sampling_row(2, 抽样日期="2026-02-30")])
    answer = clerk.post(reverse("desk:delivery_refusals", args=[result.deliveries[0]]))
    assert answer.headers["Content-Type"].endswith("spreadsheetml.sheet")
    sent_back = tmp_path / "退回.xlsx"
    sent_back.write_bytes(b"".join(answer.streaming_content))
    headings, row = CalamineWorkbook.from_path(sent_back).get_sheet_by_index(0).to_python()
    row[headings.index("抽样日期")] = "2026-02-20"
    mended = write_xlsx(tmp_path / "改好.xlsx", headings, [[str(cell) for cell in row]])
    hand_in(clerk, mended)
    work()
    assert Upload.objects.get().result[0]["facts"] == 1
    assert Fact.objects.count() == 2


def test_退回行很多时翻页_每页五十行(place: Ledger, clerk: Client) -> None:
    rows = [[str(i), f"试验食品{i}", "试验厂", "2026-13-41", "合格"] for i in range(120)]
    path = write_csv(place.folder / "平台.csv", ["NO", "NAME", "MAKER", "DAY", "RESULT"], rows)
    (result,) = place.receive(path)
    text = page(clerk, "delivery", result.deliveries[0])
    assert text.count('class="is-wrong"') == 50
    after = re.search(r"after=([\w-]+)", text)
    assert after is not None
    second = page(clerk, "delivery", result.deliveries[0], after=after[1])
    assert re.search(r'scope="row"\s+class="num">\s*52<', second)
    anew = page(clerk, "delivery", result.deliveries[0], after="不是数字")
    assert anew.count('class="is-wrong"') == 50
    assert "现在从第一页显示" in anew


def test_暂存的报送_不写理由不能确认_写了就在后台接收(place: Ledger, clerk: Client) -> None:
    held = place.samples("多.csv", [sampling_row(i) for i in range(61)])
    (number,) = held.deliveries
    text = page(clerk, "delivery", number)
    assert "核对并确认" in text
    address = reverse("desk:delivery_confirm", args=[number])
    answer = clerk.post(address, {"reason": "  "})
    assert answer.status_code == 422
    assert "确认接收要写明理由" in answer.content.decode()
    assert clerk.post(address, {"reason": "全年一次报送"}).status_code == 302
    second = clerk.post(address, {"reason": "我也来确认"})
    assert second.status_code == 422
    assert "我也来确认" in second.content.decode(), "what the second officer typed is not lost"
    work()
    assert Fact.objects.count() == 61
    assert "已有人确认接收" in page(clerk, "delivery", number)


def test_整份撤回_先看会撤掉多少_写了理由才撤_之后注明已撤回(place: Ledger, clerk: Client) -> None:
    (number,) = place.samples("wrong.csv", [sampling_row(i) for i in range(12)]).deliveries
    assert reverse("desk:delivery_withdraw", args=[number]) in page(clerk, "delivery", number)
    assert ">12<" in page(clerk, "delivery_withdraw", number)
    empty = clerk.post(reverse("desk:delivery_withdraw", args=[number]), {"reason": " "})
    assert empty.status_code == 422
    assert "要写明理由" in empty.content.decode()
    assert Fact.objects.count() == 12
    done = clerk.post(reverse("desk:delivery_withdraw", args=[number]), {"reason": "误报的文件"}, follow=True)
    assert "撤回 12 条记录" in said_on(done.content.decode())
    assert reverse("desk:delivery_withdraw", args=[number]) not in page(clerk, "delivery", number)
    assert "已没有仍然有效的记录" in page(clerk, "delivery_withdraw", number)
    assert Fact.objects.filter(kind="withdrawal").count() == 12


def test_撤回的页面列出以后重复它的报送(place: Ledger, clerk: Client) -> None:
    rows = [sampling_row(i) for i in range(12)]
    (number,) = place.samples("wrong.csv", rows).deliveries
    (later,) = place.samples("month.csv", [*rows, sampling_row(40)]).deliveries
    shown = page(clerk, "delivery_withdraw", number)
    assert "请把这些文件再报一次" in shown
    assert reverse("desk:delivery", args=[later]) in shown
    assert "请把这些文件再报一次" not in page(clerk, "delivery_withdraw", later)


def test_别的单位的人不能撤回这份报送(place: Ledger) -> None:
    (number,) = place.samples("wrong.csv", [sampling_row(1)]).deliveries
    other = signed_in(officer(unit="test_environment", name="外人"))
    answer = other.post(reverse("desk:delivery_withdraw", args=[number]), {"reason": "想撤"})
    assert answer.status_code in (403, 404)
    assert Fact.objects.filter(kind="withdrawal").count() == 0


def test_一条事实的企业_当事的在前_检验机构在后_同一家只写一次() -> None:
    parties = [
        {"role": "laboratory", "name": "检验中心"},
        {"role": "producer", "name": "甲厂"},
        {"role": "seller", "name": "甲厂"},
        {"role": "seller", "name": "乙店"},
        {"role": "inspector", "kind": "person", "name": "某人"},
    ]
    assert enterprises_named(orjson.dumps({"parties": parties}).decode()) == ("甲厂", "乙店", "检验中心")


def test_事实清单逐行列出_别的单位的人看不到(place: Ledger, clerk: Client) -> None:
    result = place.samples("好.csv", [sampling_row(i) for i in range(3)])
    text = page(clerk, "delivery_facts", result.deliveries[0])
    assert "试验第1食品有限公司" in text
    assert len(re.findall(r"记录\s+\d+\s*</", text)) == 3
    assert "陈述" not in text
    other = signed_in(officer(unit="test_environment", name="环保员"))
    assert other.get(reverse("desk:delivery_facts", args=[result.deliveries[0]])).status_code == 404


# -- the list and its reach --------------------------------------------------------------------------------------------


def test_清单只列出权限内的报送_编号猜对也打不开(place: Ledger, clerk: Client) -> None:
    mine = place.samples("本单位.csv", [sampling_row(1)])
    path = write_csv(place.folder / "别的单位.csv", SAMPLING, [sampling_row(2)])
    (other,) = place.receive(path, unit="jia_office")
    text = page(clerk, "deliveries")
    assert "本单位.csv" in text
    assert "别的单位.csv" not in text
    page(clerk, "delivery", mine.deliveries[0])
    page(clerk, "delivery", other.deliveries[0], status=404)
    page(clerk, "delivery", 999_999, status=404)
    watcher = signed_in(officer("watcher"))
    assert "别的单位.csv" in page(watcher, "deliveries")


def test_别的单位报了几批只在驾驶舱也说的范围内说出_退回几批不说(place: Ledger, clerk: Client) -> None:
    path = write_csv(place.folder / "别的单位.csv", SAMPLING, [sampling_row(2)])
    place.receive(path, unit="jia_office")
    path = write_csv(place.folder / "认不出.csv", ["甲", "乙", "丙"], [dict.fromkeys("甲乙丙", "一")])
    (refused,) = place.receive(path, unit="jia_office", record="sampling_check")
    assert refused.state == "refused"
    assert "其中 1 批由其他单位报送" in page(clerk, "deliveries", area="990901", state="counted")
    for state in ("refused", ""):
        assert "由其他单位报送" not in page(clerk, "deliveries", area="990901", state=state)


def test_别人的提交打不开_也不能替别人再次接收或作答(place: Ledger, clerk: Client) -> None:
    stranger = signed_in(officer(unit="test_environment", name="环保员"))
    hand_in(clerk, samples(place))
    upload = Upload.objects.get()
    assert stranger.get(reverse("desk:upload_result", args=[upload.id])).status_code == 403
    assert stranger.post(reverse("desk:upload_again", args=[upload.id])).status_code == 403
    answer = stranger.post(reverse("desk:upload_answer", args=[upload.id]), {"origin": "x", "table": "", "kind": "a/b"})
    assert answer.status_code == 403


def test_程序报来的表_同一单位的经办人可以作答_也可以再次接收(place: Ledger, clerk: Client) -> None:
    stranger = signed_in(officer(unit="test_environment", name="环保员"))
    hand_in(clerk, samples(place))
    upload = Upload.objects.get()
    line = {"origin": upload.name, "table": "", "state": "refused"}
    Upload.objects.update(door="api", state="done", result=[line])
    said = {"origin": upload.name, "table": "", "kind": "sampling_check/standard"}
    assert stranger.post(reverse("desk:upload_answer", args=[upload.id]), said).status_code == 403
    assert clerk.post(reverse("desk:upload_answer", args=[upload.id]), said).status_code == 302
    Upload.objects.update(state="done", result=[line])
    assert stranger.post(reverse("desk:upload_again", args=[upload.id])).status_code == 403
    assert clerk.post(reverse("desk:upload_again", args=[upload.id])).status_code == 302
    assert Upload.objects.get().state == "waiting"


def test_清单可以筛选_条件写成可以去掉的标签(place: Ledger, clerk: Client) -> None:
    place.samples("一月.csv", [sampling_row(1)], day="2026-01-15")
    place.samples("六月.csv", [sampling_row(2)], day="2026-06-15")
    text = page(clerk, "deliveries", first="2026-06-01", state="accepted")
    assert "六月.csv" in text
    assert "一月.csv" not in text
    assert "2026-06-01 起" in text
    assert "没有符合条件的报送" in page(clerk, "deliveries", name="不存在")
    assert "一月.csv" in page(clerk, "deliveries", name="一月", after="x")
    assert "“起始日期”胡写：不是有效的日期" in page(clerk, "deliveries", status=422, name="一月", first="胡写")
    assert "“状态”胡写：不在可选的范围内" in page(clerk, "deliveries", status=422, state="胡写")


def test_空清单说明会有什么(clerk: Client) -> None:
    assert "还没有报送" in page(clerk, "deliveries")
    assert (
        "Nothing was handed in yet"
        in clerk.get(reverse("desk:deliveries"), headers={"Accept-Language": "en"}).content.decode()
    )


def test_两百次报送的清单_语句数不变_翻页到底(place: Ledger, clerk: Client) -> None:
    place.samples("首.csv", [sampling_row(0)])
    page(clerk, "deliveries")
    few = statements(lambda: page(clerk, "deliveries"))
    one = Delivery.objects.get()
    more = []
    for i in range(2, 202):
        values = {f.attname: getattr(one, f.attname) for f in Delivery._meta.concrete_fields}
        more.append(Delivery(**(values | {"id": i, "link": f"{i:064x}", "file_name": f"第{i}次.csv"})))
    Delivery.objects.bulk_create(more)
    many = statements(lambda: page(clerk, "deliveries"))
    assert many == few <= 8
    seen, after = set(), ""
    for _ in range(10):
        text = page(clerk, "deliveries", after=after)
        seen |= set(re.findall(r"第\d+次\.csv", text))
        found = re.search(r"after=([\w-]+)", text.partition('rel="next"')[2] or text.partition("下一页")[0][-400:])
        if "下一页" not in text or found is None:
            break
        after = found[1]
    assert len(seen) == 200


def test_一次报送的页面_语句数有上限(place: Ledger, clerk: Client) -> None:
    result = place.samples(
        "有错.csv", [sampling_row(i, 抽样日期="2026-02-30" if i % 2 else "2026-02-20") for i in range(40)]
    )
    page(clerk, "delivery", result.deliveries[0])
    assert statements(lambda: page(clerk, "delivery", result.deliveries[0])) <= 10


# -- the exchange catalogue --------------------------------------------------------------------------------------------


def owed(record: str, unit: str = "test_market", due: str = "2026-07-10", handed: str = "") -> Owed:
    """What a unit owes of a record in a month."""
    day = dt.date.fromisoformat(due)
    first = (day.replace(day=1) - dt.timedelta(days=1)).replace(day=1)
    return OwedFactory(
        unit=unit,
        record=record,
        first=first,
        last=day.replace(day=1) - dt.timedelta(days=1),
        due_on=day,
        handed_in_on=dt.date.fromisoformat(handed) if handed else None,
        deliveries=bool(handed),
        facts=5 if handed else 0,
    )


def test_交换目录列出已报待报和逾期天数_只列权限内的单位(
    place: Ledger, clerk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zhiheng.pages.access.clock", lambda: NOON.astimezone())
    owed("sampling_check", due="2026-07-10")
    owed("lift_register", due="2026-07-10", handed="2026-06-28")
    owed("office_visit", due="2026-06-10")
    owed("office_visit", due="2026-07-09", handed="2026-07-12")
    owed("discharge_fine", "test_environment")
    text = page(clerk, "exchange")
    assert "还剩 9 天" in text
    assert "已逾期 21 天" in text
    assert "晚了 3 天" in text
    assert "2026-06-28" in text
    assert "生态环境局" not in text
    only = page(clerk, "exchange", state="late")
    assert "已逾期 21 天" in only
    assert "还剩 9 天" not in only
    assert "没有应报的记录" in page(clerk, "exchange", month="2020-01")
    # A month to come: what is overdue today, not what falls due before it; and where the catalogue ends is told.
    ahead = page(clerk, "exchange", month="2099-01")
    assert "已逾期 21 天" in ahead
    assert "还剩 9 天" not in ahead
    assert "交换目录排到 2026-07" in ahead
    assert "month=2099-02" not in ahead
    assert "交换目录排到" not in text
    for month in ("胡写", "2026-13", "2026-1"):
        assert f"“月份”{month}：不是一个月份" in page(clerk, "exchange", status=422, month=month)
    assert "“状态”胡写" in page(clerk, "exchange", status=422, state="胡写")


def test_每页都有内容安全策略_没有行内脚本和样式(place: Ledger, clerk: Client) -> None:
    place.samples("一.csv", [sampling_row(1), sampling_row(2, 抽样日期="x")])
    hand_in(clerk, samples(place))
    pages = (
        ("deliveries", ()),
        ("upload", ()),
        ("exchange", ()),
        ("delivery", (1,)),
        ("delivery_facts", (1,)),
        ("upload_result", (Upload.objects.get().id,)),
    )
    for name, args in pages:
        answer = clerk.get(reverse(f"desk:{name}", args=args))
        assert "unsafe-inline" not in answer.headers["Content-Security-Policy"]
        text = answer.content.decode()
        assert not re.search(r'\sstyle="|\son[a-z]+="|<style', text), name
        assert not re.search(r"<script(?![^>]*\bsrc=)", text), name


def test_太大的请求按声明的长度就被拒_陌生人的上限更小(place: Ledger, clerk: Client) -> None:
    def sent(browser: Client, length: int, path: str = "/desk/deliveries/new/") -> int:
        answer = browser.generic(
            "POST",
            path,
            b"x" * min(length, 12 << 20),
            content_type="multipart/form-data; boundary=x",
            CONTENT_LENGTH=str(length),
        )
        return int(answer.status_code)

    assert sent(clerk, 3 << 30) == 413
    assert sent(Client(), 11 << 20) == 413
    assert sent(Client(), 1 << 20) != 413
    assert sent(clerk, 11 << 20) != 413
