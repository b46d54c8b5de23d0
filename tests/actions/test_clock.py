"""A clock that has jumped stops what is written under its day, until a person has said that it is right."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.places import NOON, SAMPLING, Installation, Ledger, sampling_row, write_csv
from zhiheng.actions.clock.accept_clock import accept_clock
from zhiheng.actions.facts.verify_ledger import verify_ledger
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import SYSTEM
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger.models import AuditLine
from zhiheng.office import clock
from zhiheng.people.models import TrailLine


def days(number: float) -> dt.datetime:
    return NOON + dt.timedelta(days=number)


def test_a_clock_that_was_never_seen_has_not_jumped(ledger: Ledger) -> None:
    assert clock.jump(NOON) is None


@pytest.mark.parametrize(("later", "steady"), [(0, True), (-0.005, True), (-0.01, False), (14, True), (14.1, False)])
def test_minutes_back_and_two_weeks_forward_are_no_jump(ledger: Ledger, later: float, steady: bool) -> None:
    clock.set_to(NOON)
    assert clock.note(days(later)) is steady
    assert (clock.jump(days(later)) is None) is steady


def test_a_jump_is_not_forgotten_by_waiting_and_the_note_never_goes_back(ledger: Ledger) -> None:
    clock.set_to(NOON)
    assert not clock.note(days(-400))
    assert not clock.note(days(-399))
    assert clock.last_seen() == NOON
    assert clock.note(days(1))
    assert clock.note(days(1) - dt.timedelta(minutes=5))
    assert clock.last_seen() == days(1)


@pytest.mark.parametrize("moved", [-400, 1200])
def test_the_sentence_says_from_when_to_when_and_what_to_do(ledger: Ledger, moved: int) -> None:
    clock.set_to(NOON)
    with pytest.raises(Refused, match=r"时钟从 2026-07-01 .*zhiheng clock --accept"):
        clock.require_steady(days(moved))


def test_a_person_accepts_a_jump_with_a_reason_that_stays_in_the_trail(ledger: Ledger) -> None:
    clock.set_to(NOON)
    later = Call(SYSTEM, ledger.book, days(40))
    with pytest.raises(Refused, match="请写明"):
        accept_clock(reason=" ", call=later)
    accept_clock(reason="停机四十天", call=later)
    clock.require_steady(days(40))
    lines = [*AuditLine.objects.filter(verb="clock.accept"), *TrailLine.objects.filter(verb="clock.accept")]
    assert ["停机四十天" in line.detail for line in lines] == [True]
    with pytest.raises(Refused, match="没有跳变"):
        accept_clock(reason="再来一次", call=later)


def test_verifying_warns_of_days_that_ran_backwards_and_finds_nothing_changed(ledger: Ledger) -> None:
    ledger.samples("a.csv", [sampling_row(1)], day="2026-06-30")
    ledger.samples("b.csv", [sampling_row(2)], day="2025-05-26")
    report = verify_ledger(call=Call(SYSTEM, ledger.book, NOON))
    assert report.whole
    assert [(warning.kind, warning.delivery) for warning in report.warnings] == [("clock", 2)]


@pytest.mark.slow
def test_after_a_jump_the_terminal_receives_nothing_until_it_is_accepted(installation: Installation) -> None:
    path = write_csv(installation.folder / "a.csv", SAMPLING, [sampling_row(1)])
    data = installation.folder / "var" / "clock.json"
    data.write_text('{"seen": "2020-01-01T12:00:00+08:00"}', "utf-8")
    refused = installation.run("receive", str(path), "--from", "test_market")
    assert refused.returncode == 1
    assert "向前跳" in refused.stderr + refused.stdout
    assert installation.run("clock").returncode == 1
    accepted = installation.run("clock", "--accept", "--reason", "停机")
    assert accepted.returncode == 0, accepted.stderr
    received = installation.run("receive", str(path), "--from", "test_market")
    assert received.returncode == 0, received.stderr
