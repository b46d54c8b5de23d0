"""What benchmarks of pages are filled with is a district such as receiving would make it, and its cards are those of a
refresh.
"""

from __future__ import annotations

import pytest

from tests.places import ROOT, Installation

pytestmark = pytest.mark.slow

CHECK = """
import os, django
os.environ['DJANGO_SETTINGS_MODULE'] = 'zhiheng.site.settings'
django.setup()
import datetime as dt
import orjson
from pathlib import Path
from bench.filled_district import TODAY
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.grammar.loader import load
from zhiheng.kernel.actor import EVERYTHING
from zhiheng.kernel.facts import canonical
from zhiheng.quality_file.file_pages import timeline
from zhiheng.quality_file.file_view import FileView
from zhiheng.quality_file.fact_detail import fact_sheet
from zhiheng.ledger.party_links import abouts, links_of
from zhiheng.ledger.aliases import alias_key
from zhiheng.ledger.models import Alias, Delivery, Fact, FactParty
from zhiheng.projections.models import Card
from zhiheng.projections.search import search

book = load(Path('book'))
assert Fact.objects.count() == 900 == sum(Delivery.objects.values_list('fact_count', flat=True))
assert Card.objects.count() == Alias.objects.count() == 60
keys = dict(Alias.objects.values_list('key', 'id'))
wanted = set()
for fact in Fact.objects.all():
    body = orjson.loads(fact.body)
    assert canonical(body) == fact.body, fact.body
    entry = book[RECORDS][fact.record]
    assert set(body) - {'parties'} <= set(entry.record.fields), fact.body
    mapping = entry.record.outcome
    assert fact.outcome == mapping.outcome_of(body[mapping.field]), fact.body
    assert str(fact.occurred_on) == body[entry.record.on], fact.body
    wanted |= {(keys[alias_key(mention)], fact.id, role) for role, mention in links_of(body, None)}
assert wanted == set(FactParty.objects.values_list('alias_id', 'fact_id', 'role'))
for card in Card.objects.all():
    assert [hit.card.subject for hit in search(card.code, scope=EVERYTHING).rows] == [card.subject]
    assert card.area and card.status and card.facts
first = Card.objects.order_by('-facts')[0]
page = timeline(FileView(first.subject, EVERYTHING, TODAY), book=book)
assert len(page.rows) == 20 and fact_sheet(page.rows[0].fact, book=book, scope=EVERYTHING).cells
print('as it should be')
"""


@pytest.mark.slow
def test_填出的区县与接收所得的形状相同(installation: Installation) -> None:
    installation.environment["ZHIHENG_BOOK"] = str(ROOT / "book")
    filled = installation.run("-c", "from bench.filled_district import fill; print(sorted(fill(60, 900)))")
    assert filled.returncode == 0, filled.stderr[-2_000:]
    assert "['cards', 'enterprises', 'facts']" in filled.stdout
    (installation.folder / "book").symlink_to(ROOT / "book")
    done = installation.run("-c", CHECK)
    assert done.returncode == 0, done.stderr[-2_000:]
    assert done.stdout.strip() == "as it should be"
