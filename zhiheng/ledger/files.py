"""The files as they were delivered, kept by their digest: what was handed in can always be opened again."""

from __future__ import annotations

import os
import tempfile
from hashlib import sha256
from pathlib import Path

from django.conf import settings

_PIECE = 1 << 20


def folder() -> Path:
    """Where delivered files are kept."""
    return Path(settings.DATA) / "files"


def path_of(digest: str) -> Path:
    """Where the file with this digest is kept (whether it is there or not)."""
    return folder() / digest[:2] / digest


def digest_of(path: Path) -> str:
    """SHA-256 of a file, as hexadecimal text."""
    digest = sha256()
    with path.open("rb") as source:
        while piece := source.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()


def keep(path: Path) -> str:
    """Keep a copy of a delivered file and return its digest. The copy is whole or absent, whenever the process dies."""
    digest = digest_of(path)
    kept = path_of(digest)
    if kept.exists() and kept.stat().st_size == path.stat().st_size:
        return digest
    kept.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=kept.parent, prefix=".receiving-")
    try:
        with os.fdopen(handle, "wb") as target, path.open("rb") as source:
            while piece := source.read(_PIECE):
                target.write(piece)
            target.flush()
            os.fsync(target.fileno())
        Path(name).replace(kept)
    finally:
        Path(name).unlink(missing_ok=True)
    return digest
