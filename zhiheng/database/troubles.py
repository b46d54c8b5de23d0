"""What a database's refusal to work means: told by the code that the database itself gives, and by its words only where
there is none.

SQLite has many sentences for one thing, and calls a statement that is wrong by the same name in Python as a file that
is locked; PostgreSQL's sentences come in the server's language.
"""

from __future__ import annotations

import enum
import sqlite3
from typing import Final

from django.db import InterfaceError, OperationalError


@enum.unique
class DatabaseTrouble(enum.Enum):
    """Why the database did not do it now: it may in a moment, or there is no room."""

    BUSY = "busy"
    FULL = "full"


# Result codes of SQLite (https://www.sqlite.org/rescode.html), the primary one of each. PROTOCOL: under many who begin
# at once the race for the lock was lost again and again for seconds; CANTOPEN: the process has no file left to open.
_SQLITE: Final = {
    sqlite3.SQLITE_BUSY: DatabaseTrouble.BUSY,
    sqlite3.SQLITE_LOCKED: DatabaseTrouble.BUSY,
    sqlite3.SQLITE_PROTOCOL: DatabaseTrouble.BUSY,
    sqlite3.SQLITE_INTERRUPT: DatabaseTrouble.BUSY,
    sqlite3.SQLITE_CANTOPEN: DatabaseTrouble.BUSY,
    sqlite3.SQLITE_FULL: DatabaseTrouble.FULL,
    # On the way to a full disk this is what comes first.
    sqlite3.SQLITE_IOERR: DatabaseTrouble.FULL,
}
# Codes of PostgreSQL (https://www.postgresql.org/docs/current/errcodes-appendix.html), the longest beginning counts:
# disk full, I/O error; otherwise no connection (08), a transaction that lost against another (40), no room for one
# more (53), not at this moment (55P03, 57).
_POSTGRESQL: Final = {
    "53100": DatabaseTrouble.FULL,
    "58030": DatabaseTrouble.FULL,
    "08": DatabaseTrouble.BUSY,
    "40": DatabaseTrouble.BUSY,
    "53": DatabaseTrouble.BUSY,
    "55P03": DatabaseTrouble.BUSY,
    "57": DatabaseTrouble.BUSY,
}
_FULL_WORDS: Final = ("disk is full", "no space left", "disk i/o")
_BUSY_WORDS: Final = ("locked", "lock timeout", "statement timeout", "too many clients", "connection")


def trouble_of(error: BaseException) -> DatabaseTrouble | None:
    """What an error of the framework's databases means; None where it is none, or a fault of the program.

    An operational error that says nothing at all, neither code nor words, is not the program's: busy.
    """
    driver = error.__cause__
    if isinstance(error, InterfaceError):
        # psycopg's word for a connection that broke off before; SQLite's for a value that is none.
        lost = driver is not None and type(driver).__module__.partition(".")[0] == "psycopg"
        return DatabaseTrouble.BUSY if lost else None
    if not isinstance(error, OperationalError):
        return None
    if (number := getattr(driver, "sqlite_errorcode", None)) is not None:
        return _SQLITE.get(number & 0xFF)
    if state := getattr(driver, "sqlstate", None):
        return next((_POSTGRESQL[state[:n]] for n in (5, 2) if state[:n] in _POSTGRESQL), None)
    words = str(error).lower()
    if any(word in words for word in _FULL_WORDS):
        return DatabaseTrouble.FULL
    return DatabaseTrouble.BUSY if not words or any(word in words for word in _BUSY_WORDS) else None


def code_of(error: BaseException) -> str:
    """The code that the database's driver gave an error (``SQLITE_BUSY``, ``40P01``), '' where it gave none; it never
    holds a value.
    """
    return str(getattr(error, "sqlite_errorname", None) or getattr(error, "sqlstate", None) or "")
