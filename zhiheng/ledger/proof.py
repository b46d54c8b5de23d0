"""A bundle that proves facts to an outsider: the facts, their audit paths, what the public log says of their
deliveries, and the script that checks them.

A bundle of some facts (format 2) tells nothing of a delivery but its number, its day and its root: file names, headings
and notes are in the header, which the chain hashes whole, and the chain has those of every unit. Only the bundle of the
whole ledger has the chain, as every bundle of format 1 had.
"""

from __future__ import annotations

import zipfile
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files as package_files
from pathlib import Path
from typing import Any

from zhiheng.database.rows import stream
from zhiheng.kernel.facts import canonical
from zhiheng.kernel.merkle import NODE
from zhiheng.ledger.chain import HEADER, header
from zhiheng.ledger.models import Delivery
from zhiheng.ledger.verify import contents

README = """质衡证明包 Zhiheng proof bundle

核验（只需 Python 3）：python3 verify_bundle.py 本文件.zip
Verify (Python 3 only): python3 verify_bundle.py THIS.zip

facts.jsonl  事实的内容及其到默克尔根的路径 / facts with their audit paths (none where a delivery is given whole)
log.jsonl    公开日志里的条目：原行、随机数、路径 / entries of the public log with their rows
chain.jsonl  每次报送的登记与链接，只在整个台账的证明包里 / header and link of every delivery, of a whole ledger only
checkpoint   日志的检查点，平台和见证方签名 / the signed head of the log
papers/      案件文书的内容，文件名就是它的摘要 / what documents of cases say, named by their digests
key.txt      平台的公钥，请另从别处核对 / the platform's public key: check it elsewhere

核验签名和见证：python3 verify_bundle.py 本文件.zip --key 平台公钥 --witness 见证方公钥
"""


@dataclass(frozen=True)
class LogPart:
    """What a bundle has of the public log: the last head as signed, the public key, and entries with their rows."""

    note: str
    key: str
    entries: Iterable[dict[str, object]]


def export_facts(path: Path, fact_ids: Collection[int], of_log: LogPart) -> int:
    """Write a bundle of some facts with their audit paths; returns how many it has. ``of_log`` has the roots of their
    deliveries (entries ``facts``).

    Facts may hold personal data: the caller checks that the exporter may see them.
    """
    with _whole(path) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as bundle:
        found = Delivery.objects.filter(fact_count__gt=0).order_by("id")
        return _write(bundle, found.values("id", "first_fact", "fact_count"), set(fact_ids), of_log)


def export_ledger(path: Path, of_log: LogPart | None) -> int:
    """Write a bundle of every fact with the chain, so that nothing can be left out; returns how many facts it has.

    It has what every unit handed in: the caller checks that the exporter may see all of it.
    """
    with _whole(path) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as bundle:
        rows = list(Delivery.objects.order_by("id").values(*HEADER, "link"))
        with bundle.open("chain.jsonl", "w", force_zip64=True) as file:
            for row in rows:
                file.write(canonical({"header": header(row), "link": row["link"]}).encode() + b"\n")
        return _write(bundle, rows, None, of_log)


def export_entries(path: Path, of_log: LogPart, *, papers: Mapping[str, bytes]) -> None:
    """Write a bundle of entries of the log alone, without the chain and without facts; ``papers`` are texts by their
    digest, which entries name.
    """
    with _whole(path) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as bundle:
        _write_script(bundle)
        bundle.writestr("facts.jsonl", "")
        _write_log(bundle, of_log)
        for digest, text in papers.items():
            bundle.writestr(f"papers/{digest}.json", text)


@contextmanager
def _whole(path: Path) -> Iterator[Path]:
    """A file beside that takes the place of this one once it is written."""
    temporary = path.with_name(path.name + ".part")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _write_script(bundle: zipfile.ZipFile) -> None:
    bundle.writestr("README.txt", README)
    script = package_files("zhiheng.ledger") / "stand_alone" / "verify_bundle.py"
    bundle.writestr("verify_bundle.py", script.read_text("utf-8"))


def _write_log(bundle: zipfile.ZipFile, of_log: LogPart) -> None:
    bundle.writestr("checkpoint", of_log.note)
    bundle.writestr("key.txt", of_log.key + "\n")
    with bundle.open("log.jsonl", "w", force_zip64=True) as file:
        for entry in of_log.entries:
            file.write(canonical(entry).encode() + b"\n")


def _write(
    bundle: zipfile.ZipFile, rows: Iterable[Mapping[str, Any]], fact_ids: set[int] | None, of_log: LogPart | None
) -> int:
    written = 0
    _write_script(bundle)
    with bundle.open("facts.jsonl", "w", force_zip64=True) as file:
        for line in _lines(rows, fact_ids):
            file.write(line)
            written += 1
    if of_log is not None:
        _write_log(bundle, of_log)
    return written


def _lines(rows: Iterable[Mapping[str, Any]], wanted: set[int] | None) -> Iterator[bytes]:
    ids = None if wanted is None else sorted(wanted)
    for row in rows:
        first, count, delivery = row["first_fact"], row["fact_count"], row["id"]
        if not count:
            continue
        inside = None if ids is None else ids[bisect_left(ids, first) : bisect_left(ids, first + count)]
        if inside == []:
            continue
        levels: list[list[bytes]] = []
        if inside is not None:
            sql = "SELECT leaf FROM ledger_fact WHERE id BETWEEN %s AND %s ORDER BY id"
            levels = _levels([bytes(leaf) for batch in stream(sql, [first, first + count - 1]) for (leaf,) in batch])
        spans = [(first, first + count - 1)] if inside is None else [(n, n) for n in inside]
        for low, high in spans:
            for batch in contents(low, high):
                for number, _, _, _, said, delivered in batch:
                    entry: dict[str, object] = {
                        "id": number,
                        "delivery": delivery,
                        "index": number - first,
                        "content": f"{said}\n{delivered}",
                    }
                    if inside is not None:
                        entry["path"] = [step.hex() for step in _path(levels, number - first)]
                    yield canonical(entry).encode() + b"\n"


def _levels(leaves: list[bytes]) -> list[list[bytes]]:
    """The tree over the leaves from the bottom up (RFC 6962: an odd last node moves up as it is).

    A subject may have thousands of facts in one delivery: the tree is built once for all their paths.
    """
    levels = [leaves]
    while len(level := levels[-1]) > 1:
        above = [sha256(NODE + level[i] + level[i + 1]).digest() for i in range(0, len(level) - 1, 2)]
        levels.append(above + level[len(level) - len(level) % 2 :])
    return levels


def _path(levels: list[list[bytes]], index: int) -> Iterator[bytes]:
    for level in levels[:-1]:
        beside = index ^ 1
        if beside < len(level):
            yield level[beside]
        index //= 2
