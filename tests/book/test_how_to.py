"""What the how-tos say is done in a scratch copy of the book: it works, and touches as many files as they promise."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from zhiheng.engines.examples import failures
from zhiheng.engines.papers.book_check import paper_failures
from zhiheng.engines.workflow.book_check import workflow_failures
from zhiheng.engines.workflow.legal_time import LegalTime
from zhiheng.engines.workflow.untested import untested
from zhiheng.grammar import book_checks
from zhiheng.grammar.chapters.calendars import CALENDAR
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.early_warning import WARNINGS
from zhiheng.grammar.chapters.indicators import INDICATORS
from zhiheng.grammar.chapters.law import LAW
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.grammar.chapters.workflows import WORKFLOWS
from zhiheng.grammar.loader import load

pytestmark = pytest.mark.slow

HOW_TO = Path(__file__).resolve().parents[2] / "docs" / "how-to"
BLOCK = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)
# How-to -> the folder it writes into, and the file of each of its first blocks.
RECIPES = {
    "add-a-record.md": (
        "records/environment/noise_monitoring",
        ["record.yaml", "sources/standard.yaml", "examples.yaml"],
    ),
    "add-a-workflow.md": ("workflows/lost_property", ["workflow.yaml", "stories.yaml"]),
}
WARNING = ("add-an-early-warning.md", "warnings/shop_fails_again.yaml")
INDICATOR = ("add-an-indicator.md", "indicators/noise_met_rate.yaml")


def files(folder: Path) -> dict[str, bytes]:
    """Every file of a book."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def blocks(page: str) -> list[str]:
    """The pages of the book that a how-to shows, in its order."""
    return BLOCK.findall((HOW_TO / page).read_text("utf-8"))


def follow(page: str, book: Path) -> list[str]:
    """Write what a how-to shows; returns the files that it touched."""
    before = files(book)
    folder, names = RECIPES[page]
    for name, text in zip(names, blocks(page), strict=False):
        path = book / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    after = files(book)
    return sorted(name for name in after if after[name] != before.get(name))


@pytest.fixture
def scratch(book_root: Path, tmp_path: Path) -> Path:
    """A copy of the default book."""
    return Path(shutil.copytree(book_root, tmp_path / "book", ignore=shutil.ignore_patterns("__pycache__")))


@pytest.mark.parametrize("page", RECIPES)
def test_照着做就成_只动说好的几个文件(page: str, scratch: Path) -> None:
    folder, names = RECIPES[page]
    assert follow(page, scratch) == sorted(f"{folder}/{name}" for name in names)
    book = load(scratch)
    book_checks.check(book)
    assert list(failures(book)) == []
    assert list(workflow_failures(book)) == []


def test_照着做的指标也成_只动一个文件(scratch: Path) -> None:
    follow("add-a-record.md", scratch)
    before = files(scratch)
    page, name = INDICATOR
    (scratch / name).write_text(blocks(page)[0], "utf-8")
    assert [each for each, content in files(scratch).items() if before.get(each) != content] == [name]
    assert "noise_met_rate" in load(scratch)[INDICATORS]


def test_照着做的预警规则也成_只动一个文件(scratch: Path) -> None:
    before = files(scratch)
    (scratch / WARNING[1]).write_text(blocks(WARNING[0])[0], "utf-8")
    assert [each for each, content in files(scratch).items() if before.get(each) != content] == [WARNING[1]]
    book = load(scratch)
    book_checks.check(book)
    warnings = book[WARNINGS]
    assert warnings is not None
    assert warnings.kinds["shop_fails_again"].kind == "cluster"


def test_照着做的一级区划也成_只动一个文件(scratch: Path) -> None:
    """A line for the level at the end of the levels, one for the grid at the end of the areas."""
    before = files(scratch)
    level, area = blocks("add-an-area-level.md")
    page = scratch / "district.yaml"
    text = page.read_text("utf-8")
    end_of_levels, end_of_areas = text.index("\n# outline"), text.index("\nunits:")
    page.write_text(
        text[:end_of_levels].rstrip("\n")
        + "\n"
        + level
        + text[end_of_levels:end_of_areas]
        + "\n"
        + area
        + text[end_of_areas:],
        "utf-8",
    )
    assert [each for each, content in files(scratch).items() if before.get(each) != content] == ["district.yaml"]
    book = load(scratch)
    book_checks.check(book)
    assert list(failures(book)) == []
    assert "990101001002017" in book[DISTRICT].areas_below["990101"]
    assert book[DISTRICT].divisions["十七网格"] == "990101001002017"
    # Files may leave out the ending that the level names, and indicators are split by the level.
    places = next(iter(book[RECORDS]["product_sampling"].types.values()))["division"]
    assert places.clean("铁砧第十七") == "990101001002017"
    assert "grid" in {level.id for level in book[DISTRICT].splits("990101")}
    assert book[DISTRICT].at_level["grid"] == {"990101001002017": "990101001002017"}


def test_照着做的案件文书也成_一个新文件加工作流的一行(scratch: Path) -> None:
    before = files(scratch)
    document, act = blocks("add-a-document.md")
    page = scratch / "documents" / "entrust_letter" / "document.yaml"
    page.parent.mkdir()
    page.write_text(document, "utf-8")
    workflow = scratch / "workflows" / "complaint" / "workflow.yaml"
    lines = workflow.read_text("utf-8").split("\n")
    place = next(number for number, line in enumerate(lines) if line.startswith("  entrust:"))
    workflow.write_text("\n".join([*lines[:place], act.rstrip("\n"), *lines[place + 1 :]]), "utf-8")
    touched = [name for name, content in files(scratch).items() if before.get(name) != content]
    assert sorted(touched) == ["documents/entrust_letter/document.yaml", "workflows/complaint/workflow.yaml"]
    book = load(scratch)
    book_checks.check(book)
    assert list(workflow_failures(book)) == []
    assert list(map(str, paper_failures(book))) == []


def test_举例的工作流_去掉任一行都有故事发觉(scratch: Path) -> None:
    follow("add-a-workflow.md", scratch)
    book = load(scratch)
    seen = untested(book[WORKFLOWS], "lost_property", LegalTime(book[LAW], book[CALENDAR]))
    assert list(map(str, seen.unnoticed)) == []
