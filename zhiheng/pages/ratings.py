"""The rating of an enterprise as a page shows it: to officers and to the enterprise itself alike."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from zhiheng.grammar.chapters.ratings import RatingEdition, RiskMatrix
from zhiheng.pages import named
from zhiheng.pages.words import label, say
from zhiheng.queries.ratings import AxisLevel, EnterpriseRating, MatrixCell, RatedPoint, points_of

_LOOKS = ("pass", "active", "soon", "fail")


def band_look(edition: RatingEdition, place: int | None) -> str:
    """How the badge of a grade looks: the best green, the last red, none quiet."""
    if place is None:
        return "neutral"
    last = len(edition.bands) - 1
    return _LOOKS[-1] if place == last else _LOOKS[min(place, 2)]


def matrix_rows(
    edition: RatingEdition, matrix: RiskMatrix, cell: Callable[[int, int], dict[str, Any]]
) -> list[dict[str, Any]]:
    """The rows of a matrix for a template, the highest likelihood first; ``cell``: what else a cell shows."""
    places = {band.name: at for at, band in enumerate(edition.bands)}
    return [
        {
            "label": label(matrix.likelihood.levels[row].label),
            "cells": [
                {
                    "band": name,
                    "look": band_look(edition, places[name]),
                    "label": label(matrix.consequence.levels[column].label),
                    **cell(row, column),
                }
                for column, name in enumerate(names)
            ],
        }
        for row, names in reversed(list(enumerate(matrix.cells)))
    ]


def matrix_heads(edition: RatingEdition, matrix: RiskMatrix) -> dict[str, Any]:
    """What the axes of a matrix are called, and the levels of consequence, the least first."""
    labels = {part.id: label(part.label) for part in edition.parts}
    return {
        "likelihood": labels[matrix.likelihood.part],
        "consequence": labels[matrix.consequence.part],
        "columns": [label(level.label) for level in matrix.consequence.levels],
        "law": matrix.law,
    }


def _cell(edition: RatingEdition, cell: MatrixCell) -> dict[str, Any]:
    at = cell.likelihood.place, cell.consequence.place
    return {
        "axes": [_axis(axis) for axis in (cell.likelihood, cell.consequence)],
        "heads": matrix_heads(edition, cell.matrix),
        "rows": matrix_rows(edition, cell.matrix, lambda row, column: {"here": (row, column) == at}),
        "band": cell.band,
    }


def _axis(axis: AxisLevel) -> dict[str, Any]:
    return {
        "label": label(axis.label),
        "points": points_shown(axis.points),
        "level": label(axis.level.label),
        "place": axis.place + 1,
        "of": axis.of,
    }


def points_shown(points: Decimal) -> str:
    """Points with a true minus sign, without digits that say nothing."""
    text = f"{points:f}".rstrip("0").rstrip(".") if "." in f"{points:f}" else f"{points:f}"
    return text.replace("-", "−")  # a minus sign


def _signed(points: Decimal) -> str:
    return points_shown(points) if points <= 0 else f"+{points_shown(points)}"


def shown_rating(
    found: EnterpriseRating, address: Callable[[int], str], *, objection: Callable[[int], str] | None = None
) -> dict[str, Any]:
    """A rating for a template; ``address``: of the page of a fact; ``objection``: of the form that objects to it."""
    place = next((at for at, band in enumerate(found.edition.bands) if band is found.band), None)
    return {
        "rating": found,
        "label": label(found.rating.label),
        "purpose": label(found.rating.purpose),
        "note": label(found.rating.note) if found.rating.note else "",
        "band": found.band.name if found.band else say("未评", "not graded"),
        "band_label": label(found.band.label) if found.band else say("证据不足", "insufficient evidence"),
        "look": band_look(found.edition, place),
        "score": points_shown(found.score),
        "begins": points_shown(points_of(found.edition.start)),
        "needed": found.edition.evidence.at_least,
        "consequences": [
            {"label": label(each.label), "share": each.share, "law": each.law}
            for each in (found.band.consequences if found.band else ())
        ],
        "parts": [
            {
                "label": label(part.label),
                "weight": part.weight,
                "begins": points_shown(part.begins),
                "points": points_shown(part.points),
                "most": points_shown(part.most),
            }
            for part in found.parts
        ],
        "cell": _cell(found.edition, found.cell) if found.cell else None,
        "points": [_point(one, address, objection) for one in found.points],
    }


def _point(one: RatedPoint, address: Callable[[int], str], objection: Callable[[int], str] | None) -> dict[str, Any]:
    return {
        "fact": one.fact,
        "url": address(one.fact) if one.line is not None else "",
        "object_url": objection(one.fact) if objection is not None and one.line is not None else "",
        "item": label(one.item),
        "part": label(one.part) if one.part else "",
        "unit": named.unit(one.line.unit) if one.line is not None else "",
        "verdict": say(one.line.verdict.zh, one.line.verdict.en) if one.line is not None and one.line.verdict else "",
        "on": one.occurred_on,
        "points": _signed(one.points),
        "full": _signed(one.full) if one.cut else "",
        "good": one.points > 0,
        "changes_on": one.changes_on,
        "changes_to": _signed(one.changes_to) if one.changes_to is not None else "",
        "ends": one.changes_to == 0,
        "limits_to": one.limits_to,
        "law": one.law,
    }
