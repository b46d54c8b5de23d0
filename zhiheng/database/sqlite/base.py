"""Django's backend of SQLite, in which the threads of one process begin their write transactions in turn.

SQLite lets one writer in at a time, and whoever comes meanwhile sleeps and tries again, up to the time that the
settings name. That has no order: under many writers some wait until they give up ('database is locked'), though each
transaction is short. Here a thread first waits in line for the others of its process (``database.turns``), for as long
as the settings say, and then for other processes as before. Statements outside of a transaction do not stand in line:
they hold SQLite's lock for no longer than they take.
"""

from __future__ import annotations

import os
from typing import Any

from django.db.backends.sqlite3 import base
from django.db.utils import OperationalError

from zhiheng.database.turns import Turns

_turns: dict[str, Turns] = {}


def _forget() -> None:
    """In a child that was forked: the threads that held or waited are not there."""
    _turns.clear()


os.register_at_fork(after_in_child=_forget)


_Wrapper: Any = base.DatabaseWrapper


class DatabaseWrapper(_Wrapper):  # type: ignore[misc]  # the stubs do not know what a backend is made of
    """A connection whose write transactions wait for those of the other threads."""

    _turn: Turns | None = None

    def _start_transaction_under_autocommit(self) -> None:
        # A database in memory is one connection, whoever uses it.
        if self.transaction_mode is None or self.is_in_memory_db():
            super()._start_transaction_under_autocommit()
            return
        turns = _turns.setdefault(str(self.settings_dict["NAME"]), Turns())
        if not turns.take(float(self.settings_dict["OPTIONS"].get("timeout", 5))):
            raise OperationalError("database is locked")
        self._turn = turns
        try:
            super()._start_transaction_under_autocommit()
        except BaseException:
            self._give()
            raise

    def _commit(self) -> Any:
        done = super()._commit()
        # Only where it went through: what could not be committed is rolled back.
        self._give()
        return done

    def _rollback(self) -> Any:
        try:
            return super()._rollback()
        finally:
            self._give()

    def _close(self) -> Any:
        try:
            return super()._close()
        finally:
            self._give()

    def _give(self) -> None:
        turn, self._turn = self._turn, None
        if turn is not None:
            turn.give()
