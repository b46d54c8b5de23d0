"""Where does a submission go? Complaint or report, kind, unit and place are proposed from words of the book.

Nothing here decides. What was worked out is shown with the words that told it, the sender can change it, and what
the words do not tell is left to a person. A text is only looked through for words: a sentence that gives orders ('this
must be accepted') is text like any other.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from zhiheng.grammar.chapters.district import District
from zhiheng.grammar.chapters.routing import Routing, RoutingKind
from zhiheng.kernel.reasons import Flag

Asks = Literal["complaint", "report", "both"]

# How much of the likeness of the nearest known places must speak for one answer, and how like the nearest must be at
# least (1 is the same text): below it a person decides. Chosen on four fifths of the cases that bench.routing measures.
AGREED: Final = 0.75
LEAST: Final = 0.25
NEAREST: Final = 3

_GAPS = re.compile(r"[\s*·.,，。:：、;；()（）「」“”\"'#_\-—]+")
# What hotline tickets write behind a place in the same cell.
_TAIL = re.compile(r"(?:事件)?(?:发生时间|消费时间|消费金额|问题描述|主要诉求).*")
_NUMBERED = re.compile(r"[0-9a-z]+(?:号楼|号|栋|幢|单元|室|楼|层)?")


@dataclass(frozen=True, slots=True)
class Found:
    """An answer and the words, or the known places, that told it."""

    name: str
    by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Routed:
    """What was worked out of a submission; None where it is left to a person.

    ``kind``: a kind of the book. ``elsewhere``: nobody of the book deals with that kind. ``area``: code of the area.
    ``unit``: whose it probably is; where the kind is not clear, the unit that forwards (then it is not ``sure``).
    """

    asks: Asks | None
    asks_by: tuple[str, ...]
    kind: Found | None
    elsewhere: bool
    area: Found | None
    unit: str | None
    sure: bool
    hints: tuple[Flag, ...]


def plain(text: str) -> str:
    """A text as words are looked for in it: one width, small letters, no gaps and no marks."""
    return _GAPS.sub("", unicodedata.normalize("NFKC", text).lower())


def asks_of(routing: Routing, text: str) -> tuple[Asks | None, tuple[str, ...]]:
    """Complaint, report, or both (which are dealt with apart, Art. 9), and the words that tell it (Art. 3)."""
    settle, punish = _words_in(routing.asks.settle, text), _words_in(routing.asks.punish, text)
    if settle and punish:
        return "both", (*settle, *punish)
    if settle:
        return "complaint", (*settle, *_words_in(routing.asks.own, text))
    if punish:
        return "report", punish
    return None, ()


def kind_of(routing: Routing, text: str) -> Found | None:
    """The kind whose desk the most words speak for; None where two desks are even or nothing speaks."""
    spans = _spans({name: kind.words for name, kind in routing.kinds.kinds.items()}, plain(text))
    words: dict[str, set[str]] = defaultdict(set)
    for name, word, _, _ in spans:
        words[name].add(word)
    desks: dict[str, set[str]] = defaultdict(set)
    for name, found in words.items():
        desks[_desk(name, routing.kinds.kinds[name])] |= found
    ranked = sorted(desks.items(), key=lambda one: -len(one[1]))
    if not ranked or (len(ranked) > 1 and len(ranked[0][1]) == len(ranked[1][1])):
        return None
    desk = ranked[0][0]
    inside = [name for name in routing.kinds.kinds if name in words]
    inside = [name for name in inside if _desk(name, routing.kinds.kinds[name]) == desk]
    best = max(inside, key=lambda name: (len(words[name]), sum(map(len, words[name]))))
    return Found(best, tuple(sorted(words[best])))


def hints_of(routing: Routing, text: str) -> tuple[Flag, ...]:
    """What a handler should look at: Arts. 16 and 17 give causes, and a cause is found by a person."""
    return tuple(
        Flag(f"routing.{name}", hint.label.zh, hint.label.en)
        for name, hint in routing.asks.hints.items()
        if _words_in(hint.words, text)
    )


class Places:
    """Known places, each with a label (the code of an area, or a unit), and what an unknown place is like."""

    def __init__(self, known: Iterable[tuple[str, str]]) -> None:
        self._known = [(name, label, _pieces(name)) for name, label in known]
        counts = Counter(piece for _, _, pieces in self._known for piece in pieces)
        most = len(self._known) + 1
        self._weight = {piece: math.log(most / (n + 0.5)) for piece, n in counts.items()}
        self._unknown = math.log(most / 0.5)
        self._length = [self._length_of(pieces) for _, _, pieces in self._known]
        self._with: dict[str, list[int]] = defaultdict(list)
        for at, (_, _, pieces) in enumerate(self._known):
            for piece in pieces:
                self._with[piece].append(at)

    def likely(self, text: str) -> Found | None:
        """The label for which the nearest known places speak; None where they disagree or none is near."""
        pieces = _pieces(text)
        shared: dict[int, float] = defaultdict(float)
        for piece in pieces:
            for at in self._with.get(piece, ()):
                shared[at] += self._weight[piece] ** 2
        length = self._length_of(pieces)
        near = sorted(
            ((like / (length * self._length[at]), at) for at, like in shared.items() if self._length[at]),
            key=lambda one: (-one[0], one[1]),
        )[:NEAREST]
        if not near or near[0][0] < LEAST:
            return None
        speaks: dict[str, float] = defaultdict(float)
        for like, at in near:
            speaks[self._known[at][1]] += like
        label = max(speaks, key=lambda one: speaks[one])
        if speaks[label] < AGREED * sum(speaks.values()):
            return None
        return Found(label, tuple(self._known[at][0] for _, at in near if self._known[at][1] == label))

    def _length_of(self, pieces: Iterable[str]) -> float:
        return math.sqrt(sum(self._weight.get(piece, self._unknown) ** 2 for piece in pieces))


def area_of(routing: Routing, district: District, text: str) -> Found | None:
    """The area that a text names, or whose known places it is like; None where it names several, or nothing known."""
    names = {a.code: (a.name.zh, a.name.en.lower(), *a.also, *routing.places.get(a.code, ())) for a in district.areas}
    spans = _spans(names, plain(text))
    found = {code for code, _, _, _ in spans}
    # Who names a street names its district as well: only the deepest counts.
    deepest = {code for code in found if not any(code in district.areas_above.get(other, ()) for other in found)}
    if len(deepest) == 1:
        (code,) = deepest
        return Found(code, tuple(dict.fromkeys(word for name, word, _, _ in spans if name == code)))
    if found:
        return None
    return _known_places(tuple((word, code) for code, words in routing.places.items() for word in words)).likely(text)


def route(routing: Routing, district: District, *, text: str, place: str = "", area: str = "") -> Routed:
    """What can be worked out. ``area``: the code that the sender chose, which counts before anything that is typed."""
    asks, asks_by = asks_of(routing, text)
    kind = kind_of(routing, text)
    where = Found(area, ()) if area in district.areas_above else None
    where = where or area_of(routing, district, place) or area_of(routing, district, text)
    elsewhere = kind is not None and routing.kinds.kinds[kind.name].elsewhere is not None
    desk = routing.kinds.kinds[kind.name].desk if kind is not None else None
    unit = None
    if where is not None and not elsewhere:
        unit = routing.unit_of(desk, where.name, district) if desk is not None else None
        unit = unit or routing.unit_of(routing.kinds.otherwise, where.name, district)
    sure = unit is not None and desk is not None and unit in routing.kinds.desks[desk]
    return Routed(asks, asks_by, kind, elsewhere, where, unit, sure, hints_of(routing, text))


@lru_cache(maxsize=8)
def _known_places(known: tuple[tuple[str, str], ...]) -> Places:
    return Places(known)


def _desk(name: str, kind: RoutingKind) -> str:
    """What a kind is counted with: those of one desk speak together, one that is dealt with elsewhere for itself."""
    return kind.desk or f"elsewhere:{name}"


def _words_in(words: Sequence[str], text: str) -> tuple[str, ...]:
    looked = plain(text)
    return tuple(word for word in words if plain(word) in looked)


def _spans(words: Mapping[str, Sequence[str]], text: str) -> list[tuple[str, str, int, int]]:
    """(name, word, start, end) of every word in a text, but none that stands inside of a longer one."""
    found = []
    for name, some in words.items():
        for word in some:
            looked = plain(word)
            start = text.find(looked) if looked else -1
            while start >= 0:
                found.append((name, word, start, start + len(looked)))
                start = text.find(looked, start + 1)
    return [
        one
        for one in found
        if not any(o[2] <= one[2] and one[3] <= o[3] and o[3] - o[2] > one[3] - one[2] for o in found)
    ]


def _pieces(name: str) -> frozenset[str]:
    """Two and three characters in a row of a place, without numbers of houses; the first marked as the beginning."""
    text = "^" + _NUMBERED.sub("", plain(_TAIL.sub("", name)))
    return frozenset(text[at : at + size] for size in (2, 3) for at in range(len(text) - size + 1))
