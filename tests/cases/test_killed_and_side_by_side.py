"""A process killed at any moment of acts, documents, rows handed in and messages leaves every act, document and fact once
and every message at least once, marked where it may be the second; of two officers at once one succeeds, and the other
is told.

``ZHIHENG_KILLS=50`` kills fifty times instead of five; ``ZHIHENG_KILL_SEED`` repeats the moments of a run.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Mapping
from email.message import EmailMessage
from typing import Any

import orjson
import pytest
from aiosmtpd.controller import Controller

from tests.actions.outbox_world import MailServer, free_port
from tests.cases.officers import BOOK
from tests.places import Installation, installation, new_installation

__all__ = ["installation", "new_installation"]
pytestmark = [pytest.mark.database, pytest.mark.slow]
# The acts of these cases that look up what there was before.
LOOKING = ("find_hazard", "receive", "decide")
KILLS = int(os.environ.get("ZHIHENG_KILLS") or 5)
# A kill comes after at most so many words of new work, and then within so many seconds: in the middle of a step.
WORDS, STEP = 9, 0.08

LOOK = """
import orjson
from zhiheng.cli.session import now, open_book, set_up
set_up()
from tests.cases.officers import call
from zhiheng.actions.cases.verify_cases import verify_cases
from zhiheng.kernel.actor import SYSTEM
from zhiheng.ledger.models import Fact
from zhiheng.office.cases import Case, CaseDocument, CaseEvent, CaseHandIn, CaseStandingRow
from zhiheng.office.models import Message, MessageRecipient, Upload
from zhiheng.people.models import TrailLine
found = verify_cases(call=call(SYSTEM, now(), open_book()))
trail = TrailLine.objects.filter(verb__in=("case.open", "case.act")).values_list("detail", flat=True)
reminded = {}
for message, channel in MessageRecipient.objects.values_list("message", "channel"):
    reminded.setdefault(message, []).append(channel)
