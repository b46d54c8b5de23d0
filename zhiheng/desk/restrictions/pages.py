"""The pages of restrictions: what the own unit has to carry out against whom, and the matrix of lists and measures."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from zhiheng.desk.page_registry import PageTab, page, tabs_of
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.restrictions import RESTRICTIONS
from zhiheng.pages import named, paging
from zhiheng.pages.access import book, call_of, door, today
from zhiheng.pages.http import PageRequest
from zhiheng.pages.restrictions import department_word, shown_listings
from zhiheng.pages.words import label, say
from zhiheng.queries.restrictions import own_departments, to_carry_out

_GROUP = "credit"


@page("credit/", "credit", tab=PageTab(_GROUP, 10, "restrictions", "限制措施", "Restrictions"))
@door("file.read")
def restrictions(request: PageRequest) -> HttpResponse:
    """The listings within reach with the measures that the own unit carries out, the latest first."""
    matrix = book()[RESTRICTIONS]
    found = to_carry_out(after=paging.place_asked(request), call=call_of(request))
    units = [holding.unit for holding in request.actor.holdings if holding.unit]
    mine = own_departments(matrix, book(), units) if matrix is not None else frozenset()
    return render(
        request,
        "desk/restrictions/restrictions.html",
        {
            "rail": "credit",
            "tabs": _tabs(request, "restrictions"),
            "departments": [label(matrix.departments[name].label) for name in sorted(mine)] if matrix else [],
            "rows": [
                {
                    "name": row.name or say("（主体 {n}）", "(subject {n})", n=row.subject),
                    "url": reverse("desk:file", args=[row.subject]),
                    "area": named.area(row.area) if row.area else "",
                    "listings": shown_listings(row.restrictions, lambda fact: reverse("desk:fact", args=[fact])),
                }
                for row in found.rows
            ],
            "next": found.next,
        },
    )


@page("credit/measures/", "restriction_matrix", tab=PageTab(_GROUP, 20, "matrix", "措施矩阵", "Matrix of measures"))
@door("file.read")
def measures(request: PageRequest) -> HttpResponse:
    """The matrix: list, department, measure, law, since when; with the units of each department."""
    matrix = book()[RESTRICTIONS]
    lists: list[dict[str, Any]] = []
    for each in matrix.lists.values() if matrix is not None else ():
        rows = [
            {
                "measure": measure,
                "holds": measure.holds(today()),
                "department": department_word(measure),
                "on_platform": matrix.departments[measure.department].hands_in is not None if matrix else False,
                "law": measure.law_on(today()) or measure.law,
            }
            for measure in sorted(each.measures.values(), key=lambda one: one.department)
        ]
        lists.append({"page": each, "rows": rows, "law": [c for c in each.law if c.holds(today())]})
    units = {
        label(department.label): [
            label(unit.name) for unit in book()[DISTRICT].units if department.hands_in in unit.records
        ]
        for department in (matrix.departments.values() if matrix is not None else ())
    }
    return render(
        request,
        "desk/restrictions/matrix.html",
        {"rail": "credit", "tabs": _tabs(request, "matrix"), "lists": lists, "units": units},
    )


def _tabs(request: PageRequest, here: str) -> list[dict[str, Any]]:
    return [{**tab, "here": tab["key"] == here} for tab in tabs_of(request, _GROUP)]
