"""Whose record is this? Parties as delivered become aliases, and aliases are linked to subjects by the identity engine.

Certain matches link by themselves, likely ones wait for a person (LikelyMatch), the rest become new subjects.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b
from typing import Any

from zhiheng.engines.identity import Likely, Mention, resolve
from zhiheng.kernel.facts import Party, canonical
from zhiheng.kernel.merkle import leaf_hash, root_of
from zhiheng.ledger import store

_KEEP = 200_000


def mention_of(party: Party) -> Mention:
    """What a party says of itself, without its role. A place that the book does not know has no code and tells nothing."""
    place = party.place if party.place.isdigit() else ""
    return Mention(party.kind, party.name, party.code, party.code_kind, party.address, place)


def alias_key(mention: Mention) -> int:
    """A 63-bit key of a delivered spelling."""
    text = "\x1f".join((mention.kind, mention.name, mention.code, mention.code_kind, mention.address, mention.place))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") >> 1


def alias_leaf(alias: int, key: int, subject: int) -> bytes:
    """The leaf hash of a spelling that was delivered for the first time, with whom it was linked to then."""
    return leaf_hash(f"{alias}\n{key}\n{subject}".encode())


class Aliases:
    """Alias ids for parties, inside one transaction of the ledger's only writer."""

    def __init__(self) -> None:
        self._registry = LedgerRegistry()
        self._known: dict[Mention, int] = {}
        self._first_alias = self._next_alias = store.next_id("alias")
        self._leaves: list[bytes] = []
        self._next_subject = store.next_id("subject")

    def ids_of(self, parties: Iterable[Party]) -> Mapping[Mention, int]:
        """The alias id of every party, creating aliases (and subjects) for those not delivered before."""
        if len(self._known) > _KEEP:
            self._known.clear()
        parties = list(parties)
        mentions = dict.fromkeys(mention_of(party) for party in parties)
        for party in parties:
            if party.formers and party.code:
                # A former name with the same code is the same subject: whoever still uses it is found by it.
                now = mention_of(party)
                mentions |= dict.fromkeys(replace(now, name=former) for former in party.formers)
        new = {alias_key(mention): mention for mention in mentions if mention not in self._known}
        for key, alias in store.matching("SELECT a.key, a.id FROM ledger_alias a", "a.key", list(new)):
            self._known[new.pop(key)] = alias
        if new:
            self._create(list(new.items()))
        return {mention: self._known[mention] for mention in mentions}

    def header(self) -> dict[str, Any]:
        """What the delivery's header says of the aliases that it brought; nothing where it brought none."""
        if not self._leaves:
            return {}
        root = root_of(self._leaves).hex()
        return {"first_alias": self._first_alias, "alias_count": len(self._leaves), "alias_root": root}

    def _create(self, new: Sequence[tuple[int, Mention]]) -> None:
        aliases, keys, subjects = [], [], []
        likely: list[tuple[int, Likely]] = []
        minted: dict[int, int] = {}
        first_alias: dict[int, int] = {}
        for (key, mention), resolution in zip(
            new, resolve([mention for _, mention in new], self._registry), strict=True
        ):
            alias = self._next_alias
            self._next_alias += 1
            subject = resolution.subject_id
            if subject is None:
                assert resolution.ordinal is not None
                if resolution.ordinal not in minted:
                    minted[resolution.ordinal] = self._next_subject
                    subjects.append((self._next_subject, mention.kind))
                    self._next_subject += 1
                subject = minted[resolution.ordinal]
            first_alias.setdefault(subject, alias)
            self._leaves.append(alias_leaf(alias, key, subject))
            aliases.append((alias, key, subject, mention.kind, mention.name, mention.code, mention.code_kind,
                            mention.address, mention.place))  # fmt: skip
            keys += [(k, alias) for k in resolution.keys]
            likely += [(alias, match) for match in resolution.likely]
            self._known[mention] = alias
        store.insert("subject", ("id", "kind"), subjects)
        store.insert("alias", store.ALIAS_COLUMNS, aliases)
        store.insert("aliaskey", ("key", "alias_id"), sorted(keys))
        self._wait_for_a_person(likely, minted, first_alias)

    def _wait_for_a_person(
        self, likely: Sequence[tuple[int, Likely]], minted: Mapping[int, int], first_alias: Mapping[int, int]
    ) -> None:
        """Store resemblances as pairs of aliases: the new one, and the first of whom it resembles; each pair once."""
        known = sorted({match.subject_id for _, match in likely if match.subject_id is not None})
        face: dict[int, int] = {}
        select = "SELECT a.subject_id, a.id FROM ledger_alias a"
        for subject, alias in store.matching(select, "a.subject_id", known):
            face[subject] = min(alias, face.get(subject, alias))
        rows: dict[tuple[int, int], tuple[int, int, int, str, str]] = {}
        for alias, match in likely:
            if match.subject_id is not None:
                other = face[match.subject_id]
            else:
                assert match.ordinal is not None
                other = first_alias[minted[match.ordinal]]
            pair = (max(alias, other), min(alias, other))
            if alias != other and pair not in rows:
                reasons = canonical([[reason.zh, reason.en] for reason in match.reasons])
                rows[pair] = (*pair, round(match.score * 1000), reasons, "")
        store.insert("likelymatch", ("alias_id", "other_id", "score", "reasons", "decision"), rows.values())


class LedgerRegistry:
    """What the identity engine asks of the ledger: aliases by key, and codes by subject.

    Lives as long as one transaction of the only writer, in which no link of a known alias changes.
    """

    def __init__(self) -> None:
        self._seen: dict[int, tuple[int, int, Mention]] = {}

    def lookup(
        self, keys: Sequence[int], *, at_most: int | None = None
    ) -> Mapping[int, Sequence[tuple[int, int, Mention]]]:
        """Aliases (id, subject, mention) already in the ledger that share a key."""
        blocks: dict[int, list[int]] = {}
        select = "SELECT k.key, k.alias_id FROM ledger_aliaskey k"
        for key, alias in store.matching(select, "k.key", keys, at_most=at_most):
            blocks.setdefault(key, []).append(alias)
        wanted = sorted({alias for aliases in blocks.values() for alias in aliases})
        select = (
            "SELECT a.id, a.subject_id, a.kind, a.name, a.code, a.code_kind, a.address, a.place FROM ledger_alias a"
        )
        if len(self._seen) > _KEEP:
            self._seen.clear()
        unseen = [alias for alias in wanted if alias not in self._seen]
        for alias, subject, *mention in store.matching(select, "a.id", unseen):
            self._seen[alias] = (alias, subject, Mention(*mention))
        return {key: [self._seen[alias] for alias in sorted(aliases)] for key, aliases in sorted(blocks.items())}

    def codes(self, subjects: Collection[int]) -> Mapping[int, Sequence[tuple[str, str]]]:
        """All codes that aliases of these subjects carry."""
        found: dict[int, list[tuple[str, str]]] = {}
        select = "SELECT a.subject_id, a.code_kind, a.code FROM ledger_alias a"
        for subject, kind, code in store.matching(select, "a.subject_id", sorted(subjects)):
            if code:
                found.setdefault(subject, []).append((kind, code))
        return found
