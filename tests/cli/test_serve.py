"""``zhiheng serve`` and ``zhiheng worker`` as real processes: pages come, a file is received, killing loses and doubles
nothing.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.places import Installation, write_csv

pytestmark = [pytest.mark.database, pytest.mark.slow]
# Which process starts, watches and stops which other has nothing to do with the kind of database.
processes_only = pytest.mark.skipif(
    bool(os.environ.get("DATABASE_URL")), reason="of processes: the same on both databases"
)
PLATFORM = ("NO", "NAME", "MAKER", "DAY", "RESULT")


def long_file(folder: Path, rows: int = 6000) -> Path:
    """A file that takes a worker some seconds and many transactions."""
    return write_csv(
        folder / "平台导出.csv",
        PLATFORM,
        [
            [str(i), f"试验食品{i % 50}", f"试验第{i % 900}厂", f"2026-0{i % 9 + 1}-11", "合格" if i % 9 else "还行"]
            for i in range(rows)
        ],
    )


# A worker that has committed some parts of a file, and waits before the next until a file with the name of its process
# is there: it is killed or told to stop in the middle of its work, however slow or quick the machine is.
IN_THE_MIDDLE = """
import os, time, django; os.environ["DJANGO_SETTINGS_MODULE"] = "zhiheng.site.settings"; django.setup()
from pathlib import Path
import zhiheng.actions.intake.receive_delivery as r
r.PART_ROWS, r.CHUNK_ROWS = 400, 100
usual = r._Parts.__iter__


def parts(self):
    for number, part in enumerate(usual(self)):
        while number == {parts} and not Path(str(os.getpid())).exists():
            time.sleep(0.02)
        yield part


r._Parts.__iter__ = parts
from zhiheng.cli.main import main; main(["worker", "--lane", "departments"])
"""


def in_the_middle(place: Installation, parts: int = 2) -> subprocess.Popen[str]:
    """A worker that has written so many parts of the file that waits for it, and goes on when ``go_on`` is called."""
    before = facts(place)
    worker = place.start("-c", IN_THE_MIDDLE.format(parts=parts))
    wait_for(lambda: facts(place) > before)
    return worker


def go_on(place: Installation, worker: subprocess.Popen[str]) -> None:
    """Let such a worker write the rest of its file."""
    (place.folder / str(worker.pid)).touch()


def asked(place: Installation, program: str) -> Any:
    """What a program inside the installation prints as JSON."""
    done = place.warmed().run("-c", "import orjson; from zhiheng.cli.session import set_up; set_up()\n" + program)
    assert done.returncode == 0, done.stderr
    return orjson.loads(done.stdout)


def hand_in(place: Installation, path: Path) -> str:
    """Hand a file in as a page does; returns the id of its task."""
    return asked(
        place,
        f"""
from pathlib import Path
from zhiheng.actions.intake.upload_delivery import upload_delivery
from zhiheng.grammar.call import Call
from zhiheng.cli.session import now, open_book
from zhiheng.kernel.actor import operator
path = Path({str(path)!r})
handed = upload_delivery([path.read_bytes()], name=path.name, unit="test_market", door="desk",
                         call=Call(operator("t"), open_book(), now()))
print(orjson.dumps(str(handed.upload.task)).decode())
""",
    )


def state(place: Installation) -> dict[str, Any]:
    """The queue and the uploads."""
    return asked(
        place,
        """
from django_tasks_db.models import DBTaskResult
from zhiheng.ledger.models import Fact
from zhiheng.office.models import TaskProgress, Upload, Worker
print(orjson.dumps({
    "tasks": [[t.task_name, t.status, len(t.worker_ids)] for t in DBTaskResult.objects.order_by("enqueued_at")],
    "uploads": [[u.state, u.result, u.failure] for u in Upload.objects.order_by("id")],
    "deaths": [p.deaths for p in TaskProgress.objects.all()],
    "facts": Fact.objects.count(), "workers": Worker.objects.filter(stopped_at=None).count(),
}).decode())
""",
    )


def told(place: Installation) -> Any:
    """What the ledger says, and that it is whole."""
    whole, findings, content = asked(
        place,
        """
