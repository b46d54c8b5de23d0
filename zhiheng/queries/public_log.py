"""The head of the public log as it is handed out: nothing in it is secret, so nobody is asked for access."""

from __future__ import annotations

from zhiheng.ledger import log, log_key


def note_of_last() -> str:
    """The last head with its signatures; '': nothing was signed yet."""
    head = log.last_checkpoint()
    return "" if head is None else str(log.note_of(head))


def own_keys() -> list[str]:
    """The public keys of the log, the newest last."""
    return [str(key) for key in log_key.known_keys()]
