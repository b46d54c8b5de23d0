"""What the public would see of a fact, from when, until when, or why not: pure reasoning over a rule of the book.

Shown is what the rule lists (``shows``), and nothing else. Of that, what the record calls secret or masked is masked by
its type: a person's name keeps the surname (张**), the address of a person ends at the last step that the book's levels
of areas allow (a sub-district), everything else is hidden. Free texts are cleaned of what the same row keeps secret and
of anything that looks like an identity number, a mobile number or an e-mail address.

Periods are those of the law on the day that the rule names. Where the law of that day says nothing (an amount that
another authority set), the entry carries a doubt and an officer decides; the longer period stands until then.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from operator import itemgetter
from string import Formatter
from typing import Any, Final, NamedTuple

import orjson

from zhiheng.engines import refusals
from zhiheng.engines.conditions import all_met
from zhiheng.engines.examples import place_of, read_row
from zhiheng.engines.naming import PARTS
from zhiheng.engines.plain_words import HIDDEN, identifies_nobody, scrub
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.publication import PUBLICATION, RULE, Publications
from zhiheng.grammar.chapters.publication_pages import DisplayPeriod, PublicationExample, PublicationRule
from zhiheng.grammar.chapters.records import RECORDS, RecordEntry
from zhiheng.grammar.types import Citation, Label
from zhiheng.kernel.deadlines import Deadline, deadline
from zhiheng.kernel.doubts import DOUBTS, PERSON_PERHAPS, holding
from zhiheng.kernel.fields.base import FieldType
from zhiheng.kernel.fields.day import FOREVER
from zhiheng.kernel.law import LawKey, Parameter
from zhiheng.kernel.persons import is_personal
from zhiheng.kernel.reasons import Flag, Refusal, Refused

STAR: Final = "*"
# So many distinct values of a column are remembered at most.
_KEEP: Final = 50_000
_WORDS: Final = frozenset({str, type(None)})
_dumps = orjson.dumps
_TEXTS: Final = frozenset({"text", "long_text"})
_HAN: Final = "\u3400-\u9fff"
_NAME: Final = re.compile(f"[{_HAN}·]{{2,4}}")
# The beginning of the codes of individual businesses.
_INDIVIDUAL: Final = "92"
_BETWEEN: Final = re.compile(r"[、,，;；/／|\s]+")
_BRACKETS: Final = ("（）", "（ ）", "()", "( )")
_MARKS: Final = " ：:，,、·—-"
_NOTHING_IN_BRACKETS: Final = re.compile(r"（\s*）|\(\s*\)")


class FactToPublish(NamedTuple):
    """A fact, as far as publication looks at it."""

    record: str
    body: Mapping[str, Any]
    occurred_on: dt.date
    outcome: str | None = None
    valid_until: dt.date | None = None
    flags: tuple[str, ...] = ()

    @property
    def parties(self) -> Sequence[Mapping[str, Any]]:
        """Who is named, each in a role."""
        return self.body.get("parties") or ()


class PublicField(NamedTuple):
    """What the public sees of one field. ``masked`` says that something was taken away; then the texts may be empty."""

    zh: str
    en: str
    masked: bool = False


@dataclass(frozen=True, slots=True)
class NamedEnterprise:
    """An enterprise that gets the entry on its public file."""

    role: str
    name: str
    code: str
    party: Mapping[str, Any] = field(repr=False, compare=False)
    # Role, name and code once more, as they are written down: an enterprise is named thousands of times.
    kept: tuple[str, str, str] = field(repr=False, compare=False)


class Release(NamedTuple):
    """What is published of a fact: the shown fields in the order of the rule (None: the row says nothing), and its
    days.
    """

    list: str
    title: PublicField
    values: tuple[PublicField | None, ...]
    enterprises: tuple[NamedEnterprise, ...]
    person: bool
    kind: str
    product: str
    first_on: dt.date
    publish_due: Deadline | None
    until: dt.date | None
    basis: Label
    doubts: tuple[Flag, ...] = ()

    @property
    def publish_by(self) -> dt.date | None:
        """The last day on which it is to be published; None where no rule sets one."""
        return self.publish_due.day if self.publish_due is not None else None


_NOTHING = PublicField("", "")


class Days(NamedTuple):
    """When a fact is shown: what of a release follows from its days, its outcome and the fields that the rule asks
    for.
    """

    person: bool
    first_on: dt.date
    publish_due: Deadline | None
    until: dt.date | None
    basis: Label
    doubts: tuple[Flag, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Party:
    """A party as delivered, with what is asked of it again and again; the same words are one object."""

    said: Mapping[str, Any]
    role: str
    personal: bool
    named: NamedEnterprise | None
    # Whether the entry is about it, and whether its own words stand nowhere in what is published.
    about: bool
    secret: bool
    # What it means for its fact, to be put together with what the others mean.
    marks: int


_Parties = Mapping[str, tuple[_Party, ...]]
# Of the parties of a fact: the entry is about a person, about somebody else, one may be a person, the words of one stay
# secret.
_PERSON, _OTHER, _PERHAPS, _SECRET = 1, 2, 4, 8


class _Spoken(NamedTuple):
    """Facts of a record side by side: the same place in every list is the same fact."""

    told: Sequence[FactToPublish]
    bodies: Sequence[Mapping[str, Any]]
    parties: Sequence[_Parties]
    marks: Sequence[int]

    def some(self, places: Sequence[int]) -> _Spoken:
        """Those at certain places."""
        return _Spoken(
            [self.told[at] for at in places],
            [self.bodies[at] for at in places],
            [self.parties[at] for at in places],
            [self.marks[at] for at in places],
        )


@dataclass(frozen=True, slots=True)
class PublishedColumn:
    """A field (or a part of one) that the public sees."""

    target: str
    label: Label
    masked: bool
    listed: bool
    field: str
    part: str
    type: FieldType
    role: str
    kind: str
    # Whether its words are shown as they are, but for what identifies a person.
    plain: bool


class Releaser:
    """One record's rule of publication, made ready for many facts."""

    def __init__(self, entry: RecordEntry, chapter: Publications, address_endings: Sequence[str] = ()) -> None:
        """``address_endings``: how the steps end that the public sees of a person's address; without any, none."""
        self.entry = entry
        self.chapter = chapter
        self.rule: PublicationRule = chapter.rules[entry.id]
        self.types: Mapping[str, FieldType] = next(iter(entry.types.values()))
        record = entry.record
        self._secret = {name for name, field in record.fields.items() if field.secret} | set(record.publication.masked)
        self.columns = tuple(self._column(target) for target in self.rule.shows)
        self._holding = {
            rule.code: Flag(rule.code, rule.says.zh, rule.says.en)
            for rules in (record.rules, *(source.rules for source in entry.sources.values()))
            for rule in rules
            if rule.publication == "held"
        }
        self._by_field = {column.field: at for at, column in reversed(list(enumerate(self.columns))) if not column.part}
        self._blanks = self.rule.blanks()
        self._secret_roles = {getattr(self.types[name], "role", "") for name in self._secret} - {""}
        self._secret_texts = [
            (name, record.fields[name].type)
            for name in sorted(self._secret)
            if record.fields[name].type in (*_TEXTS, "resident_id", "phone")
        ]
        self._deciding = self._fields_that_decide()
        # What was reasoned out before: of parties by their words, of facts by what decides (on one day), of fields by
        # their value.
        self._parties: dict[bytes, tuple[_Party]] = {}
        self._today: dt.date | None = None
        self._decided: dict[tuple[Any, ...], Days | Refusal] = {}
        self._known: list[dict[Any, PublicField | None]] = [{} for _ in self.columns]
        self._masks: Mapping[str, Callable[[str], str]] = {
            **_PART_MASKS,
            "address": partial(_person_address, _step_of(address_endings)),
        }
        self._title_zh, self._title_en = TitleTemplate(self.rule.title.zh), TitleTemplate(self.rule.title.en)

    def _fields_that_decide(self) -> tuple[str, ...]:
        """The fields of a body that say whether, from when and until when it is shown."""
        rule = self.rule
        names = {name for name in (rule.starts, rule.ended_by) if name} | set(rule.person_where)
        for held in rule.withheld:
            names |= set(held.where)
        for period in rule.periods:
            names |= {*period.where, *period.at_most, *period.among} | (
                {period.and_until} if period.and_until else set()
            )
        return tuple(sorted(names))

    def _column(self, target: str) -> PublishedColumn:
        name, _, part = target.partition(".")
        field = self.entry.record.fields[name]
        label = field.label
        if part:
            called = PARTS.get(part, Label(zh=part, en=part))
            label = Label(zh=f"{label.zh.removesuffix('名称')}{called.zh}", en=f"{label.en}, {called.en}")
        role = getattr(self.types[name], "role", "") if field.type == "party" else ""
        masked, type_ = name in self._secret, self.types[name]
        plain = field.type in _TEXTS and not masked and type(type_).show is FieldType.show
        return PublishedColumn(
            target, label, masked, target in self.rule.columns, name, part, type_, role, field.type, plain
        )

    def law(self) -> tuple[Citation, ...]:
        """The articles that say that this record is published, and how long."""
        own = self.entry.record.publication.law
        return tuple(dict.fromkeys((*([own] if own else ()), *self.rule.law)))

    def release(self, told: FactToPublish, *, today: dt.date, deregistered: bool = False) -> Release | Refusal:
        """What the public would see if it were published today, or why it would see nothing."""
        return self.release_all([told], today=today, deregistered=[deregistered])[0]

    def release_all(
        self, facts: Sequence[FactToPublish], *, today: dt.date, deregistered: Sequence[bool]
    ) -> list[Release | Refusal]:
        """``release`` of many facts of this record, a column at a time: what was reasoned out for one value serves all
        that have it.
        """
        if self._today != today or len(self._decided) > _KEEP:
            self._today, self._decided = today, {}
        spoken, decided = self._spoken(facts), self._decided
        made: list[Any] = []
        for told, gone, key in zip(facts, deregistered, self._decided_by(spoken, deregistered), strict=True):
            days = decided.get(key)
            if days is None:
                days = decided[key] = self._decide(told, today, gone)
            made.append(days)
        shown = [at for at, days in enumerate(made) if days.__class__ is Days]
        if len(shown) < len(made):
            spoken = spoken.some(shown)
        for at, release in zip(shown, self._releases(spoken, [made[at] for at in shown]), strict=True):
            made[at] = release
        return made

    def _decided_by(self, spoken: _Spoken, deregistered: Sequence[bool]) -> Iterator[tuple[Any, ...]]:
        """Everything that ``_decide`` looks at, fact by fact."""
        personal = [marks & (_PERSON | _OTHER) == _PERSON for marks in spoken.marks]
        _, _, on, outcome, until, _ = zip(*spoken.told, strict=True) if spoken.told else ((),) * 6
        fields = (_keyed(_column(spoken.bodies, name)) for name in self._deciding)
        return zip(deregistered, personal, on, outcome, until, *fields, strict=True)

    def _decide(self, told: FactToPublish, today: dt.date, deregistered: bool) -> Days | Refusal:
        """Whether it is published, about whom, from when and until when."""
        if refusal := self._never(told, deregistered) or _not_yet(told, today):
            return refusal
        person = self._is_person(told)
        if person and self.rule.persons == "never":
            return refusals.party_is_a_person()
        try:
            publish_due = self._publish_due(told)
            first_on = self._first_on(told, today, publish_due.day if publish_due is not None else None)
            until, basis, doubts = self._until(told, first_on, today, person)
        except Refused as refused:
            cause = refused.refusals[0]
            return refusals.display_not_countable(cause)
        if until is not None and until < today:
            return refusals.display_over(until)
        return Days(person, first_on, publish_due, until, basis, doubts)

    def _releases(self, spoken: _Spoken, days: Sequence[Days]) -> Iterator[Release]:
        """What is shown of facts that are published, fact by fact."""
        if not days:
            return iter(())
        persons, first_on, publish_due, until, basis, doubts = map(list, zip(*days, strict=True))
        secrets = self._all_secrets(spoken, persons)
        said = frozenset().union(*spoken.bodies)
        pairs = {
            role: list(zip(persons, [some.get(role, ()) for some in spoken.parties], strict=True))
            for role in {column.role for column in self.columns if column.role}
        }
        nothing: list[Any] = [None] * len(days)
        columns = [
            self._parties_shown(at, pairs[column.role])
            if column.role
            else nothing
            if column.part or column.field not in said
            else self._column_shown(at, spoken.bodies, secrets)
            for at, column in enumerate(self.columns)
        ]
        products = kinds = [""] * len(days)
        if self.rule.product in self._by_field:
            shown = columns[self._by_field[self.rule.product]]
            products = [each.zh if each is not None and not each.masked else "" for each in shown]
        if self.rule.kind:
            kinds = list(map(self._kind, spoken.told))
        enterprises = [
            () if person else self._named(some) for person, some in zip(persons, spoken.parties, strict=True)
        ]
        for at, (told, marks) in enumerate(zip(spoken.told, spoken.marks, strict=True)):
            if told.flags or marks & _PERHAPS:
                perhaps = (DOUBTS[PERSON_PERHAPS],) if marks & _PERHAPS else ()
                doubts[at] = (*self._doubted(told), *perhaps, *doubts[at])
        values = zip(*columns, strict=True) if columns else [()] * len(days)
        return map(
            Release._make,
            zip(
                [self.rule.list] * len(days),
                self._all_titles(columns, len(days)),
                values,
                enterprises,
                persons,
                kinds,
                products,
                first_on,
                publish_due,
                until,
                basis,
                doubts,
                strict=True,
            ),
        )

    def _spoken(self, facts: Sequence[FactToPublish]) -> _Spoken:
        """Facts with their parties by role, in the order in which they are named."""
        known = self._parties
        if len(known) > _KEEP:
            known.clear()
        bodies = [told.body for told in facts]
        parties: list[_Parties] = []
        all_marks: list[int] = []
        for body in bodies:
            found: dict[str, tuple[_Party, ...]] = {}
            marks = 0
            for said in body.get("parties") or ():
                alone = known.get(key := _dumps(said))
                if alone is None:
                    alone = known[key] = (self._party_of(said),)
                role = alone[0].role
                marks |= alone[0].marks
                found[role] = (*found[role], *alone) if role in found else alone
            parties.append(found)
            all_marks.append(marks)
        return _Spoken(facts, bodies, parties, all_marks)

    def _party_of(self, said: Mapping[str, Any]) -> _Party:
        role = said["role"]
        personal = _personal(said)
        named = None
        if not personal and said.get("kind", "enterprise") == "enterprise":
            name, code = str(said.get("name", "")), str(said.get("code", ""))
            named = NamedEnterprise(role, name, code, said, (role, name, code))
        about, secret = self._about(said), personal or role in self._secret_roles
        marks = (_PERSON if personal else _OTHER) if about else 0
        marks |= _PERHAPS if not personal and _perhaps_personal(said) else 0
        return _Party(said, role, personal, named, about, secret, marks | (_SECRET if secret else 0))

    def _doubted(self, told: FactToPublish) -> tuple[Flag, ...]:
        """The doubts of the row itself that an officer looks at before the public sees it."""
        if not told.flags:
            return ()
        own = tuple(self._holding[code] for code in told.flags if code in self._holding)
        return own + holding(code for code in told.flags if code not in self._holding)

    def _kind(self, told: FactToPublish) -> str:
        """The kind under which it is listed; of several the first that decides the outcome."""
        said = told.body.get(self.rule.kind, "") if self.rule.kind else ""
        if not isinstance(said, list):
            return str(said)
        mapping = self.entry.record.outcome
        decides = [each for each in said if mapping is not None and mapping.outcome_of(each) == told.outcome]
        return str((decides or said)[0])

    def title_of(self, told: FactToPublish) -> PublicField:
        """The title it would have, for lists of what is not published."""
        person = self._is_person(told)
        days = Days(person, told.occurred_on, None, None, HIDDEN, ())
        return next(self._releases(self._spoken([told]), [days])).title

    # -- whether -------------------------------------------------------------------------------------------------

    def _never(self, told: FactToPublish, deregistered: bool) -> Refusal | None:
        if told.outcome not in self.entry.record.publication.when:
            return refusals.outcome_never_published(told.outcome or "")
        for held in self.rule.withheld:
            if all_met(told.body, held.where):
                code = "publication.never" if held.lasting else "publication.withheld"
                return Refusal(code, held.says.zh, held.says.en)
        if deregistered and told.outcome in self.rule.against:
            return refusals.enterprise_deregistered()
        return None

    def _is_person(self, told: FactToPublish) -> bool:
        if self.rule.person_where and all_met(told.body, self.rule.person_where):
            return True
        roles = self.rule.enterprises
        about = [party for party in told.parties if not roles or party["role"] in roles]
        return bool(about) and all(_personal(party) for party in about)

    # -- when ----------------------------------------------------------------------------------------------------

    def _parameter(self, said: str, day: dt.date) -> tuple[Parameter, str]:
        key = LawKey.parse(said)
        return self.chapter.law.of(key, day), key.row

    def _publish_due(self, told: FactToPublish) -> Deadline | None:
        if not self.rule.publish_within:
            return None
        key = LawKey.parse(self.rule.publish_within)
        try:
            self.chapter.law.of(key, told.occurred_on)
        except Refused:
            # Before there was such a period nothing could be late.
            return None
        return deadline(self.chapter.law, key, told.occurred_on, self.chapter.calendar)

    def _first_on(self, told: FactToPublish, today: dt.date, publish_by: dt.date | None) -> dt.date:
        """Since when it counts as shown: as stated, else today; but what is late is not shown longer for being late."""
        stated = _day(told.body.get(self.rule.starts)) if self.rule.starts else None
        if stated is not None and stated <= today:
            return max(stated, told.occurred_on)
        return today if publish_by is None else max(min(today, publish_by), told.occurred_on)

    def _until(
        self, told: FactToPublish, first_on: dt.date, today: dt.date, person: bool
    ) -> tuple[dt.date | None, Label, tuple[Flag, ...]]:
        """The last day on which it is shown (None: no end), why, and what an officer should decide."""
        ended = _day(told.body.get(self.rule.ended_by)) if self.rule.ended_by else None
        until, basis, doubts = self._longest(told, first_on, today, person)
        if ended is not None and (until is None or ended <= until):
            # The day on which the effect ends is not a day of display any more.
            last = ended - dt.timedelta(days=1)
            return (
                last,
                Label(
                    zh=f"自 {ended} 起效力终止，同时停止公示。",
                    en=f"Its effect ended on {ended}, and its display with it.",
                ),
                doubts,
            )
        return until, basis, doubts

    def _longest(
        self, told: FactToPublish, first_on: dt.date, today: dt.date, person: bool
    ) -> tuple[dt.date | None, Label, tuple[Flag, ...]]:
        law_day = told.occurred_on if self.rule.law_of == "event" else today
        periods = self.rule.periods
        if not periods and (said := self.entry.record.publication.until):
            periods = (DisplayPeriod(until=said),)
        verdicts = [(period, self._applies(period, told, law_day, person)) for period in periods]
        sure = self._last(told, first_on, law_day, [period for period, applies in verdicts if applies])
        doubts = tuple(
            self._doubt(period, law_day)
            for period, applies in verdicts
            if applies is None
            and sure
            != self._last(told, first_on, law_day, [each for each, holds in verdicts if holds or each is period])
        )
        if sure is not None:
            return (*sure, doubts)
        if told.valid_until is not None and not self.rule.ended_by and str(told.valid_until) != FOREVER:
            return (
                told.valid_until,
                Label(
                    zh=f"在有效期内公示，有效期至 {told.valid_until}。",
                    en=f"Shown while it is valid, until {told.valid_until}.",
                ),
                doubts,
            )
        return None, Label(zh="长期公示（法规未规定期限）。", en="Shown without an end; no rule sets one."), doubts

    def _last(
        self, told: FactToPublish, first_on: dt.date, law_day: dt.date, applying: Sequence[DisplayPeriod]
    ) -> tuple[dt.date, Label] | None:
        """The longest of the periods that apply; the first that says ``alone`` is the only one."""
        found: list[tuple[dt.date, Label]] = []
        for period in [p for p in applying if p.alone][:1] or applying:
            end = deadline(
                self.chapter.law,
                LawKey.parse(period.until),
                first_on,
                self.chapter.calendar,
                purpose="display",
                law_day=law_day,
            )
            last = end.day
            if period.and_until and (further := _day(told.body.get(period.and_until))) and further > last:
                last = further
            found.append((last, _counted(end, first_on, last)))
        return max(found, key=lambda each: each[0]) if found else None

    def _applies(self, period: DisplayPeriod, told: FactToPublish, day: dt.date, person: bool) -> bool | None:
        """Whether a period applies; None where the law of that day does not say."""
        if period.outcome and told.outcome not in period.outcome:
            return False
        if period.person is not None and period.person != person:
            return False
        # 'Only' fined or criticised: where a period counts alone, each of several values must be one of those that it
        # names.
        body = told.body
        if period.alone:
            several = {name: body[name] for name in period.where if isinstance(body.get(name), list)}
            if not all(
                all_met({name: one}, {name: period.where[name]}) for name, said in several.items() for one in said
            ):
                return False
        if not all_met(body, period.where):
            return False
        unknown = False
        for name, said in (*period.at_most.items(), *period.among.items()):
            value = told.body.get(name)
            if value is None:
                return False
            try:
                parameter, row = self._parameter(said, day)
                limit = parameter.row(row) if row else parameter.value
            except Refused:
                unknown = True
                continue
            if name in period.at_most:
                if not isinstance(limit, int | float) or Decimal(str(value)) > Decimal(str(limit)):
                    return False
            elif not isinstance(limit, tuple) or value not in limit:
                return False
        return None if unknown else True

    def _doubt(self, period: DisplayPeriod, day: dt.date) -> Flag:
        return refusals.law_silent_on_display(day, period.until)

    # -- what ----------------------------------------------------------------------------------------------------

    def _parties_shown(self, at: int, spoken: Sequence[tuple[bool, tuple[_Party, ...]]]) -> list[PublicField | None]:
        """What is shown of the parties in one role; (about a person, the parties) fact by fact."""
        known = self._known[at]
        if len(known) > _KEEP:
            known.clear()
        for pair in set(spoken).difference(known):
            known[pair] = self._party_shown(self.columns[at], *pair)
        return list(map(known.__getitem__, spoken))

    def _column_shown(
        self, at: int, bodies: Sequence[Mapping[str, Any]], secrets: Mapping[int, Sequence[str]]
    ) -> list[PublicField | None]:
        """What is shown of one field, fact by fact; each distinct value is put into words once."""
        column, known = self.columns[at], self._known[at]
        if len(known) > _KEEP:
            known.clear()
        values = _column(bodies, column.field)
        keys = _keyed(values)
        for key in set(keys).difference(known):
            if column.plain and key.__class__ is str and identifies_nobody(key) and HIDDEN.zh not in key:
                known[key] = PublicField(key, key)
            else:
                known[key] = self._shown(column, key if key.__class__ is not bytes else orjson.loads(key))
        shown = list(map(known.__getitem__, keys))
        if secrets and column.kind in _TEXTS and not column.masked:
            for row, secret in secrets.items():
                if values[row] is not None:
                    shown[row] = self._shown(column, values[row], secret)
        return shown

    def _shown(self, column: PublishedColumn, value: Any, secrets: Sequence[str] = ()) -> PublicField | None:
        """What is shown of a value; ``secrets`` are texts of the same row that must not stand in it."""
        if value is None:
            return None
        kind = column.kind
        if column.masked:
            return mask(kind, value)
        zh = column.type.show(value, masked=True)
        if kind in _TEXTS:
            cleaned = scrub(zh, secrets, free=kind == "long_text")
            return PublicField(cleaned, cleaned.replace(HIDDEN.zh, HIDDEN.en), cleaned != zh)
        return PublicField(zh, column.type.show(value, lang="en", masked=True))

    def _party_shown(self, column: PublishedColumn, person: bool, parties: Sequence[_Party]) -> PublicField | None:
        texts: list[str] = []
        masked = False
        for each in parties:
            party = each.said
            hide = column.masked or each.personal or (person and self._about(party))
            said = party.get(column.part or "name") or ""
            text = "、".join(said) if isinstance(said, list) else str(said)
            if not text and not column.part and party.get("code") and not hide:
                text = str(party["code"])
            if text and hide:
                masked = True
                text = self._masks.get(column.part, _hide)(text)
            if text and text not in texts:
                texts.append(text)
        if not texts:
            return PublicField("", "", True) if masked else None
        return PublicField("；".join(texts), "; ".join(texts), masked)

    def _about(self, party: Mapping[str, Any]) -> bool:
        return not self.rule.enterprises or party["role"] in self.rule.enterprises

    def named(self, told: FactToPublish) -> tuple[NamedEnterprise, ...]:
        """The enterprises on whose public file it would stand; persons have none."""
        return self._named(self._spoken([told]).parties[0])

    def _named(self, parties: _Parties) -> tuple[NamedEnterprise, ...]:
        found: list[NamedEnterprise] = []
        for role in self.rule.enterprises:
            if role in parties:
                found += [party.named for party in parties[role] if party.named is not None]
        # Few facts name one enterprise twice in a role.
        once = {named.kept: named for named in reversed(found)}
        return tuple(found) if len(once) == len(found) else tuple(dict.fromkeys(found))

    def secrets(self, told: FactToPublish, person: bool = False) -> tuple[str, ...]:
        """The texts that must stand nowhere in what is published, longest first."""
        return self._secrets(told.body, self._spoken([told]).parties[0], person)

    def _all_secrets(self, spoken: _Spoken, persons: Sequence[bool]) -> dict[int, tuple[str, ...]]:
        """The texts that must stand nowhere, by the place of the fact, where there are any."""
        some = {at for at, marks in enumerate(spoken.marks) if marks & _SECRET}
        some |= {at for at, person in enumerate(persons) if person}
        for name, _ in self._secret_texts:
            some |= {at for at, value in enumerate(_column(spoken.bodies, name)) if value is not None}
        found = {at: self._secrets(spoken.bodies[at], spoken.parties[at], persons[at]) for at in sorted(some)}
        return {at: secrets for at, secrets in found.items() if secrets}

    def _secrets(self, body: Mapping[str, Any], parties: _Parties, person: bool) -> tuple[str, ...]:
        found: set[str] = set()
        for name, kind in self._secret_texts:
            value = body.get(name)
            if isinstance(value, str):
                found |= {value, *_BETWEEN.split(value)} if kind == "text" else {value}
        for party in (party for some in parties.values() for party in some):
            if party.secret or (person and party.about):
                found |= {str(party.said.get(key) or "") for key in ("name", "code", "address", "phone")}
        return tuple(sorted((text for text in found if len(text) >= 2), key=lambda t: (-len(t), t))) if found else ()

    def _all_titles(self, columns: Sequence[Sequence[PublicField | None]], count: int) -> Iterable[PublicField]:
        """The titles, fact by fact, of what is shown column by column."""
        zh: dict[str, Sequence[str]] = {}
        en: dict[str, Sequence[str]] = {}
        masked = [False] * count
        for name in self._blanks:
            zh[name] = en[name] = [""] * count
            said = columns[self._by_field[name]] if name in self._by_field else ()
            if None not in said:
                zh[name], en[name], hidden = zip(*said, strict=True) if said else (zh[name], en[name], masked)
            elif any(said):
                zh[name], en[name], hidden = zip(*(each or _NOTHING for each in said), strict=True)
            else:
                continue
            if True in hidden:
                both = list(zip(zh[name], hidden, strict=True))
                en[name] = [HIDDEN.en if h and not z else e for (z, h), e in zip(both, en[name], strict=True)]
                zh[name] = [HIDDEN.zh if h and not z else z for z, h in both]
                masked = [a or b for a, b in zip(masked, hidden, strict=True)]
        titles = (self._title_zh.filled(zh, count), self._title_en.filled(en, count), masked)
        return map(PublicField._make, zip(*titles, strict=True))


