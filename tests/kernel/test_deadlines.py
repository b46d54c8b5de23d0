"""Deadlines by a key of the law: the last day, whether it may still move, and how it was counted. The laws here are
invented.
"""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhiheng.kernel.days import UNITS, Calendar, Due, Holiday, Period, Sentence, Suspension
from zhiheng.kernel.deadlines import (
    Deadline,
    Extension,
    Purpose,
    deadline,
    ends,
    extended,
    left_of,
    own_deadline,
)
from zhiheng.kernel.law import Instrument, Law, LawKey, Parameter, Value
from zhiheng.kernel.reasons import Refused

TEXT = Instrument("text", "虚构办法", "Fictional measures")
OTHER = Instrument("other", "另一办法", "Other measures")
OWN = Instrument("own", "本区规定", "Rules of the district")
# The first of October 2030 is a Tuesday; its block of three days is all statutory.
FEAST = Holiday(
    "国庆节",
    "National Day",
    dt.date(2030, 10, 1),
    dt.date(2030, 10, 3),
    frozenset(dt.date(2030, 10, day) for day in (1, 2, 3)),
)
CALENDAR = Calendar([2029, 2030, 2031], [FEAST])
words = st.from_regex(r"[a-z][a-z0-9_]{0,9}", fullmatch=True)


def parameter(name: str, value: Value, unit: str, *, topic: str = "things", text: Instrument = TEXT) -> Parameter:
    return Parameter(topic, name, "限期", "Limit", value, unit, text, "第一条", dt.date(2000, 1, 1))


def law_with(*more: Parameter, district: str = "none") -> Law:
    """A law with a period of each unit, a table, and the district's rule on last days."""
    return Law(
        [
            *(parameter(f"in_{unit}", 10, unit) for unit in UNITS),
            parameter("table", {"level_1": 1, "level_2": 3}, "d"),
            parameter("last_day_rolls", district, "", topic="district_rules", text=OWN),
            parameter("display_last_day_rolls", "none", "", topic="district_rules", text=OWN),
            parameter("limit_last_day_rolls", "none", "", topic="district_rules", text=OWN),
            *more,
        ]
    )


@given(words, words, words | st.just(""))
def test_a_key_reads_as_it_was_written(topic: str, name: str, row: str) -> None:
    written = f"{topic}.{name}.{row}" if row else f"{topic}.{name}"
    key = LawKey.parse(written)
    assert key == (topic, name, row)
    assert str(key) == written
    assert key.name == f"{topic}.{name}"


@given(st.text(max_size=30))
def test_a_key_never_swallows_a_part_of_what_was_written(written: str) -> None:
    key = LawKey.parse(written)
    assert ".".join(key).rstrip(".") == written.rstrip(".")


def test_a_row_may_be_named_by_a_field_of_the_case() -> None:
    assert LawKey.parse("drug_recall.notice.{level}").row_field == "level"
    assert LawKey.parse("drug_recall.notice.level_1").row_field == ""


@pytest.mark.parametrize("written", ["things", "", "things.", "things.nothing", "nothing.in_d", "things.table.level_9"])
def test_a_key_that_names_nothing_is_refused(written: str) -> None:
    with pytest.raises(Refused):
        deadline(law_with(), LawKey.parse(written), dt.date(2030, 5, 6), CALENDAR)


@pytest.mark.parametrize(
    ("district", "last"), [("none", "2030-10-01"), ("public_holiday", "2030-10-04"), ("non_working_day", "2030-10-04")]
)
def test_the_last_day_rolls_as_the_district_says_where_the_text_is_silent(district: str, last: str) -> None:
    found = deadline(law_with(district=district), LawKey.parse("things.in_d"), dt.date(2030, 9, 21), CALENDAR)
    assert str(found.day) == last
    assert any("顺延至" in each.zh for each in found.why) == (last != "2030-10-01")


def test_what_the_text_itself_says_of_its_last_day_goes_before_the_district() -> None:
    same = law_with(parameter("last_day_rolls", "public_holiday", ""))
    assert deadline(same, LawKey.parse("things.in_d"), dt.date(2030, 9, 21), CALENDAR).day == dt.date(2030, 10, 4)
    other = law_with(parameter("last_day_rolls", "public_holiday", "", text=OTHER))
    assert deadline(other, LawKey.parse("things.in_d"), dt.date(2030, 9, 21), CALENDAR).day == dt.date(2030, 10, 1)


def test_no_book_rolls_a_last_day_by_itself() -> None:
    silent = Law([parameter("in_d", 10, "d")])
    with pytest.raises(Refused) as caught:
        deadline(silent, LawKey.parse("things.in_d"), dt.date(2030, 9, 21), CALENDAR)
    assert caught.value.refusals[0].code == "law.no_rolling"


@given(st.dates(dt.date(2029, 1, 1), dt.date(2031, 12, 31)), st.sampled_from(UNITS))
def test_provisional_and_what_is_still_open_are_told_together(start: dt.date, unit: str) -> None:
    found = deadline(law_with(), LawKey.parse(f"things.in_{unit}"), start, CALENDAR)
    assert found.provisional == bool(found.doubt)
    assert set(found.doubt) <= set(found.why)
    assert found.basis()["provisional"] == [{"zh": each.zh, "en": each.en} for each in found.doubt]


def test_a_year_without_its_holiday_notice_makes_the_day_provisional_and_says_which_year() -> None:
    found = deadline(law_with(), LawKey.parse("things.in_wd"), dt.date(2032, 3, 1), CALENDAR)
    assert found.provisional
    assert "2032年" in found.doubt[0].zh


def test_a_suspension_that_still_runs_keeps_the_day_open() -> None:
    pause = Suspension(dt.date(2030, 5, 8), dt.date(2030, 5, 9), "检验", "testing", running=True)
    found = deadline(law_with(), LawKey.parse("things.in_d"), dt.date(2030, 5, 6), CALENDAR, suspended=[pause])
    assert found.day == dt.date(2030, 5, 18)
    assert found.provisional
    assert any("检验" in each.zh for each in found.why)


def test_an_extension_is_counted_from_the_first_end_and_told_with_its_rule() -> None:
    law = law_with()
    by = law.at("things", "in_wd", dt.date(2030, 5, 6))
    found = deadline(
        law, LawKey.parse("things.in_d"), dt.date(2030, 5, 6), CALENDAR, extensions=[Extension(Period(5, "wd"), by)]
    )
    assert found.day == dt.date(2030, 5, 23)
    assert "经批准延长5个工作日（《虚构办法》第一条）。" in [each.zh for each in found.why]


def test_a_new_last_day_in_a_decision_stands_as_it_is() -> None:
    until = dt.date(2030, 10, 1)
    found = deadline(
        law_with(district="public_holiday"),
        LawKey.parse("things.in_d"),
        dt.date(2030, 5, 6),
        CALENDAR,
        extensions=[Extension(until)],
    )
    assert found.day == until
    assert found.why[-1].zh == "经批准延长至 2030-10-01。"


def test_hours_on_top_of_days_run_from_the_midnight_that_ends_them() -> None:
    law = law_with()

    def end(on: dt.date, more: Period, by: Parameter | None) -> Due:
        return ends(law, CALENDAR, on, more, by=by)

    found = extended(Due(dt.date(2030, 5, 6), None, False, ()), Extension(Period(24, "hour")), end)
    assert found.moment == dt.datetime(2030, 5, 8)


def test_what_is_kept_beside_a_stored_day_says_period_rule_and_unit() -> None:
    found = deadline(law_with(), LawKey.parse("things.table.level_2"), dt.date(2030, 5, 6), CALENDAR)
    basis = found.basis()
    assert (basis["zh"], basis["unit"]) == ("3日（《虚构办法》第一条）", "d")
    assert basis["why"][0]["zh"].startswith("自2030年5月6日起算3日")
    assert left_of(basis, found.day, dt.date(2030, 5, 8), CALENDAR).zh == "还剩 1 天"


def test_what_is_left_is_counted_in_the_unit_of_the_rule() -> None:
    found = deadline(law_with(), LawKey.parse("things.in_wd"), dt.date(2030, 5, 6), CALENDAR)
    assert found.left(dt.date(2030, 5, 16), CALENDAR) == left_of(
        found.basis(), found.day, dt.date(2030, 5, 16), CALENDAR
    )
    assert found.left(dt.date(2030, 5, 16), CALENDAR).zh == "还剩 2 个工作日"


def test_a_period_of_the_district_names_who_set_it() -> None:
    found = own_deadline(
        law_with(), Period(15, "wd"), Sentence("本区规定", "the district"), dt.date(2030, 5, 6), CALENDAR
    )
    assert isinstance(found, Deadline)
    assert found.by is None
    assert found.said == ("15个工作日（本区规定）", "15 working days (the district)")


@pytest.mark.parametrize(
    ("purpose", "last"), [("act", "2030-10-04"), ("display", "2030-10-01"), ("limit", "2030-10-01")]
)
def test_a_limit_and_a_display_end_on_a_holiday_where_an_act_may_wait(purpose: Purpose, last: str) -> None:
    law, start = law_with(parameter("last_day_rolls", "public_holiday", "")), dt.date(2030, 9, 21)
    assert deadline(law, LawKey.parse("things.in_d"), start, CALENDAR, purpose=purpose).day.isoformat() == last


def test_a_limit_that_is_extended_ends_on_a_holiday_too_and_says_that_it_does_not_move_on() -> None:
    found = deadline(
        law_with(parameter("last_day_rolls", "public_holiday", "")),
        LawKey.parse("things.in_d"),
        dt.date(2030, 9, 11),
        CALENDAR,
        extensions=[Extension(Period(10, "d"))],
        purpose="limit",
    )
    assert found.day == dt.date(2030, 10, 1)
    assert found.why[-1].zh == "期间届满的最后一日2030年10月1日是法定节假日（国庆节），这一期限不顺延。"


def test_what_is_to_be_done_at_once_waits_for_no_holiday() -> None:
    at_once = own_deadline(
        law_with(district="public_holiday"), Period(0, "d"), Sentence("立即", "at once"), dt.date(2030, 10, 1), CALENDAR
    )
    assert at_once.day == dt.date(2030, 10, 1)
