"""Reading pages of the book: what plain words mean, where mistakes are, and what to write instead."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from pydantic import Field, field_validator
from ruamel.yaml import YAML

from zhiheng.grammar.types import Entry, Identifier, Label
from zhiheng.grammar.yaml import BookError, BookRefused, Wrong, read, read_text, validated


class Line(Entry):
    since: dt.date = Field(alias="from", description="自何日起")
    unit: Literal["wd", "d"]
    checked: dt.date | Literal["never"] = "never"


class Page(Entry):
    topic: Identifier = Field(description="专题")
    label: Label | None = None
    lines: tuple[Line, ...] = ()
    table: dict[str, Line] = Field(default_factory=dict)
    count: int = Field(default=1, ge=1)
    code: str = ""

    @field_validator("code")
    @classmethod
    def _no_blank(cls, code: str) -> str:
        if " " in code:
            raise Wrong("代码里不能有空格；请删去空格。", "A code has no blanks; delete them.")
        return code


def mistakes(text: str) -> tuple[BookError, ...]:
    with pytest.raises(BookRefused) as caught:
        validated(Page, read_text(text, file="law/t.yaml"))
    return caught.value.errors


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("yes", "yes"),
        ("on", "on"),
        ("off", "off"),
        ("No", "No"),
        ("True", "True"),
        ("15", 15),
        ("-3", -3),
        ("0", 0),
        ("0123", "0123"),
        ("007", "007"),
        ("1_000", "1_000"),
        ("0x1F", "0x1F"),
        ("1:30", "1:30"),
        ("0.5", 0.5),
        ("1e3", 1000.0),
        ("00.5", "00.5"),
        (".5", ".5"),
        (".inf", ".inf"),
        ("2026-04-15", dt.date(2026, 4, 15)),
        ("'2026-04-15'", "2026-04-15"),
        ('"15"', "15"),
        ("'true'", "true"),
        ("2026-04-15T09:30", "2026-04-15T09:30"),
        ("第三十六条", "第三十六条"),
        ("-", None),
    ],
)
def test_写法与读出的值(written: str, value: Any) -> None:
    if written == "-":
        assert read_text("a:\n  -\n").data == {"a": [None]}
        return
    found = read_text(f"a: {written}\n").data["a"]
    assert found == value
    assert type(found) is type(value)


def test_键总是文本() -> None:
    data = read_text("on: 1\n0123: 2\n2026-04-15: 3\n1: 4\n'null': 5\n").data
    assert list(data) == ["on", "0123", "2026-04-15", "1", "null"]


def test_每一项都记得自己的行() -> None:
    document = read_text("a: 1\nb:\n  - x\n  - {c: 2,\n     d: 3}\ne: |\n  many\n  lines\nf: 4\n")
    assert document.data == {"a": 1, "b": ["x", {"c": 2, "d": 3}], "e": "many\nlines\n", "f": 4}
    places = {("a",): 1, ("b",): 2, ("b", 0): 3, ("b", 1): 4, ("b", 1, "c"): 4, ("b", 1, "d"): 5, ("e",): 6, ("f",): 9}
    assert {where: document.lines[where] for where in places} == places
    assert document.line(("b", 1, "gone", "deeper")) == 4
    error = document.error(("b", 1, "d"), "不对；请改。", "Wrong; correct it.")
    assert (error.line, error.field, error.text) == (5, "b.1.d", "3")


# Plain data that YAML can carry; the writer quotes text wherever it looks like a number.
plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**9), 10**9)
    | st.text(st.characters(codec="utf-8", categories=["L", "N"])),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text("abcdefgh_", min_size=1, max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


def test_只有YAML_1_2认得的写法照样读得出来() -> None:
    assert read_text("{a:1: x, 依据: [law:8, b]}").data == {"a:1": "x", "依据": ["law:8", "b"]}


@pytest.mark.slow
@settings(deadline=None)
@given(st.dictionaries(st.text("abcdefgh_", min_size=1, max_size=8), plain, min_size=1, max_size=5))
def test_写出再读回不变(data: dict[str, Any]) -> None:
    import io

    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style = False
    out = io.StringIO()
    writer.dump(data, out)
    assert read_text(out.getvalue()).data == data


@settings(deadline=None)
@given(st.text(max_size=60))
def test_任何文本不是读出就是说明哪里不对(text: str) -> None:
    told: tuple[BookError, ...] = ()
    try:
        read_text(text, file="x.yaml")
    except BookRefused as refused:
        told = refused.errors
        event("refused")
    assert all(error.zh.endswith("。") and error.en.endswith(".") for error in told)


@pytest.mark.parametrize(
    ("text", "line", "code"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "book.twice"),
        ("a: &x 1\n", 1, "book.alias"),
        ("a: 1\nb: *x\n", 2, "book.alias"),
        ("a:\n  <<: {b: 1}\n", 2, "book.alias"),
        ("a: !!set {b}\n", 1, "book.tag"),
        ("a: 1\n---\nb: 2\n", 2, "book.documents"),
        ("? [a, b]\n: 1\n", 1, "book.key"),
        ("'': 1\n", 1, "book.key"),
        ("a: 2026-02-30\n", 1, "book.date"),
        ("a: [1, 2\n", 2, "book.syntax"),
        ("a: b: c\n", 1, "book.syntax"),
        ("a:\n\t- b\n", 2, "book.syntax"),
        ("a: \x07\n", 0, "book.syntax"),
    ],
)
def test_不许的写法_指出行和改法(text: str, line: int, code: str) -> None:
    with pytest.raises(BookRefused) as caught:
        read_text(text, file="law/t.yaml")
    error = caught.value.errors[0]
    assert (error.code, error.line, error.file) == (code, line, "law/t.yaml")
    assert "请" in error.zh
    assert error.en.endswith(".")


def test_一页里的错误一次说全_按行排列() -> None:
    errors = mistakes(
        "label: {zh: 甲, em: a}\n"
        "lines:\n"
        "  - {from: 2020-02-01, unit: wdd}\n"
        "  - {from: soon, unit: d, checked: nie}\n"
        "table:\n"
        "  a: {from: 2020-01-01, unit: d, frm: 3}\n"
        "count: 0\n"
        "code: a b\n"
    )
    assert [(error.line, error.field) for error in errors] == [
        (1, "topic"),
        (1, "label.en"),
        (1, "label.em"),
        (3, "lines.0.unit"),
        (4, "lines.1.from"),
        (4, "lines.1.checked"),
        (6, "table.a.frm"),
        (7, "count"),
        (8, "code"),
    ]


def said(text: str) -> BookError:
    (error,) = mistakes(text)
    return error


def test_多出的字段给出相近的名称和可用的字段() -> None:
    error = said("topic: t\ntable:\n  a: {from: 2020-01-01, unit: d, chcked: never}\n")
    assert "是不是“checked”" in error.zh
    assert "from、unit、checked" in error.zh
    assert "Did you mean 'checked'?" in error.en


def test_缺少的字段连同说明一起报告() -> None:
    error = said("count: 2\n")
    assert error.zh == "缺少“topic”（专题）；请补上“topic: …”。"


def test_该加引号的说加引号() -> None:
    assert '"123"' in said("topic: t\ncode: 123\n").zh
    assert '"2026-01-01"' in said("topic: t\ncode: 2026-01-01\n").en


def test_选错的词给出可选的词() -> None:
    error = said("topic: t\nlines: [{from: 2020-01-01, unit: wdd}]\n")
    assert "是不是“wd”" in error.zh
    assert "wd, d" in error.en
    assert error.text == "wdd"


def test_几种写法都不合时合成一条() -> None:
    error = said("topic: t\nlines: [{from: 2020-01-01, unit: d, checked: often}]\n")
    assert "（1）" in error.zh
    assert "（2）" in error.zh
    assert "never" in error.en


def test_校验器自己的话原样转达() -> None:
    error = said("topic: t\ncode: a b\n")
    assert (error.zh, error.en) == ("代码里不能有空格；请删去空格。", "A code has no blanks; delete them.")


def test_整页不是映射时也说得清() -> None:
    assert "映射" in said("- a\n- b\n").zh
    assert "映射" in said("").zh


def test_错误读起来先是位置() -> None:
    assert str(said("topic: t\ncount: 0\n")).startswith("law/t.yaml:2 count: ")


def test_读文件_去掉字节序标记_显示相对的文件名(tmp_path: Path) -> None:
    path = tmp_path / "law" / "t.yaml"
    path.parent.mkdir()
    path.write_bytes("\ufefftopic: t\n".encode())
    document = read(path, root=tmp_path)
    assert (document.file, document.data) == ("law/t.yaml", {"topic": "t"})
    assert validated(Page, path).topic == "t"
    assert validated(Label, read_text("a:\n  - {zh: 甲, en: A}\n"), under=("a", 0)) == Label(zh="甲", en="A")


def test_部分校验时行号和字段仍是全页的() -> None:
    with pytest.raises(BookRefused) as caught:
        validated(Label, read_text("a:\n  - {zh: 甲, en: A}\n  - {zh: 乙}\n", file="x.yaml"), under=("a", 1))
    assert (caught.value.errors[0].line, caught.value.errors[0].field) == (3, "a.1.en")


def test_读不出的文件(tmp_path: Path) -> None:
    with pytest.raises(BookRefused) as caught:
        read(tmp_path / "none.yaml", root=tmp_path)
    assert caught.value.errors[0].code == "book.unreadable"
    (tmp_path / "gbk.yaml").write_bytes("名称: 甲\n".encode("gbk"))
    with pytest.raises(BookRefused) as caught:
        read(tmp_path / "gbk.yaml", root=tmp_path)
    assert caught.value.errors[0].code == "book.encoding"
    assert "UTF-8" in caught.value.errors[0].zh
