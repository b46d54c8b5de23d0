"""A chain that was rewritten as a whole is found by what the house itself noted elsewhere."""

from __future__ import annotations

import json

import pytest
from django.conf import settings
from django.utils import timezone

from tests.places import NOON, Ledger, sampling_row, tamper
from zhiheng.actions.facts.verify_ledger import verify_ledger
from zhiheng.actions.log.known_heads import compare_heads
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import SYSTEM
from zhiheng.kernel.data_folder import inside
from zhiheng.ledger.models import Delivery
from zhiheng.office.extracts import Extract

pytestmark = pytest.mark.database


@pytest.fixture
def filled(ledger: Ledger) -> Ledger:
    ledger.samples("一月.csv", [sampling_row(i) for i in range(3)])
    ledger.samples("二月.csv", [sampling_row(i) for i in range(20, 23)])
    return ledger


def link_of(number: int) -> str:
    return Delivery.objects.get(id=number).link


def rewritten() -> None:
    """Another chain, in whose place nothing of the old one is left."""
    tamper("UPDATE ledger_delivery SET link = replace(replace(link, 'a', '0'), 'b', '1')")
    tamper("UPDATE ledger_delivery SET link = 'f' || substr(link, 2)")


def extract(after: int, link: str) -> None:
    Extract.objects.create(
        id="990101-2026-000001",
        document="quality_file",
        subject=1,
        name="试验",
        form="pdf",
        as_of=NOON.date(),
        known_on=NOON.date(),
        file_digest="0" * 64,
        content_digest="0" * 64,
        facts=1,
        last_fact=1,
        last_delivery=after,
        link=link,
        at=timezone.now(),
        actor="account:1",
        purpose="试验",
    )


def noted(name: str, **words: str) -> None:
    path = inside(settings.DATA, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.mkdir(exist_ok=True) if name == "lake" else None
    (path / "manifest.json" if name == "lake" else path).write_text(json.dumps(words))


def test_heads_that_still_stand_are_no_finding(filled: Ledger) -> None:
    verify_ledger(call=Call(SYSTEM, filled.book, NOON))
    extract(1, link_of(1))
    noted("last-backup.json", head=link_of(2))
    assert compare_heads() == []


@pytest.mark.parametrize("where", ["extract", "verified", "lake", "backup"])
def test_a_rewritten_chain_is_found_by_each_of_them(filled: Ledger, where: str) -> None:
    match where:
        case "extract":
            extract(1, link_of(1))
        case "verified":
            assert verify_ledger(call=Call(SYSTEM, filled.book, NOON)).whole
        case "lake":
            noted("lake", link=link_of(2))
        case "backup":
            noted("last-backup.json", head=link_of(2))
    assert compare_heads() == []
    rewritten()
    assert [finding.kind for finding in compare_heads()] == ["known_head"]


def test_an_extract_names_the_delivery_whose_link_it_is(filled: Ledger) -> None:
    extract(1, link_of(2))
    assert [finding.delivery for finding in compare_heads()] == [1]


def test_a_verification_that_found_something_notes_no_head_for_later(filled: Ledger) -> None:
    before = link_of(2)
    tamper("UPDATE ledger_delivery SET link = %s WHERE id = 2", "f" * 64)
    assert not verify_ledger(call=Call(SYSTEM, filled.book, NOON)).whole
    tamper("UPDATE ledger_delivery SET link = %s WHERE id = 2", before)
    assert compare_heads() == []


def test_a_note_that_cant_be_read_is_left_to_other_checks(filled: Ledger) -> None:
    inside(settings.DATA, "last-backup.json").parent.mkdir(parents=True, exist_ok=True)
    inside(settings.DATA, "last-backup.json").write_text("{")
    assert compare_heads() == []
