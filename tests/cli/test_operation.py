"""What an operator does: look whether it is safe, back up, restore, make the first account, make the demo's
accounts.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.actions.test_upload import hand_in, samples, work
from tests.book_once import book_once, with_chapters
from tests.cli.test_commands import complaint, run, told
from tests.conftest import ROOT
from tests.factories import AliasFactory, GrantFactory, SubjectFactory
from tests.places import SAMPLING, SMALL, Installation, Ledger, sampling_row, write_csv
from tests.queries.test_data_checks import put
from zhiheng.actions.accounts.make_demo_accounts import PASSWORD, make_demo_accounts
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.credit import CREDIT
from zhiheng.grammar.chapters.demo_accounts import DEMO_ACCOUNTS, DemoAccount, DemoAccounts
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.roles import ROLES
from zhiheng.grammar.yaml import BookRefused
from zhiheng.kernel.actor import operator
from zhiheng.kernel.reasons import Refused
from zhiheng.office import leases
from zhiheng.office.sealed import Custodian
from zhiheng.people.models import Account


@pytest.fixture
def terminal(ledger: Ledger, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    """A ledger that the commands open as theirs."""
    settings.BOOK = SMALL
    monkeypatch.setenv("ZHIHENG_ACTOR", "tester")
    Path(settings.DATA).mkdir(parents=True, exist_ok=True)
    return ledger


def found(status: int = 1) -> dict[str, str]:
    """What check-deploy says: check -> state."""
    return {finding["check"]: finding["state"] for finding in told("check-deploy", status=status)["findings"]}


# -- check-data --------------------------------------------------------------------------------------------------------


def test_逐项核查数据_没有问题状态为零_有问题写明哪些行和怎么办(terminal: Ledger) -> None:
    whole = told("check-data")
    assert whole["checked"] >= 100
    assert whole["findings"] == []
    assert len(told("check-data", "--list")["checks"]) == whole["checked"]
    put({"table": "projections_card", "subject": 77, "fails": -1})
    (found,) = told("check-data", "card_numbers_negative", status=1)["findings"]
    assert (found["count"], found["rows"][0]["place"]) == (1, "77")
    text = run("check-data", "card_numbers_negative").stdout
    assert "主体 subject 77" in text
    assert "zhiheng refresh --whole" in text
    assert "check-data --list" in complaint("check-data", "nothing")


# -- check-deploy ------------------------------------------------------------------------------------------------------


def test_刚装好的系统_逐项说明哪里不安全(terminal: Ledger) -> None:
    states = found()
    assert {n for n, s in states.items() if s == "unsafe"} >= {"https", "hosts", "backup", "worker", "book"}
    assert states["debug"] == states["demo_accounts"] == "ok"
    text = run("check-deploy").stdout
    assert "ZHIHENG_HTTPS=1" in text
    assert "项不安全" in text


@pytest.mark.parametrize(
    ("name", "value", "check"),
    [
        ("DEBUG", True, "debug"),
        ("SECRET_KEY", "short", "secret_key"),
        ("ALLOWED_HOSTS", ["*"], "hosts"),
        ("WEBHOOKS_INNER", True, "webhooks"),
    ],
)
def test_危险的设置会被指出(terminal: Ledger, settings: Any, name: str, value: Any, check: str) -> None:
    setattr(settings, name, value)
    assert found()[check] == "unsafe"


def test_声明了HTTPS却没有代理_页面会一直重定向_要指出(terminal: Ledger, settings: Any) -> None:
    settings.HTTPS, settings.ALLAUTH_TRUSTED_PROXY_COUNT = True, 0
    assert found()["proxies"] == "unsafe"
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert found()["https"] == "ok"


def test_公开密码的账号和没有双重验证的管理员会被指出(terminal: Ledger) -> None:
    account = Account.objects.create_user("demo-x", PASSWORD, name="演示", kind="officer", unit="test_market")
    grant = GrantFactory(account=account, role="keeper", unit="test_market", area="990900", given_by="t")
    states = found()
    assert states["demo_accounts"] == states["second_factor"] == "unsafe"
    account.set_password("换成了别人不知道的密码")
    account.save()
    assert found()["demo_accounts"] == "ok"
    grant.ended_on = dt.date(2020, 2, 1)
    grant.save()
    assert found()["second_factor"] == "advice", "an ended role manages nobody"


def test_别人能读数据目录会被指出_收紧之后就好(terminal: Ledger, settings: Any) -> None:
    data = Path(settings.DATA)
    (data / "secret-key").write_text("x")
    (data / "secret-key").chmod(0o644)
    data.chmod(0o755)
    assert found()["permissions"] == "unsafe"
    data.chmod(0o700)
    assert found()["permissions"] == "ok"


def test_备份过久和后台在跑都看得出来(terminal: Ledger, settings: Any) -> None:
    from django.utils import timezone

    note = Path(settings.DATA) / "last-backup.json"
    note.write_bytes(orjson.dumps({"at": (timezone.localtime() - dt.timedelta(days=30)).isoformat()}))
    assert found()["backup"] == "unsafe"
    note.write_bytes(orjson.dumps({"at": timezone.localtime().isoformat()}))
    lease = leases.Lease(timezone.now())
    states = found()
    assert (states["backup"], states["worker"]) == ("ok", "ok")
    lease.end(timezone.now())
    assert found()["worker"] == "unsafe"


def test_全部就绪时状态为零(terminal: Ledger, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from zhiheng.site.deploy_checks.finding import DeployFinding

    monkeypatch.setattr("django.core.checks.run_checks", lambda **_: [DeployFinding("x", "advice", "建议", "advice")])
    assert told("check-deploy", status=0)["unsafe"] == 0


def test_同样的检查_也是Django自己的上线检查_不安全的算错误(terminal: Ledger, settings: Any) -> None:
    from django.core.checks import ERROR, run_checks

    settings.DEBUG = True
    ours = {one.id: one.level for one in run_checks(tags=["zhiheng-settings"], include_deployment_checks=True)}
    assert ours["zhiheng.debug"] == ERROR
    assert "zhiheng.backup" not in ours, "a tag asks for one subject"
    every = {one.id for one in run_checks(tags=["zhiheng"], include_deployment_checks=True)}
    assert {f"zhiheng.{check}" for check in found()} == every
    assert [one for one in run_checks() if str(one.id).startswith("zhiheng.")] == [], (
        "only where deployment is asked of"
    )


# -- backup and restore ------------------------------------------------------------------------------------------------

sqlite = pytest.mark.skipif(bool(os.environ.get("DATABASE_URL")), reason="restores the files of SQLite")


def content(installation: Installation, data: Path) -> Any:
    """What a ledger says, asked in an installation with this data folder."""
    program = (
        "import orjson; from zhiheng.cli.session import set_up; set_up(); from tests.places import told_by_files; "
        "from zhiheng.ledger.verify import verify; print(orjson.dumps([verify().whole, told_by_files()]).decode())"
    )
    place = installation.warmed()
    if str(data) != installation.environment["ZHIHENG_DATA"]:
        place = Installation(installation.environment | {"ZHIHENG_DATA": str(data)}, installation.folder)
    done = place.run("-c", program)
    assert done.returncode == 0, done.stderr
    return orjson.loads(done.stdout)


def factor(installation: Installation, verb: str, text: str) -> str:
    """A second factor's secret, encrypted or decrypted with the key of an installation (made where there is none)."""
    program = (
        "import sys, django; django.setup(); from zhiheng.people.adapters import SecondFactor; "
        "print(getattr(SecondFactor(), sys.argv[1])(sys.argv[2]))"
    )
    settings = {"DJANGO_SETTINGS_MODULE": "zhiheng.site.settings"}
    done = Installation(installation.environment | settings, installation.folder).run("-c", program, verb, text)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def received(installation: Installation, folder: Path, name: str, first: int) -> None:
    """Receive a file of some rows."""
    path = write_csv(folder / name, SAMPLING, [sampling_row(i) for i in range(first, first + 20)])
    done = installation.warmed().run("receive", str(path), "--from", "test_market")
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
@pytest.mark.database
@sqlite
def test_备份后恢复_台账一字不差_再次备份只复制新文件(installation: Installation, tmp_path: Path) -> None:
    received(installation, tmp_path, "一.csv", 0)
    sealed = factor(installation, "encrypt", "一个动态密码的种子")
    place = tmp_path / "备份"
    first = orjson.loads(installation.warmed().run("backup", str(place), "--json").stdout)
    assert first["files"] == 1
    received(installation, tmp_path, "二.csv", 50)
    second = orjson.loads(installation.warmed().run("backup", str(place), "--json").stdout)
    assert second["files"] == 1, "what the backup had is not copied again"
    assert second["deliveries"] == 2
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert all(
        stat.S_IMODE((place / n).stat().st_mode) & 0o077 == 0
        for n in ("people.sqlite3", "zhiheng.sqlite3", "secret-key")
    )
    before = content(installation, Path(installation.environment["ZHIHENG_DATA"]))

    data = tmp_path / "恢复"
    elsewhere = Installation(installation.environment | {"ZHIHENG_DATA": str(data)}, installation.folder)
    done = elsewhere.run("restore", str(place))
    assert done.returncode == 0, done.stderr
    assert content(installation, data) == before
    assert factor(elsewhere, "decrypt", sealed) == "一个动态密码的种子", "what was sealed opens with the key restored"
    verified = elsewhere.run("ledger", "verify", "--head", second["head"])
    assert verified.returncode == 0, verified.stderr
    again = elsewhere.run("restore", str(place))
    assert again.returncode == 1
    assert "新的空目录" in again.stderr


