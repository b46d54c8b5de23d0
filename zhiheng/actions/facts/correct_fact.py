"""Correct or withdraw a fact: a new fact that names the old one and says why. What was delivered stays as it was."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from hashlib import sha256

from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.facts import refusals
from zhiheng.engines.intake import Batch, Intake
from zhiheng.engines.recognise import Layout
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.cards import CARDS, registers
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.records import RECORDS, RecordEntry
from zhiheng.kernel.actor import Actor
from zhiheng.kernel.doubts import BEYOND_THE_ROW, IDENTITY_DOUBTFUL
from zhiheng.kernel.facts import Party, canonical, content, marks, statement, statement_key
from zhiheng.kernel.fields.base import FieldType
from zhiheng.kernel.merkle import EMPTY_ROOT, leaf_hash
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger import bulk, chain, standing
from zhiheng.ledger.aliases import Aliases, mention_of
from zhiheng.ledger.models import Definition, Fact
from zhiheng.people import access
from zhiheng.quality_file.told_texts import told_so_far


def correct(fact_id: int, changes: Mapping[str, str], *, reason: str, call: Call, unit: str) -> int:
    """Correct a fact: a new fact with other values that names the old one.

    Args:
        changes: field (or ``field.part``) -> text, as if it stood in the cell of the row; an empty text clears. The row
            is cleaned again as a whole: everything unchanged in the texts that were delivered, with the consistency
            rules.
        unit: the unit that made the statement; no other may correct it.

    Returns:
        The id of the correction.

    Raises:
        Refused: with every reason found.
    """
    access.require(call, "fact.correct", unit=unit)
    if not changes:
        raise Refused(refusals.nothing_to_correct())
    with transaction.atomic():
        bulk.lock()
        old = _open_fact(fact_id, unit, reason)
        access.require(call, "fact.correct", unit=unit, area=old.area, record=old.record)
        entry = call.book[RECORDS].get(old.record)
        if entry is None:
            raise Refused(refusals.record_unknown(old.record))
        before = told_so_far(old)
        told, source_id = before.texts, before.source
        if source_id not in entry.sources:
            source_id = next(iter(entry.sources))
        types = entry.types[source_id]
        _check_targets(changes, told, types)
        changes = _whole_changes(before.together(changes), told, types)
        batch = _read(entry, source_id, told | changes, call.today)
        if batch.refused:
            raise Refused(*batch.refused[0].refusals)
        text = batch.bodies[0]
        if text == old.body:
            raise Refused(refusals.correction_changes_nothing(fact_id))
        area = batch.area[0]
        if area is None:
            own = {u.id: u.area for u in call.book[DISTRICT].units}
            area = old.area if entry.record.area == "unit" else own.get(unit, old.area)
        thing = batch.things[0]
        kept = [flag for flag in old.flags.split(",") if flag in BEYOND_THE_ROW]
        Definition.objects.get_or_create(
            edition=entry.edition(source_id),
            defaults={"record": entry.id, "source": source_id, "text": entry.definition(source_id)},
        )
        return _append(
            "correction",
            old,
            call.actor,
            call.now,
            body=text,
            row=canonical({"changes": dict(changes), "reason": reason, "actor": str(call.actor)}),
            edition=entry.edition(source_id),
            occurred_on=batch.occurred_on[0],
            valid_until=batch.valid_until[0],
            outcome=batch.outcome[0],
            area=area,
            flags=",".join(dict.fromkeys([*filter(None, batch.flags[0].split(",")), *kept])),
            thing=None if thing is None else statement_key(f"{old.record}\n{unit}\n{thing}"),
            parties=batch.parties_of(0),
            of_names=registers(call.book[CARDS]),
        )


def withdraw(fact_id: int, *, reason: str, call: Call, unit: str) -> int:
    """Withdraw a fact. It stays readable, marked as withdrawn with the reason.

    Args:
        unit: the unit that made the statement; no other may withdraw it.

    Returns:
        The id of the withdrawal.

    Raises:
        Refused: without a reason, where the fact was replaced or withdrawn before, or where the actor may not.
    """
    access.require(call, "fact.withdraw", unit=unit)
    with transaction.atomic():
        bulk.lock()
        old = _open_fact(fact_id, unit, reason)
        access.require(call, "fact.withdraw", unit=unit, area=old.area, record=old.record)
        return _append(
            "withdrawal",
            old,
            call.actor,
            call.now,
            body=canonical({"reason": reason}),
            edition="",
            row=canonical({"reason": reason, "actor": str(call.actor)}),
            occurred_on=str(old.occurred_on),
            valid_until=None if old.valid_until is None else str(old.valid_until),
            outcome=old.outcome,
            area=old.area,
            flags="",
            thing=old.thing,
            parties=(),
        )


def _open_fact(fact_id: int, unit: str, reason: str) -> Fact:
    old: Fact | None = Fact.objects.filter(id=fact_id).first()
    if old is None:
        raise Refused(refusals.fact_absent(fact_id))
    if not reason.strip():
        raise Refused(refusals.correction_needs_reason())
    if old.unit != unit:
        raise Refused(refusals.fact_of_another_unit(fact_id, old.unit))
    if old.kind == Fact.Kind.WITHDRAWAL:
        raise Refused(refusals.fact_is_a_withdrawal(fact_id))
    later = standing.acts_on([fact_id]).get(fact_id)
    if later is not None:
        raise Refused(refusals.fact_superseded(fact_id, later=later[0]))
    return old


def _check_targets(changes: Mapping[str, str], told: Mapping[str, str], types: Mapping[str, FieldType]) -> None:
    """Every field and part that is changed, or was delivered before, must be one that the record has today."""
    wrong = []
    for target in [*changes, *(t for t, text in told.items() if text.strip() and t not in changes)]:
        name, dot, part = target.partition(".")
        if name not in types:
            wrong.append(refusals.field_unknown(name, types))
        elif dot and part not in types[name].parts:
            wrong.append(refusals.part_unknown(name, part=part, parts=types[name].parts))
    if wrong:
        raise Refused(*wrong)


def _whole_changes(
    changes: Mapping[str, str], told: Mapping[str, str], types: Mapping[str, FieldType]
) -> dict[str, str]:
    """The changes with what goes along with them: a field that is cleared is cleared with all its parts.

    A party given another name is either the same one, spelt right, or another one with another code: this is never
    guessed.
    """
    whole = dict(changes)
    wrong = []
    for name in [target for target in changes if target in types]:
        left = [
            f"{name}.{p}"
            for p in types[name].parts
            if told.get(f"{name}.{p}", "").strip() and f"{name}.{p}" not in changes
        ]
        if not changes[name].strip():
            whole |= dict.fromkeys(left, "")
        elif left and not types[name].columns:
            wrong.append(refusals.parts_left_out(name, told, left))
    if wrong:
        raise Refused(*wrong)
    return whole


def _read(entry: RecordEntry, source_id: str, texts: Mapping[str, str], today: dt.date) -> Batch:
    """The row that the texts make, read as a delivery would be; each target is its own heading."""
    source = entry.sources[source_id]
    source = source.model_copy(
        update={
            "columns": {target: target for target in texts},
            "fixed": {},
            "ignored": {},
            "needs": (),
            "without": (),
            "units": {},
        }
    )
    layout = Layout.of(entry.id, entry.record, source_id, source)
    intake = Intake(layout, entry.types[source_id], list(texts), delivered_on=today, row_cleaner=entry.clean)
    return intake.read([[text] for text in texts.values()], [1])


def _append(
    kind: str,
    old: Fact,
    actor: Actor,
    now: dt.datetime,
    *,
    body: str,
    row: str,
    edition: str,
    occurred_on: str,
    valid_until: str | None,
    outcome: str | None,
    area: str,
    flags: str,
    thing: int | None,
    parties: Sequence[Party],
    of_names: Collection[str] = (),
) -> int:
    aliases = Aliases(old.unit, record=old.record, registers=of_names)
    alias_of = aliases.ids_of(parties) if parties else {}
    if not aliases.doubtful.isdisjoint(alias_of[mention_of(p)] for p in parties):
        flags = ",".join(filter(None, (flags, IDENTITY_DOUBTFUL)))
    said = statement(old.record, old.unit, kind, str(old.id), body)
    marked = marks(1, occurred_on, valid_until, outcome, area, flags, thing)
    leaf = leaf_hash(content(said, marked, row))
    number = bulk.next_id("fact")
    delivery = bulk.next_id("delivery")
    bulk.append_facts(
        [
            (
                number,
                delivery,
                1,
                old.record,
                old.unit,
                kind,
                old.id,
                statement_key(said),
                thing,
                leaf,
                occurred_on,
                valid_until,
                outcome,
                area,
                flags,
                body,
                row,
            )
        ]
    )
    if parties:
        links = sorted({(alias_of[mention_of(p)], number, p.role) for p in parties})
        bulk.insert("factparty", ("alias_id", "fact_id", "role"), links)
    chain.append(
        {
            "state": "accepted",
            "unit": old.unit,
            "record": old.record,
            "source": kind,
            "edition": edition,
            "file_name": f"{kind} of fact {old.id}",
            "file_digest": sha256(row.encode()).hexdigest(),
            "table_name": "",
            "part": 1,
            "headings": "[]",
            "learned_on": now.date(),
            "row_count": 1,
            "fact_count": 1,
            "duplicate_count": 0,
            "refused_count": 0,
            "flagged_count": int(bool(flags)),
            "first_fact": number,
            "notes": "[]",
            "root": leaf.hex(),
            "refused_root": EMPTY_ROOT.hex(),
            **aliases.header(),
        }
    )
    audit.write_as(actor=actor, verb=f"fact.{kind}", about=f"fact:{old.id}", at=now, detail={"by": number})
    return number
