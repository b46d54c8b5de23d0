"""Numbers in addresses: those that a database can hold. Anything longer is no address of this house."""

from __future__ import annotations

from django.urls import register_converter
from django.urls.converters import IntConverter

NAME = "number"


class NumberConverter(IntConverter):
    """``<number:fact>``: at most eighteen digits, which fit into the integers of every database."""

    regex = "[0-9]{1,18}"


def register() -> None:
    """Make ``<number:...>`` known before any file of addresses is read."""
    register_converter(NumberConverter, NAME)