@pytest.mark.slow
@pytest.mark.database
@sqlite
def test_没签过什么的安装没有密钥_照样备份恢复_恢复时说明_之后的密钥下次备份就有(
    installation: Installation, tmp_path: Path
) -> None:
    place, data = tmp_path / "备份", Path(installation.environment["ZHIHENG_DATA"])
    assert not (data / "secret-key").exists()
    assert orjson.loads(installation.run("backup", str(place), "--json").stdout)["keys"] == {}
    first = Installation(installation.environment | {"ZHIHENG_DATA": str(tmp_path / "一")}, installation.folder)
    done = first.run("restore", str(place))
    assert done.returncode == 0, done.stderr
    assert "这份备份里没有密钥" in done.stdout
    assert "运行：zhiheng ledger verify，再" in done.stdout, (
        "nothing was received: there is no end of a chain to ask for"
    )
    assert "ZHIHENG_SECRET_KEY" in done.stdout
    sealed = factor(installation, "encrypt", "种子")
    assert set(orjson.loads(installation.run("backup", str(place), "--json").stdout)["keys"]) == {"secret-key"}
    second = Installation(installation.environment | {"ZHIHENG_DATA": str(tmp_path / "二")}, installation.folder)
    done = second.run("restore", str(place))
    assert done.returncode == 0, done.stderr
    assert "这份备份里没有密钥" not in done.stdout
    assert factor(second, "decrypt", sealed) == "种子"


