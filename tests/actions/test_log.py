"""The public log: what happened becomes an entry, heads continue each other, and whoever changes a row is found."""

from __future__ import annotations

import datetime as dt
from typing import Any

import orjson
import pytest
from django.conf import settings
from django.db import connections
from django.utils import timezone

from tests.factories import (
    ApiTokenFactory,
    FormFactory,
    GrantFactory,
    LikelyMatchFactory,
    PublishedEntryFactory,
    TrailLineFactory,
)
from tests.places import NOON, Ledger, lift_row, sampling_row, tamper
from zhiheng.actions.facts.correct_fact import correct
from zhiheng.actions.identity.link_subjects import merge
from zhiheng.actions.log.append_leaves import MERGE_DELAY, append_leaves, leaves_wait
from zhiheng.actions.log.prove_entry import prove_entry
from zhiheng.actions.log.sources import SOURCES
from zhiheng.actions.log.verify_log import LogReport, verify_log
from zhiheng.engines.transparency import checkpoints, leaves, notes, tree
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import SYSTEM, operator
from zhiheng.kernel.data_folder import inside
from zhiheng.kernel.merkle import leaf_hash
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger import log, log_key
from zhiheng.ledger.models import Delivery, LogCheckpoint, LogLeaf, Subject
from zhiheng.office.publication import PublicationRequest
from zhiheng.people.models import Account, Grant
from zhiheng.published.models import PublishedEntry, PublishedFigure, Withdrawal

pytestmark = pytest.mark.database
LATER = NOON + dt.timedelta(hours=1)


def grow(place: Ledger, now: dt.datetime = NOON) -> LogCheckpoint:
    return append_leaves(call=Call(SYSTEM, place.book, now))


@pytest.fixture
def filled(ledger: Ledger) -> Ledger:
    """One row or more of every kind that becomes an entry; the log has not begun."""
    refused = [sampling_row(i, 抽样日期="不详") for i in (90, 91)]
    ledger.samples("一月.csv", [*(sampling_row(i) for i in range(8)), *refused, ["合计", *[""] * 12]])
    ledger.lifts("电梯.csv", [lift_row("L1")])
    correct(2, {"product": "试验面条"}, reason="笔误", call=Call(SYSTEM, ledger.book, NOON), unit="test_market")
    one, two = Subject.objects.filter(kind="enterprise").values_list("id", flat=True)[:2]
    merge(one, [two], reason="同一家", call=Call(SYSTEM, ledger.book, NOON))
    LikelyMatchFactory(alias_id=2, other_id=1, kind="form.slip")
    LikelyMatchFactory(alias_id=3, other_id=1, decision="different")
    asked = {"verb": "publish", "record": "food_sampling", "list": "sampling", "unit": "test_market", "area": "990901"}
    PublicationRequest.objects.create(
        **asked,
        state=PublicationRequest.State.APPROVED,
        fact=1,
        occurred_on=NOON.date(),
        title="试验",
        proposed_by="system",
        proposed_at=NOON,
        decided_by="account:2",
        decided_at=NOON,
        decision="同意",
    )
    TrailLineFactory(actor="account:1", verb="file.read", about="subject:1")
    account = Account.objects.create(login="wang", name="王某", kind="officer", unit="test_market")
    GrantFactory(account=account, role="reader", unit="test_market")
    GrantFactory(account=account, role="auditor", ended_on=NOON.date(), ended_by="account:2", end_reason="调离")
    ApiTokenFactory(digest="a" * 64)
    ApiTokenFactory(digest="b" * 64, revoked_at=timezone.now(), revoked_by="account:2")
    form = FormFactory(columns=[])
    PublishedEntryFactory(id=1, form=form, fact=1)
    down = PublishedEntryFactory(id=2, form=form, fact=2, state=PublishedEntry.State.WITHDRAWN, state_at=timezone.now())
    Withdrawal.objects.create(
        public_id=down.public_id, list="sampling", cause="error", at=timezone.now(), by="account:1"
    )
    PublishedFigure.objects.create(
        indicator="pass_rate",
        area="990901",
        as_of=NOON.date(),
        known_on=NOON.date(),
        last_on=NOON.date(),
        label={"zh": "合格率", "en": "Pass rate"},
        quality="product",
        value="97.5",
        shown={"zh": "97.5%", "en": "97.5%"},
        method={"zh": "", "en": ""},
        edition="e" * 64,
        published_at=timezone.now(),
    )
    return ledger


