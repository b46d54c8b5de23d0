"""Whose record is this? Parties as delivered become aliases, and aliases are linked to subjects by the identity engine.

Certain matches link by themselves, likely ones wait for a person (LikelyMatch), the rest become new subjects.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

from django.db.models import Exists, F, OuterRef

from zhiheng.database.rows import matching, number_of_each
from zhiheng.engines.identity import Likely, Mention, resolve
from zhiheng.engines.identity.index import certain_keys, identity_of
from zhiheng.engines.identity.matcher import FORMER_TOLD, NAMES_UNLIKE, REGISTERED, SHARED, code_agrees
from zhiheng.kernel.facts import Party, canonical
from zhiheng.kernel.merkle import leaf_hash, root_of
from zhiheng.kernel.reasons import Flag
from zhiheng.ledger import bulk, refusals
from zhiheng.ledger.models import Fact, FactParty, LikelyMatch
from zhiheng.ledger.standing import is_replaced

_KEEP = 200_000


def mention_of(party: Party) -> Mention:
    """What a party says of itself, without its role. A place tells something where it is a code of digits, as national
    ones are: the identity engine knows those (GB/T 2260). One that the book does not know has no code; one that another
    country's tree knows by letters says where facts are, and nothing of who is who.
    """
    place = party.place if party.place.isdigit() else ""
    return Mention(party.kind, party.name, party.code, party.code_kind, party.address, place)


def alias_key(mention: Mention, part: str = "") -> int:
    """A 63-bit key of a delivered spelling, or of a part of what was said under it."""
    text = "\x1f".join((mention.kind, mention.name, mention.code, mention.code_kind, mention.address, mention.place))
    if part:
        text += "\x1f" + part
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") >> 1


# How the part of a spelling begins that consists of facts which somebody named.
BY_HAND = "facts:"


def said_by(unit: str) -> str:
    """The part of a spelling that is what one unit said."""
    return f"unit:{unit}"


def alias_leaf(alias: int, key: int, subject: int) -> bytes:
    """The leaf hash of a spelling that was delivered for the first time, with the subject it was linked to then."""
    return leaf_hash(f"{alias}\n{key}\n{subject}".encode())


# Reasons for which a pair that waits casts a doubt on what is said under its code (``contested``).
DOUBTS = (NAMES_UNLIKE.code, SHARED.code, REGISTERED.code)


class Aliases:
    """Alias ids for the parties in one unit's statements, inside one transaction of the ledger's only writer.

    ``doubtful``: aliases met so far whose facts need a check before they are published: the code belongs to another
    name, or the facts under the spelling have been split by hand and the next one can't be assigned.
    """

    def __init__(self, unit: str = "", *, record: str = "", registers: Collection[str] = ()) -> None:
        """``unit``: the speaking unit. A name that does not identify by itself is a separate subject for every unit.

        ``record``: the record received; ``registers``: the records that are registers of names. Where a register gives
        a code another name than it did before, that enterprise was renamed.
        """
        self._unit = unit
        self._renames = record in registers
        self._registry = LedgerRegistry(registers)
        self._known: dict[Mention, int] = {}
        self._told: set[tuple[Mention, tuple[str, ...]]] = set()
        self._first_alias = self._next_alias = bulk.next_id("alias")
        self._leaves: list[bytes] = []
        self._next_subject = bulk.next_id("subject")
        self._contested = contested(registers)
        self.doubtful: set[int] = {alias for side in self._contested.values() for alias in side.aliases}
        self._unasked = 0

    def ids_of(self, parties: Iterable[Party]) -> Mapping[Mention, int]:
        """The alias id of every party, creating aliases (and subjects) for those not delivered before."""
        if len(self._known) > _KEEP:
            self._known.clear()
        parties = list(parties)
        mentions = dict.fromkeys(mention_of(party) for party in parties)
        others: dict[Mention, tuple[str, ...]] = {}
        for party in parties:
            if not party.formers:
                continue
            now = mention_of(party)
            others[now] = tuple(dict.fromkeys((*others.get(now, ()), *party.formers)))
            if party.code:
                # A former name with the same code is the same subject: rows that still use it are found by it.
                for former in party.formers:
                    before = now._replace(name=former)
                    mentions.setdefault(before)
                    others[before] = tuple(dict.fromkeys((*others.get(before, ()), party.name)))
        new = {alias_key(mention): mention for mention in mentions if mention not in self._known}
        for key, alias in self._find(new):
            self._known[new.pop(key)] = alias
        self._tell({m: names for m, names in others.items() if m in self._known and (m, names) not in self._told})
        if new:
            self._create(list(new.items()), others)
        self._told.update(others.items())
        return {mention: self._known[mention] for mention in mentions}

    def _find(self, new: Mapping[int, Mention]) -> list[tuple[int, int]]:
        """(key of the spelling, alias) of those that are known: what this unit says under it, else all of it."""
        found = number_of_each("SELECT a.key, a.id FROM ledger_alias a", "a.key", list(new))
        select = "SELECT a.spelling, a.id, a.part, a.subject_id FROM ledger_alias a"
        by_hand: dict[int, set[int]] = {}
        for key, alias, part, subject in matching(select, "a.spelling", list(new)):
            if part == said_by(self._unit):
                found[key] = alias
            elif part.startswith(BY_HAND):
                by_hand.setdefault(key, set()).add(subject)
        if by_hand:
            select = "SELECT a.id, a.subject_id FROM ledger_alias a"
            subject_of = number_of_each(select, "a.id", [found[key] for key in by_hand if key in found])
            for key, subjects in by_hand.items():
                if key in found and subjects - {subject_of[found[key]]}:
                    self.doubtful.add(found[key])
        return list(found.items())

    def _tell(self, others: Mapping[Mention, tuple[str, ...]]) -> None:
        """Let known aliases be found by the former and present names that were delivered with them just now."""
        keys = {self._known[m]: certain_keys(m, names) for m, names in others.items()}
        wanted = sorted({key for some in keys.values() for key in some})
        if not wanted:
            return
        bearers = self._registry.lookup(wanted)
        select = "SELECT a.id, a.subject_id FROM ledger_alias a"
        subject_of = number_of_each(select, "a.id", sorted(keys))
        likely = []
        for alias, some in keys.items():
            others_met = {s for key in some for _, s, _ in bearers.get(key, ()) if s != subject_of[alias]}
            likely += [(alias, Likely(s, None, 0.95, (FORMER_TOLD,))) for s in sorted(others_met)]
        missing = {(k, a) for a, some in keys.items() for k in some if a not in {b for b, _, _ in bearers.get(k, ())}}
        bulk.insert_alias_keys([key for key, _ in missing], [alias for _, alias in missing])
        self._wait_for_a_person(likely, {}, {})

    def _leave_out(self, pairs: int) -> None:
        self._unasked += pairs

    def remarks(self) -> list[Flag]:
        """What is to be said of the delivery: resemblances too weak to be asked about are counted, not hidden."""
        if not self._unasked:
            return []
        return [refusals.pairs_not_asked_about(self._unasked)]

    def header(self) -> dict[str, Any]:
        """What the delivery's header says of the aliases that it brought; nothing where it brought none."""
        if not self._leaves:
            return {}
        root = root_of(self._leaves).hex()
        return {"first_alias": self._first_alias, "alias_count": len(self._leaves), "alias_root": root}

    def _create(self, new: Sequence[tuple[int, Mention]], others: Mapping[Mention, tuple[str, ...]]) -> None:
        aliases, subjects = [], []
        keys: list[int] = []
        of_alias: list[int] = []
        likely: list[tuple[int, Likely]] = []
        minted: dict[int, int] = {}
        first_alias: dict[int, int] = {}
        mentions = [mention for _, mention in new]
        resolutions = resolve(
            mentions, self._registry, other_names=others, unasked=self._leave_out, renames=self._renames
        )
        for (spelling, mention), resolution in zip(new, resolutions, strict=True):
            part = said_by(self._unit) if resolution.vague and self._unit else ""
            key = alias_key(mention, part) if part else spelling
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
            aliases.append(
                (
                    alias,
                    key,
                    subject,
                    mention.kind,
                    mention.name,
                    mention.code,
                    mention.code_kind,
                    mention.address,
                    mention.place,
                    part or None,
                    spelling if part else None,
                )
            )
            keys += resolution.keys
            of_alias += [alias] * len(resolution.keys)
            likely += [(alias, match) for match in resolution.likely]
            side = self._contested.get(subject)
            if resolution.doubt is not None or (side is not None and side.has_code(mention)):
                self.doubtful.add(alias)
            self._known[mention] = alias
        bulk.insert("subject", ("id", "kind"), subjects)
        bulk.insert("alias", bulk.ALIAS_COLUMNS, aliases)
        bulk.insert_alias_keys(keys, of_alias)
        self._wait_for_a_person(likely, minted, first_alias)

    def _wait_for_a_person(
        self, likely: Sequence[tuple[int, Likely]], minted: Mapping[int, int], first_alias: Mapping[int, int]
    ) -> None:
        """Store resemblances as pairs of aliases, the new one and the first of the subject that it resembles; each pair
        once.
        """
        known = sorted({match.subject_id for _, match in likely if match.subject_id is not None})
        face: dict[int, int] = {}
        # Of whom the code is in question, the first spelling that carries one.
        coded: dict[int, int] = {}
        select = "SELECT a.subject_id, a.id, a.code FROM ledger_alias a"
        for subject, alias, code in matching(select, "a.subject_id", known):
            face[subject] = min(alias, face.get(subject, alias))
            if code:
                coded[subject] = min(alias, coded.get(subject, alias))
        # A new alias stands in no pair yet.
        old = sorted({alias for alias, _ in likely}) if not minted else []
        rows: dict[tuple[int, int], tuple[int, int, int, str, str, str]] = {}
        for alias, match in likely:
            if match.subject_id is not None:
                of_code = match.reasons[0].code in DOUBTS
                other = coded.get(match.subject_id, face[match.subject_id]) if of_code else face[match.subject_id]
            else:
                assert match.ordinal is not None
                other = first_alias[minted[match.ordinal]]
            pair = (max(alias, other), min(alias, other))
            if alias != other and pair not in rows:
                reasons = canonical([[reason.zh, reason.en] for reason in match.reasons])
                rows[pair] = (*pair, round(match.score * 1000), reasons, "", match.reasons[0].code)
        stand = set(matching("SELECT m.alias_id, m.other_id FROM ledger_likelymatch m", "m.alias_id", old))
        bulk.insert(
            "likelymatch",
            ("alias_id", "other_id", "score", "reasons", "decision", "kind"),
            (row for pair, row in rows.items() if pair not in stand),
        )


