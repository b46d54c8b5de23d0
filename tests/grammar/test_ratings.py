"""评价一章：记录、角色、列写错的，分值正负写反的，规则书不收，并指出哪一行。"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError

from tests.book_once import book_once
from zhiheng.grammar.chapters.cards import CARDS
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.ratings import RATINGS, UNITS_PER_POINT, RatingEdition, edition_errors
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.grammar.yaml import read_text


def errors_after(book_root: Path, change: Callable[[str], str], name: str = "credit_supervision") -> list[str]:
    """What the book says of a shipped rating after a change of its text."""
    text = change((book_root / "ratings" / f"{name}.yaml").read_text("utf-8"))
    document = read_text(text, file=f"ratings/{name}.yaml")
    edition = RatingEdition.model_validate(document.data["editions"][0])
    book = book_once(book_root)
    areas = [area.code for area in book[DISTRICT].areas]
    found = edition_errors(edition, document, ("editions", 0), book[RECORDS], areas, book[CARDS]["enterprise"])
    return [f"{error.line}: {error.zh}" for error in found]


def test_随附的评价都成立_各有法律依据(book_root: Path) -> None:
    ratings = book_once(book_root)[RATINGS]
    assert set(ratings) == {"credit_supervision", "quality_integrity", "risk_list"}
    for rating in ratings.values():
        edition = rating.on(dt.date(2026, 1, 1))
        assert edition is not None
        assert [band.name for band in edition.bands] == ["A", "B", "C", "D"]
        assert all(item.law for item in edition.items)
        assert edition.start < 100 * UNITS_PER_POINT
        assert rating.by_hash(edition.edition[:12]) == edition
        assert rating.on(dt.date(2000, 1, 1)) is None


def test_分级监管的五组就是国家通用型的五组(book_root: Path) -> None:
    edition = book_once(book_root)[RATINGS]["credit_supervision"].editions[0]
    assert [part.label.zh for part in edition.parts] == ["企业属性", "经营行为", "监管", "关联关系", "社会评价"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "record: post_certificate",
            "record: post_certificat",
            "没有名为“post_certificat”的记录类型，是不是“post_certificate”",
        ),
        ("role: complainee", "role: subject", "没有名为“subject”的角色"),
        ("key_post: true", "kee_post: true", "没有列“kee_post”"),
        ("per: sample_number", "per: sample", "没有列“sample”"),
        ("where: {standing: held}", "where: {outcome: fail}", "不合格的不加分"),
        ("window: {years: 5}", "window: standing", "没有“现在还成立”一说"),
    ],
)
def test_写错的地方指得出来(book_root: Path, old: str, new: str, said: str) -> None:
    assert errors_after(book_root, lambda text: text) == []
    found = errors_after(book_root, lambda text: text.replace(old, new))
    assert any(said in error for error in found), found
    assert all(int(error.split(":")[0]) > 20 for error in found)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("where: {outcome: fail}", "where: {outcome: pass}", "不合格的不减分，合格的不加分"),
        ("per: equipment_code", "per: fact", "要用 per 写明按什么取最近一次"),
        ("where: {progress: overdue}\n        window: {months: 24}", "window: lapsed", "没有写到期日"),
    ],
)
def test_风险清单写错的地方指得出来(book_root: Path, old: str, new: str, said: str) -> None:
    assert errors_after(book_root, lambda text: text, "risk_list") == []
    found = errors_after(book_root, lambda text: text.replace(old, new), "risk_list")
    assert any(said in error for error in found), found


@pytest.mark.parametrize(("window", "refused"), [("36", False), ("25", False), ("24", True), ("12", True)])
def test_衰减的最后一级在窗口之内才收(book_root: Path, window: str, refused: bool) -> None:
    steps = "decay: {steps: [{after: {months: 12}, share: 60}, {after: {months: 24}, share: 30}]}"

    def change(text: str) -> str:
        before, decay, after = text.partition(steps)
        head, _, rest = before.rpartition("window: {months: 36}")
        return f"{head}window: {{months: {window}}}{rest}{decay}{after}"

    if not refused:
        assert errors_after(book_root, change) == []
        return
    with pytest.raises(ValidationError) as found:
        errors_after(book_root, change)
    assert "never reached" in str(found.value)


def test_风险清单的矩阵是四乘四_分四等(book_root: Path) -> None:
    edition = book_once(book_root)[RATINGS]["risk_list"].editions[0]
    assert edition.matrix is not None
    assert [part.label.zh for part in edition.parts] == ["可能性", "后果"]
    assert [len(row) for row in edition.matrix.cells] == [4, 4, 4, 4]
    assert edition.start == 0


def test_改动任何一处指纹都变(book_root: Path) -> None:
    edition = book_once(book_root)[RATINGS]["credit_supervision"].editions[0]
    heavier = edition.items[0].model_copy(update={"points": edition.items[0].points - 1})
    assert edition.model_copy(update={"items": (heavier, *edition.items[1:])}).edition != edition.edition
