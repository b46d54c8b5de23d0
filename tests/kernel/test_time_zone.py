"""The time zone is a setting of the place: the same moment is another day elsewhere, and a wrong name is told."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from zhiheng.kernel.time_zone import time_zone

# 16:30 in Greenwich on 30 June: past midnight in Shanghai, still the 30th in Paris.
MOMENT = (
    "import datetime as dt; from django.conf import settings; import django; django.setup(); "
    "from django.utils import timezone; from zhiheng.cli.session import ZONE; "
    "at = dt.datetime(2026, 6, 30, 16, 30, tzinfo=dt.UTC); "
    "print(timezone.localtime(at).date(), at.astimezone(ZONE).date())"
)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("zone", "day"), [("", "2026-07-01"), ("Asia/Shanghai", "2026-07-01"), ("Europe/Paris", "2026-06-30")]
)
def test_the_day_is_that_of_the_place(zone: str, day: str) -> None:
    told = subprocess.run(
        [sys.executable, "-c", MOMENT],
        env={**os.environ, "ZHIHENG_TIME_ZONE": zone, "DJANGO_SETTINGS_MODULE": "zhiheng.site.settings"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.split() == [day, day]


@pytest.mark.parametrize("name", ["Mars/Olympus", "../etc/passwd", "上海"])
def test_no_such_zone_says_what_to_write(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHIHENG_TIME_ZONE", name)
    with pytest.raises(SystemExit, match="Asia/Shanghai"):
        time_zone()
