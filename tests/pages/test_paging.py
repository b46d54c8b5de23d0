"""A place in a list is sealed: it fits the list that it was written for, and everything else begins anew and says so."""

from __future__ import annotations

import base64
import re

import pytest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from zhiheng.pages.paging import next_place, place_asked, seal, start_asked, unseal, without


@given(of=st.text(), place=st.text(min_size=1))
def test_封好的位置只有同一份清单读得出(of: str, place: str) -> None:
    sealed = seal(of, place)
    assert re.fullmatch(r"[\w-]+", sealed, re.ASCII)
    assert unseal(of, sealed) == place
    assert unseal(of + "x", sealed) is None
    assert unseal(of, sealed[:-1]) is None
    assert unseal(of, sealed + "A") != place


def test_封好的位置里看不出行号_同一处总是同一个地址() -> None:
    sealed = seal("entries:food", "2026-10-31.36925")
    assert sealed == seal("entries:food", "2026-10-31.36925") != seal("entries:drugs", "2026-10-31.36925")
    opened = base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
    for plain in (b"2026", b"36925", b"entries"):
        assert plain not in opened


@given(of=st.text(), text=st.text())
def test_编造的什么也读不出_也不出错(of: str, text: str) -> None:
    assert unseal(of, text) is None


def test_没有下一页就没有位置() -> None:
    assert seal("清单", "") == ""


@pytest.mark.parametrize(
    ("address", "fits"),
    [
        ("/desk/list/?unit=a&q=", True),
        ("/desk/list/?unit=b", False),
        ("/desk/list/", False),
        ("/desk/list/?unit=a&q=x", False),
        ("/desk/other/?unit=a", False),
    ],
)
def test_换了清单或换了条件_从头开始_页面知道(address: str, fits: bool) -> None:
    sealed = next_place(RequestFactory().get("/desk/list/?unit=a"), "17")
    request = RequestFactory().get(f"{address}{'&' if '?' in address else '?'}after={sealed}")
    assert place_asked(request) == ("17" if fits else "")
    assert getattr(request, "began_anew", False) is not fits


def test_一页上的两份清单各翻各的() -> None:
    first = RequestFactory().get("/d/")
    refused, skipped = next_place(first, "1"), next_place(first, "2", "skips")
    both = RequestFactory().get("/d/", {"after": refused, "skips": skipped})
    assert (place_asked(both), place_asked(both, "skips")) == ("1", "2")
    swapped = RequestFactory().get("/d/", {"after": skipped, "skips": refused})
    assert (place_asked(swapped), place_asked(swapped, "skips")) == ("", "")


def test_几处地址显示同一份清单() -> None:
    words = {"of": "timeline:7", "among": ("unit",)}
    sealed = next_place(RequestFactory().get("/file/7/?unit=a&tab=x"), "17", **words)
    assert place_asked(RequestFactory().get(f"/file/7/more/?unit=a&year=2026&after={sealed}"), **words) == "17"
    assert place_asked(RequestFactory().get(f"/file/7/more/?unit=b&after={sealed}"), **words) == ""


@pytest.mark.parametrize(
    ("text", "start", "anew"), [("", 0, False), ("50", 50, False), ("x", 0, True), ("-1", 0, True)]
)
def test_从第几行起(text: str, start: int, anew: bool) -> None:
    request = RequestFactory().get("/", {"after": text})
    assert start_asked(request, "after") == start
    assert getattr(request, "began_anew", False) is anew


def test_去掉一个条件_空的和翻页位置也去掉_其余原样() -> None:
    asked = RequestFactory().get("/?q=望&unit=a&unit=b&area=&after=x&skips=y&state=open").GET
    assert without(asked, "state").urlencode() == "q=%E6%9C%9B&unit=a&unit=b"
    assert without(asked).getlist("unit") == ["a", "b"]
    assert asked["after"] == "x", "what was asked stays as it is"
