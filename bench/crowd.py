"""A crowd on loopback: officers who sign in, look at their inbox, open sheets and act; citizens who read the portal,
send reports with proof of work and follow them. Driven by Locust (``bench.crowd_users``), bounded in time.

A place of its own is filled, ``zhiheng serve`` serves it, and at the end it is counted in the database: every report
that got a receipt is one case, none is two; every act that was accepted is one line, none is two; the chain verifies.
Times of each kind are told beside the bare page of the same site, asked by the same officers at the same time. Who is
told to come back later is counted apart. With ``--delivery`` a department hands in so many rows meanwhile; they are
received by the site's own workers. The greatest memory of the site's processes is told. One citizen in ten has something to report: the work that a form asks for
doubles with every forty forms in ten minutes, and here one machine works for all of them.

    python -m bench.crowd [--scale tiny|small|full] [--postgresql] [--delivery ROWS]

small: 200 officers and 2,000 citizens for three minutes; full: for ten; tiny: a tenth of them for one, to try it out.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter
from pathlib import Path
from typing import Any, Final

from bench.claims import claim
from bench.own_place import run
from bench.while_receiving import hand_in

# Accounts of this password live as long as the benchmark.
_PASSWORD: Final = "crowd on loopback 2026"
# What their telephones hold, for the second factor that their role asks for.
FACTOR: Final = "JBSWY3DPEHPK3PXP"
# Officers, citizens, seconds, open cases, published enterprises.
SIZES: Final = {
    "tiny": (20, 200, 60, 2_000, 500),
    "small": (200, 2_000, 180, 6_000, 2_000),
    "full": (200, 2_000, 600, 12_000, 2_000),
}
# Seconds in which the site has to answer for the first time, and in which who is under way finishes.
_OPEN, _FINISH = 300, 60
# The same for the delivery, once the crowd has gone.
_RECEIVED = 900


def main() -> int:
    """Fill, serve, send the crowd, count."""
    return run("bench.crowd", __doc__, SIZES, measure, {"delivery": "rows that a department hands in meanwhile"})


def measure(scale: str, delivery: int = 0) -> int:
    """The claims of one run; ``delivery``: rows that are handed in meanwhile."""
    officers, citizens, seconds, cases, enterprises = SIZES[scale]
    from zhiheng.cli.session import set_up

    set_up()
    home = Path(os.environ["ZHIHENG_DATA"])
    place = _filled(officers, citizens, seconds, cases, enterprises)
    (home / "crowd-place.json").write_text(json.dumps(place), "utf-8")
    print(
        f"{officers:,} officers, {citizens:,} citizens, {seconds} s, {cases:,} open cases; load {os.getloadavg()[0]:.1f}"
    )
    rows = None
    if delivery:
        from bench import sampling_rows

        rows = sampling_rows.write(home / "rows.csv", delivery, firms=max(delivery // 7, 1))
    told = _crowd(home, officers, citizens, seconds, rows)
    print(f"load at the end {os.getloadavg()[0]:.1f}")
    for name, most in told["memory"].items():
        print(f"greatest memory, {name}: {most / (1 << 20):,.0f} MB")
    status = _counted(told)
    if told["errors"]:
        print("what the site itself wrote last:", (home / "crowd-site.log").read_text("utf-8", "replace")[-3_000:])
    if delivery:
        print(f"{delivery:,} rows received in {told['received_in']:.0f} s, counted from when they were handed in")
        status = max(status, claim(delivery - told["rows"], 0, " rows of the delivery lost"))
    return status


def _filled(officers: int, citizens: int, seconds: int, cases: int, enterprises: int) -> dict[str, Any]:
    """The place: open cases of one unit, accounts of its officers, enterprises of the portal."""
    import datetime as dt

    from allauth.mfa.totp.internal.auth import TOTP
    from django.contrib.auth.hashers import make_password

    from bench import portal
    from bench.filled_cases import UNIT, fill
    from zhiheng.office.cases import CaseStandingRow
    from zhiheng.people.models import Account, Grant
    from zhiheng.published.models import PublishedEnterprise

    fill(cases, share=1.0)
    portal.fill(enterprises, 4 * enterprises)
    # Worked out once: two hundred would take a minute.
    password = make_password(_PASSWORD)
    accounts = [
        Account.objects.create(
            login=f"crowd-{n}", name=f"承办人{n}", kind="officer", unit=UNIT, password=password, is_active=True
        )
        for n in range(officers)
    ]
    for each in accounts:
        # Their role asks for a second factor: each has a telephone, and signs in with it.
        TOTP.activate(each, FACTOR)
    Grant.objects.bulk_create(
        Grant(
            account=each,
            role="department_officer",
            unit=UNIT,
            area="990101",
            first_day=dt.date(2020, 1, 1),
            given_by="bench",
        )
        for each in accounts
    )
    waiting = CaseStandingRow.objects.filter(workflow="complaint", unit=UNIT, state="to_decide", place=1)
    complaints = list(waiting.order_by("case").values_list("case_id", flat=True))
    quick = seconds < 120
    return {
        "password": _PASSWORD,
        "factor": FACTOR,
        "officers": [
            {"login": each.login, "cases": complaints[number::officers]} for number, each in enumerate(accounts)
        ],
        "cases": list(
            CaseStandingRow.objects.filter(unit=UNIT).order_by("case").values_list("case", flat=True)[:1_000]
        ),
        "enterprises": list(PublishedEnterprise.objects.values_list("public_id", flat=True)),
        "area": "990101001",
        "one_sender_in": 10,
        "officers_wait": (2, 6) if quick else (20, 60),
        "citizens_wait": (5, 15) if quick else (30, 90),
    }


class _Meanwhile(threading.Thread):
    """Looks at the memory of the site every second, and hands a delivery in once a quarter of the crowd has come."""

    def __init__(self, site: int, rows: Path | None, after: float) -> None:
        super().__init__(daemon=True)
        self._site, self._rows, self._after = site, rows, after
        self.stop = threading.Event()
        self.memory = {"all processes": 0, "the largest": 0}
        self.begun = 0.0

    def run(self) -> None:
        """Until it is told to stop."""
        start = time.monotonic()
        while not self.stop.wait(1):
            sizes = _memory_of(self._site)
            self.memory["all processes"] = max(self.memory["all processes"], sum(sizes))
            self.memory["the largest"] = max(self.memory["the largest"], max(sizes, default=0))
            if self._rows is not None and not self.begun and time.monotonic() - start >= self._after:
                self.begun = time.monotonic()
                hand_in(self._rows)


def _memory_of(site: int) -> list[int]:
    """Bytes of a process and of each below it, what several share in equal parts (``Pss``)."""
    below: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            above = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            below.setdefault(above, []).append(int(folder.name))
    found, ahead = [], [site]
    while ahead:
        number = ahead.pop()
        ahead += below.get(number, [])
        with contextlib.suppress(OSError, StopIteration):
            told = Path(f"/proc/{number}/smaps_rollup").read_text().splitlines()
            found.append(1024 * next(int(line.split()[1]) for line in told if line.startswith("Pss:")))
    return found


def _received(begun: float) -> dict[str, Any]:
    """How many rows of the delivery were received, and in how many seconds; waits until it is done."""
    from zhiheng.office.models import Upload

    until = time.monotonic() + _RECEIVED
    while time.monotonic() < until:
        upload = Upload.objects.latest("id")
        if upload.state not in Upload.UNDER_WAY:
            rows = sum(line["rows"] for line in upload.result) if upload.state == Upload.State.DONE else 0
            return {"rows": rows, "received_in": time.monotonic() - begun}
        time.sleep(0.5)
    return {"rows": 0, "received_in": float("inf")}


def _crowd(home: Path, officers: int, citizens: int, seconds: int, rows: Path | None) -> dict[str, Any]:
    """Serve the place, send the crowd for so long, and return what it was told; ``rows``: what is handed in then."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "bench.crowd_site", "ZHIHENG_DATA": str(home)}
    start = [sys.executable, "-c", "from zhiheng.cli.main import main; main()", "serve", "--port", str(port)]
    with (home / "crowd-site.log").open("wb") as log:
        site = subprocess.Popen(start, env=environment, stdout=log, stderr=log, start_new_session=True)
        try:
            _wait_for(f"http://127.0.0.1:{port}/robots.txt", site)
            meanwhile = _Meanwhile(site.pid, rows, seconds / 4)
            meanwhile.start()
            told = home / "crowd-told.json"
            users = environment | {
                "CROWD_PLACE": str(home / "crowd-place.json"),
                "CROWD_TOLD": str(told),
                "CROWD_OFFICERS": str(officers),
                "CROWD_CITIZENS": str(citizens),
            }
            command = [sys.executable, "-m", "locust", "-f", str(Path(__file__).with_name("crowd_users.py"))]
            command += ["--headless", "--only-summary", "--host", f"http://127.0.0.1:{port}"]
            # They come over the first fifth of the time: a password costs a third of a second, on purpose.
            command += ["-u", str(officers + citizens), "-r", f"{5 * (officers + citizens) / seconds:.1f}"]
            command += ["-t", f"{seconds}s", "--stop-timeout", str(_FINISH), "--loglevel", "WARNING"]
            done = subprocess.run(
                command, env=users, capture_output=True, text=True, check=False, timeout=seconds + _FINISH + 300
            )
            if not told.exists():
                raise SystemExit(f"the crowd did not come back: {done.stderr[-2_000:]}")
            found: dict[str, Any] = json.loads(told.read_text("utf-8"))
            if rows is not None:
                found |= _received(meanwhile.begun)
            meanwhile.stop.set()
            meanwhile.join(60)
            return found | {"memory": meanwhile.memory}
        finally:
            site.send_signal(signal.SIGTERM)
            site.wait(60)


