"""Which parties a fact is linked to, told from its body alone, and whether the stored links still say so.

A link carries a fact into somebody's file: who removes one hides a fact, who adds one blames a stranger. Links and aliases stand
outside of the Merkle tree, yet both follow from what is inside: the body names the parties, and an alias is found by a key that
is the digest of its own columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

import orjson

from zhiheng.engines.identity import Mention
from zhiheng.ledger import store
from zhiheng.ledger.aliases import alias_key
from zhiheng.ledger.models import Definition

# (role, mention) of a party.
Link = tuple[str, Mention]
# What a definition says of the thing its rows are about: (kind, field with the code, field with the name).
About = tuple[str, str, str]

WINDOW = 1_000_000
_BATCH = 20_000
_KEEP = 300_000


def links_of(body: Mapping[str, Any], about: About | None) -> set[Link]:
    """The parties that a body names, and the thing that it is about where that has a code, each in its role."""
    found = {
        (
            p["role"],
            Mention(
                p.get("kind", "enterprise"), p.get("name", ""), p.get("code", ""), p.get("code_kind", ""),
                p.get("address", ""), p.get("place", ""),
            ),
        )
        for p in body.get("parties", ())
    }  # fmt: skip
    if about is not None and (code := body.get(about[1])):
        text, code_kind = (code["code"], code.get("kind", "")) if isinstance(code, dict) else (code, "own")
        found.add(("about", Mention(about[0], str(body.get(about[2]) or ""), str(text), code_kind, "", "")))
    return found


def abouts() -> dict[str, About]:
    """Edition -> what its record is about, for the definitions that say so."""
    found = {}
    for edition, text in Definition.objects.values_list("edition", "text"):
        about = orjson.loads(text)["record"].get("about")
        if about and about.get("code"):
            found[edition] = (about["kind"], about["code"], about.get("name") or "")
    return found


def changed_links(
    first: int, last: int, about_of: Mapping[int, About]
) -> Iterator[tuple[int, int, list[Link], list[str]]]:
    """(fact, delivery, missing links, roles of surplus links) of the facts first..last whose links differ from their bodies.

    ``about_of`` is by delivery. Reads the links once per window of ``WINDOW`` facts, since they are clustered by alias.
    """
    keys: dict[Mention, int] = {}
    for start in range(first, last + 1, WINDOW):
        end = min(start + WINDOW - 1, last)
        stored = groupby(_stored(start, end), key=lambda link: link[0])
        number, links = next(stored, (last + 1, iter(())))
        for fact, delivery, kind, body in _rows(
            "SELECT id, delivery_id, kind, body FROM ledger_fact WHERE id BETWEEN %s AND %s ORDER BY id", [start, end]
        ):
            while number < fact:
                # Links of a fact that is not there: the missing fact is named elsewhere.
                number, links = next(stored, (last + 1, iter(())))
            have: set[tuple[str, int | None]] = set()
            if number == fact:
                have = {(role, key) for _, role, key in links}
                number, links = next(stored, (last + 1, iter(())))
            if kind == "withdrawal":
                wanted: dict[tuple[str, int | None], Link] = {}
            else:
                if len(keys) > _KEEP:
                    keys.clear()
                wanted = {}
                for role, mention in links_of(orjson.loads(body), about_of.get(delivery)):
                    key = keys.get(mention)
                    if key is None:
                        key = keys[mention] = alias_key(mention)
                    wanted[role, key] = (role, mention)
            if have != wanted.keys():
                missing = [link for pair, link in wanted.items() if pair not in have]
                yield fact, delivery, missing, sorted(role for role, key in have if (role, key) not in wanted)


def _stored(first: int, last: int) -> Iterator[tuple[int, str, int | None]]:
    sql = (
        "SELECT p.fact_id, p.role, a.key FROM ledger_factparty p LEFT JOIN ledger_alias a ON a.id = p.alias_id "
        "WHERE p.fact_id BETWEEN %s AND %s ORDER BY p.fact_id"
    )
    yield from _rows(sql, [first, last])


def _rows(sql: str, params: Sequence[int]) -> Iterator[tuple[Any, ...]]:
    for batch in store.stream(sql, params, size=_BATCH):
        yield from batch


def changed_aliases() -> Iterator[tuple[int, str]]:
    """(alias, name) of the aliases whose columns no longer give their key."""
    sql = "SELECT id, key, kind, name, code, code_kind, address, place FROM ledger_alias ORDER BY id"
    for number, key, *mention in _rows(sql, []):
        if alias_key(Mention(*mention)) != key:
            yield number, mention[1]


def moved_aliases(acts: Iterable[tuple[int, str]]) -> Iterator[int]:
    """Aliases whose subject is not where the last recorded merge, split or undoing took them; ``acts`` as (id, moves)."""
    at: dict[int, int] = {}
    for _, moves in sorted(acts):
        at |= {alias: to for alias, _, to in orjson.loads(moves)}
    now: dict[int, int] = dict(
        store.matching("SELECT a.id, a.subject_id FROM ledger_alias a", "a.id", sorted(at))  # type: ignore[arg-type]
    )
    yield from (alias for alias, subject in sorted(at.items()) if now.get(alias) != subject)
