"""Find what the book wants published, corrected or taken down, and put it before somebody who decides.

Runs in the background after each delivery, in short transactions, from where it came to last time: a run that is killed is taken
up again, and proposing twice proposes once. A person may also propose a single fact.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import orjson
from django.db import transaction
from django.db.models import Exists, OuterRef

from zhiheng.actions import audit, find_doubts, releasing
from zhiheng.actions.aside import no_garbage_collection
from zhiheng.actions.releasing import Said
from zhiheng.actions.shelf import Shelf
from zhiheng.engines.publication import Release, Releaser, Told
from zhiheng.grammar.loader import Book
from zhiheng.grammar.words import Label
from zhiheng.kernel.actor import Actor
from zhiheng.kernel.facts import canonical
from zhiheng.kernel.reasons import Refusal, Refused
from zhiheng.ledger import store
from zhiheng.ledger.aliases import linked
from zhiheng.ledger.models import Alias, Fact, FactParty, IdentityAct
from zhiheng.office.models import PublicationMark, PublicationRequest
from zhiheng.people import access
from zhiheng.published.models import PublishedEnterprise, PublishedEntry, PublishedParty
from zhiheng.published.store import append

Progress = Callable[[str, int, "int | None"], None]
# Nobody needs to be told of a row that the book never publishes, or whose time is over.
_SILENT = frozenset({"publication.outcome", "publication.never", "publication.ended"})
# So many facts in one transaction: others wait for the ledger about a quarter of a second.
STEP = 5_000
_CAUSES = {"publication.ended": "ended", "publication.deregistered": "deregistered"}


class Proposal(NamedTuple):
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
    state: str = "open"
    entry: int | None = None
    shown: str = ""
    digest: str = ""
    until: dt.date | None = None
    due_on: dt.date | None = None
    cause: str = ""
    doubts: str = "[]"
    reason: str = ""
    decided_by: str = ""
    decided_at: dt.datetime | None = None
    decision: str = ""


class Candidate(NamedTuple):
    """A proposal, with the fact and what would be shown of it (nothing where it is taken down or blocked)."""

    request: Proposal
    fact: Said
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


def propose(
    *, actor: Actor, book: Book, now: dt.datetime, progress: Progress | None = None, enough: Callable[[], bool] = _never
) -> Proposed:
    """Look at every fact since the last run; returns what was proposed. ``enough``: asked after each step, says to stop there."""
    access.require(actor, "publication.propose", book=book, today=now.date())
    done = Proposed()
    rules = releasing.ready(book)
    if not rules:
        return done
    with no_garbage_collection():
        while _some_facts(rules, actor, book, now, done):
            if progress:
                progress("查找应公示的事实 looking for what is to be published", done.facts, None)
            if enough():
                done.left = True
                return done
    _follow_identity(book, now, actor)
    _deregistered(rules, actor, book, now, done)
    return done


def propose_fact(fact_id: int, *, reason: str, actor: Actor, book: Book, now: dt.datetime) -> int:
    """Propose one fact by hand; returns the request. Raises Refused with why it can't be published."""
    fact = Fact.objects.filter(pk=fact_id).first()
    if fact is None:
        raise Refused(
            Refusal(
                "fact.absent",
                f"没有编号为 {fact_id} 的事实；请核对编号。",
                f"There is no fact {fact_id}; check the number.",
            )
        )
    access.require(
        actor, "publication.propose", book=book, today=now.date(), record=fact.record, area=fact.area, unit=fact.unit,
        quality=book.records[fact.record].record.quality if fact.record in book.records else None,
    )  # fmt: skip
    rules = releasing.ready(book)
    if fact.record not in rules:
        what = (
            book.records[fact.record].record.label
            if fact.record in book.records
            else Label(zh=fact.record, en=fact.record)
        )
        raise Refused(
            Refusal(
                "publication.never",
                f"规则书没有写明公示“{what.zh}”；需要公示的，请先在规则书中写明公示规则。",
                f"The book does not publish '{what.en}'; write a rule of publication in the book first.",
            )
        )
    with transaction.atomic():
        store.lock()
        if not releasing.standing(fact):
            raise Refused(
                Refusal(
                    "publication.outdated",
                    "这条事实已被更正、撤回或者有了新的说法；请提出现行有效的那一条。",
                    "This fact was corrected, withdrawn or said anew; propose the one that holds.",
                )
            )
        before = PublishedEntry.objects.filter(fact=fact.id, state="shown").first()
        if before is not None:
            raise Refused(
                Refusal(
                    "publication.shown", "这条事实已经在公示。", "This fact is shown already; nothing is to be done."
                )
            )
        made = rules[fact.record].release(
            releasing.told(fact, find_doubts.of_facts([fact.id]).get(fact.id, ())), today=now.date()
        )
        if isinstance(made, Refusal):
            raise Refused(made)
        PublicationRequest.objects.filter(fact=fact.id, state__in=("open", "blocked"), verb="publish").update(
            state="lapsed"
        )
        proposal = _request("publish", fact, made, actor, now, reason=reason)
        request = PublicationRequest(**proposal._asdict() | {"doubts": orjson.loads(proposal.doubts)})
        request.save()
        audit.write(
            actor=actor, verb="publication.propose", about=f"fact:{fact.id}", at=now, detail={"request": request.pk}
        )
        return int(request.pk)


