"""Commands that run the bot: run, chat."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from bot import terminal
from bot.cli.door import cli, fail, log_as_set, output, say, settings_or_fail
from bot.deadline import end_in_time
from bot.pages.voice import CatalogueError
from bot.service import PassingError, StartError, open_desk, serve
from bot.store.database import StoreError

# The exit code of a set-up that does not work before somebody changes it (EX_CONFIG of sysexits.h): whoever starts the
# service again and again, as systemd does, may leave it alone.
UNUSABLE = 78


@cli.callback(invoke_without_command=True)
def main(context: typer.Context) -> None:
    """Without a command: run."""
    if context.invoked_subcommand is None:
        run()


@cli.command()
def run(
    webhook: Annotated[
        bool, typer.Option("--webhook", help="Have Telegram send updates to WEBHOOK_URL, or do not start without it.")
    ] = False,
) -> None:
    """Run the bot on Telegram if BOT_TOKEN is set, and in any case the chat on a web page."""
    settings = settings_or_fail(UNUSABLE)
    if webhook and settings.webhook_url is None:
        fail("--webhook needs WEBHOOK_URL, the public address of this server that ends with /telegram", UNUSABLE)
    log_as_set(settings)

    def announce(address: str) -> None:
        where = "Rohnamo answers on Telegram and at" if settings.bot_token else "Rohnamo answers at"
        say(f"{where} {address}")

    try:
        asyncio.run(serve(settings, announce, end_in_time))
    except PassingError as error:
        fail(str(error))
    except StoreError as error:
        fail(str(error), 1 if error.passes else UNUSABLE)
    except (StartError, CatalogueError) as error:
        fail(str(error), UNUSABLE)


@cli.command()
def chat() -> None:
    """Talk to the bot in the terminal."""
    settings = settings_or_fail()
    log_as_set(settings)

    async def talk() -> None:
        async with open_desk(settings) as desk:
            await terminal.chat(desk, output)

    try:
        asyncio.run(talk())
    except (StartError, StoreError, CatalogueError) as error:
        fail(str(error))
    except KeyboardInterrupt:
        raise typer.Exit(0) from None