print(orjson.dumps({
    "findings": [each.zh for each in found.findings],
    "cases": sorted(Case.objects.values_list("number", flat=True)),
    "lines": sorted(f"{line.case.number} {line.act}" for line in CaseEvent.objects.select_related("case")),
    "looked_up": [[line.case_id, line.act, orjson.loads(line.seen or "{}").get("answers")]
                  for line in CaseEvent.objects.order_by("pk")],
    "standings": CaseStandingRow.objects.count(),
    "trail": sorted(orjson.loads(each)["line"] for each in trail),
    "line_numbers": sorted(CaseEvent.objects.values_list("pk", flat=True)),
    "handed": CaseHandIn.objects.count(), "uploads": Upload.objects.count(),
    "facts": sorted(Fact.objects.values_list("body", flat=True)),
    "documents": CaseDocument.objects.count(),
    "serials": sorted(CaseDocument.objects.exclude(made_at=None).values_list("serial", flat=True)),
    "unmade": CaseDocument.objects.filter(made_at=None).exclude(content="").count(),
    "reminders": sorted(Message.objects.values_list("key", "rung")),
    "channels": [sorted(each) for each in reminded.values()], "reminded": len(reminded),
    "mails": [[str(batch), state] for batch, state in
              MessageRecipient.objects.filter(channel="email").values_list("batch", "state")],
}).decode())
"""
START = """
from zhiheng.cli.session import set_up
set_up()
from tests.access.addresses import officer
from tests.actions.outbox_world import reached_by
from tests.factories import AliasFactory
AliasFactory(id=77_001, name="试验制药有限公司")
reached_by(officer("li", ("department_officer", "liyuan_market", "990101")), "email", "li@office.example")
"""


def with_book(place: Installation) -> Installation:
    """The installation with the default book."""
    place.environment["ZHIHENG_BOOK"] = str(BOOK)
    return place


def look(place: Installation) -> dict[str, Any]:
    """What is there, and what verifying finds."""
    done = place.run("-c", LOOK)
    assert done.returncode == 0, done.stderr
    return orjson.loads(done.stdout)


def start(place: Installation, *words: str) -> subprocess.Popen[str]:
    """An officer at work."""
    return place.start("-c", f"import sys; sys.argv[1:] = {list(words)!r}; import tests.cases.officer_at_work")


def start_with_input(place: Installation, *words: str) -> subprocess.Popen[str]:
    """An officer who waits for a line before the act."""
    program = f"import sys; sys.argv[1:] = {list(words)!r}; import tests.cases.officer_at_work"
    return place.start("-c", program, stdin=subprocess.PIPE)


def nothing_half_done(found: Mapping[str, Any]) -> None:
    """Whenever the process was killed: every line with its standing, its trail, its document, its row in the inbox."""
    assert found["findings"] == []
    assert _wrongly_looked_up(found) == [], "what a line looked up is written with it, as it was then"
    assert len(set(found["lines"])) == len(found["lines"])
    assert found["standings"] == len(found["cases"])
    assert found["trail"] == found["line_numbers"]
    assert found["handed"] == found["uploads"] == _with(found, " assess")
    assert found["documents"] == _with(found, " decide")
    assert found["serials"] == list(range(1, len(found["serials"]) + 1))
    assert found["unmade"] == 0
    assert len(found["facts"]) == len(set(found["facts"])) <= found["uploads"]
    # A reminder stands with everybody whom it tells over every channel, or not at all.
    assert found["reminded"] == len(found["reminders"])
    assert all(channels == ["email", "in_app"] for channels in found["channels"])


def _wrongly_looked_up(found: Mapping[str, Any]) -> list[Any]:
    """Lines whose frozen answer is not what there was when they were written: the cases that had been opened before, all
    of the one enterprise; and lines that look nothing up and say an answer.
    """
    opened, wrong = list[int](), []
    for case, act, answers in found["looked_up"]:
        opened += [case] if case not in opened else []
        earlier = sorted({*opened} - {case})
        said = (answers or {}).get("earlier_cases", {})
        frozen = (said.get("value"), sorted(said.get("cases", ()))) if answers else None
        if frozen != ((len(earlier), earlier[-50:]) if act in LOOKING else None):
            wrong.append([case, act, answers])
    return wrong


def _with(found: Mapping[str, Any], act: str) -> int:
    return sum(line.endswith(act) for line in found["lines"])


def test_随机时刻杀死_每个行为一次_每条事实一次_每条消息至少一次(installation: Installation) -> None:
    seed = int(os.environ.get("ZHIHENG_KILL_SEED") or 0) or random.SystemRandom().randrange(1, 10**9)
    print(f"ZHIHENG_KILL_SEED={seed}")
    chance = random.Random(seed)
    works = KILLS // 2 + 2
    server = MailServer()
    controller = Controller(server, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        place = with_book(installation)
        place.environment["ZHIHENG_SMTP_URL"] = f"smtp://127.0.0.1:{controller.port}?tls=none"
        place.environment["ZHIHENG_MAIL_FROM"] = "zhiheng@district.example"
        place = place.warmed()
        begun = place.run("-c", START)
        assert begun.returncode == 0, begun.stderr
        midway, stops = 0, Counter[str]()
        for run in range(KILLS):
            process = start(place, "works", str(works), str(run))
            assert process.stdout is not None
            word = "nothing"
            for _, line in zip(range(chance.randrange(WORDS + 1)), process.stdout, strict=False):
                word = line.strip()
            time.sleep(chance.uniform(0, STEP))
            process.send_signal(signal.SIGKILL)
            process.communicate()
            found = look(place)
            nothing_half_done(found)
            stops[word] += 1
            midway += 0 < len(found["lines"]) < 5 * works
        assert midway, "no kill was looked at in the middle of the work: the moments are badly chosen"
        done = start(place, "works", str(works), str(KILLS))
        said, complained = done.communicate(timeout=600)
        assert done.returncode == 0, (said, complained)
    finally:
        controller.stop()
    found = look(place)
    nothing_half_done(found)
    recalls = [f"药召〔2026〕{number}号" for number in range(1, works + 1)]
    complaints = [f"诉〔2026〕{number}号" for number in range(1, 2 * works + 1)]
    assert found["cases"] == sorted(recalls + complaints)
    assert len(found["lines"]) == 5 * works
    assert len(found["facts"]) == works
    assert len(found["serials"]) == works
    assert len(found["reminders"]) >= works
    # Every letter came at least once; one that came again says so.
    came = Counter(_batch(mail) for mail in server.came)
    assert {state for _, state in found["mails"]} == {"sent"}
    assert {batch for batch, _ in found["mails"]} == set(came)
    again = {batch for batch, times in came.items() if times > 1}
    marked = {_batch(mail) for mail in server.came if "可能已经发过一次" in mail.get_content()}
    assert again <= marked
    print(f"{KILLS} kills, {midway} in the middle, after {dict(stops)}; {len(came)} mails, {len(again)} came twice")


def _batch(mail: EmailMessage) -> str:
    """What tells a letter from every other: the left side of its Message-ID."""
    return str(mail["Message-ID"]).strip("<>").partition("@")[0]


def test_两名办案人员同时办_一人办成_另一人被告知(installation: Installation) -> None:
    place = with_book(installation)
    opened = place.run(
        "cases",
        "open",
        "complaint",
        "receive",
        "--unit",
        "liyuan_market",
        "--json",
        "--with",
        '{"claim": "退货", "dispute": "漏电"}',
    )
    assert opened.returncode == 0, opened.stderr
    case = str(orjson.loads(opened.stdout)["id"])
    both = [start_with_input(place, "accept", case, "1", number) for number in ("1", "2")]
    told = []
    for process in both:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in both:
        out, error = process.communicate(timeout=300)
        assert process.returncode == 0, error
        told.append(out.strip())
    assert sorted(told) == ["case.changed", "place 2"]
    found = look(place)
    assert found["findings"] == []
    assert len(found["lines"]) == 2
