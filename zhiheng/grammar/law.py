"""What a page of ``book/law/`` may say: one topic, the texts it cites, and its dated parameters.

.. code-block:: yaml

    topic: product_sampling
    label: {zh: 产品质量监督抽查, en: Supervisory sampling of products}
    texts:
      samr-18: {zh: 产品质量监督抽查管理暂行办法, en: ..., order: 国家市场监督管理总局令第18号, in_force: 2020-01-01}
    parameters:
      objection_period:
        label: {zh: 异议期限, en: Time for an objection}
        values:
          - {from: 2020-01-01, value: 15, unit: d, text: samr-18, article: 第三十六条, checked: 2026-11-22}

``unit`` is ``wd``, ``d``, ``hour``, ``month``, ``year`` for a period, ``%``, ``CNY``, or a word for what is counted
(``person``, ``sample``); without a unit the value is a choice of words. A value may be a table
(``{level_1: 24, ...}``) or a list. ``until`` is written only where a rule ended and nothing replaced it.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from zhiheng.grammar.words import Entry, Identifier, Label
from zhiheng.grammar.yaml import BookError, BookRefused, Document, Wrong, read, validated
from zhiheng.kernel.days import UNITS
from zhiheng.kernel.law import MONEY, PERCENT, Instrument, Law, Parameter, Value

TextId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*([-_.][a-z0-9]+)*$")]
# 第三十六条, 第二十一条第一款第五项, 第十三条至第十五条, 第十四条、第十五条
Article = Annotated[
    str,
    StringConstraints(pattern=r"^(第[一二三四五六七八九十百]+条([第之至、][一二三四五六七八九十百条款项第至、]+)?)?$"),
]
CountUnit = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]*$")]


class Text(Entry):
    """A law, regulation, order or standard. ``file`` names its full text in the reference collection."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)
    order: str = ""
    in_force: dt.date | None = None
    file: str = ""
    url: str = ""


class DatedValue(Entry):
    """One value, since when it holds, and by which article."""

    from_: dt.date = Field(alias="from", description="自何日起施行 / in force since")
    value: int | float | str | tuple[int | float | str, ...] | dict[Identifier, int | float | str]
    unit: Literal["wd", "d", "hour", "month", "year", "%", "CNY"] | CountUnit | None = None
    text: TextId
    article: Article = ""
    checked: dt.date | Literal["never"] = Field(description="最近一次与原文核对的日期 / last checked against the text")
    until: dt.date | None = None
    lead: str = ""
    note: Label | None = None

    @model_validator(mode="after")
    def _whole(self) -> DatedValue:
        numbers = list(self.value.values()) if isinstance(self.value, dict) else self.value
        numbers = list(numbers) if isinstance(numbers, list | tuple) else [numbers]
        if self.unit in UNITS and not all(isinstance(n, int) and n >= 0 for n in numbers):
            raise Wrong(
                f"期限须是非负整数；单位是 {self.unit} 时请写 value: 15 这样的数。",
                f"A period is a whole number that is not negative; with the unit {self.unit} write e.g. value: 15.",
            )
        if self.unit in (PERCENT, MONEY) and any(isinstance(n, str) for n in numbers):
            raise Wrong(f"单位是 {self.unit} 时要写数字。", f"With the unit {self.unit} write a number.")
        if self.unit is None and not all(isinstance(n, str) for n in numbers):
            raise Wrong(
                "数字必须有单位；请写 unit: wd、d、hour、month、year、%、CNY 或所数之物（如 person）。",
                "A number needs a unit; write unit: wd, d, hour, month, year, %, CNY or what is counted (person).",
            )
        if self.until is not None and self.until < self.from_:
            raise Wrong("until 早于 from；请改正日期。", "until lies before from; correct the days.")
        if self.checked == "never" and not self.lead:
            raise Wrong(
                "尚未与原文核对（checked: never）时，请用 lead 写明说法的来处。",
                "While nobody has checked it (checked: never), say in lead where the claim comes from.",
            )
        return self


