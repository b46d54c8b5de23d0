"""Who did something, as a page says it: the name of an account, never its number; the house itself and the command line
in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from zhiheng.grammar.trail_words import ACTORS
from zhiheng.pages.words import say
from zhiheng.queries.identity import names_of


def told(actors: Iterable[str]) -> Mapping[str, str]:
    """What the ledger and the trail keep of an actor (``account:9``, ``cli:root``, ``system``) -> the words for it (one
    query).
    """
    found = set(actors) - {""}
    whole = {part for actor in found for part in actor.split(" for ")}
    names = names_of(whole) if any(part.startswith("account:") for part in whole) else {}
    # An account that is gone has no name: it is told as what it is, never by its number alone.
    said = {part: name if (name := names.get(part, part)) != part else _other(part) for part in whole}
    return {actor: _both([said[part] for part in actor.split(" for ")]) for actor in found} | {"": ""}


def _both(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else say("{who}（代{whom}）", "{who} (for {whom})", who=parts[0], whom=parts[1])


def _other(actor: str) -> str:
    kind, _, name = actor.partition(":")
    if kind == "account" and not name.isdecimal():
        # A name that was typed at the door and belongs to nobody; what was typed is not kept: it may be a password.
        return say("没有这个账号", "no such account")
    words = ACTORS.get(actor) or ACTORS.get(kind)
    return say(*words, name=name) if words is not None else actor
