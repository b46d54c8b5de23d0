"""Parties. Every name here is fictional; the real cells are read from ../shared and never stored here."""

from __future__ import annotations

import csv
import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.cn.uscc import calc_check_digit

from tests.examples import examples
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.parties import PARTY_WORDS
from zhiheng.grammar.yaml import BookRefused
from zhiheng.kernel.fields.base import _AS_ABOVE, _AS_ABOVE_SIGNS, AS_ABOVE_WORDS, as_above
from zhiheng.kernel.fields.code import OrganisationCode, ResidentId
from zhiheng.kernel.fields.party import ROLES, _Read
from zhiheng.kernel.fields.party import PartyField as PartyType
from zhiheng.kernel.reasons import Refusal

WORDS = Book(Path(__file__).resolve().parents[2] / "book")[PARTY_WORDS]
DIVISIONS = {"云澜市": "990100", "砺原区": "990101", "河弯镇": "990101102"}


def Party(**options: object) -> PartyType:
    return PartyType(words=WORDS, divisions=DIVISIONS, **options)


FIELD = Party(role="producer")
A, B = "云泽县青禾食品有限公司", "望海市蓝石商贸有限公司"
CODE = "91990102MA1FAKE00"
CODE += calc_check_digit(CODE)


def named(text: str, field: Party = FIELD) -> list[tuple[str, str]]:
    value = field.clean(text)
    return [] if value is None else [(party["role"], party["name"]) for party in value["parties"]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{A} ", [("producer", A)]),
        (f"受委托生产商：{A}；委托商：{B} ", [("producer", A), ("consignor", B)]),
        (f"被委托方：{A}；\n委托方：{B}", [("producer", A), ("consignor", B)]),
        (f"经销商：{B}；生产商：{A}", [("distributor", B), ("producer", A)]),
        (f"经销者：{B}\n生产者：{A}", [("distributor", B), ("producer", A)]),
        (f"生产加工单位：{A} 委 托单位：{B}", [("producer", A), ("consignor", B)]),
        (f"制造商：{A}；总经销：{B}", [("producer", A), ("distributor", B)]),
        (f"{A}生产；{B}出品", [("producer", A), ("consignor", B)]),
        (f"生产商/经销商：{A}", [("producer", A), ("distributor", A)]),
        (f"进口商：{B}", [("importer", B)]),
        (f"被抽样单位名称：{B}", [("seller", B)]),
        (f"{A}（供货商）", [("distributor", A)]),
        (f"（委托方）{A}", [("consignor", A)]),
        (f"{A}(受委托方)", [("producer", A)]),
        (f"委托方—{A}；受托方—{B}", [("consignor", A), ("producer", B)]),
        (f"委托方→{A}\n受托方 → {B}", [("consignor", A), ("producer", B)]),
        (f"委托方\n{A}\n受托方\n{B}", [("consignor", A), ("producer", B)]),
        ("供应商：张三", [("supplier", "张三")]),
        ("云泽县青禾食品有限公\n司", [("producer", A)]),
        ("云泽县青禾食品 有限公司", [("producer", A)]),
        (f"{A}\n{B}", [("producer", A), ("producer", B)]),
        (f"{A}；{B}", [("producer", A), ("producer", B)]),
        (f"{A}、{B}", [("producer", A), ("producer", B)]),
        ("青禾、蓝石食品有限公司", [("producer", "青禾、蓝石食品有限公司")]),
        ("望海市场38、51号李四", [("producer", "望海市场38、51号李四")]),
        ("青禾超市有限公司\n望海分公司", [("producer", "青禾超市有限公司望海分公司")]),
        ("青禾超市股份有限公司\n望海公园店", [("producer", "青禾超市股份有限公司望海公园店")]),
        ("青禾连锁超市\n股份有限公司\n东街店", [("producer", "青禾连锁超市股份有限公司东街店")]),
        ("青禾（望海）食品有限公\n司", [("producer", "青禾（望海）食品有限公司")]),
        ("青禾农场（原生态）", [("producer", "青禾农场（原生态）")]),
        ("青禾食品厂(普通合伙)", [("producer", "青禾食品厂(普通合伙)")]),
        ("Qinghe Food Co.,Ltd.", [("producer", "Qinghe Food Co.,Ltd.")]),
        ("甲：乙", [("producer", "甲：乙")]),
        (f"委托方：；生产商：{A}", [("producer", A)]),
        ("委托方：/", []),
        ("受委托方：无", []),
        ("/ ", []),
        ("无", []),
        ("——", []),
    ],
)
def test_每个名字到自己的角色(text: str, expected: list[tuple[str, str]]) -> None:
    assert named(text) == expected


