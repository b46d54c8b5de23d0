"""The register of the texts that a book cites (``texts.yaml``): their editions, when each came into force, their
official pages.

.. code-block:: yaml

    texts:
      samr-15:
        zh: 食品安全抽样检验管理办法
        en: Measures on food safety sampling and testing
        page: https://www.samr.gov.cn/...
        editions:
          - {from: 2019-10-01, order: 国家市场监督管理总局令第15号}
          - {from: 2022-11-01, order: 国家市场监督管理总局令第15号公布，令第61号修正}
          - {from: 2025-05-01, order: 国家市场监督管理总局令第15号公布，令第61号、第101号修正}

``from`` is the day on which an edition came into force, not the day on which it was decided or published. A text has
one page here; a value of the law and a citation find the edition of their day by themselves.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import Field, StringConstraints, field_validator, model_validator

from zhiheng.grammar.book import Chapter, PageKind, Reading
from zhiheng.grammar.registry import register
from zhiheng.grammar.types import Citation, Label, LateEntry
from zhiheng.grammar.yaml import BookError, Wrong
from zhiheng.kernel.law import Instrument

PAGE = "texts.yaml"
TextId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*([-_.][a-z0-9]+)*$")]
# A file's name without its ending: no path, nothing hidden.
FileName = Annotated[str, StringConstraints(pattern=r"^[^./\\:\x00][^/\\:\x00]*$", max_length=200)]
_OFFICIAL = re.compile(r"(^|\.)gov\.cn$")


class TextEdition(LateEntry):
    """One edition of a text: since when it was in force, by which order; its title where that was another one."""

    from_: dt.date | None = Field(default=None, alias="from", description="施行之日 / the day it came into force")
    order: str = ""
    zh: str = ""
    en: str = ""
    file: FileName | None = Field(default=None, description="name of its file in a folder of law texts")
    page: str = ""
    lead: str = Field(default="", description="where the day comes from, while nobody has seen it in the text")

    @field_validator("page")
    @classmethod
    def _page(cls, address: str) -> str:
        return _official(address)


class LegalText(LateEntry):
    """A law, regulation, order or standard, with its editions from the earliest to the latest."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)
    page: str = Field(default="", description="its page on an official site")
    search: str = Field(default="", description="where its exact page is not known: the official database to search in")
    own: bool = Field(default=False, description="what the district itself decides: confirmed by it, not looked up")
    until: dt.date | None = Field(default=None, description="its last day in force, where it was repealed")
    editions: tuple[TextEdition, ...] = Field(default=(TextEdition(),), min_length=1)

    @field_validator("page", "search")
    @classmethod
    def _pages(cls, address: str) -> str:
        return _official(address)

    @model_validator(mode="before")
    @classmethod
    def _one_edition(cls, value: object) -> object:
        """``order``, ``in_force`` and ``file`` beside the title are short for the only edition."""
        if not isinstance(value, dict) or "editions" in value:
            return value
        short = {"order": "order", "in_force": "from", "file": "file"}
        edition = {short[key]: value[key] for key in short if key in value}
        return {**{key: each for key, each in value.items() if key not in short}, "editions": [edition]}

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        days = [edition.from_ for edition in self.editions]
        dated = [day for day in days if day is not None]
        if len(days) > 1 and (len(dated) < len(days) or dated != sorted(set(dated))):
            raise Wrong(
                "editions 须按施行之日（from）从早到晚排列，每版都写日期且各不相同；请调整。",
                "editions go from the earliest day in force to the latest, each with a day of its own; put them in "
                "order.",
            )
        if self.until is not None and days[-1] is not None and self.until < days[-1]:
            raise Wrong(
                "until 早于最后一版的施行之日；请改正。", "until lies before the last edition; correct the days."
            )
        return self

    def on(self, day: dt.date) -> TextEdition | None:
        """The edition in force on a day; None before the first and after the last day of the text."""
        if self.until is not None and day > self.until:
            return None
        held = [edition for edition in self.editions if edition.from_ is None or edition.from_ <= day]
        return held[-1] if held else None

    def title(self, edition: TextEdition, lang: str = "zh") -> str:
        """The title that an edition had."""
        return (edition.zh or self.zh) if lang == "zh" else (edition.en or self.en)

    def titles(self) -> tuple[str, ...]:
        """Every title that it has or had, the present one first."""
        return tuple(dict.fromkeys([self.zh, *(self.title(edition) for edition in reversed(self.editions))]))

    def file(self, edition: TextEdition) -> str:
        """The name of an edition's file: as given, else its title, before the newest edition with the day it began."""
        if edition.file:
            return edition.file
        title = self.title(edition)
        return title if edition is self.editions[-1] else f"{title}({edition.from_})"

    def instrument(self, id: str, edition: TextEdition) -> Instrument:
        """An edition as the kernel holds it."""
        return Instrument(
            id,
            self.title(edition),
            self.title(edition, "en"),
            edition.order,
            edition.from_,
            edition.page or self.page,
            self.search,
            self.file(edition),
        )


