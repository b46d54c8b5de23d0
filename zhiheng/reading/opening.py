"""The door of this room: a path goes in, tables come out, and what can't be read says why."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from zhiheng.kernel.reasons import Refused
from zhiheng.reading import refusals
from zhiheng.reading.archives import Unpacked, is_hidden, unpack
from zhiheng.reading.databases import open_database
from zhiheng.reading.kinds import USUAL_EXTENSIONS, FileKind, kind_of, misnamed
from zhiheng.reading.layouts import KnownHeadings
from zhiheng.reading.limits import DEFAULT, Limits
from zhiheng.reading.tables import Table, Unreadable
from zhiheng.reading.text_files import open_text
from zhiheng.reading.workbooks import open_workbook


def open_path(
    path: Path, *, known_headings: KnownHeadings | None = None, limits: Limits = DEFAULT, name: str = ""
) -> Iterator[Table | Unreadable]:
    """Open every table in a file, an archive or a folder.

    Args:
        path: what to open.
        known_headings: gives the share (0 to 1) of some heading texts that is known; it finds the heading row.
        limits: bounds of size, depth and number.
        name: the sender's name for the file, where it is kept under another name.

    Returns:
        Tables in the order of names, and an Unreadable for everything that is none. The kind of a file is detected from
            its content. A table stays readable after the iteration has gone on. Nothing is raised for bad input;
            ``Table.chunks`` raises Refused where a file turns out broken on the way.
    """
    origin = name or path.name or str(path)
    try:
        if path.is_dir():
            yield from _folder(path, origin, known_headings, limits)
            return
        if not path.is_file():
            yield Unreadable(origin, "", refusals.missing(origin))
            return
        yield from _file(path, origin, known_headings, limits, inside=None)
    except OSError as error:
        yield Unreadable(origin, "", refusals.unreadable(origin, error.strerror or str(error)))


def _folder(folder: Path, origin: str, known: KnownHeadings | None, limits: Limits) -> Iterator[Table | Unreadable]:
    try:
        names = _walk(folder, limits)
    except Refused as refused:
        yield Unreadable(origin, "", refused.refusals[0])
        return
    if not names:
        yield Unreadable(origin, "", refusals.no_table(""))
    for name in names:
        path, told = folder / name, f"{origin}/{name}"
        if is_hidden(name):
            yield Unreadable(told, "", refusals.hidden(name), harmless=True)
        elif path.is_symlink():
            yield Unreadable(told, "", refusals.linked(name), harmless=True)
        elif _is_journal(path):
            continue
        else:
            try:
                yield from map(_beside_others, _file(path, told, known, limits, inside=None))
            except OSError as error:
                yield Unreadable(told, "", refusals.unreadable(name, error.strerror or str(error)))


def _beside_others(found: Table | Unreadable) -> Table | Unreadable:
    """A letter, a picture or a text of another kind that came along with tables is reported, and does no harm."""
    if not isinstance(found, Unreadable):
        return found
    prose = Path(found.origin).suffix.lower() not in USUAL_EXTENSIONS[FileKind.TEXT]
    if found.refusal.code == "file.document" or (found.refusal.code == "sheet.no_table" and prose):
        return replace(found, harmless=True)
    return found


def _is_journal(path: Path) -> bool:
    """Whether the file belongs to a database beside it, which says itself what that means."""
    for suffix in ("-wal", "-shm", "-journal"):
        if path.name.endswith(suffix) and path.with_name(path.name.removesuffix(suffix)).is_file():
            return True
    return False


def _walk(folder: Path, limits: Limits) -> list[str]:
    names: list[str] = []
    for at, folders, files in os.walk(folder, followlinks=False):
        inner = Path(at).relative_to(folder)
        if len(inner.parts) > limits.max_depth:
            raise Refused(refusals.too_deep(limits.max_depth))
        links = [name for name in folders if (Path(at) / name).is_symlink() or is_hidden(name)]
        folders[:] = [name for name in folders if name not in links]
        names += [(inner / name).as_posix() for name in (*files, *links)]
        if len(names) > limits.max_entries:
            raise Refused(refusals.too_many(len(names), limits.max_entries))
    return sorted(names)


def _file(
    path: Path,
    origin: str,
    known: KnownHeadings | None,
    limits: Limits,
    *,
    inside: Unpacked | None,
) -> Iterator[Table | Unreadable]:
    """The tables of one file; ``inside`` is the folder of the archive that it came out of."""
    try:
        kind = kind_of(path, limits)
    except Refused as refused:
        yield Unreadable(origin, "", refused.refusals[0])
        return
    if kind is FileKind.ARCHIVE:
        if inside is not None:
            yield Unreadable(origin, "", refusals.archive_nested(origin))
            return
        yield from _archive(path, origin, known, limits)
        return
    remark = misnamed(origin, kind)
    remarks = (remark,) if remark else ()
    found: Iterator[Table | Unreadable]
    if kind is FileKind.TEXT:
        found = iter((open_text(path, origin=origin, known=known, limits=limits, remarks=remarks),))
    elif kind is FileKind.DATABASE:
        found = open_database(path, origin=origin, limits=limits, remarks=remarks)
    else:
        found = open_workbook(path, kind, origin=origin, known=known, limits=limits, remarks=remarks)
    for table in found:
        if inside is not None and isinstance(table, Table):
            table.keep = inside
        yield table


def _archive(path: Path, origin: str, known: KnownHeadings | None, limits: Limits) -> Iterator[Table | Unreadable]:
    try:
        folder, members = unpack(path, limits)
        for member in members:
            # A nested archive condemns the whole one before anything of it is read.
            if member.path is not None and member.path.stat().st_size and _is_archive(member.path, limits):
                folder.remove()
                raise Refused(refusals.archive_nested(member.name))
    except Refused as refused:
        yield Unreadable(origin, "", refused.refusals[0])
        return
    if not members:
        yield Unreadable(origin, "", refusals.no_table(""))
    for member in members:
        told = f"{origin}/{member.name}"
        if member.path is None:
            yield Unreadable(told, "", refusals.hidden(member.name), harmless=True)
        else:
            yield from map(_beside_others, _file(member.path, told, known, limits, inside=folder))


def _is_archive(path: Path, limits: Limits) -> bool:
    try:
        return kind_of(path, limits) is FileKind.ARCHIVE
    except Refused:
        return False
