"""One tokeniser for both databases: what it cuts, and how a question is put to each of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhiheng.projections import tokens

pytestmark = pytest.mark.slow


def test_文字折叠后比较() -> None:
    assert tokens.folded("（ＡＢＣ）　磐鑽-建材·公司") == "abc磐钻建材公司"
    assert tokens.folded("——") == ""


@given(st.text(max_size=60))
def test_折叠两次与一次相同(text: str) -> None:
    assert tokens.folded(tokens.folded(text)) == tokens.folded(text)


@given(st.lists(st.text(max_size=20), max_size=4))
def test_标记不会出自报送的文字(texts: list[str]) -> None:
    for word in tokens.document([tokens.folded(text) for text in texts], []):
        assert not any("\ue000" <= c <= "\uf8ff" for c in word[1:])


@pytest.mark.parametrize(
    ("letters", "cut"),
    [
        ("xian", ("xian",)),
        ("xian", ("xi", "an")),
        ("shiyou", ("shi", "you")),
        ("shiyo", ("shi", "yo")),
        ("panz", ("pan", "z")),
    ],
)
def test_拼音的切分包含人们的读法(letters: str, cut: tuple[str, ...]) -> None:
    question = tokens.asked(letters)
    assert question is not None
    said = {tuple(word[1:] for word in phrase.words) for phrase in question.parts[0] if phrase.words[0][0] == "\ue002"}
    assert cut in said


def test_首字母不当作拼音的开头() -> None:
    question = tokens.asked("pzsy")
    assert question is not None
    assert all(phrase.words[0][0] != "\ue002" for phrase in question.parts[0])


def test_没有可查的内容就没有问题() -> None:
    assert tokens.asked("") is tokens.asked(" ！ ") is None


def test_一个词里的字要挨着_跨两个名称不算() -> None:
    words = tokens.document(["甲乙", "丙丁"], [])
    at = {word: place for place, word in enumerate(words)}
    assert "乙丙" not in at
    assert at["丙丁"] - at["甲乙"] > 1


def test_很长的文档在PostgreSQL里也放得下() -> None:
    vector = tokens.as_tsvector(tokens.document(["公司" * 9_000], []), 7)
    places = [int(place) for word in vector.split() if ":" in word for place in word.rsplit(":", 1)[1].split(",")]
    assert max(places) < 16_384


@given(st.integers(0, 5_000_000), st.integers(1, 5_000_000))
def test_一段一段地查_每个主体恰在一段里_并带着那一段的词(after: int, subject: int) -> None:
    question = tokens.asked("公司")
    assert question is not None
    ranges = list(tokens.as_tsqueries(question, after))
    held = [words for words, first, last in ranges if first <= subject <= last]
    assert len(held) == (1 if subject > after else 0)
    written = set(tokens.as_tsvector(["公司"], subject).split())
    for words in held:
        wanted = words.partition(" & ")[2].strip("()").split(" | ")
        assert wanted == [""] or written & set(wanted)
