"""Keys by which an alias is found again, and the look-up that the matcher asks.

Keys are 63-bit numbers, so that a ledger can keep them in one indexed table (key, alias) and hand in only the
candidates of a batch. *Certain* keys: two mentions that share one are the same subject unless their codes say
otherwise. *Likely* keys: two mentions that share one are worth comparing. A key never decides by itself: the matcher
compares what stands behind it.

Likely keys of a trade name keep it findable after one slip (a character substituted, missing, too many, transposed):

- its first two characters, in whatever order, with the one behind them or the last one of all: one slip in the line of
  business spares one of these;
- its last two (of three also the first and the last) with the line of business: one slip before them spares both;
- of two characters, with the line of business, what sounds like them and what looks like them;
- and the core without any place, for a place that is missing or differs.

They are counted within a city (within a municipality as a whole), so that a block stays small in a whole province.
Names of branches have keys of their own: the branch part is never compared with a parent.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from hashlib import blake2b
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from zhiheng.engines.identity.confusables import BEFORE, READING
from zhiheng.engines.identity.names import NOTHING, ReadName, fold, read, read_address, split_trade, without_marks
from zhiheng.engines.identity.places import CHINA

_BRANCH_WORD = re.compile("(?:分公司|分店|店|分厂|超市)$")
# Former names that a register lists in one cell.
_LISTED = re.compile("[、;；,，/\n]+")
_MUNICIPALITIES = ("11", "12", "31", "50")

# Blocks with more candidates than this say nothing about any of them.
BLOCK_LIMIT = 64


class Mention(NamedTuple):
    """What was delivered about one party. A tuple, since nothing is looked up as often.

    ``kind``: enterprise, person, product, batch, project, equipment or premises. ``code`` is canonical ('' if none) and
    ``code_kind`` says which (uscc, organisation_code, registration_number, resident_id ...). ``place``: division code
    or ''. A batch carries its number as ``code`` and its maker (and product) as ``name``; a person's ``address`` may
    hold the enterprise that the person works for.
    """

    kind: str
    name: str
    code: str = ""
    code_kind: str = ""
    address: str = ""
    place: str = ""


class Candidate(NamedTuple):
    """A known alias: its id, the subject that it is linked to, and what was delivered."""

    alias_id: int
    subject_id: int
    mention: Mention


class Registry(Protocol):
    """What the matcher asks of the ledger, in bulk: two calls per batch at most of each."""

    def lookup(
        self, keys: Sequence[int], *, at_most: int | None = None
    ) -> Mapping[int, Sequence[tuple[int, int, Mention]]]:
        """Known aliases (alias id, subject id, mention) by key; keys without any may be left out.

        Keys with more than ``at_most`` aliases may be left out, too: so large a block tells nothing and is not
        compared.
        """

    def codes(self, subjects: Collection[int]) -> Mapping[int, Sequence[tuple[str, str]]]:
        """All codes (code kind, code) that aliases of these subjects carry; subjects without any may be left out."""

    def registered(self, aliases: Collection[int]) -> AbstractSet[int]:
        """Those of the aliases that were delivered by a register of names."""


class Print(NamedTuple):
    """A mention as the matcher sees it."""

    mention: Mention
    name: ReadName
    place: str  # division code that was delivered or that the address begins with, '' if none
    address: str  # key text of an exact address, '' if none
    identity: str  # what the code says, '' if none: 'u:<uscc>', 'o:<organisation code>', 'r:<registration number>' ...
    codes: tuple[str, ...]  # texts of certain keys by code
    names: tuple[str, ...]  # texts of certain keys by name
    others: tuple[ReadName, ...] = ()  # former and present names that were told with it


def key_of(text: str) -> int:
    """The 63-bit key of a text; the same in every process and on every machine."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") >> 1


def _code_texts(mention: Mention) -> tuple[str, ...]:
    """A unified code finds the organisation code that stands in it (GB 32100: places 9 to 17)."""
    code = mention.code.replace("-", "").upper()
    if mention.kind == "enterprise":
        if mention.code_kind == "uscc" and len(code) == 18:
            return ("u:" + code, "o:" + code[8:17])
        if mention.code_kind == "organisation_code":
            return ("o:" + code,)
        if mention.code_kind == "registration_number":
            return ("r:" + code,)
        return (f"c:{mention.code_kind}:{code}",)
    if mention.kind == "batch":
        maker = fold(mention.name)
        return (f"batch:{code}:{maker}",) if maker else ()
    return (f"{mention.kind}:{mention.code_kind}:{code}",)