def test_标称的生产者要注明() -> None:
    for label in ("标示", "标称", "标称生产企业名称", "标称生产者"):
        assert FIELD.clean(f"{label}：{A}")["parties"] == [{"role": "producer", "name": A, "mark": "labelled"}]


def test_括号里的地址代码和曾用名归到这个名字() -> None:
    assert FIELD.clean(f"{A}（地址：望海区一路1号（二楼））")["parties"] == [
        {"role": "producer", "name": A, "address": "望海区一路1号（二楼）"}
    ]
    assert FIELD.clean(f"{A}（{CODE.lower()}）")["parties"] == [
        {"role": "producer", "name": A, "code": CODE, "code_kind": "uscc"}
    ]
    assert FIELD.clean(f"{A}（原云泽青禾食品厂）")["parties"][0]["former_names"] == ["云泽青禾食品厂"]
    assert FIELD.clean(f"{A}，地址：望海区一路1号，电话：0513-81234567")["parties"] == [
        {"role": "producer", "name": A, "address": "望海区一路1号", "phone": "0513-81234567"}
    ]


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (f"{A}（已注销）", "已注销"),
        (f"{A}【已于2025年3月12日注销】", "已于2025年3月12日注销"),
        (f"{A}（吊销，未注销）", "吊销，未注销"),
        (f"{A}（登记状态：存续）", "登记状态：存续"),
        (f"（已停业）{A}", "已停业"),
        (f"{A}已注销", "已注销"),
        (f"{A} - 现已搬迁", "现已搬迁"),
        (f"{A}（更名中）", "更名中"),
    ],
)
def test_名称旁边写的存续状态不是名称的一部分_留作附注(cell: str, said: str) -> None:
    value = FIELD.clean(cell)
    assert (value["parties"], value["notes"], value["doubts"]) == ([{"role": "producer", "name": A}], [said], [])


@pytest.mark.parametrize("mark", ["更名为", "2024年5月更名为", "现名：", "现已变更为", "变更后名称："])
def test_写明更名为什么的_现在的名称是名称_原来的是曾用名(mark: str) -> None:
    renamed = [{"role": "producer", "name": B, "former_names": [A]}]
    assert FIELD.clean(f"{A}（{mark}{B}）")["parties"] == renamed
    both = FIELD.clean(f"{A}（{mark}{B}）（已注销）")
    assert (both["parties"], both["notes"]) == (renamed, ["已注销"])


@pytest.mark.parametrize(
    "name",
    [
        *["云澜市关闭阀门厂", "云澜市搬迁服务有限公司", "云澜市新开业超市", "云澜市清算中心"],
        f"{A}（现代农业分公司）",
        f"{A}（经营部）",
    ],
)
def test_名称里本来就有的字不动(name: str) -> None:
    assert FIELD.clean(name) == {"parties": [{"role": "producer", "name": name}], "notes": [], "doubts": []}


def test_只写了状态没有写是谁的_不是当事方() -> None:
    assert FIELD.clean("已注销") == {"parties": [], "notes": ["已注销"], "doubts": ["party_nobody"]}