class CodeSide(NamedTuple):
    """One of two subjects under a contested code: the codes, the subject's spellings that carry one of them, and its
    other spellings.
    """

    codes: set[str]
    aliases: set[int]
    against: set[int]

    def has_code(self, mention: Mention) -> bool:
        """Whether a mention carries one of the codes."""
        said = identity_of(mention)
        return any(code_agrees(said, code) for code in self.codes)


def contested(registers: Collection[str]) -> dict[int, CodeSide]:
    """The subjects whose right to a code is doubtful and not yet decided.

    One code stands under two names that have nothing in common. Which of them came first proves nothing: both are
    doubtful, unless a register of names gives the code to one of them.
    """
    waiting = LikelyMatch.objects.filter(decision="", kind__in=DOUBTS).exclude(alias__subject_id=F("other__subject_id"))
    columns = (
        "alias__subject_id",
        "other__subject_id",
        "alias__kind",
        "alias__name",
        "alias__code",
        "alias__code_kind",
    )
    pairs = [
        (one, other, identity_of(Mention(kind, name, code, code_kind)))
        for one, other, kind, name, code, code_kind in waiting.values_list(*columns)
    ]
    if not pairs:
        return {}
    bearers: dict[int, dict[int, str]] = {}
    select = "SELECT a.subject_id, a.id, a.kind, a.name, a.code, a.code_kind FROM ledger_alias a"
    for subject, alias, *said in matching(
        select, "a.subject_id", sorted({s for one, other, _ in pairs for s in (one, other)})
    ):
        if identity := identity_of(Mention(*said)):
            bearers.setdefault(subject, {})[alias] = identity
    registered = told_by_registers([alias for some in bearers.values() for alias in some], registers)
    found: dict[int, CodeSide] = {}
    for one, other, code in pairs:
        sides = {s: {a for a, said in bearers.get(s, {}).items() if code_agrees(said, code)} for s in (one, other)}
        vouched = {subject for subject, aliases in sides.items() if aliases & registered}
        for subject, against in ((one, other), (other, one)):
            if vouched != {subject}:
                side = found.setdefault(subject, CodeSide(set(), set(), set()))
                side.codes.add(code)
                side.aliases.update(sides[subject])
                side.against.update(sides[against])
    return found


