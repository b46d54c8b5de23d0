"""Find what the book wants published, corrected or taken down, and put it before somebody who decides.

Runs in the background after each delivery, in short transactions, from where it came to last time: a run that is killed is taken
up again, and proposing twice proposes once. A person may also propose a single fact.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import orjson
from django.db import transaction
from django.db.models import Exists, OuterRef

from zhiheng.actions import audit, releasing
from zhiheng.actions.shelf import Shelf
from zhiheng.engines.publication import Release, Releaser
from zhiheng.grammar.loader import Book
from zhiheng.grammar.words import Label
from zhiheng.kernel.actor import Actor
from zhiheng.kernel.reasons import Refusal, Refused
from zhiheng.ledger import store
from zhiheng.ledger.models import Alias, Fact, IdentityAct
from zhiheng.office.models import PublicationMark, PublicationRequest
from zhiheng.people import access
from zhiheng.published.models import PublishedEnterprise, PublishedEntry, PublishedParty

Progress = Callable[[str, int, "int | None"], None]
# Nobody needs to be told of a row that the book never publishes, or whose time is over.
_SILENT = frozenset({"publication.outcome", "publication.never", "publication.ended"})
_CAUSES = {"publication.ended": "ended", "publication.deregistered": "deregistered"}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A request that is not written yet, with the fact and what would be shown of it (nothing where it is taken down or blocked)."""

    request: PublicationRequest
    fact: Fact
    release: Release | None = None


@dataclass
class Proposed:
    """How many proposals of each kind were made."""

    facts: int = 0
    made: dict[str, int] = field(default_factory=dict)

    def add(self, kind: str, count: int = 1) -> None:
        """Count some more of a kind."""
        if count:
            self.made[kind] = self.made.get(kind, 0) + count


def propose(*, actor: Actor, book: Book, now: dt.datetime, progress: Progress | None = None) -> Proposed:
    """Look at every fact since the last run; returns what was proposed."""
    access.require(actor, "publication.propose", book=book, today=now.date())
    done = Proposed()
    rules = releasing.ready(book)
    if not rules:
        return done
    while _some_facts(rules, actor, book, now, done):
        if progress:
            progress("查找应公示的事实 looking for what is to be published", done.facts, None)
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
        made = rules[fact.record].release(releasing.told(fact), today=now.date())
        if isinstance(made, Refusal):
            raise Refused(made)
        PublicationRequest.objects.filter(fact=fact.id, state__in=("open", "blocked"), verb="publish").update(
            state="lapsed"
        )
        request = _request("publish", fact, made, rules[fact.record], actor, now, reason=reason)
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
        facts = list(Fact.objects.filter(id__gt=mark.value, record__in=sorted(rules)).order_by("id")[: releasing.CHUNK])
        if not facts:
            return False
        requests = [each.request for each in candidates(facts, rules, actor, book, now)]
        PublicationRequest.objects.bulk_create(requests, ignore_conflicts=True, batch_size=500)
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


