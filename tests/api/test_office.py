"""What systems of departments and banks do with a key: hand in, ask what became of it, read, be told."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from tests.api.conftest import BASE, Caller, Keys, code_of
from tests.factories import ConsentFactory
from tests.places import SAMPLING, Ledger, sampling_row
from zhiheng.api.interface import interface
from zhiheng.jobs import tasks
from zhiheng.ledger.models import Alias, Fact, FactParty
from zhiheng.office import clock
from zhiheng.office.models import Consent, CreditRead, Upload
from zhiheng.people.models import TrailLine

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

DELIVER = ["api.deliver", "api.read"]


def run_queue(upload: int) -> None:
    """What the worker does with an upload."""
    from django_tasks_db.models import DBTaskResult

    waiting = DBTaskResult.objects.get(id=Upload.objects.get(pk=upload).task)
    tasks.receive_upload.func(*waiting.args_kwargs["args"], **waiting.args_kwargs["kwargs"])


def rows(*given: list[str], **words: object) -> dict[str, object]:
    """A body with sampling rows."""
    return {"unit": "test_market", "record": "sampling_check", "headings": list(SAMPLING), "rows": list(given), **words}


def test_rows_that_are_handed_in_become_facts_and_refusals_with_their_reasons(key: Keys, ledger: Ledger) -> None:
    caller = Caller(key(DELIVER))
    wrong = sampling_row(2, 抽样日期="二月三十日")
    taken = caller.post("/office/deliveries/rows", rows(sampling_row(1), wrong))
    assert taken.status_code == 202
    upload = taken.json()["upload"]
    assert caller.get(f"/office/deliveries/{upload}").json()["state"] == "waiting"
    run_queue(upload)
    told = caller.get(f"/office/deliveries/{upload}").json()
    (table,) = told["tables"]
    assert (told["state"], table["facts"], table["refused"], table["rows"]) == ("done", 1, 1, 2)
    page = caller.get(f"/office/deliveries/{upload}/refused/{table['deliveries'][0]}").json()
    assert page["rows"][0]["cells"][SAMPLING.index("抽样日期")] == "二月三十日"
    assert page["rows"][0]["reasons"][0]["zh"]
    assert page["headings"] == list(SAMPLING)


def test_rows_that_are_no_data_are_counted_and_can_be_asked_for(key: Keys, ledger: Ledger) -> None:
    caller = Caller(key(DELIVER))
    upload = caller.post("/office/deliveries/rows", rows(sampling_row(1), ["合 计", "1批次"])).json()["upload"]
    run_queue(upload)
    (table,) = caller.get(f"/office/deliveries/{upload}").json()["tables"]
    assert (table["rows"], table["facts"], table["duplicates"], table["refused"], table["skipped"]) == (2, 1, 0, 0, 1)
    page = caller.get(f"/office/deliveries/{upload}/skipped/{table['deliveries'][0]}").json()
    assert [(row["row"], row["cells"][0], row["reason"]["code"]) for row in page["rows"]] == [(3, "合 计", "row.total")]
    assert page["headings"] == list(SAMPLING)


def test_a_file_is_taken_like_at_the_desk_and_the_same_file_only_once(key: Keys, ledger: Ledger) -> None:
    caller = Caller(key(DELIVER))
    text = "\n".join(",".join(row) for row in [list(SAMPLING), sampling_row(1)]).encode("gb18030")

    def send() -> dict[str, object]:
        file = SimpleUploadedFile("抽检.csv", text)
        answer = caller.client.post(f"{BASE}/office/deliveries", {"file": file, "unit": "test_market"})
        assert answer.status_code == 202
        return dict(answer.json())

    first, second = send(), send()
    assert (first["before"], second["before"]) == (False, True)
    assert first["upload"] == second["upload"]
    run_queue(int(str(first["upload"])))
    assert Fact.objects.count() == 1


def test_nobody_hands_in_for_another_unit(key: Keys) -> None:
    answer = Caller(key(DELIVER)).post("/office/deliveries/rows", rows(sampling_row(1), unit="test_environment"))
    assert answer.status_code == 403
    assert not Upload.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"unit": "test_market"},
        rows(),
        rows(["x"] * 300),
        rows(sampling_row(1), headings=[]),
        rows(sampling_row(1), unit="a b"),
        rows(sampling_row(1), record="\x00"),
        rows(["a" * 6_000]),
        [1, 2],
        rows(sampling_row(1), rows="text"),
    ],
    ids=lambda body: str(body)[:30],
)
def test_a_body_of_the_wrong_shape_is_told_what_is_wrong(key: Keys, body: object) -> None:
    answer = Caller(key(DELIVER)).post("/office/deliveries/rows", body)
    assert answer.status_code == 422
    assert all(problem["zh"] and problem["en"] for problem in answer.json()["problems"])
    assert not Upload.objects.exists()


def test_a_whole_delivery_is_taken_back_by_the_unit_that_sent_it(key: Keys, ledger: Ledger) -> None:
    caller = Caller(key([*DELIVER, "fact.withdraw"]))
    upload = caller.post("/office/deliveries/rows", rows(sampling_row(1), sampling_row(2))).json()["upload"]
    run_queue(upload)
    (table,) = caller.get(f"/office/deliveries/{upload}").json()["tables"]
    path = f"/office/deliveries/{upload}/withdrawal/{table['deliveries'][0]}"
    assert Caller(key(DELIVER)).post(path, {"reason": "wrong file"}).status_code == 403
    assert caller.post(path, {"reason": ""}).status_code == 422
    assert caller.post(f"/office/deliveries/{upload}/withdrawal/999", {"reason": "wrong file"}).status_code == 404
    assert caller.post(path, {"reason": "wrong file"}).json() == {"facts": 2, "published": 0, "repeated": []}
    assert code_of(caller.post(path, {"reason": "wrong file"})) == "delivery.withdrawn"
    assert Fact.objects.filter(kind="withdrawal").count() == 2


def test_a_body_that_is_no_json_is_refused_with_a_sentence(key: Keys) -> None:
    client = Caller(key(DELIVER)).client
    answer = client.post(f"{BASE}/office/deliveries/rows", b"{half", content_type="application/json")
    assert answer.status_code == 400
    assert code_of(answer) == "input.malformed"


def test_another_key_of_another_unit_does_not_see_the_upload(key: Keys) -> None:
    upload = Caller(key(DELIVER)).post("/office/deliveries/rows", rows(sampling_row(1))).json()["upload"]
    other = Caller(key(DELIVER, unit="test_environment"))
    assert other.get(f"/office/deliveries/{upload}").status_code == 403


def test_a_cursor_of_another_list_is_refused(key: Keys, ledger: Ledger) -> None:
    ledger.samples("a.csv", [sampling_row(7 * n) for n in range(1, 8)])
    subject = Alias.objects.filter(kind="enterprise").values_list("subject_id", flat=True).first()
    caller = Caller(key(["file.read", "fact.read"]))
    first = caller.get(f"/office/enterprises/{subject}/facts", limit=1).json()
    assert first["next"]
    answer = caller.get(f"/office/enterprises/{subject}/facts", limit=1, cursor=first["next"], record="sampling_check")
    assert (answer.status_code, code_of(answer)) == (422, "cursor.wrong")
    assert caller.get(f"/office/enterprises/{subject}/facts", cursor="forged").status_code == 422


def test_paging_gives_every_fact_once_although_new_ones_arrive(key: Keys, ledger: Ledger) -> None:
    ledger.samples("a.csv", [sampling_row(7 * n) for n in range(1, 8)])
    subject = Alias.objects.get(name="试验第0食品有限公司").subject_id
    before = set(Fact.objects.values_list("id", flat=True))
    caller = Caller(key(["file.read"]))
    seen: list[int] = []
    cursor = ""
    for turn in range(20):
        page = caller.get(f"/office/enterprises/{subject}/facts", limit=2, cursor=cursor).json()
        seen += [line["fact"] for line in page["facts"]]
        if turn == 0:
            ledger.samples("b.csv", [sampling_row(700)])
        if not (cursor := page["next"]):
            break
    assert len(seen) == len(set(seen))
    assert set(seen) == before


def test_a_fact_shows_its_row_its_law_and_its_hashes_and_the_read_is_noted(key: Keys, ledger: Ledger) -> None:
    ledger.samples("a.csv", [sampling_row(1)])
    number = Fact.objects.values_list("id", flat=True).get()
    told = Caller(key(["fact.read"])).get(f"/office/facts/{number}").json()
    assert {"heading": "样品名称", "text": "试验挂面", "masked": False} in told["cells"]
    assert told["law"]
    assert len(told["leaf"]) == len(told["root"]) == 64
    about = Alias.objects.filter(pk__in=FactParty.objects.filter(fact_id=number).values("alias_id")).values_list(
        "subject_id", flat=True
    )
    assert {line.about for line in TrailLine.objects.filter(verb="fact.read")} == {f"subject:{each}" for each in about}


def test_a_program_that_asks_for_the_same_file_all_day_leaves_one_line(key: Keys, ledger: Ledger) -> None:
    ledger.samples("a.csv", [sampling_row(1)])
    number = Fact.objects.values_list("id", flat=True).get()
    subject = Alias.objects.filter(kind="enterprise").values_list("subject_id", flat=True)[0]
    caller = Caller(key(["file.read", "fact.read"]))
    for path in ("/office/enterprises/{0}", "/office/enterprises/{0}/facts", "/office/facts/{1}") * 3:
        assert caller.get(path.format(subject, number)).status_code == 200
    lines = TrailLine.objects.filter(about=f"subject:{subject}").order_by("verb")
    assert list(lines.values_list("verb", flat=True)) == ["fact.read", "file.read"]


@pytest.mark.parametrize("number", ["0", "-1", "9" * 30, "abc", "1e3", "%00"])
def test_a_number_that_is_none_is_refused(key: Keys, number: str) -> None:
    assert Caller(key(["fact.read"])).get(f"/office/facts/{number}").status_code in (404, 422)


# -- banks -------------------------------------------------------------------------------------------------------------


def bank(key: Keys, unit: str = "test_bank") -> Caller:
    """A bank's program."""
    return Caller(key(["credit.read"], role="lender_program", unit=unit, area=""))


@pytest.fixture
def firm(ledger: Ledger) -> tuple[int, str]:
    """An enterprise with a code and two facts: (subject, code)."""
    from tests.places import credit_code

    code = credit_code(1)
    ledger.samples("a.csv", [sampling_row(n, 生产企业="试验甲食品有限公司", 生产企业代码=code) for n in (1, 2)])
    return Alias.objects.get(code=code).subject_id, code


def consent(subject: int, **words: object) -> Consent:
    """A consent of today, for a month."""
    return ConsentFactory(subject=subject, **words)


def test_a_bank_reads_what_the_enterprise_consented_to_and_the_enterprise_sees_it(
    key: Keys, firm: tuple[int, str]
) -> None:
    subject, code = firm
    given = consent(subject)
    answer = bank(key).get(f"/office/credit/{code}", purpose="loan")
    assert answer.status_code == 200
    assert {line["record"] for line in answer.json()["facts"]} == {"sampling_check"}
    (read,) = CreditRead.objects.all()
    assert (read.consent_id, read.entries, read.purpose) == (given.pk, 2, "loan")


@pytest.mark.parametrize(
    "words",
    [
        {"purpose": "guarantee"},
        {"reader": "other_bank"},
        {"last_day": dt.date(2026, 1, 2), "first_day": dt.date(2026, 1, 1)},
        {"first_day": dt.date(2126, 1, 1), "last_day": dt.date(2126, 2, 1)},
        {"withdrawn_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)},
        {"subject": 10**6},
    ],
)
def test_without_a_live_consent_to_this_bank_for_this_purpose_nothing_is_read(
    key: Keys, firm: tuple[int, str], words: dict[str, object]
) -> None:
    consent(**{"subject": firm[0], **words})
    answer = bank(key).get(f"/office/credit/{firm[1]}", purpose="loan")
    assert (answer.status_code, code_of(answer)) == (403, "access.no_consent")
    assert not CreditRead.objects.exists()


def test_whether_an_enterprise_exists_is_not_told_to_a_bank_without_consent(key: Keys, firm: tuple[int, str]) -> None:
    caller = bank(key)
    known = caller.get(f"/office/credit/{firm[1]}", purpose="loan")
    unknown = caller.get("/office/credit/91990901MA00000000", purpose="loan")
    assert (known.status_code, known.json()) == (unknown.status_code, unknown.json())


WRITING = {
    ("post", "/office/deliveries"),
    ("post", "/office/deliveries/rows"),
    ("post", "/office/deliveries/1/withdrawal/1"),
    ("post", "/office/credit/1/report"),
    ("post", "/office/webhooks"),
    ("delete", "/office/webhooks/1"),
}


def test_every_operation_that_writes_is_tried_below() -> None:
    described = interface.get_openapi_schema()["paths"]
    found = {
        (method, re.sub(r"\{\w+\}", "1", path.removeprefix(BASE)))
        for path, operations in described.items()
        for method in operations
        if method not in ("get", "head", "options")
    }
    assert found == WRITING


@pytest.mark.parametrize(("method", "path"), sorted(WRITING))
def test_after_a_jump_of_the_clock_nothing_is_written_and_the_answer_says_what_to_do(
    key: Keys, ledger: Ledger, method: str, path: str
) -> None:
    caller = Caller(key(["api.deliver", "api.read", "fact.withdraw", "webhook.manage"]))
    clock.set_to(timezone.now() - dt.timedelta(days=400))
    answer = getattr(caller.client, method)(f"{BASE}{path}", {}, content_type="application/json")
    assert (answer.status_code, code_of(answer)) == (503, "clock.jumped")
    assert "zhiheng clock --accept" in answer.json()["problems"][0]["zh"]
    assert not Upload.objects.exists()
    assert caller.get("/office/me").status_code == 200
