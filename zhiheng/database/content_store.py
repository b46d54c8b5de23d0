"""Files kept by their digest: delivered files, files that wait in the inbox, attachments.

A file is under its digest whole or not at all, whenever the process dies: it is written beside (a half, whose name
begins with a point), flushed to the disk, and moved. A half is locked while it is written; what a killed process left
is not locked, counts for nothing, and is taken away by ``halves`` or by the next that keeps the same file.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from zhiheng.database import refusals
from zhiheng.kernel.data_folder import inside
from zhiheng.kernel.reasons import Refusal, Refused

_PIECE = 1 << 20
# As many bytes at the beginning of a file as any of its kinds is known by.
_HEAD = 16


@dataclass(frozen=True, slots=True)
class Stored:
    """What was kept: the digest that it lies under, its size in bytes, and its kind (empty where none was asked
    for).
    """

    digest: str
    size: int
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """What is taken: at most ``limit`` bytes; not an empty file, unless ``empty`` is None; only files of a kind, where
    ``kinds`` are given.

    ``kinds``: by the first bytes of the content, since a name can say anything. Each limit comes with the refusal that
    names it.
    """

    limit: int
    too_large: Refusal
    empty: Refusal | None = None
    kinds: Mapping[bytes, str] | None = None
    wrong_kind: Refusal | None = None

    def kind_of(self, head: bytes) -> str:
        """The kind of a file by its first bytes. Raises Refused where it is none of those that are taken."""
        if self.kinds is None:
            return ""
        kind = next((kind for start, kind in self.kinds.items() if head.startswith(start)), None)
        if kind is None:
            assert self.wrong_kind is not None
            raise Refused(self.wrong_kind)
        return kind


def _nowhere(digest: str) -> bool:
    return False


class ContentStore:
    """A part of the data folder whose files are named by their SHA-256; ``flat``: without folders by the first two
    digits.
    """

    def __init__(self, part: str, *, flat: bool = False) -> None:
        self.part = part
        self._flat = flat

    def folder(self) -> Path:
        """Where the files are kept."""
        return inside(settings.DATA, self.part)

    def path_of(self, digest: str) -> Path:
        """Where the file with this digest is kept (whether it is there or not)."""
        return self.folder() / digest if self._flat else self.folder() / digest[:2] / digest

    def holds(self, digest: str) -> bool:
        """Whether the file is there and still has its digest."""
        path = self.path_of(digest)
        return path.is_file() and digest_of(path) == digest

    def keep(self, path: Path) -> str:
        """Keep a copy of a file and return its digest; what is kept already is not written again.

        Raises Refused where the file can't be read or changes while it is read, OSError where the copy can't be
        written.
        """
        try:
            before = path.stat()
            digest = digest_of(path)
        except OSError as cause:
            raise Refused(refusals.file_unreadable(path.name, cause.strerror)) from cause
        kept = self.path_of(digest)
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
            _flush_names(kept.parent)
        return digest

    def keep_pieces(
        self, pieces: Iterable[bytes], accepted: Accepted, *, elsewhere: Callable[[str], bool] = _nowhere
    ) -> Stored:
        """Keep a file that comes in pieces, of which one at a time is in memory.

        ``elsewhere``: whether what has a digest is kept somewhere else already; then it is not kept here. Raises
        Refused where the file is not what is ``accepted``, OSError where it can't be written.
        """
        (kept,) = self.keep_several([(pieces, accepted)], elsewhere=elsewhere)
        return kept

    def keep_several(
        self, files: Iterable[tuple[Iterable[bytes], Accepted]], *, elsewhere: Callable[[str], bool] = _nowhere
    ) -> list[Stored]:
        """Keep some files, all of them or none: each is written and looked at before the first is moved to its place.

        ``elsewhere``, Refused and OSError as of ``keep_pieces``.
        """
        with ExitStack() as halves:
            written = [halves.enter_context(self._half(pieces, accepted)) for pieces, accepted in files]
            for half, stored in written:
                if elsewhere(stored.digest):
                    continue
                kept = self.path_of(stored.digest)
                kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                half.replace(kept)
                _flush_names(kept.parent)
        return [stored for _, stored in written]

    @contextmanager
    def _half(self, pieces: Iterable[bytes], accepted: Accepted) -> Iterator[tuple[Path, Stored]]:
        """A file as it comes in pieces, written beside and found to be what is accepted; taken away where it was not
        moved.
        """
        folder = self.folder()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        half = folder / f".{secrets.token_hex(8)}.part"
        digest, size, head = sha256(), 0, b""
        try:
            with half.open("xb") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                for piece in pieces:
                    size += len(piece)
                    if size > accepted.limit:
                        raise Refused(accepted.too_large)
                    if len(head) < _HEAD:
                        head = (head + piece)[:_HEAD]
                    digest.update(piece)
                    file.write(piece)
                if not size and accepted.empty is not None:
                    raise Refused(accepted.empty)
                kind = accepted.kind_of(head)
                file.flush()
                os.fsync(file.fileno())
                yield half, Stored(digest.hexdigest(), size, kind)
        finally:
            half.unlink(missing_ok=True)

    def halves(self) -> Iterator[Path]:
        """Partial files left by killed processes; never one that is being written."""
        for path in self.folder().rglob(".*"):
            try:
                with path.open("rb") as half:
                    fcntl.flock(half, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except (BlockingIOError, FileNotFoundError, IsADirectoryError):
                continue
            yield path


def digest_of(path: Path) -> str:
    """SHA-256 of a file, as hexadecimal text."""
    digest = sha256()
    with path.open("rb") as source:
        while piece := source.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()


def _is_open_at(file: BinaryIO, path: Path) -> bool:
    """Whether the open file is still the one with that name: the previous holder of the lock may have moved or removed
    it.
    """
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
        raise Refused(refusals.file_changing(path.name))


def _flush_names(folder: Path) -> None:
    """The name must survive a power cut as well as the bytes."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# What was handed in can always be opened again.
FILES = ContentStore("files")
# What waits to be received.
INBOX = ContentStore("inbox", flat=True)
# What was attached to objections.
ATTACHMENTS = ContentStore("attachments")
STORES = (FILES, INBOX, ATTACHMENTS)
