"""评价的页面：等级清单、一家企业的每一分、两个版本的比较；企业自己看得到每一分，能对事实提出异议。"""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.urls import reverse

from tests.access.addresses import browser_of
from tests.book_once import book_once
from tests.desk.officers import officer, said_on, signed_in
from zhiheng.analytics.rating_compare import SPLITS, CauseCount, ItemShift, RatingComparison
from zhiheng.desk.ratings import ratings
from zhiheng.engines.rating_causes import CauseKind, GradeCause
from zhiheng.grammar.chapters.ratings import RATINGS
from zhiheng.queries.rating_trial import Trial
from zhiheng.queries.ratings import RatingAsked, files_of

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture(autouse=True)
def _the_default_book(settings: Any, book_root: Path, tmp_path: Path) -> None:
    settings.BOOK = book_root
    settings.DATA = tmp_path


def test_清单写明各等级的家数和后果_未评单列() -> None:
    answer = signed_in(officer("leader", unit="", area="990101")).get(reverse("desk:ratings"))
    said = said_on(answer.content.decode())
    assert answer.status_code == 200
    assert "信用风险分级监管" in said
    assert "未评" in said
    assert "每年抽查 100%" in said
    assert "建议稿" in said


def test_风险清单写明矩阵和依据_只供编制计划参考() -> None:
    reader = signed_in(officer("leader", unit="", area="990101"))
    answer = reader.get(reverse("desk:ratings"), {"rating": "risk_list"})
    said = said_on(answer.content.decode())
    assert answer.status_code == 200
    assert "风险矩阵" in said
    assert "食品生产经营监督检查管理办法" in said
    assert "不是处理依据，不对外公布" in said
    assert reader.get(reverse("desk:ratings"), {"rating": "risk_list", "cell": "9-9"}).status_code == 422
    assert "风险清单" in said_on(reader.get(reverse("desk:enterprises")).content.decode())


def keep(name: str, edition: str, **more: Any) -> None:
    """A result of a trial on the past, as it is kept."""
    said = {
        "edition": edition,
        "made_on": "2026-12-01",
        "verdict": "no_better",
        "zh": "2025-12-01 的等级，100 家此后一年查过，40 家不合格：不好于“上次结果”这条简单规则。",
        "en": "Grades of 2025-12-01.",
        "rating": [0.612, 0.5, 0.7],
        "naive": [0.62, 0.51, 0.71],
        "regression": [0.65, 0.55, 0.75],
        "better": [-0.008, -0.05, 0.04],
        "bands": [
            {"band": "A", "enterprises": 60, "failed": 18, "lift": 0.75},
            {"band": "", "enterprises": 40, "failed": 22, "lift": 1.375},
        ],
        "levels": [{"band": "很大", "enterprises": 10, "failed": 8, "lift": 2.0}],
        "calibration": [[100_000.0, 0.2, 50], [1_250_000.0, 0.6, 50]],
        **more,
    }
    folder = files_of(name).folder
    folder.mkdir(parents=True)
    (folder / "backtest.json").write_text(json.dumps(said))


def cells(answer: Any) -> str:
    """What stands on a page, cell by cell."""
    return " ".join(re.sub(r"<[^>]*>", " ", answer.content.decode()).split())


def test_检验的结果写在页上_面积_提升_校准_不比简单规则强的照实写(book_root: Path) -> None:
    edition = book_once(book_root)[RATINGS]["risk_list"].editions[-1].edition
    keep("risk_list", edition)
    reader = signed_in(officer("leader", unit="", area="990101"))
    said = cells(reader.get(reverse("desk:ratings"), {"rating": "risk_list"}))
    assert "不好于“上次结果”这条简单规则" in said
    assert "本清单的可能性分值 0.612 0.500 至 0.700" in said
    assert "上次结果 0.620" in said
    assert "很大 10 8 80.0% 2.00" in said
    assert "未评 40 22 55.0% 1.38" in said
    assert "2 12.5 50 60.0%" in said
    assert "查谁不是随机的" in said
    other = cells(reader.get(reverse("desk:ratings"), {"rating": "quality_integrity"}))
    assert "还没有用本地数据检验过" in other


