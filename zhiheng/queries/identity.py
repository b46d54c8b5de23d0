"""What an officer sees before saying whose record is whose: pairs that wait, both sides of one, the acts so far."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import reduce
from operator import or_

import orjson
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery

from zhiheng.database.paging import Keyset, Page
from zhiheng.database.scope_sql import ScopedTable
from zhiheng.engines.plain_words import plain_words
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger.models import Alias as Alias
from zhiheng.ledger.models import AuditLine, Delivery, Fact, FactParty, IdentityAct, LikelyMatch
from zhiheng.people import access, trail
from zhiheng.people.models import Account
from zhiheng.projections.models import Card
from zhiheng.projections.search import Hit, search
from zhiheng.quality_file.fact_lines import FileLine
from zhiheng.quality_file.file_head import FileHead, SubjectSpelling, file_head
from zhiheng.quality_file.file_pages import timeline
from zhiheng.quality_file.file_view import FileView, LinesQuestion
from zhiheng.quality_file.scope_filters import facts_within
from zhiheng.queries import refusals
from zhiheng.queries.subject_areas import areas_after, areas_of

PAGE = 50
SAMPLES = 4
SPELLINGS = 12
SIDES = ("alias", "other")
_LIKELIEST_FIRST = Keyset("-score", "id")


@dataclass(frozen=True)
class PairFilters:
    """Which of the waiting pairs: by the main reason, the area of either side, who spoke of either side, a text in
    either name.
    """

    kind: str = ""
    area: str = ""
    unit: str = ""
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class PairPage(Page[LikelyMatch]):
    """Pairs that wait for a person, likeliest first.

    ``total``: how many fit the question; ``kinds``: how many wait by their main reason, whatever else was asked;
    ``decidable``: the numbers of those that the actor may decide as well.
    """

    kinds: Sequence[tuple[str, int]] = ()
    decidable: frozenset[int] = frozenset()


def pairs_waiting(after: str, *, call: Call, asked: PairFilters = PairFilters(), limit: int = PAGE) -> PairPage:
    """The pairs that wait and that the actor reaches on both sides.

    Args:
        asked: what the list is narrowed by.
    """
    access.require_somewhere(call, "identity.read")
    reached = _within(_waiting(), call)
    counts = reached.order_by().values_list("kind").annotate(many=Count("id"))
    kinds = sorted(((kind or "", many) for kind, many in counts), key=lambda each: (-each[1], each[0]))
    found = _fitting(reached, asked, call.book).select_related("alias", "other")
    total = found.count() if asked != PairFilters() else sum(many for _, many in kinds)
    page = _LIKELIEST_FIRST.page(found, after, limit)
    able = _decidable([row.id for row in page.rows], call)
    return PairPage(page.rows, page.next, total, kinds=kinds, decidable=able)


def likely_matches(*, kind: str, limit: int, call: Call) -> Sequence[LikelyMatch]:
    """The pairs of everywhere that wait for a decision, the likeliest first, with both sides; ``kind`` empty: of any
    kind. One query.
    """
    access.require(call, "identity.read")
    found = LikelyMatch.objects.filter(decision="", **({"kind": kind} if kind else {}))
    return list(found.select_related("alias", "other").order_by("-score", "id")[:limit])


def _decidable(pairs: Collection[int], call: Call) -> frozenset[int]:
    """Those of some pairs that the actor may decide; no query where the actor's right to read and to decide have the
    same reach, or where there is no right to decide.
    """
    reads, decides = (access.scope(call, act) for act in ("identity.read", "identity.decide"))
    if decides.nothing or decides.everything or reads == decides:
        return frozenset() if decides.nothing else frozenset(pairs)
    here = _within(LikelyMatch.objects.filter(id__in=pairs), call, act="identity.decide")
    return frozenset(here.values_list("id", flat=True))


def _fitting(found: QuerySet[LikelyMatch], asked: PairFilters, book: Book) -> QuerySet[LikelyMatch]:
    if asked.kind:
        found = found.filter(kind=asked.kind)
    if asked.text:
        found = found.filter(
            reduce(
                or_, (Q(**{f"{side}__{what}__icontains": asked.text}) for side in SIDES for what in ("name", "code"))
            )
        )
    if asked.area:
        areas = sorted(book[DISTRICT].areas_below.get(asked.area, {asked.area}))
        found = found.filter(reduce(or_, (_side_in(side, areas) for side in SIDES)))
    if asked.unit:
        # Who said a fact is told by the delivery that its number falls into: deliveries are few and short, facts are
        # neither.
        came_in = (
            Delivery.objects.filter(first_fact__lte=OuterRef("fact_id")).order_by("-first_fact").values("unit")[:1]
        )
        links = FactParty.objects.alias(said_by=Subquery(came_in)).filter(said_by=asked.unit)
        found = found.filter(reduce(or_, (Q(Exists(links.filter(alias_id=OuterRef(f"{side}_id")))) for side in SIDES)))
    return found


def pair_after(match: LikelyMatch, *, call: Call) -> tuple[int | None, int | None]:
    """The pairs before and after one in the order of the list; None at its ends."""
    waiting = _within(_waiting(), call).exclude(id=match.id).values_list("id", flat=True)
    later = waiting.filter(Q(score__lt=match.score) | Q(score=match.score, id__gt=match.id)).order_by("-score", "id")
    before = waiting.filter(Q(score__gt=match.score) | Q(score=match.score, id__lt=match.id)).order_by("score", "-id")
    return before.first(), later.first()


def _waiting() -> QuerySet[LikelyMatch]:
    # Two that were merged by another pair meanwhile ask nothing any more.
    return LikelyMatch.objects.filter(decision="").exclude(alias__subject_id=F("other__subject_id"))


def _within(found: QuerySet[LikelyMatch], call: Call, *, act: str = "identity.read") -> QuerySet[LikelyMatch]:
    """Pairs with both sides within reach; a subject lies in the area of its card, else of its place, else of its facts
    (places.py).
    """
    scope = access.scope(call, act)
    return found.filter(_PAIRS.within(scope, None))


def _both_in(areas: Collection[str], _: None) -> Q:
    return _side_in(SIDES[0], areas) & _side_in(SIDES[1], areas)


_PAIRS = ScopedTable[None, Q](
    "likely matches",
    Q,
    # A pair is of no record, unit or enterprise: readers who are limited to some see none.
    records=ScopedTable.HIDES,
    areas=_both_in,
    units=ScopedTable.HIDES,
    subjects=ScopedTable.HIDES,
    workflows=ScopedTable.LIMITS_NOTHING,
)


def _side_in(side: str, areas: Collection[str]) -> Q:
    card = Card.objects.filter(subject=OuterRef(f"{side}__subject_id")).exclude(area="")
    said = Fact.objects.filter(id=OuterRef("fact_id"), area__in=areas)
    linked = FactParty.objects.filter(Exists(said), alias_id=OuterRef(f"{side}_id"))
    nowhere = ~Exists(card)
    return (
        Q(Exists(card.filter(area__in=areas)))
        | (Q(nowhere) & Q(**{f"{side}__place__in": areas}))
        | (Q(nowhere) & Q(**{f"{side}__place": ""}) & Q(Exists(linked)))
    )


# -- one pair ----------------------------------------------------------------------------------------------------------

# A piece of a text, and whether the other side has the same there.
Piece = tuple[str, bool]


@dataclass(frozen=True)
class PairSide:
    """One of the two: what was delivered, how else the same subject is spelt, who spoke of it, some of what was
    said.
    """

    alias: Alias
    name: Sequence[Piece]
    address: Sequence[Piece]
    code: Sequence[Piece]
    spellings: Sequence[SubjectSpelling]
    more: int
    units: Sequence[str]
    card: Card | None
    lines: Sequence[FileLine]


@dataclass(frozen=True)
class Pair:
    """A pair with both sides; where it is decided, the decision, its author and reason."""

    match: LikelyMatch
    left: PairSide
    right: PairSide
    reasons: Sequence[Mapping[str, str]]
    may_decide: bool
    before: int | None
    after: int | None
    decided_by: str = ""
    decided_why: str = ""


def open_pair(number: int, *, call: Call) -> Pair:
    """One pair, both sides; decided ones can be opened too."""
    access.require_somewhere(call, "identity.read")
    match: LikelyMatch | None = (
        _within(LikelyMatch.objects.all(), call).select_related("alias", "other", "act").filter(id=number).first()
    )
    if match is None:
        raise Refused(refusals.match_absent(number))
    if match.alias.kind == "person":
        trail.note(call, "identity.open", f"likely:{match.id}")
    before, after = pair_after(match, call=call)
    names = _pieces(match.alias.name, match.other.name)
    addresses = _pieces(plain_words(match.alias.address), plain_words(match.other.address))
    codes = _pieces(match.alias.code, match.other.code)
    sides = [
        _side(alias, name, address, code, call)
        for alias, name, address, code in zip((match.alias, match.other), names, addresses, codes, strict=True)
    ]
    who, why = _decision(match)
    return Pair(
        match,
        sides[0],
        sides[1],
        [{"zh": zh, "en": en} for zh, en in orjson.loads(match.reasons)],
        _may_decide(match, call),
        before,
        after,
        who,
        why,
    )


def _may_decide(match: LikelyMatch, call: Call) -> bool:
    """Whether both sides lie within the actor's reach, as the action will ask."""
    sides = areas_of({match.alias.subject_id, match.other.subject_id}).values()
    return all(access.may(call, "identity.decide", area=a) is None for a in sides)