def _wait_for(address: str, site: subprocess.Popen[bytes]) -> None:
    """Until the site answers. Raises SystemExit where it ends before, or is silent for too long."""
    until = time.monotonic() + _OPEN
    while time.monotonic() < until and site.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.5)
    raise SystemExit("the site did not open; see crowd-site.log")


def _counted(told: dict[str, Any]) -> int:
    """What the crowd was told against what stands in the database; the times of each kind."""
    from bench.filled_cases import NOW
    from zhiheng.actions.cases.verify_cases import verify_cases
    from zhiheng.cli.session import open_book
    from zhiheng.grammar.call import Call
    from zhiheng.kernel.actor import SYSTEM
    from zhiheng.office.cases import CaseEvent

    kinds = told["kinds"]
    if not {"bare page", "inbox", "act"} <= kinds.keys():
        # A machine on which nobody came that far within the time: nothing is compared, and nothing holds.
        print(f"asked within the time: { ({name: one['asked'] for name, one in kinds.items()}) }")
        return claim(float("inf"), 3, "x of the bare page's p95: it was never answered")
    bare = kinds["bare page"]["p95"]
    print(f"{'':<22}{'asked':>8}{'failed':>8}{'p50 ms':>10}{'p95 ms':>10}   of the bare page's p95")
    for name in sorted(kinds):
        one = kinds[name]
        print(
            f"{name:<22}{one['asked']:>8,}{one['failed']:>8,}{one['p50']:>10,.0f}{one['p95']:>10,.0f}"
            f"   {one['p95'] / bare:.2f}x"
        )
    for each in told["errors"]:
        print(f"  {each}")
    print(f"told to come back later: {told['limited']:,}; refused: {len(told['refused']):,}")
    asked = [*told["accepted"], *told["unknown_acts"]]
    decided = Counter(CaseEvent.objects.filter(act="decide", case__in=asked).values_list("case_id", flat=True))
    texts = list(CaseEvent.objects.filter(place=1, data__contains="CROWD").values_list("data", flat=True))
    sent = {mark: sum(mark in text for text in texts) for mark in {*told["received"], *told["unknown_sent"]}}
    lost = [case for case in told["accepted"] if not decided[case]]
    lost += [mark for mark in told["received"] if sent[mark] == 0]
    doubled = [case for case, times in decided.items() if times > 1] + [mark for mark, n in sent.items() if n > 1]
    beyond = len(texts) - sum(sent.values())
    print(
        f"acts accepted {len(told['accepted']):,} (unknown {len(told['unknown_acts'])}), reports with a receipt "
        f"{len(told['received']):,} (unknown {len(told['unknown_sent'])}); lost {lost}, doubled {doubled}, of nobody {beyond}"
    )
    report = verify_cases(call=Call(SYSTEM, open_book(), max(NOW, _now())))
    broken = [each.zh for each in report.findings]
    print(f"verified: {report.lines:,} lines of {report.cases:,} cases; findings: {broken[:3]}")
    failed = sum(each["failed"] for each in kinds.values()) or len(told["errors"])
    return max(
        claim(len(lost) + len(doubled) + beyond + len(broken), 0, " cases or lines lost, doubled or broken"),
        claim(failed, 0, f" errors of {sum(each['asked'] for each in kinds.values()):,} requests"),
        claim(kinds["inbox"]["p95"] / bare, 3, "x of the bare page's p95 for the inbox"),
        claim(kinds["act"]["p95"] / bare, 8, "x of the bare page's p95 for an act"),
    )


def _now() -> Any:
    from django.utils import timezone

    return timezone.localtime()


if __name__ == "__main__":
    raise SystemExit(main())
