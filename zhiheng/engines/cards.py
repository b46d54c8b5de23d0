"""Cards: what lists and searches show of a subject, computed from its facts by the book's ``cards`` page. Pure.

A fact *stands* where it was not corrected or withdrawn and no later statement of the same thing outdates it. Counts of
facts count all statements; everything else is computed from those that stand. An outcome is held against the party that
the record is about, never against the laboratory that found it.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, NamedTuple

import orjson

from zhiheng.engines.conditions import is_met
from zhiheng.engines.identity.names import fold
from zhiheng.engines.naming import LATELY
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.cards import CARDS, CardFacts, CardPage, FromField, Problem, counted_records, spoken_of
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.grammar.types import QUALITIES, Filter
from zhiheng.kernel.days import months_later
from zhiheng.kernel.memo import Recent, Same

# When the rules of this module change, cards made by the old ones are no longer right: raise it, and all are made anew.
VERSION = 4
# Of whom so few lines were told, nothing is kept counted: they are as soon read again. Nor of whom so many would have
# to be kept whole.
FEW_LINES, MOST_LINES = 30, 200
# How much is kept to search by: of texts that are found by any part, and of numbers that are found by their beginning.
MOST_WITHIN, MOST_STARTS = 200, 2_000
_TEXT = 200
_YEAR = 12


class CardStatement(NamedTuple):
    """A fact in the role in which a subject stands in it. Days are ISO texts; ``body`` only where the page needs it.

    ``stands_until``: the day on which another statement of the same thing, perhaps about another subject, takes the
    place of this one.
    """

    fact: int
    role: str
    alias: int
    record: str
    unit: str
    on: str
    until: str | None
    outcome: str | None
    area: str
    standing: bool
    body: str | None
    stands_until: str | None = None


class PartySpelling(NamedTuple):
    """A party as it was delivered."""

    alias: int
    name: str
    code: str
    code_kind: str
    address: str
    place: str


class Word(NamedTuple):
    """A text to be found by: ``kind`` is ``name``, ``former``, ``code`` or a word of the page's ``search``."""

    kind: str
    shown: str
    starts: bool


@dataclass
class CardValues:
    """A card as values, in the words of the table (``projections.models.Card``)."""

    subject: int
    name: str = ""
    names: int = 0
    code: str = ""
    kind: str = ""
    area: str = ""
    industry: str = ""
    status: str = ""
    in_business: bool | None = None
    address: str = ""
    legal_representative: str = ""
    established_on: str | None = None
    facts: int = 0
    units: tuple[str, ...] = ()
    standing: dict[str, dict[str, Any]] = field(default_factory=dict)
    fails: int = 0
    open: dict[str, int] = field(default_factory=dict)
    lists: tuple[str, ...] = ()
    next_expiry: str | None = None
    expiry_record: str = ""
    expiry_what: str = ""
    expired: int = 0
    # What ended longest ago and was not renewed: its last day, its record and what it is called.
    expired_on: str | None = None
    expired_record: str = ""
    expired_what: str = ""
    last_on: str = ""
    changes_on: str | None = None
    words: tuple[Word, ...] = ()
    # The facts behind the counts, for pages: what is open, what ends (the next first), what has ended.
    problems: tuple[int, ...] = ()
    ending: tuple[int, ...] = ()
    ended: tuple[int, ...] = ()


# The place of a line among all of its subject: day, fact, role.
_Key = tuple[str, int, str]


def _key(kept: Sequence[Any]) -> _Key:
    """As JSON keeps it: a list."""
    on, fact, role = kept
    return on, fact, role


