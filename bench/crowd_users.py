"""Officers and citizens as Locust drives them (``bench.crowd`` starts it): each from an address of its own on loopback.

What they were told is written down as it happens, and at the end into the file that CROWD_TOLD names: which acts were
accepted, which submissions got a receipt, and of which nobody knows because the line broke off.
"""

from __future__ import annotations

import base64
import hashlib
import html
import itertools
import json
import os
import random
import re
import time
from pathlib import Path
from typing import Any

from locust import HttpUser, between, events, task
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from bench.totp import shown_at

PLACE: dict[str, Any] = json.loads(Path(os.environ["CROWD_PLACE"]).read_text("utf-8"))
"""What was filled: logins, password, cases that each officer may decide, public enterprises, an area."""
TOLD: dict[str, Any] = {
    "accepted": [],
    "unknown_acts": [],
    "received": [],
    "unknown_sent": [],
    "refused": [],
    "limited": 0,
}
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
_SAID = re.compile(r'class="error[^"]*".*?<span>([^<]+)', re.DOTALL)
_WORK = re.compile(r'data-work="([^"]*)"')
_numbers = itertools.count()


class _FromAddress(HTTPAdapter):
    """Connections from one address of loopback: who limits by address sees many."""

    def __init__(self, address: str) -> None:
        self.address = address
        # As browsers do (RFC 9110, 9.2.2): a page whose kept connection was closed before a word of it came is asked
        # for once more; what was sent is not.
        again = Retry(total=1, connect=0, read=1, status=0, other=0, allowed_methods={"GET"}, raise_on_status=False)
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=again)

    def init_poolmanager(self, *args: Any, **words: Any) -> Any:
        """As always, but bound to the address."""
        return super().init_poolmanager(*args, source_address=(self.address, 0), **words)


class _Person(HttpUser):
    """Somebody with an address and cookies of their own."""

    abstract = True

    def on_start(self) -> None:
        """Take the next address."""
        self.number = next(_numbers)
        self.client.mount("http://", _FromAddress(f"127.1.{self.number // 250}.{self.number % 250 + 1}"))

    def get(self, address: str, name: str) -> str:
        """A page; '' where it was refused for asking too often."""
        with self.client.get(address, name=name, catch_response=True) as answer:
            if answer.status_code == 429:
                TOLD["limited"] += 1
                answer.success()
                return ""
            return str(answer.text) if answer.status_code == 200 else ""

    def send(self, address: str, name: str, typed: dict[str, str], leads_to: str = "") -> int:
        """The status of a form that was sent; 0 where the line broke off. Only a way on, to an address that begins so,
        is no error: a form that leads back to the sign-in was not taken.
        """
        with self.client.post(address, typed, name=name, allow_redirects=False, catch_response=True) as answer:
            status = int(answer.status_code)
            if status == 429:
                TOLD["limited"] += 1
                answer.success()
            elif status != 302:
                said = _SAID.search(str(answer.text or ""))
                answer.failure(f"{status} where 302 was expected: {said.group(1).strip() if said else ''}")
            elif not answer.headers.get("Location", "").startswith(leads_to):
                answer.failure(f"led to {answer.headers.get('Location')}")
                return 401
            return status


def hidden(page: str) -> dict[str, str]:
    """What the forms of a page carry, the last of each name."""
    return dict(_HIDDEN.findall(page))


class Officer(_Person):
    """Signs in once, looks at the inbox, opens sheets, accepts complaints; opens the bare page in between."""

    fixed_count = int(os.environ["CROWD_OFFICERS"])
    wait_time = between(*PLACE["officers_wait"])

    def on_start(self) -> None:
        """Sign in by the form."""
        super().on_start()
        mine = PLACE["officers"].pop()
        self.cases: list[int] = mine["cases"]
        page = self.get("/account/login/", "log in, form")
        self.send("/account/login/", "log in", {**hidden(page), "login": mine["login"], "password": PLACE["password"]})
        page = self.get("/account/2fa/authenticate/", "log in, form of the code")
        code = {"code": shown_at(PLACE["factor"], time.time())}
        self.send("/account/2fa/authenticate/", "log in, code", {**hidden(page), **code})

    @task(4)
    def inbox(self) -> None:
        """What is to be done."""
        self.get("/desk/inbox/", "inbox")

    @task(3)
    def sheet(self) -> None:
        """A case whole."""
        self.get(f"/desk/cases/{random.choice(PLACE['cases'])}/", "sheet")

    @task(3)
    def bare(self) -> None:
        """The bare page of the same site."""
        self.get(f"/bare/case/{random.choice(PLACE['cases'])}/", "bare page")

    @task(2)
    def act(self) -> None:
        """Accept the next complaint."""
        if not self.cases:
            return
        case = self.cases.pop()
        address = f"/desk/cases/{case}/act/decide.accept/"
        page = self.get(address, "act, form")
        if not page:
            return
        TOLD["unknown_acts"].append(case)
        status = self.send(address, "act", hidden(page), f"/desk/cases/{case}/")
        if status:
            TOLD["unknown_acts"].remove(case)
        if status == 302:
            TOLD["accepted"].append(case)