def _column(bodies: Sequence[Mapping[str, Any]], name: str) -> list[Any]:
    """A field of many bodies; None where one says nothing."""
    try:
        return list(map(itemgetter(name), bodies))
    except KeyError:
        return [body.get(name) for body in bodies]


def _keyed(values: list[Any]) -> list[Any]:
    """Values as they can be looked up: words as they are, all else as JSON."""
    if _WORDS.issuperset(map(type, values)):
        return values
    return [value if value.__class__ is str or value is None else _dumps(value) for value in values]


def _not_yet(told: FactToPublish, today: dt.date) -> Refusal | None:
    """What is said to have happened on a day to come is not shown; received before such rows were refused, it may stand
    in the ledger.
    """
    if told.occurred_on <= today:
        return None
    return refusals.fact_ahead(told.occurred_on)


def releasers(book: Book) -> Mapping[str, Releaser]:
    """The releaser of every record that the book publishes; none where it has no portal."""
    chapter = book[PUBLICATION]
    if chapter is None:
        return {}
    endings = book[DISTRICT].address_endings
    return {record: Releaser(book[RECORDS][record], chapter, endings) for record in chapter.rules}


def mask(kind: str, value: Any) -> PublicField:
    """What is left of a secret value of a field type: the surname of each person named, else nothing at all."""
    if kind != "text" or not isinstance(value, str):
        return PublicField("", "", True)
    pieces = [piece for piece in _BETWEEN.split(value) if piece]
    if not pieces or not all(_NAME.fullmatch(piece) for piece in pieces):
        return PublicField("", "", True)
    text = "、".join(_surname(piece) for piece in pieces)
    return PublicField(text, text.replace("、", ", "), True)


