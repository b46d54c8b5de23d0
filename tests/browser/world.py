"""The world that browsers look at: one thing of everything, in an installation of its own.

Run as a program with ZHIHENG_DATA and ZHIHENG_BOOK set, because the suite's own process has another database: ``python
-m tests.browser.world`` makes it and says on standard output, as JSON, what its things are called and what addresses
there are.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.records import RECORDS

# Those who sign in by the form and whose role asks for a second factor: what their telephones hold.
WITH_FACTOR, FACTOR = ("office", "market"), "JBSWY3DPEHPK3PXP"
PASSWORD = "雨后 walks uphill 42"
# An enterprise whose name is as long as names get, and one that is found by the initials of its name.
LONG = "云澜市砺原区麦垄镇禾香垄上人家绿色粮油食品深加工及冷链仓储配送综合服务专业合作联社第三十七粮油食品分公司"
SAMPLED = "云澜市麦垄禾香食品有限公司"
# Who comes in: account -> (kind, unit, its roles there and where). The owner belongs to the enterprise of the samples.
PEOPLE: Mapping[str, tuple[str, str, Sequence[tuple[str, str]]]] = {
    "office": ("officer", "liyuan_quality_office", [("quality_office", "990101")]),
    "market": ("officer", "liyuan_market", [("department_officer", "990101")]),
    "environment": ("officer", "liyuan_environment", [("department_officer", "990101")]),
    "head": ("officer", "liyuan_market", [("department_head", "990101")]),
    "identity": ("officer", "yunlan_quality_office", [("identity_clerk", "990100")]),
    "publication": ("officer", "yunlan_market", [("publication_officer", "990100")]),
    "auditor": ("officer", "yunlan_quality_office", [("auditor", "990100")]),
    "admin": ("officer", "yunlan_quality_office", [("administrator", "990100")]),
    "newcomer": ("officer", "liyuan_market", []),
    "owner": ("enterprise", "", [("enterprise_owner", "")]),
    "bank": ("bank", "yunlan_rural_bank", [("bank_clerk", "")]),
    "insider": (
        "officer",
        "liyuan_market",
        [
            (role, "990101")
            for role in (
                "department_head",
                "quality_office",
                "identity_clerk",
                "auditor",
                "administrator",
                "publication_officer",
            )
        ],
    ),
}


def thinned(book: Path, target: Path) -> None:
    """The default book with the indicators of its cockpits, and those that cases look up, alone: each of the others is
    reckoned for every area after every delivery, and no page here shows it.
    """
    shutil.copytree(book, target)
    shutil.rmtree(target / "demo")
    (target / "cockpit" / "drug_region.yaml").unlink()
    named: set[str] = set()
    for page in (target / "workflows").glob("*/workflow.yaml"):
        named |= set(re.findall(r"^    indicator: ([a-z_0-9]+)$", page.read_text("utf-8"), re.MULTILINE))
    # A goal may be the value of another indicator, which then stays as well.
    for folder, thinned_out in (("cockpit", None), ("targets", "targets"), ("indicators", "indicators")):
        for page in (target / folder).glob("*.yaml"):
            if thinned_out and page.stem not in named:
                page.unlink()
            elif folder != "indicators":
                named |= set(re.findall(r"[a-z_0-9]+", page.read_text("utf-8")))
    # A file of one row is fewer than this record expects, so that somebody has something to confirm.
    record = target / "records" / "market" / "quality_award" / "record.yaml"
    record.write_text(record.read_text("utf-8").replace("{at_least: 1,", "{at_least: 3,"), "utf-8")
    portal = target / "portal.yaml"
    kept = re.sub(
        r"(?<=\nstatistics: )\[([^\]]*)\]",
        lambda found: "[" + ", ".join(one for one in re.findall(r"\w+", found[1]) if one in named) + "]",
        portal.read_text("utf-8"),
    )
    portal.write_text(kept, "utf-8")


def main() -> None:
    """Make it, and say what is in it."""
    from zhiheng.cli.session import set_up

    set_up()
    from allauth.mfa.totp.internal.auth import TOTP
    from django.conf import settings
    from django.contrib.auth.hashers import make_password
    from django.utils import timezone

    from tests.access.addresses import addresses, browser_of, made, officer
    from zhiheng.actions.projections.refresh_projections import refresh
    from zhiheng.actions.publication.propose_publication import propose
    from zhiheng.analytics.lake import Lake, project
    from zhiheng.grammar.loader import load
    from zhiheng.jobs.schedule import DAILY
    from zhiheng.kernel.actor import SYSTEM
    from zhiheng.ledger.models import Alias
    from zhiheng.office.models import DailyWork
    from zhiheng.people.models import Account

    book, now, folder = load(settings.BOOK), timezone.localtime(), Path(settings.DATA) / "handed-in"
    world = made(book, folder, now)
    more(book, folder, now)
    lake = Lake(Path(settings.DATA) / "lake", book)
    project(lake)
    refresh(Call(SYSTEM, book, now), lake=lake)
    propose(call=Call(SYSTEM, book, now))
    for login, (kind, unit, roles) in PEOPLE.items():
        subject = {"subject": world.subject} if kind == "enterprise" else {}
        officer(login, *((role, unit, area) for role, area in roles), kind=kind, unit=unit, **subject)
    # One hash for all: it takes as long as it should, and nothing of this world is worth guarding.
    Account.objects.update(password=make_password(PASSWORD))
    for login in WITH_FACTOR:
        TOTP.activate(Account.objects.get(login=login), FACTOR)
    sessions = {
        login: browser_of(Account.objects.get(login=login)).cookies[settings.SESSION_COOKIE_NAME].value
        for login in PEOPLE
    }
    for daily in DAILY:
        # The day's work is done: it would be in the way of what the tests look at.
        DailyWork.objects.create(name=daily.name, day=now.date())
    told = dict(vars(world)) | {"sampled": Alias.objects.filter(name=SAMPLED).values_list("subject_id", flat=True)[0]}
    del told["book"], told["now"]
    pages = []
    for address in addresses():
        try:
            pages.append([address.name, address.act, address.room, address.url(world)])
        except LookupError:
            # Public addresses need no sample: those of the portal that have one are walked.
            continue
    sys.stdout.buffer.write(orjson.dumps({"things": told, "sessions": sessions, "pages": pages}))


def more(book: Any, folder: Path, now: dt.datetime) -> None:
    """What the days of this world need beside one thing of everything: a year of sampling, and an enterprise with a
    long name.
    """
    from zhiheng.actions.intake.receive_delivery import receive
    from zhiheng.kernel.actor import SYSTEM

    examples = book[RECORDS]["food_sampling"].examples.accepted
    base = next(one.row for one in examples if one.source is None or one.source == "standard")
    rows = [sample(base, number, now.date()) for number in range(1, 61)]
    path = written(folder / "抽检.csv", rows)
    for result in receive(path, unit="liyuan_market", confirmed=True, call=Call(SYSTEM, book, now)):
        assert result.facts == len(rows), result


def sample(base: Mapping[str, str], number: int, today: dt.date, **changed: str) -> dict[str, str]:
    """A row of food sampling; every fifth one failed, some are of last year."""
    day = today - dt.timedelta(days=5 * number)
    fails = number % 5 == 0
    long = number % 7 == 0
    return {
        **base,
        "抽样编号": f"XBJ269901015{number:05d}",
        "样品名称": "手工挂面" if number % 2 else "杂粮煎饼",
        "标称生产企业": LONG if long else SAMPLED,
        "标称生产企业统一社会信用代码": "" if long else base["标称生产企业统一社会信用代码"],
        "被抽样单位": LONG if long else SAMPLED,
        "被抽样单位统一社会信用代码": "" if long else base["被抽样单位统一社会信用代码"],
        "批号": f"B{number:05d}",
        "生产日期": str(day - dt.timedelta(days=15)),
        "抽样日期": str(day),
        "公布日期": str(min(today, day + dt.timedelta(days=3))),
        "检验结果": "254" if fails else "120",
        "检验结论": "不合格" if fails else "合格",
        **changed,
    }


def written(path: Path, rows: Sequence[Mapping[str, str]]) -> Path:
    """A table as a department's system exports it."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([list(rows[0]), *(list(row.values()) for row in rows)])
    return path


if __name__ == "__main__":
    main()
