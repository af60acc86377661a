"""`doctor` and files that the service may not write, as one command as root leaves them."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.conftest import HOME

# Somebody on every machine.
NOBODY = pwd.getpwnam("nobody")
# What this process may look at, it looks at as nobody, if it is root, to whom no file is forbidden.
LOOKS = """
import asyncio, os, sys
from functools import partial
from bot.store import checkup
from tests.doctor import told

async def looked_at(file):
    return await told(partial(checkup.database, f"sqlite:///{file}"))

asyncio.run(looked_at(sys.argv[2]))  # what that imports is not everybody's to read
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(int(sys.argv[4]))
    os.setuid(int(sys.argv[3]))
print(*asyncio.run(looked_at(sys.argv[1])), sep="\\n")
"""
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")


@pytest.fixture
def file(new_database: Path) -> Iterator[Path]:
    """A database, all of which belongs to who looks at it."""
    with TemporaryDirectory(prefix="rohnamo-") as folder:  # pytest's own are not everybody's to enter
        file = Path(shutil.copy(new_database, folder))
        file.with_name(f"{file.name}.lock").touch()
        if os.geteuid() == 0:
            for path in (file.parent, *file.parent.iterdir()):
                shutil.chown(path, NOBODY.pw_uid, NOBODY.pw_gid)
        yield file


def looked_at(file: Path, sound: Path) -> list[str]:
    """What the doctor says to the user of the service."""
    words = [sys.executable, "-c", LOOKS, *map(str, (file, sound, NOBODY.pw_uid, NOBODY.pw_gid))]
    done = subprocess.run(words, cwd=HOME, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_files_of_their_own_are_no_fault(file: Path, new_database: Path) -> None:
    assert all(line.startswith("fine ") for line in looked_at(file, new_database))


@as_root
@pytest.mark.parametrize("ending", ["", "-wal", "-shm", ".lock"])
def test_a_file_that_root_left_is_told_with_what_gives_it_back(ending: str, file: Path, new_database: Path) -> None:
    left = file.with_name(f"{file.name}{ending}")
    left.touch()
    os.chown(left, 0, 0)
    left.chmod(0o644)
    [found] = looked_at(file, new_database)
    assert found == (
        f"wrong database: {left.name} in {file.parent} belongs to root, and nobody may not write it"
        f" → sudo chown nobody: {left}"
    )


@as_root
def test_all_that_root_left_is_told_at_once_and_the_workflows_too(file: Path, new_database: Path) -> None:
    shutil.copy(new_database, file.with_name("workflows.db"))
    for path in file.parent.iterdir():
        os.chown(path, 0, 0)
        path.chmod(0o600)
    [found] = looked_at(file, new_database)
    assert (
        f"rohnamo.db, rohnamo.db.lock, workflows.db in {file.parent} belong to root, and nobody may not read" in found
    )
    assert found.endswith(f"sudo chown nobody: {file} {file}.lock {file.with_name('workflows.db')}")


@as_root
def test_who_looks_at_the_files_of_another_service_is_told_to_be_its_user(file: Path, new_database: Path) -> None:
    for path in (file, file.parent):
        os.chown(path, 0, 0)
    file.parent.chmod(0o755)
    file.chmod(0o644)
    [found] = looked_at(file, new_database)
    assert found.endswith(" → run this, and the service, as root")


def test_a_file_that_its_own_user_may_not_write_is_told(file: Path, new_database: Path) -> None:
    file.chmod(0o444)
    [found] = looked_at(file, new_database)
    assert f" → chmod u+rw {file}, " in found
