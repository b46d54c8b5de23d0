"""Try a rating before it is adopted (N2): two editions over the enterprises of an area, in words that people read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from zhiheng.analytics.rating_compare import SPLITS, EligibilityLost, RatingComparison
from zhiheng.grammar import yaml
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.ratings import Rating, edition_errors
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.grammar.types import Label
from zhiheng.grammar.yaml import BookRefused
from zhiheng.kernel.reasons import Refused
from zhiheng.projections.models import Card
from zhiheng.queries import refusals
from zhiheng.queries.ratings import RatingAsked, open_ratings, points_of, rating_asked

_SPLIT_WORDS: Mapping[str, Label] = {
    "area": Label(zh="区划", en="area"),
    "industry": Label(zh="行业大类", en="industry"),
    "size": Label(zh="从业人数", en="employees"),
    "age": Label(zh="成立年数", en="years since established"),
}
_KINDS: Mapping[str, Label] = {
    "award": Label(zh="质量奖", en="award"),
    "brand": Label(zh="品牌", en="brand"),
}
_NOT_TOLD = Label(zh="未报", en="not told")


@dataclass(frozen=True)
class Trial:
    """A comparison of two editions, with the names that it is told by."""

    comparison: RatingComparison
    area: str
    book: Book
    names: Mapping[int, str]

    def splits(self) -> Iterator[tuple[Label, list[tuple[Label, tuple[int, int, int]]]]]:
        """Each dimension with its classes: (better, worse, as before)."""
        for split in SPLITS:
            rows = self.comparison.splits[split]
            yield _SPLIT_WORDS[split], [(self._class(split, name), rows[name]) for name in sorted(rows, key=_order)]

    def _class(self, split: str, name: str) -> Label:
        if not name:
            return _NOT_TOLD
        if split == "area" and (area := self.book[DISTRICT].area(name)) is not None:
            return area.name
        return Label(zh=name, en=name)

    def items(self) -> list[tuple[Label, Decimal, Decimal, int]]:
        """What did it: item, its points of all that move before and after, and how many it concerns."""
        labels: dict[str, Label] = {}
        for asked in (self.comparison.first, self.comparison.second):
            labels |= {item.id: item.label for item in asked.edition.items}
            labels |= {veto.id: veto.label for veto in asked.edition.veto}
        return [
            (labels[one.item], points_of(one.before), points_of(one.after), one.enterprises)
            for one in self.comparison.items
        ]

    def lost(self) -> list[tuple[EligibilityLost, Label]]:
        """Who would lose which eligibility."""
        return [(one, _KINDS[one.kind]) for one in self.comparison.lost]

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        trial = self.comparison
        return {
            "first": trial.first.edition.edition,
            "second": trial.second.edition.edition,
            "as_of": trial.first.as_of.isoformat(),
            "known_on": trial.first.known_on.isoformat(),
            "area": self.area,
            "enterprises": trial.enterprises,
            "moved": trial.moved,
            "moves": [
                {"from": before, "to": after, "enterprises": number} for (before, after), number in trial.moves.items()
            ],
            "splits": {
                split: {
                    name: dict(zip(("better", "worse", "same"), numbers, strict=True)) for name, numbers in rows.items()
                }
                for split, rows in trial.splits.items()
            },
            "items": [
                {
                    "item": one.item,
                    "before": str(points_of(one.before)),
                    "after": str(points_of(one.after)),
                    "enterprises": one.enterprises,
                }
                for one in trial.items
            ],
            "lost": [vars(one) for one in trial.lost],
            "lost_in_all": trial.lost_in_all,
        }


def _order(name: str) -> tuple[bool, int, str]:
    start = name.split("-")[0]
    return not name, int(start) if start.isdigit() and len(start) < 6 else 0, name


def compared_editions(
    first: str,
    second: str,
    *,
    area: str | None = None,
    as_of: dt.date | None = None,
    known_on: dt.date | None = None,
    call: Call,
    files: bool = True,
) -> Trial:
    """Two editions compared: each ``name``, ``name@day-or-digest``, or (``files``) the path of a YAML page.

    Raises Refused where one is not there or is wrong, and where the actor may not list the enterprises of the area.

    Args:
        first: the edition of now.
        second: the edition that is tried.
    """
    one, two = (
        _edition_asked(text, as_of=as_of or call.today, known_on=known_on, call=call, files=files)
        for text in (first, second)
    )
    opened = open_ratings(one, area, call=call)
    comparison = opened.compared_with(two)
    subjects = [lost.subject_id for lost in comparison.lost]
    names = dict(Card.objects.filter(subject__in=subjects[:500]).values_list("subject", "name"))
    return Trial(comparison, opened.area, call.book, names)


def _edition_asked(text: str, *, as_of: dt.date, known_on: dt.date | None, call: Call, files: bool) -> RatingAsked:
    if files and text.endswith((".yaml", ".yml")):
        rating = rating_in_file(Path(text), call.book)
        edition = rating.on(as_of) or rating.editions[0]
        return RatingAsked(Path(text).stem, rating, edition, as_of, min(known_on or call.today, call.today))
    name, _, edition_named = text.partition("@")
    return rating_asked(call.book, name, as_of=as_of, known_on=known_on, today=call.today, edition=edition_named)


def rating_in_file(path: Path, book: Book) -> Rating:
    """A rating in a file that is no part of the book yet; Raises Refused with everything that is wrong with it."""
    if not path.is_file():
        raise Refused(refusals.rating_file_absent(str(path)))
    try:
        document = yaml.read(path)
        rating = yaml.validated(Rating, document)
    except BookRefused as refused:
        raise Refused(*(refusals.rating_file_wrong(str(error)) for error in refused.errors)) from None
    areas = [area.code for area in book[DISTRICT].areas]
    wrong = [
        error
        for at, edition in enumerate(rating.editions)
        for error in edition_errors(edition, document, ("editions", at), book[RECORDS], areas)
    ]
    if wrong:
        raise Refused(*(refusals.rating_file_wrong(str(error)) for error in wrong))
    return rating