def _surname(name: str) -> str:
    """张** for any name that begins with 张, however long it is."""
    return f"{name[0]}{STAR * 2}"


def _hide(text: str) -> str:
    return ""


def _person_name(text: str) -> str:
    return _surname(text) if _NAME.fullmatch(text) else ""


def _step_of(endings: Sequence[str]) -> re.Pattern[str] | None:
    """A step of an address with one of these endings; None where there are none."""
    return re.compile(f"[{_HAN}]{{2,20}}?(?:{'|'.join(map(re.escape, endings))})") if endings else None


def _person_address(step: re.Pattern[str] | None, text: str) -> str:
    """An address down to its last step of an area; nothing where no such step is seen."""
    end = 0
    while step is not None and (found := step.match(text, end)) is not None:
        end = found.end()
    return f"{text[:end]}{STAR * 3}" if end and end < len(text) else ""


_PART_MASKS: Final[Mapping[str, Callable[[str], str]]] = {"": _person_name, "place": str}


def _personal(party: Mapping[str, Any]) -> bool:
    """Whether a party is a natural person: as said, by its code, or because nothing but a person is called so."""
    if party.get("kind") == "person" or party.get("code_kind") == "resident_id":
        return True
    return not party.get("code") and is_personal(str(party.get("name") or "")) == "person"


