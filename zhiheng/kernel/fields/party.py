"""Parties: who is named in a cell, and in which role.

One cell may name several ('受委托生产商：A；委托商：B'); each goes to its own role. A name keeps its delivered spelling (identity
compares spellings, this module does not); only layout is mended: spaces and line breaks inside a name, punctuation
behind it. Text is cut into several names only at a label, or where every piece is a full name by itself; otherwise it
is one name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

from zhiheng.kernel.fields.base import NO_PARTS, FieldType, Value
from zhiheng.kernel.fields.code import OrganisationCode, Phone, ResidentId
from zhiheng.kernel.fields.text import HAN, narrow, parts_of, says_nothing, visible
from zhiheng.kernel.reasons import Refusal

ROLES = (
    "producer", "consignor", "consignee", "seller", "distributor", "importer", "owner", "user_unit", "maintainer",
    "manufacturer", "installer", "laboratory", "holder", "applicant", "subject", "operator", "contractor", "developer",
    "supervisor_unit", "designer", "complainee", "complainant", "certifier", "supplier", "buyer",
)  # fmt: skip

# What may follow the doing word in a label: 生产者, 生产商, 生产企业名称 ...
_WHO = "(?:企业|单位|公司|厂家|厂商|厂|者|商|方|人|户|机构|组织|主体|基地)?"
# Tried in this order; 受委托生产商 must be seen before 委托商, and that before 生产商.
_ROLE_WORDS: tuple[tuple[str, str], ...] = (
    ("producer", f"(?:受|被|接受)委托(?:生产|加工|制造|生产加工)?{_WHO}|代加工{_WHO}|代工{_WHO}"),
    ("consignor", f"委托(?:生产|加工|制造|生产加工)?{_WHO}|(?:联合)?出品{_WHO}"),
    (
        "seller",
        f"被抽样{_WHO}|被抽检{_WHO}|受检{_WHO}|被检{_WHO}|抽样{_WHO}|销售(?:者|方|单位|企业)|卖方|经营(?:单位|企业)",
    ),
    ("supplier", f"供应{_WHO}"),
    (
        "distributor",
        f"(?:全国|国内|中国|中国大陆|大陆|区域)?(?:总经销|经销|分销|独家经销|总代理|代理|经营代理|总销售|发行|销售){_WHO}|供货{_WHO}",
    ),
    ("importer", f"进口(?:代理)?{_WHO}"),
    ("holder", "(?:药品|医疗器械)?(?:上市许可)?持有(?:人|单位|企业)|持证(?:人|单位|企业)|(?:商标)?注册人|备案人"),
    ("installer", f"安装{_WHO}"),
    ("maintainer", f"维保{_WHO}|维护保养{_WHO}|维修{_WHO}"),
    ("user_unit", "使用(?:单位|者|方|人|管理单位)"),
    ("laboratory", f"(?:承检|检验|检测|检验检测|检定|检查|鉴定){_WHO}"),
    ("certifier", f"(?:发证|认证|颁证){_WHO}"),
    ("applicant", f"申请{_WHO}|申报{_WHO}"),
    ("contractor", "施工(?:总承包)?(?:单位|企业|方)|(?:总)?承包(?:单位|商|方)|承建(?:单位|商|方)"),
    ("developer", "建设(?:单位|方)|开发(?:商|企业|单位|公司)"),
    ("supervisor_unit", "监理(?:单位|企业|公司|方)"),
    ("designer", "(?:勘察)?设计(?:单位|企业|公司|方)"),
    ("complainee", f"被投诉{_WHO}|被举报{_WHO}|被诉{_WHO}|被申请人"),
    ("complainant", "投诉(?:人|者|方|单位)|举报(?:人|者)|消费者"),
    ("consignee", "收货(?:人|方|单位|企业)"),
    ("buyer", "(?:采购|购货|购买|买受|需求|进货)(?:人|方|单位|者|商|企业)|买方|需方"),
    ("owner", "(?:产权|所有权|所有)(?:人|单位|者|方)|业主(?:单位)?"),
    ("operator", "经营(?:者|人|户|方)|运营(?:单位|商|方|企业)|管理单位"),
    ("manufacturer", "设备制造(?:单位|厂家?|商|企业)|制造单位"),
    (
        "producer",
        f"(?:实际)?(?:生产|制造|加工|生产加工|加工生产|生产制造|制作|分装|灌装|包装|养殖|种植|屠宰|捕捞|饲养|出产){_WHO}|厂家|厂商|厂名",
    ),
    ("", f"(?:当事{_WHO}|企业|单位|机构|厂商|商户|店铺|经营主体|市场主体|主体|被处罚{_WHO}|相对{_WHO}|被检查{_WHO})"),
)
_MARKED = "(?P<marked>标称|标示|标识|标注)?的?"
_LABEL_SHAPE = re.compile(
    rf"{_MARKED}(?:{'|'.join(f'(?P<r{i}>{words})' for i, (_, words) in enumerate(_ROLE_WORDS))})?(?:的?名称|名)?"
)
_LABEL_ENDS = re.compile(
    r"(?:(?<=^)|(?<=[;；,，。\n、|/（(\s]))(?P<label>[\u4e00-\u9fffA-Za-z、/及和与（）() ]{1,24}?)\s*[:：]"
)
_ATTRIBUTES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("address", re.compile(f"(?:[\u4e00-\u9fff]{{0,6}})?(?:地址|住所|住址|地点|经营场所|产地)|{_WHO}所在地")),
    ("phone", re.compile("(?:联系|客服|服务|咨询)?(?:电话|手机|热线|方式)(?:号码)?")),
    ("code", re.compile("(?:统一)?社会信用代码(?:证号)?|信用代码|组织机构代码|(?:营业执照)?注册号|税号|营业执照号")),
    ("legal_person", re.compile("(?:法定代表人|法人代表|法人|负责人|经营者姓名)(?:姓名)?")),
    ("former_names", re.compile("曾用名称?|原名称?|更名前(?:名称)?")),
)
# Endings by which a piece is a full name, not the middle of one.
_FULL = re.compile(
    r".{2,}(?:公司|厂|店|社|部|行|场|中心|铺|超市|商场|酒店|饭店|餐厅|食堂|学校|幼儿园|医院|研究所|研究院|集团|坊|庄|园|馆|城|站|户|"
    r"个体|合伙\)|独资\)|合伙）|独资）|工商户|商行|经营部|门市|批发部|摊位|档口|(?i:co\.?,? ?ltd\.?|inc\.?|gmbh|llc|s\.a\.?))[)）]?"
)
_LEGAL_FORM = re.compile(
    r".{4,}(?:有限公司|有限责任公司|股份公司|集团公司|合作社|(?<!分)厂|联合社)(?:[(（](?:普通合伙|个人独资|有限合伙)[)）])?"
)
_BROKEN_START = re.compile("有限|股份|责任|公司|分公司|集团|限公司|任公司|份有|司|店|部$|厂$")
_SUFFIX = re.compile(r"\s*[(（【\[]\s*(?P<word>[\u4e00-\u9fff]{2,12})\s*[)）】\]]\s*$")
_PREFIX = re.compile(r"^\s*[(（【\[]\s*(?P<word>[\u4e00-\u9fff]{2,12})\s*[)）】\]]\s*(?=\S)")
_TRAILING_WORD = re.compile(
    r"^(?P<name>.{2,}(?:公司|厂|店|合作社|中心|经营部))(?P<word>制造|生产|出品|总经销|经销|分装|监制|监造|荣誉出品|委托生产|受委托生产)$"
)
_FORMER = re.compile(r"\s*[(（]\s*(?:原名称?|曾用名称?|原)[:：]?\s*(?P<name>[^()（）]{2,40})[)）]\s*$")
_NOT_FORMER = re.compile("生态|味|产|料|创|装|野|浆|木|始|地|址|价|件|色|汁|酿")
_BRACKET_ATTRIBUTE = re.compile(
    r"\s*[(（]\s*(?P<label>[\u4e00-\u9fff]{2,12})\s*[:：]\s*(?P<said>[^()（）]*(?:[(（][^()（）]*[)）][^()（）]*)*)[)）]\s*$"
)
_BRACKET_CODE = re.compile(r"\s*[(（]\s*(?P<said>[0-9A-Za-z]{18})\s*[)）]\s*$")
# The address of an online shop is no address of its keeper.
_LINK = re.compile(r"https?:|www\.", re.IGNORECASE)
_NAME_SEPARATOR = re.compile(r"[;；、,，/\n]+")
_SPACE_IN_NAME = re.compile(f"(?<=[{HAN}])\\s+|\\s+(?=[{HAN}])")
_TRAILING = " \t\n;；,，、。:：|/／-—–·"
_SPACES = re.compile(r"\s+")
_SIMPLE = re.compile("[\u4e00-\u9fffA-Za-z0-9]{2,60} *")


def _one_space(found: re.Match[str]) -> str:
    """A run of spaces as one; as a line break where it holds one."""
    return "\n" if "\n" in found[0] else " "


def _name(text: str) -> str:
    """A name without layout: no spaces or line breaks beside Chinese characters, no punctuation around."""
    said = re.sub(r"\s+", " ", _SPACE_IN_NAME.sub("", text)).strip().strip(_TRAILING)
    if text.rstrip().endswith(".") and said and said[-1].isascii():
        return said
    return said


def _role_of(label: str) -> tuple[str, bool] | None:
    """(role, whether only the product says so) of a label; role '' leaves it to the cell; None: no such label."""
    found = _LABEL_SHAPE.fullmatch(label)
    if found is None or not label:
        return None
    role = next((role for i, (role, _) in enumerate(_ROLE_WORDS) if found[f"r{i}"]), None)
    if role is None:
        return ("producer", True) if found["marked"] else (("", False) if label == "名称" else None)
    return role, bool(found["marked"])


def _attribute_of(label: str) -> str | None:
    return next((name for name, words in _ATTRIBUTES if words.fullmatch(label)), None)


@dataclass(frozen=True)
class Party(FieldType):
    """{"parties": [{"role", "name", ...}], "notes": [...]}.

    ``role`` is that of a name without a label; ``roles_by_label`` gives labels of a source their role, before the
    usual ones; ``divisions`` gives names of areas their codes (the loader fills it from the book). A party may have code and code_kind, address, place, phone, legal_person, former_names, and mark:
    labelled (the product's label says so, 标称 or 标示). What stands in the cell and is neither name nor known attribute
    is kept under ``notes``. The parts belong to the party of the cell's own role, or else to the first.
    """

    name = "party"
    parts = ("code", "address", "place", "phone", "former_names", "legal_person")
    columns: ClassVar[Mapping[str, str]] = {}

    longest: int = field(default=1_000, kw_only=True)
    role: str = "subject"
    roles_by_label: Mapping[str, str] = field(default_factory=dict)
    divisions: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__post_init__()
        if unknown := sorted({self.role, *self.roles_by_label.values()} - {*ROLES}):
            raise ValueError(f"party: no such role: {', '.join(unknown)}; one of {', '.join(ROLES)}")

    @cached_property
    def _own_labels(self) -> dict[str, str]:
        return {_name(label): role for label, role in self.roles_by_label.items()}

    def _clean(self, text: str, parts: Mapping[str, str] = NO_PARTS) -> Value | Refusal | None:
        if _SIMPLE.fullmatch(text) and not _TRAILING_WORD.match(text.rstrip()):
            name = text.rstrip()
            value: dict[str, Any] = {
                "parties": [] if says_nothing(name) else [{"role": self.role, "name": name}],
                "notes": [],
            }
        else:
            value = self._read(_SPACES.sub(_one_space, visible(text)).strip())
        if parts and (refusal := self._add_parts(value, parts)) is not None:
            return refusal
        return value if value["parties"] or value["notes"] else None

    def _roles(self, label: str) -> list[tuple[str, bool]] | None:
        """The roles a label gives; two for '生产商/经销商'; None where it is no label of a role."""
        label = re.sub(r"[\s()（）]", "", label)
        if (own := self._own_labels.get(label)) is not None:
            return [(own, False)]
        if (known := _role_of(label)) is not None:
            return [(self._cell_role(known[0], label), known[1])]
        pieces = [piece for piece in re.split("[、/及和与]", label) if piece]
        roles = [self._own_labels.get(piece) or _role_of(piece) for piece in pieces]
        if len(pieces) < 2 or any(each is None for each in roles):
            return None
        return [
            (each, False) if isinstance(each, str) else (self._cell_role(each[0], piece), each[1])
            for each, piece in zip(roles, pieces, strict=True)
            if each is not None
        ]

    def _cell_role(self, role: str, label: str) -> str:
        """Whoever makes equipment is its manufacturer where the cell is about manufacturers."""
        if not role or (role == "producer" and self.role == "manufacturer" and re.search("制造|生产|厂", label)):
            return self.role
        return "producer" if role == "manufacturer" and self.role == "producer" else role

    def _segments(self, text: str) -> Iterator[tuple[str, str]]:
        """(label, what follows it) through the cell; the label is '' where there is none or it is not known as one."""
        start, label = 0, ""
        for found in _LABEL_ENDS.finditer(text):
            said = _name(found["label"]).lstrip("(（")
            if text[found.start() - 1 : found.start()] in ("(", "（") and not self._at_start(text, found.start()):
                continue  # An attribute in brackets behind a name; it is read together with the name.
            known = self._roles(said) is not None or _attribute_of(said) is not None
            outside = found.start() == 0 or text[found.start() - 1] in ";；\n"
            if not known and not (outside and found.start() > 0):
                continue
            if label or text[start : found.start()].strip(_TRAILING):
                yield label, text[start : found.start()]
            start, label = found.end(), said
        yield label, text[start:]

    @staticmethod
    def _at_start(text: str, place: int) -> bool:
        return not text[: place - 1].strip(_TRAILING)

    def _read(self, text: str) -> dict[str, Any]:
        parties: list[dict[str, Any]] = []
        notes: list[str] = []
        for label, said in self._segments(text):
            if (roles := self._roles(label) if label else [(self.role, False)]) is not None:
                own = bool(label) and label in ("公司名称", "名称") and bool(parties)
                if own:
                    self._note(notes, label, said)
                    continue
                for name in self._names(said):
                    self._add(parties, notes, roles, name)
            elif (attribute := _attribute_of(label)) is not None and parties:
                self._attribute(parties[-1], notes, attribute, label, said)
            else:
                self._note(notes, label, said)
        return {"parties": parties, "notes": notes}

    @staticmethod
    def _note(notes: list[str], label: str, said: str) -> None:
        if not says_nothing(kept := _name(said)):
            notes.append(f"{label}：{kept}" if label else kept)

    def _names(self, said: str) -> list[str]:
        """The names in a piece of text without labels: cut only where every part is a full name by itself."""
        said = said.strip().strip(_TRAILING)
        lines = [line for line in said.split() if line.strip(_TRAILING)]
        if len(lines) > 1 and all(
            _LEGAL_FORM.fullmatch(_name(line)) and not _BROKEN_START.match(line) for line in lines
        ):
            return [name for line in lines for name in self._names(line)]
        pieces = [piece for piece in (_name(piece) for piece in _split_outside_brackets(said)) if piece]
        if len(pieces) > 1 and all(
            _FULL.fullmatch(_bare(piece)) and not _BROKEN_START.match(piece) for piece in pieces
        ):
            return pieces
        return [said]

    def _add(self, parties: list[dict[str, Any]], notes: list[str], roles: list[tuple[str, bool]], text: str) -> None:
        party: dict[str, Any] = {}
        said = _SPACE_IN_NAME.sub("", text).strip()
        said, kept = self._take_brackets(said, party, notes, roles)
        roles = kept
        if (found := _TRAILING_WORD.match(_name(said))) is not None:
            word = found["word"].removeprefix("荣誉")
            if word in ("监制", "监造"):
                # Whoever lends a name to supervise production has no role of its own in the ledger.
                self._note(notes, word, found["name"])
                return
            known = self._roles(word)
            said, roles = (found["name"], known) if known else (said, roles)
        name = _name(said)
        if says_nothing(name):
            return
        for role, labelled in roles:
            entry = {"role": role, "name": name, **party}
            if labelled:
                entry["mark"] = "labelled"
            if entry not in parties:
                parties.append(entry)

    def _take_brackets(
        self, said: str, party: dict[str, Any], notes: list[str], roles: list[tuple[str, bool]]
    ) -> tuple[str, list[tuple[str, bool]]]:
        """A name without the brackets behind it (role, address, code, former name), which go to the party."""
        if (
            (found := _PREFIX.match(said))
            and (known := self._roles(found["word"]))
            and found["word"] not in ("企业", "单位")
        ):
            said, roles = said[found.end() :], known
        while True:
            if (found := _BRACKET_ATTRIBUTE.search(said)) and (attribute := _attribute_of(found["label"])):
                self._attribute(party, notes, attribute, found["label"], found["said"])
            elif (found := _BRACKET_CODE.search(said)) and isinstance(
                read := OrganisationCode().clean(found["said"]), dict
            ):
                party |= {"code": read["code"], "code_kind": read["kind"]}
            elif (found := _FORMER.search(said)) and not (
                _NOT_FORMER.match(found["name"]) or (len(found["name"]) < 4 and not _FULL.fullmatch(found["name"]))
            ):
                party["former_names"] = [_name(found["name"])]
            elif (found := _SUFFIX.search(said)) and self._is_role_suffix(found["word"]):
                roles = self._roles(found["word"]) or roles
            else:
                return said, roles
            said = said[: found.start()]
            if not said.strip(_TRAILING):
                return said, roles

    def _is_role_suffix(self, word: str) -> bool:
        """（供货商） behind a name is a role; （个体） or （生产） may belong to the name, so the word must say who."""
        if word in self._own_labels:
            return True
        return self._roles(word) is not None and re.search("(?:者|商|方|单位|企业|厂家|人)$", word) is not None and word not in (
            "企业", "单位", "个人",
        )  # fmt: skip

    def _attribute(self, party: dict[str, Any], notes: list[str], attribute: str, label: str, said: str) -> None:
        value = _name(said)
        if says_nothing(value):
            return
        if attribute in party:
            # A second address or code belongs to nobody for certain.
            notes.append(f"{label}：{value}")
            return
        if attribute == "code":
            read = OrganisationCode().clean(value)
            if isinstance(read, dict):
                party |= {"code": read["code"], "code_kind": read["kind"]}
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
        notes.append(f"{label}：{value}")

    def _add_parts(self, value: dict[str, Any], parts: Mapping[str, str]) -> Refusal | None:
        said = {part: parts_of(parts, part) for part in self.parts if parts.get(part)}
        if not any(said.values()):
            return None
        found: dict[str, Any] = {}
        if code := said.get("code"):
            read = OrganisationCode().clean(code)
            if isinstance(read, Refusal):
                resident = ResidentId().clean(code)
                if not isinstance(resident, str):
                    return read.at(field="code", text=parts["code"])
                read = {"code": resident, "kind": "resident_id"}
            if read is not None:
                found |= {"code": read["code"], "code_kind": read["kind"]}
        if phone := said.get("phone"):
            read = Phone().clean(phone)
            if isinstance(read, str):
                found["phone"] = read
            else:
                value["notes"].append(f"电话：{phone}")
        found |= {part: said[part] for part in ("address", "place", "legal_person") if said.get(part)}
        if place := found.get("place"):
            # The area's code where the book knows the name; a place elsewhere keeps its delivered name.
            found["place"] = self.divisions.get(place, place)
        if former := said.get("former_names"):
            found["former_names"] = _several(former)
        if not found:
            return None
        own = [party for party in value["parties"] if party["role"] == self.role] or value["parties"]
        if own:
            own[0].update(found)
        elif "code" in found:
            # A code alone says who it is.
            value["parties"].append({"role": self.role, "name": "", **found})
        return None

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


def _bare(name: str) -> str:
    """A name without brackets or a word such as 制造 behind it, for the question whether it ends as names do."""
    name = re.sub(r"[(（][^()（）]*[)）]$", "", narrow(name)) or name
    return found["name"] if (found := _TRAILING_WORD.match(name)) else name


def _split_outside_brackets(text: str) -> list[str]:
    """The text cut at every separator that is not inside brackets."""
    pieces, depth, start = [], 0, 0
    for place, char in enumerate(text):
        if char in "(（[【":
            depth += 1
        elif char in ")）]】":
            depth = max(0, depth - 1)
        elif depth == 0 and _NAME_SEPARATOR.match(char) and char != "\n":
            pieces.append(text[start:place])
            start = place + 1
    pieces.append(text[start:])
    return pieces
