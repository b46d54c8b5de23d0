"""只改规则书：街道下面再分网格，或者换成外国的区划，指标按层级拆得开，清单筛得出，网页打得开，表格收得进。"""

from __future__ import annotations

import dataclasses
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import override_settings
from django.urls import reverse

from tests.book.test_area_levels import with_grids
from tests.book_once import book_once
from tests.desk.cockpit_place import PAGES, first_of_july, refreshed
from tests.desk.officers import officer, signed_in
from tests.desk.test_cockpit import page
from tests.desk.test_indicators import cells
from tests.places import NOON, SMALL, Ledger, sampling_row, standing
from zhiheng.analytics.figures_by_area import every_area, levels_at_once
from zhiheng.analytics.lake import Lake
from zhiheng.analytics.query import figures
from zhiheng.grammar.chapters.district import DISTRICT, District
from zhiheng.ledger.models import Fact

__all__ = ["first_of_july"]
pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@dataclass(frozen=True)
class There:
    """A place by its book: the level that is split, the places that rows name, and what the tables must say."""

    book: Path
    top: str
    level: str
    said: tuple[str, ...]
    codes: tuple[str, ...]
    rows: dict[str, str]
    leaf: str
    other: str


def london(text: str) -> str:
    """The small place as another country's: codes of letters, and one that has nothing of its parent's."""
    for ours, theirs in {
        '"990900"': '"GB"',
        '"990901001"': '"GB-LND-CMD"',
        '"990901002"': '"E09000033"',
        '"990901"': '"GB-LND"',
        "{zh: 试验市, en: Test City}": "{zh: 某国, en: Nation}",
        "{zh: 试验区, en: Test District}": "{zh: 伦敦, en: London}",
        "{zh: 甲街道, en: Jia Sub-district}": "{zh: 卡姆登, en: Camden}",
        "{zh: 乙街道, en: Yi Sub-district}": "{zh: 威斯敏斯特, en: Westminster}",
        'parent: "GB-LND", outline: [[0': 'parent: "GB-LND", also: [Camden], outline: [[0',
        'parent: "GB-LND", outline: [[5': 'parent: "GB-LND", also: [Westminster], outline: [[5',
        'kind: district, parent: "GB"}': 'kind: district, parent: "GB", also: [London]}',
    }.items():
        assert ours in text, ours
        text = text.replace(ours, theirs)
    text = re.sub(r"^endings: .*\n", "", text, flags=re.M)
    text = re.sub(r" endings: \[.*?\],?", "", text)
    return kinds_of(text)


def kinds_of(text: str) -> str:
    """The names of the levels in the other country."""
    for ours, theirs in {"sub_district": "borough", "district": "region", "city": "nation"}.items():
        text = re.sub(rf"(id: |kind: |\[|, ){ours}\b(?=[,\]}}])", rf"\1{theirs}", text)
    return text.replace("zh: 街道, en: sub-district", "zh: 自治市镇, en: borough")


