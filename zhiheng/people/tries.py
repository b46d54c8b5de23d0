"""Where tries are counted (sign-in, codes, forms): a table, so that all processes count the same."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.db import DatabaseCache
from django.db import router, transaction


class TriesCache(DatabaseCache):
    """The framework's cache in a table. It takes a busy database for 'somebody else counts at the moment', and who
    signs in is told that they tried too often; here a transaction begins before, and a lock that was not had in time is
    told as what it is (503, try again).
    """

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
