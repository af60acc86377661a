"""Holds processes to a fixed share of a processor, as small virtual servers would."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

GROUPS = Path("/sys/fs/cgroup/cpu")
# Microseconds in which the share is counted. A long one would let a question wait for a tenth of a second.
PERIOD = 10_000


class ShareError(Exception):
    """This machine does not let us; the message says why."""


@contextmanager
def held_to(share: float) -> Iterator[Callable[[int], None]]:
    """A function that holds a process to a share (0..1) of one processor; it ends before the block does.

    Raises ShareError.
    """
    group = GROUPS / f"rohnamo-load-{os.getpid()}-{len(list(GROUPS.glob('rohnamo-load-*')))}"
    try:
        group.mkdir()
        (group / "cpu.cfs_period_us").write_text(str(PERIOD))
        (group / "cpu.cfs_quota_us").write_text(str(int(share * PERIOD)))
    except OSError as error:
        raise ShareError(f"no control group can be made in {GROUPS}: {error.strerror}") from error
    try:
        yield lambda pid: _put(group, pid)
    finally:
        group.rmdir()


def _put(group: Path, pid: int) -> None:
    (group / "cgroup.procs").write_text(str(pid))