def test_the_log_begins_with_the_last_link_of_the_chain_and_has_every_kind(filled: Ledger) -> None:
    head = grow(filled)
    first = LogLeaf.objects.get(id=0)
    assert (first.kind, first.row) == ("chain", Delivery.objects.count())
    kinds = set(LogLeaf.objects.values_list("kind", flat=True))
    assert kinds == {
        "chain",
        "case-chain",
        "aliases",
        "definition",
        "delivery",
        "facts",
        "refused",
        "skipped",
        "match",
        "match-end",
        "approval",
        "identity",
        "audit",
        "trail",
        "publication",
        "tombstone",
        "figure",
        "role",
        "role-end",
        "key",
        "key-end",
    }
    assert head.size == LogLeaf.objects.count()
    report = verify_log()
    assert (report.findings, report.waiting, report.entries) == ([], 0, head.size)


def test_a_head_continues_the_one_before_it(filled: Ledger) -> None:
    before = grow(filled)
    assert grow(filled, LATER).pk == before.pk
    filled.samples("二月.csv", [sampling_row(i) for i in range(20, 24)])
    after = grow(filled, LATER)
    proof = tree.consistency_proof(log.read_tree(after.size), before.size, after.size)
    tree.check_consistency(before.size, after.size, proof, bytes.fromhex(before.root), bytes.fromhex(after.root))
    assert after.size > before.size


def test_an_entry_is_proved_with_the_public_key_alone(filled: Ledger) -> None:
    head = grow(filled)
    leaf = LogLeaf.objects.get(kind="delivery", row=1)
    text = str(log.proof_of(leaf.pk, head))
    key = notes.read_public_key(str(log_key.own_key().public))
    entry = leaves.leaf_of(leaf.kind, leaf.row, leaf.name, bytes(leaf.digest))
    found, _ = checkpoints.read_proof(text.encode()).check(entry, [key])
    assert (found.origin, found.size) == (key.name, head.size)


@pytest.mark.parametrize(("kind", "row"), [("fact", 2), ("delivery", 1), ("publication", 1), ("tombstone", None)])
def test_a_proof_in_the_form_of_others_carries_its_entry(filled: Ledger, kind: str, row: int | None) -> None:
    grow(filled)
    call = Call(operator("测试"), filled.book, NOON)
    made = prove_entry(kind, row or Withdrawal.objects.get().pk, call=call)
    proof = checkpoints.read_proof(made.proof.encode())
    proof.check(leaf_hash(proof.extra), [log_key.own_key().public])
    opened = orjson.loads(made.opening)
    digest = leaves.commitment(bytes.fromhex(opened["nonce"]), opened["content"].encode())
    assert proof.extra == made.entry
    assert made.entry.decode().split("\n")[2] == digest.hex()
    # A fact is opened without the file name and the headings of its delivery.
    assert ("file_name" in made.opening) == (kind == "delivery")


def test_what_has_no_entry_is_not_proved(filled: Ledger) -> None:
    call = Call(operator("测试"), filled.book, NOON)
    with pytest.raises(Refused, match="检查点下没有"):
        prove_entry("fact", 2, call=call)
    grow(filled)
    for kind, row in (("fact", 999), ("delivery", "x"), ("nothing", 1)):
        with pytest.raises(Refused, match="检查点下没有"):
            prove_entry(kind, row, call=call)


