"""States are compared by their enumerations, days by ranges of moments: looked for in the code of the whole house."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import pytest
from django.apps import apps

from tests.code_once import HOUSE, files, nodes, walked

# Calls that speak of the columns of a table by name.
_OF_COLUMNS = {"filter", "exclude", "get", "update", "create", "get_or_create", "update_or_create", "Q", "When"}
# Rooms that know no table.
_NO_TABLES = {"kernel", "grammar", "engines"}
# Objects of other rooms whose attribute only bears the name of a column: an actor, a role of the book, a party of a fact.
_NO_ROWS = {"actor", "role", "party"}
# Columns by whose names a value is also called where it was taken out of its row.
_BARE = {"state"}


def _columns_with_choices() -> dict[str, dict[str, set[str]]]:
    """Model -> column -> the values that it may have; of every model, also of those without such a column."""
    return {
        model.__name__: {
            field.name: {str(value) for value, _ in field.flatchoices}
            for field in model._meta.concrete_fields
            if field.choices
        }
        for model in apps.get_models()
        if model.__module__.startswith("zhiheng.")
    }


def _spelt_out(tree: Sequence[ast.AST], columns: Mapping[str, Mapping[str, set[str]]]) -> Iterator[tuple[int, str]]:
    """(line, what) where a value of a column with choices stands as a plain text, or is sorted by its letters;
    asked of all nodes of a file.

    Left out are the conditions in ``class Meta``: the class whose states they name is not made yet there.
    """
    anywhere: dict[str, set[str]] = defaultdict(set)
    for fields in columns.values():
        for name, values in fields.items():
            anywhere[name] |= values

    def texts(node: ast.AST) -> set[str]:
        """The texts that are compared with: alone, or in a tuple, list or set; not those inside of calls."""
        inner = [node, *(node.elts if isinstance(node, ast.Tuple | ast.List | ast.Set) else ())]
        inner += node.values if isinstance(node, ast.BoolOp) else []
        return {each.value for each in inner if isinstance(each, ast.Constant) and isinstance(each.value, str)}

    meta = {
        id(inner) for node in tree if isinstance(node, ast.ClassDef) and node.name == "Meta" for inner in walked(node)
    }
    for node in tree:
        if id(node) in meta:
            continue
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            whose = re.match(r"(?:\w+\.)?([A-Z]\w*)(?:\.objects\b|$)", ast.unparse(node.func))
            known = columns.get(whose[1]) if whose else None
            if called == "order_by":
                named = {text.lstrip("-") for each in node.args for text in texts(each)}
                yield from ((node.lineno, f"order_by({name})") for name in sorted(named & anywhere.keys()))
            if called not in _OF_COLUMNS | columns.keys():
                continue
            for word in node.keywords:
                *way, name = (word.arg or "").removesuffix("__in").removesuffix("__exact").split("__")
                values = anywhere if way or known is None else known
                if texts(word.value) & values.get(name, set()):
                    yield node.lineno, f"{called}({word.arg}={ast.unparse(word.value)})"
        elif isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            for side in sides:
                if isinstance(side, ast.Attribute) and ast.unparse(side.value).rpartition(".")[2] not in _NO_ROWS:
                    name = side.attr
                elif isinstance(side, ast.Name) and side.id in _BARE:
                    name = side.id
                else:
                    continue
                if any(texts(other) & anywhere.get(name, set()) for other in sides if other is not side):
                    yield node.lineno, ast.unparse(node)


@pytest.mark.slow
def test_状态不写成文字_只用枚举() -> None:
    """A state that is spelt out is found by no search for its uses, and wrong in silence where it is mistyped."""
    columns = _columns_with_choices()
    assert len([model for model, fields in columns.items() if fields]) >= 12
    found = [
        f"{place}:{line}: {what}"
        for path in files()
        if (place := path.relative_to(HOUSE)).parts[0] not in _NO_TABLES
        for line, what in _spelt_out(nodes(path), columns)
    ]
    assert found == [], "use the enumeration of the column, such as PublicationRequest.State.OPEN"


@pytest.mark.parametrize(
    "written",
    [
        'Objection.objects.filter(state="open")',
        'rows.exclude(state__in=("open", "upheld"))',
        'PublishedParty.objects.filter(entry__state="shown")',
        'found = Q(verb="withdraw")',
        'done = request.state == "open"',
        'late = each.request.state not in ("open", "blocked")',
        'Account(login="a", kind="officer")',
        'rows.update(state="lapsed")',
        'rows.order_by("-state", "id")',
        'kind = typed or x.kind != "statement"',
        'done = 1 if state == "accepted" else 2',
    ],
)
def test_写成文字的状态查得出来(written: str) -> None:
    assert list(_spelt_out(walked(ast.parse(written)), _columns_with_choices()))


@pytest.mark.parametrize(
    "written",
    [
        "Objection.objects.filter(state=Objection.State.OPEN)",
        'Alias.objects.filter(kind="enterprise")',
        'allowed = request.actor.kind == "officer"',
        'rows.filter(record="open")',
        'class Meta:\n    condition = Q(state="open")',
    ],
)
def test_不是状态的不误报(written: str) -> None:
    assert list(_spelt_out(walked(ast.parse(written)), _columns_with_choices())) == []


@pytest.mark.slow
def test_按日查用起止时刻_不逐行换算成日() -> None:
    """``field__date`` turns the moment of every row into a day before it is compared, so that no index is used."""
    found = [
        f"{path.relative_to(HOUSE)}:{node.lineno}: {text}"
        for path in files()
        for node in nodes(path)
        for text in _lookups(node)
        if re.search(r"\w__(date|year|month|day|week)(__\w+)?$", text)
    ]
    assert found == [], "use zhiheng.database.days.on_days"
    assert [list(_lookups(node)) for node in ast.walk(ast.parse("f(at__date__gte=1)")) if isinstance(node, ast.keyword)]


def _lookups(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.keyword) and node.arg:
        yield node.arg
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 80:
        yield node.value
