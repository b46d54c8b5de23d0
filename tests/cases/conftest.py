"""Data folders of the tests' own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def data_folder(settings: Any, tmp_path: Path) -> Path:
    """A folder for the files of one test."""
    settings.DATA = tmp_path / "data"
    settings.DATA.mkdir()
    return settings.DATA
