"""Every verb that the house writes into its trails has words in both languages, found by reading the house's own
code.
"""

from __future__ import annotations

import ast
import datetime as dt
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from django.utils.translation import override

from tests.code_once import HOUSE, files, nodes, walked
from zhiheng.actions import audit
from zhiheng.actions.projections.refresh_projections import Refreshed
from zhiheng.desk.actor_names import told
from zhiheng.grammar.acts import ACTS, VERBS, Words, once
from zhiheng.grammar.trail_words import (
    ABOUT,
    ACTORS,
    COUNTED,
    DETAILS,
    LISTED,
    OF_BOTH,
    OF_THE_LEDGER,
    READINGS,
    VALUES,
    WHOLE,
    check_verb,
    verb_words,
)
from zhiheng.kernel.actor import SYSTEM
from zhiheng.ledger.models import AuditLine
from zhiheng.people.models import TrailLine

pytestmark = pytest.mark.slow

# The functions that write a line, and where their verb stands among what they are given.
WRITERS = {"note": 1, "note_as": 1, "note_daily": 1, "_note_failure": 1, "write": 1, "write_as": 1}
VERB = re.compile(r"[a-z]+\.[a-z_]+")


def written() -> Iterator[tuple[str, str, str]]:
    """(function, where, verb) of every call that writes a line; what is put together from parts has * for them."""
    for path in sorted(p for room in ("actions", "queries", "people", "cli") for p in (HOUSE / room).rglob("*.py")):
        for function in nodes(path):
            if not isinstance(function, ast.FunctionDef):
                continue
            for call in walked(function):
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
        for call in nodes(path):
            if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute | ast.Name):
                continue
            if (call.func.attr if isinstance(call.func, ast.Attribute) else call.func.id) not in WRITERS:
                continue
            for given in (*call.args, *(word.value for word in call.keywords)):
                for node in walked(given):
                    for key in node.keys if isinstance(node, ast.Dict) else ():
                        if isinstance(key, ast.Constant):
                            yield f"{path.name}:{call.lineno}", str(key.value)


def test_写进留痕的每个细节都有中英文_不露出程序里的名称() -> None:
    found = [*details(), *(("Refreshed", name) for name in Refreshed().as_json())]
    assert len(found) > 60, "no call was found: this test looks in the wrong place"
    assert [f"{where} {name}" for where, name in found if name not in DETAILS] == []


# What stands behind the verb is what a line is about; of a list it is the only thing that is said.
OF_A_LIST = {"note_list": 1}


def abouts() -> Iterator[tuple[str, str]]:
    """(where, what a line is about) of every call that writes a line, * for the parts that are put together."""
    rooms = ("actions", "people", "cli", "queries", "jobs")
    for path in sorted(p for room in rooms for p in (HOUSE / room).rglob("*.py")):
        for function in nodes(path):
            if not isinstance(function, ast.FunctionDef):
                continue
            for call in walked(function):
                if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute | ast.Name):
                    continue
                name = call.func.attr if isinstance(call.func, ast.Attribute) else call.func.id
                given = [word.value for word in call.keywords if word.arg in ("about", "otherwise")]
                if (place := OF_A_LIST.get(name, WRITERS.get(name, -1) + 1)) > 0:
                    given += call.args[place : place + 1]
                elif name != "note_reading":
                    continue
                for about in given:
                    for text in texts(about, function):
                        yield f"{path.name}:{call.lineno}", text


def has_words(about: str) -> bool:
    """Whether what a line is about is told in words: a kind of thing, something that is one of its kind, or so many."""
    counted = re.fullmatch(r"\* (\w+)", about)
    return about in WHOLE or about.partition(":")[0] in ABOUT or (counted is not None and counted[1] in COUNTED)


def test_写进留痕的每种对象都有中英文() -> None:
    found = [(where, about) for where, about in abouts() if about]
    assert len(found) > 60, "no call was found: this test looks in the wrong place"
    assert [f"{where} {about}" for where, about in found if not has_words(about)] == []


def actors() -> Iterator[tuple[str, str]]:
    """(where, id) of every actor that the house makes, * for the parts that are put together."""
    for path in files():
        for call in nodes(path):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Actor" and call.args:
                name = call.args[0]
                if isinstance(name, ast.Constant):
                    yield path.name, str(name.value)
                elif isinstance(name, ast.JoinedStr):
                    yield path.name, "".join(p.value if isinstance(p, ast.Constant) else "*" for p in name.values)


@pytest.mark.django_db(databases=["default", "people"])
def test_留痕中的每种操作人都有中英文() -> None:
    made = sorted({actor.replace("*", "17") for _, actor in actors()})
    assert {actor.partition(":")[0] for actor in made} == {"account", "cli", "public", "system", "token"}
    for language, mark in (("zh", r"[\u4e00-\u9fff]"), ("en", r"[a-z]+ ")):
        with override(language):
            said = told([*made, "cli:", "account:unknown", "account:17 for account:18"])
        assert [actor for actor, words in said.items() if actor and not re.search(mark, words)] == []


