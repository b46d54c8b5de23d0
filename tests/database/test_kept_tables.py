"""The tables that the suite copies: a run that begins after an edit leaves those that another run still copies."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests import tables_once

pytestmark = pytest.mark.skipif(bool(os.environ.get("DATABASE_URL")), reason="kept as files on SQLite only")


def test_tables_in_use_stay_when_others_are_made_and_go_when_nobody_uses_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables_once, "KEPT", tmp_path)
    monkeypatch.setattr(tables_once, "_set_up", lambda given: Path(given["ZHIHENG_DATA"]).mkdir())
    kept = tables_once.tables.__wrapped__
    left = tmp_path / "of-a-run-that-ended"
    left.mkdir()
    monkeypatch.setattr(tables_once, "digest", lambda: "before-the-edit")
    before = Path(kept())
    assert not left.exists()
    monkeypatch.setattr(tables_once, "digest", lambda: "after-the-edit")
    after = Path(kept())
    assert before.is_dir(), "another run still copies them"
    assert after.is_dir()
