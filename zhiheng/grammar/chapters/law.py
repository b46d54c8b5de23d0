"""What a page of ``book/law/`` may say: one topic, the texts it cites, and its dated parameters.

.. code-block:: yaml

    topic: product_sampling
    label: {zh: 产品质量监督抽查, en: Supervisory sampling of products}
    parameters:
      objection_period:
        label: {zh: 异议期限, en: Time for an objection}
        values:
          - {from: 2020-01-01, value: 15, unit: d, text: samr-18, article: 第三十六条, checked: 2026-11-22}

``unit`` is ``wd``, ``d``, ``hour``, ``month``, ``year`` for a period, ``%``, ``CNY``, or a word for what is counted
(``person``, ``sample``); without a unit the value is a choice of words. A value may be a table
(``{level_1: 24, ...}``) or a list. ``until`` is written only where a rule ended and nothing replaced it, and
``before: none`` beside ``label`` where there was no such rule before the first value.

``text`` names a text of the register (``texts.yaml``); a text that only this page cites may stand under ``texts`` of
the page. ``from`` is the day on which an edition of the text came into force. A value that stays the same through
several editions, under the same article, is written once: each day cites its own edition.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from zhiheng.grammar.book import Book, BookHit, Chapter, IndexGroup, PageKind, Reading
from zhiheng.grammar.chapters.glossary import GLOSSARY, Glossary
from zhiheng.grammar.chapters.texts import PAGE, TEXTS, LegalText, TextId, plain_title, unused_texts
from zhiheng.grammar.registry import register, registered
from zhiheng.grammar.types import ArticleName, Identifier, Label, LateEntry
from zhiheng.grammar.yaml import BookError, Document, Wrong
from zhiheng.kernel.days import UNITS
from zhiheng.kernel.law import MONEY, PERCENT, Law, LawKey, Parameter, Value
from zhiheng.kernel.reasons import Refused

# A day of every year, as a value: 06-30.
DAY_OF_YEAR = re.compile(r"(0[1-9]|1[0-2])-([0-2][0-9]|3[01])")
CountUnit = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]*$")]


class DatedValue(LateEntry):
    """One value, since when it holds, and by which article."""

    from_: dt.date = Field(alias="from", description="自何日起施行 / in force since")
    value: int | float | str | tuple[int | float | str, ...] | dict[Identifier, int | float | str]
    unit: Literal["wd", "d", "hour", "month", "year", "%", "CNY"] | CountUnit | None = None
    text: TextId
    article: ArticleName = ""
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

    def words(self) -> frozenset[str]:
        """The words of the value that people read by a name: its choices, and the rows of its table."""
        rows = [*self.value, *self.value.values()] if isinstance(self.value, dict) else self.value
        each = rows if isinstance(rows, list | tuple) else (rows,)
        return frozenset(word for word in each if isinstance(word, str) and not DAY_OF_YEAR.fullmatch(word))


class LawParameter(LateEntry):
    """A parameter and every value it has had."""

    label: Label
    before: Literal["none", "unknown"] = Field(
        default="unknown", description="whether there was no such rule before the first value, or nobody has looked"
    )
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


class LawTopic(LateEntry):
    """A page of ``book/law/``."""

    topic: Identifier
    label: Label
    texts: dict[TextId, LegalText] = Field(default_factory=dict, description="texts that only this page cites")
    words: dict[Identifier, Label] = Field(
        default_factory=dict, description="what the words and the rows of tables among the values are called"
    )
    parameters: dict[Identifier, LawParameter]

    @model_validator(mode="after")
    def _texts_named(self) -> LawTopic:
        unused = sorted(set(self.texts) - self.cited())
        if unused:
            raise Wrong(
                f"texts 中的 {'、'.join(unused)} 没有被任何参数引用；请删去或改正引用。",
                f"No parameter cites {', '.join(unused)}; remove it from texts or correct the citation.",
            )
        return self

    def cited(self) -> frozenset[str]:
        """The ids of the texts that the page cites."""
        return frozenset(value.text for parameter in self.parameters.values() for value in parameter.values)

    def values(self, texts: Mapping[str, LegalText] = MappingProxyType({})) -> tuple[Parameter, ...]:
        """The parameters of this topic as the kernel holds them: each value once for every edition that it lived under.

        ``texts`` is the register; every text cited must be in it or on the page.
        """
        known = {**texts, **self.texts}
        return tuple(
            slice_
            for name, parameter in self.parameters.items()
            for number, value in enumerate(parameter.values)
            for slice_ in self._editions(name, parameter, number, value, known[value.text])
        )

    def _editions(
        self, name: str, parameter: LawParameter, number: int, value: DatedValue, text: LegalText
    ) -> Iterator[Parameter]:
        later = parameter.values[number + 1].from_ if number + 1 < len(parameter.values) else None
        ends = [day for day in (value.until, text.until) if day is not None]
        until = min(ends, default=None)
        if until is not None and later is not None and until >= later - dt.timedelta(days=1):
            until = None
        if until is not None and until < value.from_:
            until = None
        starts = [edition for edition in text.editions if edition.from_ is None or edition.from_ <= value.from_][-1:]
        starts += [
            edition
            for edition in text.editions
            if edition.from_ is not None
            and edition.from_ > value.from_
            and (later is None or edition.from_ < later)
            and (until is None or edition.from_ <= until)
        ]
        starts = starts or [text.editions[0]]
        for at, edition in enumerate(starts):
            since = value.from_ if not at or edition.from_ is None else edition.from_
            yield Parameter(
                topic=self.topic,
                name=name,
                zh=parameter.label.zh,
                en=parameter.label.en,
                value=_as_kernel(value),
                unit=value.unit or "",
                text=text.instrument(value.text, edition),
                article=value.article,
                since=since,
                until=until if at == len(starts) - 1 else None,
                checked=None if value.checked == "never" else value.checked,
                lead=value.lead,
                note_zh=value.note.zh if value.note else "",
                note_en=value.note.en if value.note else "",
                begins=value.from_,
                first=parameter.before == "none" and number == 0,
            )


def text_errors(topic: LawTopic, document: Document, texts: Mapping[str, LegalText]) -> Iterator[BookError]:
    """What a page says of its texts that the register does not bear out."""
    doubled = sorted(set(topic.texts) & set(texts))
    if doubled:
        yield document.error(
            ("texts", doubled[0]),
            f"{'、'.join(doubled)} 已在 {PAGE} 中登记；每个文件只写一处，请删去本页的。",
            f"{', '.join(doubled)} stands in {PAGE} already; a text is written once, remove it here.",
        )
    known = {**texts, **topic.texts}
    unknown = sorted(topic.cited() - set(known))
    if unknown:
        yield document.error(
            ("texts",) if topic.texts else ("parameters",),
            f"引用了没有登记的文件：{'、'.join(unknown)}；请补入 {PAGE}（或本页 texts），或改正 text。",
            f"Cited but not registered: {', '.join(unknown)}; add them to {PAGE} (or to texts here) or correct 'text'.",
        )
        return
    for name, parameter in topic.parameters.items():
        for number, value in enumerate(parameter.values):
            text = known[value.text]
            days = [edition.from_ for edition in text.editions if edition.from_ is not None]
            where = ("parameters", name, "values", number, "from")
            if days and value.from_ < days[0]:
                yield document.error(
                    where,
                    f"自 {value.from_} 起的规定引用了 {value.text}，而它 {days[0]} 才施行；请写施行之日，"
                    "不写公布之日。",
                    f"The value from {value.from_} cites {value.text}, in force only since {days[0]}; write the day "
                    "it came into force, not the day it was published.",
                )
            elif days and value.from_ not in days and value.note is None:
                yield document.error(
                    where,
                    f"{value.from_} 不是 {value.text} 任何一版的施行之日（{'、'.join(map(str, days))}）；请写施行之日；"
                    "确有过渡规定的，请在 note 中写明。",
                    f"On {value.from_} no edition of {value.text} came into force ({', '.join(map(str, days))}); "
                    "write the day of an edition, or explain the transition in note.",
                )
            elif text.until is not None and value.from_ > text.until:
                yield document.error(
                    where,
                    f"{value.text} 到 {text.until} 为止，不能作 {value.from_} 的依据；请改引新的规定。",
                    f"{value.text} ended on {text.until} and is no basis on {value.from_}; cite the new rule.",
                )


def _as_kernel(value: DatedValue) -> Value:
    return dict(value.value) if isinstance(value.value, dict) else value.value


def law_errors(
    said: str, where: tuple[str | int, ...], law: Law, document: Document, *, period: bool
) -> Iterator[BookError]:
    """What is wrong with the name of a parameter (``topic.parameter``, of a table with its row); ``period``: it must be
    a period.
    """
    topic, parameter, row = LawKey.parse(said)
    try:
        values = law.history(topic, parameter)
    except Refused as refused:
        yield document.error(where, refused.refusals[0].zh, refused.refusals[0].en)
        return
    for value in values:
        if row and not (isinstance(value.value, Mapping) and row in value.value):
            yield document.error(
                where,
                f"{topic}.{parameter} 自 {value.since} 起的规定没有“{row}”这一行；请改正。",
                f"{topic}.{parameter} has no row {row!r} in the rule from {value.since}; correct it.",
            )
        if period and value.unit not in UNITS:
            yield document.error(
                where,
                f"{topic}.{parameter} 不是期限；请写一个有单位的期限参数。",
                f"{topic}.{parameter} is no period; name a parameter that has a unit of time.",
            )
        elif period and not row and isinstance(value.value, Mapping):
            yield document.error(
                where,
                f"{topic}.{parameter} 自 {value.since} 起的规定是一张表；请写明行："
                f"{topic}.{parameter}.{next(iter(value.value), '')}。",
                f"{topic}.{parameter} is a table in the rule from {value.since}; "
                f"name its row: {topic}.{parameter}.{next(iter(value.value), '')}.",
            )


def unnamed_words(topics: Mapping[str, LawTopic], glossary: Glossary) -> Iterator[BookError]:
    """Words among the values of the law that have no name for people."""
    known = {term.id for term in glossary.terms}
    for topic in topics.values():
        for name, parameter in topic.parameters.items():
            missing = sorted({w for v in parameter.values for w in v.words()} - known - set(topic.words))
            if missing:
                yield BookError(
                    "book.word",
                    f"“{'、'.join(missing)}”没有给人看的名称；请写进本页的 words。",
                    f"{', '.join(missing)} has no name for people; add it to words of the page.",
                    f"parameters.{name}",
                    missing[0],
                    file=f"law/{topic.topic}.yaml",
                )


def words_of_law(book: Book, topic: str) -> Mapping[str, Label]:
    """What the words among the values of a topic are called: by its page, else by the word table."""
    terms = {term.id: Label(zh=term.zh, en=term.en) for term in book[GLOSSARY].terms}
    return {**terms, **book[LAW_TOPICS][topic].words}


def _read(reading: Reading) -> Mapping[str, LawTopic]:
    """Every topic by its name. The file carries the name of its topic."""
    texts = reading[TEXTS].texts
    topics: dict[str, LawTopic] = {}
    for path, topic, document in reading.each(LawTopic):
        if topic.topic != path.stem:
            reading.errors.append(
                document.error(
                    ("topic",),
                    f"专题“{topic.topic}”应写在 {topic.topic}.yaml 中；请改文件名或改 topic。",
                    f"The topic '{topic.topic}' belongs in {topic.topic}.yaml; rename the file or the topic.",
                )
            )
            continue
        reading.errors += text_errors(topic, document, texts)
        topics[path.stem] = topic
    return MappingProxyType(topics)


def _checks(book: Book) -> Iterator[BookError]:
    topics, texts = book[LAW_TOPICS], book[TEXTS]
    yield from unnamed_words(topics, book[GLOSSARY])
    used = {id for topic in topics.values() for id in topic.cited()}
    for chapter in registered():
        if chapter.cites is not None:
            used |= {id for _, _, citation in chapter.cites(book) for id in texts.ids(citation.text)}
    yield from unused_texts(texts, used)


def _entries(book: Book) -> Iterator[tuple[BookHit, str]]:
    topics, texts = book[LAW_TOPICS], book[TEXTS]
    for name, topic in topics.items():
        known = {**texts.texts, **topic.texts}
        cited = [known[id] for id in sorted(topic.cited())]
        words = [f"{' '.join(text.titles())} {text.en} {' '.join(e.order for e in text.editions)}" for text in cited]
        yield BookHit("law", name, topic.label, note=Label(zh="法规专题", en="topic of law")), " ".join([name, *words])
        for key, parameter in topic.parameters.items():
            articles = [f"{value.article} {value.text}" for value in parameter.values]
            yield (
                BookHit("law", name, parameter.label, place=key, note=topic.label),
                " ".join([key, topic.label.zh, topic.label.en, *articles]),
            )
    pages = topic_by_title(topics, texts.texts)
    for id, text in texts.texts.items():
        yield (
            BookHit(
                "law",
                pages.get(plain_title(text.zh), ""),
                Label(zh=text.zh, en=text.en),
                place=f"text-{id}",
                note=Label(zh="法规文件", en="text"),
            ),
            " ".join([plain_title(text.zh), *text.titles(), *(edition.order for edition in text.editions)]),
        )


def topic_by_title(topics: Mapping[str, LawTopic], texts: Mapping[str, LegalText]) -> Mapping[str, str]:
    """Plain title of a text -> the first topic that cites it."""
    return {
        plain_title(title): name
        for name, topic in reversed([*topics.items()])
        for id in sorted(topic.cited())
        for title in {**texts, **topic.texts}[id].titles()
    }


# The topics by name, as their pages say them.
LAW_TOPICS: Chapter[Mapping[str, LawTopic]] = register(
    Chapter(
        name="law",
        label=Label(zh="法规", en="Law"),
        pages=(PageKind("law", "law/*.yaml", LawTopic),),
        needs=(TEXTS,),
        read=_read,
        checks=_checks,
        index=IndexGroup("law", Label(zh="法规", en="Law"), _entries),
        order=2,
        reference="reference/law-and-calendars.md",
    )
)


def _law(reading: Reading) -> Law:
    topics, texts = reading[LAW_TOPICS], reading[TEXTS].texts
    return Law(value for topic in topics.values() for value in topic.values(texts))


# Every dated parameter, as the kernel takes the law.
LAW: Chapter[Law] = register(
    Chapter(
        name="dated_law",
        label=Label(zh="法律参数", en="Dated parameters of the law"),
        needs=(TEXTS, LAW_TOPICS),
        read=_law,
        counts={"law_parameters": lambda law: sum(1 for _ in law.rules())},
        order=2,
        reference="reference/law-and-calendars.md",
    )
)
