"""区划代码的列加长以后，只增不改的触发器一个不少，列也真的放得下长代码。"""

from __future__ import annotations

import pytest
from django.db import connection

from zhiheng.database.dialect import is_postgresql
from zhiheng.kernel import area_code

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.mark.parametrize(
    "table", ["ledger_fact", "published_publishedentry", "published_publishedenterprise", "projections_card"]
)
def test_the_column_holds_the_longest_code(table: str) -> None:
    if not is_postgresql():
        pytest.skip("SQLite holds no text to a length")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT character_maximum_length FROM information_schema.columns "
            "WHERE table_name = %s AND column_name = 'area'",
            [table],
        )
        assert cursor.fetchall() == [(area_code.LONGEST,)]


@pytest.mark.parametrize("table", ["ledger_fact", "published_publishedentry"])
def test_the_triggers_stand_as_before(table: str) -> None:
    with connection.cursor() as cursor:
        if is_postgresql():
            cursor.execute(
                "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger "
                "WHERE tgrelid = %s::regclass AND NOT tgisinternal",
                [table],
            )
        else:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [table])
        triggers = dict(cursor.fetchall())
    assert triggers
    assert any("UPDATE" in said for said in triggers.values())
    assert any("DELETE" in said for said in triggers.values())
    if table == "published_publishedentry":
        assert any("area" in said for said in triggers.values()), "the column itself never changes"
