"""A picture drawn in another process: neither the event loop nor the memory of the service feels matplotlib."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bot.pictures.chart import Chart, to_json

# A second or two are usual: one for starting, most of it for matplotlib's list of the machine's fonts.
PATIENCE = 30.0

_PROGRAM = (sys.executable, "-m", "bot.pictures")
# The child finds the `bot` of its parent there, installed or not.
_HERE = Path(__file__).parents[2]


class PictureError(Exception):
    """No picture came out; says why."""


async def picture(chart: Chart) -> bytes:
    """The chart as a PNG.

    Raises PictureError if the process that draws it cannot be started, fails or takes longer than half a minute.
    """
    return await drawn_by(_PROGRAM, to_json(chart).encode("ascii"), PATIENCE)


async def drawn_by(program: Sequence[str], chart: bytes, patience: float) -> bytes:
    """What the program makes of the chart; it does not outlive this call, however it ends."""
    with tempfile.TemporaryDirectory(prefix="rohnamo-picture-") as folder:
        try:
            process = await asyncio.create_subprocess_exec(
                *program,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                cwd=_HERE,
                env=_environment(folder),
            )
        except OSError as error:
            raise PictureError(f"the process that draws pictures was not started: {error}") from error
        try:
            async with asyncio.timeout(patience):
                png, complaints = await process.communicate(chart)
        except TimeoutError as error:
            raise PictureError(f"the picture was not ready after {patience:g} seconds") from error
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    if process.returncode != 0:
        raise PictureError(f"the picture was not drawn: {_last_line(complaints) or process.returncode}")
    return png


def _environment(folder: str) -> dict[str, str]:
    """Nothing that is secret; a home that exists, for what matplotlib keeps."""
    passed = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    return {**passed, "HOME": folder, "MPLCONFIGDIR": folder}


def _last_line(complaints: bytes) -> str:
    """Of a traceback, the line that says what happened."""
    lines = complaints.decode(errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "")
