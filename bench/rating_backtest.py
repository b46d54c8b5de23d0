"""Does a rating foretell failures? On real samples of food (``../shared/data/cn-food-sampling``), makers by name.

``python -m bench.rating_backtest [--day 2022-01-31]``: the food items of the shipped rating as of the day, against what
was found of the same makers afterwards; beside it the naive rule "last result" and a logistic regression on the same
facts. For an installation's own facts: ``zhiheng rating backtest NAME DAY``.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa

from zhiheng.analytics.lake import connect
from zhiheng.analytics.rated import RatingAsked
from zhiheng.analytics.rating_backtest import backtest_tables
from zhiheng.analytics.reader import sql_of
from zhiheng.engines import rating as engine
from zhiheng.engines.backtest import Backtested
from zhiheng.grammar.chapters.ratings import RATINGS, RatingEdition
from zhiheng.grammar.loader import load

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data" / "cn-food-sampling"
# What stands in the column of a party where there is none.
NOBODY = {"", "/", "无", "—", "-"}
_ROLES = {"producer": "生产商", "seller": "供应商"}


def _name(text: str) -> str:
    """A maker's name as one spelling: without spaces, full-width brackets; of several parties the first."""
    text = re.sub(r"\s+", "", text).replace("(", "（").replace(")", "）")
    return re.sub(r"^[^：]{0,8}：", "", text.split("；")[0])


def samples() -> list[dict[str, Any]]:
    """Every sample once, in the columns that a rating reads."""
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for path in sorted(DATA.glob("*.csv")):
        if path.stem.endswith("_format"):
            continue
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                day = dt.date.fromisoformat(row["发布日期"].strip())
                said = {role: _name(row[heading] or "") for role, heading in _ROLES.items()}
                key = tuple(str(value) for value in row.values())
                outcome = "fail" if row["判定"].strip() == "不合格" else "pass"
                found.setdefault(key, {"occurred_on": day, "outcome": outcome, **said})
    return list(found.values())


def food_edition(shipped: RatingEdition, role: str) -> RatingEdition:
    """The shipped rating as far as samples of food go, for the party in a role."""
    told = shipped.model_dump(by_alias=True, mode="json")
    item = next(item for item in told["items"] if item["id"] == "food_failed")
    item |= {"role": role, "per": "fact", "part": "food", "points": "-15", "cap": "60"}
    evidence = {"record": "food_sampling", "role": role, "window": {"months": 36}}
    told |= {
        "parts": [{"id": "food", "label": item["label"], "weight": 100, "marks": "100"}],
        "items": [item],
        "evidence": {"at_least": shipped.evidence.at_least, "of": [evidence]},
        "veto": [],
    }
    return RatingEdition.model_validate(told)


def measured(edition: RatingEdition, rows: list[dict[str, Any]], day: dt.date, asked: RatingAsked) -> Backtested:
    """The measures over the samples; every party that a sample names is rated."""
    (role,) = {item.role for item in edition.items}
    names = sorted({row[role] for row in rows} - NOBODY)
    number = {name: at + 1 for at, name in enumerate(names)}
    facts = {
        "fact_id": list(range(1, len(rows) + 1)),
        "occurred_on": [row["occurred_on"] for row in rows],
        "learned_on": [row["occurred_on"] for row in rows],
        "outcome": [row["outcome"] for row in rows],
        role: pa.array([number.get(row[role]) for row in rows], pa.int64()),
    }
    aliases = {"alias_id": list(number.values()), "subject_id": list(number.values())}
    shown = {"food_sampling": pa.table(facts), "_aliases": pa.table(aliases)}
    tables = {name: ibis.table(ibis.memtable(table).schema(), name=name) for name, table in shown.items()}
    with connect() as connection:
        for name, table in shown.items():
            connection.register(name, table)
        subjects = tables["_aliases"].select("subject_id").distinct()
        days = {"as_of": day, "known_on": day}
        grades = engine.graded(edition, subjects, engine.scores(edition, tables, **days))
        each = engine.contributions(edition, tables, **days)
        today = max(row["occurred_on"] for row in rows)
        return backtest_tables(connection, edition, tables, sql_of(grades), sql_of(each), asked, today)


def main() -> None:
    """Print the measures for makers and for sellers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--day", type=dt.date.fromisoformat, default=dt.date(2022, 3, 31))
    day = parser.parse_args().day
    if not DATA.is_dir():
        print("the real samples (../shared/data/cn-food-sampling) are not here: skipped")
        return
    rating = load(ROOT / "book")[RATINGS]["credit_supervision"]
    rows = samples()
    print(f"{len(rows):,} samples, {min(r['occurred_on'] for r in rows)} to {max(r['occurred_on'] for r in rows)}")
    for role in _ROLES:
        edition = food_edition(rating.editions[-1], role)
        found = measured(edition, rows, day, RatingAsked("food", rating, edition, day, day))
        print(
            f"\n{role}, graded on {day} (edition {edition.edition[:12]}): {found.enterprises:,} looked at afterwards, "
        )
        print(f"  {found.failed:,} of them failed: {found.verdict}")
        for word in ("rating", "naive", "regression", "better"):
            one = getattr(found, word)
            print(f"  {word:<11} AUC {one.value:6.3f}  [{one.low:.3f}, {one.high:.3f}]")
        for each in found.bands:
            lift = Decimal(each.lift).quantize(Decimal("0.01"))
            print(
                f"  {each.band or '未评':<4} {each.enterprises:>6,} enterprises, {each.failed:>4,} failed, lift {lift}"
            )


if __name__ == "__main__":
    main()
