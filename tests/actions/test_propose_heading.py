"""A unit says what a heading of its own table stands for; the quality office accepts it or not, and never whoever
proposed it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
import pytest
from django.conf import settings

from tests.places import NOON, SAMPLING, SMALL, Ledger, sampling_row, write_csv
from zhiheng.actions.headings.decide_heading import accept_heading, reject_heading
from zhiheng.actions.headings.propose_heading import propose_heading, targets_of
from zhiheng.grammar.additions import Addition, mark
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.record_pages import Source
from zhiheng.grammar.chapters.records import RECORDS, merged
from zhiheng.grammar.loader import current
from zhiheng.kernel.actor import SYSTEM, Actor
from zhiheng.kernel.data_folder import inside
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger.models import AuditLine, Delivery
from zhiheng.office.models import HeadingProposal
from zhiheng.queries.headings import list_headings, standing

WRITTEN = "抽样單号"
ONE, TWO = replace(SYSTEM, id="cli:one", kind="operator"), replace(SYSTEM, id="cli:two", kind="operator")
NOBODY = replace(SYSTEM, id="account:77", kind="officer")


@pytest.fixture
def refused(ledger: Ledger) -> Delivery:
    """A delivery that was refused for one heading."""
    headings = [WRITTEN if each == "抽样单号" else each for each in SAMPLING]
    (result,) = ledger.receive(write_csv(ledger.folder / "t.csv", headings, [sampling_row(1)]))
    assert result.state == "refused"
    return Delivery.objects.get()


def proposed(ledger: Ledger, delivery: Delivery, actor: Actor = ONE, **words: Any) -> HeadingProposal:
    """A proposal for the heading."""
    given = {"record": "sampling_check", "source": "standard", "heading": WRITTEN, "target": "sample_number", **words}
    return propose_heading(delivery.id, call=Call(actor, ledger.book, NOON), **given)


def decided(ledger: Ledger) -> dict[str, Any]:
    """Who decides, with which book and when."""
    return {"call": Call(TWO, ledger.book, NOON)}


def test_提请一条_留痕不写表头_同样的再提还是这一条(ledger: Ledger, refused: Delivery) -> None:
    made = proposed(ledger, refused, reason="  系统一直这样导出 ")
    assert (made.state, made.unit, made.target, made.reason) == (
        "open",
        "test_market",
        "sample_number",
        "系统一直这样导出",
    )
    assert proposed(ledger, refused).pk == made.pk
    line = AuditLine.objects.get(verb="heading.propose")
    assert line.about == f"heading:{made.pk}"
    assert WRITTEN not in line.detail
    assert orjson.loads(line.detail) == {"delivery": refused.id, "record": "sampling_check", "source": "standard"}


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ({"target": "no_such_field"}, "heading.target"),
        ({"target": ""}, "heading.target"),
        ({"target": "ignored: unsaid"}, "heading.target"),
        ({"heading": "抽样日期"}, "heading.known"),
        ({"heading": "没有这一列"}, "heading.known"),
        ({"heading": ""}, "heading.known"),
        ({"record": "nothing"}, "heading.no_source"),
        ({"source": "nothing"}, "heading.no_source"),
        ({"reason": "长" * 1001}, "heading.reason"),
    ],
)
def test_提得不对的_说明哪里不对_什么也不写(
    ledger: Ledger, refused: Delivery, words: dict[str, str], code: str
) -> None:
    with pytest.raises(Refused) as told:
        proposed(ledger, refused, **words)
    assert told.value.refusals[0].code == code
    assert HeadingProposal.objects.count() == 0


def test_同一表头另有建议在等_不能再提另一种(ledger: Ledger, refused: Delivery) -> None:
    proposed(ledger, refused)
    with pytest.raises(Refused) as told:
        proposed(ledger, refused, target="ignored: plain")
    assert told.value.refusals[0].code == "heading.waits"


def test_不能报送的人不能提请_没有这个权限的人不能决定也看不到(ledger: Ledger, refused: Delivery) -> None:
    with pytest.raises(Refused) as told:
        proposed(ledger, refused, actor=NOBODY)
    assert told.value.refusals[0].code.startswith("access.")
    made = proposed(ledger, refused)
    with pytest.raises(Refused) as told:
        accept_heading(made.pk, call=decided(ledger)["call"].by(NOBODY))
    assert told.value.refusals[0].code.startswith("access.")
    with pytest.raises(Refused) as told:
        list_headings(call=decided(ledger)["call"].by(NOBODY))
    assert told.value.refusals[0].code.startswith("access.")
    assert HeadingProposal.objects.get().state == "open"


def test_采用要由另一个人_只决定一次(ledger: Ledger, refused: Delivery) -> None:
    made = proposed(ledger, refused)
    with pytest.raises(Refused) as told:
        accept_heading(made.pk, call=decided(ledger)["call"].by(ONE))
    assert told.value.refusals[0].code == "heading.second_person"
    assert accept_heading(made.pk, **decided(ledger)).state == "accepted"
    assert AuditLine.objects.filter(verb="heading.accept", about=f"heading:{made.pk}").count() == 1
    with pytest.raises(Refused) as told:
        reject_heading(made.pk, reason="晚了", **decided(ledger))
    assert told.value.refusals[0].code == "heading.decided"


def test_不采用要写理由_写了以后可以重新提请(ledger: Ledger, refused: Delivery) -> None:
    made = proposed(ledger, refused)
    with pytest.raises(Refused) as told:
        reject_heading(made.pk, reason="  ", **decided(ledger))
    assert told.value.refusals[0].code == "reason.needed"
    reject_heading(made.pk, reason="请把表头改成抽样单号", **decided(ledger))
    again = proposed(ledger, refused, target="ignored: secret")
    assert again.pk != made.pk
    place = ("sampling_check", "standard", WRITTEN)
    assert standing([place])[place].pk == again.pk
    assert standing([]) == {}


def test_没有这条建议的说没有(ledger: Ledger) -> None:
    with pytest.raises(Refused) as told:
        accept_heading(10**30, **decided(ledger))
    assert told.value.refusals[0].code == "heading.absent"


def test_清单写明规则书的哪一页哪一行(ledger: Ledger, refused: Delivery) -> None:
    made = proposed(ledger, refused)
    listed = list_headings(**decided(ledger))
    (line,) = listed.rows
    assert (listed.total, line.proposal.pk, line.line) == (1, made.pk, 'columns: {"抽样單号": sample_number}')
    assert line.page == "records/market/sampling_check/sources/standard.yaml"
    assert list_headings("accepted", **decided(ledger)).total == 0


def test_可选的有全部字段_当事方的代码和地址_还有两种不使用(ledger: Ledger) -> None:
    found = targets_of(ledger.book[RECORDS]["sampling_check"])
    assert set(ledger.book[RECORDS]["sampling_check"].record.fields) <= set(found)
    assert [key for key in found if key.endswith(".code")]
    assert list(found)[-2:] == ["ignored: plain", "ignored: secret"]


def test_采用后立即生效_版本改变_规则书的文件不动(ledger: Ledger, refused: Delivery) -> None:
    edition = ledger.book[RECORDS]["sampling_check"].edition("standard")
    page_before = (SMALL / "records/market/sampling_check/sources/standard.yaml").read_bytes()
    made = proposed(ledger, refused)
    folder = inside(settings.DATA, "book-additions")
    assert current(SMALL, folder)[RECORDS]["sampling_check"].edition("standard") == edition
    accept_heading(made.pk, **decided(ledger))
    ledger.book = current(SMALL, folder)
    assert ledger.book[RECORDS]["sampling_check"].edition("standard") != edition
    headings = [WRITTEN if each == "抽样单号" else each for each in SAMPLING]
    (result,) = ledger.receive(write_csv(ledger.folder / "t.csv", headings, [sampling_row(1)]))
    assert (result.state, result.facts) == ("accepted", 1)
    assert (SMALL / "records/market/sampling_check/sources/standard.yaml").read_bytes() == page_before


def test_规则书自己认识了_或字段没有了_加的那条不再起作用(ledger: Ledger) -> None:
    entry = ledger.book[RECORDS]["sampling_check"]
    source, types = entry.sources["standard"], entry.types["standard"]

    def add(heading: str, target: str) -> Source:
        return merged(source, entry.record, types, [Addition(1, "sampling_check", "standard", heading, target)])

    assert add("抽样单号", "area") is source
    assert add("新列", "no_such_field") is source
    assert add("新列", "sample_number.code") is source
    assert add("新列", "sample_number").columns["新列"] == "sample_number"
    assert add("新列", "ignored: plain").ignored["新列"] == "plain"
    assert add("新列", "ignored: secret").ignored["新列"] == "secret"


def test_不采用的不写文件(ledger: Ledger, refused: Delivery) -> None:
    reject_heading(proposed(ledger, refused).pk, reason="请改表头", **decided(ledger))
    assert mark(inside(settings.DATA, "book-additions")) == ()


def test_采用错了可以收回_表头不再认识_单位看到理由_可以重提(ledger: Ledger, refused: Delivery) -> None:
    from zhiheng.actions.headings.take_back_heading import take_back_heading

    made = proposed(ledger, refused)
    with pytest.raises(Refused) as told:
        take_back_heading(made.pk, reason="错了", **decided(ledger))
    assert told.value.refusals[0].code == "heading.not_accepted"
    accept_heading(made.pk, **decided(ledger))
    folder = inside(settings.DATA, "book-additions")
    assert mark(folder) == (f"{made.pk}.json",)
    with pytest.raises(Refused) as told:
        take_back_heading(made.pk, reason="  ", **decided(ledger))
    assert told.value.refusals[0].code == "reason.needed"
    back = take_back_heading(made.pk, reason="这一列是样品的编号", **decided(ledger))
    assert (back.state, back.decision) == ("recalled", "这一列是样品的编号")
    assert mark(folder) == ()
    assert AuditLine.objects.filter(verb="heading.take_back", about=f"heading:{made.pk}").count() == 1
    assert proposed(ledger, refused).pk != made.pk


def test_原样保存的列也可以提请_采用后用得上(ledger: Ledger) -> None:
    from zhiheng.quality_file.deliveries import recognition

    (result,) = ledger.receive(
        write_csv(ledger.folder / "t.csv", [*SAMPLING, "公告网址链接"], [[*sampling_row(1), "https://shop.example/1"]])
    )
    assert result.facts == 1
    delivery = Delivery.objects.get()
    told = recognition(delivery, ledger.book, clear=True)
    (kept,) = [heading for heading in told.headings if heading.proposals]
    assert (kept.text, told.taken_for) == ("公告网址链接", ("sampling_check", "standard"))
    made = proposed(ledger, delivery, heading="公告网址链接", target="ignored: plain")
    accept_heading(made.pk, **decided(ledger))
    assert HeadingProposal.objects.get().state == "accepted"
