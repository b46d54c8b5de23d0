"""Run every golden case of a folder against the detectors: ``python -m bench.golden FOLDER``.

A golden case is a JSON file with the result of a reference program (function, series, options, range_1based, error,
result), as in ../shared/golden/statistics (README.md there); beside them a folder may hold simulated series
(``sim_noufaily_<set>.csv.gz``) with results (``sim_<set>_<tag>.csv.gz``, options in ``sim_<set>_options.json``). Prints
by method: cases, evaluations, disagreements of alarms and of missing values, the greatest relative difference of
bounds, how many further results (expected counts, p values, dispersions, statistics) were compared and how many of
them differ by more than 1e-5, and what was skipped, could not be read or is read elsewhere, each with the reason.
Bounds that differ by more than 1e-9 and at most 1e-5 are counted and shown as exceptions; the exit status is not zero
where an alarm, a missing value, a bound or a further result disagrees.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import gzip
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from zhiheng.engines.detectors.bayes import BayesOptions, bayes
from zhiheng.engines.detectors.binomial_cusum import BinomialCusumOptions, binomial_cusum
from zhiheng.engines.detectors.cusum import CusumOptions, cusum
from zhiheng.engines.detectors.ears import EarsOptions, ears
from zhiheng.engines.detectors.farrington import FarringtonOptions, farrington
from zhiheng.engines.detectors.farrington_flexible import FlexibleOptions, farrington_flexible
from zhiheng.engines.detectors.likelihood_ratio import LikelihoodRatioOptions, SeasonalMean, likelihood_ratio
from zhiheng.engines.detectors.outbreak_p import OutbreakPOptions, outbreak_p
from zhiheng.engines.detectors.rki import RkiOptions, rki
from zhiheng.engines.detectors.scan import Place, spatial_scan
from zhiheng.engines.detectors.series import CountSeries, Findings
from zhiheng.kernel.reasons import Refused

EQUAL = 1e-9
ROUNDING = 1e-5

Options = Mapping[str, Any]


class Unreadable(Exception):
    """A file is not a golden case."""


class Unsupported(Exception):
    """A golden case asks for what no detector here does."""


@dataclass
class Tally:
    """What was found of one method."""

    cases: int = 0
    evaluations: int = 0
    alarms: int = 0
    missing: int = 0
    bounds: int = 0
    exceptions: int = 0
    refusals: int = 0
    further: int = 0
    further_off: int = 0
    greatest: float = 0.0
    notes: list[str] = field(default_factory=list)

    @property
    def disagrees(self) -> bool:
        """Whether anything is not as the reference has it."""
        return bool(self.alarms or self.missing or self.bounds or self.refusals or self.further_off)

    def compare(self, where: str, expected_alarm: np.ndarray, expected_bound: np.ndarray, found: Findings) -> None:
        """Count one case; the arrays have the shape of the findings."""
        alarm = np.where(found.stated, found.alarm.astype(float), np.nan)
        self.evaluations += alarm.size
        said, wanted = ~np.isnan(alarm), ~np.isnan(expected_alarm)
        bounded, wanted_bound = ~np.isnan(found.bound), ~np.isnan(expected_bound)
        missing = int((said != wanted).sum()) + int((bounded != wanted_bound).sum())
        differs = int((said & wanted & (alarm != expected_alarm)).sum())
        both = bounded & wanted_bound & (found.bound != expected_bound)
        ours, theirs = found.bound[both], expected_bound[both]
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            relative = np.abs(ours - theirs) / np.abs(theirs)
        # Bounds that cancel to nothing are compared by what they are subtracted from: a count.
        relative = np.where(np.abs(ours - theirs) < 1e-12, 0.0, relative)
        relative = np.where(np.isnan(relative), np.inf, relative)
        wrong, near = int((relative > ROUNDING).sum()), int(((relative > EQUAL) & (relative <= ROUNDING)).sum())
        self.missing += missing
        self.alarms += differs
        self.bounds += wrong
        self.exceptions += near
        self.greatest = max(self.greatest, float(relative.max(initial=0.0)))
        if missing or differs or wrong or near:
            self.notes.append(
                f"{where}: {differs} alarms, {missing} missing values, {wrong} bounds, {near} exceptions, "
                f"greatest relative difference {relative.max(initial=0.0):.2g}"
            )

    def compare_further(
        self, where: str, name: str, expected: np.ndarray, found: np.ndarray, stated: np.ndarray
    ) -> None:
        """Count a further result of one case, such as its p values; a value that one side lacks is one that is off.
        Of weeks of which the reference says nothing (not ``stated``) it may still hold a number, which means nothing.
        """
        expected, found = np.where(stated, expected, np.nan), np.where(stated, found, np.nan)
        known, wanted = ~np.isnan(found), ~np.isnan(expected)
        near = np.isclose(found, expected, rtol=ROUNDING, atol=1e-12, equal_nan=True)
        off = int((~near).sum())
        self.further += int((known | wanted).sum())
        self.further_off += off
        if off:
            at = int(np.flatnonzero(~near.ravel())[0])
            self.notes.append(
                f"{where}: {off} of {name} are off, the first {found.ravel()[at]:.12g} instead of "
                f"{expected.ravel()[at]:.12g}"
            )


def main(argv: list[str] | None = None) -> int:
    """Print the table; the exit status is 1 where something disagrees, 2 where there is nothing to run."""
    parser = argparse.ArgumentParser(description="Run golden cases of detectors")
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args(argv).folder
    if not folder.is_dir():
        print(f"{folder} is no folder; give one that holds golden cases (../shared/golden/statistics).")
        return 2
    tallies, skipped, unreadable = run(folder)
    tables = elsewhere(folder)
    print(
        f"{'method':22}{'cases':>7}{'evaluations':>13}{'alarms':>8}{'missing':>9}{'bounds':>8}{'exceptions':>12}"
        f"{'refusals':>10}{'greatest':>10}{'further':>9}{'off':>5}"
    )
    for method, tally in sorted(tallies.items()):
        print(
            f"{method:22}{tally.cases:>7}{tally.evaluations:>13}{tally.alarms:>8}{tally.missing:>9}{tally.bounds:>8}"
            f"{tally.exceptions:>12}{tally.refusals:>10}{tally.greatest:>10.1e}{tally.further:>9}"
            f"{tally.further_off:>5}"
        )
    for method, tally in sorted(tallies.items()):
        for note in tally.notes:
            print(f"  {method}: {note}")
    for name, why in skipped:
        print(f"  skipped {name}: {why}")
    for name, why in tables:
        print(f"  no detector's {name}: {why}")
    for name, why in unreadable:
        print(f"  not a golden case {name}: {why}")
    if not tallies:
        print("No golden case of a known method.")
        return 2
    print(
        "alarms, missing, bounds: disagreements; exceptions: bounds that differ by 1e-9 to 1e-5 of themselves; "
        "refusals: one side stops where the other answers; further: values of other results, off: those that "
        "differ by more than 1e-5."
    )
    return 1 if any(tally.disagrees for tally in tallies.values()) else 0


def run(folder: Path) -> tuple[dict[str, Tally], list[tuple[str, str]], list[tuple[str, str]]]:
    """All cases under a folder: tallies by method, what was skipped and what could not be read, each with the reason."""
    tallies: dict[str, Tally] = {}
    skipped: list[tuple[str, str]] = []
    unreadable: list[tuple[str, str]] = []
    for path in sorted(folder.rglob("*.json")):
        name = str(path.relative_to(folder))
        if path.name.startswith("sim_"):
            continue
        try:
            case = json.loads(path.read_text("utf-8"))
            if not isinstance(case, dict) or not isinstance(case.get("function"), str):
                raise Unreadable("it names no function")
            method = _method(case["function"])
            if method not in RUNNERS:
                skipped.append((name, f"{case['function']} is no detector here"))
                continue
            RUNNERS[method](name, case, tallies.setdefault(method, Tally()))
        except Unsupported as reason:
            skipped.append((name, str(reason)))
        except (Unreadable, ValueError, KeyError, TypeError, IndexError, AttributeError, OSError) as reason:
            unreadable.append((name, f"{type(reason).__name__}: {reason}"))
    for path in sorted(folder.rglob("sim_noufaily_*.csv.gz")):
        try:
            _simulated(path, tallies, skipped)
        except (Unreadable, ValueError, KeyError, TypeError, OSError) as reason:
            unreadable.append((str(path.relative_to(folder)), f"{type(reason).__name__}: {reason}"))
    return tallies, skipped, unreadable


def elsewhere(folder: Path) -> list[tuple[str, str]]:
    """The tables of a folder that are no detector's, each with where it is read or why it is not."""
    return [
        (str(path.relative_to(folder)), ELSEWHERE.get(path.name, "a table that nothing reads"))
        for path in sorted(folder.rglob("*.csv"))
        if path.name != "INDEX.csv"
    ]


