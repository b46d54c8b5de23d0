"""A process killed at any moment of acts and rows handed in leaves every act once and every fact once; of two officers
at once one succeeds, and the other is told.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
from pathlib import Path

import orjson
import pytest

from tests.cases.officers import BOOK
from tests.places import Installation, installation, new_installation

__all__ = ["installation", "new_installation"]
pytestmark = [pytest.mark.database, pytest.mark.slow]
RECALLS, KILLS = 8, 10

LOOK = """
import orjson
from zhiheng.cli.session import now, open_book, set_up
set_up()
from tests.cases.officers import call
from zhiheng.actions.cases.verify_cases import verify_cases
from zhiheng.kernel.actor import SYSTEM
from zhiheng.ledger.models import Fact
from zhiheng.office.cases import Case, CaseEvent, CaseHandIn
from zhiheng.office.models import Upload
found = verify_cases(call=call(SYSTEM, now(), open_book()))
print(orjson.dumps({
    "findings": [each.zh for each in found.findings],
    "cases": sorted(Case.objects.values_list("number", flat=True)),
    "lines": sorted(f"{line.case.number} {line.act}" for line in CaseEvent.objects.select_related("case")),
    "handed": CaseHandIn.objects.count(), "uploads": Upload.objects.count(),
    "facts": sorted(Fact.objects.values_list("body", flat=True)),
}).decode())
"""
RECEIVE = """
from zhiheng.cli.session import open_book, set_up
set_up()
from tests.cases.officers import call
from zhiheng.actions.intake.process_upload import take_in
from zhiheng.kernel.actor import SYSTEM
from zhiheng.office.models import Upload
for upload in Upload.objects.exclude(state="done"):
    take_in(upload.pk, call=call(SYSTEM, "2026-03-02 12:00", open_book()), record=upload.record)
"""


def with_book(place: Installation) -> Installation:
    """The installation with the default book."""
    place.environment["ZHIHENG_BOOK"] = str(BOOK)
    return place


def look(place: Installation) -> dict[str, list[str]]:
    """What is there, and what verifying finds."""
    done = place.run("-c", LOOK)
    assert done.returncode == 0, done.stderr
    return orjson.loads(done.stdout)  # type: ignore[no-any-return]


def start(place: Installation, *words: str) -> subprocess.Popen[str]:
    """An officer at work."""
    return place.start("-c", f"import sys; sys.argv[1:] = {list(words)!r}; import tests.cases.officer_at_work")


def start_with_input(place: Installation, *words: str) -> subprocess.Popen[str]:
    """An officer who waits for a line before the act."""
    program = f"import sys; sys.argv[1:] = {list(words)!r}; import tests.cases.officer_at_work"
    return place.start("-c", program, stdin=subprocess.PIPE)


def test_随机时刻杀死_每个行为一次_每条事实一次(installation: Installation) -> None:
    place = with_book(installation)
    seed = int(os.environ.get("ZHIHENG_KILL_SEED") or 0) or random.SystemRandom().randrange(1, 10**9)
    print(f"ZHIHENG_KILL_SEED={seed}")
    chance = random.Random(seed)
    midway = 0
    for _ in range(KILLS):
        process = start(place, "recalls", str(RECALLS))
        assert process.stdout is not None
        words = chance.randrange(0, 2 * RECALLS)
        for _, line in zip(range(words), process.stdout, strict=False):
            assert line.startswith(("opened", "decided")), line
        process.send_signal(signal.SIGKILL)
        process.communicate()
        found = look(place)
        assert found["findings"] == []
        assert len(set(found["lines"])) == len(found["lines"])
        # Every decided recall has its row in the inbox, and no row is there without one.
        decided = [line for line in found["lines"] if line.endswith(" assess")]
        assert found["handed"] == found["uploads"] == len(decided)
        midway += 0 < len(found["lines"]) < 2 * RECALLS
    assert midway, "no kill was looked at in the middle of the work: the moments are badly chosen"
    done = start(place, "recalls", str(RECALLS))
    assert done.wait(600) == 0, done.stderr.read() if done.stderr else ""
    for _ in range(2):
        received = place.run("-c", RECEIVE)
        assert received.returncode == 0, received.stderr
    found = look(place)
    assert found["findings"] == []
    assert found["cases"] == [f"药召〔2026〕{number}号" for number in range(1, RECALLS + 1)]
    assert len(found["lines"]) == 2 * RECALLS
    assert len(found["facts"]) == len(set(found["facts"])) == RECALLS, Path(place.folder)


def test_两名办案人员同时办_一人办成_另一人被告知(installation: Installation) -> None:
    place = with_book(installation)
    opened = place.run(
        "cases", "open", "complaint", "receive", "--unit", "liyuan_market", "--json",
        "--with", '{"claim": "退货", "dispute": "漏电"}',
    )  # fmt: skip
    assert opened.returncode == 0, opened.stderr
    case = str(orjson.loads(opened.stdout)["id"])
    both = [start_with_input(place, "accept", case, "1", number) for number in ("1", "2")]
    told = []
    for process in both:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in both:
        out, error = process.communicate(timeout=300)
        assert process.returncode == 0, error
        told.append(out.strip())
    assert sorted(told) == ["case.changed", "place 2"]
    found = look(place)
    assert found["findings"] == []
    assert len(found["lines"]) == 2
