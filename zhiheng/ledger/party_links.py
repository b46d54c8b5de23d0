"""Verify the links between facts and parties: they follow from a fact's body alone.

A link carries a fact into a subject's file: removing one hides a fact, adding one accuses a stranger. Links and aliases
stand outside of the Merkle tree, yet both follow from what is inside: the body names the parties, and an alias is found
by a key that is the digest of its columns.

Links are clustered by alias and facts by number, and sorting one like the other would cost more than all the rest of
the verification. So each link is given a number by a hash with a secret drawn for this run, and for every fact the sum
over its stored links is compared with the sum over the links that its body asks for. Without the secret, different
links with the same sum can only be made by luck of one in 2**64.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from django.db import connection
from numpy.typing import NDArray

from zhiheng.database.rows import matching, number_of_each, stream
from zhiheng.engines.identity import Mention
from zhiheng.ledger.aliases import alias_key
from zhiheng.ledger.models import Definition, Fact

# (role, mention) of a party.
Link = tuple[str, Mention]
# What a definition says of the thing its rows are about: (kind, field with the code, field with the name).
About = tuple[str, str, str]

# Few enough rows for a processor to keep them at hand while it works on them.
_BATCH = 2_000
_KEEP = 300_000
_PARTIES = '"parties":['


def links_of(body: Mapping[str, Any], about: About | None) -> set[Link]:
    """The parties that a body names, and the thing that it is about where that has a code, each in its role."""
    found = _parties(body.get("parties", ()))
    if about is not None and (code := body.get(about[1])):
        text, code_kind = (code["code"], code.get("kind", "")) if isinstance(code, dict) else (code, "own")
        found.add(("about", Mention(about[0], str(body.get(about[2]) or ""), str(text), code_kind, "", "")))
    return found


def _parties(said: Iterable[Mapping[str, Any]]) -> set[Link]:
    return {
        (
            p["role"],
            Mention(
                p.get("kind", "enterprise"),
                p.get("name", ""),
                p.get("code", ""),
                p.get("code_kind", ""),
                p.get("address", ""),
                p.get("place", ""),
            ),
        )
        for p in said
    }


def abouts() -> dict[str, About]:
    """Edition -> what its record is about, for the definitions that say so."""
    found = {}
    for edition, text in Definition.objects.values_list("edition", "text"):
        try:
            about = orjson.loads(text)["record"].get("about")
        except (ValueError, KeyError, TypeError, AttributeError):
            # It was changed: its digest tells.
            continue
        if about and about.get("code"):
            found[edition] = (about["kind"], about["code"], about.get("name") or "")
    return found


def _body(text: str) -> Mapping[str, Any]:
    """A body; empty where it can't be read: it was changed, and then its links don't fit either."""
    try:
        found = orjson.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _moves(text: str) -> list[tuple[int, int, int]]:
    """(alias, from, to) of a recorded act; none where they can't be read: then the aliases are where no act put
    them.
    """
    try:
        return [(int(alias), int(before), int(to)) for alias, before, to in orjson.loads(text)]
    except (ValueError, TypeError):
        return []


@dataclass(frozen=True)
class Sums:
    """For every fact the sum over its stored links, in a file that several processes may read, and the secret behind
    it.
    """

    path: Path
    secret: bytes
    astray: int

    def read(self) -> NDArray[np.uint64]:
        """The sums: that of fact n at n - 1."""
        return np.memmap(self.path, np.uint64, mode="r")


def stored_sums(last: int) -> Sums:
    """Read all links once, in the order in which they stand, and add up those of each of the facts 1..last.

    The caller removes the file. ``astray`` counts links to numbers beyond these.
    """
    secret = os.urandom(32)
    handle, name = tempfile.mkstemp(prefix="zhiheng-links-")
    os.close(handle)
    sums = np.memmap(name, np.uint64, mode="w+", shape=max(last, 1))
    numbers: dict[tuple[int | None, str], int] = {}
    astray = 0
    sql = (
        "SELECT p.fact_id, COALESCE(a.spelling, a.key), p.role FROM ledger_factparty p "
        "LEFT JOIN ledger_alias a ON a.id = p.alias_id"
    )
    for batch in stream(sql, size=_BATCH):
        facts, keys, roles = zip(*batch, strict=True)
        pairs = list(zip(keys, roles, strict=True))
        if len(numbers) > _KEEP:
            numbers.clear()
        for pair in set(pairs).difference(numbers):
            numbers[pair] = _number(secret, *pair)
        at = np.array(facts, np.int64)
        values = np.fromiter(map(numbers.__getitem__, pairs), np.uint64, len(pairs))
        inside = (at >= 1) & (at <= last)
        astray += int(len(at) - inside.sum())
        np.add.at(sums, at[inside] - 1, values[inside])
    sums.flush()
    return Sums(Path(name), secret, astray)


def _number(secret: bytes, key: int | None, role: str) -> int:
    return int.from_bytes(blake2b(f"{key} {role}".encode(), digest_size=8, key=secret).digest(), "big")


class Wanted:
    """The sums that bodies ask for, of the facts of one delivery."""

    def __init__(self, secret: bytes, about: About | None) -> None:
        self._secret, self._about = secret, about
        self._known: dict[str, int] = {"": 0}

    def of(self, said: str) -> int:
        """The sum over the links that a statement asks for (``said`` as hashed: its last line is the body)."""
        if self._about is not None:
            return self._sum(links_of(_body(said[said.rindex("\n") + 1 :]), self._about))
        start = said.find(_PARTIES)
        # The same parties come again and again, so their text is looked up before it is read.
        text = said[start + len(_PARTIES) - 1 : said.find("}]", start) + 2] if start >= 0 else ""
        found = self._known.get(text)
        if found is None:
            if len(self._known) > _KEEP:
                self._known = {"": 0}
            try:
                links = _parties(orjson.loads(text))
            except orjson.JSONDecodeError:
                # A name that holds the two characters at which the text was cut: read as a whole, it is no riddle.
                return self._sum(links_of(_body(said[said.rindex("\n") + 1 :]), None))
            found = self._known[text] = self._sum(links)
        return found

    def _sum(self, links: Iterable[Link]) -> int:
        return sum(_number(self._secret, alias_key(mention), role) for role, mention in links) % (1 << 64)


def differences(
    facts: Sequence[int], about_of: Mapping[int, About]
) -> Iterator[tuple[int, int, list[Link], list[str]]]:
    """(fact, delivery, missing links, roles of surplus links) of facts whose sums differ; ``about_of`` is by
    delivery.
    """
    stored: dict[int, set[tuple[str, int | None]]] = {}
    select = "SELECT p.fact_id, p.role, p.alias_id FROM ledger_factparty p"
    links = list(matching(select, "p.fact_id", facts))
    aliases = sorted({alias for _, _, alias in links})
    select = "SELECT a.id, COALESCE(a.spelling, a.key) FROM ledger_alias a"
    key_of = number_of_each(select, "a.id", aliases)
    for fact, role, alias in links:
        stored.setdefault(fact, set()).add((role, key_of.get(alias)))
    select = "SELECT f.id, f.delivery_id, f.kind, f.body FROM ledger_fact f"
    for fact, delivery, kind, body in sorted(matching(select, "f.id", facts)):
        asked = set() if kind == Fact.Kind.WITHDRAWAL else links_of(_body(body), about_of.get(delivery))
        wanted = {(role, alias_key(mention)): (role, mention) for role, mention in asked}
        have = stored.get(fact, set())
        missing = [link for pair, link in sorted(wanted.items()) if pair not in have]
        yield fact, delivery, missing, sorted(role for role, key in have if (role, key) not in wanted)


def changed_aliases() -> Iterator[tuple[int, str]]:
    """(alias, name) of the aliases whose columns no longer give their key."""
    sql = "SELECT id, key, part, spelling, kind, name, code, code_kind, address, place FROM ledger_alias ORDER BY id"
    for batch in stream(sql, size=_BATCH):
        for number, key, part, spelling, *mention in batch:
            said = Mention(*mention)
            if alias_key(said, part or "") != key or (spelling is not None and alias_key(said) != spelling):
                yield number, mention[1]


def wrong_kinds(acts: Iterable[tuple[int, str]]) -> list[int]:
    """Subjects that are said to be of another kind than the spellings under them, or those that an act took from
    them; ``acts`` as (id, moves).
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT s.id FROM ledger_alias a JOIN ledger_subject s ON s.id = a.subject_id WHERE a.kind <> "
            "s.kind ORDER BY s.id"
        )
        found = {subject for (subject,) in cursor.fetchall()}
    moved = {(alias, before) for _, moves in acts for alias, before, _to in _moves(moves)}
    kinds = dict(matching("SELECT a.id, a.kind FROM ledger_alias a", "a.id", sorted({alias for alias, _ in moved})))
    before = sorted({subject for _, subject in moved})
    said = dict(matching("SELECT s.id, s.kind FROM ledger_subject s", "s.id", before))
    return sorted(found | {subject for alias, subject in moved if kinds.get(alias) != said.get(subject)})


