"""Does receiving write the same ledger as another version of this project did? Every file of a written demo, digest by
digest.

    python -m bench.same_ledger --folder var/demo [--against CHECKOUT] [--book BOOK] [--only WORD] [--postgresql]

``CHECKOUT`` is a working tree of that other version (``git worktree add``); both read one book, this version's unless
another is named. Compared are facts (with bodies, rows as delivered, leaves, keys, flags), links, spellings and how
they are grouped into subjects, refused rows, and the headers of deliveries with their roots. Numbers of spellings are
not: the order in which new ones are met depends on where chunks end.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Any

from zhiheng.grammar.call import Call

HERE = Path(__file__).resolve().parents[1]
NOW = dt.datetime(2026, 11, 30, 12, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))
_NUMBERS = ("first_alias", "alias_root", "id", "link")


def receive_all(folder: Path, only: str) -> dict[str, Any]:
    """Receive every file below the folder (place/unit/file) into an empty ledger; digests of what was written."""
    from zhiheng.cli.session import open_book, set_up

    set_up()
    from zhiheng.actions.intake.receive_delivery import receive
    from zhiheng.kernel.actor import SYSTEM

    book = open_book()
    begun = time.process_time()
    rows = 0
    for path in sorted(p for p in folder.glob("*/*/*") if p.is_file() and only in str(p)):
        for result in receive(path, call=Call(SYSTEM, book, NOW), unit=path.parent.name, confirmed=True):
            rows += result.rows
    used = os.times()
    return {
        "rows": rows,
        "us a row": (time.process_time() - begun + used[2] + used[3]) / max(rows, 1) * 1e6,
    } | digests()


def digests() -> dict[str, str]:
    """A digest of each kind of what the ledger holds."""
    from django.db import connection

    def table(name: str, leave: Iterable[str] = ()) -> Iterable[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM ledger_{name}")
            columns = [column[0] for column in cursor.description]
            keep = sorted((column, at) for at, column in enumerate(columns) if column not in leave)
            while some := cursor.fetchmany(10_000):
                for row in some:
                    yield tuple(bytes(row[at]) if isinstance(row[at], memoryview) else row[at] for _, at in keep)

    with connection.cursor() as cursor:
        cursor.execute("SELECT id, key, subject_id FROM ledger_alias")
        aliases = cursor.fetchall()
        key_of = {alias: key for alias, key, _ in aliases}
        face: dict[int, int] = {}
        for _, key, subject in aliases:
            face[subject] = min(key, face.get(subject, key))
        cursor.execute("SELECT alias_id, fact_id, role FROM ledger_factparty")
        links = sorted((key_of[alias], fact, role) for alias, fact, role in cursor.fetchall())
        cursor.execute("SELECT key, alias_id FROM ledger_aliaskey")
        keys = sorted((key, key_of[alias]) for key, alias in cursor.fetchall())
        cursor.execute("SELECT alias_id, other_id, score, reasons FROM ledger_likelymatch")
        likely = sorted((*sorted((key_of[a], key_of[b])), score, why) for a, b, score, why in cursor.fetchall())
    return {
        "facts": _digest(table("fact")),
        "links": _digest(links),
        "spellings": _digest(sorted(table("alias", ("id", "subject_id")))),
        "subjects": _digest(sorted((key, face[subject]) for _, key, subject in aliases)),
        "keys": _digest(keys),
        "likely": _digest(likely),
        "refused": _digest(table("refusedrow")),
        "deliveries": _digest(table("delivery", _NUMBERS)),
    }


def _digest(rows: Iterable[Any]) -> str:
    state = sha256()
    for row in rows:
        state.update(repr(row).encode())
    return state.hexdigest()[:16]


def main() -> int:
    """Receive once, or with both versions, and say which digests differ."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--against", type=Path)
    parser.add_argument("--book", type=Path, default=HERE / "book", help="a book that both versions can read")
    parser.add_argument("--only", default="", help="only files with this in their path")
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    words = parser.parse_args()
    if words.here:
        print(json.dumps(receive_all(words.folder, words.only)))
        return 0
    found = {}
    for side in filter(None, (HERE, words.against)):
        with tempfile.TemporaryDirectory(prefix="zhiheng-bench-") as home:
            command = [
                sys.executable,
                str(Path(__file__).resolve()),
                "--here",
                "--folder",
                str(words.folder),
                "--only",
                words.only,
            ]
            if words.postgresql:
                command = [sys.executable, "-m", "tests.postgres", *command]
            book = {"ZHIHENG_BOOK": str(words.book.resolve()), "ZHIHENG_DATA": home, "PYTHONPATH": str(side.resolve())}
            done = subprocess.run(command, cwd=HERE, env=os.environ | book, stdout=subprocess.PIPE, check=True)
        found[side] = json.loads(done.stdout.splitlines()[-1])
        print(side.name, found[side])
    ours, *others = found.values()
    wrong = [name for other in others for name in ours if name != "us a row" and ours[name] != other[name]]
    if others:
        print(
            f"the same in {len(ours) - 1 - len(wrong)} of {len(ours) - 1}"
            + (f", differs: {', '.join(wrong)}" if wrong else "")
        )
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
