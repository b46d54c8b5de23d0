"""Test results and limits. The rows of the real export are read from ../shared and never stored here."""

from __future__ import annotations

import csv
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.examples import examples
from zhiheng.kernel.fields.result import Limit, TestResult
from zhiheng.kernel.reasons import Refusal

FIELD = TestResult()


def read(text: str, unit: str = "") -> dict[str, object]:
    value = FIELD.clean(text, {"unit": unit})
    assert isinstance(value, dict), value
    return value


def brief(text: str) -> tuple[object, ...]:
    value = read(text)
    return value["kind"], value["values"], value["unit"]


@pytest.mark.parametrize(
    ("said", "kind", "values", "unit"),
    [
        ("527μg/kg", "number", ["527"], "μg/kg"),
        ("0.080g/kg", "number", ["0.08"], "g/kg"),
        ("3.50×10²mg/kg", "number", ["350"], "mg/kg"),
        ("1.2*10^4 cfu/ml", "number", ["12000"], "CFU/mL"),
        ("1.0×10<sup>3</sup>CFU/mL", "number", ["1000"], "CFU/mL"),
        ("2.3×10⁻³mg/kg", "number", ["0.0023"], "mg/kg"),
        ("1.2E+04CFU/g", "number", ["12000"], "CFU/g"),
        ("１００ＣＦＵ／ｇ", "number", ["100"], "CFU/g"),
        ("231\nmg/kg", "number", ["231"], "mg/kg"),
        ("0.5（以SO₂计）g/kg", "number", ["0.5"], "g/kg"),
        ("5.0±0.2g/100g", "number", ["5"], "g/100g"),
        ("实测值：12.3mg/kg", "number", ["12.3"], "mg/kg"),
        ("12.5％", "number", ["12.5"], "%"),
        ("0/25g", "number", ["0"], "/25g"),
        ("12g/100g", "number", ["12"], "g/100g"),
        ("8.2×10²/8.6×10²/9.1×10²/7.0×10²/6.5×10²CFU/g", "several", ["820", "860", "910", "700", "650"], "CFU/g"),
        ("8.2×10²/8.6×10²/…CFU/g", "several", ["820", "860"], "CFU/g"),
        ("1.3×10⁵CFU/g；\n2.8×10³CFU/g", "several", ["130000", "2800"], "CFU/g"),
        ("＜10CFU/g；\n＜10CFU/g；\n2000CFU/g", "several", ["2000"], "CFU/g"),
        ("①230②240③250", "several", ["230", "240", "250"], ""),
        ("①2.3×10<sup>4</sup>CFU/g;②2.4×10<sup>4</sup>CFU/g", "several", ["23000", "24000"], "CFU/g"),
        ("1#：230CFU/g；2#：240CFU/g", "several", ["230", "240"], "CFU/g"),
        ("未检出；未检出；10CFU/g", "several", ["10"], "CFU/g"),
        ("初检结果：231mg/kg复检结果：236mg/kg", "retest", ["231", "236"], "mg/kg"),
        ("231mg/kg（初检）/236mg/kg（复检）", "retest", ["231", "236"], "mg/kg"),
        ("<0.01", "below", [], ""),
        ("＜10 CFU/g", "below", [], "CFU/g"),
        ("&lt;0.05mg/kg", "below", [], "mg/kg"),
        ("≤100μg/kg", "below", [], "μg/kg"),
        ("＞1.5×10⁶CFU/g", "above", [], "CFU/g"),
        ("5.0~6.0", "range", [], ""),
        ("5.0-6.0mg/kg", "range", [], "mg/kg"),
        ("未检出", "not_detected", [], ""),
        ("未检出(检出限0.01mg/kg)", "not_detected", [], "mg/kg"),
        ("<LOD", "not_detected", [], ""),
        ("ND", "not_detected", [], ""),
        ("未检出/25g", "not_detected", [], "/25g"),
        ("阴性", "words", [], ""),
        ("不合格", "words", [], ""),
    ],
)
def test_能读全的检验结果(said: str, kind: str, values: list[str], unit: str) -> None:
    assert brief(said) == (kind, values, unit)


