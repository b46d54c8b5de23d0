"""Every golden case of the reference program, where ``../shared`` is there; and what the runner says of bad files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.golden import elsewhere, main, run


@pytest.mark.shared
@pytest.mark.slow
def test_every_golden_case_agrees(shared: Path) -> None:
    tallies, skipped, unreadable = run(shared / "golden" / "statistics")
    assert not skipped
    assert not unreadable
    assert {
        "farringtonFlexible",
        "farrington",
        "earsC",
        "rki",
        "bayes",
        "cusum",
        "glrnb",
        "glrpois",
        "outbreakP",
        "categoricalCUSUM",
        "kulldorff",
    } == set(tallies)
    for method, tally in tallies.items():
        assert (tally.alarms, tally.missing, tally.bounds, tally.refusals) == (0, 0, 0, 0), (method, tally.notes)
        assert tally.further_off == 0, (method, tally.notes)
    assert tallies["farringtonFlexible"].further > 6_000
    assert all(tallies[method].further for method in ("cusum", "glrnb", "glrpois"))
    # Tables of plans, charts and raters are read by the tests of those engines.
    tables = dict(elsewhere(shared / "golden" / "statistics"))
    assert len(tables) == 15
    assert not [name for name, why in tables.items() if "nothing reads" in why]
    assert not [method for method, tally in tallies.items() if tally.exceptions]


CASE = {
    "case_id": "a",
    "function": "surveillance::algo.bayes",
    "error": None,
    "options": {"b": 0, "w": 3, "actY": True},
    "series": {"freq": 52, "epoch_as_date": False, "dates": None, "observed": [0, 0, 0, 5], "population": [1] * 4},
    "range_1based": [4],
    "result": {"alarm": [1], "upperbound": [1]},
}


def _written(folder: Path, **changes: object) -> Path:
    (folder / "case.json").write_text(json.dumps({**CASE, **changes}))
    return folder


def test_a_case_that_agrees_ends_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(_written(tmp_path))]) == 0
    assert "bayes" in capsys.readouterr().out


def test_an_alarm_that_disagrees_is_counted_and_ends_ill(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(_written(tmp_path, result={"alarm": [0], "upperbound": [1]}))]) == 1
    assert "case.json: 1 alarms" in capsys.readouterr().out


def test_where_the_reference_stops_this_must_refuse(tmp_path: Path) -> None:
    assert main([str(_written(tmp_path, error="no such week", result=None))]) == 1
    assert main([str(_written(tmp_path, error="no such week", result=None, range_1based=[9]))]) == 0


def test_unknown_methods_are_named_and_malformed_files_are_not_fatal(tmp_path: Path) -> None:
    _written(tmp_path)
    (tmp_path / "other.json").write_text(json.dumps({**CASE, "function": "surveillance::boda"}))
    (tmp_path / "broken.json").write_text("{")
    (tmp_path / "list.json").write_text("[]")
    (tmp_path / "short.json").write_text(json.dumps({**CASE, "range_1based": [3, 4]}))
    (tmp_path / "no_series.json").write_text(json.dumps({k: v for k, v in CASE.items() if k != "series"}))
    tallies, skipped, unreadable = run(tmp_path)
    assert tallies["bayes"].cases == 1
    assert [name for name, _ in skipped] == ["other.json"]
    assert sorted(name for name, _ in unreadable) == ["broken.json", "list.json", "no_series.json", "short.json"]


def test_a_folder_without_cases_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == 2
    assert main([str(tmp_path / "none")]) == 2
    assert "give one that holds golden cases" in capsys.readouterr().out
