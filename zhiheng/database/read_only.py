"""Reading without being able to write: for statements that stand in files and that nobody looks at before they run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections, transaction

from zhiheng.database.dialect import is_postgresql


@contextmanager
def reading_only(using: str) -> Iterator[None]:
    """Whatever writes to this database inside is refused by the database itself.

    PostgreSQL: a transaction that may only read, and is rolled back. SQLite: the connection takes no writing statement
    meanwhile; there is no transaction, since one would begin with the writers' lock.
    """
    if is_postgresql(using):
        with transaction.atomic(using=using):
            with connections[using].cursor() as cursor:
                cursor.execute("SET LOCAL transaction_read_only = on")
            try:
                yield
            finally:
                # Inside another transaction only going back takes the mode away again.
                transaction.set_rollback(True, using=using)
        return
    with connections[using].cursor() as cursor:
        cursor.execute("PRAGMA query_only = ON")
    try:
        yield
    finally:
        with connections[using].cursor() as cursor:
            cursor.execute("PRAGMA query_only = OFF")
