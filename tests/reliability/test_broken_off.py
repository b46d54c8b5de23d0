"""A few of the trials of ``bench.reliability`` (``make reliability`` tries all): calls that write fail, processes are
killed at them, and everything is as if nothing had happened.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from bench.reliability import io_errors, kills
from bench.reliability.failing_calls import NoCompiler
from bench.reliability.places import Place, place

pytestmark = [pytest.mark.database, pytest.mark.slow]


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """An installation with facts, a case and a backup."""
    try:
        with place(tmp_path_factory.mktemp("reliability")) as made:
            yield made
    except NoCompiler as missing:
        pytest.skip(str(missing))


@pytest.mark.skipif(bool(os.environ.get("DATABASE_URL")), reason="the server writes the database, and it is not hit")
@pytest.mark.parametrize("act", ["receive", "papers", "backup"])
def test_磁盘写坏或写满_说清楚_不留半份_再办一次就好(here: Place, act: str) -> None:
    for fault in io_errors.FAULTS:
        found = io_errors.series(here, act, fault, most=3)
        assert found.troubles == []
        assert found.tried >= 2


@pytest.mark.parametrize("act", ["correct", "decide", "publish", "extract"])
def test_随处杀死_不丢不重(here: Place, act: str) -> None:
    found = kills.series(here, act, 3)
    assert found.troubles == []
    assert found.kills >= 2
