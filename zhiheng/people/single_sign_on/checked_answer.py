"""What an answer of the single sign-on must say before anybody is signed in by it (OpenID Connect Core 1.0, 3.1.3.7).

allauth checks audience, time and the issuer of the description that it fetched. Here besides: the answer carries the
nonce that this session sent, the description is that of the issuer who was configured (Discovery 1.0, 4.3), and the
person told of beside the token is the one of the token (Core 5.3.2).
"""

from __future__ import annotations

import secrets
from typing import Any, Final

from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import HttpRequest, HttpResponse
from requests import RequestException

NONCE: Final = "nonce"
_DESCRIPTION: Final = "/.well-known/"


def issuer_of(settings: dict[str, Any]) -> str:
    """The issuer that answers must name: the one that is configured, else the address before the description."""
    return str(settings.get("issuer") or settings["server_url"].partition(_DESCRIPTION)[0])


class CheckedAdapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]  # allauth has no types
    """As allauth's, and every answer is held against what this session asked."""

    # Of the state of this session; set by the view that comes back.
    nonce: str = ""

    @property
    def openid_config(self) -> dict[str, Any]:
        """The description of the provider; refused where it is that of another issuer."""
        config: dict[str, Any] = super().openid_config
        if str(config.get("issuer", "")).rstrip("/") != issuer_of(self.get_provider().app.settings).rstrip("/"):
            # Told like a provider that does not answer: nobody can sign in by it until an administrator looks.
            raise RequestException("the description of the single sign-on is that of another issuer")
        return config

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **words: Any) -> Any:
        """Whom the answer tells of; raises OAuth2Error where it has no ID token or tells of two."""
        if not words["response"].get("id_token"):
            raise OAuth2Error("no ID token")
        login = super().complete_login(request, app, token, **words)
        said = login.account.extra_data
        if "userinfo" in said and said["userinfo"].get("sub") != said["id_token"].get("sub"):
            raise OAuth2Error("the ID token is that of somebody else")
        return login

    def _decode_id_token(self, app: Any, id_token: str) -> dict[str, Any]:
        said: dict[str, Any] = super()._decode_id_token(app, id_token)
        answered = str(said.get(NONCE) or "")
        if not self.nonce or not secrets.compare_digest(answered.encode(), self.nonce.encode()):
            raise OAuth2Error("the ID token does not answer what this session asked")
        return said


class CheckedCallback(OAuth2CallbackView):  # type: ignore[misc]  # allauth has no types
    """The way back: what this session had asked is taken out of it once, and told to the adapter."""

    def _get_state(self, request: HttpRequest, provider: Any) -> tuple[dict[str, Any] | None, HttpResponse | None]:
        state, answer = super()._get_state(request, provider)
        self.adapter.nonce = str((state or {}).get(NONCE) or "")
        return state, answer
