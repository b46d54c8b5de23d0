"""Ask the witnesses that the book names to sign the last head of the log (C2SP tlog-witness)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol

import urllib3
from django.db import transaction
from django.utils import timezone

from zhiheng.actions.log import refusals
from zhiheng.engines.transparency import notes, tree
from zhiheng.engines.transparency.checkpoints import number
from zhiheng.engines.transparency.notes import PublicKey
from zhiheng.engines.transparency.witnessing import SIZE_TYPE, WitnessRequest
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.witnesses import WITNESSES, WitnessEntry
from zhiheng.kernel.reasons import Refusal, Refused
from zhiheng.ledger import log
from zhiheng.ledger.models import LogCheckpoint, LogCosignature
from zhiheng.people import access

_CONNECT_SECONDS, _READ_SECONDS = 5.0, 15.0
_READ_BYTES: Final = 64_000


@dataclass(frozen=True)
class HeardFrom:
    """What a witness answered: status, kind of text, text."""

    status: int
    kind: str
    text: str


class Ask(Protocol):
    """Sends a request to a witness; raises OSError where nobody answers."""

    def __call__(self, address: str, body: bytes) -> HeardFrom:
        """The answer of the witness at this address."""
        ...


@dataclass
class Cosigned:
    """Who signed the head, who had, and why the others did not."""

    signed: list[str] = field(default_factory=list)
    before: list[str] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)


def lacks_witnesses(book: Book) -> bool:
    """Whether the last head lacks the signature of a witness that the book names (two statements)."""
    keys = {str(one.key) for one in book[WITNESSES].witnesses}
    head = log.last_checkpoint() if keys else None
    return head is not None and not keys <= set(head.cosignatures.values_list("witness", flat=True))


def post(address: str, body: bytes) -> HeardFrom:
    """Ask over HTTP; the answer is read up to a bound, redirects are not followed."""
    timeout = urllib3.Timeout(connect=_CONNECT_SECONDS, read=_READ_SECONDS)
    try:
        with urllib3.PoolManager(timeout=timeout, retries=False) as pool:
            url = f"{address.rstrip('/')}/add-checkpoint"
            answer = pool.request("POST", url, body=body, redirect=False, preload_content=False)
            text = answer.read(_READ_BYTES).decode("utf-8", "replace")
            answer.release_conn()
    except urllib3.exceptions.HTTPError as cause:
        raise OSError(type(cause).__name__) from cause
    return HeardFrom(answer.status, answer.headers.get("Content-Type", ""), text)


def ask_witnesses(*, call: Call, ask: Ask = post, watch: Callable[[], None] = lambda: None) -> Cosigned:
    """Ask each witness that has not signed the last head; what it signed is kept with it, whoever else fails."""
    access.require(call, "ledger.verify")
    done, head = Cosigned(), log.last_checkpoint()
    if head is None:
        return done
    signed = set(head.cosignatures.values_list("witness", flat=True))
    for one in call.book[WITNESSES].witnesses:
        watch()
        if one.key in signed:
            done.before.append(one.name.zh)
            continue
        try:
            _keep(head, one, _asked(head, one, ask))
            done.signed.append(one.name.zh)
        except Refused as cause:
            done.refused += cause.refusals
        except OSError as cause:
            done.refused.append(refusals.witness_answered(one.name.zh, str(cause)))
    return done


def _asked(head: LogCheckpoint, one: WitnessEntry, ask: Ask) -> notes.NoteSignature:
    """The witness's signature over the head. Raises Refused where it gave none, or one that does not hold."""
    key = notes.read_public_key(one.key)
    old = _signed_before(one)
    heard = ask(one.address, _request(head, old))
    if heard.status == 409 and heard.kind.startswith(SIZE_TYPE):
        # It knows another head than the one noted here; from there it must be shown that the log only grew.
        theirs = number(heard.text.strip())
        if theirs > head.size:
            raise Refused(refusals.witness_saw_more(one.name.zh, theirs, head.size))
        heard = ask(one.address, _request(head, theirs))
    if heard.status != 200:
        raise Refused(refusals.witness_answered(one.name.zh, f"HTTP {heard.status} {heard.text[:200].strip()}"))
    return _own(key, notes.read_note(head.note.encode()).text, heard.text, one)


def _own(key: PublicKey, text: str, lines: str, one: WitnessEntry) -> notes.NoteSignature:
    for signature in notes.read_signatures(lines):
        if signature.is_by(key) and key.holds(text, signature.signed):
            return signature
    raise Refused(refusals.witness_answered(one.name.zh, "签名不是这个公钥的 / not the signature of this key"))


def _request(head: LogCheckpoint, old: int) -> bytes:
    proof = tree.consistency_proof(log.read_tree(head.size), old, head.size)
    return str(WitnessRequest(old, tuple(proof), notes.read_note(head.note.encode()))).encode()


def _signed_before(one: WitnessEntry) -> int:
    """The size of the last head that the witness signed; 0: none."""
    last = LogCosignature.objects.filter(witness=one.key).order_by("-checkpoint__size")
    return last.values_list("checkpoint__size", flat=True).first() or 0


def _keep(head: LogCheckpoint, one: WitnessEntry, signature: notes.NoteSignature) -> None:
    at = dt.datetime.fromtimestamp(notes.cosigned_at(signature.signed), tz=timezone.get_default_timezone())
    with transaction.atomic():
        LogCosignature.objects.get_or_create(
            checkpoint=head, witness=one.key, defaults={"at": at, "line": signature.line}
        )