def told_by_registers(aliases: Collection[int], registers: Collection[str]) -> set[int]:
    """Those of the aliases that a register of names delivered in a fact that still stands."""
    found: set[int] = set()
    if not registers:
        return found
    told = Fact.objects.filter(~is_replaced(), id=OuterRef("fact_id"), record__in=sorted(registers))
    for start in range(0, len(wanted := sorted(aliases)), 500):
        links = FactParty.objects.filter(Exists(told), alias_id__in=wanted[start : start + 500])
        found.update(links.values_list("alias_id", flat=True).distinct())
    return found


class Linked(NamedTuple):
    """A spelling in a fact, with the unit and the fact."""

    key: int
    unit: str
    fact: int


def linked(said: Iterable[Linked]) -> dict[Linked, tuple[int, int]]:
    """(alias, subject) of each spelling where it was said; spellings that were never delivered are left out.

    This is the one place that knows how a spelling leads to an alias: first the facts that a split named, then what the
    unit said under it, then the spelling as a whole.
    """
    wanted = list(dict.fromkeys(said))
    keys = sorted({each.key for each in wanted})
    whole: dict[int, tuple[int, int]] = {}
    for key, alias, subject in matching("SELECT a.key, a.id, a.subject_id FROM ledger_alias a", "a.key", keys):
        whole[key] = (alias, subject)
    parts: dict[int, dict[str, tuple[int, int]]] = {}
    select = "SELECT a.spelling, a.part, a.id, a.subject_id FROM ledger_alias a"
    for key, part, alias, subject in matching(select, "a.spelling", keys):
        parts.setdefault(key, {})[part] = (alias, subject)
    found: dict[Linked, tuple[int, int]] = {}
    for each in wanted:
        some = parts.get(each.key, {})
        at = some.get(said_by(each.unit)) or whole.get(each.key)
        by_hand = {alias: (alias, subject) for part, (alias, subject) in some.items() if part.startswith(BY_HAND)}
        if by_hand:
            told = FactParty.objects.filter(alias_id__in=by_hand, fact_id=each.fact).values_list("alias_id", flat=True)
            at = next((by_hand[alias] for alias in told), at)
        if at is not None:
            found[each] = at
    return found


