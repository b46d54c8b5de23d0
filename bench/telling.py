"""The most telling warnings and ratings on real input: what the engines say of facts that nobody made up.

    python -m bench.telling [--spelling as_written|one]

Warnings: the notifications of ``../shared/data/eu-rasff`` (European Commission, RASFF, 2024 and 2025) by category, by
hazard and by both, week by week, with the detectors and levels of the shipped warning on food. Ratings: the makers in
the samples of ``../shared/data/cn-food-sampling``, by the food items of the shipped rating. Five of each are printed
with what explains them. ``as_written`` takes hazards as they are spelled, and a stroke in the column of the maker for
a maker; ``one`` (the default) takes hazards in one spelling, and a stroke for nobody.
"""

from __future__ import annotations

import argparse
import datetime as dt
import itertools
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa

from bench.rating_backtest import DATA as SAMPLES
from bench.rating_backtest import NOBODY, food_edition, samples
from zhiheng.analytics.lake import connect
from zhiheng.analytics.query import sql_of
from zhiheng.engines import rating as engine
from zhiheng.engines.early_warning.explaining import SeriesAlarm, explained
from zhiheng.engines.early_warning.judge import trend_signals
from zhiheng.engines.early_warning.series import CountedPeriod, ReportedDay, period_of, series_table
from zhiheng.engines.early_warning.signals import FoundSignal
from zhiheng.grammar.chapters.early_warning import WARNINGS, Trend
from zhiheng.grammar.chapters.ratings import RATINGS, UNITS_PER_POINT
from zhiheng.grammar.loader import load

ROOT = Path(__file__).resolve().parents[1]
RASFF = ROOT.parent / "shared" / "data" / "eu-rasff" / "rasff_data.db"
FIVE = 5
# What a notification says beside the name of a hazard.
_BESIDE = re.compile(r"\b(unauthorised substance|too high content|undeclared|migration|prohibited substance)\b")
_ONE_NAME = {
    "salmonella": "salmonella",
    "aflatoxin": "aflatoxins",
    "listeria": "listeria",
    "chlorp": "chlorpyrifos",
}


def hazards_of(text: str | None, spelling: str) -> list[str]:
    """The hazards that a notification names, each once; none named is none, not one of its own."""
    if spelling == "as_written":
        return [text] if text else []
    found = set()
    for part in (text or "").split(","):
        name = re.sub(r"[\s.]+", " ", _BESIDE.sub("", part.lower())).strip()
        name = next((one for begins, one in _ONE_NAME.items() if name.startswith(begins)), name)
        if name:
            found.add(name)
    return sorted(found)


def notifications() -> list[tuple[dt.date, str, str | None]]:
    """(day, category, hazards) of every notification once: copies that differ in the format of the moment, or in blanks
    after a hazard, are one.
    """
    with sqlite3.connect(f"file:{RASFF}?mode=ro&immutable=1", uri=True) as opened:
        rows = opened.execute(
            "SELECT reference, substr(date, 1, 10), category, min(hazards) FROM rasff_notifications "
            "GROUP BY reference, substr(date, 1, 19), category, trim(hazards)"
        )
        return [(dt.date.fromisoformat(day), category or "", hazards) for _, day, category, hazards in rows]


def _keys(category: str, hazards: Sequence[str]) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    yield ("category",), (category,)
    for hazard in hazards:
        yield ("hazard",), (hazard,)
        yield ("category", "hazard"), (category, hazard)


def warnings(watch: Trend, spelling: str) -> list[FoundSignal]:
    """Every signal of the weeks that have history enough, in each of the three cuts."""
    told = notifications()
    counts: dict[tuple[str, ...], Counter[tuple[tuple[str, ...], dt.date]]] = {}
    for day, category, text in told:
        for per, key in _keys(category, hazards_of(text, spelling)):
            counts.setdefault(per, Counter())[("", *key), period_of(day, "week")] += 1
    first, last = min(day for day, *_ in told), max(day for day, *_ in told)
    # The last week is not over: a week that was told in part is not judged.
    whole = period_of(last + dt.timedelta(days=1), "week") - dt.timedelta(days=1)
    reported = [ReportedDay("eu", day, day, number) for day, number in Counter(day for day, *_ in told).items()]
    found: list[FoundSignal] = []
    for per, counted in counts.items():
        table = series_table(
            (CountedPeriod(key, week, number) for (key, week), number in counted.items()),
            reported,
            first=first,
            last=whole,
            every="week",
            units_of={"": frozenset({"eu"})},
            known_on=last,
        )
        by_key = watch.model_copy(update={"per": per})
        found += trend_signals("rasff", by_key, table, range(len(table.periods))).found
    return found


