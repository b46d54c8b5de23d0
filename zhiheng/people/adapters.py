"""Adapters of the sign-in library: accounts are never self-made, and every sign-in stands in the trail.

The trail never holds what was typed: a password typed into the field of the name must not appear there.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import secrets
from typing import Any, Final

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from allauth.core.internal import ratelimit
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.providers.base.constants import AuthProcess
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.contrib.auth import logout as sign_out
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from zhiheng.kernel.actor import PUBLIC, Actor
from zhiheng.kernel.reasons import Refused
from zhiheng.people import refusals, trail
from zhiheng.people.actors import kind_of
from zhiheng.people.models import Account
from zhiheng.people.session_times import Over


def _who(account: Account) -> Actor:
    return Actor(f"account:{account.pk}", kind_of(account), account.name)


class Accounts(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Sign-in and sign-out; accounts come by invitation or from an administrator, never by themselves."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: an account belongs to a unit or an enterprise, and an administrator answers for it."""
        return False

    def clean_email(self, email: str) -> str:
        """Refused, before anything is written: e-mail addresses identify no account here."""
        raise Refused(refusals.no_mail())

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Refused, whichever page of the framework wants it."""
        raise Refused(refusals.no_mail())

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the attempt; what was tried too often is refused, and the trail notes it.

        Tries are counted for a name at an address, so that nobody locks an account for somebody elsewhere. A browser in
        which the account was signed in before is counted by itself: neither strangers who guess the name from many
        addresses nor neighbours behind the same one keep its owner out.
        """
        name = str(credentials.get("username", "")).lower()
        device = known_device(request, name)
        if device:
            limits = [(DEVICE_TRIES, f"{name}:{device}")]
        else:
            limits = [(LOGIN_TRIES, f"{name}@{address_of(request)}"), (NAME_TRIES, name)]
        used: list[Any] = []
        for limit, key in limits:
            usage = ratelimit.consume(request, app="zhiheng.people", action="login_failed", key=key, config=limit)
            if not usage:
                for one in used:
                    one.rollback()
                self._note_failure(request, "session.locked", credentials)
                raise self.validation_error("too_many_login_attempts")
            used.append(usage)
        self._used = used

    def _rollback_login_failed_rl_usage(self) -> None:
        """A right password is no failed try."""
        for usage in getattr(self, "_used", ()):
            usage.rollback()

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """A wrong password, or a name that does not exist."""
        self._note_failure(request, "session.refused", credentials)

    def post_login(self, request: HttpRequest, user: Account, **words: Any) -> HttpResponse:
        """Signed in, with every factor asked for."""
        methods = [record.get("type") or record.get("method") for record in _records(request, user)]
        detail = {"ip": self.get_client_ip(request), "by": [m for m in methods if m]}
        trail.note_as(_who(user), "session.begin", f"account:{user.pk}", timezone.now(), detail=detail)
        answer: HttpResponse = super().post_login(request, user, **words)
        remember_device(request, answer, user)
        return answer

    def logout(self, request: HttpRequest) -> None:
        """Signed out."""
        if request.user.is_authenticated:
            trail.note_as(_who(request.user), "session.end", f"account:{request.user.pk}", timezone.now())
        super().logout(request)

    def send_notification_mail(self, template_prefix: str, user: Account, *args: Any, **words: Any) -> Any:
        """Something about the account's security changed (a password, a second factor, a single sign-on)."""
        what = template_prefix.rpartition("/")[2]
        trail.note_as(_who(user), "account.security", f"account:{user.pk}", timezone.now(), detail={"what": what})
        return super().send_notification_mail(template_prefix, user, *args, **words)

    def _note_failure(self, request: HttpRequest, verb: str, credentials: dict[str, Any]) -> None:
        # Who guesses all day grows the trail by so many lines and no more; the limits above hold all the same.
        noted = ratelimit.consume(request, app="zhiheng.people", action="noted", config=NOTED)
        if noted is None:
            return
        account = Account.objects.filter(login=credentials.get("username", "")).only("id").first()
        about = f"account:{account.pk}" if account is not None else "account:unknown"
        trail.note_as(PUBLIC, verb, about, timezone.now(), detail={"ip": self.get_client_ip(request)})


def _records(request: HttpRequest, account: Account) -> list[dict[str, Any]]:
    from allauth.account.authentication import get_authentication_records

    found: list[dict[str, Any]] = get_authentication_records(request, account)
    return found


def address_of(request: HttpRequest) -> str:
    """The client's address, as far as the proxies before this site are trusted; a network for IPv6."""
    return str(ratelimit.get_ip(request))


# Wrong passwords of a name: from one address; from a browser that knows it; from all other addresses together, which is
# far above what a person mistypes and far below what guessing needs.
LOGIN_TRIES: Final = {"login_failed": "20/m/ip,5/900s/key"}
DEVICE_TRIES: Final = {"login_failed": "5/900s/key"}
NAME_TRIES: Final = {"login_failed": "100/3600s/key"}
# Lines of the trail about refused sign-ins, from one address.
NOTED: Final = {"noted": "60/h/ip"}
DEVICE_SALT, DEVICE_DAYS = "zhiheng.people.device", 180


