"""What a page of ``book/workflows`` may say: a procedure under legal clocks, as acts, states and periods.

``book/workflows/<workflow>/workflow.yaml`` holds the page, ``stories.yaml`` days in the life of a case (tests that an
official can read), ``rule.py`` what nouns can't say. What several procedures share stands once in
``book/workflows/parts/<part>.yaml``; ``uses: [part]`` takes it in, and an entry of the page itself comes before one of
a part.

.. code-block:: yaml

    acts:
      decide:
        label: {zh: 决定是否受理并告知, en: accept or refuse and tell}
        by: [handler]
        while: [to_decide]
        ends: [to_decide]
        outcomes:
          accept: {label: {zh: 受理, en: accept}, begins: [mediating]}
          refuse: {label: {zh: 不予受理, en: refuse}, asks: [refusal_cause], begins: [closed]}
    periods:
      acceptance: {label: {zh: 受理期限, en: Accept or refuse}, in: to_decide, within: complaints.accept_or_refuse,
      duty: [decide]}

A case is a log of acts. An act begins and ends states, several of which may hold at once. A period runs as long as a
state holds, or from an act; its length stands in ``book/law``. It makes a duty (应当), bounds a right (逾期视为放弃),
imposes a wait (满……方可), or its end is itself an act, done by the law (``else``). docs/reference/workflows.md lists
every key; ``zhiheng.engines.workflow`` says what follows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints, field_validator, model_validator

from zhiheng.grammar.types import (
    ArticleName,
    Citation,
    Filter,
    Identifier,
    Label,
    LateEntry,
    LawName,
    Quality,
    Role,
    SystemId,
)
from zhiheng.grammar.yaml import Wrong
from zhiheng.kernel.deadlines import Purpose

# An act, or one outcome of it: decide, decide.accept. Of another case: notice.serve, parent.approve.award.
ActName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?$")]
HeardName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?$")]
# A number of the law whose row is the present value of a field: food_recall.start.{level}
LawNameByField = Annotated[
    str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*(\.([a-z][a-z0-9_]*|\{[a-z][a-z0-9_]*\}))?$")
]

# What somebody does in a case. The list is the machine's: a new workflow needs no new one.
CaseRight = Literal[
    "case.open",
    "case.handle",
    "case.assign",
    "case.review",
    "case.approve",
    "case.consent",
    "case.order",
    "case.announce",
    "case.preside",
    "case.sample",
    "case.test",
    "case.score",
    "case.vote",
    "case.check",
    "case.read",
    "case.read_sealed",
    "case.restrict",
    "case.strike",
    "firm.record",
    "firm.review",
    "firm.approve",
    "firm.release",
    "firm.answer",
    "objection.answer",
]
Level = Literal["own", "other", "above"]
FieldKind = Literal[
    "text",
    "long_text",
    "day",
    "moment",
    "number",
    "money",
    "yes_no",
    "choice",
    "choices",
    "person",
    "persons",
    "party",
    "parties",
    "unit",
    "units",
    "names",
    "files",
]

# What becomes of a running period when the law changes: by the rule of the day on which it started, counted again by
# the new one, or the
# later or earlier end of both.
POLICIES = ("started", "recounted", "later", "earlier")
BY_LAW = "law"
# Instead of a field with persons: everybody who was named for the hand.
ALL_NAMED = "all"
PARENT = "parent"
# The enterprise whom the cases of a page are about, whatever the page calls it.
MAIN_ENTERPRISE = "main"


class _Page(LateEntry):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Dated(_Page):
    """Something that exists only between two days, both included."""

    since: dt.date | None = None
    until: dt.date | None = None

    def holds(self, day: dt.date) -> bool:
        """Whether it exists on a day."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


class Hand(LateEntry):
    """The capacity in which an officer acts in a case, and the hands from which the officer must be a different
    person.
    """

    label: Label
    takes: CaseRight = Field(description="what the officer's role must allow")
    at: Level = Field(
        default="own", description="own: the unit that holds the case; other: another unit; above: a higher level"
    )
    unit: Identifier | None = Field(
        default=None,
        description="of another unit: the field that says which; without it the unit to which the case was offered",
    )
    apart_from: tuple[Identifier, ...] = Field(
        default=(), description="who acted as one of these in this case can't act as this"
    )


