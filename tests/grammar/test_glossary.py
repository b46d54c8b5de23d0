"""The word table: one word for one thing."""

from __future__ import annotations

from pathlib import Path

import pytest

from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.glossary import GLOSSARY, Glossary
from zhiheng.grammar.yaml import BookRefused, read_text, validated

BOOK = Path(__file__).parents[2] / "book"


def test_词表可读_标识符唯一_关键词都在() -> None:
    glossary = Book(BOOK)[GLOSSARY]
    assert len(glossary.terms) >= 80
    for identifier in (
        "supervisory_sampling",
        "qualified_person",
        "chief_quality_officer",
        "unannounced_inspection",
        "fact",
        "delivery",
        "refusal",
        "party",
        "role",
        "alias",
        "subject",
    ):
        assert glossary.term(identifier) is not None, identifier
    assert glossary.term("no_such_word") is None


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ("  - {id: a, zh: 甲, en: A, not: [x]}\n  - {id: a, zh: 乙, en: B, not: [x]}\n", "id 重复"),
        ("  - {id: a, zh: 甲, en: A, not: [x]}\n  - {id: b, zh: 甲, en: B, not: [x]}\n", "zh 重复"),
        ("  - {id: a, zh: 甲, en: A, not: [x]}\n  - {id: b, zh: 乙, en: A, not: [x]}\n", "en 重复"),
        ("  - {id: a, zh: 甲, en: A, not: [甲]}\n", "列为不用"),
        ("  - {id: A-1, zh: 甲, en: A, not: [x]}\n", "写法不对"),
        ("  - {id: a, zh: 甲, en: A}\n", "缺少“not”"),
    ],
)
def test_一词二义或自相矛盾时拒绝(rows: str, says: str) -> None:
    with pytest.raises(BookRefused) as caught:
        validated(Glossary, read_text("terms:\n" + rows))
    assert says in str(caught.value)
