"""What a database's refusal means is told by its code; its sentences are many, and come in the server's language."""

from __future__ import annotations

import sqlite3

import psycopg
import pytest
from django.db import InterfaceError, OperationalError
from psycopg import errors as postgresql

from zhiheng.database.troubles import DatabaseTrouble, code_of, trouble_of


def of_sqlite(code: int, words: str) -> OperationalError:
    """An error as the framework raises it over SQLite's."""
    cause = sqlite3.OperationalError(words)
    cause.sqlite_errorcode, cause.sqlite_errorname = code, "SQLITE_X"
    return over(cause)


def over(cause: Exception) -> OperationalError:
    try:
        raise OperationalError(*cause.args) from cause
    except OperationalError as error:
        return error


@pytest.mark.parametrize(
    ("code", "words", "found"),
    [
        (sqlite3.SQLITE_BUSY, "database is locked", DatabaseTrouble.BUSY),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, "database is locked", DatabaseTrouble.BUSY),
        (sqlite3.SQLITE_LOCKED, "database table is locked", DatabaseTrouble.BUSY),
        # Many who begin at once: no word of it says that it is busy.
        (sqlite3.SQLITE_PROTOCOL, "locking protocol", DatabaseTrouble.BUSY),
        (sqlite3.SQLITE_CANTOPEN, "unable to open database file", DatabaseTrouble.BUSY),
        (sqlite3.SQLITE_BUSY, "", DatabaseTrouble.BUSY),
        (sqlite3.SQLITE_FULL, "database or disk is full", DatabaseTrouble.FULL),
        (sqlite3.SQLITE_IOERR_WRITE, "disk I/O error", DatabaseTrouble.FULL),
        # A fault of the program, though a column's name sounds like trouble.
        (sqlite3.SQLITE_ERROR, "no such column: locked", None),
    ],
)
def test_sqlite的错误码说明是忙是满还是程序出错(code: int, words: str, found: DatabaseTrouble | None) -> None:
    assert trouble_of(of_sqlite(code, words)) is found


@pytest.mark.parametrize(
    ("cause", "found"),
    [
        (postgresql.DeadlockDetected("检测到死锁"), DatabaseTrouble.BUSY),
        (postgresql.SerializationFailure("不能串行化访问"), DatabaseTrouble.BUSY),
        (postgresql.LockNotAvailable("由于锁超时"), DatabaseTrouble.BUSY),
        (postgresql.QueryCanceled("由于语句超时"), DatabaseTrouble.BUSY),
        (postgresql.TooManyConnections("对不起, 已经有太多的客户"), DatabaseTrouble.BUSY),
        (postgresql.AdminShutdown("由于管理员命令中断联接"), DatabaseTrouble.BUSY),
        (postgresql.DiskFull("无法扩展文件"), DatabaseTrouble.FULL),
        (postgresql.UndefinedFile("没有那个文件"), None),
    ],
)
def test_postgresql的状态码说明是忙是满_不看它用什么语言(cause: Exception, found: DatabaseTrouble | None) -> None:
    assert trouble_of(over(cause)) is found


def test_什么都没有说的运行错误算作忙_别的错误不算() -> None:
    assert trouble_of(OperationalError()) is DatabaseTrouble.BUSY
    assert trouble_of(OperationalError("database is locked")) is DatabaseTrouble.BUSY
    assert trouble_of(OperationalError("no such table: x")) is None
    assert trouble_of(ValueError("locked")) is None


def test_断开的连接算作忙_写错的值不算() -> None:
    lost, wrong = InterfaceError("the connection is closed"), InterfaceError("Error binding parameter 1")
    lost.__cause__ = psycopg.InterfaceError("the connection is closed")
    wrong.__cause__ = sqlite3.InterfaceError("Error binding parameter 1")
    assert trouble_of(lost) is DatabaseTrouble.BUSY
    assert trouble_of(wrong) is None


def test_日志里写得出错误码() -> None:
    assert code_of(postgresql.DeadlockDetected("x")) == "40P01"
    assert code_of(of_sqlite(sqlite3.SQLITE_BUSY, "x").__cause__ or ValueError()) == "SQLITE_X"
    assert code_of(ValueError("x")) == ""
