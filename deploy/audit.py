"""`make audit`: is anything that the image installs known to be vulnerable? Asks OSV, the open list, once a day.

It fails on a vulnerability; where the list cannot be reached it says so and fails nobody: one can work on a train.
Arguments are passed on to pip-audit: `python -m deploy.audit --ignore-vuln ID` for one that does not concern us.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from deploy.hashes import FILES

UNREACHED = "the list of known vulnerabilities cannot be reached; not checked"
# A list that answers nothing is as good as out of reach: all questions together take a few seconds.
SECONDS = 90
HOW = ("--require-hashes", "--disable-pip", "--vulnerability-service=osv", "--format=json", "--timeout=10")
# How pip-audit ends when it is the network's fault, or the list's.
NETWORK = re.compile(
    r"^(requests\.exceptions\.|urllib3\.exceptions\.|\S*ServiceError|\S*Could not connect)", re.MULTILINE
)
STAMP = Path(sys.prefix) / "audited"


def main(arguments: Sequence[str]) -> int:
    """Print what was found, and return the exit code: 1 for a vulnerability or if pip-audit itself fails."""
    today = f"{datetime.now(UTC).date()} {_digest(arguments)}"
    if STAMP.exists() and STAMP.read_text(encoding="utf-8") == today:
        return 0
    try:
        asked = _ask(arguments)
    except subprocess.TimeoutExpired:
        print(UNREACHED)
        return 0
    if asked.returncode and not asked.stdout.strip():
        return _failed(asked.stderr)
    found = _vulnerable(asked.stdout)
    print(*found, sep="\n", end="\n" if found else "")
    if not found:
        STAMP.write_text(today, encoding="utf-8")
    return 1 if found else 0


def _digest(arguments: Sequence[str]) -> str:
    digest = hashlib.sha256(repr(arguments).encode())
    for path in FILES.values():
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _ask(arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
    files = [f"--requirement={path}" for path in FILES.values()]
    command = [sys.executable, "-m", "pip_audit", *files, *HOW, "--progress-spinner=off", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)


def _failed(told: str) -> int:
    if NETWORK.search(told):
        print(UNREACHED)
        return 0
    print(told)
    return 1


def _vulnerable(told: str) -> list[str]:
    """A line for each vulnerability."""
    return [
        f"{one['name']} {one['version']}: {flaw['id']}, mended in {', '.join(flaw['fix_versions']) or 'no version yet'}"
        for one in json.loads(told)["dependencies"]
        for flaw in one["vulns"]
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