def candidates(
    facts: Sequence[Fact], rules: Mapping[str, Releaser], actor: Actor, book: Book, now: dt.datetime, *, gone_by: int | None = None
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
    deregistered = _gone_enterprises(facts, rules, gone_by)
    for fact in facts:
        releaser = rules[fact.record]
        before = by_fact.get(fact.concerns) if fact.concerns is not None else None
        if before is None and fact.thing is not None:
            before = by_thing.get(fact.thing)
        if fact.kind == Fact.Kind.WITHDRAWAL:
            if before is not None and before.fact == fact.concerns:
                found.append(Candidate(_take_down(before, fact.id, "annulled", actor, book, now), fact))
            continue
        outdated = fact.thing is not None and now_holds.get(fact.thing) not in (None, fact.id)
        if fact.id in gone or outdated or fact.id in by_fact:
            continue
        made = releaser.release(releasing.told(fact), today=today, deregistered=fact.id in deregistered)
        if isinstance(made, Release):
            verb = "publish" if before is None else "correct" if before.fact == fact.concerns else "replace"
            found.append(Candidate(_request(verb, fact, made, releaser, actor, now, before=before), fact, made))
        elif before is not None:
            cause = _CAUSES.get(made.code, "annulled" if fact.concerns else "superseded")
            found.append(Candidate(_take_down(before, fact.id, cause, actor, book, now), fact))
        elif made.code not in _SILENT:
            found.append(Candidate(_blocked(fact, made, releaser, actor, now), fact))
    return found


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


def _lapse(concerned: set[int], things: set[int], facts: Sequence[Fact]) -> None:
    """What waits about a statement that is no longer made is not decided any more."""
    older = set(concerned)
    new = {fact.id for fact in facts}
    for some in releasing.parts(sorted(things)):
        older |= set(Fact.objects.filter(thing__in=some).values_list("id", flat=True)) - new
    for some in releasing.parts(sorted(older)):
        PublicationRequest.objects.filter(fact__in=some, state__in=("open", "blocked")).exclude(verb="withdraw").update(
            state="lapsed"
        )


def _gone_enterprises(facts: Sequence[Fact], rules: Mapping[str, Releaser], gone_by: int | None = None) -> set[int]:
    """The facts that speak against an enterprise which, by what was published, exists no more."""
    named = {}
    for fact in facts:
        releaser = rules[fact.record]
        if fact.outcome in releaser.rule.against:
            named[fact.id] = releaser.named(releasing.told(fact))
    if not named:
        return set()
    aliases = releasing.aliases_of(each for of in named.values() for each in of)
    subjects = {subject for _, subject in aliases.values()}
    gone: set[int] = set()
    known = PublishedEnterprise.objects.filter(gone=True)
    known = known if gone_by is None else known.filter(pk__lte=gone_by)
    for some in releasing.parts(sorted(subjects)):
        gone |= set(known.filter(subject__in=some).values_list("subject", flat=True))
    return {
        number
        for number, of in named.items()
        if of and all(aliases.get(releasing.key_of(each), (0, 0))[1] in gone for each in of)
    }


def _request(
    verb: str, fact: Fact, made: Release, releaser: Releaser, actor: Actor, now: dt.datetime, *,
    before: PublishedEntry | None = None, reason: str = "",
) -> PublicationRequest:  # fmt: skip
    shown, digest = releasing.described(made)
    return PublicationRequest(
        verb=verb, fact=fact.id, entry=before.id if before else None, record=fact.record, list=made.list, unit=fact.unit,
        area=fact.area, outcome=fact.outcome or "", occurred_on=fact.occurred_on, title=made.title.zh, shown=shown, digest=digest,
        until=made.until, due_on=made.publish_by if verb == "publish" else None, doubts=releasing.flags(made),
        person=made.person, proposed_by=str(actor), proposed_at=now, reason=reason, cause="corrected" if verb == "correct" else "",
    )  # fmt: skip


def _take_down(
    before: PublishedEntry, fact: int, cause: str, actor: Actor, book: Book, now: dt.datetime
) -> PublicationRequest:
    return PublicationRequest(
        verb="withdraw", fact=fact, entry=before.id, record=before.record, list=before.list, unit=before.unit,
        area=before.area, outcome=before.outcome, occurred_on=before.occurred_on, title=before.title_zh, cause=cause,
        due_on=releasing.withdraw_by(book, before.record, cause, now.date()) or now.date(), person=before.person,
        proposed_by=str(actor), proposed_at=now,
    )  # fmt: skip


def _blocked(fact: Fact, why: Refusal, releaser: Releaser, actor: Actor, now: dt.datetime) -> PublicationRequest:
    return PublicationRequest(
        verb="publish", state="blocked", fact=fact.id, record=fact.record, list=releaser.rule.list, unit=fact.unit,
        area=fact.area, outcome=fact.outcome or "", occurred_on=fact.occurred_on, title=releaser.title_of(releasing.told(fact)).zh,
        doubts=[{"code": why.code, "zh": why.zh, "en": why.en}], proposed_by=str(actor), proposed_at=now,
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
            PublicationRequest.objects.bulk_create(requests, ignore_conflicts=True, batch_size=500)
            done.add("withdraw", len(requests))
            if requests:
                audit.write(
                    actor=actor, verb="publication.propose", about=f"record:{record}", at=now,
                    detail={"deregistered": len(requests)},
                )  # fmt: skip
