"""Rules of the house that no linter knows: names that stand once, checks that stand everywhere, one manner of naming pages."""

from __future__ import annotations

import ast
import re
import shlex
import tomllib
from collections import defaultdict
from collections.abc import Collection
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.check import STATIC, TESTS, main
from tests.code_once import HOUSE, files, files_with_migrations, nodes, text, tree

ROOT = Path(__file__).resolve().parents[2]
# The reviewed list of words is called by its Chinese name, as officials ask for it.
OTHER_NAMES = {"README.md", "用语.md"}
# Module-level tables that are filled while the process runs and are no memory of answers, and why.
KEPT_OTHERWISE = {
    "database/scope_sql.py TABLES": "tables register themselves when their module is imported",
    "database/sqlite/base.py _turns": "whose turn it is to write: one line of waiting for each database file",
    "desk/page_registry.py _PAGES": "pages register themselves when their module is imported",
    "grammar/registry.py _REGISTERED": "chapters register themselves when their module is imported",
    "jobs/schedule.py _looked_at": "what the clock saw last: one number a name",
    "published/reading.py _FORMS": "a form never changes, and there are few",
}


@pytest.mark.slow
def test_类名在全屋只用一次() -> None:
    """Whoever searches for a public class finds one; classes inside of others (states, kinds) are told by their owner."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in files():
        for node in tree(path).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found[node.name].append(str(path.relative_to(HOUSE)))
    assert len(found) > 400, "too few classes were found: this test looks in the wrong place"
    assert {name: places for name, places in found.items() if len(places) > 1} == {}


def test_模块之间没有绕成圈的引用_写在函数里的也算() -> None:
    """A circle that is hidden in a function holds two modules together all the same; what only a type check reads does
    not.
    """
    modules = {_module(path): path for path in files()}
    graph = {name: _imported(tree(path), name, modules) for name, path in modules.items()}
    assert sum(map(len, graph.values())) > 5_000, "too few imports were found: this test looks in the wrong place"
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as circle:
        pytest.fail(" -> ".join(reversed(circle.args[1])))


def _module(path: Path) -> str:
    name = ".".join(path.relative_to(HOUSE.parent).with_suffix("").parts)
    return name.removesuffix(".__init__")


# Only these can hold a statement: what stands in an expression is no import.
_HOLDS_STATEMENTS = (ast.stmt, ast.excepthandler, ast.match_case)


def _imported(top: ast.AST, name: str, modules: Collection[str]) -> set[str]:
    """The modules of the house that a module imports anywhere; branches for type checking left out."""
    found: set[str] = set()
    left = [top]
    while left:
        node = left.pop()
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.Import):
            found.update(each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} imports by a relative name"
            below = {each.name: f"{node.module}.{each.name}" for each in node.names}
            found.update(below[each] if below[each] in modules else str(node.module) for each in below)
        left += [each for each in ast.iter_child_nodes(node) if isinstance(each, _HOLDS_STATEMENTS)]
    return {each for each in found if each in modules} - {name}


# What writes a published table besides the writer of entries, which tables, and why.
OTHER_WRITERS = {
    "actions/publication/publish_statistics.py": ({"PublishedFigure"}, "figures are published as such, not as entries"),
    "actions/publication/rebuild_open_data.py": (
        {"OpenFile", "Withdrawal"},
        "files of open data, and from when on they no longer hold what was taken down",
    ),
}
WRITES = {"create", "update", "delete", "save", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}


def test_公示的各张表_只由写条目的一处来写_例外写明理由() -> None:
    tables = {node.name for node in tree(HOUSE / "published/models.py").body if isinstance(node, ast.ClassDef)}
    assert {"PublishedEntry", "Contested", "OpenFile"} <= tables
    found: dict[str, set[str]] = defaultdict(set)
    for path in files():
        place = str(path.relative_to(HOUSE))
        if place.startswith("published/") or "zhiheng.published.models" not in text(path):
            continue
        for node in nodes(path):
            if isinstance(node, ast.Call) and (name := _written(node)) in tables:
                found[place].add(name)
    entries = found.pop("actions/publication/entry_writer.py")
    assert {"Contested", "PublishedParty", "Withdrawal"} <= entries
    assert found == {place: wanted for place, (wanted, _) in OTHER_WRITERS.items()}


def _written(call: ast.Call) -> str:
    """The class of which a call makes or changes rows (``Class(...)``, ``Class.objects.filter(...).update(...)``)."""
    node: ast.expr = call.func
    if isinstance(node, ast.Attribute) and node.attr not in WRITES:
        return ""
    while isinstance(node, ast.Attribute | ast.Call):
        node = node.value if isinstance(node, ast.Attribute) else node.func
    return node.id if isinstance(node, ast.Name) else ""


def test_文档文件名只有一种写法() -> None:
    pages = [path.relative_to(ROOT / "docs") for path in (ROOT / "docs").rglob("*.md")]
    assert len(pages) > 50
    odd = [
        str(page) for page in pages if page.name not in OTHER_NAMES and not re.fullmatch(r"[a-z0-9-]+\.md", page.name)
    ]
    assert odd == [], "pages are named in lower-case English words with hyphens; their titles are Chinese"


def test_规则书的中文折行处不多出空格() -> None:
    """A folded line of YAML joins with a space: right in English, a gap in a Chinese sentence that somebody signs."""
    gap = re.compile(r"[，。；：、）”》] +[\u4e00-\u9fff“《{]")
    wrong = []

    def look(path: Path, found: Any) -> None:
        if isinstance(found, dict):
            for name, value in found.items():
                if name == "zh" and isinstance(value, str) and gap.search(value):
                    wrong.append(f"{path.relative_to(ROOT)}: {value[:40]}")
                look(path, value)
        elif isinstance(found, list):
            for value in found:
                look(path, value)

    pages = [path for path in sorted((ROOT / "book").rglob("*.yaml")) if ": >" in path.read_text("utf-8")]
    assert pages
    for path in pages:
        look(path, yaml.safe_load(path.read_text("utf-8")))
    assert wrong == []


def test_规则书的各章写错了_两种语言都说怎么改() -> None:
    """Whoever writes a page of the book reads what is wrong in their own language: a validator raises ``Wrong``."""
    chapters = [HOUSE / "grammar/types.py", *(HOUSE / "grammar/chapters").glob("*.py")]
    raised = [
        (path.name, node.lineno, node.exc.func.id)
        for path in chapters
        for node in nodes(path)
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and isinstance(node.exc.func, ast.Name)
    ]
    assert sum(name == "Wrong" for _, _, name in raised) > 80, "too few were found: this test looks in the wrong place"
    assert [each for each in raised if each[2] == "ValueError"] == []


def test_提交前的检查_与_make_check_相同() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    check = makefile.split("\ncheck:", 1)[1].split("\n\n", 1)[0]
    assert "\t$(BIN)/python -m tests.check" in check
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"][0]["hooks"]
    entries = [shlex.split(hook["entry"].removeprefix("env ZHIHENG_QUICK=1 ")) for hook in hooks]
    # A hook is given the files that were changed; ``make check`` names the whole house.
    wanted = [[word for word in command if word != "."] for command in (*STATIC, TESTS)]
    assert len(wanted) >= 6
    assert sorted(entries) == sorted([f".venv/bin/{program}", *words] for program, *words in wanted)


@pytest.mark.slow
def test_make_check_里哪一项没通过_都算没通过_并说出是哪一项(capfd: pytest.CaptureFixture[str]) -> None:
    good, bad = ("python", "-c", "print('好')"), ("python", "-c", "import sys; print('坏在这里'); sys.exit(3)")
    assert main([good, good], good) == 0
    assert "坏在这里" not in capfd.readouterr().out
    for static, tests in (([bad, good], good), ([good, good], bad)):
        assert main(static, tests) == 1
        said = capfd.readouterr().out
        assert "坏在这里" in said
        assert said.rstrip().splitlines()[-1].startswith("没有通过")
    assert main([("no-such-program",), good], good) == 1, "what could not be started has checked nothing"
    assert capfd.readouterr().out.rstrip().endswith("no-such-program")


def test_类型检查覆盖整个屋子_例外写明理由() -> None:
    mypy = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["mypy"]
    assert (mypy["strict"], mypy["packages"]) == (True, ["zhiheng"])
    assert [override for override in mypy["overrides"] if set(override) != {"module", "ignore_missing_imports"}] == []
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in files_with_migrations()
        for line in text(path).splitlines()
        if "type: ignore" in line and not re.search(r"# type: ignore\[[a-z-]+(, [a-z-]+)*\]  # \S", line)
    ]
    assert found == [], "an exception from the types names its code, and behind it the reason"


def test_测试和测速里_没有一行关掉格式或类型检查() -> None:
    """What is switched off is switched off in the rooms, with its reason; a long table is written as a text that is read."""
    off = re.compile(r"#\s*(?:fmt:\s*(?:off|skip)|type:\s*ignore|mypy:|ruff:\s*noqa)")
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for folder in ("tests", "bench", "docs")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for line in text(path).splitlines()
        if (switch := off.search(line)) and '"' not in line[: switch.start()]
    ]
    assert found == []
    assert [path.name for path in files_with_migrations() if re.search(r"#\s*fmt:\s*(?:off|skip)", text(path))] == []


def test_门口的一个文件只办一件事_不长到找不着() -> None:
    """A module of pages or operations over some 500 lines had several subjects each time it was looked at."""
    doors = ("desk", "firm", "bank", "portal", "api")
    long = {
        path.relative_to(HOUSE).as_posix(): lines
        for path in files()
        if path.relative_to(HOUSE).parts[0] in doors and (lines := len(text(path).splitlines())) > 520
    }
    assert long == {}, "split it by subject, named by the noun that somebody would search for"


def test_公众门户的窗口只用投诉举报和核验的几个行为和查询() -> None:
    """Whoever complains reads their own case by its receipt, and only what the book tells its sender; whoever holds a
    paper has it compared, and is told nothing that is not on it.
    """
    used = {
        node.module
        for path in (HOUSE / "portal" / "counter").rglob("*.py")
        for node in nodes(path)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(("zhiheng.actions", "zhiheng.queries"))
    }
    assert used == {
        "zhiheng.actions.cases.verify_document",
        "zhiheng.actions.exports.verify_credit_report",
        "zhiheng.actions.exports.verify_extract",
        "zhiheng.actions.submissions.submit",
        "zhiheng.actions.submissions.talk",
        "zhiheng.queries.case_papers",
        "zhiheng.queries.submissions",
    }


def test_门口不问表_由查询问() -> None:
    """``Model.objects`` stands in queries, actions and the rooms of the tables; a door that asks by hand skips access."""
    doors = ("cli", "desk", "firm", "bank", "portal", "api", "pages")
    found = [
        f"{path.relative_to(HOUSE)}:{node.lineno}"
        for path in files()
        if path.relative_to(HOUSE).parts[0] in doors
        for node in nodes(path)
        if isinstance(node, ast.Attribute) and node.attr == "objects"
    ]
    assert found == []


def test_一页多要一行_只在分页的那一处() -> None:
    """Whoever turns pages by hand (``rows[: limit + 1]``, a cursor of one's own) does it in ``database.paging``."""
    found = []
    for file in files():
        path = file.relative_to(HOUSE).as_posix()
        if path.startswith("database/"):
            continue
        for node in nodes(file):
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
                name = getattr(node.left, "id", getattr(node.left, "attr", ""))
                one = isinstance(node.right, ast.Constant) and node.right.value == 1
                if one and re.fullmatch(r"(?i)_?(limit|page|page_size|per_page|at_most|wanted)", name):
                    found.append(f"{path}:{node.lineno}")
    assert found == [], "ask paging.one_more, or better Keyset.page"


def test_各处读地址里的翻页位置_都经过封口() -> None:
    """A place that is read from the address as it stands would fit any list; ``pages.paging`` asks whose it is."""
    doors = ("desk/", "firm/", "bank/", "portal/", "pages/")
    found = []
    for file in files():
        path = file.relative_to(HOUSE).as_posix()
        if not path.startswith(doors) or path == "pages/paging.py":
            continue
        for node in nodes(file):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get"):
                continue
            first = node.args[0] if node.args else None
            if isinstance(first, ast.Constant) and first.value in ("after", "skips", "cursor"):
                found.append(f"{path}:{node.lineno}")
    # The cockpit's news have a first day that is called so.
    assert [one for one in found if not one.startswith("desk/overview/cockpit.py")] == []


def test_进程里记住的_只用一种工具() -> None:
    """An answer that a module keeps in a dictionary or list of its own grows without end, or is that of another object
    whose identity came round again: ``kernel.memo`` (or functools, where the arguments can be hashed) keeps answers.
    """
    found = []
    for file in files():
        path = file.relative_to(HOUSE).as_posix()
        for node in tree(file).body:
            if isinstance(node, ast.AnnAssign) and ast.unparse(node.annotation).startswith(("Mapping", "Sequence")):
                continue
            if isinstance(node, ast.AnnAssign) and node.value is not None and isinstance(node.target, ast.Name):
                name, value = node.target.id, node.value
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                name, value = node.targets[0].id, node.value
            else:
                continue
            empty = isinstance(value, ast.Dict | ast.List) and not (
                getattr(value, "keys", ()) or getattr(value, "elts", ())
            )
            if empty or (
                isinstance(value, ast.Call)
                and ast.unparse(value.func) in ("dict", "list", "set", "OrderedDict")
                and not value.args
                and not value.keywords
            ):
                found.append(f"{path} {name}")
    assert sorted(found) == sorted(KEPT_OTHERWISE)
