"""What was published is never edited: neither by the object layer nor by hand in the database."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from tests.published.places import OFFICER, Place
from zhiheng.actions.publication.withdraw_publication import withdraw
from zhiheng.grammar.call import Call
from zhiheng.published.models import Form, PublishedEntry, PublishedParty, Withdrawal

pytestmark = pytest.mark.slow

PENALTY = ("administrative_penalty", "一般裁量的罚款")


@pytest.mark.parametrize(
    "column", ["values", "title_zh", "show_until", "fact", "public_id", "basis_zh", "form_id", "notice"]
)
def test_公示的内容改不了(place: Place, column: str) -> None:
    entry = place.publish(*PENALTY)
    with pytest.raises(DatabaseError, match="never edited"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f'UPDATE published_publishedentry SET "{column}" = "{column}" WHERE id = %s', [entry.pk])


def test_公示的条目记号和栏目删不掉(place: Place) -> None:
    entry = place.publish(*PENALTY)
    withdraw([entry.public_id], cause="error", reason="误公示", call=Call(OFFICER, place.book, place.now))
    PublishedParty.objects.all().delete()
    for table in ("publishedentry", "withdrawal", "form"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM published_{table}")
    assert (PublishedEntry.objects.count(), Withdrawal.objects.count(), Form.objects.count()) == (1, 1, 1)


def test_撤下的原因和时间改不了(place: Place) -> None:
    entry = place.publish(*PENALTY)
    withdraw([entry.public_id], cause="error", reason="误公示", call=Call(OFFICER, place.book, place.now))
    with pytest.raises(DatabaseError, match="never edited"), transaction.atomic():
        Withdrawal.objects.update(cause="repaired")
    Withdrawal.objects.update(files_at=place.now)
