"""A small single sign-on of a government (OpenID Connect), as a process of the test's own: description, keys, token,
person.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "zhiheng", "an invented secret"


@dataclass
class Provider:
    """Who signs in next (``person``), and how it misbehaves."""

    url: str = ""
    person: dict[str, Any] = field(default_factory=dict)
    audience: str = CLIENT
    fails: bool = False
    login_at: str = ""
    asked: list[str] = field(default_factory=list)
    key: Any = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))
    grants: dict[str, dict[str, str]] = field(default_factory=dict)
    # What the ID token says otherwise, and what of it is left out.
    token: dict[str, Any] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    issuer: str = ""

    def consent(self, authorize: str) -> str:
        """What the person's browser does there: signs in, and comes back with a code. The address to come back to."""
        given = {name: values[0] for name, values in parse_qs(urlsplit(authorize).query).items()}
        assert given["client_id"] == CLIENT
        assert given["response_type"] == "code"
        code = f"code-{len(self.grants)}"
        self.grants[code] = given
        return f"{given['redirect_uri']}?code={code}&state={given['state']}"

    def answer(self, path: str, form: dict[str, str], token: str) -> tuple[int, Any]:
        """The answer to a request."""
        self.asked.append(path)
        if self.fails:
            return 500, {"error": "server_error"}
        if path == "/.well-known/openid-configuration":
            return 200, {
                "issuer": self.issuer or self.url,
                "authorization_endpoint": f"{self.login_at or self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "userinfo_endpoint": f"{self.url}/userinfo",
                "jwks_uri": f"{self.url}/jwks",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        if path == "/jwks":
            public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
            return 200, {"keys": [{**public, "kid": "one", "use": "sig", "alg": "RS256"}]}
        if path == "/token":
            grant = self.grants.pop(form.get("code", ""), None)
            if grant is None or not self._verified(grant, form):
                return 400, {"error": "invalid_grant"}
            now = int(time.time())
            told = {"iss": self.url, "aud": self.audience, "iat": now, "exp": now + 60, **self.person}
            if "nonce" in grant:
                told["nonce"] = grant["nonce"]
            told = {name: value for name, value in (told | self.token).items() if name not in self.without}
            signed = jwt.encode(told, self.key, algorithm="RS256", headers={"kid": "one"})
            answer = {"access_token": "opaque", "token_type": "Bearer", "expires_in": 60, "id_token": signed}
            return 200, {name: value for name, value in answer.items() if name not in self.without}
        if path == "/userinfo" and token == "Bearer opaque":
            return 200, self.person
        return 404, {"error": "not_found"}

    def _verified(self, grant: dict[str, str], form: dict[str, str]) -> bool:
        """The proof that who fetches the token is who had asked (PKCE)."""
        made = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=")
        return grant.get("code_challenge") == made.decode() and grant.get("code_challenge_method") == "S256"


@contextmanager
def running() -> Iterator[Provider]:
    """The provider, at an address of this machine."""
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            self._answer({name: values[0] for name, values in parse_qs(body).items()})

        def _answer(self, form: dict[str, str]) -> None:
            status, told = provider.answer(urlsplit(self.path).path, form, self.headers.get("Authorization", ""))
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
