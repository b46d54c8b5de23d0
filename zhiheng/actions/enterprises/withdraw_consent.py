"""An enterprise takes a consent back: from this moment the institution reads nothing more under it."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.enterprises import refusals
from zhiheng.grammar.call import Call
from zhiheng.kernel.reasons import Refused
from zhiheng.office.consents import Consent
from zhiheng.people import access


def withdraw(consent_id: int, *, call: Call) -> Consent:
    """End a consent now; withdrawing it again changes nothing.

    Returns:
        The consent.

    Raises:
        Refused: where it is absent or another enterprise's.
    """
    consent = Consent.objects.filter(pk=consent_id).first()
    # Somebody else's is answered like one that does not exist.
    if consent is None or access.may(call, "firm.consent", subject=consent.subject):
        access.require_somewhere(call, "firm.consent")
        raise Refused(refusals.consent_absent(consent_id))
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        if Consent.objects.filter(pk=consent_id, withdrawn_at=None, replaced_at=None).update(
            withdrawn_at=call.now, withdrawn_by=str(call.actor)
        ):
            audit.write(
                call,
                "consent.withdraw",
                f"subject:{consent.subject}",
                detail={"consent": consent_id, "reader": consent.reader},
            )
        consent.refresh_from_db()
    return consent
