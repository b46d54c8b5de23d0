"""An answer that is a file has a name that any system can save, and every door gives files in the same way."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

from hypothesis import given
from hypothesis import strategies as st

from zhiheng.pages.downloads import download, zip_download

ROOT = Path(__file__).parents[2] / "zhiheng"


def test_a_chinese_name_is_kept() -> None:
    answer = download(b"x", "责令改正通知书（2026）第1号.pdf", "application/pdf")
    how, name = answer.headers["Content-Disposition"].split("; filename*=utf-8''")
    assert (how, unquote(name)) == ("attachment", "责令改正通知书（2026）第1号.pdf")


def test_a_picture_opens_in_the_browser() -> None:
    answer = download(b"x", "a.png", "image/png", inline=True)
    assert answer.headers["Content-Disposition"] == 'inline; filename="a.png"'


@given(st.text(max_size=60))
def test_no_name_breaks_the_answer_or_leaves_its_folder(name: str) -> None:
    answer = download(b"x", name, "text/plain")
    told = unquote(answer.headers["Content-Disposition"])
    assert told.startswith("attachment")
    assert not {"\r", "\n", "/", "\x00"} & set(told)


def test_a_zip_is_written_to_a_path_and_sent() -> None:
    answer = zip_download("proof.zip", lambda out: out.write_bytes(b"PK"))
    assert (answer.content, answer.headers["Content-Type"]) == (b"PK", "application/zip")


def test_no_door_writes_the_header_of_a_file_by_hand() -> None:
    by_hand = [
        str(path.relative_to(ROOT))
        for path in sorted(ROOT.rglob("*.py"))
        if path.name != "downloads.py" and "content-disposition" in path.read_text("utf-8").lower()
    ]
    assert by_hand == []
