"""The office at 1,000, 10,000 and 100,000 open cases: an act from its form to the committed line, the inbox, the turn
of the day.

One site, one database: cases are added between the measurements (``bench.filled_cases``), and both sides of each ratio
take turns in one run; the least time of each counts, the median is told beside it.

act     the form of an act is sent as a browser does (session, token, guards, line, chain, standings and duties, trail,
        paper queued, redirect) against a form of the same site that inserts one row (``bench.bare_page``); at each size
inbox   the first page of what is to be done, of an officer whose unit holds a tenth of all cases, against a bare page of
        the same site; its queries are counted
turn    the standings that change on the next days are made anew (``remake_due``), with how many they were

    python -m bench.cases [--scale small|full] [--postgresql]
"""

from __future__ import annotations

import datetime as dt
import statistics
import time
from collections.abc import Callable

from bench.claims import claim
from bench.own_place import run, sign_in
from zhiheng.grammar.call import Call

SIZES = {"small": (1_000, 10_000), "full": (1_000, 10_000, 100_000)}
ROUNDS = 15
# What is promised: an act and the inbox as multiples of the bare page, queries, how flat acts are, seconds of a turn.
ACT, INBOX, QUERIES, FLAT, TURN = 8.0, 3.0, 10, 1.5, 60.0


def main() -> int:
    """Fill, measure at each size, say what holds."""
    return run("bench.cases", __doc__, SIZES, lambda scale: measure(SIZES[scale]))


def measure(sizes: tuple[int, ...]) -> int:
    """The ratios of one run."""
    from zhiheng.cli.session import set_up

    set_up()
    from bench.filled_cases import fill
    from zhiheng.office.cases import CaseStandingRow

    site, acts, there, held = Site(), [], 0, []
    for size in sizes:
        # Of the first cases the unit holds all: the acts that are measured want complaints of its own.
        seconds = fill(size - there, seed=size, share=0.1 if there else 1.0)
        running = CaseStandingRow.objects.filter(final=False).count()
        print(f"{running:,} open cases ({size - there:,} more in {seconds:.0f} s)")
        there = size
        acts.append(in_turns("one act", site.act, "bare insert", site.insert))
    held.append(claim(acts[-1], ACT, f"x of a bare insert for an act at {there:,} cases"))
    held.append(claim(acts[-1] / min(acts), FLAT, f"x the act at its quickest size, from {sizes[0]:,} to {there:,}"))
    held.append(claim(in_turns("inbox", site.inbox, "bare page", site.page), INBOX, "x of a bare page for the inbox"))
    held.append(claim(site.queries(), QUERIES, " queries for the inbox"))
    held.append(claim(turns(), TURN, " s for the turn of a day"))
    return max(held)


def in_turns(name: str, ours: Callable[[], object], bare_name: str, bare: Callable[[], object]) -> float:
    """The ratio of the least times of two sides that take turns."""
    times: dict[str, list[float]] = {bare_name: [], name: []}
    for side in (bare, ours):
        side()
    for _ in range(ROUNDS):
        for who, side in ((bare_name, bare), (name, ours)):
            begun = time.perf_counter()
            side()
            times[who].append(time.perf_counter() - begun)
    least = {who: min(taken) for who, taken in times.items()}
    ratio = least[name] / least[bare_name]
    for who, taken in times.items():
        print(f"  {who:<12} least {least[who] * 1000:7.2f} ms, median {statistics.median(taken) * 1000:7.2f} ms")
    print(f"  {ratio:.2f}x, of the medians {statistics.median(times[name]) / statistics.median(times[bare_name]):.2f}x")
    return ratio


class Site:
    """A site in this process and an officer who is signed in."""

    def __init__(self) -> None:
        from django.conf import settings
        from django.test import Client

        from bench.filled_cases import UNIT
        from zhiheng.people.models import Account, Grant

        settings.ROOT_URLCONF = "bench.bare_page"
        settings.ALLOWED_HOSTS = ["testserver"]
        account = Account.objects.create(login="bench", name="测速员", kind="officer", unit=UNIT)
        Grant.objects.create(
            account=account,
            role="department_officer",
            unit=UNIT,
            area="990101",
            first_day=dt.date(2020, 1, 1),
            given_by="bench",
        )
        self._complaints: list[int] = []
        self.browser = Client(raise_request_exception=True)
        sign_in(self.browser, account)

    def act(self) -> None:
        """A complaint is accepted: the form as a browser sends it."""
        from zhiheng.office.cases import Case, CaseEvent

        case = self._waiting()
        answer = self.browser.post(f"/desk/cases/{case}/act/decide.accept/", {"place": "1"})
        assert answer.status_code == 302, answer.content.decode()[:2_000]
        assert CaseEvent.objects.filter(case=case).count() == 2, Case.objects.get(pk=case).number

    def _waiting(self) -> int:
        """A complaint of the unit that waits for its decision."""
        from bench.filled_cases import UNIT
        from zhiheng.office.cases import CaseStandingRow

        if not self._complaints:
            rows = CaseStandingRow.objects.filter(workflow="complaint", unit=UNIT, state="to_decide", place=1)
            # In the middle of the log, as any case may be.
            self._complaints = list(rows.order_by("case").values_list("case_id", flat=True)[: 4 * ROUNDS])[::-1]
        return self._complaints.pop()

    def insert(self) -> None:
        """A form of the same site that inserts one row."""
        answer = self.browser.post("/bare/insert/", {"text": "测速"})
        assert answer.status_code == 302

    def inbox(self) -> None:
        """What is to be done."""
        answer = self.browser.get("/desk/inbox/")
        assert answer.status_code == 200
        assert b"<tr" in answer.content

    def page(self) -> None:
        """The bare page."""
        from zhiheng.office.cases import Case

        answer = self.browser.get(f"/bare/case/{Case.objects.order_by('pk').values_list('pk', flat=True)[0]}/")
        assert answer.status_code == 200

    def queries(self) -> int:
        """How many the inbox asks."""
        from django.db import connections
        from django.test.utils import CaptureQueriesContext

        counted = [CaptureQueriesContext(connections[name]) for name in connections]
        for each in counted:
            each.__enter__()
        self.inbox()
        for each in counted:
            each.__exit__(None, None, None)
        return sum(len(each) for each in counted)


def turns() -> float:
    """The longest turn of the next three days, in seconds, after one in which nothing changes."""
    from bench.filled_cases import NOW
    from zhiheng.cli.session import open_book
    from zhiheng.kernel.actor import SYSTEM
    from zhiheng.office import case_standings

    book, longest = open_book(), 0.0
    case_standings.remake_due(book, NOW)
    for days in range(4):
        call = Call(SYSTEM, book, NOW + dt.timedelta(days=days))
        begun = time.perf_counter()
        written = case_standings.remake_due(book, call.now)
        taken = time.perf_counter() - begun
        longest = max(longest, taken)
        each = f", {taken / written * 1000:.2f} ms a case" if written else ""
        print(f"  turn of {call.today}: {written:,} cases made anew in {taken:.2f} s{each}")
    return longest


if __name__ == "__main__":
    raise SystemExit(main())
