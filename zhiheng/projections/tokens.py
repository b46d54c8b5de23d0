"""Texts cut into words that both databases can search: one tokeniser for SQLite's FTS5 and PostgreSQL's tsvector.

Chinese has no spaces, so a text is cut into pairs of neighbouring characters, and a word is found as a *phrase*: its
pairs, one after the other. Names also go in as Pinyin: syllable by syllable, and their initials three by three. Pairs,
initials and syllables are kept apart by marks from the Unicode range for private use, which no cleaned text contains.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from zhiheng.engines.identity.names import fold

# Everything but letters and digits of any script.
_SILENT = re.compile(r"[\W_]+")

# When the rules below change, what is stored no longer fits: raise it, and the next refresh makes everything anew.
VERSION = 5

_INITIALS, _SYLLABLE, _GAP = "\ue001", "\ue002", "\ue003"
# PostgreSQL's index gives what it finds in no order, so that a page of what everybody has would cost all of it. Each
# document there
# also has the words of the slices in which its subject lies, of so many subjects (a power of two) each: a page asks for
# one slice
# after the other, and stops when it is full.
_SLICES = {"\ue004": 11, "\ue005": 14, "\ue006": 17}
# Ways of cutting letters into syllables that are tried (xian: xian, xi-an).
_CUTS = 4
_LONGEST = 60


@lru_cache(maxsize=100_000)
def folded(text: str) -> str:
    """A text as it is compared: width, case, spaces, punctuation and traditional forms taken away."""
    return _SILENT.sub("", fold(text).lower())


@dataclass(frozen=True)
class Phrase:
    """Words that stand one after the other; the last may be only the beginning of a word."""

    words: tuple[str, ...]
    open_end: bool = False


@dataclass(frozen=True)
class SearchQuestion:
    """A search text: the whole of it folded, and for each part the phrases of which one must occur."""

    whole: str
    parts: tuple[tuple[Phrase, ...], ...]


def document(names: Iterable[str], others: Iterable[str]) -> list[str]:
    """The words of a subject in their order, from its folded names and other folded texts."""
    words: list[str] = []
    for name in names:
        words += (*_pairs(name), _GAP)
    for other in others:
        words += (*_pairs(other), _GAP)
    for name in names:
        syllables = _syllables(name)
        initials = "".join(s[0] for s in syllables)
        words += (*(_INITIALS + initials[i : i + 3] for i in range(max(1, len(initials) - 2))), _GAP)
        words += (*(_SYLLABLE + s for s in syllables), _GAP)
    return words


def _pairs(text: str) -> Iterator[str]:
    if len(text) == 1:
        yield text
    for i in range(len(text) - 1):
        yield text[i : i + 2]


@lru_cache(maxsize=50_000)
def _syllables(name: str) -> tuple[str, ...]:
    # Its tables take a third of a second to read, and most processes never ask for them.
    from pypinyin import lazy_pinyin

    found: list[str] = []
    for piece in lazy_pinyin(name):
        # What is no Chinese comes back as one piece: each letter and digit stands for itself.
        found += [piece] if piece in _known_syllables() else list(piece)
    return tuple(found)


@cache
def _known_syllables() -> frozenset[str]:
    from pypinyin.contrib.tone_convert import to_normal
    from pypinyin.pinyin_dict import pinyin_dict

    readings = {reading for readings in pinyin_dict.values() for reading in readings.split(",")}
    plain = {to_normal(reading).replace("ü", "v") for reading in readings}
    # Sounds without a vowel (嗯) would cut every word apart.
    return frozenset(s for s in plain if s.isascii() and s.isalpha() and set(s) & set("aeiouv"))


@cache
def _beginnings() -> frozenset[str]:
    return frozenset(s[:i] for s in _known_syllables() for i in range(1, len(s) + 1))


def asked(text: str) -> SearchQuestion | None:
    """A question from what was typed; None where it says nothing that can be looked for."""
    parts = [part[:_LONGEST] for part in map(folded, text.split()) if part]
    if not parts:
        return None
    return SearchQuestion("".join(parts)[: 2 * _LONGEST], tuple(tuple(_ways(part)) for part in parts))


def _ways(part: str) -> Iterator[Phrase]:
    """The phrases of which one must stand in a document for a part of the question to be met."""
    if len(part) == 1:
        yield Phrase((part,), open_end=True)
    else:
        yield Phrase(tuple(_pairs(part)))
    if not (part.isascii() and part.isalnum()) or part.isdigit() or len(part) < 2:
        return
    if len(part) == 2:
        yield Phrase((_INITIALS + part,), open_end=True)
    else:
        yield Phrase(tuple(_INITIALS + part[i : i + 3] for i in range(len(part) - 2)))
    for cut in _cuts(part):
        yield Phrase(tuple(_SYLLABLE + s for s in cut), open_end=cut[-1] not in _known_syllables() or len(cut) == 1)


def _cuts(letters: str) -> Sequence[tuple[str, ...]]:
    """Ways of cutting letters into syllables, long ones first; the last piece may be the beginning of a syllable."""
    if not letters.isalpha():
        return ()
    found: list[tuple[str, ...]] = []
    # A letter alone is read as an initial, not as the beginning of a syllable.
    waiting: list[tuple[int, tuple[str, ...]]] = [(0, ())]
    steps = 0
    while waiting and len(found) < _CUTS and steps < 2_000:
        steps += 1
        at, cut = waiting.pop()
        rest = letters[at:]
        if rest in _beginnings() and (cut or len(rest) > 1):
            found.append((*cut, rest))
        waiting += [
            (at + n, (*cut, rest[:n])) for n in range(1, min(6, len(rest) - 1) + 1) if rest[:n] in _known_syllables()
        ]
    return tuple(dict.fromkeys(found))


def sounds_like(name: str, question: SearchQuestion) -> bool:
    """Whether a folded name, read aloud or by its initials, has one of the parts of a question."""
    syllables = _syllables(name)
    initials = "".join(s[0] for s in syllables)
    for ways in question.parts:
        for phrase in ways:
            kind, words = phrase.words[0][0], [word[1:] for word in phrase.words]
            if kind == _INITIALS and words[0] + "".join(word[-1] for word in words[1:]) in initials:
                return True
            if kind == _SYLLABLE and _in_order(words, syllables, phrase.open_end):
                return True
    return False


def _in_order(wanted: Sequence[str], syllables: Sequence[str], open_end: bool) -> bool:
    for at in range(len(syllables) - len(wanted) + 1):
        here = syllables[at : at + len(wanted)]
        if list(here[:-1]) == list(wanted[:-1]) and (
            here[-1] == wanted[-1] or (open_end and here[-1].startswith(wanted[-1]))
        ):
            return True
    return False


# -- in the words of the databases -------------------------------------------------------------------------------------


def as_fts5_document(words: Sequence[str]) -> str:
    """The words as SQLite's index takes them in."""
    return " ".join(words)


