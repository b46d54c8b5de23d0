"""The list of enterprises of a place that holds none yet."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from tests.desk.officers import officer, signed_in
from tests.places import SMALL, Ledger

pytestmark = pytest.mark.slow


def test_还没有企业时也说(ledger: Ledger, settings: Any) -> None:
    settings.BOOK = SMALL
    answer = signed_in(officer()).get(reverse("desk:enterprises"))
    assert answer.status_code == 200
    assert "您的范围内还没有企业" in answer.content.decode()