def known_device(request: HttpRequest, name: str) -> str:
    """The mark of a browser in which this account was signed in with every factor before; '' where it was not."""
    try:
        said = signing.loads(
            request.COOKIES.get(settings.DEVICE_COOKIE_NAME, ""),
            salt=DEVICE_SALT,
            max_age=dt.timedelta(days=DEVICE_DAYS),
        )
        return str(said[name])
    except (signing.BadSignature, KeyError, TypeError):
        return ""


def remember_device(request: HttpRequest, answer: HttpResponse, account: Account) -> None:
    """Mark the browser as one of this account's; the mark lets nobody in, it only counts wrong passwords by itself."""
    try:
        said = signing.loads(request.COOKIES.get(settings.DEVICE_COOKIE_NAME, ""), salt=DEVICE_SALT)
        marks = dict(said)
    except (signing.BadSignature, TypeError, ValueError):
        marks = {}
    # Some share a browser; those who signed in last are remembered.
    name = account.login.lower()
    marks.pop(name, None)
    marks = dict(list(marks.items())[-3:]) | {name: secrets.token_urlsafe(9)}
    answer.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        signing.dumps(marks, salt=DEVICE_SALT),
        max_age=DEVICE_DAYS * 86_400,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def end_session(request: HttpRequest, why: Over) -> None:
    """End the session of an account that did not sign out; the trail says why."""
    if isinstance(request.user, Account):
        about = f"account:{request.user.pk}"
        trail.note_as(_who(request.user), "session.end", about, timezone.now(), detail={"why": why.value})
    sign_out(request)


# Codes are for people with a letter in their hands: more tries than this from one address are guesses.
CODE_TRIES: Final = {"code": "20/10m/ip,200/d/ip"}


def may_try_code(request: HttpRequest) -> bool:
    """Count a try of a code on paper; False where there were too many from this address."""
    return ratelimit.consume(request, app="zhiheng.people", action="code", config=CODE_TRIES) is not None


# Sessions that begin without an account: asking for a sign-in by passkey makes one, and so may any page to come. A
# whole office behind one address comes in the morning; whoever asks on and on fills the table to here and no further.
NEW_SESSIONS: Final = {"session": "200/10m/ip,2000/d/ip"}


def may_begin_session(request: HttpRequest) -> bool:
    """Count a session that is to begin for somebody who is not signed in; False where there were too many from this
    address.
    """
    # A page that is only asked for may begin one as well.
    counted = ratelimit.consume(request, app="zhiheng.people", action="session", config=NEW_SESSIONS, limit_get=True)
    return counted is not None


# What was typed before a session ended is kept until its writer signs in again. An office behind one address comes back
# in the morning; a token that somebody got hold of keeps nothing more after these, from wherever it is sent.
KEPT_FORMS: Final = {"kept": "60/h/ip,5/4h/key"}


def may_keep_form(request: HttpRequest, number: str) -> bool:
    """Count a form that is to be kept for somebody who is not signed in; False where too many were from this address,
    or of this form (``number``: the number of its token).
    """
    return ratelimit.consume(request, app="zhiheng.people", action="kept", key=number, config=KEPT_FORMS) is not None


def sign_in_by_code(request: HttpRequest, account: Account) -> HttpResponse:
    """Sign in after a password was set with a code on paper, through every stage of the ordinary sign-in.

    The code stands for the password and for nothing else: an account with a second factor is asked for it, and the
    trail says when the session began.
    """
    record_authentication(request, account, method="code")
    answer: HttpResponse = perform_login(request, account)
    return answer


class SecondFactor(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """The secret of a second factor is encrypted with the installation's key: a copied database alone does not open an
    account.
    """

    def encrypt(self, text: str) -> str:
        """Encrypted with the present key."""
        return _keys().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Decrypted with the present key, or one that was in use before (SECRET_KEY_FALLBACKS)."""
        return _keys().decrypt(encrypted_text.encode()).decode()


def _keys() -> MultiFernet:
    known = [settings.SECRET_KEY, *(str(key) for key in settings.SECRET_KEY_FALLBACKS)]
    derived = (hashlib.sha256(f"zhiheng second factor {secret}".encode()).digest() for secret in known)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in derived])


class SingleSignOn(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """A person from the government's single sign-on is the account that an administrator gave their number to;
    otherwise refused.
    """

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Never: see ``Accounts``."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Find the account by its number at the single sign-on, at every sign-in.

        The framework lets whoever is signed in link a person from there to their own account (``process=connect``):
        that person would come in ever after, and no administrator gave them the account. It is refused, and so is a
        link that stands and is not the one of the administrator's number.
        """
        if sociallogin.state.get("process", AuthProcess.LOGIN) != AuthProcess.LOGIN:
            raise PermissionDenied
        account = Account.objects.filter(outside_id=sociallogin.account.uid, is_active=True).first()
        if sociallogin.is_existing:
            if account is None or sociallogin.user.pk != account.pk:
                raise PermissionDenied
        elif account is not None:
            sociallogin.connect(request, account)
