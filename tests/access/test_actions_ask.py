"""Every action asks before it acts, and asks for acts that exist: read from the code itself."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tests.code_once import HOUSE, files_with_migrations, nodes, text, tree, walked
from zhiheng.grammar.acts import ACTS

# What changes the world, and what reads it with access: both ask.
ROOMS = (HOUSE / "actions", HOUSE / "queries")
# A scope of somebody who may not shows nothing, so a list that is narrowed by one has asked too.
ASKS = {"require", "require_somewhere", "scope"}
# Where acts are declared, and where the beginnings of a day name theirs: that is no asking.
DECLARED = {HOUSE / "grammar" / "acts.py", HOUSE / "grammar" / "chapters" / "roles.py"}
# The arguments by which a function is told who asks.
ASKERS = {"actor", "call"}
NAMES_AN_ACT = {"may", "require", "require_somewhere", "scope", "units", "areas", "door"}
# What writes the trail itself is called by actions that have asked.
NO_VERBS = {"audit"}
# Functions that take an actor and ask nothing, and why that is right.
OWN_ONLY = {
    ("own_file", "subject_of"): "says which enterprise the actor itself belongs to",
    ("own_file", "name_of"): "says what the actor's own enterprise is called",
    ("people", "own"): "shows an account to its own holder",
    ("people", "unit_of"): "says what the unit of the own account is called",
    ("people", "who_gives_roles"): "tells somebody without a role whom of the own unit to ask, by name",
    ("credit", "institution"): "says for which institution the actor itself reads",
    ("case_people", "persons_of"): "says as whom the actor could act in a case, asking right by right; guards refuse",
    ("case_people", "access_refusals"): "tells why the actor has none of the rights of an act",
    (
        "remind",
        "hours_have_come",
    ): "tells the worker's clock that something waits; who is reminded is asked right by right",
    ("access_acts", "access_is_untold"): "tells the worker's clock that something waits; the task that tells it asks",
    (
        "case_batches",
        "acts_of",
    ): "of a batch that was asked for before (chosen): only its owner's, act by act by guards",
    ("case_batches", "assignable"): "of a batch that was asked for before (chosen), and counts only where it may",
    ("case_batches", "cases_of"): "of a batch that was asked for before (chosen): the owner's own choice",
    ("cases", "act_to_choose"): "puts words to an act of a standing that was asked for before",
    ("cases", "chosen_acts"): "names acts of the page of a standing that was asked for before",
    ("cases", "why_not"): "says why an act of a standing that was asked for before is refused, right by right",
    ("known_cases", "subjects_of"): "says for which enterprises the actor itself speaks",
    ("cases", "in_list"): "puts words to rows that were narrowed before",
    ("line_writer", "acts_together"): "opens a transaction; each act that is written in it asks by itself",
    ("register_webhook", "of_owner"): "lists what the actor registered itself",
    ("issue_token", "make_token"): "makes a key whose order was asked for and checked before, by whoever calls it",
    ("remake_entries", "differing_entries"): "a part of verifying the ledger, which has asked (verify_ledger)",
    (
        "__init__",
        "may_run",
    ): "of the checks of the data: says whether the actor may; the page and the command ask by it",
    ("readings", "note_reading"): "writes down what was read by a query that has asked",
    ("readings", "note_list"): "writes down what was read by a query that has asked",
    ("second_person", "alone"): "says whether who makes the call needs no second person",
    ("second_person", "may_confirm"): "is itself the question whether somebody may confirm",
    ("second_person", "may_confirm_role"): "is itself the question whether somebody may confirm",
    ("second_person", "may_confirm_key"): "is itself the question whether somebody may confirm",
}


def functions(path: Path) -> dict[str, ast.FunctionDef]:
    """The functions of a module by name."""
    return {node.name: node for node in tree(path).body if isinstance(node, ast.FunctionDef)}


def arguments(node: ast.FunctionDef) -> set[str]:
    """The names of a function's arguments."""
    return {a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)}


def imported(path: Path) -> dict[str, tuple[Path, str]]:
    """Name in the module -> (the file of actions or queries, the name there; "" where the name is the module
    itself).
    """
    found = {}
    for node in nodes(path):
        if (
            isinstance(node, ast.ImportFrom)
            and node.module
            and node.module.startswith(("zhiheng.actions", "zhiheng.queries"))
        ):
            place = HOUSE.parent.joinpath(*node.module.split("."))
            for alias in node.names:
                # A module of a package, or a name of a module.
                inside = place / f"{alias.name}.py"
                found[alias.asname or alias.name] = (
                    (inside, "") if inside.exists() else (place.with_suffix(".py"), alias.name)
                )
    return found


def called(found: Iterable[ast.AST]) -> Iterator[tuple[str, str, ast.Call]]:
    """(module, function, call) of every call by name among nodes."""
    for call in found:
        if isinstance(call, ast.Call):
            if isinstance(call.func, ast.Name):
                yield "", call.func.id, call
            elif isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name):
                yield call.func.value.id, call.func.attr, call


