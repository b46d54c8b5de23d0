"""A small ledger of before spellings had parts (migration 0005) opens, is whole, and knows its enterprises again.

``ledger_before_parts.json`` holds its tables as the program of that time wrote them: three deliveries, a pair that was
decided, three that wait. Everything in it is invented.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.places import SAMPLING, Installation, sampling_row, write_csv

pytestmark = pytest.mark.slow

TABLES = Path(__file__).with_name("ledger_before_parts.json")
_FILL = f"""
import json, os
os.environ["DJANGO_SETTINGS_MODULE"] = "zhiheng.site.settings"
import django; django.setup()
from django.core.management import call_command
from django.db import connection
from zhiheng.site import settings
settings.DATA.mkdir(parents=True, exist_ok=True)
call_command("migrate", "ledger", "0005", verbosity=0, interactive=False)
tables = json.loads(open({str(TABLES)!r}, encoding="utf-8").read())
order = ["definition", "delivery", "fact", "subject", "alias", "aliaskey", "factparty", "refusedrow", "identityact", "likelymatch", "auditline"]
assert sorted(tables) == sorted(f"ledger_{{name}}" for name in order)
with connection.cursor() as cursor:
    for name in order:
        table = tables[f"ledger_{{name}}"]
        holes = ", ".join(["%s"] * len(table["columns"]))
        columns = ", ".join(f'"{{column}}"' for column in table["columns"])
        rows = [[bytes.fromhex(v[4:]) if isinstance(v, str) and v.startswith("hex:") else v for v in row] for row in table["rows"]]
        cursor.executemany(f"INSERT INTO ledger_{{name}} ({{columns}}) VALUES ({{holes}})", rows)
        if connection.vendor == "postgresql" and name in ("refusedrow", "identityact", "likelymatch", "auditline", "delivery"):
            cursor.execute(f"SELECT pg_get_serial_sequence('ledger_{{name}}', 'id')")
            if cursor.fetchone()[0]:
                cursor.execute(f"SELECT setval(pg_get_serial_sequence('ledger_{{name}}', 'id'), (SELECT MAX(id) FROM ledger_{{name}}))")
"""
_ASK = """
import json
from zhiheng.cli.session import set_up; set_up()
from django.db import DatabaseError, connection, transaction
from zhiheng.ledger.models import Alias, FactParty, LikelyMatch
def refused(act):
    try:
        with transaction.atomic():
            act()
    except DatabaseError:
        return True
    return False
one, other = Alias.objects.order_by("id")[:2]
print(json.dumps({
    "kinds": [[m.alias.name, m.kind, m.decision] for m in LikelyMatch.objects.order_by("id")],
    "subjects": dict(Alias.objects.values_list("name", "subject_id")),
    "shops": sorted(Alias.objects.filter(name="便民超市").values_list("part", flat=True), key=str),
    "moved": refused(lambda: FactParty.objects.filter(alias_id=one.id).update(alias_id=other.id)),
    "renamed": refused(lambda: Alias.objects.filter(id=one.id).update(part="unit:test_market")),
    "rekeyed": refused(lambda: LikelyMatch.objects.filter(id=2).update(kind="name.sound")),
}, ensure_ascii=False))
"""


_FIRST = """
import json
from zhiheng.cli.session import set_up; set_up()
from zhiheng.engines.transparency import leaves
from zhiheng.kernel.facts import canonical
from zhiheng.ledger.models import Delivery, LogLeaf
first = LogLeaf.objects.get(id=0)
links = [list(row) for row in Delivery.objects.order_by("id").values_list("id", "link")]
committed = next((link for number, link in links if leaves.commitment(
    bytes(first.nonce), canonical({"number": number, "link": link}).encode()) == bytes(first.digest)), None)
print(json.dumps({"kind": first.kind, "row": first.row, "committed": committed, "links": links}))
"""


@pytest.fixture
def old(new_installation: Installation) -> Installation:
    """The old ledger, still with the tables of its time."""
    place = new_installation.warmed()
    filled = place.run("-c", _FILL)
    assert filled.returncode == 0, filled.stderr
    return place


def asked(place: Installation) -> dict[str, Any]:
    """What the program of today says of it."""
    told = place.run("-c", _ASK)
    assert told.returncode == 0, told.stderr
    found: dict[str, Any] = json.loads(told.stdout.splitlines()[-1])
    return found


@pytest.mark.database
def test_旧账本升级后核验无误_疑似的依据补齐_保护仍在(old: Installation) -> None:
    found = asked(old)
    assert found["kinds"] == [
        ["试验橙岚食品有限公司", None, "same"],
        ["试验鹭辉水产有限公同", "form.slip", ""],
        ["试验芍泉酒业公司", "form.differs", ""],
        ["试验谣歆酒业有限公司", "code.differs", ""],
    ]
    assert (found["moved"], found["renamed"], found["rekeyed"]) == (True, True, True)
    verified = old.run("ledger", "verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr


@pytest.mark.database
def test_旧账本的链不变_它的最后一环是公开日志的第一条(old: Installation) -> None:
    was = json.loads(TABLES.read_text("utf-8"))["ledger_delivery"]
    place = [was["columns"].index(name) for name in ("id", "link")]
    links = sorted([row[at] for at in place] for row in was["rows"])
    grown = old.run("ledger", "log", "--no-ask")
    assert grown.returncode == 0, grown.stderr
    told = old.run("-c", _FIRST)
    assert told.returncode == 0, told.stderr
    found = json.loads(told.stdout.splitlines()[-1])
    assert found["links"] == links
    assert (found["kind"], [found["row"], found["committed"]]) == ("chain", links[-1])
    verified = old.run("ledger", "verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr


@pytest.mark.database
def test_旧账本里的企业_换一种写法再来仍归原处_总厂与厂分开(old: Installation) -> None:
    before = asked(old)["subjects"]
    spelt = {
        "试验第一桐榆食品厂": "试验第1桐榆食品厂",
        "BRIGHTMEADOW FOOD COMPANY LIMITED": "Brightmeadow Food Co., Ltd.",
        "试验澄岚食品有限责任公司": "试验澄岚食品有限公司",
        "试验鹭辉水产有限责任公司": "试验鹭辉水产有限公司",
    }
    names = [*spelt, "试验霁虹粮油厂", "便民超市"]
    rows = [sampling_row(50 + at, 生产企业=name, 被抽样单位="") for at, name in enumerate(names)]
    path = write_csv(old.folder / "new.csv", SAMPLING, rows)
    received = old.run("receive", str(path), "--from", "test_market")
    assert received.returncode == 0, received.stdout + received.stderr
    found = asked(old)
    assert {name: found["subjects"][name] for name in spelt} == {name: before[was] for name, was in spelt.items()}
    assert found["subjects"]["试验霁虹粮油厂"] != before["试验霁虹粮油总厂"]
    assert found["shops"] == [None], "one spelling that stood for both senders stays one until a person parts it"
    verified = old.run("ledger", "verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr
