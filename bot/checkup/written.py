"""What the administrator and staff have written: settings, content, catalogues."""

from __future__ import annotations

import asyncio
import difflib
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from bot.checkup.setup import Setup
from bot.content.reader import read
from bot.findings import Finding, fine, warning, wrong
from bot.language import Language
from bot.pages.voice import CatalogueError, load_voices
from bot.settings import Settings

# What .env may hold besides, for containers.
CONTAINERS = frozenset({"COMPOSE_FILE", "DOMAIN", "POSTGRES_PASSWORD"})
# The ports to which Telegram sends updates.
PORTS = (443, 80, 88, 8443)
# What the warning says of a fact that nobody has filled in.
EXAMPLE = "still has its example value"
_NAME = re.compile(r"^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*=", re.MULTILINE)
_MISSING_TOKEN = "make a bot with @BotFather, and put its token into .env"  # noqa: S105, the advice about it


async def settings(setup: Setup) -> Sequence[Finding]:
    """Whether the settings can be used, and mean what they were meant to."""
    return await asyncio.to_thread(_settings, setup)


def _settings(setup: Setup) -> Sequence[Finding]:
    mend = "mend it in .env, or in the environment; what needs it is not checked"
    found = [wrong("settings", fault, mend) for fault in setup.faults.values()]
    found += [*_of_the_file(setup.file), *(_of_the_bot(setup.settings, setup) if setup.settings is not None else ())]
    where = setup.file.absolute()
    there = f"those of {where} can be used" if where.is_file() else f"there is no {where}; the environment counts alone"
    return found or [fine("settings", there)]


def _of_the_file(file: Path) -> Iterator[Finding]:
    try:
        text, mode = file.read_text(encoding="utf-8-sig"), file.stat().st_mode
    except (OSError, UnicodeDecodeError):  # none is there, or it was told
        return
    known = [name.upper() for name in Settings.model_fields]
    for name in _NAME.findall(text):
        near = difflib.get_close_matches(name.upper(), known, 1, 0.75)
        if near and name.upper() not in (*known, *CONTAINERS):
            yield warning("settings", f"“{name}” in .env is no setting", f"did you mean {near[0]}?")
    if sys.platform != "win32" and mode & 0o004:
        yield warning("settings", "every user of this machine can read .env", f"chmod o= {file.absolute()}")


def _of_the_bot(settings: Settings, setup: Setup) -> Iterator[Finding]:
    if "BOT_TOKEN" not in setup.faults:
        if settings.bot_token is None:
            yield warning("settings", "BOT_TOKEN is not set, so only the chat page runs", _MISSING_TOKEN)
        elif not settings.bot_id or ":" not in settings.bot_token.get_secret_value():
            yield wrong("settings", "BOT_TOKEN is no token, such as 123456:ABC-DEF", _MISSING_TOKEN)
    if settings.webhook_url is not None and (urlsplit(settings.webhook_url).port or PORTS[0]) not in PORTS:
        ports = ", ".join(map(str, PORTS))
        yield wrong("settings", f"Telegram sends updates to the ports {ports} alone", "change WEBHOOK_URL")


async def content(settings: Settings) -> Sequence[Finding]:
    """Whether the content can go live, and is the institute's own."""
    return [await asyncio.to_thread(_content, settings.faq_dir)]


def _content(folder: Path) -> Finding:
    reading = read(folder)
    others = len(reading.problems) - len(reading.errors)
    counted = f"{_count(len(reading.errors), 'error')}, {_count(others, 'warning')}"
    if reading.content is None:
        words = f"{counted}: it cannot go live ({reading.errors[0]})"
        return wrong("content", words, "mend it; python main.py check tells everything")
    examples = sum(EXAMPLE in problem.message for problem in reading.problems)
    words = f"{_count(len(reading.content.entries), 'answer')}, {counted}"
    if examples:
        step = "put the institute's own in; python main.py check --quick says where"
        return warning("content", f"{words}; {examples} of institute.yaml are still examples", step)
    if others:
        return warning("content", words, "python main.py check --quick tells them")
    return fine("content", words)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


async def catalogues(settings: Settings) -> Sequence[Finding]:
    """Whether the bot has its own sentences."""
    try:
        await asyncio.to_thread(load_voices, settings.locales_dir)
    except CatalogueError as error:
        return [wrong("catalogues", str(error), "take the file from the release again")]
    return [fine("catalogues", f"there are {len(Language)} languages")]
