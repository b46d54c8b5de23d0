"""The closing line of every benchmark."""

from __future__ import annotations


def claim(measured: float, target: float, unit: str = "x") -> int:
    """Print the line that says whether a claim holds (measured <= target); returns the exit status that says the
    same.
    """
    holds = measured <= target
    print(f"CLAIM: measured {measured:.3g}{unit}, target {target:g}{unit}, {'holds' if holds else 'falls short'}")
    return 0 if holds else 1
