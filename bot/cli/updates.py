"""Command for the administrator: what of Telegram's could not be dealt with."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated

import typer

from bot.cli.door import cli, count, fail, say, settings_or_fail
from bot.store.database import Database, StoreError
from bot.store.updates import Failure, Updates


@cli.command()
def updates(
    again: Annotated[bool, typer.Option("--again", help="Have the bot try all of them again.")] = False,
    drop: Annotated[bool, typer.Option("--drop", help="Delete all of them, unanswered.")] = False,
) -> None:
    """Tell which updates of Telegram's the bot has set aside and why; never what people wrote."""
    settings = settings_or_fail()
    if again and drop:
        fail("Use either --again or --drop.")
    if not settings.bot_id:
        fail("BOT_TOKEN is missing, or begins with no number: which bot's updates are meant?")
    try:
        say(asyncio.run(_deal_with(settings.database, settings.bot_id, again=again, drop=drop)))
    except StoreError as error:
        fail(str(error))


async def _deal_with(address: str, bot: int, *, again: bool, drop: bool) -> str:
    """What was found, or done."""
    database = Database(address)
    await database.open()
    try:
        kept = Updates(database, bot)
        if again:
            return f"{count(await kept.retry(), 'update is', 'updates are')} tried again as soon as the bot runs"
        if drop:
            return f"{count(await kept.drop(), 'update is', 'updates are')} deleted"
        return _listed(await kept.failures())
    finally:
        await database.close()


def _listed(failures: Sequence[Failure]) -> str:
    if not failures:
        return "No update is set aside."
    lines = [f"{one.number}  {one.kept_at:%Y-%m-%d %H:%M} UTC  {one.reason}" for one in failures]
    hint = "the log says more of each number; --again tries all of them again, --drop deletes them"
    return "\n".join([*lines, f"{count(len(failures), 'is', 'are')} set aside; {hint}"])
