"""Three ways of finding an enterprise by a part of its name, on the database at hand: our own index of pairs, an index
of trigrams, and no index at all.

``ours``      pairs of characters, Pinyin syllables and initials in FTS5 or a ``tsvector`` (``projections/tokens.py``)
``trigram``   FTS5's tokenizer ``trigram``, or ``gin_trgm_ops`` of PostgreSQL's extension pg_trgm; words of one or two
              characters, of which FTS5 says that nobody has them, are read from the texts
``like``      the same texts, read from the first to the last

Each side answers the whole question of ``projections.search.search``: exactly so, begins so, has it somewhere, best
first, a page of fifty, and why. The sides differ in nothing but where 'somewhere' is looked for, so that what is told
is what a change would bring. Enterprises are invented: a name, for one in five a former name, a code.

Told are, for each kind of question, the median over its texts of the least time of several turns (sides in turn), the
slowest text, and how many of the enterprises that reading every text finds a side misses. Then the seconds that each
index took to be made, and how large it is.

    python -m bench.search_engines [--scale small|full] [--postgresql]
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from bench import sampling_rows
from zhiheng.kernel.actor import EVERYTHING

# Enterprises, turns.
SCALES = {"small": (20_000, 7), "full": (200_000, 3)}
TEXTS = 12
# Where more than so many are meant, what is missed is not counted one by one.
COUNTED = 4_000
SIDES = ("ours", "trigram", "like")
PIECE = 5_000
_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def main() -> int:
    """Fill a database, make the indexes, ask in turns."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--scale", choices=SCALES, default="small")
    parser.add_argument("--postgresql", action="store_true")
    words = parser.parse_args()
    if words.postgresql and not os.environ.get("DATABASE_URL"):
        again = [sys.executable, "-m", "bench.search_engines", "--scale", words.scale, "--postgresql"]
        return subprocess.run([sys.executable, "-m", "tests.postgres", *again], check=False).returncode
    home = Path(tempfile.mkdtemp(prefix="zhiheng-bench-"))
    os.environ["ZHIHENG_DATA"] = str(home)
    try:
        if words.postgresql:
            os.environ["DATABASE_URL"] = _with_letters_of_all_scripts(os.environ["DATABASE_URL"])
        return measure(*SCALES[words.scale])
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _with_letters_of_all_scripts(url: str) -> str:
    """A second database of the cluster: pg_trgm drops Chinese where the database's letters are those of C."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as begun:
        begun.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        letters, found = begun.execute("SELECT current_setting('lc_ctype'), show_trgm('食品有限公司')").fetchone() or (
            "",
            (),
        )
        print(f"pg_trgm where lc_ctype is {letters}: {len(found)} trigrams of 食品有限公司")
        begun.execute("CREATE DATABASE letters TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'")
    parts = urlsplit(url)
    there = urlunsplit(parts._replace(path="/letters"))
    with psycopg.connect(there, autocommit=True) as begun:
        begun.execute("CREATE EXTENSION pg_trgm")
        found = begun.execute("SELECT show_trgm('食品有限公司')").fetchone() or ((),)
        print(f"pg_trgm where lc_ctype is C.UTF-8: {len(found[0])} trigrams")
    return there


def measure(enterprises: int, turns: int) -> int:
    """The figures of one run."""
    from zhiheng.cli.session import set_up

    set_up()
    from django.db import connection

    from zhiheng.projections import search

    texts = _fill(enterprises)
    print(f"{enterprises:,} enterprises, {connection.vendor}, {TEXTS} texts a kind, the least of {turns} turns")
    made = {"ours": _make_ours(), "trigram": _make_trigrams()}
    tiers = {
        "ours": search._tiers,
        "trigram": _tiers_of(indexed=True),
        "like": _tiers_of(indexed=False),
    }
    print(f"{'':<26}" + "".join(f"{side:>10} {'slowest':>8} {'missed':>12}" for side in SIDES))
    for kind, some in _questions(texts).items():
        best = {(side, text): float("inf") for side in SIDES for text in some}
        for _ in range(turns):
            for text in some:
                for side in SIDES:
                    with _by(tiers[side]):
                        started = time.perf_counter()
                        search.search(text, scope=EVERYTHING)
                        best[side, text] = min(best[side, text], (time.perf_counter() - started) * 1_000)
        print(f"{kind:<26}" + "".join(_told(side, some, best, tiers[side]) for side in SIDES), flush=True)
    for side, (seconds, size) in made.items():
        print(f"{side:<8} made in {seconds:6.1f} s, {size / 1e6:7.1f} MB")
    return 0


def _told(side: str, texts: Sequence[str], best: dict[tuple[str, str], float], tiers: Callable[..., Any]) -> str:
    taken = [best[side, text] for text in texts]
    missed = meant = 0
    for text in texts if side != "like" else ():
        every = _read_all(text)
        if len(every) <= COUNTED:
            with _by(tiers):
                missed += len(every - set(_found(text)))
            meant += len(every)
    return (
        f"{statistics.median(taken):7.2f} ms {max(taken):8.2f} {f'{missed} of {meant}' if side != 'like' else '':>12}"
    )


@contextmanager
def _by(tiers: Callable[..., Any]) -> Iterator[None]:
    """Search with these kinds of hits for a while."""
    from zhiheng.projections import search

    before, search._tiers = search._tiers, tiers
    try:
        yield
    finally:
        search._tiers = before


def _tiers_of(*, indexed: bool) -> Callable[..., Any]:
    """The kinds of hits of our own search, with 'has it somewhere' asked of one text per enterprise."""
    from zhiheng.database import dialect
    from zhiheng.projections import search

    ours = search._tiers

    def tiers(question: Any, where: Any, cursor: tuple[int, int, str]) -> list[Any]:
        beyond = search._beyond(question.whole)
        parts = ["".join(search._letters(ways[0])) for ways in question.parts]
        by_fts5 = indexed and not dialect.is_postgresql() and any(len(part) > 2 for part in parts)
        table = "bench_trigram t JOIN bench_text w ON w.subject = t.rowid" if by_fts5 else "bench_text w"
        # What is added to a column takes its index away.
        columns = ["t.text" if by_fts5 and len(part) > 2 else "w.text" if indexed else "w.text || ''" for part in parts]
        key = "t.rowid" if by_fts5 else "w.subject"
        within = (
            f"SELECT 2 AS tier, '' AS place, c.subject FROM {table} JOIN projections_card c ON c.subject = {key} "
            f"WHERE {' AND '.join(f'{column} LIKE %s' for column in columns)} AND {key} > %s{where} AND NOT EXISTS "
            "(SELECT 1 FROM projections_searchentry b WHERE b.subject = c.subject AND b.text >= %s AND b.text < %s "
            f"LIMIT 1 OFFSET 0) ORDER BY {key}"
        )
        since = cursor[1] if cursor[0] == 2 else 0
        params = (*(f"%{part}%" for part in parts), since, *where.params, question.whole, beyond)
        return [each for each in ours(question, where, cursor) if each.number < 2] + [search._Tier(2, within, params)]

    return tiers


def _found(text: str) -> Iterator[int]:
    """Every enterprise that a search finds, page by page."""
    from zhiheng.projections.search import search

    after = ""
    while True:
        page = search(text, scope=EVERYTHING, after=after, limit=1_000)
        yield from (hit.card.subject for hit in page.rows)
        if not page.next:
            return
        after = page.next


def _read_all(text: str) -> set[int]:
    """The enterprises whose texts, letter by letter, have each part of what is asked for."""
    from django.db import connection

    from zhiheng.projections import tokens

    parts = [tokens.folded(part) for part in text.split()]
    with connection.cursor() as cursor:
        has = " AND ".join("(text || '') LIKE %s" for _ in parts)
        cursor.execute(f"SELECT subject FROM bench_text WHERE {has}", [f"%{part}%" for part in parts])
        return {subject for (subject,) in cursor.fetchall()}


# -- what is looked through --------------------------------------------------------------------------------------------


def _fill(enterprises: int) -> list[tuple[str, str, str]]:
    """Cards, and the texts by which they are found; returns (name, former name, code) of each."""
    from zhiheng.engines.cards import CardValues, Word
    from zhiheng.projections import store

    dice = random.Random(26)
    names = sampling_rows.enterprises(enterprises + enterprises // 5, dice)
    formers = names[enterprises:]
    texts = []
    for number, name in enumerate(names[:enterprises], start=1):
        body = "".join(_SIGNS[(number // 31**i) % 31] for i in range(6))
        former = formers[number // 5 - 1] if number % 5 == 0 else ""
        texts.append((name, former, f"91{990101 + number % 6}MA{body}0X"[:18]))
    for start in range(0, enterprises, PIECE):
        some = []
        for number, (name, former, code) in enumerate(texts[start : start + PIECE], start=start + 1):
            words = [Word("name", name, False), Word("code", code, True)]
            words += [Word("former", former, False)] if former else []
            card = CardValues(number, name=name, names=1 + bool(former), code=code, facts=3, last_on="2026-11-01")
            some.append((card, store.entries_of(number, words)))
        store.write_cards(some, range(start + 1, start + 1 + len(some)), 1)
    store.note_statistics()
    return texts


def _make_ours() -> tuple[float, int]:
    """Our own index made anew from the entries: seconds, bytes."""
    from django.db import connection, transaction

    from zhiheng.database import dialect
    from zhiheng.database.bulk_insert import insert_rows
    from zhiheng.projections import store

    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE projections_words"
            if dialect.is_postgresql()
            else "INSERT INTO projections_words (projections_words) VALUES ('delete-all')"
        )
    key = "subject" if dialect.is_postgresql() else "rowid"
    started = time.perf_counter()
    for some in _entries():
        with transaction.atomic():
            rows = [(subject, store._document(subject, entries)) for subject, entries in some.items()]
            insert_rows("projections_words", (key, "words"), rows)
    store.note_statistics()
    return time.perf_counter() - started, _size("projections_words")


def _make_trigrams() -> tuple[float, int]:
    """One text per enterprise, with its initials and its Pinyin, and an index of its trigrams: seconds, bytes."""
    from django.db import connection, transaction

    from zhiheng.database import dialect
    from zhiheng.database.bulk_insert import insert_rows
    from zhiheng.projections import tokens

    started = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_text (subject bigint PRIMARY KEY, text text NOT NULL)")
        cursor.execute(
            "CREATE INDEX bench_trigram ON bench_text USING gin (text gin_trgm_ops)"
            if dialect.is_postgresql()
            else "CREATE VIRTUAL TABLE bench_trigram USING fts5("
            "text, content='bench_text', content_rowid='subject', tokenize='trigram')"
        )
    for some in _entries():
        rows = []
        for subject, entries in some.items():
            said = [tokens._syllables(text) for _, kind, text, _, _ in entries if kind != "code"]
            lines = [text for _, _, text, _, _ in entries]
            lines += ["".join(syllable[0] for syllable in name) for name in said] + ["".join(name) for name in said]
            rows.append((subject, "\n".join(lines)))
        with transaction.atomic():
            insert_rows("bench_text", ("subject", "text"), rows)
            if not dialect.is_postgresql():
                insert_rows("bench_trigram", ("rowid", "text"), rows)
    with connection.cursor() as cursor:
        if dialect.is_postgresql():
            cursor.execute("SELECT gin_clean_pending_list('bench_trigram')")
        cursor.execute("ANALYZE bench_text")
    # The texts are needed to look into what the index finds: on both databases they are a part of it.
    return time.perf_counter() - started, _size("bench_text") + (
        0 if dialect.is_postgresql() else _size("bench_trigram")
    )


def _entries() -> Iterator[dict[int, list[Any]]]:
    from zhiheng.projections import store
    from zhiheng.projections.models import Card

    last = Card.objects.order_by("-subject").values_list("subject", flat=True)[0]
    for start in range(1, last + 1, PIECE):
        yield store._entries(range(start, min(start + PIECE, last + 1)))


def _size(table: str) -> int:
    """Bytes of a table with its indexes."""
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_total_relation_size(%s)", [table])
        else:
            cursor.execute(
                "SELECT SUM(pgsize) FROM dbstat WHERE name = %s OR substr(name, 1, %s) = %s",
                [table, len(table) + 1, f"{table}_"],
            )
        (found,) = cursor.fetchone()
    return int(found or 0)


# -- what is asked -----------------------------------------------------------------------------------------------------


def _questions(texts: Sequence[tuple[str, str, str]]) -> dict[str, list[str]]:
    """Kinds of questions, each with some texts that somebody would type."""
    from zhiheng.projections import tokens

    dice = random.Random(9)
    some = [texts[dice.randrange(len(texts))] for _ in range(TEXTS)]
    renamed = [former for _, former, _ in texts if former]

    def initials(name: str) -> str:
        return "".join(syllable[0] for syllable in tokens._syllables(tokens.folded(name)))

    return {
        "1 character, in a name": [name[4] for name, _, _ in some],
        "2 characters, a trade": ["食品", "商贸", "机械", "建材", "餐饮", "包装"],
        "2 characters, few have": [name[3:5] for name, _, _ in some],
        "2 characters, nobody has": ["龘靐", "氹鱻", "爨彝"],
        "3 characters": [name[3:6] for name, _, _ in some],
        "4 characters": [name[2:6] for name, _, _ in some],
        "a whole name": [name for name, _, _ in some],
        "a former name, a part": [dice.choice(renamed)[2:7] for _ in range(TEXTS)],
        "two words": [f"{name[:2]} {name[3:5]}" for name, _, _ in some],
        "3 initials": [initials(name)[2:5] for name, _, _ in some],
        "6 initials": [initials(name)[:6] for name, _, _ in some],
        "Pinyin of 3 characters": ["".join(tokens._syllables(name[3:6])) for name, _, _ in some],
        "a code": [code for _, _, code in some],
        "a code, its end masked": [f"{code[:13]}*****" for _, _, code in some],
        "a code, from its middle": [code[9:15] for _, _, code in some],
        "4 characters, nobody has": ["龘靐氹鱻", "爨彝懿麤"],
    }


if __name__ == "__main__":
    sys.exit(main())
