"""The bot's menu of commands and its profile, in every language; sent to Telegram only when they changed."""

from __future__ import annotations

import hashlib
import logging

from telegram import BotCommand
from telegram.error import TelegramError
from telegram.ext import ExtBot

from bot.desk import Desk
from bot.language import Language
from bot.pages.commands import menu
from bot.pages.frame import Profile, profile

log = logging.getLogger(__name__)

# What Telegram shows to people whose language we do not speak.
DEFAULT = Language.EN


async def update_menu(bot: ExtBot[int], desk: Desk) -> None:
    """Bring menu and profile up to date. A refusal is logged: the bot answers all the same."""
    for language in Language:
        voice = desk.voices[language]
        commands, shown = menu(voice), profile(voice, desk.content)
        digest = hashlib.sha256(repr((bot.id, commands, shown)).encode()).hexdigest()
        note = f"telegram-menu-{language}"
        if await desk.notes.read(note) == digest:
            continue
        try:
            await _send(bot, [BotCommand(name, text) for name, text in commands.items()], shown, language)
        except TelegramError as error:
            log.warning("the menu of commands (%s) could not be changed: %s", language, error)
        else:
            await desk.notes.write(note, digest)


async def _send(bot: ExtBot[int], commands: list[BotCommand], shown: Profile, language: Language) -> None:
    codes = [language.value, None] if language is DEFAULT else [language.value]
    for code in codes:
        await bot.set_my_commands(commands, language_code=code)
        await bot.set_my_description(shown.description, language_code=code)
        await bot.set_my_short_description(shown.short_description, language_code=code)
