"""The book's words about parties: labels with the roles they mean, and texts that are no names.

The words themselves belong to the book (``parties.yaml``); here they are put together and looked up. A label is looked
up in a table, never searched for with a pattern, so a long cell costs no more than its length.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256

from zhiheng.kernel.fields.text import narrow

OWN = ""  # The role of a label that leaves it to the column: 当事人, 企业名称.


@dataclass(frozen=True)
class RoleWords:
    """The labels of one role: ``acts`` with or without a word for who behind them, ``labels`` as they stand; ``before``
    may stand before either (全国总经销).
    """

    acts: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    before: tuple[str, ...] = ()


@dataclass(frozen=True)
class PartyWords:
    """Every word of the book about parties; docs/reference/party-grammar.md says what each list is for."""

    who: tuple[str, ...] = ()
    marked: tuple[str, ...] = ()
    roles: Mapping[str, RoleWords] = field(default_factory=dict)
    own: RoleWords = RoleWords()
    behind: tuple[str, ...] = ()
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    kept: tuple[str, ...] = ()
    nobody: tuple[str, ...] = ()
    not_names: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    masks: tuple[str, ...] = ()
    masks_repeated: tuple[str, ...] = ()
    unnamed: tuple[str, ...] = ()
    stand_ins: tuple[str, ...] = ()
    standing: tuple[str, ...] = ()
    standing_around: tuple[str, ...] = ()
    renamed: tuple[str, ...] = ()

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all the words; empty where there are none."""
        return "" if not self.roles else sha256(repr(self).encode()).hexdigest()

    @cached_property
    def _acts(self) -> dict[str, str]:
        return {
            before + act: role
            for role, words in self._all_roles()
            for act in words.acts
            for before in ("", *words.before)
        }

    def _all_roles(self) -> tuple[tuple[str, RoleWords], ...]:
        return (*self.roles.items(), (OWN, self.own))

    @cached_property
    def _table(self) -> dict[str, str]:
        """Every label -> its role. What a role lists as it stands comes before what is put together (销售单位 before 销
        售 + 单位).
        """
        table = {
            label_key(before + label): role
            for role, words in self._all_roles()
            for label in words.labels
            for before in ("", *words.before)
        }
        for act, role in self._acts.items():
            for who in ("", *self.who):
                table.setdefault(label_key(act + who), role)
        return table

    def contradictions(self) -> list[tuple[str, str, str]]:
        """Labels that two roles list: (label, one role, the other)."""
        found: list[tuple[str, str, str]] = []
        for lists in ("acts", "labels"):
            seen: dict[str, str] = {}
            for role, words in self._all_roles():
                for word in getattr(words, lists):
                    if seen.setdefault(word, role) != role:
                        found.append((word, seen[word], role))
        return found

    @cached_property
    def _attribute_of(self) -> dict[str, str]:
        return {label_key(label): name for name, labels in self.attributes.items() for label in labels}

    @cached_property
    def _kept(self) -> frozenset[str]:
        return frozenset(map(label_key, self.kept))

    @cached_property
    def _behind(self) -> frozenset[str]:
        return frozenset(self.behind)

    @cached_property
    def _nobody(self) -> frozenset[str]:
        return frozenset(map(label_key, self.nobody))

    @cached_property
    def _not_names(self) -> frozenset[str]:
        return frozenset(map(label_key, (*self.not_names, *self.places)))

    def role_of(self, label: str) -> tuple[str, bool] | None:
        """(role, whether only the product's label says so) of a label; the role ``OWN`` leaves it to the column; None:
        no label.
        """
        key = label_key(label)
        if not key:
            return None
        if (role := self._bare_role(key)) is not None:
            return role, False
        for mark in self.marked:
            if key.endswith(mark) and (role := self._bare_role(key.removesuffix(mark))) is not None:
                return role, True
            if key.startswith(mark):
                rest = key.removeprefix(mark).removeprefix("的")
                if not rest or rest in ("名称", "名"):
                    return "producer", True
                if (role := self._bare_role(rest)) is not None:
                    return role, True
        return None

    def _bare_role(self, key: str) -> str | None:
        for suffix in ("", "的名称", "名称", "名", "全称"):
            if key.endswith(suffix) and (role := self._table.get(key.removesuffix(suffix))) is not None:
                return role
        return None

    def attribute_of(self, label: str) -> str | None:
        """Which part of the party before it a label gives (address, phone, code ...); None where it is no such
        label.
        """
        key = label_key(label)
        if (known := self._attribute_of.get(key)) is not None:
            return known
        return whose[1] if (whose := self.of_whom(key)) is not None else None

    def of_whom(self, key: str) -> tuple[str, str] | None:
        """(role, part) of a label that names an attribute of a party: 委托方地址, 生产商统一社会信用代码."""
        for cut in range(2, len(key) - 1):
            part = self._attribute_of.get(key[cut:])
            if part is not None and (known := self.role_of(key[:cut])) is not None:
                return known[0], part
        return None

    def is_kept(self, label: str) -> bool:
        """Whether a label is known to name no party."""
        return label_key(label) in self._kept

    def names_nobody(self, text: str) -> bool:
        """Whether a text states that no party is named (未标注)."""
        return label_key(text) in self._nobody

    def stands_behind(self, word: str) -> bool:
        """Whether a word may stand right behind a name to say its role: 出品, or an act and 方, 商, 者 (受委托方)."""
        if word in self._behind:
            return True
        return word[-1:] in ("方", "商", "者") and (self._bare_role(label_key(word)) or OWN) != OWN

    @cached_property
    def _masked(self) -> re.Pattern[str] | None:
        once = [re.escape(sign.casefold()) for sign in (*self.masks, *self.unnamed)]
        # A letter stands for what was left out only where no other letter stands beside it (XX食品, not XXL食品).
        again = [rf"(?<![a-z0-9])(?:{re.escape(sign.casefold())}){{2,}}(?![a-z0-9])" for sign in self.masks_repeated]
        return re.compile("|".join([*once, *again])) if once or again else None

    @cached_property
    def _mask_begins(self) -> re.Pattern[str]:
        """The first signs of all that ``_masked`` finds: to look for one of a set is much quicker, and most names have
        none.
        """
        first = {sign.casefold()[:1] for sign in (*self.masks, *self.unnamed, *self.masks_repeated)}
        return re.compile("" if "" in first or not first else f"[{''.join(map(re.escape, sorted(first)))}]")

    @cached_property
    def _stand_in(self) -> re.Pattern[str] | None:
        signs = "|".join(re.escape(sign.casefold()) for sign in self.stand_ins)
        who = "|".join(re.escape(word) for word in sorted({*self.who, "店", "超市", "企业"}, key=len, reverse=True))
        return re.compile(f"(?:{signs})(?:{who})") if signs else None

    def is_masked(self, name: str) -> bool:
        """Whether a name has signs or words for what was left out (**公司, 某某公司), or only stands for one (甲公
        司).
        """
        said = name.casefold()
        if self._mask_begins.search(said) and self._masked is not None and self._masked.search(said) is not None:
            return True
        return (
            len(said) <= _LONGEST_STAND_IN and self._stand_in is not None and self._stand_in.fullmatch(said) is not None
        )

    @cached_property
    def _standing(self) -> str:
        """A pattern of what tells how an enterprise stands: 已注销, 2025年3月注销, 现已吊销营业执照; '' where the book
        has no words for it.
        """
        if not self.standing:
            return ""
        words = _either(self.standing)
        around = f"(?:{_either(self.standing_around)}|{_WHEN})" if self.standing_around else f"(?:{_WHEN})"
        # So few of each that no text is tried in many ways.
        return f"{around}{{0,4}}(?:{words})(?:[、,，;；和及/]?{around}{{0,2}}(?:{words})){{0,2}}{around}{{0,2}}"

    @cached_property
    def _standing_alone(self) -> re.Pattern[str] | None:
        return re.compile(self._standing) if self._standing else None

    @cached_property
    def _standing_behind(self) -> re.Pattern[str] | None:
        return re.compile(f"{_ENDED_NAME}[ ,，;；:：/—–-]{{0,2}}(?P<said>{self._standing})") if self._standing else None

    @cached_property
    def _renamed(self) -> re.Pattern[str] | None:
        if not self.renamed:
            return None
        return re.compile(
            f'(?:{_WHEN}|[,，;；、起已]){{0,3}}(?:{_either(self.renamed)})[:：]? ?[“"《]?(?P<name>.{{4,}}?)[”"》]?'
        )

    def tells_standing(self, text: str) -> bool:
        """Whether a text in brackets beside a name tells nothing but how that enterprise stands (已注销, 2025年3月吊
        销).
        """
        return (
            len(text) <= _LONGEST_STANDING
            and self._standing_alone is not None
            and self._standing_alone.fullmatch(narrow(text).replace(" ", "")) is not None
        )

    def without_standing(self, name: str) -> tuple[str, str]:
        """(name, how it stands) of 甲有限公司已注销; the second is '' where nothing of the kind stands behind."""
        if len(name) <= _LONGEST_NAME and self._standing_behind is not None:
            found = self._standing_behind.fullmatch(name)
            if found is not None:
                return found["name"], found["said"]
        return name, ""

    def renamed_to(self, text: str) -> str:
        """The name of today that a text in brackets tells (更名为乙有限公司, 现名：乙有限公司); '' where it tells
        none.
        """
        if len(text) > _LONGEST_NAME or self._renamed is None:
            return ""
        found = self._renamed.fullmatch(text)
        return found["name"] if found is not None else ""

    @cached_property
    def _all_words(self) -> frozenset[str]:
        return self._not_names | {*self._attribute_of, *self._table}

    @cached_property
    def longest_word(self) -> int:
        """How many characters the longest of all words has; what is longer is looked up nowhere."""
        return max(map(len, (*self._all_words, *self._nobody)), default=0)

    @cached_property
    def behind_ends(self) -> frozenset[str]:
        """The last characters of all words that may stand behind a name."""
        return frozenset(word[-1] for word in self.behind) | frozenset("方商者")

    def knows(self, name: str) -> bool:
        """Whether a text of only plain letters and digits is one of the words, or states that no party is named."""
        key = name.casefold()
        return key in self._all_words or key in self._nobody

    def is_word(self, text: str) -> bool:
        """Whether a text is a word of another column, a place, or a label without a name."""
        key = text.casefold() if text.isalnum() else label_key(text)
        if key in self._all_words:
            return True
        return key.endswith(("名称", "名", "全称")) and self.role_of(key) is not None


NO_WORDS = PartyWords()
_LONGEST_STAND_IN = 8
_LONGEST_STANDING, _LONGEST_NAME = 40, 100
_WHEN = "[0-9]{4}年(?:[0-9]{1,2}月)?(?:[0-9]{1,2}日)?|[0-9]{4}[-./][0-9]{1,2}(?:[-./][0-9]{1,2})?"
# Where a name ends that something stands behind without brackets.
_ENDED_NAME = "(?P<name>.{2,}(?:公司|厂|店|合作社|中心|经营部|超市|商行|商店|门市部|批发部))"
_SPACES = re.compile(r"[\s()（）\[\]【】]+")


def label_key(label: str) -> str:
    """A label as it is looked up: narrow, lower case; spaces go between Chinese characters, and so do brackets."""
    said = narrow(label).strip().casefold()
    return " ".join(said.split()) if said.isascii() else _SPACES.sub("", said)


def _either(words: tuple[str, ...]) -> str:
    """A pattern of any of the words, the longest first."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
