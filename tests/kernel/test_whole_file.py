"""A file is replaced by a whole new one, also where several write it at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from zhiheng.kernel.whole_file import replace_whole


def test_of_many_who_write_at_once_none_fails_and_a_whole_file_of_one_stays(tmp_path: Path) -> None:
    path = tmp_path / "below" / "clock.json"
    contents = [str(number).encode() * 1000 for number in range(8)]
    with ThreadPoolExecutor(8) as writers:
        for done in [writers.submit(replace_whole, path, content) for content in contents * 25]:
            done.result()
    assert path.read_bytes() in contents
    assert [one.name for one in path.parent.iterdir()] == ["clock.json"]