def _method(function: str) -> str:
    """The name of a method in the words of the folder: ``surveillance::algo.rki`` is ``rki``."""
    return function.split("::")[-1].split(" ")[0].removeprefix("algo.")


def _numbers(values: object, what: str) -> np.ndarray:
    """A list of numbers; null and "NaN" are not known."""
    if not isinstance(values, list):
        raise Unreadable(f"{what} is no list")
    return np.array([np.nan if v is None else float(v) for v in values], dtype=np.float64)


def _case(
    detect: Callable[..., Findings], options: Callable[[Options, dict[str, Any]], Any]
) -> Callable[[str, dict[str, Any], Tally], None]:
    """How to run the cases of a detector, given how its options are named."""

    def runner(name: str, case: dict[str, Any], tally: Tally) -> None:
        series = case["series"]
        given = case.get("options") or {}
        weeks = case.get("range_1based")
        error = case.get("error")
        result = case.get("result")
        if not error and not isinstance(result, dict):
            raise Unreadable("it has neither a result nor an error")
        dates = None
        if series.get("epoch_as_date") and series.get("dates"):
            dates = tuple(dt.date.fromisoformat(day) for day in series["dates"])
        population = series.get("population")
        observed = _numbers(series["observed"], "series.observed")
        if not error:
            alarm, bound = (
                _numbers(result["alarm"], "result.alarm"),
                _numbers(result["upperbound"], "result.upperbound"),
            )
            if weeks is None or len(weeks) != alarm.size or alarm.size != bound.size:
                raise Unreadable("range_1based, alarm and upperbound are not of one length")
        # Whatever is wrong with the options' names is the case's fault; whatever is wrong with values is refused.
        found, refusal = None, None
        try:
            counts = CountSeries(
                observed[None, :],
                int(series["freq"]),
                dates if _method(case["function"]) in BY_CALENDAR else None,
                None if population is None else _numbers(population, "series.population")[None, :],
            )
            found = detect(counts, options(given, case), None if weeks is None else np.array(weeks, dtype=np.int64) - 1)
        except Refused as reason:
            refusal = reason.refusals[0].en
        tally.cases += 1
        if error:
            if found is not None:
                tally.refusals += 1
                tally.notes.append(f"{name}: the reference stops ({error}), this answers")
        elif found is None:
            tally.refusals += 1
            tally.notes.append(f"{name}: refused ({refusal}), the reference answers")
        else:
            tally.compare(name, alarm[None, :], bound[None, :], found)
            for key, measure in FURTHER.get(_method(case["function"]), {}).items():
                if key in result and measure in found.measures and not _says_otherwise(key, given):
                    said = _numbers(result[key], f"result.{key}")
                    if said.size == alarm.size:
                        stated = ~np.isnan(alarm[None, :])
                        tally.compare_further(name, key, said[None, :], found.measures[measure], stated)

    return runner


