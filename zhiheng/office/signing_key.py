"""The keys with which this installation signs credit reports (``report-keys`` of the data folder).

``current.key`` holds the 32 bytes of the private key as hexadecimal digits, readable by its owner only; it is made when
something is first signed. Whoever changes the key renames it to ``<id>.pub`` with the public key in it, so that reports
of before can still be verified: docs/how-to/verify-a-credit-report.md.
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


def _folder() -> Path:
    return inside(settings.DATA, "report-keys")


def signing_seed() -> bytes:
    """The private key; made the first time."""
    folder = _folder()
    path = folder / "current.key"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Whole before it has its name, so that no other process reads half of it; the first one's stays.
        number, made = tempfile.mkstemp(prefix=".key-", dir=folder)
        try:
            with os.fdopen(number, "w") as file:
                file.write(secrets.token_bytes(32).hex())
            with contextlib.suppress(FileExistsError):
                os.link(made, path)
        finally:
            Path(made).unlink()
    return bytes.fromhex(path.read_text().strip())


def public_keys() -> Mapping[str, bytes]:
    """Id -> public key: the present one first, then those that signed before. Nothing where nothing was ever signed."""
    found: dict[str, bytes] = {}
    folder = _folder()
    if (folder / "current.key").exists():
        present = bytes(SigningKey(signing_seed()).verify_key)
        found[key_id(present)] = present
    for path in sorted(folder.glob("*.pub")):
        public = bytes.fromhex(path.read_text().strip())
        found.setdefault(key_id(public), public)
    return found


__all__ = ["public_keys", "signing_seed"]
