"""The indicators of every area of the tree in few queries, instead of one for each area.

A split by the fact's own area answers all areas that have none beneath them at once; a split by a level of the tree all
areas of that level, where there are several. The rest (the only city, an area with others of its own level beneath) is
computed singly. The numbers are those that ``query.figures`` gives for the area, which a test holds.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal

from zhiheng.analytics.lake import Lake, Manifest
from zhiheng.analytics.query import Figure, figures, frame_of, value_in
from zhiheng.engines import indicator as engine
from zhiheng.engines.figure_words import figure_text
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.district import AREA, DISTRICT, District
from zhiheng.grammar.chapters.indicators import INDICATORS


def every_area(
    lake: Lake, book: Book, *, as_of: dt.date, known_on: dt.date, names: Sequence[str] | None = None
) -> Iterator[tuple[str, list[Figure]]]:
    """(area, its figures) for every area of the book, in the order of the book."""
    district = book[DISTRICT]
    kinds = {area.code: area.kind for area in district.areas}
    levels = levels_at_once(district)
    manifest = lake.manifest()
    wanted = list(book[INDICATORS] if names is None else names)
    exact: dict[str, dict[str, Figure]] = {}
    for figure in figures(lake, book, area=None, as_of=as_of, known_on=known_on, names=names, by=("area",)):
        exact.setdefault(str(figure.group["area"]), {})[figure.indicator] = figure
    together: dict[str, dict[str, Figure]] = {}
    for level in levels:
        split = f"{AREA}:{level}"
        for figure in figures(lake, book, area=None, as_of=as_of, known_on=known_on, names=names, by=(split,)):
            if (at := figure.group[split]) in levels[level]:
                together.setdefault(at, {})[figure.indicator] = figure
    for code, kind in kinds.items():
        leaf = district.areas_below[code] == {code}
        if leaf or code in levels.get(kind, ()):
            found = (exact if leaf else together).get(code, {})
            yield (
                code,
                [_of_area(book, name, code, found.get(name), exact, manifest, as_of, known_on) for name in wanted],
            )
        else:
            yield code, figures(lake, book, area=code, as_of=as_of, known_on=known_on, names=names)


def levels_at_once(district: District) -> Mapping[str, Collection[str]]:
    """Level -> those of its areas that a split by it answers: with others beneath, none of these of the same level.
    Only levels with several such areas: one alone is asked for by itself.
    """
    found: dict[str, list[str]] = {}
    kinds = {area.code: area.kind for area in district.areas}
    for code, kind in kinds.items():
        beneath = district.areas_below[code] - {code}
        if beneath and all(kinds[each] != kind for each in beneath):
            found.setdefault(kind, []).append(code)
    return {kind: codes for kind, codes in found.items() if len(codes) > 1}


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