# -- every fact since the last run -------------------------------------------------------------------------------------


def _some_facts(rules: Mapping[str, Releaser], actor: Actor, book: Book, now: dt.datetime, done: Proposed) -> bool:
    """One bounded step; False once nothing is left."""
    with transaction.atomic():
        store.lock()
        mark, _ = PublicationMark.objects.select_for_update().get_or_create(name="facts")
        facts = releasing.said(Fact.objects.filter(id__gt=mark.value, record__in=sorted(rules)).order_by("id")[:STEP])
        if not facts:
            return False
        requests = [each.request for each in candidates(facts, rules, actor, book, now)]
        write(requests)
        for request in requests:
            done.add(f"{request.state}.{request.verb}" if request.state != "open" else request.verb)
        done.facts += len(facts)
        mark.value = facts[-1].id
        mark.save()
        if requests:
            audit.write(
                actor=actor, verb="publication.propose", about=f"facts:{facts[0].id}-{facts[-1].id}", at=now,
                detail={"requests": len(requests)},
            )  # fmt: skip
    return True


def write(requests: Sequence[Proposal]) -> None:
    """Write proposals; one that waits for a decision already is not made again. The caller holds the writing lock."""
    waiting: set[tuple[int, str]] = set()
    if facts := [request.fact for request in requests]:
        waits = PublicationRequest.objects.filter(fact__range=(min(facts), max(facts)), state__in=("open", "blocked"))
        waiting = set(waits.values_list("fact", "verb"))
    append(PublicationRequest, Proposal._fields, [each for each in requests if (each.fact, each.verb) not in waiting])


def candidates(
    facts: Sequence[Said], rules: Mapping[str, Releaser], actor: Actor, book: Book, now: dt.datetime, *, gone_by: int | None = None
) -> list[Candidate]:  # fmt: skip
    """What the book wants done about facts, in their order; what waits about earlier statements of the same things lapses.

    ``gone_by``: only enterprises up to this number are looked at for whether they exist no more.
    """
    access.require(actor, "publication.propose", book=book, today=now.date())
    concerned = {fact.concerns for fact in facts if fact.concerns is not None}
    things = {fact.thing for fact in facts if fact.thing is not None}
    gone = releasing.replaced(fact.id for fact in facts)
    now_holds = releasing.latest(things)
    by_fact, by_thing = _shown(concerned | {fact.id for fact in facts}, things)
    _lapse(concerned, things, facts)
    today = now.date()
    # What holds is written last: an earlier statement of the same thing in this step proposes nothing.
    found: list[Candidate] = []
    standing = [
        fact for fact in facts
        if fact.kind != "withdrawal" and fact.id not in gone and fact.id not in by_fact
        and (fact.thing is None or now_holds.get(fact.thing) in (None, fact.id))
    ]  # fmt: skip
    released = _released(standing, rules, today, gone_by)
    for fact in facts:
        before = by_fact.get(fact.concerns) if fact.concerns is not None else None
        if before is None and fact.thing is not None:
            before = by_thing.get(fact.thing)
        if fact.kind == "withdrawal":
            if before is not None and before.fact == fact.concerns:
                found.append(Candidate(_take_down(before, fact.id, "annulled", actor, book, now), fact))
            continue
        made = released.get(fact.id)
        if made is None:
            continue
        if isinstance(made, Release):
            verb = "publish" if before is None else "correct" if before.fact == fact.concerns else "replace"
            found.append(Candidate(_request(verb, fact, made, actor, now, before=before), fact, made))
        elif before is not None:
            cause = _CAUSES.get(made.code, "annulled" if fact.concerns else "superseded")
            found.append(Candidate(_take_down(before, fact.id, cause, actor, book, now), fact))
        elif made.code not in _SILENT:
            found.append(Candidate(_blocked(fact, made, rules[fact.record], actor, now), fact))
    return found


