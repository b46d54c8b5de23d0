"""A signed report: its canonical JSON under an Ed25519 signature, so that any holder can tell that it is genuine.

What is signed is ``canonical(report)`` in UTF-8: keys sorted, no spaces, characters as they are. Numbers with digits
after the point are texts, so that every JSON library writes the same. The signature is that of libsodium (PyNaCl).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

import orjson
from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from zhiheng.engines import refusals
from zhiheng.kernel.facts import canonical
from zhiheng.kernel.reasons import Refused

FORMAT: Final = "zhiheng-credit-report/1"
ALGORITHM: Final = "Ed25519"

# What whoever holds a report can run to verify it: printed on the portal and in docs/how-to/verify-a-credit-report.md.
VERIFY_LINES: Final = """\
import base64, json, sys, urllib.request
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

file, keys_at = sys.argv[1:3]
with open(file, encoding="utf-8") as opened:
    said = json.load(opened)
report, signature = said["report"], said["signature"]
with urllib.request.urlopen(keys_at) as answer:
    keys = {each["id"]: each["public_key"] for each in json.load(answer)["keys"]}
if signature["key"] not in keys:
    sys.exit("not signed by this platform")
key = Ed25519PublicKey.from_public_bytes(base64.b64decode(keys[signature["key"]]))
text = json.dumps(report, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
try:
    key.verify(base64.b64decode(signature["value"]), text.encode("utf-8"))
except InvalidSignature:
    sys.exit("altered")
print("genuine", report["number"], report["issued_at"], "PDF", report["pdf_sha256"])
"""


def key_id(public: bytes) -> str:
    """What a public key is called: the first sixteen digits of its SHA-256."""
    return sha256(public).hexdigest()[:16]


def signed(report: Mapping[str, Any], seed: bytes) -> bytes:
    """The file: the report and its signature; ``seed``: the 32 bytes of the private key."""
    key = SigningKey(seed)
    public = bytes(key.verify_key)
    value = key.sign(canonical(report).encode()).signature
    signature = {
        "algorithm": ALGORITHM,
        "key": key_id(public),
        "public_key": base64.b64encode(public).decode(),
        "value": base64.b64encode(value).decode(),
    }
    return orjson.dumps({"report": report, "signature": signature}, option=orjson.OPT_INDENT_2)


def verified(file: bytes, keys: Mapping[str, bytes]) -> Mapping[str, Any]:
    """The report of a file that one of the keys (id -> public key) has signed.

    Raises Refused for what is no signed report, a key that is none of these, and a signature that does not fit: then
    something was altered.
    """
    try:
        said = orjson.loads(file)
        report, signature = said["report"], said["signature"]
        name, value = str(signature["key"]), base64.b64decode(signature["value"], validate=True)
        text = canonical(report).encode()
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, binascii.Error) as wrong:
        raise Refused(refusals.report_not_signed()) from wrong
    if not isinstance(report, dict) or report.get("format") != FORMAT:
        raise Refused(refusals.report_not_signed())
    if name not in keys:
        raise Refused(refusals.report_key_unknown(name[:40]))
    try:
        VerifyKey(keys[name]).verify(text, value)
    except (BadSignatureError, ValueError, TypeError) as wrong:
        raise Refused(refusals.report_altered()) from wrong
    return report


__all__ = ["ALGORITHM", "FORMAT", "VERIFY_LINES", "key_id", "signed", "verified"]
