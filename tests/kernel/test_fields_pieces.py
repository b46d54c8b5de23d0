"""Several items with bars in one cell: each with its own result and limit, or a doubt. Everything is fictional."""

from __future__ import annotations

import pytest

from zhiheng.kernel.fields.text import LongText, Text, paired

FAILED = LongText(
    pieces=(
        {"zh": "不合格项目", "en": "item"},
        {"zh": "检验结果", "en": "result"},
        {"zh": "标准值", "en": "limit"},
    )
)
TWO = "铅║0.8mg/kg║≤0.5mg/kg\n镉║0.2mg/kg║≤0.1mg/kg"


@pytest.mark.parametrize(
    "text",
    [
        "铅║0.8mg/kg║≤0.5mg/kg；镉║0.2mg/kg║≤0.1mg/kg",
        "铅║0.8mg/kg║≤0.5mg/kg\n镉║0.2mg/kg║≤0.1mg/kg",
        "铅║0.8mg/kg║≤0.5mg/kg;\n镉║0.2mg/kg║≤0.1mg/kg；",
        "铅║0.8mg/kg║≤0.5mg/kg║镉║0.2mg/kg║≤0.1mg/kg",
        "铅；镉║0.8mg/kg；0.2mg/kg║≤0.5mg/kg；≤0.1mg/kg",
        "铅\n镉║0.8mg/kg\n0.2mg/kg║≤0.5mg/kg\n≤0.1mg/kg",
        "铅||0.8mg/kg||≤0.5mg/kg;镉||0.2mg/kg||≤0.1mg/kg",
        "铅‖0.8mg/kg‖≤0.5mg/kg；镉｜0.2mg/kg｜≤0.1mg/kg",
    ],
)
def test_几个项目各配各的结果和标准值(text: str) -> None:
    assert FAILED.clean(text) == TWO
    assert FAILED.doubts(text, {}, FAILED.clean(text)) == ()
    assert FAILED.show(TWO) == "铅：0.8mg/kg，标准值 ≤0.5mg/kg；镉：0.2mg/kg，标准值 ≤0.1mg/kg"
    assert FAILED.show(TWO, lang="en") == "铅: 0.8mg/kg, limit ≤0.5mg/kg; 镉: 0.2mg/kg, limit ≤0.1mg/kg"


@pytest.mark.parametrize(
    "text",
    [
        "铅；镉║0.8mg/kg║≤0.5mg/kg；≤0.1mg/kg",
        "铅；镉║0.8；0.2；0.3║≤0.5；≤0.1",
        "铅║0.8mg/kg；镉║0.2mg/kg║≤0.1mg/kg",
        "铅║0.8mg/kg",
        "铅║0.8║≤0.5║镉║0.2",
        "║0.8║≤0.5；镉║0.2║≤0.1",
    ],
)
def test_个数对不上的原文照存_存疑(text: str) -> None:
    value = FAILED.clean(text)
    assert value == text
    assert FAILED.doubts(text, {}, value) == ("pieces_unpaired",)
    assert FAILED.show(value) == text


def test_一个项目的几个结果仍是一个项目() -> None:
    text = "菌落总数║4.3×10⁴；3.1×10⁴；2.9×10⁴；5.0×10⁴；1.2×10⁴CFU/g║n=5，c=2，m=10⁴，M=10⁵CFU/g"
    assert FAILED.clean(text) == text
    assert FAILED.doubts(text, {}, text) == ()
    assert paired(text, 3) == [tuple(text.split("║"))]


@pytest.mark.parametrize("text", ["标识", "铅（标准值≤0.5mg/kg/实测值0.8mg/kg）", "外观；标识\n包装", "绝缘电阻、接地"])
def test_没有分隔条的照原文(text: str) -> None:
    assert FAILED.clean(text) == text
    assert FAILED.doubts(text, {}, text) == ()
    assert FAILED.show(text) == text


def test_一行只说一个的栏写了几个_存疑() -> None:
    item = Text(single=True)
    for text in ("铅；镉", "铅;镉", "铅\n镉", "铅║0.8║≤0.5"):
        assert item.doubts(text, {}, item.clean(text)) == ("several_values",)
    for text in ("铅", "铝的残留量(干样品；以Al计)", "苯甲酸及其钠盐（以苯甲酸计）", "菌落总数、大肠菌群", "铅；"):
        assert item.doubts(text, {}, item.clean(text)) == ()


def test_不会存疑的文字仍走快的路() -> None:
    assert Text().plain is not None
    assert LongText().plain is not None
    assert Text(single=True).plain is None
    assert FAILED.plain is None


def test_规则书写错的分段要说() -> None:
    with pytest.raises(ValueError, match="pieces"):
        LongText(pieces=({"zh": "项目", "en": "item"},))
    with pytest.raises(ValueError, match="pieces"):
        LongText(pieces=({"zh": "项目"}, {"zh": "结果"}))
