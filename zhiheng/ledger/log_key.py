"""The key that signs the heads of the log: a file of the data folder that only its owner reads, made when first used.

Its name is the origin of the log and stays for good. Who takes a new key (docs/how-to/witnesses.md) moves the file
away: the next one has the same name, and the public keys of all that ever signed stand in a second file.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from django.conf import settings
from nacl.utils import random

from zhiheng.engines.transparency import notes
from zhiheng.engines.transparency.notes import KeyKind, PrivateKey, PublicKey
from zhiheng.kernel.data_folder import inside


def own_key() -> PrivateKey:
    """The key of this installation; made where there is none yet."""
    path = inside(settings.DATA, "log-key")
    if not path.exists():
        name = next((key.name for key in known_keys()), "") or settings.LOG_ORIGIN
        _made(path, PrivateKey(name, KeyKind.ED25519, random(32)).secret_text() + "\n")
    key = notes.read_private_key(path.read_text("utf-8"))
    if key.public not in known_keys():
        listed = inside(settings.DATA, "log-keys.txt")
        with listed.open("a", encoding="utf-8") as file:
            file.write(f"{key.public}\n")
        listed.chmod(0o600)
    return key


def known_keys() -> list[PublicKey]:
    """The public keys of all that ever signed here, the oldest first."""
    listed = inside(settings.DATA, "log-keys.txt")
    lines = listed.read_text("utf-8").splitlines() if listed.exists() else []
    return [notes.read_public_key(line) for line in lines if line.strip()]


def _made(path: Path, text: str) -> None:
    """Write a file whole before it has its name; where another process was faster, its file stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    number, made = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(number, "w", encoding="utf-8") as file:
            file.write(text)
        with contextlib.suppress(FileExistsError):
            os.link(made, path)
    finally:
        Path(made).unlink()
