"""ZIP archives, unpacked under bounds into a folder that goes away with the last table read from it."""

from __future__ import annotations

import shutil
import stat
import tempfile
import weakref
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from zhiheng.kernel.reasons import Refused
from zhiheng.reading import refusals
from zhiheng.reading.limits import Limits

_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Member:
    """A file out of an archive: the name it had there, mended, and where it lies now (None: skipped)."""

    name: str
    path: Path | None


class Unpacked:
    """The folder that an archive was unpacked to, which goes when the last table read from it is forgotten."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="zhiheng-"))
        self.remove = weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)


def is_hidden(name: str) -> bool:
    """Whether some part of the name is a hidden file, a lock file of an office program, or what macOS leaves."""
    return any(part.startswith((".", "~$", ".~")) or part == "__MACOSX" for part in PurePosixPath(name).parts)


def mended_name(entry: zipfile.ZipInfo) -> str:
    """The name of an entry as its writer meant it: Chinese programs write GBK where the format knows only cp437."""
    if entry.flag_bits & 0x800:
        return entry.filename
    try:
        raw = entry.filename.encode("cp437")
    except UnicodeEncodeError:
        return entry.filename
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return entry.filename


def unpack(path: Path, limits: Limits) -> tuple[Unpacked, list[Member]]:
    """Unpacks every file of an archive, or none: raises Refused where a single entry is not sound.

    Members are sorted by name. The folder lives as long as the object that is returned with them.
    """
    unpacked = Unpacked()
    try:
        return unpacked, sorted(_unpack(path, unpacked.folder, limits), key=lambda member: member.name)
    except Refused:
        unpacked.remove()
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError) as error:
        unpacked.remove()
        raise Refused(refusals.archive_damaged(str(error))) from None
    except RuntimeError:
        # The library's word for an entry that asks for a password.
        unpacked.remove()
        raise Refused(refusals.encrypted()) from None


def _unpack(path: Path, folder: Path, limits: Limits) -> list[Member]:
    members, total, packed = [], 0, max(1, path.stat().st_size)
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        if len(entries) > limits.max_entries:
            raise Refused(refusals.too_many(len(entries), limits.max_entries))
        if sum(entry.file_size for entry in entries) > limits.max_unzipped_bytes:
            raise Refused(refusals.bomb())
        for number, entry in enumerate(entries):
            name = mended_name(entry).replace("\\", "/")
            _check_name(name, entry, limits)
            if entry.is_dir() or name.endswith("/"):
                continue
            if entry.flag_bits & 1:
                raise Refused(refusals.encrypted())
            if is_hidden(name):
                members.append(Member(name, None))
                continue
            # The name on disk is a number: nothing that stands in the archive decides where a file is written.
            target = folder / f"{number}"
            with archive.open(entry) as source, target.open("wb") as out:
                while piece := source.read(_PIECE):
                    total += len(piece)
                    if total > limits.max_unzipped_bytes:
                        raise Refused(refusals.bomb())
                    if total > limits.ratio_floor and total > packed * limits.max_ratio:
                        raise Refused(refusals.bomb())
                    out.write(piece)
            members.append(Member(name, target))
    return members


def _check_name(name: str, entry: zipfile.ZipInfo, limits: Limits) -> None:
    parts = PurePosixPath(name).parts
    drive = len(name) > 1 and name[1] == ":"
    if name.startswith("/") or drive or ".." in parts or any(ord(character) < 32 for character in name):
        raise Refused(refusals.archive_name(name))
    kind = entry.external_attr >> 16
    if kind and stat.S_IFMT(kind) not in {0, stat.S_IFREG, stat.S_IFDIR}:
        raise Refused(refusals.archive_name(name))
    if len(parts) > limits.max_depth:
        raise Refused(refusals.too_deep(limits.max_depth))
