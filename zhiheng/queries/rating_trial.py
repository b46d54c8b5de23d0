"""Try a rating before it is adopted (N2): two editions over the enterprises of an area, in words that people read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zhiheng.analytics.rating_compare import SPLITS, EligibilityLost, RatingComparison
from zhiheng.engines.rating_causes import CauseKind
from zhiheng.grammar import yaml
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.cards import CARDS
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.ratings import Rating, RatingItem, Veto, edition_errors
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
_CAUSES: Mapping[CauseKind, Label] = {
    CauseKind.ITEM: Label(zh="评价项目", en="item"),
    CauseKind.START: Label(zh="起评分", en="points before any fact"),
    CauseKind.VETO: Label(zh="一票否决", en="veto"),
    CauseKind.EVIDENCE: Label(zh="证据", en="evidence"),
    CauseKind.EDGE: Label(zh="等级界限", en="edge of a grade"),
    CauseKind.BANDS: Label(zh="等级的划分", en="the grades there are"),
    CauseKind.MATRIX: Label(zh="风险矩阵", en="risk matrix"),
    CauseKind.WHO: Label(zh="评价对象", en="who is rated"),
}
_EVIDENCE: Mapping[str, Label] = {
    "enough": Label(zh="证据由不足变为足够，不再因此未评", en="enough now, where there was too little"),
    "too_few": Label(zh="证据由足够变为不足，因此未评", en="too little now, so not graded for want of it"),
}
_WHO: Mapping[str, Label] = {
    "entered": Label(zh="现行版本不评，拟采用的评", en="rated by the edition tried alone"),
    "left": Label(zh="现行版本评，拟采用的不评", en="rated by the edition of now alone"),
}
_NONE = Label(zh="无", en="none")


@dataclass(frozen=True)
class TrialCause:
    """A cause in words: its kind, which of that kind, and what it is in the first edition and in the second.

    Of an item that is the points of those that it moves together, of an edge the least score, of a veto the best grade
    that it leaves, of evidence how many facts must speak of an enterprise.
    """

    kind: CauseKind
    name: str
    word: Label
    label: Label | None
    before: Label | None
    after: Label | None
    enterprises: int

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        said = {"label": self.label, "first": self.before, "second": self.after}
        words = {key: None if one is None else one.model_dump() for key, one in said.items()}
        return {"kind": self.kind.value, "name": self.name, **words, "enterprises": self.enterprises}


def _named(name: str, *some: RatingItem | Veto) -> Label:
    """The label of an item or veto: that of the first edition which has it."""
    return next(one.label for one in some if one.id == name)


def _number(value: object) -> Label:
    text = "—" if value is None else str(value)
    return Label(zh=text, en=text)


def _words(words: Sequence[str]) -> Label:
    return Label(zh="、".join(words), en=", ".join(words))


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

    def causes(self) -> Iterator[TrialCause]:
        """What did it, the most frequent first: each with what it is in the first edition and in the second."""
        first, second = (asked.edition for asked in (self.comparison.first, self.comparison.second))
        shifts = {one.item: one for one in self.comparison.items}
        for (kind, name), number in ((one.cause, one.enterprises) for one in self.comparison.causes):
            label: Label | None = None
            before: Label | None = None
            after: Label | None = None
            if kind is CauseKind.ITEM:
                label = _named(name, *first.items, *second.items)
                before, after = (_number(points_of(units)) for units in (shifts[name].before, shifts[name].after))
            elif kind is CauseKind.START:
                before, after = (_number(points_of(edition.start)) for edition in (first, second))
            elif kind is CauseKind.VETO:
                label = _named(name, *first.veto, *second.veto)
                limits = [{veto.id: veto.at_most for veto in edition.veto} for edition in (first, second)]
                before, after = (Label(zh=said[name], en=said[name]) if name in said else _NONE for said in limits)
            elif kind is CauseKind.EVIDENCE:
                label = _EVIDENCE[name]
                before, after = (_number(edition.evidence.at_least) for edition in (first, second))
            elif kind is CauseKind.EDGE:
                label = Label(zh=f"{name} 级的最低分", en=f"least score of {name}")
                edges = [{band.name: band.at_least for band in edition.bands} for edition in (first, second)]
                before, after = (_number(said[name]) for said in edges)
            elif kind is CauseKind.BANDS:
                before, after = (_words([band.name for band in edition.bands]) for edition in (first, second))
            elif kind is CauseKind.WHO:
                label = _WHO[name]
            yield TrialCause(kind, name, _CAUSES[kind], label, before, after, number)

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
            "causes": [one.as_json() for one in self.causes()],
            "unexplained": trial.unexplained,
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
    areas, card = [area.code for area in book[DISTRICT].areas], book[CARDS].get(rating.of)
    wrong = [
        error
        for at, edition in enumerate(rating.editions)
        for error in edition_errors(edition, document, ("editions", at), book[RECORDS], areas, card)
    ]
    if wrong:
        raise Refused(*(refusals.rating_file_wrong(str(error)) for error in wrong))
    return rating
