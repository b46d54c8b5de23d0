"""规则书里每一处条件的值都查：新的一章忘了查，这里就不通过；写错的值指出文件、位置和可以写什么。"""

from __future__ import annotations

import inspect
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from zhiheng.engines.papers import book_check as papers
from zhiheng.grammar import loader
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters import filter_checks, workflow_checks
from zhiheng.grammar.registry import registered
from zhiheng.grammar.types import Condition
from zhiheng.grammar.yaml import BookError, BookRefused

pytestmark = pytest.mark.slow


def _parts(value: Any) -> list[Any]:
    """What a part of a book holds, one step further."""
    if isinstance(value, BaseModel):
        return list(dict(value).values())
    if isinstance(value, Mapping):
        return list(value.values())
    if isinstance(value, list | tuple | set | frozenset):
        return list(value)
    fields = getattr(type(value), "__dataclass_fields__", ())
    return [getattr(value, name, None) for name in fields]


def _conditions(book: Book) -> dict[int, str]:
    """Every condition that stands in the pages of a book: its identity -> where it stands."""
    found: dict[int, str] = {}
    seen: set[int] = set()
    kept: list[Any] = []
    waiting: list[tuple[str, Any]] = [(str(chapter), book[chapter]) for chapter in registered()]
    while waiting:
        where, value = waiting.pop()
        if id(value) in seen or isinstance(value, str | int | float | bytes | type(None) | Path):
            continue
        seen.add(id(value))
        kept.append(value)
        if isinstance(value, Condition):
            found[id(value)] = where
            continue
        waiting += [(f"{where} > {type(value).__name__}", each) for each in _parts(value)]
    return found


def test_规则书里没有一处条件的值是不查的(book_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checked: dict[int, Condition] = {}
    honest = filter_checks.value_mistakes

    def noted(name: str, condition: Condition, values: Any) -> Iterator[tuple[str, str]]:
        checked[id(condition)] = condition
        return honest(name, condition, values)

    for module in (filter_checks, workflow_checks, papers):
        monkeypatch.setattr(module, "value_mistakes", noted)
    book = loader.load(book_root)
    assert not list(papers.paper_failures(book))
    found = _conditions(book)
    assert len(found) > 100
    assert not {where for number, where in found.items() if number not in checked}


def _holds_conditions(hint: Any) -> bool:
    if get_origin(hint) is dict and get_args(hint)[1:] == (Condition,):
        return True
    return any(_holds_conditions(each) for each in get_args(hint))


def test_条件写在哪几种页上都知道_多一种要先查() -> None:
    """A page that no book has yet is not seen by the test above; so whatever may hold conditions stands here."""
    found = set()
    for name, module in list(sys.modules.items()):
        if name.startswith("zhiheng.grammar.chapters."):
            for _, kind in inspect.getmembers(module, inspect.isclass):
                if issubclass(kind, BaseModel):
                    hints = get_type_hints(kind, include_extras=False)
                    found |= {
                        f"{kind.__name__}.{field}"
                        for field, info in kind.model_fields.items()
                        if isinstance(info, FieldInfo)
                        and field in kind.__annotations__
                        and _holds_conditions(hints[field])
                    }
    assert found == {
        "Cluster.where",
        "Counted.where",
        "CountedByPeriod.where",
        "DeliveredSubmissions.where",
        "DisplayPeriod.where",
        "FromRecord.where",
        "Indicator.numerator",
        "LookUp.where",
        "Measure.where",
        "NeverFails.fails",
        "NeverFails.where",
        "PaperBlock.where",
        "Portal.deregistered",
        "Problem.settled_when",
        "Problem.where",
        "PublicationRule.person_where",
        "RestrictionMeasure.where",
        "Scan.where",
        "Expiry.where",
        "Step.where",
        "Withheld.where",
    }


_WRONG = (
    # file, what stands there, what is written instead, and what the check says of it
    (
        "cards/enterprise.yaml",
        "settled_when: {progress: done}",
        "settled_when: {progress: ready}",
        "progress”不会是“ready”",
    ),
    (
        "records/market/product_sampling/publication.yaml",
        "where: {plan: risk}",
        "where: {plan: risky}",
        "不会是“risky”",
    ),
    (
        "records/market/administrative_penalty/publication.yaml",
        "{party_kind: person}",
        "{party_kind: man}",
        "不会是“man”",
    ),
    (
        "records/market/administrative_penalty/publication.yaml",
        "where: {penalty_kind: business_restricted}",
        "where: {penalty_kind: {starts: restricted}}",
        "没有以“restricted”开头的值",
    ),
    ("portal.yaml", "deregistered: {status: deregistered}", "deregistered: {status: gone}", "status”不会是“gone”"),
    ("submissions.yaml", "none_of: [not_accepted,", "none_of: [refused,", "result”不会是“refused”"),
    ("submissions.yaml", "both: complaint}", "either: complaint}", "complaint_kind”不会是“either”"),
    ("workflows/food_follow_up/workflow.yaml", "where: {overturned: {equals: 0}}", "where: {overturned: none}", "是数"),
    ("workflows/food_follow_up/workflow.yaml", "where: {serious: {equals: true}}", "where: {serious: very}", "是或否"),
    (
        "workflows/rectification/workflow.yaml",
        "where: {result: nonconforming}",
        "where: {result: bad}",
        "result”不会是“bad”",
    ),
)


def _errors(folder: Path) -> list[BookError]:
    """Every mistake of the chapters of a book, as its check reads them: also those that are read when asked for."""
    try:
        book = loader.load(folder)
    except BookRefused as refused:
        return list(refused.errors)
    found: list[BookError] = []
    for chapter in registered():
        try:
            book[chapter]
        except BookRefused as refused:
            found += refused.errors
    return found


@pytest.mark.parametrize("file", dict.fromkeys(file for file, *_ in _WRONG))
def test_各章里写错的值_指出哪一个文件哪一行可以写什么(book_root: Path, tmp_path: Path, file: str) -> None:
    folder = tmp_path / "book"
    shutil.copytree(book_root, folder)
    answers = []
    for where, stands, instead, answer in _WRONG:
        if where == file:
            text = (folder / file).read_text("utf-8")
            assert stands in text
            (folder / file).write_text(text.replace(stands, instead), "utf-8")
            answers.append(answer)
    errors = _errors(folder)
    assert errors
    assert all(error.file.endswith(file) and error.line for error in errors)
    for answer in answers:
        assert any(answer in error.zh for error in errors), [error.zh for error in errors]


def test_文书里的条件写错了也指出来(book_root: Path, tmp_path: Path) -> None:
    folder = tmp_path / "book"
    shutil.copytree(book_root, folder)
    file = folder / "documents/penalty_decision/document.yaml"
    text = file.read_text("utf-8").replace("where: {fine: {more_than: 0}}", "where: {fine: {more_than: much}}")
    file.write_text(text, "utf-8")
    found = list(papers.paper_failures(loader.load(folder)))
    assert found
    assert all(error.file.endswith("document.yaml") and "“fine”是数，“much”不是" in error.zh for error in found)
