"""A file handed in at a page: kept whole or not at all, received once in the background, hostile names and sizes
refused.
"""

from __future__ import annotations

import datetime as dt
import os
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from tests.places import NOON, SAMPLING, SMALL, Ledger, sampling_row, told_by_files, write_csv
from zhiheng.actions.identity.link_subjects import merge
from zhiheng.actions.intake.confirm_held import confirm_held
from zhiheng.actions.intake.process_upload import close_lost, take_in
from zhiheng.actions.intake.upload_delivery import (
    NAME_LENGTH,
    Handed,
    answer,
    clean_name,
    receive_again,
    upload_delivery,
)
from zhiheng.actions.intake.withdraw_delivery import withdraw_delivery
from zhiheng.database.content_store import FILES, INBOX
from zhiheng.grammar.call import Call
from zhiheng.jobs import schedule, tasks
from zhiheng.kernel.actor import PUBLIC, Actor, Holding, operator
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger.models import Alias, Delivery, Fact
from zhiheng.office import leases, task_queue
from zhiheng.office.models import DailyWork, TaskProgress, Upload, Worker
from zhiheng.people.models import TrailLine
from zhiheng.published.models import OpenFile

CLERK = operator("clerk")
OFFICER = Actor("account:7", "officer", "甲", (Holding("clerk", "test_market", "990901"),))


@pytest.fixture
def place(ledger: Ledger, settings: Any) -> Ledger:
    """A ledger whose background tasks open the small book."""
    settings.BOOK = SMALL
    return ledger


def hand_in(place: Ledger, path: Path, **words: Any) -> Handed:
    """Hand a file in as a page does."""
    given = {"name": path.name, "unit": "test_market", "call": Call(CLERK, place.book, NOON), "door": "desk"}
    with path.open("rb") as file:
        return upload_delivery(iter(lambda: file.read(1000), b""), **(given | words))


def work(worker: leases.Lease | None = None) -> int:
    """Do everything that waits in the queue, as a worker does; returns how many tasks were done."""
    lease = worker or leases.Lease(timezone.now())
    done = 0
    while task := leases.claim(lease.id, tasks.ONE_AT_A_TIME):
        value = task.task.call(*task.args_kwargs["args"], **task.args_kwargs["kwargs"])
        leases.succeed(task, lease.id, value)
        done += 1
    if worker is None:
        lease.end(timezone.now())
    return done


def samples(place: Ledger, name: str = "抽检.csv", count: int = 12, **changed: str) -> Path:
    """A file with sampling rows."""
    return write_csv(place.folder / name, SAMPLING, [sampling_row(i, **changed) for i in range(count)])


def queued(upload: Upload) -> DBTaskResult:
    """The task of an upload."""
    return DBTaskResult.objects.get(id=upload.task)


@pytest.mark.slow
def test_交来的文件在后台接收_结果逐表写在提交上(place: Ledger) -> None:
    upload = hand_in(place, samples(place)).upload
    assert upload.state == "waiting"
    assert (INBOX.folder() / upload.digest).exists()
    assert work() >= 1
    upload.refresh_from_db()
    (line,) = upload.result
    assert (upload.state, line["state"], line["rows"], line["facts"]) == ("done", "accepted", 12, 12)
    assert Delivery.objects.get(id=line["deliveries"][0]).file_name == "抽检.csv"
    assert Fact.objects.count() == 12
    assert not (INBOX.folder() / upload.digest).exists(), (
        "what is kept with the delivered files need not lie in the inbox"
    )


def test_同一单位再交同一份文件_看到的是第一次的提交(place: Ledger) -> None:
    path = samples(place)
    first = hand_in(place, path)
    again = hand_in(place, path, name="换个名字.csv")
    assert (first.before, again.before) == (False, True)
    assert again.upload.id == first.upload.id
    assert Upload.objects.count() == DBTaskResult.objects.count() == 1
    other = hand_in(place, path, unit="jia_office")
    assert other.upload.id != first.upload.id, "another unit's statement is its own"


@pytest.mark.slow
def test_撤回以后再交同一份文件_从页面也重新接收(place: Ledger) -> None:
    path = samples(place)
    hand_in(place, path)
    work()
    (number,) = Delivery.objects.values_list("id", flat=True)
    withdraw_delivery(number, reason="以为报错了", call=Call(CLERK, place.book, NOON))
    again = hand_in(place, path)
    assert not again.before
    work()
    again.upload.refresh_from_db()
    (line,) = again.upload.result
    assert (line["state"], line["facts"], line["duplicates"], line["again"]) == ("accepted", 12, 0, False)
    assert hand_in(place, path).before, "nothing was withdrawn since: what became of it is shown"


