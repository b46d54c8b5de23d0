"""Throughput of the public portal against a bare page of the same frame, requests of strangers in turns in one process.

Each kind of page is told twice: made anew (nobody asked since the last change of what is published) and kept. The claim
is made of readers: they ask for pages as popular as pages of the web are (the second half as often as the first, the
third a third as often), and something is published or taken down every so many requests, which makes every page new.

    python -m bench.portal [--scale small|full] [--postgresql]
"""

from __future__ import annotations

import datetime as dt
import io
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import orjson

from bench.claims import claim
from bench.own_place import run

SCALES = {"small": (20_000, 200_000), "full": (200_000, 2_000_000)}
ROUNDS = {"small": 40, "full": 60}
# A bare page may be answered at most twice while the portal answers once.
SLOWER = 2.0
CHANGE = 500
CHANGES = 4
_NAMES = "云澜砺原沧霁澄岫锦枢翔哲绚泓良秋淳谦芒霄念明岩开章璟泰月昱玥暮嘉康调景展铭正寿钧起适"
_GOODS = ("挂面", "塑料管材", "月饼", "粮食加工品", "内墙涂料", "电线电缆", "儿童服装", "灭火器", "食用油", "矿泉水")


def main() -> int:
    """Fill the published tables, then ask."""
    return run("bench.portal", __doc__, SCALES, measure)


def measure(scale: str) -> int:
    """The ratios of one run."""
    from zhiheng.cli.session import set_up

    set_up()
    from django.conf import settings
    from django.urls import reverse

    from zhiheng.portal.caching import PAGES
    from zhiheng.published.models import PublishedEnterprise, PublishedEntry

    settings.ROOT_URLCONF = "bench.bare_portal"
    settings.ALLOWED_HOSTS = ["bench"]
    enterprises, entries = SCALES[scale]
    start = time.perf_counter()
    fill(enterprises, entries)
    print(f"{enterprises:,} enterprises, {entries:,} entries, filled in {time.perf_counter() - start:.0f} s")
    dice = random.Random(3)
    some = sorted(dice.sample(range(1, enterprises + 1), ROUNDS[scale] + 3))
    firms = list(PublishedEnterprise.objects.filter(pk__in=some))
    shown = list(PublishedEntry.objects.filter(pk__in=some).values_list("public_id", flat=True))
    days = [dt.date(2024, 1, 1) + dt.timedelta(days=each) for each in range(ROUNDS[scale] + 3)]
    kinds: dict[str, Sequence[str]] = {
        "bare page": [f"/bare/{each.pk}/" for each in firms],
        "public file": [reverse("portal:enterprise", args=[each.public_id]) for each in firms],
        "entry": [reverse("portal:entry", args=[each]) for each in shown],
        "list": [f"{reverse('portal:list', args=['sampling'])}?to={day}" for day in days],
        "list, of an area": [f"{reverse('portal:list', args=['sampling'])}?area=990101&to={day}" for day in days],
        "search": [f"{reverse('portal:search')}?q={each.name[2:6]}" for each in firms],
    }
    ask = _asker()
    PAGES.forget()
    anew, again = _turns(kinds, ask, ROUNDS[scale]), _turns(kinds, ask, ROUNDS[scale])
    bare = statistics.median(anew["bare page"] + again["bare page"])
    for name in kinds:
        made, kept = statistics.median(anew[name]), statistics.median(again[name])
        print(
            f"{name:<20} made anew {made * 1000:7.2f} ms {made / bare:5.2f}x   kept {kept * 1000:7.2f} ms "
            f"{kept / bare:5.2f}x"
        )
    addresses = [each for name, listed in kinds.items() if name != "bare page" for each in listed]
    dice.shuffle(addresses)
    readers = _readers([reverse("portal:home"), *addresses], ask, dice)
    print(
        f"readers, a change every {CHANGE} requests: {readers * 1000:.2f} ms a request, throughput "
        f"{bare / readers:.2f} of the bare page's"
    )
    return claim(readers / bare, SLOWER)


def _readers(addresses: Sequence[str], ask: Callable[[str], bytes], dice: random.Random) -> float:
    """Seconds per request of readers who prefer the pages that others prefer."""
    from django.utils import timezone

    from zhiheng.actions.publication.entry_writer import raise_versions

    weights = [1 / place for place in range(1, len(addresses) + 1)]
    asked = dice.choices(addresses, weights=weights, k=CHANGE * CHANGES)
    taken = 0.0
    for number, address in enumerate(asked):
        if number % CHANGE == 0:
            raise_versions({"sampling": 0}, timezone.localtime())
        start = time.perf_counter()
        ask(address)
        taken += time.perf_counter() - start
    return taken / len(asked)


