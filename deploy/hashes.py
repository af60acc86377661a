"""`make hashes`: pins what the image installs, by the hash of every wheel that it may be installed from.

Versions are those of constraints.txt; pip says which wheels there are, for each machine and each Python.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Mapping
from importlib import metadata
from itertools import product
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

HOME = Path(__file__).resolve().parent.parent
FILES = {"": HOME / "deploy" / "requirements.txt", "semantic": HOME / "deploy" / "requirements-semantic.txt"}

MACHINES = ("x86_64", "aarch64")
PYTHONS = ("3.11", "3.12", "3.13")
# Debian 12 and all newer ones run wheels for any of these.
GLIBCS = ("manylinux2014", *(f"manylinux_2_{minor}" for minor in (17, 24, 26, 27, 28, 31, 34)))

HEADER = """\
# {what}, in the versions of constraints.txt. Made by `make hashes`.
# The hashes are those of the wheels for Linux on x86-64 and arm64, Python 3.11 to 3.13; nothing else is installed.
--only-binary :all:
"""
WHAT = {"": "What the image needs", "semantic": "What sentence embeddings need besides"}


def pinned() -> dict[str, str]:
    """Version by name, of everything in constraints.txt."""
    lines = (HOME / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return {canonicalize_name(line.split("==")[0]): line.split("==")[1] for line in lines if not line.startswith("#")}


def needed(extra: str = "") -> set[str]:
    """The names of what the program needs, and of what that needs in turn; with an extra, what it needs besides."""
    project = tomllib.loads((HOME / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    without = _closure(project["dependencies"])
    return _closure(project["optional-dependencies"][extra]) - without if extra else without


def _closure(lines: Iterable[str]) -> set[str]:
    """Follows what installed packages say that they need."""
    found, left = set[tuple[str, str]](), [*map(Requirement, lines)]
    while left:
        asked = left.pop()
        for extra in sorted({"", *asked.extras} - {extra for name, extra in found if name == asked.name}):
            found.add((asked.name, extra))
            left += [
                part
                for part in map(Requirement, metadata.requires(asked.name) or ())
                if part.marker is None or part.marker.evaluate({"extra": extra})
            ]
    return {canonicalize_name(name) for name, _ in found}


def _wheels(pins: Iterable[str], machine: str, python: str) -> dict[str, set[str]]:
    """The hash of the wheel that pip would install, by name. Exits with pip's words if there is none."""
    with tempfile.TemporaryDirectory() as name:
        asked, report = Path(name) / "asked.txt", Path(name) / "report.json"
        asked.write_text("\n".join(pins), encoding="utf-8")
        where = [f"--platform={glibc}_{machine}" for glibc in GLIBCS]
        how = ["--dry-run", "--quiet", "--no-deps", "--only-binary=:all:", f"--target={name}/nowhere"]
        command = [sys.executable, "-m", "pip", "install", *how, *where, "--implementation=cp"]
        subprocess.run([*command, f"--python-version={python}", f"--report={report}", f"-r{asked}"], check=True)
        found = json.loads(report.read_text(encoding="utf-8"))["install"]
    return {
        canonicalize_name(one["metadata"]["name"]): {one["download_info"]["archive_info"]["hashes"]["sha256"]}
        for one in found
    }


def _written(what: str, versions: Mapping[str, str], hashes: Mapping[str, set[str]]) -> str:
    lines = (
        " \\\n    ".join([f"{name}=={versions[name]}", *(f"--hash=sha256:{one}" for one in sorted(hashes[name]))])
        for name in sorted(hashes)
    )
    return HEADER.format(what=what) + "\n".join(lines) + "\n"


def main() -> None:
    """Write the files anew. Whatever the program needs has to be installed."""
    versions, names = pinned(), {extra: needed(extra) for extra in FILES}
    hashes: dict[str, set[str]] = {}
    for machine, python in product(MACHINES, PYTHONS):
        print(f"Python {python} on {machine} ...")
        pins = [f"{name}=={versions[name]}" for name in sorted(set().union(*names.values()))]
        for name, some in _wheels(pins, machine, python).items():
            hashes.setdefault(name, set()).update(some)
    for extra, path in FILES.items():
        of_these = {name: hashes[name] for name in names[extra]}
        path.write_text(_written(WHAT[extra], versions, of_these), encoding="utf-8")


if __name__ == "__main__":
    main()
