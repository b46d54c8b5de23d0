"""Titles of what is published: a word of a value and the same word of the title stand once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.book_once import book_once
from zhiheng.engines.publication import TitleTemplate
from zhiheng.grammar.chapters.publication import PUBLICATION
from zhiheng.grammar.chapters.records import RECORDS

BOOK = Path(__file__).parents[2] / "book"


def filled(title: str, values: dict[str, str]) -> str:
    """One title with its blanks filled."""
    return TitleTemplate(title).filled({name: [value] for name, value in values.items()}, 1)[0]


@pytest.mark.parametrize(
    ("title", "values", "wanted"),
    [
        ("{a}：排污许可（{b}管理）", {"a": "云澜市某厂", "b": "登记管理"}, "云澜市某厂：排污许可（登记管理）"),
        ("{a}：{b}体系认证", {"a": "甲公司", "b": "环境管理体系"}, "甲公司：环境管理体系认证"),
        ("{a}：{b}体系认证", {"a": "甲公司", "b": "危害分析与关键控制点"}, "甲公司：危害分析与关键控制点体系认证"),
        ("{a}（{b}商标）", {"a": "麦垄", "b": "集体商标"}, "麦垄（集体商标）"),
        ("{a}（{b}商标）", {"a": "麦垄", "b": "普通"}, "麦垄（普通商标）"),
        ("许可证{a}", {"a": "许可证A"}, "许可证A"),
        ("{a}{b}", {"a": "饮用水", "b": "用水量"}, "饮用水用水量"),
        ("{a} {b}", {"a": "GB/T 10", "b": "10 号钢"}, "GB/T 10 10 号钢"),
        ("{a}: {b} management system", {"a": "A", "b": "Quality management"}, "A: Quality management system"),
        ("{a}: {b} management", {"a": "A", "b": "Mismanagement"}, "A: Mismanagement management"),
    ],
)
def test_相接处相同的词只写一次(title: str, values: dict[str, str], wanted: str) -> None:
    assert filled(title, values) == wanted


def test_没有一个公示标题在相接处把词写两遍() -> None:
    """Every choice of every field that a title of the book names, beside what the title says around it."""
    book = book_once(BOOK)
    assert book[PUBLICATION] is not None
    for record, rule in book[PUBLICATION].rules.items():
        types = next(iter(book[RECORDS][record].types.values()))
        for name in rule.blanks():
            for choice in getattr(types.get(name), "choices", ()):
                word = types[name].show(choice)
                made = filled(rule.title.zh, {blank: word if blank == name else "甲" for blank in rule.blanks()})
                for length in range(2, len(word) + 1):
                    tail, head = word[-length:], word[:length]
                    assert not any(twice in made for twice in (tail * 2, head * 2)), (record, made)


def test_公示的每一种结论都有本记录自己的说法() -> None:
    """What is published never falls back to 合格 or 不合格 where the record does not say so itself."""
    book = book_once(BOOK)
    assert book[PUBLICATION] is not None
    for record, rule in book[PUBLICATION].rules.items():
        said = book[RECORDS][record].record
        if said.outcome is None:
            continue
        for outcome in said.publication.when:
            values = said.outcome.values_of(outcome)
            known = outcome in said.outcome.words or len(values) <= 1 or said.outcome.field in rule.shows
            assert known, (
                f"{record}: 结论 {outcome} 没有可以公示的说法；请在 outcome.words 中写明，或公开字段 "
                f"{said.outcome.field}"
            )
