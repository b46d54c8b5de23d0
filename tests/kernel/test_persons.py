"""是不是自然人：像个人的一律按个人，分不清的请人判断，单位不受影响。所有姓名均为虚构。"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhiheng.kernel.persons import SURNAMES, is_personal


@pytest.mark.parametrize(
    "name",
    [
        "张三",
        "李四光",
        "欧阳修远",
        "阿卜杜拉·买买提",
        "买买提·艾力·吐尔逊",
        "王某",
        "王某某",
        "张××",
        "李**",
        "赵先生",
        "钱女士",
        "田中太郎",
        "铃木花子",
        "Mrs Jane Patel",
        "Mr. J. Smith",
        "Patel, Jane",
        "DR MARIA GARCÍA",
        "Miss O'Neil",
        "张三（摊主）",
        "张 三",
    ],
)
def test_是个人(name: str) -> None:
    assert is_personal(name) == "person"


@pytest.mark.parametrize(
    "name",
    [
        "JANE PATEL",
        "Jane Patel",
        "Jane M. Patel",
        "Иван Петров",
        "محمد علي",
        "张三（个体工商户）",
        "个体户王五",
        "经营者：赵六",
        "王家三郎",
        "José García López",
    ],
)
def test_可能是个人的要人来判断(name: str) -> None:
    assert is_personal(name) == "perhaps"


@pytest.mark.parametrize(
    "name",
    [
        "云澜市青禾食品有限公司",
        "张三水果店",
        "李记面馆",
        "惠民超市",
        "国药控股",
        "Qinghe Food Co., Ltd.",
        "BRIGHT MEADOW TRADING LLC",
        "Jane's Bakery",
        "7-Eleven",
        "3M",
        "Nestle",
        "",
        "云澜市砺原区市场监督管理局",
        "青禾合作社",
        "Smith & Sons",
        "Patel Foods",
    ],
)
def test_是单位(name: str) -> None:
    assert is_personal(name) == "no"


HAN = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF)


@given(st.sampled_from(sorted(SURNAMES)), st.text(HAN, min_size=1, max_size=2))
def test_姓加一两个字的_不会当成单位_除非结尾是字号(surname: str, given_name: str) -> None:
    name = surname + given_name
    # 个人 is a word of its own, and nobody's given name.
    if "个人" not in name and not any(each in "厂店铺馆坊吧社堂阁轩庄园院所站局部行场城摊" for each in name):
        assert is_personal(name) == "person"


@given(
    st.lists(
        st.text(st.characters(min_codepoint=97, max_codepoint=122), min_size=3, max_size=9), min_size=2, max_size=2
    )
)
def test_称呼后面的一定是个人或存疑(words: list[str]) -> None:
    assert is_personal(f"Mr {words[0].title()} {words[1].upper()}") in ("person", "perhaps")
    assert is_personal(f"{words[0].title()}, {words[1].title()}") in ("person", "no", "perhaps")


@given(st.text(max_size=60))
def test_什么文字都有答案(text: str) -> None:
    assert is_personal(text) in ("person", "perhaps", "no")
