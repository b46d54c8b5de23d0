"""条件写了不会有的值、不合列的类型的，规则书不收：这样的条件永远不成立，什么也数不到。"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from tests.book_once import book_once
from zhiheng.grammar.chapters.cards import CARDS
from zhiheng.grammar.chapters.early_warning import EarlyWarning
from zhiheng.grammar.chapters.filter_checks import filter_errors
from zhiheng.grammar.chapters.ratings import RATINGS, RatingEdition, edition_errors
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.grammar.types import Condition
from zhiheng.grammar.yaml import read_text

SMALL = Path(__file__).resolve().parents[1] / "books" / "small"
_WARNING = {
    "label": {"zh": "试验预警", "en": "A warning"},
    "systems": ["C1"],
    "quality": "product",
    "law": [{"text": "本区规定", "checked": "never", "lead": "试验"}],
}


def said(record: str, name: str, condition: Any, **how: bool) -> list[str]:
    """What the check says of one condition on a record of the small book."""
    entry = book_once(SMALL)[RECORDS][record]
    document = read_text(f"where: {{{name}: 1}}", file="trial.yaml")
    found = filter_errors({name: Condition.model_validate(condition)}, entry, document, ("where",), **how)
    return [f"{error.line}: {error.zh}" for error in found]


@pytest.mark.parametrize(
    ("record", "name", "condition"),
    [
        ("sampling_check", "outcome", "fail"),
        ("sampling_check", "severity", {"at_least": "serious"}),
        ("sampling_check", "verdict", ["unqualified", "not_judged"]),
        ("sampling_check", "product", {"starts": "试验"}),
        ("sampling_check", "produced_on", {"at_least": "2026-01-31"}),
        ("lift_register", "valid_until", {"exists": False}),
        ("weighing", "net", {"more_than": 3}),
        ("weighing", "net", {"more_than": "3.5"}),
    ],
)
def test_写得对的都收(record: str, name: str, condition: Any) -> None:
    assert said(record, name, condition) == []


@pytest.mark.parametrize(
    ("record", "name", "condition", "answer"),
    [
        ("sampling_check", "colour", "red", "没有列“colour”"),
        ("sampling_check", "outcome", "failed", "“outcome”不会是“failed”"),
        ("sampling_check", "severity", {"at_least": "grave"}, "“severity”不会是“grave”"),
        ("sampling_check", "verdict", "不合格", "可用：qualified、unqualified、not_judged"),
        ("sampling_check", "verdict", {"none_of": ["unqualifed"]}, "不会是“unqualifed”"),
        ("sampling_check", "verdict", {"at_least": "qualified"}, "没有大小先后"),
        ("sampling_check", "produced_on", {"at_least": "2026-02-30"}, "是日期"),
        ("lift_register", "valid_until", "soon", "是日期"),
        ("lift_register", "valid_until", {"starts": "2026"}, "没有“以……开头”"),
        ("weighing", "net", {"at_least": "three"}, "是数"),
        ("weighing", "net", {"at_least": "NaN"}, "是数"),
    ],
)
def test_写错的_说出哪一行错在哪里(record: str, name: str, condition: Any, answer: str) -> None:
    (found,) = said(record, name, condition)
    assert answer in found
    assert found.startswith("1: ")


def test_结果会让更多人看到的_条件里不能用保密字段() -> None:
    assert said("discharge_fine", "contact_phone", {"exists": True}) == []
    assert "保密" in said("discharge_fine", "contact_phone", {"exists": True}, open_only=True)[0]


@pytest.mark.parametrize("nothing", [None, [], {}, {"equals": None}, {"any_of": []}, {"none_of": []}])
def test_什么也没说的条件不收(nothing: Any) -> None:
    with pytest.raises(ValidationError):
        Condition.model_validate(nothing)


@pytest.mark.parametrize(
    ("block", "answer"),
    [
        ({"cluster": {"record": "sampling_check", "within": 3, "levels": {"red": float("nan")}}}, "finite"),
        (
            {"scan": {"record": "sampling_check", "of": "sub_district", "levels": {"blue": 0}}},
            "everything would be a signal",
        ),
        (
            {
                "trend": {
                    "record": "sampling_check",
                    "detectors": [{"method": "farrington_flexible", "periods": 10, "window": 22}],
                    "levels": {"blue": 1},
                }
            },
            "at most 8 groups",
        ),
        (
            {
                "trend": {
                    "record": "sampling_check",
                    "detectors": [{"method": "rki", "window": 0}],
                    "levels": {"blue": 1},
                }
            },
            "nothing to compare with",
        ),
        (
            {"scan": {"record": "sampling_check", "of": "sub_district", "replicates": 99, "levels": {"red": 3}}},
            "3 is never reached",
        ),
        (
            {
                "never_fails": {
                    "record": "sampling_check",
                    "role": "producer",
                    "fails": {"outcome": "fail"},
                    "levels": {"blue": -1},
                }
            },
            "everything would be a signal",
        ),
    ],
)
def test_预警级别永远达不到或者样样达到的不收(block: dict[str, Any], answer: str) -> None:
    with pytest.raises(ValidationError) as refused:
        EarlyWarning.model_validate(_WARNING | block)
    assert answer in str(refused.value)


_EARS = [{"method": "ears_c1"}]


@pytest.mark.parametrize(
    ("block", "answer"),
    [
        ({"trend": {"record": "a", "detectors": _EARS, "levels": {"blue": 1}, "per": ["area", "area"]}}, "twice"),
        (
            {"trend": {"record": "a", "detectors": [{"method": "rki", "alpha": 0.01}], "levels": {"blue": 1}}},
            "rki does not use it",
        ),
        (
            {"trend": {"record": "a", "detectors": [{"method": "ears_c2", "years": 5}], "levels": {"blue": 1}}},
            "it has alpha, baseline",
        ),
        ({"expiry": {"record": "a", "levels": {"blue": 30, "red": -50}, "forget_after": 10}}, "never reached"),
        ({"silence": {"levels": {"blue": -5}}}, "not due yet"),
    ],
)
def test_预警里写了不起作用的_永远到不了的_写了两次的不收(block: dict[str, Any], answer: str) -> None:
    with pytest.raises(ValidationError) as refused:
        EarlyWarning.model_validate(_WARNING | block)
    assert answer in str(refused.value)


@pytest.mark.parametrize(
    ("who", "answer"),
    [
        ({"status": ("in_operation", "在营")}, "“status”不会是“在营”"),
        ({"kind": ("太空采矿",)}, "“kind”不会是“太空采矿”"),
        ({"established_on": ("很久以前",)}, "“established_on”是日期"),
        ({"status": ("in_operation",), "industry": ("C",)}, ""),
    ],
)
def test_评价对象写了名片上不会有的_指得出来(book_root: Path, who: dict[str, tuple[str, ...]], answer: str) -> None:
    book = book_once(book_root)
    edition = book[RATINGS]["credit_supervision"].editions[0].model_copy(update={"who": who})
    document = read_text("editions: [{who: {status: [], kind: [], established_on: []}}]", file="trial.yaml")
    card = book[CARDS]["enterprise"]
    found = [each.zh for each in edition_errors(edition, document, ("editions", 0), book[RECORDS], [], card)]
    assert (answer in found[0]) if answer else not found
    less = card.model_copy(update={"fields": {"name": card.fields["name"]}})
    without = [each.zh for each in edition_errors(edition, document, ("editions", 0), book[RECORDS], [], less)]
    assert "名片里没有" in without[0]


def test_评价对象写了没有的区划的_指得出来_一个也不写的不收(book_root: Path) -> None:
    book = book_once(book_root)
    edition, card = book[RATINGS]["credit_supervision"].editions[0], book[CARDS]["enterprise"]
    document = read_text("editions: [{who: {area: ['999999']}}]", file="trial.yaml")
    gone = edition.model_copy(update={"who": {"area": ("999999",)}})
    found = list(edition_errors(gone, document, ("editions", 0), book[RECORDS], ["990901"], card))
    assert "没有代码为“999999”的区划" in found[0].zh
    begun = edition.model_copy(update={"who": {"area": ("9909",)}})
    assert list(edition_errors(begun, document, ("editions", 0), book[RECORDS], ["990901"], card)), "no code is cut"
    inside = edition.model_copy(update={"who": {"area": ("990901",)}})
    assert not list(edition_errors(inside, document, ("editions", 0), book[RECORDS], ["990901"], card))
    with pytest.raises(ValidationError):
        RatingEdition.model_validate(edition.model_dump(by_alias=True) | {"who": {"area": []}})