def _released(
    facts: Sequence[Said], rules: Mapping[str, Releaser], today: dt.date, gone_by: int | None
) -> dict[int, Release | Refusal]:
    """What the public would see of each fact, or why nothing; the facts of a record together."""
    of_record: dict[str, list[Said]] = {}
    for fact in facts:
        of_record.setdefault(fact.record, []).append(fact)
    found = find_doubts.of_facts(fact.id for fact in facts)
    told = {
        record: [releasing.told(fact, found.get(fact.id, ())) for fact in some] for record, some in of_record.items()
    }
    gone = _gone_enterprises(of_record, told, rules, gone_by)
    made: dict[int, Release | Refusal] = {}
    for record, some in of_record.items():
        deregistered = [fact.id in gone for fact in some]
        releases = rules[record].release_all(told[record], today=today, deregistered=deregistered)
        made.update(zip((fact.id for fact in some), releases, strict=True))
    return made


def _shown(facts: set[int], things: set[int]) -> tuple[dict[int, PublishedEntry], dict[int, PublishedEntry]]:
    """What is shown now of these facts, and of these things."""
    by_fact: dict[int, PublishedEntry] = {}
    by_thing: dict[int, PublishedEntry] = {}
    light = PublishedEntry.objects.filter(state="shown").defer("values", "basis_zh", "basis_en")
    for some in releasing.parts(sorted(facts)):
        by_fact |= {entry.fact: entry for entry in light.filter(fact__in=some)}
    for some in releasing.parts(sorted(things)):
        by_thing |= {entry.thing: entry for entry in light.filter(thing__in=some) if entry.thing is not None}
    return by_fact, by_thing


def _lapse(concerned: set[int], things: set[int], facts: Sequence[Said]) -> None:
    """What waits about a statement that is no longer made is not decided any more."""
    select = "SELECT f.id FROM ledger_fact f"
    older = concerned | {number for (number,) in store.matching(select, "f.thing", sorted(things))}
    older -= {fact.id for fact in facts} - concerned
    for some in releasing.parts(sorted(older)):
        PublicationRequest.objects.filter(fact__in=some, state__in=("open", "blocked")).exclude(verb="withdraw").update(
            state="lapsed"
        )


def _gone_enterprises(
    facts: Mapping[str, Sequence[Said]], told: Mapping[str, Sequence[Told]], rules: Mapping[str, Releaser],
    gone_by: int | None = None,
) -> set[int]:  # fmt: skip
    """The facts that speak against an enterprise which, by what was published, exists no more."""
    said = {}
    for record, some in facts.items():
        releaser = rules[record]
        for fact, of in zip(some, told[record], strict=True):
            if fact.outcome in releaser.rule.against:
                said[fact.id] = [releasing.spoken_in(each, fact) for each in releaser.named(of)]
    if not said:
        return set()
    aliases = linked(each for of in said.values() for each in of)
    subjects = {subject for _, subject in aliases.values()}
    gone: set[int] = set()
    known = PublishedEnterprise.objects.filter(gone=True)
    known = known if gone_by is None else known.filter(pk__lte=gone_by)
    for some_subjects in releasing.parts(sorted(subjects)):
        gone |= set(known.filter(subject__in=some_subjects).values_list("subject", flat=True))
    return {number for number, of in said.items() if of and all(aliases.get(each, (0, 0))[1] in gone for each in of)}


def _request(
    verb: str, fact: Fact | Said, made: Release, actor: Actor, now: dt.datetime, *, before: PublishedEntry | None = None, reason: str = "",
) -> Proposal:  # fmt: skip
    shown, digest = releasing.described(made)
    return Proposal(
        verb=verb, fact=fact.id, entry=before.id if before else None, record=fact.record, list=made.list, unit=fact.unit,
        area=fact.area, outcome=fact.outcome or "", occurred_on=fact.occurred_on, title=made.title.zh, shown=shown, digest=digest,
        until=made.until, due_on=made.publish_by if verb == "publish" else None,
        doubts=canonical(releasing.flags(made)) if made.doubts else "[]", person=made.person, proposed_by=str(actor), proposed_at=now,
        reason=reason, cause="corrected" if verb == "correct" else "",
    )  # fmt: skip