def _perhaps_personal(party: Mapping[str, Any]) -> bool:
    """Whether an officer has to say if a party is a natural person: its name may be one's, or a business with a code of
    its own is called as a person is.
    """
    if _personal(party):
        return False
    verdict = is_personal(str(party.get("name") or ""))
    code = str(party.get("code") or "")
    if not code:
        return verdict == "perhaps"
    # 92 is the code of an individual business (GB 32100, second character: what is registered).
    return code.startswith(_INDIVIDUAL) and verdict != "no"


def _counted(end: Deadline, first_on: dt.date, last: dt.date) -> Label:
    """From when until when it is shown, by what; where the last day may still move, why."""
    doubt = end.doubt if last == end.day else ()
    return Label(
        zh=f"{end.cited.zh}：公示{end.period.show()}，自 {first_on} 起，至 {last} 止。"
        + "".join(f"（暂定：{each.zh}）" for each in doubt),
        en=f"{end.cited.en}: shown for {end.period.show('en')}, from {first_on} until {last}."
        + "".join(f" (Provisional: {each.en})" for each in doubt),
    )


def _day(value: Any) -> dt.date | None:
    if not isinstance(value, str) or value == FOREVER:
        return None
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        return None


class TitleTemplate:
    """A title with blanks: what it says, each piece with the blank after it.

    A word that ends a value and begins what the title says next stands once: 登记管理 before 管理, 质量管理体系 before
    体系认证; so does one that ends what was said and begins the value.
    """

    def __init__(self, text: str) -> None:
        self._pieces = [(literal, name) for literal, name, _, _ in Formatter().parse(text)]
        self._names = [name for _, name in self._pieces if name is not None]
        said = [literal for literal, _ in self._pieces]
        # Where there is punctuation at every seam no word can stand twice, and the pieces are put together as they are.
        self._plain = "".join(
            f"{each.replace('%', '%%')}%s" if name is not None else each.replace("%", "%%")
            for each, name in self._pieces
        )
        self._seamless = not any(
            _WORD.fullmatch(each[: end + 1]) for each in said for end in range(1, len(each))
        ) and not any(_WORDLIKE.match(each[-1:]) for each, name in self._pieces if name is not None)

    def filled(self, values: Mapping[str, Sequence[str]], count: int) -> list[str]:
        """So many titles with their blanks filled; brackets and marks around a blank that stays empty go with it."""
        rows = zip(*(values[name] for name in self._names), strict=True) if self._names else [()] * count
        if self._seamless:
            made = list(map(self._plain.__mod__, rows))
        else:
            made = [self._joined(dict(zip(self._names, row, strict=True))) for row in rows]
        # Nearly all of them are in order: looked at together, and one by one only where one is not.
        together = "\n".join(made)
        tidy = together.count("\n") == count - 1 and " ".join(together.split()) == together.replace("\n", " ")
        if not tidy or any(map(together.__contains__, _BRACKETS)):
            made = [" ".join(_NOTHING_IN_BRACKETS.sub("", each).split()) for each in made]
        return [each.strip(_MARKS) for each in made]

    def _joined(self, values: Mapping[str, str]) -> str:
        made = ""
        for literal, name in self._pieces:
            made += _after(made, literal)
            if name is not None:
                # Two values that follow each other are two sayings, whatever they share.
                made += _after(made, values[name]) if literal else values[name]
        return made


