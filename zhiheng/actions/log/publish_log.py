"""Write the files of the public log that are not there yet: tiles and bundles of the last head, then the head itself.

The head comes last: who fetches it finds all that it speaks of.
"""

from __future__ import annotations

from typing import Any, Final

from zhiheng.engines.transparency.tiles import WIDTH, Tile, tiles_of
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.witnesses import WITNESSES
from zhiheng.kernel.facts import canonical
from zhiheng.kernel.merkle import root_of
from zhiheng.ledger import log, log_key
from zhiheng.ledger.models import LogCheckpoint
from zhiheng.people import access
from zhiheng.published import log_files

# So many heads are listed; earlier ones follow from the tiles.
_HEADS: Final = 100


def publish_log(*, call: Call) -> int:
    """Write what is missing; returns how many tiles and bundles were written."""
    access.require(call, "ledger.verify")
    with log.alone():
        head = log.last_checkpoint()
        if head is None:
            return 0
        written = sum(_write(tile) for edge in tiles_of(head.size) for tile in _up_to(edge))
        log_files.write(log_files.HEADS, canonical(_told(call)).encode())
        log_files.write(log_files.CHECKPOINT, str(log.note_of(head)).encode())
    return written


def _up_to(edge: Tile) -> list[Tile]:
    """The tile at the edge, and full ones left of it that are missing; of the entries too."""
    levels: tuple[int | None, ...] = (edge.level, None) if edge.level == 0 else (edge.level,)
    found = []
    for level in levels:
        place = edge.place - 1
        found.append(Tile(level, edge.place, edge.width))
        while place >= 0 and not log_files.has(Tile(level, place)):
            found.append(Tile(level, place))
            place -= 1
    return found[::-1]


def _write(tile: Tile) -> bool:
    if log_files.has(tile):
        return False
    if tile.level is None:
        content = log.bundle_of(tile)
    elif tile.level == 0:
        content = log.tile_of(tile)
    else:
        below = [log_files.read(Tile(tile.level - 1, tile.place * WIDTH + n)) for n in range(tile.width)]
        content = b"".join(root_of([full[i : i + 32] for i in range(0, len(full), 32)]) for full in below)
    log_files.write(tile.address, content)
    return True


def _told(call: Call) -> dict[str, Any]:
    page = call.book[WITNESSES]
    names = {one.key: {"zh": one.name.zh, "en": one.name.en} for one in page.witnesses}

    def signed(head: LogCheckpoint) -> list[dict[str, Any]]:
        lines = sorted(head.cosignatures.all(), key=lambda line: line.pk)
        called = {
            line.pk: names.get(line.witness) or dict.fromkeys(("zh", "en"), line.witness.split("+")[0])
            for line in lines
        }
        return [{"name": called[line.pk], "key": line.witness, "at": line.at.isoformat()} for line in lines]

    heads = LogCheckpoint.objects.order_by("-size").prefetch_related("cosignatures")[:_HEADS]
    return {
        "keys": [str(key) for key in log_key.known_keys()],
        "quorum": page.quorum,
        "witnesses": [{"name": name, "key": key} for key, name in names.items()],
        "heads": [
            {"size": head.size, "root": head.root, "signed_at": head.signed_at.isoformat(), "witnesses": signed(head)}
            for head in heads
        ],
    }
