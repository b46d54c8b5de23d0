"""The public part: found, narrowed, counted, sorted, paged without a depth; what was taken back is gone and says so."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from tests.api.conftest import Caller, code_of
from tests.factories import FormFactory, PublishedEnterpriseFactory, PublishedEntryFactory
from zhiheng.published.entry_text import packed
from zhiheng.published.ids import public_id, shop_code
from zhiheng.published.models import (
    Form,
    ListState,
    PublishedEnterprise,
    PublishedEntry,
    PublishedParty,
    Token,
    Withdrawal,
)
from zhiheng.published.tokens import pairs

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
DAY = dt.date(2026, 3, 1)


@pytest.fixture
def firm() -> PublishedEnterprise:
    """An enterprise of which something is published."""
    name = "试验甲食品有限公司"
    found = PublishedEnterpriseFactory(public_id=public_id(), shop_code=shop_code(), code="91990901MAABC0001F")
    Token.objects.bulk_create(Token(kind="e", token=token, ref=found.pk) for token in pairs(name))
    return found


@pytest.fixture
def form() -> Form:
    """What the columns of a sampling entry mean."""
    columns = [
        {"target": "product", "zh": "样品名称", "en": "Product", "listed": True},
        {"target": "person", "zh": "联系人", "en": "Contact", "listed": False},
    ]
    return FormFactory(columns=columns)


def entry(form: Form, firm: PublishedEnterprise, number: int, **words: Any) -> PublishedEntry:
    """An entry that is shown."""
    day = words.pop("occurred_on", DAY + dt.timedelta(days=number % 7))
    made = PublishedEntryFactory(
        id=PublishedEntry.objects.count() + 1,
        public_id=public_id(),
        form=form,
        title_zh=f"样品{number}",
        title_en=f"Sample {number}",
        values=packed([(f"样品{number}", f"样品{number}", False), ("张**", "张**", True)]),
        outcome="fail" if number % 3 == 0 else "pass",
        occurred_on=day,
        basis_zh="依据",
        basis_en="law",
        fact=number,
        **words,
    )
    PublishedParty.objects.create(
        id=made.pk, entry=made, enterprise=firm, role="producer", occurred_on=made.occurred_on, alias=1
    )
    ListState.objects.update_or_create(
        list="sampling", defaults={"version": number, "shown": number, "changed_at": timezone.now()}
    )
    return made


def test_an_enterprise_is_found_by_part_of_its_name_and_by_its_code(firm: PublishedEnterprise) -> None:
    for text in ("甲食品", "91990901MAABC0001F"):
        (found,) = Caller().get("/public/enterprises", q=text).json()["enterprises"]
        assert (found["id"], found["code"]) == (firm.public_id, firm.code)
    assert Caller().get("/public/enterprises", q="没有的公司").json()["enterprises"] == []


def test_no_number_of_the_ledger_is_ever_told(firm: PublishedEnterprise, form: Form) -> None:
    made = entry(form, firm, 987654)
    text = Caller().get(f"/public/entries/{made.public_id}").content.decode()
    assert "987654" not in text.replace("样品987654", "").replace("Sample 987654", "")
    assert "subject" not in text


def test_a_masked_field_says_that_it_is_masked(firm: PublishedEnterprise, form: Form) -> None:
    made = entry(form, firm, 1)
    fields = {f["name"]: f for f in Caller().get(f"/public/entries/{made.public_id}").json()["fields"]}
    assert (fields["person"]["zh"], fields["person"]["masked"], fields["product"]["masked"]) == ("张**", True, False)


@pytest.mark.parametrize("sort", ["-occurred_on", "occurred_on", "-published_at"])
def test_paging_gives_every_entry_once_in_each_order_while_others_are_taken_back(
    firm: PublishedEnterprise, form: Form, sort: str
) -> None:
    made = [entry(form, firm, n) for n in range(1, 26)]
    caller, seen, cursor = Caller(), [], ""
    for turn in range(20):
        page = caller.get("/public/entries", sort=sort, limit=4, cursor=cursor).json()
        seen += [one["id"] for one in page["entries"]]
        if turn == 1:
            gone = next(one for one in made if one.public_id not in seen)
            PublishedEntry.objects.filter(pk=gone.pk).update(state="withdrawn")
        if not (cursor := page["next"]):
            break
    assert len(seen) == len(set(seen))
    assert set(seen) == {one.public_id for one in made} - {gone.public_id}


def test_entries_are_narrowed_and_counted_by_the_same_conditions(firm: PublishedEnterprise, form: Form) -> None:
    for number in range(1, 10):
        entry(form, firm, number)
    caller = Caller()
    counted = caller.get("/public/counts", by="outcome").json()
    assert {one["value"]: one["count"] for one in counted["counts"]} == {"pass": 6, "fail": 3}
    assert len(caller.get("/public/entries", outcome="fail").json()["entries"]) == 3
    assert caller.get("/public/counts", enterprise=firm.public_id, outcome="fail").json()["total"] == 3
    assert caller.get("/public/counts", enterprise="2222", outcome="fail").json()["total"] == 0
    assert caller.get("/public/counts", last="2026-02-01").json()["total"] == 0


def test_what_was_taken_back_answers_that_it_is_gone_since_when(firm: PublishedEnterprise, form: Form) -> None:
    made = entry(form, firm, 1)
    now = timezone.now()
    PublishedEntry.objects.update(state="withdrawn", state_at=now)
    Withdrawal.objects.create(public_id=made.public_id, list="sampling", cause="wrong", at=now, by="test")
    answer = Caller().get(f"/public/entries/{made.public_id}")
    assert (answer.status_code, code_of(answer)) == (410, "entry.gone")
    assert answer.json()["since"]
    assert "样品1" not in answer.content.decode()


def test_an_entry_past_its_last_day_is_gone_without_any_daily_work(firm: PublishedEnterprise, form: Form) -> None:
    made = entry(form, firm, 1, show_until=timezone.localdate() - dt.timedelta(days=1))
    assert Caller().get(f"/public/entries/{made.public_id}").status_code == 410
    assert Caller().get("/public/entries").json()["entries"] == []


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/public/entries", {"cursor": "forged"}),
        ("/public/entries", {"limit": 0}),
        ("/public/entries", {"limit": 10**6}),
        ("/public/entries", {"sort": "fact"}),
        ("/public/entries", {"area": "x"}),
        ("/public/entries", {"first": "2026-02-30"}),
        ("/public/enterprises", {"q": "a\x00b"}),
        ("/public/enterprises", {"q": "长" * 201}),
        ("/public/counts", {"by": "fact"}),
    ],
)
def test_a_wrong_question_is_told_what_is_wrong(path: str, words: dict[str, Any]) -> None:
    answer = Caller().get(path, **words)
    assert answer.status_code == 422
    assert answer.json()["problems"][0]["zh"]


def test_what_is_not_there_is_told_so() -> None:
    for path in ("/public/entries/2222", "/public/enterprises/2222"):
        assert Caller().get(path).status_code == 404


def test_the_answer_may_be_kept_for_a_minute_and_no_longer(firm: PublishedEnterprise, form: Form) -> None:
    entry(form, firm, 1)
    answer = Caller().get("/public/lists")
    assert answer["Cache-Control"] == "public, max-age=60"
    assert answer["ETag"]


def test_the_description_for_people_names_every_operation(settings: Any) -> None:
    settings.ROOT_URLCONF = "zhiheng.site.urls"
    text = Caller().client.get("/api/").content.decode()
    for path in ("/api/v1/public/entries", "/api/v1/office/deliveries", "/api/v1/office/credit/{code}"):
        assert path in text


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("list=zzz", "“清单”zzz：不在可选的范围内"),
        ("record=zzz", "“记录类型”zzz"),
        ("area=999999", "“地区”999999"),
        ("limit=900", "900 太大；请写不大于 200 的数"),
        ("first=2026-02-30", "这里要日期，例如 2026-04-15"),
        ("quality=zzz", "不在可选值之中"),
    ],
)
def test_没有的条件一律422_中文句子里没有英文(query: str, said: str) -> None:
    name, _, value = query.partition("=")
    answer = Caller().get("/public/entries", **{name: value})
    assert answer.status_code == 422
    (problem,) = answer.json()["problems"]
    assert said in problem["zh"]
    assert "Input should" not in problem["zh"]
