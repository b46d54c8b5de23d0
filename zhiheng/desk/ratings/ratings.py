"""The pages of ratings: grades of an area by band, one enterprise with every point, a trial of another edition."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from zhiheng.desk.overview.indicators import area_options
from zhiheng.desk.page_registry import page
from zhiheng.desk.quality_files.quality_file import day_of
from zhiheng.engines.naming import Names
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.ratings import RATINGS, UNITS_PER_POINT, Consequence, Rating, RatingEdition
from zhiheng.grammar.types import Label
from zhiheng.kernel.reasons import Refused
from zhiheng.pages import asking, named, paging
from zhiheng.pages.access import book, call_of, door, today
from zhiheng.pages.http import PageRequest
from zhiheng.pages.ratings import band_look, matrix_heads, matrix_rows, points_shown, shown_rating
from zhiheng.pages.words import label, say
from zhiheng.queries.quality_files import FileQuestion, read_file
from zhiheng.queries.rating_backtest import last_backtest
from zhiheng.queries.rating_trial import compared_editions
from zhiheng.queries.ratings import AreaRatings, cell_name, open_ratings, rating_asked, rating_of, shares_of

NONE = "none"


def _rating(name: str) -> Rating:
    found = book()[RATINGS].get(name)
    if found is None:
        raise Http404("the book has no such rating")
    return found


@page("ratings/", "ratings")
@door("enterprise.list")
def ratings(request: PageRequest) -> HttpResponse:
    """A rating of an area: how many have each grade, and who; the first of the book where none is named."""
    names = list(book()[RATINGS])
    if not names:
        raise Http404("the book has no rating")
    name = asking.choice(request, "rating", names, names[0])
    rating = _rating(name)
    as_of, known_on = day_of(asking.text(request, "as_of", 40)), day_of(asking.text(request, "known_on", 40))
    asked = rating_asked(book(), name, as_of=as_of or today(), known_on=known_on, today=today())
    bands = [band.name for band in asked.edition.bands]
    band = asking.choice(request, "band", [*bands, NONE])
    opened = open_ratings(asked, asking.text(request, "area", 12) or None, call=call_of(request))
    cell = asking.choice(request, "cell", [*opened.cells_by_name()])
    found = opened.page(band, cell=cell, after=paging.place_asked(request))
    said = {"rating": name, "area": opened.area, "as_of": as_of or "", "known_on": known_on or ""}
    return render(
        request,
        "desk/ratings/ratings.html",
        {
            "rail": "enterprises",
            "name": name,
            "rating": rating,
            "edition": asked.edition,
            "asked": asked,
            "replay": bool(as_of or known_on),
            "area_name": named.area(opened.area) if opened.area else say("全部", "everywhere"),
            "counts": _counts(opened, said, band),
            "matrix": _matrix_of(opened, said, cell),
            "band": band,
            "backtest": _backtest(last_backtest(name, asked.edition.edition), asked.edition),
            "rows": [
                {
                    "line": line,
                    "name": line.name or say("（主体 {n}）", "(subject {n})", n=line.grade.subject_id),
                    "url": f"{reverse('desk:rating', args=[name, line.grade.subject_id])}{_days(said)}",
                    "area": named.area(line.grade.area or ""),
                    "industry": Names(book()).industry(line.grade.industry or "") if line.grade.industry else "",
                    "band": line.band.name if line.band else say("未评", "not graded"),
                    "look": band_look(asked.edition, line.grade.band),
                    "score": points_shown(line.score),
                    "levels": _levels(opened, line.grade.likelihood, line.grade.consequence),
                }
                for line in found.rows
            ],
            "next": found.next,
            "fields": _fields(opened, name, band, bands),
            "compare_url": f"{reverse('desk:rating_compare')}?{urlencode({'edition': name})}",
        },
    )


_MEASURED = (
    ("naive", "上次结果", "last result"),
    ("regression", "同样事实上的逻辑回归", "logistic regression on the same facts"),
)


def _backtest(said: dict[str, Any] | None, edition: RatingEdition) -> dict[str, Any] | None:
    """What a trial on the past came to, as the page tells it: areas under the curve, what became of each grade, and
    failures by fifths of the score. Of one with too few outcomes only the sentence and what became of the grades.
    """
    if said is None:
        return None
    few, matrix = said["verdict"] == "too_few", edition.matrix
    own = (
        say("本清单的可能性分值", "points of likelihood here")
        if matrix
        else say("本评价的得分", "score of this rating")
    )
    difference = say("本评价减上次结果", "this rating less the last result")
    measures = [("rating", own), *((key, say(zh, en)) for key, zh, en in _MEASURED), ("better", difference)]
    levels = {level.label.zh: label(level.label) for level in matrix.likelihood.levels} if matrix else {}
    return {
        "said": label(Label(zh=said["zh"], en=said["en"])),
        "good": said["verdict"] == "better",
        "measures": []
        if few
        else [
            {
                "word": word,
                "value": f"{value:.3f}",
                "between": say("{a} 至 {b}", "{a} to {b}", a=f"{low:.3f}", b=f"{high:.3f}"),
            }
            for word, (value, low, high) in ((word, said[key]) for key, word in measures)
        ],
        "groups": [
            {"word": word, "rows": [_outcome(one, names) for one in rows]}
            for word, rows, names in (
                (say("等级", "Grade"), said["bands"], {}),
                (say("可能性", "Likelihood"), said.get("levels", ()), levels),
            )
            if rows
        ],
        "calibration": []
        if few
        else [
            {
                "place": at,
                "mean": points_shown(Decimal(f"{(risk if matrix else -risk) / UNITS_PER_POINT:.1f}")),
                "share": f"{100 * share:.1f}%",
                "number": f"{number:,}",
            }
            for at, (risk, share, number) in enumerate(said["calibration"], 1)
        ],
    }


def _outcome(one: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """A group of enterprises and what became of it."""
    return {
        "word": names.get(one["band"], one["band"]) or say("未评", "not graded"),
        "number": f"{one['enterprises']:,}",
        "failed": f"{one['failed']:,}",
        "share": f"{100 * one['failed'] / one['enterprises']:.1f}%",
        "lift": "—" if math.isnan(one["lift"]) else f"{one['lift']:.2f}",
    }


def _days(said: dict[str, Any]) -> str:
    days = {key: said[key] for key in ("as_of", "known_on") if said[key]}
    return f"?{urlencode(days)}" if days else ""


def _counts(opened: AreaRatings, said: dict[str, Any], band: str) -> list[dict[str, Any]]:
    counts = opened.counts()
    shares = shares_of(counts)
    bands = {each.name: each for each in opened.asked.edition.bands}
    found = []
    for at, (key, number) in enumerate(counts.items()):
        which = key or NONE
        words = {**said, "band": "" if which == band else which}
        found.append(
            {
                "word": key or say("未评", "not graded"),
                "label": label(bands[key].label) if key else say("证据不足", "insufficient evidence"),
                "number": f"{number:,}",
                "share": f"{shares[key]:.1%}" if shares else "",
                "look": band_look(opened.asked.edition, at if key else None),
                "url": "?" + urlencode({k: v for k, v in words.items() if v}),
                "here": which == band,
                "consequences": [_consequence(each, number) for each in bands[key].consequences] if key else (),
            }
        )
    return found


def _consequence(said: Consequence, enterprises: int) -> dict[str, Any]:
    """What follows from a grade; of a share of random inspection also how many enterprises that makes."""
    drawn = said.drawn_of(enterprises)
    return {"label": label(said.label), "share": said.share, "drawn": None if drawn is None else f"{drawn:,}"}


def _levels(opened: AreaRatings, likelihood: int | None, consequence: int | None) -> list[str]:
    matrix = opened.asked.edition.matrix
    if matrix is None or likelihood is None or consequence is None:
        return []
    return [label(matrix.likelihood.levels[likelihood].label), label(matrix.consequence.levels[consequence].label)]


def _matrix_of(opened: AreaRatings, said: dict[str, Any], cell: str) -> dict[str, Any] | None:
    """The risk matrix with how many enterprises stand in each cell, a link each; None without one."""
    edition = opened.asked.edition
    if edition.matrix is None:
        return None
    counts = opened.cells()

    def shown(row: int, column: int) -> dict[str, Any]:
        name, number = cell_name(row, column), counts.get((row, column), 0)
        words = {**said, "cell": "" if name == cell else name}
        url = "?" + urlencode({key: value for key, value in words.items() if value}) if number or name == cell else ""
        return {"number": f"{number:,}", "url": url, "here": name == cell}

    return {"heads": matrix_heads(edition, edition.matrix), "rows": matrix_rows(edition, edition.matrix, shown)}


def _fields(opened: AreaRatings, name: str, band: str, bands: list[str]) -> list[dict[str, Any]]:
    areas = [(one["code"], f"{one['indent']}{label(one['name'])}") for one in area_options(opened.reach)]
    everywhere = [("", say("全部", "Everywhere"))] if opened.areas is None or not opened.area else []
    return [
        {
            "name": "rating",
            "label": say("评价", "Rating"),
            "value": name,
            "type": "select",
            "options": [(key, label(rating.label)) for key, rating in book()[RATINGS].items()],
        },
        {
            "name": "area",
            "label": say("地区", "Area"),
            "value": opened.area,
            "type": "select",
            "options": [*everywhere, *areas],
        },
        {
            "name": "band",
            "label": say("等级", "Grade"),
            "value": band,
            "type": "select",
            "options": [("", say("全部", "All")), *((one, one) for one in bands), (NONE, say("未评", "Not graded"))],
        },
    ]


@page("ratings/<slug:name>/enterprises/<number:subject>/", "rating")
@door("file.read")
def rating(request: PageRequest, name: str, subject: int) -> HttpResponse:
    """An enterprise in a rating: its grade, its parts, every point with its fact, its law and when it fades."""
    _rating(name)
    as_of, known_on = day_of(asking.text(request, "as_of", 40)), day_of(asking.text(request, "known_on", 40))
    call = call_of(request)
    read = read_file(FileQuestion(subject, as_of, known_on), call=call)
    found = rating_of(name, subject, as_of=as_of, known_on=known_on, call=call)
    shown = shown_rating(found, lambda fact: reverse("desk:fact", args=[fact]))
    return render(
        request,
        "desk/ratings/rating.html",
        {
            "rail": "enterprises",
            "subject": subject,
            "enterprise": read.card.name if read.card else read.head.names[0],
            "shown": shown,
            "replay": bool(as_of or known_on),
            "others": [
                {"label": label(each.label), "url": reverse("desk:rating", args=[key, subject])}
                for key, each in book()[RATINGS].items()
                if key != name
            ],
            "list_url": f"{reverse('desk:ratings')}?{urlencode({'rating': name})}",
        },
    )


@page("ratings/compare/", "rating_compare")
@door("enterprise.list")
def compare(request: PageRequest) -> HttpResponse:
    """Two editions over the enterprises of an area: who moves, what does it, who would lose an eligibility."""
    choices = [
        (f"{name}@{edition.from_}", f"{label(each.label)} · {edition.from_}")
        for name, each in book()[RATINGS].items()
        for edition in each.editions
    ]
    if not choices:
        raise Http404("the book has no rating")
    keys = [key for key, _ in choices]
    first = _chosen(request, "edition", keys, keys[0])
    second = _chosen(request, "tried", keys, keys[-1])
    area = asking.text(request, "area", 12)
    try:
        trial = compared_editions(first, second, area=area or None, call=call_of(request), files=False)
    except Refused as refused:
        if refused.refusals[0].code != "area.absent":
            raise
        raise Http404("the book has no such area") from None
    moves, bands_before, bands_after = _matrix(trial)
    splits = [
        {"label": label(word), "rows": [(label(each), better, worse, same) for each, (better, worse, same) in rows]}
        for word, rows in trial.splits()
    ]
    return render(
        request,
        "desk/ratings/compare.html",
        {
            "rail": "enterprises",
            "trial": trial,
            "comparison": trial.comparison,
            "fields": [
                {"name": key, "label": word, "value": value, "type": "select", "options": choices}
                for key, word, value in (
                    ("edition", say("现行版本", "Edition now"), first),
                    ("tried", say("拟采用的版本", "Edition tried"), second),
                )
            ],
            "area": book()[DISTRICT].area(trial.area),
            "moves": moves,
            "bands_after": bands_after,
            "bands_before": bands_before,
            "splits": splits,
            "causes": [
                {
                    "kind": label(one.word),
                    "label": label(one.label) if one.label else "",
                    "before": label(one.before) if one.before else "",
                    "after": label(one.after) if one.after else "",
                    "number": one.enterprises,
                }
                for one in trial.causes()
            ],
            "lost": [
                {
                    "name": trial.names.get(one.subject_id, str(one.subject_id)),
                    "url": reverse("desk:rating", args=[trial.comparison.first.name, one.subject_id]),
                    "kind": label(kind),
                    "before": one.before,
                    "after": one.after or say("未评", "not graded"),
                }
                for one, kind in trial.lost()[:50]
            ],
            "lost_in_all": trial.comparison.lost_in_all,
        },
    )


def _chosen(request: PageRequest, name: str, keys: list[str], default: str) -> str:
    """The edition that an address names: in full, or by the rating alone, of which the last edition is meant."""
    text = asking.text(request, name, 100)
    of_rating = [key for key in keys if key.partition("@")[0] == text]
    return text if text in keys else of_rating[-1] if of_rating else default


def _matrix(trial: Any) -> tuple[list[dict[str, Any]], list[str], list[str]]:
    """From band to band: a row per band before, a cell per band after."""
    words = {None: say("未评", "not graded"), "-": say("不评", "not rated")}
    moves = trial.comparison.moves
    order = [
        [*(band.name for band in asked.edition.bands), None, "-"]
        for asked in (trial.comparison.first, trial.comparison.second)
    ]
    befores = [key for key in order[0] if any(before == key for before, _ in moves)]
    afters = [key for key in order[1] if any(after == key for _, after in moves)]
    rows = []
    for before in befores:
        cells = [
            {
                "number": f"{moves.get((before, after), 0):,}",
                "same": before == after,
                "none": not moves.get((before, after)),
            }
            for after in afters
        ]
        rows.append({"word": words.get(before, before), "cells": cells})
    return rows, [words.get(key, key or "") for key in befores], [words.get(key, key or "") for key in afters]
