"""Who did something, as a page says it: the name of an account, never its number; the house itself and the command line
in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from zhiheng.pages.words import say
from zhiheng.queries.identity import names_of


def told(actors: Iterable[str]) -> Mapping[str, str]:
    """What the ledger and the trail keep of an actor (``account:9``, ``cli:root``, ``system``) -> the words for it (one
    query).
    """
    found = set(actors) - {""}
    whole = {part for actor in found for part in actor.split(" for ")}
    names = names_of(whole) if any(part.startswith("account:") for part in whole) else {}
    said = {part: names.get(part) or _other(part) for part in whole}
    return {actor: _both([said[part] for part in actor.split(" for ")]) for actor in found} | {"": ""}


def _both(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else say("{who}（代{whom}）", "{who} (for {whom})", who=parts[0], whom=parts[1])


def _other(actor: str) -> str:
    kind, _, name = actor.partition(":")
    if kind == "system":
        return say("系统自动", "the system itself")
    if kind == "public":
        return say("没有账号的公众", "somebody without an account")
    if kind == "cli":
        return say("服务器命令行（{name}）", "command line ({name})", name=name)
    if kind == "token":
        return say("接口令牌 {name}", "key of a program {name}", name=name)
    if kind == "account" and not name.isdecimal():
        # A name that was typed at the door and belongs to nobody; what was typed is not kept: it may be a password.
        return say("没有这个账号", "no such account")
    if kind == "account":
        return say("已删除的账号 {name}", "deleted account {name}", name=name)
    return actor