def _take_down(before: PublishedEntry, fact: int, cause: str, actor: Actor, book: Book, now: dt.datetime) -> Proposal:
    return Proposal(
        verb="withdraw", fact=fact, entry=before.id, record=before.record, list=before.list, unit=before.unit,
        area=before.area, outcome=before.outcome, occurred_on=before.occurred_on, title=before.title_zh, cause=cause,
        due_on=releasing.withdraw_by(book, before.record, cause, now.date()) or now.date(), person=before.person,
        proposed_by=str(actor), proposed_at=now,
    )  # fmt: skip


def _blocked(fact: Said, why: Refusal, releaser: Releaser, actor: Actor, now: dt.datetime) -> Proposal:
    return Proposal(
        verb="publish", state="blocked", fact=fact.id, record=fact.record, list=releaser.rule.list, unit=fact.unit,
        area=fact.area, outcome=fact.outcome or "", occurred_on=fact.occurred_on, title=releaser.title_of(releasing.told(fact)).zh,
        person=False, doubts=canonical([{"code": why.code, "zh": why.zh, "en": why.en}]), proposed_by=str(actor), proposed_at=now,
    )  # fmt: skip


# -- merges, splits, deregistration ------------------------------------------------------------------------------------


def _follow_identity(book: Book, now: dt.datetime, actor: Actor) -> None:
    """After a merge or a split an entry stands on the public file of whom its party stands for now."""
    with transaction.atomic():
        store.lock()
        mark, _ = PublicationMark.objects.select_for_update().get_or_create(name="identity")
        acts = list(IdentityAct.objects.filter(id__gt=mark.value).order_by("id"))
        if not acts:
            return
        for part in (part for act in acts if act.parted for part in orjson.loads(act.parted)):
            # What was published under the whole spelling of facts that now stand under a part of it.
            for facts in releasing.parts(
                sorted(FactParty.objects.filter(alias_id=part["to"]).values_list("fact_id", flat=True))
            ):
                PublishedParty.objects.filter(alias=part["of"], entry__fact__in=facts).update(alias=part["to"])
        moved = sorted({move[0] for act in acts for move in orjson.loads(act.moves)})
        shelf = Shelf(book, actor, now)
        count = 0
        for some in releasing.parts(moved):
            rows = list(Alias.objects.filter(id__in=some).values_list("id", "subject_id", "name", "code", "place"))
            count += shelf.move(
                {row[0]: row[1] for row in rows}, {row[0]: (row[2] or row[3], row[3], row[4]) for row in rows}
            )
        shelf.close()
        mark.value = acts[-1].id
        mark.save()
        audit.write(
            actor=actor, verb="publication.follow_identity", about=f"identity:{acts[0].id}-{acts[-1].id}", at=now,
            detail={"moved": count},
        )  # fmt: skip


def _deregistered(rules: Mapping[str, Releaser], actor: Actor, book: Book, now: dt.datetime, done: Proposed) -> None:
    """What speaks against an enterprise that exists no more is taken down (its own registration stays)."""
    for record, releaser in rules.items():
        if not releaser.rule.against:
            continue
        waiting = PublicationRequest.objects.filter(
            entry=OuterRef("pk"), state__in=("open", "blocked"), verb="withdraw"
        )
        living = PublishedParty.objects.filter(entry=OuterRef("pk"), enterprise__gone=False)
        gone = PublishedParty.objects.filter(entry=OuterRef("pk"), enterprise__gone=True)
        entries = PublishedEntry.objects.filter(
            Exists(gone),
            ~Exists(living),
            ~Exists(waiting),
            state="shown",
            record=record,
            outcome__in=releaser.rule.against,
        )
        with transaction.atomic():
            store.lock()
            requests = [
                _take_down(entry, entry.fact, "deregistered", actor, book, now)
                for entry in entries.order_by("pk")[:5000]
            ]
            write(requests)
            done.add("withdraw", len(requests))
            if requests:
                audit.write(
                    actor=actor, verb="publication.propose", about=f"record:{record}", at=now,
                    detail={"deregistered": len(requests)},
                )  # fmt: skip
