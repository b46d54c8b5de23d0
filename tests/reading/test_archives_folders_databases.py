"""Archives, folders, databases, and files that are something else."""

from __future__ import annotations

import sqlite3
import struct
import zipfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.reading.files import (
    HEADINGS,
    ROWS,
    broken,
    csv_text,
    only_code,
    only_table,
    opened,
    rows,
    write_csv,
    write_xlsx,
)
from zhiheng.reading.limits import DEFAULT, MIB
from zhiheng.reading.opening import open_path
from zhiheng.reading.tables import Table, Unreadable

CONTENT = csv_text([HEADINGS, *ROWS]).encode()


def pack(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_压缩包里的表逐个读出而且比压缩包活得久(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "里.xlsx", [HEADINGS, *ROWS])
    path = pack(
        tmp_path / "报送.zip",
        **{
            "二/乙.csv": CONTENT,
            "一/甲.xlsx": (tmp_path / "里.xlsx").read_bytes(),
            "一/~$甲.xlsx": b"x",
            "__MACOSX/._乙": b"x",
        },
    )
    found = opened(path)
    assert [one.origin for one in found] == [
        "报送.zip/__MACOSX/._乙",
        "报送.zip/一/~$甲.xlsx",
        "报送.zip/一/甲.xlsx",
        "报送.zip/二/乙.csv",
    ]
    assert [isinstance(one, Unreadable) and one.harmless for one in found] == [True, True, False, False]
    path.unlink()
    assert [rows(one) for one in found if isinstance(one, Table)] == [ROWS, ROWS]


def test_压缩包里的中文乱码文件名修好(tmp_path: Path) -> None:
    name = "虚构区/抽查.csv"
    path = tmp_path / "旧软件.zip"
    raw = name.encode("gb18030")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(zipfile.ZipInfo("x" * len(raw)), CONTENT)
    path.write_bytes(path.read_bytes().replace(b"x" * len(raw), raw))
    assert only_table(path).origin == f"旧软件.zip/{name}"


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"../外.csv": CONTENT}, "archive.name"),
        ({"/绝对.csv": CONTENT}, "archive.name"),
        ({"C:\\盘.csv": CONTENT}, "archive.name"),
        ({"/".join("深" * 20) + ".csv": CONTENT}, "file.too_deep"),
        ({"大.csv": b"0," * (20 * MIB)}, "archive.bomb"),
    ],
)
def test_不安全的压缩包整个退回(tmp_path: Path, members: dict[str, bytes], code: str) -> None:
    path = pack(tmp_path / "坏.zip", **{"好.csv": CONTENT, **members})
    assert only_code(path) == code


def test_压缩包里的压缩包链接和密码退回(tmp_path: Path) -> None:
    inner = pack(tmp_path / "里.zip", **{"甲.csv": CONTENT})
    assert only_code(pack(tmp_path / "外.zip", **{"乙.csv": CONTENT, "里.csv": inner.read_bytes()})) == "archive.nested"
    link = zipfile.ZipInfo("链接.csv")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "链.zip", "w") as archive:
        archive.writestr(link, "/etc/hostname")
    assert only_code(tmp_path / "链.zip") == "archive.name"
    content = bytearray(inner.read_bytes())
    content[6] |= 1
    content[content.rindex(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "密.zip").write_bytes(bytes(content))
    assert only_code(tmp_path / "密.zip") == "file.encrypted"


def test_谎报大小的损坏的过多的压缩包退回(tmp_path: Path) -> None:
    path = pack(tmp_path / "报.zip", **{f"{number}.csv": CONTENT for number in range(6)})
    assert only_code(path, limits=replace(DEFAULT, max_entries=5)) == "file.too_many"
    content = path.read_bytes()
    (tmp_path / "断.zip").write_bytes(content[:-10])
    assert only_code(tmp_path / "断.zip") == "archive.damaged"
    spoiled = bytearray(content)
    spoiled[60:70] = b"\xff" * 10
    (tmp_path / "坏.zip").write_bytes(bytes(spoiled))
    assert only_code(tmp_path / "坏.zip") == "archive.damaged"
    # The directory says 10 bytes; what comes out is refused as damaged or as too much, and never believed.
    big = bytearray(pack(tmp_path / "大.zip", **{"大.csv": b"1,2\n" * MIB}).read_bytes())
    at = big.rindex(b"PK\x01\x02")
    big[at + 24 : at + 28] = struct.pack("<I", 10)
    (tmp_path / "谎.zip").write_bytes(bytes(big))
    assert only_code(tmp_path / "谎.zip") in {"archive.damaged", "archive.bomb"}


def test_文件夹按名字逐个读_跳过的都说一声(tmp_path: Path) -> None:
    folder = tmp_path / "报送"
    (folder / "二").mkdir(parents=True)
    (folder / ".git").mkdir()
    write_csv(folder / "二" / "乙.csv", [HEADINGS, *ROWS])
    write_csv(folder / "甲.csv", [HEADINGS, *ROWS])
    (folder / "~$甲.xlsx").write_bytes(b"x")
    (folder / "说明.pdf").write_bytes(b"%PDF-1.7")
    (folder / "说明.md").write_text("说明，如下\n", encoding="utf-8")
    (folder / "链接").symlink_to("/etc")
    told = {one.origin: "表" if isinstance(one, Table) else (one.refusal.code, one.harmless) for one in opened(folder)}
    assert told == {
        "报送/.git": ("file.skipped", True),
        "报送/~$甲.xlsx": ("file.skipped", True),
        "报送/二/乙.csv": "表",
        "报送/甲.csv": "表",
        "报送/说明.md": ("sheet.no_table", True),
        "报送/说明.pdf": ("file.document", True),
        "报送/链接": ("file.link", True),
    }
    assert only_code(folder / "说明.pdf") == "file.document"
    assert only_code(folder, limits=replace(DEFAULT, max_entries=3)) == "file.too_many"
    assert only_code(folder, limits=replace(DEFAULT, max_depth=0)) == "file.too_deep"
    assert only_code(tmp_path / "没有") == "file.missing"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\x89PNG\r\n\x1a\n", "file.document"),
        (b"Rar!\x1a\x07\x00", "file.kind"),
        (b"\x1f\x8b\x08\x00", "file.kind"),
        (b"MZ\x90\x00", "file.kind"),
        (b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>', "sheet.no_table"),
        (b'[{"a": 1}]', "file.document"),
        (b"MIME-Version: 1.0\r\n", "file.kind"),
        (b"PK\x05\x06" + b"\0" * 18, "file.empty"),
    ],
)
def test_不是表格的文件说出是什么(tmp_path: Path, content: bytes, code: str) -> None:
    (tmp_path / "表.xlsx").write_bytes(content)
    assert only_code(tmp_path / "表.xlsx") == code


