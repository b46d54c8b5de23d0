"""What a book may say of messages: roles that exist, blanks that can be filled in, a ladder that goes up."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.book_once import book_once
from tests.places import SMALL
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.messages import MESSAGES
from zhiheng.grammar.loader import load
from zhiheng.grammar.yaml import BookRefused

KIND, SENDING = "messages/delivery_due.yaml", "messages.yaml"


def changed(tmp_path: Path, page: str, old: str, new: str) -> str:
    """Read the messages of the small book with one text of a page changed; what the check says."""
    folder = tmp_path / "book"
    shutil.copytree(SMALL, folder)
    path = folder / page
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BookRefused) as refused:
        load(folder)[MESSAGES]
    return "\n".join(f"{error.zh} {error.en}" for error in refused.value.errors)


def test_默认规则书的催报有四级_静默到早上八点(book_root: Path) -> None:
    messages = book_once(book_root)[MESSAGES]
    assert [rung.id for rung in messages.kinds["delivery_due"].ladder] == ["soon", "late", "head", "office"]
    assert messages.sending.quiet is not None
    assert str(messages.sending.quiet.ends) == "08:00:00"


def test_没有这一章的规则书不提醒任何人(tmp_path: Path) -> None:
    folder = tmp_path / "book"
    shutil.copytree(SMALL, folder)
    shutil.rmtree(folder / "messages")
    (folder / SENDING).unlink()
    book: Book = load(folder)
    assert (book[MESSAGES].kinds, book[MESSAGES].sending.quiet) == ({}, None)


@pytest.mark.parametrize(
    ("page", "old", "new", "said"),
    [
        (KIND, "roles: [keeper]", "roles: [keepr]", "是不是“keeper”"),
        (KIND, "roles: [keeper]", "roles: [owner]", "不是工作人员的角色"),
        (KIND, "    roles: [keeper]\n", "", "to 是 hands 时不写 roles"),
        (KIND, "{n} 项逾期", "{nn} 项逾期", "{nn}"),
        (KIND, "{unit}：{records}（{days}）", "{unit.zh}：{records}", "unit.zh"),
        (KIND, "{unit}：{records}（{days}）", "{unit：{records}", "没有可填的内容"),
        (KIND, "id: late", "id: soon", "写了两次"),
        (KIND, "    days: 6\n", "    days: 1\n", "从早到晚"),
        (KIND, "channels: [in_app, email, sms]", "channels: [email]", "in_app"),
        (KIND, "channels: [in_app, email, sms]", "channels: [in_app]\nrequired: [in_app, sms]", "不在 channels 里"),
        (KIND, "unit: hour", "unit: minute", "hour"),
        (KIND, "    days: 6\n", "    hours: 6\n", "各级写 days"),
        (KIND, "about: delivery", "about: case_hours", "各级写 hours"),
        (SENDING, 'ends: "08:00"', 'ends: "21:30"', "相同"),
        (SENDING, '"08:30"', '"8:30"', "不是时刻"),
        (SENDING, '"08:30"', '"08:30+01:00"', "不是时刻"),
    ],
)
def test_写错的_说明哪里错和怎么改(tmp_path: Path, page: str, old: str, new: str, said: str) -> None:
    assert said in changed(tmp_path, page, old, new)


def test_没人读就要升级的_上面必须有提前的说法(tmp_path: Path) -> None:
    folder = tmp_path / "book"
    shutil.copytree(SMALL, folder)
    path = folder / KIND
    text = path.read_text(encoding="utf-8")
    early = text.index("    early:")
    path.write_text(text[:early] + text[text.index("  - id: office") :], encoding="utf-8")
    with pytest.raises(BookRefused) as refused:
        load(folder)[MESSAGES]
    assert "early" in refused.value.errors[0].zh
