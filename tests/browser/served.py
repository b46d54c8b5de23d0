"""A small place whose clock stands where a test puts it: made, served, and told what time it is, in one process.

Run as a program with ZHIHENG_DATA set: ``python -m tests.browser.served``. It says on standard output, as a line of
JSON, where it is and the sessions of its people. Then it takes lines of JSON on standard input and answers each with
one: ``{"now": "2026-03-02T09:00"}`` sets the clock, ``{"work": true}`` does what the worker would have done by then.
"""

from __future__ import annotations

import csv
import datetime as dt
import os
import socket
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson

ZONE = ZoneInfo("Asia/Shanghai")
# Nothing happens before this day.
BEGINS = dt.datetime(2026, 1, 5, 8, 0, tzinfo=ZONE)
# Who comes in: account -> (name, role, unit, area).
PEOPLE: Mapping[str, tuple[str, str, str, str]] = {
    "handler": ("李敏", "department_officer", "liyuan_market", "990101"),
    "second": ("赵安", "department_officer", "liyuan_market", "990101"),
    "third": ("孙礼", "department_officer", "liyuan_market", "990101"),
    "head": ("王局", "department_head", "liyuan_market", "990101"),
    "deputy": ("周副局", "department_head", "liyuan_market", "990101"),
    "deputy2": ("吴副局", "department_head", "liyuan_market", "990101"),
    "legal": ("法明", "legal_reviewer", "liyuan_market", "990101"),
    "presider": ("郑听", "legal_reviewer", "liyuan_market", "990101"),
    "office": ("郭质", "quality_office", "liyuan_quality_office", "990101"),
    "city": ("冯市", "department_head", "yunlan_market", "990100"),
    "builder": ("陈建", "department_officer", "liyuan_construction", "990101"),
}
# Somebody of this enterprise comes in, too: ``owner``.
OWNED = "云澜市砺原区磐钻石油机械有限公司"
# The enterprises of the register: name -> (code, sub-district).
FIRMS = {
    "云澜市砺原区磐钻石油机械有限公司": ("", ""),
    "云澜市麦垄禾香食品有限公司": ("91990101QF8NMTAQ52", "麦垄镇"),
}


class Clock:
    """The moment at which everything in this process happens."""

    def __init__(self) -> None:
        self.moment = BEGINS

    def now(self) -> dt.datetime:
        """In the place of ``django.utils.timezone.now``."""
        return self.moment.astimezone(dt.UTC)


def people() -> dict[str, str]:
    """Make the accounts; login -> session, which ends long after the last story."""
    from django.conf import settings

    from tests.access.addresses import browser_of, officer
    from tests.factories import GrantFactory
    from zhiheng.ledger.models import Alias
    from zhiheng.people.models import Account

    for login, (name, role, unit, area) in PEOPLE.items():
        officer(login, (role, unit, area), unit=unit)
        Account.objects.filter(login=login).update(name=name)
    firm = Alias.objects.get(name=OWNED).subject_id
    owner: Account = Account.objects.create_user("owner", None, name="马老板", kind="enterprise", subject=firm)
    GrantFactory(account=owner, role="enterprise_owner", subject=firm)
    # The stories take years; nobody has to sign in again between two of their days.
    settings.SESSION_COOKIE_AGE = 10 * 366 * 24 * 3600
    sessions = {
        account.login: browser_of(account).cookies[settings.SESSION_COOKIE_NAME].value
        for account in Account.objects.filter(login__in=(*PEOPLE, "owner"))
    }
    return sessions


def register(call: Any) -> None:
    """Receive the register, so that officers find its enterprises."""
    from django.conf import settings

    from zhiheng.actions.intake.receive_delivery import receive
    from zhiheng.actions.projections.refresh_projections import refresh
    from zhiheng.grammar.chapters.records import RECORDS

    examples = call.book[RECORDS]["enterprise_register"].examples
    assert examples is not None
    base = examples.accepted[0].row
    rows = [
        {
            **base,
            "企业名称": name,
            **({"统一社会信用代码": code, "所属街道": town, "住所": f"{town}麦香路3号"} if code else {}),
        }
        for name, (code, town) in FIRMS.items()
    ]
    path = Path(settings.DATA) / "登记.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([list(base), *(list(row.values()) for row in rows)])
    (result,) = receive(path, unit="liyuan_market", confirmed=True, call=call)
    assert result.facts == len(FIRMS), result
    refresh(call)


def work(call: Any) -> dict[str, Any]:
    """What the worker does by itself: standings that change with time, documents, reminders."""
    from zhiheng.actions.cases.make_documents import make_documents
    from zhiheng.actions.cases.remake_standings import remake_due
    from zhiheng.actions.messages.remind import climb_unread, remind_all

    remade = remake_due(call=call)
    papers = make_documents(call=call)
    reminded = remind_all(call=call).written + climb_unread(call=call).climbed
    return {"remade": remade, "made": papers.made, "failed": papers.failed, "reminded": reminded}


def main() -> None:
    """Make it, serve it, and take orders until the input ends."""
    from django.utils import timezone

    clock = Clock()
    # Before anything is read: everything that asks for the time asks this.
    timezone.now = clock.now
    from zhiheng.cli.serve import gather_static
    from zhiheng.cli.session import set_up
    from zhiheng.site.environment import for_pages

    for_pages()
    set_up()
    gather_static()
    from django.conf import settings

    from zhiheng.grammar.call import Call
    from zhiheng.grammar.loader import load
    from zhiheng.kernel.actor import SYSTEM
    from zhiheng.site.web_server import ServerLimits, server_on
    from zhiheng.site.wsgi import application

    book = load(settings.BOOK)
    register(Call(SYSTEM, book, clock.moment))
    sessions = people()
    listening = socket.create_server(("127.0.0.1", 0))
    server = server_on(listening, application, threads=4, limits=ServerLimits(connections=100), takes_files=())
    told = {"url": f"http://localhost:{listening.getsockname()[1]}", "sessions": sessions}

    def say(what: Any) -> None:
        sys.stdout.buffer.write(orjson.dumps(what) + b"\n")
        sys.stdout.buffer.flush()

    def obey() -> None:
        say(told)
        for line in sys.stdin:
            asked = orjson.loads(line)
            try:
                if "now" in asked:
                    clock.moment = dt.datetime.fromisoformat(asked["now"]).replace(tzinfo=ZONE)
                say(work(Call(SYSTEM, book, clock.moment)) if asked.get("work") else {})
            except Exception as problem:
                say({"problem": repr(problem)})
        os._exit(0)

    threading.Thread(target=obey, daemon=True).start()
    server.serve(lambda: False)


if __name__ == "__main__":
    main()
