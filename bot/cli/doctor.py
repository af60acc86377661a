"""`doctor`: looks whether everything is set up right, and says what to do."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated

import typer

from bot.cli.door import AsJson, cli, count, log_as_set, output, say
from bot.findings import LIMIT, Check, Examination, Finding, State
from bot.logs import redacted

MARKS = {State.FINE: ("✓", "green"), State.WARNING: ("!", "yellow"), State.WRONG: ("✗", "red")}
# All checks at once: none waits for another one's thread.
THREADS = 32


@cli.command()
def doctor(
    quick: Annotated[bool, typer.Option("--quick", help="Ask neither Telegram nor the webhook's address.")] = False,
    as_json: AsJson = False,
) -> None:
    """Check the whole set-up and say what to do; change nothing. Exit with 1 if something is wrong."""
    # Imported here because no other command needs it.
    from bot.checkup import checks
    from bot.checkup.setup import read_setup

    setup = read_setup()
    if setup.settings is not None:  # the log is for secrets' sake; what it would tell is told here
        log_as_set(setup.settings.model_copy(update={"log_level": "CRITICAL"}))
    examination = Examination(frozenset(setup.faults), LIMIT)
    runner = asyncio.Runner()
    findings = runner.run(_examine(examination, checks(setup, quick=quick)))
    counted = Counter(finding.state for finding in findings)
    if as_json:
        typer.echo(json.dumps(_as_json(findings, counted), ensure_ascii=False, indent=2))
    else:
        _print(findings, counted)
    code = int(counted[State.WRONG] > 0)
    if examination.hung:  # a thread that waits for a dead disk or name server would keep the process for minutes
        sys.stdout.flush()
        os._exit(code)
    runner.close()
    raise typer.Exit(code)


async def _examine(examination: Examination, checks: Sequence[Check]) -> list[Finding]:
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS))
    return await examination.of(checks)


def _as_json(findings: Sequence[Finding], counted: Counter[State]) -> object:
    """What programs read; without secrets."""
    told = [
        {"name": one.name, "state": one.state, "words": redacted(one.words), "step": redacted(one.step)}
        for one in findings
    ]
    return {"wrong": counted[State.WRONG], "warnings": counted[State.WARNING], "findings": told}


def _print(findings: Sequence[Finding], counted: Counter[State]) -> None:
    for finding in findings:
        mark, style = MARKS[finding.state]
        step = f" → {finding.step}" if finding.step else ""
        line = " ".join(f"{mark} {finding.name}: {finding.words}{step}".split())
        say(redacted(line), "" if finding.state is State.FINE else style, output)
    if counted[State.WRONG] or counted[State.WARNING]:
        wrong = count(counted[State.WRONG], "thing is wrong", "things are wrong")
        say(f"{wrong}, {count(counted[State.WARNING], 'warning', 'warnings')}", "bold")
    else:
        say("Everything is right", "bold")
