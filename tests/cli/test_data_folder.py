"""One list says what lies in the data folder; backup, restore and check-deploy read it, and nobody writes around it."""

from __future__ import annotations

import re
import stat
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.utils import timezone

from tests.cli.test_commands import told
from tests.cli.test_operation import received, sqlite
from tests.cli.test_operation import terminal as terminal
from tests.conftest import ROOT
from tests.places import Installation, Ledger
from zhiheng.database.content_store import ATTACHMENTS
from zhiheng.kernel import data_folder


def test_没有一处代码绕开清单往数据目录里写() -> None:
    around = re.compile(r"settings\.DATA\)?\s*/|\bDATA\s*/\s*[\"']|ZHIHENG_DATA[^\n]*\)\s*/\s*[\"']")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sorted((ROOT / "zhiheng").rglob("*.py"))
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if around.search(line)
    ]
    assert found == [], "ask data_folder.inside for the place, so that the backup knows of it"


def test_清单之外的名字_一问就报错() -> None:
    assert data_folder.inside("var", "attachments") == Path("var/attachments")
    with pytest.raises(KeyError):
        data_folder.inside("var", "evidence")
    assert data_folder.known("people.sqlite3-wal")
    assert not data_folder.known("files-wal")
    assert not data_folder.known("evidence")


@pytest.mark.slow
@pytest.mark.database
def test_用过一遍之后_数据目录里每一样都在清单上(installation: Installation, tmp_path: Path) -> None:
    received(installation, tmp_path, "一.csv", 0)
    for words in (("refresh",), ("backup", str(tmp_path / "备份"))):
        done = installation.run(*words)
        assert done.returncode == 0, done.stderr
    worked = installation.run("worker", "--until-empty")
    assert worked.returncode == 0, worked.stderr
    names = [path.name for path in Path(installation.environment["ZHIHENG_DATA"]).iterdir()]
    assert {"files", "lake", "last-backup.json"} <= set(names)
    assert [name for name in names if not data_folder.known(name)] == []


@pytest.mark.slow
@pytest.mark.database
@sqlite
def test_异议所附的证据_备份后恢复还在_坏了说得出哪一件(installation: Installation, tmp_path: Path) -> None:
    received(installation, tmp_path, "一.csv", 0)
    data, place = Path(installation.environment["ZHIHENG_DATA"]), tmp_path / "备份"
    evidence = b"%PDF-1.4 fictional evidence"
    digest = sha256(evidence).hexdigest()
    kept = data / "attachments" / digest[:2] / digest
    kept.parent.mkdir(parents=True)
    kept.write_bytes(evidence)
    note = orjson.loads(installation.run("backup", str(place), "--json").stdout)
    assert note["folders"] == ["files", "inbox", "attachments", "book-additions"]

    def restored(name: str) -> dict[str, Any]:
        elsewhere = Installation(installation.environment | {"ZHIHENG_DATA": str(tmp_path / name)}, installation.folder)
        done = elsewhere.run("restore", str(place), "--json")
        assert done.returncode == 0, done.stderr
        return dict(orjson.loads(done.stdout))

    assert restored("恢复")["damaged"] == []
    assert (tmp_path / "恢复" / "attachments" / digest[:2] / digest).read_bytes() == evidence

    (place / "attachments" / digest[:2] / digest).write_bytes(b"%PDF-1.4 fictional evidencf")
    assert restored("损坏")["damaged"] == [f"attachments/{digest[:2]}/{digest}"]

    # A backup that 0.3.1 made does not say which folders it has: it has no evidence, and restoring says so.
    old = orjson.loads((place / "backup.json").read_bytes())
    del old["folders"]
    (place / "backup.json").write_bytes(orjson.dumps(old))
    elsewhere = Installation(installation.environment | {"ZHIHENG_DATA": str(tmp_path / "旧")}, installation.folder)
    assert "异议所附的证据" in elsewhere.run("restore", str(place)).stdout


def test_旧版本的备份没有证据_上线检查会指出(terminal: Ledger, settings: Any) -> None:
    def backup() -> tuple[str, str]:
        (finding,) = [f for f in told("check-deploy", status=1)["findings"] if f["check"] == "backup"]
        return finding["state"], finding["zh"]

    note = Path(settings.DATA) / "last-backup.json"
    note.write_bytes(orjson.dumps({"at": timezone.localtime().isoformat()}))
    assert backup()[0] == "ok", "nobody has attached anything"
    path = ATTACHMENTS.path_of("ab" * 32)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"%PDF-1.4")
    state, says = backup()
    assert state == "unsafe"
    assert "attachments/（异议所附的证据）" in says
    note.write_bytes(
        orjson.dumps({"at": timezone.localtime().isoformat(), "folders": ["files", "inbox", "attachments"]})
    )
    assert backup()[0] == "ok"


@pytest.mark.slow
@pytest.mark.database
@sqlite
@pytest.mark.parametrize(
    "words",
    [
        ("receive", "{file}", "--from", "test_market"),
        ("accounts", "create", "first", "--name", "甲", "--unit", "test_market", "--role", "keeper", "--code"),
        ("refresh",),
    ],
)
def test_每条命令写下的文件_本机其他用户都读不到(
    new_installation: Installation, tmp_path: Path, words: tuple[str, ...]
) -> None:
    from tests.places import SAMPLING, sampling_row, write_csv

    file = write_csv(tmp_path / "一.csv", SAMPLING, [sampling_row(i) for i in range(20)])
    program = "import os; os.umask(0o022); from zhiheng.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, *(word.format(file=file) for word in words)],
        env=new_installation.environment,
        cwd=new_installation.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    data = Path(new_installation.environment["ZHIHENG_DATA"])
    everything = [data, *data.rglob("*")]
    assert len(everything) > 3
    assert [str(path) for path in everything if stat.S_IMODE(path.stat().st_mode) & 0o077] == []
