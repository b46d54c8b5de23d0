"""The first page after signing in. Only this room may join the framework's sign-in with the pages."""

from __future__ import annotations

from django.http import HttpRequest

from zhiheng.kernel.actor import PUBLIC
from zhiheng.pages.navigation import beginning
from zhiheng.people import adapters
from zhiheng.people.actors import actor_of
from zhiheng.people.models import Account


class SignInAdapter(adapters.Accounts):
    """The framework's sign-in, with the rooms of this house."""

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """The first page of the account."""
        user = request.user
        return beginning(actor_of(user) if isinstance(user, Account) else PUBLIC).url
