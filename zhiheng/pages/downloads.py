"""An answer that is a file: its name in any language, and its media type."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from zhiheng.kernel.media_types import MEDIA_TYPES

# Spreadsheet programs take a text file for UTF-8 only with a mark at its beginning: write it as "utf-8-sig".
CSV = MEDIA_TYPES["csv"]
# What no system allows in the name of a file.
_NOT_IN_NAMES = frozenset('/\\:*?"<>|')


def download(content: bytes, name: str, media_type: str, *, inline: bool = False) -> HttpResponse:
    """A file to be kept, or (``inline``) to be opened in the browser.

    Args:
        name: as it is saved; what can't stand in the name of a file becomes ``_``.
    """
    safe = "".join("_" if each in _NOT_IN_NAMES or not each.isprintable() else each for each in name)
    response = HttpResponse(content, content_type=media_type)
    response.headers["Content-Disposition"] = content_disposition_header(not inline, safe) or "attachment"
    return response


def zip_download(name: str, write: Callable[[Path], object]) -> HttpResponse:
    """A ZIP that ``write`` puts to a path."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "made.zip"
        write(out)
        return download(out.read_bytes(), name, MEDIA_TYPES["zip"])
