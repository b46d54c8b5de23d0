"""Writes the read models: in bulk, on both databases, in transactions short enough not to block other writers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import orjson
from django.conf import settings
from django.db import connection, models, transaction

from zhiheng.database import dialect, locks, statistics
from zhiheng.database.bulk_insert import insert_rows
from zhiheng.database.locks import Lock
from zhiheng.engines.cards import CardPlan, CardValues, SubjectTally, Word
from zhiheng.engines.plain_words import HIDDEN, plain_words
from zhiheng.grammar.types import QUALITIES
from zhiheng.kernel import area_code
from zhiheng.kernel.data_folder import inside
from zhiheng.projections import tokens
from zhiheng.projections.models import Card, SearchEntry

COLUMNS = tuple(field.column for field in Card._meta.local_fields if field.column is not None)
# The same by the name of the attribute.
_ATTRIBUTES = {field.column: field.attname for field in Card._meta.local_fields if field.column is not None}
_WORD_COLUMNS = ("subject", "kind", "text", "shown", "starts")
# Columns of a card that hold words as somebody delivered them.
_WORDS = ("name", "address", "legal_representative", "expiry_what", "expired_what")
# Names come first in a document; then texts that are found by any part.
_NAMES = ("name", "former")

Entry = tuple[int, str, str, str, bool]


@contextmanager
def alone() -> Iterator[None]:
    """One refresh at a time; a second waits for the first."""
    with locks.alone(Lock.PROJECTIONS, inside(settings.DATA, ".refreshing")):
        yield


def write_columns(rows: Sequence[models.Model], names: Sequence[str]) -> None:
    """Write some fields of rows of one table, each by its number: one short statement that the database reads once."""
    if not rows:
        return
    by_name = {field.name: field for field in rows[0]._meta.concrete_fields}
    fields = [by_name[name] for name in names]
    sql = f"UPDATE {rows[0]._meta.db_table} SET {', '.join(f'{field.column} = %s' for field in fields)} WHERE id = %s"
    values = [
        [*(field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields), row.pk] for row in rows
    ]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(sql, values)


def row_of(card: CardValues, watermark: int) -> tuple[Any, ...]:
    """A card in the order of the table's columns."""
    values: dict[str, Any] = {
        name: getattr(card, name)
        for name in (
            "subject",
            "name",
            "names",
            "code",
            "kind",
            "area",
            "industry",
            "status",
            "in_business",
            "address",
            "legal_representative",
            "established_on",
            "facts",
            "fails",
            "next_expiry",
            "expiry_record",
            "expiry_what",
            "expired",
            "expired_on",
            "expired_record",
            "expired_what",
            "last_on",
            "changes_on",
        )
    }
    for name in _WORDS:
        values[name] = plain_words(values[name], "text")
    for name, most in (("code", 64), ("kind", 60), ("area", area_code.LONGEST), ("industry", 12), ("status", 60)):
        values[name] = values[name][:most]
    values |= {f"{quality}_open": card.open.get(quality, 0) for quality in QUALITIES}
    values |= {
        "units": _json(card.units),
        "standing": _json({q: told for q, told in card.standing.items() if told["facts"]}),
        "lists": _json(card.lists),
        "listed": bool(card.lists),
        "open_problems": sum(card.open.values()),
        "watermark": watermark,
    }
    return tuple(values[name] for name in COLUMNS)


def edition_of(plan: CardPlan) -> str:
    """By which rules cards are made and texts are cut."""
    return f"{tokens.VERSION}.{plan.edition}"[:64]


def rows_of(subjects: Sequence[int]) -> dict[int, dict[str, Any]]:
    """The cards that are kept of subjects, column by column, in the words of ``row_of``."""
    found: dict[int, dict[str, Any]] = {}
    for card in Card.objects.filter(subject__in=list(subjects)):
        values = {column: getattr(card, attribute) for column, attribute in _ATTRIBUTES.items()}
        found[card.subject] = {
            name: value.isoformat() if isinstance(value, dt.date) else value for name, value in values.items()
        }
    return found


def entries_kept(subjects: Sequence[int]) -> dict[int, list[Entry]]:
    """The texts by which subjects are found, as they are kept; in the order of ``entries_of``."""
    return {subject: sorted(some) for subject, some in _entries(subjects).items()}


