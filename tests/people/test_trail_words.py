"""Every verb that the house writes into its trails has words in both languages, found by reading the house's own
code.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from zhiheng.actions.projections.refresh_projections import Refreshed
from zhiheng.grammar.chapters.roles import ACTS
from zhiheng.grammar.trail_words import (
    ABOUT,
    DETAILS,
    OF_BOTH,
    OF_THE_LEDGER,
    READINGS,
    VALUES,
    VERBS,
    WHOLE,
    Words,
    check_verb,
)

pytestmark = pytest.mark.slow

HOUSE = Path(__file__).parents[2] / "zhiheng"
# The functions that write a line, and where their verb stands among what they are given.
WRITERS = {"note": 1, "note_daily": 1, "_note_failure": 1, "write": None}
VERB = re.compile(r"[a-z]+\.[a-z_]+")


def written() -> Iterator[tuple[str, str, str]]:
    """(function, where, verb) of every call that writes a line; what is put together from parts has * for them."""
    for path in sorted(p for room in ("actions", "queries", "people", "cli") for p in (HOUSE / room).rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        for function in ast.walk(tree):
            if not isinstance(function, ast.FunctionDef):
                continue
            for call in ast.walk(function):
                if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute | ast.Name):
                    continue
                name = call.func.attr if isinstance(call.func, ast.Attribute) else call.func.id
                if name not in WRITERS:
                    continue
                place = WRITERS[name]
                given = [word.value for word in call.keywords if word.arg == "verb"]
                given += call.args[place : place + 1] if place is not None else []
                for verb in given:
                    for text in texts(verb, function):
                        yield name, f"{path.name}:{call.lineno}", text


def texts(verb: ast.expr, function: ast.FunctionDef) -> Iterator[str]:
    """The texts that an expression can be: itself, its parts with a * between, or what the function gives a name."""
    if isinstance(verb, ast.Constant) and isinstance(verb.value, str):
        yield verb.value
    elif isinstance(verb, ast.IfExp):
        yield from texts(verb.body, function)
        yield from texts(verb.orelse, function)
    elif isinstance(verb, ast.JoinedStr):
        yield "".join(part.value if isinstance(part, ast.Constant) else "*" for part in verb.values)
    elif isinstance(verb, ast.Name):
        for assigned in ast.walk(function):
            if isinstance(assigned, ast.Assign) and any(
                isinstance(t, ast.Name) and t.id == verb.id for t in assigned.targets
            ):
                yield from texts(assigned.value, function)


CALLS = sorted(set(written()))
FOUND = [(where, verb) for _, where, verb in CALLS]


def details() -> Iterator[tuple[str, str]]:
    """(where, name) of every detail that is named in a call that writes a line."""
    rooms = ("actions", "people", "cli", "queries", "jobs")
    for path in sorted(p for room in rooms for p in (HOUSE / room).rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute | ast.Name):
                continue
            if (call.func.attr if isinstance(call.func, ast.Attribute) else call.func.id) not in WRITERS:
                continue
            for given in (*call.args, *(word.value for word in call.keywords)):
                for node in ast.walk(given):
                    for key in node.keys if isinstance(node, ast.Dict) else ():
                        if isinstance(key, ast.Constant):
                            yield f"{path.name}:{call.lineno}", str(key.value)


def test_写进留痕的每个细节都有中英文_不露出程序里的名称() -> None:
    found = [*details(), *(("Refreshed", name) for name in Refreshed().as_json())]
    assert len(found) > 60, "no call was found: this test looks in the wrong place"
    assert [f"{where} {name}" for where, name in found if name not in DETAILS] == []


def test_写进留痕的每个动词都有中英文() -> None:
    assert len(FOUND) > 50, "no call was found: this test looks in the wrong place"
    wordless = [
        f"{where} {verb}"
        for where, verb in FOUND
        if not any(re.fullmatch(re.escape(verb).replace(r"\*", "[a-z_]+"), known) for known in VERBS)
    ]
    assert wordless == [], "give these verbs words in zhiheng/grammar/trail_words.py"


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_每个动词只进一本留痕_写错了当场报错(verb: str) -> None:
    taken = []
    for of_the_ledger in (True, False):
        with suppress(ValueError):
            check_verb(verb, of_the_ledger=of_the_ledger)
            taken.append(of_the_ledger)
    assert taken == ([True, False] if verb in OF_BOTH else [verb in OF_THE_LEDGER])


def test_没有的动词写不进留痕() -> None:
    for of_the_ledger in (True, False):
        with pytest.raises(ValueError, match="has no words"):
            check_verb("fact.invented", of_the_ledger=of_the_ledger)


def test_各处写的动词_都写在它该在的那本() -> None:
    """``write`` is that of the ledger's trail, all others that of people; parts that are put together are tried with
    every verb.
    """
    wrong = [
        f"{where} {verb}"
        for name, where, verb in CALLS
        for known in VERBS
        if re.fullmatch(
            re.escape(verb).replace(
                r"\*", "(correction|withdrawal|accepted|held|refused|same|different|merge|split|undo)"
            ),
            known,
        )
        and known not in OF_BOTH
        and (known in OF_THE_LEDGER) != (name == "write")
    ]
    assert wrong == []


def test_各种组成的动词一个不缺() -> None:
    """What the parts of the verbs that are put together can be: kinds of facts, states of deliveries, decisions and
    identity acts.
    """
    parts = {
        "fact": ("correction", "withdrawal"),
        "delivery": ("accepted", "held", "refused"),
        "likely": ("same", "different"),
        "subjects": ("merge", "split", "undo"),
        "publication": ("publish", "reject"),
        "acting": ("begin", "end"),
        "session": ("refused", "locked"),
    }
    assert [f"{kind}.{part}" for kind, some in parts.items() for part in some if f"{kind}.{part}" not in VERBS] == []


@pytest.mark.parametrize("table", [VERBS, ABOUT, WHOLE, DETAILS, VALUES])
def test_每个词中英文都在_没有程序的字样(table: Words) -> None:
    for key, (zh, en) in table.items():
        assert all((zh, en)), key
        assert not VERB.search(zh), f"{key}: {zh}"
        assert re.search(r"[\u4e00-\u9fff]", zh) or zh.isupper(), f"{key} has no Chinese word"


def test_查看一类的动词都在表里_不与行为表混为一谈() -> None:
    assert set(READINGS) <= set(VERBS)
    assert {act for act in ("file.read", "fact.read") if act in ACTS} == {"file.read", "fact.read"}
