"""A whole delivery is taken back in one act: nothing of it counts any more, and the right file can be handed in at
once.
"""

from __future__ import annotations

import pytest

from tests.places import NOON, SAMPLING, Ledger, sampling_row, write_csv
from zhiheng.actions.facts.correct_fact import correct, withdraw
from zhiheng.actions.intake.withdraw_delivery import STEP, DeliveryStanding, offer_withdrawal, withdraw_delivery
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import PUBLIC, SYSTEM
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger.models import AuditLine, Delivery, Fact
from zhiheng.ledger.standing import ends_of
from zhiheng.ledger.verify import verify


def take_back(ledger: Ledger, number: int, reason: str = "误报的文件") -> DeliveryStanding:
    return withdraw_delivery(number, reason=reason, call=Call(SYSTEM, ledger.book, NOON))


def standing_facts() -> set[int]:
    gone = set(Fact.objects.exclude(concerns=None).values_list("concerns", flat=True))
    return set(Fact.objects.exclude(kind="withdrawal").values_list("id", flat=True)) - gone


def test_整份撤回后_每一条都不再有效_原话仍在_账本仍然核验得过(ledger: Ledger) -> None:
    (number,) = ledger.samples("wrong.csv", [sampling_row(i) for i in range(40)]).deliveries
    done = take_back(ledger, number)
    assert done == DeliveryStanding(40, 0)
    assert standing_facts() == set()
    assert Fact.objects.filter(kind="statement").count() == 40
    assert ends_of(range(1, 41)) == dict.fromkeys(range(1, 41))
    assert list(verify().findings) == []
    line = AuditLine.objects.get(verb="delivery.withdraw")
    assert line.about == f"delivery:{number}"
    assert "误报的文件" in line.detail


def test_撤回之后_同样的行是新的记录_不是重复(ledger: Ledger) -> None:
    rows = [sampling_row(i) for i in range(30)]
    (number,) = ledger.samples("wrong.csv", rows).deliveries
    take_back(ledger, number)
    mended = ledger.samples("right.csv", [*rows[:25], sampling_row(99)])
    assert (mended.facts, mended.duplicates) == (26, 0)
    again = ledger.samples("wrong.csv", rows)
    assert (again.again, again.facts, again.duplicates) == (False, 5, 25)
    assert list(verify().findings) == []


def test_已撤回的一条_同样再报算新的_仍有效的算重复(ledger: Ledger) -> None:
    rows = [sampling_row(i) for i in range(4)]
    ledger.samples("a.csv", rows)
    first = Fact.objects.order_by("id").first()
    assert first is not None
    withdraw(first.id, reason="误报", call=Call(SYSTEM, ledger.book, NOON), unit="test_market")
    told = ledger.samples("b.csv", [*rows, sampling_row(50)])
    assert (told.facts, told.duplicates) == (2, 3)


def test_更正过的记录随整份一起撤回_别的报送不受影响(ledger: Ledger) -> None:
    other = ledger.samples("other.csv", [sampling_row(200)])
    (number,) = ledger.samples("wrong.csv", [sampling_row(1), sampling_row(2)]).deliveries
    first = Delivery.objects.get(id=number).first_fact
    assert first is not None
    correct(first, {"product": "试验米粉"}, reason="品名有误", call=Call(SYSTEM, ledger.book, NOON), unit="test_market")
    assert take_back(ledger, number) == DeliveryStanding(2, 0)
    kept = Delivery.objects.get(id=other.deliveries[0])
    assert standing_facts() == {kept.first_fact}
    assert list(verify().findings) == []


