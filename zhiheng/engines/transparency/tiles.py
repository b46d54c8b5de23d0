"""A log as static files that any web server can give out: tiles of 256 hashes, bundles of 256 entries.

Level 0 has the leaf hashes; each hash of a higher level is over one full tile of the level below. The tile at the right
edge is partial: its address says how many hashes it has. Source: C2SP tlog-tiles.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from zhiheng.engines.transparency import refusals
from zhiheng.engines.transparency.tree import Read, node_hash
from zhiheng.kernel.reasons import Refused

HEIGHT: Final = 8
WIDTH: Final = 1 << HEIGHT
# The longest entry that two bytes can count.
LONGEST: Final = (1 << 16) - 1
_ADDRESS: Final = re.compile(
    r"tile/(?P<level>entries|0|[1-9][0-9]?)/(?P<place>(?:x[0-9]{3}/)*[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
)
# Levels that a tile can have (64 bits of entries, eight a level, are never reached; the form allows them).
_LEVELS: Final = 64


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile of hashes, or (``level`` None) a bundle of entries: its place from the left, and how many it has."""

    level: int | None
    place: int
    width: int = WIDTH

    @property
    def address(self) -> str:
        """Where it lies, relative to the log: ``tile/0/x001/234``, a partial one with its width behind ``.p/``."""
        digits = f"{self.place:03d}"
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        parts = [digits[i : i + 3] for i in range(0, len(digits), 3)]
        path = "/".join([*(f"x{part}" for part in parts[:-1]), parts[-1]])
        level = "entries" if self.level is None else str(self.level)
        return f"tile/{level}/{path}" + ("" if self.width == WIDTH else f".p/{self.width}")

    def is_of(self, size: int) -> bool:
        """Whether a log of ``size`` entries has it: a full tile, or a part of one from its first hash on."""
        return self.place * WIDTH + self.width <= size >> (HEIGHT * (self.level or 0))


def tile_at(address: str) -> Tile:
    """The tile at an address. Raises Refused where it is not one in its only form."""
    found = _ADDRESS.fullmatch(address)
    if found is not None:
        level = None if found["level"] == "entries" else int(found["level"])
        tile = Tile(level, int(found["place"].replace("x", "").replace("/", "")), int(found["width"] or WIDTH))
        if (level or 0) < _LEVELS and tile.address == address and (found["width"] is None or tile.width < WIDTH):
            return tile
    raise Refused(refusals.unreadable("tile", address[:80]))


def tiles_of(size: int) -> Iterator[Tile]:
    """The tiles at the right edge of a log of ``size`` entries, from the leaves upwards; full ones left of them are
    implied.
    """
    level = 0
    while hashes := size >> (HEIGHT * level):
        full, rest = divmod(hashes, WIDTH)
        yield Tile(level, full, rest) if rest else Tile(level, full - 1)
        level += 1


def reader(fetch: Callable[[Tile], bytes], size: int) -> Read:
    """A reader for proofs over a log of ``size`` entries, of which only tiles can be had (32 bytes a hash)."""

    @lru_cache(maxsize=256)
    def hashes(level: int, place: int) -> tuple[bytes, ...]:
        width = min(WIDTH, (size >> (HEIGHT * level)) - place * WIDTH)
        tile = Tile(level, place, width)
        found = fetch(tile)
        if width <= 0 or len(found) != width * 32:
            raise Refused(refusals.unreadable(tile.address, f"{len(found)} bytes"))
        return tuple(found[i : i + 32] for i in range(0, len(found), 32))

    def read(level: int, place: int) -> bytes:
        tile_level, inside = divmod(level, HEIGHT)
        first = place << inside
        row = hashes(tile_level, first // WIDTH)
        nodes = list(row[first % WIDTH : first % WIDTH + (1 << inside)])
        while len(nodes) > 1:
            nodes = [node_hash(*pair) for pair in zip(nodes[0::2], nodes[1::2], strict=True)]
        return nodes[0]

    return read


def bundle(entries: Sequence[bytes]) -> bytes:
    """Entries as a bundle: each after its length in two bytes, the higher first."""
    if too_long := [len(entry) for entry in entries if len(entry) > LONGEST]:
        raise ValueError(f"an entry of {too_long[0]} bytes: a bundle counts up to {LONGEST}")
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def entries_of(text: bytes) -> list[bytes]:
    """The entries of a bundle. Raises Refused where it ends within one."""
    entries, at = list[bytes](), 0
    while at < len(text):
        start = at + 2
        at = start + int.from_bytes(text[at:start], "big")
        if start > len(text) or at > len(text):
            raise Refused(refusals.unreadable("tile/entries", f"{len(text)} bytes"))
        entries.append(text[start:at])
    return entries
