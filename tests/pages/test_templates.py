"""What no template may contain, and what every text must have. Each finding says file and line."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

HOUSE = Path(__file__).resolve().parents[2] / "zhiheng"
TEMPLATES = sorted(path for path in HOUSE.glob("*/templates/**/*") if path.suffix in (".html", ".xml", ".txt", ".svg"))
PAGES = [path for path in TEMPLATES if path.suffix == ".html"]
LONGEST_LINE = 160
CHINESE = re.compile(r"[\u3400-\u9fff]")
COMMENT = re.compile(r"\{% comment %\}.*?\{% endcomment %\}|\{#.*?#\}|<!--.*?-->", re.S)
# A text in both languages: by itself, or as the name of a page that lies above.
TEXT = re.compile(
    r"""\{%\s*(?:t|crumb\s+"[\w:]+")\s+("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')?""",
    re.S,
)
TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.S)
# Blocks that fill an attribute of the frame hold names of classes, not words.
CLASSES = re.compile(r"(?<=_class %\})[\w -]*(?=\{% endblock)")
# Both languages side by side, where the order of words differs around a link.
SIDE_BY_SIDE = re.compile(
    r"\{% (?:el)?if chinese %\}(?:(?!\{% (?:if|endif) ).)*?\{% else %\}(?:(?!\{% (?:if|endif) ).)*?\{% endif %\}", re.S
)
# Names of languages stand in their own language, whatever the page's is.
OWN_LANGUAGE = re.compile(r"English|中文")
# Names that are the same in every language.
NAMES = re.compile(r"\b(?:OpenAPI|Excel|XLSX|XLS|ODS|CSV|JSON|Parquet|PDF|DOCX|ZIP|Atom|SHA-\d+|QR|HTTP|API|URL)\b")


def name(path: Path) -> str:
    return str(path.relative_to(HOUSE))


def blank(pattern: re.Pattern[str], text: str) -> str:
    """The text without what the pattern finds; lines keep their numbers."""
    return pattern.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), text)


def lines(text: str, pattern: re.Pattern[str]) -> Iterator[tuple[int, str]]:
    for found in pattern.finditer(text):
        yield text.count("\n", 0, found.start()) + 1, found.group()


def test_no_line_of_a_template_is_longer_than_an_editor_is_wide() -> None:
    long = [
        f"{name(path)}:{number} {len(line)} characters"
        for path in TEMPLATES
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if len(line) > LONGEST_LINE
    ]
    assert long == [], "break the line; a tag may stand over several lines, and so may each of its two texts"


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_no_template_carries_a_script_or_a_style(path: Path) -> None:
    text = blank(COMMENT, path.read_text())
    forbidden = {
        "an inline style": re.compile(r"<style\b|\sstyle\s*=", re.I),
        "an inline handler": re.compile(r"\son[a-z]+\s*=|\shx-on[:=-]|javascript:", re.I),
        "code in an attribute": re.compile(r"""hx-(?:vals|headers|vars)\s*=\s*["']\s*js:|hx-trigger=["'][^"']*\["""),
        "another host": re.compile(r"""(?:src|href)\s*=\s*["'](?:https?:)?//""", re.I),
    }
    found = [
        f"{name(path)}:{line} {what}: {hit}" for what, rule in forbidden.items() for line, hit in lines(text, rule)
    ]
    for line, tag in lines(text, re.compile(r"<script\b[^>]*>", re.I)):
        if "src=" not in tag and 'type="application/json"' not in tag:
            found.append(f"{name(path)}:{line} an inline script: {tag}")
    assert not found, "\n".join(found)


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_chinese_text_stands_in_a_t_tag_with_its_english(path: Path) -> None:
    text = blank(SIDE_BY_SIDE, blank(COMMENT, path.read_text()))
    left = blank(OWN_LANGUAGE, blank(TEXT, text))
    found = [
        f"{name(path)}:{line} 不在 {{% t %}} 里的中文: {hit}"
        for line, hit in lines(left, re.compile(CHINESE.pattern + "+"))
    ]
    for match in TEXT.finditer(text):
        line, zh, en = text.count("\n", 0, match.start()) + 1, match.group(1), match.group(2)
        if not en:
            found.append(f"{name(path)}:{line} 没有英文: {zh}")
        elif CHINESE.search(en) and not OWN_LANGUAGE.search(en) and "质衡" not in en:
            found.append(f"{name(path)}:{line} 英文里有中文: {en}")
        elif (
            not CHINESE.search(zh)
            and re.search(r"[A-Za-z]{3}", zh)
            and zh == en
            and not re.fullmatch(r"\W*[\w .-]+\W*", zh)
        ):
            found.append(f"{name(path)}:{line} 没有中文: {zh}")
    assert not found, "\n".join(found)


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_english_text_stands_in_a_t_tag_with_its_chinese(path: Path) -> None:
    text = blank(CLASSES, blank(SIDE_BY_SIDE, blank(COMMENT, path.read_text())))
    text = blank(re.compile(r"<(script|style|code|kbd|svg)\b.*?</\1>", re.S), blank(TAG, blank(OWN_LANGUAGE, text)))
    text = blank(NAMES, text)
    shown = blank(re.compile(r"<[^>]*>", re.S), text)
    found = [
        f"{name(path)}:{line} 不在 {{% t %}} 里的文字: {hit}"
        for line, hit in lines(shown, re.compile(r"[A-Za-z]{3,}(?: [A-Za-z]+)*"))
    ]
    for line, hit in lines(
        text, re.compile(r"""\s(?:aria-label|title|placeholder|alt)\s*=\s*["'][^"'{]*[A-Za-z]{3}[^"']*["']""")
    ):
        found.append(f"{name(path)}:{line} 属性里不在 {{% t %}} 里的文字: {hit}")
    assert not found, "\n".join(found)


