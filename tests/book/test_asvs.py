"""The table of ASVS names every requirement of levels 1 and 2 once, counts right, and points to files that are there."""

from __future__ import annotations

import re
from collections import Counter

from tests.conftest import ROOT

PAGE = ROOT / "docs" / "reference" / "asvs.md"
STATES = ("yes", "no", "n/a", "operator")
# How many requirements of levels 1 and 2 each section of ASVS 5.0.0 has; they are the first of their section.
_SECTIONS = """
1.1:2 1.2:9 1.3:11 1.4:3 1.5:2 2.1:3 2.2:3 2.3:4 2.4:1 3.2:2 3.3:4 3.4:6 3.5:5 3.7:2 4.1:3 4.2:1 4.3:2 4.4:4
5.1:1 5.2:3 5.3:2 5.4:3 6.1:3 6.2:12 6.3:4 6.4:4 6.5:5 6.6:3 6.8:4 7.1:3 7.2:4 7.3:2 7.4:5 7.5:2 7.6:2
8.1:2 8.2:3 8.3:1 8.4:1 9.1:3 9.2:4 10.1:2 10.2:2 10.3:4 10.4:11 10.5:5 10.6:2 10.7:3
11.1:2 11.2:3 11.3:3 11.4:4 11.5:1 11.6:1 12.1:3 12.2:2 12.3:4 13.1:1 13.2:5 13.3:2 13.4:5
14.1:2 14.2:4 14.3:3 15.1:3 15.2:3 15.3:7 16.1:1 16.2:5 16.3:4 16.4:3 16.5:3 17.1:1 17.2:4 17.3:2
"""
SECTIONS = {section: int(many) for section, _, many in (pair.partition(":") for pair in _SECTIONS.split())}


def rows() -> list[list[str]]:
    """The cells of each requirement: number, level, what, state, evidence, note."""
    lines = PAGE.read_text("utf-8").splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if re.match(r"\| \d+\.", line)]


def test_一级二级的每一项都在_只有一次() -> None:
    wanted = [f"{section}.{number}" for section, most in SECTIONS.items() for number in range(1, most + 1)]
    assert len(wanted) == 253
    assert [row[0] for row in rows()] == wanted
    assert Counter(row[1] for row in rows()) == {"1": 70, "2": 183}


def test_每一项有说法_做到的有依据_没有做到的写明缺什么_所指的文件都在() -> None:
    for number, _, what, state, evidence, note in rows():
        assert what, number
        assert state in STATES, number
        named = re.findall(r"\]\(\.\./\.\./([^)]+)\)", evidence)
        assert all((ROOT / path).is_file() for path in named), (number, named)
        assert named or state in ("no", "n/a"), number
        assert named or note or state == "n/a", number


def test_开头的合计与表中一致() -> None:
    counted = Counter((row[1], row[3]) for row in rows())
    for level in "12":
        numbers = [counted[level, state] for state in STATES]
        line = f"| {level} | {' | '.join(map(str, [*numbers, sum(numbers)]))} |"
        assert line in PAGE.read_text("utf-8"), line
