"""A citation on a page: its official page, and the article's own words where the installation has the text.

The words are those of the edition of a day: of the event where a page speaks of one, else of today.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from django.conf import settings

from zhiheng.grammar.chapters.texts import TEXTS
from zhiheng.grammar.types import Citation
from zhiheng.kernel.law import Instrument, Parameter
from zhiheng.pages.access import book, today
from zhiheng.reading.law_texts import CitedWords, LawTexts

# 《…》（…令第…号）第…条, as it was stored or told in one string.
_SAID = re.compile(r"《(?P<text>[^》]+)》(?:（[^）]*）)?(?P<article>.*)", re.DOTALL)


@dataclass(frozen=True)
class Cited:
    """What a page shows of a citation. ``holds`` is false where it is the basis of other days than this one."""

    text: str
    article: str
    edition: Instrument | None
    words: CitedWords | None
    day: dt.date
    checked: dt.date | Literal["never"] | None
    from_: dt.date | None = None
    until: dt.date | None = None
    note: Any = None

    @property
    def link(self) -> str:
        """The official page, else the official database; empty where neither is known."""
        return (self.edition.url or self.edition.search) if self.edition is not None else ""

    @property
    def exact(self) -> bool:
        """Whether the link leads to the text itself."""
        return self.edition is not None and bool(self.edition.url)


@cache
def _texts(folder: Path) -> LawTexts:
    return LawTexts(folder)


def texts() -> LawTexts | None:
    """The folder of law texts that this installation names; None where it names none."""
    return _texts(Path(settings.LAW_TEXTS)) if settings.LAW_TEXTS else None


def cited(said: Citation | Parameter | Mapping[str, Any] | str, day: dt.date | None = None) -> Cited:
    """A citation of the book, a value of the law, or words like 《…》第三条, with what stands behind it on a day."""
    on = day or today()
    if isinstance(said, Parameter):
        return Cited(
            said.text.zh, said.article, said.text, _words(said.text, said.article), on, said.checked or "never"
        )
    if not isinstance(said, Citation):
        said = _read(said)
    edition = book()[TEXTS].cited(said, on)
    return Cited(
        said.text,
        said.article,
        edition,
        _words(edition, said.article),
        on,
        said.checked,
        said.from_,
        said.until,
        said.note,
    )


def _words(edition: Instrument | None, article: str) -> CitedWords | None:
    folder = texts()
    return folder.passages(edition, article) if folder is not None and edition is not None and article else None


def _read(said: Mapping[str, Any] | str) -> Citation:
    """What was stored as words."""
    text = said if isinstance(said, str) else str(said["zh"])
    days = {} if isinstance(said, str) else {key: said[key] for key in ("from", "until") if key in said}
    parts = _SAID.fullmatch(text)
    if parts is None:
        return Citation(text=text or "—")
    try:
        return Citation.model_validate({"text": parts["text"], "article": parts["article"], **days})
    except ValueError:
        return Citation(text=text)
