"""Seal who complains or reports, for two custodians of different units; nothing of it stands anywhere else."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.custody import refusals
from zhiheng.actions.custody.custodians import custody_page, in_office
from zhiheng.engines import sealing
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.kernel.reasons import Refused
from zhiheng.kernel.reporter import Reporter
from zhiheng.office.sealed import CaseSeal, Custodian, SealShare
from zhiheng.people import access


def seal_identity(reporter: Reporter, *, area: str, call: Call) -> str:
    """The number of the seal, which a case names; "" for somebody who said nothing of themselves.

    Raises Refused where the book names no keepers for the area, or a side has no custodian in office.
    """
    access.require(call, "case.submit", area=area)
    if reporter.anonymous:
        return ""
    units = custody_page(call).of_area(area, call.book[DISTRICT])
    if units is None:
        raise Refused(refusals.no_page())
    sides: tuple[list[Custodian], list[Custodian]] = ([], [])
    for custodian in in_office(units, call):
        sides[units.index(custodian.unit)].append(custodian)
    for unit, side in zip(units, sides, strict=True):
        if not side:
            name = next(u.name for u in call.book[DISTRICT].units if u.id == unit)
            raise Refused(refusals.nobody(name.zh, name.en))
    number = secrets.token_hex(16)
    first, second = ({one.pk: bytes(one.public) for one in side} for side in sides)
    sealed = sealing.seal(number, reporter.written(), (first, second))
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        seal = CaseSeal.objects.create(
            id=number,
            area=area,
            first_unit=units[0],
            second_unit=units[1],
            text=sealed.text,
            made_at=call.now,
        )
        SealShare.objects.bulk_create(
            SealShare(seal=seal, side=side, custodian_id=custodian, box=box)
            for side, boxes in sealed.shares.items()
            for custodian, box in boxes.items()
        )
        audit.write(call, "seal.make", f"seal:{number}", detail={"area": area})
    return number