def _side(alias: Alias, name: Sequence[Piece], address: Sequence[Piece], code: Sequence[Piece], call: Call) -> PairSide:
    head = file_head(alias.subject_id)
    card = Card.objects.filter(subject=alias.subject_id).first()
    own = (alias.name, alias.code)
    others = list({(s.name, s.code): s for s in (head.spellings if head else ()) if (s.name, s.code) != own}.values())
    view = FileView(alias.subject_id, access.scope(call, "fact.read"), call.today, card_area=card.area if card else "")
    line = timeline(view, LinesQuestion(limit=SAMPLES), book=call.book)
    latest = FactParty.objects.filter(alias_id=alias.id).order_by("-fact_id").values_list("fact_id", flat=True)[:100]
    units = list(dict.fromkeys(Fact.objects.filter(id__in=list(latest)).order_by("id").values_list("unit", flat=True)))
    return PairSide(
        alias, name, address, code, others[:SPELLINGS], max(len(others) - SPELLINGS, 0), units, card, line.rows
    )


def _pieces(one: str, other: str) -> tuple[list[Piece], list[Piece]]:
    """Both texts cut where they differ; where one side says nothing, the other differs in nothing."""
    if not one or not other:
        return [(one, True)] if one else [], [(other, True)] if other else []
    left: list[Piece] = []
    right: list[Piece] = []
    for tag, a, b, c, d in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if a < b:
            left.append((one[a:b], tag == "equal"))
        if c < d:
            right.append((other[c:d], tag == "equal"))
    return left, right