@dataclass
class SubjectTally:
    """What the facts about a subject up to one said, counted together, so that the next need not have them read again.

    It holds while nothing takes a fact out of what stands (a correction, a withdrawal, a later statement of the same
    thing) and no spelling moves. What can't be counted is kept as lines: what is on a list, what ends, what is wrong
    and what settles it.
    """

    # The last fact that is counted, and the lines.
    until: int = 0
    seen: int = 0
    facts: int = 0
    units: list[str] = field(default_factory=list)
    last_on: str = ""
    # The last day of whatever is told, for a card of which nothing is counted.
    any_on: str = ""
    # Quality -> facts, last day, last outcome and its place; and (quality, day) of each fail of two years.
    qualities: dict[str, tuple[int, str, str, _Key]] = field(default_factory=dict)
    fails: list[tuple[str, str]] = field(default_factory=list)
    # Field of the card and where it comes from -> the last place and what it says.
    fields: dict[str, tuple[_Key, str]] = field(default_factory=dict)
    # Kind of word -> text -> where it was said last.
    words: dict[str, dict[str, tuple[Any, ...]]] = field(default_factory=dict)
    # Where it lies: by its own address, by the last fact that is about it, by the last fact.
    places: dict[str, tuple[_Key, str]] = field(default_factory=dict)
    # Alias -> facts, and the last day and fact.
    spellings: dict[int, tuple[int, str, int]] = field(default_factory=dict)
    lines: list[CardStatement] = field(default_factory=list)

    def as_json(self) -> str:
        """As it is kept."""
        told = vars(self) | {"lines": [tuple(line) for line in self.lines]}
        return orjson.dumps(told, option=orjson.OPT_NON_STR_KEYS).decode()

    @classmethod
    def of(cls, text: str) -> SubjectTally:
        """As it was kept."""
        told = cls(**orjson.loads(text))
        told.qualities = {q: (n, on, outcome, _key(key)) for q, (n, on, outcome, key) in told.qualities.items()}
        told.fails = [(q, on) for q, on in told.fails]
        told.fields = {name: (_key(key), value) for name, (key, value) in told.fields.items()}
        told.words = {kind: {text: tuple(key) for text, key in some.items()} for kind, some in told.words.items()}
        told.places = {name: (_key(key), value) for name, (key, value) in told.places.items()}
        told.spellings = {int(alias): (n, on, fact) for alias, (n, on, fact) in told.spellings.items()}
        told.lines = [CardStatement(*line) for line in told.lines]
        return told


@dataclass(frozen=True, eq=False)
class _Source:
    """A field of a record and the roles that it speaks of; ``party``: the value is the party itself."""

    record: str
    field: str
    part: str
    roles: frozenset[str]
    party: bool

    @property
    def slot(self) -> str:
        """What it is known by in a tally."""
        return f"{self.record}.{self.field}.{self.part} {' '.join(sorted(self.roles))}"

    def value(self, said: CardStatement, spelling: PartySpelling, body: Mapping[str, Any]) -> Any:
        """What a fact says here; None where it says nothing."""
        if self.party:
            return getattr(spelling, self.part or "name") or None
        value = body.get(self.field)
        if isinstance(value, Mapping):
            value = value.get(self.part) if self.part else value.get("code") or value.get("number") or value.get("text")
        return None if value is None or value == "" else value


@dataclass(frozen=True)
class _Settler:
    record: str
    roles: frozenset[str]
    same: tuple[tuple[str, str], ...]
    outcomes: frozenset[str]


@dataclass(frozen=True)
class _Problem:
    record: str
    roles: frozenset[str]
    said: Problem
    settlers: tuple[_Settler, ...]


