"""引用旁的条文原文和官方网页：有文本的显示当日那一版的原文，没有文本的只有条文号和链接，目录坏了也不出错。"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.template import Context, Template
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from tests.desk.test_book import ROOT, reader
from zhiheng.grammar.types import Citation

__all__ = ["reader"]
pytestmark = [pytest.mark.django_db, pytest.mark.slow]
NOW = "第一条　甲。\n第四十六条　<b>现行</b>的公布办法。\n"
THEN = "第一条　甲。\n第四十六条　原来的公布办法。\n"


@pytest.fixture
def laws(tmp_path: Path, settings: Any) -> Path:
    """Two editions of one text, invented words."""
    folder = tmp_path / "laws"
    folder.mkdir()
    (folder / "食品安全抽样检验管理办法.md").write_text(NOW, "utf-8")
    (folder / "食品安全抽样检验管理办法(2019-10-01).md").write_text(THEN, "utf-8")
    settings.LAW_TEXTS = folder
    settings.BOOK = ROOT
    return folder


def cite(said: object, day: dt.date | None = None, lang: str = "zh") -> str:
    with override(lang):
        return Template("{% cite said day %}").render(Context({"said": said, "day": day}))


CITED = Citation(text="食品安全抽样检验管理办法", article="第四十六条", checked=dt.date(2026, 11, 22))


def test_原文是事项发生之日那一版的(laws: Path) -> None:
    now, then = cite(CITED, dt.date(2026, 1, 1)), cite(CITED, dt.date(2020, 1, 1))
    assert "现行" in now
    assert "2025-05-01 起施行的文本" in now
    assert "原来的公布办法" in then
    assert "现行" not in then


def test_原文里的标记按文字显示(laws: Path) -> None:
    shown = cite(CITED, dt.date(2026, 1, 1))
    assert "<b>" not in shown
    assert "&lt;b&gt;现行" in shown


def test_没有那一版的文本就只有引用和官方网页(laws: Path) -> None:
    shown = cite(CITED, dt.date(2023, 1, 1))
    assert "<details" not in shown
    assert "https://www.samr.gov.cn/" in shown
    assert "第四十六条" in shown


def test_具体网页不详的链接到官方数据库并说明(laws: Path) -> None:
    shown = cite(Citation(text="城镇排水与污水处理条例", article="第二十九条第二款"))
    assert "https://flk.npc.gov.cn/" in shown
    assert "请按名称检索" in shown
    assert "<a" not in cite(Citation(text="没有登记的办法", article="第三条"))


def test_废止的法律写明至何日止_新法写明自何日起(laws: Path) -> None:
    assert "至 2026-08-14 止" in cite(Citation(text="环境保护法", article="第四十四条", until=dt.date(2026, 8, 14)))
    assert "自 2026-12-01 起" in cite(Citation.model_validate({"text": "食品召回管理办法", "from": "2026-12-01"}))
    assert "Environmental Protection Law" in cite(Citation(text="环境保护法"), lang="en")


@pytest.mark.parametrize(
    "said",
    [
        "《食品安全抽样检验管理办法》第四十六条",
        "《食品安全抽样检验管理办法》（国家市场监督管理总局令第15号）第四十六条",
        {"zh": "《食品安全抽样检验管理办法》第四十六条"},
    ],
)
def test_存下来的文字也能找到原文(laws: Path, said: object) -> None:
    assert "现行" in cite(said, dt.date(2026, 1, 1))


def test_记录页和法规页显示原文_目录不在时照常打开(reader: Client, laws: Path, settings: Any) -> None:
    record, topic = (
        reverse("desk:book_record", args=["food_sampling"]),
        reverse("desk:book_topic", args=["food_sampling"]),
    )
    assert "现行" in reader.get(record).content.decode()
    settings.LAW_TEXTS = laws / "nowhere"
    for address in (record, topic):
        answer = reader.get(address)
        assert answer.status_code == 200
        assert "law-words" not in answer.content.decode()


def test_记录页不露出英文的工作笔记(reader: Client) -> None:
    for name in ("instrument_verification", "rescue_call", "coal_boiler", "satisfaction_survey"):
        text = reader.get(reverse("desk:book_record", args=[name])).content.decode()
        assert "at hand" not in text
        assert "known from" not in text


def found(reader: Client, asked: str) -> str:
    return reader.get(reverse("desk:palette"), {"q": asked}, headers={"HX-Request": "true"}).content.decode()


@pytest.mark.parametrize(
    ("asked", "name", "address"),
    [
        ("食品抽检", "食品安全监督抽检", "/desk/book/records/food_sampling/"),
        ("产品质量法", "中华人民共和国产品质量法", "#text-product-quality-law"),
        ("生态环境法典", "中华人民共和国生态环境法典", "#text-environment-code"),
        ("驾驶", "驾驶舱", "/desk/"),
        ("行政处罚程序暂行规定", "市场监督管理行政处罚程序规定", "#text-samr-2"),
    ],
)
def test_简称_法律名称_页面名称都能从命令面板找到(reader: Client, asked: str, name: str, address: str) -> None:
    shown = found(reader, asked)
    assert name in shown
    assert address in shown


def test_法规页列出全部文件的施行日和官方网页(reader: Client) -> None:
    text = reader.get(reverse("desk:book_law")).content.decode()
    assert 'id="text-environment-code"' in text
    assert "有效至 2026-08-14" in text
    assert "官方数据库（按名称检索）" in text