def test_不认识的说明留作附注() -> None:
    value = FIELD.clean(f"{A}；\n网络店铺名称：蓝石旗舰店；\n网络店铺地址：https://shop.example/item?a=1:2")
    assert [party["name"] for party in value["parties"]] == [A]
    assert value["notes"] == ["网络店铺名称：蓝石旗舰店", "网络店铺地址：https://shop.example/item?a=1:2"]
    # Whoever supervised the making has no role of its own in the ledger: named all the same, with the label.
    assert FIELD.clean(f"{A}制造；{B}监制")["parties"] == [
        {"role": "producer", "name": A},
        {"role": "other", "name": B, "label": "监制"},
    ]


def test_来源可以规定标签的角色() -> None:
    field = Party(role="seller", roles_by_label={"供货商": "supplier", "监制": "consignor"})
    assert named(f"供货商：{A}；监制：{B}", field) == [("supplier", A), ("consignor", B)]
    assert named(f"{A}（供货商）", field) == [("supplier", A)]
    with pytest.raises(ValueError, match="no such role"):
        Party(role="boss")


def test_设备的制造单位是制造者() -> None:
    assert named(f"制造单位：{A}；安装单位：{B}", Party(role="manufacturer")) == [("manufacturer", A), ("installer", B)]
    assert named(f"制造单位：{A}", Party(role="producer")) == [("producer", A)]


def test_其他栏归到本栏角色的那一方() -> None:
    parts = {
        "code": CODE,
        "address": "望海区一路1号",
        "place": "望海区",
        "phone": "13800001234",
        "former_names": "青禾厂、青禾社",
        "legal_person": "李四",
    }
    value = FIELD.clean(f"委托方：{B}；生产商：{A}", parts)
    assert value["parties"][0] == {"role": "consignor", "name": B}
    assert value["parties"][1] == {
        "role": "producer",
        "name": A,
        "code": CODE,
        "code_kind": "uscc",
        "address": "望海区一路1号",
        "place": "望海区",
        "phone": "13800001234",
        "former_names": ["青禾厂", "青禾社"],
        "legal_person": "李四",
    }
    refusal = FIELD.clean(A, {"code": CODE[:-1] + ("1" if CODE[-1] != "1" else "2")})
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.field) == ("uscc.check", "code")
    assert FIELD.clean("", {"code": CODE})["parties"] == [
        {"role": "producer", "name": "", "code": CODE, "code_kind": "uscc"}
    ]
    assert FIELD.clean("/", {"address": "望海区"}) is None
    assert FIELD.clean(A, {"phone": "问门卫"})["notes"] == ["电话：问门卫"]


def test_显示只有名字() -> None:
    assert FIELD.show(FIELD.clean(f"生产商/经销商：{A}；委托方：{B}")) == f"{A}；{B}"


WORD = st.text(alphabet="青禾蓝石云泽望海东西南北金玉山水春秋", min_size=2, max_size=5)
NAME = st.builds(
    lambda word, bracket, form: f"{word}{bracket}食品{form}",
    WORD,
    st.sampled_from(["", "", "（望海）", "(云泽)"]),
    st.sampled_from(["有限公司", "厂", "经营部", "专业合作社", "有限责任公司", "店"]),
)
LABEL = st.sampled_from(
    [
        "",
        "生产商：",
        "受委托生产商：",
        "委托商：",
        "委托方:",
        "经销商：",
        "供货商：",
        "标称生产企业名称：",
        "监制：",
        "奇怪的词：",
        "生产商/经销商：",
        "地址：",
        "（委托方）",
    ]
)
SUFFIX = st.sampled_from(["", "", "（供货商）", "(委托方)", "生产", "出品", "；", " ", "/", "（个体）"])
JOIN = st.sampled_from(["；", "\n", ";\n", "、", " ", "/", "，"])


def han(text: str) -> list[str]:
    return re.findall("[\u4e00-\u9fff]", text)


def said_by(value: dict[str, object]) -> str:
    parties = value["parties"]
    notes = value["notes"]
    assert isinstance(parties, list)
    assert isinstance(notes, list)
    return "｜".join([*(f"{each}" for party in parties for each in party.values()), *notes])


