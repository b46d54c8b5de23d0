"""What a record type may say (``book/records/<department>/<record>/record.yaml``) and how another system spells it
(``sources/<system>.yaml`` beside it).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from zhiheng.grammar.types import (
    Audience,
    Citation,
    Entry,
    Identifier,
    Label,
    Outcome,
    Quality,
    Severity,
    Stage,
    SubjectKind,
    SystemId,
)
from zhiheng.grammar.yaml import Wrong

# A day after that of the delivery is refused (it has not happened), asked about (flagged), or usual (a deadline, an
# end).
Ahead = Literal["refused", "asked", "usual"]
Target = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?$")]


# What an ignored column may hold. Nobody has said so of a bare list: then it is masked as if it were secret.
Held = Literal["plain", "secret", "unsaid"]


def _said_of_each(given: object) -> object:
    """A list of headings as a mapping that says nothing of what they hold."""
    return dict.fromkeys(given, "unsaid") if isinstance(given, list | tuple) else given


Ignored = Annotated[dict[str, Held], BeforeValidator(_said_of_each)]


class FieldDefinition(Entry):
    """One field of a record. Further keys are the options of its type (docs/reference/field-types.md)."""

    label: Label
    type: Identifier
    required: bool = False
    synonyms: tuple[str, ...] = ()
    parts: dict[Identifier, tuple[str, ...]] = Field(
        default_factory=dict, description="part of the value -> headings that mean it in any source"
    )
    note: Label | None = None
    secret: bool = Field(default=False, description="personal or confidential: masked wherever it is not needed")
    ahead: Ahead | None = Field(
        default=None, description="of a day: what it means that it lies after the day of delivery"
    )
    earliest: dt.date | None = Field(default=None, description="of a day: before it nothing of this kind is plausible")
    in_title: Literal["first", "last"] | None = Field(
        default=None,
        description="of a day: where no column says it, the period in the title, the name of the sheet or of the file "
        "does, by its first or its last day",
    )
    options: dict[str, Any] = Field(default_factory=dict)


class About(Entry):
    """What the record is about besides its parties: a piece of equipment, a project, a batch, a person."""

    kind: SubjectKind
    code: Identifier | None = Field(default=None, description="field whose value identifies it")
    name: Identifier | None = Field(default=None, description="field with its name")


class OutcomeMapping(Entry):
    """Which values of a field mean pass, fail or neutral."""

    field: Identifier
    pass_: tuple[str, ...] = Field(default=(), alias="pass")
    fail: tuple[str, ...] = ()
    neutral: tuple[str, ...] = ()
    words: dict[Outcome, Label] = Field(
        default_factory=dict,
        description="what an outcome is called where the value does not say it: a yes or no, the cause of an order",
    )

    def values_of(self, outcome: str) -> tuple[str, ...]:
        """The values of the field that stand for the outcome."""
        return {"pass": self.pass_, "fail": self.fail, "neutral": self.neutral}.get(outcome, ())

    def outcome_of(self, value: object) -> Outcome | None:
        """The outcome that a value of the field stands for, or None where the book says nothing of it.

        Of several values the worst counts: a party that was warned and fined was fined.
        """
        if isinstance(value, list | tuple):
            found = {self.outcome_of(each) for each in value}
            return next((outcome for outcome in ("fail", "neutral", "pass") if outcome in found), None)
        text = {True: "true", False: "false"}.get(value, value) if isinstance(value, bool) else value
        if text in self.pass_:
            return "pass"
        if text in self.fail:
            return "fail"
        if text in self.neutral:
            return "neutral"
        return None


class Rule(Entry):
    """A consistency rule between fields; a row that breaks it is flagged (an error of the source) or refused.

    ``in_order``: days or numbers must not decrease from left to right; ``differ``: two fields must not be the same;
    ``needs``: where ``when`` holds, these fields must be given. Anything harder goes to ``clean.py`` beside the record.
    """

    code: Identifier
    says: Label
    in_order: tuple[Identifier, ...] = ()
    differ: tuple[Identifier, ...] = ()
    needs: tuple[Identifier, ...] = ()
    when: dict[Identifier, str] = Field(default_factory=dict)
    broken: Literal["flag", "refuse"] = "flag"
    publication: Literal["held", "goes_on"] = Field(
        default="goes_on", description="whether a row that breaks it waits for an officer before it is published"
    )

    @model_validator(mode="after")
    def _one_kind(self) -> Rule:
        if sum(map(bool, (self.in_order, self.differ, self.needs))) != 1:
            raise Wrong(
                "一条规则须写明 in_order、differ、needs 中的一个。",
                "a rule says exactly one of in_order, differ, needs.",
            )
        if len(self.in_order) == 1 or len(self.differ) not in (0, 2):
            raise Wrong(
                "in_order 写两个以上的字段，differ 写两个。", "in_order takes two or more fields, differ takes two."
            )
        return self


class Publication(Entry):
    """Whether and how the record is shown to the public; the period is a dated parameter of the law."""

    when: tuple[Outcome, ...] = Field(default=(), description="outcomes that are published; empty: never")
    masked: tuple[Identifier, ...] = ()
    until: str = Field(default="", description="topic.parameter of book/law, or empty: while it is valid")
    law: Citation | None = None


class UnitVolume(Entry):
    """What is usual of one unit, where it differs from the others."""

    at_least: int | None = Field(default=None, ge=0)
    at_most: int | None = Field(default=None, ge=1)


class LearnedVolume(Entry):
    """What is usual is learned from what the unit handed in before: its larger deliveries (the third quartile of the
    ``last``) times ``times``, and ``spare`` rows more, once it has handed in ``least`` deliveries.
    """

    last: int = Field(default=8, ge=3, le=100)
    times: int = Field(default=5, ge=2, le=100)
    spare: int = Field(default=100, ge=0)
    least: int = Field(default=4, ge=2, le=100)

    @model_validator(mode="after")
    def _enough(self) -> LearnedVolume:
        if self.least > self.last:
            raise Wrong(
                "least 大于 last：要求的报送次数比看的还多；请改正。",
                "least: more deliveries are needed than are looked at (last).",
            )
        return self


@dataclass(frozen=True, slots=True)
class Usual:
    """How many rows are usual of one delivery, and whether that was learned."""

    at_least: int
    at_most: int
    learned: bool = False


class Volume(Entry):
    """How many rows one delivery usually has; outside of it the delivery is held until an officer confirms it."""

    at_least: int = Field(default=1, ge=0)
    at_most: int = Field(default=2_000_000, ge=1)
    units: dict[Identifier, UnitVolume] = Field(
        default_factory=dict, description="units of which something else is usual"
    )
    learned: LearnedVolume | None = None
    cadence: Literal["daily", "weekly", "monthly", "quarterly", "yearly", "as_needed"] = "monthly"
    due: int = Field(
        default=10,
        ge=0,
        le=180,
        description="days after the end of a period by which it is handed in; the last day moves as the district says",
    )

    def usual(self, unit: str, earlier: Sequence[int] = ()) -> Usual:
        """What is usual of a unit; ``earlier``: the rows of its last deliveries, where something is learned from
        them.
        """
        own = self.units.get(unit, UnitVolume())
        least = self.at_least if own.at_least is None else own.at_least
        if own.at_most is not None:
            return Usual(least, own.at_most)
        if self.learned is None or len(earlier) < self.learned.least:
            return Usual(least, self.at_most)
        larger = sorted(earlier)[(3 * len(earlier)) // 4]
        return Usual(least, larger * self.learned.times + self.learned.spare, learned=True)


# An event of a district that is handed in today happened in this century; what holds may be as old as the state's
# registers.
_EARLIEST = {"event": dt.date(2000, 1, 1), "standing": dt.date(1949, 10, 1)}


class Record(Entry):
    """A record type: what a department hands in, row by row."""

    label: Label
    systems: tuple[SystemId, ...] = Field(min_length=1)
    quality: Quality
    stage: Stage
    law: tuple[Citation, ...] = Field(min_length=1)
    kind: Literal["event", "standing"] = Field(
        description="event: happened on a day; standing: holds until a later statement with the same key replaces it"
    )
    key: tuple[Identifier, ...] = Field(default=(), description="standing: the fields that say which thing is meant")
    matter: tuple[Identifier, ...] = Field(
        default=(), description="an event without key: the fields that say which matter a row is about"
    )
    each: tuple[Identifier, ...] = Field(
        default=(), description="the fields that part the rows of one matter, such as the items of one sample"
    )
    about: About | None = None
    on: Identifier = Field(description="the field with the day it was true")
    until: Identifier | None = Field(default=None, description="the field with the last day it holds")
    earliest: dt.date | None = Field(
        default=None, description="days before it are implausible; nothing said: 2000-01-01 for events, 1949-10-01 else"
    )
    area: Identifier | Literal["unit"] = Field(default="unit", description="field of type division, or the sender's")
    place_of: tuple[Identifier, ...] = Field(
        default=(),
        description="roles whose own place counts where the row names none, or only a wider area; in this order",
    )
    outcome: OutcomeMapping | None = None
    severity: dict[Outcome, Severity] = Field(default_factory=dict)
    audience: Audience = "departments"
    publication: Publication = Publication()
    volume: Volume = Volume()
    fields: dict[Identifier, FieldDefinition] = Field(min_length=1)
    ignored: Ignored = Field(
        default_factory=dict, description="headings known and not used in every source: plain or secret"
    )
    rules: tuple[Rule, ...] = ()

    @model_validator(mode="after")
    def _names_exist(self) -> Record:
        named: list[tuple[str, str]] = [("on", self.on)]
        named += [("key", name) for name in self.key] + [("matter", name) for name in self.matter]
        named += [("each", name) for name in self.each]
        named += [("until", self.until)] if self.until else []
        named += [("area", self.area)] if self.area != "unit" else []
        named += [("outcome.field", self.outcome.field)] if self.outcome else []
        named += [("publication.masked", name) for name in self.publication.masked]
        for rule in self.rules:
            named += [(f"rules.{rule.code}", name) for name in (*rule.in_order, *rule.differ, *rule.needs, *rule.when)]
        if self.about:
            named += [("about", name) for name in (self.about.code, self.about.name) if name]
        for name, field in self.fields.items():
            if field.type != "day" and (field.ahead is not None or field.earliest is not None):
                raise Wrong(
                    f"fields.{name}：ahead、earliest 只用于日期，这里的类型是“{field.type}”；请删去。",
                    f"fields.{name}: ahead and earliest are said of a day; this is of type {field.type!r}.",
                )
            if field.type != "day" and field.in_title is not None:
                raise Wrong(
                    f"fields.{name}：in_title 只用于日期，这里的类型是“{field.type}”；请删去。",
                    f"fields.{name}: in_title is said of a day; this is of type {field.type!r}.",
                )
        for place, name in named:
            if name not in self.fields:
                raise Wrong(
                    f"{place}：没有名为“{name}”的字段；字段有：{'、'.join(self.fields)}。",
                    f"{place}: no field is called {name!r}; fields are: {', '.join(self.fields)}.",
                )
        if self.key and self.matter:
            raise Wrong(
                "key 已经说明是哪件事，不必再写 matter；请删去其中一个。",
                "matter: the key says already which matter is meant; leave one of the two out.",
            )
        if self.each and not self.matter:
            raise Wrong(
                "each 区分同一件事的各行；请用 matter 写明一行说的是哪件事，或者删去 each。",
                "each: parts the rows of one matter; say with matter which matter a row is about, or leave it out.",
            )
        if people := [name for name in (*self.matter, *self.each) if self.fields[name].type == "party"]:
            raise Wrong(
                f"matter、each：{people[0]} 是当事人；请用编号、项目或者物品说明指的是什么。",
                f"matter, each: {people[0]} names parties; say by a number, an item or a thing what is meant.",
            )
        if self.kind == "standing" and not self.key:
            raise Wrong(
                "现状记录（kind: standing）须写明 key：哪些字段说明指的是哪一个。",
                "key: a standing record names the fields that say which thing is meant.",
            )
        taken = {
            "fact_id",
            "delivery_id",
            "unit",
            "learned_on",
            "occurred_on",
            "valid_until",
            "outcome",
            "severity",
            "area",
            "record",
            "parties",
            "flags",
            "kind",
            "concerns",
            "thing",
            "row_number",
        }
        # The field that gives a fact's own column may have its name: both hold the same.
        taken -= {
            name
            for name, field in (("valid_until", self.until), ("occurred_on", self.on), ("area", self.area))
            if name == field
        }
        if clash := taken & set(self.fields):
            raise Wrong(
                f"fields：{'、'.join(sorted(clash))} 是每条记录都有的列名；请换一个名称。",
                f"fields: {', '.join(sorted(clash))} is a column of every fact; choose another name.",
            )
        return self

    def law_on(self, day: dt.date) -> tuple[Citation, ...]:
        """The basis of a row of a day: what is cited only since or up to another day is left out."""
        return tuple(citation for citation in self.law if citation.holds(day))

    def ahead_of(self, name: str) -> Ahead:
        """What it means that a field's day lies after the day of delivery.

        Where the book does not say: the last day that something holds may lie ahead, everything else has happened.
        """
        return self.fields[name].ahead or ("usual" if name == self.until else "refused")

    def earliest_of(self, name: str) -> dt.date:
        """The first plausible day of a field; what is earlier is flagged."""
        return self.fields[name].earliest or self.earliest or _EARLIEST[self.kind]

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the fields that every row must give."""
        return tuple(name for name, field in self.fields.items() if field.required)


