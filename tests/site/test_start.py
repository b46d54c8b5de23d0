"""What stands between the start of a process and its first page."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from pathlib import Path

import pytest

from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.grammar.loader import load
from zhiheng.kernel.collecting import without_collecting

ROOT = Path(__file__).resolve().parents[2]


def test_loading_the_book_reads_no_examples_until_somebody_asks_for_them() -> None:
    book = load(ROOT / "book")
    entry = book[RECORDS]["food_sampling"]
    assert "examples" not in vars(entry)
    assert entry.examples.accepted
    assert vars(entry)["examples"] is entry.examples


@pytest.mark.slow
def test_pages_are_loaded_without_what_writes_paper(tmp_path: Path) -> None:
    said = (
        "import sys; from zhiheng.site.web_server import _load; _load(); "
        "print(*sorted({'docx', 'reportlab', 'docxtpl', 'pandas'} & set(sys.modules)))"
    )
    environment = {**os.environ, "ZHIHENG_DATA": str(tmp_path), "DATABASE_URL": ""}
    done = subprocess.run(
        [sys.executable, "-c", said], env=environment, cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == ""
    assert not list(tmp_path.glob("*.sqlite3")), "to load the code of pages asks no database"


@pytest.mark.slow
@pytest.mark.parametrize(
    "program", ["import django; django.setup()", "from zhiheng.cli.session import open_book; open_book()"]
)
def test_reading_the_settings_makes_nothing(tmp_path: Path, program: str) -> None:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "zhiheng.site.settings", "PYTHONPATH": str(ROOT)}
    environment = {
        n: v for n, v in environment.items() if n not in ("ZHIHENG_DATA", "DATABASE_URL", "ZHIHENG_SECRET_KEY")
    }
    subprocess.run([sys.executable, "-c", program], env=environment, cwd=tmp_path, check=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_the_key_is_made_where_something_is_first_signed_once_and_for_its_owner_only(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "zhiheng.site.settings",
        "ZHIHENG_DATA": str(tmp_path / "var"),
    }
    environment.pop("ZHIHENG_SECRET_KEY", None)
    sign = "import django; django.setup(); from django.core.signing import Signer; print(Signer().sign('x'))"
    both = [
        subprocess.Popen([sys.executable, "-c", sign], env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    assert len({process.communicate()[0] for process in both}) == 1, "both sign with the same key"
    (key,) = (tmp_path / "var").iterdir()
    assert key.name == "secret-key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert len(key.read_text()) >= 50


@pytest.mark.slow
def test_a_web_process_gets_ready_and_takes_no_request_before_it_is_told(tmp_path: Path) -> None:
    """Tables may still be made while it reads its code; only when the pipe is closed the first page is served."""
    import socket
    import time

    environment = {**os.environ, "ZHIHENG_DATA": str(tmp_path), "DATABASE_URL": ""}
    zhiheng = [sys.executable, "-c", "from zhiheng.cli.main import main; main()", "deliveries", "list"]
    waits, closed = os.pipe()
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(8)
        listening.set_inheritable(True)
        words = ["--fd", str(listening.fileno()), "--threads", "1", "--after", str(waits)]
        process = subprocess.Popen(
            [sys.executable, "-m", "zhiheng.site.web_server", *words],
            env=environment,
            cwd=ROOT,
            pass_fds=(listening.fileno(), waits),
            stderr=subprocess.DEVNULL,
        )
        try:
            with socket.create_connection(listening.getsockname(), timeout=600) as asking:
                asking.sendall(b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n")
                subprocess.run(zhiheng, env=environment, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
                time.sleep(0.5)
                asking.setblocking(False)
                try:
                    early = asking.recv(1)
                except BlockingIOError:
                    early = b""
                assert early == b""
                os.close(closed)
                asking.settimeout(600)
                assert asking.recv(64).startswith(b"HTTP/1.0 200")
        finally:
            process.terminate()
            process.wait(600)
            os.close(waits)


def test_nothing_is_collected_while_something_is_read_and_all_is_as_before_afterwards() -> None:
    assert gc.isenabled()
    with without_collecting():
        assert not gc.isenabled()
        with without_collecting():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()
    try:
        with without_collecting():
            raise ValueError
    except ValueError:
        pass
    assert gc.isenabled()
