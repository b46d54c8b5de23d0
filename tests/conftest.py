"""What all tests share: where the book and the reference data are, a clean ledger, and marks set by what a test
uses.
"""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings as hypothesis_settings

from tests.examples import examples
from tests.scheduling import all_slow, begins
from tests.tables_once import copied_into_test_databases

# How long an example takes says what else the machine had to do, and nothing of the code: no test is timed.
hypothesis_settings.register_profile("untimed", deadline=None, max_examples=examples(100))
hypothesis_settings.load_profile("untimed")

# What Python compiled once is kept for the processes that tests start, however the machine is set up (so in the Makefile).
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"


# Whatever stands in memory after the collection stays till the end: looking through it again and again for what could
# be thrown away would be an eighth of all processor time.
gc.set_threshold(100_000, 20, 100)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """A file whose tests are all slow is not even read where slow tests are left out, nor a folder of such files."""
    if "not slow" not in config.option.markexpr:
        return None
    if collection_path.is_dir():
        files = list(collection_path.rglob("test_*.py"))
        return True if files and all(all_slow(file) for file in files) else None
    return True if collection_path.suffix == ".py" and all_slow(collection_path) else None


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """How several processes share the tests, whatever the command line says."""
    from tests.scheduling import ByFile

    return ByFile(config, log)


def pytest_collection_finish() -> None:
    """What was read stays till the end of the run."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure() -> None:
    """At the end everything is given back as usual."""
    gc.unfreeze()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A test that takes a database fixture is marked so; one that needs ../shared says that it is absent. Files that
    take longest come first, then others with slow tests, so that several processes end with small pieces, at about the
    same time.
    """
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: (begins(item.nodeid.split("::")[0]), item.path not in slow))
    for item in items:
        names = set(getattr(item, "fixturenames", ()))
        if names & {"db", "transactional_db", "ledger"} or item.get_closest_marker("django_db"):
            item.add_marker("database")
            # Accounts, sessions and the queue stand in a database of their own on SQLite; every test may use both.
            given = item.get_closest_marker("django_db")
            item.add_marker(
                pytest.mark.django_db(**{**(given.kwargs if given else {}), "databases": "__all__"}), append=False
            )
        if item.get_closest_marker("shared") and not SHARED.is_dir():
            item.add_marker(
                pytest.mark.skip(reason="../shared is absent: the reference data is not beside this checkout")
            )


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> None:
    """A password that is slow to guess is slow to set, and hundreds of invented people sign in."""
    from django.conf import settings

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session", autouse=True)
def signed_in_whole() -> None:
    """Who is put into a browser without the pages of the sign-in has been asked for every factor, as in a real one."""
    from django.contrib.auth.signals import user_logged_in

    user_logged_in.connect(_asked_for_every_factor, weak=False, dispatch_uid="tests")


def _asked_for_every_factor(request: Any, **_words: Any) -> None:
    from zhiheng.people.second_factor import PROVED

    if not request.path:
        request.session[PROVED] = True


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """The test databases are copies of tables that were made once."""
    copied_into_test_databases()


@pytest.fixture(scope="session", autouse=True)
def spooled(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A folder for large files that are being sent, as an installation that was set up has it."""
    from django.conf import settings

    settings.FILE_UPLOAD_TEMP_DIR = tmp_path_factory.mktemp("uploading")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The reference data beside the checkout."""
    if not SHARED.is_dir():
        pytest.skip("../shared is absent: the reference data is not beside this checkout")
    return SHARED


@pytest.fixture(scope="session")
def book_root() -> Path:
    """The folder of the default book."""
    return ROOT / "book"
