"""A benchmark that fills an installation of its own, and takes it away again."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.test import Client

    from zhiheng.people.models import Account


def run(
    name: str,
    says: str | None,
    scales: Collection[str],
    measure: Callable[..., int],
    numbers: Mapping[str, str] | None = None,
) -> int:
    """Read ``--scale`` and ``--postgresql``, and measure in a data folder that is removed afterwards.

    ``name``: the module, which is begun again under a PostgreSQL of its own where one is asked for; ``says``: what it
    measures; ``numbers``: further options, whole numbers that are 0 where nothing is said, with what each means: they
    are handed to ``measure`` by their names. Returns the exit status.
    """
    parser = argparse.ArgumentParser(description=says)
    for option, meaning in (numbers or {}).items():
        parser.add_argument(f"--{option}", type=int, default=0, help=meaning)
    parser.add_argument("--scale", choices=scales, default="small")
    parser.add_argument("--postgresql", action="store_true")
    words = parser.parse_args()
    if words.postgresql and not os.environ.get("DATABASE_URL"):
        more = [word for option in numbers or {} for word in (f"--{option}", str(getattr(words, option)))]
        command = [sys.executable, "-m", "tests.postgres", sys.executable, "-m", name, "--scale", words.scale, *more]
        return subprocess.run(command, check=False).returncode
    home = Path(tempfile.mkdtemp(prefix="zhiheng-bench-"))
    os.environ["ZHIHENG_DATA"] = str(home)
    try:
        return measure(words.scale, **{option: getattr(words, option) for option in numbers or {}})
    finally:
        shutil.rmtree(home, ignore_errors=True)


def sign_in(browser: Client, account: Account) -> None:
    """Sign an officer in as after password and second factor, which take their time on purpose."""
    from zhiheng.people.second_factor import PROVED

    browser.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
    session = browser.session
    session[PROVED] = True
    session.save()