class CaseParty(LateEntry):
    """A party of a case: the case is about it, or it speaks for itself in it."""

    label: Label
    kind: Literal["enterprise", "person", "unit"]
    role: Role
    sealed: bool = Field(default=False, description="named by a sealed reference only")
    many: bool = False

    @property
    def is_enterprise(self) -> bool:
        """Whether it is found in the ledger of enterprises."""
        return self.kind == "enterprise"

    hidden_from: tuple[Identifier, ...] = Field(default=(), description="hands to whom the party is not shown")
    learns: tuple[ActName, ...] = Field(
        default=(),
        description="acts by which an enterprise is told: from the first of them on, or from the first act that it did "
        "itself, it sees the case in its corner; with neither it never learns that there is one. An act that is heard "
        "of another case counts, one that happens by law does not: nobody tells it",
    )


class CaseField(Dated):
    """Something that is said with an act."""

    label: Label
    type: FieldKind
    choices: dict[Identifier, Label] = Field(default_factory=dict)
    choices_of: LawName | None = Field(default=None, description="the choices are the list of the law of the day")
    negative: bool = Field(
        default=False, description="a number or an amount of money may be less than nothing; counts and fines may not"
    )

    @model_validator(mode="after")
    def _choices(self) -> CaseField:
        is_choice = self.type in ("choice", "choices")
        if is_choice != bool(self.choices or self.choices_of) or (self.choices and self.choices_of):
            raise Wrong(
                "choice、choices 类型写 choices 或 choices_of 之一，其他类型都不写。",
                "The types choice and choices have either choices or choices_of; other types have neither.",
            )
        return self


class CaseState(LateEntry):
    """Something that holds for a while; a final one holds alone and ends the case."""

    label: Label
    final: bool = False
    waits_for: str = Field(default="", description="who is waited for while it holds: party, laboratory, upper ...")
    untold: bool = Field(
        default=False,
        description="an enterprise that knows of the case is not told that it holds, nor of its periods: a lead that "
        "is being verified, a measure that is being considered",
    )


class Opens(LateEntry):
    """The cases that an act opens: one, or one for each entry of a field."""

    child: Identifier
    for_each: Identifier | None = None


class Recusal(LateEntry):
    """Those named in a field may no longer act as a hand."""

    hand: Identifier
    field: Identifier


class OwnLength(LateEntry):
    """A length that a district sets itself, and by what."""

    value: int = Field(ge=0)
    unit: Literal["wd", "d", "hour", "month", "year"]
    by: Label


class FromMatrix(LateEntry):
    """What the matrix of ``book/restrictions`` fills in for a listing: the units that apply its measures, and these in
    words.
    """

    units: Identifier = Field(description="field of the act, of the type units")
    measures: Identifier = Field(description="field of the act, of the type long_text")


class FromRecord(LateEntry):
    """Facts of the ledger because of which a case is to be opened, or, on a later act, because of which there is
    something to do in a running one. A fact proposes; an officer acts.
    """

    record: Identifier
    where: Filter = Field(default_factory=dict)
    once_past: Identifier | None = Field(
        default=None,
        description="a day of the record: it proposes from the day after, unless something later was said before",
    )
    together: tuple[Identifier, ...] = Field(
        default=(), description="facts that say the same in these fields belong into one case"
    )
    parties: dict[Identifier, Identifier] = Field(
        default_factory=dict, description="party of the page -> of the record"
    )
    fills: dict[Identifier, Identifier | tuple[Identifier, ...]] = Field(
        default_factory=dict, description="field of the page -> field of the record, or several"
    )
    matrix: FromMatrix | None = Field(
        default=None, description="the record is a listing of book/restrictions: what its measures fill in"
    )
    day: Identifier | Literal["received"] = Field(
        default="received", description="the day of the act: on which the file was received, or a day of the record"
    )
    within: LawName | None = Field(default=None, description="by when it is to be opened, counted from that day")
    recent: OwnLength | None = Field(
        default=None,
        description="what was older than this when it was handed in was dealt with before, and proposes nothing",
    )


