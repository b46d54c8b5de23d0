"""Walks the demo as each of its accounts and as the public, and opens the numbers of every kind of page.

Run as a program over an installation (``ZHIHENG_DATA``) that ``zhiheng demo`` has filled, because the suite's own
process has another database: ``python -m tests.demo.every_number`` says on standard output, as JSON, what was found of
whom.
"""

from __future__ import annotations

import sys
from typing import Any

import orjson

# Where each kind of account begins; a stranger stands before the portal.
BEGINS = {"officer": "/desk/", "enterprise": "/firm/", "bank": "/bank/"}
PUBLIC = "public"


def main() -> None:
    """Walk, and say what was found."""
    from zhiheng.cli.session import set_up

    set_up()
    from django.conf import settings
    from django.test import Client

    from tests.desk.number_doors import walk
    from tests.desk.officers import signed_in
    from zhiheng.cli.session import open_book
    from zhiheng.grammar.chapters.demo_places import DEMO_PLACES
    from zhiheng.people.models import Account

    settings.ALLOWED_HOSTS = ["testserver"]
    browsers: list[tuple[str, str, Client]] = [(PUBLIC, "/", Client())]
    # Officers of further places have the roles of those of the first: each role walks once.
    elsewhere = [officer.login for place in open_book()[DEMO_PLACES].values() for officer in place.people.values()]
    for account in Account.objects.filter(login__startswith="demo-").exclude(login__in=elsewhere).order_by("login"):
        browsers.append((account.login, BEGINS[account.kind], signed_in(account)))
    found: dict[str, Any] = {}
    for who, begins, browser in browsers:
        walked = walk(browser, [begins], alike=1, doors=1)
        found[who] = {"pages": walked.pages, "opened": walked.opened, "wrong": walked.wrong}
    sys.stdout.buffer.write(orjson.dumps(found))


if __name__ == "__main__":
    main()
