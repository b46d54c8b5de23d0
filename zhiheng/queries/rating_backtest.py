"""Whether a rating foretells the year after it, on the office's own facts; the last result stands on its page."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict
from typing import Any

from zhiheng.analytics.lake import Lake
from zhiheng.analytics.rating_backtest import backtest
from zhiheng.grammar.call import Call
from zhiheng.kernel.days import months_later
from zhiheng.kernel.reasons import Refused
from zhiheng.people import access
from zhiheng.queries import refusals
from zhiheng.queries.ratings import files_of, rating_asked

_VERDICTS = {
    "better": (
        "预见此后一年不合格的能力好于“上次结果”这条简单规则。",
        "It foretells failures of the following year better than the naive rule 'last result'.",
    ),
    "no_better": (
        "预见此后一年不合格的能力不好于“上次结果”这条简单规则。",
        "It foretells failures of the following year no better than the naive rule 'last result'.",
    ),
    "too_few": (
        "此后一年查过的企业里，合格的或者不合格的不足 20 家，得不出结论。",
        "Of the enterprises looked at in the following year fewer than 20 failed, or passed; that tells nothing.",
    ),
}


def backtest_rating(
    name: str,
    day: dt.date,
    *,
    known_on: dt.date | None = None,
    edition: str = "",
    keep: bool = False,
    lake: Lake,
    call: Call,
) -> dict[str, Any]:
    """Measure a rating as of a day, as known on that day or another, against what was found in the year after.

    Raises Refused where the actor may not have the whole ledger read, where the book has no such rating on the day, and
    where the year after is not over: what is not found yet would count as not failed.

    Args:
        name: the rating, as the book names it.
        day: the day whose grades are tried.
        known_on: as the ledger knew it then; ``day`` where it is not given.
        edition: that of the day, unless one is named by its digest or day.
        keep: keep the result for the page of the rating.
    """
    access.require(call, "ledger.verify")
    if (year_after := months_later(day, 12)) > call.today:
        raise Refused(refusals.backtest_too_early(day, months_later(call.today, -12), year_after))
    asked = rating_asked(call.book, name, as_of=day, known_on=known_on or day, today=call.today, edition=edition)
    found = backtest(lake, asked, today=call.today)
    zh, en = _VERDICTS[found.verdict]
    measures = {
        key: (one.value, one.low, one.high)
        for key, one in (
            ("rating", found.rating),
            ("naive", found.naive),
            ("regression", found.regression),
            ("better", found.better),
        )
    }
    later = asked.known_on > day
    known, known_en = (f"（按 {asked.known_on} 所知）", f" as known on {asked.known_on}") if later else ("", "")
    told = f"{day} 的等级{known}，{found.enterprises:,} 家此后一年查过，{found.failed:,} 家不合格：{zh}"
    told_en = (
        f"Grades of {day}{known_en}: {found.enterprises:,} looked at in the year after, {found.failed:,} failed. {en}"
    )
    said = {
        "rating_name": name,
        "edition": asked.edition.edition,
        "as_of": day.isoformat(),
        "known_on": asked.known_on.isoformat(),
        "made_on": call.today.isoformat(),
        "enterprises": found.enterprises,
        "failed": found.failed,
        "verdict": found.verdict,
        "zh": told,
        "en": told_en,
        **measures,
        "bands": [asdict(one) for one in found.bands],
        "levels": [asdict(one) for one in found.levels],
        "calibration": found.calibration,
    }
    if keep:
        folder = files_of(name).folder
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "backtest.json").write_text(json.dumps(said, ensure_ascii=False), "utf-8")
    return said


def last_backtest(name: str, edition: str) -> dict[str, Any] | None:
    """The result that was kept last, of this edition alone; None where there is none."""
    try:
        said = json.loads((files_of(name).folder / "backtest.json").read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return said if isinstance(said, dict) and said.get("edition") == edition else None