@pytest.mark.parametrize(
    "said",
    [
        "1.2×10",
        "①1.2×10",
        "2.8×10",
        "1.06×10",
        "1.2×104",
        "1.2×10 4CFU/g",
        "10^44CFU/g",
        "1.2×10<sup>4",
        "2.3×10-3mg/kg",
        "10-4",
        "①1.7×10<sup>4</sup>4CFU/g;②1.5×10<sup>4</sup>CFU/g",
        "①230CFU/g",
        "①230;③240",
        "8.2×10²/…",
        "8.2×10²/…CFU/g",
        "1,200mg/kg",
        "12,5mg/kg",
        "12。5mg/kg",
        "10,100,200",
        "1、230；2、240",
        "1、230CFU/g",
        "12/13",
        "12/13/100g",
        "3/100g",
        "2022/1/14",
        "约100mg/kg",
        "12mg/kg;13g/kg",
        "12mg/kg；13",
        "1.23.4mg/kg",
        "10以上",
        "标示值的85%",
        "1.2 1.3",
        "12 300CFU/g",
        "初检不合格，复检合格",
        "未检出25mg/kg",
        "大肠菌群：10",
        "标签中未标注配料表",
        "1.2×10²×10³",
        "6.0~5.0",
        "12.",
        ".5mg/kg",
        "10₂",
        "½",
        "⒈5",
        "无",
    ],
)
def test_读不全的检验结果只留原文(said: str) -> None:
    value = read(said)
    assert (value["kind"], value["values"], value["text"]) == ("text", [], said)
    assert not value.keys() & {"value", "low", "high", "items"}


def test_多份结果各自保留且不完整的会说明() -> None:
    assert read("＜10CFU/g；30；未检出")["kind"] == "text"
    value = read("＜10；未检出；30CFU/g")
    assert value["items"] == [
        {"kind": "below", "high": "10", "comparator": "<"},
        {"kind": "not_detected"},
        {"kind": "number", "value": "30"},
    ]
    assert "value" not in value
    assert read("8.2×10²/8.6×10²/…CFU/g")["incomplete"] is True
    assert [item["stage"] for item in read("初检：231mg/kg；复检：236mg/kg")["items"]] == ["initial", "retest"]


def test_检出限和不确定度() -> None:
    assert read("未检出(检出限0.01mg/kg)")["detection_limit"] == "0.01"
    assert read("未检出（定量限：0.05mg/kg）")["quantification_limit"] == "0.05"
    assert "detection_limit" not in read("未检出(0.01mg/kg)")
    assert read("5.0±0.2g/100g")["uncertainty"] == "0.2"
    assert read("231mg/kg(以Al计)")["basis"] == "以Al计"


@pytest.mark.parametrize(
    ("result", "unit"),
    [("527", "μg/kg"), ("527", "ug/kg"), ("527μg/kg", "μg/kg"), ("527μg/kg", "/"), (" 527 ", "\u00b5g/kg")],
)
def test_单位另列一栏与写在一起是同一个结果(result: str, unit: str) -> None:
    value = read(result, unit)
    assert FIELD.same(value, read("527μg/kg"))
    assert str(value["text"]).startswith("527")


def test_单位另列的原文与写在一起完全相同() -> None:
    assert read("527", "μg/kg") == read("527μg/kg")
    assert read("未检出", "mg/kg") == read("未检出mg/kg")
    assert read("8.2×10²/8.6×10²", "CFU/g") == read("8.2×10²/8.6×10²CFU/g")


def test_两个单位不一致就只留原文() -> None:
    value = read("527μg/kg", "mg/kg")
    assert (value["kind"], value["values"]) == ("text", [])
    assert value["text"] == "527μg/kg mg/kg"


@pytest.mark.parametrize(
    ("result", "unit"),
    [
        ("8.2", "×10²/8.6×10²/…CFU/g"),
        ("1.2", "×10"),
        ("1.2", "①×10"),
        ("3.50", "×10²mg/kg"),
        ("231", "初检结果：mg/kg复检结果：236mg/kg"),
        ("10", "＜CFU/g；\n＜CFU/g；\n2000CFU/g"),
        ("1.7", "①×10<sup>4</sup>4CFU/g"),
    ],
)
def test_被拆坏的结果和单位要拒收(result: str, unit: str) -> None:
    refusal = FIELD.clean(result, {"unit": unit})
    assert isinstance(refusal, Refusal)
    assert refusal.code == "result.split"
    assert "未拆分的原始结果" in refusal.zh
    assert refusal.en.endswith("wrote it.")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("≤100μg/kg", ("comparison", "≤", "100", "μg/kg")),
        ("≥ 80%", ("comparison", "≥", "80", "%")),
        ("不得超过0.5mg/kg", ("comparison", "≤", "0.5", "mg/kg")),
        ("100", ("number", None, "100", "")),
        ("30000CFU/g", ("number", None, "30000", "CFU/g")),
        ("不得使用", ("not_used", None, None, "")),
        ("不得添加g/kg", ("not_used", None, None, "g/kg")),
        ("不得检出μg/kg", ("not_detected", None, None, "μg/kg")),
        ("不得检出/25g", ("not_detected", None, None, "/25g")),
        ("200≤mg/kg", ("text", None, None, "")),
        ("符合GB 2760要求", ("words", None, None, "")),
        ("n=5,c=2,m=10", ("text", None, None, "")),
        ("n=5,c=2,m=10⁴,M=10", ("text", None, None, "")),
        ("80%~120%标示值", ("text", None, None, "")),
    ],
)
def test_限量的读法(said: str, expected: tuple[str | None, ...]) -> None:
    value = Limit().clean(said)
    assert tuple(value.get(key) for key in ("kind", "comparator", "value", "unit")) == expected


