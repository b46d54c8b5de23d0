"""Proofs over a Merkle tree as RFC 6962 builds it: that an entry is in the tree, that one tree continues another.

Where hashes come from is the caller's: ``Read`` gives the hash of a complete subtree, by its level (it covers 2 to the
power of the level entries) and its place from the left. Hashes are 32 bytes; proofs run from the leaf up to the root.
Sources: RFC 6962, sections 2.1.1 and 2.1.2; how they are verified: RFC 9162, sections 2.1.3.2 and 2.1.4.2.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256

from zhiheng.engines.transparency import refusals
from zhiheng.kernel.merkle import EMPTY_ROOT, NODE
from zhiheng.kernel.reasons import Refused

Read = Callable[[int, int], bytes]


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node: SHA-256 over 0x01 and its two children."""
    return sha256(NODE + left + right).digest()


def reader_of(leaves: Sequence[bytes]) -> Read:
    """A reader over leaf hashes that are at hand."""

    def read(level: int, place: int) -> bytes:
        nodes = list(leaves[place << level : (place + 1) << level])
        if len(nodes) != 1 << level:
            raise IndexError(f"no complete subtree {level}/{place} in {len(leaves)} leaves")
        while len(nodes) > 1:
            nodes = [node_hash(*pair) for pair in zip(nodes[0::2], nodes[1::2], strict=True)]
        return nodes[0]

    return read


def root(read: Read, size: int) -> bytes:
    """The root of the tree over the first ``size`` entries."""
    return _over(read, 0, size) if size else EMPTY_ROOT


def inclusion_proof(read: Read, index: int, size: int) -> list[bytes]:
    """The hashes that lead from entry ``index`` to the root over the first ``size``; IndexError for none such."""
    if not 0 <= index < size:
        raise IndexError(f"entry {index} of {size}")
    low, high, proof = 0, size, list[bytes]()
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            proof.append(_over(read, middle, high))
            high = middle
        else:
            proof.append(_over(read, low, middle))
            low = middle
    return proof[::-1]


def consistency_proof(read: Read, old: int, new: int) -> list[bytes]:
    """The hashes that show that the tree over ``new`` entries continues that over the first ``old``; none where one of
    both has none or they are the same. Raises IndexError where the older is the longer.
    """
    if not 0 <= old <= new:
        raise IndexError(f"{old} entries before {new}")
    if old in (0, new):
        return []
    low, high, proof, whole = 0, new, list[bytes](), True
    while old != high:
        middle = low + _split(high - low)
        if old <= middle:
            proof.append(_over(read, middle, high))
            high = middle
        else:
            proof.append(_over(read, low, middle))
            low, whole = middle, False
    if not whole:
        proof.append(_over(read, low, high))
    return proof[::-1]


def check_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], expected: bytes) -> None:
    """Raises Refused unless the proof leads from the leaf hash at ``index`` to the root ``expected`` over ``size``."""
    if not 0 <= index < size:
        raise Refused(refusals.not_in_tree(index, size))
    place, last, node = index, size - 1, leaf
    for step in proof:
        if last == 0:
            raise Refused(refusals.not_in_tree(index, size))
        if place & 1 or place == last:
            node = node_hash(step, node)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            node = node_hash(node, step)
        place, last = place >> 1, last >> 1
    if last or node != expected:
        raise Refused(refusals.not_in_tree(index, size))


def check_consistency(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    """Raises Refused unless the proof shows that the tree with ``new_root`` continues the one with ``old_root``."""
    broken = Refused(refusals.not_an_extension(old, new))
    if not 0 <= old <= new:
        raise broken
    if old in (0, new):
        if proof or (old == new and old_root != new_root) or (old == 0 and old_root != EMPTY_ROOT):
            raise broken
        return
    steps = list(proof) if old & (old - 1) else [old_root, *proof]
    if not steps:
        raise broken
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    first = second = steps[0]
    for step in steps[1:]:
        if last == 0:
            raise broken
        if place & 1 or place == last:
            first, second = node_hash(step, first), node_hash(step, second)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            second = node_hash(second, step)
        place, last = place >> 1, last >> 1
    if last or first != old_root or second != new_root:
        raise broken


def _split(count: int) -> int:
    """The largest power of two below a count of at least two."""
    return 1 << ((count - 1).bit_length() - 1)


def _over(read: Read, low: int, high: int) -> bytes:
    """The hash over entries low (included) to high (not), which are a node's of some tree, so ``low`` is aligned."""
    count = high - low
    if not count & (count - 1):
        level = count.bit_length() - 1
        return read(level, low >> level)
    middle = low + _split(count)
    return node_hash(_over(read, low, middle), _over(read, middle, high))


class Peaks:
    """The root of a log that grows, from the tops of its complete subtrees alone: at most one for each bit of the size.

    ``text`` is kept and handed over again, so that adding entries costs what is added, not what is there.
    """

    def __init__(self, size: int = 0, text: str = "") -> None:
        """Of a log of this size. Raises Refused where the text has not one top for each bit of the size."""
        self.size = size
        self._tops = [bytes.fromhex(top) for top in text.split()]
        if len(self._tops) != size.bit_count():
            raise Refused(refusals.unreadable("peaks", f"{len(self._tops)} / {size}"))

    @property
    def text(self) -> str:
        """The tops from left to right, in hex with spaces between them."""
        return " ".join(top.hex() for top in self._tops)

    def add(self, leaf: bytes) -> None:
        """Add a leaf hash at the end."""
        node, rest = leaf, self.size
        while rest & 1:
            node, rest = node_hash(self._tops.pop(), node), rest >> 1
        self._tops.append(node)
        self.size += 1

    def root(self) -> bytes:
        """The root over everything added so far."""
        if not self._tops:
            return EMPTY_ROOT
        node = self._tops[-1]
        for left in reversed(self._tops[:-1]):
            node = node_hash(left, node)
        return node