def test_提交与任务同生_写任务失败则没有提交(place: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> None:
        raise RuntimeError("the queue is broken")

    monkeypatch.setattr("zhiheng.office.task_queue.packed", fails)
    with pytest.raises(RuntimeError):
        hand_in(place, samples(place))
    assert Upload.objects.count() == DBTaskResult.objects.count() == TrailLine.objects.count() == 0


@pytest.mark.slow
def test_接收之后依次更新数据湖_读模型和公示建议_已在排队的不重复(place: Ledger) -> None:
    hand_in(place, samples(place, "一.csv"))
    hand_in(place, samples(place, "二.csv", 9, 样品名称="试验米"))
    lease = leases.Lease(timezone.now())
    for _ in range(2):
        task = leases.claim(lease.id, tasks.ONE_AT_A_TIME)
        assert task is not None
        assert task.task_name == "receive_upload"
        leases.succeed(task, lease.id, task.task.call(*task.args_kwargs["args"]))
    waiting = [t.task_name for t in DBTaskResult.objects.filter(status=TaskResultStatus.READY)]
    assert waiting == ["project_lake"]
    work(lease)
    names = [t.task_name for t in DBTaskResult.objects.successful().order_by("enqueued_at")]
    assert names[-3:] == ["project_lake", "refresh_projections", "propose_publications"]
    assert tasks.lake().manifest().watermark == Fact.objects.count() == 21
    lease.end(timezone.now())


def test_没有新事实就不劳动后面的任务(place: Ledger) -> None:
    path = samples(place)
    place.receive(path)
    hand_in(place, path)
    work()
    (line,) = Upload.objects.get().result
    assert (line["facts"], line["duplicates"], line["again"]) == (0, 12, True)
    assert [t.task_name for t in DBTaskResult.objects.all()] == ["receive_upload"]


def test_没有权限的人交不了_也不留下文件(place: Ledger) -> None:
    for actor in (PUBLIC, Actor("account:9", "officer", "乙", (Holding("watcher", "test_market", "990901"),))):
        with pytest.raises(Refused):
            hand_in(place, samples(place), call=Call(actor, place.book, NOON))
    with pytest.raises(Refused):
        hand_in(place, samples(place), call=Call(OFFICER, place.book, NOON), unit="test_environment")
    assert not INBOX.folder().exists() or not list(INBOX.folder().iterdir())
    assert Upload.objects.count() == 0


@pytest.mark.slow
def test_有权限的经办人交得了_后台以他的名义接收(place: Ledger) -> None:
    hand_in(place, samples(place), call=Call(OFFICER, place.book, NOON))
    work()
    from zhiheng.ledger.models import AuditLine

    assert AuditLine.objects.get(verb="delivery.accepted").actor == "account:7"
    assert TrailLine.objects.get(verb="delivery.upload").actor == "account:7"


def test_谁在办理_进出队列不变() -> None:
    actor = Actor("account:7", "officer", "甲", OFFICER.holdings, "account:3", (), frozenset({"delivery.receive"}))
    assert task_queue.unpacked(task_queue.packed(actor)) == actor


# -- hostile input -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\甲\\抽检.xlsx", "抽检.xlsx"),
        ("a\x00b\x07c.csv", "abc.csv"),
        ("好\u202egnp.exe.csv", "好gnp.exe.csv"),
        ("两\r\n行.csv", "两 行.csv"),
        (".隐藏", "隐藏"),
        ("<script>alert(1)</script>.csv", "script>.csv"),
        ("", "未命名 unnamed"),
        ("..", "未命名 unnamed"),
        ("\u200b\ufeff", "未命名 unnamed"),
    ],
)
def test_文件名去掉路径和控制字符(given: str, kept: str) -> None:
    assert clean_name(given) == kept


def test_很长的文件名被截短_扩展名还在() -> None:
    name = clean_name("很长的名字" * 200 + ".xlsx")
    assert len(name) == NAME_LENGTH
    assert name.endswith("….xlsx")
    assert len(clean_name("a." + "x" * 500)) <= NAME_LENGTH


