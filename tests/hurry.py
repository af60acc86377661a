"""What tests of the workers share: they do not wait for seconds, and look at what was told the administrator."""

from __future__ import annotations

import logging

import pytest

from bot.handlers import polling, worker

ASIDE = "an update failed too often, and is set aside: see `python main.py updates`"
UNREADABLE = "an update cannot be read (%s), and is set aside: see `python main.py updates`"


def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing waits for seconds."""
    for name in ("AFTER_FAULT", "FIRST_PAUSE", "LONGEST_PAUSE", "LONGEST_STORE_PAUSE", "LOOK"):
        monkeypatch.setattr(worker, name, 0.01)
    monkeypatch.setattr(polling, "STAND_BY", 0.01)


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What was logged for the administrator, without values; the test has now looked at it."""
    told = [str(record.msg) for record in caplog.records if record.levelno >= logging.ERROR]
    caplog.clear()
    return told