@pytest.mark.slow
@pytest.mark.database
@sqlite
@pytest.mark.parametrize("damage", ["lost", "changed"])
def test_备份里的密钥丢了或换过_不会被恢复(installation: Installation, tmp_path: Path, damage: str) -> None:
    factor(installation, "encrypt", "种子")
    place = tmp_path / "备份"
    assert installation.run("backup", str(place)).returncode == 0
    (place / "secret-key").write_text("另一把密钥")
    if damage == "lost":
        (place / "secret-key").unlink()
    elsewhere = Installation(installation.environment | {"ZHIHENG_DATA": str(tmp_path / "恢复")}, installation.folder)
    done = elsewhere.run("restore", str(place))
    assert done.returncode == 1
    assert "secret-key 与备份时的摘要不符" in done.stderr
    assert not (tmp_path / "恢复").exists(), "nothing is restored of a backup whose sealed values would stay shut"


@pytest.mark.slow
@pytest.mark.database
@sqlite
def test_接收进行中也能备份_得到的是某一时刻的完整台账(installation: Installation, tmp_path: Path) -> None:
    rows = [[str(i), f"试验食品{i % 50}", f"试验第{i % 900}厂", f"2026-0{i % 9 + 1}-11", "合格"] for i in range(8000)]
    path = write_csv(tmp_path / "平台.csv", ["NO", "NAME", "MAKER", "DAY", "RESULT"], rows)
    received(installation, tmp_path, "一.csv", 0)
    receiving = installation.warmed().start("receive", str(path), "--from", "test_market")
    assert receiving.stderr is not None
    receiving.stderr.readline()
    done = installation.warmed().run("backup", str(tmp_path / "备份"))
    receiving.communicate()
    assert done.returncode == 0, done.stderr
    data = tmp_path / "恢复"
    assert (
        Installation(installation.environment | {"ZHIHENG_DATA": str(data)}, installation.folder)
        .run("restore", str(tmp_path / "备份"))
        .returncode
        == 0
    )
    whole, _ = content(installation, data)
    assert whole


