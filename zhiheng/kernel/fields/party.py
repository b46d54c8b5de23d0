"""Parties: who is named in a cell, and in which role.

One cell may name several ('受委托生产商：A；委托商：B'); each goes to its own role. A name keeps its delivered spelling
(identity compares spellings, this module does not); only layout is mended: spaces and line breaks inside a name,
punctuation behind it. Text is cut into several names only at a label, or where every piece is a full name by itself;
otherwise it is one name. What is no name (a number, a day, a verdict, a place, half a name) is never a party, and what
has no place is kept as a note; both are doubts of the row. The words that tell all this are the book's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

from zhiheng.kernel.doubts import CODE_PLACEHOLDER, CODE_UNPLACED, PARTY_MASKED, PARTY_NOBODY, PARTY_UNPLACED
from zhiheng.kernel.fields.base import NO_PARTS, FieldType, Value
from zhiheng.kernel.fields.code import OrganisationCode, Phone, ResidentId, is_placeholder
from zhiheng.kernel.fields.party_words import NO_WORDS, OWN, PartyWords, label_key
from zhiheng.kernel.fields.text import HAN, narrow, parts_of, says_nothing
from zhiheng.kernel.fields.units import unit_spelling
from zhiheng.kernel.fields.visible import visible
from zhiheng.kernel.masking import MASK, MOBILE
from zhiheng.kernel.persons import begins_with_surname, is_personal
from zhiheng.kernel.reasons import Refusal

ROLES = (
    "producer",
    "consignor",
    "brand_owner",
    "consignee",
    "seller",
    "distributor",
    "importer",
    "owner",
    "user_unit",
    "maintainer",
    "manufacturer",
    "installer",
    "laboratory",
    "recheck_laboratory",
    "holder",
    "applicant",
    "subject",
    "operator",
    "contractor",
    "developer",
    "supervisor_unit",
    "designer",
    "complainee",
    "complainant",
    "certifier",
    "supplier",
    "buyer",
    "other",
)

_LABEL_ENDS = re.compile(
    r"(?:(?<=^)|(?<=[;；,，。\n、|/（(【\s]))(?P<label>[\u4e00-\u9fffA-Za-z、/及和与（）() ]{1,24}?)\s*[:：]"
)
_LABEL_LIKE = re.compile("[\u4e00-\u9fff]{2,10}(?<!公司)(?<!厂)(?<!店)")
# Endings by which a piece is a full name, not the middle of one.
_FULL = re.compile(
    r".{2,}(?:公司|厂|店|社|部|行|场|中心|铺|超市|商场|酒店|饭店|餐厅|食堂|学校|幼儿园|医院|研究所|研究院|集团|坊|庄|园|馆|城|站|户|"
    r"个体|合伙\)|独资\)|合伙）|独资）|工商户|商行|经营部|门市|批发部|摊位|档口|(?i:co\.?,? ?ltd\.?|inc\.?|gmbh|llc|s\.a\.?))[)）]?"  # noqa: E501
)
_LEGAL_FORM = re.compile(
    r".{4,}(?:有限公司|有限责任公司|股份公司|集团公司|合作社|(?<!分)厂|联合社)(?:[(（](?:普通合伙|个人独资|有限合伙)[)）])?"
)
_BROKEN_START = re.compile("有限|股份|责任|公司|分公司|集团|限公司|任公司|份有|司|店|部$|厂$")
_SUFFIX = re.compile(r"\s*[(（【\[]\s*(?P<word>[\u4e00-\u9fff]{2,12})\s*[)）】\]]\s*$")
_PREFIX = re.compile(r"\s*[(（【\[]\s*(?P<word>[\u4e00-\u9fff]{2,12})\s*[)）】\]]\s*(?=\S)")
_MAYBE_GLUED = re.compile("[\u4e00-\u9fff]{2,5}[方商者位]")
_HAN_ONLY = re.compile("[\u4e00-\u9fff]+")
_BRACKETED = re.compile(r"[(（【\[]\s*([\u4e00-\u9fff]{2,12})\s*[)）】\]]")
_BEHIND = re.compile(r"(?P<name>.{2,}(?:公司|厂|店|合作社|中心|经营部))(?P<word>[\u4e00-\u9fff]{2,8})")
_MADE = re.compile("(?:生产|加工|制造|代加工|生产加工|加工生产)$")
_MADE_FOR = re.compile(
    "(?P<by>.{4,60}?)[,，]?受(?P<name>.{4,60}?)的?委托(?:生产|加工|制造|代加工|生产加工|加工生产|分装)?"
)
# What stands behind a full name or before it and is part of none: a licence number, 等3家, 负责人李某, （盖章）, A.
_BESIDE_NAME = re.compile(
    r".*(?:公司|合作社)\s*(?:(?:SC|QS)\s?[0-9]{8,14}|等(?:[0-9一二三四五六七八九十两]+[家户个].*|单位|企业|公司)?"
    r"|(?:法定代表人|负责人|法人|联系人|电话|手机|地址|住所)[^公厂店]*|[(（](?:盖章|公章|签章|标称)[)）])"
    r"|(?:[A-Za-z]|[0-9①-⑳]{1,2})[.．、)）:：]\s*[\u4e00-\u9fff].*"
)
# What a company's name runs on with although it has ended: a day or a number, words with a colon, a second company.
_RUNS_ON = re.compile(
    r".{2,}?公司\s*[(（\[]?\s*(?:[0-9]{4}\s*[-./年]\s*[0-9]{1,2}.*|[0-9A-Za-z]{8,18}\s*[)）\]]?|[^公厂店]{1,12}[:：].*)"
    r"|.{4,}?有限(?:责任)?公司[^有]{2,}.*有限(?:责任)?公司[)）\]]?"
    r"|(?:[^:：]{0,12}[:：]|[(（][0-9]{1,2}[)）]).*公司"
)
_ORDINAL = re.compile(
    r"(?:(?<=^)|(?<=[司厂社店)）;；,，、\s]))(?:[(（][0-9]{1,2}[)）]|[0-9]{1,2}[.、．)）:：]|[①-⑳])\s*(?=[\u4e00-\u9fff])"
)
_HEAD = re.compile(".*?(?:公司|合作社)")
# 委托方—甲公司；受托方→乙公司; the label in a line of its own.
_OTHER_COLON = re.compile(
    r"(?P<before>^|[;；,，。、/\n])[ ]?(?P<label>[\u4e00-\u9fff]{2,10}) ?(?:[—–―－→＝=>＞-]{1,3} ?|\n)(?=[^\s—–―－→＝=>＞-])"  # noqa: E501
)
_LABEL_AND_SPACE = re.compile(r"(?P<label>[\u4e00-\u9fff]{2,10})[ \n—–-]+(?P<name>\S.*)", re.DOTALL)
_FORMER = re.compile(r"\s*[(（]\s*(?:原名称?|曾用名称?|原)[:：]?\s*(?P<name>[^()（）]{2,40})[)）]\s*$")
_NOT_FORMER = re.compile("生态|味|产|料|创|装|野|浆|木|始|地|址|价|件|色|汁|酿")
_BRACKET_LABEL = re.compile(
    r"\s*[(（]\s*(?P<label>[\u4e00-\u9fff]{2,12})\s*[:：]\s*(?P<said>[^()（）]*(?:[(（][^()（）]*[)）][^()（）]*)*)[)）]\s*$"
)
_BRACKET_CODE = re.compile(r"\s*[(（]\s*(?P<said>[0-9A-Za-z]{18})\s*[)）]\s*$")
# 甲公司（受乙公司委托生产）
_BRACKET_FOR = re.compile(r"\s*[(（]\s*受(?P<name>[^()（）]{4,60}?)的?委托(?:生产|加工|制造)?\s*[)）]\s*$")
_BRACKET_SAID = re.compile(r"\s*[(（【\[]\s*(?P<said>[^()（）【】\[\]]{2,60}?)\s*[)）】\]]\s*$")
# The address of an online shop is no address of its keeper.
_LINK = re.compile(r"https?:|www\.", re.IGNORECASE)
_NAME_SEPARATOR = re.compile(r"[;；、,，/]")
_SPACE_IN_NAME = re.compile(f"(?<=[{HAN}])\\s+|\\s+(?=[{HAN}])")
_TRAILING = " \t\n;；,，、。:：|/／-—–·"
_SPACES = re.compile(r"\s+")
_SIMPLE = re.compile("[\u4e00-\u9fffA-Za-z0-9]{2,60} *")

# -- what is no name ---------------------------------------------------------------------------------------------------

# Half a name begins with the end of a legal form, or ends in the middle of one.
_LEFTOVER_STARTS = (
    "有限",
    "股份有限",
    "责任公司",
    "限公司",
    "限责任",
    "任公司",
    "份有限",
    "公司",
    "集团有限",
    "分公司",
)
_LEFTOVER_ENDS = ("有限", "有限责任", "有限公", "责任公")
_LEFTOVER = re.compile("(?:股份|集团|厂|店|部|司|分店|商行|经营部|批发部|企业|商店|超市|门店|合作社|工厂|个体工商户)+")
_LATIN_LEFTOVER = re.compile(
    r"(?:co\.?,? ?ltd\.?|company,? (?:limited|ltd\.?)|limited|ltd\.?|inc\.?|llc|gmbh|corp\.?|company|s\.a\.?)",
    re.IGNORECASE,
)
_DAY = re.compile("[0-9年月日号时分至~./:\\s-]+")
_AMOUNT = re.compile(r"[<>≤≥]?[0-9][0-9.,]*\s*(?P<unit>[^0-9\s]{1,8})")
_COUNTED = frozenset(
    [
        "%",
        "‰",
        "元",
        "万元",
        "亿元",
        "千元",
        "箱",
        "袋",
        "瓶",
        "盒",
        "件",
        "批",
        "批次",
        "个",
        "台",
        "套",
        "份",
        "家",
        "次",
        "人",
        "天",
        "日",
        "月",
        "年",
        "项",
        "度",
    ]
)
_ADDRESS_OF_A_PAGE = re.compile(r"https?:|www\.|[^@\s]+@[^@\s]+\.[a-z]", re.IGNORECASE)
# How Chinese names of places end anywhere in the country: a fact of the language, which tells a place from a business,
# and not the levels of a book's tree, whose areas are known by their names (``divisions``).
_PLACE = re.compile(
    ".*(?:省|自治区|特别行政区|自治州|地区|自治县|县|(?<!古)镇|乡|街道|村|盟"
    "|(?<![超集门夜菜早都花鱼书股米粮果牧])市|(?<![小社园景校院厂务库矿营林片发范假光业护牧赛活验展商宿公住属游览])区)"
)
_PLACE_ENDS = frozenset("省区州县镇乡道村盟市")
# An address, where the name of who has it should stand; 人民路88号便利店 and 农贸市场3号摊位 are names.
_STREET = re.compile(
    r".*(?:省|市|区|县|镇|乡|街道|路|街|巷|大道|村).*[0-9一二三四五六七八九十]+(?:[-—][0-9]+)?(?:号|号楼|室|栋|幢|单元|层|组|弄)"
)
_STREET_ENDS = frozenset("号楼室栋幢元层组弄")
# “甲岚”牌 is a mark.
_MARK = re.compile('[“"「『][^”"」』]{1,12}[”"」』]牌?')
_NUMBERED_BATCH = re.compile("[0-9]{4}年?第?[0-9一二三四五六七八九十]{1,4}[批号期次](?:次)?")
_ENTERPRISE = re.compile("公司|厂|店|中心|合作社|集团|超市|商行|经营部|医院|学校|委员会|政府|局|所|站|馆")
_LONGEST_LEFTOVER, _LONGEST_PLACE, _LONGEST_STREET = 12, 30, 80


def _one_space(found: re.Match[str]) -> str:
    """A run of spaces as one; as a line break where it holds one."""
    return "\n" if "\n" in found[0] else " "


def _name(text: str) -> str:
    """A name without layout: no spaces or line breaks beside Chinese characters, no punctuation around."""
    return re.sub(r"\s+", " ", _SPACE_IN_NAME.sub("", text)).strip().strip(_TRAILING)


@dataclass(slots=True)
class _Read:
    """What was found in a cell so far."""

    parties: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)

    def note(self, label: str, said: str, doubt: str = "") -> None:
        """Keep a text that is no party."""
        if says_nothing(kept := _name(said)):
            return
        self.notes.append(f"{label}：{kept}" if label else kept)
        if doubt and doubt not in self.doubts:
            self.doubts.append(doubt)


@dataclass(frozen=True)
class PartyField(FieldType):
    """{"parties": [{"role", "name", ...}], "notes": [...], "doubts": [...]}.

    ``role`` is that of a name without a label; ``roles_by_label`` gives labels of a source their role, before the usual
    ones; ``words`` are the book's words about parties and ``divisions`` gives names of areas their codes (the loader
    fills both in). A party may have code and code_kind, address, place, phone, legal_person, former_names, origin,
    label (of the role ``other``), and mark: labelled (the product's label says so, 标称 or 标示). What stands in the
    cell and is neither name nor known attribute is kept under ``notes``. The parts belong to the party of the cell's
    own role, or else to the first.
    """

    name = "party"
    label = ("单位或个人", "party")
    parts = ("code", "address", "place", "phone", "former_names", "legal_person")
    columns: ClassVar[Mapping[str, str]] = {}

    longest: int = field(default=1_000, kw_only=True)
    role: str = "subject"
    roles_by_label: Mapping[str, str] = field(default_factory=dict)
    divisions: Mapping[str, str] = field(default_factory=dict)
    words: PartyWords = NO_WORDS

    def __post_init__(self) -> None:
        super().__post_init__()
        if unknown := sorted({self.role, *self.roles_by_label.values()} - {*ROLES}):
            raise ValueError(f"party: no such role: {', '.join(unknown)}; one of {', '.join(ROLES)}")

    @cached_property
    def _own_labels(self) -> dict[str, str]:
        return {label_key(label): role for label, role in self.roles_by_label.items()}

    def plain_name(self, text: str) -> str:
        """The name that a text is plainly nothing else than; '' where it must be cleaned to know.

        ``clean`` gives of such a text, where no parts stand beside it, this one party in the cell's own role, and
        nothing doubtful.
        """
        if len(text) > self.longest or _SIMPLE.fullmatch(text) is None or "委托" in text:
            return ""
        name = text.rstrip()
        return name if self._is_plainly_a_name(name) else ""

    def _clean(self, text: str, parts: Mapping[str, str] = NO_PARTS) -> Value | Refusal | None:
        simple = _SIMPLE.fullmatch(text) is not None and "委托" not in text
        name = text.rstrip() if simple else ""
        plain = simple and self._is_plainly_a_name(name)
        if plain and not parts:
            return {"parties": [{"role": self.role, "name": name}], "notes": [], "doubts": []}
        read = _Read()
        if plain:
            read.parties.append({"role": self.role, "name": name})
        elif simple:
            self._add(read, [(self.role, False)], name)
        else:
            self._read(_SPACES.sub(_one_space, visible(text)).strip(), read)
        if parts and (refusal := self._add_parts(read, parts)) is not None:
            return refusal
        if not read.parties and not read.notes and not read.doubts:
            return None
        return {"parties": read.parties, "notes": read.notes, "doubts": read.doubts}

    def _is_plainly_a_name(self, name: str) -> bool:
        """Whether a text of letters and digits needs no further look: the quick way of nearly every cell."""
        return (
            name[-1] in "司厂店社部"
            and name[-1] not in self.words.behind_ends
            and not name.startswith(_LEFTOVER_STARTS)
            and name.find("公司") in (-1, len(name) - 2)
            and name.find("合作社") in (-1, len(name) - 3)
            and _MAYBE_GLUED.match(name) is None
            and (len(name) > self._longest_word or _LEFTOVER.fullmatch(name) is None)
            and name not in self.divisions
            and not self.words.knows(name)
            and not self.words.is_masked(name)
        )

    def doubts(self, text: str, parts: Mapping[str, str], value: Value | None) -> tuple[str, ...]:
        return () if value is None else tuple(value["doubts"])

    @cached_property
    def _longest_word(self) -> int:
        return max(_LONGEST_LEFTOVER, self.words.longest_word)

    # -- labels --------------------------------------------------------------------------------------------------------

    def _roles(self, label: str) -> list[tuple[str, bool]] | None:
        """The roles a label gives; two for '生产商/经销商'; None where it is no label of a role."""
        if (own := self._own_labels.get(label_key(label))) is not None:
            return [(own, False)]
        if (known := self.words.role_of(label)) is not None:
            return [(self._cell_role(known[0], label), known[1])]
        pieces = [piece for piece in re.split("[、/及和与]", label) if piece.strip()]
        found = []
        for piece in pieces:
            if (own := self._own_labels.get(label_key(piece))) is not None:
                found.append((own, False))
            elif (known := self.words.role_of(piece)) is not None:
                found.append((self._cell_role(known[0], piece), known[1]))
        if len(pieces) > 1 and len(found) == len(pieces):
            return found
        # 委托方（甲方）：what stands in brackets behind a label changes nothing.
        bare = re.sub(r"[(（][^()（）]*[)）]", "", label)
        return self._roles(bare) if bare.strip() and bare != label else None

    def _cell_role(self, role: str, label: str) -> str:
        """The role of a label in this cell: a maker of equipment is its manufacturer where the cell is about
        manufacturers.
        """
        if role == OWN or (role == "producer" and self.role == "manufacturer" and re.search("制造|生产|厂", label)):
            return self.role
        if role == "laboratory" and self.role == "recheck_laboratory":
            return self.role
        return "producer" if role == "manufacturer" and self.role == "producer" else role

    def _known(self, label: str) -> bool:
        return self._roles(label) is not None or self.words.attribute_of(label) is not None or self.words.is_kept(label)

    def _segments(self, text: str) -> Iterator[tuple[str, str]]:
        """(label, what follows it) through the cell; the label is '' where there is none."""
        start, label = 0, ""
        for found in _LABEL_ENDS.finditer(text):
            said, begin = _name(found["label"]).lstrip("(（"), found.start()
            if text[begin - 1 : begin] in ("(", "（") and not self._at_start(text, begin):
                continue  # A label in brackets behind a name; it is read together with the name.
            if not self._known(said) and (last := re.search(r"\s(?P<label>\S+)\s*$", found["label"])):
                # 甲公司 地址：…: a short name and what follows it look like one label.
                said, begin = _name(last["label"]), found.start("label") + last.start("label")
            if not self._known(said) and not (
                (begin == 0 or text[begin - 1] in ";；\n") and _LABEL_LIKE.fullmatch(said)
            ):
                continue
            if label or text[start:begin].strip(_TRAILING):
                yield label, text[start:begin]
            start, label = found.end(), said
        yield label, text[start:]

    @staticmethod
    def _at_start(text: str, place: int) -> bool:
        return not text[: place - 1].strip(_TRAILING)

    def _by_brackets(self, text: str) -> list[tuple[str, str]] | None:
        """(label, name) where labels stand in brackets, before each name (【委托方】甲【受托方】乙) or behind each
        (甲（委托方）乙（受托方）); None where fewer than two do."""
        marks = [found for found in _BRACKETED.finditer(text) if self._says_role(found[1])]
        if len(marks) < 2:
            return None
        before = not text[: marks[0].start()].strip(_TRAILING)
        if before:
            ends = [*(mark.start() for mark in marks[1:]), len(text)]
            return [(mark[1], text[mark.end() : end]) for mark, end in zip(marks, ends, strict=True)]
        starts = [0, *(mark.end() for mark in marks)]
        found = [(mark[1], text[start : mark.start()]) for mark, start in zip(marks, starts, strict=False)]
        rest = text[starts[-1] :]
        return [*found, ("", rest)] if rest.strip(_TRAILING) else found

    def _says_role(self, word: str) -> bool:
        """（供货商） behind a name is a role; （个体） may belong to the name, so the word must say who or stand among
        ``behind``.
        """
        if label_key(word) in self._own_labels:
            return True
        known = self._roles(word)
        if known is None or word in ("企业", "单位", "个人", "主体", "机构", "商户", "店铺", "公司"):
            return False
        return self.words.stands_behind(word) or re.search("(?:者|商|方|单位|企业|厂家|人|机构)$", word) is not None

    # -- a cell --------------------------------------------------------------------------------------------------------

    def _with_colons(self, text: str) -> str:
        """The cell with a colon behind each label of a role that is followed by a dash, an arrow or a line break
        instead.
        """

        def colon(found: re.Match[str]) -> str:
            return f"{found['before']}{found['label']}：" if self._says_role(found["label"]) else found[0]

        return _OTHER_COLON.sub(colon, text)

    def _read(self, text: str, read: _Read) -> None:
        text = self._with_colons(text)
        for label, said in self._segments(text):
            if not label and (marked := self._by_brackets(said)) is not None:
                for word, piece in marked:
                    roles = self._roles(word) if word else [(self.role, False)]
                    assert roles is not None
                    self._add(read, roles, piece.strip(_TRAILING), word)
                continue
            if not label and (pair := self._told_in_words(said)) is not None:
                for role, name in zip(("consignor", "producer"), pair, strict=True):
                    self._add(read, [(role, False)], name)
                continue
            if not label:
                label, said = self._label_without_colon(said)
            if (roles := self._roles(label) if label else [(self.role, False)]) is not None:
                if label in ("公司名称", "名称") and read.parties:
                    read.note(label, said, PARTY_UNPLACED)
                    continue
                names = self._names(said)
                apart = len(roles) > 1 and len(names) > 1
                if apart and len(roles) != len(names):
                    # 委托方/受托方：甲/乙/丙: who is which is not said.
                    self._doubt(read, PARTY_UNPLACED)
                for place, name in enumerate(names):
                    # 委托方/受托方：甲/乙: the first is the one, the second the other.
                    self._add(read, [roles[place]] if apart and len(roles) == len(names) else roles, name, label)
            elif (attribute := self.words.attribute_of(label)) is not None:
                if read.parties:
                    self._attribute(read.parties[-1], read, attribute, label, said)
                else:
                    read.note(label, said)
            elif self.words.is_kept(label):
                read.note(label, said)
            elif _LEGAL_FORM.fullmatch(_name(said)):
                # A party that is named has a place among the parties, with the label that nobody knows.
                self._add(read, [("other", False)], said, label)
                self._doubt(read, PARTY_UNPLACED)
            else:
                read.note(label, said, PARTY_UNPLACED)
        if not read.parties and read.notes and not read.doubts:
            read.doubts.append(PARTY_NOBODY)

    @staticmethod
    def _doubt(read: _Read, doubt: str) -> None:
        if doubt not in read.doubts:
            read.doubts.append(doubt)

    @staticmethod
    def _told_in_words(said: str) -> tuple[str, str] | None:
        """(who ordered, who made) of 甲公司委托乙公司生产 and of 乙公司受甲公司委托生产; None of anything else."""
        if (found := _MADE_FOR.fullmatch(_name(said))) and all(map(_LEGAL_FORM.fullmatch, found.group("name", "by"))):
            return found["name"], found["by"]
        first, verb, rest = _name(said).partition("委托")
        second = _MADE.sub("", rest)
        if verb and _LEGAL_FORM.fullmatch(first) and _LEGAL_FORM.fullmatch(second):
            return first, second
        return None

    def _label_without_colon(self, said: str) -> tuple[str, str]:
        """(label, name) of '委托方 甲公司' and '委托方甲有限公司'; ('', text) where no label stands before the name."""
        if (found := _LABEL_AND_SPACE.match(said)) and self._stands_before(found["label"], _name(found["name"])):
            return found["label"], found["name"]
        return self._glued(said)

    def _glued(self, said: str) -> tuple[str, str]:
        for length in range(6, 2, -1):
            label, name = said[:length], said[length:]
            if (
                label[-1:] in ("方", "商", "者", "位")
                and _HAN_ONLY.fullmatch(label)
                and self._stands_before(label, name)
            ):
                return label, name
        return "", said

    def _stands_before(self, label: str, name: str) -> bool:
        """Whether a label is one of a role by itself, and a full name follows it (not 进口商 + 品直销有限公司)."""
        if label[-1] not in "方商者位人构业" or re.match("[品务贸业标城厦行店场会社]", name):
            return False
        known = self.words.role_of(label)
        return known is not None and known[0] != OWN and _LEGAL_FORM.fullmatch(name) is not None

    def _names(self, said: str) -> list[str]:
        """The names in a piece of text without labels: cut only where every part is a full name by itself."""
        said = said.strip().strip(_TRAILING)
        if _ORDINAL.match(said):
            # 1.甲公司 2.乙公司: the numbering belongs to no name.
            numbered = [piece for piece in map(_name, _ORDINAL.split(said)) if piece]
            if len(numbered) > 1 and all(_LEGAL_FORM.fullmatch(self._bare(piece)) for piece in numbered):
                return numbered
        lines = [line for line in said.split() if line.strip(_TRAILING)]
        if len(lines) > 1 and all(
            _LEGAL_FORM.fullmatch(_name(line)) and not _BROKEN_START.match(line) for line in lines
        ):
            return [name for line in lines for name in self._names(line)]
        pieces = [piece for piece in (_name(piece) for piece in _split_outside_brackets(said)) if piece]
        if len(pieces) > 1 and all(
            _FULL.fullmatch(self._bare(piece)) and not _BROKEN_START.match(piece) for piece in pieces
        ):
            return pieces
        return [said]

    def _bare(self, name: str) -> str:
        """A name without brackets or a word such as 制造 behind it, for the question whether it ends as names do."""
        name = re.sub(r"[(（][^()（）]*[)）]$", "", narrow(name)) or name
        return self._without_behind(name)[0]

    def _without_behind(self, name: str) -> tuple[str, str]:
        """(name, word) of 甲公司出品; the word is '' where none stands behind."""
        if (
            name[-1:] in self.words.behind_ends
            and (found := _BEHIND.fullmatch(name))
            and self.words.stands_behind(found["word"])
            and self._roles(found["word"]) is not None
        ):
            return found["name"], found["word"]
        return name, ""

    def _add(self, read: _Read, roles: list[tuple[str, bool]], text: str, label: str = "") -> None:
        party: dict[str, Any] = {}
        if text.isalnum():
            name = text
        else:
            said = _SPACE_IN_NAME.sub("", text).strip()
            if "(" in said or "（" in said or "【" in said or "[" in said:
                said, roles = self._take_brackets(said, party, read, roles)
            name = _name(said)
        name, stands = self.words.without_standing(name)
        if stands:
            read.note("", stands)
        name, word = self._without_behind(name)
        if word:
            roles = self._roles(word) or roles
        elif not label and _MAYBE_GLUED.match(name):
            before, rest = self._glued(name)
            if before:
                name, roles = rest, self._roles(before) or roles
        short = len(name) <= self._longest_word
        if says_nothing(name) or (short and self.words.names_nobody(name)):
            return
        if found := MOBILE.search(name):
            # A number beside a company's name is its telephone; beside anything else a person's, and kept nowhere.
            rest = (name[: found.start()] + name[found.end() :]).strip(_TRAILING)
            if not _LEGAL_FORM.fullmatch(rest):
                read.note("", MOBILE.sub(MASK, name), PARTY_NOBODY)
                return
            name, party = rest, {"phone": found[0], **party}
        if self._is_masked(name):
            read.note("", name, PARTY_MASKED)
            if party.get("code"):
                self._entries(read, roles, {"name": "", **party}, label or word)
            return
        if not party.get("code") and len(name) == 18 and isinstance(code := OrganisationCode().clean(name), dict):
            name = ""
            party |= {"code": code["code"], "code_kind": code["kind"]}
        elif self._is_no_name(name):
            read.note("", name, PARTY_NOBODY)
            return
        if _BESIDE_NAME.fullmatch(name) or _RUNS_ON.fullmatch(name):
            self._doubt(read, PARTY_UNPLACED)
        self._entries(read, roles, {"name": name, **party}, label or word)

    @staticmethod
    def _entries(read: _Read, roles: list[tuple[str, bool]], party: dict[str, Any], label: str) -> None:
        for role, labelled in roles:
            entry = {"role": role, **party}
            if labelled:
                entry["mark"] = "labelled"
            if role == "other" and label:
                entry["label"] = label
            if entry not in read.parties:
                read.parties.append(entry)

    def _is_masked(self, name: str) -> bool:
        """Whether a name was masked so that the party can't be identified (a masked natural person is accepted as
        such).
        """
        if not self.words.is_masked(name) or is_personal(name) != "no":
            return False
        # 甲食品有限公司 负责人李某: what is left out is not in the name.
        head = _HEAD.match(name) if _BESIDE_NAME.fullmatch(name) else None
        return head is None or self.words.is_masked(head[0])

    def _is_no_name(self, name: str) -> bool:
        """Whether a text that stands where a name should is a number, a day, a word of another column, a place or half
        a name.
        """
        if len(name) < 2 or name.startswith(_LEFTOVER_STARTS) or name.endswith(_LEFTOVER_ENDS):
            return True
        if len(name) <= self._longest_word and (_LEFTOVER.fullmatch(name) or self.words.is_word(name)):
            return True
        if name in self.divisions or self.words.tells_standing(name):
            return True
        if len(name) <= _LONGEST_PLACE and name[-1] in _PLACE_ENDS and self._is_place(name):
            return True
        if (
            len(name) <= _LONGEST_STREET
            and name[-1] in _STREET_ENDS
            and _STREET.fullmatch(narrow(name))
            and not _ENTERPRISE.search(name)
        ):
            return True
        if _MARK.fullmatch(name) or (name[0].isdigit() and _NUMBERED_BATCH.fullmatch(narrow(name))):
            return True
        if name[0].isalpha() and not name.isascii():
            return False
        said = narrow(name)
        if _DAY.fullmatch(said) or not any(map(str.isalpha, said)) or _LATIN_LEFTOVER.fullmatch(said):
            return True
        if (found := _AMOUNT.fullmatch(said)) and (
            found["unit"] in _COUNTED or (found["unit"].isascii() and unit_spelling(found["unit"]) is not None)
        ):
            return True
        return _ADDRESS_OF_A_PAGE.match(said) is not None

    @staticmethod
    def _is_place(name: str) -> bool:
        """Whether a name ends as places do; 闫照省 is a person, 李家镇 and 河弯镇 are none."""
        if _PLACE.fullmatch(name) is None or _ENTERPRISE.search(name):
            return False
        return len(name) > 3 or name[1:2] == "家" or not begins_with_surname(name)

    def _take_brackets(
        self, said: str, party: dict[str, Any], read: _Read, roles: list[tuple[str, bool]]
    ) -> tuple[str, list[tuple[str, bool]]]:
        """A name without the brackets around it (role, address, code, former name, how it stands), which go to the
        party or a note.
        """
        now = ""
        if (found := _PREFIX.match(said)) and self._says_role(found["word"]):
            said, roles = said[found.end() :], self._roles(found["word"]) or roles
        elif found and self.words.tells_standing(found["word"]):
            read.note("", found["word"])
            said = said[found.end() :]
        while said.rstrip().endswith((")", "）", "】", "]")):
            if (found := _BRACKET_LABEL.search(said)) and (attribute := self.words.attribute_of(found["label"])):
                self._attribute(party, read, attribute, found["label"], found["said"])
            elif found and (inner := self._roles(found["label"])) is not None:
                for name in self._names(found["said"]):
                    self._add(read, inner, name, found["label"])
            elif (found := _BRACKET_FOR.search(said)) is not None:
                self._add(read, [("consignor", False)], found["name"])
            elif (found := _BRACKET_CODE.search(said)) and isinstance(
                code := OrganisationCode().clean(found["said"]), dict
            ):
                party |= {"code": code["code"], "code_kind": code["kind"]}
            elif (found := _FORMER.search(said)) and not (
                _NOT_FORMER.match(found["name"]) or (len(found["name"]) < 4 and not _FULL.fullmatch(found["name"]))
            ):
                party["former_names"] = [_name(found["name"])]
            elif (found := _SUFFIX.search(said)) and self._says_role(found["word"]):
                roles = self._roles(found["word"]) or roles
            elif (found := _BRACKET_SAID.search(said)) and self.words.tells_standing(found["said"]):
                read.note("", found["said"])
            elif found and not now and _FULL.fullmatch(self._bare(name := _name(self.words.renamed_to(found["said"])))):
                now = name
            else:
                break
            said = said[: found.start()]
            if not said.strip(_TRAILING):
                break
        if now and (before := _name(said)):
            # It is called by its name of today; the name in the cell is a former one.
            party["former_names"] = [before, *party.get("former_names", [])]
            return now, roles
        return said, roles

    def _attribute(self, party: dict[str, Any], read: _Read, attribute: str, label: str, said: str) -> None:
        value = _name(said)
        if says_nothing(value):
            return
        if attribute in party:
            # A second address or code belongs to nobody for certain.
            read.note(label, value, PARTY_UNPLACED)
            return
        if attribute == "code":
            if is_placeholder(value):
                self._doubt(read, CODE_PLACEHOLDER)
                return
            code = OrganisationCode().clean(value)
            if isinstance(code, dict):
                party |= {"code": code["code"], "code_kind": code["kind"]}
                return
        elif attribute == "phone":
            phone = Phone().clean(value)
            if isinstance(phone, str):
                party["phone"] = phone
                return
        elif attribute == "former_names":
            party["former_names"] = _several(value)
            return
        elif attribute != "address" or not _LINK.match(value):
            party[attribute] = value
            return
        read.note(label, value)

    def _add_parts(self, read: _Read, parts: Mapping[str, str]) -> Refusal | None:
        said = {part: parts_of(parts, part) for part in self.parts if parts.get(part)}
        if not any(said.values()):
            return None
        own = [party for party in read.parties if party["role"] == self.role] or read.parties
        if len(own) > 1:
            return self._several_with_parts(read, own, said)
        found = self._understood_parts(read, said, parts)
        if isinstance(found, Refusal):
            return found
        if not own:
            if "code" in found:
                # A code alone says who it is.
                read.parties.append({"role": self.role, "name": "", **found})
            return None
        told = own[0].get("code")
        if told is not None and found.get("code", told) != told:
            # Two codes of one name: neither is certain.
            for party, code in ((own[0], told), (found, found["code"])):
                read.note("代码", code, CODE_UNPLACED)
                del party["code"], party["code_kind"]
        own[0].update(found)
        return None

    def _several_with_parts(self, read: _Read, own: list[dict[str, Any]], said: Mapping[str, str]) -> Refusal | None:
        """Several names in one cell: as many codes (or addresses) as names are assigned in their order; a single one
        among several names is assigned to none of them.
        """
        for part, text in said.items():
            pieces = next(
                (
                    pieces
                    for separators in ("[;；\n]", "[;；\n、,，/|]")
                    if len(pieces := [piece.strip() for piece in re.split(separators, text) if piece.strip()])
                    == len(own)
                ),
                None,
            )
            if pieces is None:
                if text:
                    read.note(part, text, CODE_UNPLACED)
                continue
            for party, piece in zip(own, pieces, strict=True):
                found = self._understood_parts(read, {part: piece}, {part: piece})
                if isinstance(found, Refusal):
                    return found
                if party.get("code") is not None and found.get("code", party["code"]) != party["code"]:
                    read.note(part, piece, CODE_UNPLACED)
                    continue
                party.update(found)
        return None

    def _understood_parts(
        self, read: _Read, said: Mapping[str, str], parts: Mapping[str, str]
    ) -> dict[str, Any] | Refusal:
        """What columns beside the name say of one party."""
        found: dict[str, Any] = {}
        if code := said.get("code"):
            if is_placeholder(code):
                self._doubt(read, CODE_PLACEHOLDER)
            else:
                given = OrganisationCode().clean(code)
                if isinstance(given, Refusal):
                    resident = ResidentId().clean(code)
                    if not isinstance(resident, str):
                        return given.at(field="code", text=parts["code"])
                    given = {"code": resident, "kind": "resident_id"}
                if given is not None:
                    found |= {"code": given["code"], "code_kind": given["kind"]}
        if phone := said.get("phone"):
            number = Phone().clean(phone)
            if isinstance(number, str):
                found["phone"] = number
            else:
                read.note("电话", phone)
        found |= {part: said[part] for part in ("address", "place", "legal_person") if said.get(part)}
        if place := found.get("place"):
            # The area's code where the book knows the name; a place elsewhere keeps its delivered name.
            found["place"] = self.divisions.get(place, place)
        if former := said.get("former_names"):
            found["former_names"] = _several(former)
        return found

    def show(self, value: Value, *, lang: str = "zh", masked: bool = False) -> str:
        if value is None:
            return ""
        names = [self._shown(party, masked) for party in value["parties"]]
        return ("；" if lang == "zh" else "; ").join(dict.fromkeys(names))

    @staticmethod
    def _shown(party: Mapping[str, Any], masked: bool) -> str:
        if party["name"] or "code" not in party:
            return str(party["name"])
        return (
            ResidentId().show(party["code"], masked=masked)
            if party["code_kind"] == "resident_id"
            else str(party["code"])
        )


def _several(text: str) -> list[str]:
    return [
        name for name in (_name(piece) for piece in re.split("[、;；,，/]", text)) if name and not says_nothing(name)
    ]


def _split_outside_brackets(text: str) -> list[str]:
    """The text cut at every separator that is not inside brackets."""
    pieces, depth, start = [], 0, 0
    for place, char in enumerate(text):
        if char in "(（[【":
            depth += 1
        elif char in ")）]】":
            depth = max(0, depth - 1)
        elif depth == 0 and _NAME_SEPARATOR.match(char):
            pieces.append(text[start:place])
            start = place + 1
    pieces.append(text[start:])
    return pieces
