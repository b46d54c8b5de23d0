"""Which database holds what. On SQLite what pages write (sessions, accounts, the trail of reads, the queue of tasks)
stands in a separate file: a delivery holds the ledger's writing lock for seconds, and no log-in should wait for it.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from django.apps import apps

from zhiheng.database.homes import Home

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
        "django_cache",
        "django_tasks_database",
    }
)


@cache
def of_people(app_label: str, model_name: str | None) -> bool:
    """Whether a table belongs to the ``people`` database: it is of people, or says that it stands beside the queue
    (``home``).
    """
    if app_label in PEOPLE:
        return True
    try:
        # The model as it is, also for one of a migration: such a one has the fields of its day, and no attributes.
        model = apps.get_model(app_label, model_name or "")
    except (LookupError, ValueError):
        # A migration of no model in particular, or of one that is there no more.
        return False
    return getattr(model, "home", Home.LEDGER) is Home.QUEUE


class Router:
    """Tables of people to the ``people`` database, everything else to the ledger's."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        """The database of a model."""
        return "people" if of_people(model._meta.app_label, model._meta.model_name) else "default"

    db_for_write = db_for_read

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool:
        """Tables of two databases never point to each other; they name each other by id."""
        # Instances, not their types: what a request gives as its user is a stand-in that only looks like the model.
        return self.db_for_read(one) == self.db_for_read(other)

    def allow_migrate(self, db: str, app_label: str, model_name: str | None = None, **hints: Any) -> bool:
        """Each table is made in its own database only."""
        return (db == "people") == of_people(app_label, model_name)