def _above(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> Iterator[ast.AST]:
    while node in parents:
        node = parents[node]
        yield node


def _asks_the_language(node: ast.AST) -> bool:
    """A function, or an expression, that asks ``chinese()`` has the other language on its other side."""
    return isinstance(node, ast.IfExp | ast.FunctionDef) and any(
        isinstance(call, ast.Call) and "chinese" in (getattr(call.func, "id", ""), getattr(call.func, "attr", ""))
        for call in ast.walk(node)
    )


def _lonely(path: Path) -> Iterator[str]:
    """Chinese strings of a door that stand beside no English one: in a call, a mapping, a pair or a list of them."""
    tree = ast.parse(path.read_text())
    parents = {child: parent for parent in ast.walk(tree) for child in ast.iter_child_nodes(parent)}
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Constant) and isinstance(node.value, str) and CHINESE.search(node.value)):
            continue
        inside = parents.get(node)
        if isinstance(inside, ast.Expr) or re.search(r"[A-Za-z]{3,} [a-z]{2,}|^[年月日]$", node.value):
            continue  # A docstring, both languages in one text (commands say both at once), or the pattern of a day.
        while isinstance(
            inside,
            ast.JoinedStr | ast.BinOp | ast.keyword | ast.FormattedValue | ast.IfExp | ast.Attribute | ast.Starred,
        ):
            inside = parents.get(inside)
        if any(_asks_the_language(up) for up in _above(node, parents)):
            continue
        if isinstance(inside, ast.Call) and getattr(inside.func, "id", "") == "say" and len(inside.args) == 2:
            continue
        beside = (
            [n.value for n in ast.walk(inside) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
            if inside
            else []
        )
        if not any(
            re.search(r"[A-Za-z]", text) and not CHINESE.search(text) and text not in ("zh", "en") for text in beside
        ):
            yield f"{path.relative_to(HOUSE)}:{node.lineno} 只有中文，没有英文: {node.value[:40]}"


@pytest.mark.parametrize(
    "path",
    sorted(p for door in ("pages", "desk", "firm", "bank", "portal") for p in HOUSE.glob(f"{door}/**/*.py")),
    ids=name,
)
def test_a_text_written_in_a_view_exists_in_both_languages(path: Path) -> None:
    found = list(_lonely(path))
    assert not found, "\n".join(found)


def test_the_linter_finds_what_it_is_for(tmp_path: Path) -> None:
    template = tmp_path / "bad.html"
    template.write_text('<p>中文</p>{% t "只有中文" %}{% t "好" "fine" %}')
    left = blank(TEXT, template.read_text())
    assert [hit for _, hit in lines(left, CHINESE)] == ["中", "文"]
    assert [m.group(2) for m in TEXT.finditer(template.read_text())] == [None, '"fine"']
    view = HOUSE / "pages" / "words.py"
    assert list(_lonely(view)) == []


def test_every_icon_that_is_named_is_in_the_sprite() -> None:
    sprite = HOUSE / "pages/static/pages/built/icons.svg"
    if not sprite.exists():
        pytest.skip("make assets has not run")
    there = set(re.findall(r'<symbol id="([^"]+)"', sprite.read_text()))
    used = set(json.loads((HOUSE / "pages/frontend/src/icons.json").read_text()))
    for path in (*PAGES, *HOUSE.rglob("*.py")):
        used |= set(re.findall(r'\bicon[ =]"([a-z0-9-]+)"', path.read_text()))
    from zhiheng.pages.templatetags import zhiheng as tags

    used |= set(tags.STATES.values()) | set(tags.QUALITY_ICONS.values())
    assert used <= there, f"run make assets: {sorted(used - there)}"