def _decision(match: LikelyMatch) -> tuple[str, str]:
    """Who decided, and why: the trail says so for every decision."""
    if not match.decision:
        return "", ""
    line = AuditLine.objects.filter(verb=f"likely.{match.decision}", about=f"likely:{match.id}").first()
    return (line.actor, orjson.loads(line.detail).get("reason", "")) if line else ("", "")


@dataclass(frozen=True)
class Chosen:
    """A chosen subject with its spellings."""

    head: FileHead
    card: Card | None


# -- acts --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ActShown:
    """A merge, a split or an undoing, with the names that moved; ``open`` says that it was not undone yet, ``may_undo``
    that the actor may; the names of enterprises beyond their reach are left out.
    """

    act: IdentityAct
    names: Sequence[str]
    moved: int
    into: Sequence[int]
    open: bool
    may_undo: bool


def acts(after: str, *, call: Call, limit: int = PAGE) -> Page[ActShown]:
    """What was merged, split and undone so far, latest first."""
    access.require_somewhere(call, "identity.read")
    found = IdentityAct.objects.select_related("undone_by")
    page = Keyset("-id").page(found, after, limit)
    moves: dict[int, list[tuple[int, int, int]]] = {act.id: orjson.loads(act.moves) for act in page.rows}
    told = {alias for moved in moves.values() for alias, _, _ in moved[:3]}
    names = dict(Alias.objects.filter(id__in=told).values_list("id", "name"))
    seen, able = (_reached(moves, call, what) for what in ("identity.read", "identity.decide"))
    shown = []
    for act in page.rows:
        moved = moves[act.id]
        open_ = act.verb != IdentityAct.Verb.UNDO and not hasattr(act, "undone_by")
        said = [names.get(alias, "") for alias, _, _ in moved[:3]] if act.id in seen else []
        into = sorted({to for _, _, to in moved})
        shown.append(ActShown(act, said, len(moved), into, open_, open_ and act.id in able))
    return page.made(shown)


