"""What codes are called where people read them: roles, qualities, outcomes, kinds of facts, audiences, remedies; and
from the book areas, units, industries, statuses, fields.

Pure and from the book alone; pages and papers name the same thing alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.cards import CARDS, CardField
from zhiheng.grammar.chapters.codes import INDUSTRIES
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.record_pages import Record
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.grammar.types import Label
from zhiheng.kernel.fields.base import FieldType

ROLES: Mapping[str, Label] = {
    role: Label(zh=zh, en=en)
    for role, zh, en in (
        ("subject", "当事主体", "subject"),
        ("holder", "持有人", "holder"),
        ("applicant", "申请人", "applicant"),
        ("producer", "生产者", "producer"),
        ("manufacturer", "制造单位", "manufacturer"),
        ("consignor", "委托方", "consignor"),
        ("consignee", "收货方", "consignee"),
        ("supplier", "供应商", "supplier"),
        ("buyer", "购买方", "buyer"),
        ("seller", "销售者", "seller"),
        ("distributor", "经销者", "distributor"),
        ("importer", "进口商", "importer"),
        ("owner", "所有者", "owner"),
        ("user_unit", "使用单位", "user unit"),
        ("maintainer", "维保单位", "maintainer"),
        ("installer", "安装单位", "installer"),
        ("laboratory", "检验机构", "laboratory"),
        ("certifier", "认证机构", "certifier"),
        ("operator", "运营单位", "operator"),
        ("contractor", "施工单位", "contractor"),
        ("developer", "建设单位", "developer"),
        ("supervisor_unit", "监理单位", "supervising unit"),
        ("designer", "设计单位", "designer"),
        ("complainant", "投诉人", "complainant"),
        ("complainee", "被投诉人", "complainee"),
        ("brand_owner", "品牌方", "brand owner"),
        ("recheck_laboratory", "复检机构", "recheck laboratory"),
        ("other", "其他当事方", "other party"),
        ("about", "所述对象", "what it is about"),
    )
}
QUALITIES: Mapping[str, Label] = {
    "product": Label(zh="产品质量", en="Product quality"),
    "project": Label(zh="工程质量", en="Project quality"),
    "service": Label(zh="服务质量", en="Service quality"),
    "environment": Label(zh="环境质量", en="Environmental quality"),
}
# The same where the word quality stands beside them anyway.
QUALITIES_SHORT: Mapping[str, Label] = {
    "product": Label(zh="产品", en="Product"),
    "project": Label(zh="工程", en="Project"),
    "service": Label(zh="服务", en="Service"),
    "environment": Label(zh="环境", en="Environment"),
}
OUTCOMES: Mapping[str, Label] = {
    "pass": Label(zh="合格", en="pass"),
    "fail": Label(zh="不合格", en="fail"),
    "neutral": Label(zh="不作判定", en="neutral"),
}

# How often something is handed in.
CADENCES: Mapping[str, Label] = {
    "daily": Label(zh="每日", en="daily"),
    "weekly": Label(zh="每周", en="weekly"),
    "monthly": Label(zh="每月", en="monthly"),
    "quarterly": Label(zh="每季度", en="quarterly"),
    "yearly": Label(zh="每年", en="yearly"),
    "as_needed": Label(zh="随时", en="as needed"),
}
# Who sees the facts of a record.
AUDIENCES: Mapping[str, Label] = {
    "public": Label(zh="公众", en="the public"),
    "departments": Label(zh="各部门", en="departments"),
    "sender": Label(zh="报送单位与质强办", en="the sender and the quality office"),
    "office": Label(zh="质强办", en="the quality office"),
}
SEVERITIES: Mapping[str, Label] = {
    "none": Label(zh="无", en="none"),
    "minor": Label(zh="轻微", en="minor"),
    "general": Label(zh="一般", en="general"),
    "serious": Label(zh="严重", en="serious"),
    "critical": Label(zh="特别严重", en="critical"),
}
# What a fact is, and what its unit did by saying it.
FACT_KINDS: Mapping[str, Label] = {
    "statement": Label(zh="记录", en="statement"),
    "correction": Label(zh="更正", en="correction"),
    "withdrawal": Label(zh="撤回", en="withdrawal"),
}
FACT_ACTS: Mapping[str, Label] = {
    "statement": Label(zh="报送", en="handed in"),
    "correction": Label(zh="更正", en="corrected"),
    "withdrawal": Label(zh="撤回", en="withdrawn"),
}
# What an office did about an objection that it upheld.
REMEDIES: Mapping[str, Label] = {
    "corrected": Label(zh="已更正事实", en="the fact was corrected"),
    "withdrawn": Label(zh="已撤回事实", en="the fact was withdrawn"),
    "taken_down": Label(zh="已撤下公示", en="it was taken down from publication"),
}

# What the parts of a value are called beside its field.
PARTS: Mapping[str, Label] = {
    "code": Label(zh="代码", en="code"),
    "address": Label(zh="地址", en="address"),
    "place": Label(zh="所在地", en="place"),
    "phone": Label(zh="电话", en="telephone"),
    "former_names": Label(zh="曾用名", en="former names"),
    "legal_person": Label(zh="法定代表人", en="legal representative"),
    "unit": Label(zh="计量单位", en="unit"),
    "limit": Label(zh="限值", en="limit"),
    "edition": Label(zh="分类版本", en="edition"),
}
# How a value is compared with what a condition names.
COMPARED: Mapping[str, Label] = {
    "equals": Label(zh="为", en="is"),
    "any_of": Label(zh="为", en="is"),
    "none_of": Label(zh="不为", en="is not"),
    "starts": Label(zh="开头为", en="starts with"),
    "at_least": Label(zh="不小于", en="at least"),
    "at_most": Label(zh="不大于", en="at most"),
    "more_than": Label(zh="大于", en="more than"),
    "less_than": Label(zh="小于", en="less than"),
}

# What is held against a subject: problems that are open, and failures by the months in which they lie
# (``TimelineFilters.fails`` of a file).
OPEN, LATELY, BEFORE = "open", "year", "before"
FAILS: Mapping[str, Label] = {
    OPEN: Label(zh="未办结的问题", en="open problems"),
    LATELY: Label(zh="近 12 个月不合格", en="fails of the last 12 months"),
    BEFORE: Label(zh="此前 12 个月不合格", en="fails of the 12 months before"),
}


def outcome_word(
    outcome: str | None, record: Record | None, types: Mapping[str, FieldType], value: Label | None = None
) -> Label | None:
    """What an outcome is called of a record: 合格, 罚款, 已报. Nothing where there is no outcome and no value.

    The book's word of the outcome comes first, then the value that it came from as people read it (``value``), then the
    only value that can stand for it. Only where all of these are silent the general word is used (``OUTCOMES``).
    """
    mapping = record.outcome if record is not None else None
    if mapping is not None and outcome is not None:
        if (said := next((words for name, words in mapping.words.items() if name == outcome), None)) is not None:
            return said
        values = mapping.values_of(outcome)
        if value is None and len(values) == 1 and (kind := types.get(mapping.field)) is not None:
            only: Any = {"true": True, "false": False}.get(values[0], values[0])
            return Label(zh=kind.show(only), en=kind.show(only, lang="en"))
    return value if value is not None else OUTCOMES.get(outcome or "")


def outcome_words(outcomes: Iterable[str], record: Record, types: Mapping[str, FieldType]) -> list[Label]:
    """What a record calls some outcomes: their words, or every value that stands for one, or the general word."""
    found: list[Label] = []
    for outcome in outcomes:
        mapping = record.outcome
        values = mapping.values_of(outcome) if mapping is not None and outcome not in mapping.words else ()
        kind = types.get(mapping.field) if mapping is not None else None
        said: list[Label | None] = [outcome_word(outcome, record, types)]
        if values and kind is not None:
            plain: list[Any] = [{"true": True, "false": False}.get(value, value) for value in values]
            said = [Label(zh=kind.show(value), en=kind.show(value, lang="en")) for value in plain]
        found += [word for word in said if word is not None and word not in found]
    return found


@dataclass(frozen=True)
class Names:
    """The names of a book in one language (``zh`` or ``en``); what the book does not know is called by its code."""

    book: Book
    language: str = "zh"

    def said(self, label: Label | None, otherwise: str = "") -> str:
        """The side of a label."""
        return otherwise if label is None else str(getattr(label, self.language))

    @cached_property
    def _areas(self) -> Mapping[str, str]:
        return {area.code: self.said(area.name) for area in self.book[DISTRICT].areas}

    @cached_property
    def _units(self) -> Mapping[str, str]:
        return {unit.id: self.said(unit.name) for unit in self.book[DISTRICT].units}

    @cached_property
    def industries(self) -> Mapping[str, str]:
        """Code -> name, in the newest edition of the classification."""
        editions = self.book[INDUSTRIES]
        return editions[max(editions)].names if editions else {}

    @property
    def units(self) -> tuple[str, ...]:
        """Every unit, in the order of the book."""
        return tuple(self._units)

    def area(self, code: str) -> str:
        """An area; with its district before it where it lies beneath one."""
        above = self.book[DISTRICT].areas_above.get(code, ())
        name = self._areas.get(code, code)
        if len(above) > 1:
            around = self._areas[above[0]]
            return f"{around}{name}" if self.language == "zh" else f"{name}, {around}"
        return name

    def unit(self, name: str) -> str:
        """A unit."""
        return self._units.get(name, name)

    def industry(self, code: str) -> str:
        """An industry: '3512 石油钻采专用设备制造'."""
        return f"{code} {self.industries.get(code, '')}".strip()

    def role(self, name: str) -> str:
        """A role of a party."""
        return self.said(ROLES.get(name), name)

    def outcome(self, name: str | None) -> str:
        """An outcome; nothing where the book says nothing of it."""
        return "" if name is None else self.said(OUTCOMES.get(name), name)

    def quality(self, name: str) -> str:
        """One of the four qualities."""
        return self.said(QUALITIES.get(name), name)

    def record(self, name: str) -> str:
        """A record type."""
        entry = self.book[RECORDS].get(name)
        return name if entry is None else self.said(entry.record.label)

    def _card_type(self, field: CardField) -> tuple[str, FieldType] | None:
        """The first field of a record that a field of the enterprise's card comes from."""
        page = self.book[CARDS].get("enterprise")
        for source in page.fields.get(field, ()) if page is not None else ():
            entry = self.book[RECORDS].get(source.record)
            if entry is not None and source.field in next(iter(entry.types.values())):
                return source.record, next(iter(entry.types.values()))[source.field]
        return None

    def card_value(self, field: CardField, value: str) -> str:
        """A value of the card's status or sector as its field calls it."""
        found = self._card_type(field)
        return value if found is None or not value else found[1].show(value, lang=self.language)

    def card_choices(self, field: CardField) -> Mapping[str, str]:
        """The values that a field of the card can have, where it is one of a list."""
        found = self._card_type(field)
        choices: Mapping[str, Any] = getattr(found[1], "choices", {}) if found is not None else {}
        return {code: self.card_value(field, code) for code in choices}
