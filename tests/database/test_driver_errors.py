"""What the driver itself complains of while many rows are written is raised as the framework's errors: receiving, pages
and the terminal tell those in sentences.
"""

from __future__ import annotations

import pytest
from django.db import DatabaseError

from zhiheng.database import dialect
from zhiheng.database.bulk_insert import insert_rows
from zhiheng.database.rows import stream

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_rows_that_can_not_be_written() -> None:
    with pytest.raises(DatabaseError):
        insert_rows("no_such_table", ("a", "b"), [(1, 2)])


def test_a_statement_of_the_driver() -> None:
    with pytest.raises(DatabaseError), dialect.driver() as driver:
        driver.execute("SELECT * FROM no_such_table")


def test_rows_that_can_not_be_read() -> None:
    with pytest.raises(DatabaseError):
        list(stream("SELECT * FROM no_such_table"))
