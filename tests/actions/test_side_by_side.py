"""Two processes receive at the same time: both succeed, the chain is whole, no fact is there twice."""

from __future__ import annotations

import orjson
import pytest

from tests.places import SAMPLING, Installation, sampling_row, write_csv

pytestmark = [pytest.mark.database, pytest.mark.slow]


def outcome(place: Installation) -> dict[str, int | bool]:
    """Whether the ledger is whole, and how many facts and different bodies it has."""
    program = (
        "import orjson; from zhiheng.cli.session import set_up; set_up(); from zhiheng.ledger.models import *; "
        "from zhiheng.ledger.verify import verify; "
        "print(orjson.dumps({'whole': verify().whole, 'facts': Fact.objects.count(), "
        "'bodies': Fact.objects.values('body').distinct().count(), 'deliveries': Delivery.objects.count(), "
        "'aliases': Alias.objects.count(), 'names': Alias.objects.values('name').distinct().count()}).decode())"
    )
    done = place.run("-c", program)
    assert done.returncode == 0, done.stderr
    return orjson.loads(done.stdout)


@pytest.mark.parametrize("same", [False, True], ids=["重叠的两个文件", "同一个文件"])
def test_两个进程同时在新台账上接收(new_installation: Installation, same: bool) -> None:
    ranges = [range(900), range(900)] if same else [range(900), range(500, 1400)]
    processes = []
    for number, some in enumerate(ranges):
        path = new_installation.folder / ("同.csv" if same else f"{number}.csv")
        if not path.exists():
            write_csv(path, SAMPLING, [sampling_row(i) for i in some])
        processes.append(
            new_installation.start("receive", str(path), "--from", "test_market", "--confirm-volume", "--json")
        )
    told = [process.communicate(timeout=600) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], [error for _, error in told]
    results = [orjson.loads(out)[0] for out, _ in told]
    total = len({i for some in ranges for i in some})
    assert sum(r["facts"] for r in results) == total
    assert all(r["rows"] == r["facts"] + r["duplicates"] + r["refused"] == 900 for r in results)
    end = outcome(new_installation)
    assert (end["whole"], end["facts"], end["bodies"]) == (True, total, total)
    assert end["aliases"] == end["names"]
