"""Only ``zhiheng.database`` knows which database is at hand; two locks never share a number."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from zhiheng.database.locks import Lock

HOUSE = Path(__file__).resolve().parents[2] / "zhiheng"
# What belongs to the room: the name of the database, the driver's own connection, and the statements that one database
# alone has.
_OWN = re.compile(
    r"\.vendor\b|connection\.connection\b|pg_advisory|MAX\(id\), 0\) \+ 1|\bANALYZE\b|COPY \{|class AssignedId"
)


def _elsewhere() -> list[Path]:
    return [
        path
        for path in sorted(HOUSE.rglob("*.py"))
        if "migrations" not in path.parts and (HOUSE / "database") not in path.parents
    ]


@pytest.mark.slow
def test_no_other_room_asks_which_database_is_at_hand() -> None:
    told = [
        f"{path.relative_to(HOUSE)}:{number}: {line.strip()}"
        for path in _elsewhere()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if _OWN.search(line)
    ]
    assert len(_elsewhere()) > 300
    assert told == []


@pytest.mark.parametrize("written", ["if connection.vendor == 'sqlite':", 'cursor.execute(f"ANALYZE {table}")'])
def test_the_search_finds_what_it_forbids(written: str) -> None:
    assert _OWN.search(written)


def test_the_numbers_of_locks_are_those_of_installations_that_run() -> None:
    """A process of the version before must wait for one of this version: they share databases while one is replaced by
    the other.
    """
    assert {lock.name: lock.value for lock in Lock} == {
        "LEDGER": 0x5A48,
        "TABLES": 0x5A49,
        "PROJECTIONS": 0x5A4A,
        "QUEUE": 0x5A51,
        "CASES": 0x5A52,
        "SIGNALS": 0x5A53,
        "LOG": 0x5A54,
    }
