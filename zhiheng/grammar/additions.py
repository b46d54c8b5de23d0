"""What an installation has added to the sources of its book: headings that were accepted here and stand in no page of
the book yet.

The book is shipped and kept by people; the machine never writes into it. Each accepted heading is a small file of its
own beside the data, and is merged into its source when the book is loaded, so that the edition tells of it. Once the
book's own page knows the heading, the page holds and the addition is idle.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import orjson

from zhiheng.kernel.whole_file import replace_whole

# What a heading may stand for beside fields: a column that is of no use, and whether it may be shown.
IGNORED = ("ignored: secret", "ignored: plain")


@dataclass(frozen=True, slots=True)
class Addition:
    """A heading of a source, and what it feeds: a field, ``field.part``, or one of ``IGNORED``."""

    number: int
    record: str
    source: str
    heading: str
    target: str


def write(folder: Path, added: Addition) -> Path:
    """Keep an addition; whole or not at all."""
    path = folder / f"{added.number}.json"
    text = {"record": added.record, "source": added.source, "heading": added.heading, "target": added.target}
    replace_whole(path, orjson.dumps(text, option=orjson.OPT_INDENT_2))
    return path


def remove(folder: Path, number: int) -> None:
    """Forget an addition; the same where it is gone already."""
    (folder / f"{number}.json").unlink(missing_ok=True)


def mark(folder: Path) -> tuple[str, ...]:
    """What tells whether anything was added since: the names of the files, which never change once they stand."""
    return tuple(sorted(path.name for path in folder.glob("*.json"))) if folder.is_dir() else ()


def read(folder: Path) -> tuple[Addition, ...]:
    """The additions in the order in which they were proposed."""
    return tuple(sorted((_one(folder / name) for name in mark(folder)), key=lambda each: each.number))


@cache
def _one(path: Path) -> Addition:
    told = orjson.loads(path.read_bytes())
    return Addition(int(path.stem), told["record"], told["source"], told["heading"], told["target"])