from tests.places import told_by_files
from zhiheng.ledger.verify import verify
report = verify()
print(orjson.dumps([report.whole, [f.zh for f in report.findings], told_by_files()]).decode())
""",
    )
    assert whole, findings
    return content


def rows(place: Installation, statement: str, file: str = "people.sqlite3") -> list[Any]:
    """What a statement finds at this moment, without a process of its own; ``file``: where it looks on SQLite."""
    if url := place.environment.get("DATABASE_URL"):
        import psycopg

        with psycopg.connect(url) as connection:
            return list(connection.execute(statement))
    import sqlite3

    with closing(sqlite3.connect(Path(place.environment["ZHIHENG_DATA"]) / file, timeout=600)) as database:
        return list(database.execute(statement))


def facts(place: Installation) -> int:
    """How many facts there are at this moment."""
    return int(rows(place, "SELECT COUNT(*) FROM ledger_fact", "zhiheng.sqlite3")[0][0])


def states(place: Installation) -> list[tuple[str, str]]:
    """The tasks at this moment, in the order in which they were put there: name and state."""
    found = rows(place, "SELECT task_path, status FROM django_tasks_database_dbtaskresult ORDER BY enqueued_at")
    return [(str(path).rpartition(".")[2], str(status)) for path, status in found]


def upload(place: Installation) -> str:
    """The state of the first upload at this moment."""
    return str(rows(place, "SELECT state FROM office_upload ORDER BY id")[0][0])


def wait_for(what: Any, seconds: float = 600) -> None:
    """Wait until something is so. The seconds only keep a failed test from waiting for ever: a machine with much else
    to do may need minutes for what takes a second.
    """
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.02)


def test_执行中的任务被杀死_另一进程接着做一次_结果与没有中断一样(installation: Installation, tmp_path: Path) -> None:
    path = long_file(tmp_path, 2_000)
    hand_in(installation, path)
    done = installation.warmed().run("worker", "--until-empty")
    assert done.returncode == 0, done.stderr
    undisturbed, complete = state(installation), told(installation)
    assert undisturbed["facts"] > 1_500
    assert undisturbed["uploads"][0][0] == "done"

    place = installation.emptied()
    hand_in(place, path)
    worker = in_the_middle(place)
    worker.send_signal(signal.SIGKILL)
    worker.communicate()
    half = state(place)
    assert half["tasks"][0][1] == "RUNNING"
    assert 0 < half["facts"] < undisturbed["facts"]

    done = place.warmed().run("worker", "--until-empty")
    assert done.returncode == 0, done.stderr
    assert "taken up again" in done.stderr
    after = state(place)
    assert after["tasks"][0] == ["receive_upload", "SUCCESSFUL", 2]
    assert 1 in after["deaths"]
    assert after["uploads"] == undisturbed["uploads"], "the sender sees the same result"
    assert after["facts"] == undisturbed["facts"]
    assert told(place) == complete
    # The same work, all of it done; how often what follows is looked at again depends on when the clock of the worker asks.
    assert {tuple(task[:2]) for task in after["tasks"]} == {tuple(task[:2]) for task in undisturbed["tasks"]}
    again = place.warmed().run("worker", "--until-empty")
    assert "begins" not in again.stderr, "taken up once, not twice"


def test_两次被杀死就不再重试_并说清楚(installation: Installation, tmp_path: Path) -> None:
    hand_in(installation, long_file(tmp_path, 2_000))
    for parts in (1, 3):
        worker = in_the_middle(installation, parts)
        worker.send_signal(signal.SIGKILL)
        worker.communicate()
    done = installation.warmed().run("worker", "--until-empty")
    assert "died twice" in done.stderr, done.stderr
    after = state(installation)
    assert after["tasks"][0] == ["receive_upload", "FAILED", 2]
    assert after["uploads"][0][0] == "failed"
    assert "再次接收" in after["uploads"][0][2]["zh"]


def test_正常停止时任务让路_回到队列_不算中断(installation: Installation, tmp_path: Path) -> None:
    hand_in(installation, long_file(tmp_path, 2_000))
    worker = in_the_middle(installation)
    worker.send_signal(signal.SIGTERM)
    go_on(installation, worker)
    _, said = worker.communicate()
    assert worker.returncode == 0, said
    assert "gives way" in said
    after = state(installation)
    assert after["tasks"][0][1] == "READY"
    assert after["deaths"] in ([], [0])
    assert after["workers"] == 0


# -- serve -------------------------------------------------------------------------------------------------------------


def free_port() -> int:
    """A port that nobody uses."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def got(port: int, path: str = "/") -> tuple[int, str]:
    """Status and text of a page."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=600) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def children_of(pid: int) -> dict[int, str]:
    """Processes below a process, with their command lines."""
    found: dict[int, str] = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdecimal():
            continue
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if parent == pid:
            found[int(folder.name)] = command
    return found


def workers_of(pid: int) -> list[int]:
    """The background workers below a ``zhiheng serve``."""
    return [child for child, command in children_of(pid).items() if command.endswith("worker ")]


def started(installation: Installation, *words: str) -> tuple[subprocess.Popen[str], int]:
    """A running ``zhiheng serve`` and its port."""
    port = free_port()
    process = installation.start("serve", "--port", str(port), *words)
    assert process.stdout is not None
    said = ""
    while "Ctrl+C" not in said:
        line = process.stdout.readline()
        assert line, process.communicate()[1]
        said += line
    assert f":{port}/" in said
    return process, port


def ended(process: subprocess.Popen[str], number: int) -> str:
    """Stop it with a signal; what it said on standard error."""
    process.send_signal(number)
    _, said = process.communicate()
    assert process.returncode == 0, said
    return said


@processes_only
def test_启动后页面可用_交来的文件由后台接收_停止后什么都不留(installation: Installation, tmp_path: Path) -> None:
    hand_in(installation, long_file(tmp_path, 600))
    process, port = started(installation)
    try:
        assert got(port, "/account/login/")[0] == 200
        wait_for(lambda: facts(installation) > 500)
        wait_for(lambda: upload(installation) == "done")
        families = children_of(process.pid)
        assert len(families) == 2
    finally:
        said = ended(process, signal.SIGINT)
    assert "已停止" in said
    assert not any(Path(f"/proc/{pid}").exists() for pid in families)
    with pytest.raises(urllib.error.URLError):
        got(port)
    assert state(installation)["workers"] == 0


@processes_only
def test_后台进程被杀死_自动重启并接着做(installation: Installation, tmp_path: Path) -> None:
    process, port = started(installation)
    try:
        (worker,) = workers_of(process.pid)
        hand_in(installation, long_file(tmp_path, 20_000))
        wait_for(lambda: facts(installation) > 0)
        os.kill(worker, signal.SIGKILL)
        wait_for(lambda: workers_of(process.pid) not in ([], [worker]))
        wait_for(lambda: upload(installation) == "done")
        assert got(port, "/account/login/")[0] == 200
    finally:
        said = ended(process, signal.SIGTERM)
    assert "意外结束" in said


@processes_only
def test_父进程被杀死_子进程随之结束(installation: Installation) -> None:
    process, port = started(installation, "--workers", "2")
    families = children_of(process.pid)
    assert len(families) == 3
    process.send_signal(signal.SIGKILL)
    process.communicate()
    wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in families))
    with pytest.raises(urllib.error.URLError):
        got(port)


@processes_only
def test_六十四个慢连接占不住网站(installation: Installation) -> None:
    process, port = started(installation, "--threads", "4")
    held = []
    try:
        for number in range(64):
            slow = socket.create_connection(("127.0.0.1", port))
            held.append(slow)
            head = b"POST /account/login/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n"
            slow.sendall(head + (b"\r\nx" if number % 2 else b"X-Slow: "))
        for _ in range(5):
            assert got(port, "/account/login/")[0] == 200
    finally:
        for slow in held:
            slow.close()
        ended(process, signal.SIGTERM)


@processes_only
def test_网页进程被杀死_接口一直开着_很快又有人应答(installation: Installation) -> None:
    process, port = started(installation, "--web", "2", "--workers", "0")
    try:
        families = children_of(process.pid)
        assert len(families) == 2
        for pid in families:
            os.kill(pid, signal.SIGKILL)
        assert got(port, "/account/login/")[0] == 200, "whoever comes meanwhile waits, and is not turned away"
    finally:
        said = ended(process, signal.SIGTERM)
    assert "意外结束" in said


def test_端口被占用时说清怎么办(installation: Installation) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = installation.run("serve", "--port", str(taken.getsockname()[1]))
    assert done.returncode == 1
    assert "--port" in done.stderr
