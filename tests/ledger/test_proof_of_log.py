"""A bundle leads from a row to a head that the platform and witnesses signed; its own script checks it with bare Python."""

from __future__ import annotations

import importlib.util
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.signing import SigningKey

from tests.factories import FormFactory, PublishedEntryFactory
from tests.ledger.test_proof import SCRIPT, outsider
from tests.places import NOON, Ledger, sampling_row
from zhiheng.actions.facts.export_proof import export_proof
from zhiheng.actions.log.append_leaves import append_leaves
from zhiheng.engines.transparency.notes import KeyKind, PrivateKey, read_note
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import SYSTEM
from zhiheng.ledger import log_key
from zhiheng.ledger.models import Alias, LogCosignature
from zhiheng.published.models import PublishedEntry, Withdrawal

WITNESS = PrivateKey("witness.example/city", KeyKind.COSIGNATURE, bytes(range(32)))
STRANGER = PrivateKey("witness.example/other", KeyKind.COSIGNATURE, bytes(range(1, 33)))


@pytest.fixture
def bundle(ledger: Ledger) -> Path:
    """Of one enterprise: three facts, an entry shown of one, one taken down, under a head with a witness."""
    ledger.samples("一月.csv", [sampling_row(i) for i in range(13)])
    ledger.samples("二月.csv", [sampling_row(i) for i in range(20, 23)])
    form = FormFactory(columns=[])
    PublishedEntryFactory(id=1, form=form, fact=2)
    down = PublishedEntryFactory(id=2, form=form, fact=9, state=PublishedEntry.State.WITHDRAWN, state_at=timezone.now())
    Withdrawal.objects.create(
        public_id=down.public_id, list="sampling", cause="error", at=timezone.now(), by="account:1", reason="误公示"
    )
    call = Call(SYSTEM, ledger.book, NOON)
    head = append_leaves(call=call)
    line = WITNESS.sign(read_note(head.note.encode()).text, 1_800_000_000).line
    LogCosignature.objects.create(checkpoint=head, witness=str(WITNESS.public), at=NOON, line=line)
    path = ledger.folder / "证明.zip"
    export_proof(path, subject=Alias.objects.filter(name="试验第1食品有限公司")[0].subject_id, call=call)
    return path


def own() -> str:
    return str(log_key.own_key().public)


def test_a_row_leads_to_a_head_that_a_witness_signed(bundle: Path) -> None:
    done = outsider(bundle, "--key", own(), "--witness", str(WITNESS.public), "--quorum", "1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 witnesses" in done.stdout
    with zipfile.ZipFile(bundle) as whole:
        entries = [json.loads(line) for line in whole.read("log.jsonl").splitlines()]
    assert [(entry["kind"], entry["row"]) for entry in entries] == [
        ("facts", 1),
        ("facts", 2),
        ("publication", 1),
    ]


def test_who_took_something_down_and_why_is_not_handed_on(bundle: Path) -> None:
    with zipfile.ZipFile(bundle) as whole:
        said = whole.read("log.jsonl").decode()
    assert "误公示" not in said
    assert said.count("public_id") == 1


def test_without_a_key_of_ones_own_the_script_says_so(bundle: Path) -> None:
    done = outsider(bundle)
    assert done.returncode == 0
    assert "check the key elsewhere" in done.stdout


@pytest.mark.parametrize(
    "words",
    [
        ("--key", str(PrivateKey("localhost/log", KeyKind.ED25519, bytes(32)).public)),
        ("--witness", str(STRANGER.public)),
        ("--witness", str(WITNESS.public), "--witness", str(STRANGER.public)),
        ("--witness", str(WITNESS.public), "--quorum", "2"),
    ],
)
def test_whoever_did_not_sign_is_not_taken_for_it(bundle: Path, words: tuple[str, ...]) -> None:
    done = outsider(bundle, *words)
    assert done.returncode == 1
    assert "NOT verified" in done.stdout


def changed(bundle: Path, name: str, change: Callable[[str], str]) -> Path:
    with zipfile.ZipFile(bundle) as old:
        members = {each: old.read(each) for each in old.namelist()}
    members[name] = change(members[name].decode()).encode()
    path = bundle.with_name("改过.zip")
    with zipfile.ZipFile(path, "w") as new:
        for each, content in members.items():
            new.writestr(each, content)
    return path


def entry_with(**words: Any) -> Callable[[str], str]:
    """The last entry of the log with other values."""

    def change(text: str) -> str:
        *lines, last = text.splitlines()
        return "\n".join([*lines, json.dumps(json.loads(last) | words)]) + "\n"

    return change


CHANGES: dict[str, tuple[str, Callable[[str], str]]] = {
    "the row": ("log.jsonl", lambda text: text.replace("Noodles failed", "Noodles passed")),
    "the random number": ("log.jsonl", entry_with(nonce="00" * 16)),
    "the number of the row": ("log.jsonl", entry_with(row=99)),
    "the kind": ("log.jsonl", entry_with(kind="tombstone")),
    "the place": ("log.jsonl", entry_with(index=0)),
    "the path": ("log.jsonl", entry_with(path=[])),
    "the size": (
        "checkpoint",
        lambda text: "\n".join([line + "0" if line.isdigit() else line for line in text.split("\n")]),
    ),
    "a signature": ("checkpoint", lambda text: text.replace("— localhost/log ", "— localhost/log AAAA")),
}


@pytest.mark.parametrize("what", CHANGES)
def test_whatever_is_changed_in_the_bundle_is_found(bundle: Path, what: str) -> None:
    name, change = CHANGES[what]
    done = outsider(changed(bundle, name, change), "--key", own())
    assert done.returncode == 1, done.stdout


def script() -> Any:
    found = importlib.util.spec_from_file_location("verify_bundle", SCRIPT)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=80), st.integers(0, 511))
def test_the_scripts_own_signature_check_agrees_with_libsodium(seed: bytes, text: bytes, bit: int) -> None:
    ed25519, key = script().ed25519, SigningKey(seed)
    signature, public = key.sign(text).signature, bytes(key.verify_key)
    assert ed25519(public, text, signature)
    spoiled = bytearray(signature)
    spoiled[bit // 8] ^= 1 << bit % 8
    assert not ed25519(public, text, bytes(spoiled))
    assert not ed25519(public, text + b"x", signature)
    assert not ed25519(public, text, signature[:-1])
