"""What a database's refusal to work means: told by the code that the database itself gives, and by its words only where
there is none.

SQLite has many sentences for one thing, and calls a statement that is wrong by the same name in Python as a file that
is locked; PostgreSQL's sentences come in the server's language.
"""

from __future__ import annotations

import enum
import sqlite3
from dataclasses import dataclass
from typing import Final

from django.db import DatabaseError, InterfaceError, OperationalError


@enum.unique
class DatabaseTrouble(enum.Enum):
    """Why the database did not do it now: each asks for something else to be done."""

    BUSY = "busy"
    AWAY = "away"
    CROWDED = "crowded"
    CLOSED = "closed"
    FULL = "full"
    FAILED = "failed"
    DAMAGED = "damaged"
    READ_ONLY = "read_only"


# Result codes of SQLite (https://www.sqlite.org/rescode.html): extended ones where they say more than the primary one.
# PROTOCOL: under many who begin at once the race for the lock was lost again and again for seconds. SHMSIZE: the shared
# index of the log could not grow, which on a full disk comes before FULL does. DBMOVED: the file was taken away. A
# quota or a limit of file sizes is an I/O error for SQLite, like a bad sector: the words tell both.
_SQLITE_EXTENDED: Final = {
    sqlite3.SQLITE_IOERR_SHMSIZE: DatabaseTrouble.FULL,
    sqlite3.SQLITE_IOERR_NOMEM: DatabaseTrouble.CROWDED,
    sqlite3.SQLITE_IOERR_CORRUPTFS: DatabaseTrouble.DAMAGED,
    sqlite3.SQLITE_READONLY_DBMOVED: DatabaseTrouble.CLOSED,
}
_SQLITE: Final = {
    sqlite3.SQLITE_BUSY: DatabaseTrouble.BUSY,
    sqlite3.SQLITE_LOCKED: DatabaseTrouble.BUSY,
    sqlite3.SQLITE_PROTOCOL: DatabaseTrouble.BUSY,
    sqlite3.SQLITE_INTERRUPT: DatabaseTrouble.BUSY,
    sqlite3.SQLITE_NOMEM: DatabaseTrouble.CROWDED,
    sqlite3.SQLITE_CANTOPEN: DatabaseTrouble.CLOSED,
    sqlite3.SQLITE_PERM: DatabaseTrouble.CLOSED,
    sqlite3.SQLITE_FULL: DatabaseTrouble.FULL,
    sqlite3.SQLITE_IOERR: DatabaseTrouble.FAILED,
    sqlite3.SQLITE_CORRUPT: DatabaseTrouble.DAMAGED,
    sqlite3.SQLITE_NOTADB: DatabaseTrouble.DAMAGED,
    sqlite3.SQLITE_READONLY: DatabaseTrouble.READ_ONLY,
}
# Codes of PostgreSQL (https://www.postgresql.org/docs/current/errcodes-appendix.html), the longest beginning counts:
# no connection (08), a transaction that lost against another (40), no room for one more (53), not at this moment
# (55P03, 57); 57P01 to 57P03: the server stops or starts.
_POSTGRESQL: Final = {
    "08": DatabaseTrouble.AWAY,
    "25006": DatabaseTrouble.READ_ONLY,
    "40": DatabaseTrouble.BUSY,
    "53": DatabaseTrouble.CROWDED,
    "53100": DatabaseTrouble.FULL,
    "55P03": DatabaseTrouble.BUSY,
    "57": DatabaseTrouble.BUSY,
    "57P01": DatabaseTrouble.AWAY,
    "57P02": DatabaseTrouble.AWAY,
    "57P03": DatabaseTrouble.AWAY,
    "58030": DatabaseTrouble.FAILED,
    "XX001": DatabaseTrouble.DAMAGED,
    "XX002": DatabaseTrouble.DAMAGED,
}
# Where a driver gave no code: a server that could not be reached (psycopg gives none for it), or a copy of an error.
_WORDS: Final = {
    "disk is full": DatabaseTrouble.FULL,
    "no space left": DatabaseTrouble.FULL,
    "disk i/o": DatabaseTrouble.FAILED,
    "malformed": DatabaseTrouble.DAMAGED,
    "readonly database": DatabaseTrouble.READ_ONLY,
    "unable to open": DatabaseTrouble.CLOSED,
    "locked": DatabaseTrouble.BUSY,
    "lock timeout": DatabaseTrouble.BUSY,
    "statement timeout": DatabaseTrouble.BUSY,
    "too many clients": DatabaseTrouble.CROWDED,
    "connection": DatabaseTrouble.AWAY,
}


@dataclass(frozen=True, slots=True)
class TroubleWords:
    """What is said of a trouble: the code for programs, what happened, and what to do, in both languages; seconds after
    which it may be over, 0 where somebody must see to it first.
    """

    code: str
    zh: str
    en: str
    zh_do: str
    en_do: str
    wait: int = 0


