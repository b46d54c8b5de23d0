"""What was handed in is kept: whole or not at all, once, also where two keep the same file or one is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from zhiheng.kernel.reasons import Refused
from zhiheng.ledger import content_store


@pytest.fixture
def source(tmp_path: Path, settings: Any) -> Path:
    """A file to keep, and a data folder."""
    settings.DATA = tmp_path / "data"
    path = tmp_path / "报送.csv"
    path.write_bytes(os.urandom(3_000_000))
    return path


def left(folder: Path) -> list[str]:
    """Names of everything in the folder that is kept."""
    return sorted(p.name for p in folder.rglob("*") if p.is_file())


def test_按摘要存一份_再存不变(source: Path) -> None:
    digest = content_store.keep(source)
    assert digest == sha256(source.read_bytes()).hexdigest()
    kept = content_store.path_of(digest)
    assert kept.read_bytes() == source.read_bytes()
    before = kept.stat().st_mtime_ns
    assert content_store.keep(source) == digest
    assert kept.stat().st_mtime_ns == before
    assert left(content_store.folder()) == [digest]


def test_存档短了就重存(source: Path) -> None:
    kept = content_store.path_of(content_store.keep(source))
    kept.write_bytes(b"half")
    content_store.keep(source)
    assert kept.read_bytes() == source.read_bytes()


def test_几个同时存同一份_结果是完整的一份(source: Path) -> None:
    digest = sha256(source.read_bytes()).hexdigest()
    told: list[str] = []
    threads = [Thread(target=lambda: told.append(content_store.keep(source))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == [digest] * 8
    assert left(content_store.folder()) == [digest]
    assert content_store.path_of(digest).read_bytes() == source.read_bytes()


def test_存的过程中被杀_不留半份_再存即完整(source: Path) -> None:
    program = (
        "import sys, time, zhiheng.ledger.content_store as f; from pathlib import Path; from django.conf import settings; "
        "settings.configure(DATA=sys.argv[2]); real = f._PIECE; f._PIECE = 100_000\n"
        "class Slow:\n    pass\n"
        "def copy(path, target, before):\n    target.truncate(0)\n    target.write(path.read_bytes()[:500_000])\n"
        "    target.flush()\n    print('half', flush=True)\n    time.sleep(60)\n"
        "f._copy = copy; f.keep(Path(sys.argv[1]))"
    )
    data = content_store.folder().parent
    child = subprocess.Popen([sys.executable, "-c", program, str(source), str(data)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "half\n"
    child.send_signal(signal.SIGKILL)
    child.wait()
    digest = sha256(source.read_bytes()).hexdigest()
    assert not content_store.path_of(digest).exists()
    assert content_store.keep(source) == digest
    assert left(content_store.folder()) == [digest]
    assert content_store.path_of(digest).read_bytes() == source.read_bytes()


def test_读取时被改动的文件退回(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = content_store.digest_of

    def slow(path: Path) -> str:
        digest = real(path)
        with path.open("ab") as file:
            file.write(b"more")
        time.sleep(0.01)
        return digest

    monkeypatch.setattr(content_store, "digest_of", slow)
    with pytest.raises(Refused) as refused:
        content_store.keep(source)
    assert refused.value.refusals[0].code == "file.changing"
    assert left(content_store.folder()) == []
