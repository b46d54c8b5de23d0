"""Photographs as telephones send them -> pictures that tell nothing but what is to be seen on them.

A picture is decoded and encoded anew: the place, the time and the device in its EXIF, XMP and comments, thumbnails,
colour profiles and whatever is hidden behind its end do not come along. Its kind is told by its content; its size is
known from its head before a pixel is decoded, so that a small file cannot become a large one.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Literal

from PIL import Image, ImageOps, UnidentifiedImageError

from zhiheng.kernel.reasons import Refused
from zhiheng.reading import refusals

BYTES: Final = 15 << 20
PIXELS: Final = 60_000_000
"""A telephone of today takes 12 to 50 million pixels."""
SIDE: Final = 4096
"""What is larger is made smaller to this: enough to read a label by."""
_KINDS: Final = ("JPEG", "PNG", "WEBP")
# Brands of the container that iPhones write (ISO/IEC 23008-12), and of its kin.
_HEIF: Final = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1", b"avif")

Kind = Literal["jpg", "png"]


@dataclass(frozen=True, slots=True)
class CleanPicture:
    """A picture as it is kept: its bytes, kind and size in pixels, its digest, and that of the file that was sent."""

    content: bytes
    kind: Kind
    width: int
    height: int
    digest: str
    sent_digest: str


def clean_picture(name: str, sent: bytes) -> CleanPicture:
    """The picture, encoded anew and upright. Raises Refused for what is no picture, too large, or broken."""
    if len(sent) > BYTES:
        raise Refused(refusals.picture_bytes(name, BYTES >> 20))
    if sent[4:8] == b"ftyp" and sent[8:12] in _HEIF:
        raise Refused(refusals.picture_heic(name))
    try:
        with warnings.catch_warnings():
            # Pillow warns where it would still decode; the bound that counts is the one below.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(sent), formats=_KINDS) as opened:
                if opened.width * opened.height > PIXELS:
                    raise Refused(refusals.picture_pixels(name, PIXELS // 1_000_000))
                upright = _upright(opened)
    except (UnidentifiedImageError, Image.DecompressionBombError) as cause:
        bomb = isinstance(cause, Image.DecompressionBombError)
        why = refusals.picture_pixels(name, PIXELS // 1_000_000) if bomb else refusals.picture_kind(name)
        raise Refused(why) from cause
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, TypeError) as cause:
        # What Pillow's decoders raise where a file ends early or its parts contradict each other.
        raise Refused(refusals.picture_broken(name)) from cause
    kind: Kind = "png" if upright.mode in ("RGBA", "LA", "P") else "jpg"
    content = _encoded(upright, kind)
    return CleanPicture(
        content,
        kind,
        upright.width,
        upright.height,
        sha256(content).hexdigest(),
        sha256(sent).hexdigest(),
    )


def _upright(opened: Image.Image) -> Image.Image:
    """The first frame, decoded, turned as its EXIF says, in a mode that both kinds can hold, not larger than SIDE."""
    opened.seek(0)
    opened.load()
    turned = ImageOps.exif_transpose(opened)
    see_through = turned.mode in ("RGBA", "LA", "PA") or "transparency" in turned.info
    plain = turned.convert("RGBA" if see_through else "L" if turned.mode in ("1", "L") else "RGB")
    if see_through and plain.getchannel("A").getextrema() == (255, 255):
        plain = plain.convert("RGB")
    plain.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    return plain


def _encoded(picture: Image.Image, kind: Kind) -> bytes:
    """Only the pixels: a new picture knows nothing of what stood beside them."""
    bare = Image.new(picture.mode, picture.size)
    bare.paste(picture)
    out = io.BytesIO()
    if kind == "jpg":
        bare.save(out, "JPEG", quality=88, optimize=True)
    else:
        bare.save(out, "PNG", optimize=True)
    return out.getvalue()
