"""Become a custodian of one's unit: a pair of keys, of which the private one lies under a passphrase that only one
knows.
"""

from __future__ import annotations

from django.conf import settings
from django.db import IntegrityError, transaction

from zhiheng.actions import audit
from zhiheng.actions.custody import refusals
from zhiheng.actions.custody.custodians import check_new, custody_page, in_office, in_person
from zhiheng.engines import sealing
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.kernel.reasons import Refused
from zhiheng.office.sealed import Custodian
from zhiheng.people import access


def make_custody_key(unit: str, passphrase: str, *, call: Call) -> Custodian:
    """The new custodian. The first of a unit holds shares of all that is sealed from now on; a later one after somebody
    in office has admitted them.
    """
    access.require(call, "case.read_sealed", unit=unit)
    account = in_person(call)
    label = next(u.name for u in call.book[DISTRICT].units if u.id == unit)
    if all(unit not in side.units for side in custody_page(call).sides):
        raise Refused(refusals.not_a_side(label.zh, label.en))
    if Custodian.objects.filter(account=account.pk, ended_at=None).exists():
        raise Refused(refusals.already())
    check_new(passphrase, account)
    key = sealing.new_key(passphrase, sealing.MODERATE)
    first = not in_office((unit,), call)
    try:
        with transaction.atomic(using=settings.PEOPLE_DATABASE):
            custodian = Custodian.objects.create(
                account=account.pk,
                name=account.name,
                unit=unit,
                public=key.public,
                locked=key.locked,
                salt=key.salt,
                passes=key.strength.passes,
                memory=key.strength.memory,
                made_at=call.now,
                admitted_at=call.now if first else None,
                admitted_by=str(call.actor)[:160] if first else "",
            )
            audit.write(call, "custody.make_key", f"custodian:{custodian.pk}", detail={"unit": unit})
    except IntegrityError as cause:
        raise Refused(refusals.already()) from cause
    return custodian
