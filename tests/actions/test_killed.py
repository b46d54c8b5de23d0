"""A process killed at any moment loses nothing accepted and leaves nothing half done: run again, the ledger is as
without the kill.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from pathlib import Path

import orjson
import pytest

from tests.places import LIFTS, SAMPLING, Installation, lift_row, sampling_row, write_csv, write_xlsx

pytestmark = [pytest.mark.database, pytest.mark.slow]
# On PostgreSQL a round takes three times as long, and what is tested is our own code: fewer rounds there.
KILLS = 15 if os.environ.get("DATABASE_URL") else 50


def files(folder: Path) -> Path:
    """Several files: small ones, one of a dozen parts, one with refused rows, one that is refused whole."""
    folder.mkdir()
    write_csv(folder / "1 抽检.csv", SAMPLING, [sampling_row(i) for i in range(40)])
    write_xlsx(folder / "2 电梯.xlsx", LIFTS, [lift_row(f"L{i}") for i in range(120)])
    long = [
        [str(i), f"试验食品{i % 50}", f"试验第{i % 900}厂", f"2026-0{i % 9 + 1}-11", "合格" if i % 9 else "还行"]
        for i in range(3200)
    ]
    write_csv(folder / "3 平台导出.csv", ["NO", "NAME", "MAKER", "DAY", "RESULT"], long)
    write_csv(folder / "4 不认识.csv", ["神秘", "更神秘"], [["1", "2"], ["3", "4"]])
    write_csv(folder / "5 又一批.csv", SAMPLING, [sampling_row(i) for i in range(30, 70)])
    return folder


def told(installation: Installation) -> dict[str, list[list[str]]]:
    """What the ledger says, and that it is whole."""
    program = (
        "import orjson; from zhiheng.cli.session import set_up; set_up(); from tests.places import told_by_files; "
        "from zhiheng.ledger.verify import verify; report = verify(); "
        "print(orjson.dumps([report.whole, [f.zh for f in report.findings], told_by_files()]).decode())"
    )
    done = installation.run("-c", program)
    assert done.returncode == 0, done.stderr
    whole, findings, content = orjson.loads(done.stdout)
    assert whole, findings
    return content


def nothing_half_done(content: dict[str, list[list[str]]], complete: dict[str, list[list[str]]]) -> None:
    """What a killed process leaves is a beginning of what an undisturbed one writes, delivery by delivery."""
    for table in ("delivery", "fact", "factkey", "factparty", "alias", "subject", "refusedrow"):
        rest = {tuple(row) for row in content[table]} - {tuple(row) for row in complete[table]}
        assert not rest, (table, sorted(rest)[:3])


def test_随机时刻杀死五十次_最终与未受干扰的台账相同(installation: Installation, tmp_path: Path) -> None:
    seed = int(os.environ.get("ZHIHENG_KILL_SEED") or 0) or random.SystemRandom().randrange(1, 10**9)
    print(f"ZHIHENG_KILL_SEED={seed}")
    chance = random.Random(seed)
    folder = files(tmp_path / "报送")
    words = ("receive", str(folder), "--from", "test_market")
    begun = time.monotonic()
    installation = installation.warmed()
    process = installation.start(*words)
    assert process.stderr is not None
    # From the first word of progress to the last it works; how long it takes to start and to end says nothing of that.
    words_at = [time.monotonic() - begun for _ in process.stderr]
    starts, works = words_at[0], words_at[-1] - words_at[0]
    process.communicate(timeout=600)
    assert process.returncode == 1  # One file is refused, so the status says that not all went well.
    complete = told(installation)
    assert len(complete["delivery"]) > 8
    assert len(complete["fact"]) > 2500

    kills = mid_way = looks = runs = 0
    while kills < KILLS:
        place = installation.emptied(tables=runs % 3 != 0)
        runs += 1
        here = 0
        # The first kill of a ledger and every fifth after it wait for no clock but for a word of progress: the first
        # files are in by then, the last is not.
        while _killed(place, words, chance, starts, works, word="3 平台导出.csv" if here % 5 == 0 else ""):
            kills += 1
            here += 1
            if here % 5 == 1:
                content = told(place)
                nothing_half_done(content, complete)
                looks += 1
                mid_way += 0 < len(content["fact"]) < len(complete["fact"])
                if len(content["fact"]) == len(complete["fact"]):
                    break  # Nothing is left to disturb: the next kills begin with an empty ledger.
            if kills >= KILLS:
                break
        done = place.run(*words)
        assert done.returncode == 1, done.stderr
        assert told(place) == complete, f"ZHIHENG_KILL_SEED={seed}"
        assert not [p.name for p in place.folder.rglob(".receiving-*")]
    print(f"{kills} kills in {runs} ledgers, {mid_way} of {looks} looked at with some of the facts there")
    assert mid_way, "no kill was looked at in the middle of the work: the moments are badly chosen"


def _killed(
    place: Installation, words: tuple[str, ...], chance: random.Random, starts: float, works: float, *, word: str
) -> bool:
    """Start receiving and kill it: as soon as it tells the word, or at a random moment, one time in five while it is
    still starting; False where it was faster.
    """
    process = place.start(*words)
    assert process.stderr is not None
    if word:
        wait = 0.0 if any(word in line for line in process.stderr) else 60.0
    elif chance.random() < 0.2:
        wait = chance.uniform(0, starts)
    else:
        process.stderr.readline()
        # Rather early than late: so a ledger is killed several times before all of it is there.
        wait = chance.uniform(0, works * 0.7)
    try:
        process.communicate(timeout=wait)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.communicate()
        return True
    assert process.returncode == 1
    return False
