"""What the bytes say decides the encoding; where they say two things it is asked, and nothing garbled is taken for a
name.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.reading.files import HEADINGS, ROWS, broken, csv_text, flags, only_code, only_table, opened, remarks, rows
from zhiheng.reading.encodings import _GARBLED, is_garbled
from zhiheng.reading.tables import Unreadable

LATIN = [
    ["name", "code", "product", "result", "day"],
    ["Müller Bäckerei", "C1", "Brötchen", "pass", "2025-03-01"],
    ["Société Générale", "C2", "crème", "pass", "2025-03-02"],
]


@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be"])
def test_没有标记的UTF16照读(tmp_path: Path, order: str) -> None:
    path = tmp_path / "表.csv"
    path.write_bytes(
        csv_text([HEADINGS, *ROWS, ["一一", "码", "丁", "合格", "2025-03-01"]], delimiter="\t").encode(order)
    )
    assert rows(only_table(path))[:3] == ROWS


def test_UTF8标记后面是GB18030的照读(tmp_path: Path) -> None:
    path = tmp_path / "表.csv"
    path.write_bytes(b"\xef\xbb\xbf" + csv_text([HEADINGS, *ROWS]).encode("gb18030"))
    table = only_table(path)
    assert (table.layout.headings, rows(table)) == (tuple(HEADINGS), ROWS)


def test_西文不会被读成谁也没写过的汉字(tmp_path: Path) -> None:
    path = tmp_path / "表.csv"
    path.write_bytes(csv_text(LATIN).encode("cp1252"))
    table = only_table(path, book=False)
    assert rows(table) == LATIN[1:]
    assert remarks(table) == ["text.western"]


def test_两种读法都说得通的要问(tmp_path: Path) -> None:
    path = tmp_path / "表.csv"
    path.write_bytes(b"name,code,day\nA\x81\x40\x81\x41B\x81\x42,1,2025-03-01\nC\x81\x43,2,2025-03-02\n")
    assert only_code(path) == "text.encoding_doubtful"


@pytest.mark.parametrize("cell", ["女", "A级", "云澜市锟铻食品厂", "䶮记小吃", "喆"])
def test_中文表里的生僻字和单字照读(tmp_path: Path, cell: str) -> None:
    path = tmp_path / "表.csv"
    path.write_bytes(csv_text([HEADINGS, [cell, *ROWS[0][1:]]]).encode("gb18030"))
    assert rows(only_table(path))[0][0] == cell


@pytest.mark.parametrize(
    "cell", ["锟斤拷锟斤拷", "食品\ufffd厂", "浜戞緶鏈夐檺鍏徃", "Mà¼Ã¼ller", "ÔÆÀ½ÊÐÊ³Æ·³§", "äº‘æ¾œå¸‚é£Ÿå“\x81åŽ‚"]
)
def test_乱码的行退回_不进台账(tmp_path: Path, cell: str) -> None:
    path = tmp_path / "表.csv"
    path.write_bytes(csv_text([HEADINGS, ROWS[0], [cell, *ROWS[1][1:]]]).encode("utf-8"))
    table = only_table(path)
    assert (broken(table), rows(table)) == ([(3, "row.garbled")], [ROWS[0]])


def test_反斜杠转义的引号按原意读(tmp_path: Path) -> None:
    path = tmp_path / "表.csv"
    lines = [",".join(HEADINGS), '"甲","码1","24\\"盘","合格","2025-03-01"', '"乙","码2","C:\\\\","合格","2025-03-02"']
    path.write_text("\r\n".join(lines) + "\r\n", encoding="utf-8")
    assert rows(only_table(path)) == [
        ["甲", "码1", '24"盘', "合格", "2025-03-01"],
        ["乙", "码2", "C:\\\\", "合格", "2025-03-02"],
    ]


def test_引号不成对的行退回_别的行照收(tmp_path: Path) -> None:
    path = tmp_path / "表.csv"
    lines = [
        ",".join(HEADINGS),
        '"甲","码1","24"盘"","合格","2025-03-01"',
        ",".join(ROWS[1]),
        '丙,码3,5"接头,合格,2025-03-03',
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    table = only_table(path)
    assert broken(table) == [(2, "row.quotes")]
    assert [row[0] for row in rows(table)] == [ROWS[1][0], "丙"]
    assert rows(table)[1][2] == '5"接头'


def test_第一格里有换行_两半都退回_前后的行照收(tmp_path: Path) -> None:
    path = tmp_path / "表.csv"
    body = [
        HEADINGS,
        ["甲厂", "码1", "糖", "合格", "同"],
        ["云澜市"],
        ["乙有限公司", "码2", "盐", "合格", "同"],
        ["丙厂", "码3", "油", "合格", "同"],
    ]
    path.write_text("\n".join(",".join(row) for row in body) + "\n", encoding="utf-8")
    table = only_table(path)
    assert broken(table) == [(3, "row.split"), (4, "row.split")]
    assert [row[0] for row in rows(table)] == ["甲厂", "丙厂"]
    assert flags(table) == []


TRADITIONAL = [
    ["處罰決定書文號", "當事人", "違法行為類型"],
    ["A1", "雲瀾市機械有限公司", "生產不合格產品"],
    ["A2", "雲瀾市餐飲管理有限公司", "虛假宣傳"],
]
JAPANESE = [
    ["name", "product", "day"],
    ["カナダしょうじ株式会社", "うどんとそば", "2026-03-01"],
    ["さくらスーパー", "せんべい", "2026-03-02"],
]
KOREAN = [
    ["name", "product", "day"],
    ["서울기계주식회사", "전기주전자", "2026-03-01"],
    ["부산식품제조", "김치와 두부", "2026-03-02"],
]


@pytest.mark.parametrize(
    ("table", "encoding", "named"),
    [
        (TRADITIONAL, "big5", "Big5"),
        (JAPANESE, "shift_jis", "Shift-JIS"),
        (KOREAN, "euc-kr", "EUC-KR"),
        ([HEADINGS, *ROWS], "utf-7", "UTF-7"),
        ([HEADINGS, *ROWS], "hz", "HZ"),
        ([HEADINGS, *ROWS], "utf-32", "UTF-32"),
    ],
)
def test_别处的编码不会被读成谁也没写过的字_说出是哪一种(
    tmp_path: Path, table: list[list[str]], encoding: str, named: str
) -> None:
    path = tmp_path / "表.csv"
    path.write_bytes(csv_text(table).encode(encoding))
    (found,) = opened(path)
    assert isinstance(found, Unreadable)
    assert found.refusal.code == "text.encoding_elsewhere"
    assert named in found.refusal.zh


@pytest.mark.parametrize("text", ["C+D-E=F", "a+b+c", "+86-13800001234", "A+BCD-1 +XYZ-2", "~{}~"])
def test_有加号和波浪号的普通文字照读(tmp_path: Path, text: str) -> None:
    path = tmp_path / "表.csv"
    path.write_bytes(
        csv_text([["name", "code", "day"], *([text, "1", "2026-03-01"] for _ in range(5))]).encode("ascii")
    )
    assert rows(only_table(path, book=False))[0][0] == text


@pytest.mark.parametrize("name", ["阿坝奥北八宝粥白班", "丁丁饭店东方达", "䶮记小吃喆堃犇骉食品"])
def test_中文不会被当成别处的编码(tmp_path: Path, name: str) -> None:
    path = tmp_path / "表.csv"
    path.write_bytes(csv_text([HEADINGS, *([name, *ROWS[0][1:]] for _ in range(6))]).encode("gb18030"))
    assert rows(only_table(path))[0][0] == name


@pytest.mark.parametrize("cell", ["××××公司", "Crème brûlée à la carte", "ÄÖÜ GmbH", "voilà\u00a0» é—"])
def test_像乱码而不是乱码的照读(tmp_path: Path, cell: str) -> None:
    path = tmp_path / "表.csv"
    path.write_bytes(csv_text([HEADINGS, [cell, *ROWS[0][1:]]]).encode("utf-8"))
    table = only_table(path)
    assert broken(table) == []


@pytest.mark.parametrize(
    "text", ["名前,住所\r\nソニー,東京\r\n", "製品,検査\r\n味噌,合格\r\n", "商品名称,生産日期\r\nそば,2026\r\n"]
)
def test_很短的日文文件也说得出是日文(tmp_path: Path, text: str) -> None:
    path = tmp_path / "表.csv"
    path.write_bytes(text.encode("cp932"))
    assert only_code(path) == "text.encoding_elsewhere"


@pytest.mark.parametrize("name", ["龍門電氣設備製造廠", "蘇州絲綢", "國際貿易發展總公司", "臺灣食品"])
def test_用GBK写的繁体字照读_不当成Big5(tmp_path: Path, name: str) -> None:
    path = tmp_path / "表.csv"
    rows_ = [[name, *row[1:]] for row in ROWS]
    path.write_bytes(csv_text([HEADINGS, *rows_]).encode("gb18030"))
    assert rows(only_table(path)) == rows_
    traditional = "企業名稱,代碼,結論\r\n" + "\r\n".join([f"{name},1,合格"] * 3) + "\r\n"
    path.write_bytes(traditional.encode("big5"))
    assert only_code(path) == "text.encoding_elsewhere"
    path.write_bytes(traditional.encode("gb18030"))
    (table,) = opened(path)
    assert not isinstance(table, Unreadable) or table.refusal.code != "text.encoding_elsewhere"


@pytest.mark.parametrize("sign", ["''", "``", "“”", "‘’"])
def test_每格用别的符号括起来的文件_说明换成双引号(tmp_path: Path, sign: str) -> None:
    path = tmp_path / "表.csv"
    first, last = sign
    lines = [",".join(f"{first}{cell}{last}" for cell in row) for row in [HEADINGS, *ROWS]]
    path.write_text("\r\n".join(lines) + "\r\n", encoding="utf-8")
    assert only_code(path) == "text.quote_sign"


def test_被换行断成三段的行_三段都退回(tmp_path: Path) -> None:
    path = tmp_path / "表.csv"
    lines = [",".join(row) for row in [HEADINGS, ROWS[0], ROWS[1], ROWS[0]]]
    cells = ROWS[1]
    lines[2] = ",".join([*cells[:3], f"{cells[3][:1]}\r\n中\r\n{cells[3][1:]}", cells[4]])
    path.write_text("\r\n".join(lines) + "\r\n", encoding="utf-8")
    table = only_table(path)
    assert broken(table) == [(3, "row.split"), (4, "row.split"), (5, "row.split")]
    assert rows(table) == [ROWS[0], ROWS[0]]


_REMAINS = (
    "锟斤拷",
    "锟斤",
    "斤拷",
    "\ufffd",
    "烫烫烫",
    "屯屯屯",
    "鏈夐檺",
    "鍏徃",
    "浼佷笟",
    "鍚嶇О",
    "甯傚満",
    "脙é",
    "脗\u3000",
    "Ã¼",
    "锛名锛",
)
_HARMLESS = (
    "麻辣烫",
    "三家屯",
    "公斤",
    "拷问",
    "云澜市",
    "·",
    "±",
    "°",
    "é",
    "ü",
    "×",
    "µg",
    "\n",
    "ÔÆ",
    "À½",
    "ã€",
    "äº‘",
    "a",
)


@given(
    st.lists(st.sampled_from(_REMAINS + _HARMLESS) | st.text(alphabet="".join(_REMAINS) + "ÀÿãâïÆ\u0080¿", max_size=4))
)
@settings(max_examples=examples(500), deadline=None)
def test_乱码先找一个字再细看_与逐字细看说的一样(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert is_garbled(text) == (_GARBLED.search(text) is not None)


@pytest.mark.parametrize("remains", _REMAINS)
def test_每一种乱码都认得_夹在句中也认得(remains: str) -> None:
    assert is_garbled(f"麻辣烫，三家屯{remains}±5°")


def test_寻常的菜名和地名不是乱码() -> None:
    assert not is_garbled("麻辣烫、三家屯豆腐，每公斤±5°·café")
