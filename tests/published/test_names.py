"""Public ids, shop codes, tokens and kept values: random, readable, without losing anything."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhiheng.published.entry_text import packed, row
from zhiheng.published.ids import ALPHABET, public_id, read_shop_code, shop_code
from zhiheng.published.tokens import pairs, plain

pytestmark = pytest.mark.slow


def test_公示编号各不相同且只用不会看错的字符() -> None:
    made = {public_id() for _ in range(2000)}
    assert len(made) == 2000
    assert all(len(each) == 20 and set(each) <= set(ALPHABET) for each in made)
    assert set("".join(made)) == set(ALPHABET)


@given(st.integers(0, 9), st.sampled_from(ALPHABET))
def test_店铺码错一位就读不出来(place: int, other: str) -> None:
    code = shop_code()
    wrong = code[:place] + other + code[place + 1 :]
    assert (read_shop_code(wrong) is None) == (wrong != code)


@given(st.integers(0, 7))
def test_店铺码相邻两位颠倒就读不出来(place: int) -> None:
    code = shop_code()
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert (read_shop_code(swapped) is None) == (swapped != code)


def test_店铺码不分大小写和空格() -> None:
    code = shop_code()
    assert read_shop_code(f" {code[:5].upper()} {code[5:]}-") == code


def test_不像店铺码的读不出来() -> None:
    assert [read_shop_code(text) for text in ("", "abc", "0" * 10, "公示" * 5, "a" * 500)] == [None] * 5


@given(st.text(max_size=30))
def test_名称里任意相邻两字都是检索词(text: str) -> None:
    said = plain(text)
    assert set(pairs(text)) == ({said[i : i + 2] for i in range(len(said) - 1)} or ({said} if said else set()))


def test_括号宽窄和空格不影响检索() -> None:
    assert plain("试验（云澜）有限公司 Ａ") == plain("试验(云澜)有限公司a")


@given(st.lists(st.none() | st.tuples(st.text(max_size=9), st.text(max_size=9), st.booleans()), max_size=6))
def test_保存的内容原样读出(values: list[tuple[str, str, bool] | None]) -> None:
    kept = packed(values)
    assert row(kept, "zh") == ["" if v is None else v[0] for v in values]
    assert row(kept, "en") == ["" if v is None else v[1] for v in values]