@pytest.fixture(scope="module", params=["grids", "abroad"])
def there(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> There:
    """The book of a place with grids below the street, or of one in another country."""
    root = tmp_path_factory.mktemp("book") / "book"
    shutil.copytree(SMALL, root)
    abroad = request.param == "abroad"
    for name, text in PAGES.items():
        path = root / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(kinds_of(text) if abroad else text.replace("sub_district]", "sub_district, grid]"), "utf-8")
    district = root / "district.yaml"
    district.write_text((london if abroad else with_grids)(district.read_text("utf-8")), "utf-8")
    if abroad:
        custody = root / "custody.yaml"
        custody.write_text(custody.read_text("utf-8").replace('"990901"', '"GB-LND"'), "utf-8")
        said = ("gb-lnd-cmd", "Camden, London", "London / Westminster", "E09000033", "London")
        codes = ("GB-LND-CMD", "GB-LND-CMD", "E09000033", "E09000033", "GB-LND")
        rows = {"卡姆登": "2", "威斯敏斯特": "2", "未分到自治市镇": "1"}
        return There(root, "GB", "borough", said, codes, rows, "GB-LND-CMD", "E09000033")
    grid = "990901001002017"
    said = (grid, "第十七网格", "试验市试验区甲街道第十七网格", "甲街道", "乙街道")
    codes = (grid, grid, grid, "990901001", "990901002")
    return There(root, "990900", "grid", said, codes, {"第十七网格": "3", "未分到网格": "2"}, grid, "990901002")


@pytest.fixture(scope="module")
def filled_once(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory, there: There
) -> Iterator[Path]:
    """A delivery of samples in which places are written in all the ways that the place knows; projected, refreshed."""
    folder = tmp_path_factory.mktemp("figures")
    (folder / "handed-in").mkdir()
    with standing(django_db_blocker):
        with django_db_blocker.unblock(), override_settings(DATA=folder / "data"):
            place = Ledger(book_once(there.book), folder / "handed-in")
            rows = [sampling_row(n, 抽样地区=said) for n, said in enumerate(there.said, start=1)]
            assert place.samples("a.csv", rows, day="2026-06-28").facts == len(rows)
            refreshed(place)
        yield folder / "data"


@pytest.fixture
def filled(filled_once: Path, db: None, settings: Any, tmp_path: Path, there: There) -> Ledger:
    """The same, open to pages."""
    settings.BOOK, settings.DATA = there.book, tmp_path / "data"
    shutil.copytree(filled_once, settings.DATA)
    return Ledger(book_once(there.book), tmp_path)


def lake_of(place: Ledger, settings: Any) -> Lake:
    """The lake of the place."""
    return Lake(Path(settings.DATA) / "lake", place.book)


def test_报送里的地区认得出(filled: Ledger, there: There) -> None:
    assert tuple(Fact.objects.order_by("id").values_list("area", flat=True)) == there.codes


def test_指标按层级拆开_每一格都是门(filled: Ledger, there: There) -> None:
    browser = signed_in(officer(area=there.top))
    asked = {"area": there.top, "indicator": "samples", "by": f"area:{there.level}"}
    text = page(browser, f"{reverse('desk:indicators')}?{urlencode(asked)}")
    found = cells(text)
    assert {row: found[row][0] for row in there.rows} == there.rows
    table = text[text.index("<tbody>") : text.index("</table>")]
    doors = re.findall(r'<a class="door figure" href="([^"]+)"[^>]*>([^<]+)</a>', table)
    assert len(doors) == len(there.rows) + 1
    for url, shown in doors:
        assert f"共 {shown} 条" in page(browser, url), url


def test_清单按区域筛选_驾驶舱和企业清单打得开(filled: Ledger, there: There) -> None:
    browser = signed_in(officer(area=there.top))
    named = {area.code: area.name.zh for area in filled.book[DISTRICT].areas}
    for code in named:
        assert named[code] in page(browser, f"{reverse('desk:cockpit')}?{urlencode({'area': code})}")
    lists = {
        code: set(
            re.findall(
                r"试验第\d食品有限公司",
                page(browser, f"{reverse('desk:enterprises')}?{urlencode({'area': code})}"),
            )
        )
        for code in (there.top, there.leaf, there.other)
    }
    expected = {
        code: {
            f"试验第{number}食品有限公司"
            for number, at in enumerate(there.codes, start=1)
            if at in filled.book[DISTRICT].areas_below[code]
        }
        for code in lists
    }
    assert lists == expected


def test_各区域一起算的与一个一个算的相同(filled: Ledger, there: There, settings: Any) -> None:
    lake = lake_of(filled, settings)
    days = {"as_of": NOON.date(), "known_on": NOON.date()}
    for area, found in every_area(lake, lake.book, **days):
        asked = figures(lake, lake.book, area=area, **days)
        assert [dataclasses.asdict(f) for f in found] == [dataclasses.asdict(f) for f in asked], area


def test_同一层级里套着同一层级的_一个一个地算(filled: Ledger, there: There) -> None:
    """Everything is of one level: nothing can be answered together but the areas without others beneath."""
    district = filled.book[DISTRICT]
    told = district.model_dump()
    for area in told["areas"]:
        area["kind"] = district.areas[0].kind
    assert levels_at_once(District.model_validate(told)) == {}
