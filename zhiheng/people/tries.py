"""Where tries are counted (sign-in, codes, forms): a table, so that all processes count the same."""

from __future__ import annotations

import datetime as dt
from contextlib import AbstractContextManager
from typing import Any, Final

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.db import DatabaseCache
from django.db import connections, router, transaction
from django.utils.crypto import salted_hmac

# What the limits of sign-in, codes and forms count under: the beginning of a key, before the one who is counted.
_LIMITS: Final = "allauth:rl:"
_LOCK: Final = ":lock"


class TriesCache(DatabaseCache):
    """The framework's cache in a table, of which nothing is lost before its time.

    The framework makes room in a full table by deleting a third of what still counts: who makes so many keys resets
    every limit, and lets codes that serve once serve again. Here only what is over goes. Where more than MAX_ENTRIES
    still count, whoever is new is counted together with others (``shared``): limits are met earlier then, none is
    forgotten, and strangers can't grow the table any further.

    The framework takes a busy database for 'somebody else counts at the moment', and who signs in is told that they
    tried too often; here a transaction begins before, and a lock that was not had in time is told as what it is (503,
    try again).
    """

    # So many counters for all who are new, of each limit.
    shared = 4_096
    _full = False

    def make_and_validate_key(self, key: Any, version: int | None = None) -> str:
        """The key under which something stands: its own, or in a full table that of a counter which others share."""
        return self._place(super().make_and_validate_key(key, version))

    def _place(self, key: str) -> str:
        if not self._full or _LIMITS not in key:
            return key
        counter = key.removesuffix(_LOCK)
        if self._stands(counter) or not self._is_full():
            return key
        # The secret in it: nobody picks whom to share a counter with.
        number = int(salted_hmac("zhiheng.people.tries", counter).hexdigest()[:8], 16) % self.shared
        return f"{counter.rpartition(':')[0]}:shared-{number}{key[len(counter) :]}"

    def _stands(self, key: str) -> bool:
        return self._asked(f"SELECT 1 FROM {self._quoted()} WHERE cache_key = %s AND expires > %s", key) is not None

    def _is_full(self) -> bool:
        found = self._asked(f"SELECT COUNT(*) FROM {self._quoted()} WHERE expires > %s")
        self._full = found is not None and found[0] >= self._max_entries
        return self._full

    def _asked(self, sql: str, *words: str) -> Any:
        """The first row of a statement whose last word is now."""
        connection = connections[router.db_for_read(self.cache_model_class)]
        now = connection.ops.adapt_datetimefield_value(dt.datetime.now(dt.UTC).replace(microsecond=0))
        with connection.cursor() as cursor:
            cursor.execute(sql, [*words, now])
            return cursor.fetchone()

    def _quoted(self) -> str:
        return connections[router.db_for_read(self.cache_model_class)].ops.quote_name(self._table)  # type: ignore[attr-defined]  # stubs leave it out

    def _cull(self, db: str, cursor: Any, now: dt.datetime, num: int) -> None:
        """Make room by what is over, and by nothing else."""
        over = connections[db].ops.adapt_datetimefield_value(now)
        cursor.execute(f"DELETE FROM {self._quoted()} WHERE expires < %s", [over])
        self._full = num - max(cursor.rowcount, 0) >= self._max_entries

    def delete(self, key: Any, version: int | None = None) -> bool:
        """Delete; a counter that others share stays."""
        placed = self.make_and_validate_key(key, version)
        if ":shared-" in placed and not placed.endswith(_LOCK):
            return False
        return bool(super().delete(key, version))

    def set(self, key: Any, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        with self._begun():
            super().set(key, value, timeout, version)

    def add(self, key: Any, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        with self._begun():
            return super().add(key, value, timeout, version)

    def touch(self, key: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        with self._begun():
            return super().touch(key, timeout, version)

    def _begun(self) -> AbstractContextManager[None]:
        return transaction.atomic(using=router.db_for_write(self.cache_model_class))
