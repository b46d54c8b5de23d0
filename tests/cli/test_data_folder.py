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
from zhiheng.grammar import additions
from zhiheng.grammar.additions import Addition
from zhiheng.kernel import data_folder


@pytest.mark.slow
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
    assert note["folders"] == ["inbox", "files", "attachments", "book-additions"]

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


# Where a backup is killed: at its first file, while its note is written, right after that.
KILLED = {
    "复制文件时": "backup._files = killed",
    "写说明时": "backup._write = killed",
    "写完说明时": "settle, calls = backup._settle, []; backup._settle = lambda f: (calls.append(f), killed() if "
    "calls[1:] else settle(f))",
}


@pytest.mark.slow
@pytest.mark.database
@sqlite
def test_备份中途被杀_文件夹里总有一份完整的备份(installation: Installation, tmp_path: Path) -> None:
    received(installation, tmp_path, "一.csv", 0)
    place = tmp_path / "备份"
    first = orjson.loads(installation.run("backup", str(place), "--json").stdout)
    received(installation, tmp_path, "二.csv", 50)
    for when, how in KILLED.items():
        program = (
            "import os, sys; import zhiheng.cli.backup as backup; from zhiheng.cli.main import main; "
            f"killed = lambda *_: os._exit(137); {how}; sys.argv = ['zhiheng', 'backup', {str(place)!r}]; main()"
        )
        assert installation.run("-c", program).returncode == 137
        elsewhere = Installation(
            installation.environment | {"ZHIHENG_DATA": str(tmp_path / f"恢复{when}")}, installation.folder
        )
        done = elsewhere.run("restore", str(place), "--json")
        assert done.returncode == 0, done.stderr
        assert (orjson.loads(done.stdout)["head"] == first["head"]) == (when != "写完说明时")
    # The next one goes through, is the newest, and leaves nothing half behind.
    again = installation.run("backup", str(place), "--json")
    assert again.returncode == 0, again.stderr
    assert orjson.loads(again.stdout)["deliveries"] == 2
    assert sorted(path.name for path in place.iterdir() if path.name.startswith(".")) == []


@pytest.mark.slow
@pytest.mark.database
@sqlite
def test_收回的表头和收完的文件_从同一份备份恢复也不会回来(installation: Installation, tmp_path: Path) -> None:
    received(installation, tmp_path, "一.csv", 0)
    data, place = Path(installation.environment["ZHIHENG_DATA"]), tmp_path / "备份"
    taken_back = additions.write(
        data / "book-additions", Addition(1, "sampling", "platform", "试验表头", "ignored: plain")
    )
    additions.write(data / "book-additions", Addition(2, "sampling", "platform", "另一表头", "ignored: plain"))
    waiting = data / "inbox" / sha256(b"x").hexdigest()
    waiting.parent.mkdir(exist_ok=True)
    waiting.write_bytes(b"x")
    assert installation.run("backup", str(place)).returncode == 0
    taken_back.unlink()
    waiting.unlink()
    # What a killed process left of an attachment is no attachment.
    half = data / "attachments" / "ab" / ".abcd.0123.part"
    half.parent.mkdir(parents=True)
    half.write_bytes(b"%PDF")
    half.with_name("abcd.4567.part").write_bytes(b"%PDF")
    assert installation.run("backup", str(place)).returncode == 0
    elsewhere = Installation(installation.environment | {"ZHIHENG_DATA": str(tmp_path / "恢复")}, installation.folder)
    done = elsewhere.run("restore", str(place), "--json")
    assert done.returncode == 0, done.stderr
    assert orjson.loads(done.stdout)["damaged"] == []
    assert [path.name for path in (tmp_path / "恢复" / "book-additions").iterdir()] == ["2.json"]
    assert not (tmp_path / "恢复" / "inbox" / waiting.name).exists()


@pytest.mark.slow
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
    assert "attachments/（异议、案件的附件）" in says
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
