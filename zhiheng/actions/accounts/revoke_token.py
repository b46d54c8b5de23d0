"""Take a program's key away, at once."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.accounts import refusals
from zhiheng.grammar.call import Call
from zhiheng.kernel.reasons import Refused
from zhiheng.people import access
from zhiheng.people.models import ApiToken


def revoke_token(token_id: int, *, reason: str, call: Call) -> ApiToken:
    """Revoke a token: from the next request on it is refused.

    Returns:
        The revoked token.

    Raises:
        Refused: without a reason, or where the token is absent or of another administrator's units.
    """
    access.require_somewhere(call, "token.manage")
    token: ApiToken | None = ApiToken.objects.filter(pk=token_id).first()
    if token is None or token.revoked_at is not None:
        raise Refused(refusals.key_absent(token_id))
    access.require(call, "token.manage", unit=token.unit)
    if not reason.strip():
        raise Refused(refusals.revoking_needs_reason())
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        token.revoked_at, token.revoked_by = call.now, str(call.actor)[:160]
        token.save(update_fields=["revoked_at", "revoked_by"])
        audit.write(call, "token.revoke", f"token:{token.pk}", purpose=reason.strip())
    return token
