"""Enterprises are found by what people remember of them, each once, best first, and only within what somebody may
see.
"""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.places import FINES, Ledger, credit_code, lift_row, sampling_row, write_csv
from tests.projections.pictures import refreshed
from zhiheng.kernel.actor import EVERYTHING, NOTHING, Reach, Scope
from zhiheng.projections import tokens
from zhiheng.projections.models import Card
from zhiheng.projections.search import Hit, SearchFilters, search

pytestmark = pytest.mark.slow


@pytest.fixture
def place(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    """A dozen enterprises with names that share parts, a lift, a fine, products; PostgreSQL searches them a few at a
    time.
    """
    monkeypatch.setattr(tokens, "_SLICES", {"\ue004": 0, "\ue005": 1, "\ue006": 2})
    rows = [
        ("云澜市磐钻石油机械有限公司", "一街道", "石油钻杆"),
        ("云澜石油贸易行", "", "润滑油"),
        ("磐石建材有限公司", "", "水泥"),
        ("云澜市磐钻石油机械有限公司第一分公司", "", "石油钻杆"),
        ("重庆路面粉厂", "", "月饼、小麦粉"),
        ("磐石", "", "月饼"),
        ("吕家菜馆", "", "月饼馅"),
        ("ABC电子有限公司", "", "3号电池"),
    ]
    ledger.samples(
        "a.csv",
        [
            sampling_row(
                n,
                生产企业=name,
                被抽样单位="",
                生产企业代码=credit_code(n),
                样品名称=product,
                检验结论="不合格" if n == 3 else "合格",
                抽样地区="乙街道" if n % 2 else "甲街道",
            )
            for n, (name, _, product) in enumerate(rows, 1)
        ],
    )
    ledger.samples(
        "b.csv",
        [sampling_row(99, 生产企业="老磐钻机械厂", 生产企业代码=credit_code(1), 被抽样单位="", 检验结论="合格")],
    )
    ledger.lifts("c.csv", [lift_row("DT-2026-001", 使用单位="磐石建材有限公司", 使用单位代码=credit_code(3))])
    ledger.receive(
        write_csv(ledger.folder / "d.csv", FINES, [["吕家菜馆", credit_code(7), "2026-06-01", "罚款"]]),
        unit="test_environment",
    )
    refreshed(ledger)
    return ledger


def names(text: str, **words: object) -> list[str]:
    """The names that a search finds, in its order."""
    words.setdefault("scope", EVERYTHING)
    return [hit.card.name for hit in search(text, **words).rows]


def test_完全同名在前_名称开头其次_包含在后(place: Ledger) -> None:
    assert names("磐石") == ["磐石", "磐石建材有限公司"]
    found = names("磐钻石油")
    assert found == ["云澜市磐钻石油机械有限公司", "云澜市磐钻石油机械有限公司第一分公司"] or set(found) == {
        "老磐钻机械厂",
        "云澜市磐钻石油机械有限公司第一分公司",
    }
    assert names("云澜石油")[0] == "云澜石油贸易行"


def test_曾用名也能查到_并说明是哪个名称(place: Ledger) -> None:
    card = Card.objects.get(code=credit_code(1))
    for text in ("磐钻石油机械有限公司", "老磐钻"):
        (hit,) = [hit for hit in search(text, scope=EVERYTHING).rows if hit.card.subject == card.subject]
        assert hit.why, text
    kinds = {
        m.kind
        for text in ("云澜市磐钻石油机械有限公司", "老磐钻机械厂")
        for m in _hit(text, card).why
        if m.how == "exact"
    }
    assert kinds == {"name", "former"}


def _hit(text: str, card: Card) -> Hit:
    return next(hit for hit in search(text, scope=EVERYTHING).rows if hit.card.subject == card.subject)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("pzsyjx", "云澜市磐钻石油机械有限公司第一分公司"),
        ("panzuan", "云澜市磐钻石油机械有限公司第一分公司"),
        ("panzuanshiyou", "云澜市磐钻石油机械有限公司第一分公司"),
        ("PanZuan", "云澜市磐钻石油机械有限公司第一分公司"),
        ("panzuanshiy", "云澜市磐钻石油机械有限公司第一分公司"),
        ("chongqinglu", "重庆路面粉厂"),
        ("lvjia", "吕家菜馆"),
        ("abc", "ABC电子有限公司"),
        ("ABC电子", "ABC电子有限公司"),
        ("（磐 石）建材", "磐石建材有限公司"),
        ("磐石 建材", "磐石建材有限公司"),
        ("3号电池", "ABC电子有限公司"),
        ("水泥", "磐石建材有限公司"),
        ("DT-2026-001", "磐石建材有限公司"),
        ("dt2026", "磐石建材有限公司"),
        ("小麦", "重庆路面粉厂"),
        ("磐鑽石油機械", "云澜市磐钻石油机械有限公司第一分公司"),
    ],
)
def test_按记得住的写法都查得到(place: Ledger, text: str, name: str) -> None:
    assert name in names(text)