class CardPlan:
    """The book's page of a card, compiled: the records, roles and fields that it needs for each kind of subject."""

    def __init__(self, book: Book, page: CardPage) -> None:
        self.page = page
        # What every department sees: of other records a card counts nothing, since lists are for all.
        self.counted = counted_records(book[RECORDS])
        self.quality_of = {name: entry.record.quality for name, entry in book[RECORDS].items()}

        def source(said: FromField) -> _Source:
            entry = book[RECORDS][said.record]
            kind = next(iter(entry.types.values()))[said.field]
            return _Source(said.record, said.field, said.part, frozenset(spoken_of(said, entry)), kind.name == "party")

        def roles(said: CardFacts) -> frozenset[str]:
            return frozenset(spoken_of(said, book[RECORDS][said.record]))

        self.fields = {name: tuple(map(source, sources)) for name, sources in page.fields.items()}
        self.expiring = {s.record: s for s in map(source, page.expiring) if s.record in self.counted}
        self.search = {
            kind: (tuple(map(source, said.from_)), said.match == "start") for kind, said in page.search.items()
        }
        self.lists = {said.record: roles(said) for said in page.lists if said.record in self.counted}
        # What holds now is shown by groups: of each, the records and the roles in which the subject stands in them.
        self.groups = tuple(
            (
                group,
                frozenset((s.record, role) for s in group.records if s.record in book[RECORDS] for role in roles(s)),
            )
            for group in page.groups
        )
        self.problems = tuple(
            _Problem(
                p.record,
                self._judged_in(p, book),
                p,
                tuple(_Settler(b.record, roles(b), tuple(b.same.items()), frozenset(b.outcome)) for b in p.settled_by),
            )
            for p in page.problems
            if p.record in self.counted
        )
        # Whose outcome it is: those the page names, else the party that the record speaks of first.
        self.judged: dict[str, frozenset[str]] = {}
        for name, entry in book[RECORDS].items():
            named = page.judged.get(name)
            self.judged[name] = frozenset(named if named is not None else spoken_of(CardFacts(record=name), entry))
        # Who is spoken of in events: of an enterprise that exists no more nothing can be said to have happened.
        self.events = {name: roles for name, roles in self.judged.items() if book[RECORDS][name].record.kind == "event"}
        self.by_record: dict[str, list[tuple[str, str, _Source]]] = {}
        uses: list[tuple[str, str, _Source]] = [
            ("field", kind, each) for kind, some in self.fields.items() for each in some
        ]
        uses += [("word", kind, each) for kind, (some, _) in self.search.items() for each in some]
        for use in uses:
            self.by_record.setdefault(use[2].record, []).append(use)
        for each in self.expiring.values():
            self.by_record.setdefault(each.record, []).append(("end", "", each))
        self.settling: dict[str, frozenset[str]] = {}
        for problem in self.problems:
            for settler in problem.settlers:
                self.settling[settler.record] = self.settling.get(settler.record, frozenset()) | settler.roles
        # The fields and words that a record gives, each with its place and what it is known by.
        self.uses = {
            record: [
                (at, use, kind, each, f"{kind} {each.slot}")
                for at, (use, kind, each) in enumerate(some)
                if use != "end"
            ]
            for record, some in self.by_record.items()
        }
        # Of these records lines are needed and not only counts.
        self.whole = {*self.lists, *self.expiring, *self.settling}
        self.edition = sha256(
            orjson.dumps(
                [
                    VERSION,
                    page.model_dump(mode="json", by_alias=True),
                    sorted(self.quality_of.items()),
                    sorted(self.counted),
                    sorted((n, sorted(r)) for n, r in self.judged.items()),
                    sorted((n, e.edition(s)) for n, e in book[RECORDS].items() for s in e.sources),
                ],
                option=orjson.OPT_SORT_KEYS,
            )
        ).hexdigest()

    @staticmethod
    def _judged_in(problem: Problem, book: Book) -> frozenset[str]:
        return frozenset(spoken_of(problem, book[RECORDS][problem.record]))

    def keeps(self, line: CardStatement) -> bool:
        """Whether a line that stands is needed as such, however much is counted."""
        return line.record in self.whole or any(
            line.record == problem.record and line.role in problem.roles and line.outcome in problem.said.outcome
            for problem in self.problems
        )

    def bodies(self) -> frozenset[tuple[str, str]]:
        """(record, role) of the facts whose bodies are needed."""
        found = {
            (s.record, role)
            for listed in self.by_record.values()
            for _, _, s in listed
            if not s.party
            for role in s.roles
        }
        for problem in self.problems:
            if problem.said.where or problem.said.settled_when or any(s.same for s in problem.settlers):
                found |= {(problem.record, role) for role in problem.roles}
            found |= {(s.record, role) for s in problem.settlers if s.same for role in s.roles}
        return frozenset(found)


def card_of(
    subject: int, said: Iterable[CardStatement], spellings: Mapping[int, PartySpelling], plan: CardPlan, today: dt.date
) -> CardValues | None:
    """The card of a subject; None where nothing was ever said of it. ``said`` has a line per fact and role, live ones
    and others.
    """
    return card_after(subject, None, said, spellings, plan, today)[0]


