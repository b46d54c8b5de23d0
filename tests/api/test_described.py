"""Schemathesis asks every operation what its description promises: no answer of a shape that is not described, no error
of ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from schemathesis.config import SchemathesisConfig

from tests.api.conftest import Caller, Keys
from tests.places import Ledger, credit_code, sampling_row
from zhiheng.ledger.models import Alias, Fact

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

EVERY_ACT = [
    "api.deliver",
    "api.read",
    "delivery.receive",
    "delivery.list",
    "indicator.read",
    "enterprise.list",
    "file.read",
    "fact.read",
    "webhook.manage",
]
BOUNDED = settings(
    max_examples=20, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


@pytest.fixture(autouse=True)
def connection_kept() -> Iterator[None]:
    """Each request would close the connection, and with it the transaction in which the test runs."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def secret(key: Keys, ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> str:
    """A key with every act, over a ledger with a few facts; nobody is counted and no name is looked up outside."""
    from zhiheng.api import keys

    monkeypatch.setattr(keys.Programs, "allow_request", lambda self, request: True)
    monkeypatch.setattr(keys.Strangers, "allow_request", lambda self, request: True)
    monkeypatch.setattr(
        "zhiheng.actions.webhooks.safe_http.socket.getaddrinfo", lambda *a, **w: [(2, 1, 6, "", ("93.184.216.34", 443))]
    )
    ledger.samples("a.csv", [sampling_row(n, 生产企业代码=credit_code(n % 7)) for n in range(1, 15)])
    return key(EVERY_ACT)


def described(**known: Any) -> Any:
    """The interface as it describes itself, called in this process; ``known`` are values that lead to something."""
    config = SchemathesisConfig.from_dict(
        {
            # A value may fit its description and still name nothing that exists, or be a cursor that we never gave: 422
            # says so.
            "checks": {
                "positive_data_acceptance": {
                    "expected-statuses": ["2xx", "401", "403", "404", "409", "410", "422", "429"]
                }
            },
            "parameters": known,
        }
    )
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app=get_wsgi_application(), config=config)


def known_values() -> dict[str, Any]:
    """Numbers and codes of things that are there."""
    fact = Fact.objects.order_by("id").values_list("id", flat=True).first()
    subject = Alias.objects.filter(kind="enterprise").order_by("id").values_list("subject_id", flat=True).first()
    return {"path.number": fact, "path.subject": subject, "query.area": "990901"}


@pytest.mark.parametrize("there", [False, True], ids=["whatever fits or does not", "what is there"])
def test_every_operation_keeps_to_its_description(secret: str, there: bool) -> None:
    """All checks of the library, on every operation: at least one answer of each that is not 'no such thing'."""
    answers: dict[str, set[int]] = {}
    for result in described(**(known_values() if there else {})).get_all_operations():
        operation = result.ok()
        seen = answers.setdefault(operation.label, set())

        @BOUNDED
        @given(case=operation.as_strategy())
        def ask(case: Any) -> None:
            case.headers["Authorization"] = f"Bearer {secret}"
            seen.add(case.call_and_validate().status_code)  # noqa: B023

        ask()
    assert len(answers) >= 14
    if there:
        assert 200 in answers["GET /api/v1/office/facts/{number}"] & answers["GET /api/v1/office/enterprises/{subject}"]


@pytest.mark.parametrize("method", ["put", "patch", "delete", "trace"])
def test_a_method_that_is_not_described_is_refused_with_those_that_are(secret: str, method: str) -> None:
    caller = Caller(secret)
    answer = getattr(caller.client, method)("/api/v1/office/me")
    assert answer.status_code == 405
    assert "GET" in answer["Allow"]