class Source(Entry):
    """How one system spells a record: its headings, its fixed values, its synonyms. A new export is one such file."""

    label: Label
    columns: dict[str, Target | tuple[Target, ...]] = Field(description="their heading -> our field, or field.part")
    ignored: Ignored = Field(default_factory=dict, description="headings that are known and not used: plain or secret")
    needs: tuple[str, ...] = Field(
        default=(), description="headings without which it is not this table: where `fixed` says what no column says"
    )
    without: tuple[Identifier, ...] = Field(
        default=(), description="fields that no column may feed, or it is not this table"
    )
    fixed: dict[Target, str] = Field(default_factory=dict, description="what every row of this system means")
    options: dict[Identifier, dict[str, Any]] = Field(default_factory=dict, description="field -> options of its type")
    units: dict[Identifier, str] = Field(
        default_factory=dict, description="field -> the unit of its bare numbers, where it is another than the record's"
    )
    rules: tuple[Rule, ...] = Field(default=(), description="further consistency rules that hold of this system only")
    sheet: str = Field(default="", description="name of the sheet, where a workbook has several that fit")
    unit: Identifier | None = Field(default=None, description="the unit that speaks where the sender names none")
    volume: Volume | None = None

    def targets(self, heading: str) -> tuple[str, ...]:
        """The fields (or ``field.part``) that a heading of theirs feeds."""
        target = self.columns[heading]
        return (target,) if isinstance(target, str) else target


class AcceptedExample(Entry):
    """A row that must be accepted, and what it must give."""

    name: str
    row: dict[str, str]
    source: str = "standard"
    gives: dict[str, Any]
    flags: tuple[str, ...] = ()
    delivered_on: dt.date | None = Field(
        default=None, description="the day of delivery, where the example is about days"
    )


class RefusedExample(Entry):
    """A row that must be refused, why and at which field."""

    name: str
    row: dict[str, str]
    source: str = "standard"
    reason: str
    field: str = ""
    delivered_on: dt.date | None = Field(
        default=None, description="the day of delivery, where the example is about days"
    )


class Examples(Entry):
    """``examples.yaml`` beside a record: tests that an official can read."""

    accepted: tuple[AcceptedExample, ...] = Field(min_length=1)
    refused: tuple[RefusedExample, ...] = Field(min_length=1)