def card_after(
    subject: int,
    tally: SubjectTally | None,
    said: Iterable[CardStatement],
    spellings: Mapping[int, PartySpelling],
    plan: CardPlan,
    today: dt.date,
    until: int = 0,
) -> tuple[CardValues | None, SubjectTally | None]:
    """The card of a subject of which ``tally`` was counted before and ``said`` is new, and the tally of it all up to
    fact ``until``.

    Without a tally ``said`` is everything. No tally is given back where it would hold no longer than today or is not
    worth it.
    """
    lines = sorted(said, key=_place_of)
    if not lines and tally is None:
        return None, None
    making = _Making(subject, lines, spellings, plan, today, tally or SubjectTally())
    return making.card(), making.counted(until)


def _place_of(line: CardStatement) -> _Key:
    return line.on, line.fact, line.role


class _Making:
    """One card in the making."""

    def __init__(
        self,
        subject: int,
        lines: Sequence[CardStatement],
        spellings: Mapping[int, PartySpelling],
        plan: CardPlan,
        today: dt.date,
        tally: SubjectTally,
    ) -> None:
        self.card_ = CardValues(subject)
        self.plan, self.spellings, self.today, self.tally = plan, spellings, today, tally
        self.day = today.isoformat()
        self.coming: list[str] = []
        # What is true only from a later day on is not counted before that day.
        self.coming += [line.on for line in lines if line.on > self.day]
        self.coming += [line.stands_until for line in lines if line.standing and line.stands_until is not None]
        self.ahead = bool(self.coming)
        self.lines = [line for line in lines if line.on <= self.day]
        self.all = lines
        self.new: dict[str, list[CardStatement]] = {}
        for line in self.lines:
            if line.standing:
                self.new.setdefault(line.record, []).append(line)
        # What is new with what was kept: all that stands, of the records of which lines are needed.
        self.of_record = self.new
        if tally.lines:
            self.of_record = {}
            for line in sorted((*tally.lines, *(each for some in self.new.values() for each in some)), key=_place_of):
                self.of_record.setdefault(line.record, []).append(line)
        self._bodies: dict[int, Mapping[str, Any]] = {}

    def counted(self, until: int) -> SubjectTally | None:
        """The tally of what was counted before and of what is new; None where it is not worth keeping, or holds for
        today only.
        """
        tally, plan = self.tally, self.plan
        tally.until, tally.seen = until, tally.seen + len(self.all)
        if self.ahead or tally.seen < FEW_LINES:
            return None
        tally.lines = [line for some in self.of_record.values() for line in some if plan.keeps(line)]
        return tally if len(tally.lines) <= MOST_LINES else None

    def body(self, line: CardStatement) -> Mapping[str, Any]:
        """The body of a fact, read once."""
        found = self._bodies.get(line.fact)
        if found is None:
            found = self._bodies[line.fact] = orjson.loads(line.body) if line.body else {}
        return found

    def card(self) -> CardValues:
        """Build the complete card: counts, fields, names, expiries and open problems."""
        card = self.card_
        self._counts()
        self._fields()
        self._expiry()
        self._problems()
        self._names()
        card.lists = tuple(sorted(self._lists()))
        card.changes_on = min(self.coming, default=None)
        return card

    # -- counts ----------------------------------------------------------------------------------------------------

    def _counts(self) -> None:
        card, plan, tally = self.card_, self.plan, self.tally
        units = set(tally.units)
        seen: set[int] = set()
        judged: set[int] = set()
        of_quality: dict[str, list[Any]] = {q: list(told) for q, told in tally.qualities.items()}
        counted = [line for line in self.lines if line.record in plan.counted]
        for line in counted:
            quality = plan.quality_of.get(line.record)
            told = None if quality is None else of_quality.setdefault(quality, [0, "", "", ("", 0, "")])
            if line.fact not in seen:
                seen.add(line.fact)
                units.add(line.unit)
                if told is not None:
                    told[0] += 1
                    if line.on > told[1]:
                        told[1] = line.on
            if (
                told is None
                or not line.standing
                or line.outcome is None
                or line.fact in judged
                or line.role not in plan.judged.get(line.record, ())
            ):
                continue
            judged.add(line.fact)
            if _place_of(line) >= told[3]:
                told[2:] = line.outcome, _place_of(line)
            if line.outcome == "fail" and quality is not None:
                tally.fails.append((quality, line.on))
        tally.facts += len(seen)
        tally.qualities = {q: tuple(told) for q, told in of_quality.items()}
        card.standing = {}
        for name in QUALITIES:
            facts, last_on, outcome, _ = tally.qualities.get(name, (0, "", "", None))
            card.standing[name] = {
                "facts": facts,
                "fails": 0,
                "fails_before": 0,
                "open": 0,
                "last_on": last_on,
                "outcome": outcome,
            }
        tally.fails = [(quality, on) for quality, on in tally.fails if self.day < months_after(on, 2 * _YEAR)]
        for named, on in tally.fails:
            within = self.day < (year := months_after(on, _YEAR))
            card.standing[named]["fails" if within else "fails_before"] += 1
            self.coming.append(year if within else months_after(on, 2 * _YEAR))
        tally.units = sorted(units)
        tally.last_on = max((tally.last_on, *(line.on for line in counted)))
        tally.any_on = max((tally.any_on, *(line.on for line in self.lines)))
        card.facts, card.units = tally.facts, tuple(tally.units)
        card.fails = sum(standing["fails"] for standing in card.standing.values())
        card.last_on = tally.last_on or tally.any_on or self.all[0].on

    # -- fields and words ------------------------------------------------------------------------------------------

    def _fields(self) -> None:
        card, plan, tally = self.card_, self.plan, self.tally
        for order, (record, uses) in enumerate(plan.uses.items()):
            for line in self.new.get(record, ()):
                place = _place_of(line)
                for at, use, kind, source, slot in uses:
                    if line.role not in source.roles:
                        continue
                    value = source.value(line, self.spellings[line.alias], self.body(line) if not source.party else {})
                    if value is None:
                        continue
                    if use == "field":
                        if slot not in tally.fields or tally.fields[slot][0] <= place:
                            tally.fields[slot] = (place, str(value))
                        continue
                    given = tally.words.setdefault(kind, {})
                    for piece, text in enumerate(_pieces(value) if not plan.search[kind][1] else (str(value),)):
                        said = (order, *place, at, piece)
                        if text not in given or given[text] <= said:
                            given[text] = said
        for kind, sources in plan.fields.items():
            slots = (f"{kind} {source.slot}" for source in sources)
            if (told := next((tally.fields[slot] for slot in slots if slot in tally.fields), None)) is not None:
                setattr(card, kind, told[1])
        if "status" in plan.fields and card.status:
            card.in_business = card.status in plan.page.in_business
        self._places()
        if not card.area:
            card.area = self._place()
        # The latest of a record stay where there are too many.
        for kind, given in tally.words.items():
            most = MOST_STARTS if plan.search[kind][1] else MOST_WITHIN
            tally.words[kind] = dict(sorted(given.items(), key=lambda each: each[1])[-most:])
        card.words = tuple(
            Word(kind, text[:_TEXT], plan.search[kind][1]) for kind, given in tally.words.items() for text in given
        )

    def _places(self) -> None:
        judged = self.plan.judged
        told: dict[str, tuple[_Key, str]] = {}
        # The last that says so is all that is asked.
        for line in reversed(self.lines):
            if "last" not in told:
                told["last"] = (_place_of(line), line.area)
            if "judged" not in told and line.role in judged.get(line.record, ()):
                told["judged"] = (_place_of(line), line.area)
            if place := self.spellings[line.alias].place:
                told["own"] = (_place_of(line), place)
                break
        for how, said in told.items():
            if how not in self.tally.places or self.tally.places[how][0] <= said[0]:
                self.tally.places[how] = said

    def _place(self) -> str:
        """Where it lies, where no record says so: its own address, else where the latest fact about it lies."""
        places = self.tally.places
        for how in ("own", "judged", "last"):
            if how in places:
                return places[how][1]
        return self.all[-1].area

    def _names(self) -> None:
        card, counts = self.card_, self.tally.spellings
        new: dict[int, dict[int, str]] = {}
        for line in self.all:
            new.setdefault(line.alias, {})[line.fact] = line.on
        for alias, said_on in new.items():
            facts, on, fact = counts.get(alias, (0, "", 0))
            # Lines come in the order of their days.
            last, on_last = next(reversed(said_on.items()))
            counts[alias] = (facts + len(said_on), *max((on, fact), (on_last, last)))
        told = sorted(self.spellings.values(), key=lambda s: (counts.get(s.alias, (0, "", 0))[1:], s.alias))
        if not card.name:
            # No register names it: what was said with a code comes before what was not, then what was said most, then
            # last.
            said = Counter[tuple[bool, str]]()
            for s in told:
                if s.name:
                    said[bool(s.code), s.name] += counts.get(s.alias, (0, "", 0))[0]
            order = {s.name: at for at, s in enumerate(told)}
            best = max(said, key=lambda each: (each[0], said[each], order[each[1]]), default=(False, ""))
            card.name = best[1]
        codes = [s for s in told if s.code]
        own = [s for s in codes if s.code_kind == "uscc"] or codes
        card.code = own[-1].code if own else ""
        card.name = card.name or card.code
        # Spellings that differ by a bracket or a space only are one name.
        names = {fold(name): name for name in (*(s.name for s in told if s.name), card.name)}
        card.names = len(names) - 1
        card.words = (
            *(Word("name" if name == card.name else "former", name[:_TEXT], False) for name in names.values()),
            *(Word("code", code, True) for code in dict.fromkeys(s.code for s in codes)),
            *card.words,
        )

    # -- what ends, what is wrong ----------------------------------------------------------------------------------

    def _lists(self) -> set[str]:
        found = set()
        for record, roles in self.plan.lists.items():
            for line in self.of_record.get(record, ()):
                if line.role in roles and (line.until is None or line.until >= self.day):
                    found.add(record)
                    if line.until is not None:
                        self.coming.append(_next_day(line.until))
        return found

    def _expiry(self) -> None:
        card = self.card_
        # Of what is told again and again (the inspections of one lift) only the latest can end.
        latest: dict[tuple[str, str], CardStatement] = {}
        for record, source in self.plan.expiring.items():
            for line in self.of_record.get(record, ()):
                if line.role in source.roles:
                    what = source.value(line, self.spellings[line.alias], self.body(line) if not source.party else {})
                    latest[record, str(what or line.fact)] = line
        ends: list[tuple[str, str, str]] = []
        facts: list[tuple[str, int]] = []
        over: list[tuple[str, int]] = []
        gone_by: list[tuple[str, str, str]] = []
        for (record, what), line in latest.items():
            if line.until is None or line.outcome == "fail":
                continue
            if line.until >= self.day:
                ends.append((line.until, record, what))
                facts.append((line.until, line.fact))
                self.coming.append(_next_day(line.until))
            elif self.day < (gone := months_after(line.until, _YEAR)):
                card.expired += 1
                over.append((line.until, line.fact))
                gone_by.append((line.until, record, what))
                self.coming.append(gone)
        card.ending = tuple(dict.fromkeys(fact for _, fact in sorted(facts)))
        card.ended = tuple(dict.fromkeys(fact for _, fact in sorted(over, reverse=True)))
        if ends:
            card.next_expiry, card.expiry_record, card.expiry_what = min(ends)
        if gone_by:
            card.expired_on, card.expired_record, card.expired_what = min(gone_by)

    def _problems(self) -> None:
        card, plan = self.card_, self.plan
        card.open = dict.fromkeys(QUALITIES, 0)
        if not plan.problems:
            return
        settling: dict[str, list[CardStatement]] = {}
        for record, roles in plan.settling.items():
            settling[record] = [line for line in self.of_record.get(record, ()) if line.role in roles]
        counted: set[int] = set()
        for problem in plan.problems:
            for line in self.of_record.get(problem.record, ()):
                if line.role not in problem.roles or line.fact in counted or line.outcome not in problem.said.outcome:
                    continue
                over = months_after(line.on, problem.said.months)
                if self.day >= over or not self._is_open(line, problem, settling):
                    continue
                counted.add(line.fact)
                self.coming.append(over)
                quality = plan.quality_of[line.record]
                card.open[quality] += 1
                card.standing[quality]["open"] += 1
                card.problems = (*card.problems, line.fact)

    def _is_open(self, line: CardStatement, problem: _Problem, settling: Mapping[str, Sequence[CardStatement]]) -> bool:
        said = problem.said
        needs = said.where or said.settled_when or any(s.same for s in problem.settlers)
        body = self.body(line) if needs else {}
        if not _meets(body, line.outcome, said.where):
            return False
        if said.settled_when and _meets(body, line.outcome, said.settled_when):
            return False
        for settler in problem.settlers:
            for later in settling.get(settler.record, ()):
                if (later.on, later.fact) <= (line.on, line.fact) or later.role not in settler.roles:
                    continue
                if settler.outcomes and later.outcome not in settler.outcomes:
                    continue
                if all(body.get(ours) == self.body(later).get(theirs) for ours, theirs in settler.same):
                    return False
        return True


