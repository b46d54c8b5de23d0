"""Merkle trees over content hashes, as RFC 6962 (section 2.1) builds them, and the chain that links one delivery to the
next.

An outsider who holds the leaves, or one leaf and its audit path, can verify a root without trusting the operator of the
ledger.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

LEAF = b"\x00"
NODE = b"\x01"
# Subtrees of two to this power leaves are worked out level by level, which is quicker than leaf by leaf.
_HEIGHT = 12
EMPTY_ROOT = sha256(b"").digest()
GENESIS = bytes(32)


def leaf_hash(content: bytes) -> bytes:
    """The hash of one leaf (32 bytes): SHA-256 over 0x00 and the content."""
    return sha256(LEAF + content).digest()


def _above(level: Sequence[bytes]) -> list[bytes]:
    """The level above: neighbours are joined, an odd last node moves up as it is (which gives RFC 6962's tree)."""
    evens, odds = level[0::2], level[1::2]
    up = [sha256(b"\x01" + left + right).digest() for left, right in zip(evens, odds, strict=False)]
    if len(evens) > len(odds):
        up.append(evens[-1])
    return up


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes, in their order; the root of no leaves is the hash of nothing."""
    if not leaves:
        return EMPTY_ROOT
    level: Sequence[bytes] = leaves
    while len(level) > 1:
        level = _above(level)
    return level[0]


class RootBuilder:
    """The same root, fed piece by piece: of what is finished only the tops of whole subtrees are kept."""

    def __init__(self) -> None:
        self._peaks: list[tuple[int, bytes]] = []
        self._waiting: list[bytes] = []
        self.count = 0

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Add leaf hashes at the end."""
        waiting = self._waiting
        before = len(waiting)
        waiting.extend(leaves)
        self.count += len(waiting) - before
        whole = len(waiting) >> _HEIGHT << _HEIGHT
        for start in range(0, whole, 1 << _HEIGHT):
            self._push(root_of(waiting[start : start + (1 << _HEIGHT)]))
        del waiting[:whole]

    def _push(self, node: bytes) -> None:
        """Add the top of a whole subtree; two of one height make one that is higher."""
        peaks, height = self._peaks, 0
        while peaks and peaks[-1][0] == height:
            node = sha256(NODE + peaks.pop()[1] + node).digest()
            height += 1
        peaks.append((height, node))

    def root(self) -> bytes:
        """The root over everything added so far."""
        tops = [node for _, node in self._peaks] + ([root_of(self._waiting)] if self._waiting else [])
        if not tops:
            return EMPTY_ROOT
        node = tops[-1]
        for left in reversed(tops[:-1]):
            node = sha256(NODE + left + node).digest()
        return node


def audit_path(leaves: Sequence[bytes], index: int) -> list[tuple[str, bytes]]:
    """The hashes that lead from one leaf to the root, each with the side it stands on ('left' or 'right').

    Raises IndexError where there is no such leaf.
    """
    if not 0 <= index < len(leaves):
        raise IndexError(f"leaf {index} of {len(leaves)}")
    path: list[tuple[str, bytes]] = []
    level: Sequence[bytes] = leaves
    while len(level) > 1:
        beside = index ^ 1
        if beside < len(level):
            path.append(("left" if beside < index else "right", level[beside]))
        level = _above(level)
        index //= 2
    return path


def root_from_path(leaf: bytes, path: Iterable[tuple[str, bytes]]) -> bytes:
    """The root that a leaf and its audit path lead to."""
    node = leaf
    for side, beside in path:
        node = sha256(NODE + beside + node).digest() if side == "left" else sha256(NODE + node + beside).digest()
    return node


def chained(previous: bytes, header: bytes) -> bytes:
    """The link of the chain: SHA-256 over the previous link and the canonical header of a delivery (with its root)."""
    return sha256(previous + header).digest()