class TextPage(LateEntry):
    """The page ``texts.yaml``."""

    texts: dict[TextId, LegalText]


@dataclass(frozen=True)
class TextRegister:
    """Every text of a book by its id, and by the titles under which records cite it."""

    texts: Mapping[str, LegalText]
    _titles: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, texts: Mapping[str, LegalText]) -> TextRegister:
        titles: dict[str, list[str]] = {}
        for id, text in texts.items():
            for title in map(plain_title, text.titles()):
                if id not in titles.setdefault(title, []):
                    titles[title].append(id)
        return cls(MappingProxyType(dict(texts)), MappingProxyType({t: tuple(ids) for t, ids in titles.items()}))

    def cited(self, citation: Citation, day: dt.date) -> Instrument | None:
        """The text that a citation names, in the edition of a day.

        A citation holds only on its own days. Where no edition was in force on the day, it is the one nearest to it
        whose days the citation covers; None where the register does not have the text.
        """
        if citation.from_ is not None and day < citation.from_:
            day = citation.from_
        if citation.until is not None and day > citation.until:
            day = citation.until
        ids = self._titles.get(plain_title(citation.text), ())
        for id in ids:
            edition = self.texts[id].on(day)
            if edition is not None:
                return self.texts[id].instrument(id, edition)
        for id in ids[-1:]:
            text = self.texts[id]
            return text.instrument(
                id, text.editions[0 if text.editions[0].from_ and day < text.editions[0].from_ else -1]
            )
        return None

    def ids(self, title: str) -> tuple[str, ...]:
        """The ids of the texts that have or had a title."""
        return self._titles.get(plain_title(title), ())


def plain_title(title: str) -> str:
    """A title without 《》 and without 中华人民共和国 before it, so that short and full names meet."""
    return title.strip().strip("《》").removeprefix("中华人民共和国")


def _official(address: str) -> str:
    if address:
        parts = urlsplit(address)
        if parts.scheme not in ("https", "http") or not _OFFICIAL.search(parts.hostname or ""):
            raise Wrong(
                "官方网页要写完整网址，且在 gov.cn 之下；不是官方网页的，请写在 lead 里。",
                "An official page is a whole address under gov.cn; what is no official page belongs in lead.",
            )
    return address


def unused_texts(register: TextRegister, cited: Collection[str]) -> Iterator[BookError]:
    """Texts of the register that nothing in the book cites, ``cited`` being the ids of what is."""
    for id in register.texts:
        if id not in cited:
            yield BookError(
                "book.text",
                f"没有任何一处引用《{register.texts[id].zh}》；请删去，或改正引用它的名称。",
                f"Nothing cites {register.texts[id].en!r}; remove it, or correct the title where it is cited.",
                f"texts.{id}",
                id,
                file=PAGE,
            )


def _read(reading: Reading) -> TextRegister:
    """The register of a book; an empty one where it has no such page."""
    return TextRegister.of(next((page.texts for _, page, _ in reading.each(TextPage)), {}))


TEXTS: Chapter[TextRegister] = register(
    Chapter(
        name="texts",
        label=Label(zh="法规文件", en="Texts of law"),
        pages=(PageKind("texts", PAGE, TextPage),),
        read=_read,
        order=2,
        reference="reference/law-and-calendars.md",
    )
)
