"""A full disk, a locked database, an unreadable file: a clear sentence, nothing half written, and it goes on
afterwards.
"""

from __future__ import annotations

import os
import resource
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.places import SAMPLING, Installation, sampling_row, write_csv

pytestmark = [pytest.mark.database, pytest.mark.slow]
POSTGRESQL = bool(os.environ.get("DATABASE_URL"))
# Seconds that a worker waits for another writer (SQLite; on PostgreSQL it waits without end).
AS_A_WORKER = 600


def is_a_sentence(error: str, *words: str) -> None:
    """What stands on standard error is told in both languages, with what to do, and is no traceback."""
    assert "Traceback" not in error
    assert all(word in error for word in words), error
    lines = [line for line in error.splitlines() if line.strip()]
    assert lines[-1].endswith(".")
    assert any(line.endswith("。") for line in lines)


def facts(installation: Installation) -> int:
    """How many facts a whole ledger has."""
    done = installation.warmed().run("ledger", "verify", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    return int(orjson.loads(done.stdout)["facts"])


def at_most(size: int) -> Callable[[], None]:
    """No file may grow beyond so many bytes: what a full disk does, without filling one."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def test_存档写不下_说清楚_不留半份(installation: Installation) -> None:
    assert facts(installation) == 0
    path = write_csv(
        installation.folder / "a.csv",
        SAMPLING,
        [sampling_row(i) for i in range(50)] + [sampling_row(0, 备注="长" * 9000)] * 9,
    )
    kept = installation.folder / "var" / "files"
    done = installation.run(
        "receive", str(path), "--from", "test_market", preexec_fn=at_most(path.stat().st_size - 5000)
    )
    assert done.returncode == 1
    is_a_sentence(done.stderr, "磁盘已满", "disk is full")
    assert not [p for p in kept.rglob("*") if p.is_file()]
    assert facts(installation) == 0
    again = installation.run("receive", str(path), "--from", "test_market", "--json")
    assert again.returncode == 0, again.stderr
    assert facts(installation) == 51


@pytest.mark.skipif(POSTGRESQL, reason="the server writes the database, and it is not limited here")
def test_数据库写不下_说清楚_一行也没写_腾出空间后照常(installation: Installation) -> None:
    assert facts(installation) == 0
    path = write_csv(installation.folder / "a.csv", SAMPLING, [sampling_row(i) for i in range(1500)])
    database = installation.folder / "var" / "zhiheng.sqlite3"
    limit = max(database.stat().st_size, path.stat().st_size) + 20_000
    words = ("receive", str(path), "--from", "test_market", "--confirm-volume")
    done = installation.run(*words, preexec_fn=at_most(limit))
    assert done.returncode == 1
    # A limit of the size of files: SQLite calls it an I/O error, the system a file that is too large.
    is_a_sentence(done.stderr, "限额", "limit")
    before = facts(installation)
    assert before in (0, 400, 800, 1200)  # Whole parts or nothing.
    done = installation.run(*words)
    assert done.returncode == 0, done.stderr
    assert facts(installation) == 1500


def test_数据库被别的进程占用_说清楚_稍后照常(installation: Installation) -> None:
    assert facts(installation) == 0
    path = write_csv(installation.folder / "a.csv", SAMPLING, [sampling_row(i) for i in range(50)])
    words = ("receive", str(path), "--from", "test_market")
    if POSTGRESQL:
        import psycopg

        with psycopg.connect(installation.environment["DATABASE_URL"]) as other:
            other.execute("SELECT pg_advisory_xact_lock(%s)", [0x5A48])
            impatient = Installation(
                installation.environment | {"PGOPTIONS": "-c lock_timeout=300ms"}, installation.folder
            )
            done = impatient.run(*words)
    else:
        other = sqlite3.connect(installation.folder / "var" / "zhiheng.sqlite3", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        program = (
            "import sys, zhiheng.site.settings as s; s.DATABASES['default']['OPTIONS']['timeout'] = 0.2; "
            f"sys.argv = ['zhiheng', *{list(words)!r}]; from zhiheng.cli.main import main; main()"
        )
        done = installation.run("-c", program)
        other.execute("ROLLBACK")
        other.close()
    assert done.returncode == 1
    is_a_sentence(done.stderr, "占用", "Another process")
    assert facts(installation) == 0
    assert installation.warmed().run(*words).returncode == 0
    assert facts(installation) == 50


def test_读不了的文件_说清楚_其余照收(installation: Installation) -> None:
    unreadable = Path("/proc/self/mem")
    if not unreadable.exists():
        pytest.skip("this system has no file that exists, is open to all and can't be read")
    path = write_csv(installation.folder / "a.csv", SAMPLING, [sampling_row(i) for i in range(50)])
    done = installation.run("receive", str(path), str(unreadable), "--from", "test_market")
    assert done.returncode == 1
    is_a_sentence(done.stderr, "mem")
    assert facts(installation) == 50


def test_证明写不下_说清楚_不留半个文件(installation: Installation) -> None:
    path = write_csv(installation.folder / "a.csv", SAMPLING, [sampling_row(i) for i in range(50)])
    assert installation.warmed().run("receive", str(path), "--from", "test_market").returncode == 0
    out = installation.folder / "没有的文件夹" / "证明.zip"
    done = installation.run("ledger", "export-proof", str(out))
    assert done.returncode == 1
    is_a_sentence(done.stderr, "证明.zip", "path")
    assert not list(installation.folder.rglob("*.part"))


@pytest.mark.skipif(POSTGRESQL, reason="asks for a server that is not there; the same words on both")
def test_数据库连不上_说清楚(installation: Installation) -> None:
    url = "postgresql://nobody@127.0.0.1:1/nothing"
    done = Installation(installation.environment | {"DATABASE_URL": url}, installation.folder).run("deliveries", "list")
    assert done.returncode == 1
    is_a_sentence(done.stderr, "DATABASE_URL")


# -- the same at a page ------------------------------------------------------------------------------------------------

# A web process as ``zhiheng serve`` starts one, with a browser that keeps cookies and is asked for the token of its
# forms.
PAGES = """
import os, time, resource, orjson
os.environ["ZHIHENG_LOCK_WAIT_PAGES"] = "0.5"
import zhiheng.site.wsgi
from zhiheng.cli.session import set_up
set_up()
from pathlib import Path
from typing import Any
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import Client
from tests.access.forms_of import forms_of
from tests.desk.officers import officer
from zhiheng.ledger.models import Fact
from zhiheng.office.models import Upload

browser = Client(enforce_csrf_checks=True, raise_request_exception=False)
browser.force_login(officer(), backend="allauth.account.auth_backends.AuthenticationBackend")


def form_at(url, **typed):
    page = browser.get(url)
    assert page.status_code == 200, page.status_code
    form = next(f for f in forms_of(page.content.decode(), url) if f.path == url)
    return form.action, {**{n: v[0] for n, v in form.filled().items()}, **typed}


def sent(action, given):
    begun = time.monotonic()
    answer = browser.post(action, given)
    return answer, answer.content.decode(), time.monotonic() - begun


class held:
    '''Another process writes, and does not come to an end.'''

    def __init__(self, name):
        self.name = name

    def __enter__(self):
        if url := os.environ.get("DATABASE_URL"):
            import psycopg

            self.other = psycopg.connect(url)
            self.other.execute("SELECT pg_advisory_xact_lock(%s)", [0x5A48])
        else:
            import sqlite3

            self.other = sqlite3.connect(Path(settings.DATA) / f"{self.name}.sqlite3", isolation_level=None)
            self.other.execute("BEGIN IMMEDIATE")

    def __exit__(self, *_):
        self.other.rollback()
        self.other.close()


def again(text, url):
    form = next(f for f in forms_of(text, url) if f.path == url)
    return form.action, {n: v[0] for n, v in form.filled().items()}
"""


def at_pages(installation: Installation, program: str, **more: Any) -> Any:
    """What a program with a web process prints as JSON."""
    done = installation.run("-c", PAGES + program, **more)
    assert done.returncode == 0, done.stderr[-3000:]
    return orjson.loads(done.stdout.splitlines()[-1])


def test_台账被占用时在网页上撤回_很快得到说法_填的还在_再点一次就成(installation: Installation) -> None:
    path = write_csv(installation.folder / "a.csv", SAMPLING, [sampling_row(i) for i in range(20)])
    assert installation.warmed().run("receive", str(path), "--from", "test_market").returncode == 0
    told = at_pages(
        installation,
        """
url = "/desk/facts/3/withdraw/"
action, given = form_at(url, reason="报错了文件，<b>这一条</b>不算")
with held("zhiheng"):
    answer, text, seconds = sent(action, given)
    meanwhile = Fact.objects.count()
    second, _, _ = sent(*again(text, url))
third, after, _ = sent(*again(text, url))
fourth, _, _ = sent(*again(text, url))
print(orjson.dumps({
    "first": answer.status_code, "wait": answer.headers.get("Retry-After"), "text": text, "seconds": seconds, "meanwhile": meanwhile,
    "second": second.status_code, "third": third.status_code, "fourth": fourth.status_code, "facts": Fact.objects.count(),
    "withdrawn": [f.body for f in Fact.objects.filter(kind="withdrawal")],
}).decode())
""",
    )
    assert (told["first"], told["second"], told["third"]) == (503, 503, 302), told
    assert told["wait"] == "10"
    assert told["seconds"] < AS_A_WORKER / 2, "nobody sits before a page for as long as a worker may wait"
    assert "正在写入另一份报送" in told["text"]
    assert "填写的内容都在这一页里" in told["text"]
    assert "报错了文件，&lt;b&gt;这一条&lt;/b&gt;不算" in told["text"]
    assert told["meanwhile"] == 20
    assert told["facts"] == 21, "written once, however often it was sent"
    assert told["fourth"] in (302, 409)
    assert "报错了文件" in told["withdrawn"][0]
    assert facts(installation) == 21


@pytest.mark.skipif(POSTGRESQL, reason="one database there, and rows are locked, not files")
def test_账号库被占用时报送文件_说清楚_没有半份提交_稍后再交只有一份(installation: Installation) -> None:
    told = at_pages(
        installation,
        """
url = "/desk/deliveries/new/"
def file():
    return SimpleUploadedFile("抽检.csv", b"a,b\\n1,2\\n")
action, given = form_at(url)
given["kind"] = ""
with held("people"):
    answer, text, seconds = sent(action, {**given, "files": file()})
    meanwhile = Upload.objects.count()
second, _, _ = sent(action, {**given, "files": file()})
third, _, _ = sent(action, {**given, "files": file()})
print(orjson.dumps({"first": answer.status_code, "text": text, "seconds": seconds, "meanwhile": meanwhile,
                    "second": second.status_code, "third": third.status_code, "uploads": Upload.objects.count()}).decode())
""",
    )
    assert (told["first"], told["meanwhile"], told["second"], told["uploads"]) == (503, 0, 302, 1), told
    assert told["third"] in (302, 409)
    assert told["seconds"] < AS_A_WORKER / 2
    assert "抽检.csv" in told["text"]


def test_磁盘写满时报送文件_说清楚_收件箱里没有半份_腾出空间后照常(installation: Installation) -> None:
    told = at_pages(
        installation,
        """
from zhiheng.database.content_store import INBOX
url = "/desk/deliveries/new/"
# Larger than what is kept in memory, so the file is spooled to the disk before any view is asked.
large = b"a,b\\n" + b"1,2\\n" * 1_500_000
action, given = form_at(url)
given["kind"] = ""
for connection in connections.all():
    if connection.vendor == "sqlite":
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
found = []
for limit in (4 << 20, 5_999_000):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    answer, text, _ = sent(action, {**given, "files": SimpleUploadedFile("大.csv", large)})
    found.append([answer.status_code, text, Upload.objects.count(), sorted(p.name for p in INBOX.folder().rglob("*"))])
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
after, _, _ = sent(action, {**given, "files": SimpleUploadedFile("大.csv", large)})
print(orjson.dumps({"found": found, "after": after.status_code, "uploads": Upload.objects.count()}).decode())
""",
    )
    for status, text, uploads, left in told["found"]:
        assert (status, uploads, left) == (507, 0, []), told
        assert "磁盘已满" in text
        assert "告诉管理员" in text
    assert (told["after"], told["uploads"]) == (302, 1)
    assert not list((installation.folder / "var" / "uploading").iterdir()), "what was spooled goes with the process"


@pytest.mark.skipif(POSTGRESQL, reason="the server writes the database, and it is not limited here")
def test_后台接收时磁盘写满_提交上说清楚_没有半份_腾出空间后再次接收(installation: Installation) -> None:
    path = write_csv(installation.folder / "a.csv", SAMPLING, [sampling_row(i, 备注="长" * 9000) for i in range(50)])
    at_pages(
        installation,
        f"""
url = "/desk/deliveries/new/"
action, given = form_at(url)
given["kind"] = ""
answer, _, _ = sent(action, {{**given, "files": SimpleUploadedFile("a.csv", Path({str(path)!r}).read_bytes())}})
assert answer.status_code == 302
print("null")
""",
    )
    database = installation.folder / "var" / "zhiheng.sqlite3"
    limit = max(database.stat().st_size, path.stat().st_size) + 20_000
    done = installation.run("worker", "--until-empty", preexec_fn=at_most(limit))
    assert done.returncode == 0, done.stderr
    state = """
upload = Upload.objects.get()
print(orjson.dumps([upload.state, upload.failure.get("zh", "") or [t["refusal"] for t in upload.result if t["refusal"]], Fact.objects.count(), sum(t["facts"] for t in upload.result)]).decode())
"""
    how, why, before, _ = at_pages(installation, state)
    assert how == "failed", why
    assert "磁盘" in why
    assert "再次接收" in why
    assert before == facts(installation) == 0
    at_pages(
        installation,
        """
page = browser.get(f"/desk/deliveries/uploads/{Upload.objects.get().id}/").content.decode()
assert "再次接收" in page
form = next(f for f in forms_of(page, "/") if f.path.endswith("/again/"))
answer, _, _ = sent(form.action, {n: v[0] for n, v in form.filled().items()})
assert answer.status_code == 302, answer.status_code
print("null")
""",
    )
    done = installation.run("worker", "--until-empty")
    assert done.returncode == 0, done.stderr
    assert at_pages(installation, state) == ["done", [], 50, 50]
    assert facts(installation) == 50
