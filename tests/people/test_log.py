"""What a failed page leaves in the log."""

from __future__ import annotations

import logging

import pytest

from zhiheng.site.log import WithoutValues

pytestmark = pytest.mark.slow


def test_日志写明在哪里出错_不写出错时的内容() -> None:
    name, phone = "".join(("张", "三")), "138" + "0" * 8
    try:
        try:
            raise KeyError(name)
        except KeyError as cause:
            raise ValueError(phone) from cause
    except ValueError as error:
        record = logging.LogRecord(
            "django.request",
            logging.ERROR,
            __file__,
            1,
            "Internal Server Error: %s",
            ("/desk/",),
            (type(error), error, error.__traceback__),
        )
    told = WithoutValues("%(message)s").format(record)
    assert "Internal Server Error: /desk/" in told
    assert "test_log.py" in told
    assert told.index("KeyError") < told.index("ValueError")
    assert name not in told
    assert phone not in told


def test_后台的日志也不写出错时的内容(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from zhiheng.cli.worker import _write_log

    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    monkeypatch.setattr(root, "level", root.level)
    _write_log()
    phone = "138" + "0" * 8
    for name in ("zhiheng.worker", "django_tasks", "some.library"):
        try:
            raise ValueError(phone)
        except ValueError:
            logging.getLogger(name).exception("a task failed")
    told = capsys.readouterr().err
    assert told.count("builtins.ValueError") == 3
    assert "test_log.py" in told
    assert phone not in told
