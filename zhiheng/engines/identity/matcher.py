"""Certain, likely or new: the decision, and why.

``resolve`` decides about a batch at once. First codes: equal codes are one subject where the names may be spellings of
one, and a unified code equals the organisation code that stands in it. A code over names that have nothing in common
was copied from another row, or the enterprise has another name now: nobody is linked by it, and a person is asked. Then
names that are distinctive enough (with their place or their exact address). Two codes that contradict each other are
never one subject, whatever the names say; a branch is never its parent, whatever the codes say. What is left is new,
and is shown beside those that it resembles, with reasons, for a person to decide.

The partition by certain links does not depend on the order of a batch. It depends on what was known before in two
cases, on purpose, because two subjects that stand in the ledger are only ever merged by a person:

- a mention without a code whose name fits two subjects with different codes links to neither; had it come before the
  second of them, it would have linked to the first;
- a mention that would bridge two known subjects (its name fits one, its address the other) links to neither; had all
  three come in one batch, they would be one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

from rapidfuzz.distance import LCSseq, Levenshtein
from stdnum.cn import uscc

from zhiheng.engines.identity.confusables import READING, homophones, lookalikes
from zhiheng.engines.identity.index import (
    BLOCK_LIMIT,
    Mention,
    Print,
    Registry,
    branch_stem,
    describe,
    glance,
    key_of,
    likely_texts,
    settled,
)
from zhiheng.engines.identity.names import (
    ADDING,
    COUNTING,
    DISTINGUISHING,
    KIN,
    LATIN_LINES,
    RESIDUE,
    ReadName,
    fold,
    number_text,
    split_trade,
    without_marks,
)
from zhiheng.engines.identity.places import CHINA

# Reasons that two names may have by chance, and how many new enterprises there have to be for each such pair that is
# shown.
_BY_CHANCE = frozenset(
    {
        "name.sound",
        "name.sight",
        "name.two",
        "name.order",
        "name.missing",
        "name.character",
        "name.letters",
        "name.longer",
        "line.differs",
        "name.vague",
    }
)
_NEW_PER_PAIR, _ALWAYS_SHOWN = 50, 10
# Below this a resemblance is not worth an officer's time.
WORTH_SHOWING = 0.45
SHOWN = 10


class Reason(NamedTuple):
    """Why, as a sentence in both languages."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Likely:
    """A candidate that a new mention resembles: a known subject, or another new one of the same batch by its
    ordinal.
    """

    subject_id: int | None
    ordinal: int | None
    score: float
    reasons: tuple[Reason, ...]


class Resolution(NamedTuple):
    """The subject to which a mention was resolved.

    ``doubt`` says why its code can't be believed (its name belongs to another subject), None where nothing speaks
    against it. ``vague``: it has neither a code nor any other distinguishing attribute, so another mention of the same
    words may mean another subject.

    ``certain``: it belongs to ``subject_id``. ``new``: it belongs to the new subject number ``ordinal`` of this batch
    (mentions that are certainly one subject share the number). ``likely`` waits for a person, best first. ``parent`` is
    the name of the enterprise whose branch this is, '' if it is none. ``keys`` are those to store the mention under
    (``keys_of``).
    """

    kind: Literal["certain", "new"]
    subject_id: int | None
    ordinal: int | None
    likely: tuple[Likely, ...]
    explanation: Reason
    parent: str
    keys: Sequence[int]
    doubt: Reason | None = None
    vague: bool = False


class Verdict(NamedTuple):
    """How two mentions stand to each other."""

    kind: Literal["certain", "likely", "different"]
    score: float
    reasons: tuple[Reason, ...]


SAME_CODE = Reason("code.same", "代码相同。", "The codes are equal.")
SAME_NAME = Reason("name.same", "名称（规范化后）与所在地一致。", "The normalised names and their places agree.")
SAME_ADDRESS = Reason("address.same", "名称与地址一致。", "Names and addresses agree.")
NEW = Reason("new", "未找到同一主体，作为新主体登记。", "Nobody known is certainly the same; recorded as new.")
TOLD_APART = Reason(
    "name.several",
    "名称同时符合多个主体，无法自动确定，请人工选择。",
    "The name fits several subjects; please choose one.",
)
CODES_DIFFER = Reason(
    "code.differs",
    "名称一致但代码不同，可能重新登记，也可能是两家，请核对登记信息。",
    "The names agree but the codes differ: registered anew, or two enterprises; please check the register.",
)
CODE_WRONG = Reason(
    "code.invalid",
    "名称一致，但其中一个统一社会信用代码校验不符，请核对代码。",
    "The names agree, but one of the unified codes fails its check digit; please check the code.",
)
BRANCH_CODE = Reason(
    "branch.code",
    "代码相同，但一方是分支机构，请核对分支机构自己的代码。",
    "The codes are equal, but one is a branch; please check the branch's own code.",
)
SHARED = Reason(
    "code.shared",
    "同一代码下名称不同，无法判断代码属于哪一家，请核对登记信息。",
    "One code over different names, and it can't be told whose it is; please check the register.",
)
NAMES_UNLIKE = Reason(
    "code.names",
    "同一代码下名称不同，可能抄错了代码，也可能已更名，请核对登记信息。",
    "One code over different names: the code was copied from another row, or the name has changed; please check the "
    "register.",
)
REGISTERED = Reason(
    "code.register",
    "登记的名称与先前报来的名称不同，代码却相同：先前报来的可能抄错了代码，也可能是更名前的名称，请核对登记信息。",
    "The register gives this code another name than was told before: that row has a wrong code, or a former name; "
    "please check.",
)
FORMER_TOLD = Reason(
    "name.former", "一方写明的曾用名或现名就是另一方。", "One tells the other as its former or present name."
)
BRANCH_WORD = Reason("branch.word", "分支机构的写法不同（分公司、分店、店）。", "The branch is spelt in another way.")
BRANCHES = Reason(
    "branch.several",
    "代码相同，但分支机构不同，请核对各分支机构自己的代码。",
    "The codes are equal, but these are different branches; please check the code of each.",
)
LETTERS = Reason("name.letters", "外文名称拼写略有不同。", "The names in Latin letters are spelt slightly differently.")
BRANCH = Reason(
    "branch.parent",
    "一方是另一方的分支机构，分别建档。",
    "One is a branch of the other; each has a file of its own.",
)
TWICE = Reason(
    "code.twice",
    "同一代码已有两份档案，请核对后合并。",
    "Two subjects bear this code already; please check and merge them.",
)
VAGUE = Reason(
    "name.vague",
    "名称相同但过于普通，缺少代码或地址，请人工判断。",
    "The names are equal but common, and there is no code or address; please decide.",
)
FORM_DIFFERS = Reason("form.differs", "名称相同，组织形式写法不同。", "The names agree, the legal forms differ.")
FORM_SLIP = Reason("form.slip", "组织形式书写不全或有误。", "The legal form is incomplete or misspelt.")
PLACE_WITHIN = Reason(
    "place.within", "名称相同，行政区划一方较细。", "The names agree; one names a smaller place within the other's."
)
PLACE_OPEN = Reason(
    "place.open", "名称相同，行政区划有歧义。", "The names agree; the place may mean more than one division."
)
PLACE_MISSING = Reason("place.missing", "名称相同，一方缺少行政区划。", "The names agree; one lacks its place.")
PLACE_MOVED = Reason(
    "place.moved", "名称相同，行政区划写在不同的位置。", "The names agree; the place stands in another position."
)
NUMBERS = Reason(
    "name.number", "名称相同，数字的写法不同。", "The names agree, their numbers are written in another way."
)
PLACE_SLIP = Reason("place.slip", "行政区划书写可能有误。", "The place may be misspelt.")
PLACE_DIFFERS = Reason(
    "place.differs", "名称与地址一致，行政区划不同。", "Names and addresses agree, the places differ."
)
NOTE_DIFFERS = Reason("note.differs", "括号内的说明不同。", "The notes in brackets differ.")
LINE_DIFFERS = Reason(
    "line.differs", "字号相同，行业表述多少不一。", "One trade name; the line of business is told in part."
)
LONGER = Reason("name.longer", "一方名称包含另一方名称。", "One name contains the other.")
FORMER_LIKE = Reason(
    "name.former",
    "一方写明的曾用名或现名与另一方的名称相近。",
    "One tells a former or present name that resembles the other's name.",
)
PERSON_SAME = Reason(
    "person.same",
    "姓名与所在单位一致，没有身份证件号码，请人工判断。",
    "Name and employer agree, without a resident id; please decide.",
)