def identity_of(mention: Mention) -> str:
    """The part of a mention's code that identifies its holder, '' without a code; ``code_agrees`` compares two of
    them.
    """
    return _code_texts(mention)[0] if mention.code and (mention.kind != "batch" or fold(mention.name)) else ""


def name_text(name: ReadName, place: str) -> str:
    """The text whose equality makes two names one enterprise, '' where the name is not distinctive enough for that."""
    where = name.place
    if name.generic or name.slipped or not name.core:
        return ""
    if where:
        if where[0] == "~":
            # Which 朝阳 is not known: a registered company's name still carries enough, a shop's does not.
            if not name.form or len(name.trade) < 2:
                return ""
        elif not name.form and len(where) == 2 and len(name.trade) < 3:
            return ""
    elif name.placed:
        # Who says its place in brackets says it wherever it is delivered.
        if len(name.core) < len(name.placed) + 2:
            return ""
    elif name.form:
        if len(name.trade) < 2 or len(name.core) < 4:
            return ""
        # Of a code of GB/T 2260 the first four digits are the city, the first six the county.
        where = "p" + place[:4] if place else ""
    elif len(place) >= 6:
        where = "p" + place[:6]
    else:
        return ""
    return f"n|{where}|{_rest_text(name)}"


# 总公司 stood under the key of 公司 and 总厂 under that of 厂 once. Keys are never taken away, so the plain forms
# moved.
_FORM_IN_KEYS = {"company": "company alone", "factory": "factory alone"}


def _rest_text(name: ReadName) -> str:
    return f"{name.core}|{_FORM_IN_KEYS.get(name.form, name.form)}|{name.branch}|{name.note}"


def describe(mention: Mention, former_names: Iterable[str] = ()) -> Print:
    """The mention with its name and address read and the texts of its certain keys."""
    codes = _code_texts(mention) if mention.code else ()
    identity = codes[0] if codes else ""
    if mention.kind != "enterprise":
        return Print(mention, NOTHING, mention.place, fold(mention.address), identity, codes, ())
    place = mention.place
    address = ""
    if mention.address:
        found, address = read_address(mention.address, place)
        place = place or found
    name = read(mention.name, place)
    text = name_text(name, place)
    texts = [text] if text else []
    if address and len(name.core) >= 2 and not name.slipped:
        texts.append(f"a|{_rest_text(name)}|{address}")
    if not name.formers and not former_names:
        return Print(mention, name, place, address, identity, codes, tuple(texts))
    others = []
    for former in (*name.formers, *(piece for said in former_names for piece in _LISTED.split(said))):
        said = read(former, place)
        if not said.core or bool(said.branch) != bool(name.branch):
            continue
        others.append(said)
        text = name_text(said, place)
        if text and text not in texts:
            texts.append(text)
    return Print(mention, name, place, address, identity, codes, tuple(texts), tuple(others))


def settled(name: ReadName) -> ReadName:
    """A name without a place at its start, with the place that stands inside it taken out and put there: 澄岚（漳州）食
    品, 澄岚漳州食品.
    """
    if name.place or name.words:
        return name
    if name.placed:
        place, core = CHINA.leading(name.placed + "一二").id, name.core.replace(name.placed, "", 1)
        spelt = name.placed
    else:
        place, core, spelt = CHINA.inside(name.core)
    if not place or len(core) < 3:
        return name
    trade, line = split_trade(core)
    return name._replace(place=place, place_text=spelt, core=core, trade=trade, line=line, placed="")


def branch_stem(branch: str) -> str:
    """What tells one branch from another: 龙湖分公司, 龙湖分店 and 龙湖店 -> 龙湖."""
    return _BRANCH_WORD.sub("", branch) or branch


def glance(mention: Mention) -> Print:
    """The mention as ``describe`` gives it, without the texts of its certain keys by name: enough to be compared
    with.
    """
    if mention.kind != "enterprise":
        return describe(mention)
    codes = _code_texts(mention) if mention.code else ()
    place, address = mention.place, ""
    if mention.address:
        found, address = read_address(mention.address, place)
        place = place or found
    name = read(mention.name, place)
    others = tuple(read(former, place) for former in name.formers) if name.formers else ()
    return Print(mention, name, place, address, codes[0] if codes else "", codes, (), others)


