"""``zhiheng backup`` and ``zhiheng restore``: everything that can't be made again, copied while the system runs.

The database of people goes first, the ledger second, the files last. So a task that was under way is taken up again
after restoring (and finds what it had done), and every file that the ledger names is there, since files are kept before
they are recorded.

New copies of databases lie beside those of the last backup until everything is there. The note that names their digests
is written last: a run that is killed before leaves the earlier backup whole, and after it the new one.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any
from zlib import crc32

import click
import orjson

from zhiheng import __version__
from zhiheng.cli import output, refusals
from zhiheng.cli.session import json_option, now, set_up
from zhiheng.kernel.data_folder import BESIDE, inside, parts
from zhiheng.kernel.reasons import Refused

# What is in a backup is told by the list of what lies in the data folder.
DATABASES = tuple(part.name for part in parts("database"))
KEYS = tuple(part.name for part in parts("key"))
# Of files that never change under their name: what the backup has already is not copied again.
FOLDERS = tuple(part.name for part in parts("copied"))
NOTE = "backup.json"
# Every copied file by its name, so that restoring tells which are gone.
LIST = "files.txt"
# Of the copies that are named by their digest so many are read again in a backup that the others follow within a month.
ROUND_DAYS = 30
# What a new copy of a database is called until the backup is whole.
_NEW = ".{}.new"
# Beside the data, so that check-deploy knows when the last backup was made.
LAST = "last-backup.json"
# Those that were in every backup before a backup said which it has.
_FIRST_FOLDERS = ["files", "inbox"]


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@json_option
def backup(folder: Path, as_json: bool) -> None:
    """把数据库、原文件和密钥备份到一个文件夹；可在运行中进行，再次备份只复制新文件。 Copy databases, files and key to a
    folder.

    数据湖不备份，可以重建。PostgreSQL 用 pg_dump。
    """
    set_up()
    from django.conf import settings

    data = Path(settings.DATA)
    _outside(folder, data)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    bar = output.progress_bar()
    _settle(folder)
    # Taken first: what comes in while the copy is made may be in it or not, this end of the chain surely is.
    head = _head()
    made = _postgresql(folder) if settings.POSTGRESQL else {name: _sqlite(data / name, folder) for name in DATABASES}
    stores = [part.name for part in parts("copied") if part.by_digest]
    mended = sum(_mend(data / name, folder / name, day=now().date()) for name in stores)
    copied = sum(_files(data / name, folder / name, bar) for name in FOLDERS)
    # After the databases: what is sealed in a copy was sealed with a key that was there before it. An installation
    # that has signed nothing yet has none, nor has one whose key comes from the environment.
    keys = {name: _key(data / name, folder) for name in KEYS if inside(data, name).exists()}
    held = {"at": now().isoformat(timespec="seconds"), "folders": list(FOLDERS)}
    note = {**held, "version": __version__, "databases": made, "keys": keys, **head}
    _write(folder / NOTE, note)
    _settle(folder)
    for part in parts("copied"):
        if part.removed:
            _let_go(data / part.name, folder / part.name)
    _list_names(folder)
    _write(inside(data, LAST), {**held, "folder": str(folder.absolute()), **head})
    output.show_done(
        note | {"files": copied, "mended": mended},
        (
            f"备份里有 {mended:,} 个文件已经损坏，已按原件重做；请检查备份所在的磁盘"
            f" / {mended:,} files of the backup were damaged and are made anew; have a look at the disk it lies on\n"
            if mended
            else ""
        )
        + f"已备份到 {folder}：{'、'.join(made)}，新复制 {copied:,} 个文件；请定期试着恢复一次"
        f" / backed up to {folder}, {copied:,} files copied; try to restore it now and then",
        as_json,
    )


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True))
@json_option
def restore(folder: Path, as_json: bool) -> None:
    """把备份恢复到空的数据目录（ZHIHENG_DATA），核对摘要。 Restore a backup into an empty data folder and check its
    digests.

    PostgreSQL 的数据库用 pg_restore 恢复，这里只恢复文件。
    """
    # Django is not set up: it would make new databases in the place of those to be restored.
    os.umask(0o077)
    data = Path(os.environ.get("ZHIHENG_DATA", "var")).absolute()
    if not (folder / NOTE).is_file():
        raise Refused(refusals.no_backup(folder, NOTE))
    # A restore that was killed is taken up again; until then nothing runs on what there is of it.
    unfinished = inside(data, ".restoring")
    # What SQLite left beside a database that is gone would be written into the one that is restored under its name.
    left = [name + ending for name in DATABASES for ending in BESIDE]
    begun = [] if unfinished.exists() else [*DATABASES, *FOLDERS, *KEYS]
    if taken := [name for name in (*begun, *left) if (data / name).exists()]:
        raise Refused(refusals.folder_not_empty(data, taken))
    note = _note(folder)
    if link := _link(folder):
        raise Refused(refusals.link_in_backup(link))
    copies = {name: _copy_of(folder, name, digest) for name, digest in _digests(note).items()}
    for name, copy in copies.items():
        if copy is None:
            raise Refused(refusals.backup_damaged(name))
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished.touch()
    bar = output.progress_bar()
    # An older version took the key without a word of it in the note.
    keys = {name: folder / name for name in KEYS if (folder / name).exists()}
    wanted = keys | {name: copy for name, copy in copies.items() if copy and name in (*DATABASES, *KEYS)}
    for name, copy in wanted.items():
        _copy(copy, data / name)
        (data / name).chmod(0o600)
    files = sum(_files(folder / name, data / name, bar) for name in FOLDERS)
    unfinished.unlink()
    damaged = list(_damaged(data))
    gone = _gone(folder, data)
    absent = [part for part in parts("copied") if part.name not in note.get("folders", _FIRST_FOLDERS)]
    told = "".join(
        f"注意：{part.name}/（{part.zh}）不在这份备份里，它由旧版本所做；请另行找回 / {part.name}/ ({part.en}) is not "
        "in this backup, which an older version made; recover it otherwise\n"
        for part in absent
    ) + "".join(
        f"注意：{path} 的内容与它的摘要不符，已损坏；请从另一份备份取回 / {path} is damaged: its content is not that "
        "of its digest; take it from another backup\n"
        for path in damaged
    )
    told += "".join(
        f"注意：{name} 备份时在，现在备份里没有；请从另一份备份取回，放到同一位置 / {name} was in this backup and is "
        "gone from it; take it from another backup and put it in the same place\n"
        for name in gone
    )
    verify = f"zhiheng ledger verify --head {note['head']}" if note["head"] else "zhiheng ledger verify"
    if not any(name in wanted for name in KEYS):
        told += (
            "这份备份里没有密钥：当时还没有要签、要封的，或者由 ZHIHENG_SECRET_KEY 给出；若是后者，请给出同一个"
            " / there is no key in this backup: nothing was signed or sealed yet, or ZHIHENG_SECRET_KEY gave it; if "
            "so, give the same one here\n"
        )
    output.show_done(
        {
            "data": str(data),
            "files": files,
            "head": note["head"],
            "damaged": damaged,
            "gone": gone,
            "absent": [part.name for part in absent],
            "keys": [name for name in KEYS if name in wanted],
        },
        f"{told}已恢复到 {data}。接着请运行：{verify}，再运行 zhiheng refresh"
        f" / restored; now run: {verify}, then: zhiheng refresh",
        as_json,
    )


def _list_names(folder: Path) -> None:
    """Write down what was copied: of a file that is gone from the backup nothing else would tell."""
    names = sorted(
        str(path.relative_to(folder))
        for name in FOLDERS
        for path in (folder / name).rglob("*")
        if path.is_file() and not path.name.startswith(".")
    )
    half = folder / f".{LIST}.part"
    half.write_text("".join(f"{name}\n" for name in names), "utf-8")
    _flush(half)
    half.replace(folder / LIST)


def _gone(folder: Path, data: Path) -> list[str]:
    """The files that the list of a backup names and that were not restored; none where it has no list (0.9 and
    before).
    """
    try:
        listed = (folder / LIST).read_text("utf-8").splitlines()
    except FileNotFoundError:
        return []
    return [name for name in listed if not (data / name).exists()]


def _mend(source: Path, target: Path, *, day: dt.date) -> int:
    """Take a damaged copy away where the original is sound, so that it is copied anew; returns how many there were.

    A share of the copies is read each day of the month: a disk that decays is noticed before the backup is needed.
    """
    mended = 0
    for path in target.rglob("*"):
        todays = crc32(path.name.encode()) % ROUND_DAYS == day.toordinal() % ROUND_DAYS
        if not todays or not path.is_file() or path.name.startswith("."):
            continue
        original = source / path.relative_to(target)
        if _digest(path) != path.name and original.is_file() and _digest(original) == original.name:
            path.unlink()
            mended += 1
    return mended


def _damaged(data: Path) -> Iterator[str]:
    """The restored files that are not what their name, their digest, says."""
    for part in parts("copied"):
        if part.by_digest:
            for path in sorted(path for path in (data / part.name).rglob("*") if path.is_file()):
                if _digest(path) != path.name:
                    yield str(path.relative_to(data))


def _outside(folder: Path, data: Path) -> None:
    if folder.absolute() == data or data in folder.absolute().parents:
        raise Refused(refusals.backup_inside_data())


def _copy_of(folder: Path, name: str, digest: str) -> Path | None:
    """The copy of a database or key that a note names; a run killed right after writing the note left it under its new
    name.
    """
    found = (folder / name, folder / _NEW.format(name))
    return next((path for path in found if path.is_file() and _digest(path) == digest), None)


def _settle(folder: Path) -> None:
    """Give the new copies their names where the note speaks of them."""
    if not (folder / NOTE).is_file():
        return
    for name, digest in _digests(_note(folder)).items():
        new = folder / _NEW.format(name)
        if new.is_file() and _digest(new) == digest:
            new.replace(folder / name)


def _note(folder: Path) -> dict[str, Any]:
    """What the note of a backup says. Raises Refused for one that is torn, or that speaks of no database."""
    try:
        note = orjson.loads((folder / NOTE).read_bytes())
        told = _digests(note)
        whole = bool(note["databases"]) and isinstance(note["head"], str | None)
    except (AttributeError, KeyError, TypeError, ValueError):
        whole = False
    if not whole or not all(isinstance(digest, str) for digest in told.values()):
        raise Refused(refusals.note_torn(folder, NOTE))
    return dict(note)


def _link(folder: Path) -> str:
    """A link inside a backup, where there is one: a backup holds copies, and what a link leads to was in none."""
    found = (path for name in FOLDERS for path in (folder / name).rglob("*") if path.is_symlink())
    return next((str(path.relative_to(folder)) for path in found), "")


def _digests(note: dict[str, Any]) -> dict[str, str]:
    """The digests that a note speaks of, by the names of databases and keys; older versions named no keys."""
    return {**note["databases"], **note.get("keys", {})}


def _key(source: Path, folder: Path) -> str:
    """Copy a key under its new name, for its owner only; returns its digest."""
    new = folder / _NEW.format(source.name)
    _copy(source, new)
    new.chmod(0o600)
    return _digest(new)


def _let_go(source: Path, target: Path) -> None:
    """Remove what is no longer at the source from the copies: brought back, it would count again."""
    for path in [path for path in target.rglob("*") if path.is_file()]:
        if not (source / path.relative_to(target)).exists():
            path.unlink()


def _sqlite(source: Path, folder: Path) -> str:
    """Copy a database by SQLite's own backup, whole or not at all, under its new name; returns its digest."""
    half = folder / f".{source.name}.part"
    half.unlink(missing_ok=True)
    reading = sqlite3.connect(f"file:{source}?mode=ro", uri=True)
    writing = sqlite3.connect(half)
    try:
        # In one step, so that writers meanwhile neither make it begin again nor are kept waiting.
        reading.backup(writing, pages=-1)
        # A copy is one file: without this it would ask for its log beside it.
        writing.execute("PRAGMA journal_mode=DELETE")
        (verdict,) = writing.execute("PRAGMA quick_check(1)").fetchone()
    finally:
        writing.close()
        reading.close()
    if verdict != "ok":
        half.unlink()
        raise Refused(refusals.copy_broken(source.name, verdict=verdict))
    _flush(half)
    half.replace(new := folder / _NEW.format(source.name))
    return _digest(new)


