"""Correct or withdraw a fact: a new fact that names the old one and says why. What was delivered stays as it was."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import orjson
from django.db import transaction

from zhiheng.actions import audit
from zhiheng.grammar.loader import Book
from zhiheng.grammar.records import Record
from zhiheng.kernel.facts import Party, canonical, content, statement, statement_key
from zhiheng.kernel.merkle import EMPTY_ROOT, leaf_hash
from zhiheng.kernel.reasons import Refusal, Refused
from zhiheng.ledger import deliveries, store
from zhiheng.ledger.aliases import Aliases, mention_of
from zhiheng.ledger.models import Definition, Fact


def correct(
    fact_id: int, changes: Mapping[str, str], *, reason: str, book: Book, actor: str, unit: str, now: dt.datetime
) -> int:
    """Say a fact anew with other values; returns the id of the correction.

    ``changes`` maps fields (or ``field.part``) to texts, cleaned as if they stood in a cell; an empty text clears a field.
    Only the unit that spoke may correct itself. Raises Refused with every reason found.
    """
    if not changes:
        raise Refused(
            Refusal(
                "correction.empty",
                "没有写要更正的字段；请至少写一个字段和新的内容。",
                "No field to correct is given; give at least one field with its new text.",
            )
        )
    with transaction.atomic():
        store.lock()
        old = _open_fact(fact_id, unit, reason)
        entry = book.records.get(old.record)
        if entry is None:
            raise Refused(
                Refusal(
                    "record.unknown",
                    f"规则书中已没有记录类型“{old.record}”；请先把它加回规则书。",
                    f"The book no longer has the record {old.record!r}; put it back first.",
                )
            )
        names = {target.partition(".")[0] for target in changes}
        if unknown := sorted(names - set(entry.record.fields)):
            raise Refused(
                *(
                    Refusal(
                        "correction.field",
                        f"这个记录没有字段“{name}”；可用：{'、'.join(entry.record.fields)}。",
                        f"The record has no field {name!r}; use one of {', '.join(entry.record.fields)}.",
                        name,
                    )
                    for name in unknown
                )
            )
        types = next(iter(entry.types.values()))
        body = orjson.loads(old.body)
        changed = _cleaned(types, changes)
        for name in names:
            body.pop(name, None)
            roles = _roles(types[name], entry.record.fields[name].options.get("role"))
            if roles:
                body["parties"] = [p for p in body.get("parties", []) if p["role"] not in roles]
        if gone := [n for n in entry.record.required if n not in {*body, *changed} and entry.types and types[n].columns]:
            raise Refused(
                *(
                    Refusal("required", f"“{n}”是必填项，不能清空；请填写新的内容。", f"{n} is required and can't be cleared; give a text.", n)
                    for n in gone
                )
            )
        parties = body.pop("parties", []) + changed.pop("parties", [])
        body |= changed
        if parties:
            body["parties"] = parties
        row = canonical({"changes": dict(changes), "reason": reason, "actor": actor})
        source = next(iter(entry.types))
        Definition.objects.get_or_create(
            edition=entry.edition(source),
            defaults={"record": entry.id, "source": source, "text": entry.definition(source)},
        )
        return _append("correction", old, body, row, entry.record, actor, unit, now, entry.edition(source))


def withdraw(fact_id: int, *, reason: str, actor: str, unit: str, now: dt.datetime) -> int:
    """Take a fact back; returns the id of the withdrawal. The fact stays readable, marked as withdrawn and why."""
    with transaction.atomic():
        store.lock()
        old = _open_fact(fact_id, unit, reason)
        row = canonical({"reason": reason, "actor": actor})
        return _append("withdrawal", old, {"reason": reason}, row, None, actor, unit, now, "")


def _open_fact(fact_id: int, unit: str, reason: str) -> Fact:
    old = Fact.objects.filter(id=fact_id).first()
    if old is None:
        raise Refused(
            Refusal("fact.absent", f"没有编号为 {fact_id} 的事实；请检查编号。", f"There is no fact {fact_id}; check the number.")
        )
    if not reason.strip():
        raise Refused(
            Refusal(
                "reason.needed",
                "更正和撤回都要写明理由；请补写理由。",
                "A correction or withdrawal needs a reason; write one.",
            )
        )
    if old.unit != unit:
        raise Refused(
            Refusal(
                "fact.not_yours",
                f"事实 {fact_id} 由“{old.unit}”报送，只能由该单位更正或撤回；请联系该单位。",
                f"Fact {fact_id} was said by {old.unit!r}; only that unit can correct or withdraw it. Ask them.",
            )
        )
    if old.kind == Fact.Kind.WITHDRAWAL:
        raise Refused(
            Refusal(
                "fact.withdrawal",
                f"事实 {fact_id} 是一次撤回，不能再更正；请重新报送原内容。",
                f"Fact {fact_id} is a withdrawal and can't be corrected; hand the statement in again.",
            )
        )
    later = Fact.objects.filter(concerns=fact_id).order_by("-id").values_list("id", "kind").first()
    if later is not None:
        raise Refused(
            Refusal(
                "fact.superseded",
                f"事实 {fact_id} 已被事实 {later[0]} 更正或撤回；请更正事实 {later[0]}。",
                f"Fact {fact_id} has been corrected or withdrawn by fact {later[0]}; correct that one.",
            )
        )
    return old


def _cleaned(types: Mapping[str, Any], changes: Mapping[str, str]) -> dict[str, Any]:
    """The values that the texts stand for; parties of all changed cells together under ``parties``."""
    grouped: dict[str, dict[str, str]] = {}
    for target, text in changes.items():
        name, _, part = target.partition(".")
        grouped.setdefault(name, {})[part] = text
    cleaned: dict[str, Any] = {}
    refusals: list[Refusal] = []
    for name, parts in grouped.items():
        value = types[name].clean(parts.get("", ""), {k: v for k, v in parts.items() if k})
        if isinstance(value, Refusal):
            refusals.append(value.at(field=name))
        elif value is None:
            continue
        elif types[name].columns:
            cleaned[name] = value
        else:
            cleaned.setdefault("parties", []).extend(value["parties"])
    if refusals:
        raise Refused(*refusals)
    return cleaned


def _roles(kind: Any, role: str | None) -> set[str]:
    """The roles that a party field may give; a field with a value of its own gives none."""
    if kind.columns:
        return set()
    return {r for r in (role, getattr(kind, "role", None), *dict(getattr(kind, "roles_by_label", {}) or {}).values()) if r}


def _append(
    kind: str, old: Fact, body: dict[str, Any], row: str, record: Record | None, actor: str, unit: str,
    now: dt.datetime, edition: str,
) -> int:  # fmt: skip
    text = canonical(body)
    said = statement(old.record, unit, kind, str(old.id), text)
    leaf = leaf_hash(content(said, row))
    number = store.next_id("fact")
    delivery = store.next_id("delivery")
    on, until, outcome, area = str(old.occurred_on), old.valid_until, old.outcome, old.area
    if record is not None:
        on = body.get(record.on) or on
        until = body.get(record.until) if record.until else None
        outcome = record.outcome.outcome_of(body.get(record.outcome.field)) if record.outcome else None
        area = body.get(record.area) or area if record.area != "unit" else area
    store.insert("fact", store.FACT_COLUMNS, [(
        number, delivery, 1, old.record, unit, kind, old.id, statement_key(said), old.thing, leaf, on,
        None if until is None else str(until), outcome, area, "", text, row,
    )])  # fmt: skip
    if kind == "correction":
        parties = [
            Party(p["role"], p.get("name", ""), p.get("kind", "enterprise"), p.get("code", ""), p.get("code_kind", ""),
                  p.get("address", ""), p.get("place", ""))
            for p in body.get("parties", [])
        ]  # fmt: skip
        alias_of = Aliases().ids_of(parties)
        store.insert(
            "factparty",
            ("alias_id", "fact_id", "role"),
            sorted({(alias_of[mention_of(p)], number, p.role) for p in parties}),
        )
    deliveries.append({
        "state": "accepted", "unit": unit, "record": old.record, "source": kind, "edition": edition,
        "file_name": f"{kind} of fact {old.id}", "file_digest": sha256(row.encode()).hexdigest(), "table_name": "",
        "part": 1, "headings": "[]", "learned_on": now.date(), "row_count": 1, "fact_count": 1, "duplicate_count": 0,
        "refused_count": 0, "flagged_count": 0, "first_fact": number, "notes": "[]", "root": leaf.hex(),
        "refused_root": EMPTY_ROOT.hex(),
    })  # fmt: skip
    audit.write(actor=actor, verb=f"fact.{kind}", about=f"fact:{old.id}", at=now, detail={"by": number})
    return number