def test_读一份清单_与读一条事实说法不同() -> None:
    assert verb_words("fact.read", "fact:3") == verb_words("fact.read", "subject:7") == VERBS["fact.read"]
    for about in ("indicator:food_pass", "area:990101", "delivery:3", "signal:9"):
        assert verb_words("fact.read", about) == LISTED["fact.read"]
    assert verb_words("file.read", "subject:7") == VERBS["file.read"]
    assert verb_words("fact.invented", "fact:3") is None


def test_写进留痕的每个动词都有中英文() -> None:
    assert len(FOUND) > 50, "no call was found: this test looks in the wrong place"
    wordless = [
        f"{where} {verb}"
        for where, verb in FOUND
        if not any(re.fullmatch(re.escape(verb).replace(r"\*", "[a-z_]+"), known) for known in VERBS)
    ]
    assert wordless == [], "give these verbs words with their act in zhiheng/grammar/acts.py"


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
    """``audit.write`` chooses by the verb; all others write to the trail of people. Parts that are put together are
    tried with every verb.
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
        and known in OF_THE_LEDGER
        and name not in {"write", "write_as"}
    ]
    assert wrong == []


@pytest.mark.django_db(databases=["default", "people"])
@pytest.mark.parametrize("verb", sorted(VERBS))
def test_行为只用一个入口_动词决定写进哪一本(verb: str) -> None:
    audit.write_as(SYSTEM, verb, "fact:1", dt.datetime(2026, 3, 31, 4, tzinfo=dt.UTC), detail={"n": 1})
    here = (AuditLine.objects.filter(verb=verb).count(), TrailLine.objects.filter(verb=verb).count())
    assert here == ((1, 0) if verb in OF_THE_LEDGER | OF_BOTH else (0, 1))


@pytest.mark.django_db(databases=["default", "people"])
@pytest.mark.parametrize(
    ("verb", "words"),
    [
        ("fact.invented", {}),
        ("fact.correction", {"purpose": "更正"}),
        ("account.create", {"detail": {"password": "x"}}),
    ],
)
def test_写不得的一行_当场报错_哪一本都没有(verb: str, words: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"words|purpose|secret"):
        audit.write_as(SYSTEM, verb, "fact:1", dt.datetime(2026, 3, 31, 4, tzinfo=dt.UTC), **words)
    assert not AuditLine.objects.exists()
    assert not TrailLine.objects.exists()


def test_两本留痕各只有一处写() -> None:
    """``TrailLine`` is written by ``people/trail.py`` and ``AuditLine`` by ``actions/audit.py``; actions write through
    the second, and reads (queries) and sign-ins (people) through the first.
    """
    writes = {"create", "bulk_create", "get_or_create", "update_or_create", "save", "update", "delete", "bulk_update"}
    writers: dict[str, set[str]] = {"AuditLine": set(), "TrailLine": set()}
    importers = set()
    for path in files():
        where = path.relative_to(HOUSE).as_posix()
        for node in nodes(path):
            if isinstance(node, ast.Call):
                said = ast.unparse(node.func)
                for model, found in writers.items():
                    if said == model or (said.startswith(f"{model}.") and said.rsplit(".", 1)[-1] in writes):
                        found.add(where)
            if isinstance(node, ast.ImportFrom) and (
                node.module == "zhiheng.people.trail"
                or (node.module == "zhiheng.people" and any(name.name == "trail" for name in node.names))
            ):
                importers.add(where)
    assert writers == {"AuditLine": {"actions/audit.py"}, "TrailLine": {"people/trail.py"}}
    assert {where for where in importers if where.startswith("actions/")} == {"actions/audit.py"}
    assert {where.partition("/")[0] for where in importers} == {"actions", "queries", "people"}


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


@pytest.mark.parametrize("table", [VERBS, ABOUT, ACTORS, COUNTED, LISTED, WHOLE, DETAILS, VALUES])
def test_每个词中英文都在_没有程序的字样(table: Words) -> None:
    for key, (zh, en) in table.items():
        assert all((zh, en)), key
        assert not VERB.search(zh), f"{key}: {zh}"
        assert re.search(r"[\u4e00-\u9fff]", zh) or zh.isupper(), f"{key} has no Chinese word"


def test_一个动词或细节有两处说法_当场报错() -> None:
    words = {"token.end": ("吊销", "revoked")}
    assert once([words, {}, {"token.read": ("查看", "read")}]) == {**words, "token.read": ("查看", "read")}
    with pytest.raises(ValueError, match="words twice"):
        once([words, {"token.end": ("终止", "ended")}])
    assert len(VERBS) >= 134
    assert len(DETAILS) >= 100


def test_查看一类的动词都在表里_不与行为表混为一谈() -> None:
    assert set(READINGS) <= set(VERBS)
    assert {act for act in ("file.read", "fact.read") if act in ACTS} == {"file.read", "fact.read"}
