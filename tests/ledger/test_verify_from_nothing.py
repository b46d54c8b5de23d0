"""Verifying a ledger that holds nothing, and one that holds only what a test gives it."""

from __future__ import annotations

from tests.places import Ledger, named, sampling_row, tamper
from zhiheng.kernel.merkle import GENESIS
from zhiheng.ledger.models import Fact
from zhiheng.ledger.verify import verify


def test_空台账是完好的(ledger: Ledger) -> None:
    report = verify()
    assert report.whole
    assert (report.facts, report.head) == (0, GENESIS.hex())


def test_名称里有任何字符_关联都算得对(ledger: Ledger) -> None:
    names = ["甲}]乙厂", '"parties":[厂', '引"号}],"x":[厂', "反斜\\线}]厂", "试验（}]）有限公司"]
    ledger.samples(
        "a.csv", [sampling_row(i, 生产企业=name, 备注='"parties":[{"role":"x"}]') for i, name in enumerate(names)]
    )
    assert Fact.objects.count() == len(names)
    assert verify().whole
    tamper("DELETE FROM ledger_factparty WHERE fact_id = 3 AND role = 'producer'")
    assert named(verify().findings) == {("link", 3)}