@settings(max_examples=examples(600), deadline=None)
@given(st.lists(st.tuples(LABEL, NAME, SUFFIX, JOIN), min_size=1, max_size=3), st.integers(0, 30))
def test_名字里的汉字一个不丢(said: list[tuple[str, str, str, str]], broken: int) -> None:
    text = "".join(f"{label}{name}{suffix}{join}" for label, name, suffix, join in said)
    kept = said_by(FIELD.clean(text))
    for _, name, _, _ in said:
        assert name in kept, (text, kept)
    # A line break anywhere inside a name changes nothing of what is kept.
    label, name, _, _ = said[0]
    place = 1 + broken % (len(name) - 1)
    assert name in said_by(FIELD.clean(f"{label}{name[:place]}\n{name[place:]}"))


@settings(max_examples=examples(400))
@given(st.text(alphabet="青禾公司厂店有限委托方生产商地址原名：；、/（）() \n12Ab", max_size=40))
def test_角色都是名单里的且名字不带空白边(text: str) -> None:
    value = FIELD.clean(text)
    for party in value["parties"] if isinstance(value, dict) else []:
        assert party["role"] in ROLES
        assert party["name"] == party["name"].strip()
        assert "\n" not in party["name"]
        assert party["name"]


@pytest.mark.shared
def test_真实单元格的名字没有丢字(shared: Path) -> None:
    cells: set[tuple[str, str]] = set()
    for path in sorted((shared / "data" / "cn-food-sampling").glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            cells |= {(column, row[column]) for row in csv.DictReader(file) for column in ("生产商", "供应商")}
    fields = {"生产商": Party(role="producer"), "供应商": Party(role="seller")}
    several = 0
    for column, text in sorted(cells):
        value = fields[column].clean(text)
        if value is None:
            assert re.fullmatch(r"[\s/—-]*|无\s*", text), text
            continue
        kept = said_by(value)
        several += len({party["role"] for party in value["parties"]}) > 1
        labels = re.findall(r"[\u4e00-\u9fff\s]{2,8}(?=[:：])", text)
        wanted = text
        for label in labels:
            wanted = wanted.replace(label, "")
        wanted = re.sub(r"制造(?=；|\s*$)|监制|[(（]?分装[)）]?\s*$|[(（]生产商[)）]|[(（]原", "", wanted)
        assert not [char for char in set(han(wanted)) if kept.count(char) < wanted.count(char)], (text, value)
        for party in value["parties"]:
            assert not re.search(r"[\s:：;；]|^[、，]", party["name"]) or not han(party["name"]), (text, party)
    assert several >= 30


C = "云泽县红枫食品有限公司"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"委托方：{A}；受托方：{B}", [("consignor", A), ("producer", B)]),
        (f"{A}（委托方）；{B}（受托方）", [("consignor", A), ("producer", B)]),
        (f"{A}（委托方）{B}（受托方）", [("consignor", A), ("producer", B)]),
        (f"【委托方】{A}【受托方】{B}", [("consignor", A), ("producer", B)]),
        (f"委托方 {A}", [("consignor", A)]),
        (f"委托方{A}", [("consignor", A)]),
        (f"受托方-{A}", [("producer", A)]),
        (f"委托企业：{A}、被委托企业：{B}", [("consignor", A), ("producer", B)]),
        (f"品牌运营商：{A}；生产商：{B}", [("brand_owner", A), ("producer", B)]),
        (f"授权商：{A}；出品方：{B}；制造商：{C}", [("brand_owner", A), ("consignor", B), ("producer", C)]),
        (f"商标持有人：{A}", [("brand_owner", A)]),
        (f"初检机构：{A}；复检机构：{B}", [("laboratory", A), ("recheck_laboratory", B)]),
        (f"进口商：{A}；代理商：{B}；原产国：法国", [("importer", A), ("distributor", B)]),
        (f"分装商：{A}", [("producer", A)]),
        (f"{A}(分装)", [("producer", A)]),
        (f"中国总代理：{A}", [("distributor", A)]),
        (f"监制：{A}；生产商：{B}", [("other", A), ("producer", B)]),
        (f"{A}（受{B}委托生产）", [("consignor", B), ("producer", A)]),
        (f"{A}（委托方：{B}）", [("consignor", B), ("producer", A)]),
        (f"{A}委托{B}生产", [("consignor", A), ("producer", B)]),
        (f"{A}受{B}委托生产", [("consignor", B), ("producer", A)]),
        (f"{A}，受{B}的委托加工", [("consignor", B), ("producer", A)]),
        (f"{A} 地址：云泽县某路1号", [("producer", A)]),
        (f"{A} 电话：0513-81234567", [("producer", A)]),
        (
            f"Manufacturer: Qinghe Food Co., Ltd.; Importer: {B}",
            [("producer", "Qinghe Food Co., Ltd."), ("importer", B)],
        ),
        ("进口商品直销有限公司", [("producer", "进口商品直销有限公司")]),
        ("云泽县供应商城有限公司", [("producer", "云泽县供应商城有限公司")]),
    ],
)
def test_实际出现的称谓各归其位(text: str, expected: list[tuple[str, str]]) -> None:
    value = FIELD.clean(text)
    assert [(party["role"], party["name"]) for party in value["parties"]] == expected
    assert value["doubts"] == []


