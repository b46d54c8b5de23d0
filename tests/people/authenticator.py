"""A security key in software: makes a credential, signs challenges with it, counts. What a browser would send, as
JSON.
"""

from __future__ import annotations

import json
import secrets
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


class SecurityKey:
    """One key, at one origin."""

    def __init__(self, origin: str = "http://localhost", host: str = "localhost") -> None:
        self.origin, self.host = origin, host
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(32)
        self.user = b""
        self.count = 0

    def _client_data(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode()

    def register(self, challenge: str, user: str = "") -> str:
        """The answer to 'make a credential'."""
        self.user = user.encode()
        data = AttestedCredentialData.create(
            b"\0" * 16, self.id, ES256.from_cryptography_key(self.private.public_key())
        )
        flags = PRESENT | VERIFIED | ATTESTED
        authenticator = AuthenticatorData.create(sha256(self.host.encode()).digest(), flags, self.count, data)
        attested = AttestationObject.create("none", authenticator, {})
        return self._told(
            {
                "clientDataJSON": websafe_encode(self._client_data("webauthn.create", challenge)),
                "attestationObject": websafe_encode(bytes(attested)),
                "transports": ["usb"],
            },
            {"credProps": {"rk": False}},
        )

    def answer(self, challenge: str) -> str:
        """The answer to 'prove that you are there'."""
        self.count += 1
        authenticator = AuthenticatorData.create(sha256(self.host.encode()).digest(), PRESENT | VERIFIED, self.count)
        client = self._client_data("webauthn.get", challenge)
        signature = self.private.sign(bytes(authenticator) + sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._told(
            {
                "clientDataJSON": websafe_encode(client),
                "authenticatorData": websafe_encode(bytes(authenticator)),
                "signature": websafe_encode(signature),
                "userHandle": websafe_encode(self.user),
            },
            {},
        )

    def _told(self, response: dict[str, Any], extensions: dict[str, Any]) -> str:
        name = websafe_encode(self.id)
        return json.dumps(
            {
                "id": name,
                "rawId": name,
                "type": "public-key",
                "response": response,
                "clientExtensionResults": extensions,
                "authenticatorAttachment": "cross-platform",
            }
        )
