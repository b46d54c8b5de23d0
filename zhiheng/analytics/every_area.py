"""The indicators of every area of the tree, in few questions: what a cockpit needs at hand is not asked area by area.

A split by the fact's own area answers all areas that have none beneath them at once; a split by the first six digits answers every
district whose sub-districts are told by its code. Only what is left (a city, a region) is asked by itself. The numbers are those
that ``query.figures`` gives for the area, which a test holds.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import replace

from zhiheng.analytics.lake import Lake, Manifest
from zhiheng.analytics.query import Figure, _scale, figures, shown
from zhiheng.engines import indicator as engine
from zhiheng.grammar.loader import Book


def every_area(
    lake: Lake, book: Book, *, as_of: dt.date, known_on: dt.date, names: Sequence[str] | None = None
) -> Iterator[tuple[str, list[Figure]]]:
    """(area, its figures) for every area of the book, in the order of the book."""
    codes = [area.code for area in book.district.areas]
    below = book.areas_below
    leaves = [code for code in codes if below[code] == {code}]
    by_prefix = [
        code
        for code in codes
        if code not in leaves and len(code) == 6 and below[code] == {other for other in codes if other.startswith(code)}
    ]
    manifest = lake.manifest()
    split: dict[str, dict[str, Figure]] = {}
    for dimension, wanted in (("area", set(leaves)), ("area:6", set(by_prefix))):
        if not wanted:
            continue
        for figure in figures(lake, book, area=None, as_of=as_of, known_on=known_on, names=names, by=(dimension,)):
            code = str(figure.group[dimension])
            if code in wanted:
                split.setdefault(code, {})[figure.indicator] = figure
    for code in codes:
        if code in leaves or code in by_prefix:
            found = split.get(code, {})
            yield (
                code,
                [
                    _of_area(book, name, code, found.get(name), manifest, as_of, known_on)
                    for name in (book.indicators if names is None else names)
                ],
            )
        else:
            yield code, figures(lake, book, area=code, as_of=as_of, known_on=known_on, names=names)


def _of_area(
    book: Book, name: str, area: str, split: Figure | None, manifest: Manifest, as_of: dt.date, known_on: dt.date
) -> Figure:
    """A figure of a split as the figure of its area; where the split has none, that of an area without facts."""
    indicator = book.indicators[name]
    parts = engine.parts_of(name, indicator, as_of)
    nothing = {part.side: 0 if part.measure.count is not None else None for part in parts}
    if split is not None:
        denominator = split.denominator if split.denominator is not None else nothing.get("denominator")
        return replace(split, area=area, group={}, denominator=denominator)
    numerator, denominator = nothing["numerator"], nothing.get("denominator")
    value = engine.value_of(indicator, numerator, denominator, scale=_scale(book, indicator))
    frame = engine.Frame(as_of, known_on, book.district.below(area))
    return Figure(
        name, indicator.label.zh, indicator.label.en, area, {}, value, *shown(indicator, value), indicator.unit, indicator.decimals,
        numerator, denominator, indicator.plan.zh if indicator.plan else "", indicator.plan.en if indicator.plan else "",
        parts[0].first, parts[0].last, as_of, known_on, book.indicator_edition(name), manifest.watermark, manifest.learned_on,
        *engine.explain(indicator, parts, frame),
    )  # fmt: skip
