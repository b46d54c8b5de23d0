"""Prints docs/reference/house.md: ``python docs/house_map.py > docs/reference/house.md``.

The map of all rooms, made from the import contracts of pyproject.toml, the rooms' own docstrings and what they really
import; tests/book/test_reference_docs.py says when it is stale.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HOUSE = ROOT / "zhiheng"

HEAD = """# The house: a map of all rooms

Made from the import contracts, the rooms' docstrings and their imports; don't edit by hand:
`python docs/house_map.py > docs/reference/house.md`. Where a line belongs is asked in [CONTRIBUTING](../../CONTRIBUTING.md).
"""  # noqa: E501


def contracts() -> Sequence[Mapping[str, object]]:
    """The contracts that ``lint-imports`` holds."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]


def floors() -> list[list[str]]:
    """The rooms by floor, the highest first: who stands higher may import what stands lower."""
    layers = next(contract["layers"] for contract in contracts() if contract["type"] == "layers")
    assert isinstance(layers, list)
    return [[room.strip().removeprefix("zhiheng.") for room in layer.split("|")] for layer in layers]


def what_it_is(room: str) -> str:
    """The first paragraph of a room's docstring, in one line."""
    text = ast.get_docstring(ast.parse((HOUSE / room / "__init__.py").read_text("utf-8"))) or ""
    return " ".join(text.partition("\n\n")[0].split())


def nodes_of(path: Path) -> Iterable[ast.AST]:
    """Every node of a file of code."""
    return ast.walk(ast.parse(path.read_text("utf-8")))


def imported(room: str) -> list[str]:
    """The rooms that a room imports, found in its own source."""
    found = set()
    for path in (HOUSE / room).rglob("*.py"):
        for node in nodes_of(path):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [each.name for each in node.names] if isinstance(node, ast.Import) else []
            found |= {name.split(".")[1] for name in names if name.startswith("zhiheng.")}
    return sorted(found - {room})


def page() -> str:
    """The whole page."""
    lines = [HEAD, "## Floors", "", "Imports run downwards; rooms of one floor never import each other.", "", "```text"]
    lines += [f"{'  |  '.join(floor)}" for floor in floors()]
    lines += ["```", "", "## Rooms", "", "| room | what it is | imports |", "|---|---|---|"]
    for floor in floors():
        for room in floor:
            lines.append(
                f"| [`{room}`](../../zhiheng/{room}) | {what_it_is(room)} | {', '.join(imported(room)) or '-'} |"
            )
    lines += ["", "## Contracts", "", "Held by `lint-imports`, a part of `make check`.", ""]
    lines += [f"- {contract['name']}" for contract in contracts()]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(page())