def astray_in_parts(acts: Iterable[tuple[int, str | None]]) -> list[int]:
    """Facts that stand under another part of their spelling than their sender, or the recorded splits, say; ``acts`` as
    (id, parted).
    """
    with connection.cursor() as cursor:
        # What one unit said under another's alias, and what it said under the whole although it has an alias of its
        # own.
        cursor.execute(
            "SELECT p.fact_id FROM ledger_alias a JOIN ledger_factparty p ON p.alias_id = a.id JOIN ledger_fact f ON "
            "f.id = p.fact_id WHERE a.part LIKE 'unit:%%' AND a.part <> 'unit:' || f.unit UNION SELECT p.fact_id FROM "
            "ledger_alias a JOIN ledger_alias w ON w.key = a.spelling JOIN ledger_factparty p ON p.alias_id = w.id "
            "JOIN ledger_fact f ON f.id = p.fact_id WHERE a.part = 'unit:' || f.unit"
        )
        astray = {fact for (fact,) in cursor.fetchall()}
        cursor.execute(
            "SELECT a.id, p.fact_id FROM ledger_alias a JOIN ledger_factparty p ON p.alias_id = a.id WHERE a.part "
            "LIKE 'facts:%%'"
        )
        stand = set(cursor.fetchall())
    named: dict[int, int] = {}
    for _, text in sorted(acts):
        for part in orjson.loads(text) if text else ():
            named |= dict.fromkeys(part.get("facts", ()), part["to"])
    asked = {(alias, fact) for fact, alias in named.items()}
    return sorted(astray | {fact for _, fact in stand ^ asked})


def first_subjects(acts: Iterable[tuple[int, str]]) -> dict[int, int]:
    """Alias -> the subject that it was linked to when it came, of every alias that a recorded act has moved; ``acts``
    as (id, moves).
    """
    first: dict[int, int] = {}
    for _, moves in sorted(acts):
        for alias, before, _to in _moves(moves):
            first.setdefault(alias, before)
    return first


def moved_aliases(acts: Iterable[tuple[int, str]]) -> Iterator[int]:
    """Aliases whose subject is not where the last recorded merge, split or undoing took them; ``acts`` as (id,
    moves).
    """
    at: dict[int, int] = {}
    for _, moves in sorted(acts):
        at |= {alias: to for alias, _, to in _moves(moves)}
    now = number_of_each("SELECT a.id, a.subject_id FROM ledger_alias a", "a.id", sorted(at))
    yield from (alias for alias, subject in sorted(at.items()) if now.get(alias) != subject)