def test_代码按全文或开头查到_说明怎样匹配(place: Ledger) -> None:
    code = credit_code(3)
    (hit,) = search(code.lower(), scope=EVERYTHING).rows
    assert (hit.card.name, hit.why[0].kind, hit.why[0].how) == ("磐石建材有限公司", "code", "exact")
    started = search(code[:-2], scope=EVERYTHING).rows
    assert "磐石建材有限公司" in [h.card.name for h in started]
    assert {m.how for h in started for m in h.why} == {"start"}


def test_月饼的生产者与做月饼馅的都查到_精确的在前(place: Ledger) -> None:
    found = names("月饼")
    assert set(found[:2]) == {"重庆路面粉厂", "磐石"}
    assert found[2] == "吕家菜馆"


@pytest.mark.parametrize("text", ["石油", "有限公司", "云", "91990901MAABC", "月饼", "yx", "jx", "shi"])
@pytest.mark.parametrize("limit", [1, 2, 3])
def test_一页页翻完_每家恰好一次(place: Ledger, text: str, limit: int) -> None:
    whole = [hit.card.subject for hit in search(text, scope=EVERYTHING, limit=200).rows]
    assert len(set(whole)) == len(whole) > 0
    paged: list[int] = []
    after = ""
    while True:
        page = search(text, scope=EVERYTHING, after=after, limit=limit)
        paged += [hit.card.subject for hit in page.rows]
        if not (after := page.next):
            break
    assert paged == whole


@pytest.mark.parametrize("order", ["recent", "problems", "expiry", "subject"])
def test_不写文字时按次序列出_翻页不重不漏(place: Ledger, order: str) -> None:
    whole = [hit.card.subject for hit in search("", scope=EVERYTHING, limit=200, order=order).rows]
    wanted = Card.objects.all()
    if order == "problems":
        wanted = wanted.filter(open_problems__gt=0)
    if order == "expiry":
        wanted = wanted.filter(next_expiry__isnull=False)
    assert sorted(whole) == sorted(wanted.values_list("subject", flat=True))
    paged, after = [], ""
    while True:
        page = search("", scope=EVERYTHING, after=after, limit=2, order=order)
        paged += [hit.card.subject for hit in page.rows]
        if not (after := page.next):
            break
    assert paged == whole


def test_只见自己看得到的企业(place: Ledger) -> None:
    everyone = set(names("有限公司"))
    jia = Scope((Reach(areas=frozenset({"990901001"})),))
    inside = {c.name for c in Card.objects.filter(area="990901001")}
    assert set(names("有限公司", scope=jia)) == everyone & inside
    assert everyone - inside
    assert set(names("", scope=jia)) == inside
    one = Card.objects.get(name="磐石")
    assert names("", scope=Scope((Reach(subjects=frozenset({one.subject})),))) == ["磐石"]
    assert names("磐石建材", scope=Scope((Reach(subjects=frozenset({one.subject})),))) == []
    # The environment bureau has spoken of one enterprise only.
    assert names("", scope=Scope((Reach(units=frozenset({"test_environment"})),))) == ["吕家菜馆"]
    assert names("", scope=Scope((Reach(units=frozenset({"test_environment"}), areas=frozenset({"990901002"})),))) in (
        [],
        ["吕家菜馆"],
    )
    both = Scope((Reach(subjects=frozenset({one.subject})), Reach(units=frozenset({"test_environment"}))))
    assert set(names("", scope=both)) == {"磐石", "吕家菜馆"}
    for nothing in (
        NOTHING,
        Scope((Reach(areas=frozenset()),)),
        Scope((Reach(subjects=frozenset()),)),
        Scope((Reach(units=frozenset()),)),
    ):
        assert names("磐石", scope=nothing) == names("", scope=nothing) == []


