"""The place where a page of a list begins, sealed in its address, so that it fits the one list that it was written for.

A list hands out the place of its next page (``database.paging``). An address shows it sealed with the filters of the
list. Anything else (cut off, made up, of another list, of the same list under other filters, sealed with a key that is
no longer used) is no place: a page then shows the list from its beginning and says so, the interface for programs
refuses it. So later pages of a list can't be read without opening the list, which notes it in the trail on its first
page; and since a place is encrypted, no address tells the number of a row.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Collection

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.http import QueryDict
from django.utils.crypto import salted_hmac

from zhiheng.kernel.parse_params import number_in
from zhiheng.pages.http import PageRequest

# What an address says that is not what the list was asked for: places, and which part of a page is wanted.
_PLACES = frozenset({"after", "skips"})
_NOT_ASKED = _PLACES | {"part", "year"}


def seal(of: str, place: str) -> str:
    """A place in a list as it stands in an address (letters, digits, ``-`` and ``_``); empty where there is none."""
    return base64.urlsafe_b64encode(_box().encrypt(place.encode(), [of.encode()])).decode().rstrip("=") if place else ""


def unseal(of: str, text: str) -> str | None:
    """The place in the list that was sealed; None where the text is none of this list."""
    try:
        whole = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), b"-_", validate=True)
        return _box().decrypt(whole, [of.encode()]).decode() or None
    except (UnicodeError, binascii.Error, InvalidTag, ValueError):
        return None


def place_asked(request: PageRequest, name: str = "after", *, of: str = "", among: Collection[str] = ()) -> str:
    """The place from which the address asks for its list, empty for the beginning; ``of`` and ``among`` as in
    ``next_place``. What is no place of this list is the beginning, and the page says so (``pages/parts/anew.html``).
    """
    text = request.GET.get(name, "")
    place = unseal(_list_of(request, name, of, among), text) if text else ""
    if place is None:
        request.began_anew = True
    return place or ""


def next_place(
    request: PageRequest, place: str, name: str = "after", *, of: str = "", among: Collection[str] = ()
) -> str:
    """The place of the next page for an address.

    The list is that of this address with all that it asks for; or, where several addresses show parts of one list,
    ``of``, asked for by the words ``among`` of the address.
    """
    return seal(_list_of(request, name, of, among), place)


def start_asked(request: PageRequest, name: str) -> int:
    """How many rows are to be left out at the beginning, for lists that know no other place; what is no number is the
    beginning, and the page says so.
    """
    text = request.GET.get(name, "")
    start = number_in(text) if text else 0
    if start is None:
        request.began_anew = True
    return start or 0


def without(asked: QueryDict, *names: str) -> QueryDict:
    """What an address asks for without some words: also without empty ones and without places, since a list that is
    narrowed otherwise begins anew.
    """
    left = asked.copy()
    for name in [name for name, value in left.items() if name in names or name in _PLACES or not value]:
        left.pop(name)
    return left


def _list_of(request: PageRequest, name: str, of: str, among: Collection[str]) -> str:
    asked = sorted(
        (key, value)
        for key, values in request.GET.lists()
        for value in values
        if value and (key in among if among else key not in _NOT_ASKED)
    )
    return repr((of or request.path, name, asked))


def _box() -> AESSIV:
    """Encrypts alike what is alike (RFC 5297), so that an address stays the same for the same page."""
    return AESSIV(salted_hmac("zhiheng.pages.paging", "key", algorithm="sha256").digest())
