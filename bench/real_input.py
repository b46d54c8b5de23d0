"""Receive real files and report what became of every row.

    python -m bench.real_input PATH... [--record R] [--source S] [--json]

Reports: rows in, facts, duplicates, refusals by reason, flagged source errors, parties, enterprises before and after
identity, results read and kept as text, and the pass rate by product category. No row is lost: in = facts + duplicates
+ refusals.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import orjson

from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.kernel.actor import SYSTEM


def report(paths: list[Path], *, record: str | None = None, source: str | None = None) -> dict[str, Any]:
    """Receive the paths into a ledger of their own (the one that ZHIHENG_DATA names) and report on it."""
    from zhiheng.cli.session import now, open_book, set_up

    set_up()
    from django.db import connection

    from zhiheng.actions.intake.receive_delivery import receive
    from zhiheng.ledger.models import Alias, Fact, FactParty, LikelyMatch, Subject

    book = open_book()
    tables = []
    for path in paths:
        unit = next(u.id for u in book[DISTRICT].units if "food_sampling" in u.records)
        tables += receive(path, call=Call(SYSTEM, book, now()), unit=unit, record=record, source=source, confirmed=True)
    read = [t for t in tables if t.state == "accepted"]
    kinds: Counter[str] = Counter()
    limits: Counter[str] = Counter()
    classes: dict[str, Counter[str]] = {}
    for name, outcome, body in Fact.objects.values_list("record", "outcome", "body").iterator(chunk_size=5_000):
        values = orjson.loads(body)
        if isinstance(result := values.get("result"), dict):
            if result.get("text"):
                kinds[result.get("kind", "")] += 1
            if result.get("limit_text"):
                limits[result.get("limit_kind", "")] += 1
        category = values.get("product_class") or values.get("product_category") or ""
        classes.setdefault(f"{name}: {category}", Counter())[outcome or "none"] += 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(DISTINCT name) FROM ledger_alias WHERE kind = 'enterprise' AND name <> ''")
        spellings = cursor.fetchone()[0]
    return {
        "tables": [t.as_json() for t in tables],
        "rows": sum(t.rows for t in read),
        "facts": sum(t.facts for t in read),
        "duplicates": sum(t.duplicates for t in read),
        "refused": sum(t.refused for t in read),
        "refusals": dict(sum((t.reasons for t in read), Counter())),
        "flags": dict(sum((t.flags for t in read), Counter())),
        "not_read": [
            {"origin": t.origin, "state": t.state, "why": t.refusal.zh if t.refusal else ""}
            for t in tables
            if t not in read
        ],
        "parties": FactParty.objects.count(),
        "spellings": spellings,
        "aliases": Alias.objects.filter(kind="enterprise").count(),
        "enterprises": Subject.objects.filter(kind="enterprise").count(),
        "likely_matches": LikelyMatch.objects.count(),
        "results": dict(kinds),
        "limits": dict(limits),
        "pass_rate": {
            name: {
                "pass": c["pass"],
                "fail": c["fail"],
                "rate": None if not c["pass"] + c["fail"] else round(100 * c["pass"] / (c["pass"] + c["fail"]), 2),
            }
            for name, c in sorted(classes.items())
        },
    }


def main() -> int:
    """Print the report; status 1 where a row was lost or nothing was read."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    parser.add_argument("--record")
    parser.add_argument("--source")
    parser.add_argument("--json", action="store_true")
    words = parser.parse_args()
    if missing := [p for p in words.paths if not p.exists()]:
        sys.exit(f"找不到 {missing[0]}；请检查路径。 / There is no {missing[0]}; check the path.")
    home = Path(tempfile.mkdtemp(prefix="zhiheng-real-"))
    os.environ["ZHIHENG_DATA"] = str(home)
    os.environ.pop("DATABASE_URL", None)
    try:
        found = report(words.paths, record=words.record, source=words.source)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    kept = found["rows"] == found["facts"] + found["duplicates"] + found["refused"]
    if words.json:
        sys.stdout.write(orjson.dumps(found, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS).decode() + "\n")
    else:
        _print(found)
        print(f"in = facts + duplicates + refusals: {'yes' if kept else 'NO'}")
    return 0 if kept and found["rows"] else 1


def _print(found: dict[str, Any]) -> None:
    for table in found["tables"]:
        print(
            f"{table['state']:9} {table['origin']} {table['table']}  {table['record']}/{table['source']}  rows "
            f"{table['rows']}, facts {table['facts']}, duplicates {table['duplicates']}, refused {table['refused']}, "
            f"flagged {table['flagged']}"
        )
    for other in found["not_read"]:
        print(f"not read  {other['origin']}: {other['why']}")
    for name in (
        "rows",
        "facts",
        "duplicates",
        "refused",
        "refusals",
        "flags",
        "parties",
        "spellings",
        "aliases",
        "enterprises",
        "likely_matches",
        "results",
        "limits",
    ):
        print(f"{name}: {found[name]}")
    for name, rate in found["pass_rate"].items():
        shown = "insufficient evidence" if rate["rate"] is None else f"{rate['rate']:.2f} %"
        print(f"pass rate  {name}: {shown} ({rate['pass']} of {rate['pass'] + rate['fail']})")


if __name__ == "__main__":
    raise SystemExit(main())
