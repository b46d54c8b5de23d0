"""Run a command against a PostgreSQL of its own: ``python -m tests.postgres pytest -m database``.

Starts a throw-away cluster on a free port of this machine, sets DATABASE_URL, runs the command, stops and removes the
cluster. Where the server is missing and may be installed (Debian, root) it is installed; otherwise that is said and
nothing is run.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path


def binaries() -> Path | None:
    """The folder with initdb, installing Debian's package where that is possible."""
    for attempt in range(2):
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
        if found:
            return found[-1].parent
        if path := shutil.which("initdb"):
            return Path(path).resolve().parent
        if attempt or os.geteuid() != 0 or not shutil.which("apt-get"):
            return None
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run(["apt-get", "update"], check=False, **quiet)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "install", "-y", "postgresql"], check=False, env=environment, **quiet)
    return None


def main(command: list[str]) -> int:
    """Exit status of the command, or 0 with a clear word where there is no PostgreSQL."""
    folder = binaries()
    if folder is None:
        print("PostgreSQL is not installed and can't be installed here: its half of the suite is skipped.")
        return 0
    home = Path(tempfile.mkdtemp(prefix="zhiheng-pg-"))
    # PostgreSQL refuses to run as root; Debian's package brings a user of its own.
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if as_user:
        shutil.chown(home, "postgres")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data = home / "data"

    def run(*words: str) -> None:
        done = subprocess.run([*as_user, *words], cwd=home, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{words[0]}: {done.stderr or done.stdout}")

    run(str(folder / "initdb"), "-D", str(data), "-U", "zhiheng", "--auth=trust", "--encoding=UTF8", "--locale=C", "-N")
    options = (
        f"-p {port} -h 127.0.0.1 -k {home} -c shared_buffers=256MB -c max_wal_size=4GB -c checkpoint_timeout=30min"
    )
    if os.environ.get("ZHIHENG_PG_UNSAFE", "1") == "1":
        options += " -c fsync=off -c full_page_writes=off -c synchronous_commit=off"
    run(str(folder / "pg_ctl"), "-D", str(data), "-l", str(home / "log"), "-o", options, "-w", "start")
    try:
        run(str(folder / "createdb"), "-h", "127.0.0.1", "-p", str(port), "-U", "zhiheng", "zhiheng")
        url = f"postgresql://zhiheng@127.0.0.1:{port}/zhiheng"
        return subprocess.run(command, env={**os.environ, "DATABASE_URL": url}, check=False).returncode
    finally:
        run(str(folder / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop")
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
