"""Every address that is opened by asking for it, asked for what nobody would ask: by somebody who may open it.

Which words an address knows is not listed here: they are those that its code looks up while it answers, plainly and in
the ways that pages lead to it (``queries_of.reading``), those that its view spells out, and for the interface those of
its own description.

Where an address knows several words, each gets every hostile value: all at once, each another one in its turn. The only
word of an address gets every second one (``ONLY``). Beside that some pairs of word and value (one in ``ALONE``) are
asked alone, now with nothing, now with good values of the others: the same pairs in every run, other ones at each
address. What nearly every address knows gets one value at each. Places in lists are real ones, from lists that are cut
after one row, and are given, whole and bent, to the lists they are not of. Whatever is asked: a page with an answer or
a refusal in words, no fault, nothing of what was asked as markup, and no way out of the house.
"""

from __future__ import annotations

import csv
import datetime as dt
import inspect
import re
import sys
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote_plus, urlencode, urlsplit
from xml.etree import ElementTree

import orjson
import pytest
from django.test import Client
from django.urls import Resolver404, resolve

from tests.access.addresses import MARKER, NO_PAGE, Address, World, addresses, browser_of, officer
from tests.access.queries_of import named_in, reading, ways_of
from tests.access.test_addresses import OURS
from tests.access.test_hostile_forms import insider, owner, undone
from zhiheng.actions.accounts.issue_token import issue_token
from zhiheng.actions.intake.receive_delivery import receive
from zhiheng.actions.projections.refresh_projections import refresh
from zhiheng.actions.publication.approve import approve
from zhiheng.actions.publication.propose_publication import propose
from zhiheng.api.interface import interface
from zhiheng.api.keys import PerMinute
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.credit import CREDIT
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.kernel.actor import SYSTEM
from zhiheng.office.models import PublicationRequest
from zhiheng.people.models import Account
from zhiheng.published.models import PublishedEntry
from zhiheng.queries import figures

pytestmark = pytest.mark.slow

PROBE = "<x-probe>\"' data-probe=\"1\" ' data-probe='1' {0.__class__}%s${x} ' OR 1=1; -- %_\\*?[a-] ../../etc/passwd"
# Values as they stand in an address: some of them are no text at all.
HOSTILE = {
    "markup": quote_plus(PROBE),
    "control": quote_plus("甲\x00乙\x07\x1b[31m\u202e\u2028\r\nX-Probe: 1"),
    "no text": "%FF%C0%80%ED%A0%80%zz%",
    "long": "x" * 100_000,
    "long in Chinese": quote_plus("长") * 12_000,
    "long number": "9" * 100_000,
    "blank": quote_plus(" \u3000\t"),
    "a word": quote_plus("不是选项"),
    "negative": "-1",
    "huge": "9" * 40,
    "one too many": str(2**63),
    "eighteen digits": "9" * 18,
    "infinite": "1e309",
    "full width": quote_plus("１２"),
    "no digit": quote_plus("²"),
    "no day": "2026-02-30",
    "before days": "0000-00-00",
    "the first day": "0001-01-01",
    "the last day": "9999-12-31",
    "after days": "99999-01-01",
    "the last month": "9999-12",
    "another house": quote_plus("//elsewhere.example/"),
    "a script": quote_plus("javascript:alert(1)"),
}
# What may stand on no page as it was asked: a tag, an attribute, a way out.
MARKUP = [
    b"<x-probe",
    b'data-probe="1',
    b"data-probe='1",
    *(
        f"{name}={quote}{way}".encode()
        for name in ("href", "src", "action")
        for quote in "\"'"
        for way in ("javascript:", "//elsewhere", "http://elsewhere", "https://elsewhere")
    ),
]
ANSWERS = frozenset({200, 301, 302, 303, 304, 400, 404, 422})
# A value can also say another department's area: a program is told that its key does not reach there.
ANSWERS_API = ANSWERS | {403}
# So many rows a list shows at most, where its function says so itself.
ROWS = 50
# More words than may be asked at all.
LARGE = 413
# One in so many values is asked alone: of the only word of an address, of one among several; and one in so many places
# in lists.
ONLY, ALONE, PLACES = 2, 16, 4