@pytest.mark.parametrize(
    "text",
    [
        "12.5",
        "2026-03-01",
        "2026年3月1日",
        "3箱",
        "500g",
        "合格",
        "不合格",
        "见附件",
        "河弯镇",
        "砺原区河弯镇",
        "福建",
        "福建省福州市",
        "法国",
        "有限公司",
        "限公司",
        "股份有限公司",
        "云泽县青禾食品有限公",
        "Co., Ltd.",
        "委托方",
        "企业名称",
        "原产国：法国",
        "李",
        "0513-81234567",
        "https://shop.example/1",
        "公司上海分公司",
        "李家镇",
    ],
)
def test_不是名称的不成为当事方_也不悄悄丢掉(text: str) -> None:
    value = FIELD.clean(text)
    assert value["parties"] == []
    assert value["notes"]
    assert value["doubts"] == ["party_nobody"]


@pytest.mark.parametrize(
    "text",
    [
        "某公司",
        "某某公司",
        "某某菜市场",
        "国网某供电所",
        "甲公司",
        "乙企业",
        "A公司",
        "XX公司",
        "xxx有限公司",
        "云泽县××食品有限公司",
        "**公司",
        "云泽县*****有限公司",
        "□□厂",
        "云泽县??食品有限公司",
        "云泽县青禾食？有限公司",
        "张某食品店",
        "○○超市",
        "受委托生产商：某某食品有限公司",
        "云泽县青禾…有限公司",
    ],
)
def test_遮盖的和代称的名称不是任何企业(text: str) -> None:
    value = FIELD.clean(text)
    assert value["parties"] == []
    assert value["notes"]
    assert value["doubts"] == ["party_masked"]
    # With a code beside it the code says who it is; the name is nobody's all the same.
    coded = FIELD.clean(text, {"code": CODE})
    assert [(party["name"], party["code"]) for party in coded["parties"]] == [("", CODE)]
    assert coded["doubts"] == ["party_masked"]


@pytest.mark.parametrize("text", ["王某", "李**", "张某某", "欧阳××", "赵某", "王某某（个体工商户）", "个体户张某"])
def test_遮盖了的个人仍是那个遮盖了的个人(text: str) -> None:
    assert named(text) == [("producer", text)]
    assert FIELD.clean(text)["doubts"] == []


@pytest.mark.parametrize(
    "text",
    [
        "同上",
        " 同 上 ",
        "同前",
        "〃",
        "〃〃",
        '"',
        '-"-',
        "—〃—",
        "ditto",
        "Same as above",
        "（同上）",
        "同上。",
        "同上一行",
        "″",
    ],
)
def test_指着上一行的格退回来问_旁边有代码也问(text: str) -> None:
    for parts in ({}, {"code": CODE}):
        refusal = FIELD.clean(text, parts)
        assert isinstance(refusal, Refusal)
        assert refusal.code == "cell.as_above"
    refusal = FIELD.clean(A, {"code": text})
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.field) == ("cell.as_above", "code")