def _json(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def entries_of(subject: int, words: Iterable[Word]) -> list[Entry]:
    """The rows of ``SearchEntry`` of a subject, each folded text once per kind, in the order in which they are kept."""
    found: dict[tuple[str, str], Entry] = {}
    for word in words:
        # Nobody is found by a telephone that somebody wrote into the name of a product, and none is shown beside a hit.
        shown = plain_words(word.shown, "text")
        text = tokens.folded(shown if shown == word.shown else shown.replace(HIDDEN.zh, " "))
        if text:
            found.setdefault((word.kind, text), (subject, word.kind, text, shown, word.starts))
    return [found[key] for key in sorted(found)]


def document_of(entries: Iterable[Entry]) -> list[str]:
    """The words of the full-text index that a subject's entries make."""
    names, others = [], []
    for _, kind, text, _, starts in entries:
        if kind in _NAMES:
            names.append(text)
        elif not starts:
            others.append(text)
    return tokens.document(names, others)


def _document(subject: int, entries: Iterable[Entry]) -> str:
    words = document_of(entries)
    return tokens.as_tsvector(words, subject) if dialect.is_postgresql() else tokens.as_fts5_document(words)


def tallies(subjects: Sequence[int]) -> dict[int, SubjectTally]:
    """What is kept counted of subjects; of many nothing is."""
    source = dialect.from_keys("projections_cardtally t", "t.subject")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT t.subject, t.told FROM {source}", [dialect.keys_parameter(subjects)])
        return {subject: SubjectTally.of(told) for subject, told in cursor.fetchall()}


def write_cards(
    made: Sequence[tuple[CardValues, list[Entry]]],
    subjects: Sequence[int],
    watermark: int,
    counted: Mapping[int, SubjectTally] | None = None,
) -> None:
    """Replace the cards (and ``counted`` tallies) of subjects; a subject without a card has none afterwards.

    One transaction. Search tokens that did not change are left as they are. Texts are cut before the transaction
    begins; no other process writes these tables (``alone``).
    """
    wanted = {card.subject: entries for card, entries in made}
    kept = _entries(subjects)
    changed = [s for s in subjects if kept.get(s, []) != wanted.get(s, [])]
    old = {s: _document(s, kept[s]) for s in changed if s in kept}
    new = {s: _document(s, wanted[s]) for s in sorted(changed) if s in wanted}
    rows = [row_of(card, watermark) for card, _ in made]
    kept_counts = [(subject, tally.as_json()) for subject, tally in (counted or {}).items()]
    # Of many texts few are new.
    gone = [entry for s in changed for entry in set(kept.get(s, ())).difference(wanted.get(s, ()))]
    come = [entry for s in changed for entry in sorted(set(wanted.get(s, ())).difference(kept.get(s, ())))]
    with transaction.atomic():
        _unword(old, gone)
        _word(new, come)
        _delete("projections_card", subjects)
        insert_rows("projections_card", COLUMNS, rows)
        _delete("projections_cardtally", subjects)
        insert_rows("projections_cardtally", ("subject", "told"), kept_counts)


def _entries(subjects: Sequence[int]) -> dict[int, list[Entry]]:
    found: dict[int, list[Entry]] = {}
    head = f"SELECT e.{', e.'.join(_WORD_COLUMNS)} FROM "
    source = dialect.from_keys("projections_searchentry e", "e.subject")
    # Byte by byte, as Python sorts: PostgreSQL would follow a language.
    kind_in_order = 'e.kind COLLATE "C"' if dialect.is_postgresql() else "e.kind"
    with connection.cursor() as cursor:
        cursor.execute(
            f"{head}{source} ORDER BY e.subject, {kind_in_order}, e.text", [dialect.keys_parameter(subjects)]
        )
        for subject, kind, text, shown, starts in cursor.fetchall():
            found.setdefault(subject, []).append((subject, kind, text, shown, bool(starts)))
    return found


def _unword(documents: Mapping[int, str], entries: Sequence[Entry]) -> None:
    if not documents:
        return
    if dialect.is_postgresql():
        _delete("projections_words", list(documents))
    else:
        # The index keeps no texts: it is told once more what it had taken in.
        forget = "INSERT INTO projections_words (projections_words, rowid, words) VALUES ('delete', ?, ?)"
        with dialect.driver() as driver:
            driver.executemany(forget, documents.items())
    with connection.cursor() as cursor:
        cursor.executemany(
            "DELETE FROM projections_searchentry WHERE subject = %s AND kind = %s AND text = %s",
            [entry[:3] for entry in entries],
        )


def _word(documents: Mapping[int, str], entries: Sequence[Entry]) -> None:
    if documents:
        key = "subject" if dialect.is_postgresql() else "rowid"
        insert_rows("projections_words", (key, "words"), documents.items())
        insert_rows("projections_searchentry", _WORD_COLUMNS, entries)


def _delete(table: str, subjects: Sequence[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE {dialect.among('subject')}", [dialect.keys_parameter(subjects)])


def forget_beyond(last: int) -> None:
    """Remove what is kept of subjects with higher numbers than any that exist."""
    subjects = list(Card.objects.filter(subject__gt=last).order_by("subject").values_list("subject", flat=True)[:1000])
    while subjects:
        write_cards([], subjects, 0)
        subjects = list(
            Card.objects.filter(subject__gt=last).order_by("subject").values_list("subject", flat=True)[:1000]
        )


def forget_words() -> None:
    """Empty the full-text index and what is searched for: the rules by which texts are cut have changed."""
    with connection.cursor() as cursor:
        if dialect.is_postgresql():
            cursor.execute("TRUNCATE projections_words, projections_searchentry")
            return
        with transaction.atomic():
            cursor.execute("INSERT INTO projections_words (projections_words) VALUES ('delete-all')")
        last = SearchEntry.objects.order_by("-subject").values_list("subject", flat=True).first() or 0
        for start in range(0, last + 1, 5_000):
            with transaction.atomic():
                SearchEntry.objects.filter(subject__range=(start, start + 4_999)).delete()


def note_statistics() -> None:
    """Let the database look at what it holds now, so that it chooses the right index."""
    tables = ["projections_card", "projections_searchentry"]
    # SQLite's index of words is a table of its own kind, and needs no statistics.
    statistics.analyze([*tables, "projections_words"] if dialect.is_postgresql() else tables, on_sqlite=True)
    statistics.put_in_pending("projections_words_index")
