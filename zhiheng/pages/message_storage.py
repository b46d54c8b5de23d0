"""Where a sentence waits for the page that shows it: in a cookie, where it is too long in the session."""

from __future__ import annotations

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class HostCookieStorage(CookieStorage):
    """The framework's storage, its cookie named like every other of this house."""

    cookie_name = settings.MESSAGES_COOKIE_NAME


class MessageStorage(FallbackStorage):
    """In a cookie first: a stranger to whom something is said needs no session."""

    storage_classes = (HostCookieStorage, SessionStorage)
