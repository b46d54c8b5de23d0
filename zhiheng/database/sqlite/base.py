"""Django's backend of SQLite, in which the threads of one process begin their write transactions in turn.

SQLite lets one writer in at a time, and whoever comes meanwhile sleeps and tries again, up to the time that the
settings name. That has no order: under many writers some wait until they give up ('database is locked'), though each
transaction is short. Here a thread first waits in line for the others of its process (``database.turns``), for as long
as the settings say, and then for other processes as before. Statements outside of a transaction do not stand in line:
they hold SQLite's lock for no longer than they take.
"""

from __future__ import annotations

import os

from django.db.backends.sqlite3 import base
from django.db.utils import OperationalError

from zhiheng.database.turns import Turns

_turns: dict[str, Turns] = {}


def _forget() -> None:
    """In a child that was forked: the threads that held or waited are not there."""
    _turns.clear()


os.register_at_fork(after_in_child=_forget)


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection whose write transactions wait for those of the other threads."""

    _turn: Turns | None = None

    def set_autocommit(self, autocommit: bool, force_begin_transaction_with_broken_autocommit: bool = False) -> None:
        """Begin a transaction once it is this connection's turn; OperationalError where that does not come in time."""
        begins = force_begin_transaction_with_broken_autocommit and not autocommit
        # A database in memory is one connection, whoever uses it; a deferred transaction need not write.
        if begins and self.settings_dict["OPTIONS"].get("transaction_mode") and not self.is_in_memory_db():
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

    def _take(self) -> None:
        turns = _turns.setdefault(str(self.settings_dict["NAME"]), Turns())
        if not turns.take(float(self.settings_dict["OPTIONS"].get("timeout", 5))):
            raise OperationalError("database is locked")
        self._turn = turns

    def _give(self) -> None:
        turn, self._turn = self._turn, None
        if turn is not None:
            turn.give()
