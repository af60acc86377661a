"""The bot in a terminal: a conversation, one reply, a table of measurements."""

from __future__ import annotations

import asyncio
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.desk import Desk, Visitor
from bot.matching.decide import Answer, Choice, Several, answers_of
from bot.matching.measure import Asked, Outcome, summarise
from bot.matching.ranking import Match
from bot.pages.actions import Welcome, decode
from bot.pages.markup import plain
from bot.pages.page import Button, File, Page, PassedOn, Shown, Toast
from bot.store.people import Address

_ME = Address("terminal", "me")

# In two lines, so that the table fits into 80 characters.
_COLUMNS = (
    "",
    "asked",
    "first",
    "in\nthree",
    "right",
    "choice",
    "wrong",
    "missed",
    "out of\nscope",
    "an-\nswered",
    "ms\np99",
)


async def chat(desk: Desk, output: Console) -> None:
    """Talk until the end of input. A number presses the button with that number."""
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")  # a key of another encoding must not end the talk
    shown = await desk.do(Welcome(), await _meet(desk))
    buttons: Sequence[Button] = ()
    while True:
        buttons = _show(shown, output) if shown is not None else buttons
        try:
            line = (await asyncio.to_thread(input, "> ")).strip()
        except EOFError:
            return
        shown = await _react(line, buttons, desk) if line else shown


async def _meet(desk: Desk) -> Visitor:
    return await desk.meet(_ME, os.environ.get("LC_ALL") or os.environ.get("LANG"))


async def _react(line: str, buttons: Sequence[Button], desk: Desk) -> Shown:
    visitor = await _meet(desk)
    if line.isdecimal() and 0 < int(line) <= len(buttons):
        action = decode(buttons[int(line) - 1].action)
        if action is not None:
            return await desk.do(action, visitor)
    return await desk.hear(line, visitor)


def _show(shown: Page | File | Toast | PassedOn, output: Console) -> Sequence[Button]:
    if isinstance(shown, Toast | PassedOn):
        shown = shown.page
    if isinstance(shown, File):
        path = Path(shown.name)
        path.write_bytes(shown.data)
        output.print(Text(f"→ {path}"))
        return ()
    output.print(Text(f"\n{plain(shown.text)}\n"))
    buttons = [button for row in shown.buttons for button in row]
    for number, button in enumerate(buttons, 1):
        output.print(Text(f"  {number:2}  {button.label}  {button.link}".rstrip(), style="cyan"))
    return buttons


def as_json(asked: Asked) -> dict[str, object]:
    """The shape of `ask --json`: the entries are those that the person would be shown."""
    return {
        "outcome": _outcome(asked),
        "language": asked.reply.language.value,
        "entries": [
            {"id": match.entry.id, "score": round(match.score, 4), "phrasing": match.phrasing}
            for match in _shown(asked)
        ],
        "milliseconds": round(asked.milliseconds, 3),
    }


def _outcome(asked: Asked) -> str:
    if isinstance(asked.reply, Answer | Several):
        return "answer"
    return "choice" if isinstance(asked.reply, Choice) else "unknown"


def _shown(asked: Asked) -> Sequence[Match]:
    if isinstance(asked.reply, Answer | Several):
        return [one.match for one in answers_of(asked.reply)]
    return asked.reply.matches if isinstance(asked.reply, Choice) else ()


def print_asked(output: Console, asked: Asked) -> None:
    """One reply for people: what would be shown, and how sure the bot is."""
    output.print(
        Text(f"{_outcome(asked)}, {asked.reply.confidence:.0%} sure, in {asked.milliseconds:.1f} ms", style="bold")
    )
    for match in _shown(asked):
        output.print(
            Text(f"{match.entry.id}  {match.score:.2f}  “{match.phrasing}” ({match.language}, {match.typing})")
        )
    if isinstance(asked.reply, Answer | Several):
        for one in answers_of(asked.reply):
            output.print(Text(f"\n{one.match.entry.answer.of(asked.reply.language).strip()}"))


def print_measured(output: Console, outcomes: Sequence[Outcome]) -> None:
    """Accuracy as a table: all, then by language, then by kind."""
    table = Table(title="Shares in percent", title_justify="left", box=box.SIMPLE, padding=0)
    for name in _COLUMNS:
        table.add_column(name, justify="right" if name else "left", no_wrap=True)
    _add(table, "all", outcomes)
    languages = [outcome.question.language for outcome in outcomes]
    kinds = [outcome.question.kind for outcome in outcomes]
    for names in (languages, kinds):
        table.add_section()
        for name in dict.fromkeys(names):
            _add(table, name, [one for one, other in zip(outcomes, names, strict=True) if other == name])
    output.print(table)


def _add(table: Table, name: str, outcomes: Sequence[Outcome]) -> None:
    row = summarise(outcomes)
    shares = (row.top1, row.top3, row.right, row.choice, row.wrong, row.missed)
    inside = [f"{share:.1%}".rstrip("%") if row.questions else "" for share in shares]
    answered = f"{row.oos_answered:.1%}".rstrip("%") if row.oos else ""
    slow = row.ms["p99"]
    table.add_row(name, str(row.questions), *inside, str(row.oos), answered, f"{slow:.{int(slow < 99)}f}")
