"""The tree is that of RFC 6962, section 2.1, told here once more straight from its definition."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhiheng.kernel.merkle import (
    EMPTY_ROOT,
    GENESIS,
    RootBuilder,
    audit_path,
    chained,
    leaf_hash,
    root_from_path,
    root_of,
)

# The leaves of the known-answer test of Certificate Transparency's reference implementation, and its roots over the
# first n.
ENTRIES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def rfc_root(data: list[bytes]) -> bytes:
    """MTH of RFC 6962, word for word: k is the largest power of two smaller than n."""
    if not data:
        return sha256(b"").digest()
    if len(data) == 1:
        return sha256(b"\x00" + data[0]).digest()
    k = 1
    while k * 2 < len(data):
        k *= 2
    return sha256(b"\x01" + rfc_root(data[:k]) + rfc_root(data[k:])).digest()


def rfc_path(m: int, data: list[bytes]) -> list[bytes]:
    """PATH of RFC 6962, word for word."""
    if len(data) == 1:
        return []
    k = 1
    while k * 2 < len(data):
        k *= 2
    if m < k:
        return [*rfc_path(m, data[:k]), rfc_root(data[k:])]
    return [*rfc_path(m - k, data[k:]), rfc_root(data[:k])]


@pytest.mark.parametrize("count", range(1, 9))
def test_一到八片叶的根与公认的值相同(count: int) -> None:
    data = [bytes.fromhex(entry) for entry in ENTRIES[:count]]
    assert rfc_root(data).hex() == ROOTS[count - 1]
    assert root_of([leaf_hash(d) for d in data]).hex() == ROOTS[count - 1]


def test_没有叶的根是空串的摘要() -> None:
    assert root_of([]) == RootBuilder().root() == EMPTY_ROOT == rfc_root([])


@given(st.lists(st.binary(max_size=40), max_size=70), st.data())
def test_三种算法与定义一致(data: list[bytes], draw: st.DataObject) -> None:
    leaves = [leaf_hash(d) for d in data]
    root = rfc_root(data)
    assert root_of(leaves) == root
    builder = RootBuilder()
    cut = draw.draw(st.integers(0, len(leaves)))
    builder.extend(leaves[:cut])
    builder.extend(leaves[cut:])
    assert (builder.root(), builder.count) == (root, len(leaves))
    for index, leaf in enumerate(leaves):
        path = audit_path(leaves, index)
        assert [step for _, step in path] == rfc_path(index, data)
        assert root_from_path(leaf, path) == root


@given(st.lists(st.binary(max_size=8), min_size=1, max_size=40, unique=True), st.data())
def test_换掉任何一片叶根就不同(data: list[bytes], draw: st.DataObject) -> None:
    leaves = [leaf_hash(d) for d in data]
    index = draw.draw(st.integers(0, len(leaves) - 1))
    changed = [*leaves[:index], leaf_hash(b"changed " + data[index]), *leaves[index + 1 :]]
    assert root_of(changed) != root_of(leaves)
    assert root_from_path(changed[index], audit_path(leaves, index)) != root_of(leaves)


def test_没有的叶没有路径() -> None:
    for index in (-1, 2):
        with pytest.raises(IndexError):
            audit_path([leaf_hash(b"a"), leaf_hash(b"b")], index)


def test_叶与节点的摘要不会混淆() -> None:
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert leaf_hash(left + right) != root_of([left, right])


def test_链的每一环由前一环和登记内容决定() -> None:
    first = chained(GENESIS, b"header")
    assert first == sha256(bytes(32) + b"header").digest()
    assert chained(first, b"header") != first


@pytest.mark.parametrize("count", [4095, 4096, 4097, 8191, 8192, 12_289, 20_001])
def test_整棵子树先算好也得到同一个根(count: int) -> None:
    leaves = [sha256(str(number).encode()).digest() for number in range(count)]
    builder = RootBuilder()
    for start in range(0, count, 1_000):
        builder.extend(leaves[start : start + 1_000])
    assert (builder.root(), builder.count) == (root_of(leaves), count)
