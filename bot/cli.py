"""The command line: the door of the house."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.progress import track
from rich.text import Text

from bot import terminal
from bot.content.reader import read
from bot.content.schema import write_schemas
from bot.content.values import Severity
from bot.language import Language
from bot.logs import set_up_logging
from bot.matching.matcher import Matcher
from bot.matching.measure import LabelsError, ask_timed, read_labels, table, try_one
from bot.pages.voice import CatalogueError
from bot.service import StartError, open_desk, serve
from bot.settings import Settings, SettingsError, read_settings
from bot.store.database import StoreError

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


def _say(message: str, style: str = "", console: Console = output) -> None:
    """Print as it is: paths and questions are not markup, and a line that a program may read is never folded."""
    console.print(Text(message, style), soft_wrap=True)


def _fail(message: str) -> NoReturn:
    _say(message, "red", errors)
    raise typer.Exit(1)


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _settings() -> Settings:
    try:
        return read_settings()
    except SettingsError as error:
        _fail(f"A setting cannot be used:\n{error}")


def _log(settings: Settings) -> None:
    held = (settings.bot_token, settings.proxy_url, settings.database_url)
    secrets = [secret.get_secret_value() for secret in held if secret is not None]
    set_up_logging(settings.log_level, as_json=settings.log_format == "json", secrets=secrets)


def _matcher(faq: Path | None) -> Matcher:
    reading = read(faq or _settings().faq_dir)
    if reading.content is None:
        _fail("The content has errors:\n" + "\n".join(map(str, reading.errors)))
    return Matcher(reading.content)


@cli.callback(invoke_without_command=True)
def main(context: typer.Context) -> None:
    """Without a command: run."""
    if context.invoked_subcommand is None:
        run()


@cli.command()
def run() -> None:
    """Run the bot on Telegram if BOT_TOKEN is set, and in any case the chat on a web page."""
    settings = _settings()
    _log(settings)

    def announce(address: str) -> None:
        where = "Rohnamo answers on Telegram and at" if settings.bot_token else "Rohnamo answers at"
        _say(f"{where} {address}")

    try:
        asyncio.run(serve(settings, announce))
    except (StartError, StoreError, CatalogueError) as error:
        _fail(str(error))


@cli.command()
def chat() -> None:
    """Talk to the bot in the terminal."""
    settings = _settings()
    _log(settings)

    async def talk() -> None:
        async with open_desk(settings) as desk:
            await terminal.chat(desk, output)

    try:
        asyncio.run(talk())
    except (StartError, StoreError, CatalogueError) as error:
        _fail(str(error))
    except KeyboardInterrupt:
        raise typer.Exit(0) from None


@cli.command()
def ask(
    text: Annotated[str, typer.Argument(help="The question.")],
    language: Annotated[str, typer.Option(help="The person's own language: ru, tg, en or zh.")] = "en",
    as_json: AsJson = False,
    faq: FaqFolder = None,
) -> None:
    """Ask one question."""
    person = Language.from_code(language)
    if person is None:
        _fail(f"“{language}” is not a language of the bot; use ru, tg, en or zh.")
    matcher = _matcher(faq)
    asked = ask_timed(matcher, text, person)
    if as_json:
        typer.echo(json.dumps(terminal.as_json(asked), ensure_ascii=False, indent=2))
    else:
        terminal.print_asked(output, asked)


@cli.command()
def check(faq: FaqFolder = None) -> None:
    """Tell everything that is wrong with the content; exit with 1 if something is an error."""
    folder = faq or _settings().faq_dir
    reading = read(folder)
    for problem in reading.problems:
        style = "red" if problem.severity is Severity.ERROR else "yellow"
        _say(str(problem if problem.file == str(folder) else replace(problem, file=str(folder / problem.file))), style)
    warnings = _count(len(reading.problems) - len(reading.errors), "warning", "warnings")
    if reading.content is None:
        _say(f"{_count(len(reading.errors), 'error', 'errors')}, {warnings}: this content cannot go live")
        raise typer.Exit(1)
    _say(f"{_count(len(reading.content.entries), 'entry', 'entries')} ready to go live, {warnings}")


@cli.command()
def schema(
    to: Annotated[
        Path | None, typer.Option("--to", help="The folder to write to instead of .schema in the content folder.")
    ] = None,
) -> None:
    """Write JSON schemas of the content files, with which editors complete keys and underline mistakes."""
    for path in write_schemas(to or _settings().faq_dir / ".schema"):
        _say(str(path))


@cli.command()
def measure(
    files: Annotated[list[Path], typer.Argument(help="Tab-separated questions: language, expected, kind, text.")],
    faq: FaqFolder = None,
    as_json: AsJson = False,
) -> None:
    """Measure accuracy over labelled questions."""
    matcher = _matcher(faq)
    try:
        questions = [question for file in files for question in read_labels(file)]
    except LabelsError as error:
        _fail(str(error))
    outcomes = list(map(partial(try_one, matcher), track(questions, "Asking …", console=errors, transient=True)))
    if as_json:
        typer.echo(json.dumps(table(outcomes), ensure_ascii=False, indent=2))
    else:
        terminal.print_measured(output, outcomes)