# Results beside alarm and bound that the reference tells too, by its name: as the detector calls them.
FURTHER: Mapping[str, Mapping[str, str]] = {
    "farringtonFlexible": {"expected": "expected", "pvalue": "p_value", "phi": "dispersion", "score": "score"},
    "cusum": {"cusum": "statistic", "m": "expected"},
    "glrpois": {"mu0": "expected"},
    "glrnb": {"mu0": "expected"},
}


def _says_otherwise(key: str, given: Options) -> bool:
    """Whether the reference mixes two scales in a result (README.md of the golden files): it is not compared."""
    return key == "score" and given.get("thresholdMethod", "delta") != "delta"


def _named(names: Mapping[str, str], given: Options) -> dict[str, Any]:
    """Options by the names they have here; one that is not known is the case's fault."""
    ignored = {"range", "verbose", "plot", "glmWarnings", "fitFun"}
    unknown = sorted(set(given) - set(names) - ignored)
    if unknown:
        raise Unsupported(f"no option {', '.join(unknown)}")
    return {names[key]: value for key, value in given.items() if key in names and value is not None}


FLEXIBLE = {
    "b": "years",
    "w": "window",
    "noPeriods": "periods",
    "pastWeeksNotIncluded": "skipped",
    "reweight": "reweight",
    "weightsThreshold": "weights_threshold",
    "trend": "trend",
    "pThresholdTrend": "trend_level",
    "alpha": "alpha",
    "powertrans": "power",
    "thresholdMethod": "threshold",
    "populationOffset": "offset",
    "limit54": "limit54",
}
FARRINGTON = {key: FLEXIBLE[key] for key in ("b", "w", "reweight", "trend", "alpha", "powertrans", "limit54")}
EARS = {"method": "method", "baseline": "baseline", "minSigma": "least_deviation", "alpha": "alpha"}
LOOKBACK = {"b": "years", "w": "window", "actY": "this_year"}
CUSUM = {"k": "reference", "h": "limit", "m": "expected", "trans": "scale", "alpha": "dispersion"}