@pytest.mark.slow
@pytest.mark.database
@sqlite
def test_恢复中途被杀_什么都不会在半份数据上运行_再恢复一次就全了(installation: Installation, tmp_path: Path) -> None:
    received(installation, tmp_path, "一.csv", 0)
    place, data = tmp_path / "备份", tmp_path / "恢复"
    assert installation.warmed().run("backup", str(place)).returncode == 0
    # What a restore leaves that is killed after its first database.
    data.mkdir()
    (data / ".restoring").touch()
    (data / "people.sqlite3").write_bytes((place / "people.sqlite3").read_bytes())
    elsewhere = Installation(installation.environment | {"ZHIHENG_DATA": str(data)}, installation.folder)
    for command in (("deliveries", "list"), ("accounts", "list"), ("refresh",)):
        done = elsewhere.run(*command)
        assert done.returncode == 1, command
        assert "没有恢复完" in done.stderr
    pages = Installation(elsewhere.environment, elsewhere.folder).run("-c", "import zhiheng.site.wsgi")
    assert pages.returncode != 0, "another web server serves no half a backup either"
    assert "没有恢复完" in pages.stderr
    assert not (data / "zhiheng.sqlite3").exists(), "a new ledger was made beside half a backup"
    again = elsewhere.run("restore", str(place))
    assert again.returncode == 0, again.stderr
    assert not (data / ".restoring").exists()
    assert content(installation, data) == content(installation, Path(installation.environment["ZHIHENG_DATA"]))


