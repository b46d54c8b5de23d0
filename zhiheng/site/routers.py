"""Which database holds what. On SQLite what pages write (sessions, accounts, the trail of reads, the queue of tasks) stands in
a file of its own: a delivery holds the ledger's writing lock for seconds, and nobody's log-in should wait for it.
"""

from __future__ import annotations

from typing import Any

PEOPLE = frozenset(
    {
        "people",
        "auth",
        "contenttypes",
        "sessions",
        "account",
        "mfa",
        "socialaccount",
        "usersessions",
        "django_tasks_database",
    }
)


class Router:
    """Tables of people to the ``people`` database, everything else to the ledger's."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        """The database of a model."""
        return "people" if model._meta.app_label in PEOPLE else "default"

    db_for_write = db_for_read

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool:
        """Tables of two databases never point to each other; they name each other by id."""
        return (one._meta.app_label in PEOPLE) == (other._meta.app_label in PEOPLE)

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        """Each table is made in its own database only."""
        return (db == "people") == (app_label in PEOPLE)