def _limited(values: dict[str, Any]) -> dict[str, Any]:
    limit = values.pop("limit54", None)
    return values if limit is None else {**values, "least_cases": limit[0], "least_periods": limit[1]}


def _flexible(given: Options, case: dict[str, Any]) -> FlexibleOptions:
    return FlexibleOptions(**_limited(_named(FLEXIBLE, given)), fallback=False)


def _farrington(given: Options, case: dict[str, Any]) -> FarringtonOptions:
    return FarringtonOptions(**_limited(_named(FARRINGTON, given)), as_reference=True)


def _cusum(given: Options, case: dict[str, Any]) -> CusumOptions:
    values = _named(CUSUM, given)
    expected = values.get("expected")
    if expected == "glm":
        values["expected"] = "model"
    elif isinstance(expected, list):
        values["expected"] = tuple(map(float, expected))
    return CusumOptions(**values)


def _likelihood_ratio(given: Options, case: dict[str, Any]) -> LikelihoodRatioOptions:
    if given.get("change", "intercept") != "intercept":
        raise Unsupported(f"change {given['change']!r} of likelihood-ratio charts")
    given = dict(given)
    means = given.pop("mu0", None)
    expected: Any = SeasonalMean()
    if isinstance(means, dict):
        expected = SeasonalMean(means.get("S", 1), means.get("trend", False), means.get("refit", False))
    elif means is not None:
        expected = tuple(map(float, means))
    dispersion = given.pop("alpha", 0.0) if case["function"].endswith("glrnb") else 0.0
    window = given.pop("M", -1)
    values = _named(
        {
            "c.ARL": "limit",
            "theta": "shift",
            "dir": "direction",
            "Mtilde": "least_weeks",
            "xMax": "most_cases",
            "ret": "ret",
            "change": "change",
        },
        given,
    )
    values.pop("change", None)
    return LikelihoodRatioOptions(
        expected=expected,
        dispersion=dispersion,
        most_weeks=None if window == -1 else window,
        as_cases=values.pop("ret", "value") == "cases",
        **values,
    )