def as_tsvector(words: Sequence[str], subject: int) -> str:
    """The words with their positions as PostgreSQL reads a tsvector; a gap is a position that nothing has.

    The slices of the subject are among them, without a position.
    """
    places: dict[str, list[int]] = {}
    for place, word in enumerate(words, start=1):
        if word != _GAP and place < 16_384:
            places.setdefault(word, []).append(place)
    found = [f"'{word}':{','.join(map(str, at[:255]))}" for word, at in places.items()]
    return " ".join((*found, *(f"'{_slice(mark, subject >> bits)}'" for mark, bits in _SLICES.items())))


def _slice(mark: str, number: int) -> str:
    return f"{mark}{number:x}"


def as_fts5(question: SearchQuestion) -> str:
    """The question in the language of FTS5."""
    return " AND ".join("(" + " OR ".join(map(_fts5, ways)) + ")" for ways in question.parts)


def _fts5(phrase: Phrase) -> str:
    return '"' + " ".join(phrase.words) + '"' + (" *" if phrase.open_end else "")


def as_tsquery(question: SearchQuestion) -> str:
    """The same in the language of a tsquery."""
    return " & ".join("(" + " | ".join(map(_tsquery, ways)) + ")" for ways in question.parts)


def as_tsqueries(question: SearchQuestion, after: int) -> Iterator[tuple[str, int, int]]:
    """The same cut into ranges of subjects beyond one, each larger than the one before: query, first subject, last
    subject.
    """
    asked_for, first = as_tsquery(question), after + 1
    for mark, bits in _SLICES.items():
        # Two neighbours, since the first may be at its end.
        here = after >> bits
        last = ((here + 2) << bits) - 1
        yield f"({asked_for}) & ('{_slice(mark, here)}' | '{_slice(mark, here + 1)}')", first, last
        first = last + 1
    yield asked_for, first, (1 << 63) - 1


def _tsquery(phrase: Phrase) -> str:
    words = [f"'{word}'" for word in phrase.words]
    if phrase.open_end:
        words[-1] += ":*"
    return "(" + " <-> ".join(words) + ")"
