"""Citations of articles and the words they stand for. The laws here are invented."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhiheng.kernel.articles import PATTERN, ArticlePlace, articles, in_words, places, read_number

TEXT = """
虚构抽查办法

目　录
第一章　总则

第一章　总　则

　　第一条 为了试验，制定本办法。

第二条　抽查分为下列两种：
（一）不定向抽查；
（二）定向抽查：
1.按行业；
2.按地区。
前款所称抽查，依照
第九条规定进行。

第二章　附　则
本章说明不属于任何一条。
**第三条** 抽查期限为十五日。
第三条之一　期限可以延长。
第四条本办法自2026年1月1日起施行。

附件：另一办法
第一条　另一办法的第一条。
"""


@given(st.integers(1, 9999))
def test_条文序号的汉字与数字互通(number: int) -> None:
    assert read_number(in_words(number)) == number == read_number(str(number))


@given(st.integers(1, 1300), st.integers(0, 3), st.integers(0, 9), st.integers(0, 20))
def test_写出的条款项读回来不变(article: int, inserted: int, paragraph: int, item: int) -> None:
    place = ArticlePlace(article, inserted, paragraph, item)
    assert places(str(place)) == (place,)
    assert re.match(PATTERN, str(place))


@pytest.mark.parametrize(
    ("citation", "named"),
    [
        ("第三十六条", ["第三十六条"]),
        ("第36条第1款", ["第三十六条第一款"]),
        ("第二十一条第一款第五项", ["第二十一条第一款第五项"]),
        ("第十三条至第十五条", ["第十三条", "第十四条", "第十五条"]),
        ("第十二条第一款、第三款", ["第十二条第一款", "第十二条第三款"]),
        ("第五条第一项至第三项", ["第五条第一项", "第五条第二项", "第五条第三项"]),
        ("第十二条之一第二款", ["第十二条之一第二款"]),
        ("第一千一百一十九条、第二百零八条", ["第一千一百一十九条", "第二百零八条"]),
    ],
)
def test_引用的各条各款各项(citation: str, named: list[str]) -> None:
    assert [str(place) for place in places(citation)] == named
    assert re.match(PATTERN, citation)


@given(
    st.lists(
        st.tuples(st.integers(1, 1300), st.integers(0, 9), st.integers(0, 20)), min_size=1, max_size=6, unique=True
    )
)
def test_几处引用连写读回来不变(several: list[tuple[int, int, int]]) -> None:
    named = tuple(ArticlePlace(article, 0, paragraph, item) for article, paragraph, item in several)
    citation = "、".join(map(str, named))
    assert places(citation) == named
    assert re.match(PATTERN, citation)


@pytest.mark.parametrize(
    "citation",
    [
        "三十六条",
        "第条",
        "第三款",
        "第五条、",
        "第五条至",
        "第五条至第三条",
        "第五条和",
        "第零条",
        "第1条至第99999999条",
    ],
)
def test_读不懂的引用说明为何(citation: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        places(citation)


@pytest.mark.parametrize(
    ("citation", "words"),
    [
        ("第一条", "为了试验，制定本办法。"),
        ("第二条第一款第一项", "（一）不定向抽查；"),
        ("第二条第二项", "（二）定向抽查：\n1.按行业；\n2.按地区。"),
        ("第二条第二款", "前款所称抽查，依照"),
        ("第三条", "抽查期限为十五日。"),
        ("第三条之一", "期限可以延长。"),
        ("第四条", "本办法自2026年1月1日起施行。\n附件：另一办法"),
    ],
)
def test_条文原文按条款项取出(citation: str, words: str) -> None:
    (place,) = places(citation)
    assert articles(TEXT)[place.article, place.inserted].words(place) == words


@pytest.mark.parametrize("citation", ["第五条", "第一条第二款", "第二条第三项", "第一条第一项"])
def test_没有的条款项不给别的文字(citation: str) -> None:
    (place,) = places(citation)
    article = articles(TEXT).get((place.article, place.inserted))
    assert article is None or article.words(place) is None


def test_以第几条开头的句子不是新的一条() -> None:
    assert "第九条规定进行。" in str(articles(TEXT)[2, 0].words(ArticlePlace(2)))
    assert sorted(articles(TEXT)) == [(1, 0), (2, 0), (3, 0), (3, 1), (4, 0)]


@given(st.text(max_size=400))
def test_任何文字都能分条而不出错(text: str) -> None:
    assert all(article.words(ArticlePlace(number)) is not None for (number, _), article in articles(text).items())