def asks(path: Path, name: str, seen: frozenset[tuple[Path, str]] = frozenset()) -> bool:
    """Whether a function asks, itself or through a function of the actions to which it hands the actor."""
    if (path, name) in seen or not path.exists():
        return False
    node = functions(path).get(name) or next(
        (n for n in tree(path).body if isinstance(n, ast.ClassDef) and n.name == name), None
    )
    if node is None:
        return False
    from_elsewhere = imported(path)
    for module, function, call in called(walked(node)):
        if module == "access" and function in ASKS:
            return True
        handed = {
            n.id for a in (*call.args, *(k.value for k in call.keywords)) for n in walked(a) if isinstance(n, ast.Name)
        }
        if not handed & ASKERS:
            continue
        target = from_elsewhere.get(function) if not module else None
        if module in from_elsewhere:
            target = (from_elsewhere[module][0], function)
        if not module and function in functions(path):
            target = (path, function)
        if target is not None and asks(*target, seen | {(path, name)}):
            return True
    return False


VERBS = [
    (path, name)
    for room in ROOMS
    for path in sorted(room.rglob("*.py"))
    if path.stem not in NO_VERBS
    for name, node in functions(path).items()
    if not name.startswith("_") and arguments(node) & ASKERS and (path.stem, name) not in OWN_ONLY
]


def test_行为和查询都找得到() -> None:
    """This test would pass on nothing if it looked in the wrong place: rooms move."""
    rooms = {path.relative_to(HOUSE).parts[0] for path, _ in VERBS}
    assert rooms == {room.name for room in ROOMS}
    assert len(VERBS) >= 135


@pytest.mark.parametrize(("path", "name"), VERBS, ids=[f"{p.stem}.{n}" for p, n in VERBS])
def test_每个带行为人的行为都先问能不能(path: Path, name: str) -> None:
    assert asks(path, name), f"{path.name}: {name} takes an actor and never asks access.require"


WRITES = {
    "save",
    "create",
    "update",
    "delete",
    "bulk_create",
    "bulk_update",
    "get_or_create",
    "update_or_create",
    "enqueue",
}


@pytest.mark.parametrize("path", sorted((HOUSE / "queries").rglob("*.py")), ids=lambda path: path.stem)
def test_查询只读不写(path: Path) -> None:
    """A query writes nothing but lines of the trail, which ``people.trail`` and ``CreditRead.note`` write for it."""
    written = [
        f"{path.name}:{node.lineno} {node.func.attr}"
        for node in nodes(path)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES
        # A dictionary is updated by a value, rows of a table by named columns.
        if node.func.attr != "update" or (node.keywords and not node.args)
    ]
    assert written == []


def test_问了和没问_都认得出来(tmp_path: Path) -> None:
    page = tmp_path / "act.py"
    page.write_text(
        "def asked(actor): access.require(actor, 'x')\ndef through(actor): asked(actor=actor)\n"
        "def never(actor): asked(somebody)\ndef circle(actor): circle(actor)\n",
        "utf-8",
    )
    assert [asks(page, name) for name in ("asked", "through", "never", "circle")] == [True, True, False, False]


def named_acts() -> Iterator[tuple[str, str]]:
    """(file and line, act) wherever the code names one."""
    for path in files_with_migrations():
        # Only a file that names the function can call it: the others need not be taken apart.
        for module, function, call in called(nodes(path)) if any(name in text(path) for name in NAMES_AN_ACT) else ():
            known = (module == "access" and function in NAMES_AN_ACT - {"door"}) or (not module and function == "door")
            for word in call.args if known else ():
                if isinstance(word, ast.Constant) and isinstance(word.value, str):
                    yield f"{path.relative_to(HOUSE)}:{call.lineno}", word.value


def names_an_act(path: Path) -> bool:
    """Whether the text of a file holds the name of any act: the others need not be taken apart."""
    return any(f'"{act}"' in text(path) for act in ACTS)


@pytest.mark.slow
def test_代码里写到的行为都在行为表里() -> None:
    found = list(named_acts())
    assert len(found) > 50, "no act was found: this test looks in the wrong place"
    assert [place for place, act in found if act != "public" and act not in ACTS] == []


def test_行为表里的每个行为都有人问() -> None:
    """An act that nothing asks for is a promise in the book that the machine does not keep."""
    texts = {
        node.value
        for path in files_with_migrations()
        if path not in DECLARED and names_an_act(path)
        for node in nodes(path)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert sorted(set(ACTS) - texts) == []


def test_不用问的都还在_而且不问() -> None:
    for module, name in OWN_ONLY:
        (path,) = (p for room in ROOMS for p in room.rglob(f"{module}.py") if name in functions(p))
        assert arguments(functions(path)[name]) & ASKERS
        assert not asks(path, name), f"{module}.{name} asks now: take it out of OWN_ONLY"
