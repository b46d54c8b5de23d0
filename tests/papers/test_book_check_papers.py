"""What the check of a book says of a paper that can't be filled: the file, the line, what to write."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from zhiheng.engines.papers.book_check import paper_failures
from zhiheng.grammar.loader import load
from zhiheng.grammar.yaml import BookRefused

pytestmark = pytest.mark.slow

PAGE = "documents/complaint_refused/document.yaml"
# What is changed on the page -> a part of what is said of it.
WRONG = {
    ("{refusal_reason}", "{refusal_resaon}"): "是不是“refusal_reason”",
    ("{refusal_reason}", "{agreement}"): "还没有谁填写过",
    ("{refusal_reason}", "{until.mediation}"): "之后不会在计算",
    ("{refusal_reason}", "{until.meditation}"): "是不是“mediation”",
    ("{refusal_reason}", "{day.agree}"): "不会在",
    ("{refusal_reason}", "{party.complainer}"): "是不是“complainant”",
    ("{refusal_reason}", "{hand.handle}"): "是不是“handler”",
    ("{refusal_reason}", "{law.complaints.refusal_cause}"): "是不是“complaints.refusal_causes”",
    ("{refusal_reason}", "{length.complaints.refusal_causes}"): "不是一个值",
    ("{refusal_reason}", "{length.complaints.claim_limits}"): "是不是“complaints.claim_limit”",
    ("{refusal_reason}", "{cite.basis}"): "依据（cites）",
    ("{refusal_reason}", "{opener.lead}"): "上级案件的字段",
    ("{refusal_reason}", "{claim.capital}"): "不是金额",
    ("    other_rule: 法律、法规、规章规定不予受理的其他情形\n", ""): "请在 words.refusal_cause 补上 other_rule",
    ("encloses: [service_receipt]", "encloses: [receipt]"): "没有名为“receipt”的文书",
}
# What is refused when the page is read.
UNREADABLE = {
    ("{refusal_reason}", "{refusal_reason"): "大括号没有成对",
    ("{refusal_reason}", "{party.complainant.shoe_size}"): "看不懂空格",
    ("{refusal_reason}", "{paper.colour}"): "看不懂空格",
    ("{refusal_reason}", "{blank.0}"): "看不懂空格",
    ("〔{year}〕{serial}号", "〔{year}〕号"): "文号须有 {year} 和 {serial}",
    ("〔{year}〕{serial}号", "〔{year}〕{serial}{day}号"): "文号里没有空格“day”",
    ('  - says: "不予受理的理由：', '  - heading: 理由\n    says: "不予受理的理由：'): "之一",
}


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the book for this module."""
    root = Path(__file__).resolve().parents[2] / "book"
    return Path(shutil.copytree(root, tmp_path_factory.mktemp("papers") / "book"))


@pytest.fixture
def scratch(copied: Path) -> Iterator[Path]:
    """The copy, whose page is put back afterwards."""
    before = (copied / PAGE).read_text("utf-8")
    yield copied
    (copied / PAGE).write_text(before, "utf-8")


def change(root: Path, old: str, new: str) -> None:
    text = (root / PAGE).read_text("utf-8")
    assert old in text
    (root / PAGE).write_text(text.replace(old, new, 1), "utf-8")


def test_书里的文书没有错(copied: Path) -> None:
    assert list(map(str, paper_failures(load(copied)))) == []


@pytest.mark.parametrize(("wrong", "told"), WRONG.items(), ids=[new or old for old, new in WRONG])
def test_填不出来的空格_说明在哪个文件第几行(wrong: tuple[str, str], told: str, scratch: Path) -> None:
    change(scratch, *wrong)
    found = list(paper_failures(load(scratch)))
    assert any(told in error.zh for error in found), [error.zh for error in found]
    assert all(error.file == PAGE for error in found)
    assert all(error.line > 1 for error in found)


@pytest.mark.parametrize(("wrong", "told"), UNREADABLE.items(), ids=[new for _, new in UNREADABLE])
def test_写错的页面_读的时候就退回(wrong: tuple[str, str], told: str, scratch: Path) -> None:
    change(scratch, *wrong)
    with pytest.raises(BookRefused) as refused:
        list(paper_failures(load(scratch)))
    assert told in str(refused.value)
    assert f"{PAGE}:" in str(refused.value)


def test_没有人出具的文书_出具不存在的文书(scratch: Path) -> None:
    page = scratch / "workflows" / "complaint" / "workflow.yaml"
    before = page.read_text("utf-8")
    try:
        page.write_text(before.replace("issues: complaint_refused", ""), "utf-8")
        told = [error for error in paper_failures(load(scratch)) if "没有哪个行为出具" in error.zh]
        assert [error.file for error in told] == [PAGE]
        page.write_text(before.replace("issues: complaint_refused", "issues: complaint_refuse"), "utf-8")
        with pytest.raises(BookRefused, match="是不是“complaint_refused”"):
            list(paper_failures(load(scratch)))
    finally:
        page.write_text(before, "utf-8")


def test_期满依法发生的行为不出具文书(scratch: Path) -> None:
    page = scratch / "workflows" / "food_retest" / "workflow.yaml"
    before = page.read_text("utf-8")
    lines = before.split("\n")
    place = lines.index("  no_request:")
    try:
        page.write_text(
            "\n".join([*lines[: place + 1], "    issues: food_retest_refused", *lines[place + 1 :]]), "utf-8"
        )
        with pytest.raises(BookRefused, match="文书由人办理的行为出具"):
            list(paper_failures(load(scratch)))
    finally:
        page.write_text(before, "utf-8")