@dataclass
class Known:
    """What is known of an address: where it is opened, the words it knows, what it must be given, and what it may be
    given besides.
    """

    path: str
    browser: Client
    names: set[str] = field(default_factory=set)
    good: dict[str, str] = field(default_factory=dict)
    rich: dict[str, str] = field(default_factory=dict)
    plain: int = 0

    @property
    def opens(self) -> bool:
        """Whether there is something at the address."""
        return self.plain in (200, 302)

    def ask(self, query: str, **headers: str) -> Any:
        """The answer, read to its end; what it wrote is taken back."""
        with undone():
            answer = self.browser.get(f"{self.path}?{query}" if query else self.path, headers=headers)
            answer.whole = b"".join(answer) if answer.streaming else answer.content
        return answer


def encoded(given: Mapping[str, str]) -> str:
    """A query of values that are encoded already."""
    return "&".join(f"{quote_plus(name)}={value}" for name, value in given.items())


@dataclass
class Walk:
    """Asks, and notes what was not as it should be."""

    places: Mapping[str, Sequence[str]]
    answers: Set[int]
    alone: int = ALONE
    wrong: list[str] = field(default_factory=list)
    asked: Counter[int] = field(default_factory=Counter)

    def ask(self, known: Known, query: str, what: str, **headers: str) -> None:
        """Ask once."""
        answer = known.ask(query, **headers)
        self.asked[answer.status_code] += 1
        self.wrong += [f"{known.path} [{what}]: {told}" for told in self._faults(known, answer)]

    def _faults(self, known: Known, answer: Any) -> Iterator[str]:
        kind = answer.headers.get("Content-Type", "")
        # A page about something that went wrong says so however it is asked.
        if answer.status_code not in self.answers | {known.plain}:
            yield str(answer.status_code)
        if "X-Probe" in answer.headers:
            yield "a header of its own"
        if urlsplit(answer.headers.get("Location", "")).netloc not in ("", "testserver"):
            yield f"leads to {answer.headers['Location'][:60]}"
        if "html" in kind:
            text = answer.whole.lower()
            yield from (f"stands on the page as markup: {one!r}" for one in MARKUP if one in text)
        if "html" in kind and answer.status_code >= 400 and b"<h1" not in answer.whole:
            yield f"{answer.status_code} without a word"
        try:
            if kind.startswith("application/json"):
                told = orjson.loads(answer.whole)
                if answer.status_code >= 400 and not told["problems"][0]["zh"]:
                    yield f"{answer.status_code} without a word"
            elif re.search(r"[/+]xml\b", kind):
                ElementTree.fromstring(answer.whole)
        except (ValueError, LookupError, ElementTree.ParseError) as error:
            yield f"{kind} that can't be read: {error!r}"

    def address(self, name: str, known: Known, common: set[str]) -> None:
        """Everything for one address."""
        own, good, start = sorted(known.names - common), known.good, zlib.crc32(name.encode())
        values = list(HOSTILE.items())
        one_in = self.alone if len(own) > 1 else ONLY
        for at, word in enumerate(own):
            for turn, (what, value) in enumerate(values):
                if (start + 3 * at + turn) % one_in == 0:
                    self.ask(known, encoded({**(known.rich if turn % 2 else good), word: value}), f"{word}: {what}")
            # A word that is a place in some list gets those of others, and such as are none.
            foreign = [one for found in self.places.values() for one in found if word in self.places]
            for turn, value in enumerate(foreign):
                if (start + turn) % PLACES == 0:
                    self.ask(known, encoded({**good, word: value}), f"{word}: {value}")
        if len(own) > 1:
            for turn in range(len(values)):
                given = {word: values[(turn + 7 * at) % len(values)][1] for at, word in enumerate(own)}
                self.ask(known, encoded(given), f"all at once, {turn}", **({"HX-Request": "true"} if turn % 3 else {}))
        if own:
            word = own[start % len(own)]
            thrice = "&".join(f"{quote_plus(word)}={value}" for value in ("1", HOSTILE["a word"], HOSTILE["markup"]))
            self.ask(known, f"{encoded(good)}&{thrice}", f"{word} three times")
        all_know = encoded({word: values[(start + at) % len(values)][1] for at, word in enumerate(sorted(common))})
        self.ask(
            known,
            f"&&=&=1&%00=1&%FF=1&<x-probe>=1&x={HOSTILE['markup']}&{HOSTILE['markup']}&{all_know}",
            "no words at all",
        )


