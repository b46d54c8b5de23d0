"""The addresses of allauth's own provider, with the names by which its pages find them."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.decorators import login_not_required
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.views import OAuth2LoginView
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path

from zhiheng.people.single_sign_on.checked_answer import CheckedAdapter, CheckedCallback


def _answered_by(view: Any, request: HttpRequest, provider_id: str) -> HttpResponse:
    try:
        answer: HttpResponse = view.adapter_view(CheckedAdapter(request, provider_id))(request)
    except SocialApp.DoesNotExist:
        raise Http404 from None
    return answer


@login_not_required  # type: ignore[untyped-decorator]  # allauth has no types
def login(request: HttpRequest, provider_id: str) -> HttpResponse:
    """To the log-in page of the single sign-on."""
    return _answered_by(OAuth2LoginView, request, provider_id)


@login_not_required  # type: ignore[untyped-decorator]  # allauth has no types
def callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    """The way back from it."""
    return _answered_by(CheckedCallback, request, provider_id)


urlpatterns = [
    path("oidc/<provider_id>/login/", login, name="openid_connect_login"),
    path("oidc/<provider_id>/login/callback/", callback, name="openid_connect_callback"),
]
