"""A file is replaced by a whole new one, also where several write it at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unittest.mock import patch

import pytest

from zhiheng.kernel.key_file import list_public, listed_public
from zhiheng.kernel.whole_file import replace_whole


def test_of_many_who_write_at_once_none_fails_and_a_whole_file_of_one_stays(tmp_path: Path) -> None:
    path = tmp_path / "below" / "clock.json"
    contents = [str(number).encode() * 1000 for number in range(8)]
    with ThreadPoolExecutor(8) as writers:
        for done in [writers.submit(replace_whole, path, content) for content in contents * 25]:
            done.result()
    assert path.read_bytes() in contents
    assert [one.name for one in path.parent.iterdir()] == ["clock.json"]


def test_a_public_key_that_could_not_be_listed_leaves_the_list_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "keys.txt"
    list_public(path, "first")
    with patch("os.fsync", side_effect=OSError(28, "No space left on device")), pytest.raises(OSError):
        list_public(path, "second")
    assert listed_public(path) == ["first"]
    assert [one.name for one in tmp_path.iterdir()] == ["keys.txt"]
    list_public(path, "second")
    assert listed_public(path) == ["first", "second"]
    assert path.stat().st_mode & 0o777 == 0o600
