"""Articles of a law: what a citation names (第二十一条第一款第五项), and where these words stand in a text.

A text is divided as the legislation law divides it: articles (条, also inserted ones: 第十二条之一), paragraphs (款:
each line that begins a new sentence), items (项: （一）). Numbers are read in Chinese numerals and in digits. Nothing
here opens a file: the text is an argument.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

_DIGITS: Final = {digit: n for n, digit in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_PLACES: Final = {"十": 10, "百": 100, "千": 1000}
_NUMBER: Final = "[零〇一二两三四五六七八九十百千0-9]+"
_STEP: Final = re.compile(rf"第({_NUMBER})(条|款|项|目)(?:之({_NUMBER}))?")
_HEADING: Final = re.compile(rf"[#>*\s　]*第\s*({_NUMBER})\s*条(?:之({_NUMBER}))?(?P<after>[\s　【*]|$)?")
_CHAPTER: Final = re.compile(rf"[#>*\s　]*第\s*{_NUMBER}\s*[编章节](?:[\s　]|$)")
_ITEM: Final = re.compile(rf"[（(]({_NUMBER})[）)]")
_SUBITEM: Final = re.compile(r"[0-9]{1,2}[.．、]|[（(][0-9]{1,2}[）)]")
# The longest code has some 1,260 articles.
_MOST: Final = 9999
# A line that goes on like this speaks of an article; it does not open one.
_SPEAKS_OF: Final = "、，。；和或及与至第款项规的所之"

# What a citation may look like; the grammar of the book holds the same expression.
PATTERN: Final = (
    rf"^(第{_NUMBER}条(之{_NUMBER})?(第{_NUMBER}款)?(第{_NUMBER}项)?(第{_NUMBER}目)?"
    rf"([、至]第{_NUMBER}[条款项](之{_NUMBER})?(第{_NUMBER}款)?(第{_NUMBER}项)?)*)?$"
)


@dataclass(frozen=True, slots=True, order=True)
class ArticlePlace:
    """An article, or a paragraph or an item of it. ``inserted`` is 1 for 第十二条之一; 0 means that no paragraph or
    item is named.
    """

    article: int
    inserted: int = 0
    paragraph: int = 0
    item: int = 0

    def __str__(self) -> str:
        """第二十一条第一款第五项."""
        said = f"第{in_words(self.article)}条" + (f"之{in_words(self.inserted)}" if self.inserted else "")
        said += f"第{in_words(self.paragraph)}款" if self.paragraph else ""
        return said + (f"第{in_words(self.item)}项" if self.item else "")


@dataclass(frozen=True, slots=True)
class Article:
    """One article: its paragraphs in order, each with the items under it. The heading 第…条 is not among the words."""

    paragraphs: tuple[tuple[str, tuple[str, ...]], ...]

    def words(self, place: ArticlePlace) -> str | None:
        """The words of the article, or of the paragraph or item that is named; None where there is no such."""
        if not place.paragraph and not place.item:
            return "\n".join(_lines(self.paragraphs))
        found = self.paragraphs
        if place.paragraph:
            if place.paragraph > len(found):
                return None
            found = found[place.paragraph - 1 : place.paragraph]
        if not place.item:
            return "\n".join(_lines(found))
        # An item without its paragraph is looked for in the one paragraph that has items.
        for _, items in found:
            for item in items:
                number = _ITEM.match(item)
                if number is not None and read_number(number[1]) == place.item:
                    return item
        return None


Articles = Mapping[tuple[int, int], Article]


def read_number(text: str) -> int:
    """'二十一', '一百〇三', '1119' -> the number. Raises ValueError where it is none."""
    if text.isascii() and text.isdigit():
        return int(text)
    total = current = 0
    for sign in text:
        if sign in _DIGITS:
            current = _DIGITS[sign]
        elif sign in _PLACES:
            total += (current or 1) * _PLACES[sign]
            current = 0
        else:
            raise ValueError(f"{text!r} is no number")
    return total + current


def in_words(number: int) -> str:
    """1 to 9999 as a law writes it: 二十一, 一百零三, 一千一百一十九. Raises ValueError for others."""
    if not 0 < number < 10_000:
        raise ValueError(f"{number} is not written as the number of an article")
    digits = "零一二三四五六七八九"
    words = ""
    for size, word in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, size)
        if digit:
            words += ("" if (word, digit, words) == ("十", 1, "") else digits[digit]) + word
        elif words and number and not words.endswith("零"):
            words += "零"
    return words


def places(citation: str) -> tuple[ArticlePlace, ...]:
    """Every place that a citation names; of 第十三条至第十五条 all three. Raises ValueError where it can't be read.

    第十二条第一款、第三款 names two paragraphs of one article.
    """
    found: list[ArticlePlace] = []
    here: ArticlePlace | None = None
    ranged = False
    at = 0
    fresh = True
    while at < len(citation):
        if citation[at] in "、和及至":
            if here is None or fresh:
                raise ValueError(f"{citation!r} names no article before {citation[at]}")
            if not ranged:
                found.append(here)
            ranged, fresh = citation[at] == "至", True
            at += 1
            continue
        step = _STEP.match(citation, at)
        if step is None:
            raise ValueError(f"{citation!r} is not read from {citation[at:]!r} on")
        number, kind = read_number(step[1]), step[2]
        if not 0 < number <= _MOST:
            raise ValueError(f"{citation!r}: no text has a {kind} of the number {number}")
        if kind == "条":
            reached = ArticlePlace(number, read_number(step[3]) if step[3] else 0)
        elif here is None:
            raise ValueError(f"{citation!r} names a paragraph or item of no article")
        elif kind == "款":
            reached = replace(here, paragraph=number, item=0)
        else:
            # 目 stand inside an item, whose words they belong to.
            reached = replace(here, item=number) if kind == "项" else here
        at = step.end()
        if ranged and fresh:
            found += _between(found[-1], reached, citation)
        here, fresh = reached, False
        if ranged:
            found[-1] = here
    if here is not None and not ranged:
        if fresh:
            raise ValueError(f"{citation!r} breaks off")
        found.append(here)
    elif fresh and citation:
        raise ValueError(f"{citation!r} breaks off")
    return tuple(dict.fromkeys(found))


def articles(text: str) -> Articles:
    """Divide a text of law into articles. A second text behind the first (an annex with its own articles) is left
    alone.
    """
    found: dict[tuple[int, int], list[str]] = {}
    here: tuple[int, int] | None = None
    outside = False
    for line in text.splitlines():
        stripped = line.strip(" \t　*\r").strip()
        if not stripped:
            continue
        heading = _opens(stripped, here)
        if heading is not None:
            number, rest = heading
            if here is not None and number <= here:
                break
            here, outside = number, False
            found[here] = [rest] if rest else []
        elif _CHAPTER.match(stripped):
            # The title of a chapter ends an article; what stands between it and the next belongs to none.
            outside = True
        elif here is not None and not outside:
            found[here].append(stripped)
    return {number: _article(lines) for number, lines in found.items()}


def _opens(line: str, here: tuple[int, int] | None) -> tuple[tuple[int, int], str] | None:
    heading = _HEADING.match(line)
    if heading is None:
        return None
    number = (read_number(heading[1]), read_number(heading[2]) if heading[2] else 0)
    rest = line[heading.end() :].strip(" \t　*")
    if here is None:
        return (number, rest) if number[0] == 1 or heading["after"] is not None else None
    follows = number in ((here[0] + 1, 0), (here[0], here[1] + 1))
    if heading["after"] is None and (not follows or rest[:1] in _SPEAKS_OF):
        return None
    # A text that begins anew is another text; another step back is a sentence that speaks of an article.
    return (number, rest) if number > here or number == (1, 0) else None


def _article(lines: list[str]) -> Article:
    paragraphs: list[tuple[str, list[str]]] = []
    for line in lines:
        # 目 stand inside their item; they are told from items by their digits (1. or （1）below （一）).
        if paragraphs and paragraphs[-1][1] and _SUBITEM.match(line) and not _numbered(paragraphs[-1][1][0]):
            paragraphs[-1][1][-1] += f"\n{line}"
        elif _ITEM.match(line) and paragraphs:
            paragraphs[-1][1].append(line)
        else:
            paragraphs.append((line, []))
    return Article(tuple((head, tuple(items)) for head, items in paragraphs))


def _numbered(item: str) -> bool:
    return item[1:2].isdigit()


def _lines(paragraphs: tuple[tuple[str, tuple[str, ...]], ...]) -> Iterator[str]:
    for head, items in paragraphs:
        yield head
        yield from items


def _between(first: ArticlePlace, last: ArticlePlace, citation: str) -> list[ArticlePlace]:
    """The places after ``first`` up to ``last``."""
    if last.article != first.article:
        if last.article < first.article:
            raise ValueError(f"{citation!r} runs backwards")
        return [ArticlePlace(n) for n in range(first.article + 1, last.article)] + [last]
    if last.item:
        return [replace(last, item=n) for n in range(first.item + 1, last.item)] + [last]
    return [replace(last, paragraph=n) for n in range(first.paragraph + 1, last.paragraph)] + [last]
