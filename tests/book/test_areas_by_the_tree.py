"""谁在谁下面只由规则书的树说：程序里不切代码，也不认“街道”这样的级。"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2] / "zhiheng"
# A code of an area that is cut, compared by its beginning, or asked for its length.
CUT = re.compile(
    r"\b(?:area|areas|place|division|district|node|child|street)(?:_code|\.code|\.area)?"
    r"(?:\[:-?\d+\]|\.startswith\(|\.left\(|\.removeprefix\()"
    r"|len\((?:area|node|child|division)(?:_code|\.code|\.area)\)|len\((?:area|division)\)|area\w*__startswith|area:\d"
)
# Comments, and what a chapter of the book says of its fields.
TOLD = re.compile(r"\s*#|.*description=")
WORD = re.compile("街道|乡镇")
# Where a national standard or the Chinese language is meant, each says so where it stands; the demonstration invents the
# one place that it is about.
OF_THE_NATION = {
    "engines/identity/places.py": "GB/T 2260",
    "engines/identity/index.py": "GB/T 2260 by places.py",
    "engines/identity/matcher.py": "GB/T 2260 by places.py",
}
OF_THE_LANGUAGE = {
    "engines/identity/names.py",
    "engines/identity/matcher.py",
    "engines/identity/places.py",
    "kernel/fields/party.py",
    "reading/rows.py",
    "reading/refusals.py",
    # The page on which the parts of pages are shown writes invented examples.
    "pages/design.py",
}


def lines() -> list[tuple[str, str]]:
    """Every line of the machine that is no comment: (file, line), without docstrings of one line."""
    found = []
    for file in sorted(ROOT.rglob("*.py")):
        name = file.relative_to(ROOT).as_posix()
        if "migrations" in name or "node_modules" in name or name.startswith("demo/"):
            continue
        text = re.sub(r'"""[\s\S]*?"""', "", file.read_text("utf-8"))
        found += [(name, line) for line in text.split("\n") if not TOLD.match(line)]
    return found


def test_程序不切区划代码_不认级的名称() -> None:
    every = lines()
    cut = [f"{name}: {line.strip()}" for name, line in every if CUT.search(line) and name not in OF_THE_NATION]
    assert cut == []
    told = {name for name, line in every if WORD.search(line)}
    assert told <= OF_THE_LANGUAGE, told - OF_THE_LANGUAGE


def test_没有一处例外是多余的() -> None:
    assert all((ROOT / name).is_file() for name in {*OF_THE_NATION, *OF_THE_LANGUAGE})


@pytest.mark.parametrize(
    "line",
    [
        "facts.area.left(6)",
        "if area.code.startswith(asked.area)",
        "place[:4]",
        "len(area.code) == 6",
        "Q(area__startswith=code)",
        'by=("area:6",)',
        "filter(card_area__startswith=code)",
    ],
)
def test_这样写的查得出(line: str) -> None:
    assert CUT.search(line)
