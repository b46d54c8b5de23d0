"""A mobile telephone is recognised however it is written; a longer number, a code and an amount are none."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from zhiheng.engines.plain_words import HIDDEN, identifies_nobody, identifying, plain_cell, plain_words, scrub
from zhiheng.kernel.masking import MOBILE

WIDE = str.maketrans("0123456789", "０１２３４５６７８９")
numbers = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
gaps = st.sampled_from(["", " ", "-", "－", "—", "\u3000", "."])
before = st.sampled_from(["", "联系人张三丰", "电话：", "tel", "（", "某路12号 ", "微信", "+86 ", "0086-", "86"])
after = st.sampled_from(["", "转分机", "）", "，下午打", " QQ同号", "a"])


@settings(max_examples=examples(200))
@given(numbers, gaps, before, after, st.booleans())
def test_手机号怎样写都认得出_一位也不留(number: str, gap: str, left: str, right: str, wide: bool) -> None:
    written = gap.join((number[:3], number[3:7], number[7:]))
    text = left + (written.translate(WIDE) if wide else written) + right
    if not text.strip(written):
        text = f"找{text}"
    hidden = scrub(text, (), free=False)
    assert HIDDEN.zh in hidden, text
    assert number[3:7] not in hidden.translate({wide: narrow for narrow, wide in WIDE.items()}), hidden


@pytest.mark.parametrize(
    "text",
    [
        "1381234567890",
        "13320684123A567890",
        "19010119900307803X1",
        "1399999.0000",
        "货值13912345.678元",
        "12812345678",
        "2026-03-15 13:00",
        "T990119900100007",
        "SC10199010100012",
    ],
)
def test_更长的编号_信用代码_金额不是手机号(text: str) -> None:
    assert MOBILE.search(text) is None
    assert plain_words(text) == text


def test_短文本里只有十一位数字的是编号_长文本和地址里的是电话() -> None:
    assert plain_words("13052026001", "text") == "13052026001"
    assert plain_words("13052026001", "long_text") == HIDDEN.zh
    assert plain_words("13052026001", "party") == HIDDEN.zh
    assert plain_words("批号13052026001", "text") == f"批号{HIDDEN.zh}"


def test_规则书写明是电话而不涉密的_照样显示() -> None:
    assert plain_words("13912345678", "phone") == "13912345678"
    assert plain_cell("13912345678", {"phone"}) == "13912345678"
    assert plain_cell("13912345678", {"phone", "long_text"}) == "13912345678"
    assert plain_cell("13912345678", ()) == HIDDEN.zh


@settings(max_examples=examples(300))
@given(st.text(st.sampled_from("1389０+- @.aX张"), max_size=14))
def test_短得指认不了谁的_逐一对照也没有电话证号邮箱(text: str) -> None:
    if identifies_nobody(text):
        assert identifying(text) == ()
        assert scrub(text, ()) == text
