"""A cell that is far too long is refused at once, whatever its field type: no cell can keep the reader busy."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from zhiheng.kernel.fields.base import LONGEST_CELL, FieldType
from zhiheng.kernel.fields.by_name import BY_NAME
from zhiheng.kernel.fields.party import PartyField
from zhiheng.kernel.fields.text import Text, nearest
from zhiheng.kernel.reasons import Refusal

_ROOT = Path(__file__).resolve().parents[2]
# Texts that take a careless pattern a time that grows with the square of their length.
_HARD = (
    "；；",
    "甲公司；",
    "；\n",
    " ",
    "甲 ",
    "（",
    "（甲）",
    "甲：",
    "1",
    "1,",
    "省",
    "甲省乙市",
    "a",
    "/",
    "、",
    "①",
    "<",
)


@pytest.mark.parametrize("length", [30_000, 300_000])
@pytest.mark.parametrize("kind", BY_NAME.values(), ids=BY_NAME)
def test_太长的格子一看长度就退回_不去读它(kind: type[FieldType], length: int, monkeypatch: pytest.MonkeyPatch) -> None:
    field = kind()
    longest = field.longest

    def read(self: FieldType, text: str, parts: object) -> None:
        assert len(text) <= longest, "a text that is too long is being read"

    monkeypatch.setattr(kind, "_clean", read)
    for unit in _HARD:
        text = ("甲公司" + unit * length)[:length] + "x"
        refusal = field.clean(text)
        if len(text) <= longest:
            assert refusal is None
            continue
        assert isinstance(refusal, Refusal)
        assert refusal.code == "cell.too_long"
        assert f"{len(text)}个字符" in refusal.zh
        assert f"最多{longest}个" in refusal.zh
        assert len(refusal.zh) < 200, "the refusal must not repeat the cell"


@pytest.mark.parametrize("kind", [kind for kind in BY_NAME.values() if kind.parts], ids=lambda kind: kind.name)
def test_附带的列太长也退回(kind: type[FieldType]) -> None:
    for part in kind.parts:
        refusal = kind().clean("1", {part: "甲；" * 20_000})
        assert isinstance(refusal, Refusal)
        assert refusal.code == "cell.too_long"


def test_两头的空格不算长度() -> None:
    assert Text().clean("虚构食品" + " " * 100_000) == "虚构食品"
    read = PartyField().clean("\n" * 100_000 + "虚构食品有限公司；" + " " * 100_000)
    assert read["parties"] == [{"role": "subject", "name": "虚构食品有限公司"}]


def test_规则书可以放宽或收紧一栏_但不超过电子表格一格所能容纳() -> None:
    assert PartyField(longest=5_000).clean("虚构食品有限公司；" * 400)["parties"]
    refusal = Text(longest=4).clean("一二三四五")
    assert isinstance(refusal, Refusal)
    assert refusal.code == "cell.too_long"
    for wrong in (0, LONGEST_CELL + 1):
        with pytest.raises(ValueError, match="longest"):
            Text(longest=wrong)


def test_提示相近的词时_太长的文字不去比() -> None:
    assert nearest("食品加" * 100, ["食品加工"]) == []
    assert nearest("食品加", ["食品加工", "电梯"]) == ["食品加工"]


def test_文档写明每种类型最多几个字() -> None:
    page = (_ROOT / "docs/reference/field-types.md").read_text("utf-8")
    table = page.partition("| type | `longest` unless told |")[2].partition("\n\n")[0]
    told = {
        name: int(number.replace(",", ""))
        for names, number in re.findall(r"^\| (.+?) \| ([\d,]+) \|$", table, re.MULTILINE)
        for name in re.findall(r"`(\w+)`", names) or ["all others"]
    }
    assert {name: kind().longest for name, kind in BY_NAME.items()} == {
        name: told.get(name, told["all others"]) for name in BY_NAME
    }
