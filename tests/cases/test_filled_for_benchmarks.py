"""The cases that benchmarks fill the office with are such as acts leave: verifying finds nothing wrong with them."""

from __future__ import annotations

from typing import Any

import pytest

from bench import filled_cases
from tests.cases.officers import BOOK, call
from zhiheng.actions.cases.verify_cases import verify_cases
from zhiheng.kernel.actor import SYSTEM
from zhiheng.office.cases import CaseDuty, CaseEvent, CaseStandingRow

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


def test_填充的案件_链_状态_期限都核验得过(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.BOOK = BOOK
    monkeypatch.setattr(filled_cases, "COURSES", 8)
    filled_cases.fill(120)
    report = verify_cases(call=call(SYSTEM, filled_cases.NOW))
    assert [each.zh for each in report.findings] == []
    assert report.cases == CaseStandingRow.objects.filter(final=False).count() == 120
    assert report.lines == CaseEvent.objects.count() > 120
    assert CaseDuty.objects.count() > 60
    assert {*CaseStandingRow.objects.values_list("workflow", flat=True)} == {*filled_cases.WORKFLOWS}