def _meets(body: Mapping[str, Any], outcome: str | None, conditions: Filter) -> bool:
    """Whether a fact meets every condition, of which one may be on its outcome."""
    return all(
        is_met(outcome if name == "outcome" and name not in body else body.get(name), condition)
        for name, condition in conditions.items()
    )


def _pieces(value: Any) -> Iterable[str]:
    """The names in a cell that may list several (抽油机、井口装置)."""
    text = str(value)
    for mark in "，,；;/\n":
        text = text.replace(mark, "、")
    return [piece.strip() for piece in text.split("、") if piece.strip()]


def months_after(day: str, months: int) -> str:
    """The same day so many months later, or the last of that month, as ISO text; one past all days that can be written
    is never.
    """
    found = dt.date.fromisoformat(day)
    if found.year * 12 + found.month + months > dt.MAXYEAR * 12 + 12:
        return dt.date.max.isoformat()
    return months_later(found, months).isoformat()


def _next_day(day: str) -> str:
    found = dt.date.fromisoformat(day)
    return day if found == dt.date.max else (found + dt.timedelta(days=1)).isoformat()


def last_fallen_out(day: dt.date, months: int) -> dt.date:
    """The last day of which an outcome no longer counts on ``day``, because so many months have passed since: later
    ones count.

    The same rule as ``months_after`` from the other end: 29 February has passed on 28 February of the next year.
    """
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    if year < 1:
        return dt.date.min
    found = min(day.day, 28)
    while True:
        try:
            later = dt.date(year, month + 1, found + 1)
        except ValueError:
            return dt.date(year, month + 1, found)
        if months_after(later.isoformat(), months) > day.isoformat():
            return dt.date(year, month + 1, found)
        found += 1


def failures_count(when: str, as_of: dt.date) -> tuple[dt.date, dt.date]:
    """After which day, and up to which, failures lie that count: those of the last twelve months (``LATELY``), or of
    the twelve ``BEFORE``.
    """
    lately = last_fallen_out(as_of, _YEAR)
    return (lately, as_of) if when == LATELY else (last_fallen_out(as_of, 2 * _YEAR), lately)


_PLANS: Recent[tuple[Same[Book], str], CardPlan] = Recent(8)


def plan_of(book: Book, kind: str = "enterprise") -> CardPlan | None:
    """The plan of the cards of a kind of subject, made once per book; None where the book has no page of it."""
    page = book[CARDS].get(kind)
    if page is None:
        return None
    return _PLANS.get((Same(book), kind), lambda: CardPlan(book, page))


def roles_needed(pairs: Collection[tuple[str, str]]) -> Mapping[str, frozenset[str]]:
    """Record -> roles, from pairs of both."""
    found: dict[str, set[str]] = {}
    for record, role in pairs:
        found.setdefault(record, set()).add(role)
    return {record: frozenset(roles) for record, roles in found.items()}