@pytest.mark.parametrize(
    ("said", "low", "high"),
    [
        ("5.0~8.0", "5", "8"),
        ("≥10且≤20", "10", "20"),
        ("10≤X≤20", "10", "20"),
        ("10±0.5", "9.5", "10.5"),
        ("≤20,≥10", "10", "20"),
    ],
)
def test_限量范围(said: str, low: str, high: str) -> None:
    value = Limit().clean(said)
    assert (value["kind"], value["low"], value["high"]) == ("range", low, high)


@pytest.mark.parametrize(
    ("said", "plan", "unit"),
    [
        ("n=5,c=2,m=10,M=100CFU/g", (5, 2, "10", "100"), "CFU/g"),
        ("n=5，c=2，m=10²CFU/g,\nM=10³CFU/g", (5, 2, "100", "1000"), "CFU/g"),
        ("n＝5，c＝2，m＝10³，M＝10⁴ CFU/mL", (5, 2, "1000", "10000"), "CFU/mL"),
        ("n=5,c=2,m=10<sup>4</sup>,M=10<sup>5</sup>", (5, 2, "10000", "100000"), ""),
        ("n=5,c=0,m=0/25g", (5, 0, "0", None), "/25g"),
        ("n=5 c=2 m=10 M=10²(CFU/g)", (5, 2, "10", "100"), "CFU/g"),
    ],
)
def test_微生物采样方案(said: str, plan: tuple[object, ...], unit: str) -> None:
    value = FIELD.clean("<10CFU/g", {"limit": said})
    assert value["limit_kind"] == "plan"
    assert tuple(value["sampling_plan"].values()) == plan
    assert value["limit_unit"] == unit
    assert value["limit_text"] == said


def test_没有结果也没有限量就是没有写() -> None:
    assert FIELD.clean("/", {"unit": "mg/kg", "limit": "——"}) is None
    value = FIELD.clean("", {"limit": "≤0.5mg/kg"})
    assert (value["kind"], value["limit_value"]) == ("absent", "0.5")
    assert FIELD.show(FIELD.clean("1mg/kg", {"limit": "≤0.5mg/kg"})) == "1mg/kg（限量：≤0.5mg/kg）"


# An independent, slow and simple reader: every number that stands in a text, with its exponent where it has one.
_EXPONENTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_TOKEN = re.compile(
    r"(?<![0-9.])(-?[0-9]+(?:\.[0-9]+)?)(?:[eE]([+-]?[0-9]+)|\s*[×xX*]\s*10\s*(?:\^\s*\(?(-?[0-9]+)|([⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)))?"
)