def _after(said: str, more: str) -> str:
    """What is left to say of ``more`` after ``said``: two characters of Chinese or more, or a whole English word, are
    not said twice.
    """
    if more[:2] not in said:
        return more
    for length in range(min(len(said), len(more), _LONGEST_WORD), 1, -1):
        seam = more[:length]
        if said.endswith(seam) and _WORD.fullmatch(seam) and (seam[0] > "\x7f" or _whole(said, more, length)):
            return more[length:]
    return more


_LONGEST_WORD = 40
# Chinese characters, or English words with what stands between them; no digits: 10 after 10 is two numbers.
_WORD = re.compile(r"[\u3400-\u9fff]{2,}| ?[A-Za-z]{2,}(?: [A-Za-z]+)*")
_WORDLIKE = re.compile(r"[\u3400-\u9fffA-Za-z]")


def _whole(said: str, more: str, length: int) -> bool:
    """Whether the seam is made of whole English words."""
    before = said[: len(said) - length][-1:]
    return not (before.isalpha() and more[0] != " ") and not more[length : length + 1].isalpha()


def told_of(entry: RecordEntry, example: PublicationExample) -> FactToPublish | Refusal:
    """The fact that an example's row would make."""
    source, row = example.source, example.row
    if example.like:
        like = next(each for each in entry.examples.accepted if each.name == example.like)
        source, row = like.source, {**like.row, **row}
    batch = read_row(entry, source, row)
    if isinstance(batch, Refusal):
        return batch
    if batch.refused:
        return batch.refused[0].refusals[0]
    until = batch.valid_until[0]
    return FactToPublish(
        entry.id,
        orjson.loads(batch.bodies[0]),
        dt.date.fromisoformat(batch.occurred_on[0]),
        batch.outcome[0],
        dt.date.fromisoformat(until) if until else None,
        tuple(filter(None, batch.flags[0].split(","))),
    )


