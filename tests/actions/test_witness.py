"""A witness signs what only grew, keeps what it signed, and refuses the rest; an installation asks those of its book."""

from __future__ import annotations

import datetime as dt
import io
import stat
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from tests.book_once import with_chapters
from tests.places import NOON, Ledger, sampling_row, tamper
from zhiheng.actions.log.append_leaves import append_leaves
from zhiheng.actions.log.ask_witnesses import Cosigned, HeardFrom, ask_witnesses, lacks_witnesses
from zhiheng.actions.log.cosign import HEADS, KEY, LARGEST, Witness, application
from zhiheng.actions.log.verify_log import verify_log
from zhiheng.engines.transparency import notes
from zhiheng.engines.transparency.checkpoints import open_checkpoint
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.witnesses import WITNESSES, Witnesses
from zhiheng.kernel.actor import SYSTEM
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger import log, log_key
from zhiheng.ledger.models import LogCheckpoint, LogCosignature

pytestmark = pytest.mark.database
SECOND = 1_800_000_000
LATER = NOON + dt.timedelta(hours=1)


def asking(witness: Witness, *, away: bool = False) -> Any:
    """A line to a witness without a network; what goes over it is what goes over HTTP."""
    serve = application(witness, lambda: SECOND)

    def ask(address: str, body: bytes) -> HeardFrom:
        if away:
            raise OSError("ConnectTimeoutError")
        told: list[Any] = []
        environ = {
            "PATH_INFO": "/add-checkpoint",
            "REQUEST_METHOD": "POST",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": io.BytesIO(body),
        }
        text = b"".join(serve(environ, lambda *head: told.extend(head)))
        return HeardFrom(int(told[0].split()[0]), dict(told[1])["Content-Type"], text.decode())

    return ask


class Watched:
    """A ledger, and a witness that its book names."""

    def __init__(self, place: Ledger, folder: Path) -> None:
        self.place = place
        place.samples("一月.csv", [sampling_row(i) for i in range(4)])
        self.witness = Witness(folder, "witness.example/city", [str(log_key.own_key().public)])
        named = {"name": {"zh": "市局", "en": "the city"}, "key": str(self.witness.key.public)}
        page = Witnesses.model_validate({"quorum": 1, "witnesses": [named | {"address": "https://witness.example/"}]})
        self.book = with_chapters(place.book, {WITNESSES: page})

    def grow(self, now: dt.datetime = NOON) -> LogCheckpoint:
        return append_leaves(call=Call(SYSTEM, self.book, now))

    def ask(self, **words: Any) -> Cosigned:
        return ask_witnesses(call=Call(SYSTEM, self.book, NOON), ask=asking(self.witness, **words))


@pytest.fixture
def watched(ledger: Ledger, tmp_path: Path) -> Watched:
    return Watched(ledger, tmp_path / "witness")


def test_the_witness_of_the_book_signs_each_head(watched: Watched) -> None:
    head = watched.grow()
    assert lacks_witnesses(watched.book)
    assert watched.ask().signed == ["市局"]
    assert not lacks_witnesses(watched.book)
    keys = [log_key.own_key().public, watched.witness.key.public]
    assert open_checkpoint(log.note_of(head), keys)[1] == keys
    watched.place.samples("二月.csv", [sampling_row(i) for i in range(20, 23)])
    after = watched.grow(LATER)
    assert watched.ask().signed == ["市局"]
    assert watched.ask().before == ["市局"]
    assert after.size == watched.witness.seen()[log_key.own_key().name]["size"]
    assert verify_log().findings == []


def test_a_witness_that_is_away_or_refuses_is_named_and_asked_again(watched: Watched) -> None:
    watched.grow()
    assert [refusal.code for refusal in watched.ask(away=True).refused] == ["witness.answered"]
    watched.witness.logs = {}
    refused = watched.ask().refused
    assert "HTTP 404" in refused[0].zh
    assert lacks_witnesses(watched.book)
    assert LogCosignature.objects.count() == 0


def test_an_installation_that_lost_its_notes_is_told_the_size_and_proves_from_there(watched: Watched) -> None:
    watched.grow()
    watched.ask()
    tamper("DELETE FROM ledger_logcosignature")
    watched.place.samples("二月.csv", [sampling_row(i) for i in range(20, 23)])
    watched.grow(LATER)
    assert watched.ask().signed == ["市局"]


def test_a_rewritten_history_is_not_signed(watched: Watched) -> None:
    head = watched.grow()
    watched.ask()
    tamper("UPDATE ledger_logleaf SET digest = nonce WHERE id = 3")
    tamper("DELETE FROM ledger_logcosignature")
    tamper("DELETE FROM ledger_logcheckpoint")
    watched.place.samples("二月.csv", [sampling_row(i) for i in range(20, 23)])
    assert watched.grow(LATER).size > head.size
    assert "HTTP 422" in watched.ask().refused[0].zh
    assert verify_log().findings[0].kind == "log.changed"


def test_a_log_that_was_cut_off_is_not_signed(watched: Watched) -> None:
    watched.grow()
    watched.ask()
    for table in ("logcosignature", "logcheckpoint", "logleaf WHERE id > 2"):
        tamper(f"DELETE FROM ledger_{table}")
    tamper("DELETE FROM ledger_auditline")
    watched.grow(LATER)
    assert watched.ask().refused[0].code in ("witness.saw_more", "witness.answered")


def test_the_key_and_the_state_of_a_witness_survive_and_are_its_owners_only(watched: Watched) -> None:
    watched.grow()
    watched.ask()
    again = Witness(watched.witness.folder)
    assert again.key == watched.witness.key
    assert again.logs == watched.witness.logs
    assert again.seen() == watched.witness.seen()
    for name in (KEY, HEADS):
        assert stat.S_IMODE((again.folder / name).stat().st_mode) == 0o600


def test_a_witness_with_a_damaged_state_does_not_begin_anew(watched: Watched) -> None:
    watched.grow()
    watched.ask()
    (watched.witness.folder / HEADS).write_text("{")
    with pytest.raises(Refused) as caught:
        Witness(watched.witness.folder)
    assert caught.value.refusals[0].code == "witness.state"


def test_a_witness_has_one_name(tmp_path: Path) -> None:
    with pytest.raises(Refused):
        Witness(tmp_path / "one")
    with pytest.raises(Refused):
        Witness(tmp_path / "one", "with a space")
    Witness(tmp_path / "one", "witness.example/one")
    with pytest.raises(Refused):
        Witness(tmp_path / "one", "witness.example/two")


@pytest.mark.parametrize(
    ("path", "method", "length", "status"),
    [
        ("/", "GET", "0", HTTPStatus.OK),
        ("/other", "GET", "0", HTTPStatus.NOT_FOUND),
        ("/add-checkpoint", "GET", "0", HTTPStatus.METHOD_NOT_ALLOWED),
        ("/add-checkpoint", "POST", str(LARGEST + 1), HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
        ("/add-checkpoint", "POST", "0", HTTPStatus.BAD_REQUEST),
    ],
)
def test_whatever_is_asked_has_an_answer(tmp_path: Path, path: str, method: str, length: str, status: int) -> None:
    witness = Witness(tmp_path / "witness", "witness.example/city")
    told: list[Any] = []
    environ = {"PATH_INFO": path, "REQUEST_METHOD": method, "CONTENT_LENGTH": length, "wsgi.input": io.BytesIO()}
    body = b"".join(application(witness, lambda: SECOND)(environ, lambda *head: told.extend(head)))
    assert told[0].startswith(str(int(status)))
    if path == "/":
        assert notes.read_public_key(body.decode()) == witness.key.public
