"""Two custodians of different sides open what is sealed together; one alone, the wrong two, or a moved box do not."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl import pwhash
from nacl.public import PrivateKey

from tests.examples import examples
from zhiheng.engines.sealing import (
    BLOCK,
    KEY,
    Sealed,
    Strength,
    give_share,
    new_key,
    open_sealed,
    relock,
    seal,
    take_share,
    unlock,
)
from zhiheng.kernel.reasons import Refused

QUICK = Strength(pwhash.argon2id.OPSLIMIT_MIN, pwhash.argon2id.MEMLIMIT_MIN)
MARKET, OTHER_OF_MARKET, OFFICE = (new_key(f"口令 {n} 的长句子", QUICK) for n in range(3))
WORDS = {1: "口令 0 的长句子", 2: "口令 1 的长句子", 3: "口令 2 的长句子"}
KEYS: Mapping[int, PrivateKey] = {n: unlock(k, WORDS[n]) for n, k in enumerate((MARKET, OTHER_OF_MARKET, OFFICE), 1)}
SIDES = ({1: MARKET.public, 2: OTHER_OF_MARKET.public}, {3: OFFICE.public})
TEXTS = st.text(max_size=600)


def shares(name: str, sealed: Sealed, first: int = 1) -> tuple[bytes, bytes]:
    """Both shares of a seal, the first side's by one of its custodians."""
    return (
        take_share(name, 1, sealed.shares[1][first], KEYS[first]),
        take_share(name, 2, sealed.shares[2][3], KEYS[3]),
    )


@settings(max_examples=examples(60), deadline=None)
@given(TEXTS, st.sampled_from([1, 2]))
def test_两方各一人合起来打得开_每方任一位保管人都行(text: str, first: int) -> None:
    sealed = seal("a1", text, SIDES)
    assert open_sealed("a1", sealed.text, *shares("a1", sealed, first)) == text


@settings(max_examples=examples(60), deadline=None)
@given(TEXTS, st.binary(min_size=KEY, max_size=KEY))
def test_只有一份再猜另一份打不开(text: str, guess: bytes) -> None:
    sealed = seal("a1", text, SIDES)
    one, two = shares("a1", sealed)
    for pair in ((one, guess), (guess, two), (one, one), (two, two), (one, bytes(KEY))):
        with pytest.raises(Refused):
            open_sealed("a1", sealed.text, *pair)


@settings(max_examples=examples(40), deadline=None)
@given(st.text(min_size=4, max_size=80))
def test_封存后的字节里没有原文_长度也看不出(text: str) -> None:
    sealed = seal("a1", text, SIDES)
    everything = sealed.text + b"".join(box for side in sealed.shares.values() for box in side.values())
    assert text.encode() not in everything
    assert len(sealed.text) == len(seal("a1", "张" * (BLOCK // 3 - 1), SIDES).text)


def test_一方保管人的盒子另一方打不开_错的口令打不开() -> None:
    sealed = seal("a1", "张三", SIDES)
    with pytest.raises(Refused) as refused:
        take_share("a1", 2, sealed.shares[2][3], KEYS[1])
    assert refused.value.refusals[0].code == "custody.spoiled"
    with pytest.raises(Refused) as refused:
        unlock(OFFICE, "错的口令")
    assert refused.value.refusals[0].code == "custody.passphrase"


def test_盒子挪到别的封存或者另一方名下打不开() -> None:
    one, two = seal("a1", "张三", SIDES), seal("b2", "李四", SIDES)
    for name, side, box in (("b2", 1, one.shares[1][1]), ("a1", 2, one.shares[1][1])):
        with pytest.raises(Refused):
            take_share(name, side, box, KEYS[1])
    with pytest.raises(Refused):
        open_sealed("a1", one.text, *shares("b2", two))
    with pytest.raises(Refused):
        open_sealed("b2", one.text, *shares("a1", one))


def test_没有保管人或者两方是同一把钥匙的不能封存() -> None:
    with pytest.raises(ValueError, match="each side"):
        seal("a1", "张三", ({}, {3: OFFICE.public}))
    with pytest.raises(ValueError, match="alone"):
        seal("a1", "张三", ({1: OFFICE.public}, {3: OFFICE.public}))


def test_换口令后旧口令无用_新保管人由同一方的人补给() -> None:
    key = relock(MARKET, WORDS[1], "换过的口令一句", QUICK)
    unlock(key, "换过的口令一句")
    with pytest.raises(Refused):
        unlock(key, WORDS[1])
    with pytest.raises(Refused):
        relock(MARKET, "错的", "x", QUICK)
    sealed = seal("a1", "张三", SIDES)
    new = new_key("新来的人的口令", QUICK)
    box = give_share("a1", 1, take_share("a1", 1, sealed.shares[1][1], unlock(key, "换过的口令一句")), new.public)
    two = take_share("a1", 2, sealed.shares[2][3], KEYS[3])
    assert open_sealed("a1", sealed.text, take_share("a1", 1, box, unlock(new, "新来的人的口令")), two) == "张三"