def _reached(moves: Mapping[int, Sequence[tuple[int, int, int]]], call: Call, what: str) -> frozenset[int]:
    """The acts all of whose subjects lie where the actor may do something."""
    scope = access.scope(call, what)
    if scope.everything or scope.nothing:
        return frozenset(moves) if scope.everything else frozenset()
    areas = areas_after([(name, to, back) for moved in moves.values() for name, back, to in moved])
    here = {subject for subject, lying in areas.items() if access.may(call, what, area=lying) is None}
    return frozenset(act for act, moved in moves.items() if {s for _, *ends in moved for s in ends} <= here)


def spellings_of(subject: int, *, call: Call) -> FileHead:
    """Every spelling that is linked to a subject, to choose those that are another subject's."""
    access.require_somewhere(call, "identity.read")
    head = file_head(subject)
    if head is None:
        raise Refused(refusals.subject_absent(subject))
    access.require(call, "identity.read", area=areas_of([subject])[subject])
    return head


# So many facts of one spelling are listed to be chosen one by one; where there are more, the unit or the area chooses.
LISTED = 100


@dataclass(frozen=True)
class Under:
    """What was said under one spelling: how many facts of which unit and area, and the latest of them that the reader
    may see.
    """

    spelling: Alias
    facts: int
    units: Sequence[tuple[str, int]]
    areas: Sequence[tuple[str, int]]
    latest: Sequence[Fact]


def facts_under(alias: int, subject: int, *, call: Call) -> Under:
    """The facts under a spelling of a subject, to choose those that are another subject's.

    Args:
        alias: the number of the spelling.
        subject: the enterprise that holds it now.
    """
    spellings_of(subject, call=call)
    spelling = Alias.objects.filter(id=alias, subject_id=subject).first()
    if spelling is None:
        raise Refused(refusals.alias_absent(subject, alias=alias))
    said = Fact.objects.filter(id__in=FactParty.objects.filter(alias_id=alias).values("fact_id"))

    def by(column: str) -> list[tuple[str, int]]:
        counts = said.order_by().values_list(column).annotate(many=Count("id"))
        return sorted(((str(name), many) for name, many in counts), key=lambda each: (-each[1], each[0]))

    units = by("unit")
    scope = access.scope(call, "fact.read")
    card = Card.objects.filter(subject=subject).values_list("area", flat=True).first() or ""
    shown = said.filter(facts_within(scope, card_area=card, subject=subject)).order_by("-occurred_on", "-id")
    return Under(spelling, sum(many for _, many in units), units, by("area"), list(shown[:LISTED]))


def look_for(text: str, *, call: Call) -> Sequence[Hit]:
    """Enterprises that a text finds, within the actor's reach; the search leaves a line in the trail."""
    access.require_somewhere(call, "identity.decide")
    scope = access.scope(call, "identity.decide")
    text = " ".join(text.split())[:100]
    if not text:
        return ()
    page = search(text, scope=scope, limit=20)
    trail.note(call, "identity.search", "subjects", detail={"text": plain_words(text), "found": len(page.rows)})
    return page.rows


def chosen_subjects(subjects: Collection[int], *, call: Call) -> list[Chosen]:
    """The subjects chosen for a merge, in the order of their numbers."""
    access.require_somewhere(call, "identity.decide")
    cards = {card.subject: card for card in Card.objects.filter(subject__in=subjects)}
    areas = areas_of(subjects)
    found: list[Chosen] = []
    for subject in sorted(subjects):
        head = file_head(subject)
        if head is not None and access.may(call, "identity.decide", area=areas[subject]) is None:
            found.append(Chosen(head, cards.get(subject)))
    return found


def names_of(actors: Collection[str]) -> dict[str, str]:
    """What the trail calls an account -> its name, for pages (one query). A name that was typed at the door and
    belongs to nobody stands in the trail as ``account:unknown`` and has no number: it is none of these.
    """
    said = {who: who.split()[0].removeprefix("account:") for who in actors if who.startswith("account:")}
    numbers = {who: int(number) for who, number in said.items() if number.isdecimal()}
    names = dict(Account.objects.filter(id__in=set(numbers.values())).values_list("id", "name"))
    return {who: names.get(number, who) for who, number in numbers.items()}