WORDS: Final = {
    DatabaseTrouble.BUSY: TroubleWords(
        "store.busy",
        "正在写入另一份报送",
        "Another delivery is being written",
        "数据库正忙，您的操作没有写入任何一部分。请过一会儿再试。",
        "The database is busy; no part of what you did was written. Try again in a moment.",
        10,
    ),
    DatabaseTrouble.AWAY: TroubleWords(
        "store.away",
        "数据库连不上",
        "The database can't be reached",
        "数据库正在启动、停止，或者连接断开了，没有写完的都不算数。请过一会儿再试，断开前刚提交的先看是否已经办成；"
        "几分钟后仍然这样，请告诉管理员查看数据库服务。",
        "The database starts or stops, or the connection broke off; what was not finished does not count. Try again in "
        "a moment, after a look whether it was done; if it stays so, tell the administrator to look at the server.",
        10,
    ),
    DatabaseTrouble.CROWDED: TroubleWords(
        "store.crowded",
        "数据库的连接或内存用完了",
        "The database has no connection or memory left",
        "您的操作没有写入任何一部分。请过一会儿再试；常常这样，请告诉管理员加大数据库的连接数（max_connections）或内存。",
        "No part of what you did was written. Try again in a moment; if it happens often, tell the administrator to "
        "give the database more connections (max_connections) or memory.",
        10,
    ),
    DatabaseTrouble.CLOSED: TroubleWords(
        "store.closed",
        "数据库文件打不开",
        "The file of the database can't be opened",
        "您的操作没有写入任何一部分。请过一会儿再试；仍然这样，请告诉管理员检查数据目录还在不在、权限对不对，"
        "以及进程可以打开的文件数（ulimit -n）。",
        "No part of what you did was written. Try again in a moment; if it stays so, tell the administrator to check "
        "that the data folder is there, its permissions, and how many files the process may open (ulimit -n).",
        10,
    ),
    DatabaseTrouble.FULL: TroubleWords(
        "store.full",
        "磁盘已满",
        "The disk is full",
        "服务器没有空间了，您的操作没有写入任何一部分。请告诉管理员腾出空间，然后再试。",
        "The server has no room left; no part of what you did was written. Tell the administrator to make room, then "
        "try again.",
    ),
    DatabaseTrouble.FAILED: TroubleWords(
        "store.failed",
        "磁盘读写出错，或者超过了限额",
        "The disk could not be read or written, or a limit is exceeded",
        "您的操作没有写入任何一部分。请告诉管理员检查磁盘和挂载（系统日志里有缘由）、运行用户的磁盘限额（ulimit -f），"
        "恢复以后先运行 zhiheng ledger verify。",
        "No part of what you did was written. Tell the administrator to check the disk and how it is mounted (the "
        "system's log says why) and the limits of its user on disk (ulimit -f), and to run zhiheng ledger verify once "
        "it works.",
    ),
    DatabaseTrouble.DAMAGED: TroubleWords(
        "store.damaged",
        "数据库文件损坏",
        "The database is damaged",
        "您的操作没有写入任何一部分。请先不要再写入；请告诉管理员停下服务，留一份数据目录的副本，"
        "检查磁盘，再从最近的备份恢复（zhiheng restore）。",
        "No part of what you did was written. Write nothing more; tell the administrator to stop the service, keep a "
        "copy of the data folder, check the disk, and bring back the last backup (zhiheng restore).",
    ),
    DatabaseTrouble.READ_ONLY: TroubleWords(
        "store.read_only",
        "数据库只能读",
        "The database can only be read",
        "您的操作没有写入任何一部分。请告诉管理员检查数据目录的权限和挂载方式（PostgreSQL：是不是连到了备用库）。",
        "No part of what you did was written. Tell the administrator to check the permissions of the data folder and "
        "how it is mounted (PostgreSQL: whether this is a standby).",
    ),
}


def trouble_of(error: BaseException) -> DatabaseTrouble | None:
    """What an error of the framework's databases, or of SQLite's driver, means; None where it is none, or a fault of
    the program.

    An operational error that says nothing at all, neither code nor words, is not the program's: busy.
    """
    driver = error if isinstance(error, sqlite3.Error) else error.__cause__
    if isinstance(error, InterfaceError):
        # psycopg's word for a connection that broke off before; SQLite's for a value that is none.
        lost = driver is not None and type(driver).__module__.partition(".")[0] == "psycopg"
        return DatabaseTrouble.AWAY if lost else None
    # A damaged file is no operational error for SQLite, nor is a standby for PostgreSQL.
    if not isinstance(error, DatabaseError | sqlite3.Error):
        return None
    if (number := getattr(driver, "sqlite_errorcode", None)) is not None:
        return _SQLITE_EXTENDED.get(number) or _SQLITE.get(number & 0xFF)
    if state := getattr(driver, "sqlstate", None):
        return next((_POSTGRESQL[state[:n]] for n in (5, 2) if state[:n] in _POSTGRESQL), None)
    if not isinstance(error, OperationalError | sqlite3.OperationalError):
        return None
    words = str(error).lower()
    return next((trouble for said, trouble in _WORDS.items() if said in words), None if words else DatabaseTrouble.BUSY)


def code_of(error: BaseException) -> str:
    """The code that the database's driver gave an error (``SQLITE_BUSY``, ``40P01``), '' where it gave none; it never
    holds a value.
    """
    return str(getattr(error, "sqlite_errorname", None) or getattr(error, "sqlstate", None) or "")
