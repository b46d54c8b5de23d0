"""Checks that the options of several detectors share; each refuses with the option's name and what it must be."""

from __future__ import annotations

import math

from zhiheng.engines.detectors import refusals
from zhiheng.kernel.reasons import Refused


def share(name: str, value: float) -> None:
    """A number between 0 and 1, both excluded."""
    if not (isinstance(value, int | float) and 0 < value < 1):
        raise Refused(refusals.option(name, value, "大于 0、小于 1 的数", "a number above 0 and below 1"))


def whole(name: str, value: int, least: int) -> None:
    """A whole number not below ``least``."""
    if not (isinstance(value, int | float) and not isinstance(value, bool) and value == int(value) and value >= least):
        raise Refused(refusals.option(name, value, f"不小于 {least} 的整数", f"a whole number not below {least}"))


def number(name: str, value: float, least: float = 0.0, *, above: bool = False) -> None:
    """A finite number not below (or above) ``least``."""
    fits = isinstance(value, int | float) and math.isfinite(value) and (value > least if above else value >= least)
    if not fits:
        word_zh, word_en = ("大于", "above") if above else ("不小于", "not below")
        raise Refused(refusals.option(name, value, f"{word_zh} {least:g} 的数", f"a number {word_en} {least:g}"))


def one_of(name: str, value: str, known: tuple[str, ...]) -> None:
    """One of the known words."""
    if value not in known:
        raise Refused(refusals.option(name, repr(value), f"下列之一：{'、'.join(known)}", f"one of {', '.join(known)}"))
