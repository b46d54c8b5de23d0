"""Why a command did not do what was asked."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from zhiheng.kernel.reasons import Refusal

if TYPE_CHECKING:
    # It loads the framework, which the terminal does only where a command needs it.
    from zhiheng.database.troubles import TroubleWords


def copy_broken(name: str, *, verdict: str) -> Refusal:
    return Refusal(
        "backup.broken",
        f"{name} 的副本没有通过检查（{verdict}）；原来的备份没有动，请检查磁盘。",
        f"The copy of {name} did not pass its check ({verdict}); the backup that was there was left "
        "alone. Check the disk.",
    )


def backup_inside_data() -> Refusal:
    return Refusal(
        "backup.inside",
        "备份不能放在数据目录里面；请换到另一块磁盘。",
        "A backup can't lie inside the data folder; choose another disk.",
    )


def no_pg_dump() -> Refusal:
    return Refusal(
        "backup.no_pg_dump",
        "这台机器上没有 pg_dump；请安装 PostgreSQL 客户端，或由数据库管理员备份。",
        "There is no pg_dump on this machine; install PostgreSQL's client, or have the database's operator back it up.",
    )


def pg_dump_failed(said: str) -> Refusal:
    return Refusal("backup.pg_dump", f"pg_dump 没有成功：{said}", f"pg_dump failed: {said}")


def database_failed(said: str) -> Refusal:
    return Refusal(
        "machine.database",
        f"数据库无法使用（{said}）；请检查 DATABASE_URL、数据库服务和磁盘后重试，已接收的内容不受影响。",
        f"The database can't be used ({said}); check DATABASE_URL, its server and the disk, then try again. "
        "Nothing received was lost.",
    )


def database_trouble(said: TroubleWords) -> Refusal:
    """The database says why it does not work (``database/troubles.py``)."""
    return Refusal(said.code, f"{said.zh}：{said.zh_do}", f"{said.en}. {said.en_do}")


def file_failed(name: str, *, why: str) -> Refusal:
    return Refusal(
        "machine.file",
        f"文件“{name}”无法读写（{why}）；请检查路径和权限后重试，已接收的内容不受影响。",
        f"The file {name} can't be read or written ({why}); check its path and its permissions and try again. Nothing "
        "received was lost.",
    )


def disk_failed(what: str) -> Refusal:
    said_zh, said_en = (f"（{what}）", f" ({what})") if what else ("", "")
    return Refusal(
        "machine.disk",
        f"磁盘已满，或者读写出错{said_zh}；正在写的内容已全部放弃，已接收的不受影响。请腾出空间或检查磁盘和权限，然后重试。",
        f"The disk is full, or could not be read or written{said_en}. What was being written is undone, nothing "
        "received was lost; free some space, or check the disk and the permissions, then try again.",
    )


def disk_full() -> Refusal:
    return Refusal(
        "machine.full",
        "磁盘已满（或超出限额），正在写的内容已全部放弃，已接收的不受影响；请腾出空间后重试。",
        "The disk is full (or a limit is exceeded). What was being written is undone, nothing received was lost; free "
        "some space and try again.",
    )


def database_locked() -> Refusal:
    return Refusal(
        "machine.locked",
        "数据库正被另一个进程占用；这次没有写入任何内容，请等它结束后重试。",
        "Another process is writing to the database; nothing was written this time, try again when it has ended.",
    )


def record_or_source_absent(record: str, *, source: str) -> Refusal:
    return Refusal(
        "record.absent",
        f"规则书中没有记录类型“{record}”或它的来源“{source}”；可用的名称见 zhiheng book list。",
        f"The book has no record {record!r} with the source {source!r}; see zhiheng book list.",
    )


def backup_damaged(name: str) -> Refusal:
    return Refusal(
        "restore.damaged",
        f"备份中的 {name} 与备份时的摘要不符，已损坏或不是同一次备份；请换一份备份。",
        f"{name} differs from the digest taken when it was backed up: damaged, or of another backup. Take another one.",
    )


def no_backup(folder: Path, note: str) -> Refusal:
    return Refusal(
        "restore.no_backup",
        f"“{folder}”里没有 {note}，不是完整的备份；请检查路径。",
        f"There is no {note} in {folder}: not a whole backup. Check the path.",
    )


def note_torn(folder: Path, note: str) -> Refusal:
    return Refusal(
        "restore.note",
        f"“{folder}”里的 {note} 读不懂，或者没有写明任何数据库，这份备份不完整；请换一份备份，或者另选一个文件夹。",
        f"{note} in {folder} can't be read, or names no database: not a whole backup. Take another one, or choose "
        "another folder.",
    )


def link_in_backup(path: str) -> Refusal:
    return Refusal(
        "restore.link",
        f"备份里的 {path} 是链接，不是文件；备份只存副本，请换一份备份，或者把它换成文件再恢复。",
        f"{path} of the backup is a link and no file; a backup holds copies. Take another one, or put the file itself "
        "there.",
    )


def folder_not_empty(data: Path, taken: Collection[str]) -> Refusal:
    return Refusal(
        "restore.not_empty",
        f"“{data}”里已有 {'、'.join(taken)}；请把 ZHIHENG_DATA 指向新的空目录，核对无误后再换过来。",
        f"There is {', '.join(taken)} in {data}; let ZHIHENG_DATA name a new, empty folder, and change over "
        "once it is right.",
    )


def address_taken(host: str, port: int, why: str | None) -> Refusal:
    return Refusal(
        "serve.address",
        f"无法监听 {host}:{port}（{why}）；请先停止占用它的程序，或用 --port 换一个端口。",
        f"Can't listen at {host}:{port} ({why}); stop what uses it, or choose another with --port.",
    )


def web_server_silent() -> Refusal:
    return Refusal(
        "serve.silent",
        "网站进程没有启动成功；请查看上面的错误信息。",
        "The web server did not start; see the messages above.",
    )


def workflow_absent(name: str, known: Collection[str]) -> Refusal:
    return Refusal(
        "workflow.absent",
        f"规则书中没有工作流“{name}”；可用：{'、'.join(known) or '（没有）'}。",
        f"The book has no workflow {name!r}; use one of {', '.join(known) or '(none)'}.",
    )


def proposal_after_unknown(text: str) -> Refusal:
    return Refusal(
        "heading.after_unknown",
        f"“{text}”不是表头建议的编号；请写上一次列出时“其余用 --after”后面的编号。",
        f"{text!r} is no number of a proposal; write the one that stood behind '--after' in the last list.",
    )
