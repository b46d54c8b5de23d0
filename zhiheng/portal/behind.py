"""The portal's own list behind a statistic: where it opens, how many entries it holds, and in what it differs from what
was counted.

A statistic counts every row of the ledger; a list shows what was approved for the public and has not ended. So the two
seldom hold the same number, and the page says both, with the reason.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.urls import reverse

from zhiheng.engines.definition import condition_in_words
from zhiheng.engines.naming import outcome_words
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.indicators import INDICATORS, Measure
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.grammar.types import OUTCOMES
from zhiheng.pages.access import book
from zhiheng.pages.words import label, say
from zhiheng.portal import names
from zhiheng.published import reading
from zhiheng.published.models import PublishedFigure


@dataclass(frozen=True)
class Behind:
    """The list behind a statistic; without an address its rows are not published one by one."""

    url: str
    count: int
    notes: tuple[str, ...]


def behind(figures: Iterable[PublishedFigure], today: dt.date) -> Mapping[str, Behind]:
    """Indicator -> the list behind its statistic. One query for all of them."""
    asked: dict[str, tuple[str, reading.EntryListFilters]] = {}
    found: dict[str, Behind] = {}
    for figure in figures:
        known = book()[INDICATORS].get(figure.indicator)
        measure = known and (known.denominator or known.measure or known.change)
        if not measure:
            continue
        rule = names.chapter().rules.get(measure.record)
        if rule is None:
            found[figure.indicator] = Behind(
                "", 0, (say("这类记录不逐条公示。", "Records of this kind are not published one by one."),)
            )
            continue
        words, left = _words(figure, measure)
        areas = book()[DISTRICT].below(figure.area)
        asked[figure.indicator] = (
            rule.list,
            reading.EntryListFilters(
                areas if len(areas) < len(book()[DISTRICT].areas) else (),
                words.get("kind", ""),
                words.get("outcome", ""),
                measure.record,
                figure.first_on,
                figure.last_on,
            ),
        )
        url = f"{reverse('portal:list', args=[rule.list])}?{urlencode(words)}"
        found[figure.indicator] = Behind(url, 0, tuple(_notes(measure, left)))
    counted = reading.list_totals(asked, today)
    return {name: replace(one, count=counted.get(name, 0)) for name, one in found.items()}


def _words(figure: PublishedFigure, measure: Measure) -> tuple[Mapping[str, str], Sequence[str]]:
    """What the list is asked for, in its own words, and the fields of the conditions for which it has none."""
    words = {"record": measure.record, "area": figure.area}
    if figure.first_on is not None:
        words["from"] = figure.first_on.isoformat()
    words["to"] = figure.last_on.isoformat()
    record, rule = book()[RECORDS][measure.record].record, names.chapter().rules[measure.record]
    left = []
    for field, condition in measure.where.items():
        one = (condition.equals,) if condition.equals is not None else condition.any_of or ()
        values = {str(value) for value in one}
        if record.outcome is not None and field == record.outcome.field and values:
            of = {outcome: set(record.outcome.values_of(outcome)) for outcome in OUTCOMES}
            met = [outcome for outcome in OUTCOMES if of[outcome] and of[outcome] <= values]
            if values == set().union(*(of[outcome] for outcome in met)):
                if set(record.publication.when) <= set(met):
                    continue
                if len(met) == 1:
                    words["outcome"] = met[0]
                    continue
        elif field == rule.kind and len(values) == 1:
            words["kind"] = values.pop()
            continue
        left.append(field)
    return words, left


def _notes(measure: Measure, left: Sequence[str]) -> Iterable[str]:
    """Why the list may hold another number, in sentences."""
    entry = book()[RECORDS][measure.record]
    yield say(
        "统计按收到的全部记录计算，清单只列已审核公示、公示期未满的，条数可能不同。",
        "The statistic counts every record received; the list holds what was approved for publication and has not "
        "ended, so they may differ.",
    )
    if left:
        met = [label(condition_in_words(book(), measure.record, name, measure.where[name])) for name in left]
        yield say(
            "统计只计{met}的，清单不按此筛选。",
            "The statistic counts only those where {met}; the list is not narrowed by that.",
            met=say("、", ", ").join(met),
        )
    mapping, when = entry.record.outcome, entry.record.publication.when
    if mapping is not None and not {each for each in OUTCOMES if mapping.values_of(each)} <= set(when):
        words = outcome_words(when, entry.record, next(iter(entry.types.values())))
        yield say(
            "逐条公示的只有{words}的。",
            "Only those with the outcome {words} are published one by one.",
            words=say("、", ", ").join(label(word) for word in words),
        )
