"""What a book says of publication: a rule beside each record that is published, and one page about the portal.

``book/records/<department>/<record>/publication.yaml``, beside the record's ``publication:`` (which outcomes, what is
masked, until when). A record without this page is not published at all: what the public sees is listed, never what it
does not see.

.. code-block:: yaml

    list: penalties
    title: {zh: "{punished}：{penalty_kind}", en: "{punished}: {penalty_kind}"}
    shows: [decision_number, punished, punished.code, violation_kind, penalty_kind, fine]
    columns: [punished, violation_kind, penalty_kind, decided_on]
    enterprises: [subject]
    publish_within: penalty_publication.publish
    periods:
      - {until: penalty_publication.display_max.minor, where: {penalty_kind: criticism}, alone: true}
      - {until: penalty_publication.display_max.general}

``book/portal.yaml``: the name of the portal, its lists in their order, the reasons for which something is taken back,
the terms of use of open data, the telephone of the hotline, the indicators shown as statistics.
"""

from __future__ import annotations

import datetime as dt
from string import Formatter
from typing import Literal, get_args

from pydantic import Field, field_validator, model_validator

from zhiheng.grammar.chapters.record_pages import Target
from zhiheng.grammar.types import Citation, Filter, Identifier, Label, LateEntry, LawName, Outcome, Role
from zhiheng.grammar.yaml import Wrong


class DisplayPeriod(LateEntry):
    """How long something is shown, by a dated parameter of the law, and when that parameter applies.

    Where several apply the longest counts; one that says ``alone`` and applies is the only one that counts ('仅受到……的
    ').
    """

    until: LawName = Field(description="topic.parameter of book/law, or topic.parameter.row")
    where: Filter = Field(default_factory=dict, description="conditions on fields; all must hold")
    outcome: tuple[Outcome, ...] = Field(default=(), description="only for these outcomes")
    person: bool | None = Field(default=None, description="only for natural persons (true), only for others (false)")
    at_most: dict[Identifier, LawName] = Field(
        default_factory=dict, description="a number of the row must not exceed a number of the law of that day"
    )
    among: dict[Identifier, LawName] = Field(
        default_factory=dict, description="a value of the row must stand in a list of the law of that day"
    )
    alone: bool = False
    and_until: Identifier | None = Field(default=None, description="a field with a day up to which it is shown anyway")


class Withheld(LateEntry):
    """What keeps a row from being published although its outcome would be: an open objection, a monitoring sample."""

    where: Filter = Field(min_length=1)
    says: Label
    lasting: bool = Field(default=False, description="nothing will change it, so nobody is asked to decide")


class UnderObjection(LateEntry):
    """What an open objection of an enterprise does to publication: it waits, unless the law of the record lets it go
    on.
    """

    before: Literal["waits", "goes_on"] = Field(
        default="waits",
        description="what is not shown yet: waits for the answer, or goes on by a decision with a reason, by the law "
        "named",
    )
    marked: bool = Field(default=False, description="what is shown already says that an objection is open")
    remedy_within: LawName | None = Field(
        default=None, description="within which time it is taken down or corrected once the objection stands"
    )
    law: tuple[Citation, ...] = ()

    @model_validator(mode="after")
    def _lawful(self) -> UnderObjection:
        if self.before == "goes_on" and not self.law:
            raise Wrong(
                "异议期间继续公示要有依据；请在 law 里写明条文。",
                "Going on in spite of an objection needs its law; name the article under law.",
            )
        return self


class PublicationExample(LateEntry):
    """A row as a department hands it in, and what the public would see of it on a certain day, or why nothing.

    ``like`` names a row of ``examples.yaml`` beside it; ``row`` then says only what differs.
    """

    name: str
    like: str = ""
    row: dict[str, str] = Field(default_factory=dict)
    source: str = "standard"
    asked: dt.date = Field(description="the day on which somebody asks")
    until: dt.date | Literal["no end"] | None = Field(
        default=None, description="the last day it is shown; absent: not looked at"
    )
    publish_by: dt.date | None = None
    shows: dict[str, str] = Field(default_factory=dict, description="field -> the text that the public sees")
    hides: tuple[str, ...] = Field(default=(), description="texts of the row that stand nowhere in what is published")
    doubts: tuple[str, ...] = ()
    refused: str = Field(default="", description="why it is not published: the code of the refusal")


