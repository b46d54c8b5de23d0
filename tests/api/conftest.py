"""The interface over the small place: keys of programs, and a client that speaks JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from tests.factories import ApiTokenFactory
from tests.places import SMALL, ledger, small_book
from zhiheng.api import office, public
from zhiheng.grammar.book import Book
from zhiheng.people.tokens import digest_of, new_key

__all__ = ["ledger", "small_book"]

BASE = "/api/v1"
Keys = Callable[..., str]


@pytest.fixture(autouse=True)
def _the_small_place(settings: Any) -> None:
    settings.BOOK = SMALL
    settings.ROOT_URLCONF = "tests.api.urls"
    settings.WEBHOOKS_INNER = False


@pytest.fixture(autouse=True)
def _nobody_counted(request: pytest.FixtureRequest) -> None:
    """Counts of requests do not last from one test to the next."""
    if "db" in request.fixturenames:
        cache.clear()
        for router in (office.router, public.router):
            for throttle in router.throttle:
                throttle.forget()


@pytest.fixture
def key(db: None, small_book: Book) -> Keys:
    """Make a key: ``key(["api.read"])``; the words are those of the token."""

    def make(acts: list[str], **words: Any) -> str:
        import orjson

        secret = new_key()
        ApiTokenFactory(scopes=orjson.dumps(acts).decode(), digest=digest_of(secret), **words)
        return secret

    return make


class Caller:
    """A client with a key."""

    def __init__(self, secret: str = "") -> None:
        self.client = Client(headers={"Authorization": f"Bearer {secret}"} if secret else {})

    def get(self, path: str, **words: Any) -> Any:
        """GET below the interface."""
        return self.client.get(f"{BASE}{path}", words)

    def post(self, path: str, body: Any) -> Any:
        """POST JSON."""
        return self.client.post(f"{BASE}{path}", body, content_type="application/json")


def code_of(response: Any) -> str:
    """The first problem's code."""
    return str(response.json()["problems"][0]["code"])