def _postgresql(folder: Path) -> dict[str, str]:
    """Dump the database by PostgreSQL's own program; the password is handed over where no other process sees it."""
    from django.conf import settings

    program = shutil.which("pg_dump") or next(
        (str(path) for path in sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_dump"), reverse=True)), None
    )
    if program is None:
        raise Refused(refusals.no_pg_dump())
    place = settings.DATABASES["default"]
    given = {"PGHOST": place["HOST"], "PGPORT": place["PORT"], "PGUSER": place["USER"], "PGPASSWORD": place["PASSWORD"]}
    half = folder / ".zhiheng.dump.part"
    done = subprocess.run(
        [program, "--format=custom", "--no-owner", f"--file={half}", f"--dbname={place['NAME']}"],
        env=os.environ | {name: str(value) for name, value in given.items() if value},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        half.unlink(missing_ok=True)
        raise Refused(refusals.pg_dump_failed(done.stderr.strip()))
    _flush(half)
    half.replace(new := folder / _NEW.format("zhiheng.dump"))
    return {"zhiheng.dump": _digest(new)}


def _files(source: Path, target: Path, bar: Any) -> int:
    """Copy the files that the target does not have; returns how many."""
    if not source.is_dir():
        return 0
    copied = 0
    # Halves are hidden; those of attachments were once told by their ending.
    names = [
        path.relative_to(source)
        for path in source.rglob("*")
        if path.is_file() and not path.name.startswith(".") and path.suffix != ".part"
    ]
    for number, name in enumerate(names, start=1):
        there = target / name
        try:
            if there.exists() and there.stat().st_size == (source / name).stat().st_size:
                continue
            there.parent.mkdir(parents=True, exist_ok=True)
            _copy(source / name, there)
        except FileNotFoundError:
            # A file of the inbox that was received meanwhile: it is among the kept ones now.
            continue
        copied += 1
        bar(f"复制 {source.name}", number, len(names))
    return copied


def _copy(source: Path, target: Path) -> None:
    half = target.with_name(f".{target.name}.part")
    shutil.copyfile(source, half)
    _flush(half)
    half.replace(target)


def _flush(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _head() -> dict[str, Any]:
    from zhiheng.quality_file.delivery_stats import last_link

    number, link = last_link()
    return {"deliveries": number, "head": link}


def _digest(path: Path) -> str:
    digest = sha256()
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


def _write(path: Path, value: Any) -> None:
    half = path.with_name(f".{path.name}.part")
    half.write_bytes(orjson.dumps(value, option=orjson.OPT_INDENT_2))
    _flush(half)
    half.replace(path)


def last_backup(data: Path) -> tuple[dt.datetime, list[str]] | None:
    """When ``zhiheng backup`` was last run for this data, and which folders it copied; None where it never was."""
    try:
        said = orjson.loads(inside(data, LAST).read_bytes())
        return dt.datetime.fromisoformat(said["at"]), list(said.get("folders", _FIRST_FOLDERS))
    except (FileNotFoundError, KeyError, ValueError):
        return None
