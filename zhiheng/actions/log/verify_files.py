"""Do the files of the public log that outsiders fetch say what the log says? Heads, tiles and bundles are compared.

They can be thrown away and made again, so a difference is no fault of the log; but who fetches a changed tile takes the
platform for a forger.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from zhiheng.engines.transparency import notes
from zhiheng.engines.transparency.tiles import Tile, tile_at
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger import log, log_key
from zhiheng.ledger.models import LogCheckpoint
from zhiheng.ledger.verify import VerifyFinding
from zhiheng.published import log_files

# Without ``deep`` so many tiles and bundles are compared: the last ones, which are fetched most.
_SOME: Final = 20


def differing_files(*, deep: bool) -> Iterator[VerifyFinding]:
    """Files of the public log that differ from it: its head, the list of heads, and tiles (``deep``: all of them)."""
    text = log_files.note()
    if not text:
        return
    head = _head(text)
    if head is None:
        yield _finding(log_files.CHECKPOINT)
    if not _heads_are_right():
        yield _finding(log_files.HEADS)
    size = log.size()
    for address in list(log_files.tiles())[None if deep else -_SOME :]:
        if not _is_right(address, size):
            yield _finding(address)


def _heads_are_right() -> bool:
    """Whether the list of heads names those that were signed, and the keys of this installation."""
    signed = dict(LogCheckpoint.objects.values_list("size", "root"))
    try:
        told = log_files.told()
        keys, heads = list(told["keys"]), {each["size"]: each["root"] for each in told["heads"]}
    except (ValueError, KeyError, TypeError):
        return False
    return keys == [str(key) for key in log_key.known_keys()] and heads.items() <= signed.items()


def _head(text: str) -> LogCheckpoint | None:
    """The signed head that the file is, with no line of a witness that is not kept; None where it is none."""
    try:
        note = notes.read_note(text.encode())
    except Refused:
        return None
    for head in LogCheckpoint.objects.order_by("-size")[:100]:
        try:
            kept = log.note_of(head)
        except Refused:
            # The head itself was changed, which verifying the log tells.
            continue
        if note.text == kept.text and {one.line for one in note.signatures} <= {one.line for one in kept.signatures}:
            return head
    return None


def _is_right(address: str, size: int) -> bool:
    """Whether a tile or bundle is what the entries give."""
    try:
        tile = tile_at(address)
    except Refused:
        return False
    return tile.is_of(size) and log_files.read(tile) == _made(tile)


def _made(tile: Tile) -> bytes:
    return log.bundle_of(tile) if tile.level is None else log.tile_of(tile)


def _finding(name: str) -> VerifyFinding:
    return VerifyFinding(
        "log.file",
        0,
        None,
        f"公开日志给外人取用的文件 {name} 与日志不符，被改动过；日志本身不受影响，请删除数据目录里的 public-log，"
        "再运行 zhiheng ledger log。",
        f"The file {name} of the public log, which outsiders fetch, is not what the log says: it was changed. The log "
        "is sound; remove the folder public-log and run zhiheng ledger log.",
    )