class PublicationRule(LateEntry):
    """The publication rule of a record: the list, the title, the fields shown, the enterprises it belongs to, how
    long.
    """

    list: Identifier
    title: Label = Field(description="names of fields in braces are filled in, masked where they are masked")
    shows: tuple[Target, ...] = Field(
        min_length=1, description="fields (or field.part) that the public sees, in this order"
    )
    columns: tuple[Target, ...] = Field(default=(), max_length=4, description="those that stand in the list")
    kind: Identifier | None = Field(default=None, description="the choice by which the list can be narrowed")
    product: Identifier | None = Field(default=None, description="the field with the product's name, to be searched by")
    enterprises: tuple[Role, ...] = Field(default=(), description="roles whose enterprises get it on their public file")
    starts: Identifier | None = Field(default=None, description="the field with the day since which it has been shown")
    publish_within: LawName | None = None
    withdraw_within: LawName | None = None
    law_of: Literal["event", "today"] = Field(
        default="event",
        description="which day picks the periods of the law: that of the event, or today's (transition)",
    )
    periods: tuple[DisplayPeriod, ...] = Field(default=(), description="none: while it is valid, or without end")
    ended_by: Identifier | None = Field(default=None, description="the field with the day on which its effect ended")
    persons: Literal["never", "masked"] = "never"
    person_where: Filter = Field(default_factory=dict, description="what says that it is about a natural person")
    against: tuple[Outcome, ...] = Field(
        default=(), description="outcomes that speak against an enterprise: not shown once it is deregistered"
    )
    withheld: tuple[Withheld, ...] = ()
    objection: UnderObjection = Field(default_factory=UnderObjection)
    law: tuple[Citation, ...] = Field(default=(), description="further articles that oblige to publish it")
    examples: tuple[PublicationExample, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _columns_shown(self) -> PublicationRule:
        if hidden := [name for name in self.columns if name not in self.shows]:
            raise Wrong(
                f"列表的栏目 {'、'.join(hidden)} 不在 shows 中；请先列入 shows。",
                f"The columns {', '.join(hidden)} are not among shows; list them there first.",
            )
        return self

    def blanks(self) -> frozenset[str]:
        """The fields that the title names."""
        return frozenset(
            name for text in (self.title.zh, self.title.en) for _, name, _, _ in Formatter().parse(text) if name
        )


class PortalList(LateEntry):
    """A list of the portal: what it holds, in words for the public."""

    label: Label
    says: Label
    group: Literal["warnings", "results", "honours", "registers"]
    tells: Label | None = Field(default=None, description="how to read it: what a row does and does not mean")


class Cause(LateEntry):
    """A cause for taking down a published entry: the notice to the public, and the statutory time within which it must
    be done.
    """

    label: Label
    notice: Label
    within: LawName | None = None


class ContestedWords(LateEntry):
    """What the public reads on an entry to which an enterprise objects, and on one whose objection was found to
    stand.
    """

    open: Label
    open_says: Label
    upheld: Label
    upheld_says: Label


CauseName = Literal[
    "repaired", "annulled", "corrected", "superseded", "ended", "deregistered", "court", "privacy", "doubtful", "error"
]


class Terms(LateEntry):
    """The terms under which open data may be used."""

    label: Label
    says: Label
    url: str = ""


class Hotline(LateEntry):
    """Where complaints go while the platform takes none itself."""

    number: str = Field(pattern=r"^[0-9-]{3,15}$")
    url: str = Field(pattern=r"^https://")
    says: Label


class Portal(LateEntry):
    """``book/portal.yaml``."""

    name: Label
    operator: Label
    says: Label = Field(description="one sentence: what the portal is for")
    hotline: Hotline
    undertaker: Label | None = Field(default=None, description="承办单位: who keeps the portal for its operator")
    telephone: str = Field(default="", max_length=40, description="联系电话 of the portal, for its footer")
    site_code: str = Field(default="", max_length=40, description="政府网站标识码, as it was assigned")
    icp: str = Field(default="", max_length=60, description="ICP 备案号, as it was assigned")
    police_record: str = Field(default="", max_length=60, description="公安备案号, as it was assigned")
    contact: str = Field(default="", description="an address for questions and corrections")
    security_contact: str = Field(default="", description="mailto: or https: address for reports of vulnerabilities")
    terms: Terms
    lists: dict[Identifier, PortalList] = Field(min_length=1)
    front: tuple[Identifier, ...] = Field(
        default=(), max_length=2, description="lists whose newest entries open the portal"
    )
    enterprise_record: Identifier | None = Field(
        default=None, description="the record that says who an enterprise is; shown on top of its public file"
    )
    deregistered: Filter = Field(default_factory=dict, description="what in that record says that it exists no more")
    statistics: tuple[Identifier, ...] = Field(default=(), description="indicators that are published")
    causes: dict[CauseName, Cause]
    contested: ContestedWords | None = Field(default=None, description="words for entries that are objected to")

    @model_validator(mode="after")
    def _complete(self) -> Portal:
        if missing := [name for name in self.front if name not in self.lists]:
            raise Wrong(
                f"front 中的 {'、'.join(missing)} 不是栏目；请改成 lists 中的名称。",
                f"front names {', '.join(missing)}, which are no lists; use names of lists.",
            )
        wanted = set(get_args(CauseName))
        if missing := sorted(wanted - set(self.causes)):
            raise Wrong(
                f"causes 还缺 {'、'.join(missing)}；每种撤下的原因都要有对公众的说明。",
                f"causes lacks {', '.join(missing)}; the public is told something for every cause.",
            )
        return self

    @field_validator("security_contact")
    @classmethod
    def _address(cls, text: str) -> str:
        if text and not text.startswith(("mailto:", "https://")):
            raise Wrong("请写成 mailto:… 或 https://…。", "Write mailto:… or https://….")
        return text
