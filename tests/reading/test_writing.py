"""What goes back to the sender can be mended and sent again."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from tests.reading.files import HEADINGS, ROWS, only_table, rows, write_csv
from zhiheng.kernel.reasons import Refusal
from zhiheng.reading.writing import REASON_HEADING, write_refusals

WHY = Refusal("date.impossible", "没有这一天，请改正。", "There is no such day; mend it.", field="抽样日期")


@pytest.mark.parametrize("name", ["退回.xlsx", "退回.csv"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_退回的文件带原因可以原样再读(tmp_path: Path, name: str, encoding: str) -> None:
    layout = only_table(write_csv(tmp_path / "原.csv", [HEADINGS, *ROWS], encoding=encoding, delimiter="\t")).layout
    sent = [ROWS[0], ["=1+1", "000123", "", "合格\n二行", "123456789012345678"]]
    assert write_refusals(layout, sent, [[WHY], "整行重复，请删去。"], tmp_path / name) == 2
    table = only_table(tmp_path / name)
    assert table.layout.headings == (*HEADINGS, REASON_HEADING)
    assert rows(table) == [
        [*sent[0], "抽样日期：没有这一天，请改正。"],
        [*sent[1], "整行重复，请删去。"],
    ]
    if name.endswith(".csv"):
        assert (table.layout.delimiter, table.layout.encoding) == ("\t", encoding)
    else:
        with zipfile.ZipFile(tmp_path / name) as archive:
            assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


def test_多出的格写在原因里_像命令的文字在文本里打不开程序(tmp_path: Path) -> None:
    layout = only_table(write_csv(tmp_path / "原.csv", [["", *HEADINGS], *[["", *row] for row in ROWS]])).layout
    row = layout.in_order(["", "=cmd|'/c calc'!A1", "码", "糖", "合格", "2025-01-01", " ", "多出"])
    assert row == ["=cmd|'/c calc'!A1", "码", "糖", "合格", "2025-01-01", "多出"]
    for name in ("退.xlsx", "退.csv"):
        write_refusals(layout, [row], ["列数不对，请改正。"], tmp_path / name)
        assert rows(only_table(tmp_path / name)) == [[*row[:5], "列数不对，请改正。\n多出的内容：多出"]]
    # In the file itself stands the mark; where the file comes back, it is what was handed in.
    assert "\n'=cmd" in (tmp_path / "退.csv").read_text("utf-8-sig")


def test_没有退回的行也写出标题(tmp_path: Path) -> None:
    layout = only_table(write_csv(tmp_path / "原.csv", [HEADINGS, *ROWS])).layout
    for name in ("退.xlsx", "退.csv"):
        assert write_refusals(layout, [], [], tmp_path / name) == 0
        assert only_table(tmp_path / name).layout.headings == (*HEADINGS, REASON_HEADING)
