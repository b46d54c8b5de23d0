"""Detect the kind of a file from its content; the extension proves nothing."""

from __future__ import annotations

import mmap
import re
import struct
import zipfile
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from zhiheng.kernel.reasons import Flag, Refused
from zhiheng.reading import refusals
from zhiheng.reading.limits import MIB, Limits


class FileKind(Enum):
    """What is read, and in which room."""

    TEXT = "文本表格（CSV）"
    XLSX = "XLSX 工作簿"
    XLS = "XLS 工作簿"
    ODS = "ODS 工作簿"
    HTML = "网页表格（HTML）"
    XML = "XML 表格（Excel 2003 XML）"
    DATABASE = "SQLite 数据库"
    ARCHIVE = "ZIP 压缩包"

    @property
    def english(self) -> str:
        """The kind in English."""
        return {
            "TEXT": "delimited text (CSV)",
            "HTML": "a web page (HTML)",
            "XML": "an Excel 2003 XML workbook",
            "DATABASE": "an SQLite database",
            "ARCHIVE": "a ZIP archive",
        }.get(self.name, f"an {self.name} workbook")


USUAL_EXTENSIONS = {
    FileKind.TEXT: {".csv", ".txt", ".tsv", ".tab", ""},
    FileKind.XLSX: {".xlsx", ".xlsm", ".xltx"},
    FileKind.XLS: {".xls", ".et", ".xlt"},
    FileKind.ODS: {".ods"},
    FileKind.HTML: {".html", ".htm"},
    FileKind.XML: {".xml"},
    FileKind.DATABASE: {".db", ".sqlite", ".sqlite3", ".db3"},
    FileKind.ARCHIVE: {".zip"},
}

_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_FOREIGN: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF-", " PDF 文档", "a PDF document"),
    (b"\x89PNG", "图片", "a picture"),
    (b"\xff\xd8\xff", "图片", "a picture"),
    (b"GIF8", "图片", "a picture"),
    (b"Rar!", " RAR 压缩包", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", " 7z 压缩包", "a 7z archive"),
    (b"\x1f\x8b", " gzip 压缩文件", "a gzip file"),
    (b"BZh", " bzip2 压缩文件", "a bzip2 file"),
    (b"\xfd7zXZ", " xz 压缩文件", "an xz file"),
    (b"PAR1", " Parquet 文件", "a Parquet file"),
    (b"{\\rtf", " RTF 文档", "an RTF document"),
    (b"MZ", "可执行程序", "a program"),
    (b"\x7fELF", "可执行程序", "a program"),
)
_PAGE = re.compile(rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|table|meta)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ArchiveDirectory:
    entries: int
    size: int


def kind_of(path: Path, limits: Limits) -> FileKind:
    """The kind of a file. Raises Refused where it is none that is read, encrypted, empty or too large."""
    size = path.stat().st_size
    if size == 0:
        raise Refused(refusals.empty())
    if size > limits.max_bytes:
        raise Refused(refusals.too_large(size, limits.max_bytes))
    with path.open("rb") as file:
        head = file.read(4096)
    kind = _kind(path, head, limits)
    most = {
        FileKind.XLSX: limits.max_workbook_bytes,
        FileKind.XLS: limits.max_workbook_bytes,
        FileKind.ODS: limits.max_workbook_bytes,
        FileKind.HTML: limits.max_html_bytes,
        FileKind.XML: limits.max_html_bytes,
    }.get(kind, limits.max_bytes)
    if size > most:
        raise Refused(refusals.too_large(size, most))
    if kind is FileKind.XLS and size > limits.max_xls_bytes:
        raise Refused(refusals.whole_workbook_too_large("XLS", size, limits.max_xls_bytes))
    return kind


def _kind(path: Path, head: bytes, limits: Limits) -> FileKind:
    if head.startswith(b"SQLite format 3\0"):
        return FileKind.DATABASE
    if head.startswith(b"PK\x05\x06"):
        raise Refused(refusals.empty())
    if head.startswith(b"PK\x03\x04"):
        return _packed(path, limits)
    if head.startswith(_OLE):
        return _compound(path, limits)
    for magic, zh, en in _FOREIGN:
        if head.startswith(magic):
            raise Refused(refusals.wrong_kind(zh, en, document=zh in {" PDF 文档", "图片", " RTF 文档"}))
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = head.decode("utf-16", "ignore").encode("utf-8").lstrip()
    if text.startswith(b"<"):
        # Its <Table> looks like that of a page; an older page may name the same namespace, and is one all the same.
        if (b"office:spreadsheet" in text or b"Excel.Sheet" in text) and not _PAGE.search(text):
            return FileKind.XML
        if _HTML.search(text):
            return FileKind.HTML
        if text.startswith(b"<?xml"):
            raise Refused(refusals.wrong_kind(" XML 文档", "an XML document"))
    if text[:13].lower() == b"mime-version:":
        raise Refused(refusals.wrong_kind("单个网页文件（MHT）", "a web archive (MHT)"))
    if text[:1] in {b"{", b"["} and re.match(rb'[\[{]\s*["\[{]', text):
        raise Refused(refusals.wrong_kind(" JSON 数据", "JSON data", document=True))
    return FileKind.TEXT