def test_空文件和过大的文件被拒_收件箱里什么都不留(place: Ledger) -> None:
    empty = place.folder / "空.csv"
    empty.touch()
    with pytest.raises(Refused) as refused:
        hand_in(place, empty)
    assert refused.value.refusals[0].code == "upload.empty"
    with pytest.raises(Refused) as refused:
        hand_in(place, samples(place, count=60), limit=3_000)
    assert refused.value.refusals[0].code == "upload.too_large"
    assert list(INBOX.folder().iterdir()) == []


def test_过大的文件读到上限就停_不会读完(place: Ledger) -> None:
    read = 0

    def endless() -> Iterator[bytes]:
        nonlocal read
        while True:
            read += 1
            yield b"x" * 1000

    with pytest.raises(Refused):
        upload_delivery(
            endless(),
            name="无尽.csv",
            unit="test_market",
            call=Call(CLERK, place.book, NOON),
            door="desk",
            limit=50_000,
        )
    assert read == 51


def test_传到一半断开_收件箱里什么都不留(place: Ledger) -> None:
    def broken() -> Iterator[bytes]:
        yield b"abc"
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        upload_delivery(broken(), name="半.csv", unit="test_market", call=Call(CLERK, place.book, NOON), door="desk")
    assert list(INBOX.folder().iterdir()) == []
    assert Upload.objects.count() == 0


@pytest.mark.parametrize("kind", ["noise", "bomb", "symlink", "nothing", "text"])
def test_不是表格的文件有说法_不会让后台出错(place: Ledger, kind: str) -> None:
    path = place.folder / f"{kind}.xlsx"
    if kind == "noise":
        path.write_bytes(os.urandom(5000))
    elif kind == "bomb":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.csv", b"0" * 60_000_000)
    elif kind == "symlink":
        packed = BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            link = zipfile.ZipInfo("link.csv")
            link.external_attr = 0o120777 << 16
            archive.writestr(link, "/etc/passwd")
            archive.writestr("../../out.csv", "a,b\n1,2\n")
        path.write_bytes(packed.getvalue())
    elif kind == "nothing":
        path.write_bytes(b"\x00" * 64)
    else:
        path.write_text("只是一句话", encoding="utf-8")
    upload = hand_in(place, path).upload
    work()
    upload.refresh_from_db()
    assert upload.state == "done"
    assert {line["state"] for line in upload.result} <= {"refused", "skipped"}
    assert all(line["refusal"]["zh"] for line in upload.result)
    assert Fact.objects.count() == 0
    assert not (place.folder.parent / "out.csv").exists()


# -- questions, holding, failing ---------------------------------------------------------------------------------------


