"""People as a Django app."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace
from typing import Any

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "zhiheng.people"
    label = "people"
    verbose_name = "人员与权限 People"

    def ready(self) -> None:
        """The library reports a wrong second factor, and one that was removed, through signals only; everything else
        through the adapters.
        """
        from allauth.mfa.signals import authentication_failed, authenticator_removed
        from django.contrib.auth.signals import user_logged_in

        authentication_failed.connect(_second_factor_failed, dispatch_uid="zhiheng.people")
        authenticator_removed.connect(_second_factor_removed, dispatch_uid="zhiheng.people")
        user_logged_in.connect(_session_begins, dispatch_uid="zhiheng.people")
        _sign_in_among_people()


def _sign_in_among_people() -> None:
    """Where the framework opens a transaction at sign-in or over a second factor without naming a database, it means
    the one of its tables.

    It would take the ledger's writing lock otherwise: no sign-in would work while a delivery is written, no second
    factor could be set up, and what it writes itself would stand in no transaction.
    """
    from allauth.account import managers
    from allauth.mfa.recovery_codes.internal import auth as codes
    from allauth.mfa.recovery_codes.internal import flows as codes_flows
    from allauth.mfa.totp.internal import flows as totp_flows
    from allauth.usersessions import models
    from django.conf import settings
    from django.db import transaction

    among_people = SimpleNamespace(
        atomic=partial(transaction.atomic, using=settings.PEOPLE_DATABASE),
        on_commit=partial(transaction.on_commit, using=settings.PEOPLE_DATABASE),
    )
    for module in (managers, models, codes, codes_flows, totp_flows):
        setattr(module, "transaction", among_people)  # noqa: B010 - allauth has no types
    # These were decorated when their modules were read.
    codes_flows.generate_recovery_codes = _anew(codes_flows.generate_recovery_codes, among_people)
    totp_flows.activate_totp = _anew(totp_flows.activate_totp, among_people)
    codes.RecoveryCodes.validate_code = _anew(codes.RecoveryCodes.validate_code, among_people)


def _anew(decorated: Any, among_people: Any) -> Any:
    """The function in a transaction of that database."""
    return among_people.atomic()(decorated.__wrapped__)


def _session_begins(request: Any, **_words: Any) -> None:
    import time

    from zhiheng.people import session_times

    session_times.begin(request.session, time.time())


def _second_factor_failed(user: Any, authenticator: Any, **_words: Any) -> None:
    from django.utils import timezone

    from zhiheng.kernel.actor import PUBLIC
    from zhiheng.people import trail

    trail.note_as(
        PUBLIC, "session.refused", f"account:{user.pk}", timezone.now(), detail={"factor": authenticator.type}
    )


def _second_factor_removed(request: Any, **_words: Any) -> None:
    """Whether another factor is left is asked again at the next page."""
    from zhiheng.people.second_factor import PROVED

    request.session.pop(PROVED, None)
