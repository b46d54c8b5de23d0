"""The outline of an area that is made of those beneath it: the borders that only one of the parts has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from zhiheng.grammar.chapters.district import District

Point = tuple[int, int]


@dataclass(frozen=True)
class Shape:
    """The rings of an area on the abstract sheet, and where its name stands."""

    code: str
    rings: tuple[tuple[Point, ...], ...]
    centre: Point

    @property
    def path(self) -> str:
        """The rings as the path of a drawing."""
        return "".join(f"M{'L'.join(f'{x} {y}' for x, y in ring)}Z" for ring in self.rings)


def shapes_of(district: District, codes: Sequence[str]) -> list[Shape]:
    """The shapes of areas; one of which the book knows no outline is left out."""
    found = []
    for code in codes:
        parts = district.outlines(code)
        if parts:
            rings = around(parts)
            found.append(Shape(code, rings, centre_of(max(rings, key=_surface))))
    return found


def around(parts: Sequence[Sequence[Point]]) -> tuple[tuple[Point, ...], ...]:
    """The rings around polygons that lie side by side: a border that two of them share, corner by corner, is none of
    the whole.
    """
    if len(parts) == 1:
        return (tuple(parts[0]),)
    sides: dict[Point, list[Point]] = {}
    turned = [list(part) if _signed(part) > 0 else list(reversed(part)) for part in parts]
    every = {(a, b) for part in turned for a, b in zip(part, [*part[1:], part[0]], strict=True)}
    for a, b in every:
        if (b, a) not in every:
            sides.setdefault(a, []).append(b)
    rings = []
    while sides:
        start = min(sides)
        ring, here = [start], start
        while True:
            here_next = sides[here].pop()
            if not sides[here]:
                del sides[here]
            if here_next == start or here_next not in sides:
                break
            ring.append(here_next)
            here = here_next
        if len(ring) > 2:
            rings.append(tuple(ring))
    return tuple(sorted(rings, key=_surface, reverse=True)) or tuple(tuple(part) for part in parts)


def centre_of(ring: Sequence[Point]) -> Point:
    """The centre of gravity of a ring, in whole units of the sheet."""
    twice = _signed(ring)
    pairs = list(zip(ring, [*ring[1:], ring[0]], strict=True))
    if twice == 0:
        return (round(sum(x for x, _ in ring) / len(ring)), round(sum(y for _, y in ring) / len(ring)))
    x = sum((a[0] + b[0]) * (a[0] * b[1] - b[0] * a[1]) for a, b in pairs) / (3 * twice)
    y = sum((a[1] + b[1]) * (a[0] * b[1] - b[0] * a[1]) for a, b in pairs) / (3 * twice)
    return round(x), round(y)


def _signed(ring: Sequence[Point]) -> int:
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, [*ring[1:], ring[0]], strict=True))


def _surface(ring: Sequence[Point]) -> int:
    return abs(_signed(ring))
