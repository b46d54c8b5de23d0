"""``make reliability`` on a machine without a C compiler: it says so, and runs what needs none."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bench.reliability import __main__ as reliability
from bench.reliability.failing_calls import Control, NoCompiler, library


@pytest.fixture(autouse=True)
def no_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.reliability.failing_calls.shutil.which", lambda _name: None)


def test_没有编译器_说清楚要装什么(tmp_path: Path) -> None:
    with pytest.raises(NoCompiler, match="gcc"):
        library(tmp_path)
    # Nothing is put before the calls of processes in which none is to fail.
    assert Control(tmp_path, tmp_path, None).environment == {}


def test_没有编译器_其余各项照做_退出码不是零(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    ran: list[str] = []

    def needs_one(_kills: int, _most: int) -> reliability.Told:
        library(tmp_path)
        raise AssertionError

    def needs_none(_kills: int, _most: int) -> reliability.Told:
        ran.append("slow_sockets")
        return reliability.Told([], holds=True)

    monkeypatch.setattr(reliability, "PARTS", {"io_errors": ("", needs_one), "slow_sockets": ("", needs_none)})
    monkeypatch.setattr(sys, "argv", ["reliability", "--no-page"])
    assert reliability.main() == 1
    assert ran == ["slow_sockets"]
    told = capsys.readouterr().err
    assert "io_errors: 没有做" in told
    assert "apt install gcc" in told
