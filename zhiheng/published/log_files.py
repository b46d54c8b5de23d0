"""The files of the public log (C2SP tlog-tiles) in the data folder: the last head, tiles, bundles, and a list of heads.

They can be thrown away and made again from the log. The portal and any web server give them out as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings

from zhiheng.engines.transparency.checkpoints import Checkpoint, read_checkpoint
from zhiheng.engines.transparency.notes import read_note
from zhiheng.engines.transparency.tiles import Tile
from zhiheng.kernel.data_folder import inside
from zhiheng.kernel.whole_file import replace_whole

CHECKPOINT, HEADS = "checkpoint", "heads.json"


def place_of(name: str) -> Path:
    """Where a file lies; ``name`` is an address that was checked (``tiles.tile_at``) or one of the two above."""
    return inside(settings.DATA, "public-log") / name


def note() -> str:
    """The last head with its signatures, as it is given out; '': there is none yet."""
    path = place_of(CHECKPOINT)
    return path.read_text("utf-8") if path.is_file() else ""


def head() -> Checkpoint | None:
    """The last head as it is given out; None: there is none yet."""
    text = note()
    return read_checkpoint(read_note(text.encode()).text) if text else None


def told() -> Mapping[str, Any]:
    """What is said of the log: ``keys`` (public keys, the newest last), ``quorum``, ``witnesses`` (names and keys of
    the book), and ``heads``, the newest first: size, root, signed_at, witnesses (name in both languages, at). Without a
    log all are empty.
    """
    path = place_of(HEADS)
    found: Mapping[str, Any] = orjson.loads(path.read_bytes()) if path.is_file() else {}
    return {"keys": [], "quorum": 0, "witnesses": [], "heads": [], **found}


def write(name: str, content: bytes) -> None:
    """Write a file, whole before it has its name."""
    replace_whole(place_of(name), content)


def has(tile: Tile) -> bool:
    """Whether a tile or bundle is written already; it never changes under its address."""
    return place_of(tile.address).is_file()


def tiles() -> Iterator[str]:
    """The addresses of all tiles and bundles that are written, the last of each level last."""
    folder = place_of("tile")
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        if path.is_file():
            yield path.relative_to(folder.parent).as_posix()


def read(tile: Tile) -> bytes:
    """A tile or bundle that is written."""
    return place_of(tile.address).read_bytes()
