"""Locks between processes, all with their numbers in one place: two that share a number would wait for each other.

On PostgreSQL they are advisory locks. On SQLite a write transaction is the only one anyway; what lasts longer than a
transaction is locked by a file of the data folder.
"""

from __future__ import annotations

import enum
import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import DEFAULT_DB_ALIAS, connection, connections

from zhiheng.database.dialect import is_postgresql


@enum.unique
class Lock(enum.IntEnum):
    """What is locked, and the number that every process of this system asks for. A number is never changed or used
    again.
    """

    # A writer of the ledger or of what is published, until the end of the transaction.
    LEDGER = 0x5A48
    # Making and changing tables.
    TABLES = 0x5A49
    # Making the read models.
    PROJECTIONS = 0x5A4A
    # Taking a task from the queue, until the end of the transaction.
    QUEUE = 0x5A51
    # Adding a line to the log of a case, until the end of the transaction: lines are numbered and chained in one order.
    CASES = 0x5A52
    # Writing down what early warnings found, until the end of the transaction.
    SIGNALS = 0x5A53
    # Adding entries to the public log and signing its head.
    LOG = 0x5A54


def hold(lock: Lock, using: str = DEFAULT_DB_ALIAS) -> None:
    """Take a lock until the transaction ends, waiting for it (SQLite's immediate transactions exclude each other by
    themselves).
    """
    if is_postgresql(using):
        with connections[using].cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock.value])


@contextmanager
def alone(lock: Lock, file: Path) -> Iterator[None]:
    """Hold a lock over several transactions, waiting for it; ``file`` is what SQLite's processes lock instead."""
    if is_postgresql():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [lock.value])
            try:
                yield
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [lock.value])
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as opened:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield
