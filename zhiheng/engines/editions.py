"""What changed between two editions of a definition: the canonical JSON of both, compared entry by entry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import orjson

What = Literal["added", "removed", "changed"]
_ABSENT = object()


@dataclass(frozen=True)
class Change:
    """One entry that differs: the way to it, and what it was and is (``None`` beside ``added`` and ``removed``)."""

    path: tuple[str, ...]
    what: What
    before: str | None
    after: str | None


def changes(before: str, after: str) -> tuple[Change, ...]:
    """The differences between two canonical JSON texts, in the order of their paths."""
    return tuple(_between((), orjson.loads(before), orjson.loads(after)))


def _between(path: tuple[str, ...], before: Any, after: Any) -> Iterator[Change]:
    if before is _ABSENT:
        yield Change(path, "added", None, _text(after))
    elif after is _ABSENT:
        yield Change(path, "removed", _text(before), None)
    elif isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in sorted({*before, *after}):
            yield from _between((*path, key), before.get(key, _ABSENT), after.get(key, _ABSENT))
    elif isinstance(before, list) and isinstance(after, list) and _named(before) and _named(after):
        # Entries of a list that carry a name are compared by it: one that was put in front has not changed all the
        # others.
        old, new = _named(before), _named(after)
        for key in dict.fromkeys([*old, *new]):
            yield from _between((*path, key), old.get(key, _ABSENT), new.get(key, _ABSENT))
        if [key for key in old if key in new] != [key for key in new if key in old]:
            yield Change(path, "changed", _text(list(old)), _text(list(new)))
    elif (was := _written(before)) != (now := _written(after)):
        # As they are written: to Python 0 and false are the same, and to people 0 and "0".
        shown = _text(before), _text(after)
        yield Change(path, "changed", *(shown if shown[0] != shown[1] else (was, now)))


def _named(entries: list[Any]) -> dict[str, Any]:
    """Entries of a list by the key that names them; empty where they have none or share one."""
    for key in ("code", "name", "text"):
        names = [str(entry[key]) for entry in entries if isinstance(entry, Mapping) and key in entry]
        if names and len(set(names)) == len(entries):
            return dict(zip(names, entries, strict=True))
    return {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else _written(value)


def _written(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