def test_单位代号里的下划线不是通配符(place: Ledger) -> None:
    assert names("", scope=Scope((Reach(units=frozenset({"testXenvironment"})),))) == []
    assert names("", filters=SearchFilters(unit="test%")) == []


def test_筛选(place: Ledger) -> None:
    assert names("", filters=SearchFilters(problems="product")) == ["磐石建材有限公司"]
    assert names("", filters=SearchFilters(problems="environment")) == ["吕家菜馆"]
    assert set(names("", filters=SearchFilters(problems="any"))) == {"磐石建材有限公司", "吕家菜馆"}
    assert (
        names("", filters=SearchFilters(listed="any"))
        == names("", filters=SearchFilters(listed="discharge_fine"))
        == ["吕家菜馆"]
    )
    assert names("", filters=SearchFilters(listed="sampling_check")) == []
    assert "吕家菜馆" not in names("", filters=SearchFilters(listed="none"))
    assert names("", filters=SearchFilters(expiring_before=dt.date(2026, 12, 31))) == ["磐石建材有限公司"]
    assert names("", filters=SearchFilters(expiring_before=dt.date(2026, 12, 30))) == []
    assert names("磐石", filters=SearchFilters(expiring_before=dt.date(2026, 12, 31))) == ["磐石建材有限公司"]
    assert names("", filters=SearchFilters(unit="test_environment")) == ["吕家菜馆"]
    assert names("", filters=SearchFilters(status="fined")) == ["吕家菜馆"]
    assert names("", filters=SearchFilters(in_business=False)) == ["吕家菜馆"]
    assert set(names("", filters=SearchFilters(areas=("990901001",)))) == {
        c.name for c in Card.objects.filter(area="990901001")
    }
    assert names("", filters=SearchFilters(areas=("000000",))) == []


def test_行业按代码开头筛选(place: Ledger) -> None:
    Card.objects.filter(name="磐石").update(industry="3512")
    assert names("", filters=SearchFilters(industry="35")) == ["磐石"]
    assert names("", filters=SearchFilters(industry="351")) == ["磐石"]
    assert names("", filters=SearchFilters(industry="36")) == []


@pytest.mark.parametrize("text", ["石油", "pzsyjx", "91990901MA", "有限公司 石油", "", "没有这样的企业"])
def test_查询至多两条语句(place: Ledger, text: str) -> None:
    with CaptureQueriesContext(connection) as queries:
        page = search(text, scope=Scope((Reach(areas=frozenset({"990901001", "990901002", "990901"})),)))
    assert len(queries) == (2 if text and page.rows else 1)


@pytest.mark.parametrize(
    "after",
    [
        "x",
        "9~9~9",
        "-1~3~",
        "3~99999999999999999999~",
        "1~5~",
        "2026-13-45~3",
        "1'; DROP TABLE",
        "٣~٣~",
        "\x00",
        "1~5~\x00",
    ],
)
def test_读不懂的翻页记号从头开始(place: Ledger, after: str) -> None:
    assert names("磐石", after=after) == names("磐石") or after.startswith("1~")
    assert names("", after=after) == names("")


@settings(max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=30) | st.text(alphabet="磐石钻油a1'\"*:&|!()<>-\\% ", max_size=30))
def test_任何输入都不出错(place: Ledger, text: str) -> None:
    for hit in search(text, scope=EVERYTHING, limit=3).rows:
        assert hit.why or not text.strip()


def test_带NUL的筛选什么也查不到(place: Ledger) -> None:
    for filters in (
        SearchFilters(status="\x00"),
        SearchFilters(unit="a\x00"),
        SearchFilters(industry="\x00"),
        SearchFilters(areas=("\x00",)),
    ):
        assert names("", filters=filters) == names("磐石", filters=filters) == []


def test_查不了的文字查不到任何企业(place: Ledger) -> None:
    assert names("！！！") == []
    assert len(names("   ")) == Card.objects.count()
