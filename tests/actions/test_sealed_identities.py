"""Who reports is read by two custodians of different units together, with a reason and a trace, and by nobody else."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connections, transaction
from nacl import pwhash

from tests.people.places import PASSWORD, People
from tests.places import NOON, Ledger
from zhiheng.actions.custody.admit_custodian import admit_custodian
from zhiheng.actions.custody.ask_to_open import ask_to_open
from zhiheng.actions.custody.change_passphrase import change_passphrase
from zhiheng.actions.custody.custodians import TRIES
from zhiheng.actions.custody.decline_opening import decline_opening
from zhiheng.actions.custody.end_custody import end_custody
from zhiheng.actions.custody.make_custody_key import make_custody_key
from zhiheng.actions.custody.open_seal import open_seal
from zhiheng.actions.custody.seal_identity import seal_identity
from zhiheng.engines import sealing
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import PUBLIC
from zhiheng.kernel.reasons import Refused
from zhiheng.kernel.reporter import Reporter
from zhiheng.office.sealed import CaseSeal, Custodian, SealOpening, SealShare
from zhiheng.queries.custody import custody_desk, openings_told

AREA = "990901001"
WORDS = {
    "zhao": "青石板路 seven umbrellas",
    "qian": "晚潮与旧灯塔 nineteen",
    "sun": "三只纸船 drifting east",
    "li": "远山 quietly 木匠钉船",
}
WHY = "被举报人威胁报复，公安机关依法调取"
PLANTED = Reporter("欧阳皎皎", "13900009876", "甲街道槐荫里 7 号", "990901199001011234")


@pytest.fixture(autouse=True)
def quick_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """The passphrases of a test need not withstand anybody."""
    weak = sealing.Strength(pwhash.argon2id.OPSLIMIT_MIN, pwhash.argon2id.MEMLIMIT_MIN)
    monkeypatch.setattr(sealing, "MODERATE", weak)


class Office:
    """The custodians of the small place."""

    def __init__(self, people: People) -> None:
        self.people = people

    def name(self, login: str, unit: str) -> None:
        """An officer whose role lets them keep identities for a unit."""
        self.people.holding(login, "seal_custodian", unit=unit, of={"unit": unit})

    def call(self, login: str, later: dt.timedelta = dt.timedelta()) -> Call:
        """A call of somebody."""
        return Call(self.people.actor(self.people.made[login]), self.people.book, NOON + later)

    def key(self, login: str) -> Custodian:
        """Their key, made."""
        return make_custody_key(self.people.made[login].unit, WORDS[login], call=self.call(login))

    @property
    def public(self) -> Call:
        """A call of anybody."""
        return Call(PUBLIC, self.people.book, NOON)


@pytest.fixture
def office(ledger: Ledger) -> Office:
    """Two custodians of two units, with keys."""
    found = Office(People(ledger.book))
    for login, unit in (("zhao", "test_market"), ("qian", "test_environment"), ("sun", "test_market")):
        found.name(login, unit)
    found.key("zhao")
    found.key("qian")
    return found


def code(refused: Any) -> str:
    """The code of what was refused."""
    return str(refused.value.refusals[0].code)


def test_两个单位各一人先后办理才看得到_举报人看得到这次拆封(office: Office) -> None:
    seal = seal_identity(PLANTED, area=AREA, call=office.public)
    asked = ask_to_open(seal, WORDS["zhao"], reason=WHY, call=office.call("zhao"))
    assert [o.pk for o in custody_desk(call=office.call("qian")).to_decide] == [asked.pk]
    assert open_seal(asked.pk, WORDS["qian"], call=office.call("qian")) == PLANTED
    (told,) = openings_told(seal, call=office.public)
    assert (told.reason, told.state, told.asking_unit.zh) == (WHY, "opened", "试验区市场监督管理局")
    assert [(line.verb, line.purpose) for line in office.people.trail() if line.verb.startswith("seal.")] == [
        ("seal.make", ""),
        ("seal.ask", WHY),
        ("seal.open", WHY),
    ]
    asked.refresh_from_db()
    assert asked.boxes == {}, "the share that waited is gone"


def test_一个人一方一句口令都打不开(office: Office) -> None:
    seal = seal_identity(PLANTED, area=AREA, call=office.public)
    asked = ask_to_open(seal, WORDS["zhao"], reason=WHY, call=office.call("zhao"))
    with pytest.raises(Refused) as refused:
        open_seal(asked.pk, WORDS["zhao"], call=office.call("zhao"))
    assert code(refused) == "seal.same_person"
    admit_custodian(office.key("sun").pk, WORDS["zhao"], call=office.call("zhao"))
    with pytest.raises(Refused) as refused:
        open_seal(asked.pk, WORDS["sun"], call=office.call("sun"))
    assert code(refused) == "seal.same_person", "the second must be of the other unit"
    with pytest.raises(Refused) as refused:
        open_seal(asked.pk, WORDS["zhao"], call=office.call("qian"))
    assert code(refused) == "custody.passphrase"
    assert openings_told(seal, call=office.public)[0].state == "waiting"


def test_没有理由的不收_一件没办完不能再提(office: Office) -> None:
    seal = seal_identity(PLANTED, area=AREA, call=office.public)
    with pytest.raises(Refused) as refused:
        ask_to_open(seal, WORDS["zhao"], reason="看看", call=office.call("zhao"))
    assert code(refused) == "seal.reason"
    ask_to_open(seal, WORDS["zhao"], reason=WHY, call=office.call("zhao"))
    with pytest.raises(Refused) as refused:
        ask_to_open(seal, WORDS["qian"], reason=WHY, call=office.call("qian"))
    assert code(refused) == "seal.waiting"


def test_不同意的写明理由_举报人也看得到_办过的不能再办(office: Office) -> None:
    seal = seal_identity(PLANTED, area=AREA, call=office.public)
    asked = ask_to_open(seal, WORDS["zhao"], reason=WHY, call=office.call("zhao"))
    decline_opening(asked.pk, reason="没有公安机关的调取文书", call=office.call("qian"))
    assert [(t.state, t.said) for t in openings_told(seal, call=office.public)] == [
        ("declined", "没有公安机关的调取文书")
    ]
    with pytest.raises(Refused) as refused:
        open_seal(asked.pk, WORDS["qian"], call=office.call("qian"))
    assert code(refused) == "seal.opening_absent"


@pytest.mark.parametrize(
    ("days", "state"), [(dt.timedelta(days=7, seconds=-1), "opened"), (dt.timedelta(days=7), "lapsed")]
)
def test_七日内另一方不办的作废_份额随之销毁(office: Office, days: dt.timedelta, state: str) -> None:
    seal = seal_identity(PLANTED, area=AREA, call=office.public)
    asked = ask_to_open(seal, WORDS["zhao"], reason=WHY, call=office.call("zhao"))
    if state == "opened":
        assert open_seal(asked.pk, WORDS["qian"], call=office.call("qian", days)) == PLANTED
    else:
        with pytest.raises(Refused) as refused:
            open_seal(asked.pk, WORDS["qian"], call=office.call("qian", days))
        assert code(refused) == "seal.lapsed"
    asked.refresh_from_db()
    assert (asked.state, asked.boxes) == (state, {})


def test_新保管人由本单位的人接纳后也打得开以前的_没接纳的没有份额(office: Office) -> None:
    before = seal_identity(PLANTED, area=AREA, call=office.public)
    sun = office.key("sun")
    with pytest.raises(Refused) as refused:
        ask_to_open(before, WORDS["sun"], reason=WHY, call=office.call("sun"))
    assert code(refused) == "custody.waiting"
    assert admit_custodian(sun.pk, WORDS["zhao"], call=office.call("zhao")) == 1
    end_custody(Custodian.objects.get(name="zhao 甲").pk, reason="调离", call=office.call("zhao"))
    asked = ask_to_open(before, WORDS["sun"], reason=WHY, call=office.call("sun"))
    assert open_seal(asked.pk, WORDS["qian"], call=office.call("qian")) == PLANTED


def test_最后一位持有份额的人终止前要确认(office: Office) -> None:
    seal_identity(PLANTED, area=AREA, call=office.public)
    own = Custodian.objects.get(unit="test_environment")
    with pytest.raises(Refused) as refused:
        end_custody(own.pk, reason="退休", call=office.call("qian"))
    assert code(refused) == "custody.last"
    end_custody(own.pk, reason="退休", sure=True, call=office.call("qian"))
    own.refresh_from_db()
    assert bytes(own.locked) == b""
    assert not SealShare.objects.filter(custodian=own).exists()


def test_一方没有保管人就不收身份_匿名的照收(office: Office) -> None:
    end_custody(Custodian.objects.get(unit="test_environment").pk, reason="退休", call=office.call("qian"))
    with pytest.raises(Refused) as refused:
        seal_identity(PLANTED, area=AREA, call=office.public)
    assert code(refused) == "custody.nobody"
    assert seal_identity(Reporter(" "), area=AREA, call=office.public) == ""
    assert not CaseSeal.objects.exists()


def test_角色到期的保管人不再收到份额(office: Office) -> None:
    grant = office.people.made["qian"].grants.get()
    grant.ended_on = NOON.date()
    grant.save()
    with pytest.raises(Refused) as refused:
        seal_identity(PLANTED, area=AREA, call=office.public)
    assert code(refused) == "custody.nobody"


def test_口令错五次停一小时_换口令以后旧的无用(office: Office) -> None:
    seal = seal_identity(PLANTED, area=AREA, call=office.public)
    for _ in range(TRIES):
        with pytest.raises(Refused) as refused:
            ask_to_open(seal, "不对的口令", reason=WHY, call=office.call("zhao"))
        assert code(refused) == "custody.passphrase"
    with pytest.raises(Refused) as refused:
        ask_to_open(seal, WORDS["zhao"], reason=WHY, call=office.call("zhao"))
    assert code(refused) == "custody.tries"
    later = office.call("zhao", dt.timedelta(hours=1))
    change_passphrase(WORDS["zhao"], WORDS["li"], call=later)
    with pytest.raises(Refused):
        ask_to_open(seal, WORDS["zhao"], reason=WHY, call=later)
    assert ask_to_open(seal, WORDS["li"], reason=WHY, call=later).state == "waiting"


@pytest.mark.parametrize("words", [PASSWORD, "太短", "123456789012345"])
def test_口令太弱或者和登录密码相同的不收(office: Office, words: str) -> None:
    with pytest.raises(Refused):
        make_custody_key("test_market", words, call=office.call("sun"))
    assert Custodian.objects.count() == 2


def test_别的单位不能设立_代办不能设立_没有角色的不能看(office: Office) -> None:
    with pytest.raises(Refused) as refused:
        make_custody_key("test_environment", WORDS["sun"], call=office.call("sun"))
    assert code(refused).startswith("access.")
    office.people.holding("clerk1", "keeper", area="990901")
    with pytest.raises(Refused):
        custody_desk(call=office.call("clerk1"))


def test_封存的密文改不动_拆封记录删不掉改不了(office: Office) -> None:
    seal = seal_identity(PLANTED, area=AREA, call=office.public)
    asked = ask_to_open(seal, WORDS["zhao"], reason=WHY, call=office.call("zhao"))
    decline_opening(asked.pk, reason="没有公安机关的调取文书", call=office.call("qian"))
    for change in (
        lambda: CaseSeal.objects.filter(pk=seal).update(text=b"x"),
        lambda: SealOpening.objects.filter(pk=asked.pk).update(state="waiting"),
        lambda: SealOpening.objects.filter(pk=asked.pk).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic(using=SealOpening.objects.db):
            change()


def everything_stored() -> Iterator[tuple[str, bytes]]:
    """Every row of every table of both databases, as bytes, binary cells as they are."""
    for alias in connections:
        with connections[alias].cursor() as cursor:
            for table in connections[alias].introspection.table_names(cursor):
                if table == "projections_words":
                    # SQLite's index of the search gives no rows; what it is made of are the other tables.
                    continue
                cursor.execute(f'SELECT * FROM "{table}"')
                for row in cursor.fetchall():
                    for cell in row:
                        kept = bytes(cell) if isinstance(cell, bytes | bytearray | memoryview) else str(cell).encode()
                        yield f"{alias}.{table}", kept


def test_名字电话住址证件号_哪张表哪个文件哪行日志里都没有(
    office: Office, settings: Any, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    mark = secrets.token_hex(6)
    planted = Reporter(f"欧阳{mark}", f"139{mark}", f"槐荫里{mark}", f"9909{mark}")
    with caplog.at_level(0):
        seal = seal_identity(planted, area=AREA, call=office.public)
        asked = ask_to_open(seal, WORDS["zhao"], reason=WHY, call=office.call("zhao"))
        assert open_seal(asked.pk, WORDS["qian"], call=office.call("qian")) == planted
        print(planted, [planted])
    secret = [mark, *WORDS.values()]
    found = [where for where, cell in everything_stored() if any(word.encode() in cell for word in secret)]
    assert found == []
    files = [path for path in Path(settings.DATA).rglob("*") if path.is_file()]
    assert [path for path in files if mark.encode() in path.read_bytes()] == []
    assert mark not in caplog.text + "".join(capsys.readouterr())
    # The search itself must be able to find: what is not secret is there.
    assert any(WHY.encode() in cell for _, cell in everything_stored())