def _by_code(identity: str) -> Reason:
    """The code that decided, named."""
    kind, _, code = identity.partition(":")
    named = {
        "u": ("统一社会信用代码", "unified code"),
        "o": ("组织机构代码", "organisation code"),
        "r": ("注册号", "registration number"),
    }
    zh, en = named.get(kind, ("代码", "code"))
    return Reason("code.same", f"{zh}相同（{code}）。", f"The {en} is equal ({code}).") if kind in named else SAME_CODE


def _contradict(left: str, right: str) -> bool:
    """Whether two identities by code cannot be one subject. Numbers of different kinds say nothing about each other."""
    if left == right or not left or not right:
        return False
    a, b = left[0], right[0]
    if a == "u" and b == "o":
        return left[10:19] != right[2:]
    if a == "o" and b == "u":
        return right[10:19] != left[2:]
    return left.partition(":")[0] == right.partition(":")[0]


def code_agrees(left: str, right: str) -> bool:
    """Whether two identities by code are one: equal, or a unified code and the organisation code in it."""
    if not left or not right:
        return False
    return left == right or (left[0] + right[0] in ("uo", "ou") and not _contradict(left, right))


def _typed_for(x: str, y: str) -> bool:
    """Whether two characters that distinguish names may be confused by typing by sound: 新 and 鑫, but not 五 and
    伍.
    """
    return x not in COUNTING and y not in COUNTING and homophones(x, y)


def _slip(left: str, right: str, trade: int) -> tuple[float, Reason] | None:
    """How one text may be a slip for the other: the score and what differs. ``trade``: length of the shorter trade
    name.
    """
    if left == right:
        return 1.0, SAME_NAME
    a, b = len(left), len(right)
    if (a, left) > (b, right):
        left, right, a, b = right, left, b, a
    start = 0
    while start < a and left[start] == right[start]:
        start += 1
    end = 0
    while end < a - start and left[a - 1 - end] == right[b - 1 - end]:
        end += 1
    x, y = left[start : a - end], right[start : b - end]
    if not x:
        if len(y) == 1:
            if y in ADDING or a < 3:
                return None
            return 0.75, Reason("name.missing", f"一方少一个“{y}”字。", f"One lacks the character {y}.")
        if not split_trade(y)[0] and start >= 2:
            return 0.6, LINE_DIFFERS
        return (0.6, LONGER) if start == 0 and a >= 6 else None
    if len(x) != len(y):
        return None
    if len(x) == 1:
        told_apart = (x in DISTINGUISHING) + (y in DISTINGUISHING)
        if told_apart == 2 or (told_apart and not (lookalikes(x, y) or _typed_for(x, y))):
            return None
        if homophones(x, y):
            return 0.85, Reason("name.sound", f"“{x}”与“{y}”音同字异。", f"{x} and {y} sound alike.")
        if lookalikes(x, y):
            return 0.85, Reason("name.sight", f"“{x}”与“{y}”字形相近。", f"{x} and {y} look alike.")
        # One different character in a trade name of two is more often another enterprise than a slip.
        if a < 4 or (start < trade and trade < 3):
            return None
        return 0.6, Reason("name.character", f"一字之差：“{x}”与“{y}”。", f"One character differs: {x} and {y}.")
    if any(c in DISTINGUISHING for c in x + y):
        return None
    if len(x) == 2 and x == y[::-1]:
        return 0.7, Reason("name.order", f"“{x}”与“{y}”字序颠倒。", f"{x} and {y}: the order is reversed.")
    wrong = [(p, q) for p, q in zip(x, y, strict=True) if p != q]
    if len(wrong) == 2 and a >= 4 and all(homophones(p, q) or lookalikes(p, q) for p, q in wrong):
        return 0.65, Reason("name.two", "两字音同或形近。", "Two characters sound or look alike.")
    return None


def _letters(a: ReadName, b: ReadName) -> tuple[float, Reason] | None:
    """How two names in Latin letters stand to each other: a slip in one longer word, or the same words in another
    order.
    """
    marked = not (a.core.isascii() and b.core.isascii())
    if marked and not {a.core, *without_marks(a.core)}.isdisjoint((b.core, *without_marks(b.core))):
        return 0.8, LETTERS
    mine, yours = sorted(a.words), sorted(b.words)
    if mine == yours:
        return 0.7, Reason("name.order", "词序不同。", "The words are in another order.")
    more = [w for w in mine if w not in yours], [w for w in yours if w not in mine]
    left, right = ("".join(words) for words in more)
    if any(c.isdigit() for c in left + right):
        return None
    if _told_apart_in_letters(more[0], more[1]):
        return None
    if left and right and min(len(left), len(right)) >= 4 and len(more[0]) <= 2 and len(more[1]) <= 2:
        return (
            (0.7, LETTERS) if Levenshtein.distance(left, right, score_cutoff=2) <= (1 if len(left) < 8 else 2) else None
        )
    said = more[0] or more[1]
    if (left and right) or not all(w in LATIN_LINES for w in said):
        return None
    return 0.6, LINE_DIFFERS


