"""A file that is replaced by a whole new one: at every moment there is the old or the new."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def replace_whole(path: Path, content: bytes, *, durable: bool = False) -> None:
    """Write a file beside and give it the name; folders above are made. Of several processes that do it at once each
    writes one of its own, and the last one's stays. Only the owner reads it.

    ``durable``: the new name, too, is on the disk before this returns: a loss of power brings back no older file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    number, beside = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(number, "wb") as file:
            file.write(content)
            # Without this a power cut may leave the name with nothing behind it.
            file.flush()
            os.fsync(file.fileno())
        Path(beside).replace(path)
        if durable:
            _sync_folder(path.parent)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise


def _sync_folder(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
