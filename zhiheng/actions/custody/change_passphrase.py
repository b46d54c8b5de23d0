"""Put another passphrase on one's own key; what was sealed opens with it as before."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.custody.custodians import check_new, in_person, locked, present, unlocked
from zhiheng.engines import sealing
from zhiheng.grammar.call import Call
from zhiheng.people import access


def change_passphrase(old: str, new: str, *, call: Call) -> None:
    """Raises Refused where the old one is wrong or the new one weak. A copy of the database from before still
    opens with the old one.
    """
    custodian = present(call)
    access.require(call, "case.read_sealed", unit=custodian.unit)
    unlocked(custodian, old, call)
    check_new(new, in_person(call))
    key = sealing.relock(locked(custodian), old, new, sealing.MODERATE)
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        custodian.locked, custodian.salt = key.locked, key.salt
        custodian.passes, custodian.memory = key.strength.passes, key.strength.memory
        custodian.save(update_fields=["locked", "salt", "passes", "memory"])
        audit.write(call, "custody.passphrase", f"custodian:{custodian.pk}")
