"""What a page of an early warning may say, and what its mistakes are answered with."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.book_once import book_once
from zhiheng.grammar.chapters.early_warning import WARNINGS, Detector, WarningLevel
from zhiheng.grammar.loader import load
from zhiheng.grammar.yaml import BookRefused

HEAD = """
label: {zh: 试验预警, en: A warning}
systems: [C1]
quality: product
law: [{text: 本区规定, checked: never, lead: 试验}]
"""
ANSWERING = "warnings.yaml"


def _refused(root: Path, body: str) -> str:
    (root / "warnings" / "trial.yaml").write_text(HEAD + body, "utf-8")
    with pytest.raises(BookRefused) as refused:
        load(root)[WARNINGS]
    return "\n".join(f"{error.file}: {error.zh}" for error in refused.value.errors)


@pytest.fixture
def scratch(book_root: Path, tmp_path: Path) -> Path:
    """A copy of the default book."""
    return Path(shutil.copytree(book_root, tmp_path / "book", ignore=shutil.ignore_patterns("__pycache__")))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("cluster: {record: food_samples, within: 3, levels: {blue: 2}}", "没有名为“food_samples”的记录类型"),
        ("cluster: {record: food_sampling, within: 3, where: {colour: red}, levels: {blue: 2}}", "没有列“colour”"),
        ("cluster: {record: food_sampling, within: 3, per: [owner], levels: {blue: 2}}", "没有列或角色“owner”"),
        ("cluster: {record: food_sampling, within: 3, levels: {blue: 5, yellow: 3}}", "级别越高数值应越大"),
        ("cluster: {record: food_sampling, within: 3, levels: {blue: 1.5}}", "正整数"),
        ("expiry: {record: production_licence, levels: {blue: 7, yellow: 30}}", "天数应越少"),
        ("expiry: {record: food_sampling, role: producer, levels: {blue: 7}}", "没有写明到哪天为止"),
        ("expiry: {record: production_licence, role: seller, levels: {blue: 7}}", "没有角色“seller”"),
        (
            "trend: {record: food_sampling, detectors: [{method: ears_c2}], levels: {blue: 0.5}}",
            "得分 1 是统计上限",
        ),
        (
            "trend: {record: food_sampling, detectors: [{method: farrington, years: 0}], levels: {blue: 1}}",
            "至少要看前一年",
        ),
        ("scan: {record: complaint, of: street, levels: {blue: 2}}", "没有名为“street”的区划层级"),
        ("scan: {record: complaint, of: sub_district, levels: {blue: 3, yellow: 2}}", "级别越高数值应越大"),
        ("", "写且只写一种"),
        (
            "silence: {levels: {blue: 1}}\ncluster: {record: food_sampling, within: 3, levels: {blue: 2}}",
            "现在写了 2 种",
        ),
    ],
)
def test_写错的_说出错在哪里(scratch: Path, body: str, said: str) -> None:
    answer = _refused(scratch, body)
    assert said in answer
    assert "warnings/trial.yaml" in answer


@pytest.mark.slow
def test_没有写明由哪个工作流办理的_说出来(scratch: Path) -> None:
    (scratch / ANSWERING).unlink()
    with pytest.raises(BookRefused) as refused:
        load(scratch)[WARNINGS]
    assert "warnings.yaml" in str(refused.value)


@pytest.mark.slow
def test_工作流没有的状态不能当作结论(scratch: Path) -> None:
    page = scratch / ANSWERING
    page.write_text(page.read_text("utf-8").replace("[dismissed]", "[dissolved]"), "utf-8")
    with pytest.raises(BookRefused) as refused:
        load(scratch)[WARNINGS]
    assert "dissolved" in str(refused.value)


@pytest.mark.slow
def test_六种预警规则书里都有(book_root: Path) -> None:
    warnings = book_once(book_root)[WARNINGS]
    assert warnings is not None
    assert {page.kind for page in warnings.kinds.values()} == {
        "trend",
        "cluster",
        "scan",
        "expiry",
        "silence",
        "never_fails",
    }


@pytest.mark.parametrize(
    ("detector", "history"),
    [
        (Detector(method="farrington_flexible"), 5 * 52 + 3),
        (Detector(method="farrington_flexible", years=2), 2 * 52 + 3),
        (Detector(method="ears_c1"), 7),
        (Detector(method="ears_c2"), 9),
        (Detector(method="bayes"), 6),
    ],
)
def test_一种方法要多长的历史(detector: Detector, history: int) -> None:
    assert detector.history(52) == history


def test_四种颜色依次加重() -> None:
    assert [level.value for level in sorted(WarningLevel, key=lambda one: one.rank)] == [
        "blue",
        "yellow",
        "orange",
        "red",
    ]
