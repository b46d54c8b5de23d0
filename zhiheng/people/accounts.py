"""How accounts are made and found by the framework's log-in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.base_user import BaseUserManager

if TYPE_CHECKING:
    from zhiheng.people.models import Account


class AccountManager(BaseUserManager["Account"]):
    """Accounts by their login; a password is hashed, or absent where log-in comes from elsewhere."""

    def create_user(self, login: str, password: str | None = None, **fields: Any) -> Account:
        """A new account; without a password it can't sign in with one."""
        account = self.model(login=login, **fields)
        account.set_password(password) if password else account.set_unusable_password()
        account.save(using=self._db)
        return account