def bent(place: str) -> Iterator[str]:
    """A place that is none: on no day, behind the last number, at a digit that is no number."""
    yield place
    yield re.sub(r"\d{4}-\d\d-\d\d", "2026-02-30", place) if re.search(r"\d{4}-\d\d-\d\d", place) else "9999-12-31.1"
    yield re.sub(r"\d+$", "9" * 25, place)
    yield re.sub(r"\d+$", quote_plus("²"), place)


def _said(url: str) -> dict[str, str]:
    return {name: quote_plus(value) for name, value in parse_qsl(urlsplit(url).query)}


class Explored:
    """Every address opened once; what leads where, and which places in lists there are, is read off the pages."""

    def __init__(
        self, visits: Sequence[tuple[Address, str, Client]], said: Mapping[str, set[str]] | None = None
    ) -> None:
        said = said or {}
        self.known = {
            a.name: Known(url.partition("?")[0], browser, set(said.get(a.name, ())), _said(url))
            for a, url, browser in visits
        }
        self.ways: dict[str, dict[str, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
        self.places: dict[str, set[str]] = defaultdict(set)
        for address, _, _ in visits:
            self._open(address)
        for address, _, _ in visits:
            if address.name in self.known:
                self._follow(address)

    def _open(self, address: Address, given: Mapping[str, str] | None = None) -> None:
        known = self.known[address.name]
        with reading() as read:
            answer = known.ask(encoded(known.good if given is None else given))
        if answer.status_code == 405:
            # Only forms are sent there.
            del self.known[address.name]
            return
        known.names |= read | named_in(address.view)
        if given is None:
            known.plain = answer.status_code
        if "html" not in answer.headers.get("Content-Type", ""):
            return
        found, onward = ways_of(answer.whole.decode(), known.path)
        for name, value in (one for link in onward for one in _said(link).items()):
            if value != known.good.get(name):
                self.places[name].add(value)
        for path, name, value in found:
            try:
                self.ways[resolve(path).view_name][path].setdefault(name, quote_plus(value))
            except Resolver404:
                continue

    def _follow(self, address: Address) -> None:
        """Open it the way that pages lead there: with good values, and where the sample is not there."""
        known = self.known[address.name]
        for path in sorted(self.ways[address.name]):
            if not known.opens:
                known.path = path
                self._open(address)
        found = {n: v for n, v in self.ways[address.name].get(known.path, {}).items() if n and v}
        if found:
            known.rich = {**found, **known.good}
            self._open(address, known.rich)

    def common(self) -> set[str]:
        """Words that nearly every address knows."""
        counted = Counter(name for one in self.known.values() for name in one.names)
        return {name for name, count in counted.items() if count > 0.8 * len(self.known)}


@pytest.fixture
def one_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every list is cut after one row, so that there are places in lists."""
    for name, module in list(sys.modules.items()):
        if not name.startswith("zhiheng."):
            continue
        if type(getattr(module, "PAGE", None)) is int:
            monkeypatch.setattr(module, "PAGE", 1)
        for one in list(vars(module).values()):
            if getattr(one, "__module__", "") == name and inspect.isfunction(one):
                if (one.__kwdefaults__ or {}).get("limit") in range(ROWS + 1):
                    monkeypatch.setitem(one.__kwdefaults__, "limit", 1)
                if "limit" in inspect.signature(one).parameters and (one.__defaults__ or ("",))[-1] == ROWS:
                    monkeypatch.setattr(one, "__defaults__", (*one.__defaults__[:-1], 1))


@pytest.fixture(autouse=True)
def computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that stays written happens meanwhile: the same numbers of the same day are taken from the lake once."""
    plain, kept = figures.compare_figures, dict[str, Any]()

    def once(lake: Any, book: Any, *given: Any, **words: Any) -> Any:
        key = repr((given, sorted(words.items())))
        if key not in kept:
            kept[key] = plain(lake, book, *given, **words)
        return kept[key]

    monkeypatch.setattr(figures, "compare_figures", once)


@pytest.fixture
def grown(world: World, tmp_path: Path) -> World:
    """The samples, and a second of what lists are made of: the enterprise was registered anew, and that is published
    too.
    """
    examples = world.book[RECORDS]["enterprise_register"].examples
    assert examples is not None
    row = {**examples.accepted[0].row, "住所": "云澜市砺原区铁砧街道砧台路28号", "核准日期": "2026-06-01"}
    path = tmp_path / "变更.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([list(row), list(row.values())])
    words: dict[str, Any] = {"call": Call(SYSTEM, world.book, world.now)}
    (result,) = receive(path, unit="liyuan_market", confirmed=True, **words)
    assert result.facts == 1, result
    refresh(Call(SYSTEM, world.book, world.now))
    propose(**words)
    waiting = PublicationRequest.objects.filter(state="open").values_list("pk", flat=True)
    approve(list(waiting), call=words["call"].by(replace(SYSTEM, id="somebody else")))
    world.entry = PublishedEntry.objects.filter(state=PublishedEntry.State.SHOWN).order_by("-pk")[0].public_id
    return world


def visits(
    world: World, found: Sequence[Address], browser: Client, better: Mapping[str, str] | None = None
) -> list[tuple[Address, str, Client]]:
    """The addresses with a sample; where none is known, with any word: pages lead to a better one."""
    told = []
    for address in found:
        try:
            told.append((address, (better or {}).get(address.name) or address.url(world), browser))
        except LookupError:
            sample = re.sub(r"<(?:int|number):\w+>", "1", "/" + address.route)
            told.append((address, re.sub(r"<[^>]+>", "none", sample), browser))
    return told


def walked(explored: Explored, answers: Set[int] = ANSWERS, alone: int = ALONE) -> Walk:
    """Every address that was opened, asked for everything; fails where anything was not as it should be."""
    common = explored.common()
    places = {name: [one for place in sorted(found) for one in bent(place)] for name, found in explored.places.items()}
    walk = Walk(places, answers, alone)
    for name, known in sorted(explored.known.items()):
        walk.address(name, known, common)
    assert not walk.wrong, "\n".join(sorted(walk.wrong))
    assert walk.asked[200] > len(explored.known) // 2, walk.asked
    return walk


def test_办公端的每个地址_问什么都有一页像样的回答(grown: World, one_row: None) -> None:
    desk = [
        a
        for a in OURS
        if a.act != "public" and not a.name.startswith(("firm:", "bank:")) and not a.act.startswith("firm.")
    ]
    explored = Explored(visits(grown, desk, insider(grown)))
    known = explored.known
    assert len(known) > 60
    assert {name for name, one in known.items() if not one.opens} <= set(NO_PAGE)
    assert {"q", "area", "order", "after"} <= known["desk:enterprises"].names
    assert {"record", "unit", "first", "last", "after"} <= known["desk:deliveries"].names
    assert len(explored.places["after"]) > 3, "no list was cut: there was no place to bend"
    walk = walked(explored)
    assert sum(walk.asked.values()) > 1_000


def test_企业端的每个地址_问什么都有一页像样的回答(grown: World, one_row: None) -> None:
    firm = [a for a in OURS if a.name.startswith("firm:") and a.act != "public"]
    explored = Explored(visits(grown, firm, owner(grown)))
    walk = walked(explored)
    assert {"quality", "outcome", "record", "after"} <= explored.known["firm:file"].names
    assert explored.places["after"]
    assert sum(walk.asked.values()) > 60


def test_公示平台的每个地址_问什么都有一页像样的回答(grown: World, one_row: None) -> None:
    shown = PublishedEntry.objects.get(public_id=grown.entry)
    better = {"portal:list": f"/lists/{shown.list}/", "portal:feed": f"/feeds/{shown.list}.atom"}
    explored = Explored(visits(grown, [a for a in OURS if a.act == "public"], browser_of(None), better))
    walk = walked(explored)
    assert {"from", "to", "area", "q", "product", "after"} <= explored.known["portal:list"].names
    assert {name for name, one in explored.known.items() if one.opens} >= {
        "portal:list",
        "portal:entry",
        "portal:enterprise",
        "portal:search",
    }
    assert sum(walk.asked.values()) > 150


# What a department's program may read.
READS = [
    "api.deliver",
    "api.read",
    "delivery.list",
    "indicator.read",
    "enterprise.list",
    "file.read",
    "fact.read",
    "webhook.manage",
]


def test_接口的每个查询_问什么都有读得懂的回答(grown: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PerMinute, "allow_request", lambda self, request: True)
    book, in_a_month = grown.book, grown.now.date() + dt.timedelta(days=30)
    words: dict[str, Any] = {"last_day": in_a_month, "call": Call(SYSTEM, book, grown.now)}
    ours = issue_token("抽检系统", unit="liyuan_market", scopes=READS, **words).key
    (extract,) = book[CREDIT].values()
    banks = issue_token(
        "银行系统", unit=extract.readers[0].id, scopes=["credit.read"], role="bank_program", **words
    ).key
    needed = {"area": "990101", "q": MARKER, "purpose": next(iter(extract.purposes))}
    routes = {
        re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", f"/{a.route}"): a for a in addresses() if a.room.startswith("ninja.")
    }
    said: dict[str, set[str]] = {}
    asked = []
    for path, operations in interface.get_openapi_schema()["paths"].items():
        if "get" in operations:
            address, key = routes[path], banks if "/credit/" in path else ours
            caller = Client(raise_request_exception=False, headers={"Authorization": f"Bearer {key}"})
            told = [one for one in operations["get"].get("parameters", ()) if one["in"] == "query"]
            said[address.name] = {one["name"] for one in told}
            good = {one["name"]: needed[one["name"]] for one in told if one.get("required")}
            asked.append((address, f"{address.url(grown)}?{urlencode(good)}", caller))
    explored = Explored(asked, said)
    # Of each list the first page, so that there are places in lists.
    for known in explored.known.values():
        if {"cursor", "limit"} <= known.names and known.opens:
            place = orjson.loads(known.ask(encoded({**known.good, "limit": "1"})).whole)["next"]
            explored.places["cursor"] |= {place} - {""}
    walk = walked(explored, ANSWERS_API, alone=4)
    assert len(explored.places["cursor"]) > 2
    assert sum(known.opens for known in explored.known.values()) > 12
    assert sum(walk.asked.values()) > 400


@pytest.mark.parametrize("inside", [False, True], ids=["外人", "登录的人"])
def test_账号的每个地址_问什么都有一页像样的回答(world: World, settings: Any, inside: bool) -> None:
    settings.ACCOUNT_RATE_LIMITS = False
    browser = browser_of(None)
    if inside:
        account: Account = officer("walker", ("quality_office", "liyuan_market", "990101"))
        account.set_password("一句别人想不到的话2026")
        account.save()
        for page in ("login", "reauthenticate"):
            browser.post(f"/account/{page}/", {"login": "walker", "password": "一句别人想不到的话2026"})
    theirs = [a for a in addresses() if a.room.startswith("allauth.") and "(" not in a.route]
    explored = Explored(visits(world, theirs, browser))
    walk = walked(explored)
    assert "next" in explored.known["account_login"].names
    assert ("account_change_password" in {n for n, one in explored.known.items() if one.opens}) or not inside
    assert walk.asked[200] > 50


def test_问得太多_说得清楚(world: World) -> None:
    """More words than a page takes: each room says so."""
    many = "&".join(f"a{n}={n}" for n in range(1_100))
    browser = insider(world)
    for path in ("/", "/desk/enterprises/", "/account/login/", "/firm/join/"):
        answer = browser.get(f"{path}?{many}")
        assert answer.status_code in (200, LARGE), path
        assert answer.status_code == 200 or "太大" in answer.content.decode(), path
    answer = browser.get(f"/api/v1/public/lists?{many}")
    assert answer.status_code in (200, 400, LARGE, 422)
