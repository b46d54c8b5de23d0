"""A folder of law texts, given by the installation: invented texts, odd names, missing folders."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest

from zhiheng.kernel.articles import ArticlePlace
from zhiheng.kernel.law import Instrument
from zhiheng.reading.law_texts import LARGEST, LawTexts, absent

BODY = "# 虚构办法\n\n- 公布 published: 2020-01-01\n\n---\n\n第一条　甲。\n第二条　乙。\n（一）乙一；\n"


def text(file: str) -> Instrument:
    return Instrument("t", "虚构办法", "Invented measures", "令第1号", dt.date(2020, 1, 1), file=file)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "laws"
    place.mkdir()
    (place / "虚构办法(2020-01-01).md").write_text(BODY, "utf-8")
    (tmp_path / "secret.md").write_text("第一条　不在目录里。", "utf-8")
    return place


def test_条文原文和不存在的条(folder: Path) -> None:
    texts = LawTexts(folder)
    here = text("虚构办法(2020-01-01)")
    found = texts.passages(here, "第一条、第二条第一项")
    assert found is not None
    assert found.passages == (("第一条", "甲。"), ("第二条第一项", "（一）乙一；"))
    assert texts.missing(here, "第二条至第四条") == (ArticlePlace(3), ArticlePlace(4))
    (told,) = absent(
        texts,
        [("records/a.yaml", "甲", here, "第四条"), ("b", "乙", here, "第一条"), ("c", "丙", text("无"), "第九条")],
    )
    assert (told.page, told.zh) == ("records/a.yaml", "该版文本中没有第四条")


def test_括号全角半角是同一个文件(folder: Path) -> None:
    assert LawTexts(folder).has(text("虚构办法（2020-01-01）"))


@pytest.mark.parametrize("name", ["../secret", "..\\secret", "/etc/passwd", "", ".", "secret", "laws/../../secret"])
def test_目录之外的文件打不开(folder: Path, name: str) -> None:
    texts = LawTexts(folder)
    assert not texts.file(text(name))
    assert texts.words(text(name), ArticlePlace(1)) is None


def test_指向目录之外的链接不算(folder: Path) -> None:
    (folder / "链接.md").symlink_to(folder.parent / "secret.md")
    assert not LawTexts(folder).file(text("链接"))


def test_文件改过以后读新的(folder: Path) -> None:
    texts = LawTexts(folder)
    here = text("虚构办法(2020-01-01)")
    assert texts.words(here, ArticlePlace(1)) == "甲。"
    path = folder / "虚构办法(2020-01-01).md"
    path.write_text(BODY.replace("甲。", "甲改。"), "utf-8")
    os.utime(path, ns=(1, 1))
    assert texts.words(here, ArticlePlace(1)) == "甲改。"


def test_没有编码和过大的文件没有条文但不出错(folder: Path) -> None:
    (folder / "坏.md").write_bytes(b"\xff\xfe\x00\xd8" * 10)
    (folder / "大.txt").write_bytes(b"a" * (LARGEST + 1))
    texts = LawTexts(folder)
    assert texts.file(text("坏"))
    assert not texts.has(text("坏"))
    assert not texts.has(text("大"))
    assert [each.zh for each in absent(texts, [("p", "n", text("坏"), "第一条")])] == ["坏 不能读出条文"]


def test_缺少的目录_空目录_文件都说得清楚(folder: Path, tmp_path: Path) -> None:
    assert LawTexts(folder).problem() is None
    (tmp_path / "empty").mkdir()
    for place, words in (
        (tmp_path / "no", "不存在"),
        (tmp_path / "secret.md", "不是目录"),
        (tmp_path / "empty", "没有 .md"),
    ):
        texts = LawTexts(place)
        problem = texts.problem()
        assert problem is not None
        assert words in problem.zh
        assert "ZHIHENG_LAW_TEXTS" in problem.zh
        assert not texts.has(text("虚构办法(2020-01-01)"))
        assert texts.passages(text("虚构办法(2020-01-01)"), "第一条") is None
