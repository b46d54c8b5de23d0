"""A secret of the installation in a file of its own, which only its owner reads."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from zhiheng.kernel.whole_file import replace_whole


def made_once(path: Path, secret: Callable[[], str]) -> str:
    """What stands in a file of a key; made where there is none yet.

    It is whole before it has its name, so that no other process reads half of it; of two that make it at once the
    first one's stays, and both read that.

    Args:
        path: where it is kept; folders above are made.
        secret: makes a new one, as text.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        # Only the owner reads what mkstemp makes.
        number, made = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
        try:
            with os.fdopen(number, "w", encoding="utf-8") as file:
                file.write(secret())
                # A key that signed something must be there after a power cut.
                file.flush()
                os.fsync(file.fileno())
            with contextlib.suppress(FileExistsError):
                os.link(made, path)
        finally:
            Path(made).unlink()
    return path.read_text("utf-8")


def list_public(path: Path, line: str) -> None:
    """Add a line about a public key to the file of all that ever signed; on a full disk it stays as it was."""
    before = path.read_bytes() if path.exists() else b""
    replace_whole(path, before + f"{line}\n".encode())


def listed_public(path: Path) -> list[str]:
    """The lines about public keys, the oldest first; none where nothing was ever signed."""
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    return [line.strip() for line in lines if line.strip()]