def _outbreak_p(given: Options, case: dict[str, Any]) -> OutbreakPOptions:
    values = _named({"k": "limit", "ret": "ret", "maxUpperboundCases": "most_cases"}, given)
    return OutbreakPOptions(as_cases=values.pop("ret", "value") == "cases", **values)


def _binomial(given: Options, case: dict[str, Any]) -> BinomialCusumOptions:
    values = _named({"h": "limit", "odds_ratio": "odds_ratio", "p0": "rate"}, given)
    if isinstance(values.get("rate"), list):
        values["rate"] = tuple(map(float, values["rate"]))
    return BinomialCusumOptions(**values)


def _scan(name: str, case: dict[str, Any], tally: Tally) -> None:
    """A spatial scan: the most likely cluster, its places and likelihood ratio, and the clusters beside it."""
    places = [
        Place(x, y, cases, expected, population)
        for x, y, cases, expected, population in zip(
            case["x"], case["y"], case["cases"], case["expected"], case["population"], strict=True
        )
    ]
    tally.cases += 1
    tally.evaluations += len(places)
    found = spatial_scan(places, largest_share=float(case["upper_pop_bound"]), replicates=0, whole_total=True)
    wanted = [(case["most_likely"]["location_ids_1based"], case["most_likely"]["llr"])]
    wanted += [(cluster["location_ids"], cluster["llr"]) for cluster in case.get("secondary") or []]
    for number, (members, ratio) in enumerate(wanted):
        if number >= len(found) or sorted(found[number].members) != sorted(m - 1 for m in members):
            tally.alarms += 1
            tally.notes.append(f"{name}: cluster {number + 1} has other places")
            continue
        relative = abs(found[number].log_ratio - ratio) / abs(ratio)
        tally.greatest = max(tally.greatest, relative)
        if relative > ROUNDING:
            tally.bounds += 1
        elif relative > EQUAL:
            tally.exceptions += 1


_PLANS = "tables of plans: tests/engines/test_acceptance.py reads every row"
_CHARTS = "constants and run lengths: tests/engines/test_control_charts.py reads every row"
_AGREEMENT = "agreement of raters: tests/engines/test_agreement.py"
# Golden tables that are no detector's, and where they are read or why they are not.
ELSEWHERE: Mapping[str, str] = {
    "iso2859_1_1999_single.csv": _PLANS,
    "iso2859_1_1999_single_DISPUTED.csv": "transcriptions that differ: a test sees that each of them is refused",
    "iso2859_1_code_letters.csv": _PLANS,
    "iso2859_1_double_agreed.csv": _PLANS,
    "milstd105e_single_reduced.csv": "another, older standard, which the book does not have",
    "oc_AcceptanceSampling.csv": _PLANS,
    "oc_quantiles.csv": _PLANS,
    "find_plan_AcceptanceSampling.csv": _PLANS,
    "switching_rules_capstat.csv": _PLANS,
    "arl_spc.csv": _CHARTS,
    "constants_R.csv": _CHARTS,
    "constants_published.csv": _CHARTS,
    "find_kh.csv": _CHARTS,
    "icc_shrout_fleiss1979_data.csv": _AGREEMENT,
    "icc_shrout_fleiss1979_psych.csv": _AGREEMENT,
}
# Methods that find reference weeks by the calendar where a case says so.
BY_CALENDAR = frozenset({"farringtonFlexible", "farrington"})
RUNNERS: dict[str, Callable[[str, dict[str, Any], Tally], None]] = {
    "farringtonFlexible": _case(farrington_flexible, _flexible),
    "farrington": _case(farrington, _farrington),
    "earsC": _case(ears, lambda given, case: EarsOptions(**_named(EARS, given), as_reference=True)),
    "rki": _case(rki, lambda given, case: RkiOptions(**_named(LOOKBACK, given), as_reference=True)),
    "bayes": _case(bayes, lambda given, case: BayesOptions(**_named({**LOOKBACK, "alpha": "alpha"}, given))),
    "cusum": _case(cusum, _cusum),
    "glrpois": _case(likelihood_ratio, _likelihood_ratio),
    "glrnb": _case(likelihood_ratio, _likelihood_ratio),
    "outbreakP": _case(outbreak_p, _outbreak_p),
    "categoricalCUSUM": _case(binomial_cusum, _binomial),
    "kulldorff": _scan,
}