def test_一格几家只有一个代码_不记到任何一家() -> None:
    for text in (f"{A}；{B}", f"{A}、{B}", f"{A}\n{B}"):
        value = FIELD.clean(text, {"code": CODE, "address": "云泽县一路1号"})
        assert [(party["name"], party.get("code")) for party in value["parties"]] == [(A, None), (B, None)]
        assert not any("address" in party for party in value["parties"])
        assert value["doubts"] == ["code_unplaced"]
        assert any(CODE in note for note in value["notes"])
    # A role of its own is beside the question: the code is that of the column's own party.
    value = FIELD.clean(f"受委托生产商：{A}；委托商：{B}", {"code": CODE})
    assert [(party["role"], party.get("code")) for party in value["parties"]] == [
        ("producer", CODE),
        ("consignor", None),
    ]
    assert value["doubts"] == []


def test_一格几家几个代码_按次序各归各() -> None:
    other = "91990102MA2FAKE00" + calc_check_digit("91990102MA2FAKE00")
    value = FIELD.clean(f"{A}；{B}", {"code": f"{CODE}；{other}", "address": "一路1号；二路2号"})
    assert [(party["code"], party["address"]) for party in value["parties"]] == [(CODE, "一路1号"), (other, "二路2号")]
    assert value["doubts"] == []
    wrong = FIELD.clean(f"{A}；{B}", {"code": f"{CODE}；91990102MA2FAKE000"})
    assert isinstance(wrong, Refusal)
    assert wrong.field == "code"


def test_名称格里的代码与代码列不同_两个都不算() -> None:
    other = "91990102MA2FAKE00" + calc_check_digit("91990102MA2FAKE00")
    value = FIELD.clean(f"{A}（{other}）", {"code": CODE})
    assert "code" not in value["parties"][0]
    assert value["doubts"] == ["code_unplaced"]
    assert FIELD.clean(f"{A}（{CODE}）", {"code": CODE})["parties"][0]["code"] == CODE


@pytest.mark.parametrize(
    "text",
    [
        f"{A} SC11899010100001",
        f"{A}等3家",
        f"{A} 负责人李某",
        f"{A}（盖章）",
        f"{A}（标称）",
        f"A.{A} B.{B}",
        f"1、{A}",
        f"(2){A}",
        f"{A}2026-01-01",
        f"{A} 91118990MA00000018",
        f"{A}(SC11899010100001)",
        f"{A} 原料产地：云南",
        f"{A}代工{B}",
        f"{A}和{B}",
        f"{A}（{B}）",
        f"总公司：{A}",
    ],
)
def test_名称旁的别的文字不会无声地成为名称的一部分(text: str) -> None:
    assert FIELD.clean(text)["doubts"] == ["party_unplaced"]


@pytest.mark.parametrize(
    "text",
    [
        "闫照省",
        "张三",
        "阳光花园小区",
        "河湾工业园区",
        "361度专卖店",
        "58同城",
        "7-11便利店",
        "3M公司",
        "大润发",
        "惠民超市",
        "河湾社区",
        "A食品公司",
        "Bright",
        "MAXX超市",
        "二〇一六酒楼",
    ],
)
def test_像地名像数字的名称仍是名称(text: str) -> None:
    assert named(text) == [("producer", text)]
    assert FIELD.clean(text)["doubts"] == []


def test_没有人被写明_不算存疑() -> None:
    for text in ("未标注", "标签未标示", "/", "无"):
        assert FIELD.clean(text) is None


def test_放不下的说明留着并存疑() -> None:
    value = FIELD.clean(f"{A}；品控方：{B}；奇怪的词：某某")
    assert value["parties"] == [{"role": "producer", "name": A}, {"role": "other", "name": B, "label": "品控方"}]
    assert value["notes"] == ["奇怪的词：某某"]
    assert value["doubts"] == ["party_unplaced"]
    assert FIELD.clean(f"{A}；原产国：法国")["parties"][0]["origin"] == "法国"