def _scope(shown: Print) -> str:
    """The city within which likely candidates are sought."""
    where = shown.name.place
    if not where:
        where = shown.place
    if not where or where[0] == "~":
        return ""
    if where[0] == "?":
        return where[: where.find("市") + 1] or where
    return where[:2] if where[:2] in _MUNICIPALITIES else where[:4]


def _two(scope: str, one: str, other: str) -> str:
    """The text of two characters of a trade name, in whatever order they stand."""
    return f"t|{scope}|{one}{other}" if one < other else f"t|{scope}|{other}{one}"


def likely_texts(shown: Print) -> list[str]:
    """Texts of the keys by which likely candidates are found, also under the former and present names that it tells."""
    texts = _texts_of_name(shown)
    for other in shown.others:
        texts += _texts_of_name(shown._replace(name=other))
    return texts if not shown.others else list(dict.fromkeys(texts))


def _texts_of_name(shown: Print) -> list[str]:
    mention = shown.mention
    if mention.kind == "person":
        who = fold(mention.name)
        return [f"w|{who}|{shown.address}"] if who and shown.address else []
    name = shown.name
    core = name.core
    if len(core) < 2:
        return []
    scope = _scope(shown)
    if name.words:
        # One slip spares the beginning or the end; the words in another order are sorted alike.
        texts = [f"l|{core[:4]}", f"l|{core[-4:]}", "lw|" + " ".join(sorted(name.words))]
        return texts + [f"l|{plain[:4]}" for plain in without_marks(core)]
    trade = name.trade or core
    if name.branch:
        # One slip spares either the first or the last character of the branch, or the whole branch and the head's
        # beginning.
        stem = branch_stem(name.branch)
        texts = [f"bh|{scope}|{trade}|{stem[0]}", f"bt|{scope}|{trade}|{stem[-1]}"]
        # With a slip in the first character of the trade name its last one is left.
        texts += [f"bb|{scope}|{name.branch}|{trade[:1]}", f"be|{scope}|{name.branch}|{trade[-1]}"]
        return texts
    if name.generic:
        return [f"g|{scope}|{core}"] if scope else []
    texts = _trade_texts(scope, trade, core, "|" + name.line)
    if name.line and CHINA.names(trade):
        # 重庆市永州豆豉: a division that is not where it should be may stand for a slip in the place, and not for a
        # trade name.
        texts += _trade_texts(scope, name.line, core, "|" + name.line)
    if name.place[:1] == "?" and len(trade) >= 2:
        # Without the word 市 the place in the name can't be known.
        texts.append(_two("", trade[-2], trade[-1]) + "|" + name.line)
    if len(core) >= 4:
        texts.append("k|" + core)
        if not name.place:
            # A place inside the name, or one with a slip in it: what is left of the name is that of the party with the
            # right one.
            texts += [f"k|{said}" for said in (settled(name).core, core[CHINA.misspelt(core) :]) if said != core]
    return texts


def _trade_texts(scope: str, trade: str, core: str, line: str) -> list[str]:
    """What a trade name is found by after one slip in it, or in the line of business behind it."""
    size = len(trade)
    texts: list[str] = []
    if size >= 2:
        # A slip in the line of business leaves the beginning of the trade name and one end of the line as they are; one
        # in the trade
        # name leaves the line.
        start = _two(scope, trade[0], trade[1])
        texts = [f"{start}{core[2:3]}>", f"{start}<{core[-1]}", _two(scope, trade[-2], trade[-1]) + line]
    if size == 3:
        texts.append(_two(scope, trade[0], trade[2]) + line)
    elif size == 2:
        # One character that neither sounds nor looks alike makes another name, so only those that do are sought.
        one, two = trade[0], trade[1]
        # And the trade name alone, for a name without its line of business.
        texts += [
            f"{start}.",
            f"s|{scope}|{READING.get(one, one)} {READING.get(two, two)}{line}",
            f"v|{scope}|{trade}{line}",
        ]
        texts += [f"v|{scope}|{like}{two}{line}" for like in BEFORE.get(one, ())]
        texts += [f"v|{scope}|{one}{like}{line}" for like in BEFORE.get(two, ())]
    elif size > 3 and line == "|":
        # What stands for the line of business is none that is known: it may be one with a slip.
        texts.append(f"{start}.")
    elif size == 1:
        texts = [f"i|{scope}|{trade}{line}"]
    return texts