def test_an_entry_tells_nothing_of_its_row(filled: Ledger) -> None:
    grow(filled)
    leaf = LogLeaf.objects.filter(kind="role")[0]
    entry = leaves.entry("role", leaf.row, "", bytes(leaf.digest))
    assert entry.decode().split("\n")[:2] == ["zhiheng-leaf/1", f"role {leaf.row}"]
    assert len({bytes(leaf.nonce) for leaf in LogLeaf.objects.all()}) == LogLeaf.objects.count()


def test_the_key_is_its_owners_only_and_a_new_one_keeps_the_name(ledger: Ledger) -> None:
    first = log_key.own_key()
    path = inside(settings.DATA, "log-key")
    assert path.stat().st_mode & 0o077 == 0
    path.rename(path.with_name("log-key.old"))
    second = log_key.own_key()
    assert second.name == first.name
    assert second.seed != first.seed
    assert log_key.known_keys() == [first.public, second.public]


def test_the_log_waits_a_minute_between_two_heads(filled: Ledger) -> None:
    assert leaves_wait(NOON)
    grow(filled)
    assert not leaves_wait(NOON + 2 * MERGE_DELAY)
    filled.lifts("又一部.csv", [lift_row("L2")])
    assert not leaves_wait(NOON + MERGE_DELAY / 2)
    assert leaves_wait(NOON + MERGE_DELAY)


@pytest.mark.slow
def test_a_role_that_ends_becomes_a_second_entry(filled: Ledger) -> None:
    grow(filled)
    Grant.objects.filter(role="reader").update(ended_on=NOON.date(), ended_by="account:2", end_reason="退休")
    assert leaves_wait(NOON + MERGE_DELAY)
    grow(filled, LATER)
    number = Grant.objects.get(role="reader").pk
    assert set(LogLeaf.objects.filter(row=number, kind__startswith="role").values_list("kind", flat=True)) == {
        "role",
        "role-end",
    }
    assert verify_log().findings == []


def by_hand(sql: str, people: bool) -> None:
    if not people:
        assert tamper(sql) > 0
        return
    with connections[str(settings.PEOPLE_DATABASE)].cursor() as cursor:
        if cursor.db.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for (name,) in cursor.fetchall():
                cursor.execute(f"DROP TRIGGER {name}")
        else:
            tamper("SELECT 1")
        cursor.execute(sql)
        assert cursor.rowcount > 0


# What somebody with the rights of the databases' owner changes by hand -> the words by which it is found.
def found(report: LogReport) -> set[str]:
    return {finding.kind.removeprefix("log.") + " " + finding.zh for finding in report.findings}


def tells(report: LogReport, words: str) -> bool:
    kind, what = words.split(" ", 1)
    return any(told.startswith(kind) and what in told for told in found(report))


def test_a_line_put_in_behind_the_logs_back_is_found(filled: Ledger) -> None:
    TrailLineFactory(id=900, actor="account:1", verb="file.read", about="subject:2")
    grow(filled)
    TrailLineFactory(id=500, actor="account:1", verb="file.read", about="subject:3")
    assert tells(verify_log(), "inserted 人员留痕 500"), found(verify_log())


def test_cutting_off_the_end_of_the_log_is_found_while_a_head_stands(filled: Ledger) -> None:
    head = grow(filled)
    by_hand(f"DELETE FROM ledger_logleaf WHERE id >= {head.size - 2}", people=False)
    assert tells(verify_log(), f"cut 检查点签了 {head.size} 条")


def test_a_merge_after_the_log_began_leaves_the_links_of_names_provable(filled: Ledger) -> None:
    grow(filled)
    one, two = Subject.objects.filter(kind="enterprise").order_by("-id").values_list("id", flat=True)[:2]
    merge(one, [two], reason="又是同一家", call=Call(SYSTEM, filled.book, LATER))
    grow(filled, LATER)
    assert verify_log().findings == []


def test_asking_whether_something_waits_costs_a_few_statements_a_kind(
    filled: Ledger, django_assert_max_num_queries: Any
) -> None:
    grow(filled)
    with django_assert_max_num_queries(4 * len(SOURCES)):
        assert not leaves_wait(NOON + MERGE_DELAY)
