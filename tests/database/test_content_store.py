"""What was handed in is kept: whole or not at all, once, also where two keep the same file or one is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from zhiheng.database import content_store
from zhiheng.database.content_store import ATTACHMENTS, FILES, INBOX, STORES, Accepted, Stored
from zhiheng.kernel.data_folder import PARTS
from zhiheng.kernel.reasons import Refusal, Refused


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
    digest = FILES.keep(source)
    assert digest == sha256(source.read_bytes()).hexdigest()
    kept = FILES.path_of(digest)
    assert kept.read_bytes() == source.read_bytes()
    before = kept.stat().st_mtime_ns
    assert FILES.keep(source) == digest
    assert kept.stat().st_mtime_ns == before
    assert left(FILES.folder()) == [digest]


def test_存档短了就重存(source: Path) -> None:
    kept = FILES.path_of(FILES.keep(source))
    kept.write_bytes(b"half")
    FILES.keep(source)
    assert kept.read_bytes() == source.read_bytes()


def test_几个同时存同一份_结果是完整的一份(source: Path) -> None:
    digest = sha256(source.read_bytes()).hexdigest()
    told: list[str] = []
    threads = [Thread(target=lambda: told.append(FILES.keep(source))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == [digest] * 8
    assert left(FILES.folder()) == [digest]
    assert FILES.path_of(digest).read_bytes() == source.read_bytes()


def test_存的过程中被杀_不留半份_再存即完整(source: Path) -> None:
    program = (
        "import sys, time, zhiheng.database.content_store as f; from pathlib import Path; from django.conf import "
        "settings; settings.configure(DATA=sys.argv[2]); real = f._PIECE; f._PIECE = 100_000\nclass Slow:\n    pass\n"
        "def copy(path, target, before):\n    target.truncate(0)\n    target.write(path.read_bytes()[:500_000])\n    "
        "target.flush()\n    print('half', flush=True)\n    time.sleep(60)\nf._copy = copy; "
        "f.FILES.keep(Path(sys.argv[1]))"
    )
    data = FILES.folder().parent
    child = subprocess.Popen([sys.executable, "-c", program, str(source), str(data)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "half\n"
    child.send_signal(signal.SIGKILL)
    child.wait()
    digest = sha256(source.read_bytes()).hexdigest()
    assert not FILES.path_of(digest).exists()
    assert FILES.keep(source) == digest
    assert left(FILES.folder()) == [digest]
    assert FILES.path_of(digest).read_bytes() == source.read_bytes()


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
        FILES.keep(source)
    assert refused.value.refusals[0].code == "file.changing"
    assert left(FILES.folder()) == []


# -- files that come in pieces -----------------------------------------------------------------------------------------

TOO_LARGE = Refusal("test.large", "太大。", "Too large.")
WRONG_KIND = Refusal("test.kind", "不是 PDF。", "No PDF.")
EMPTY = Refusal("test.empty", "空的。", "Empty.")
ANY = Accepted(10_000_000, TOO_LARGE)
PAPERS = Accepted(1_000, TOO_LARGE, kinds={b"%PDF-": "pdf", b"\x89PNG\r\n\x1a\n": "png"}, wrong_kind=WRONG_KIND)


@pytest.fixture
def stores(tmp_path: Path, settings: Any) -> Path:
    """A data folder."""
    settings.DATA = tmp_path / "data"
    return tmp_path / "data"


def test_按摘要命名的目录_都是这里的三处(stores: Path) -> None:
    assert {store.part for store in STORES} == {part.name for part in PARTS if part.by_digest}
    assert len({store.folder() for store in STORES}) == len(STORES)


@given(st.binary(max_size=60), st.integers(1, 7), st.integers(0, 60), st.booleans())
def test_一片一片来的_与整份一样_超限和空的不留(content: bytes, size: int, limit: int, allowed_empty: bool) -> None:
    with tempfile.TemporaryDirectory() as folder, override_settings(DATA=Path(folder)):
        pieces = [content[at : at + size] for at in range(0, len(content), size)]
        wanted = Accepted(limit, TOO_LARGE, empty=None if allowed_empty else EMPTY)
        if len(content) > limit or (not content and not allowed_empty):
            with pytest.raises(Refused) as refused:
                ATTACHMENTS.keep_pieces(pieces, wanted)
            assert refused.value.refusals == (TOO_LARGE if len(content) > limit else EMPTY,)
            assert left(Path(folder)) == []
            return
        stored = ATTACHMENTS.keep_pieces(pieces, wanted)
        assert stored == Stored(sha256(content).hexdigest(), len(content))
        assert ATTACHMENTS.path_of(stored.digest).read_bytes() == content
        assert left(Path(folder)) == [stored.digest]
        assert ATTACHMENTS.keep_pieces([content], wanted) == stored
        assert left(Path(folder)) == [stored.digest]


@pytest.mark.parametrize(
    ("pieces", "kind"),
    [([b"%PDF-1.4 ..."], "pdf"), ([b"%P", b"D", b"F-1.7"], "pdf"), ([b"\x89PNG\r\n", b"\x1a\n..."], "png")],
)
def test_类别看内容开头_断在几片里也认得(stores: Path, pieces: list[bytes], kind: str) -> None:
    assert ATTACHMENTS.keep_pieces(pieces, PAPERS).kind == kind


@pytest.mark.parametrize("pieces", [[], [b"%PDF"], [b" %PDF-1.4"], [b"MZ\x90"], [b"<svg onload=alert(1)>"]])
def test_别的类别不留(stores: Path, pieces: list[bytes]) -> None:
    with pytest.raises(Refused) as refused:
        ATTACHMENTS.keep_pieces(pieces, PAPERS)
    assert refused.value.refusals == (WRONG_KIND,)
    assert left(stores) == []


def test_超限就不再往下读(stores: Path) -> None:
    read = []

    def endless() -> Iterator[bytes]:
        while True:
            read.append(1)
            yield bytes(600)

    with pytest.raises(Refused):
        INBOX.keep_pieces(endless(), PAPERS)
    assert len(read) == 2


def test_来的一方中断_不留半份(stores: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield b"half"
        assert left(stores) != []
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        INBOX.keep_pieces(broken(), ANY)
    assert left(stores) == []


def test_别处已有的不再存一份(stores: Path) -> None:
    stored = INBOX.keep_pieces([b"x"], ANY, elsewhere=lambda digest: digest == sha256(b"x").hexdigest())
    assert stored.digest == sha256(b"x").hexdigest()
    assert left(stores) == []


def test_几个同时交同一份_结果是完整的一份(stores: Path) -> None:
    content = os.urandom(400_000)
    pieces = [content[at : at + 1_000] for at in range(0, len(content), 1_000)]
    told: list[Stored] = []
    threads = [Thread(target=lambda: told.append(INBOX.keep_pieces(pieces, ANY))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == [Stored(sha256(content).hexdigest(), len(content))] * 8
    assert left(stores) == [told[0].digest]
    assert INBOX.path_of(told[0].digest).read_bytes() == content


def test_收的过程中被杀_半份不算数_没人再写它时认得出来(stores: Path) -> None:
    program = (
        "import sys, time, zhiheng.database.content_store as f; from django.conf import settings; "
        "settings.configure(DATA=sys.argv[1])\n"
        "from zhiheng.kernel.reasons import Refusal\n"
        "def pieces():\n    yield bytes(500_000)\n    print('half', flush=True)\n    time.sleep(60)\n"
        "f.ATTACHMENTS.keep_pieces(pieces(), f.Accepted(10**9, Refusal('a.b', '大。', 'Large.')))"
    )
    child = subprocess.Popen([sys.executable, "-c", program, str(stores)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "half\n"
    (half,) = left(stores)
    assert half.startswith("."), "what a backup copies and a restore checks are files without a point"
    assert list(ATTACHMENTS.halves()) == [], "somebody is writing it"
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    assert [path.name for path in ATTACHMENTS.halves()] == [half]
    stored = ATTACHMENTS.keep_pieces([bytes(500_000)], ANY)
    assert ATTACHMENTS.path_of(stored.digest).stat().st_size == 500_000
    assert [path.name for path in ATTACHMENTS.halves()] == [half], "a whole file is no half"
