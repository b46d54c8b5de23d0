"""What a record and its sources must say of each other: fields that exist, types and their options, headings, rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from zhiheng.grammar.chapters.headings import heading_key
from zhiheng.grammar.chapters.record_pages import Record, Rule, Source
from zhiheng.grammar.yaml import BookError, Document
from zhiheng.kernel.fields.base import FieldType
from zhiheng.kernel.fields.by_name import BY_NAME
from zhiheng.kernel.fields.measures import measure


def type_errors(record: Record, document: Document) -> Iterator[BookError]:
    """Field types, their parts, and what the record names as its day, its last day and its area."""
    for name, definition in record.fields.items():
        if definition.type not in BY_NAME:
            yield document.error(
                ("fields", name, "type"),
                f"没有名为“{definition.type}”的字段类型；可用：{'、'.join(BY_NAME)}。",
                f"There is no field type {definition.type!r}; use one of {', '.join(BY_NAME)}.",
            )
    for name, definition in record.fields.items():
        known = BY_NAME[definition.type].parts if definition.type in BY_NAME else tuple(definition.parts)
        for part in definition.parts:
            if part not in known:
                yield document.error(
                    ("fields", name, "parts", part),
                    f"字段类型 {definition.type} 没有“{part}”这一部分；可用：{'、'.join(known) or '（无）'}。",
                    f"Field type {definition.type} has no part {part!r}; use one of: {', '.join(known) or '(none)'}.",
                )
    for attribute, wanted in (("on", "day"), ("until", "day"), ("area", "division")):
        name = getattr(record, attribute)
        if name in record.fields and record.fields[name].type != wanted:
            yield document.error(
                (attribute,),
                f"“{attribute}”要指向类型为 {wanted} 的字段，“{name}”是 {record.fields[name].type}；请改指另一字段。",
                f"{attribute} names a field of type {wanted}; {name!r} is {record.fields[name].type}. Name another "
                "field.",
            )


def source_errors(
    record: Record, types: Mapping[str, FieldType], source: Source, document: Document
) -> Iterator[BookError]:
    """What a source says of fields that the record has otherwise, or not at all."""
    targets = [(("columns", heading), target) for heading in source.columns for target in source.targets(heading)]
    targets += [(("fixed", target), target) for target in source.fixed]
    for where, target in targets:
        name, _, part = target.partition(".")
        if name not in record.fields:
            yield document.error(
                where,
                f"这个记录没有字段“{name}”；可用：{'、'.join(record.fields)}。",
                f"The record has no field {name!r}; use one of {', '.join(record.fields)}.",
            )
        elif part and name in types and part not in types[name].parts:
            yield document.error(
                where,
                f"字段“{name}”没有“{part}”这一部分；可用：{'、'.join(types[name].parts) or '（无）'}。",
                f"Field {name!r} has no part {part!r}; use one of: {', '.join(types[name].parts) or '(none)'}.",
            )
    fed = {target.partition(".")[0] for _, target in targets}
    for name in {*record.required, record.on} - fed:
        yield document.error(
            ("columns",),
            f"必填字段“{name}”没有对应的列；请在 columns 或 fixed 中补上。",
            f"The required field {name!r} is fed by no column; add it to columns or fixed.",
        )
    for name in source.options:
        if name not in record.fields:
            yield document.error(
                ("options", name),
                f"这个记录没有字段“{name}”；请改名。",
                f"The record has no field {name!r}; rename it.",
            )
    for name, unit in source.units.items():
        if name not in types or measure(unit) is None:
            yield document.error(
                ("units", name),
                f"units 里写的是字段和它的单位；“{name}: {unit}”里没有这个字段，或不认识这个单位。",
                f"units has fields with their units; in '{name}: {unit}' there is no such field, or the unit is not "
                "known.",
            )
    for name in source.without:
        if name not in record.fields:
            yield document.error(
                ("without",),
                f"这个记录没有字段“{name}”；可用：{'、'.join(record.fields)}。",
                f"The record has no field {name!r}; use one of {', '.join(record.fields)}.",
            )
    yield from _heading_errors(record, source, document)
    for index, rule in enumerate(source.rules):
        yield from _rule_errors(rule, record, document, ("rules", index))


def _heading_errors(record: Record, source: Source, document: Document) -> Iterator[BookError]:
    """What a column that is not used may hold is said where the record has anything secret, and no heading is both used
    and not.
    """
    if any(field.secret for field in record.fields.values()):
        unsaid = [heading for heading, held in source.ignored.items() if held == "unsaid"]
        unsaid += [heading for heading, held in record.ignored.items() if held == "unsaid"]
        if unsaid:
            yield document.error(
                ("ignored",),
                f"这个记录有涉密字段，不使用的列要写明能不能显示：{'、'.join(unsaid)}；请写成 {{{unsaid[0]}: secret}} "
                "或 plain。",
                "The record has secret fields, so each ignored column says whether it may be shown: "
                f"{', '.join(unsaid)}. Write {{{unsaid[0]}: secret}} or plain.",
            )
    ignored = {heading_key(heading): heading for heading in (*record.ignored, *source.ignored)}
    for name, field_ in record.fields.items():
        for word in (field_.label.zh, *field_.synonyms, *(word for words in field_.parts.values() for word in words)):
            if (key := heading_key(word)) in ignored and ignored[key] in record.ignored:
                yield document.error(
                    ("ignored",),
                    f"“{word}”既是字段“{name}”的写法，又列为不使用；请删去一处。",
                    f"{word!r} is a word for the field {name!r} and is ignored as well; delete one of them.",
                )
    for heading in (*source.columns,):
        if heading in source.ignored:
            yield document.error(
                ("ignored",),
                f"“{heading}”既对应字段，又列为不使用；请删去一处。",
                f"{heading!r} feeds a field and is ignored as well; delete one of them.",
            )


def _rule_errors(rule: Rule, record: Record, document: Document, where: tuple[str | int, ...]) -> Iterator[BookError]:
    for name in (*rule.in_order, *rule.differ, *rule.needs, *rule.when):
        if name not in record.fields:
            yield document.error(
                where,
                f"规则“{rule.code}”提到的字段“{name}”不存在；请改成记录中的字段。",
                f"Rule {rule.code!r} names the field {name!r}, which the record does not have; name one it has.",
            )