def _simulated(path: Path, tallies: dict[str, Tally], skipped: list[tuple[str, str]]) -> None:
    """Simulated series with the results of several methods beside them."""
    which = path.name.removeprefix("sim_noufaily_").removesuffix(".csv.gz")
    rows = np.array(
        [(int(r["series"]), int(r["t"]), float(r["observed"] or "nan")) for r in _rows(path)], dtype=np.float64
    )
    series, at = np.unique(rows[:, 0], return_inverse=True)
    observed = np.full((series.size, int(rows[:, 1].max())), np.nan)
    observed[at, rows[:, 1].astype(int) - 1] = rows[:, 2]
    counts = CountSeries(observed)
    place = {int(s): i for i, s in enumerate(series)}
    options_file = path.with_name(f"sim_{which}_options.json")
    options = json.loads(options_file.read_text("utf-8"))["options"] if options_file.exists() else {}
    for results in sorted(path.parent.glob(f"sim_{which}_*.csv.gz")):
        tag = results.name.removeprefix(f"sim_{which}_").removesuffix(".csv.gz")
        given = {k: v for k, v in options.get(tag, {}).items() if k != "seconds_R"}
        read = list(_rows(results))
        weeks = sorted({int(r["t"]) for r in read})
        column = {week: i for i, week in enumerate(weeks)}
        alarm = np.full((series.size, len(weeks)), np.nan)
        bound = np.full(alarm.shape, np.nan)
        present = np.zeros(alarm.shape, dtype=bool)
        for r in read:
            cell = place[int(r["series"])], column[int(r["t"])]
            alarm[cell], bound[cell], present[cell] = float(r["alarm"] or "nan"), float(r["upperbound"] or "nan"), True
        asked = np.array(weeks) - 1
        if tag.startswith("flex"):
            method, found = "farringtonFlexible", farrington_flexible(counts, _flexible(given, {}), asked)
        elif tag.startswith("farrington"):
            method, found = "farrington", farrington(counts, _farrington(given, {}), asked)
        elif tag.startswith("ears"):
            chosen = EarsOptions(**_named(EARS, {"method": tag.removeprefix("ears_"), **given}))
            method, found = "earsC", ears(counts, chosen, asked)
        else:
            skipped.append((results.name, "its method is not known"))
            continue
        tally = tallies.setdefault(method, Tally())
        tally.cases += 1
        if not present.all():
            raise Unreadable(f"{results.name} does not judge every series in the same weeks")
        tally.compare(results.name, alarm, bound, found)
        for key, measure in FURTHER.get(method, {}).items():
            if key in read[0] and measure in found.measures and not _says_otherwise(key, given):
                told = np.full(alarm.shape, np.nan)
                for r in read:
                    told[place[int(r["series"])], column[int(r["t"])]] = float(r[key] or "nan")
                tally.compare_further(results.name, key, told, found.measures[measure], ~np.isnan(alarm))


def _rows(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


if __name__ == "__main__":
    sys.exit(main())