def test_中途断电_再办一次接着撤_不撤两遍(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zhiheng.actions.intake.withdraw_delivery.STEP", 10)
    (number,) = ledger.samples("wrong.csv", [sampling_row(i) for i in range(35)]).deliveries

    def dies(_what: str, done: int, _total: int | None) -> None:
        if done >= 20:
            raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        withdraw_delivery(number, reason="报错", call=Call(SYSTEM, ledger.book, NOON), progress=dies)
    assert len(standing_facts()) == 15
    assert take_back(ledger, number) == DeliveryStanding(15, 0)
    assert Fact.objects.filter(kind="withdrawal").count() == 35
    with pytest.raises(Refused, match="已没有仍然有效的记录"):
        take_back(ledger, number)


def test_很长的表_各段一起撤回(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zhiheng.actions.intake.receive_delivery.PART_ROWS", 50)
    monkeypatch.setattr("zhiheng.actions.intake.receive_delivery.CHUNK_ROWS", 25)
    result = ledger.samples("long.csv", [sampling_row(i) for i in range(120)], confirmed=True)
    assert len(result.deliveries) > 1
    assert offer_withdrawal(result.deliveries[1], call=Call(SYSTEM, ledger.book, NOON))[1] == DeliveryStanding(120, 0)
    assert take_back(ledger, result.deliveries[1]) == DeliveryStanding(120, 0)
    assert standing_facts() == set()


@pytest.mark.parametrize("reason", ["", "  "])
def test_没有理由的_不是已接收的_没有的_都说明白(ledger: Ledger, reason: str) -> None:
    (number,) = ledger.samples("a.csv", [sampling_row(1)]).deliveries
    with pytest.raises(Refused, match="要写明理由"):
        take_back(ledger, number, reason)
    with pytest.raises(Refused, match="没有编号为 999"):
        take_back(ledger, 999)
    take_back(ledger, number)
    withdrawal = Delivery.objects.latest("id")
    with pytest.raises(Refused, match="不是已接收的报送"):
        take_back(ledger, withdrawal.id)


def test_外人不能撤回(ledger: Ledger) -> None:
    (number,) = ledger.samples("a.csv", [sampling_row(1)]).deliveries
    with pytest.raises(Refused) as refused:
        withdraw_delivery(number, reason="想撤", call=Call(PUBLIC, ledger.book, NOON))
    assert refused.value.refusals[0].code == "access.stranger"
    assert len(standing_facts()) == 1
    assert STEP >= 1_000


def test_撤回的内容后来的文件也说过_那份文件再报一次就重新算数(ledger: Ledger) -> None:
    rows = [sampling_row(i) for i in range(30)]
    (first,) = ledger.samples("a.csv", rows).deliveries
    later = [*rows[:10], sampling_row(99)]
    (second,) = ledger.samples("b.csv", later).deliveries
    told = offer_withdrawal(first, call=Call(SYSTEM, ledger.book, NOON))[1]
    assert [each.id for each in told.repeated] == [second], "whoever withdraws is told which files repeat it"
    assert [each.id for each in take_back(ledger, first).repeated] == [second]
    assert len(standing_facts()) == 1
    again = ledger.samples("b.csv", later)
    assert (again.facts, again.duplicates) == (10, 1), "what it repeats stands nowhere else any more"
    assert len(standing_facts()) == 11
    third = ledger.samples("b.csv", later)
    assert (third.again, third.facts, third.duplicates) == (True, 0, 11)
    assert list(verify().findings) == []


def test_一条撤回以后_重复它的文件再报一次_那一条又算数(ledger: Ledger) -> None:
    rows = [sampling_row(i) for i in range(4)]
    ledger.samples("a.csv", rows)
    ledger.samples("b.csv", [*rows, sampling_row(50)])
    first = Fact.objects.order_by("id").first()
    assert first is not None
    withdraw(first.id, reason="误报", call=Call(SYSTEM, ledger.book, NOON), unit="test_market")
    told = ledger.samples("b.csv", [*rows, sampling_row(50)])
    assert (told.facts, told.duplicates) == (1, 4)


def test_别的单位撤回的_与本单位的重复无关(ledger: Ledger) -> None:
    rows = [sampling_row(i) for i in range(4)]
    ledger.samples("a.csv", rows)
    ledger.samples("b.csv", [*rows, sampling_row(50)])
    other = ledger.receive(
        write_csv(ledger.folder / "o.csv", SAMPLING, [sampling_row(70)]), unit="jia_office", day="2026-03-31"
    )
    withdraw_delivery(other[0].deliveries[0], reason="误报", call=Call(SYSTEM, ledger.book, NOON))
    told = ledger.samples("b.csv", [*rows, sampling_row(50)])
    assert (told.again, told.facts, told.duplicates) == (True, 0, 5)
