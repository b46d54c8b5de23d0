"""A form that anybody may send asks the sender's machine for some work (ALTCHA), so that each sending costs a program.

No third party is asked, nothing is stored of the sender, and no address is looked at: what grows with the load is
the work, the same for everybody. A solution is taken once. Without a script the form can be sent all the same, in a
lane of its own that lets a few through an hour; where it is full, the page says whom to call.
"""

from __future__ import annotations

import binascii
import datetime as dt
import json
from base64 import b64decode
from typing import Any, Final

from altcha import v1 as altcha
from django.core.cache import cache
from django.utils.crypto import salted_hmac

from zhiheng.kernel.reasons import Refused
from zhiheng.pages import refusals

LIVES: Final = dt.timedelta(minutes=60)
"""How long a challenge may lie on an open page before its form is sent."""
LEAST: Final = 50_000
"""Tries that a challenge takes at most on a quiet day: some tenths of a second on a telephone."""
MOST: Final = 1_600_000
CROWD: Final = 40
"""Sendings within ten minutes after which the work doubles, and again for as many more."""
WITHOUT_SCRIPT: Final = 20
"""Forms without a solution that are taken within an hour, of all senders together."""
_TRIES: Final = 3


def challenge(now: dt.datetime) -> dict[str, Any]:
    """What the page's script has to solve: algorithm, challenge, salt, signature, maxnumber."""
    made = altcha.create_challenge(altcha.ChallengeOptions(hmac_key=_key(), max_number=_work(now), expires=now + LIVES))
    return {
        "algorithm": made.algorithm,
        "challenge": made.challenge,
        "salt": made.salt,
        "signature": made.signature,
        "maxnumber": made.max_number,
    }


def spend(solution: str, now: dt.datetime) -> None:
    """Take a solution, once; an empty one is a form without a script.

    Raises Refused for one that is wrong, too old or taken before, and where the lane without a script is full.
    """
    if not solution:
        _without_script(now)
    else:
        said = _read(solution)
        if said is None or not altcha.verify_solution(solution, _key(), check_expires=True)[0]:
            raise Refused(refusals.work_wrong())
        # By the challenge, not by the text of its solution, which can be written in several ways.
        if not _first(f"work:{said['challenge'].lower()}", LIVES.total_seconds()):
            raise Refused(refusals.work_again())
    _count(now)


def _first(key: str, seconds: float) -> bool:
    """Whether nobody has taken a key before; it is taken now. A cache in a database answers False as well where the
    database was busy: then it is asked once more, and only what is there was taken.
    """
    for _ in range(_TRIES):
        if cache.add(key, 1, seconds):
            return True
        if cache.get(key) is not None:
            return False
    return False


def _read(solution: str) -> dict[str, Any] | None:
    """The solution as the script writes it (base64 of JSON); None where it is none, or has no end."""
    try:
        said = json.loads(b64decode(solution, validate=True)) if len(solution) < 4_000 else None
    except (binascii.Error, UnicodeDecodeError, ValueError, RecursionError):
        return None
    kinds = {"algorithm": str, "challenge": str, "salt": str, "signature": str, "number": int}
    if not isinstance(said, dict) or any(type(said.get(name)) is not kind for name, kind in kinds.items()):
        return None
    return said if said["algorithm"] == "SHA-256" and "expires=" in said["salt"] else None


def _work(now: dt.datetime) -> int:
    """How many tries a challenge may take: more, the more was sent within the ten minutes before."""
    sent = sum(cache.get_many([_sent(now), _sent(now - dt.timedelta(minutes=10))]).values())
    return int(min(MOST, LEAST * 2 ** min(sent // CROWD, 10)))


def _count(now: dt.datetime) -> None:
    cache.add(_sent(now), 0, 1_200)
    try:
        cache.incr(_sent(now))
    except ValueError:
        # It went out of the cache between the two; the next one begins anew.
        cache.add(_sent(now), 1, 1_200)


def _sent(now: dt.datetime) -> str:
    return f"work-sent:{int(now.timestamp()) // 600}"


def _without_script(now: dt.datetime) -> None:
    """Take one of the hour's places. ``add`` is exact where several processes ask at once, which counting is not."""
    hour = int(now.timestamp()) // 3600
    if not any(_first(f"work-none:{hour}:{place}", 3_600) for place in range(WITHOUT_SCRIPT)):
        raise Refused(refusals.work_without_script())


def _key() -> str:
    return str(salted_hmac("zhiheng.proof_of_work", "key", algorithm="sha256").hexdigest())
