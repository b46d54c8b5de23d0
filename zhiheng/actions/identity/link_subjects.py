"""Merge subjects, split them, undo either: recorded acts that move aliases and touch no fact."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import transaction
from django.db.models import Exists, OuterRef

from zhiheng.actions import audit
from zhiheng.actions.identity import refusals
from zhiheng.engines.identity import Mention
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import Actor
from zhiheng.kernel.facts import canonical
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger import bulk
from zhiheng.ledger.aliases import BY_HAND, alias_key, said_by
from zhiheng.ledger.models import Alias, AliasKey, Fact, FactParty, LikelyMatch, Subject
from zhiheng.ledger.models import IdentityAct as IdentityAct
from zhiheng.people import access
from zhiheng.queries.subject_areas import areas_after, areas_of

Move = tuple[int, int, int]


def merge(into: int, others: Iterable[int], *, reason: str, call: Call) -> IdentityAct:
    """Merge subjects: link every alias of ``others`` to ``into``.

    Returns:
        The act, which can be undone.

    Raises:
        Refused: where a subject is absent, has no names, is of another kind, or is outside of the actor's reach.
    """
    _require(call, {into, *(others := sorted(set(others)))})
    with transaction.atomic():
        bulk.lock()
        if into in others or not others:
            raise Refused(refusals.merging_with_itself())
        kinds = dict(Subject.objects.filter(id__in=[into, *others]).values_list("id", "kind"))
        if missing := [s for s in (into, *others) if s not in kinds]:
            raise Refused(refusals.subject_absent(missing[0]))
        if len(set(kinds.values())) > 1:
            raise Refused(refusals.merging_different_kinds())
        moves = [
            (a, s, into)
            for a, s in Alias.objects.filter(subject_id__in=others).order_by("id").values_list("id", "subject_id")
        ]
        if empty := sorted(set(others) - {s for _, s, _ in moves}):
            raise Refused(refusals.subject_without_names(empty[0]))
        return _act("merge", moves, reason, call.actor, call.now)


def split(aliases: Sequence[int], *, reason: str, call: Call) -> IdentityAct:
    """Split aliases off a subject: they get a new subject.

    Returns:
        The act, which can be undone.

    Raises:
        Refused: where they are of several subjects, none would be left, or the subject is outside of the actor's reach.
    """
    _require(call, set(Alias.objects.filter(id__in=aliases).values_list("subject_id", flat=True)))
    with transaction.atomic():
        bulk.lock()
        found = list(Alias.objects.filter(id__in=aliases).values_list("id", "subject_id", "kind"))
        subjects = {subject for _, subject, _ in found}
        if len(found) != len(set(aliases)) or len(subjects) != 1:
            raise Refused(refusals.aliases_of_several_subjects())
        if not Alias.objects.filter(subject_id__in=subjects).exclude(id__in=aliases).exists():
            raise Refused(refusals.no_alias_left())
        subject = Subject.objects.create(id=bulk.next_id("subject"), kind=found[0][2])
        return _act("split", [(a, s, subject.id) for a, s, _ in sorted(found)], reason, call.actor, call.now)


@dataclass(frozen=True)
class SplitPart:
    """The facts under a spelling to split off: all statements of one unit under it (also later ones), those of an area
    as they are now, or some by number.
    """

    unit: str = ""
    area: str = ""
    facts: tuple[int, ...] = ()


def split_facts(alias: int, part: SplitPart, *, reason: str, call: Call) -> IdentityAct:
    """Split some of the facts under one spelling off to a new subject.

    The facts themselves stay as they are; their links move to an alias of the same spelling that stands for this part.
    Later statements of the unit under the spelling go there, too. Where facts were named one by one it is unknown where
    the next one belongs: it stays with the spelling and is flagged.

    Returns:
        The act, which can be undone.

    Raises:
        Refused: where the facts are not under the alias, none would be left, or the actor may not.
    """
    source = Alias.objects.filter(id=alias).first()
    _require(call, {source.subject_id} if source is not None else set())
    with transaction.atomic():
        bulk.lock()
        source = Alias.objects.filter(id=alias).first()
        facts = _chosen_facts(source, part) if source is not None else []
        if source is None or not facts or len(facts) < len(set(part.facts)) or (part.unit and source.part is not None):
            raise Refused(refusals.facts_not_under_alias())
        if not FactParty.objects.filter(alias_id=alias).exclude(fact_id__in=facts).exists():
            raise Refused(refusals.no_fact_left())
        _need(reason)
        to = _part_of(source, part)
        for start in range(0, len(facts), 500):
            FactParty.objects.filter(alias_id=alias, fact_id__in=facts[start : start + 500]).update(alias_id=to.id)
        subject = Subject.objects.create(id=bulk.next_id("subject"), kind=source.kind)
        told = {"of": alias, "to": to.id, **({"unit": part.unit} if part.unit else {"facts": facts})}
        return _act("split", [(to.id, to.subject_id, subject.id)], reason, call.actor, call.now, parted=[told])


def _chosen_facts(source: Alias, part: SplitPart) -> list[int]:
    links = FactParty.objects.filter(alias_id=source.id)
    if part.unit:
        of_unit = Fact.objects.filter(id=OuterRef("fact_id"), unit=part.unit)
        return sorted(set(links.filter(Exists(of_unit)).values_list("fact_id", flat=True)))
    if part.area:
        there = Fact.objects.filter(id=OuterRef("fact_id"), area=part.area)
        return sorted(set(links.filter(Exists(there)).values_list("fact_id", flat=True)))
    found: set[int] = set()
    wanted = sorted(set(part.facts))
    for start in range(0, len(wanted), 500):
        found |= set(links.filter(fact_id__in=wanted[start : start + 500]).values_list("fact_id", flat=True))
    return sorted(found)


def _part_of(source: Alias, part: SplitPart) -> Alias:
    """The alias of a part of a spelling, still with the subject of the whole; it is found by the same keys."""
    number = bulk.next_id("alias")
    name = said_by(part.unit) if part.unit else f"{BY_HAND}{number}"
    mention = Mention(source.kind, source.name, source.code, source.code_kind, source.address, source.place)
    spelling = source.spelling if source.spelling is not None else source.key
    known: Alias | None = Alias.objects.filter(spelling=spelling, part=name).first()
    if known is not None:
        return known
    made: Alias = Alias.objects.create(
        id=number,
        key=alias_key(mention, name),
        subject_id=source.subject_id,
        kind=source.kind,
        name=source.name,
        code=source.code,
        code_kind=source.code_kind,
        address=source.address,
        place=source.place,
        part=name,
        spelling=spelling,
    )
    keys = list(AliasKey.objects.filter(alias_id=source.id).values_list("key", flat=True))
    bulk.insert_alias_keys(keys, [number] * len(keys))
    return made


def undo(act_id: int, *, reason: str, call: Call) -> IdentityAct:
    """Undo a merge or split: aliases return to where that act took them from.

    Returns:
        The act that undoes it.

    Raises:
        Refused: where a later act has moved one of them again (undo that one first) or the act was undone before.
    """
    access.require_somewhere(call, "identity.decide")
    with transaction.atomic():
        bulk.lock()
        act = IdentityAct.objects.filter(id=act_id).first()
        if act is None or act.verb == IdentityAct.Verb.UNDO:
            raise Refused(refusals.act_absent(act_id))
        if IdentityAct.objects.filter(undoes=act).exists():
            raise Refused(refusals.act_undone(act_id))
        moves: list[Move] = [(a, to, back) for a, back, to in orjson.loads(act.moves)]
        _require_areas(call, areas_after(moves))
        now_at = dict(Alias.objects.filter(id__in=[m[0] for m in moves]).values_list("id", "subject_id"))
        if any(now_at[a] != at for a, at, _ in moves):
            raise Refused(refusals.aliases_moved_on(act_id))
        return _act("undo", moves, reason, call.actor, call.now, undoes=act)


def decide(match_id: int, *, same: bool, reason: str, call: Call) -> LikelyMatch:
    """Decide a likely match.

    Args:
        same: True merges the two; False records that they differ, so that they are not proposed again.

    Returns:
        The decided match.

    Raises:
        Refused: where it was decided meanwhile, or a subject is outside of the actor's reach.
    """
    access.require_somewhere(call, "identity.decide")
    with transaction.atomic():
        bulk.lock()
        match: LikelyMatch | None = LikelyMatch.objects.select_related("alias", "other").filter(id=match_id).first()
        if match is None or match.decision:
            raise Refused(refusals.match_decided(match_id))
        _need(reason)
        left, right = match.alias.subject_id, match.other.subject_id
        _require(call, {left, right})
        if same and left != right:
            match.act = merge(min(left, right), [max(left, right)], reason=reason, call=call)
        match.decision = "same" if same else "different"
        match.save(update_fields=["decision", "act"])
        # A merge keeps its reason itself; of two that stay apart, only this line says why.
        audit.write(call, f"likely.{match.decision}", f"likely:{match.id}", detail={"reason": reason})
        return match


# So many pairs may be decided in one go: as many as somebody may look through before saying so.
MOST_AT_ONCE = 200


def decide_several(
    match_ids: Sequence[int], *, same: bool, reason: str, call: Call
) -> tuple[list[LikelyMatch], list[int]]:
    """Decide pairs of one kind together, for one reason.

    All or none: a pair beyond the actor's reach refuses the whole batch. Each pair has its line in the trail, and each
    merge is a separate act, so that one of them can be undone.

    Returns:
        (decided, numbers of those that another officer had decided meanwhile).

    Raises:
        Refused: for pairs of several kinds, too few or too many of them, or one outside of the actor's reach.
    """
    access.require_somewhere(call, "identity.decide")
    wanted = sorted(set(match_ids))
    with transaction.atomic():
        bulk.lock()
        _need(reason)
        if not wanted or len(wanted) > MOST_AT_ONCE:
            raise Refused(refusals.number_of_matches_wrong(MOST_AT_ONCE, chosen=len(wanted)))
        waiting = dict(LikelyMatch.objects.filter(id__in=wanted, decision="").values_list("id", "kind"))
        if len(set(waiting.values())) > 1:
            raise Refused(refusals.matches_of_several_kinds())
        done = [decide(number, same=same, reason=reason, call=call) for number in sorted(waiting)]
    return done, [number for number in wanted if number not in waiting]


def _require(call: Call, subjects: set[int]) -> None:
    """Raise Refused unless the actor reaches every one of the subjects: a merge changes the file of each."""
    _require_areas(call, areas_of(subjects))


def _require_areas(call: Call, lying: Mapping[int, frozenset[str]]) -> None:
    for areas in lying.values() or [frozenset[str]()]:
        access.require(call, "identity.decide", area=areas)


def _need(reason: str) -> None:
    if not reason.strip():
        raise Refused(refusals.linking_needs_reason())


def _act(
    verb: str,
    moves: Sequence[Move],
    reason: str,
    actor: Actor,
    now: dt.datetime,
    *,
    undoes: IdentityAct | None = None,
    parted: Sequence[Mapping[str, Any]] = (),
) -> IdentityAct:
    _need(reason)
    for subject in sorted({to for _, _, to in moves}):
        Alias.objects.filter(id__in=[a for a, _, to in moves if to == subject]).update(subject_id=subject)
    act: IdentityAct = IdentityAct.objects.create(
        verb=verb,
        actor=str(actor)[:120],
        day=now.date(),
        reason=reason,
        moves=canonical([list(m) for m in moves]),
        parted=canonical([dict(each) for each in parted]) if parted else None,
        undoes=undoes,
    )
    audit.write_as(actor=actor, verb=f"subjects.{verb}", about=f"act:{act.id}", at=now, detail={"aliases": len(moves)})
    return act
