"""The indicators of every area of the tree in few queries, instead of one for each area.

A split by the fact's own area answers all areas that have none beneath them at once; a split by the first six digits
answers every district whose sub-districts have codes that begin with its own. The rest (a city, a region) is computed
singly. The numbers are those that ``query.figures`` gives for the area, which a test holds.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from zhiheng.analytics.lake import Lake, Manifest
from zhiheng.analytics.query import Figure, figures, frame_of, value_in
from zhiheng.engines import indicator as engine
from zhiheng.engines.figure_words import figure_text
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.indicators import INDICATORS


def every_area(
    lake: Lake, book: Book, *, as_of: dt.date, known_on: dt.date, names: Sequence[str] | None = None
) -> Iterator[tuple[str, list[Figure]]]:
    """(area, its figures) for every area of the book, in the order of the book."""
    codes = [area.code for area in book[DISTRICT].areas]
    below = book[DISTRICT].areas_below
    leaves = [code for code in codes if below[code] == {code}]
    by_prefix = [
        code
        for code in codes
        if code not in leaves and len(code) == 6 and below[code] == {other for other in codes if other.startswith(code)}
    ]
    manifest = lake.manifest()
    wanted = list(book[INDICATORS] if names is None else names)
    exact: dict[str, dict[str, Figure]] = {}
    for figure in figures(lake, book, area=None, as_of=as_of, known_on=known_on, names=names, by=("area",)):
        exact.setdefault(str(figure.group["area"]), {})[figure.indicator] = figure
    prefixed: dict[str, dict[str, Figure]] = {}
    if by_prefix:
        for figure in figures(lake, book, area=None, as_of=as_of, known_on=known_on, names=names, by=("area:6",)):
            prefixed.setdefault(str(figure.group["area:6"]), {})[figure.indicator] = figure
    for code in codes:
        if code in leaves or code in by_prefix:
            found = (exact if code in leaves else prefixed).get(code, {})
            yield (
                code,
                [_of_area(book, name, code, found.get(name), exact, manifest, as_of, known_on) for name in wanted],
            )
        else:
            yield code, figures(lake, book, area=code, as_of=as_of, known_on=known_on, names=names)


def _of_area(
    book: Book,
    name: str,
    area: str,
    split: Figure | None,
    exact: Mapping[str, Mapping[str, Figure]],
    manifest: Manifest,
    as_of: dt.date,
    known_on: dt.date,
) -> Figure:
    """A figure of a split as the figure of its area; where the split has none, that of an area without facts."""
    indicator = book[INDICATORS][name]
    parts = engine.parts_of(name, indicator, as_of)
    nothing: dict[str, int | Decimal | None] = {part.side: part.of_nothing for part in parts}
    frame = frame_of(book, area, as_of, known_on)
    above = sum(found.facts for code in frame.above if (found := exact.get(code, {}).get(name)) is not None)
    own = exact.get(area, {}).get(name) if frame.at else None
    numerator, denominator = nothing["numerator"], nothing.get("denominator")
    if split is not None:
        numerator = split.numerator
        denominator = split.denominator if split.denominator is not None else denominator
    facts = split.facts if split is not None else 0
    value = value_in(book, indicator, numerator, denominator, facts, above)
    return Figure(
        name,
        indicator.label.zh,
        indicator.label.en,
        area,
        {},
        value,
        *figure_text(indicator, value, (book, area, above)),
        indicator.unit,
        indicator.decimals,
        numerator,
        denominator,
        indicator.plan.zh if indicator.plan else "",
        indicator.plan.en if indicator.plan else "",
        parts[0].first,
        parts[0].last,
        as_of,
        known_on,
        book[INDICATORS][name].edition,
        manifest.watermark,
        manifest.learned_on,
        facts,
        above,
        own.facts if own is not None else 0,
        *engine.explain(indicator, parts, frame),
    )