class HandsIn(LateEntry):
    """The row that an act hands in for the unit, by the receiving action; values may name fields in braces."""

    record: Identifier
    row: dict[str, str] = Field(min_length=1)


class LookUp(LateEntry):
    """A question that is asked of the ledger or of the cases at the moment of an act: what the answer was, from which
    facts or cases and on which day, is frozen into the line, and never asked again for it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, defer_build=True)

    label: Label
    records: tuple[Identifier, ...] = Field(default=(), description="facts of these records")
    cases: tuple[Identifier, ...] | Literal["all"] = Field(default=(), description="other cases of these workflows")
    indicator: Identifier | None = Field(
        default=None, description="the figure of an indicator, for the area of the unit that holds the case"
    )
    restrictions: bool = Field(
        default=False,
        description="the measures that book/restrictions makes of the listings of the party, of the department of the "
        "unit that holds the case, each with its articles",
    )
    sampling: Identifier | None = Field(
        default=None,
        description="a plan of book/sampling_plans: what its standard says for a batch (batch_size) and a class "
        "(of_class)",
    )
    of_class: Identifier | None = Field(default=None, description="for sampling: a class of the plan")
    batch_size: Identifier | None = Field(
        default=None, description="for sampling: the field of the page with the number of items"
    )
    about: Identifier | None = Field(
        default=None,
        description="the party of the page, or the field with a party, whom the facts or cases are about; main: the "
        "first enterprise of the page that is named openly",
    )
    as_: tuple[Role, ...] = Field(default=(), alias="as", description="in one of these roles; none: in any")
    where: Filter = Field(default_factory=dict, description="conditions on fields of the records")
    same: dict[Identifier, Identifier] = Field(
        default_factory=dict,
        description="field of the records -> field of the page: only what says the same, or the first words of it",
    )
    within: LawName | OwnLength | None = Field(
        default=None, description="no longer than this before the day of the act; none: however old"
    )
    holds: bool = Field(default=False, description="facts that hold on that day; cases that have not ended")
    take: Literal["count", "latest", "sample", "accept", "reject"] = Field(
        default="count",
        description="of facts how many or the latest; of sampling how many items are drawn, up to how many "
        "nonconforming ones a batch is accepted, and from how many on it is not",
    )
    field: Identifier | None = Field(default=None, description="for latest: the field of the record that is the answer")
    note: Label | None = Field(
        default=None, description="what to look out for where something was found; decides nothing"
    )

    @field_validator("records", mode="before")
    @classmethod
    def _one_record(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @property
    def is_number(self) -> bool:
        """Whether the answer can be compared with a number."""
        return self.take != "latest" and not self.restrictions

    @model_validator(mode="after")
    def _one_question(self) -> LookUp:
        asked = [
            bool(self.records),
            bool(self.cases),
            self.indicator is not None,
            self.restrictions,
            self.sampling is not None,
        ]
        if asked.count(True) != 1:
            raise Wrong(
                "查询要么查记录（records），要么查案件（cases），要么查指标（indicator），要么查限制措施（restrictions），"
                "要么查抽样方案（sampling），五者居一。",
                "A look-up asks for records, for cases, for an indicator, for restrictions, or for a sampling plan; "
                "one of the five.",
            )
        if (self.about is None) != (self.indicator is not None or self.sampling is not None):
            raise Wrong(
                "查记录、案件、限制措施的写明关于谁（about）；查指标的不写，算的是承办单位所在地区；查抽样方案的也不写。",
                "A look-up of records, cases or restrictions says about whom (about); one of an indicator doesn't: it "
                "is that of the unit's area; nor does one of a sampling plan.",
            )
        self._of_plan()
        if not self.records and (self.as_ or self.where or self.same or self.take == "latest"):
            raise Wrong(
                "as、where、same、take: latest 只用于查记录（records）的；请删去。",
                "as, where, same and take: latest are for look-ups of records; remove them.",
            )
        timeless = self.indicator is not None or self.restrictions or self.sampling is not None
        if timeless and (self.within is not None or self.holds):
            raise Wrong(
                "指标、限制措施自己规定取哪段时间，抽样方案与时间无关；请删去 within、holds。",
                "An indicator and a restriction say themselves which time they cover, and a sampling plan covers none; "
                "remove within and holds.",
            )
        if (self.take == "latest") != (self.field is not None):
            raise Wrong(
                "take: latest 写 field（取哪一项）；取件数的不写。",
                "take: latest has a field whose value it takes; a count has none.",
            )
        return self

    def _of_plan(self) -> None:
        """What a look-up of a sampling plan has, and no other."""
        numbers = self.take in ("sample", "accept", "reject")
        said = {self.sampling is not None, self.of_class is not None, self.batch_size is not None, numbers}
        if len(said) > 1:
            raise Wrong(
                "查抽样方案（sampling）的写类别（of_class）、批量字段（batch_size）和取什么（take：sample、accept、"
                "reject）；别的查询不写这些。",
                "A look-up of a sampling plan says of which class (of_class), the field with the size of the batch "
                "(batch_size), and what it takes (take: sample, accept or reject); no other look-up does.",
            )


class Step(Dated):
    """What an act, or one outcome of it, needs and does."""

    label: Label
    law: LawName | ArticleName = Field(
        default="",
        description="an article of the first text of the page, or a parameter of book/law whose article of the day it "
        "is",
    )
    while_: tuple[Identifier, ...] = Field(default=(), alias="while", description="one of these states holds")
    needs: tuple[Identifier, ...] = Field(default=(), description="all of these states hold")
    unless: tuple[Identifier, ...] = Field(default=(), description="none of these states holds")
    after: tuple[ActName, ...] = Field(default=(), description="these acts were done before")
    where: Filter = Field(default_factory=dict, description="conditions on fields and tallies, by fixed values")
    at_least: dict[Identifier, LawName] = Field(default_factory=dict)
    at_most: dict[Identifier, LawName] = Field(default_factory=dict)
    more_than: dict[Identifier, LawName] = Field(default_factory=dict)
    less_than: dict[Identifier, LawName] = Field(default_factory=dict)
    among: dict[Identifier, str] = Field(default_factory=dict, description="field -> list of the law, or another field")
    all_of: dict[Identifier, LawName] = Field(
        default_factory=dict, description="field -> list of the law that it must cover"
    )
    asks: tuple[Identifier, ...] = ()
    optional: tuple[Identifier, ...] = ()
    sees: tuple[Identifier, ...] = Field(
        default=(), description="look-ups that are answered at the moment of the act and frozen into its line"
    )
    begins: tuple[Identifier, ...] = ()
    ends: tuple[Identifier, ...] | Literal["all"] = ()
    joint: int | LawName | None = Field(default=None, description="so many different persons make one act")
    settled: tuple[Identifier, ...] = Field(default=(), description="all cases opened under these names have ended")
    begun: tuple[Identifier, ...] = Field(
        default=(), description="in all cases opened under these names something was done: each was served"
    )
    everyone: tuple[Identifier, ...] = Field(
        default=(), description="everybody named for the hand of these acts has done them"
    )
    opens: Opens | None = None
    tells: Identifier | None = Field(default=None, description="cases opened under this name hear the act")
    assigns: dict[Identifier, Identifier] = Field(
        default_factory=dict, description="hand -> field with those who act as it"
    )
    relieves: dict[Identifier, Identifier] = Field(
        default_factory=dict,
        description="hand -> field with those who are named for it no longer; all: everybody named for it before. "
        "Unlike somebody recused they can be named again",
    )
    recuses: Recusal | None = None
    moves_to: Identifier | None = Field(
        default=None, description="the field with the unit that holds the case from now on"
    )
    records: HandsIn | None = None
    issues: tuple[Identifier, ...] = Field(
        default=(), description="the documents of book/documents that it issues, each with its number"
    )
    rule: Identifier | None = Field(default=None, description="a function of rule.py: a Refusal, or None")
    hints: tuple[Identifier, ...] = Field(
        default=(), description="functions of rule.py: a Flag, or None; they never decide"
    )

    @field_validator("issues", mode="before")
    @classmethod
    def _one_document(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value


class ActOutcome(Step):
    """One of the ways in which an act can come out; it adds to its act."""


class CaseAct(Step):
    """An act of a case."""

    by: tuple[Identifier, ...] = Field(
        default=(), description="hands or parties, any of them; [law]: only by the passing of time"
    )
    day: Literal["stated"] | None = Field(default=None, description="the officer says when it happened; otherwise now")
    opens_case: bool = False
    from_record: FromRecord | None = None
    once: bool = False
    each: bool = Field(default=False, description="every person named for the hand does it, once")
    hears: tuple[HeardName, ...] = Field(default=(), description="acts of a relative that are this act")
    named_in: Identifier | None = Field(default=None, description="heard only where this case is named in that field")
    sealed_until: tuple[ActName, ...] = Field(
        default=(), description="what was said stays closed until one of these acts"
    )
    outcomes: dict[Identifier, ActOutcome] = Field(default_factory=dict)

    @field_validator("hears", mode="before")
    @classmethod
    def _one(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _somebody(self) -> CaseAct:
        if bool(self.by) == bool(self.hears):
            raise Wrong(
                "行为须写明由谁办（by），或者听到哪个案件的哪个行为（hears），二者居一。",
                "An act says by whom it is done, or which act of another case it hears; one of the two.",
            )
        return self


class DatedStart(Dated):
    """An act that a period runs from, between two days."""

    act: ActName


class LegalPeriod(_Page):
    """A period: since when, how long, and what it makes of acts."""

    label: Label
    in_: Identifier | None = Field(default=None, alias="in", description="runs as long as this state holds")
    after: tuple[DatedStart, ...] = Field(default=(), description="runs from the first of these acts")
    from_: Literal["first", "last"] = Field(
        default="first", alias="from", description="last: done again, it begins again"
    )
    from_end: bool = Field(
        default=False,
        description="where the end of another period begins it, it is counted from the last day of that one "
        "('自期限届满之日起'); without it from the day after, on which what the law did is there",
    )
    within: LawNameByField | OwnLength | None = None
    until: Identifier | None = Field(
        default=None, description="a field with the last day; with within: no later than that"
    )
    every: LawNameByField | None = Field(default=None, description="recurs while its state holds")
    since: dt.date | None = None
    not_counted_while: tuple[Identifier, ...] = ()
    extended_by: dict[ActName, str] = Field(
        default_factory=dict, description="act -> parameter of the law, or field with the new last day"
    )
    purpose: Purpose = Field(
        default="act",
        description="what it is for, which says whether a last day on a holiday moves on: act, that something is done "
        "in time; display, that something is shown so long; limit, that a measure lasts no longer, or that danger "
        "waits for no holiday (kernel/deadlines.py)",
    )
    duty: tuple[ActName, ...] = ()
    right: tuple[ActName, ...] = ()
    wait: tuple[ActName, ...] = ()
    else_: ActName | None = Field(default=None, alias="else", description="the act that the law does when it ends")

    @field_validator("after", mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        return (
            tuple({"act": each} if isinstance(each, str) else each for each in value)
            if isinstance(value, list | tuple)
            else value
        )

    @model_validator(mode="after")
    def _whole(self) -> LegalPeriod:
        if (self.in_ is None) == (not self.after):
            raise Wrong(
                "期限从状态开始（in）或者从行为开始（after），二者居一。",
                "A period runs while a state holds (in) or from acts (after); one of the two.",
            )
        if self.within is None and self.until is None and self.every is None:
            raise Wrong(
                "期限没有长度；请写 within、until 或 every。", "The period has no length; write within, until or every."
            )
        if self.every is not None and (
            self.within is not None or self.until is not None or self.in_ is None or not self.duty
        ):
            raise Wrong(
                "every（重复）只用于状态持续期间的义务：须有 in 和 duty，不写 within、until。",
                "'every' is for a duty while a state holds: with in and duty, without within and until.",
            )
        if self.every is not None and (
            self.right or self.wait or self.else_ or self.not_counted_while or self.extended_by
        ):
            raise Wrong(
                "every（重复）只有义务：不写 right、wait、else、not_counted_while、extended_by；需要的另写一个期限。",
                "'every' makes duties only: without right, wait, else, not_counted_while and extended_by; write "
                "another period for these.",
            )
        if self.purpose != "act" and self.within is None:
            raise Wrong(
                "purpose 只说明按长度（within）计算的期限最后一日是否顺延；载明的日期和重复的期限不顺延，请删去。",
                "purpose says whether the last day of a length (within) moves on; a stated day and a recurring duty "
                "never move; remove purpose.",
            )
        if self.from_ == "last" and self.in_ is not None:
            raise Wrong(
                "from: last 只用于从行为开始（after）的期限；状态每次开始都重新起算，请删去。",
                "from: last is for periods after acts; one in a state begins anew with the state anyhow; remove it.",
            )
        if not (self.duty or self.right or self.wait or self.else_):
            raise Wrong(
                "期限没有效果；请写 duty、right、wait 或 else。",
                "The period does nothing; write duty, right, wait or else.",
            )
        return self


class CaseChild(LateEntry):
    """Under which name a case opens others, and of which workflow they are."""

    label: Label
    workflow: Identifier


class Tally(LateEntry):
    """A number over acts of the case and of those that it opened."""

    label: Label
    take: Literal["count", "sum", "mean", "range", "share"]
    act: tuple[str, ...] = Field(min_length=1)
    less: tuple[str, ...] = Field(default=(), description="for count: these count against it")
    field: Identifier | None = None
    equals: str | int | bool | None = Field(default=None, description="for share: the value that counts")

    @model_validator(mode="after")
    def _of_something(self) -> Tally:
        if (self.take == "count") == (self.field is not None) or (self.take == "share") != (self.equals is not None):
            raise Wrong(
                "count 不写 field；sum、mean、range、share 要写 field；只有 share 写 equals。",
                "count has no field; sum, mean, range and share have one; only share has equals.",
            )
        return self


class WorkflowPart(_Page):
    """Entries that several workflows share (``book/workflows/parts/<part>.yaml``)."""

    parties: dict[Identifier, CaseParty] = Field(default_factory=dict)
    hands: dict[Identifier, Hand] = Field(default_factory=dict)
    fields: dict[Identifier, CaseField] = Field(default_factory=dict)
    states: dict[Identifier, CaseState] = Field(default_factory=dict)
    acts: dict[Identifier, CaseAct] = Field(default_factory=dict)
    periods: dict[Identifier, LegalPeriod] = Field(default_factory=dict)
    children: dict[Identifier, CaseChild] = Field(default_factory=dict)
    tallies: dict[Identifier, Tally] = Field(default_factory=dict)
    look_ups: dict[Identifier, LookUp] = Field(default_factory=dict)


CHAPTERS = tuple(WorkflowPart.model_fields)


class WorkflowPage(WorkflowPart):
    """A page of ``book/workflows``."""

    label: Label
    systems: tuple[SystemId, ...] = ()
    quality: Quality
    law: tuple[Citation, ...] = Field(min_length=1)
    number: Label = Field(description="how cases are numbered: {year} and {serial} are filled in")
    transition: LawName | None = Field(default=None, description="what becomes of running periods when the law changes")
    kept: LawName | None = Field(default=None, description="how long it is kept after its end")
    uses: tuple[Identifier, ...] = ()
    held_by: Literal["unit", "enterprise"] = "unit"
    reads: Literal["objection.read"] | None = Field(
        default=None, description="what else a role must allow before its rights on cases reach these"
    )
    parent: Identifier | None = Field(default=None, description="the workflow whose cases open this one")
    only_within: bool = Field(default=False, description="only another case opens one; nobody opens it by itself")

    @property
    def enterprise_party(self) -> str:
        """The party whom cases are about, where it is an enterprise that is named openly; '' where there is none."""
        named = (name for name, party in self.parties.items() if party.is_enterprise and not party.sealed)
        return next(named, "")

    def about(self, look_up: LookUp) -> str:
        """The party or field that a look-up of the page is about; '' where it is of an area."""
        return self.enterprise_party if look_up.about == MAIN_ENTERPRISE else look_up.about or ""

    def articles(self) -> tuple[Citation, ...]:
        """The articles that acts name, of the first text of the page."""
        steps = [step for act in self.acts.values() for step in (act, *act.outcomes.values())]
        named = dict.fromkeys(step.law for step in steps if step.law and not step.law.isascii())
        return tuple(self.law[0].model_copy(update={"article": article}) for article in named)

    def with_parts(self, parts: Mapping[str, WorkflowPart]) -> WorkflowPage:
        """The page with the entries of its parts; its own come before theirs."""
        merged: dict[str, dict[str, Any]] = {chapter: {} for chapter in CHAPTERS}
        for taken in (*(parts[name] for name in self.uses), self):
            for chapter in CHAPTERS:
                merged[chapter] |= getattr(taken, chapter)
        # In the order of the page: what a part adds comes last.
        for chapter in CHAPTERS:
            own = getattr(self, chapter)
            merged[chapter] = {**own, **{name: entry for name, entry in merged[chapter].items() if name not in own}}
        return self.model_copy(update=merged)


class StoryPerson(LateEntry):
    """A person in a story: what their roles allow, where their unit stands, or as which party they speak."""

    may: tuple[CaseRight, ...] = ()
    level: Level = "own"
    party: Identifier | None = None


class StoryExpects(_Page):
    """What is to be true after a day of a story."""

    stands: tuple[Identifier, ...] | None = None
    due: dict[Identifier, dt.date | str | None] | None = Field(
        default=None, description="period -> last day, or moment; nothing (~): it does not run"
    )
    late: tuple[Identifier, ...] | None = None
    duty: dict[Identifier, tuple[ActName, ...]] = Field(
        default_factory=dict, description="running period -> the acts that it demands"
    )
    missed: dict[Identifier, int] = Field(
        default_factory=dict, description="recurring period -> how often it was not done"
    )
    may: tuple[Identifier, ...] | None = Field(
        default=None, description="exactly these acts can be done, whoever does them"
    )
    may_not: dict[ActName, str] = Field(default_factory=dict, description="act -> the reason why not")
    numbers: dict[Identifier, int | float] = Field(default_factory=dict, description="tally -> value")
    article: dict[Identifier, str] = Field(default_factory=dict, description="period -> the article that it is of")
    sealed: tuple[Identifier, ...] | None = Field(default=None, description="acts whose words are closed now")
    holder: str | None = Field(default=None, description="the unit that holds the case")
    hints: tuple[str, ...] | None = Field(default=None, description="codes of what was pointed out with the act")
    issued: tuple[Identifier, ...] | None = Field(default=None, description="the documents that the act issued")


class StoryDay(_Page):
    """One day: an act that is done, or refused, and what then holds."""

    day: dt.date | dt.datetime
    case: str = Field(default="", description="which of the cases that were opened; none: the first")
    act: ActName | None = None
    by: tuple[str, ...] = ()
    with_: dict[Identifier, Any] = Field(default_factory=dict, alias="with")
    sees: dict[Identifier, int | float | str | None] = Field(
        default_factory=dict,
        description="what the look-ups of the act answer; of one that is not named nothing was found, and nothing (~) "
        "says that it could not be answered",
    )
    refused: str | None = Field(default=None, description="the reason for which it is refused")
    then: StoryExpects = StoryExpects()

    @field_validator("by", mode="before")
    @classmethod
    def _one(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @field_validator("day", mode="before")
    @classmethod
    def _moment(cls, value: Any) -> Any:
        try:
            said = dt.datetime.fromisoformat(value) if isinstance(value, str) else value
        except ValueError:
            said = None
        if not isinstance(said, dt.date) or (isinstance(said, dt.datetime) and said.tzinfo is not None):
            raise Wrong(
                "写成 2026-03-02，或者带时刻的 2026-03-02T09:30（北京时间，不写时区）。",
                "Write 2026-03-02, or with a time 2026-03-02T09:30 (time in China, without a zone).",
            )
        return dt.date.fromisoformat(value) if isinstance(value, str) and len(value) == len("2026-03-02") else said


class Story(LateEntry):
    """Days in the life of a case."""

    name: str = Field(min_length=1)
    people: dict[str, StoryPerson]
    days: tuple[StoryDay, ...] = Field(min_length=1)


class Stories(LateEntry):
    """``stories.yaml``."""

    stories: tuple[Story, ...] = Field(min_length=1)