class LedgerRegistry:
    """What the identity engine asks of the ledger: aliases by key, and codes by subject.

    Lives as long as one transaction of the only writer, in which no link of a known alias changes.
    """

    def __init__(self, registers: Collection[str] = ()) -> None:
        """``registers``: the records that are registers of names."""
        self._registers = registers
        self._seen: dict[int, tuple[int, int, Mention]] = {}

    def lookup(
        self, keys: Sequence[int], *, at_most: int | None = None
    ) -> Mapping[int, Sequence[tuple[int, int, Mention]]]:
        """Aliases (id, subject, mention) already in the ledger that share a key."""
        blocks: dict[int, list[int]] = {}
        select = "SELECT k.key, k.alias_id FROM ledger_aliaskey k"
        for key, alias in matching(select, "k.key", keys, at_most=at_most):
            blocks.setdefault(key, []).append(alias)
        wanted = sorted({alias for aliases in blocks.values() for alias in aliases})
        select = (
            "SELECT a.id, a.subject_id, a.kind, a.name, a.code, a.code_kind, a.address, a.place FROM ledger_alias a"
        )
        if len(self._seen) > _KEEP:
            self._seen.clear()
        unseen = [alias for alias in wanted if alias not in self._seen]
        for alias, subject, *mention in matching(select, "a.id", unseen):
            self._seen[alias] = (alias, subject, Mention(*mention))
        return {key: [self._seen[alias] for alias in sorted(aliases)] for key, aliases in sorted(blocks.items())}

    def codes(self, subjects: Collection[int]) -> Mapping[int, Sequence[tuple[str, str]]]:
        """All codes that aliases of these subjects carry."""
        found: dict[int, list[tuple[str, str]]] = {}
        select = "SELECT a.subject_id, a.code_kind, a.code FROM ledger_alias a"
        for subject, kind, code in matching(select, "a.subject_id", sorted(subjects)):
            if code:
                found.setdefault(subject, []).append((kind, code))
        return found

    def registered(self, aliases: Collection[int]) -> set[int]:
        """Those of the aliases that a register of names delivered earlier."""
        return told_by_registers(aliases, self._registers)
