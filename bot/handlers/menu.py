"""The bot's menus of commands and its profile, in every language; sent to Telegram only when they changed."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping

from telegram import BotCommand, BotCommandScopeChat
from telegram.error import TelegramError
from telegram.ext import ExtBot

from bot.desk import Desk, Visitor
from bot.handlers.context import Context
from bot.language import Language
from bot.pages.actions import Action
from bot.pages.commands import menu, read_command, staff_menu
from bot.pages.deeds import AddEditor, ForgetMe, RemoveEditor
from bot.pages.frame import Profile, profile
from bot.store.people import Address

log = logging.getLogger(__name__)

# What Telegram shows to people whose language we do not speak.
DEFAULT = Language.EN


async def update_menu(bot: ExtBot[int], desk: Desk) -> None:
    """Bring menu and profile up to date. A refusal is logged: the bot answers all the same."""
    for language in Language:
        voice = desk.voices[language]
        commands, shown = menu(voice), profile(voice, desk.content)
        digest = _digest(bot, commands, shown)
        note = f"telegram-menu-{language}"
        if await desk.notes.read(note) == digest:
            continue
        try:
            await _send(bot, _commands(commands), shown, language)
        except TelegramError as error:
            log.warning("the menu of commands (%s) could not be changed: %s", language, error)
        else:
            await desk.notes.write(note, digest)


def _digest(*parts: object) -> str:
    return hashlib.sha256(repr([part.id if isinstance(part, ExtBot) else part for part in parts]).encode()).hexdigest()


def _commands(texts: Mapping[str, str]) -> list[BotCommand]:
    return [BotCommand(name, text) for name, text in texts.items()]


def _codes(language: Language) -> list[str | None]:
    return [language.value, None] if language is DEFAULT else [language.value]


async def _send(bot: ExtBot[int], commands: list[BotCommand], shown: Profile, language: Language) -> None:
    for code in _codes(language):
        await bot.set_my_commands(commands, language_code=code)
        await bot.set_my_description(shown.description, language_code=code)
        await bot.set_my_short_description(shown.short_description, language_code=code)


async def update_staff_menus(bot: ExtBot[int], desk: Desk, group: int | None) -> None:
    """Show the staff's commands to staff, and to nobody else: in the staff group and in their private chats."""
    if group is not None:
        await _set(bot, desk, group, with_others=False)
    for address in await desk.staff.everybody():
        await _set(bot, desk, int(address.name), with_others=True)


async def _set(bot: ExtBot[int], desk: Desk, chat: int, *, with_others: bool) -> None:
    noted = await desk.notes.read_all([_note(chat, language) for language in Language])
    shown: dict[str, str] = {}
    try:
        for language in Language:
            voice = desk.voices[language]
            commands = {**staff_menu(voice), **(menu(voice) if with_others else {})}
            note, digest = _note(chat, language), _digest(bot, commands)
            if noted.get(note) != digest:
                await _show(bot, chat, commands, language)
                shown[note] = digest
    except TelegramError as error:  # somebody who has never written to the bot has no menu, either
        log.info("a menu for staff could not be set: %s", error)
    if shown:
        await desk.notes.write_all(shown)


def _note(chat: int | str, language: Language) -> str:
    """Under which name it is noted what a chat is shown in a language."""
    return f"telegram-menu-{chat}-{language}"


async def _show(bot: ExtBot[int], chat: int, commands: Mapping[str, str], language: Language) -> None:
    for code in _codes(language):
        await bot.set_my_commands(_commands(commands), scope=BotCommandScopeChat(chat), language_code=code)


async def follow(done: str | Action | None, visitor: Visitor, context: Context) -> None:
    """After a deed that made somebody staff, or made them none: their menu follows."""
    action = read_command(done, context.desk.content) if isinstance(done, str) else done
    if action == ForgetMe(sure=True):  # who was an editor is none any more, and nobody knows that they were
        await _take_away(context.bot, context.desk, visitor.person.address, noted=False)
    if not isinstance(action, AddEditor | RemoveEditor):
        return
    staff = {address.name for address in await context.desk.staff.everybody()}
    await update_staff_menus(context.bot, context.desk, None)
    person = await context.desk.staff.known(action.who)
    if person is not None and person.address.name not in staff:
        await _take_away(context.bot, context.desk, person.address)


async def _take_away(bot: ExtBot[int], desk: Desk, address: Address, *, noted: bool = True) -> None:
    """`noted` menus only, so that nothing is sent for who has none; of a person forgotten there are no notes."""
    notes = {_note(address.name, language): language for language in Language}
    shown = await desk.notes.read_all(notes) if noted else dict.fromkeys(notes, "perhaps")
    gone: dict[str, str] = {}
    try:
        for note, language in notes.items():
            if shown.get(note):
                for code in _codes(language):
                    await bot.delete_my_commands(scope=BotCommandScopeChat(int(address.name)), language_code=code)
                gone[note] = ""
    except TelegramError as error:
        log.warning("a menu for staff could not be taken away: %s", error)
    if noted and gone:
        await desk.notes.write_all(gone)
