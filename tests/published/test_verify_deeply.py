"""What the ledger keeps beside its tables and what is made from it are compared with it, and what differs is named."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import duckdb
import pytest
from django.conf import settings
from django.db import transaction

from tests.places import tamper
from tests.published.places import Place
from zhiheng.actions.facts.verify_deeply import ROUND, kept_files, verify_deeply
from zhiheng.actions.identity.verify_keys import not_findable
from zhiheng.actions.publication.remake_entries import differing_entries
from zhiheng.analytics.lake import project
from zhiheng.database.content_store import FILES
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import SYSTEM
from zhiheng.ledger.models import AliasKey, Delivery
from zhiheng.published.models import PublishedEntry
from zhiheng.queries.figures import lake_of

pytestmark = [pytest.mark.slow, pytest.mark.database]


@pytest.fixture
def shown(place: Place) -> PublishedEntry:
    """A sample, published; the lake is projected."""
    entry = place.publish("product_sampling", "区级监督抽查，合格")
    project(lake_of(place.book))
    return entry


def found(place: Place) -> list[str]:
    call = Call(SYSTEM, place.book, place.now)
    return [finding.kind for finding in verify_deeply(call=call, deep=True)]


# What somebody with the rights of the database's owner changes of an entry.
OF_ENTRIES = {
    "the verdict": "UPDATE published_publishedentry SET outcome = 'fail'",
    "the title": "UPDATE published_publishedentry SET title_zh = '不合格'",
    "the shown values": "UPDATE published_publishedentry SET \"values\" = '[]'",
    "the product": "UPDATE published_product SET name = '别的产品'",
    "whose sample it was": "UPDATE published_publishedentry SET unit = 'x'",
    "when it was": "UPDATE published_publishedentry SET occurred_on = '2020-01-01'",
    "where it was": "UPDATE published_publishedentry SET area = '99'",
    "of which fact it is": "UPDATE published_publishedentry SET fact = 999",
    "of which enterprise it is": "UPDATE published_publishedenterprise SET subject = subject + 100",
}


def test_what_is_shown_says_what_the_facts_say(place: Place, shown: PublishedEntry) -> None:
    assert found(place) == []
    unnoticed = []
    for what, sql in OF_ENTRIES.items():
        with transaction.atomic():
            assert tamper(sql) > 0
            told = list(differing_entries(Call(SYSTEM, place.book, place.now), None, ROUND))
            unnoticed += [] if told else [what]
            transaction.set_rollback(True)
    assert unnoticed == []


def test_a_kept_file_that_was_changed_or_removed_is_named(place: Place, shown: PublishedEntry) -> None:
    path = FILES.path_of(Delivery.objects.get(id=1).file_digest)
    assert list(kept_files()) == []
    path.write_bytes(path.read_bytes().replace("合格".encode(), "不合格".encode()))
    assert [(finding.kind, finding.delivery) for finding in kept_files()] == [("kept_changed", 1)]
    path.unlink()
    assert [(finding.kind, finding.delivery) for finding in kept_files()] == [("kept_gone", 1)]
    told = [finding for turn in range(ROUND) for finding in kept_files(turn)]
    assert [finding.kind for finding in told] == ["kept_gone"], "within thirty days every file is looked at"


def _rewritten(folder: Path, path: Path, change: str) -> None:
    """Change rows of a file of the lake, and its digest in the manifest with it."""
    new = path.with_suffix(".new")
    rows = f"SELECT * REPLACE ({change}) FROM read_parquet('{path}', hive_partitioning = false)"
    duckdb.execute(f"COPY ({rows}) TO '{new}' (FORMAT parquet)")
    new.replace(path)
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    name = str(path.relative_to(folder))
    for files in [*manifest["facts"].values(), *manifest["parties"].values(), manifest["acts"]]:
        for file in files:
            if file["path"] == name:
                file["bytes"], file["digest"] = path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest()
    if name == "_aliases.parquet":
        manifest["aliases"] = hashlib.sha256(path.read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")


@pytest.mark.parametrize(
    ("file", "change"),
    [
        ("product_sampling/*/*.parquet", "'fail' AS outcome"),
        ("product_sampling/*/*.parquet", "occurred_on + 400 AS occurred_on"),
        ("product_sampling/*/*.parquet", "fact_id + 100 AS fact_id"),
        ("_aliases.parquet", "subject_id + 1 AS subject_id"),
    ],
)
def test_rows_of_the_lake_changed_with_its_manifest_are_named(
    place: Place, shown: PublishedEntry, file: str, change: str
) -> None:
    lake = lake_of(place.book)
    (path,) = lake.folder.glob(file)
    _rewritten(lake.folder, path, change)
    assert lake.damaged() == [], "the manifest alone notices nothing"
    assert found(place)[:1] == ["lake"]
    assert list(Path(settings.DATA).glob(".verifying-*")) == []


def test_a_file_of_the_lake_that_is_gone_is_named(place: Place, shown: PublishedEntry) -> None:
    (path,) = lake_of(place.book).folder.glob("product_sampling/*/*.parquet")
    path.unlink()
    assert found(place)[:1] == ["lake"]


def test_a_name_that_lacks_a_key_is_named(place: Place, shown: PublishedEntry) -> None:
    assert not_findable() == []
    key = AliasKey.objects.order_by("alias_id", "key").first()
    assert key is not None
    tamper("DELETE FROM ledger_aliaskey WHERE alias_id = %s AND key = %s", key.alias_id, key.key)
    assert [finding.kind for finding in not_findable()] == ["alias_key"]
    tamper("UPDATE ledger_aliaskey SET alias_id = alias_id + 100")
    assert len(not_findable()) > 1