# Words by which people tell two names apart in Latin letters: Northgate is no slip for Southgate.
_SIDES = ("NORTH", "SOUTH", "EAST", "WEST", "OLD", "NEW", "UPPER", "LOWER", "FIRST", "SECOND", "THIRD")


def _told_apart_in_letters(mine: Sequence[str], yours: Sequence[str]) -> bool:
    """Whether the words that two names do not share differ by such a word, which may be the beginning of a longer
    one.
    """

    def sides(words: Sequence[str]) -> set[str]:
        return {side for word in words for side in _SIDES if word.startswith(side)}

    one, other = sides(mine), sides(yours)
    return one != other and bool(one) and bool(other)


def _cores(a: ReadName, b: ReadName) -> tuple[float, Reason] | None:
    """How two cores stand to each other."""
    if a.core == b.core:
        return 1.0, SAME_NAME
    if a.words or b.words:
        return _letters(a, b) if a.words and b.words else None
    longer, shorter = (a, b) if len(a.core) >= len(b.core) else (b, a)
    rest = longer.core[: len(longer.core) - len(shorter.core)]
    inside = len(rest) >= 2 and len(shorter.core) >= 3 and longer.core.endswith(shorter.core)
    if inside and longer.place and shorter.place and (CHINA.names(rest) or (len(rest) <= 4 and RESIDUE.search(rest))):
        return 0.8, PLACE_SLIP
    for one, other in ((a, b), (b, a)):
        # 云澜市霁虹, 云澜霁虹: a division known by its shape alone can't be known without it.
        short = one.place[1:-1] if one.place[:1] == "?" and not other.place else ""
        if short and other.core == short + one.core:
            return 0.9, PLACE_OPEN
    if bool(a.place) != bool(b.place):
        known, other = (a, b) if a.place else (b, a)
        size = CHINA.misspelt(other.core)
        if size and other.core[size:] == known.core and _one_slip(other.core[:2], known.place_text):
            return 0.8, PLACE_SLIP
    found = _slip(a.core, b.core, min(len(a.trade), len(b.trade)))
    if found is None:
        return (0.85, NUMBERS) if number_text(a.core) == number_text(b.core) else None
    if a.trade == b.trade and a.trade and found[1].code == "name.character":
        # Both lines of business make sense (药业, 农业): no slip.
        return None
    return found


def _one_slip(said: str, within: str) -> bool:
    """Whether a stretch of a text is another text but for one character that sounds or looks like it."""
    size = len(said)
    for at in range(len(within) - size + 1):
        wrong = [(p, q) for p, q in zip(said, within[at : at + size], strict=True) if p != q]
        if len(wrong) == 1 and (homophones(*wrong[0]) or lookalikes(*wrong[0])):
            return True
    return False


def _places(a: ReadName, b: ReadName) -> tuple[float, Reason | None]:
    """How two places stand to each other; 0 where they contradict."""
    if a.place == b.place:
        return 1.0, None
    if not a.place or not b.place:
        return 0.75, PLACE_MISSING
    if a.place[0] == "~" or b.place[0] == "~":
        if any(p.startswith(q) or q.startswith(p) for p in a.candidates for q in b.candidates):
            return 0.9 if a.place_text[:2] == b.place_text[:2] else 0.6, PLACE_OPEN
        return 0.0, PLACE_DIFFERS
    if a.place.startswith(b.place) or b.place.startswith(a.place):
        return 0.65, PLACE_WITHIN
    if (a.place[0] == "?") != (b.place[0] == "?"):
        # 泉洲市: only the shape of a division is known, and one that there is looks like it.
        unknown, known = (a, b) if a.place[0] == "?" else (b, a)
        if _one_slip(unknown.place_text, known.place_text):
            return 0.75, PLACE_SLIP
    return 0.0, PLACE_DIFFERS


def _forms(a: ReadName, b: ReadName) -> tuple[float, Reason | None]:
    """How two legal forms stand to each other; 0 where they exclude each other (a 厂 is no 公司)."""
    if a.form == b.form:
        return (0.95, FORM_SLIP) if a.slipped or b.slipped else (1.0, None)
    kinds = {a.form.removeprefix("head "), b.form.removeprefix("head ")}
    if len(kinds) == 1:
        return 0.8, FORM_DIFFERS
    if a.slipped or b.slipped:
        return (0.85, FORM_SLIP) if kinds <= {"limited", "joint", "company"} else (0.0, None)
    if kinds == {"limited", "company"}:
        return 0.9, FORM_DIFFERS
    if kinds <= {"limited", "joint", "company"}:
        return 0.8, FORM_DIFFERS
    if "" in kinds and kinds & {"limited", "joint", "company", "factory"}:
        return 0.8, FORM_SLIP
    return 0.0, FORM_DIFFERS


_DIFFERENT = Verdict("different", 0.0, ())


# What is left out at the end of the place that a branch is called after: 江津店, 江津路店; 沙市分公司, 沙市区分公司.
_WAYS = frozenset("路街道区县市镇乡村城")


def _branches(a: str, b: str) -> tuple[float, Reason] | None:
    """How the parts that name two branches stand to each other; None where they are two."""
    if a == b:
        return 1.0, SAME_NAME
    one, other = branch_stem(a), branch_stem(b)
    if one == other:
        return 0.8, BRANCH_WORD
    longer, shorter = (one, other) if len(one) >= len(other) else (other, one)
    rest = longer.removesuffix(shorter)
    if rest != longer and len(shorter) >= 2 and CHINA.names(rest):
        return 0.7, PLACE_WITHIN
    if len(shorter) >= 2 and longer in {shorter + word for word in _WAYS}:
        return 0.7, BRANCH_WORD
    found = _slip(one, other, 9)
    return found if found is not None and found[1].code in ("name.sound", "name.sight", "name.missing") else None


