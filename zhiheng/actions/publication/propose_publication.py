"""Find what the book wants published, corrected or taken down, and propose it for a decision.

Runs in the background after each delivery, in short transactions, since the last run: a killed run is continued, and
proposing twice proposes once. A person may also propose a single fact.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

import orjson
from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q

from zhiheng.actions import audit
from zhiheng.actions.publication import refusals
from zhiheng.actions.publication.entry_writer import Shelf
from zhiheng.database.rows import matching
from zhiheng.engines.publication import Release, Releaser
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.grammar.types import Label
from zhiheng.kernel.actor import SYSTEM, Actor
from zhiheng.kernel.doubts import holding
from zhiheng.kernel.facts import canonical
from zhiheng.kernel.prefetch import no_garbage_collection
from zhiheng.kernel.progress import Progress
from zhiheng.kernel.reasons import Refusal, Refused
from zhiheng.ledger import bulk, standing
from zhiheng.ledger.aliases import linked
from zhiheng.ledger.models import Alias, Fact, FactParty, IdentityAct
from zhiheng.office.models import PublicationMark, PublicationRequest
from zhiheng.people import access
from zhiheng.projections.models import FoundDoubt
from zhiheng.published.models import PublishedEnterprise, PublishedEntry, PublishedParty
from zhiheng.published.store import append
from zhiheng.quality_file.doubts import doubts_beside, doubts_of
from zhiheng.queries import publishable
from zhiheng.queries.publishable import PublishableFact

# Nobody needs to be told of a row that the book never publishes, or whose time is over.
_SILENT = frozenset({"publication.outcome", "publication.never", "publication.ended"})
# So many facts in one transaction: others wait for the ledger about a quarter of a second.
STEP = 5_000
# So many are reasoned about at a time: what is asked of each again and again stays near at hand for the processor.
_AT_ONCE = 200
_SHOWN = "SELECT e.fact, e.state FROM published_publishedentry e"
_CAUSES = {"publication.ended": "ended", "publication.deregistered": "deregistered"}


class RequestProposal(NamedTuple):
    """A request that is not written yet: the columns of its table, without the number."""

    verb: str
    fact: int
    record: str
    list: str
    unit: str
    area: str
    outcome: str
    occurred_on: dt.date
    title: str
    person: bool
    proposed_by: str
    proposed_at: dt.datetime
    state: str = PublicationRequest.State.OPEN.value
    entry: int | None = None
    # As UTF-8.
    shown: bytes = b""
    digest: str = ""
    until: dt.date | None = None
    due_on: dt.date | None = None
    # As JSON, like the doubts: by what rule, how it was counted, what of it is provisional.
    due_basis: str = "{}"
    cause: str = ""
    doubts: str = "[]"
    reason: str = ""
    decided_by: str = ""
    decided_at: dt.datetime | None = None
    decision: str = ""


class ProposalCandidate(NamedTuple):
    """A proposal, with the fact and what would be shown of it (nothing where it is taken down or blocked)."""

    request: RequestProposal
    fact: PublishableFact
    release: Release | None = None


@dataclass
class Proposed:
    """How many proposals of each kind were made."""

    facts: int = 0
    made: dict[str, int] = field(default_factory=dict)
    # Whether facts were left for the next run, since something more urgent waits.
    left: bool = False

    def add(self, kind: str, count: int = 1) -> None:
        """Count some more of a kind."""
        if count:
            self.made[kind] = self.made.get(kind, 0) + count


def _never() -> bool:
    """Nothing is more urgent."""
    return False


def propose(*, call: Call, progress: Progress | None = None, enough: Callable[[], bool] = _never) -> Proposed:
    """Examine every fact since the last run.

    Args:
        enough: called after each step; True stops there.

    Returns:
        What was proposed.

    Raises:
        Refused: where the actor may not.
    """
    access.require(call, "publication.propose")
    done = Proposed()
    rules = publishable.ready(call.book)
    if not rules:
        return done
    with no_garbage_collection():
        while _some_facts(rules, call, done):
            if progress:
                progress("查找应公示的事实 looking for what is to be published", done.facts, None)
            if enough():
                done.left = True
                return done
    _follow_identity(call)
    _deregistered(rules, call, done)
    _doubted(call, done)
    _cleared(rules, call, done)
    return done


def propose_fact(fact_id: int, *, reason: str, call: Call) -> int:
    """Propose one fact by hand.

    Returns:
        The id of the request.

    Raises:
        Refused: with why it can't be published.
    """
    fact = Fact.objects.filter(pk=fact_id).first()
    if fact is None:
        raise Refused(refusals.fact_absent(fact_id))
    access.require(
        call,
        "publication.propose",
        record=fact.record,
        area=fact.area,
        unit=fact.unit,
        quality=call.book[RECORDS][fact.record].record.quality if fact.record in call.book[RECORDS] else None,
    )
    rules = publishable.ready(call.book)
    if fact.record not in rules:
        what = (
            call.book[RECORDS][fact.record].record.label
            if fact.record in call.book[RECORDS]
            else Label(zh=fact.record, en=fact.record)
        )
        raise Refused(refusals.record_never_published(what))
    with transaction.atomic():
        bulk.lock()
        if not standing.holds(fact):
            raise Refused(refusals.fact_superseded())
        before = PublishedEntry.objects.filter(fact=fact.id, state=PublishedEntry.State.SHOWN).first()
        if before is not None:
            raise Refused(refusals.fact_shown())
        made = rules[fact.record].release(
            publishable.told(fact, doubts_of([fact.id]).get(fact.id, ())), today=call.today
        )
        if isinstance(made, Refusal):
            raise Refused(made)
        PublicationRequest.objects.filter(
            fact=fact.id, state__in=PublicationRequest.UNDECIDED, verb=PublicationRequest.Verb.PUBLISH
        ).update(state=PublicationRequest.State.LAPSED)
        (proposal,) = _requests([(fact, made)], {}, str(call.actor), call.now, reason)
        parsed = {name: orjson.loads(getattr(proposal, name)) for name in ("doubts", "due_basis")}
        written = {**parsed, "shown": proposal.shown.decode()}
        request = PublicationRequest(**proposal._asdict() | written)
        request.save()
        audit.write(call, "publication.propose", f"fact:{fact.id}", detail={"request": request.pk})
        return int(request.pk)


# -- every fact since the last run -------------------------------------------------------------------------------------


def _some_facts(rules: Mapping[str, Releaser], call: Call, done: Proposed) -> bool:
    """One bounded step; False once nothing is left."""
    with transaction.atomic():
        bulk.lock()
        mark, _ = PublicationMark.objects.select_for_update().get_or_create(name="facts")
        facts = publishable.said(Fact.objects.filter(id__gt=mark.value, record__in=sorted(rules)).order_by("id")[:STEP])
        if not facts:
            return False
        requests = [each.request for each in candidates(facts, rules, call)]
        write(requests)
        for request in requests:
            done.add(
                f"{request.state}.{request.verb}" if request.state != PublicationRequest.State.OPEN else request.verb
            )
        done.facts += len(facts)
        mark.value = facts[-1].id
        mark.save()
        if requests:
            audit.write(
                call, "publication.propose", f"facts:{facts[0].id}-{facts[-1].id}", detail={"requests": len(requests)}
            )
    return True


def write(requests: Sequence[RequestProposal]) -> None:
    """Write proposals; one that waits for a decision already is not made again. The caller holds the writing lock."""
    waiting: set[tuple[int, str]] = set()
    if facts := [request.fact for request in requests]:
        waits = PublicationRequest.objects.filter(
            fact__range=(min(facts), max(facts)), state__in=PublicationRequest.UNDECIDED
        )
        waiting = set(waits.values_list("fact", "verb"))
    append(
        PublicationRequest,
        RequestProposal._fields,
        [each for each in requests if (each.fact, each.verb) not in waiting],
    )


def candidates(
    facts: Sequence[PublishableFact], rules: Mapping[str, Releaser], call: Call, *, gone_by: int | None = None
) -> list[ProposalCandidate]:
    """What the book wants done about facts, in their order. Open requests about earlier statements of the same things
    lapse.

    Args:
        rules: record -> how it is released.
        gone_by: only enterprises up to this number are checked for deregistration.

    Returns:
        The candidates.
    """
    access.require(call, "publication.propose")
    concerned = {fact.concerns for fact in facts if fact.concerns is not None}
    things = {fact.thing for fact in facts if fact.thing is not None}
    gone = standing.replaced({fact.id for fact in facts})
    now_holds = standing.latest(things)
    above = publishable.corrected(concerned)
    by_fact, by_thing = _shown(concerned | set(above.values()) | {fact.id for fact in facts}, things)
    _lapse(concerned, things, facts)
    # What holds is written last: an earlier statement of the same thing in this step proposes nothing.
    holding = [
        fact
        for fact in facts
        if fact.kind != Fact.Kind.WITHDRAWAL
        and fact.id not in gone
        and fact.id not in by_fact
        and (fact.thing is None or now_holds.get(fact.thing) in (None, fact.id))
    ]
    ended = _gone_enterprises(holding, rules, gone_by)
    doubts = doubts_of(fact.id for fact in holding)
    holds = {fact.id for fact in holding}

    lineage = {fact.id: _lineage(fact.concerns, above) for fact in facts if fact.concerns is not None}

    def shown_before(fact: PublishableFact) -> PublishedEntry | None:
        if (shown := next((number for number in lineage.get(fact.id, ()) if number in by_fact), None)) is not None:
            return by_fact[shown]
        # What is taken back takes down what was said of itself; what is said anew takes the place of what is shown.
        return by_thing.get(fact.thing) if fact.thing is not None and fact.kind != Fact.Kind.WITHDRAWAL else None

    found: list[ProposalCandidate] = []
    for start in range(0, len(facts), _AT_ONCE):
        some = facts[start : start + _AT_ONCE]
        made = _released([fact for fact in some if fact.id in holds], doubts, ended, rules, call.today)
        published = [(fact, each) for fact in some if isinstance(each := made.get(fact.id), Release)]
        before = {fact.id: shown for fact in some if (shown := shown_before(fact)) is not None}
        requests = {
            each.fact: each for each in _requests(published, before, str(call.actor), call.now, corrected=lineage)
        }
        for fact in some:
            about = _about(fact, made.get(fact.id), before.get(fact.id), requests, rules, call)
            if about is not None:
                found.append(about)
    return found


def _about(
    fact: PublishableFact,
    made: Release | Refusal | None,
    before: PublishedEntry | None,
    requests: Mapping[int, RequestProposal],
    rules: Mapping[str, Releaser],
    call: Call,
) -> ProposalCandidate | None:
    """What is proposed about a fact; ``before``: what is shown in its stead."""
    if isinstance(made, Release):
        return ProposalCandidate(requests[fact.id], fact, made)
    if fact.kind == Fact.Kind.WITHDRAWAL:
        if before is not None:
            return ProposalCandidate(_take_down(before, fact.id, "annulled", call), fact)
        return None
    if made is None:
        return None
    if before is not None:
        cause = _CAUSES.get(made.code, "annulled" if fact.concerns else "superseded")
        return ProposalCandidate(_take_down(before, fact.id, cause, call), fact)
    return (
        None
        if made.code in _SILENT
        else ProposalCandidate(_blocked(fact, made, rules[fact.record], call.actor, call.now), fact)
    )


def _released(
    facts: Sequence[PublishableFact],
    doubts: Mapping[int, Sequence[str]],
    ended: Collection[int],
    rules: Mapping[str, Releaser],
    today: dt.date,
) -> dict[int, Release | Refusal]:
    """What the public would see of each fact, or why nothing; the facts of a record together."""
    of_record: dict[str, list[PublishableFact]] = {}
    for fact in facts:
        of_record.setdefault(fact.record, []).append(fact)
    made: dict[int, Release | Refusal] = {}
    for record, some in of_record.items():
        told = [publishable.told(fact, doubts.get(fact.id, ())) for fact in some]
        deregistered = [fact.id in ended for fact in some]
        releases = rules[record].release_all(told, today=today, deregistered=deregistered)
        made.update(zip((fact.id for fact in some), releases, strict=True))
    return made


NOTHING_CORRECTED: Mapping[int, Sequence[int]] = MappingProxyType({})


def _lineage(number: int | None, above: Mapping[int, int]) -> list[int]:
    """A corrected fact, what that corrects in turn, and so on up to the first statement."""
    found = []
    while number is not None:
        found.append(number)
        number = above.get(number)
    return found


def _shown(facts: set[int], things: set[int]) -> tuple[dict[int, PublishedEntry], dict[int, PublishedEntry]]:
    """What is shown now of these facts, and of these things."""
    by_fact: dict[int, PublishedEntry] = {}
    by_thing: dict[int, PublishedEntry] = {}
    light = PublishedEntry.objects.filter(state=PublishedEntry.State.SHOWN).defer("values", "basis_zh", "basis_en")
    # Of the many facts that were never shown nothing is asked one by one.
    numbers = {fact for fact, state in matching(_SHOWN, "e.fact", sorted(facts)) if state == PublishedEntry.State.SHOWN}
    for some in publishable.parts(sorted(numbers)):
        by_fact |= {entry.fact: entry for entry in light.filter(fact__in=some)}
    for some in publishable.parts(sorted(things)):
        by_thing |= {entry.thing: entry for entry in light.filter(thing__in=some) if entry.thing is not None}
    return by_fact, by_thing


def _lapse(concerned: set[int], things: set[int], facts: Sequence[PublishableFact]) -> None:
    """What waits about a statement that is no longer made is not decided any more."""
    select = "SELECT f.id FROM ledger_fact f"
    older = concerned | {number for (number,) in matching(select, "f.thing", sorted(things))}
    older -= {fact.id for fact in facts} - concerned
    for some in publishable.parts(sorted(older)):
        PublicationRequest.objects.filter(fact__in=some, state__in=PublicationRequest.UNDECIDED).exclude(
            verb=PublicationRequest.Verb.WITHDRAW
        ).update(state=PublicationRequest.State.LAPSED)


def _gone_enterprises(
    facts: Sequence[PublishableFact], rules: Mapping[str, Releaser], gone_by: int | None = None
) -> set[int]:
    """The facts that speak against an enterprise which, by what was published, exists no more."""
    known = PublishedEnterprise.objects.filter(gone=True)
    known = known if gone_by is None else known.filter(pk__lte=gone_by)
    if not known.exists():
        return set()
    said = {
        fact.id: [publishable.spoken_in(each, fact) for each in rules[fact.record].named(publishable.told(fact))]
        for fact in facts
        if fact.outcome in rules[fact.record].rule.against
    }
    if not said:
        return set()
    aliases = linked(each for of in said.values() for each in of)
    subjects = {subject for _, subject in aliases.values()}
    gone: set[int] = set()
    for some_subjects in publishable.parts(sorted(subjects)):
        gone |= set(known.filter(subject__in=some_subjects).values_list("subject", flat=True))
    return {number for number, of in said.items() if of and all(aliases.get(each, (0, 0))[1] in gone for each in of)}


def _requests(
    published: Sequence[tuple[Fact | PublishableFact, Release]],
    before: Mapping[int, PublishedEntry],
    by: str,
    now: dt.datetime,
    reason: str = "",
    corrected: Mapping[int, Sequence[int]] = NOTHING_CORRECTED,
) -> list[RequestProposal]:
    """What is to be shown; ``before``: fact -> what is shown in its stead; ``corrected``: fact -> the facts that it
    corrects, itself or through corrections that were never shown.
    """
    of_list: dict[str, list[tuple[Fact | PublishableFact, Release]]] = {}
    bases: dict[int, str] = {}
    for each in published:
        of_list.setdefault(each[0].record, []).append(each)
    found = []
    for some in of_list.values():
        for (fact, made), (shown, digest) in zip(some, publishable.described_all([m for _, m in some]), strict=True):
            old = before.get(fact.id)
            verb = "publish" if old is None else "correct" if old.fact in corrected.get(fact.id, ()) else "replace"
            due = made.publish_due if old is None else None
            # Facts of one day have one deadline, which is written as JSON once.
            basis = bases.get(id(due))
            if basis is None:
                basis = bases[id(due)] = canonical(due.basis()) if due is not None else "{}"
            # In the order of the columns: said by name, thousands of them would take twice as long.
            found.append(
                RequestProposal(
                    verb,
                    fact.id,
                    fact.record,
                    made.list,
                    fact.unit,
                    fact.area,
                    fact.outcome or "",
                    fact.occurred_on,
                    made.title.zh,
                    made.person,
                    by,
                    now,
                    "open",
                    old.id if old else None,
                    shown,
                    digest,
                    made.until,
                    due.day if due is not None else None,
                    basis,
                    "corrected" if verb == "correct" else "",
                    canonical(publishable.flags(made)) if made.doubts else "[]",
                    reason,
                )
            )
    return found


def _take_down(before: PublishedEntry, fact: int, cause: str, call: Call) -> RequestProposal:
    due_on, due_basis = publishable.due_at_once(
        publishable.withdraw_within(call.book, before.record, cause, call.today), call.today
    )
    return RequestProposal(
        verb=PublicationRequest.Verb.WITHDRAW.value,
        fact=fact,
        entry=before.id,
        record=before.record,
        list=before.list,
        unit=before.unit,
        area=before.area,
        outcome=before.outcome,
        occurred_on=before.occurred_on,
        title=before.title_zh,
        cause=cause,
        due_on=due_on,
        due_basis=canonical(due_basis),
        person=before.person,
        proposed_by=str(call.actor),
        proposed_at=call.now,
    )


def _blocked(
    fact: PublishableFact, why: Refusal, releaser: Releaser, actor: Actor, now: dt.datetime
) -> RequestProposal:
    return RequestProposal(
        verb=PublicationRequest.Verb.PUBLISH.value,
        state=PublicationRequest.State.BLOCKED.value,
        fact=fact.id,
        record=fact.record,
        list=releaser.rule.list,
        unit=fact.unit,
        area=fact.area,
        outcome=fact.outcome or "",
        occurred_on=fact.occurred_on,
        title=releaser.title_of(publishable.told(fact)).zh,
        person=False,
        doubts=canonical([{"code": why.code, "zh": why.zh, "en": why.en}]),
        proposed_by=str(actor),
        proposed_at=now,
    )


# -- merges, splits, deregistration ------------------------------------------------------------------------------------


def _follow_identity(call: Call) -> None:
    """After a merge or a split, move entries to the public file of the subject that their party stands for now."""
    with transaction.atomic():
        bulk.lock()
        mark, _ = PublicationMark.objects.select_for_update().get_or_create(name="identity")
        acts = list(IdentityAct.objects.filter(id__gt=mark.value).order_by("id"))
        if not acts:
            return
        shelf = Shelf(call)
        for part in (part for act in acts if act.parted for part in orjson.loads(act.parted)):
            facts = FactParty.objects.filter(alias_id=part["to"]).values_list("fact_id", flat=True)
            shelf.follow_split(part["of"], part["to"], facts)
        moved = sorted({move[0] for act in acts for move in orjson.loads(act.moves)})
        count = 0
        for some in publishable.parts(moved):
            rows = list(Alias.objects.filter(id__in=some).values_list("id", "subject_id", "name", "code", "place"))
            count += shelf.move(
                {row[0]: row[1] for row in rows}, {row[0]: (row[2] or row[3], row[3], row[4]) for row in rows}
            )
        shelf.close()
        mark.value = acts[-1].id
        mark.save()
        audit.write(
            call, "publication.follow_identity", f"identity:{acts[0].id}-{acts[-1].id}", detail={"moved": count}
        )


def _deregistered(rules: Mapping[str, Releaser], call: Call, done: Proposed) -> None:
    """What speaks against an enterprise that exists no more is taken down (its own registration stays)."""
    gone = PublishedParty.objects.filter(enterprise__gone=True, entry__state=PublishedEntry.State.SHOWN)
    for record in sorted(set(gone.values_list("entry__record", flat=True)) & set(rules)):
        releaser = rules[record]
        if not releaser.rule.against:
            continue
        waiting = PublicationRequest.objects.filter(
            entry=OuterRef("pk"), state__in=PublicationRequest.UNDECIDED, verb=PublicationRequest.Verb.WITHDRAW
        )
        living = PublishedParty.objects.filter(entry=OuterRef("pk"), enterprise__gone=False)
        entries = PublishedEntry.objects.filter(
            Exists(gone.filter(entry=OuterRef("pk"))),
            ~Exists(living),
            ~Exists(waiting),
            state=PublishedEntry.State.SHOWN,
            record=record,
            outcome__in=releaser.rule.against,
        )
        with transaction.atomic():
            bulk.lock()
            requests = [_take_down(entry, entry.fact, "deregistered", call) for entry in entries.order_by("pk")[:5000]]
            write(requests)
            done.add("withdraw", len(requests))
            if requests:
                audit.write(call, "publication.propose", f"record:{record}", detail={"deregistered": len(requests)})


# -- doubts that were found once the public had read it ---------------------------------------------------------------

DOUBTFUL = "doubtful"


def _doubted(call: Call, done: Proposed) -> None:
    """Put published entries with a new doubt before an officer, who takes them down or says why they stay.

    A doubt is raised once: not where it was known when the entry was approved, nor where it was decided that the entry
    stays. A proposal whose doubt is gone lapses.
    """
    _lapse_cleared(call.now)
    while True:
        with transaction.atomic():
            bulk.lock()
            mark, _ = PublicationMark.objects.select_for_update().get_or_create(name="doubts")
            last = FoundDoubt.objects.aggregate(last=Max("id"))["last"] or 0
            # Fewer than before: the doubts were all made anew.
            since = mark.value if mark.value <= last else 0
            shown = PublishedEntry.objects.filter(fact=OuterRef("fact"), state=PublishedEntry.State.SHOWN)
            new = FoundDoubt.objects.filter(Exists(shown), id__gt=since, id__lte=last).order_by("id")
            found = list(new.values_list("id", "fact")[:STEP])
            requests = _doubts_about({fact for _, fact in found}, call)
            write(requests)
            mark.value = found[-1][0] if len(found) == STEP else last
            mark.save()
            done.add("withdraw", len(requests))
            if requests:
                detail = {"doubted": len(requests)}
                audit.write(call, "publication.propose", "doubts", detail=detail)
        if len(found) < STEP:
            return


def _doubts_about(facts: Collection[int], call: Call) -> list[RequestProposal]:
    """Proposals to take down entries of doubted facts, except where the doubts were examined already."""
    beside = doubts_beside(facts)
    looked_at = _looked_at(facts)
    waiting = {
        request.fact: request
        for some in publishable.parts(sorted(facts))
        for request in PublicationRequest.objects.filter(
            fact__in=some, verb=PublicationRequest.Verb.WITHDRAW, state__in=PublicationRequest.UNDECIDED
        )
    }
    by_fact, _ = _shown(set(facts), set())
    made = []
    for fact, entry in sorted(by_fact.items()):
        rests = beside.get(fact, {})
        if all(_known(code, others, looked_at.get(fact, set())) for code, others in rests.items()):
            continue
        doubts = publishable.kept(holding(rests), rests)
        if not doubts:
            continue
        request = waiting.get(fact)
        if request is not None:
            if request.cause == DOUBTFUL:
                PublicationRequest.objects.filter(pk=request.pk).update(doubts=doubts)
            continue
        within = publishable.withdraw_within(call.book, entry.record, DOUBTFUL, call.today)
        due_on, basis = (within.day, canonical(within.basis())) if within is not None else (None, "{}")
        proposal = _take_down(entry, fact, DOUBTFUL, call)
        made.append(proposal._replace(doubts=canonical(doubts), due_on=due_on, due_basis=basis))
    return made


def _known(code: str, others: Sequence[int], looked_at: AbstractSet[tuple[str, int | None]]) -> bool:
    """Whether a doubt, and everything that it rests on, was examined already."""
    return (code, None) in looked_at or (bool(others) and all((code, other) in looked_at for other in others))


def _looked_at(facts: Collection[int]) -> dict[int, set[tuple[str, int | None]]]:
    """The doubts with which entries were approved, or stayed: fact -> (code, the fact that it rests on; None:
    whichever).
    """
    approved = Q(
        state=PublicationRequest.State.APPROVED,
        verb__in=(PublicationRequest.Verb.PUBLISH, PublicationRequest.Verb.CORRECT, PublicationRequest.Verb.REPLACE),
    )
    stays = Q(state=PublicationRequest.State.REJECTED, verb=PublicationRequest.Verb.WITHDRAW, cause=DOUBTFUL)
    found: dict[int, set[tuple[str, int | None]]] = {}
    for some in publishable.parts(sorted(facts)):
        decided = PublicationRequest.objects.filter(approved | stays, fact__in=some).exclude(doubts=[])
        for fact, doubts in decided.values_list("fact", "doubts"):
            for doubt in doubts:
                rests = doubt.get("beside") or [None]
                found.setdefault(fact, set()).update((doubt["code"], other) for other in rests)
    return found


def _lapse_cleared(now: dt.datetime) -> None:
    """A proposal to take something down for a doubt that is gone is not decided any more."""
    waiting = PublicationRequest.objects.filter(
        cause=DOUBTFUL, verb=PublicationRequest.Verb.WITHDRAW, state__in=PublicationRequest.UNDECIDED
    )
    facts = dict(waiting.values_list("pk", "fact"))
    doubted = doubts_of(facts.values())
    cleared = [pk for pk, fact in facts.items() if not holding(doubted.get(fact, ()))]
    for some in publishable.parts(cleared):
        waiting.filter(pk__in=some, proposed_by=str(SYSTEM)).update(
            state=PublicationRequest.State.LAPSED, decided_at=now, decision="疑点已经消除，无须再办。"
        )


def _cleared(rules: Mapping[str, Releaser], call: Call, done: Proposed) -> None:
    """What was taken down for a doubt that is gone by now is proposed to be shown again."""
    again = PublicationRequest.objects.filter(
        fact=OuterRef("fact"), verb=PublicationRequest.Verb.PUBLISH, pk__gt=OuterRef("pk")
    )
    down = PublicationRequest.objects.filter(
        ~Exists(again), cause=DOUBTFUL, verb=PublicationRequest.Verb.WITHDRAW, state=PublicationRequest.State.APPROVED
    )
    facts = set(down.values_list("fact", flat=True))
    doubted = doubts_of(facts)
    clear = sorted(fact for fact in facts if not holding(doubted.get(fact, ())))
    for some in publishable.parts(clear):
        with transaction.atomic():
            bulk.lock()
            shown = set(
                PublishedEntry.objects.filter(fact__in=some, state=PublishedEntry.State.SHOWN).values_list(
                    "fact", flat=True
                )
            )
            wanted = Fact.objects.filter(pk__in=set(some) - shown, record__in=sorted(rules)).order_by("id")
            said = publishable.said(wanted)
            requests = [each.request for each in candidates(said, rules, call)] if said else []
            write(requests)
            done.add("publish", len(requests))
            if requests:
                detail = {"shown_again": len(requests)}
                audit.write(call, "publication.propose", "doubts", detail=detail)
