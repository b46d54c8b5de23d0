"""Photographs are kept as what is to be seen on them, and nothing of where, when and with what they were taken."""

from __future__ import annotations

import io
import struct
import zlib
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from zhiheng.kernel.reasons import Refused
from zhiheng.reading import pictures
from zhiheng.reading.pictures import SIDE, clean_picture

GPS, ORIENTATION, MAKE, ARTIST = 0x8825, 0x0112, 0x010F, 0x013B
MARK = "PLANTED-31.2304N"


def drawn(size: tuple[int, int] = (64, 32), mode: str = "RGB", colour: object = (200, 30, 30)) -> Image.Image:
    """A picture with a white upper left quarter."""
    made = Image.new(mode, size, colour)
    made.paste((255,) * len(made.getbands()) if mode != "L" else 255, (0, 0, size[0] // 2, size[1] // 2))
    return made


def as_file(picture: Image.Image, form: str, **words: object) -> bytes:
    """The picture as a file."""
    out = io.BytesIO()
    picture.save(out, form, **words)
    return out.getvalue()


def telephone(orientation: int = 1) -> bytes:
    """A JPEG as a telephone writes it: place, device, author, a comment, and something behind the end."""
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKE], exif[ARTIST] = orientation, MARK, MARK
    exif.get_ifd(GPS)[1] = "N"
    exif.get_ifd(GPS)[2] = (31.0, 13.0, 49.0)
    return as_file(drawn(), "JPEG", exif=exif, comment=MARK.encode(), quality=95) + MARK.encode()


def png_with_words() -> bytes:
    """A PNG with texts of its own."""
    words = PngImagePlugin.PngInfo()
    words.add_text("Location", MARK)
    words.add_itxt("XML:com.adobe.xmp", f"<x>{MARK}</x>")
    return as_file(drawn(), "PNG", pnginfo=words)


@pytest.mark.parametrize(
    "sent",
    [telephone(), png_with_words(), as_file(drawn(), "WEBP", xmp=MARK.encode())],
    ids=["jpg", "png", "webp"],
)
def test_拍摄的地点时间设备和备注都不留_尾巴也不留(sent: bytes) -> None:
    assert MARK.encode() in sent, "the test has planted something to find"
    kept = clean_picture("照片", sent)
    assert MARK.encode() not in kept.content
    with Image.open(io.BytesIO(kept.content)) as opened:
        assert dict(opened.getexif()) == {}
        assert not {"comment", "exif", "xmp", "icc_profile"} & set(opened.info)
        assert opened.size == (kept.width, kept.height) == (64, 32)


def test_手机横着拍的转正以后再存() -> None:
    kept = clean_picture("照片", telephone(orientation=6))
    with Image.open(io.BytesIO(kept.content)) as opened:
        assert opened.size == (32, 64)
        assert min(opened.getpixel((28, 4))) > 200, "the white quarter is now upper right"
        assert opened.getpixel((4, 60))[2] < 90


def test_原件和留存件各有摘要_同一张存两次一样() -> None:
    sent = telephone()
    one, two = clean_picture("甲", sent), clean_picture("乙", sent)
    assert one == two
    assert one.sent_digest == sha256(sent).hexdigest()
    assert one.digest == sha256(one.content).hexdigest() != one.sent_digest


@pytest.mark.parametrize(
    ("picture", "kind"),
    [
        (drawn(mode="RGBA", colour=(1, 2, 3, 90)), "png"),
        (drawn(mode="RGBA", colour=(1, 2, 3, 255)), "jpg"),
        (drawn(mode="L", colour=9), "jpg"),
        (drawn().quantize(16), "jpg"),
    ],
)
def test_透明的存为PNG_其余存为JPG(picture: Image.Image, kind: str) -> None:
    assert clean_picture("截图", as_file(picture, "PNG")).kind == kind


def test_太大的缩小_长边不超过上限() -> None:
    kept = clean_picture("照片", as_file(drawn((SIDE + 200, 300)), "JPEG"))
    assert (kept.width, kept.height) == (SIDE, 286)


def bomb(width: int, height: int) -> bytes:
    """A PNG of few bytes that says it has a great many pixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack("!I", len(body)) + name + body + struct.pack("!I", zlib.crc32(name + body))

    head = struct.pack("!IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(64))) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (bomb(30_000, 30_000), "picture.pixels"),
        (bomb(10_000, 7_000), "picture.pixels"),
        (bomb(100, 100), "picture.broken"),
        (b"\0\0\0\x18ftypheic" + bytes(200), "picture.heic"),
        (b"\0\0\0\x18ftypmif1" + bytes(200), "picture.heic"),
        (as_file(drawn(), "GIF"), "picture.kind"),
        (as_file(drawn(), "TIFF"), "picture.kind"),
        (b"%PDF-1.7 ...", "picture.kind"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "picture.kind"),
        (b"", "picture.kind"),
        (telephone()[:400], "picture.broken"),
        (bytes(pictures.BYTES + 1), "picture.bytes"),
    ],
)
def test_解压炸弹_HEIC_别的格式_残缺和太大的都退回_说清楚怎么办(sent: bytes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        clean_picture("照片.jpg", sent)
    (reason,) = refused.value.refusals
    assert reason.code == code
    assert "照片.jpg" in reason.zh


@given(st.data())
def test_改坏的照片要么退回要么是干净的照片(data: st.DataObject) -> None:
    sent = bytearray(data.draw(st.sampled_from([telephone(), png_with_words()])))
    for at in data.draw(st.lists(st.integers(0, len(sent) - 1), max_size=12)):
        sent[at] = data.draw(st.integers(0, 255))
    try:
        kept = clean_picture("照片", bytes(sent))
    except Refused:
        return
    assert MARK.encode() not in kept.content
