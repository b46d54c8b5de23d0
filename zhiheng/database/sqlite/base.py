"""Django's backend of SQLite, in which the threads of one process begin their write transactions in turn.

SQLite lets one writer in at a time, and whoever comes meanwhile sleeps and tries again, up to the time that the
settings name. That has no order: under many writers some wait until they give up ('database is locked'), though each
transaction is short. Here a thread first waits in line for the others of its process (``database.turns``), for as long
as the settings say, and then for other processes as before. A statement that writes by itself, outside of a
transaction, stands in the same line: it holds the lock for an instant only, but between threads that hand it on to each
other it would find no instant in which it is free.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.db.backends.sqlite3 import base
from django.db.utils import OperationalError

from zhiheng.database.turns import Turns

_turns: dict[str, Turns] = {}


def _forget() -> None:
    """In a child that was forked: the threads that held or waited are not there."""
    _turns.clear()


os.register_at_fork(after_in_child=_forget)

_WRITES: Final = ("INSERT", "UPDATE", "DELETE", "REPLACE")


class _Cursor(base.SQLiteCursorWrapper):
    """A cursor whose statements wait for their turn where they write by themselves."""

    wrapper: DatabaseWrapper

    def execute(self, query: str, params: Any = None) -> Any:
        with self.wrapper.turn_of(query):
            return super().execute(query, params)

    def executemany(self, query: str, param_list: Any) -> Any:
        with self.wrapper.turn_of(query):
            return super().executemany(query, param_list)


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection whose writing waits for that of the other threads."""

    _turn: Turns | None = None

    def create_cursor(self, name: str | None = None) -> Any:
        """A cursor that knows whose it is."""
        cursor = self.connection.cursor(factory=_Cursor)
        cursor.wrapper = self
        return cursor

    @contextmanager
    def turn_of(self, query: str) -> Iterator[None]:
        """Hold the turn while a statement writes by itself; OperationalError where it does not come in time.

        Nothing is waited for where the statement only reads, or belongs to a transaction, which has its turn already.
        """
        alone = self._turn is None and not self.connection.in_transaction
        if not alone or not query.lstrip()[:7].upper().startswith(_WRITES) or not self._in_line():
            yield
            return
        self._take()
        try:
            yield
        finally:
            self._give()

    def set_autocommit(self, autocommit: bool, force_begin_transaction_with_broken_autocommit: bool = False) -> None:
        """Begin a transaction once it is this connection's turn; OperationalError where that does not come in time."""
        begins = force_begin_transaction_with_broken_autocommit and not autocommit
        if begins and self._in_line():
            self._take()
        try:
            super().set_autocommit(autocommit, force_begin_transaction_with_broken_autocommit)
        except BaseException:
            if begins:
                self._give()
            raise

    def commit(self) -> None:
        """Commit; only where that went through the next may begin: what could not be committed is rolled back."""
        super().commit()
        self._give()

    def rollback(self) -> None:
        """Roll back, and let the next begin."""
        try:
            super().rollback()
        finally:
            self._give()

    def close(self) -> None:
        """Close, and let the next begin: what was not committed is gone."""
        try:
            super().close()
        finally:
            self._give()

    def _in_line(self) -> bool:
        """Whether its writers stand in line: a database in memory is one connection, whoever uses it; a deferred
        transaction need not write.
        """
        return bool(self.settings_dict["OPTIONS"].get("transaction_mode")) and not self.is_in_memory_db()

    def _take(self) -> None:
        turns = _turns.setdefault(str(self.settings_dict["NAME"]), Turns())
        if not turns.take(float(self.settings_dict["OPTIONS"].get("timeout", 5))):
            raise OperationalError("database is locked")
        self._turn = turns

    def _give(self) -> None:
        turn, self._turn = self._turn, None
        if turn is not None:
            turn.give()
