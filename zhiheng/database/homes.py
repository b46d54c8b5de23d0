"""Beside what a table stands where the installation has two databases (SQLite); on PostgreSQL there is one."""

from __future__ import annotations

import enum


class Home(enum.Enum):
    """What a table is written together with, in one transaction. A model says it by its attribute ``home``;
    site/routers.py reads it.
    """

    # The ledger: written while a delivery is received, for seconds at a time.
    LEDGER = "ledger"
    # The queue of tasks and the accounts: what a page writes must not wait for a delivery.
    QUEUE = "queue"
