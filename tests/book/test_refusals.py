"""Every sentence that refuses or doubts something stands once and is used: in the catalogue of its room, or, where one
verb or one type of field alone says it, in a function of that module.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

import pytest

from tests.code_once import files, files_with_migrations, nodes, tree, walked

ROOT = Path(__file__).resolve().parents[2]
CATALOGUES = {path.relative_to(ROOT).as_posix(): tree(path) for path in files() if path.name == "refusals.py"}
# Modules that hold such sentences though they are no catalogue, and why.
ELSEWHERE = {
    "zhiheng/kernel/doubts.py": "the doubts that a row of the ledger keeps by their code: a table by code, of flags only",
}
# Whose modules may keep the sentences that they alone say: verbs of a subject, and types of fields.
KEEPERS = re.compile(r"zhiheng/(?:actions/[a-z_]+|kernel/fields)/(?!__init__|refusals)[a-z_]+\.py")
# A code that several catalogues use, because programs treat it alike wherever it comes from.
SHARED = {
    "access.area": "outside of the area that the account reaches, whoever notices it",
    "account.absent": "no account with this number: to those who look and to those who change",
    "area.unknown": "a code of an area that the book does not have",
    "cell.too_long": "a cell of any file, whether its field or its reader finds it",
    "correction.same": "a correction that changes nothing, of a fact or of what is published of it",
    "delivery.absent": "no delivery with this number, on whichever way it was asked for",
    "enterprise.absent": "no enterprise with this number, inside and to the public",
    "entry.absent": "no published entry with this number, inside and to the public",
    "fact.absent": "no fact with this number, to those who look and to those who change",
    "fact.withdrawal": "a fact that is a withdrawal, before and while it is corrected",
    "file.absent": "a file, of an enterprise or on the disk, that is not there",
    "file.unreadable": "a file that the disk does not give, when it is kept and when it is read",
    "publication.gone": "an entry that is not shown any more, in a request and when it is decided",
    "purpose.needed": "a purpose that has to be stated before something is shown or written",
    "reason.needed": "a reason that has to be stated; each sentence names the act it is for",
    "record.unknown": "a record that the book does not have any more",
    "request.absent": "no request with this number, to those who look and to those who decide",
    "subject.absent": "no subject with this number, in whichever list",
    "unit.unknown": "a code of a unit that the book does not have",
    "withdrawal.cause": "a cause that has to be chosen, whoever takes something down",
    "withdrawal.reason": "a reason that has to be stated, whoever takes something down",
}


def called(node: ast.Call) -> str:
    """The name of what is called, without its module."""
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def texts(node: ast.expr) -> list[str]:
    """What an expression can say, with ``{}`` for every value in it."""
    match node:
        case ast.Constant(value=str() as said):
            return [said]
        case ast.JoinedStr(values=values):
            return ["".join(parts) for parts in itertools.product(*map(texts, values))]
        case ast.FormattedValue(value=ast.IfExp() as inner):
            return texts(inner)
        case ast.IfExp(body=body, orelse=orelse):
            return [*texts(body), *texts(orelse)]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return [a + b for a, b in itertools.product(texts(left), texts(right))]
    return ["{}"]


def sentences(found: Iterable[ast.AST]) -> Iterator[ast.Call]:
    """The calls that make a refusal or a flag with words of their own (not those of a book or another refusal)."""
    for node in found:
        if not (isinstance(node, ast.Call) and called(node) in ("Refusal", "Flag") and len(node.args) > 2):
            continue
        if any(re.search(r"\w", text.replace("{}", "")) for arg in node.args[1:3] for text in texts(arg)):
            yield node


def kept(top: ast.Module) -> list[ast.FunctionDef]:
    """The functions of a module that are a sentence of its own: undecorated, and nothing but ``return Refusal(…)``."""
    return [
        function
        for function in top.body
        if isinstance(function, ast.FunctionDef)
        and not function.decorator_list
        and isinstance(function.returns, ast.Name)
        and function.returns.id == "Refusal"
        and len(function.body) == 1
        and isinstance(said := function.body[0], ast.Return)
        and isinstance(said.value, ast.Call)
        and said.value in list(sentences([said.value]))
    ]


def catalogue_of(path: str) -> str:
    """The catalogue to which the sentences of a module belong: itself, or that of the folder."""
    return f"{path.rpartition('/')[0]}/refusals.py"


SAID = {
    **{
        path: [function for function in catalogue.body if isinstance(function, ast.FunctionDef)]
        for path, catalogue in CATALOGUES.items()
    },
    **{
        where: kept(tree(path))
        for path in files()
        if KEEPERS.fullmatch(where := path.relative_to(ROOT).as_posix()) and catalogue_of(where) in CATALOGUES
    },
}


def entries() -> Iterator[tuple[str, str, ast.Call]]:
    """File, function and the call, of every sentence that stands where it may."""
    for path, functions in SAID.items():
        for function in functions:
            for call in sentences(walked(function)):
                yield path, function.name, call


def outside(path: str, top: ast.Module) -> list[int]:
    """The lines of a module at which a sentence stands where none may."""
    allowed = {id(call) for function in SAID.get(path, ()) for call in sentences(walked(function))}
    return [call.lineno for call in sentences(walked(top)) if id(call) not in allowed]


def test_没有哪句退回写在目录之外() -> None:
    planted = ast.parse('raise Refused(Refusal("a.b", f"没有“{name}”；请核对。", "There is none; check it."))')
    assert len(list(sentences(walked(planted)))) == 1
    found = [
        f"{where}:{line}"
        for path in files_with_migrations()
        if path.name != "refusals.py" and (where := path.relative_to(ROOT).as_posix()) not in ELSEWHERE
        for line in outside(where, tree(path))
    ]
    assert found == [], "make it a function that only returns the sentence, in the refusals.py of the room"


SENTENCE = 'Refusal("a.b", "没有；请核对。", "There is none; check it.")'


@pytest.mark.parametrize(
    ("code", "names"),
    [
        (f"def none_left() -> Refusal:\n    return {SENTENCE}", ["none_left"]),
        (f"def act(call):\n    raise Refused({SENTENCE})", []),
        (f"def act(call) -> Refusal:\n    call.write()\n    return {SENTENCE}", []),
        (f"def act(call) -> Refusal | None:\n    return {SENTENCE}", []),
        (f"@lru_cache\ndef none_left() -> Refusal:\n    return {SENTENCE}", []),
        (f"def none_left() -> Refusal:\n    return refusals.none_left({SENTENCE})", []),
        (f"class Act:\n    def none_left(self) -> Refusal:\n        return {SENTENCE}", []),
        (f"NONE_LEFT = {SENTENCE}", []),
    ],
)
def test_行为自己的退回_只能是一个只说这一句的函数(code: str, names: list[str]) -> None:
    assert [function.name for function in kept(ast.parse(code))] == names


def test_别处也说的一句_归目录不归一个行为(tmp_path: Path) -> None:
    own = {path: {function.name for function in SAID[path]} for path in SAID if path not in CATALOGUES}
    assert len(own) > 150, "too few verbs and types of fields were found: this test looks in the wrong place"
    planted = tmp_path / "planted.py"
    planted.write_text(
        "from zhiheng.actions.accounts.end import no_key\nfrom zhiheng.actions.accounts import end as ending\n"
        "ending.no_key()\n",
        "utf-8",
    )
    assert list(borrowed(planted, {"zhiheng/actions/accounts/end.py": {"no_key"}})) == ["no_key", "no_key"]
    found = {path.relative_to(ROOT).as_posix(): names for path in files() if (names := [*borrowed(path, own)])}
    assert found == {}, "two modules say it: put the sentence into the refusals.py of the folder"


def borrowed(path: Path, own: Mapping[str, Collection[str]]) -> Iterator[str]:
    """The sentences of other modules that a module takes from them."""
    modules = {}
    for node in nodes(path):
        if isinstance(node, ast.ImportFrom) and node.module:
            place = node.module.replace(".", "/")
            for name in node.names:
                if name.name in own.get(f"{place}.py", ()):
                    yield name.name
                modules[name.asname or name.name] = f"{place}/{name.name}.py"
    for node in nodes(path):
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.attr in own.get(modules.get(node.value.id, ""), ())
        ):
            yield node.attr


def test_例外都还用得着() -> None:
    unneeded = [path for path in ELSEWHERE if not any(sentences(nodes(ROOT / path)))]
    assert unneeded == []


def test_同一句话只写一次() -> None:
    homes = defaultdict(set)
    for path, name, call in entries():
        code, zh, en = (tuple(texts(arg)) for arg in call.args[:3])
        if zh != ("{}",):
            homes[code, zh, en].add(f"{path}:{name}")
    assert [sorted(where) for where in homes.values() if len(where) > 1] == []


def test_同一代码只在一个目录里_共用的写明为什么() -> None:
    homes = defaultdict(set)
    for path, _, call in entries():
        for code in texts(call.args[0]):
            if "{}" not in code:
                homes[code].add(catalogue_of(path))
    assert {code: sorted(where) for code, where in homes.items() if len(where) > 1 and code not in SHARED} == {}
    assert [code for code in SHARED if len(homes[code]) < 2] == [], "no longer shared: take it out of the table"


def test_每句有中英文_以句号或所说的原因结尾() -> None:
    wrong = []
    for path, name, call in entries():
        for zh in texts(call.args[1]):
            if not re.search(r"([。？]|：\{\}|\{\})$", zh) or (zh != "{}" and not re.search(r"[一-鿿]", zh)):
                wrong.append((path, name, zh))
        for en in texts(call.args[2]):
            if not re.search(r"([.?]|: \{\}|\{\})$", en) or re.search(r"[，。；：]", en):
                wrong.append((path, name, en))
    assert wrong == []


@pytest.mark.slow
def test_目录里没有不用的句子() -> None:
    unused = {f"{path}:{function.name}" for path, functions in SAID.items() for function in functions}
    assert unused, "no catalogue was found: this test looks in the wrong place"
    for path in files_with_migrations():
        modules: dict[str, str] = {}
        for node in nodes(path):
            if isinstance(node, ast.ImportFrom) and node.module:
                place = node.module.replace(".", "/")
                for name in node.names:
                    if name.name == "refusals":
                        modules[name.asname or name.name] = f"{place}/refusals.py"
                    elif place.endswith("/refusals"):
                        unused.discard(f"{place}.py:{name.name}")
        own = path.relative_to(ROOT).as_posix()
        for node in nodes(path):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
                unused.discard(f"{modules[node.value.id]}:{node.attr}")
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and own in SAID:
                unused.discard(f"{own}:{node.func.id}")
    assert sorted(unused) == []