def tell_warnings(spelling: str) -> None:
    """Print how many signals there are, and the five that are most beyond their bound."""
    shipped = load(ROOT / "book")[WARNINGS]
    assert shipped is not None
    watch = shipped.kinds["food_failures_rising"].watch
    assert isinstance(watch, Trend)
    found = warnings(watch, spelling)
    kept = [one for one in found if one.kept and not one.fallback]
    alarms = [
        SeriesAlarm(at, one.key, one.first, one.last, one.observed, one.expected, one.bound)
        for at, one in enumerate(kept)
    ]
    by = explained(alarms, {})
    whole = sum(one.whole for one in by.values())
    print(f"hazards {spelling}: {len(found)} signals, {len(kept)} kept; {len(by)} explained, {whole} of them whole")
    # News are the signals that nothing beneath explains whole; of several weeks of a series the strongest tells.
    news = [(one, at) for at, one in enumerate(kept) if not (at in by and by[at].whole)]
    news.sort(key=lambda pair: (-(pair[0].observed - (pair[0].bound or 0)), pair[0].first))
    told: set[tuple[str, ...]] = set()
    for one, at in news:
        key = tuple(sorted(one.key.values()))
        if any(set(key) & set(other) for other in told):
            continue
        told.add(key)
        numbers = f"{one.observed:g} against {one.expected or 0:.1f} expected, bound {one.bound or 0:.1f}"
        print(f"  week of {one.first} {one.level.value:<6} {' + '.join(key)}: {numbers} ({one.method})")
        for child in by[at].by[:2] if at in by else ():
            beneath = kept[child]
            print(
                f"      of it {' + '.join(beneath.key.values())}: {beneath.observed:g} against {beneath.expected or 0:.1f}"
            )
        if len(told) == FIVE:
            return


def tell_ratings(spelling: str) -> None:
    """Print the five makers with the fewest points, and every fact that took some."""
    edition = food_edition(load(ROOT / "book")[RATINGS]["credit_supervision"].editions[-1], "producer")
    rows = samples()
    day = max(row["occurred_on"] for row in rows)
    names = sorted({row["producer"] for row in rows} - (set() if spelling == "as_written" else NOBODY))
    number = {name: at + 1 for at, name in enumerate(names)}
    facts = {
        "fact_id": list(range(1, len(rows) + 1)),
        "occurred_on": [row["occurred_on"] for row in rows],
        "learned_on": [row["occurred_on"] for row in rows],
        "outcome": [row["outcome"] for row in rows],
        "producer": pa.array([number.get(row["producer"]) for row in rows], pa.int64()),
    }
    shown = {
        "food_sampling": pa.table(facts),
        "_aliases": pa.table({"alias_id": list(number.values()), "subject_id": list(number.values())}),
    }
    tables = {name: ibis.table(ibis.memtable(table).schema(), name=name) for name, table in shown.items()}
    subjects = tables["_aliases"].select("subject_id").distinct()
    with connect() as connection:
        for name, table in shown.items():
            connection.register(name, table)
        scored = engine.scores(edition, tables, as_of=day, known_on=day)
        grades = connection.execute(
            f"SELECT subject_id, score, evidence, band FROM ({sql_of(engine.graded(edition, subjects, scored))}) "
            "ORDER BY score, subject_id"
        ).fetchall()
        each = sql_of(engine.contributions(edition, tables, as_of=day, known_on=day))
        points = connection.execute(
            f"SELECT subject_id, occurred_on, points FROM ({each}) ORDER BY 1, 2 DESC"
        ).fetchall()
    by: Mapping[int, list[Any]] = {
        subject: list(own) for subject, own in itertools.groupby(points, key=lambda row: int(row[0]))
    }
    bands = Counter(edition.bands[band].name if band is not None else "未评" for *_, band in grades)
    print(f"{len(rows):,} samples of {len(names):,} makers, rated on {day}: {dict(bands)}")
    for subject, score, evidence, band in [row for row in grades if row[3] is not None][:FIVE]:
        name = edition.bands[band].name
        print(f"  {name} {score / UNITS_PER_POINT:g} points, {evidence} samples: {names[subject - 1]!r}")
        print("      " + "; ".join(f"{on} {units / UNITS_PER_POINT:g}" for _, on, units in by.get(subject, ())[:6]))


def main() -> None:
    """Print both; a part whose data is not here says so."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--spelling", choices=("as_written", "one"), default="one")
    words = parser.parse_args()
    if RASFF.is_file():
        tell_warnings(words.spelling)
    else:
        print("the real notifications (../shared/data/eu-rasff) are not here: skipped")
    if SAMPLES.is_dir():
        tell_ratings(words.spelling)
    else:
        print("the real samples (../shared/data/cn-food-sampling) are not here: skipped")


if __name__ == "__main__":
    main()