@pytest.mark.slow
def test_后台出错的提交说清怎么办_可以再次接收(place: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = hand_in(place, samples(place)).upload

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("zhiheng.actions.intake.process_upload.receive", full)
        lease = leases.Lease(timezone.now())
        task = leases.claim(lease.id, frozenset())
        assert task is not None
        with pytest.raises(OSError, match="No space"):
            task.task.call(*task.args_kwargs["args"])
        leases.fail(task, lease.id, OSError("full"))
    upload.refresh_from_db()
    assert upload.state == "failed"
    assert "磁盘" in upload.failure["zh"]
    assert (INBOX.folder() / upload.digest).exists(), "the file is still there to be received again"
    receive_again(upload.id, call=Call(CLERK, place.book, NOON))
    work(lease)
    upload.refresh_from_db()
    assert (upload.state, upload.failure, upload.result[0]["facts"]) == ("done", {}, 12)
    lease.end(timezone.now())


@pytest.mark.slow
def test_没认出的表由交件人说明后接收_结果换成新的(place: Ledger) -> None:
    upload = hand_in(place, samples(place, "问.csv")).upload
    question = {
        "origin": "问.csv",
        "table": "",
        "state": "refused",
        "facts": 0,
        "refusal": {"code": "table.ambiguous", "zh": "问", "en": "?"},
    }
    Upload.objects.filter(id=upload.id).update(state="done", result=[question])
    DBTaskResult.objects.all().delete()
    with pytest.raises(Refused):
        answer(
            upload.id,
            origin="别的.csv",
            table="",
            record="sampling_check",
            source="standard",
            call=Call(CLERK, place.book, NOON),
        )
    answer(
        upload.id,
        origin="问.csv",
        table="",
        record="sampling_check",
        source="standard",
        call=Call(CLERK, place.book, NOON),
    )
    work()
    upload.refresh_from_db()
    assert [line["state"] for line in upload.result] == ["accepted"]
    assert upload.result[0]["facts"] == 12


@pytest.mark.slow
def test_暂存的报送确认时要写理由_在后台接收_不会收两遍(place: Ledger) -> None:
    upload = hand_in(place, samples(place, count=61)).upload
    work()
    upload.refresh_from_db()
    (line,) = upload.result
    assert line["state"] == "held", line
    (number,) = line["deliveries"]
    with pytest.raises(Refused) as refused:
        confirm_held(number, reason=" ", call=Call(CLERK, place.book, NOON))
    assert refused.value.refusals[0].code == "reason.needed"
    confirm_held(number, reason="全年一次报送", call=Call(CLERK, place.book, NOON))
    with pytest.raises(Refused) as refused:
        confirm_held(number, reason="又点了一次", call=Call(CLERK, place.book, NOON))
    assert refused.value.refusals[0].code == "delivery.confirmed"
    work()
    assert Fact.objects.count() == 61
    assert TrailLine.objects.get(verb="delivery.confirm").purpose == "全年一次报送"
    with pytest.raises(Refused):
        confirm_held(number, reason="再来", call=Call(CLERK, place.book, NOON))


# -- leases ------------------------------------------------------------------------------------------------------------


def lost(upload: Upload) -> leases.Lease:
    """Have a worker claim the task of an upload and die."""
    lease = leases.Lease(timezone.now())
    assert leases.claim(lease.id, frozenset()).id == upload.task
    lease._file.close()
    return lease


def test_死去的工作进程的任务重新排队一次_再死就算失败(place: Ledger) -> None:
    upload = hand_in(place, samples(place)).upload
    lost(upload)
    assert leases.recover(timezone.now()).again == (upload.task,)
    assert queued(upload).status == TaskResultStatus.READY
    assert leases.recover(timezone.now()) == leases.Recovered((), ())
    lost(upload)
    assert leases.recover(timezone.now()).failed == (upload.task,)
    assert queued(upload).status == TaskResultStatus.FAILED
    close_lost(timezone.now())
    upload.refresh_from_db()
    assert upload.state == "failed"
    assert "两次中断" in upload.failure["zh"]
    assert Worker.objects.filter(stopped_at=None).count() == 0


def test_活着的工作进程不会被夺走任务(place: Ledger) -> None:
    upload = hand_in(place, samples(place)).upload
    lease = leases.Lease(timezone.now())
    leases.claim(lease.id, frozenset())
    # However long it has been silent: its lock on this machine says that it lives.
    late = timezone.now() + dt.timedelta(hours=3)
    assert leases.recover(late) == leases.Recovered((), ())
    assert [w.id for w in leases.living(late)] == [lease.id]
    assert queued(upload).status == TaskResultStatus.RUNNING
    lease.end(timezone.now())


def test_另一台机器上的工作进程_沉默一分钟才算死去(place: Ledger) -> None:
    upload = hand_in(place, samples(place)).upload
    at = timezone.now()
    Worker.objects.create(id="elsewhere-1-ab", host="elsewhere", pid=1, started_at=at, seen_at=at)
    leases.claim("elsewhere-1-ab", frozenset())
    assert leases.recover(at + dt.timedelta(seconds=50)) == leases.Recovered((), ())
    assert leases.recover(at + dt.timedelta(seconds=70)).again == (upload.task,)


def test_被夺走的任务_原来的进程写不进结果(place: Ledger) -> None:
    upload = hand_in(place, samples(place)).upload
    at = timezone.now()
    Worker.objects.create(id="elsewhere-1-ab", host="elsewhere", pid=1, started_at=at, seen_at=at)
    old = leases.claim("elsewhere-1-ab", frozenset())
    leases.recover(at + dt.timedelta(seconds=70))
    new = leases.Lease(at)
    mine = leases.claim(new.id, frozenset())
    assert old is not None
    assert mine is not None
    assert not leases.succeed(old, "elsewhere-1-ab", {"facts": 0})
    assert not leases.fail(old, "elsewhere-1-ab", RuntimeError())
    assert queued(upload).status == TaskResultStatus.RUNNING
    assert leases.succeed(mine, new.id, {"facts": 12})
    new.end(timezone.now())


@pytest.mark.slow
def test_主动停止的任务让路_不算中断(place: Ledger) -> None:
    upload = hand_in(place, samples(place)).upload
    lease = leases.Lease(timezone.now())
    task = leases.claim(lease.id, frozenset())
    assert task is not None

    def stop(*_: Any) -> None:
        raise tasks.GiveWay

    with pytest.raises(tasks.GiveWay), tasks.watched(stop):
        task.task.call(*task.args_kwargs["args"])
    leases.give_back(task, lease.id)
    assert queued(upload).status == TaskResultStatus.READY
    assert not TaskProgress.objects.filter(deaths__gt=0).exists()
    assert Fact.objects.count() == 0
    assert work(lease) >= 1
    assert Fact.objects.count() == 12
    lease.end(timezone.now())


def test_中断后再来_提交的结果与没有中断过一样(place: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zhiheng.actions.intake.receive_delivery.PART_ROWS", 100)
    monkeypatch.setattr("zhiheng.actions.intake.receive_delivery.CHUNK_ROWS", 50)
    # The platform's layout takes long tables.
    rows = [[str(i), f"试验食品{i % 50}", f"试验第{i % 90}厂", f"2026-0{i % 5 + 1}-11", "合格"] for i in range(450)]
    path = write_csv(place.folder / "平台.csv", ["NO", "NAME", "MAKER", "DAY", "RESULT"], rows)
    upload = hand_in(place, path).upload
    seen: list[int] = []

    def dies(_what: str, done: int, _total: int | None) -> None:
        seen.append(done)
        if done >= 250:
            raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        take_in(upload.id, call=Call(CLERK, place.book, NOON), progress=dies)
    assert 0 < Fact.objects.count() < 450
    lines = take_in(upload.id, call=Call(CLERK, place.book, NOON))
    assert (lines[0]["rows"], lines[0]["facts"], lines[0]["duplicates"], lines[0]["again"]) == (450, 450, 0, False)
    assert len(lines[0]["deliveries"]) == 5
    assert len(told_by_files()["fact"]) == 450


def test_只许一个同时跑的任务_排在后面等(place: Ledger) -> None:
    one, two = leases.Lease(timezone.now()), leases.Lease(timezone.now())
    task_queue.put_once("project_lake")
    first = leases.claim(one.id, tasks.ONE_AT_A_TIME)
    assert first is not None
    task_queue.put_once("project_lake")
    assert DBTaskResult.objects.count() == 2, "one runs, one waits: what arrived meanwhile must not be missed"
    assert leases.claim(two.id, tasks.ONE_AT_A_TIME) is None
    leases.succeed(first, one.id, {})
    assert leases.claim(two.id, tasks.ONE_AT_A_TIME) is not None
    one.end(timezone.now())
    two.end(timezone.now())


# -- every day ---------------------------------------------------------------------------------------------------------


def test_每日工作一天只排一次_到点才排_错过的补一次(db: None) -> None:
    zone = dt.timezone(dt.timedelta(hours=8))
    assert schedule.put_due(dt.datetime(2026, 7, 1, 0, 6, tzinfo=zone)) == ["expire_publications"]
    assert schedule.put_due(dt.datetime(2026, 7, 1, 0, 7, tzinfo=zone)) == []
    others = {daily.name for daily in schedule.DAILY} - {"expire_publications"}
    assert {"check_lake", "publish_statistics", "rebuild_open_data", "forget_finished_tasks"} <= others
    assert set(schedule.put_due(dt.datetime(2026, 7, 1, 9, 0, tzinfo=zone))) == others
    assert len(schedule.put_due(dt.datetime(2026, 7, 5, 9, 0, tzinfo=zone))) == len(schedule.DAILY), (
        "days that were missed count once"
    )
    assert set(DailyWork.objects.values_list("day", flat=True)) == {dt.date(2026, 7, 5)}


@pytest.mark.slow
def test_早已完成的任务会清掉_没完成的留着(place: Ledger) -> None:
    hand_in(place, samples(place))
    work()
    hand_in(place, samples(place, "还没做.csv", 3))
    old = timezone.now() - dt.timedelta(days=100)
    DBTaskResult.objects.successful().update(finished_at=old)
    assert tasks.forget_finished_tasks.call()["tasks"] >= 1
    assert {t.status for t in DBTaskResult.objects.all()} == {TaskResultStatus.READY}
    assert Upload.objects.count() == 2


def test_过期的会话_计数和没人要的半份文件每天清掉_还有用的留着(place: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib import import_module

    from allauth.usersessions.models import UserSession
    from django.conf import settings
    from django.contrib.sessions.models import Session
    from django.core.cache import cache

    from zhiheng.actions.accounts.purge_expired import forget_expired
    from zhiheng.people.models import Account

    now = timezone.now()
    account = Account.objects.create_user("walker", None, name="甲", kind="officer", unit="test_market")
    store = import_module(settings.SESSION_ENGINE).SessionStore
    ended, living = store(), store()
    for session, hours in ((ended, -1), (living, 5)):
        session["x"] = 1
        session.set_expiry(now + dt.timedelta(hours=hours))
        session.create()
        long_ago = now - dt.timedelta(hours=20)
        UserSession.objects.create(user=account, ip="192.0.2.1", session_key=session.session_key, created_at=long_ago)
    cache.set("tries", [1], timeout=60)
    upload = hand_in(place, samples(place)).upload
    orphan, half, fresh = (INBOX.folder() / name for name in ("0" * 64, ".abc.part", "1" * 64))
    spooled = place.folder / "spool" / "tmp1.upload.csv"
    spooled.parent.mkdir()
    monkeypatch.setattr(settings, "FILE_UPLOAD_TEMP_DIR", spooled.parent)
    for path in (orphan, half, fresh, spooled):
        path.write_bytes(b"x")
    for path in (orphan, half, spooled, INBOX.folder() / upload.digest):
        os.utime(path, (now.timestamp() - 100_000,) * 2)

    assert forget_expired(now) == {"sessions": 1, "notes": 0, "files": 3}
    assert [s.session_key for s in Session.objects.all()] == [living.session_key]
    assert [s.session_key for s in UserSession.objects.all()] == [living.session_key]
    assert cache.get("tries") == [1]
    assert fresh.exists(), "somebody may be handing it in at this moment"
    assert (INBOX.folder() / upload.digest).exists(), "it waits to be received"
    assert forget_expired(now + dt.timedelta(minutes=5))["notes"] >= 1
    (daily,) = [one for one in schedule.DAILY if one.task is tasks.forget_finished_tasks]
    assert set(daily.task.call()) == {"tasks", "sessions", "notes", "files"}


def test_数据库写不进去时_提交上说清怎么办(place: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = hand_in(place, samples(place)).upload

    def locked(*_: Any, **__: Any) -> None:
        raise OperationalError("database or disk is full")

    monkeypatch.setattr("zhiheng.actions.intake.process_upload.receive", locked)
    with pytest.raises(OperationalError):
        take_in(upload.id, call=Call(CLERK, place.book, NOON))
    upload.refresh_from_db()
    assert (upload.state, upload.failure["code"]) == ("failed", "upload.database")
    assert "再次接收" in upload.failure["zh"]


@pytest.mark.slow
def test_收件的文件留存_与交来的一字不差(place: Ledger) -> None:
    path = samples(place)
    upload = hand_in(place, path).upload
    work()
    assert FILES.path_of(upload.digest).read_bytes() == path.read_bytes()


# -- whenever something waits ------------------------------------------------------------------------------------------


def put_but_for_the_log(now: dt.datetime) -> list[str]:
    """What is put in the queue; the log grows after every act."""
    return [name for name in schedule.put_waiting(now) if name != "grow_log"]


@pytest.mark.slow
def test_合并之后读模型落后_工作进程自己发现_做完就不再提(place: Ledger) -> None:
    place.samples("a.csv", [sampling_row(1), sampling_row(2)])
    assert put_but_for_the_log(NOON) == ["project_lake"]
    assert put_but_for_the_log(NOON) == [], "it waits already"
    work()
    assert put_but_for_the_log(NOON) == []
    one, two = Alias.objects.filter(kind="enterprise", name__contains="食品").values_list("subject_id", flat=True)[:2]
    merge(one, [two], reason="同一家", call=Call(CLERK, place.book, NOON))
    assert put_but_for_the_log(NOON) == ["project_lake"]
    work()
    assert put_but_for_the_log(NOON) == []


def test_含有已撤下内容的开放数据文件_会重新生成(place: Ledger) -> None:
    OpenFile.objects.create(
        name="x.csv",
        list="x",
        format="csv",
        path="x/x.csv",
        digest="",
        size=0,
        rows=0,
        built_at=NOON,
        version=1,
        stale=True,
    )
    assert put_but_for_the_log(NOON) == ["rebuild_open_data"]
