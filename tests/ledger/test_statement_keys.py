"""By its statement key it is known whether a row was said before: in one delivery, in the next, and in a ledger from
before keys had a table of their own.
"""

from __future__ import annotations

import orjson
import pytest

from tests.places import SAMPLING, Installation, Ledger, sampling_row, tamper, write_csv
from zhiheng.actions.intake import receive_delivery
from zhiheng.ledger import statement_keys
from zhiheng.ledger.models import Fact, FactKey
from zhiheng.ledger.verify import verify

BACK = (
    "import django, orjson; django.setup(); from django.core.management import call_command; from django.db import "
    "connection; call_command('migrate', 'ledger', '0008', verbosity=0); "
    "print(orjson.dumps([connection.introspection.table_names(), sorted(n for n, c in "
    "connection.introspection.get_constraints(connection.cursor(), 'ledger_fact').items() if c['columns'] == ['key'] "
    "and c['unique'])]).decode())"
)
ASK = (
    "import orjson; from zhiheng.cli.session import set_up; set_up(); from django.db import connection; from "
    "zhiheng.ledger.models import Fact, FactKey; c = connection.introspection.get_constraints(connection.cursor(), "
    "'ledger_fact'); print(orjson.dumps([sorted(FactKey.objects.values_list('key', 'fact_id')) == "
    "sorted(Fact.objects.values_list('key', 'id')), sorted(x['columns'] for x in c.values() if x['columns']), [n for "
    "n, x in c.items() if x['columns'] == ['key']]]).decode())"
)
CHANGE = (
    "import django; django.setup(); from zhiheng.ledger.models import {}; {}.objects.order_by('pk')[:1].get().delete()"
)


def test_每条事实的陈述键都记下_一条不多(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receive_delivery, "CHUNK_ROWS", 7)
    rows = [sampling_row(i) for i in range(40)]
    # The same rows in a later chunk of the same file, and within one chunk.
    first = ledger.samples("a.csv", [*rows, *rows[3:5], sampling_row(50), sampling_row(50)])
    assert (first.facts, first.duplicates) == (41, 3)
    second = ledger.samples("b.csv", [sampling_row(60), *rows[10:20], sampling_row(61)])
    assert (second.facts, second.duplicates) == (2, 10)
    keys = set(FactKey.objects.values_list("key", "fact_id"))
    assert keys == set(Fact.objects.values_list("key", "id"))
    assert len(keys) == 43
    assert verify().whole


def test_陈述键与事实对不上时_整表退回_并说明该怎么办(ledger: Ledger) -> None:
    ledger.samples("a.csv", [sampling_row(i) for i in range(5)])
    tamper("DELETE FROM ledger_fact WHERE id = 3")
    found = ledger.samples("b.csv", [sampling_row(2), sampling_row(9)])
    assert found.refusal is not None
    assert found.refusal.code == "ledger.keys_astray"
    assert "zhiheng ledger verify" in found.refusal.zh
    assert Fact.objects.count() == 4


def test_键里被塞进文字_核验也不会中断() -> None:
    secret = statement_keys.secret()
    assert statement_keys.sum_of(secret, ["甲", 5], [1, 2]) != statement_keys.sum_of(secret, [7, 5], [1, 2])


@pytest.mark.parametrize("said", [1.5, b"1", "1"])
def test_键指向的编号被改成小数或字节_核验看得出来(said: object) -> None:
    secret = statement_keys.secret()
    assert statement_keys.sum_of(secret, [7, 5], [said, 2]) != statement_keys.sum_of(secret, [7, 5], [1, 2])


def test_键被改成指向半条事实_核验说出是哪一条(ledger: Ledger) -> None:
    ledger.samples("a.csv", [sampling_row(i) for i in range(5)])
    tamper("UPDATE ledger_factkey SET fact_id = 3.5 WHERE fact_id = 3")
    (found, _) = verify().findings
    assert (found.kind, found.fact) == ("key", 3)


@pytest.mark.slow
def test_旧版台账升级后_重复照样认得_核验照样完好_事实照样不能改(installation: Installation) -> None:
    installation = installation.warmed()
    path = write_csv(installation.folder / "a.csv", SAMPLING, [sampling_row(i) for i in range(900)])
    done = installation.run("receive", str(path), "--from", "test_market", "--confirm-volume")
    assert done.returncode == 0, done.stderr
    environment = {"DJANGO_SETTINGS_MODULE": "zhiheng.site.settings"}
    installation.environment.update(environment)
    tables, unique = orjson.loads(installation.run("-c", BACK).stdout)
    assert "ledger_factkey" not in tables
    assert unique, "the keys of an old ledger have their index in the table of facts"

    # The first command of the new version makes the table.
    done = installation.run("ledger", "verify")
    assert done.returncode == 0, done.stdout + done.stderr
    same, indexed, of_key = orjson.loads(installation.run("-c", ASK).stdout)
    assert same
    assert of_key == []
    assert {("concerns",), ("id",), ("thing", "id")} <= {tuple(columns) for columns in indexed}
    other = write_csv(installation.folder / "b.csv", SAMPLING, [sampling_row(i) for i in (3, 905, 899)])
    done = installation.run("receive", str(other), "--from", "test_market", "--confirm-volume", "--json")
    (told,) = orjson.loads(done.stdout)
    assert (told["facts"], told["duplicates"]) == (1, 2)
    for table in ("Fact", "FactKey"):
        done = installation.run("-c", CHANGE.format(table, table))
        assert "append-only" in done.stderr
    assert installation.run("ledger", "verify").returncode == 0
