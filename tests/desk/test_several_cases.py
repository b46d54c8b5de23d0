"""One act for many cases at the desk: ticked in a list, chosen, asked case by case, listed with what was refused."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.desk.officers import officer, said_on, signed_in
from tests.desk.test_case_pages import do, opened, text_of
from zhiheng.actions.cases import act_in_many
from zhiheng.jobs import tasks
from zhiheng.kernel.reasons import Refused
from zhiheng.office.case_batches import CaseBatch, CaseOfBatch
from zhiheng.office.cases import Case, CaseEvent, CaseStandingRow
from zhiheng.office.task_queue import packed
from zhiheng.pages.access import call_by
from zhiheng.people.actors import actor_of
from zhiheng.people.models import Account, TrailLine

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture(autouse=True)
def data_folder(settings: LazySettings, tmp_path: Path) -> None:
    """A folder for what a test keeps."""
    settings.DATA = tmp_path / "data"
    settings.DATA.mkdir()


@pytest.fixture
def clerk() -> Client:
    """An officer of the market bureau of the first district."""
    return signed_in(officer("department_officer", "liyuan_market", "990101", "何承办"))


@pytest.fixture
def head() -> Client:
    """The head of the same bureau."""
    return signed_in(officer("department_head", "liyuan_market", "990101", "周负责"))


def several(browser: Client, *cases: Case, source: str = "cases", **typed: Any) -> Any:
    """Tick cases in a list and press the button."""
    given = {"case": [case.pk for case in cases], "source": source, "query": "", **typed}
    return browser.post(reverse("desk:case_several"), given)


def chosen(browser: Client, *cases: Case, **typed: Any) -> CaseBatch:
    """The batch of ticked cases."""
    answer = several(browser, *cases, **typed)
    assert answer.status_code == 302, answer.content.decode()[:500]
    return CaseBatch.objects.get(pk=int(re.findall(r"/several/(\d+)/", answer.headers["Location"])[0]))


def act(browser: Client, batch: CaseBatch, key: str, **typed: Any) -> Any:
    """Send the form of an act for a batch."""
    return browser.post(reverse("desk:case_batch_act", args=[batch.pk, "complaint", key]), typed)


def states(batch: CaseBatch) -> list[str]:
    return list(batch.cases.order_by("id").values_list("state", flat=True))


def test_勾选几件一次受理_每件各自把关_办不了的写明原因(clerk: Client) -> None:
    ready, decided = opened(clerk), opened(clerk)
    do(clerk, decided, "decide.accept")
    batch = chosen(clerk, ready, decided)
    text = text_of(clerk, "case_batch", batch.pk)
    assert "选定 2 件案件" in text
    assert "选定的 2 件中 1 件能办" in text
    answer = act(clerk, batch, "decide.accept")
    assert answer.status_code == 302, said_on(answer.content.decode())[:2000]
    assert states(batch) == ["done", "refused"]
    text = text_of(clerk, "case_batch", batch.pk)
    assert "未办的列出原因" in text
    assert "现在是“调解中”" in text or "调解中" in text
    line = CaseEvent.objects.get(case=ready, place=2)
    assert (line.act, line.outcome, line.batch) == ("decide", "accept", f"batch:{batch.pk}")
    assert CaseOfBatch.objects.get(case=ready).line == line.pk
    assert CaseEvent.objects.filter(case=decided).count() == 2, "the case that was refused has no line more"
    assert TrailLine.objects.filter(verb="case.batch", about=f"batch:{batch.pk}").count() == 1


def test_填错的当场指出_一件也没有办(clerk: Client) -> None:
    batch = chosen(clerk, opened(clerk), opened(clerk))
    answer = act(clerk, batch, "decide.refuse", refusal_reason="不属于本机关职责")
    assert answer.status_code == 422
    assert "不予受理的情形" in said_on(answer.content.decode()) or "请" in said_on(answer.content.decode())
    assert states(batch) == ["waiting", "waiting"]
    assert CaseEvent.objects.count() == 2


def test_按两次只办一次(clerk: Client) -> None:
    batch = chosen(clerk, opened(clerk), opened(clerk))
    act(clerk, batch, "decide.accept")
    again = clerk.post(reverse("desk:case_batch_act", args=[batch.pk, "complaint", "decide.accept"]), follow=True)
    assert "没有再办一次" in said_on(again.content.decode())
    assert CaseEvent.objects.filter(act="decide").count() == 2
    # The second tab that had asked before: the batch says that it was begun.
    call = call_by(actor_of(Account.objects.get(name="何承办")))
    assert act_in_many.begin(batch.pk, "decide.accept", {}, workflow="complaint", call=call).state == "done"
    assert CaseEvent.objects.filter(act="decide").count() == 2


def test_选定以后别人先办了的_不盖过去_写明谁办了什么(clerk: Client, head: Client) -> None:
    one, other = opened(clerk), opened(clerk)
    batch = chosen(clerk, one, other)
    do(head, one, "decide.accept")
    act(clerk, batch, "decide.accept")
    assert states(batch) == ["refused", "done"]
    text = text_of(clerk, "case_batch", batch.pk, state="refused")
    assert "案件有了变化" in text
    assert "周负责" in text


def test_清单上全部的_超过二十件在后台办_进度和结果在页面上(clerk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(act_in_many, "AT_ONCE", 2)
    cases = [opened(clerk) for _ in range(4)]
    do(clerk, cases[0], "decide.accept")
    batch = chosen(clerk, everything="1", query="stands=open&workflow=complaint")
    assert batch.cases.count() == 4
    act(clerk, batch, "decide.accept")
    batch.refresh_from_db()
    assert (batch.state, states(batch)) == ("running", ["waiting"] * 4)
    assert "正在逐件办理" in text_of(clerk, "case_batch", batch.pk)
    account = Account.objects.get(name="何承办")
    told = tasks.act_in_many_cases.func(batch.pk, packed(actor_of(account)))
    assert told == {"done": 3, "proposed": 0, "refused": 1}
    # Begun again after it was killed at its end: nothing is done twice.
    assert tasks.act_in_many_cases.func(batch.pk, packed(actor_of(account))) == told
    assert CaseEvent.objects.filter(act="decide").count() == 4
    assert "正在逐件办理" not in text_of(clerk, "case_batch", batch.pk)


def test_后台办到一半中断_接着办其余的_办过的不再办(clerk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(act_in_many, "AT_ONCE", 1)
    cases = [opened(clerk) for _ in range(3)]
    batch = chosen(clerk, *cases)
    act(clerk, batch, "decide.accept")
    actor = actor_of(Account.objects.get(name="何承办"))

    class Killed(BaseException):
        pass

    def dies(done: int, of: int) -> None:
        if done == 2:
            raise Killed

    with pytest.raises(Killed):
        act_in_many.carry_on(batch.pk, call=call_by(actor), progress=dies)
    assert states(batch) == ["done", "done", "waiting"]
    act_in_many.carry_on(batch.pk, call=call_by(actor))
    assert states(batch) == ["done"] * 3
    assert CaseEvent.objects.filter(act="decide").count() == 3


def test_有人休假_负责人把他承办的一次改派(head: Client, clerk: Client) -> None:
    away = Account.objects.get(name="何承办")
    stays = officer("department_officer", "liyuan_market", "990101", "沈同事")
    cases = [opened(clerk) for _ in range(2)]
    first = chosen(head, *cases)
    head.post(reverse("desk:case_batch_assign", args=[first.pk]), {"account": away.pk})
    assert set(CaseStandingRow.objects.values_list("handler", flat=True)) == {f"account:{away.pk}"}
    text = text_of(head, "cases", handler=str(away.pk))
    assert "共 2 件" in text
    batch = chosen(head, everything="1", query=f"handler={away.pk}")
    assert "改派承办人" in text_of(head, "case_batch", batch.pk)
    head.post(reverse("desk:case_batch_assign", args=[batch.pk]), {"account": stays.pk})
    assert set(CaseStandingRow.objects.values_list("handler", flat=True)) == {f"account:{stays.pk}"}
    assert states(batch) == ["done", "done"]
    # Assigned to the same person once more: each says that nothing changed.
    third = chosen(head, *cases)
    head.post(reverse("desk:case_batch_assign", args=[third.pk]), {"account": stays.pk})
    assert states(third) == ["refused", "refused"]
    assert "已经是这样" in text_of(head, "case_batch", third.pk)


def test_待办里勾选_一件有两项期限的只办一次(clerk: Client) -> None:
    case = opened(clerk, happened=str(timezone.localdate()))
    assert f'name="case" value="{case.pk}"' in clerk.get(reverse("desk:inbox") + "?part=later").content.decode()
    batch = chosen(clerk, case, case, source="inbox")
    assert batch.cases.count() == 1
    everything = chosen(clerk, everything="1", source="inbox", query="part=later")
    assert [each.case_id for each in everything.cases.all()] == [case.pk]


def test_没有勾选_选得太多_别人的一批_都说清楚(clerk: Client, head: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = clerk.post(reverse("desk:case_several"), {"source": "cases", "query": ""}, follow=True)
    assert "还没有勾选案件" in said_on(nothing.content.decode())
    cases = [opened(clerk) for _ in range(2)]
    batch = chosen(clerk, *cases)
    assert head.get(reverse("desk:case_batch", args=[batch.pk])).status_code == 404
    monkeypatch.setattr(act_in_many, "MOST", 1)
    many = clerk.post(reverse("desk:case_several"), {"source": "cases", "everything": "1"}, follow=True)
    assert "一次最多选 1 件" in said_on(many.content.decode())
    far = signed_in(officer("department_officer", "haitang_market", "990102", "别区人员"))
    assert several(far, cases[0]).status_code == 404
    assert several(clerk, Case(pk=cases[0].pk)).status_code == 302


@pytest.mark.parametrize(
    ("source", "query"), [("cases", "workflow=nothing"), ("cases", "subject=x"), ("inbox", "part=all")]
)
def test_列表的条件看不懂_一件也不选_不当作没有条件(clerk: Client, source: str, query: str) -> None:
    opened(clerk)
    answer = several(clerk, source=source, everything="1", query=query)
    assert answer.status_code == 302
    assert not CaseBatch.objects.exists()


def test_没有指派权的人不能批量改派(clerk: Client) -> None:
    batch = chosen(clerk, opened(clerk))
    answer = clerk.post(reverse("desk:case_batch_assign", args=[batch.pk]), {"account": 1})
    assert answer.status_code == 403
    with pytest.raises(Refused):
        act_in_many.begin(
            batch.pk, "@assign", {"account": 1}, call=call_by(actor_of(Account.objects.get(name="何承办")))
        )
