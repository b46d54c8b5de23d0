"""两版定义之间改了什么：逐项说出，没改的不说。"""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhiheng.engines.editions import Change, changes


def text(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def compare(before: Any, after: Any) -> list[tuple[str, str, str | None, str | None]]:
    return [(".".join(c.path), c.what, c.before, c.after) for c in changes(text(before), text(after))]


def test_增删改各是一项() -> None:
    assert compare({"a": 1, "b": {"c": "x", "d": True}}, {"b": {"c": "y", "e": [1]}, "f": None}) == [
        ("a", "removed", "1", None),
        ("b.c", "changed", "x", "y"),
        ("b.d", "removed", "true", None),
        ("b.e", "added", None, "[1]"),
        ("f", "added", None, "null"),
    ]


def test_在前面插入一条规则_不算后面的都改了() -> None:
    before = {"rules": [{"code": "one", "says": 1}, {"code": "two", "says": 2}]}
    after = {"rules": [{"code": "new", "says": 0}, {"code": "one", "says": 1}, {"code": "two", "says": 3}]}
    assert compare(before, after) == [
        ("rules.two.says", "changed", "2", "3"),
        ("rules.new", "added", None, '{"code":"new","says":0}'),
    ]


def test_没有名称的列表整个比() -> None:
    assert compare({"choices": ["a", "b"]}, {"choices": ["b", "a"]}) == [
        ("choices", "changed", '["a","b"]', '["b","a"]')
    ]


def test_换了先后_也是改动() -> None:
    before = {"columns": [{"name": "a", "w": 1}, {"name": "b", "w": 2}]}
    after = {"columns": [{"name": "b", "w": 2}, {"name": "a", "w": 3}]}
    assert compare(before, after) == [
        ("columns.a.w", "changed", "1", "3"),
        ("columns", "changed", '["a","b"]', '["b","a"]'),
    ]


@pytest.mark.parametrize(("before", "after"), [(False, 0), ([False], [0]), (1, "1"), (1, True), (None, "null")])
def test_写法不同就是不同(before: Any, after: Any) -> None:
    (found,) = changes(text(before), text(after))
    assert found.before != found.after


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(0, 9) | st.text("ab01", max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(("a", "b", "name")), inner, max_size=3),
    max_leaves=8,
)


@given(JSON, JSON)
def test_相同就没有变化_不同就至少有一项(before: Any, after: Any) -> None:
    assert changes(text(before), text(before)) == ()
    found = changes(text(before), text(after))
    assert bool(found) is (text(before) != text(after))
    assert all(isinstance(change, Change) and change.before != change.after for change in found)
