"""Words that several chapters of a book share: labels in two languages, citations, filters, names of things."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from zhiheng.grammar.yaml import Wrong
from zhiheng.kernel import articles

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$", max_length=60)]
SystemId = Annotated[str, StringConstraints(pattern=r"^([A-H]([1-9]|1[0-9])|N([1-9]|1[0-3]))$")]

Quality = Literal["product", "project", "service", "environment"]
QUALITIES: tuple[Quality, ...] = get_args(Quality)
Stage = Literal["before", "during", "after"]
SubjectKind = Literal["enterprise", "person", "product", "batch", "project", "equipment", "premises"]
Role = Literal[
    "subject",
    "holder",
    "applicant",
    "producer",
    "manufacturer",
    "consignor",
    "consignee",
    "supplier",
    "buyer",
    "seller",
    "distributor",
    "importer",
    "owner",
    "user_unit",
    "maintainer",
    "installer",
    "laboratory",
    "certifier",
    "operator",
    "contractor",
    "developer",
    "supervisor_unit",
    "designer",
    "complainant",
    "complainee",
    "brand_owner",
    "recheck_laboratory",
    "other",
]
Outcome = Literal["pass", "fail", "neutral"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
Severity = Literal["none", "minor", "general", "serious", "critical"]
Audience = Literal["public", "departments", "sender", "office"]


class Entry(BaseModel):
    """Any entry of a book: unknown keys are refused by name, values never change after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """The same with other values; what was computed of the old ones is left behind."""
        made = super().model_copy(update=update, deep=deep)
        for computed in made.__dict__.keys() - type(made).model_fields.keys():
            del made.__dict__[computed]
        return made


class LateEntry(Entry):
    """An entry of a chapter whose validator is built on first use, so that no start waits for it."""

    model_config = ConfigDict(defer_build=True)


class Label(Entry):
    """A name that people read, in both languages."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)


# topic.parameter, or topic.parameter.row of its table
LawName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?$")]
ArticleName = Annotated[str, StringConstraints(pattern=articles.PATTERN)]


class Citation(Entry):
    """The article that is the source, and the day on which it was last checked against the text; ``never`` where it was
    not yet.

    ``from`` and ``until`` are written where the article is the basis only since or up to a day: the old law stays
    beside the new one.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    text: str = Field(min_length=1, description="title of the law, regulation or standard")
    article: ArticleName = Field(default="", description="第三十六条")
    from_: dt.date | None = Field(default=None, alias="from", description="the first day on which it is the basis")
    until: dt.date | None = Field(default=None, description="the last day on which it is the basis")
    checked: dt.date | Literal["never"] = "never"
    lead: str = Field(default="", description="where the claim comes from while nobody has checked it")
    note: Label | None = Field(default=None, description="what a reader should know of this basis")

    @model_validator(mode="after")
    def _forwards(self) -> Citation:
        if self.from_ is not None and self.until is not None and self.until < self.from_:
            raise Wrong("until 早于 from；请改正日期。", "until lies before from; correct the days.")
        return self

    def holds(self, day: dt.date) -> bool:
        """Whether it is the basis on a day."""
        return (self.from_ is None or self.from_ <= day) and (self.until is None or day <= self.until)


Scalar = str | int | bool | dt.date


class Condition(Entry):
    """A condition on one field; all the keys given must hold."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    equals: Scalar | None = None
    any_of: tuple[Scalar, ...] | None = None
    none_of: tuple[Scalar, ...] | None = None
    starts: str | None = None
    at_least: Scalar | None = None
    at_most: Scalar | None = None
    more_than: Scalar | None = None
    less_than: Scalar | None = None
    exists: bool | None = None

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: object) -> object:
        """``plan: supervisory`` is short for equals, ``plan: [a, b]`` for any_of."""
        if isinstance(value, list | tuple):
            return {"any_of": tuple(value)}
        if isinstance(value, dict | Condition):
            return value
        return {"equals": value}

    @model_validator(mode="after")
    def _says_something(self) -> Condition:
        if all(value is None for _, value in self):
            raise Wrong(
                "条件是空的；请写例如 {at_least: 3}，或者直接写一个值。",
                "an empty condition; write for example: {at_least: 3} or a plain value.",
            )
        if self.any_of == () or self.none_of == ():
            raise Wrong(
                "空的清单等于没有条件；请写明有哪些值，或者删去。",
                "an empty list is a condition that says nothing; name the values, or take it away.",
            )
        return self


Filter = dict[Identifier, Condition]

ROLES: tuple[str, ...] = get_args(Role)
