"""A ledger filled quickly with facts of food sampling, for benchmarks that start from many facts.

The facts are real ones (bodies, hashes, keys, roots and links as receiving makes them), without the identity engine:
parties point to aliases that are made beforehand.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from bench import sampling_rows
from zhiheng.grammar.chapters.records import RECORDS


def fill(facts: int, *, per_delivery: int, firms: int = 50_000, offset: int = 0, seed: int = 7) -> None:
    """Append this many facts to the ledger that ZHIHENG_DATA or DATABASE_URL names."""
    from django.db import transaction

    from zhiheng.cli.session import open_book, set_up

    set_up()
    from zhiheng.engines.batch_preparation import Preparer
    from zhiheng.engines.identity import Mention
    from zhiheng.engines.intake import Intake
    from zhiheng.engines.recognise import Layout
    from zhiheng.kernel.merkle import EMPTY_ROOT, root_of
    from zhiheng.kernel.prefetch import no_garbage_collection
    from zhiheng.ledger import bulk, chain
    from zhiheng.ledger.aliases import alias_key
    from zhiheng.ledger.models import Alias, Definition

    entry = open_book()[RECORDS]["food_sampling"]
    source = "foodmate"
    edition = entry.edition(source)
    layout = Layout.of(entry.id, entry.record, source, entry.sources[source], entry.words)
    Definition.objects.get_or_create(
        edition=edition, defaults={"record": entry.id, "source": source, "text": entry.definition(source)}
    )
    names = sampling_rows.enterprises(firms, random.Random(seed))
    if not Alias.objects.exists():
        with transaction.atomic():
            bulk.insert("subject", ("id", "kind"), ((i, "enterprise") for i in range(1, len(names) + 1)))
            bulk.insert(
                "alias",
                bulk.ALIAS_COLUMNS,
                (
                    (i, alias_key(Mention("enterprise", name)), i, "enterprise", name, "", "", "", "", None, None)
                    for i, name in enumerate(names, start=1)
                ),
            )
    alias_of = {name: i for i, name in enumerate(names, start=1)}
    rows = sampling_rows.rows(facts, firms=firms, seed=seed + offset)
    number = bulk.next_id("fact")
    left = facts
    while left:
        with transaction.atomic(), no_garbage_collection():
            bulk.lock()
            first, count = number, min(per_delivery, left)
            delivery = bulk.next_id("delivery")
            intake = Intake(layout, entry.types[source], sampling_rows.HEADINGS, delivered_on=None)
            preparer = Preparer(intake, record=entry.id, unit="bench", area="990101")
            leaves: list[bytes] = []
            links: set[tuple[int, int, str]] = set()
            keys: list[NDArray[np.int64]] = []
            for chunk in _chunks(rows, count):
                made = preparer.prepare(chunk, range(1, len(chunk[0]) + 1))
                n = len(made.keys)
                chunk_leaves = [made.leaves[at : at + 32] for at in range(0, len(made.leaves), 32)]
                bulk.insert_facts(
                    made, number, made.keys.tolist(), chunk_leaves, delivery=delivery, record=entry.id, unit="bench"
                )
                groups = preparer.groups()
                links.update(
                    (alias_of[p.name], number + i, p.role)
                    for column in made.groups
                    for i in range(n)
                    for p in groups[column[i]]
                )
                leaves += chunk_leaves
                keys.append(made.keys)
                number += n
            bulk.insert("factparty", bulk.LINK_COLUMNS, sorted(links))
            bulk.insert_keys(np.concatenate(keys), np.arange(first, number))
            chain.append(
                {
                    "state": "accepted",
                    "unit": "bench",
                    "record": entry.id,
                    "source": source,
                    "edition": edition,
                    "file_name": f"bench-{delivery}",
                    "file_digest": f"{delivery:064x}",
                    "table_name": "",
                    "part": 1,
                    "headings": "[]",
                    "learned_on": dt.date(2026, 11, 1),
                    "row_count": len(leaves),
                    "fact_count": len(leaves),
                    "duplicate_count": 0,
                    "refused_count": 0,
                    "flagged_count": 0,
                    "first_fact": first,
                    "notes": "[]",
                    "root": root_of(leaves).hex(),
                    "refused_root": EMPTY_ROOT.hex(),
                }
            )
            left -= count


def _chunks(rows: Iterator[list[str]], count: int) -> Iterator[list[list[str]]]:
    """``count`` rows as column-major chunks."""
    while count > 0 and (some := list(islice(rows, min(10_000, count)))):
        count -= len(some)
        yield [list(column) for column in zip(*some, strict=True)]
