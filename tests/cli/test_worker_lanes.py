"""Lanes of the queue: what waits in one never waits for what is done in another."""

from __future__ import annotations

import datetime as dt
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django_tasks.base import Task
from django_tasks_db.models import DBTaskResult

from tests.actions.test_upload import hand_in, samples
from tests.cli.test_serve import asked, processes_only, rows, states, wait_for
from tests.places import Installation, Ledger
from zhiheng.cli import worker as working
from zhiheng.cli.session import now
from zhiheng.jobs import tasks
from zhiheng.jobs.schedule import put_into_lanes
from zhiheng.office import leases, task_queue
from zhiheng.office.lanes import LANE_NAMES, LANES, NO_LANE, Lane


@dataclass(frozen=True)
class Tarpit:
    """A system that sends a header one letter at a time and never ends: its port, and whether it was called."""

    port: int
    called: threading.Event


@pytest.fixture
def tarpit() -> Iterator[Tarpit]:
    """It listens, and dribbles to whoever calls."""
    listening = socket.create_server(("127.0.0.1", 0))
    called = threading.Event()

    def dribble(connection: socket.socket) -> None:
        try:
            connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            while True:
                time.sleep(0.3)
                connection.sendall(b"x")
        except OSError:
            connection.close()

    def accept() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            called.set()
            threading.Thread(target=dribble, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    yield Tarpit(int(listening.getsockname()[1]), called)
    listening.close()


# A worker that would listen to the other side for a day: whatever else is done is done meanwhile, however slow this
# machine is.
PATIENT = """
import os, django; os.environ["DJANGO_SETTINGS_MODULE"] = "zhiheng.site.settings"; django.setup()
import zhiheng.actions.webhooks.deliver_webhooks as d; d.TOTAL_SECONDS = 86_400.0
import zhiheng.actions.webhooks.safe_http as h; h.READ_SECONDS = h.CONNECT_SECONDS = 86_400.0
from zhiheng.cli.main import main; main(["worker"])
"""


@pytest.mark.slow
@pytest.mark.database
@processes_only
def test_推送对方一直拖着_后面的工作照做_叫停也停得下来(installation: Installation, tarpit: Tarpit) -> None:
    place = Installation(installation.environment | {"ZHIHENG_WEBHOOKS_INNER": "1"}, installation.folder)
    asked(
        place,
        f"""
from zhiheng.office.models import WebHook
from zhiheng.actions.webhooks.deliver_webhooks import announce
from zhiheng.cli.session import now
from zhiheng.office import task_queue
WebHook.objects.create(owner="token:1", unit="test_market", url="http://127.0.0.1:{tarpit.port}/", events=["delivery.accepted"], salt="x", at=now())
announce("delivery.accepted", "delivery:1", {{}}, now=now(), unit="test_market")
task_queue.put_once("call_webhooks")
print("0")
""",
    )
    process = place.start("-c", PATIENT)
    try:
        wait_for(lambda: tarpit.called.is_set() or process.poll() is not None)
        # A legal duty, put behind it: it is done while the other side still dribbles.
        asked(
            place,
            "from zhiheng.office import task_queue; task_queue.put_once('forget_finished_tasks'); print(0)",
        )
        wait_for(lambda: ("forget_finished_tasks", "SUCCESSFUL") in states(place) or process.poll() is not None)
        assert ("call_webhooks", "RUNNING") in states(place)
    finally:
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate()
    assert process.returncode == 0, said
    assert rows(place, "SELECT COUNT(*) FROM office_worker WHERE stopped_at IS NULL") == [(0,)]


def queued(upload: Any) -> DBTaskResult:
    """The task of an upload."""
    return DBTaskResult.objects.get(id=upload.task)


@pytest.mark.database
def test_企业交的文件排在部门之后_也排在随部门报送而来的更新之后(ledger: Ledger) -> None:
    first = hand_in(ledger, samples(ledger, "企业.csv")).upload
    DBTaskResult.objects.filter(id=first.task).update(priority=task_queue.FROM_ENTERPRISES)
    task_queue.put_once("project_lake")
    second = hand_in(ledger, samples(ledger, "部门.csv", first=100)).upload
    assert queued(second).priority == task_queue.FROM_DEPARTMENTS
    taken: list[UUID] = []
    while (task := leases.claim("试验-1", frozenset())) is not None:
        taken.append(task.id)
    assert taken[0] == second.task
    assert taken[-1] == first.task


@pytest.mark.database
def test_正在接收企业的文件时_部门的来了就让路_让够次数还是做得完(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working, "WAY_SECONDS", 0.0)
    Path(ledger.folder).mkdir(exist_ok=True)
    ours = hand_in(ledger, samples(ledger, "企业.csv")).upload
    DBTaskResult.objects.filter(id=ours.task).update(priority=task_queue.FROM_ENTERPRISES)
    worker = working.WorkerProcess(until_empty=True)
    task = leases.claim(worker.lease.id, frozenset())
    assert task is not None
    report = worker._report(task)
    report("接收", 1, None)
    hand_in(ledger, samples(ledger, "部门.csv", first=100))
    for _ in range(working.WAYS_GIVEN):
        with pytest.raises(tasks.GiveWay):
            report("接收", 2, None)
    report("接收", 3, None)
    # A department's own gives way to nobody.
    department = leases.claim(worker.lease.id, frozenset())
    assert department is not None
    hand_in(ledger, samples(ledger, "部门二.csv", first=200))
    worker._report(department)("接收", 1, None)


@pytest.mark.database
def test_早晨的更新正做着_部门报送来了就让它先收_让够次数还是做得完(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working, "WAY_SECONDS", 0.0)
    Path(ledger.folder).mkdir(exist_ok=True)
    worker = working.WorkerProcess(until_empty=True)
    mornings = ("refresh_projections", "publish_statistics", "check_lake")
    for number, morning in enumerate(mornings, start=1):
        task_queue.put_once(morning)
        task = leases.claim(worker.lease.id, frozenset())
        assert task is not None
        assert task.task_path == task_queue.task_path(morning)
        report = worker._report(task)
        report("更新", 1, None)
        # What follows from deliveries, and an enterprise's file, wait as they did.
        task_queue.put_once("propose_publications")
        ours = hand_in(ledger, samples(ledger, f"企业{number}.csv", count=12 + number)).upload
        DBTaskResult.objects.filter(id=ours.task).update(priority=task_queue.FROM_ENTERPRISES)
        report("更新", 2, None)
        delivered = hand_in(ledger, samples(ledger, f"部门{number}.csv", count=20 + number)).upload
        for _ in range(working.WAYS_GIVEN_BY_OTHERS):
            with pytest.raises(tasks.GiveWay):
                report("更新", 3, None)
        report("更新", 4, None)
        # What gave way is done behind the delivery.
        leases.give_back(task, worker.lease.id)
        after = [leases.claim(worker.lease.id, frozenset()) for _ in range(2)]
        assert [each and each.id for each in after] == [delivered.task, task.id]
        DBTaskResult.objects.all().delete()


@pytest.mark.database
def test_推送在自己的车道上_不给报送让路(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(working, "WAY_SECONDS", 0.0)
    Path(ledger.folder).mkdir(exist_ok=True)
    worker = working.WorkerProcess(until_empty=False)
    task_queue.put_once("call_webhooks")
    task = leases.claim(worker.lease.id, frozenset(), (Lane.OUTSIDE,))
    assert task is not None
    hand_in(ledger, samples(ledger, "部门.csv"))
    worker._report(task, (Lane.OUTSIDE,))("推送", 1, None)


def test_每个任务都写明走哪条队列_设置里的队列就是这几条() -> None:
    found = {name: one for name, one in vars(tasks).items() if isinstance(one, Task)}
    assert len(found) > 20
    assert {one.queue_name for one in found.values()} == {lane.value for lane in LANES} - {Lane.ENTERPRISES.value}
    assert [NO_LANE, *LANES] == settings.QUEUES
    assert set(LANE_NAMES) == set(LANES)


@pytest.mark.database
def test_企业的文件在自己的队列里等_部门的和法定的事项各取各的(ledger: Ledger) -> None:
    Path(ledger.folder).mkdir(exist_ok=True)
    department = hand_in(ledger, samples(ledger, "部门.csv")).upload
    ours = hand_in(ledger, samples(ledger, "企业.csv", first=100)).upload
    assert queued(department).queue_name == Lane.DEPARTMENTS
    DBTaskResult.objects.filter(id=ours.task).update(queue_name=Lane.ENTERPRISES)
    task_queue.put_once("expire_publications")
    assert not leases.waits((Lane.OUTSIDE,))
    assert [
        (lane, task.task_name) for lane in LANES if (task := leases.claim("试验-1", frozenset(), (lane,))) is not None
    ] == [
        (Lane.DUTIES, "expire_publications"),
        (Lane.DEPARTMENTS, "receive_upload"),
        (Lane.ENTERPRISES, "receive_upload"),
    ]


@pytest.mark.database
def test_升级以前排着的任务归到各自的队列(ledger: Ledger) -> None:
    Path(ledger.folder).mkdir(exist_ok=True)
    task_queue.put_once("expire_publications")
    task_queue.put_once("call_webhooks")
    ours = hand_in(ledger, samples(ledger, "企业.csv")).upload
    DBTaskResult.objects.filter(id=ours.task).update(priority=task_queue.FROM_ENTERPRISES)
    DBTaskResult.objects.update(queue_name=NO_LANE)
    assert leases.claim("试验-1", frozenset()) is None
    assert put_into_lanes() == 3
    assert put_into_lanes() == 0
    assert dict(DBTaskResult.objects.order_by().values_list("task_path", "queue_name")) == {
        task_queue.task_path("expire_publications"): Lane.DUTIES,
        task_queue.task_path("call_webhooks"): Lane.OUTSIDE,
        task_queue.task_path("receive_upload"): Lane.ENTERPRISES,
    }


@pytest.mark.database
def test_各队列的状况_谁在做_等了多久_失败几件(ledger: Ledger) -> None:
    Path(ledger.folder).mkdir(exist_ok=True)
    lease = leases.Lease(now(), (Lane.DUTIES, Lane.OUTSIDE))
    task_queue.put_once("expire_publications")
    task_queue.put_once("remind_of_duties")
    task = leases.claim(lease.id, frozenset(), (Lane.DUTIES,))
    assert task is not None
    found = {one.lane: one for one in leases.lane_states(now(), failed_since=now() - dt.timedelta(days=7))}
    duties, departments = found[Lane.DUTIES], found[Lane.DEPARTMENTS]
    assert (duties.workers, duties.waiting, duties.doing) == (1, 1, ("expire_publications",))
    assert duties.busy_since is not None
    assert duties.waits_since is not None
    assert (departments.workers, departments.waiting, departments.doing, departments.failed) == (0, 0, (), 0)
    leases.fail(task, lease.id, RuntimeError("试验"))
    found = {one.lane: one for one in leases.lane_states(now(), failed_since=now() - dt.timedelta(days=7))}
    assert (found[Lane.DUTIES].failed, found[Lane.DUTIES].doing) == (1, ())
    lease.end(now())


# A worker whose lane of departments is stuck in a call that never returns.
STUCK = """
import os, time, django; os.environ["DJANGO_SETTINGS_MODULE"] = "zhiheng.site.settings"; django.setup()
import zhiheng.jobs.tasks as t; t.project_new_facts = lambda *words, **more: time.sleep(86_400)
from zhiheng.cli.main import main; main(["worker"])
"""


@pytest.mark.slow
@pytest.mark.database
@processes_only
def test_部门队列卡住_法定事项照做_一条队列的进程死了自动重启(installation: Installation) -> None:
    asked(installation, "from zhiheng.office import task_queue; task_queue.put_once('project_lake'); print(0)")
    process = installation.start("-c", STUCK)
    serving = "SELECT pid FROM office_worker WHERE stopped_at IS NULL AND lanes LIKE 'duties%'"
    try:
        wait_for(lambda: ("project_lake", "RUNNING") in states(installation) or process.poll() is not None)
        asked(
            installation,
            "from zhiheng.office import task_queue; task_queue.put_once('forget_finished_tasks'); print(0)",
        )
        wait_for(lambda: ("forget_finished_tasks", "SUCCESSFUL") in states(installation) or process.poll() is not None)
        assert ("project_lake", "RUNNING") in states(installation)
        ((killed,),) = rows(installation, serving)
        os.kill(killed, signal.SIGKILL)
        # Another process serves the lane by now; who was killed is marked as ended by it.
        wait_for(lambda: rows(installation, serving) not in ([], [(killed,)]) or process.poll() is not None)
        assert process.poll() is None
    finally:
        process.kill()
        process.communicate()
    # The others end with it.
    wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for (pid,) in rows(installation, serving)))