def numbers_in(text: str) -> set[Decimal]:
    text = re.sub(
        r"<sup>\s*(-?[0-9]+)\s*</sup>",
        lambda found: found[1].translate(str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")),
        text,
    )
    text = "".join(chr(ord(char) - 0xFEE0) if "！" <= char <= "～" else char for char in text)
    text = re.sub(r"\n(?=[^0-9.\n])|(?<=[^0-9.\n])\n|\s+(?=[⁰¹²³⁴⁵⁶⁷⁸⁹⁻])", "", text)
    found: set[Decimal] = set()
    for token in _TOKEN.finditer(text):
        exponent = token[2] or token[3] or (token[4] or "").translate(_EXPONENTS) or "0"
        if re.fullmatch(r"[+-]?[0-9]{1,3}", exponent):
            found |= {sign * Decimal(token[1]).scaleb(int(exponent)) for sign in (1, -1)}
    for power in re.finditer(r"(?<![0-9.×xX*])10(?:\^\(?(-?[0-9]+)|([⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+))", text):
        exponent = power[1] or (power[2] or "").translate(_EXPONENTS)
        if re.fullmatch(r"-?[0-9]{1,3}", exponent):
            found.add(Decimal(1).scaleb(int(exponent)))
    return found


def given_numbers(value: dict[str, object]) -> list[str]:
    items = value.get("items", [])
    assert isinstance(items, list)
    every = [value, *items]
    given = [str(each[key]) for each in every for key in ("value", "low", "high", "detection_limit") if key in each]
    return given + [str(number) for number in value["values"]]


PIECES = st.sampled_from(
    [
        "1",
        "2",
        "10",
        "0.5",
        "8.2",
        "25",
        "100",
        "×",
        "×10",
        "10²",
        "×10²",
        "×10⁵",
        "<sup>4</sup>",
        "^3",
        "E2",
        "/",
        "/",
        ";",
        "；",
        "、",
        ",",
        "\n",
        " ",
        "<",
        "＜",
        "≤",
        "~",
        "-",
        "±",
        "…",
        "①",
        "②",
        "1#：",
        "初检：",
        "复检：",
        "未检出",
        "mg/kg",
        "CFU/g",
        "g/100g",
        "%",
        "(",
        ")",
        ".",
    ]
)


@pytest.mark.slow
@settings(max_examples=examples(2500), deadline=None)
@given(st.lists(PIECES, min_size=1, max_size=9).map("".join))
@example("8.2×10²/8.6×10²/…CFU/g")
@example("1.2×10")
@example("12。5mg/kg")
def test_给出的每个数都写在原文里(text: str) -> None:
    value = FIELD.clean(text)
    if value is None:
        return
    assert isinstance(value, dict)
    there = numbers_in(text)
    for number in given_numbers(value):
        assert Decimal(number) in there, (text, value)
    if "value" in value and "uncertainty" not in value:
        # One of several numbers is never given as the number.
        assert (
            len(re.findall(r"[0-9.]+", re.sub(r"/100g|[×xX*]?10(?=[²⁵^<])|<sup>4</sup>|[²⁵]|\^3|E2", "", text))) <= 1
        ), text


@settings(max_examples=examples(400))
@given(st.text(max_size=80))
def test_原文一字不丢(text: str) -> None:
    value = FIELD.clean(text)
    if isinstance(value, dict):
        kept = re.sub(r"\s", "", str(value["text"]))
        unseen = {*map(chr, range(0xFE00, 0xFE10)), "\ufffc", "\ufffd"}
        seen = [char for char in text if char.isprintable() and not char.isspace() and char not in unseen]
        assert [char for char in kept if char.isprintable()] == seen


def rows(shared: Path, *, torn: bool = False) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    for path in sorted((shared / "data" / "cn-food-sampling").glob("*.csv")):
        if path.stem.endswith("_format") == torn:
            with path.open(encoding="utf-8-sig", newline="") as file:
                found += csv.DictReader(file)
    return found


@pytest.mark.shared
def test_真实导出的每个结果都没有读成别的数(shared: Path, record_property: pytest.RecordProperty) -> None:
    kinds: Counter[str] = Counter()
    limits: Counter[str] = Counter()
    texts: set[str] = set()
    for result, unit, limit in sorted({(row["检测结果"], row["单位"], row["限量值"]) for row in rows(shared)}):
        value = FIELD.clean(result, {"unit": unit, "limit": limit})
        if value is None:
            assert not result.strip("/ -—")
            continue
        assert isinstance(value, dict), value
        assert re.sub(r"\s", "", value["text"]) == re.sub(r"\s", "", result + unit)
        there = numbers_in(result + unit)
        assert all(Decimal(number) in there for number in given_numbers(value)), (result, value)
        if value["kind"] == "number":
            assert len(there) == 2, (result, value)  # One number, and the same with a sign.
        if re.search(r"×10(?![⁰-⁹²³¹<^])", result) or "</sup>4" in result:
            assert value["kind"] == "text", (result, value)
        if value["kind"] == "text":
            texts.add(result)
        kinds[value["kind"]] += 1
        limits[value.get("limit_kind", "none")] += 1
    record_property("results", dict(kinds))
    record_property("limits", dict(limits))
    print(f"results {dict(kinds)}; limits {dict(limits)}; kept as text: {sorted(texts)}")
    assert sum(kinds.values()) - kinds["text"] >= 0.95 * sum(kinds.values())


@pytest.mark.shared
def test_被拆坏的真实文件逐行拒收或读出同一个数(shared: Path) -> None:
    whole = {tuple(row.values())[:8]: row for row in rows(shared) if row["检测结果"]}
    refused = kept = 0
    for row in rows(shared, torn=True):
        original = whole.get(tuple(row.values())[:8])
        if original is None or not row["检测结果"]:
            continue
        value = FIELD.clean(row["检测结果"], {"unit": row["单位"]})
        if isinstance(value, Refusal):
            assert value.code == "result.split"
            refused += 1
            continue
        kept += 1
        assert any(
            FIELD.same(value, FIELD.clean(other["检测结果"], {"unit": other["单位"]}))
            for other in whole.values()
            if other["检测项目"] == row["检测项目"] and other["物料名称"] == row["物料名称"]
        ), row
    assert refused == 9
    assert kept >= 40