class Citizen(_Person):
    """Reads lists and files of the portal; some send a report with the work that its form asks for, and follow it."""

    fixed_count = int(os.environ["CROWD_CITIZENS"])
    wait_time = between(*PLACE["citizens_wait"])

    def on_start(self) -> None:
        """One in so many has something to report."""
        super().on_start()
        self.to_send = self.number % PLACE["one_sender_in"] == 0
        self.sent = False

    @task(4)
    def lists(self) -> None:
        """The list of sampling results."""
        self.get("/lists/sampling/", "portal list")

    @task(4)
    def enterprise(self) -> None:
        """What is published about an enterprise."""
        self.get(f"/e/{random.choice(PLACE['enterprises'])}/", "portal enterprise")

    @task(2)
    def report(self) -> None:
        """Send a report once; then look how it stands."""
        if self.sent:
            self.get("/complain/follow/", "follow-up")
            return
        if not self.to_send:
            return
        mark = f"CROWD{self.number:05d}"
        text = f"{mark} 店内摆放的电热水壶没有强制性产品认证标志，用了两次就漏电，希望查处。"
        typed = {"text": text, "area": PLACE["area"], "place": "人民路 1 号", "about": ""}
        page = self.get("/complain/new/", "report, form")
        if not page:
            # Without the form nothing can be sent; they try again later.
            return
        self.to_send = False
        with self.client.post(
            "/complain/new/", {**hidden(page), **typed, "step": "tell"}, name="report, first page", catch_response=True
        ) as answer:
            second = str(answer.text) if answer.status_code == 200 else ""
        work = _WORK.search(second)
        if work is None:
            return
        solution = solved(json.loads(html.unescape(work.group(1))))
        TOLD["unknown_sent"].append(mark)
        sent = {**hidden(second), **typed, "kind": "report", "business": "", "step": "send", "solution": solution}
        status = self.send("/complain/new/", "report", sent)
        if status:
            TOLD["unknown_sent"].remove(mark)
            TOLD["received" if status == 302 else "refused"].append(mark)
        self.sent = status == 302


def solved(work: dict[str, Any]) -> str:
    """The solution of a challenge, as the page's script writes it."""
    salt, wanted = work["salt"].encode(), work["challenge"]
    for number in range(work["maxnumber"] + 1):
        if hashlib.sha256(salt + str(number).encode()).hexdigest() == wanted:
            found = {name: work[name] for name in ("algorithm", "challenge", "salt", "signature")} | {"number": number}
            return base64.b64encode(json.dumps(found).encode()).decode()
    raise ValueError("the challenge has no solution")


@events.quitting.add_listener
def tell(environment: Any, **_: Any) -> None:
    """Write down what was told, with the times of each kind."""
    kinds = {
        each.name: {
            "asked": each.num_requests,
            "failed": each.num_failures,
            "p50": each.get_response_time_percentile(0.5),
            "p95": each.get_response_time_percentile(0.95),
        }
        for each in environment.stats.entries.values()
    }
    errors = [f"{each.occurrences} x {each.name}: {each.error}" for each in environment.stats.errors.values()]
    errors += [f"{each['count']} x {each['msg']}" for each in environment.runner.exceptions.values()]
    Path(os.environ["CROWD_TOLD"]).write_text(json.dumps(TOLD | {"kinds": kinds, "errors": errors}), "utf-8")