def one_name(p: Print, q: Print) -> bool:
    """Whether two names under one code may be spellings of one: a code is believed unless the names speak against it.

    Abbreviations (澄岚食品, 中石化), slips, a name in Latin letters beside the Chinese one that it sounds like, and
    names that were delivered as former ones agree. Two trade names without anything in common do not: 霁虹食品,
    桐柏机械.
    """
    a, b = p.name, q.name
    if not a.core or not b.core or a.whole == b.whole:
        return True
    if a.branch and b.branch and _branches(a.branch, b.branch) is None:
        return False
    return any(_spelt_alike(x, y) for x in (a, *p.others) for y in (b, *q.others))


def _without_place(name: ReadName) -> ReadName:
    """A name without the place that stands in brackets inside it: what is left is its own."""
    if not name.placed:
        return name
    core = name.core.replace(name.placed, "", 1)
    trade, line = split_trade(core)
    return name._replace(core=core, trade=trade, line=line)


def _told_apart(a: str, b: str) -> bool:
    """Whether two cores differ in nothing but characters by which people tell two apart: 澄岚第一食品, 澄岚第二食品."""
    if len(a) != len(b) or a == b:
        return False
    return all(p in DISTINGUISHING and q in DISTINGUISHING for p, q in zip(a, b, strict=True) if p != q)


