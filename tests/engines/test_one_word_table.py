"""结果、质量各有一张词表：别处再立一张，迟早说得不一样。"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from zhiheng.engines.naming import OUTCOMES as OUTCOME_WORDS
from zhiheng.engines.naming import QUALITIES as QUALITY_WORDS
from zhiheng.engines.naming import QUALITIES_SHORT
from zhiheng.grammar.types import OUTCOMES, QUALITIES

HOUSE = Path(__file__).resolve().parents[2] / "zhiheng"
# The codes, their words, and where a record says which value stands for which outcome.
HOMES = {
    HOUSE / "grammar" / "types.py",
    HOUSE / "engines" / "naming.py",
    HOUSE / "grammar" / "chapters" / "record_pages.py",
}
CODES = {"qualities": frozenset(QUALITIES), "outcomes": frozenset(OUTCOMES)}


def _is_chinese(text: object) -> bool:
    return isinstance(text, str) and any("\u4e00" <= letter <= "\u9fff" for letter in text)


def tables(path: Path, codes: frozenset[str]) -> Iterator[int]:
    """The lines at which a table (keys of a dictionary) or a list of just these codes is written."""
    text = path.read_text("utf-8")
    # Only a file that names every code can hold such a table: the others need not be taken apart.
    for node in ast.walk(ast.parse(text)) if all(code in text for code in codes) else ():
        if isinstance(node, ast.Dict):
            # What a quality looks like (an icon, a hue) is no word for it.
            if not any(isinstance(n, ast.Constant) and _is_chinese(n.value) for n in ast.walk(node)):
                continue
            parts = node.keys
        elif isinstance(node, ast.Tuple | ast.List | ast.Set):
            parts = list(node.elts)
        else:
            continue
        if len(parts) == len(codes) and {p.value for p in parts if isinstance(p, ast.Constant)} == codes:
            yield node.lineno


@pytest.mark.parametrize("meaning", CODES)
def test_词表只有一张(meaning: str) -> None:
    homes = [path for path in HOMES if list(tables(path, CODES[meaning]))]
    assert homes, "the home itself was not recognised: this test looks for the wrong thing"
    found = [
        f"{path.relative_to(HOUSE)}:{line}"
        for path in sorted(HOUSE.rglob("*.py"))
        if path not in HOMES and "migrations" not in path.parts
        for line in tables(path, CODES[meaning])
    ]
    assert found == []


def test_每个代号在词表里都有词() -> None:
    assert set(QUALITY_WORDS) == set(QUALITIES_SHORT) == set(QUALITIES)
    assert set(OUTCOME_WORDS) == set(OUTCOMES)
