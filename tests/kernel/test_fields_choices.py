"""Places, industries, choices; and what every value type keeps to. Places and choices here are fictional."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from zhiheng.kernel.fields.by_name import BY_NAME
from zhiheng.kernel.fields.choice import Choice, MultiChoice, YesNo
from zhiheng.kernel.fields.industry import Industry
from zhiheng.kernel.fields.place import Division
from zhiheng.kernel.reasons import Refusal

# How names of areas end, as a book says it; the machine knows no such word.
ENDINGS = ("街道", "省", "市", "区", "县", "镇")

_PAGE = Path(__file__).resolve().parents[2] / "docs/reference/field-types.md"
PLACES = {
    "云泽省": "990000",
    "云泽省青川市": "990100",
    "青川市": "990100",
    "望海区": "990102",
    "望海街道": "990102001",
    "临江街道": "990102002",
    "城区": "990103",
    "石桥镇": "990102103",
    "990102": "990102",
}
ABOVE = {
    "990100": ("990000",),
    "990102": ("990100", "990000"),
    "990103": ("990100", "990000"),
    "990102001": ("990102", "990100", "990000"),
    "990102002": ("990102", "990100", "990000"),
    "990102103": ("990102", "990100", "990000"),
}
INDUSTRIES = {
    "2017": {
        "C": "制造业",
        "13": "农副食品加工业",
        "136": "水产品加工",
        "1361": "水产品冷冻加工",
        "139": "其他农副食品加工",
        "1399": "其他未列明农副食品加工",
        "27": "医药制造业",
        "272": "化学药品制剂制造",
        "2720": "化学药品制剂制造",
        "D": "电力",
    },
    "2011": {"C": "制造业", "C13": "农副食品加工业", "C1320": "饲料加工"},
}
OUTCOMES = {"pass": ["合格", "符合"], "fail": ["不合格", "不符合", "NG"], "none": ["无", "未判定"]}
VALUES: dict[str, dict[str, Any]] = {
    "division": {"divisions": PLACES},
    "industry": {"editions": INDUSTRIES, "default_edition": "2017"},
    "choice": {"choices": OUTCOMES},
    "multi_choice": {"choices": OUTCOMES},
}


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("望海区", "990102"),
        (" 望海\n区 ", "990102"),
        ("临江", "990102002"),
        ("990102", "990102"),
        ("990102000000", "990102"),
        ("990102001", "990102001"),
        ("990102001000", "990102001"),
        ("云泽省青川市望海区", "990102"),
        ("云泽省/青川市/望海区", "990102"),
        ("云泽省青川市望海区临江街道", "990102002"),
        ("某某省青川市望海区", "990102"),
        ("石桥镇", "990102103"),
        ("９９０１０２", "990102"),
    ],
)
def test_区划认代码名称和全路径(said: str, code: str) -> None:
    assert Division(divisions=PLACES, above=ABOVE, endings=ENDINGS).clean(said) == code


@pytest.mark.parametrize(
    "said", ["望涯区", "望海", "南城区", "990199", "望海区临江", "云泽省城区望海区", "9901020010001"]
)
def test_不认识的区划不猜(said: str) -> None:
    refusal = Division(divisions=PLACES, above=ABOVE, endings=ENDINGS).clean(said)
    assert isinstance(refusal, Refusal), refusal
    assert refusal.code == "division.unknown"


def test_名称的结尾是规则书的_没写的不省略也不切路径() -> None:
    bare = Division(divisions=PLACES, above=ABOVE)
    assert bare.clean("望海区") == "990102"
    assert isinstance(bare.clean("某某省青川市望海区"), Refusal)
    grids = Division(divisions={"第十七网格": "G-17", "第十八网格": "G-18"}, endings=("网格",))
    assert grids.clean("第十七") == "G-17"


@pytest.mark.parametrize("said", ["London / Camden", "Camden, London", "GB-LND-CMD", "gb-lnd-cmd", "Camden"])
def test_外国的区划_名称没有结尾也认得(said: str) -> None:
    places = {"London": "GB-LND", "Camden": "GB-LND-CMD", "Leeds": "GB-LDS"}
    abroad = Division(divisions=places, above={"GB-LND-CMD": ("GB-LND",)})
    assert abroad.clean(said) == "GB-LND-CMD"
    for wrong in ("Camden, Leeds", "Camden, Elsewhere", "GB-LND-XXX"):
        assert isinstance(abroad.clean(wrong), Refusal), wrong


def test_位数不一的数字代码各认各的_补零会混的不猜() -> None:
    digits = Division(divisions={"甲": "10", "乙": "1000", "丙": "7"})
    assert [digits.clean(said) for said in ("10", "1000", "7")] == ["10", "1000", "7"]
    assert isinstance(digits.clean("100000"), Refusal)


def test_区划写错时提示最像的几个() -> None:
    refusal = Division(divisions=PLACES).clean("望海街到")
    assert "望海街道" in refusal.zh
    assert "望海街道" in refusal.en
    assert Division(divisions=PLACES).show("990102001") == "望海街道"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("C1361", "1361"),
        ("1361", "1361"),
        ("c136", "136"),
        ("水产品冷冻加工", "1361"),
        ("C1361水产品冷冻加工", "1361"),
        ("C", "C"),
        ("化学药品制剂制造", "2720"),
        ("1361.0", "1361"),
        ("Ｃ１３６１", "1361"),
    ],
)
def test_行业认代码和名称(said: str, code: str) -> None:
    field = Industry(editions=INDUSTRIES, default_edition="2017")
    assert field.clean(said) == {"code": code, "edition": "2017"}


def test_行业的版本() -> None:
    field = Industry(editions=INDUSTRIES, default_edition="2017")
    assert field.clean("C1320（2011）") == {"code": "C1320", "edition": "2011"}
    assert field.clean("1320", {"edition": "GB/T 4754-2011"}) == {"code": "C1320", "edition": "2011"}
    assert "2011版里有" in field.clean("1320").zh
    assert field.clean("D1361").code == "industry.unknown"
    assert field.clean("1361饲料加工").code == "industry.mismatch"
    assert field.clean("9999").code == "industry.unknown"
    assert field.show({"code": "1361", "edition": "2017"}) == "1361 水产品冷冻加工"


def test_选项认同义词() -> None:
    field = Choice(choices=OUTCOMES)
    assert [field.clean(said) for said in ("合格", " 不 合格", "ＮＧ", "ng", "pass", "无", "", "/")] == [
        "pass",
        "fail",
        "fail",
        "fail",
        "pass",
        "none",
        None,
        None,
    ]
    refusal = field.clean("待定")
    assert "合格、不合格、无" in refusal.zh
    assert field.show("fail") == "不合格"


def test_一个词不能代表两个选项() -> None:
    with pytest.raises(ValueError, match="stands for"):
        Choice(choices={"a": ["甲"], "b": ["甲"]})


def test_多选() -> None:
    field = MultiChoice(choices={"smell": ["异味"], "noise": ["噪声", "声/振动"], "dust": ["扬尘"]})
    assert field.clean("扬尘、异味") == ["smell", "dust"]
    assert field.clean("扬尘；异味,噪声\n扬尘") == ["smell", "noise", "dust"]
    assert field.clean("声/振动") == ["noise"]
    assert field.clean("扬尘 异味") == ["smell", "dust"]
    assert field.clean("/") is None
    assert field.clean("扬尘、光").code == "choice.unknown"
    assert field.show(["smell", "dust"]) == "异味、扬尘"


def test_是否() -> None:
    field = YesNo(yes=["合格"], no=["不合格"])
    assert [field.clean(said) for said in ("是", "有", "√", "Y", "1", "合格")] == [True] * 6
    assert [field.clean(said) for said in ("否", "无", "×", "n", "0", "不合格")] == [False] * 6
    assert [field.clean(said) for said in ("", "/", "——")] == [None] * 3
    assert field.clean("也许").code == "yes_no.unread"


SAID = st.one_of(
    st.text(max_size=60),
    st.text(
        alphabet="0123456789.,×^<>≤≥±~-/;；、①②⑤⁴²()（）：:\n 年月日公司厂有限委托方生产商未检出CFUgkmμ%元万",
        max_size=60,
    ),
)


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_任何文字都得到值空或带理由的拒收而不是崩溃(name: str) -> None:
    field = BY_NAME[name](**VALUES.get(name, {}))
    con = duckdb.connect()

    @settings(max_examples=examples(200))
    @given(SAID, SAID)
    def check(text: str, part: str) -> None:
        parts = dict.fromkeys(field.parts, part)
        for delivered in ({}, parts):
            value = field.clean(text, delivered)
            assert value == field.clean(text, delivered)
            if isinstance(value, Refusal):
                assert value.code
                assert value.zh.endswith("。")
                assert value.en.endswith(".")
            else:
                assert isinstance(field.show(value), str)
                assert isinstance(field.show(value, lang="en", masked=True), str)
                assert field.same(value, value)
                plain(value)

    check()
    for kind in field.columns.values():
        assert con.execute(f"SELECT NULL::{kind}").fetchone() == (None,)


def plain(value: Any) -> None:
    """Only what JSON can hold without loss."""
    if isinstance(value, dict):
        assert all(isinstance(key, str) for key in value)
        for each in value.values():
            plain(each)
    elif isinstance(value, list):
        for each in value:
            plain(each)
    else:
        assert value is None or isinstance(value, (str, bool, int))


def test_类型名单与说明一页一个不差_且没有选项也能建() -> None:
    """The page is the list that people keep by hand: a type that is gone by mistake is missed there."""
    sections = re.findall(r"^## (.+)$", _PAGE.read_text("utf-8"), re.MULTILINE)
    assert list(BY_NAME) == [section for section in sections if re.fullmatch("[a-z_]+", section)]
    for name, kind in BY_NAME.items():
        assert kind().name == name
        assert "label" in vars(kind), f"{name} is called by the words of another type"


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)))
def test_值能写进湖的列(day: date) -> None:
    value = BY_NAME["day"]().clean(f"{day.year}年{day.month}月{day.day}日")
    assert duckdb.execute("SELECT ?::DATE", [value]).fetchone() == (day,)


PENALTIES = MultiChoice(
    choices={
        "warning": ["警告"],
        "fine": ["罚款"],
        "confiscation": ["没收", "没收违法所得", "没收非法财物"],
        "both": ["罚没"],
        "correction": ["责令改正", "其他-责令改正"],
        "other": ["其他处罚"],
    },
    together={"both": ["fine", "confiscation"]},
    other="other",
)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("警告", ["warning"]),
        ("警告;罚款", ["warning", "fine"]),
        ("警告、没收违法所得", ["warning", "confiscation"]),
        ("警告\n罚款", ["warning", "fine"]),
        ("罚款;没收违法所得、没收非法财物", ["fine", "confiscation"]),
        ("警告并处罚款", ["warning", "fine"]),
        ("没收违法所得并处罚款", ["fine", "confiscation"]),
        ("罚没", ["fine", "confiscation"]),
        ("1.警告；2.罚款", ["warning", "fine"]),
        ("1、警告；2、罚款5000元", ["warning", "fine"]),
        ("1、警告2、罚款", None),
        ("（一）警告（二）罚款", None),
        ("警告；罚款5000元", ["warning", "fine"]),
        ("罚款和没收", ["fine", "confiscation"]),
        ("罚款/警告", ["warning", "fine"]),
        ("其他-责令改正", ["correction"]),
        ("其他-责令停止使用", ["other"]),
        ("其他：没收工具", ["other"]),
        ("罚款、其他-责令改正", ["fine", "correction"]),
        ("罚款、吊销", None),
        ("/", []),
    ],
)
def test_一格里的几种处罚各算各的(text: str, codes: list[str] | None) -> None:
    value = PENALTIES.clean(text)
    if codes is None:
        assert isinstance(value, Refusal)
        assert value.code == "choice.unknown"
    else:
        assert (value or []) == codes


def test_从前只记一种的还能显示() -> None:
    assert PENALTIES.show("both") == "罚没"
    assert PENALTIES.show(["warning", "fine"]) == "警告、罚款"


VERDICT = Choice(
    choices={"qualified": ["合格"], "unqualified": ["不合格"], "problem": ["问题样品"]},
    contained={"qualified": ["合格", "符合"], "unqualified": ["不合格", "不符合"]},
    unless=["未发现", "未检出", "无不", "没有不", "是否", "待", "初检", "部分", "0项"],
)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("合  格", "qualified"),
        ("合格（阴性）", "qualified"),
        ("所检项目符合标准要求。", "qualified"),
        ("合格报告", "qualified"),
        ("所检项目符合国家标准或地方标准", "qualified"),
        ("铝不符合国家标准", "unqualified"),
        ("一般不合格报告", "unqualified"),
        ("问题样品", "problem"),
        ("未发现不合格", None),
        ("0项不合格", None),
        ("０项不合格", None),
        ("10项不合格", "unqualified"),
        ("初检不合格，复检合格", None),
        ("铅合格，铝不合格", None),
        ("部分项目不合格", None),
        ("是否合格", None),
        ("待复检", None),
    ],
)
def test_结论写成句子_读得准才读_读不准就问(text: str, code: str | None) -> None:
    value = VERDICT.clean(text)
    assert value == code if code is not None else isinstance(value, Refusal)