def test_查过的太少_只写得不出结论和各等级(book_root: Path) -> None:
    edition = book_once(book_root)[RATINGS]["risk_list"].editions[-1].edition
    nothing = [float("nan")] * 3
    few = {"bands": [{"band": "A", "enterprises": 3, "failed": 0, "lift": float("nan")}], "levels": []}
    keep(
        "risk_list",
        edition,
        verdict="too_few",
        zh="得不出结论。",
        **few,
        **dict.fromkeys(("rating", "naive", "regression", "better"), nothing),
    )
    reader = signed_in(officer("leader", unit="", area="990101"))
    said = cells(reader.get(reverse("desk:ratings"), {"rating": "risk_list"}))
    assert "得不出结论" in said
    assert "A 3 0 0.0% —" in said
    assert "nan" not in said.lower().partition("检验")[2].partition("风险矩阵")[0]
    assert "曲线下面积" not in said


def test_比较页写明只是试算() -> None:
    answer = signed_in(officer("leader", unit="", area="990101")).get(
        reverse("desk:rating_compare"), {"edition": "credit_supervision", "tried": "quality_integrity"}
    )
    assert "这里只是试算" in said_on(answer.content.decode())


def test_比较页写明每一种原因_现行的和拟采用的_各有几家(book_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = book_once(book_root)
    rating = book[RATINGS]["credit_supervision"]
    edition = rating.editions[-1]
    day = dt.date(2026, 7, 1)
    asked = RatingAsked("credit_supervision", rating, edition, day, day)
    other = RatingAsked("credit_supervision", rating, edition.model_copy(update={"veto": ()}), day, day)
    item, veto, band = edition.items[0], edition.veto[0], edition.bands[0]
    causes = [
        (CauseKind.ITEM, item.id),
        (CauseKind.START, ""),
        (CauseKind.VETO, veto.id),
        (CauseKind.EVIDENCE, "too_few"),
        (CauseKind.EVIDENCE, "enough"),
        (CauseKind.EDGE, band.name),
        (CauseKind.BANDS, ""),
        (CauseKind.MATRIX, ""),
        (CauseKind.WHO, "entered"),
        (CauseKind.WHO, "left"),
    ]
    comparison = RatingComparison(
        asked,
        other,
        40,
        {("A", "B"): 9, ("A", "A"): 31},
        {split: {} for split in SPLITS},
        tuple(CauseCount(GradeCause(*cause), 10 + at) for at, cause in enumerate(causes)),
        0,
        (ItemShift(item.id, -100_000, -300_000, 10),),
        (),
        0,
    )
    trial = Trial(comparison, "990101", book, {})
    monkeypatch.setattr(ratings, "compared_editions", lambda *args, **how: trial)
    said = cells(signed_in(officer("leader", unit="", area="990101")).get(reverse("desk:rating_compare")))
    assert f"评价项目 {item.label.zh} -1.00 -3.00 10" in said
    assert f"一票否决 {veto.label.zh} {veto.at_most} 无 12" in said
    for words in (
        "起评分",
        "因此未评",
        "不再因此未评",
        f"{band.name} 级的最低分",
        "等级的划分",
        "风险矩阵",
        "拟采用的评",
        "拟采用的不评",
    ):
        assert words in said, words
    assert [one["enterprises"] for one in trial.as_json()["causes"]] == list(range(10, 20))


def test_没有这种评价的是404_没有权限的打不开() -> None:
    reader = signed_in(officer("leader", unit="", area="990101"))
    assert reader.get(reverse("desk:rating", args=["nothing", 1])).status_code == 404
    assert signed_in(officer("no_such_role")).get(reverse("desk:ratings")).status_code == 403
    assert browser_of(None).get(reverse("desk:ratings")).status_code == 302


@pytest.mark.parametrize(
    ("cell", "said", "never"),
    [
        ({"axes": [], "heads": {}, "rows": []}, "直接定级：有下列事实，不论分值和矩阵，风险等级不低于 D。", "不高于"),
        (None, "一票否决：等级不高于 D，不论得分。", "不低于"),
    ],
    ids=["risk list", "rating"],
)
def test_直接定级的话_风险清单说不低于_评价说不高于(cell: Any, said: str, never: str) -> None:
    point = {"on": dt.date(2026, 3, 1), "item": "列入严重违法失信名单", "limits_to": "D", "law": ()}
    rating = SimpleNamespace(rated=True, veto=SimpleNamespace(name="D"), band="D", evidence=4)
    shown = {"rating": rating, "cell": cell, "points": [point], "look": "fail", "band": "D", "score": "0"}
    text = said_on(render_to_string("pages/rating.html", {"shown": shown}))
    assert said in text
    assert never not in text
