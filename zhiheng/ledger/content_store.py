"""The files as they were delivered, kept by their digest: what was handed in can always be opened again."""

from __future__ import annotations

import fcntl
import os
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from zhiheng.kernel.data_folder import inside
from zhiheng.kernel.reasons import Refusal, Refused

_PIECE = 1 << 20


def folder() -> Path:
    """Where delivered files are kept."""
    return inside(settings.DATA, "files")


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
    """Keep a copy of a delivered file and return its digest. The copy is whole or absent, whenever the process dies.

    What a killed process left of a copy is written anew by the next that keeps the same file. Raises Refused where the file
    can't be read or changes while it is read, OSError where the copy can't be written.
    """
    try:
        before = path.stat()
        digest = digest_of(path)
    except OSError as cause:
        raise Refused(
            Refusal(
                "file.unreadable",
                f"“{path.name}”无法读取（{cause.strerror}）；请检查文件和权限后再报。",
                f"{path.name} can't be read ({cause.strerror}); check the file and its permissions, then hand it in again.",
            )
        ) from cause
    kept = path_of(digest)
    kept.parent.mkdir(parents=True, exist_ok=True)
    half = kept.with_name(f".receiving-{digest}")
    while not _is_kept(kept, before.st_size):
        with half.open("ab") as target:
            # Two processes may keep the same file at once: the second waits, and finds it kept or the place free.
            fcntl.flock(target, fcntl.LOCK_EX)
            if not _is_open_at(target, half):
                continue
            try:
                if not _is_kept(kept, before.st_size):
                    _copy(path, target, before)
                    half.replace(kept)
            finally:
                half.unlink(missing_ok=True)
        handle = os.open(kept.parent, os.O_RDONLY)
        try:
            # The name must survive a power cut as well as the bytes.
            os.fsync(handle)
        finally:
            os.close(handle)
    return digest


def _is_open_at(file: BinaryIO, path: Path) -> bool:
    """Whether the open file is still the one with that name: whoever held the lock before may have moved or removed it."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _is_kept(kept: Path, size: int) -> bool:
    return kept.exists() and kept.stat().st_size == size


def _copy(path: Path, target: BinaryIO, before: os.stat_result) -> None:
    target.truncate(0)
    with path.open("rb") as source:
        while piece := source.read(_PIECE):
            target.write(piece)
    target.flush()
    os.fsync(target.fileno())
    after = path.stat()
    if (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
        raise Refused(
            Refusal(
                "file.changing",
                f"“{path.name}”在读取时被改动；请等它写完后再报。",
                f"{path.name} changed while it was read; wait until it is written and hand it in again.",
            )
        )
