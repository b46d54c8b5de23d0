"""Pages of the desk against a bare page of the same site: the same base template, one query by primary key.

Median times of whole requests (session, account, roles, template; nothing over a network), taken in turns in one
process. The district is filled by ``bench.filled_district``; the enterprises are drawn at random. The one with most
facts, a laboratory, is measured by itself and told without a claim: what it costs grows with the file, since the days
of a whole file are in no index.

    python -m bench.pages [--scale small|medium|full] [--postgresql]
"""

from __future__ import annotations

import argparse
import io
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from bench.claims import claim
from bench.filled_district import SCALES, TODAY
from bench.own_place import sign_in
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.site.environment import for_pages

ROUNDS = {"small": 60, "medium": 60, "full": 40}
# What the issue promises, as multiples of the bare page.
FILE, SEARCH, LIST, COCKPIT = 3.0, 4.0, 3.0, 3.0


def main() -> int:
    """Fill a district, then ask for pages in turns; a claim per kind of page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", choices=SCALES, default="small")
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--keep", type=Path, help="a folder that was filled before, or is to be kept (SQLite)")
    words = parser.parse_args()
    if words.postgresql and not os.environ.get("DATABASE_URL"):
        command = [sys.executable, "-m", "tests.postgres", sys.executable, "-m", "bench.pages", "--scale", words.scale]
        return subprocess.run(command, check=False).returncode
    home = words.keep or Path(tempfile.mkdtemp(prefix="zhiheng-bench-"))
    home.mkdir(exist_ok=True)
    os.environ["ZHIHENG_DATA"] = str(home)
    # As the processes that serve pages are set up.
    for_pages()
    try:
        return measure(words.scale, home)
    finally:
        if words.keep is None:
            shutil.rmtree(home, ignore_errors=True)


def measure(scale: str, home: Path) -> int:
    """The ratios of one run."""
    from bench import filled_district

    enterprises, facts = SCALES[scale]
    if not (home / "filled").exists():
        seconds = filled_district.fill(enterprises, facts)
        print("filled: " + ", ".join(f"{name} {s:.0f} s" for name, s in seconds.items()))
        (home / "filled").touch()
    else:
        from zhiheng.cli.session import set_up

        set_up()
    _figures(home)
    ask = _asker()
    kinds = _kinds(enterprises)
    times: dict[str, list[float]] = {name: [] for name in kinds}
    for addresses in kinds.values():
        for _ in range(3):
            ask(next(addresses))
    for _ in range(ROUNDS[scale]):
        for name, addresses in kinds.items():
            address = next(addresses)
            start = time.perf_counter()
            ask(address)
            times[name].append(time.perf_counter() - start)
    medians = {name: statistics.median(taken) for name, taken in times.items()}
    bare = medians["bare page"]
    print(f"{enterprises:,} enterprises, {facts:,} facts, {ROUNDS[scale]} rounds in turns")
    for name, median in medians.items():
        slow = sorted(times[name])[int(len(times[name]) * 0.95)]
        print(f"{name:<34} {median * 1000:7.2f} ms  {median / bare:5.2f}x   95 %: {slow * 1000:7.2f} ms")
    held = [
        claim(medians["quality file"] / bare, FILE),
        claim(max(m for name, m in medians.items() if name.startswith("search")) / bare, SEARCH),
        claim(max(m for name, m in medians.items() if name.startswith("list")) / bare, LIST),
    ]
    if "cockpit" in medians:
        held.append(claim(medians["cockpit"] / bare, COCKPIT))
    return max(held)


def _figures(home: Path) -> None:
    """The figures that the cockpit shows, computed once from the lake as after a delivery."""
    from zhiheng.actions.projections.refresh_projections import refresh
    from zhiheng.analytics.lake import Lake, project
    from zhiheng.cli.session import open_book
    from zhiheng.kernel.actor import SYSTEM
    from zhiheng.projections.models import StoredFigure

    if StoredFigure.objects.exists():
        return
    import datetime as dt

    start = time.perf_counter()
    book = open_book()
    lake = Lake(home / "lake", book)
    project(lake)
    now = dt.datetime.combine(TODAY, dt.time(12), dt.timezone(dt.timedelta(hours=8)))
    refresh(Call(SYSTEM, book, now), lake=lake)
    print(f"lake and figures: {time.perf_counter() - start:.0f} s")


def _asker() -> Callable[[str], bytes]:
    """Asks for a page as an officer of the quality office who is signed in, through the whole stack below the
    socket.
    """
    import datetime as dt

    from django.conf import settings
    from django.core.handlers.wsgi import WSGIHandler
    from django.core.signals import got_request_exception
    from django.test import Client

    from zhiheng.cli.session import open_book
    from zhiheng.people.models import Account, Grant

    settings.ROOT_URLCONF = "bench.bare_page"
    settings.ALLOWED_HOSTS = ["bench"]
    root = open_book()[DISTRICT].areas[0].code
    unit = next(u.id for u in open_book()[DISTRICT].units if u.area == root)
    account, made = Account.objects.get_or_create(
        login="bench", defaults={"name": "测速员", "kind": "officer", "unit": unit}
    )
    if made:
        Grant.objects.create(
            account=account,
            role="quality_office",
            unit=unit,
            area=root,
            first_day=dt.date(2020, 1, 1),
            given_by="bench",
        )
    browser = Client()
    sign_in(browser, account)
    cookie = f"{settings.SESSION_COOKIE_NAME}={browser.cookies[settings.SESSION_COOKIE_NAME].value}"
    handler = WSGIHandler()
    # A page that fails says why, or the benchmark would only say that it did.
    got_request_exception.connect(lambda **_: traceback.print_exc(), weak=False)

    def ask(address: str) -> bytes:
        path, _, query = address.partition("?")
        status: list[str] = []
        environ: dict[str, Any] = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "SERVER_NAME": "bench",
            "SERVER_PORT": "80",
            "HTTP_HOST": "bench",
            "HTTP_COOKIE": cookie,
            "wsgi.input": io.BytesIO(),
            "wsgi.errors": sys.stderr,
            "wsgi.url_scheme": "http",
            "REMOTE_ADDR": "127.0.0.1",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "SCRIPT_NAME": "",
        }
        response = handler(environ, lambda said, headers, *rest: status.append(said))
        content = b"".join(response)
        response.close()
        assert status[0].startswith("200"), f"{address}: {status[0]}"
        return content

    return ask


def _kinds(enterprises: int) -> dict[str, Iterator[str]]:
    """Each kind of page with addresses that never run out."""
    from urllib.parse import quote

    from django.urls import NoReverseMatch, reverse

    from zhiheng.projections.models import Card

    dice = random.Random(11)
    biggest = Card.objects.order_by("-facts").values_list("subject", flat=True)[0]
    some = [dice.randrange(1, enterprises + 1) for _ in range(400)]
    cards = list(Card.objects.filter(subject__in=some).values_list("name", "code", "area"))

    def every(found: Iterable[str]) -> Iterator[str]:
        kept = list(found)
        while True:
            yield from kept

    desk = reverse("desk:enterprises")
    area = cards[0][2]
    kinds = {
        "bare page": every(f"/bare/{subject}/" for subject in some),
        "quality file": every(reverse("desk:file", args=[subject]) for subject in some),
        "quality file, most facts": every([reverse("desk:file", args=[biggest])]),
        "search, part of a name": every(f"{desk}?q={quote(name[2:6])}" for name, _, _ in cards),
        "search, code": every(f"{desk}?q={code}" for _, code, _ in cards),
        "search, Pinyin initials": every(
            f"{desk}?q={initials}" for initials in _initials(name for name, _, _ in cards)
        ),
        "list": every([desk]),
        "list, an area with problems": every(
            [f"{desk}?area={area[:6]}&problems=any", f"{desk}?area={area}&order=problems"]
        ),
        "list, what ends soon": every([f"{desk}?expiry=30&order=expiry"]),
    }
    try:
        kinds["cockpit"] = every([reverse("desk:cockpit")])
    except NoReverseMatch:
        print("there is no cockpit yet")
    return kinds


def _initials(names: Iterable[str]) -> list[str]:
    from pypinyin import Style, lazy_pinyin

    return ["".join(lazy_pinyin(name, style=Style.FIRST_LETTER))[:6] for name in names]


if __name__ == "__main__":
    raise SystemExit(main())