def write_database(path: Path) -> Path:
    with closing(sqlite3.connect(path)) as database:
        database.execute('CREATE TABLE "抽 查""表" (企业名称 TEXT, 数量 REAL, 附件)')
        database.execute('CREATE INDEX 索引 ON "抽 查""表" (数量 DESC, 企业名称, 附件)')
        database.executemany(
            'INSERT INTO "抽 查""表" VALUES (?, ?, ?)',
            [
                ("虚构甲厂", 2.0, None),
                ("合计", 2.50, 7),
                ("虚构乙厂", 9.0, b"\x00\x01"),
                ("虚构丙厂", 1.0, "长" * 40_000),
            ],
        )
        database.execute("CREATE TABLE 空表 (甲 TEXT)")
        database.execute("CREATE VIEW 视图 AS SELECT 1")
        database.commit()
    return path


def test_数据库的每张表按存放顺序读出(tmp_path: Path) -> None:
    path = write_database(tmp_path / "库.db")
    found = opened(path)
    assert [(one.sheet, isinstance(one, Table)) for one in found] == [('抽 查"表', True), ("空表", False)]
    table = found[0]
    assert isinstance(table, Table)
    assert table.layout.headings == ("企业名称", "数量", "附件")
    assert rows(table) == [["虚构甲厂", "2", ""], ["合计", "2.5", "7"]]
    assert broken(table) == [(3, "row.binary"), (4, "row.cell_too_long")]
    assert table.row_count == 4


def test_不完整的或还开着的数据库退回(tmp_path: Path) -> None:
    path = write_database(tmp_path / "库.db")
    content = path.read_bytes()
    (tmp_path / "断.db").write_bytes(content[:-4096])
    assert only_code(tmp_path / "断.db") == "database.damaged"
    (tmp_path / "头.db").write_bytes(content[:50])
    assert only_code(tmp_path / "头.db") == "database.damaged"
    (tmp_path / "花.db").write_bytes(content[:100] + b"\xff" * (len(content) - 100))
    assert only_code(tmp_path / "花.db") == "database.damaged"
    (tmp_path / "库.db-wal").write_bytes(b"x")
    assert only_code(path) == "database.open"


@pytest.mark.shared
def test_真实通报数据库的行数与标准库一致(shared: Path) -> None:
    path = shared / "data" / "eu-rasff" / "rasff_data.db"
    with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as database:
        expected = database.execute("SELECT count(*), count(hazards) FROM rasff_notifications").fetchone()
    (table,) = open_path(path)
    assert isinstance(table, Table)
    read = rows(table)
    hazards = table.layout.headings.index("hazards")
    assert (len(read), sum(row[hazards] != "" for row in read)) == expected
