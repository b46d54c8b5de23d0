"""Be a witness for the logs of others: what was cosigned last is written down before the answer is given.

The state is a file of its own folder, not of an installation: a witness holds no data of anybody but heads. It is
written whole and to the disk before it has its name; a state that can't be read stops the witness, which never begins
anew by itself (it would then sign a history that it had refused before).
"""

from __future__ import annotations

import fcntl
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import orjson
from nacl.utils import random

from zhiheng.actions.log import refusals
from zhiheng.engines.transparency import notes, witnessing
from zhiheng.engines.transparency.notes import KeyKind, PrivateKey, PublicKey
from zhiheng.engines.transparency.witnessing import WitnessAnswer
from zhiheng.kernel.reasons import Refused
from zhiheng.kernel.whole_file import replace_whole

# A request is a head with some signatures and at most 63 hashes.
LARGEST: Final = notes.LARGEST + 4_096
KEY, LOGS, HEADS, LOCK = "witness-key", "logs.txt", "heads.json", ".lock"


class Witness:
    """A witness: its key, the logs that it knows, and the last head that it cosigned of each."""

    def __init__(self, folder: Path, name: str = "", logs: Iterable[str] = ()) -> None:
        """Open the folder of a witness, or make one: then ``name`` is needed. ``logs`` are public keys of logs that it
        takes on beside those it knows.

        Raises Refused where the name is missing, wrong or another than the folder's, a key is none, or the state can't
        be read.
        """
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.key = self._key(name)
        self.logs = self._logs([notes.read_public_key(text) for text in logs])
        self._turn = threading.Lock()
        self.seen()

    def _key(self, name: str) -> PrivateKey:
        path = self.folder / KEY
        if not path.exists():
            if not notes.is_name(name):
                raise Refused(refusals.witness_needs_name())
            made = PrivateKey(name, KeyKind.COSIGNATURE, random(32))
            replace_whole(path, f"{made.secret_text()}\n".encode(), durable=True)
        key = notes.read_private_key(path.read_text("utf-8"))
        if name and key.name != name:
            raise Refused(refusals.witness_has_another_name(key.name, name))
        return key

    def _logs(self, more: Sequence[PublicKey]) -> Mapping[str, Sequence[PublicKey]]:
        path = self.folder / LOGS
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
        known = [notes.read_public_key(line) for line in lines if line.strip()]
        new = [key for key in more if key not in known]
        if new:
            replace_whole(path, "".join(f"{key}\n" for key in [*known, *new]).encode(), durable=True)
        found: dict[str, list[PublicKey]] = {}
        for key in [*known, *new]:
            found.setdefault(key.name, []).append(key)
        return found

    def seen(self) -> dict[str, dict[str, Any]]:
        """The last head that was cosigned of each log: size, root, note. Raises Refused where it can't be read."""
        path = self.folder / HEADS
        try:
            found = orjson.loads(path.read_bytes()) if path.exists() else {}
            for head in found.values():
                int(head["size"]), bytes.fromhex(head["root"])
        except (ValueError, KeyError, TypeError, AttributeError) as cause:
            raise Refused(refusals.witness_state_damaged(path)) from cause
        return dict(found)

    def answer(self, raw: bytes, second: int) -> WitnessAnswer:
        """The answer to a request; where it is a cosignature, the head is on the disk by then."""
        with self._alone():
            heads = self.seen()
            seen = {origin: (head["size"], bytes.fromhex(head["root"])) for origin, head in heads.items()}
            told = witnessing.answer(raw, logs=self.logs, seen=seen, key=self.key, second=second)
            if told.seen is not None:
                note = raw.partition(b"\n\n")[2].decode()
                heads[told.seen.origin] = {"size": told.seen.size, "root": told.seen.root.hex(), "note": note}
                replace_whole(self.folder / HEADS, orjson.dumps(heads, option=orjson.OPT_INDENT_2), durable=True)
            return told

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Nobody else reads and writes the state: no thread, no second process on the same folder."""
        with self._turn, (self.folder / LOCK).open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


Wsgi = Callable[[Mapping[str, Any], Callable[[str, list[tuple[str, str]]], Any]], Iterable[bytes]]


def application(witness: Witness, clock: Callable[[], int]) -> Wsgi:
    """The witness as a WSGI application: ``POST /add-checkpoint``, and its own public key at ``/``."""

    def answered(environ: Mapping[str, Any]) -> WitnessAnswer:
        path, method = environ.get("PATH_INFO", ""), environ["REQUEST_METHOD"]
        if path == "/" and method in ("GET", "HEAD"):
            return WitnessAnswer(HTTPStatus.OK, f"{witness.key.public}\n")
        if path != "/add-checkpoint":
            return WitnessAnswer(HTTPStatus.NOT_FOUND, "POST /add-checkpoint\n")
        if method != "POST":
            return WitnessAnswer(HTTPStatus.METHOD_NOT_ALLOWED, "POST\n")
        length = int(environ.get("CONTENT_LENGTH") or 0)
        if length > LARGEST:
            return WitnessAnswer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"at most {LARGEST} bytes\n")
        return witness.answer(environ["wsgi.input"].read(length), clock())

    def serve(environ: Mapping[str, Any], start: Callable[[str, list[tuple[str, str]]], Any]) -> Iterable[bytes]:
        told = answered(environ)
        body = told.body.encode()
        headers = [("Content-Type", told.content_type), ("Content-Length", str(len(body)))]
        start(f"{told.status.value} {told.status.phrase}", headers)
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else body]

    return serve
