"""Reads ``book/workflows``, and checks that every name on a page is one of the page, of the law, or of another page."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import TypeAdapter, ValidationError

from zhiheng.grammar.book import Book, Chapter, PageKind, Reading
from zhiheng.grammar.book_code import executed
from zhiheng.grammar.chapters.acceptance import SAMPLING_PLANS, PlanPage
from zhiheng.grammar.chapters.case_documents import CASE_DOCUMENTS
from zhiheng.grammar.chapters.indicators import INDICATORS
from zhiheng.grammar.chapters.law import LAW
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.grammar.chapters.workflow_checks import CORRECT, PageChecks
from zhiheng.grammar.chapters.workflow_pages import Stories, Story, WorkflowPage, WorkflowPart
from zhiheng.grammar.registry import register
from zhiheng.grammar.types import Citation, Identifier, Label
from zhiheng.grammar.yaml import BookError, BookRefused, Document, read, validated
from zhiheng.kernel.law import Law

FOLDER = "workflows"
PARTS = "parts"


@dataclass(frozen=True)
class WorkflowEntry:
    """A workflow of the book: its page with what its parts add, the functions of its ``rule.py``, its stories."""

    id: str
    page: WorkflowPage
    rules: Mapping[str, Callable[[Any, Any], Any]] = field(repr=False)
    stories: tuple[Story, ...] = field(repr=False)


def read_workflows(
    folder: Path,
    law: Law,
    *,
    root: Path,
    documents: Collection[str] | None = None,
    records: Collection[str] | None = None,
    indicators: Collection[str] | None = None,
    plans: Mapping[str, PlanPage] | None = None,
) -> Mapping[str, WorkflowEntry]:
    """The workflows of a folder. Documents, records, indicators and sampling plans that pages name are looked up where
    they are given.

    Raises BookRefused with the mistakes of all pages.
    """
    errors: list[BookError] = []
    parts: dict[str, WorkflowPart] = {}
    part_documents: dict[str, Document] = {}
    for path in sorted((folder / PARTS).glob("*.yaml")):
        try:
            written = read(path, root=root)
            parts[path.stem], part_documents[path.stem] = validated(WorkflowPart, written), written
        except BookRefused as refused:
            errors += refused.errors
    pages: dict[str, tuple[Document, WorkflowPage]] = {}
    errors += _stray(folder, root)
    for path in sorted(folder.glob("*/workflow.yaml")):
        try:
            document = read(path, root=root)
            page = validated(WorkflowPage, document)
        except BookRefused as refused:
            errors += refused.errors
            continue
        unknown = [name for name in page.uses if name not in parts]
        errors += document.unknown_names(("uses",), unknown, parts, "共用部分", "part", CORRECT)
        if not unknown:
            pages[path.parent.name] = (document, page.with_parts(parts))
    found: dict[str, WorkflowEntry] = {}
    whole = {name: page for name, (_, page) in pages.items()}
    for name, (document, page) in pages.items():
        rules = _rules(folder / name / "rule.py", document, errors)
        documents_of = (document, *(part_documents[part] for part in reversed(page.uses)))
        checks = PageChecks(name, page, documents_of, law, whole, rules, documents, records, indicators, plans)
        errors += checks.errors()
        stories: tuple[Story, ...] = ()
        told = folder / name / "stories.yaml"
        if told.is_file():
            try:
                stories = validated(Stories, told, root=root).stories
            except BookRefused as refused:
                errors += refused.errors
        found[name] = WorkflowEntry(name, page, rules, stories)
    if errors:
        # A mistake of a part is found on each page that takes it in, and told once.
        raise BookRefused(*dict.fromkeys(errors))
    return MappingProxyType(found)


_IDENTIFIER = TypeAdapter(Identifier)
_FILES = ("workflow.yaml", "stories.yaml", "rule.py")


def _stray(folder: Path, root: Path) -> Iterator[BookError]:
    """What lies in the folder and would be read by nobody: a folder without a page, a name that none can have, another
    file.
    """
    for path in sorted(folder.glob("*")):
        file = path.relative_to(root).as_posix()
        if path.name.startswith((".", "__pycache__")) or not path.is_dir():
            continue
        if path.name != PARTS and not (path / "workflow.yaml").is_file():
            yield BookError(
                "book.wrong",
                "这个文件夹里没有 workflow.yaml；请补上这一页，或者删去文件夹。",
                "The folder has no workflow.yaml; add the page or delete the folder.",
                file=file,
            )
        try:
            _IDENTIFIER.validate_python(path.name)
        except ValidationError:
            yield BookError(
                "book.wrong",
                f"文件夹名“{path.name}”须是小写字母、数字和下划线（如 food_recall）；请改名。",
                f"The name {path.name!r} of the folder is to be of small letters, digits and underscores "
                "(food_recall); rename it.",
                file=file,
            )
        for other in sorted(path.glob("*")):
            known = other.suffix == ".yaml" if path.name == PARTS else other.name in _FILES
            if not known and not other.name.startswith((".", "__pycache__")):
                yield BookError(
                    "book.wrong",
                    f"没有人读“{other.name}”；这里的文件是 {'*.yaml' if path.name == PARTS else '、'.join(_FILES)}，"
                    "请改名或删去。",
                    f"Nobody reads {other.name}; the files here are "
                    f"{'*.yaml' if path.name == PARTS else ', '.join(_FILES)}; rename or delete it.",
                    file=other.relative_to(root).as_posix(),
                )


def _rules(path: Path, document: Document, errors: list[BookError]) -> Mapping[str, Callable[[Any, Any], Any]]:
    """The public functions of a ``rule.py``; none where there is no such file."""
    if not path.is_file():
        return MappingProxyType({})
    try:
        module = executed(path)
    except Exception as cause:  # Whatever a book's own code raises is a mistake of the book, told as such.
        errors.append(
            document.error(
                (), f"rule.py 无法使用（{cause}）；请改正。", f"rule.py can't be used ({cause}); correct it."
            )
        )
        return MappingProxyType({})
    own = {
        name: each
        for name, each in vars(module).items()
        if callable(each) and not name.startswith("_") and getattr(each, "__module__", "") == module.__name__
    }
    return MappingProxyType(own)


def _read(reading: Reading) -> Mapping[str, WorkflowEntry]:
    return read_workflows(
        reading.root / FOLDER,
        reading[LAW],
        root=reading.root,
        documents=reading[CASE_DOCUMENTS],
        records=reading[RECORDS],
        indicators=reading[INDICATORS],
        plans=reading[SAMPLING_PLANS],
    )


def _cites(book: Book) -> Iterator[tuple[str, str, Citation]]:
    for name, workflow in book[WORKFLOWS].items():
        for citation in (*workflow.page.law, *workflow.page.articles()):
            yield f"{FOLDER}/{name}/workflow.yaml", workflow.page.label.zh, citation


# The procedures that cases follow, by the name of their folder.
WORKFLOWS: Chapter[Mapping[str, WorkflowEntry]] = register(
    Chapter(
        name="workflows",
        label=Label(zh="工作流", en="Workflows"),
        pages=(
            PageKind("workflow", f"{FOLDER}/*/workflow.yaml", WorkflowPage),
            PageKind("workflow_part", f"{FOLDER}/{PARTS}/*.yaml", WorkflowPart),
            PageKind("stories", f"{FOLDER}/*/stories.yaml", Stories),
            PageKind("rule", f"{FOLDER}/*/rule.py"),
        ),
        needs=(RECORDS, INDICATORS, SAMPLING_PLANS, LAW, CASE_DOCUMENTS),
        read=_read,
        counts={
            "workflows": len,
            "stories": lambda workflows: sum(len(entry.stories) for entry in workflows.values()),
        },
        cites=_cites,
        reference="reference/workflow-grammar.md",
    )
)
