"""Roles of a book: what may stand in them, and what is told of a mistake."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.book_once import book_once
from zhiheng.grammar import book_checks
from zhiheng.grammar.acts import ACTS
from zhiheng.grammar.chapters.roles import KINDS, ROLES, unallowed
from zhiheng.grammar.loader import load
from zhiheng.grammar.yaml import BookError, BookRefused

SMALL = Path(__file__).resolve().parents[1] / "books" / "small"
HEAD = "label: {zh: 某角色, en: Some role}\nkind: officer\nheld_by: {zh: 某人, en: Somebody}\n"


def errors(tmp_path: Path, text: str) -> tuple[BookError, ...]:
    """What is said of the small book with one more role."""
    root = tmp_path / "book"
    shutil.copytree(SMALL, root)
    (root / "roles" / "extra.yaml").write_text(text, "utf-8")
    with pytest.raises(BookRefused) as refused:
        load(root)
    return refused.value.errors


@pytest.mark.parametrize(
    ("text", "line", "zh"),
    [
        (HEAD + "may:\n  - reach: area\n    acts:\n      - file.raed\n", 7, "是不是“file.read”"),
        (HEAD + "may:\n  - reach: area\n    acts: [account.accept]\n", 6, "没有名为“account.accept”的行为"),
        (HEAD + "may:\n  - {reach: areas, acts: [people.read]}\n", 5, "是不是“area”"),
        (HEAD + "may:\n  - {reach: subject, acts: [people.read]}\n", 5, "officer 类角色的“people.read”不能是 subject"),
        (HEAD + "may:\n  - {reach: area, acts: [file.read]}\n", 5, "audiences 为空"),
        (
            HEAD + "may:\n  - {reach: area, acts: [people.read]}\n  - {reach: area, acts: [people.read]}\n",
            6,
            "写了两次",
        ),
        (HEAD + "audiences: [everyone]\nmay:\n  - {reach: area, acts: [people.read]}\n", 4, "不在可选值之中"),
        (
            HEAD + "audiences: [public]\nmay:\n  - {reach: area, acts: [people.manage]}\n  - {reach: area, acts: "
            "[file.read]}\n",
            5,
            "请分成两个角色",
        ),
        (HEAD + "may: []\n", 4, "至少写 1 项"),
        (HEAD + "powers: all\nmay:\n  - {reach: area, acts: [people.read]}\n", 4, "没有“powers”这个字段"),
        (
            HEAD.replace("officer", "enterprise") + "may:\n  - {reach: everywhere, acts: [firm.deliver]}\n",
            5,
            "可用：subject",
        ),
    ],
)
def test_写错的角色_指出文件_行_和怎么改(tmp_path: Path, text: str, line: int, zh: str) -> None:
    (error, *_) = errors(tmp_path, text)
    assert (error.file, error.line) == ("roles/extra.yaml", line)
    assert zh in error.zh
    assert error.en


def test_没有角色能办的行为_检查规则书时提示_由地方决定(tmp_path: Path) -> None:
    root = tmp_path / "book"
    shutil.copytree(SMALL, root)
    (root / "roles" / "watcher.yaml").unlink()
    # A rung that tells holders of a role that is gone is a mistake of its own.
    shutil.rmtree(root / "messages")
    book = load(root)
    assert book_checks.check(book)
    hints = book_checks.hints(book)
    assert {hint.text for hint in hints} >= {"audit.read", "ledger.verify", "delivery.remind"}
    assert all("请写进 roles 目录" in hint.zh and hint.en for hint in hints)
    assert {hint.text for hint in hints} == set(unallowed(book[ROLES]))


@pytest.mark.slow
def test_默认规则书的角色没有错_每个行为都有人能办_没有提示(book_root: Path) -> None:
    """A district may leave an act to nobody; the book that comes with the machine forgets none."""
    book = load(book_root)
    assert unallowed(book[ROLES]) == ()
    assert book_checks.hints(book) == []
    assert len(ACTS) >= 70


def test_默认规则书里_管人的看不到事实_审计的不办事(book_root: Path) -> None:
    roles = book_once(book_root)[ROLES]
    changes = {
        "correct",
        "withdraw",
        "receive",
        "confirm",
        "decide",
        "approve",
        "propose",
        "manage",
        "answer",
        "invite",
    }
    administrator = {act for clause in roles["administrator"].may for act in clause.acts}
    assert not any(ACTS[act].shows for act in administrator)
    auditor = {act for clause in roles["auditor"].may for act in clause.acts}
    assert not {act for act in auditor if act.split(".")[1] in changes}
    assert "fact.read_secret" not in auditor
    assert not roles["administrator"].delegable
    assert not roles["auditor"].delegable


def test_每个行为有两种文字的说法_每种账号都有够得着的地方() -> None:
    assert len({entry.zh for entry in ACTS.values()}) == len({entry.en for entry in ACTS.values()}) == len(ACTS)
    assert set(KINDS) == {"officer", "enterprise", "bank", "program"}
