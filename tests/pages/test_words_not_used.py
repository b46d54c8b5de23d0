"""What the word tables rule out (``not`` in book/glossary.yaml, the last column of the table in CONTRIBUTING.md) stands
in no text that a user reads, in neither language.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.book_once import book_once
from tests.code_once import files, nodes
from tests.pages.wrapped import as_said
from zhiheng.grammar.chapters.glossary import GLOSSARY

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
# Words of the ``not`` columns that are also right for another thing, and which: there they may stand.
ALSO_RIGHT = {
    # terms of the law or of a register
    "公示": "the lawful publication of penalties, lists and results",
    "抽检": "食品安全抽样检验, in the words of its own measures",
    "注销": "the state of a registration",
    "合格证": "any certificate of conformity, not only the slip of a farm product",
    "registration": "the register's entry of an enterprise",
    "owner": "the owner of an enterprise",
    "operator": "who may start commands on the machine",
    "guarantee": "what a bank decides on",
    "function": "a function of SQL or of Python",
    # what a program or a browser really does
    "删除": "to take out for good: an account, a copy that somebody kept, a character that was typed",
    "delete": "to take out for good: a copy that somebody kept, a character that was typed, a line of the book",
    "修改": "to change a program",
    "edit": "to change a file of one's own",
    "update": "a newer version of software",
    "key": "the secret of a program, or the key of an event",
    "error": "a fault of the machine",
    "status": "the status of a registration, of a process or of an HTTP answer",
    "object": "to raise an objection; a JSON object",
    "version": "the version of the software or of a file's format",
    "user": "who has an account",
    "pending": "an objection that is not decided yet",
    "import": "goods from abroad; a Python import",
    "return": "to come back to a page",
    "upload": "a file on its way, before it is a delivery; only a part of it may become one",
    "model": "the model of a product",
    "sentence": "a sentence of a text",
    "constant": "a fixed number",
    "audit": "the trail of acts",
    "synonym": "another spelling of a heading",
    "warning": "the lightest administrative penalty",
    "contract": "a contract of construction",
    "实体": "a part of XML, in a refusal of hostile files",
}


def has_chinese(text: str) -> bool:
    return re.search("[一-鿿]", text) is not None


def ruled_out() -> set[str]:
    """Every word of the ``not`` columns that is no term itself."""
    glossary = book_once(ROOT / "book")[GLOSSARY]
    terms = {word for term in glossary.terms for word in (term.zh, term.en.lower())}
    words = {word.lower() for term in glossary.terms for word in term.not_}
    for line in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and len(cells) == 4 and cells[3] != "not" and has_chinese(cells[1]):
            words |= {word.strip() for word in cells[3].split(",") if word.strip()}
    return words - terms


def _text(node: ast.AST) -> str | None:
    """The text of a constant or of the fixed parts of an f-string."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "{}".join(part.value for part in node.values if isinstance(part, ast.Constant))
    return None


def texts_of_programs() -> Iterator[tuple[str, str]]:
    """Both texts of every pair: an argument in Chinese and the English one right behind it."""
    for path in files():
        if "demo" in path.parts:
            continue
        for node in nodes(path):
            args = node.args if isinstance(node, ast.Call) else node.elts if isinstance(node, ast.Tuple) else ()
            for one, other in itertools.pairwise(args):
                zh, en = _text(one), _text(other)
                if zh and en and has_chinese(zh) and not has_chinese(en):
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", zh
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", en


def texts_of_templates() -> Iterator[tuple[str, str]]:
    """Both texts of every ``{% t "中文" "English" %}``, joined where they stand over several lines."""
    for path in sorted((ROOT / "zhiheng").rglob("templates/**/*.html")):
        for zh, en in re.findall(r'{%-?\s*t\s+"([^"]*)"\s+"([^"]*)"', path.read_text(encoding="utf-8")):
            yield str(path.relative_to(ROOT)), as_said(zh)
            yield str(path.relative_to(ROOT)), as_said(en)


def _stands(word: str, text: str) -> bool:
    if has_chinese(word):
        return word in text
    return re.search(rf"(?<![\w./-]){re.escape(word)}s?(?![\w/-])", text, re.IGNORECASE) is not None


def test_what_the_word_tables_rule_out_is_said_nowhere() -> None:
    words = ruled_out()
    texts = [*texts_of_programs(), *texts_of_templates()]
    assert len(words) > 150
    assert len(texts) > 4_000
    found = [
        f"{where}: {word!r} in {text[:60]!r}"
        for where, text in texts
        for word in words - set(ALSO_RIGHT)
        if _stands(word, text)
    ]
    assert found == []


def test_every_exception_is_of_a_word_that_is_ruled_out() -> None:
    assert set(ALSO_RIGHT) - ruled_out() == set()
