"""An implementation that is not ours (Go's checksum database) accepts our checkpoints, proofs and addresses of tiles."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from zhiheng.engines.transparency import notes, tiles, tree
from zhiheng.engines.transparency.checkpoints import Checkpoint, LogProof
from zhiheng.kernel.merkle import leaf_hash

PROGRAM = Path(__file__).with_name("transparency_check.go")
# Where Debian's package golang-golang-x-mod-dev puts it.
SOURCES = Path("/usr/share/gocode")
SIZE = 300

needs_go = pytest.mark.skipif(
    shutil.which("go") is None or not (SOURCES / "src/golang.org/x/mod/sumdb/tlog").is_dir(),
    reason="needs Go and its module library: apt-get install golang-go golang-golang-x-mod-dev",
)


def text_of(digest: bytes) -> str:
    return base64.b64encode(digest).decode()


def question() -> dict[str, Any]:
    entries = [f"entry {number}" for number in range(SIZE)]
    leaves = [leaf_hash(entry.encode()) for entry in entries]
    read = tree.reader_of(leaves)
    key = notes.PrivateKey("example.com/quality", notes.KeyKind.ED25519, bytes(range(32)))
    head = Checkpoint("example.com/quality", SIZE, tree.root(read, SIZE))
    places = [tiles.Tile(0, 0), tiles.Tile(0, 1, 44), tiles.Tile(1, 0, 1), tiles.Tile(2, 1234067, 7)]
    return {
        "key": str(key.public),
        "note": str(notes.sign(head.text, key)),
        "origin": head.origin,
        "size": SIZE,
        "root": text_of(head.root),
        "entries": entries,
        "paths": [[text_of(step) for step in tree.inclusion_proof(read, index, SIZE)] for index in range(SIZE)],
        "roots": [text_of(tree.root(read, old)) for old in range(SIZE)],
        "steps": [[text_of(step) for step in tree.consistency_proof(read, old, SIZE)] for old in range(SIZE)],
        "proofs": [
            str(
                LogProof(
                    index, tuple(tree.inclusion_proof(read, index, SIZE)), notes.sign(head.text, key), entry.encode()
                )
            )
            for index, entry in enumerate(entries[:40])
        ],
        "tiles": [
            {"level": tile.level, "place": tile.place, "width": tile.width, "address": tile.address} for tile in places
        ],
    }


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checking program, built once; nothing is fetched from anywhere."""
    folder = tmp_path_factory.mktemp("go")
    outside = {"GO111MODULE": "off", "GOPATH": str(SOURCES), "GOCACHE": str(folder / "cache"), "GOFLAGS": ""}
    built = folder / "check"
    subprocess.run(["go", "build", "-o", built, PROGRAM], check=True, env=os.environ | outside)
    return built


def told(program: Path, asked: dict[str, Any]) -> str:
    done = subprocess.run([program], input=json.dumps(asked), capture_output=True, text=True, check=False)
    return done.stdout.strip()


@needs_go
@pytest.mark.slow
def test_go_accepts_our_checkpoint_and_every_proof(program: Path) -> None:
    assert told(program, question()) == "ok"


@needs_go
@pytest.mark.slow
@pytest.mark.parametrize("part", ["note", "paths", "steps", "entries", "proofs"])
def test_go_refuses_what_was_changed(program: Path, part: str) -> None:
    asked = question()
    if part == "note":
        asked["note"] = asked["note"].replace("\n300\n", "\n301\n")
    elif part == "proofs":
        asked["proofs"][7] = asked["proofs"][8].replace("index 8", "index 7")
    elif part == "entries":
        asked["entries"][7] = "another entry"
    else:
        asked[part][7][0] = text_of(bytes(32))
    assert told(program, asked) not in ("", "ok")
