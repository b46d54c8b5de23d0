"""The public log on the portal: heads, tiles and entries for programs, and a page that says how to check them."""

from __future__ import annotations

import datetime as dt
from xml.etree import ElementTree

import pytest
from django.test import Client

from tests.factories import TrailLineFactory
from tests.places import NOON
from tests.published.places import Place
from zhiheng.actions.log.append_leaves import append_leaves
from zhiheng.actions.log.publish_log import publish_log
from zhiheng.engines.transparency import checkpoints, notes, tiles, tree
from zhiheng.engines.transparency.spoken import spoken
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import SYSTEM
from zhiheng.kernel.merkle import leaf_hash
from zhiheng.ledger import log, log_key
from zhiheng.ledger.models import LogCosignature
from zhiheng.published import log_files

pytestmark = pytest.mark.database


def published(place: Place, now: dt.datetime = NOON) -> int:
    append_leaves(call=Call(SYSTEM, place.book, now))
    return publish_log(call=Call(SYSTEM, place.book, now))


@pytest.fixture
def filled(place: Place) -> Place:
    for number in range(300):
        TrailLineFactory(actor="account:1", verb="file.read", about=f"subject:{number}")
    return place


def content(client: Client, name: str) -> bytes:
    answer = client.get(f"/log/{name}")
    assert answer.status_code == 200, name
    return answer.getvalue()


def test_everything_is_checked_from_outside_with_the_public_key_alone(filled: Place, client: Client) -> None:
    published(filled)
    key = log_key.known_keys()[-1]
    head, _ = checkpoints.open_checkpoint(notes.read_note(content(client, "checkpoint")), [key])
    assert head.size > 256

    def fetch(tile: tiles.Tile) -> bytes:
        return content(client, tile.address)

    read = tiles.reader(fetch, head.size)
    assert tree.root(read, head.size) == head.root
    entries = [
        entry
        for tile in (tiles.Tile(None, 0), tiles.Tile(None, 1, head.size - 256))
        for entry in tiles.entries_of(content(client, tile.address))
    ]
    for index in (0, 255, 256, head.size - 1):
        proof = tree.inclusion_proof(read, index, head.size)
        tree.check_inclusion(leaf_hash(entries[index]), index, head.size, proof, head.root)


def test_only_what_is_missing_is_written(filled: Place) -> None:
    assert published(filled) == 5
    assert published(filled) == 0
    TrailLineFactory(actor="account:2", verb="file.read", about="subject:1")
    assert published(filled, NOON + dt.timedelta(hours=1)) == 2


@pytest.mark.slow
def test_the_page_shows_the_head_its_witnesses_and_how_to_check(filled: Place, client: Client) -> None:
    assert "日志还没有开始" in client.get("/log/").content.decode()
    assert client.get("/log/square.svg").status_code == 404
    published(filled)
    head = log.last_checkpoint()
    assert head is not None
    assert "还没有单位见证" in client.get("/log/").content.decode()
    witness = notes.PrivateKey("witness.example/city", notes.KeyKind.COSIGNATURE, bytes(32))
    line = witness.sign(notes.read_note(head.note.encode()).text, 1_800_000_000).line
    LogCosignature.objects.create(checkpoint=head, witness=str(witness.public), at=NOON, line=line)
    publish_log(call=Call(SYSTEM, filled.book, NOON))
    page = client.get("/log/").content.decode()
    assert str(log_key.known_keys()[-1]).replace("+", "&#x2B;") in page or str(log_key.known_keys()[-1]) in page
    assert head.root in page
    assert "witness.example/city" in page
    assert page.count("<li>") >= 10
    printed = log_files.head()
    assert printed is not None
    assert spoken(printed) in page
    assert b"<svg" in client.get("/log/square.svg").content


def test_the_feed_has_every_head(filled: Place, client: Client) -> None:
    published(filled)
    TrailLineFactory(actor="account:2", verb="file.read", about="subject:1")
    published(filled, NOON + dt.timedelta(hours=1))
    found = ElementTree.fromstring(client.get("/log/feed.atom").content)
    told = [entry.findtext("{http://www.w3.org/2005/Atom}summary") for entry in found if entry.tag.endswith("entry")]
    assert len(told) == 2
    assert all(len((said or "").split()[1]) == 64 for said in told)


@pytest.mark.parametrize(
    "name", ["heads.json", "..%2flog-key", "../log-key", "tile/0/999", "tile/0/000/../../../log-key", ".checkpoint.new"]
)
def test_nothing_else_of_the_folder_is_given_out(filled: Place, client: Client, name: str) -> None:
    published(filled)
    assert client.get(f"/log/{name}").status_code == 404
