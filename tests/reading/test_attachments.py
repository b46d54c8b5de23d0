"""What is attached to a case is told by its content; programs, broken files and other kinds are refused."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.reading.test_pictures import MARK, telephone
from zhiheng.kernel.reasons import Refused
from zhiheng.reading.attachments import BYTES, clean_attachment

PDF = b"%PDF-1.7\n1 0 obj << >> endobj\n%%EOF"


def package(*parts: str) -> bytes:
    """A package with these parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for part in parts:
            made.writestr(part, "<x/>")
    return out.getvalue()


WORD = package("[Content_Types].xml", "word/document.xml")
EXCEL = package("[Content_Types].xml", "xl/workbook.xml")


@pytest.mark.parametrize(("content", "kind"), [(PDF, "pdf"), (WORD, "docx"), (EXCEL, "xlsx")])
def test_文书原样保存_类型看内容(content: bytes, kind: str) -> None:
    found = clean_attachment("随便叫什么.exe", [content])
    assert (found.kind, found.content, found.digest) == (kind, content, sha256(content).hexdigest())
    assert found.sent_digest == found.digest
    assert not found.scanned


def test_照片重新编码_不留地点和设备() -> None:
    sent = telephone()
    found = clean_attachment("IMG_0001.jpg", [sent[:100], sent[100:]])
    assert found.kind == "jpg"
    assert MARK.encode() not in found.content
    assert found.sent_digest == sha256(sent).hexdigest() != found.digest


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "attachment.empty"),
        (b"MZ\x90\x00", "attachment.kind"),
        (b"<html><script>", "attachment.kind"),
        (package("a.txt"), "attachment.kind"),
        (package("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), "attachment.macros"),
        (WORD[:-20], "attachment.broken"),
        (b"\xff\xd8\xff" + b"\0" * 40, "picture.kind"),
    ],
)
def test_别的都退回_说明怎么办(content: bytes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        clean_attachment("证据.pdf", [content])
    (why,) = refused.value.refusals
    assert why.code == code
    assert "证据.pdf" in why.zh


def test_太大的没收完就退回() -> None:
    taken = []

    def endless() -> Iterator[bytes]:
        while True:
            taken.append(1)
            yield bytes(1 << 20)

    with pytest.raises(Refused) as refused:
        clean_attachment("大.pdf", endless())
    assert refused.value.refusals[0].code == "attachment.bytes"
    assert len(taken) == (BYTES >> 20) + 1


def test_配置了查毒而扫描不可用时不收() -> None:
    with pytest.raises(Refused) as refused:
        clean_attachment("a.pdf", [PDF], scanner="unix:/nowhere/clamd.ctl")
    assert refused.value.refusals[0].code == "scan.absent"


@settings(max_examples=examples(200))
@given(st.binary(max_size=300), st.sampled_from([b"", b"%PDF-", b"PK\x03\x04", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"]))
def test_什么内容都要么收下要么说明(tail: bytes, head: bytes) -> None:
    try:
        kind = clean_attachment("x", [head + tail]).kind
    except Refused as refused:
        kind = "；".join(each.zh for each in refused.refusals)
    assert kind in {"pdf", "jpg", "png", "docx", "xlsx"} or "“x”" in kind
