"""Whose the files of a SQLite store are. One command as root may leave some that the service can only read."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from bot.findings import Finding, wrong
from bot.store.backup import BESIDE
from bot.store.database import WORKFLOWS

if sys.platform != "win32":
    import pwd

OURS = ("", *BESIDE, ".lock")


def unwritable(file: Path) -> Sequence[Finding]:
    """The files of a store that this user may not write: whose they are, and what gives them back."""
    if sys.platform == "win32":
        return []
    beside = [file.with_name(f"{WORKFLOWS}{ending}") for ending in ("", *BESIDE)]
    files = [*(file.with_name(f"{file.name}{ending}") for ending in OURS), *beside]
    refused = [one for one in files if one.is_file() and not os.access(one, os.R_OK | os.W_OK)]
    owners = dict.fromkeys(one.stat().st_uid for one in refused)
    return [_told([one for one in refused if one.stat().st_uid == owner], owner) for owner in owners]


def _told(files: Sequence[Path], owner: int) -> Finding:
    folder = files[0].parent
    names = ", ".join(one.name for one in files)
    belong, them = ("belong", "them") if len(files) > 1 else ("belongs", "it")
    deed = "write" if all(os.access(one, os.R_OK) for one in files) else "read and write"
    words = f"{names} in {folder} {belong} to {_name(owner)}, and {_name(os.geteuid())} may not {deed} {them}"
    return wrong("database", words, _step(shlex.join(map(str, files)), owner, folder.stat().st_uid))


def _step(files: str, owner: int, keeper: int) -> str:
    """What to do; whose the folder is, the service runs as."""
    if owner == os.geteuid():
        return f"chmod u+rw {files}, and see that the disk is not read-only"
    if owner == keeper:
        return f"run this, and the service, as {_name(owner)}"
    return f"sudo chown {_name(keeper)}: {files}"


def _name(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:  # as in containers
        return str(user)
