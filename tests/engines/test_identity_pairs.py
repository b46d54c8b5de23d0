"""Labelled pairs: fictional equivalents in the project, and the real ones where ``../shared`` is there."""

from __future__ import annotations

import csv

import pytest

from bench.identity import (
    ADVERSARIAL,
    CERTAIN_PRECISION,
    PAIRS,
    REAL_LABELS,
    RECALL,
    SAMPLING,
    Pair,
    found_by_resolve,
    measure,
    mention_of,
    real_names,
    real_pairs,
    shipped_pairs,
    wilson,
)
from zhiheng.engines.identity import MemoryRegistry, Mention, compare, resolve


def through_registry(pairs: list[Pair]) -> list[str]:
    """Verdicts where the left one is known and the right one arrives."""
    verdicts = []
    for pair in pairs:
        registry = MemoryRegistry()
        registry.add(1, 7, pair.left)
        (answer,) = resolve([pair.right], registry)
        verdicts.append("certain" if answer.kind == "certain" else "likely" if answer.likely else "different")
    return verdicts


def test_标注对的数量与虚构声明() -> None:
    assert PAIRS.read_text(encoding="utf-8").splitlines()[0].startswith("# 全部名称、地址、代码均为虚构")
    pairs = shipped_pairs()
    assert len(pairs) >= 900
    assert sum(p.same for p in pairs) >= 200
    assert {p.pattern for p in pairs} >= {
        "branch_and_parent",
        "spacing_or_bracket",
        "same_hard",
        "one_character",
        "former_name",
    }


def test_确定的归并一个也不错() -> None:
    pairs = shipped_pairs()
    wrong = [p for p in pairs if not p.same and compare(p.left, p.right).kind == "certain"]
    assert wrong == []


def test_标注对上的精确率与召回率达标_同批与先后两次到达一样() -> None:
    pairs = shipped_pairs()
    for verdicts in (found_by_resolve(pairs), through_registry(pairs)):
        found = measure(pairs, verdicts)
        assert found.certain > 150
        assert found.precision >= CERTAIN_PRECISION
        assert found.recall >= RECALL


# What may be said of a pair, by what was expected of it.
EXPECTED = {
    "certain": {"certain"},
    "likely": {"likely"},
    "certain or likely": {"certain", "likely"},
    "never certain": {"likely", "different"},
    "different": {"different"},
}


@pytest.mark.slow
def test_刁难的对子_逐对得出应有的判断_单独比较与同批一样() -> None:
    with ADVERSARIAL.open(encoding="utf-8", newline="") as lines:
        assert next(lines).startswith("# 全部名称、地址、代码均为虚构")
        rows = list(csv.DictReader(lines))
    assert len(rows) >= 890
    assert len({row["pattern"] for row in rows}) >= 95
    wrong = []
    for row in rows:
        left, right = (mention_of(row, side) for side in ("left", "right"))
        verdicts = {compare(left, right).kind, compare(right, left).kind}
        one, other = resolve([left, right], MemoryRegistry())
        if left != right:
            verdicts.add("certain" if one.ordinal == other.ordinal else "likely" if one.likely else "different")
            # And where one is known when the other comes, whichever that is.
            verdicts |= set(through_registry([Pair(left, right, True), Pair(right, left, True)]))
        if not verdicts <= EXPECTED[row["expected"]]:
            wrong.append((row["pattern"], row["left"], row["right"], row["expected"], verdicts))
    assert wrong == []


def test_量度本身数得对() -> None:
    one, other = Mention("enterprise", "甲"), Mention("enterprise", "乙")
    pairs = [Pair(one, other, True), Pair(one, other, True), Pair(one, other, False), Pair(one, other, False)]
    found = measure(pairs, ["certain", "different", "certain", "likely"])
    assert (found.precision, found.recall, found.shown) == (0.5, 0.5, 3)
    low, high = wilson(81, 263)
    assert low == pytest.approx(0.2553, abs=1e-4)
    assert high == pytest.approx(0.3662, abs=1e-4)


@pytest.mark.shared
@pytest.mark.skipif(
    not SAMPLING.is_dir(), reason="缺少 ../shared/data/cn-food-sampling the reference data is not there"
)
def test_真实名称的标注对上达标() -> None:
    pairs = real_pairs(real_names())
    with REAL_LABELS.open(encoding="utf-8", newline="") as lines:
        assert len(pairs) == sum(1 for _ in csv.DictReader(lines))
    for verdicts in (found_by_resolve(pairs), through_registry(pairs)):
        found = measure(pairs, verdicts)
        assert found.precision >= CERTAIN_PRECISION
        assert found.recall >= RECALL


@pytest.mark.shared
@pytest.mark.skipif(
    not SAMPLING.is_dir(), reason="缺少 ../shared/data/cn-food-sampling the reference data is not there"
)
def test_全部真实名称一批归并时_标为不同的从不归在一起() -> None:
    names = real_names()
    answers = resolve([Mention("enterprise", n) for n in names], MemoryRegistry())
    group = {n: a.ordinal for n, a in zip(names, answers, strict=True)}
    assert len(set(group.values())) < len(names)
    assert [p for p in real_pairs(names) if not p.same and group[p.left.name] == group[p.right.name]] == []
