"""Ask a ClamAV daemon whether a file is clean (its INSTREAM command), where the installation has one.

Where one is configured and does not answer, the file is refused: a scanner that is off must be noticed.
"""

from __future__ import annotations

import socket
import struct
from contextlib import closing
from typing import Final

from zhiheng.kernel.reasons import Refused
from zhiheng.reading import refusals

_PIECE: Final = 1 << 16
_SECONDS: Final = 30.0
_LONGEST_ANSWER: Final = 4096


def scan(name: str, content: bytes, address: str) -> None:
    """Nothing where the file is clean. ``address``: ``unix:/run/clamav/clamd.ctl`` or ``host:port``.

    Raises Refused where something was found, and where the daemon does not answer or answers with an error.
    """
    try:
        answer = _asked(content, address)
    except (OSError, ValueError) as cause:
        raise Refused(refusals.scan_absent(name)) from cause
    if answer == "stream: OK":
        return
    if answer.startswith("stream: ") and answer.endswith(" FOUND"):
        raise Refused(refusals.scan_infected(name, answer.removeprefix("stream: ").removesuffix(" FOUND")[:80]))
    raise Refused(refusals.scan_absent(name))


def _asked(content: bytes, address: str) -> str:
    with closing(_connected(address)) as line:
        line.sendall(b"zINSTREAM\0")
        for start in range(0, len(content), _PIECE):
            piece = content[start : start + _PIECE]
            line.sendall(struct.pack("!I", len(piece)) + piece)
        line.sendall(struct.pack("!I", 0))
        said = b""
        while not said.endswith(b"\0") and len(said) < _LONGEST_ANSWER:
            got = line.recv(_LONGEST_ANSWER)
            if not got:
                break
            said += got
    return said.rstrip(b"\0").decode("utf-8", "replace").strip()


def _connected(address: str) -> socket.socket:
    if address.startswith("unix:"):
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.settimeout(_SECONDS)
        try:
            line.connect(address.removeprefix("unix:"))
        except OSError:
            line.close()
            raise
        return line
    host, _, port = address.rpartition(":")
    return socket.create_connection((host or "127.0.0.1", int(port)), timeout=_SECONDS)
