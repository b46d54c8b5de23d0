"""A number that no database can hold is no address: it is answered like every page that does not exist."""

from __future__ import annotations

import re

import pytest
from django.urls import Resolver404, resolve

from tests.access.addresses import addresses

OURS = [one for one in addresses() if re.search("<(?:int|number):", one.route) and not one.room.startswith("allauth.")]


@pytest.mark.parametrize("number", ["9223372036854775808", "99999999999999999999999999", "1" * 19, "0" * 30])
def test_太大的编号不是任何页面的地址(number: str) -> None:
    assert len(OURS) > 40, "no address has a number: this test looks in the wrong place"
    opened = []
    for one in OURS:
        path = re.sub("<(?:slug|str|uuid|path):[^>]+>", "x", re.sub("<(?:int|number):[^>]+>", number, one.route))
        try:
            resolve("/" + path)
        except Resolver404:
            continue
        opened.append(one.route)
    assert opened == []


def test_数据库放得下的编号都是地址() -> None:
    for number in ("0", "1", "999999999999999999"):
        assert resolve(f"/desk/facts/{number}/").kwargs == {"fact": int(number)}