class LawParameter(Entry):
    """A parameter and every value it has had."""

    label: Label
    values: tuple[DatedValue, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _in_order(self) -> LawParameter:
        days = [value.from_ for value in self.values]
        if days != sorted(set(days)):
            raise Wrong(
                "values 须按 from 从早到晚排列，且日期各不相同；请调整顺序。",
                "values go from the earliest 'from' to the latest, each day once; put them in order.",
            )
        for earlier, later in zip(self.values, self.values[1:], strict=False):
            if earlier.until is not None and earlier.until >= later.from_:
                raise Wrong(
                    f"自 {earlier.from_} 起的规定到 {earlier.until} 为止，与自 {later.from_} 起的重叠；请改正 until。",
                    f"The value from {earlier.from_} ends on {earlier.until} and runs into that from {later.from_}; "
                    "correct until.",
                )
        return self


class LawTopic(Entry):
    """A page of ``book/law/``."""

    topic: Identifier
    label: Label
    texts: dict[TextId, Text]
    parameters: dict[Identifier, LawParameter]

    @model_validator(mode="after")
    def _texts_named(self) -> LawTopic:
        cited = {value.text for parameter in self.parameters.values() for value in parameter.values}
        unknown = sorted(cited - set(self.texts))
        if unknown:
            raise Wrong(
                f"引用了 texts 中没有的文件：{'、'.join(unknown)}；请补入 texts 或改正 text。",
                f"Cited but not listed in texts: {', '.join(unknown)}; add them to texts or correct 'text'.",
            )
        unused = sorted(set(self.texts) - cited)
        if unused:
            raise Wrong(
                f"texts 中的 {'、'.join(unused)} 没有被任何参数引用；请删去或改正引用。",
                f"No parameter cites {', '.join(unused)}; remove it from texts or correct the citation.",
            )
        return self

    def values(self) -> tuple[Parameter, ...]:
        """The parameters of this topic as the kernel holds them."""
        instruments = {
            key: Instrument(key, text.zh, text.en, text.order, text.in_force, text.url)
            for key, text in self.texts.items()
        }
        return tuple(
            Parameter(
                topic=self.topic,
                name=name,
                zh=parameter.label.zh,
                en=parameter.label.en,
                value=_as_kernel(value),
                unit=value.unit or "",
                text=instruments[value.text],
                article=value.article,
                since=value.from_,
                until=value.until,
                checked=None if value.checked == "never" else value.checked,
                lead=value.lead,
                note_zh=value.note.zh if value.note else "",
                note_en=value.note.en if value.note else "",
            )
            for name, parameter in self.parameters.items()
            for value in parameter.values
        )


def read_topic(path: Path, *, root: Path | None = None) -> LawTopic:
    """One page of law. The file carries the name of its topic. Raises BookRefused with every mistake of the page."""
    document = read(path, root=root)
    topic = validated(LawTopic, document)
    _same_name(document, topic.topic, path.stem)
    return topic


def load_law(folder: Path, *, root: Path | None = None) -> Law:
    """Every topic of ``book/law/`` as one Law. Raises BookRefused with the mistakes of all pages together."""
    parameters: list[Parameter] = []
    errors: list[BookError] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            parameters += read_topic(path, root=root).values()
        except BookRefused as refused:
            errors += refused.errors
    if errors:
        raise BookRefused(*errors)
    return Law(parameters)


def _same_name(document: Document, topic: str, stem: str) -> None:
    if topic != stem:
        raise BookRefused(
            document.error(
                ("topic",),
                f"专题“{topic}”应写在 {topic}.yaml 中；请改文件名或改 topic。",
                f"The topic '{topic}' belongs in {topic}.yaml; rename the file or the topic.",
            )
        )


def _as_kernel(value: DatedValue) -> Value:
    return dict(value.value) if isinstance(value.value, dict) else value.value
