"""Work in another process: items come whole and in order, whoever keeps parts of them, and a refusal arrives as one."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator

import numpy as np
import pytest

from zhiheng.kernel import prefetch
from zhiheng.kernel.prefetch import aside
from zhiheng.kernel.reasons import Refusal, Refused

LARGE = 1 << 17


def _large(count: int) -> Iterator[tuple[int, np.ndarray, str]]:
    for number in range(count):
        yield number, np.full(LARGE, number), f"第{number}块"


@pytest.fixture(autouse=True)
def _two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)


def test_另一进程做的每一块_按次序完整到达() -> None:
    for number, (said, numbers, text) in enumerate(aside(lambda: _large(9))):
        assert (said, text) == (number, f"第{number}块")
        assert numbers.shape == (LARGE,)
        assert (numbers == number).all()


def test_留着不放的块_不会被后来的块改写() -> None:
    kept = list(aside(lambda: _large(9)))
    assert [int(numbers.min()) for _, numbers, _ in kept] == list(range(9))
    assert [int(numbers.max()) for _, numbers, _ in kept] == list(range(9))


def test_只留一块也不会被改写_其余照常() -> None:
    first = None
    for number, numbers, _ in aside(lambda: _large(9)):
        assert int(numbers.max()) == number
        if number == 1:
            first = numbers[10:20]
    assert first is not None
    assert first.tolist() == [1] * 10


def test_放开了的地方再用_不走管道(monkeypatch: pytest.MonkeyPatch) -> None:
    places: list[int] = []
    head = prefetch._head

    def seen(said: bytes) -> tuple[int, list[tuple[int, int]], int]:
        found = head(said)
        places.append(found[0])
        assert found[1] or found[0] == prefetch._NO_PLACE
        return found

    monkeypatch.setattr(prefetch, "_head", seen)
    for item in aside(lambda: _large(9)):
        del item
    # The last message says that nothing follows.
    assert places.pop() == prefetch._NO_PLACE
    assert len(places) == 9
    assert set(places) == set(range(prefetch._PLACES))


def test_比共用的地方还大的块_走管道也完整(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefetch, "_PLACE_BYTES", 1 << 20)
    for number, numbers, _ in aside(lambda: ((n, np.full(1 << 19, n), "") for n in range(4))):
        assert (numbers == number).all()


def test_另一进程的拒收照原样说出() -> None:
    why = Refusal("file.cut", "文件只有一半；请重新导出。", "Half a file; export it again.")

    def broken() -> Iterator[int]:
        yield 1
        raise Refused(why)

    with pytest.raises(Refused) as caught:
        list(aside(broken))
    assert caught.value.refusals == (why,)


def test_另一进程出错或被杀_都不当作读完() -> None:
    def wrong() -> Iterator[int]:
        yield 1
        raise ZeroDivisionError("算错了")

    with pytest.raises(RuntimeError, match="ZeroDivisionError: 算错了"):
        list(aside(wrong))

    def killed() -> Iterator[int]:
        yield 1
        os.kill(os.getpid(), signal.SIGKILL)
        yield 2

    with pytest.raises(Refused) as caught:
        list(aside(killed))
    assert caught.value.refusals[0].code == "receive.reader_died"


def test_不再要了就停下_子进程不留() -> None:
    before = set(multiprocessing.active_children())
    items = aside(lambda: _large(1_000_000))
    assert next(items)[0] == 0
    (child,) = set(multiprocessing.active_children()) - before
    number = child.pid
    assert number is not None
    items.close()
    # It has ended and is waited for: nobody has this number any more as a child of ours.
    with pytest.raises(ChildProcessError):
        os.waitpid(number, os.WNOHANG)
