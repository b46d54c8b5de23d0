"""Sampling plans, lots and control charts in the corner: what an enterprise sees of its own, and that nobody else does."""

from __future__ import annotations

import html
import io
import re
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tests.desk.files_of import NOW, OTHER, clock, place, subject_of
from tests.desk.officers import officer, signed_in
from tests.firm.owners import browser_of, page, send
from tests.places import Ledger
from zhiheng.actions.measurements import add_lot as adding
from zhiheng.ledger.models import Fact
from zhiheng.office.models import LotSeries, MeasurementSet, SampledLot
from zhiheng.people.models import TrailLine

__all__ = ["clock", "place"]
pytestmark = [pytest.mark.django_db, pytest.mark.slow]
TODAY = NOW.date().isoformat()
PLAN = {"lot": "1000", "level": "II", "aql": "1.0", "kind": "single", "severity": "normal"}


@pytest.fixture
def browser(place: Ledger) -> Client:
    """Somebody of the food maker."""
    return browser_of(subject_of())


@pytest.fixture
def stranger(place: Ledger) -> Client:
    """Somebody of another enterprise."""
    return browser_of(subject_of(OTHER))


def said(text: str) -> str:
    """What a page says, without its markup."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


# -- a plan


def test_a_plan_is_told_with_its_table_its_risks_and_what_it_does_not_promise(browser: Client) -> None:
    text = said(page(browser, "sampling", **PLAN))
    assert "字码 J" in text
    assert "80" in text
    assert "2-A" in text
    assert "生产方风险" in text
    assert "仍有一成会被接收" in text
    assert "不等于这一批没有不合格品" in text
    assert "不代替监督抽查和法定检验" in text


def test_the_curve_stands_in_a_table_and_in_the_picture_alike(browser: Client) -> None:
    text = page(browser, "sampling", **PLAN)
    data = browser.get(reverse("firm:plan_curve"), PLAN).json()
    assert data["series"][0]["data"][0] == 100
    assert f'data-chart="{reverse("firm:plan_curve")}?' in text
    assert text.count("<tr>") >= len(data["categories"])


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"lot": "1"}, "不在 2 到"),
        ({"lot": "许多"}, "批量应为整数"),
        ({"lot": ""}, "请填批量"),
        ({"lot": "-5"}, "批量应为整数"),
        ({"aql": "1.1"}, "没有 AQL"),
        ({"level": "<script>"}, "没有检验水平"),
        ({"kind": "triple"}, "不在可选的范围内"),
        ({"severity": "discontinued"}, "不在可选的范围内"),
        ({"severity": "reduced", "aql": "4.0"}, "请查印刷标准"),
        ({"kind": "double", "aql": "0.15"}, "请改用一次抽样"),
        ({"kind": "double", "severity": "reduced"}, "请改用一次抽样"),
    ],
)
def test_where_there_is_no_plan_the_page_says_why(browser: Client, change: dict[str, str], told: str) -> None:
    answer = browser.get(reverse("firm:sampling"), {**PLAN, **change})
    assert answer.status_code == 422
    text = answer.content.decode()
    assert told in said(text)
    assert "<script>" not in text.partition("<main")[2]
    assert browser.get(reverse("firm:plan_curve"), {**PLAN, **change}).status_code == 404


def test_a_class_without_an_aql_is_looked_at_item_by_item(browser: Client) -> None:
    text = said(page(browser, "sampling"))
    assert "进货检验（按不合格类别）" in text
    assert "逐件检验：没有抽样方案能保证一件也没有" in text


# -- lots


def begin(browser: Client, **typed: str) -> LotSeries:
    answer = send(
        browser, "new_series", **{"name": "瓶盖 进货", "level": "II", "aql": "1.0", "kind": "single", **typed}
    )
    assert answer.status_code == 302, said(answer.content.decode())
    return LotSeries.objects.latest("id")


def note(browser: Client, series: LotSeries, count: int, **typed: str) -> Any:
    words = {"name": f"批{series.lots.count() + 1}", "day": TODAY, "size": "1000", "found": str(count), **typed}
    return send(browser, "series", series.pk, **words)


def test_lots_are_judged_and_the_next_one_is_inspected_as_the_rules_say(browser: Client) -> None:
    series = begin(browser)
    for found in (0, 3, 1, 5):
        assert note(browser, series, found).status_code == 302
    text = said(page(browser, "series", series.pk))
    assert "下一批：加严检验" in text
    assert text.count("不接收") >= 2
    # Tightened: 80 items, accepted up to one.
    assert "80 件 Ac 1 Re 2" in text
    last = series.lots.get(number=4)
    assert send(browser, "drop_lot", series.pk, last.pk).status_code == 302
    assert "下一批：正常检验" in said(page(browser, "series", series.pk))


def test_inspection_that_stopped_begins_again_only_when_somebody_says_so(browser: Client) -> None:
    series = begin(browser)
    for found in (3, 3, 2, 2, 2, 2, 2):
        assert note(browser, series, found).status_code == 302
    assert "下一批：暂停检验" in said(page(browser, "series", series.pk))
    refused = note(browser, series, 0)
    assert refused.status_code == 422
    assert "勾选“恢复检验”" in said(refused.content.decode())
    assert note(browser, series, 0, resumed="yes").status_code == 302
    assert "下一批：加严检验" in said(page(browser, "series", series.pk))


def test_reduced_inspection_comes_only_where_it_was_allowed(browser: Client) -> None:
    for allowed, expected in (("", "正常检验"), ("yes", "放宽检验")):
        series = begin(browser, **({"may_reduce": allowed} if allowed else {}))
        for _ in range(10):
            note(browser, series, 0)
        assert f"下一批：{expected}" in said(page(browser, "series", series.pk))


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"name": ""}, "请填批号"),
        ({"day": "2099-01-01"}, "还没有到"),
        ({"day": "昨天"}, "请填检验日期"),
        ({"size": ""}, "请填批量"),
        ({"size": "1"}, "不能抽样"),
        ({"found": "81"}, "不在 0 到 80 之间"),
        ({"found": "一个"}, "不合格数应为整数"),
        ({"found": "-1"}, "不合格数应为整数"),
        ({"found": "9" * 18}, "不在 0 到 80 之间"),
    ],
)
def test_a_lot_that_can_not_be_is_told_why_and_not_kept(browser: Client, typed: dict[str, str], told: str) -> None:
    series = begin(browser)
    answer = note(browser, series, 0, **typed)
    assert answer.status_code == 422
    assert told in said(answer.content.decode())
    assert not SampledLot.objects.exists()


def test_a_double_plan_asks_for_the_second_sample_only_where_it_needs_it(browser: Client) -> None:
    series = begin(browser, kind="double", aql="1.0")
    assert "第二样本 50 件" in said(note(browser, series, 1).content.decode())
    assert "不抽第二样本" in said(note(browser, series, 0, found_second="1").content.decode())
    assert note(browser, series, 1, found_second="2").status_code == 302
    assert note(browser, series, 0).status_code == 302
    assert series.lots.count() == 2


def test_a_series_has_so_many_lots_at_most(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adding, "MOST_LOTS", 1)
    series = begin(browser)
    assert note(browser, series, 0).status_code == 302
    assert "最多 1 批" in said(note(browser, series, 0).content.decode())


# -- measurements


def workbook(*rows: tuple[Any, ...]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return out.getvalue()


GROUPS = [(f"{n + 1}", *(500 + ((7 * n + 3 * k) % 11) / 10 - 0.5 for k in range(4))) for n in range(30)]
HEAD = ("组号", "x1", "x2", "x3", "x4")


def upload(browser: Client, content: bytes, file: str = "灌装量.xlsx", **typed: str) -> Any:
    return send(
        browser,
        "measurements",
        **{"name": "灌装量", "unit": "mL", **typed, "files": SimpleUploadedFile(file, content)},
    )


def sent(browser: Client, content: bytes, name: str = "灌装量.xlsx") -> MeasurementSet:
    answer = upload(browser, content, name)
    assert answer.status_code == 302, said(answer.content.decode())
    return MeasurementSet.objects.latest("id")


def test_measurements_are_read_charted_and_the_kind_of_chart_has_its_reason(browser: Client) -> None:
    here = sent(browser, workbook(HEAD, *GROUPS))
    text = said(page(browser, "measured_chart", here.pk))
    assert "均值—极差图" in text
    assert "每行 4 个测量值为一组" in text
    assert "界限由前 30 个点算出" in text
    data = browser.get(reverse("firm:track_data", args=[here.pk, 0])).json()
    assert len(data["categories"]) == 30
    assert [len(one["data"]) for one in data["series"]] == [30] * 5
    assert browser.get(reverse("firm:track_data", args=[here.pk, 2])).status_code == 404
    assert browser.get(reverse("firm:track_data", args=[here.pk, 1])).status_code == 200


def test_capability_is_given_only_with_a_specification_enough_data_and_a_steady_process(browser: Client) -> None:
    here = sent(browser, workbook(HEAD, *GROUPS))
    assert "证据不足，不给能力指数： 没有填规格限" in said(page(browser, "measured_chart", here.pk))
    chart = {"chart": "xbar_r", "baseline": "0", "lower": "495", "upper": "505"}
    assert send(browser, "measured_chart", here.pk, **chart).status_code == 302
    text = said(page(browser, "measured_chart", here.pk))
    assert "Cpk" in text
    assert "95% 置信区间" in text
    send(browser, "measured_chart", here.pk, **{**chart, "baseline": "10"})
    text = said(page(browser, "measured_chart", here.pk))
    assert "基准段有 10 组、40 个值" in text
    assert "Cpk" not in text
    wild = [*GROUPS[:29], ("30", 540.0, 541.0, 542.0, 543.0)]
    here = sent(browser, workbook(HEAD, *wild))
    send(browser, "measured_chart", here.pk, **chart)
    text = said(page(browser, "measured_chart", here.pk))
    assert "过程不受控" in text
    assert "点在控制限以外" in text
    assert "不是结论" in text


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"chart": "p"}, "这种图不适合"),
        ({"chart": "<b>"}, "这种图不适合"),
        ({"baseline": "1"}, "不在 2 到 30 之间"),
        ({"baseline": "31"}, "不在 2 到 30 之间"),
        ({"baseline": "半年"}, "应为整数"),
        ({"lower": "五百"}, "规格限不是数字"),
        ({"lower": "505", "upper": "495"}, "规格下限不小于规格上限"),
        ({"upper": "nan"}, "规格限不是数字"),
    ],
)
def test_a_setting_that_can_not_be_is_told_why(browser: Client, typed: dict[str, str], told: str) -> None:
    here = sent(browser, workbook(HEAD, *GROUPS))
    answer = send(browser, "measured_chart", here.pk, **{"chart": "xbar_r", "baseline": "0", **typed})
    assert answer.status_code == 422
    assert told in said(answer.content.decode())
    here.refresh_from_db()
    assert (here.chart, here.baseline, here.lower, here.upper) == ("xbar_r", 0, None, None)


SHIFTED = [(f"{n + 1}", 500 + ((7 * n) % 11) / 10 - 0.5 + (0.35 if n >= 20 else 0)) for n in range(40)]


def test_a_cusum_tells_its_limits_when_the_mean_began_to_rise_and_how_long_it_takes(browser: Client) -> None:
    here = sent(browser, workbook(("组号", "x"), *SHIFTED))
    chart = {"chart": "cusum", "baseline": "20", "lower": "", "upper": ""}
    assert send(browser, "measured_chart", here.pk, **chart).status_code == 302
    here.refresh_from_db()
    assert (here.chart, here.target, here.reference, here.decision) == ("cusum", None, 0.5, 5.0)
    text = said(page(browser, "measured_chart", here.pk))
    assert "累积和图（CUSUM）" in text
    assert "向上累积和（mL）" in text
    assert "累积和超过判定限：均值偏高 （从 2" in text
    assert "没有信号" in text.partition("向下累积和")[2]
    assert "平均约 465 点误报一次" in text
    assert "约 10.4 点发现" in text
    data = browser.get(reverse("firm:track_data", args=[here.pk, 0])).json()
    # A sum has no limit below: points, limit, centre and signals.
    assert [len(one["data"]) for one in data["series"]] == [40] * 4
    assert browser.get(reverse("firm:track_data", args=[here.pk, 1])).status_code == 200


def test_an_ewma_is_tuned_on_its_page_and_an_empty_field_is_its_usual_value(browser: Client) -> None:
    here = sent(browser, workbook(("组号", "x"), *SHIFTED))
    chart = {"chart": "ewma", "baseline": "20", "lower": "", "upper": ""}
    send(browser, "measured_chart", here.pk, **chart)
    tuned = {**chart, "target": "499.9", "weight": "0.1", "width": "2.7"}
    assert send(browser, "measured_chart", here.pk, **tuned).status_code == 302
    text = said(page(browser, "measured_chart", here.pk))
    assert "最近一点占 0.1" in text
    assert "目标值 499.9 mL" in text
    assert "加权移动平均（mL） " in text
    assert "点在控制限以外" in text
    send(browser, "measured_chart", here.pk, **{**tuned, "weight": "", "target": ""})
    here.refresh_from_db()
    assert (here.target, here.weight, here.width) == (None, 0.2, 2.7)
    for typed, told in (({"weight": "2"}, "应在 0.05 到 1 之间"), ({"width": "三"}, "不是数字")):
        answer = send(browser, "measured_chart", here.pk, **{**tuned, **typed})
        assert answer.status_code == 422
        assert told in said(answer.content.decode())


BAD: dict[str, tuple[bytes, str]] = {
    "不是数字的格": ("组号,x1,x2\n1,5.0,5.1\n2,abc,5.2\n3,,5.3\n".encode(), "第 3 行“x1”“abc”不是数字"),
    "空的格": ("组号,x1,x2\n1,5.0,5.1\n2,5.0,\n".encode(), "是空的"),
    "不合格多于检验": ("日期,检验数,不合格数\n2026-01-01,10,11\n2026-01-02,10,1\n".encode(), "大于"),
    "只有一半": ("日期,不合格数\n2026-01-01,1\n2026-01-02,1\n".encode(), "只有“不合格数”一列"),
    "件数带小数": ("日期,检验数,不合格数\n2026-01-01,10,1.5\n2026-01-02,10,1\n".encode(), "不是件数"),
    "检验数为零": ("日期,检验数,不合格数\n2026-01-01,0,0\n2026-01-02,10,1\n".encode(), "为 0，算不出比率"),
    "只有一行": ("组号,x1\n1,5.0\n".encode(), "1 行数据"),
    "公式": ("组号,x1\n1,=1+1\n2,5\n".encode(), "不是数字"),
    "无穷大": ("组号,x1\n1,inf\n2,1e400\n".encode(), "不是数字"),
}


@pytest.mark.parametrize("which", BAD)
def test_what_is_wrong_in_a_table_is_told_cell_by_cell_and_nothing_is_kept(browser: Client, which: str) -> None:
    content, told = BAD[which]
    answer = upload(browser, content, "a.csv")
    assert answer.status_code == 422
    assert told in said(answer.content.decode())
    assert not MeasurementSet.objects.exists()


def test_a_file_that_is_no_table_is_too_large_or_missing_is_refused(browser: Client) -> None:
    assert upload(browser, b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "a.pdf").status_code == 422
    assert "超过 2 MB" in said(upload(browser, b"1,2\n" * 600_000, "a.csv").content.decode())
    missing = send(browser, "measurements", name="灌装量", unit="")
    assert "请选择一个文件" in said(missing.content.decode())
    assert "请填名称" in said(upload(browser, workbook(HEAD, *GROUPS), **{"name": " "}).content.decode())
    assert not MeasurementSet.objects.exists()


def test_a_name_with_markup_is_shown_as_text(browser: Client) -> None:
    rows = [("<script>alert(1)</script>", 1.0, 2.0), ("2", 2.0, 3.0)]
    upload(browser, workbook(("组号", "x1", "x2"), *rows), **{"name": "<img src=x onerror=alert(1)>"})
    here = MeasurementSet.objects.get()
    for which, args in (("measurements", ()), ("measured_chart", (here.pk,))):
        text = page(browser, which, *args).partition("<main")[2]
        assert "<img" not in text
        assert "<script>alert" not in text


@pytest.mark.parametrize("shape", ["values", "shares", "counts", "counts_per_item"])
def test_each_template_can_be_sent_as_it_is(browser: Client, shape: str) -> None:
    template = browser.get(reverse("firm:blank_measurements", args=[shape]))
    assert template.status_code == 200
    here = sent(browser, template.content, "a.csv")
    assert here.rows["shape"] == shape
    assert page(browser, "measured_chart", here.pk)
    assert browser.get(reverse("firm:blank_measurements", args=["nothing"])).status_code == 404


# -- whose they are


def test_nobody_else_reads_changes_or_deletes_them(browser: Client, stranger: Client) -> None:
    series, here = begin(browser), sent(browser, workbook(HEAD, *GROUPS))
    note(browser, series, 0)
    lot = series.lots.get()
    clerk = signed_in(officer(unit="test_market"))
    reads = [
        reverse("firm:series", args=[series.pk]),
        reverse("firm:measured_chart", args=[here.pk]),
        reverse("firm:track_data", args=[here.pk, 0]),
    ]
    writes = [
        (reverse("firm:series", args=[series.pk]), {"name": "x", "day": TODAY, "size": "1000", "found": "0"}),
        (reverse("firm:drop_lot", args=[series.pk, lot.pk]), {}),
        (reverse("firm:delete_series", args=[series.pk]), {}),
        (reverse("firm:measured_chart", args=[here.pk]), {"chart": "xbar_s", "baseline": "0"}),
        (reverse("firm:delete_measurements", args=[here.pk]), {}),
    ]
    for other, statuses in ((stranger, {404}), (clerk, {403}), (Client(), {302})):
        for address in reads:
            assert other.get(address).status_code in statuses, address
        for address, typed in writes:
            answer = other.post(address, typed)
            assert answer.status_code in statuses, address
            assert "灌装量" not in answer.content.decode()
    here.refresh_from_db()
    assert here.chart == "xbar_r"
    assert series.lots.count() == 1
    assert "瓶盖 进货" not in page(stranger, "sampling")
    assert "还没有测量值" in page(stranger, "measurements")


def test_they_are_no_facts_and_deleting_them_leaves_nothing(browser: Client) -> None:
    facts = Fact.objects.count()
    series, here = begin(browser), sent(browser, workbook(HEAD, *GROUPS))
    note(browser, series, 0)
    assert Fact.objects.count() == facts
    assert send(browser, "delete_measurements", here.pk).status_code == 302
    assert send(browser, "delete_series", series.pk).status_code == 302
    assert not MeasurementSet.objects.exists()
    assert not LotSeries.objects.exists()
    assert not SampledLot.objects.exists()
    verbs = set(TrailLine.objects.values_list("verb", flat=True))
    assert {"sampling.begin", "sampling.lot", "sampling.delete", "measurement.add", "measurement.delete"} <= verbs
    told = " ".join(TrailLine.objects.filter(verb__startswith="measurement").values_list("detail", flat=True))
    assert "500" not in told
