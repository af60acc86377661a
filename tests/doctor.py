"""What checks of a set-up tell, as lines."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from bot.findings import Check, Examination, Finding, Found


def line(finding: Finding) -> str:
    step = f" → {finding.step}" if finding.step else ""
    return f"{finding.state} {finding.name}: {finding.words}{step}"


async def told(find: Callable[[], Awaitable[Found]]) -> list[str]:
    """What a check finds, and all that it leads to. A busy machine may take its time."""
    return [line(finding) for finding in await Examination(limit=60).of([Check("test", find)])]


def of(name: str, lines: Sequence[str]) -> list[str]:
    """The lines of one name."""
    return [one for one in lines if one.split(" ", 1)[1].startswith(f"{name}: ")]


def faults(lines: Sequence[str]) -> list[str]:
    """The lines that are not fine."""
    return [one for one in lines if not one.startswith("fine ")]