def example_failures(book: Book) -> Iterator[str]:
    """Every example of publication that does not hold, with its file, line, record and name."""
    for record, releaser in releasers(book).items():
        page = releaser.entry.folder / RULE
        for number, example in enumerate(releaser.rule.examples):
            if trouble := _failure(releaser, example):
                yield f"{place_of(page, book, 'examples', number)}{record}「{example.name}」：{trouble}"


def _failure(releaser: Releaser, example: PublicationExample) -> str:
    told = told_of(releaser.entry, example)
    if isinstance(told, Refusal):
        return f"这一行本身被退回：{told.zh} / the row itself is refused: {told.en}"
    made = releaser.release(told, today=example.asked)
    if isinstance(made, Refusal):
        if example.refused != made.code:
            return f"不公示（{made.code} {made.zh}），应为 {example.refused or '公示'} / not published: {made.en}"
        return ""
    if example.refused:
        return f"本应不公示（{example.refused}），却会公示 / it would be published"
    until = made.until or "no end"
    if example.until is not None and until != example.until:
        return f"公示到 {until}，应为 {example.until} / shown until {until}, not {example.until}"
    if example.publish_by is not None and made.publish_by != example.publish_by:
        return f"应在 {made.publish_by} 前公示，应为 {example.publish_by} / due {made.publish_by}"
    shown = {column.target: value for column, value in zip(releaser.columns, made.values, strict=True)}
    for name, wanted in example.shows.items():
        if name not in shown:
            return f"没有公开字段“{name}” / {name!r} is not among the fields shown"
        value = shown[name]
        if (value.zh if value else "") != wanted:
            return f"“{name}”显示为“{value.zh if value else ''}”，应为“{wanted}” / {name} shows otherwise"
    everything = "\n".join([made.title.zh, made.title.en, *(f"{v.zh}\n{v.en}" for v in made.values if v)])
    for secret in example.hides:
        if secret in everything:
            return f"“{secret}”仍然看得见 / {secret!r} can still be seen"
    doubts = {flag.code for flag in made.doubts}
    if doubts != set(example.doubts):
        return f"疑点为 {sorted(doubts)}，应为 {sorted(example.doubts)} / doubts are {sorted(doubts)}"
    return ""
