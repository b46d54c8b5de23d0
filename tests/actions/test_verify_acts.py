"""An act of identity that nobody did through the platform is found, and so is a line whose act is gone."""

from __future__ import annotations

import pytest

from tests.places import NOON, Ledger, sampling_row, tamper
from zhiheng.actions.facts.verify_ledger import verify_ledger
from zhiheng.actions.identity.link_subjects import merge, undo
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import SYSTEM
from zhiheng.ledger.models import Alias, IdentityAct, Subject

pytestmark = pytest.mark.database


@pytest.fixture
def merged(ledger: Ledger) -> Ledger:
    """Two enterprises that were merged, and two more whose merge was undone."""
    ledger.samples("一月.csv", [sampling_row(i) for i in range(8)])
    call = Call(SYSTEM, ledger.book, NOON)
    one, two, three = Subject.objects.filter(kind="enterprise").order_by("id").values_list("id", flat=True)[:3]
    merge(one, [two], reason="同一家", call=call)
    undo(merge(one, [three], reason="误判", call=call).pk, reason="不是一家", call=call)
    return ledger


def kinds(place: Ledger) -> list[str]:
    return [finding.kind for finding in verify_ledger(call=Call(SYSTEM, place.book, NOON)).findings]


def test_acts_of_the_platform_are_in_order(merged: Ledger) -> None:
    assert kinds(merged) == []


def test_a_history_moved_by_a_forged_act_is_found_without_dropping_a_trigger(merged: Ledger) -> None:
    victim, other = Alias.objects.order_by("-id")[:2]
    IdentityAct.objects.create(
        verb="merge",
        actor="account:1",
        day=NOON.date(),
        reason="同一家",
        moves=f"[[{victim.pk},{victim.subject_id},{other.subject_id}]]",
    )
    Alias.objects.filter(pk=victim.pk).update(subject_id=other.subject_id)
    assert kinds(merged) == ["act_untold"]


def test_another_actor_before_the_log_has_the_act_is_found(merged: Ledger) -> None:
    tamper("UPDATE ledger_identityact SET actor = 'account:9' WHERE id = (SELECT MIN(id) FROM ledger_identityact)")
    assert kinds(merged) == ["act_untold"]


def test_an_act_that_was_removed_with_its_moves_before_the_log_has_it_is_found(merged: Ledger) -> None:
    tamper("DELETE FROM ledger_identityact WHERE verb = 'undo'")
    tamper("UPDATE ledger_alias SET subject_id = 1 WHERE id = 3")
    assert "act_gone" in kinds(merged)


def test_a_subject_of_another_kind_than_its_spellings_is_found(merged: Ledger) -> None:
    tamper("UPDATE ledger_subject SET kind = 'person' WHERE id = %s", Alias.objects.order_by("-id")[0].subject_id)
    assert kinds(merged) == ["kind"]


def test_an_empty_subject_of_another_kind_than_what_was_taken_from_it_is_found(merged: Ledger) -> None:
    empty = Subject.objects.exclude(id__in=Alias.objects.values("subject_id")).get()
    tamper("UPDATE ledger_subject SET kind = 'person' WHERE id = %s", empty.pk)
    assert kinds(merged) == ["kind"]