def test_名称栏里写了代码_按代码认() -> None:
    assert FIELD.clean(CODE)["parties"] == [{"role": "producer", "name": "", "code": CODE, "code_kind": "uscc"}]


def test_占位的代码不是代码() -> None:
    for code in ("0" * 17 + "X", "0" * 18, "1" * 18, "9" * 18, "X" * 18, "000000000", "*" * 18, "123456789012345678"):
        value = FIELD.clean(A, {"code": code})
        assert value["parties"] == [{"role": "producer", "name": A}]
        assert value["doubts"] == ["code_placeholder"], code
        assert OrganisationCode().clean(code) is None
        assert OrganisationCode().doubts(code, {}, None) == ("code_placeholder",)
    assert ResidentId().clean("1" * 18) is None


def test_太长的一格不是名称() -> None:
    assert FIELD.clean("；" * 30_000).code == "cell.too_long"
    assert FIELD.clean(f"{A}" + "；；" * 400)["parties"] == [{"role": "producer", "name": A}]


def test_称谓写在规则书里_程序里没有() -> None:
    bare = PartyType(role="producer")
    assert [party["role"] for party in bare.clean(f"{A}；监理方：{B}")["parties"]] == ["producer", "other"]
    with pytest.raises(BookRefused, match="只能指一种角色"):
        validated_page("roles: {producer: {acts: [生产]}, seller: {acts: [生产]}}\nwho: [商]\n")


def validated_page(text: str) -> object:
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "parties.yaml"
        page.write_text(text, "utf-8")
        return Book(Path(folder))[PARTY_WORDS]


PIECES = (
    "云泽县",
    "云澜市",
    "甲",
    "张",
    "食品",
    "水产",
    "有限公司",
    "公司",
    "厂",
    "店",
    "社",
    "部",
    "司",
    "合作社",
    "经销",
    "出品",
    "总经销",
    "委托",
    "方",
    "商",
    "等",
    "三家",
    "企业",
    "门店",
    "分",
    "集团",
    "有限",
    "责任",
    "名称",
    "生产",
    "未标注",
    "无",
    "A",
    "LTD",
    "12",
    "2026",
    "某",
    "负责人",
    "驻马店",
    "供销社",
    "经营部",
    "工厂",
)


@settings(max_examples=examples(1_000), deadline=None)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map("".join))
def test_一眼看得出的名称_细看也是同一个名称(name: str) -> None:
    if len(name) > 1 and FIELD._is_plainly_a_name(name):
        read = _Read()
        FIELD._add(read, [("producer", False)], name)
        assert (read.parties, read.notes, read.doubts) == ([{"role": "producer", "name": name}], [], [])


@pytest.mark.parametrize("name", ["云泽县青禾食品有限公司", "云泽县河弯酱菜厂", "云泽县供销社"])
def test_平常的名称一眼就看得出(name: str) -> None:
    assert FIELD._is_plainly_a_name(name)


@pytest.mark.parametrize(
    "text", ["王小明 13912340927", "王小明13912340927", "联系人王小明139-1234-0927", "13912340927"]
)
def test_名字里夹着手机号的_不成为企业_号码不留(text: str) -> None:
    value = PartyType(role="complainee", words=WORDS).clean(text)
    assert isinstance(value, dict)
    assert value["parties"] == []
    assert value["doubts"] == ["party_nobody"]
    assert "13912340927" not in str(value).replace("-", "")


def test_企业名称旁边的手机号_是它的电话() -> None:
    value = PartyType(role="complainee", words=WORDS).clean("试验食品有限公司 13912340927")
    assert isinstance(value, dict)
    assert value["parties"] == [{"role": "complainee", "name": "试验食品有限公司", "phone": "13912340927"}]


@pytest.mark.parametrize("text", [f"委托方/受托方：{A}/{B}", f"委托商、生产商：{A}、{B}"])
def test_两个身份对两家_各归各的_不交叉(text: str) -> None:
    value = FIELD.clean(text)
    assert [(party["role"], party["name"]) for party in value["parties"]] == [("consignor", A), ("producer", B)]
    assert value["doubts"] == []


