"""Which facts of the ledger propose to open a case, or that something be done in a running one (``from_record``).

A fact proposes, an officer acts: nothing here opens or changes a case. Pure functions of the book and of one fact.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, cast

from zhiheng.engines.conditions import all_met
from zhiheng.engines.workflow.legal_time import LegalTime
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.grammar.chapters.restrictions import RESTRICTIONS
from zhiheng.grammar.chapters.workflow_pages import FromRecord, OwnLength
from zhiheng.grammar.chapters.workflows import WORKFLOWS
from zhiheng.kernel.days import Period, Unit
from zhiheng.kernel.facts import canonical
from zhiheng.kernel.memo import once_for
from zhiheng.kernel.reasons import Refused


@dataclass(frozen=True)
class FactSaid:
    """A fact as it is looked at: its number, who said it of where, when it holds and was received, and its body."""

    number: int
    record: str
    unit: str
    area: str
    occurred_on: dt.date
    learned_on: dt.date
    body: Mapping[str, Any]


@dataclass(frozen=True)
class Opener:
    """An act of a workflow that facts of a record propose. ``digest`` changes with what the book says of it."""

    workflow: str
    act: str
    spec: FromRecord
    opens: bool
    quality: str

    @property
    def name(self) -> str:
        """Under which its progress through the ledger is kept."""
        return f"{self.workflow}.{self.act}"

    @property
    def digest(self) -> str:
        """What the book says, as a digest."""
        return digest_of(self.spec.model_dump(mode="json"))


@dataclass(frozen=True)
class ProposedAct:
    """What a fact proposes: on which day the act happens, from when on it is proposed, by when a case is to be opened
    (None: the law gives no day), and the key that facts of one case share.
    """

    key: int
    day: dt.date
    shows_on: dt.date
    due: dt.date | None


def digest_of(said: Any) -> str:
    """A digest of something the book says."""
    return blake2b(canonical(said).encode(), digest_size=16).hexdigest()


@once_for(4)
def openers_of(book: Book) -> Mapping[str, tuple[Opener, ...]]:
    """Record -> the acts that its facts propose, those that open a case first."""
    found: dict[str, list[Opener]] = {}
    for workflow, entry in book[WORKFLOWS].items():
        for name, act in entry.page.acts.items():
            if act.from_record is not None and act.from_record.record in book[RECORDS]:
                one = Opener(workflow, name, act.from_record, act.opens_case, entry.page.quality)
                found.setdefault(act.from_record.record, []).append(one)
    return {record: tuple(sorted(some, key=lambda one: not one.opens)) for record, some in found.items()}


def key_of(opener: Opener, fact: FactSaid) -> int:
    """The key that facts of one case share: what they say in the fields of ``together``; without any, or where one says
    nothing, each stands alone.
    """
    said = [fact.body.get(name) for name in opener.spec.together]
    alone = not said or any(value in (None, "") for value in said)
    return hashed([opener.workflow, *([fact.record, fact.number] if alone else map(str, said))])


def hashed(said: Sequence[Any]) -> int:
    """A number of 63 bits of what is said."""
    return int.from_bytes(blake2b(canonical(list(said)).encode(), digest_size=8).digest(), "big") >> 1


def proposed(opener: Opener, fact: FactSaid, time: LegalTime) -> ProposedAct | None:
    """What a fact proposes; None where it meets no condition, says no day that is asked for, or is of long ago."""
    spec = opener.spec
    if not all_met(fact.body, spec.where):
        return None
    shows_on = fact.learned_on
    about = fact.occurred_on
    if spec.once_past is not None:
        last = day_said(fact.body.get(spec.once_past))
        if last is None:
            return None
        about = last + dt.timedelta(days=1)
        shows_on = max(about, shows_on)
    day = shows_on if spec.day == "received" else day_said(fact.body.get(spec.day))
    if day is None or (spec.recent is not None and ends_on(about, spec.recent, time) < fact.learned_on):
        return None
    return ProposedAct(key_of(opener, fact), day, shows_on, due_by(spec.within, day, time))


def due_by(within: str | None, day: dt.date, time: LegalTime) -> dt.date | None:
    """By when something is to be done that the law wants within so long of a day; None where it had no such rule."""
    if within is None:
        return None
    try:
        by = time.value(within, day)
    except Refused:
        return None
    return time.end(day, Period(int(str(by.value)), cast(Unit, by.unit)), by).day


def ends_on(day: dt.date, length: OwnLength, time: LegalTime) -> dt.date:
    """The last day of a length that a district has set itself."""
    return time.end(day, Period(length.value, length.unit), None).day


def day_said(value: Any) -> dt.date | None:
    """A day that a fact says; None where it says none."""
    try:
        return dt.date.fromisoformat(str(value)[:10]) if value else None
    except ValueError:
        return None


def filled(opener: Opener, fact: FactSaid, book: Book) -> dict[str, str]:
    """The fields of the act as the fact fills them in; what it does not say stays out."""
    texts = book[RECORDS][fact.record].record.fields
    found = {}
    for field, names in opener.spec.fills.items():
        words = [
            in_words(fact.body.get(name), texts.get(name)) for name in ((names,) if isinstance(names, str) else names)
        ]
        if text := " ".join(word for word in words if word):
            found[field] = text
    return found


def from_matrix(opener: Opener, fact: FactSaid, book: Book) -> tuple[tuple[str, ...], str]:
    """For a listing: the units that apply its measures where it lies, in the order of the matrix, and the measures that
    exist on the day on which it came, in words: department, measure, articles.
    """
    matrix = book[RESTRICTIONS]
    if opener.spec.matrix is None or matrix is None:
        return (), ""
    units: list[str] = []
    lines = []
    for _, page in matrix.of_record(fact.record):
        for measure in page.measures.values():
            if not measure.holds(fact.learned_on) or not all_met(fact.body, measure.where):
                continue
            units += matrix.units(measure.department, fact.area, book[DISTRICT])
            laws = "、".join(f"《{each.text}》{each.article}" for each in measure.law_on(fact.learned_on))
            lines.append(f"{matrix.departments[measure.department].label.zh}：{measure.label.zh}（{laws}）")
    return tuple(dict.fromkeys(units)), "\n".join(lines)


def in_words(value: Any, field: Any) -> str:
    """A value of a fact as somebody would write it: of a choice its first word, several after each other."""
    if value in (None, ""):
        return ""
    if isinstance(value, Mapping):
        value = value.get("name") or value.get("code") or value.get("value") or ""
    if isinstance(value, list | tuple):
        return "、".join(filter(None, (in_words(each, field) for each in value)))
    choices = field.options.get("choices", {}) if field is not None else {}
    words = choices.get(value) if isinstance(choices, Mapping) else None
    return str(words[0]) if words else str(value)


def party_role(opener: Opener, party: str, book: Book) -> str:
    """The role in which facts of the record name a party of the page."""
    field = book[RECORDS][opener.spec.record].record.fields[opener.spec.parties[party]]
    return str(field.options.get("role", ""))


def opener_named(book: Book, workflow: str, act: str) -> Opener | None:
    """The opener of an act; None where the book has none any more."""
    acts = (one for some in openers_of(book).values() for one in some)
    return next((one for one in acts if (one.workflow, one.act) == (workflow, act)), None)


__all__ = [
    "FactSaid",
    "Opener",
    "ProposedAct",
    "day_said",
    "digest_of",
    "due_by",
    "ends_on",
    "filled",
    "from_matrix",
    "hashed",
    "in_words",
    "key_of",
    "opener_named",
    "openers_of",
    "party_role",
    "proposed",
]
