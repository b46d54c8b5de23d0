"""Threads that write to SQLite wait for each other in line, and nobody stands there for ever."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connections

from zhiheng.database.sqlite.base import DatabaseWrapper
from zhiheng.database.turns import BUSY, PAUSE, Turns, WritePauses

# Long enough for any thread of a test to get where it has to be; never waited for where things are right.
_LONG = 60.0


def test_it_is_given_in_the_order_in_which_it_was_asked_for() -> None:
    turns, came = Turns(), []
    assert turns.take(0)
    threads = []
    for number in range(20):
        thread = threading.Thread(target=lambda n=number: (turns.take(_LONG), came.append(n), turns.give()))
        thread.start()
        threads.append(thread)
        while len(turns._waiting) <= number:
            pass
    turns.give()
    for thread in threads:
        thread.join(_LONG)
    assert came == list(range(20))
    assert turns.take(0)


def test_who_gave_up_is_not_waited_for() -> None:
    turns = Turns()
    assert turns.take(0)
    assert not turns.take(0.01)
    turns.give()
    assert turns.take(0)


@pytest.fixture
def two(tmp_path: Path, django_db_blocker: Any) -> Iterator[tuple[Any, Any]]:
    """Two connections to one file, as two threads of the web server have them; the second waits for no time at all."""
    options = {"transaction_mode": "IMMEDIATE", "timeout": _LONG}
    words = {
        "NAME": str(tmp_path / "two.sqlite3"),
        "OPTIONS": options,
        "TIME_ZONE": None,
        "ATOMIC_REQUESTS": False,
        "AUTOCOMMIT": True,
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": False,
    }
    first = DatabaseWrapper(words, "first")
    second = DatabaseWrapper(words | {"OPTIONS": options | {"timeout": 0}}, "second")
    with django_db_blocker.unblock():
        yield first, second
        first.close()
        second.close()


def begin(connection: Any) -> None:
    connection.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)


def refused(connection: Any) -> bool:
    """Whether it may not write now; where it may, it ends what it began."""
    try:
        begin(connection)
    except OperationalError:
        return True
    end(connection)
    return False


def end(connection: Any) -> None:
    connection.commit()
    connection.set_autocommit(True)


def test_a_writer_waits_until_the_other_has_committed(two: tuple[Any, Any]) -> None:
    first, second = two
    begin(first)
    assert refused(second)
    end(first)
    assert not refused(second)


def test_a_turn_is_given_back_by_rolling_back_and_by_closing(two: tuple[Any, Any]) -> None:
    first, second = two
    begin(first)
    first.rollback()
    first.set_autocommit(True)
    assert not refused(second)
    begin(first)
    first.close()
    assert not refused(second)


def test_a_lock_of_another_process_is_told_and_leaves_the_line_free(two: tuple[Any, Any], tmp_path: Path) -> None:
    import sqlite3

    first, second = two
    other = sqlite3.connect(tmp_path / "two.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert refused(second)
    other.execute("COMMIT")
    other.close()
    assert not refused(second)
    assert not refused(first)


def test_who_has_no_turn_writes_nothing_of_its_transaction(two: tuple[Any, Any]) -> None:
    first, second = two
    begin(first)
    with pytest.raises(OperationalError, match="locked"):
        begin(second)
    end(first)
    assert second.get_autocommit()


def test_a_statement_that_writes_by_itself_waits_in_the_same_line(two: tuple[Any, Any]) -> None:
    first, second = two
    with first.cursor() as cursor:
        cursor.execute("CREATE TABLE seen (n INTEGER)")
    begin(first)
    writes = "INSERT INTO seen (n) VALUES (%s)"
    with second.cursor() as cursor:
        with pytest.raises(OperationalError, match="locked"):
            cursor.execute(writes, [1])
        with pytest.raises(OperationalError, match="locked"):
            cursor.executemany(writes, [[1], [2]])
        assert cursor.execute("SELECT count(*) FROM seen").fetchone() == (0,)
    with first.cursor() as cursor:
        cursor.execute(writes, [1])
    end(first)
    with second.cursor() as cursor:
        cursor.execute(f"{writes} RETURNING n", [2])
        assert cursor.fetchall() == [(2,)]
        cursor.execute(writes, [3])
    # Each turn was given back.
    assert not refused(first)
    assert not refused(second)


def test_a_statement_that_fails_gives_its_turn_back(two: tuple[Any, Any]) -> None:
    from django.db import IntegrityError

    first, second = two
    with first.cursor() as cursor:
        cursor.execute("CREATE TABLE once (n INTEGER PRIMARY KEY)")
        cursor.execute("INSERT INTO once (n) VALUES (1)")
        with pytest.raises(IntegrityError):
            cursor.execute("INSERT INTO once (n) VALUES (1)")
    assert not refused(second)


@pytest.mark.parametrize(("vendor", "waits"), [("sqlite", [PAUSE, PAUSE]), ("postgresql", [])])
def test_background_work_pauses_after_it_has_written_for_long_enough(
    vendor: str, waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections["default"], "vendor", vendor)
    at, waited = [0.0], []
    pauses = WritePauses("default", clock=lambda: at[0], wait=waited.append)
    for moment in (0.1, BUSY, BUSY + 0.1, 2 * BUSY + 0.1):
        at[0] = moment
        pauses.between()
    assert waited == waits


def test_a_pause_is_longer_than_what_a_locked_out_process_sleeps() -> None:
    # SQLite's own busy handler looks again after 1 to 100 milliseconds.
    assert PAUSE > 0.1