def archive_directory(path: Path) -> ArchiveDirectory:
    """How many entries a ZIP file says it has, and how large its directory is, read without reading that directory.

    Raises Refused where the end of the file, which says so, is missing.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - 65_557))
        tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < 22:
        raise Refused(refusals.archive_damaged("缺少结尾 / end record missing"))
    _, _, _, _, entries, length, _, _ = struct.unpack("<4s4H2LH", tail[at : at + 22])
    if entries == 0xFFFF or length == 0xFFFFFFFF:
        wide = tail.rfind(b"PK\x06\x06", 0, at)
        if wide >= 0 and at - wide >= 56:
            entries, length = struct.unpack("<QQ", tail[wide + 32 : wide + 48])
    return ArchiveDirectory(entries, length)


def _packed(path: Path, limits: Limits) -> FileKind:
    directory = archive_directory(path)
    if directory.entries > limits.max_entries or directory.size > 64 * MIB:
        raise Refused(refusals.too_many(directory.entries, limits.max_entries))
    try:
        with zipfile.ZipFile(path) as archive:
            names = {name.lower() for name in archive.namelist()}
            mimetype = b""
            if "mimetype" in names:
                try:
                    with archive.open("mimetype") as file:
                        mimetype = file.read(200)
                except (KeyError, RuntimeError, zipfile.BadZipFile, NotImplementedError):
                    mimetype = b""
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError) as error:
        raise Refused(refusals.archive_damaged(str(error))) from None
    if mimetype.startswith(b"application/vnd.oasis.opendocument.spreadsheet"):
        return FileKind.ODS
    if mimetype.startswith(b"application/vnd.oasis"):
        raise Refused(refusals.wrong_kind(" OpenDocument 文档（不是表格）", "an OpenDocument file, not a spreadsheet"))
    if "[content_types].xml" in names:
        if any(name.startswith("word/") for name in names):
            raise Refused(refusals.wrong_kind(" Word 文档", "a Word document", document=True))
        if any(name.startswith("ppt/") for name in names):
            raise Refused(refusals.wrong_kind(" PowerPoint 演示文稿", "a PowerPoint file", document=True))
        if "xl/workbook.bin" in names:
            raise Refused(refusals.wrong_kind(" XLSB 二进制工作簿", "a binary workbook (XLSB)"))
        return FileKind.XLSX
    return FileKind.ARCHIVE


def _compound(path: Path, limits: Limits) -> FileKind:
    """An OLE file is an old workbook, an encrypted new one, or some other document."""
    if path.stat().st_size > limits.max_workbook_bytes:
        raise Refused(refusals.too_large(path.stat().st_size, limits.max_workbook_bytes))
    # Not read as a whole: this process is the one that does all other work too.
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        found = {name for name in _ENTRIES if _has_entry(content, name)}
    if "EncryptedPackage" in found:
        raise Refused(refusals.encrypted())
    if not found.isdisjoint(("_VBA_PROJECT_CUR", "_VBA_PROJECT")):
        raise Refused(refusals.macros())
    if not found.isdisjoint(("Workbook", "Book")):
        return FileKind.XLS
    if "WordDocument" in found:
        raise Refused(refusals.wrong_kind(" Word 文档", "a Word document", document=True))
    raise Refused(refusals.wrong_kind("其他办公文档", "another office document"))


_ENTRIES = ("EncryptedPackage", "_VBA_PROJECT_CUR", "_VBA_PROJECT", "Workbook", "Book", "WordDocument")


def _has_entry(content: mmap.mmap, name: str) -> bool:
    # A directory entry is 128 bytes long, stands at a multiple of that, and begins with its name, padded with zeros.
    mark = name.encode("utf-16-le") + b"\0\0"
    at = content.find(mark)
    while at >= 0:
        if at % 128 == 0:
            return True
        at = content.find(mark, at + 1)
    return False


def misnamed(path_name: str, kind: FileKind) -> Flag | None:
    """A remark where the extension says something else than the content."""
    extension = Path(path_name).suffix.lower()
    # A name without an extension says nothing that could be wrong (a file is kept under its digest).
    if not extension or extension in USUAL_EXTENSIONS[kind]:
        return None
    return refusals.misnamed(extension, kind.value, kind.english)