def certain_keys(mention: Mention, former_names: Iterable[str] = ()) -> list[int]:
    """Keys under which a mention is the same subject as another."""
    shown = describe(mention, former_names)
    return [key_of(t) for t in (*shown.codes, *shown.names)]


def likely_keys(mention: Mention) -> list[int]:
    """Keys under which a mention is worth comparing with another."""
    return [key_of(t) for t in likely_texts(describe(mention))]


def keys_of(mention: Mention, former_names: Iterable[str] = ()) -> list[int]:
    """Every key under which an alias has to be stored so that it is found again: certain ones first, no key twice."""
    return keys_of_print(describe(mention, former_names))


def keys_of_print(shown: Print) -> list[int]:
    """The same for a mention that has been read already."""
    return list(dict.fromkeys(map(key_of, (*shown.codes, *shown.names, *likely_texts(shown)))))


class MemoryRegistry:
    """Known aliases in memory: sorted key columns (16 bytes a key) beside the list of aliases.

    For tests, benches and one-off comparisons; the ledger keeps the same columns in a table.
    """

    def __init__(self) -> None:
        self._aliases: list[tuple[int, int, Mention]] = []
        self._codes: dict[int, list[tuple[str, str]]] = {}
        self._registered: set[int] = set()
        self._keys: npt.NDArray[np.int64] = np.empty(0, np.int64)
        self._rows: npt.NDArray[np.int64] = np.empty(0, np.int64)
        self._new_keys: list[int] = []
        self._new_rows: list[int] = []

    def __len__(self) -> int:
        return len(self._aliases)

    def add(
        self,
        alias_id: int,
        subject_id: int,
        mention: Mention,
        former_names: Iterable[str] = (),
        *,
        registered: bool = False,
    ) -> None:
        """Make an alias known. A former name becomes an alias with the same code, address and place.

        ``registered``: it was delivered by a register of names.
        """
        if registered:
            self._registered.add(alias_id)
        for said in (mention, *(mention._replace(name=former) for former in former_names)):
            row = len(self._aliases)
            self._aliases.append((alias_id, subject_id, said))
            keys = keys_of(said)
            self._new_keys += keys
            self._new_rows += [row] * len(keys)
        if mention.code:
            self._codes.setdefault(subject_id, []).append((mention.code_kind, mention.code))

    def _settle(self) -> None:
        """Sort what was added since the last look-up into the columns."""
        if not self._new_keys:
            return
        keys = np.concatenate([self._keys, np.array(self._new_keys, np.int64)])
        rows = np.concatenate([self._rows, np.array(self._new_rows, np.int64)])
        order = np.argsort(keys, kind="stable")
        self._keys, self._rows = keys[order], rows[order]
        self._new_keys, self._new_rows = [], []

    def lookup(self, keys: Sequence[int], *, at_most: int | None = None) -> dict[int, list[tuple[int, int, Mention]]]:
        """Known aliases by key, in the order of keys, and of each in the order in which they were added."""
        self._settle()
        if not len(self._keys) or not keys:
            return {}
        # In order they are found much quicker: one look-up begins where the last one ended.
        keys = sorted(keys)
        wanted = np.fromiter(keys, np.int64, len(keys))
        first = np.searchsorted(self._keys, wanted, "left")
        met = np.flatnonzero(self._keys[np.minimum(first, len(self._keys) - 1)] == wanted)
        last = np.searchsorted(self._keys, wanted[met], "right").tolist()
        found: dict[int, list[tuple[int, int, Mention]]] = {}
        aliases, rows = self._aliases, self._rows
        for at, begin, end in zip(met.tolist(), first[met].tolist(), last, strict=True):
            if at_most is None or end - begin <= at_most:
                found[keys[at]] = [aliases[row] for row in rows[begin:end].tolist()]
        return found

    def codes(self, subjects: Collection[int]) -> dict[int, list[tuple[str, str]]]:
        """Codes that aliases of these subjects carry."""
        return {s: self._codes[s] for s in subjects if s in self._codes}

    def registered(self, aliases: Collection[int]) -> set[int]:
        """Those of the aliases that were delivered by a register of names."""
        return self._registered.intersection(aliases)