def test_两个身份三家_看不出谁是谁_存疑() -> None:
    value = FIELD.clean(f"委托方/受托方：{A}、{B}、云泽县丙食品有限公司")
    assert value["doubts"] == ["party_unplaced"]


@pytest.mark.parametrize("text", [f"(1){A}(2){B}", f"1.{A} 2.{B}", f"①{A}；②{B}", f"生产商：1、{A}2、{B}"])
def test_编了号的几家_编号不成为名称(text: str) -> None:
    value = FIELD.clean(text)
    assert [party["name"] for party in value["parties"]] == [A, B]
    assert value["doubts"] == []


@pytest.mark.parametrize(
    "text", ["云泽县一路1号", "河湾街道人民路88号3栋2单元", "“青禾”牌", "2026年第3批", "合格证", "undefined"]
)
def test_地址_商标_批次不是单位名称(text: str) -> None:
    value = FIELD.clean(text)
    assert value["parties"] == []
    assert value["doubts"] == ["party_nobody"]


@pytest.mark.parametrize(
    "text",
    [
        "人民路88号便利店",
        "云泽县农贸市场3号摊位",
        "3号仓便利店",
        f"{A}食堂",
        f"{A}云泽分公司",
        "青禾集团有限公司云泽酒店",
        "老字号",
        "品牌之家",
    ],
)
def test_名称里有门牌或分支的照样是名称(text: str) -> None:
    value = FIELD.clean(text)
    assert [party["name"] for party in value["parties"]] == [text]
    assert value["doubts"] == []


_OF_NAMES = st.sampled_from(
    [
        *"司厂店社部甲乙丙方商A1",
        "公司",
        "有限",
        "合作社",
        "经营",
        "委托",
        "受",
        "某",
        "×",
        " ",
        "（",
        "生产商",
        "云澜市",
        "食品有限公司",
        "青禾",
        "品牌",
        "超市",
    ]
)


@given(st.lists(_OF_NAMES, max_size=7).map("".join))
@settings(max_examples=examples(500), deadline=None)
def test_一看就是名称的_细读也正是这一个名称(text: str) -> None:
    if name := FIELD.plain_name(text):
        assert FIELD.clean(text) == {"parties": [{"role": "producer", "name": name}], "notes": [], "doubts": []}


def test_寻常的企业名称一看就知道_太长的和有疑问的要细读() -> None:
    assert FIELD.plain_name(A + "  ") == A
    assert Party(role="producer", longest=5).plain_name(A) == ""
    assert all(FIELD.plain_name(text) == "" for text in ("某某食品公司", f"{A}、{B}", "同上", "", f"受{A}委托{B}"))


_MASKING = st.sampled_from([*WORDS.masks, *WORDS.masks_repeated, *WORDS.unnamed, "Ｘ", "X", "青禾", "公司", "1", "a"])


@given(st.lists(_MASKING, max_size=6).map("".join))
@settings(max_examples=examples(300), deadline=None)
def test_遮盖的名称先找一个记号_与逐个细看说的一样(name: str) -> None:
    assert WORDS._masked is not None
    found = WORDS._masked.search(name.casefold()) is not None
    assert WORDS.is_masked(name) == (
        found or (len(name.casefold()) <= 8 and bool(WORDS._stand_in.fullmatch(name.casefold())))
    )


@given(
    st.lists(
        st.sampled_from([*AS_ABOVE_WORDS.split(), *_AS_ABOVE_SIGNS, "Same as", "ABOVE", "公司", "\x85", "ſ"]),
        max_size=5,
    )
)
@settings(max_examples=examples(300), deadline=None)
def test_同上先看末一字_与整格细看说的一样(pieces: list[str]) -> None:
    text = "".join(pieces)
    said = "".join(text.split()).casefold()
    meant = 0 < len(text) <= 24 and (said in _AS_ABOVE or said.strip(_AS_ABOVE_SIGNS) in _AS_ABOVE)
    assert as_above(text) == meant
