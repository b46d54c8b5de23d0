"""How many there are is written the same way everywhere: 10,031, on tabs and in sentences as in tables."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.template.loader import render_to_string

from zhiheng.pages.templatetags.zhiheng import count

HOUSE = Path(__file__).parents[2] / "zhiheng"
SENTENCE = re.compile(r'\{% t "[^"]*(?:共|其中|另有) \{n\}[^"]*"\s+"[^"]*"[^%]*?\bn=([^\s%]+)')


@pytest.mark.parametrize(
    ("number", "told"), [(0, "0"), (999, "999"), (10031, "10,031"), ("1,016", "1,016"), ("", ""), ("999+", "999+")]
)
def test_条数按千分位写(number: object, told: str) -> None:
    assert count(number) == told


def test_标签页上的条数按千分位写_没有条数的不写() -> None:
    tabs = [{"url": "/a/", "label": "待审核", "count": 10031, "here": True}, {"url": "/b/", "label": "已办结"}]
    text = render_to_string("pages/parts/tabs.html", {"tabs": tabs, "label": "公示"})
    assert '<span class="count">10,031</span>' in text
    assert text.count('class="count"') == 1


def test_每个模板里说共几条的句子_条数都按千分位写() -> None:
    found = [
        (path.name, number)
        for path in sorted(HOUSE.glob("*/templates/**/*.html"))
        for number in SENTENCE.findall(path.read_text("utf-8"))
    ]
    assert len(found) > 15, "no sentence was found: this test looks in the wrong place"
    # What {% number %} gave as `all`, and texts that the page made, are grouped already.
    assert [one for one in found if not re.fullmatch(r"all|\w+_text|.+\|count", one[1])] == []
