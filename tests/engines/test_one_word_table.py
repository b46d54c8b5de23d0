"""结果、质量各有一张词表：别处再立一张，迟早说得不一样。"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from tests.code_once import HOUSE, files, nodes, text
from zhiheng.engines.naming import AUDIENCES, CADENCES, FACT_KINDS, QUALITIES_SHORT, ROLES, SEVERITIES
from zhiheng.engines.naming import OUTCOMES as OUTCOME_WORDS
from zhiheng.engines.naming import QUALITIES as QUALITY_WORDS
from zhiheng.grammar.chapters.record_pages import Volume
from zhiheng.grammar.types import OUTCOMES, QUALITIES, Audience, Severity
from zhiheng.grammar.types import ROLES as ROLE_CODES

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
    # Only a file that names every code can hold such a table: the others need not be taken apart.
    for node in nodes(path) if all(code in text(path) for code in codes) else ():
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
        for path in files()
        if path not in HOMES
        for line in tables(path, CODES[meaning])
    ]
    assert found == []


def test_每个代号在词表里都有词() -> None:
    assert set(QUALITY_WORDS) == set(QUALITIES_SHORT) == set(QUALITIES)
    assert set(OUTCOME_WORDS) == set(OUTCOMES)


# Tables that share their codes and say something else of them: what it is, and how the other one differs.
OTHER_MEANINGS = {
    frozenset({"engines/naming.py"}): "qualities whole and short, facts and acts",
    frozenset(
        {"desk/rulebook/chapters.py", "engines/blank_forms.py"}
    ): "types of fields: their names; how a cell is filled in",
    frozenset(
        {"engines/naming.py", "engines/blank_forms.py"}
    ): "parts of a value: their names; how a cell is filled in",
    frozenset(
        {"desk/staff/people.py", "pages/navigation.py"}
    ): "kinds of accounts: their names; the way back to their pages",
    frozenset({"desk/staff/audit.py", "grammar/trail_words.py"}): "fields of a form; details of a line",
    frozenset({"firm/views.py", "grammar/trail_words.py"}): "fields of a form; details of a line",
    frozenset({"pages/asked_words.py", "grammar/trail_words.py"}): "words of an address; details of a line",
    frozenset({"pages/design.py"}): "examples of a design page",
    frozenset({"engines/naming.py", "engines/workflow/guards.py"}): "bounds: words; words with what compares",
}


def word_tables() -> Iterator[tuple[str, int, frozenset[str]]]:
    """(file, line, codes) of every table that gives codes words in Chinese (in pairs, labels, mappings)."""
    for path in files():
        where = path.relative_to(HOUSE)
        if where.parts[0] == "demo":
            continue
        for node in nodes(path):
            if not isinstance(node, ast.Dict) or len(node.keys) < 3:
                continue
            codes = {key.value for key in node.keys if isinstance(key, ast.Constant) and isinstance(key.value, str)}
            words = all(
                isinstance(value, ast.Tuple | ast.Call | ast.Dict)
                and any(isinstance(n, ast.Constant) and _is_chinese(n.value) for n in ast.walk(value))
                for value in node.values
            )
            if words and len(codes) == len(node.keys):
                yield where.as_posix(), node.lineno, frozenset(codes)


def test_同一组代号只在一处有词() -> None:
    """Two tables of which one has all codes of the other say the same thing twice, and sooner or later differently."""
    found = list(word_tables())
    assert len(found) > 40, "too few tables were found: this test looks in the wrong place"
    twice = [
        f"{one[0]}:{one[1]} ~ {other[0]}:{other[1]}"
        for at, one in enumerate(found)
        for other in found[at + 1 :]
        if (one[2] <= other[2] or other[2] <= one[2]) and frozenset({one[0], other[0]}) not in OTHER_MEANINGS
    ]
    assert twice == [], "words stand in engines/naming.py, words with a look in pages/states.py"


def test_每种状态都有词() -> None:
    from zhiheng.ledger.models import Delivery, Fact
    from zhiheng.office.models import HeadingProposal, Objection, PublicationRequest, Upload
    from zhiheng.pages import states

    assert set(states.DELIVERIES) == {*Delivery.State.values, "skipped"}
    assert set(states.UPLOADS) == set(Upload.State.values)
    assert set(states.OBJECTIONS) == set(Objection.State.values)
    assert set(states.REQUESTS) == set(PublicationRequest.State.values)
    assert set(states.PROPOSALS) == set(HeadingProposal.State.values)
    assert set(FACT_KINDS) == set(Fact.Kind.values)
    assert set(AUDIENCES) == set(get_args(Audience))
    assert set(SEVERITIES) == set(get_args(Severity))
    assert set(CADENCES) == set(get_args(get_type_hints(Volume)["cadence"]))
    assert set(ROLES) == {*ROLE_CODES, "about"}
