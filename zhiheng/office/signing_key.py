"""The key with which this installation signs credit reports: a file of the data folder that only its owner reads, made
when something is first signed.

It is not the key of the log, so that no signature of the one can pass for the other. Whoever takes a new key moves
``report-key`` away; the public keys of all that ever signed stay in ``report-keys.txt``, so that reports of before can
still be verified.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from collections.abc import Mapping
from pathlib import Path

from django.conf import settings
from nacl.signing import SigningKey

from zhiheng.engines.signed_report import key_id
from zhiheng.kernel.data_folder import inside


def signing_seed() -> bytes:
    """The private key (32 bytes); made where there is none yet."""
    path = inside(settings.DATA, "report-key")
    if not path.exists():
        _made(path, secrets.token_bytes(32).hex() + "\n")
    seed = bytes.fromhex(path.read_text("utf-8").strip())
    public = bytes(SigningKey(seed).verify_key)
    if key_id(public) not in public_keys():
        listed = inside(settings.DATA, "report-keys.txt")
        with listed.open("a", encoding="utf-8") as file:
            file.write(f"{public.hex()}\n")
        listed.chmod(0o600)
    return seed


def public_keys() -> Mapping[str, bytes]:
    """Id -> public key of all that ever signed here, the oldest first; nothing where nothing was ever signed."""
    listed = inside(settings.DATA, "report-keys.txt")
    lines = listed.read_text("utf-8").splitlines() if listed.exists() else []
    keys = [bytes.fromhex(line.strip()) for line in lines if line.strip()]
    return {key_id(public): public for public in keys}


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


__all__ = ["public_keys", "signing_seed"]