def _spelt_alike(a: ReadName, b: ReadName) -> bool:
    a, b = _without_place(a), _without_place(b)
    if a.core == b.core or number_text(a.core) == number_text(b.core):
        return True
    if _told_apart(a.core, b.core):
        return False
    if a.trade == b.trade != "":
        return True
    if bool(a.words) != bool(b.words):
        latin, han = (a, b) if a.words else (b, a)
        sound = "".join(READING.get(c, "").upper() for c in han.trade)
        return len(sound) >= 4 and sound in latin.core
    if a.words:
        return _letters(a, b) is not None or not {*a.words}.isdisjoint(w for w in b.words if w not in LATIN_LINES)
    longer, shorter = (a, b) if len(a.core) >= len(b.core) else (b, a)
    if (shorter.trade and len(shorter.core) >= 2 and shorter.core in longer.core) or shorter.whole in longer.whole:
        return True
    if any(len(x.trade) >= 2 and x.trade in y.core for x, y in ((a, b), (b, a))):
        return True
    slip = _slip(a.core, b.core, min(len(a.trade), len(b.trade)))
    if KIN.match(a.trade) and KIN.match(b.trade):
        # 老李家, 老王家: all that the two share is what thousands do.
        return slip is not None and slip[1].code in ("name.sound", "name.sight")
    if slip is not None:
        return True
    one, other = (a, b) if len(a.trade) <= len(b.trade) else (b, a)
    own = one.trade
    if len(own) < 2:
        return False
    # Three characters in a row, unless both begin with them: that may be a place which nobody knows.
    at, there, size = SequenceMatcher(None, a.core, b.core, autojunk=False).find_longest_match()
    if size >= 3 and (at or there) and len(split_trade(a.core[at : at + size])[0]) >= 2:
        return True
    # An abbreviation takes its characters in their order from the place, the trade name or the line of business.
    if len(own) <= 4 and LCSseq.similarity(own, other.place_text + other.core) == len(own):
        return True
    # Of longer trade names most characters have to be there, in their order; of two characters both.
    return LCSseq.similarity(own, other.trade) >= max(2, (2 * len(own) + 2) // 3)


def _likeness(p: Print, q: Print) -> Verdict:
    """How far two mentions that are not certainly one resemble each other."""
    verdict = _likeness_of_names(p, q)
    if verdict.kind == "different" and (p.others or q.others) and _former_like(p, q):
        return Verdict("likely", 0.75, (FORMER_LIKE,))
    return verdict


def _former_like(p: Print, q: Print) -> bool:
    """Whether a former or present name that one tells resembles the name of the other: 原栖禾食品厂 beside 荆州栖禾食品
    厂.
    """
    if p.mention.kind != q.mention.kind or _contradict(p.identity, q.identity):
        return False
    pairs = [*((x, q.name) for x in p.others), *((p.name, y) for y in q.others)]
    for x, y in pairs:
        if x.generic or y.generic or x.branch != y.branch or not x.core or not y.core:
            continue
        core = _cores(x, y)
        if core is not None and core[0] * _places(x, y)[0] * _forms(x, y)[0] >= WORTH_SHOWING:
            return True
    return False


def _likeness_of_names(p: Print, q: Print) -> Verdict:
    if p.mention.kind != q.mention.kind:
        return _DIFFERENT
    if p.mention.kind == "person":
        same = p.mention.name and p.address and not _contradict(p.identity, q.identity)
        same = same and set(likely_texts(p)) == set(likely_texts(q))
        return Verdict("likely", 0.7, (PERSON_SAME,)) if same else _DIFFERENT
    if p.mention.kind != "enterprise":
        return _DIFFERENT
    a, b = p.name, q.name
    if code_agrees(p.identity, q.identity):
        if bool(a.branch) != bool(b.branch):
            return Verdict("likely", 0.5, (BRANCH_CODE,))
        if not one_name(p, q):
            return _unlike(p, q)
    if not a.core or not b.core:
        return _DIFFERENT
    reasons: list[Reason] = []
    score = 0.95
    if a.branch != b.branch:
        if not a.branch or not b.branch:
            return Verdict("different", 0.0, (BRANCH,) if a.core == b.core else ())
        found = _branches(a.branch, b.branch)
        if found is None:
            return _DIFFERENT
        score *= found[0]
        reasons.append(found[1])
    if _contradict(p.identity, q.identity):
        if a.core != b.core or a.form != b.form or a.place != b.place or a.branch != b.branch:
            return _DIFFERENT
        wrong = any(i[0] == "u" and not uscc.is_valid(i[2:]) for i in (p.identity, q.identity))
        return Verdict("likely", 0.8 if wrong else 0.6, (CODE_WRONG if wrong else CODES_DIFFER,))
    core = _cores(a, b)
    if core is None and not (a.place and b.place) and not (a.words or b.words):
        a, b = settled(a), settled(b)
        if a.core == b.core and a.place and b.place and (a.place.startswith(b.place) or b.place.startswith(a.place)):
            core = 0.8, PLACE_MOVED
    if core is None:
        return _DIFFERENT
    score *= core[0]
    if core[1] is not SAME_NAME:
        reasons.append(core[1])
    same_address = bool(p.address) and p.address == q.address
    for factor, reason in (_places(a, b), _forms(a, b)):
        if not factor:
            if not same_address:
                return _DIFFERENT
            factor = 0.6
        score *= factor
        if reason is not None:
            reasons.append(reason)
    if a.note != b.note:
        score *= 0.95
        reasons.append(NOTE_DIFFERS)
    if same_address:
        score = min(0.97, score + 0.15)
        reasons.append(SAME_ADDRESS)
    elif a.generic or b.generic:
        # Of a code of GB/T 2260 the first six digits are the county, the first four the city.
        if core[0] < 1.0 or not (a.place or p.place) or (a.place or p.place[:6]) != (b.place or q.place[:6]):
            return _DIFFERENT
        score, reasons = 0.5, [VAGUE]
    elif not a.form and not b.form and not a.place and not b.place and p.place[:4] != q.place[:4]:
        return _DIFFERENT
    if score < WORTH_SHOWING:
        return _DIFFERENT
    return Verdict("likely", round(score, 3), tuple(reasons) or (SAME_NAME,))


def _unlike(p: Print, q: Print) -> Verdict:
    """One code over two names that have nothing in common, or over two branches."""
    if p.name.branch and q.name.branch and p.name.core == q.name.core:
        return Verdict("likely", 0.5, (BRANCHES,))
    return Verdict("likely", 0.9, (NAMES_UNLIKE,))


def _certain(p: Print, q: Print) -> Reason | None:
    """Why two mentions are certainly one subject, None where they are not."""
    if p.mention.kind != q.mention.kind or _contradict(p.identity, q.identity):
        return None
    if bool(p.name.branch) != bool(q.name.branch):
        return None
    if code_agrees(p.identity, q.identity):
        return _by_code(min(p.identity, q.identity)) if p.mention.kind != "enterprise" or one_name(p, q) else None
    shared = set(p.names).intersection(q.names)
    if not shared:
        return None
    return SAME_NAME if any(text[0] == "n" for text in shared) else SAME_ADDRESS


def compare(left: Mention, right: Mention) -> Verdict:
    """How two mentions stand to each other, taken by themselves. Symmetrical."""
    p, q = describe(left), describe(right)
    reason = _certain(p, q)
    if reason is not None:
        return Verdict("certain", 1.0, (reason,))
    return _likeness(p, q)


class _Sets:
    """Disjoint sets over small integers; the smallest member stands for its set, so that order does not matter."""

    def __init__(self, size: int) -> None:
        self.above = list(range(size))

    def find(self, node: int) -> int:
        above = self.above
        while above[node] != node:
            above[node] = above[above[node]]
            node = above[node]
        return node

    def join(self, left: int, right: int) -> None:
        a, b = self.find(left), self.find(right)
        if a < b:
            self.above[b] = a
        elif b < a:
            self.above[a] = b


class _Known(NamedTuple):
    """Known subjects that a batch touches."""

    by_identity: dict[
        str, list[int]
    ]  # identity of the batch -> subjects that bear the code under a like name, best first
    by_name: dict[str, set[int]]  # name text -> subjects
    branch_code: dict[str, list[int]]  # identity -> subjects that bear the code, where one side is a branch
    unlike: dict[str, dict[int, Verdict]]  # identity -> subjects that bear the code under another name
    unlike_aliases: dict[str, dict[int, int]]  # identity -> the aliases under which they do -> subject


class _Groups(NamedTuple):
    """A batch in groups by certain links."""

    root: list[int]  # group of each mention
    subject: dict[int, int]  # group -> known subject
    identities: list[str]
    open: set[int]  # mentions whose name fits several subjects
    doubted: dict[
        str, tuple[str, ...]
    ]  # identity whose code is contradicted by its name -> others of the batch with the code


def _identities(prints: Sequence[Print]) -> list[str]:
    """Identity of each mention, marked where it is a branch's.

    An organisation code becomes the unified code of this batch in which it stands, where there is exactly one.
    """
    marks = [p.identity + (_BRANCH if p.name.branch else "") if p.identity else "" for p in prints]
    if not any(m[:2] == "o:" for m in marks):
        return marks
    unified: dict[str, set[str]] = {}
    for mark in marks:
        if mark[:2] == "u:":
            unified.setdefault("o:" + mark[10:19] + mark[20:], set()).add(mark)
    return [next(iter(unified[m])) if len(unified.get(m, ())) == 1 else m for m in marks]


# What stands behind a code in an identity: that it is a branch's, and under which of several unlike names.
_BRANCH, _NAMED = "\x1fbranch", "\x1e"
_COMPARED = 100


def _code_of(identity: str) -> str:
    """The code itself of an identity of the batch."""
    return identity.partition(_NAMED)[0].partition("\x1f")[0]


def _by_names(prints: Sequence[Print], identities: list[str]) -> dict[str, list[str]]:
    """Tell apart, in place, mentions that share a code but have names with nothing in common: {code: its identities}.

    Names are compared in pairs, so the order of the batch does not matter; of a code over more than a hundred names
    every name stands for itself.
    """
    bearers: dict[str, dict[str, list[int]]] = {}
    for i, identity in enumerate(identities):
        if identity and prints[i].mention.kind == "enterprise":
            bearers.setdefault(identity, {}).setdefault(prints[i].name.whole, []).append(i)
    parted: dict[str, list[str]] = {}
    for identity, names in bearers.items():
        if len(names) < 2:
            continue
        wholes = sorted(names)
        sets = _Sets(len(wholes))
        if len(wholes) <= _COMPARED:
            for at, one in enumerate(wholes):
                for other in range(at):
                    if any(one_name(prints[i], prints[j]) for i in names[one] for j in names[wholes[other]]):
                        sets.join(at, other)
        roots = {sets.find(at) for at in range(len(wholes))}
        if len(roots) < 2:
            continue
        parted[identity] = [f"{identity}{_NAMED}{wholes[root]}" for root in sorted(roots)]
        for at, whole in enumerate(wholes):
            for i in names[whole]:
                identities[i] = f"{identity}{_NAMED}{wholes[sets.find(at)]}"
    return parted


def _find_known(
    prints: Sequence[Print], identities: Sequence[str], by_text: dict[str, int], registry: Registry
) -> _Known:
    """What the registry knows under the certain keys of a batch."""
    by_code: dict[str, list[int]] = {}
    for i, p in enumerate(prints):
        for text in p.codes:
            by_code.setdefault(text, []).append(i)
    keys = {key_of(text): text for text in (*by_code, *by_text)}
    known = _Known({}, {}, {}, {}, {})
    ranked: dict[str, set[tuple[bool, int]]] = {}
    for key, found in registry.lookup(list(keys), at_most=BLOCK_LIMIT).items():
        text = keys[key]
        bearers = by_code.get(text)
        if bearers is None:
            # All that a certain name says stands in its key.
            known.by_name[text] = {subject for _, subject, _ in found}
            continue
        for alias, subject, mention in found:
            q = describe(mention)
            for i in bearers:
                p = prints[i]
                if not code_agrees(p.identity, q.identity):
                    continue
                if bool(p.name.branch) != bool(q.name.branch):
                    known.branch_code.setdefault(identities[i], []).append(subject)
                elif p.mention.kind != "enterprise" or one_name(p, q):
                    ranked.setdefault(identities[i], set()).add((p.identity != q.identity, subject))
                else:
                    known.unlike.setdefault(identities[i], {})[subject] = _unlike(p, q)
                    known.unlike_aliases.setdefault(identities[i], {})[alias] = subject
    for identity, subjects in ranked.items():
        known.by_identity[identity] = list(dict.fromkeys(subject for _, subject in sorted(subjects)))
    return known


def _doubted(
    parted: dict[str, list[str]],
    known: _Known,
    subject_of_name: Callable[[str], set[int]],
    registry: Registry,
    *,
    renames: bool,
) -> dict[str, tuple[str, ...]]:
    """Identities whose names speak against their code -> the other names of the batch under that code.

    Where the code is known under one of the names, that one is not doubted, nor is one whose name leads to a subject
    with the code. ``renames``: the batch comes from the register. A subject to which it gave the code before, and gives
    one otherwise unknown name now, was renamed. Where the code was delivered only by other sources, those are doubted:
    their row may have been there first and be wrong.
    """
    found: dict[str, tuple[str, ...]] = {}
    several = {identity for identities in parted.values() for identity in identities}
    told = {alias for aliases in known.unlike_aliases.values() for alias in aliases} if renames else set()
    registered = registry.registered(told) if told else set()
    for identity, subjects in known.unlike.items():
        named = subject_of_name(identity)
        if known.by_identity.get(identity) or named & set(subjects):
            continue
        if renames and identity not in several and registered.isdisjoint(known.unlike_aliases[identity]):
            for subject, verdict in subjects.items():
                if verdict.reasons[0] is NAMES_UNLIKE:
                    subjects[subject] = verdict._replace(reasons=(REGISTERED,))
        elif renames and len(subjects) == 1 and not named and identity not in several:
            known.by_identity[identity] = list(subjects)
        else:
            found[identity] = ()
    for identities in parted.values():
        for identity in identities:
            if not known.by_identity.get(identity):
                found[identity] = tuple(other for other in identities if other != identity)
    return found


def _group(prints: Sequence[Print], registry: Registry, *, renames: bool) -> tuple[_Groups, _Known]:
    """The batch in groups by certain links, and what is known of them."""
    count = len(prints)
    by_text: dict[str, int] = {}
    repeated: dict[str, list[int]] = {}
    for i, p in enumerate(prints):
        for text in p.names:
            first = by_text.setdefault(text, i)
            if first != i:
                repeated.setdefault(text, [first]).append(i)
    identities = _identities(prints)
    parted = _by_names(prints, identities)
    known = _find_known(prints, identities, by_text, registry)
    doubted = _doubted(
        parted, known, lambda identity: _named(prints, identities, identity, known), registry, renames=renames
    )
    subjects = sorted({s for found in (*known.by_name.values(), *known.by_identity.values()) for s in found})
    node = {subject: count + n for n, subject in enumerate(subjects)}
    sets = _Sets(count + len(subjects))

    leader: dict[str, int] = {}
    for i, identity in enumerate(identities):
        if identity:
            sets.join(leader.setdefault(identity, i), i)
    nameless = {identity for i, identity in enumerate(identities) if identity and not prints[i].name.core}
    for identity, bearers in known.by_identity.items():
        # An old organisation code that two subjects bear settles nothing; nor does any code without a name to tell them
        # apart.
        if len(bearers) == 1 or (identity[0] != "o" and identity not in nameless):
            sets.join(leader[identity], node[bearers[0]])

    shared: list[set[int]] = []
    for text in dict.fromkeys((*repeated, *known.by_name)):
        members = repeated.get(text) or [by_text[text]]
        if doubted:
            # Whose code is doubted is linked by nothing: its name may be as wrong as its code.
            members = [i for i in members if identities[i] not in doubted]
            if not members:
                continue
        fitting = known.by_name.get(text, ())
        if len(fitting) <= 1 and all(not identities[i] and len(prints[i].names) == 1 for i in members):
            # Nothing stands against it: these say nothing but this name, and at most one subject bears it.
            for at in (*members[1:], *(node[subject] for subject in fitting)):
                sets.join(members[0], at)
            continue
        nodes = {sets.find(i) for i in members} | {sets.find(node[s]) for s in fitting}
        if len(nodes) > 1:
            shared.append(nodes)
    still_open = _join_by_name(sets, shared, leader, node, registry) if shared else set()
    root = [sets.find(i) for i in range(count)]
    return _Groups(root, {sets.find(n): s for s, n in node.items()}, identities, still_open, doubted), known


def _named(prints: Sequence[Print], identities: Sequence[str], identity: str, known: _Known) -> set[int]:
    """The subjects to which the names lead of those who bear an identity."""
    return {
        subject
        for i, p in enumerate(prints)
        if identities[i] == identity
        for text in p.names
        for subject in known.by_name.get(text, ())
    }


def _join_by_name(
    sets: _Sets, shared: Sequence[set[int]], leader: dict[str, int], node: dict[int, int], registry: Registry
) -> set[int]:
    """Join what a name holds together, unless codes or known subjects stand against it. Returns mentions left open.

    ``shared``: sets of groups that share a name. Anchors are groups with a code or a known subject; a web of names with
    anchors that exclude each other falls apart into the mentions that fit exactly one of them, and the rest.
    """
    webs = _Sets(len(sets.above))
    for nodes in shared:
        first = min(nodes)
        for other in nodes:
            webs.join(first, other)
    members: dict[int, set[int]] = {}
    for nodes in shared:
        members.setdefault(webs.find(min(nodes)), set()).update(nodes)
    subject_at = {sets.find(n): s for s, n in node.items()}
    says: dict[int, set[str]] = {}
    for identity, i in leader.items():
        says.setdefault(sets.find(i), set()).add(_code_of(identity))
    anchors = {web: [n for n in nodes if n in says or n in subject_at] for web, nodes in members.items()}
    asked = {subject_at[n] for found in anchors.values() if len(found) > 1 for n in found if n in subject_at}
    at_subject = {s: n for n, s in subject_at.items()}
    for subject, codes in (registry.codes(asked) if asked else {}).items():
        for kind, code in codes:
            identity = describe(Mention("enterprise", "", code, kind)).identity
            says.setdefault(at_subject[subject], set()).add(identity)

    torn: list[int] = []
    for web, nodes in members.items():
        held = anchors[web]
        if sum(n in subject_at for n in held) <= 1 and _agree(says, held):
            for n in nodes:
                sets.join(web, n)
        else:
            torn.append(web)
    if not torn:
        return set()
    apart = set(torn)
    return _fall_apart(sets, [nodes for nodes in shared if webs.find(min(nodes)) in apart], says, subject_at)


def _agree(says: dict[int, set[str]], anchors: Sequence[int]) -> bool:
    """Whether no code of one anchor contradicts a code of another."""
    for at, one in enumerate(anchors):
        for other in anchors[:at]:
            if any(_contradict(x, y) for x in says.get(one, ()) for y in says.get(other, ())):
                return False
    return True


def _fall_apart(
    sets: _Sets, shared: Sequence[set[int]], says: dict[int, set[str]], subject_at: dict[int, int]
) -> set[int]:
    """Within a web whose anchors exclude each other: join only what fits exactly one. Returns mentions left open."""
    beside: dict[int, set[int]] = {}
    for nodes in shared:
        for n in nodes:
            beside.setdefault(n, set()).update(nodes)
    left: set[int] = set()
    joins: list[tuple[int, int]] = []
    still_open: set[int] = set()
    for n, near in beside.items():
        if n in subject_at:
            continue
        if n in says:
            fitting = [k for k in near if k in subject_at and _agree(says, (n, k))]
            if len(fitting) == 1:
                rivals = [
                    g for g in beside[fitting[0]] if g in says and g not in subject_at and _agree(says, (g, fitting[0]))
                ]
                if rivals == [n]:
                    joins.append((n, fitting[0]))
            continue
        fitting = [k for k in near if k in subject_at or k in says]
        if len(fitting) == 1:
            joins.append((n, fitting[0]))
        else:
            left.add(n)
            if fitting:
                still_open.add(n)
    for nodes in shared:
        rest = sorted(nodes & left)
        joins += [(rest[0], other) for other in rest[1:]]
    for one, other in joins:
        sets.join(one, other)
    return still_open


def _worth_reading(core: str, name: str) -> bool:
    """Whether a name has more than half of the characters of a core in their order: else no slip makes them one.

    Where there is no core (people have none) whatever was found is compared.
    """
    half = len(core) // 2 + 1
    return not core or LCSseq.similarity(core, name.upper(), score_cutoff=half) >= half


def _resemblances(
    prints: Sequence[Print],
    groups: _Groups,
    known: _Known,
    ordinal: dict[int, int],
    registry: Registry,
    keys_of: dict[int, tuple[int, ...]],
    unasked: Callable[[int], None] | None,
) -> dict[int, tuple[Likely, ...]]:
    """The candidates that each new group resembles, best first; the likely keys of each new mention are put into
    ``keys_of``.
    """
    first_in: dict[str, int] = {}
    blocks: dict[str, list[int]] = {}
    keys: dict[int, str] = {}
    for i, p in enumerate(prints):
        if groups.root[i] in ordinal:
            texts = likely_texts(p)
            own = keys_of[i] = tuple(map(key_of, texts))
            for text, key in zip(texts, own, strict=True):
                first = first_in.setdefault(text, i)
                if first == i:
                    keys[key] = text
                else:
                    blocks.setdefault(text, [first]).append(i)
    best: dict[int, dict[tuple[int | None, int | None], Verdict]] = {}

    def note(root: int, subject: int | None, other: int | None, verdict: Verdict) -> None:
        mine = best.setdefault(root, {})
        old = mine.get((subject, other))
        if old is None or (verdict.score, verdict.reasons) > (old.score, old.reasons):
            mine[subject, other] = verdict

    seen: set[tuple[int, int]] = set()
    for members in blocks.values():
        if len(members) > BLOCK_LIMIT:
            continue
        for at, i in enumerate(members):
            for j in members[:at]:
                one, other = groups.root[i], groups.root[j]
                if one == other or (j, i) in seen:
                    continue
                seen.add((j, i))
                verdict = _likeness(prints[i], prints[j])
                if verdict.kind == "likely" and verdict.reasons[0] is not NAMES_UNLIKE:
                    note(one, None, ordinal[other], verdict)
                    note(other, None, ordinal[one], verdict)
    described: dict[int, Print] = {}
    met: set[tuple[int, int]] = set()
    for key, candidates in registry.lookup(list(keys), at_most=BLOCK_LIMIT).items():
        text = keys[key]
        members = blocks.get(text) or [first_in[text]]
        if len(candidates) > BLOCK_LIMIT or len(members) > BLOCK_LIMIT:
            continue
        for alias, subject, mention in candidates:
            for i in members:
                if (i, alias) in met:
                    continue
                met.add((i, alias))
                q = described.get(alias)
                if q is None:
                    # Most of a block is unlike: one look at the letters is much quicker than reading the name.
                    if (
                        text[:2] != "s|"
                        and not prints[i].others
                        and not _worth_reading(prints[i].name.core, fold(mention.name))
                    ):
                        # Under a key of sounds it may yet be: 澄岚, 橙兰.
                        met.discard((i, alias))
                        continue
                    q = described[alias] = glance(mention)
                verdict = _likeness(prints[i], q)
                if verdict.kind == "likely":
                    note(groups.root[i], subject, None, verdict)
    _add_by_code(prints, groups, known, ordinal, note)
    left_out = _keep_reviewable(best, ordinal)
    if left_out and unasked is not None:
        unasked(left_out)
    return {
        root: tuple(
            Likely(subject, other, verdict.score, verdict.reasons)
            for (subject, other), verdict in sorted(
                mine.items(), key=lambda item: (-item[1].score, item[0][0] is None, item[0][0] or 0, item[0][1] or 0)
            )[:SHOWN]
        )
        for root, mine in best.items()
    }


def _keep_reviewable(best: dict[int, dict[tuple[int | None, int | None], Verdict]], ordinal: Mapping[int, int]) -> int:
    """Leave out, in place, the weakest resemblances of names alone where there are more than anybody would look
    through.

    In a city every short trade name has others a slip away by chance, so many new names bring many such pairs and
    hardly a slip among them. At most one pair for fifty new enterprises stays (or ten), the likeliest; pairs with a
    code, an address, a former name or one and the same name in them always do. Returns how many were left out.
    """
    root_of = {number: root for root, number in ordinal.items()}
    # A pair within the batch is noted from both sides.
    by_chance: dict[tuple[int, int, bool], list[tuple[int, tuple[int | None, int | None]]]] = {}
    score: dict[tuple[int, int, bool], float] = {}
    certain = set()
    for root, mine in best.items():
        for (subject, other), verdict in mine.items():
            if other is None:
                pair = (root, subject or 0, False)
            else:
                pair = (min(root, root_of[other]), max(root, root_of[other]), True)
            if verdict.reasons[0].code in _BY_CHANCE and SAME_ADDRESS not in verdict.reasons:
                by_chance.setdefault(pair, []).append((root, (subject, other)))
                score[pair] = verdict.score
            else:
                certain.add(pair)
    room = max(_ALWAYS_SHOWN, len(ordinal) // _NEW_PER_PAIR - len(certain))
    weakest = sorted(by_chance, key=lambda pair: (-score[pair], pair))[room:]
    for pair in weakest:
        for root, which in by_chance[pair]:
            del best[root][which]
    return len(weakest)


def _add_by_code(
    prints: Sequence[Print],
    groups: _Groups,
    known: _Known,
    ordinal: dict[int, int],
    note: Callable[[int, int | None, int | None, Verdict], None],
) -> None:
    """Resemblances by code that are not certain: a branch under its parent's code, a code over unlike names, an old
    code that two bear.
    """
    at: dict[str, set[int]] = {}
    asked: set[str] = set()
    for i, identity in enumerate(groups.identities):
        root = groups.root[i]
        if not identity or root not in ordinal:
            continue
        at.setdefault(identity.partition(_NAMED)[0], set()).add(root)
        if identity in asked:
            continue
        asked.add(identity)
        for subject, verdict in known.unlike.get(identity, {}).items():
            note(root, subject, None, verdict)
        for subject in known.branch_code.get(identity, ()):
            note(root, subject, None, Verdict("likely", 0.5, (BRANCH_CODE,)))
        for subject in known.by_identity.get(identity, ()):
            note(root, subject, None, Verdict("likely", 0.9, (TWICE,)))
    for identity, roots in at.items():
        if len(roots) > 1:
            # Each beside the first: of a code over twenty names not every two need be asked about.
            first, *rest = sorted(roots)
            for other in rest:
                verdict = _unlike(prints[first], prints[other])
                if verdict.reasons[0] is NAMES_UNLIKE and not known.by_identity.keys() & {
                    groups.identities[first],
                    groups.identities[other],
                }:
                    verdict = Verdict("likely", 0.9, (SHARED,))
                note(first, None, ordinal[other], verdict)
                note(other, None, ordinal[first], verdict)
        for one in roots:
            for other in at.get(identity + _BRANCH, ()):
                note(one, None, ordinal[other], Verdict("likely", 0.5, (BRANCH_CODE,)))
                note(other, None, ordinal[one], Verdict("likely", 0.5, (BRANCH_CODE,)))


def _why(p: Print, identity: str, subject: int, known: _Known) -> Reason:
    """Why a mention links to a known subject."""
    if identity and subject in known.by_identity.get(identity, ()):
        return _by_code(p.identity)
    for text in p.names:
        if subject in known.by_name.get(text, ()):
            return SAME_ADDRESS if text[0] == "a" else SAME_NAME
    return SAME_CODE if identity else SAME_NAME


def _told_as(p: Print, subject: int | None, known: _Known) -> tuple[Likely, ...]:
    """Other known subjects whose name this one tells as its former or present one: two files, which only a person makes
    one.
    """
    others = sorted({s for text in p.names for s in known.by_name.get(text, ()) if s != subject})
    return tuple(Likely(other, None, 0.95, (FORMER_TOLD,)) for other in others)


def _beside(unlike: Mapping[int, Verdict], subject: int) -> tuple[Likely, ...]:
    """The earlier mentions, not from the register, that carry the code of this subject."""
    return tuple(
        Likely(other, None, verdict.score, verdict.reasons)
        for other, verdict in sorted(unlike.items())
        if other != subject and verdict.reasons[0] is REGISTERED
    )


def _parent(name: ReadName) -> str:
    """The name of the parent as the name of its branch tells it."""
    return name.whole[: len(name.whole) - len(name.branch)] if name.branch else ""


def resolve(
    batch: Sequence[Mention],
    registry: Registry,
    *,
    likely: bool = True,
    other_names: Mapping[Mention, Collection[str]] | None = None,
    unasked: Callable[[int], None] | None = None,
    renames: bool = False,
) -> list[Resolution]:
    """Resolve each mention of a batch to a known or a new subject.

    Args:
        batch: distinct mentions (equal ones are answered alike).
        registry: the aliases known by now.
        likely: False leaves out the search for resemblances.
        other_names: former and present names that were delivered with a mention.
        unasked: called with the number of weak resemblances that were left out.
        renames: the batch comes from the register, which gives a code another name where an enterprise was renamed.

    Returns:
        A resolution for each mention, in the order of the batch. New subjects are numbered from 0 by their first
        mention.
    """
    told = other_names or {}
    prints = [describe(m, told.get(m, ())) for m in batch]
    groups, known = _group(prints, registry, renames=renames)
    subject_of = groups.subject
    ordinal: dict[int, int] = {}
    for root in groups.root:
        if root not in subject_of and root not in ordinal:
            ordinal[root] = len(ordinal)
    keys_of: dict[int, tuple[int, ...]] = {}
    alike = _resemblances(prints, groups, known, ordinal, registry, keys_of, unasked) if likely and ordinal else {}
    resolutions: list[Resolution] = []
    for i, root in enumerate(groups.root):
        p = prints[i]
        certain = map(key_of, (*p.codes, *p.names))
        keys = list(dict.fromkeys((*certain, *(keys_of.get(i) or map(key_of, likely_texts(p))))))
        parent = _parent(p.name) if p.name.branch else ""
        subject = subject_of.get(root)
        told_as = _told_as(p, subject, known) if p.others else ()
        if subject is not None and (unlike := known.unlike.get(groups.identities[i])):
            # Who is known by name, and whose code the register tells just now, stands beside those who told the code
            # before.
            told_as = (*told_as, *_beside(unlike, subject))
        vague = not p.codes and not p.names
        if subject is not None:
            why = _why(p, groups.identities[i], subject, known)
            resolutions.append(Resolution("certain", subject, None, told_as, why, parent, keys, None, vague))
            continue
        doubt = None
        if groups.identities[i] in groups.doubted:
            doubt = NAMES_UNLIKE
        why = doubt or (TOLD_APART if i in groups.open else NEW)
        found = (*told_as, *alike.get(root, ()))
        resolutions.append(Resolution("new", None, ordinal[root], found, why, parent, keys, doubt, vague))
    return resolutions
