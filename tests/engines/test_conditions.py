"""A condition of the book says the same of one value and of a column of the lake."""

from __future__ import annotations

import datetime as dt
from typing import Any

import ibis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from zhiheng.engines.conditions import all_met, is_met
from zhiheng.engines.indicator import meets
from zhiheng.grammar.types import Condition


@pytest.mark.parametrize(
    ("condition", "value", "met"),
    [
        ("a", "a", True),
        ("a", "b", False),
        ("a", None, False),
        ("a", ["b", "a"], True),
        ({"equals": True}, True, True),
        (True, "true", True),
        (["a", "b"], "b", True),
        ({"any_of": ["a", "b"]}, "c", False),
        ({"any_of": ["a", "b"]}, ["c", "b"], True),
        ({"none_of": ["a"]}, None, True),
        ({"none_of": ["a"]}, "a", False),
        ({"none_of": ["a"]}, ["b", "a"], False),
        ({"none_of": ["a"]}, [], True),
        ({"exists": False}, None, True),
        ({"exists": True}, None, False),
        ({"exists": True}, "x", True),
        ({"starts": "C35"}, "C3512", True),
        ({"starts": "35"}, {"code": "3512"}, True),
        ({"at_least": 3}, 3, True),
        ({"at_least": 3}, None, False),
        ({"more_than": 3}, 3, False),
        ({"more_than": 10}, 9, False),
        ({"at_most": 3}, "3.01", False),
        ({"less_than": 10}, "9.5", True),
        ({"at_most": "2026-01-01"}, "2025-12-31", True),
        ({"at_least": "serious"}, "critical", True),
        ({"at_least": "serious"}, "general", False),
    ],
)
def test_一个值符不符合条件(condition: object, value: object, met: bool) -> None:
    assert is_met(value, Condition.model_validate(condition)) is met


def test_几个条件要都符合_没有的字段只符合不得和没有() -> None:
    wanted = {"a": Condition.model_validate("x"), "b": Condition.model_validate({"none_of": ["y"]})}
    assert all_met({"a": "x"}, wanted)
    assert not all_met({"a": "x", "b": "y"}, wanted)
    assert not all_met({}, wanted)


WORDS = st.sampled_from(["a", "b", "ab", "A", "C351", "35"])
NUMBERS = st.integers(-3, 3)
DAYS = st.dates(dt.date(2026, 1, 1), dt.date(2026, 1, 5))
BOUNDS = ("at_least", "at_most", "more_than", "less_than")


def conditions(values: st.SearchStrategy[Any], *, ordered: bool, texts: bool) -> st.SearchStrategy[Condition]:
    """Conditions with one to three keys, on values of one kind."""
    keys: dict[str, st.SearchStrategy[Any]] = {
        "equals": values,
        "any_of": st.lists(values, min_size=1, max_size=3).map(tuple),
        "exists": st.booleans(),
        "none_of": st.lists(values, min_size=1, max_size=3).map(tuple),
    }
    if ordered:
        keys |= dict.fromkeys(BOUNDS, values)
    if texts:
        keys["starts"] = values
    picked = st.lists(st.sampled_from(sorted(keys)), min_size=1, max_size=3, unique=True)
    return picked.flatmap(lambda names: st.fixed_dictionaries({name: keys[name] for name in names})).map(
        Condition.model_validate
    )


KINDS = {
    "text": ("string", WORDS, conditions(WORDS, ordered=False, texts=True)),
    "number": ("int64", NUMBERS, conditions(NUMBERS, ordered=True, texts=False)),
    "day": ("date", DAYS, conditions(DAYS, ordered=True, texts=False)),
    "yes_no": ("boolean", st.booleans(), conditions(st.booleans(), ordered=False, texts=False)),
    "several": ("array<string>", st.lists(WORDS, max_size=3), conditions(WORDS, ordered=False, texts=False)),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=examples(60), deadline=None)
@given(data=st.data())
def test_对一列数据和对一个值_同一个条件说的一样(kind: str, data: st.DataObject) -> None:
    column_type, values, wanted = KINDS[kind]
    rows = data.draw(st.lists(st.none() | values, min_size=1, max_size=6))
    condition = data.draw(wanted)
    table = ibis.memtable({"n": list(range(len(rows))), "x": rows}, schema={"n": "int64", "x": column_type})
    asked = ibis.duckdb.connect().to_pyarrow(table.mutate(met=meets(table.x, "x", condition)).order_by("n")["met"])
    # SQL says unknown where it is asked about nothing; a list keeps what is true.
    assert [bool(met.as_py()) for met in asked] == [is_met(value, condition) for value in rows]
