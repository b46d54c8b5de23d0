"""The log's formats: proofs against the definition of RFC 6962, notes and keys against known answers of others."""

from __future__ import annotations

from hashlib import sha256
from http import HTTPStatus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhiheng.engines.transparency import checkpoints, notes, tiles, tree, witnessing
from zhiheng.engines.transparency.checkpoints import Checkpoint, LogProof
from zhiheng.engines.transparency.notes import KeyKind, PrivateKey
from zhiheng.engines.transparency.spoken import CHARACTERS, spoken
from zhiheng.kernel.merkle import EMPTY_ROOT, leaf_hash, root_of
from zhiheng.kernel.reasons import Refused

SIZES = st.integers(1, 70)
LOG = PrivateKey("log.example/district", KeyKind.ED25519, bytes(range(32)))
WITNESS = PrivateKey("witness.example/city", KeyKind.COSIGNATURE, bytes(range(1, 33)))
# The known answers of Go's checksum database (golang.org/x/mod/sumdb/note).
GO_PUBLIC = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_PRIVATE = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
GO_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
GO_LINE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
# The example of C2SP tlog-cosignature.
C2SP = """example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
"""


def leaves_of(count: int) -> list[bytes]:
    return [leaf_hash(str(number).encode()) for number in range(count)]


def naive(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1."""
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256(b"").digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha256(b"\x01" + naive(leaves[:k]) + naive(leaves[k:])).digest()


def naive_path(index: int, leaves: list[bytes]) -> list[bytes]:
    """PATH of RFC 6962, section 2.1.1."""
    if len(leaves) == 1:
        return []
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if index < k:
        return [*naive_path(index, leaves[:k]), naive(leaves[k:])]
    return [*naive_path(index - k, leaves[k:]), naive(leaves[:k])]


def naive_steps(old: int, leaves: list[bytes], whole: bool = True) -> list[bytes]:
    """SUBPROOF of RFC 6962, section 2.1.2."""
    if old == len(leaves):
        return [] if whole else [naive(leaves)]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if old <= k:
        return [*naive_steps(old, leaves[:k], whole), naive(leaves[k:])]
    return [*naive_steps(old - k, leaves[k:], False), naive(leaves[:k])]


@given(SIZES, st.data())
def test_a_proof_of_an_entry_is_that_of_the_rfc_and_leads_to_the_root(size: int, data: st.DataObject) -> None:
    leaves = leaves_of(size)
    read, index = tree.reader_of(leaves), data.draw(st.integers(0, size - 1))
    proof = tree.inclusion_proof(read, index, size)
    assert tree.root(read, size) == naive(leaves) == root_of(leaves)
    assert proof == naive_path(index, leaves)
    tree.check_inclusion(leaves[index], index, size, proof, naive(leaves))


@given(SIZES, st.data())
def test_a_proof_of_growth_is_that_of_the_rfc_and_holds(size: int, data: st.DataObject) -> None:
    leaves = leaves_of(size)
    read, old = tree.reader_of(leaves), data.draw(st.integers(1, size))
    proof = tree.consistency_proof(read, old, size)
    assert proof == naive_steps(old, leaves)
    tree.check_consistency(old, size, proof, naive(leaves[:old]), naive(leaves))


@given(SIZES, st.data())
def test_whatever_is_changed_in_a_proof_is_found(size: int, data: st.DataObject) -> None:
    leaves = leaves_of(size)
    read, index = tree.reader_of(leaves), data.draw(st.integers(0, size - 1))
    proof, root = tree.inclusion_proof(read, index, size), naive(leaves)
    changes = ["leaf", "root", "longer", "place", *(["step", "shorter"] if proof else [])]
    leaf, place = leaves[index], index
    match data.draw(st.sampled_from(changes)):
        case "leaf":
            leaf = leaf_hash(b"something else")
        case "root":
            root = bytes(32)
        case "longer":
            proof.append(bytes(32))
        case "shorter":
            proof.pop()
        case "place":
            place = data.draw(st.integers(-1, size).filter(lambda other: other != index))
        case "step":
            proof[data.draw(st.integers(0, len(proof) - 1))] = bytes(32)
    with pytest.raises(Refused):
        tree.check_inclusion(leaf, place, size, proof, root)


@given(SIZES, st.data())
def test_a_history_that_was_rewritten_has_no_proof_of_growth(size: int, data: st.DataObject) -> None:
    old, changed = data.draw(st.integers(1, size)), data.draw(st.integers(0, size - 1))
    before, after = leaves_of(size)[:old], leaves_of(size)
    after[changed] = leaf_hash(b"rewritten")
    proof = tree.consistency_proof(tree.reader_of(after), old, size)
    if changed < old:
        with pytest.raises(Refused):
            tree.check_consistency(old, size, proof, naive(before), naive(after))
    else:
        tree.check_consistency(old, size, proof, naive(before), naive(after))


@given(st.integers(0, 70), st.integers(0, 70))
def test_a_root_follows_from_the_tops_of_the_tree_before(first: int, more: int) -> None:
    leaves = leaves_of(first + more)
    before = tree.Peaks()
    for leaf in leaves[:first]:
        before.add(leaf)
    after = tree.Peaks(first, before.text)
    for leaf in leaves[first:]:
        after.add(leaf)
    assert (before.root(), after.root(), after.size) == (naive(leaves[:first]), naive(leaves), first + more)


def test_the_seven_leaves_of_the_rfc() -> None:
    """RFC 6962, section 2.1.3: paths and steps of the tree with seven leaves, by the letters of its picture."""
    leaves = leaves_of(7)
    read = tree.reader_of(leaves)
    a, b, c, d, e, f, j = leaves
    g, h, i = (tree.node_hash(*pair) for pair in ((a, b), (c, d), (e, f)))
    k, last = tree.node_hash(g, h), tree.node_hash(i, j)
    assert tree.inclusion_proof(read, 0, 7) == [b, h, last]
    assert tree.inclusion_proof(read, 3, 7) == [c, g, last]
    assert tree.inclusion_proof(read, 4, 7) == [f, j, k]
    assert tree.inclusion_proof(read, 6, 7) == [i, k]
    assert tree.consistency_proof(read, 3, 7) == [c, d, g, last]
    assert tree.consistency_proof(read, 4, 7) == [last]
    assert tree.consistency_proof(read, 6, 7) == [i, j, k]


def test_a_log_that_grew_from_nothing_is_consistent_only_from_the_empty_root() -> None:
    tree.check_consistency(0, 5, [], EMPTY_ROOT, naive(leaves_of(5)))
    tree.check_consistency(0, 0, [], EMPTY_ROOT, EMPTY_ROOT)
    with pytest.raises(Refused):
        tree.check_consistency(0, 5, [], bytes(32), naive(leaves_of(5)))
    with pytest.raises(Refused):
        tree.check_consistency(5, 5, [], naive(leaves_of(5)), bytes(32))
    with pytest.raises(Refused):
        tree.check_consistency(6, 5, [], bytes(32), bytes(32))


def test_the_tiles_of_seventy_thousand_entries_are_those_of_the_specification() -> None:
    edge = [tile.address for tile in tiles.tiles_of(70_000)]
    assert edge == ["tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1"]
    assert [tile.address for tile in tiles.tiles_of(256)] == ["tile/0/000", "tile/1/000.p/1"]
    assert list(tiles.tiles_of(0)) == []


def test_the_address_of_a_tile_is_split_in_threes() -> None:
    assert tiles.Tile(None, 1_234_067).address == "tile/entries/x001/x234/067"
    assert tiles.Tile(0, 1_000, 3).address == "tile/0/x001/000.p/3"
    assert tiles.Tile(1, 5).is_of(6 * 256 * 256)
    assert not tiles.Tile(1, 5).is_of(6 * 256 * 256 - 1)


@given(st.one_of(st.none(), st.integers(0, 63)), st.integers(0, 10**10), st.integers(1, 256))
def test_an_address_has_one_form(level: int | None, place: int, width: int) -> None:
    tile = tiles.Tile(level, place, width)
    assert tiles.tile_at(tile.address) == tile


@pytest.mark.parametrize(
    "address",
    [
        "tile/0/0",
        "tile/00/000",
        "tile/64/000",
        "tile/0/x000/001",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/001/000",
    ],
)
def test_what_is_no_address_of_a_tile_is_refused(address: str) -> None:
    with pytest.raises(Refused):
        tiles.tile_at(address)


@pytest.mark.parametrize("size", [1, 255, 256, 257, 700])
def test_proofs_can_be_made_from_tiles_alone(size: int) -> None:
    leaves = leaves_of(size)

    def fetch(tile: tiles.Tile) -> bytes:
        assert tile.is_of(size)
        assert tile.level is not None
        covers = tiles.WIDTH**tile.level
        first = tile.place * tiles.WIDTH
        return b"".join(naive(leaves[n * covers : (n + 1) * covers]) for n in range(first, first + tile.width))

    read = tiles.reader(fetch, size)
    assert tree.root(read, size) == naive(leaves)
    for index in {0, size // 2, size - 1}:
        assert tree.inclusion_proof(read, index, size) == naive_path(index, leaves)


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_a_bundle_gives_its_entries_back(entries: list[bytes]) -> None:
    assert tiles.entries_of(tiles.bundle(entries)) == entries


def test_a_bundle_that_was_cut_off_is_refused() -> None:
    whole = tiles.bundle([b"one", b"two"])
    for cut in (1, 2, 4, len(whole) - 1):
        with pytest.raises(Refused):
            tiles.entries_of(whole[:cut])


def test_signatures_and_keys_are_those_of_other_implementations() -> None:
    private, public = notes.read_private_key(GO_PRIVATE), notes.read_public_key(GO_PUBLIC)
    assert (str(private.public), private.secret_text()) == (GO_PUBLIC, GO_PRIVATE)
    note = notes.sign(GO_TEXT, private)
    assert str(note) == f"{GO_TEXT}\n{GO_LINE}"
    assert notes.read_note(str(note).encode()).signed_by([public])[0][0] == public
    assert "AYEKFALV" not in repr(private)


def test_the_example_of_the_specification_is_read() -> None:
    note = notes.read_note(C2SP.encode())
    found = checkpoints.read_checkpoint(note.text)
    assert (found.origin, found.size) == ("example.com/behind-the-sofa", 20_852_163)
    assert found.text == note.text
    assert str(note) == C2SP
    assert notes.cosigned_at(note.signatures[1].signed) == 1_679_315_147
    with pytest.raises(Refused):
        checkpoints.open_checkpoint(note, [LOG.public])


@pytest.mark.parametrize(
    "changed",
    [
        C2SP[:-1],
        C2SP.replace("\n\n", "\n"),
        C2SP.replace("20852163", "20852163\r"),
        C2SP.replace("— witness", "- witness"),
        C2SP.replace("w1 jWb", "w1  jWb"),
        C2SP.replace("qnA==", "qnA="),
        C2SP.replace("20852163", "020852163"),
        C2SP.replace("CsUYapGG", "CsUYapG"),
        C2SP.replace("example.com/behind-the-sofa\n2", "\n2", 1),
    ],
)
def test_a_checkpoint_has_one_form(changed: str) -> None:
    with pytest.raises(Refused):
        checkpoints.read_checkpoint(notes.read_note(changed.encode()).text)


@pytest.mark.parametrize("text", [GO_PUBLIC.replace("c74f", "c74e"), GO_PUBLIC[:-4], "PeterNeumann", "", GO_PRIVATE])
def test_a_key_that_is_not_whole_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        notes.read_public_key(text)


@given(st.binary(max_size=200))
def test_bytes_that_are_no_note_are_refused_with_a_sentence(raw: bytes) -> None:
    for reader in (notes.read_note, checkpoints.read_proof, witnessing.read_request):
        with pytest.raises(Refused):
            reader(raw)


def head_of(size: int) -> Checkpoint:
    return Checkpoint(LOG.name, size, naive(leaves_of(size)))


def test_a_signature_over_another_text_spoils_the_note() -> None:
    note = notes.sign(head_of(3).text, LOG)
    other = notes.Note(head_of(4).text, note.signatures)
    with pytest.raises(Refused) as caught:
        checkpoints.open_checkpoint(other, [LOG.public])
    assert caught.value.refusals[0].code == "log.signature_spoiled"


def test_a_cosignature_counts_beside_the_signature_and_says_its_second() -> None:
    head = head_of(3)
    note = notes.sign(head.text, LOG).with_signatures([WITNESS.sign(head.text, 1_700_000_000)])
    again = notes.read_note(str(note).encode())
    found, signed = checkpoints.open_checkpoint(again, [LOG.public, WITNESS.public])
    assert (found, signed) == (head, [LOG.public, WITNESS.public])
    assert notes.cosigned_at(again.signatures[1].signed) == 1_700_000_000
    newer = again.with_signatures([WITNESS.sign(head.text, 1_700_000_060)])
    assert [notes.cosigned_at(line.signed) for line in newer.signatures[1:]] == [1_700_000_060]


@given(SIZES, st.data(), st.binary(max_size=20))
def test_a_proof_is_checked_without_the_log(size: int, data: st.DataObject, extra: bytes) -> None:
    index, leaves = data.draw(st.integers(0, size - 1)), leaves_of(size)
    path = tree.inclusion_proof(tree.reader_of(leaves), index, size)
    proof = LogProof(index, tuple(path), notes.sign(head_of(size).text, LOG), extra)
    again = checkpoints.read_proof(str(proof).encode())
    assert again == proof
    assert again.check(leaves[index], [LOG.public])[0].size == size
    with pytest.raises(Refused):
        again.check(leaf_hash(b"another"), [LOG.public])


def asked(old: int, new: int, *, key: PrivateKey = LOG, head: Checkpoint | None = None) -> bytes:
    read = tree.reader_of(leaves_of(new))
    steps = tuple(tree.consistency_proof(read, old, new)) if old <= new else ()
    return str(witnessing.WitnessRequest(old, steps, notes.sign((head or head_of(new)).text, key))).encode()


def answered(raw: bytes, seen: int = 0) -> witnessing.WitnessAnswer:
    before = {LOG.name: (seen, naive(leaves_of(seen)))} if seen else {}
    return witnessing.answer(raw, logs={LOG.name: [LOG.public]}, seen=before, key=WITNESS, second=1_700_000_000)


def test_a_witness_cosigns_what_continues_its_last_checkpoint() -> None:
    given_answer = answered(asked(3, 7), seen=3)
    assert (given_answer.status, given_answer.seen) == (HTTPStatus.OK, head_of(7))
    lines = notes.read_signatures(given_answer.body)
    assert WITNESS.public.holds(head_of(7).text, lines[0].signed)
    assert answered(asked(0, 7)).status == HTTPStatus.OK
    assert answered(asked(7, 7), seen=7).status == HTTPStatus.OK


def test_a_witness_refuses_in_the_words_of_the_protocol() -> None:
    stranger = PrivateKey(LOG.name, KeyKind.ED25519, bytes(32))
    elsewhere = Checkpoint("elsewhere.example", 7, naive(leaves_of(7)))
    rewritten = Checkpoint(LOG.name, 7, bytes(32))
    assert answered(b"nonsense").status == HTTPStatus.BAD_REQUEST
    assert answered(asked(9, 7), seen=9).status == HTTPStatus.BAD_REQUEST
    assert answered(asked(0, 7, head=elsewhere)).status == HTTPStatus.NOT_FOUND
    assert answered(asked(0, 7, key=stranger)).status == HTTPStatus.FORBIDDEN
    assert answered(asked(3, 7, head=rewritten), seen=3).status == HTTPStatus.UNPROCESSABLE_ENTITY
    behind = answered(asked(2, 7), seen=3)
    assert (behind.status, behind.body, behind.content_type) == (HTTPStatus.CONFLICT, "3\n", "text/x.tlog.size")
    assert answered(asked(7, 7, head=rewritten), seen=7).status == HTTPStatus.CONFLICT
    assert all(
        answer.seen is None
        for answer in (answered(b""), answered(asked(3, 7, head=rewritten), seen=3), answered(asked(2, 7), seen=3))
    )


def test_a_head_in_characters_is_short_and_another_head_reads_otherwise() -> None:
    head = Checkpoint("example.com/quality", 300, bytes(range(32)))
    said = spoken(head)
    assert [len(group) for group in said.split()] == [4, 4, 4]
    others = {spoken(Checkpoint(head.origin, size, head.root)) for size in range(1, 300)}
    assert len(others) == 299
    assert said not in others


def test_each_byte_has_a_character_of_its_own() -> None:
    assert (len(CHARACTERS), len(set(CHARACTERS))) == (256, 256)