def _turns(kinds: dict[str, Sequence[str]], ask: Callable[[str], bytes], rounds: int) -> dict[str, list[float]]:
    """Each kind in turn, each address once."""
    times: dict[str, list[float]] = {name: [] for name in kinds}
    for number in range(rounds):
        for name, addresses in kinds.items():
            start = time.perf_counter()
            ask(addresses[number % len(addresses)])
            times[name].append(time.perf_counter() - start)
    return times


def _asker() -> Callable[[str], bytes]:
    """Asks for a page as a stranger, through the whole stack below the socket."""
    from urllib.parse import quote

    from django.core.handlers.wsgi import WSGIHandler

    handler = WSGIHandler()

    def ask(address: str) -> bytes:
        path, _, query = address.partition("?")
        status: list[str] = []
        environ: dict[str, Any] = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": path,
            "QUERY_STRING": quote(query, safe="=&"),
            "SERVER_NAME": "bench",
            "SERVER_PORT": "80",
            "HTTP_HOST": "bench",
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


def fill(enterprises: int, entries: int) -> None:
    """Invented enterprises and sampling results in the published tables, as the shelf writes them."""
    from django.db import transaction
    from django.utils import timezone

    from zhiheng.actions.publication.entry_writer import _ENTRY, _PARTY, raise_versions
    from zhiheng.cli.session import open_book
    from zhiheng.engines.publication import releasers
    from zhiheng.published import store
    from zhiheng.published.ids import public_id, shop_code
    from zhiheng.published.models import Form, Product, PublishedEnterprise, PublishedEntry, PublishedParty, Token
    from zhiheng.published.tokens import pairs, plain

    now = timezone.localtime()
    dice = random.Random(5)
    releaser = releasers(open_book())["product_sampling"]
    columns = [{"target": c.target, "zh": c.label.zh, "en": c.label.en, "listed": c.listed} for c in releaser.columns]
    form = Form.objects.create(
        digest="0" * 64,
        list="sampling",
        record="product_sampling",
        label={"zh": "抽查", "en": "Sampling"},
        columns=columns,
        law=[],
    )
    goods = [Product.objects.create(name=name).pk for name in _GOODS]
    firm_columns = (
        "id",
        "public_id",
        "shop_code",
        "subject",
        "name",
        "plain",
        "other_names",
        "code",
        "area",
        "shown",
        "gone",
    )
    areas = ("990101001", "990101002", "990102001", "990103001", "990104001")

    def firms() -> Iterator[tuple[Any, ...]]:
        for number in range(1, enterprises + 1):
            name = f"云澜市{''.join(dice.choices(_NAMES, k=5))}有限公司"
            yield (
                number,
                public_id(),
                shop_code(),
                number,
                name,
                plain(name),
                "[]",
                f"91990101MA{number:08d}",
                areas[number % 5],
                1,
                False,
            )

    with transaction.atomic():
        made = list(firms())
        store.append(PublishedEnterprise, firm_columns, made)
        for start in range(0, enterprises, 20_000):
            tokens = sorted(
                {("e", token, each[0]) for each in made[start : start + 20_000] for token in pairs(each[4])}
            )
            store.append(Token, ("kind", "token", "ref"), tokens)
        for first in range(1, entries + 1, 20_000):
            rows, parties = [], []
            for number in range(first, min(first + 20_000, entries + 1)):
                of = made[dice.randrange(enterprises)]
                good = number % len(goods)
                values = orjson.dumps(
                    [
                        _GOODS[good]
                        if c["target"] == "product"
                        else of[4]
                        if c["target"] == "producer"
                        else ["合格", "qualified"]
                        if c["target"] == "verdict"
                        else f"{number:08d}"
                        for c in columns
                    ]
                ).decode()
                day = dt.date(2024, 1, 1) + dt.timedelta(days=dice.randrange(1000))
                rows.append(
                    (
                        number,
                        public_id(),
                        "sampling",
                        "product_sampling",
                        form.pk,
                        f"{_GOODS[good]}：合格（{of[4]}）",
                        "x",
                        values,
                        "qualified",
                        goods[good],
                        "pass",
                        "product",
                        False,
                        of[8],
                        "liyuan_market",
                        day,
                        now,
                        day,
                        None,
                        "没有规定公示的截止日期。",
                        "No end.",
                        "0" * 64,
                        "shown",
                        "{}",
                        number,
                        None,
                    )
                )
                parties.append((number, number, of[0], "producer", day, of[0]))
            store.append(PublishedEntry, _ENTRY, rows)
            store.append(PublishedParty, _PARTY, parties)
        raise_versions({"sampling": entries}, now)
    store.note_statistics()


if __name__ == "__main__":
    sys.exit(main())
