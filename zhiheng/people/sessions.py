"""Sessions as the framework keeps them in the database; that it is busy is said, and not taken for something else."""

from __future__ import annotations

from django.contrib.sessions.backends import db
from django.db import router, transaction


class SessionStore(db.SessionStore):
    """The framework's store. It takes every error of a database at saving for a session that was deleted meanwhile and
    answers 400; here a transaction begins before, so that no lock in time is told as what it is (503, try again).
    """

    def save(self, must_create: bool = False) -> None:
        """Save; OperationalError where another writer did not finish in time."""
        with transaction.atomic(using=router.db_for_write(self.model)):
            super().save(must_create=must_create)