def restoring(folder: Path, data: Path) -> subprocess.CompletedProcess[str]:
    """A backup restored into a data folder, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", "from zhiheng.cli.main import main; main()", "restore", str(folder)],
        env={**os.environ, "ZHIHENG_DATA": str(data)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def small_backup(folder: Path) -> Path:
    """A backup as ``zhiheng backup`` writes it, of two databases with nothing in them."""
    folder.mkdir()
    digests = {}
    for name in ("people.sqlite3", "zhiheng.sqlite3"):
        with sqlite3.connect(folder / name) as connection:
            connection.execute("CREATE TABLE empty (x)")
        connection.close()
        digests[name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    (folder / "book-additions").mkdir()
    (folder / "backup.json").write_bytes(orjson.dumps({"databases": digests, "keys": {}, "head": ""}))
    return folder


@pytest.mark.slow
@pytest.mark.parametrize(
    "note",
    [
        "",
        "{",
        "[]",
        "{}",
        "null",
        '{"databases": {}, "head": ""}',
        '{"databases": {"people.sqlite3": 1}, "head": ""}',
        '{"databases": ["people.sqlite3"], "head": ""}',
        '{"databases": {"zhiheng.sqlite3": "0"}}',
    ],
)
def test_备份的说明残缺_或者没有写明数据库_说清楚_什么都不恢复(tmp_path: Path, note: str) -> None:
    folder = small_backup(tmp_path / "备份")
    (folder / "backup.json").write_text(note)
    done = restoring(folder, tmp_path / "恢复")
    assert (done.returncode, "这份备份不完整" in done.stderr) == (1, True), done.stderr
    assert not (tmp_path / "恢复").exists()


@pytest.mark.slow
@pytest.mark.parametrize("left", ["zhiheng.sqlite3-wal", "people.sqlite3-journal", "people.sqlite3-shm", "secret-key"])
@pytest.mark.parametrize("killed", [False, True], ids=["新恢复", "恢复到一半"])
def test_旧数据库留在旁边的日志_和旧密钥_不会混进恢复的数据(tmp_path: Path, left: str, killed: bool) -> None:
    data = tmp_path / "恢复"
    data.mkdir()
    (data / left).write_text("旧的")
    if killed:
        (data / ".restoring").touch()
    done = restoring(small_backup(tmp_path / "备份"), data)
    # Of a restore that was killed a key may lie there already.
    if killed and left == "secret-key":
        assert done.returncode == 0, done.stderr
        return
    assert (done.returncode, left in done.stderr) == (1, True), done.stderr
    assert not (data / "zhiheng.sqlite3").exists()


@pytest.mark.slow
def test_备份里的链接不跟着走(tmp_path: Path) -> None:
    folder = small_backup(tmp_path / "备份")
    secret = tmp_path / "别处的秘密"
    secret.write_text("秘密")
    (folder / "book-additions" / "a.yaml").symlink_to(secret)
    done = restoring(folder, tmp_path / "恢复")
    assert (done.returncode, "是链接" in done.stderr) == (1, True), done.stderr
    assert not (tmp_path / "恢复").exists()
    (folder / "book-additions" / "a.yaml").unlink()
    done = restoring(folder, tmp_path / "恢复")
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
@pytest.mark.database
@sqlite
def test_损坏的备份不会被恢复_不是备份的文件夹也不会(installation: Installation, tmp_path: Path) -> None:
    received(installation, tmp_path, "一.csv", 0)
    place = tmp_path / "备份"
    installation.warmed().run("backup", str(place))
    with sqlite3.connect(place / "zhiheng.sqlite3") as connection:
        connection.execute("CREATE TABLE extra (x)")
    elsewhere = Installation(installation.environment | {"ZHIHENG_DATA": str(tmp_path / "恢复")}, installation.folder)
    done = elsewhere.run("restore", str(place))
    assert done.returncode == 1
    assert "摘要不符" in done.stderr
    (tmp_path / "空").mkdir()
    assert "不是完整的备份" in elsewhere.run("restore", str(tmp_path / "空")).stderr
    inside = installation.warmed().run("backup", str(Path(installation.environment["ZHIHENG_DATA"]) / "备份"))
    assert inside.returncode == 1


@pytest.mark.slow
@pytest.mark.database
@sqlite
@pytest.mark.parametrize("harm", ["damaged", "gone"])
def test_备份里的原文件坏了或少了_恢复时指名_说怎么办(installation: Installation, tmp_path: Path, harm: str) -> None:
    received(installation, tmp_path, "一.csv", 0)
    place = tmp_path / "备份"
    installation.warmed().run("backup", str(place))
    (kept,) = [path for path in (place / "files").rglob("*") if path.is_file()]
    name = str(kept.relative_to(place))
    if harm == "gone":
        kept.unlink()
    else:
        kept.write_bytes(kept.read_bytes()[:-1] + b"x")
    elsewhere = Installation(installation.environment | {"ZHIHENG_DATA": str(tmp_path / "恢复")}, installation.folder)
    done = elsewhere.run("restore", str(place), "--json")
    assert done.returncode == 0, done.stderr
    assert orjson.loads(done.stdout)[harm] == [name]
    (tmp_path / "恢复").rename(tmp_path / "恢复过")
    said = elsewhere.run("restore", str(place))
    assert f"注意：{name}" in said.stdout + said.stderr
    assert "从另一份备份取回" in said.stdout + said.stderr


def test_备份里坏了的文件_原件还好的_一个月内发现并重做(tmp_path: Path) -> None:
    from zhiheng.cli.backup import ROUND_DAYS, _files, _mend

    contents = [str(n).encode() for n in range(12)]
    names = [hashlib.sha256(content).hexdigest() for content in contents]
    for folder in ("data", "copy"):
        for name, content in zip(names, contents, strict=True):
            (tmp_path / folder / name[:2]).mkdir(parents=True, exist_ok=True)
            (tmp_path / folder / name[:2] / name).write_bytes(content if folder == "data" else content[:-1] + b"!")
    # Of one the original is broken as well: then nothing is better than what there is.
    (tmp_path / "data" / names[0][:2] / names[0]).write_bytes(b"?")
    days = [dt.date(2026, 12, 1) + dt.timedelta(days=n) for n in range(ROUND_DAYS)]
    mended = [_mend(tmp_path / "data", tmp_path / "copy", day=day) for day in days]
    assert sum(mended) == 11
    assert max(mended) < 11, "a share each day"
    assert _files(tmp_path / "data", tmp_path / "copy", lambda *_: None) == 11
    assert [(tmp_path / "copy" / name[:2] / name).read_bytes() for name in names[1:]] == contents[1:]


@pytest.mark.slow
@pytest.mark.database
@pytest.mark.skipif(not os.environ.get("DATABASE_URL"), reason="dumps PostgreSQL")
def test_PostgreSQL上用pg_dump备份(installation: Installation, tmp_path: Path) -> None:
    received(installation, tmp_path, "一.csv", 0)
    done = installation.run("backup", str(tmp_path / "备份"), "--json")
    assert done.returncode == 0, done.stderr
    assert set(orjson.loads(done.stdout)["databases"]) == {"zhiheng.dump"}
    assert (tmp_path / "备份" / "zhiheng.dump").stat().st_size > 10_000


@pytest.mark.slow
def test_收件箱里等着的文件也在备份里(terminal: Ledger, settings: Any, tmp_path: Path) -> None:
    from zhiheng.cli.backup import _files

    upload = hand_in(terminal, samples(terminal)).upload
    assert _files(Path(settings.DATA) / "inbox", tmp_path / "inbox", lambda *_: None) == 1
    assert (tmp_path / "inbox" / upload.digest).stat().st_size == upload.size
    work()


# -- accounts ----------------------------------------------------------------------------------------------------------


def test_开通第一个账号_授予角色_列得出来(terminal: Ledger) -> None:
    made = told("accounts", "create", "first", "--name", "甲", "--unit", "test_market", "--role", "keeper", "--code")
    assert made["code"]
    assert [(a["login"], a["roles"]) for a in told("accounts", "list")] == [("first", "keeper")]
    text = complaint(
        "accounts", "create", "second", "--name", "乙", "--unit", "test_market", "--role", "nobody", "--code"
    )
    assert "nobody" in text
    assert not Account.objects.filter(login="second").exists(), "no account without the role that was asked for"


def test_密码太弱就不开通(terminal: Ledger) -> None:
    from click.testing import CliRunner

    from zhiheng.cli.main import main

    words = ["accounts", "create", "first", "--name", "甲", "--unit", "test_market", "--role", "clerk"]
    assert CliRunner().invoke(main, words, input="12345\n").exit_code == 1
    assert CliRunner().invoke(main, words, input="一句别人想不到的话2026\n").exit_code == 0
    assert Account.objects.get().check_password("一句别人想不到的话2026")


@pytest.fixture(scope="module")
def whole_book() -> Book:
    """The default book."""
    return book_once(ROOT / "book")


def test_演示账号的角色和单位规则书里都有(whole_book: Book) -> None:
    accounts = whole_book[DEMO_ACCOUNTS]
    assert len(accounts) >= 12
    units = {unit.id for unit in whole_book[DISTRICT].units}
    banks = {reader.id for extract in whole_book[CREDIT].values() for reader in extract.readers}
    for consent in (consent for account in accounts for consent in account.consents):
        page = whole_book[CREDIT][consent.extract]
        assert consent.reader in {reader.id for reader in page.readers}
        assert consent.purpose in page.purposes
        assert consent.months <= page.longest_months
    for account in accounts:
        assert whole_book[ROLES][account.role].kind == account.kind, account.login
        assert account.kind == "enterprise" or account.unit in (units if account.kind == "officer" else banks), (
            account.login
        )
    assert {a.role for a in accounts} == {n for n, r in whole_book[ROLES].items() if r.kind != "program"}, (
        "every role can be tried"
    )


@pytest.mark.slow
@pytest.mark.django_db
def test_演示账号只建一次_企业不在台账里就略过(whole_book: Book) -> None:
    from tests.places import NOON

    accounts = whole_book[DEMO_ACCOUNTS]
    made = make_demo_accounts(accounts, call=Call(operator("t"), whole_book, NOON))
    assert {one.account.kind for one in made if one.state == "absent"} == {"enterprise"}
    assert all(one.state == "new" for one in made if one.account.kind != "enterprise")
    again = make_demo_accounts(accounts, call=Call(operator("t"), whole_book, NOON))
    assert all(one.state in ("before", "absent") for one in again)
    assert Account.objects.get(login="demo-office").check_password(PASSWORD)
    # Named complaints can be sent on the demo: both units that keep identities have a custodian with a key.
    units = {one.unit for one in accounts if one.passphrase}
    assert len(units) == 2
    assert set(Custodian.objects.filter(admitted_at__isnull=False).values_list("unit", flat=True)) == units


@pytest.mark.slow
@pytest.mark.django_db
def test_演示的银行查询员有一份企业自己作出的授权可查_写明机构是虚构的(whole_book: Book) -> None:
    from tests.places import NOON
    from zhiheng.office.consents import Consent
    from zhiheng.people.actors import actor_of
    from zhiheng.queries.credit import consenting

    owner = next(one for one in whole_book[DEMO_ACCOUNTS] if one.consents)
    subject = SubjectFactory(id=1)
    AliasFactory(id=1, subject=subject, name=owner.enterprise)
    for _ in range(2):
        make_demo_accounts(whole_book[DEMO_ACCOUNTS], call=Call(operator("t"), whole_book, NOON))
    consent = Consent.objects.get()
    account = Account.objects.get(login=owner.login)
    assert consent.given_by == str(actor_of(account)), "the enterprise itself gave it"
    assert "（虚构）" in consent.text
    clerk = actor_of(Account.objects.get(login="demo-bank"))
    page = consenting(after="", call=Call(clerk, whole_book, NOON))
    assert [row.consent for row in page.rows] == [consent.pk]


@pytest.mark.django_db
def test_真实地方的规则书不建演示账号(whole_book: Book) -> None:
    from tests.places import NOON

    real = with_chapters(whole_book, {DISTRICT: whole_book[DISTRICT].model_copy(update={"fictional": False})})
    with pytest.raises(Refused):
        make_demo_accounts(real[DEMO_ACCOUNTS], call=Call(operator("t"), real, NOON))
    assert Account.objects.count() == 0


def test_演示账号页写错了会指出(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    folder.mkdir()
    one = "{login: demo-a, name: 甲, role: clerk, unit: x, shows: {zh: 甲, en: a}}"
    (folder / "accounts.yaml").write_text(f"- {one}\n- {one}\n", encoding="utf-8")
    with pytest.raises(BookRefused):
        _ = Book(tmp_path)[DEMO_ACCOUNTS]
    (folder / "accounts.yaml").write_text(
        "- {login: real.name, name: 甲, role: clerk, unit: x, shows: {zh: 甲, en: a}}\n", encoding="utf-8"
    )
    with pytest.raises(BookRefused):
        _ = Book(tmp_path)[DEMO_ACCOUNTS]
    assert Book(tmp_path / "none")[DEMO_ACCOUNTS] == ()
    with pytest.raises(ValueError, match="enterprise"):
        DemoAccount(login="demo-a", name="甲", kind="enterprise", role="owner", shows={"zh": "甲", "en": "a"})
    assert DemoAccounts([]).root == ()
