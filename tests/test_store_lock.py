"""One process at a time, on one file."""

from __future__ import annotations

import re
import signal
from pathlib import Path

import pytest

from bot.store.database import StoreError
from bot.store.lock import only_one
from tests.backups import locked, mode, names


def test_only_one_process_holds_the_lock_and_its_death_gives_it_back(tmp_path: Path) -> None:
    file = tmp_path / "rohnamo.db"
    with locked(file) as other:
        with pytest.raises(StoreError, match=f"^another Rohnamo uses {re.escape(str(file))}: stop it"), only_one(file):
            pass
        other.send_signal(signal.SIGKILL)
        other.wait()
        with only_one(file), pytest.raises(StoreError, match="another Rohnamo"), only_one(file):
            pass
    with only_one(file):
        assert mode(file.with_name("rohnamo.db.lock")) == 0o600


def test_a_lock_needs_no_folder_that_is_there(tmp_path: Path) -> None:
    with only_one(tmp_path / "other" / "rohnamo.db"):
        assert names(tmp_path / "other") == ["rohnamo.db.lock"]


def test_a_lock_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file", encoding="utf-8")
    with (
        pytest.raises(StoreError, match=r"^the lock of .* cannot be made: .*exists"),
        only_one(tmp_path / "data" / "a.db"),
    ):
        pass
