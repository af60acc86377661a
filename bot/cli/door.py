"""What all commands share: the application, the terminal, how mistakes are told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.text import Text

from bot.logs import keep_secret, redacted, set_up_logging
from bot.redaction import secrets_in
from bot.settings import Settings, SettingsError, read_settings

cli = typer.Typer(
    help="Rohnamo answers trainees' questions in Russian, Tajik, English and Chinese.",
    no_args_is_help=False,
    pretty_exceptions_enable=False,
    add_completion=False,
)
output = Console()
errors = Console(stderr=True, highlight=False)

FaqFolder = Annotated[Path | None, typer.Option("--faq", help="The content folder instead of FAQ_DIR.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs instead of text for people.")]


def say(message: str, style: str = "", console: Console = output) -> None:
    """Print as it is: paths and questions are not markup, and a line that a program may read is never folded."""
    console.print(Text(message, style), soft_wrap=True)


def fail(message: str, code: int = 1) -> NoReturn:
    """Say what is wrong, and end with this code."""
    say(redacted(message), "red", errors)
    raise typer.Exit(code)


def count(number: int, one: str, many: str) -> str:
    """A number with its noun."""
    return f"{number} {one if number == 1 else many}"


def settings_or_fail(code: int = 1) -> Settings:
    """The settings; a wrong one ends the command with this code."""
    try:
        settings = read_settings()
    except SettingsError as error:
        fail(f"A setting cannot be used:\n{error}", code)
    keep_secret(_secrets_of(settings))
    return settings


def log_as_set(settings: Settings) -> None:
    """Log as the settings want it, and never a secret."""
    set_up_logging(settings.log_level, as_json=settings.log_format == "json", secrets=_secrets_of(settings))


def _secrets_of(settings: Settings) -> Iterator[str]:
    """What nobody may read, wherever the program speaks of it."""
    if settings.bot_token is not None:
        token = settings.bot_token.get_secret_value()
        yield from (token, token.partition(":")[2])
    yield settings.webhook_token or ""
    for held in (settings.proxy_url, settings.database_url):
        yield from secrets_in(held.get_secret_value() if held is not None else "")
    yield from secrets_in(settings.bot_api_url)
