"""The provider as allauth registers it: the module is found by its name (``<app>.provider``)."""

from __future__ import annotations

import secrets
from typing import Any

from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from django.http import HttpRequest, HttpResponse

from zhiheng.people.single_sign_on.checked_answer import NONCE, CheckedAdapter


class SingleSignOnProvider(OpenIDConnectProvider):  # type: ignore[misc]  # allauth has no types
    """Sends a nonce with each question, keeps it in the session with the state, and asks for nothing that the address
    of the request adds.
    """

    oauth2_adapter_class = CheckedAdapter
    # A token that somebody else got is no sign-in: it would come without state and nonce.
    supports_token_authentication = False

    def redirect(self, request: HttpRequest, *args: Any, **words: Any) -> HttpResponse:
        """To the log-in page there; the nonce stands in the state of this session, and there in the ID token."""
        nonce = secrets.token_urlsafe(24)
        words["auth_params"] = {**(words.get("auth_params") or self.get_auth_params()), NONCE: nonce}
        answer: HttpResponse = super().redirect(request, *args, **words, **{NONCE: nonce})
        return answer

    def get_auth_params_from_request(self, request: HttpRequest, action: str) -> dict[str, Any]:
        """Only those of the settings: a link that somebody else wrote would choose parameters of the question."""
        found: dict[str, Any] = self.get_auth_params()
        return found

    def get_scope_from_request(self, request: HttpRequest) -> list[str]:
        """Only that of the settings."""
        found: list[str] = self.get_scope()
        return found


provider_classes: list[Any] = [SingleSignOnProvider]
