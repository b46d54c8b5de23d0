"""Row numbers that the program gives: no gaps, in the order of writing.

The ledger's chain is hashed over consecutive numbers, which a sequence of the database would not give (a transaction
that is rolled back leaves a gap there). They are read as ``MAX(id) + 1``, under the writing lock
(``locks.hold(Lock.LEDGER)``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connection, models

if TYPE_CHECKING:
    # What may be set, and what is read: a number, never None. At run time the framework's fields take no such words.
    _BigInteger = models.BigIntegerField[int | str, int]
else:
    _BigInteger = models.BigIntegerField


class AssignedId(_BigInteger):
    """A 64-bit primary key whose value the program gives; on SQLite it is the row id itself, so no second index is
    kept.
    """

    def db_type(self, connection: Any) -> str:
        """``integer`` is SQLite's only spelling for a row id."""
        return "integer" if connection.vendor == "sqlite" else "bigint"


def next_id(table: str) -> int:
    """The first free number of a table; the caller holds the writing lock."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COALESCE(MAX(id), 0) + 1 FROM {table}")
        return int(cursor.fetchone()[0])
