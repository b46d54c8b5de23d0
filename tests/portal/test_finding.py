"""What somebody types into the search of the portal: full-width codes are codes, and one character is no search."""

from __future__ import annotations

import pytest
from django.test import Client

from zhiheng.published import reading
from zhiheng.published.ids import read_shop_code
from zhiheng.published.tokens import half_width

pytestmark = pytest.mark.slow


def test_全角代码与半角代码是同一个() -> None:
    assert half_width("９１９９０１０１ＤＭ９３Ｊ４ＣＹ３Ｕ") == "91990101DM93J4CY3U"
    assert read_shop_code("ＡＢＣ") == read_shop_code("abc")


@pytest.mark.parametrize(
    ("text", "short"), [("面", True), ("面 粉", True), ("面粉", False), ("", False), ("面 粉厂", False)]
)
def test_单字不查_两字以上才查(text: str, short: bool) -> None:
    assert reading.too_short(text) is short


@pytest.mark.django_db
def test_首页有工作人员和企业登录的入口(client: Client) -> None:
    text = client.get("/lists/").content.decode()
    assert 'href="/desk/"' in text
    assert 'href="/firm/"' in text
