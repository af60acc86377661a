"""The menu of staff commands: staff see it in the group and in private, trainees in no language."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace

import pytest
from telegram import BotCommandScopeChat

from bot.desk import Desk
from bot.handlers.menu import update_menu, update_staff_menus
from bot.language import Language
from bot.matching.matcher import Matcher
from bot.pages.commands import STAFF_COMMANDS, staff_menu
from bot.pages.voice import Voice
from bot.store.database import Database
from tests.office import Office
from tests.postgres import BOTH_STORES
from tests.standin.people import Person
from tests.standin.telegram import Telegram

pytestmark = BOTH_STORES

STAFF = list(STAFF_COMMANDS)
CODES = ("en", "ru", "tg", "zh", "zh-hant", "uz", None)


async def begins(office: Office) -> None:
    """What a process does about menus when it starts."""
    await update_menu(office.bot.app.bot, office.desk)
    await update_staff_menus(office.bot.app.bot, office.desk, office.group.id if office.group else None)


def requests(telegram: Telegram) -> list[str]:
    return [call.method for call in telegram.calls if "MyCommands" in call.method]


def offered(telegram: Telegram, person: Person) -> set[str]:
    return set(telegram.menu(person)) & set(STAFF)


async def test_trainees_are_offered_staff_commands_in_no_language(office: Office, telegram: Telegram) -> None:
    await begins(office)
    group = telegram.group("Trainees")
    for code in CODES:
        trainee = telegram.person("Anna", code)
        assert offered(telegram, trainee) == set()
        assert set(telegram.menu(trainee, group)) & set(STAFF) == set()
        assert "faq" in telegram.menu(trainee)


async def test_the_staff_group_offers_staff_commands_in_every_language(office: Office, telegram: Telegram) -> None:
    await begins(office)
    for code in CODES:
        assert telegram.menu(telegram.person("Somebody", code), office.group) == STAFF


async def test_staff_are_offered_both_in_private(office: Office, telegram: Telegram) -> None:
    await begins(office)
    for person in (office.admin, office.editor):
        assert telegram.menu(person)[: len(STAFF)] == STAFF
        assert telegram.menu(person)[len(STAFF) :] == telegram.menu(telegram.person("Anna", "en"))


async def test_staff_commands_are_told_in_the_language_of_the_phone(office: Office) -> None:
    await begins(office)
    scope = BotCommandScopeChat(office.admin.id)
    for language in Language:
        commands = await office.bot.app.bot.get_my_commands(scope, language_code=language.value)
        told = {command.command: command.description for command in commands}
        assert staff_menu(office.desk.voices[language]).items() <= told.items()


async def test_a_new_editor_sees_the_commands_at_once_and_loses_them_at_once(
    office: Office, telegram: Telegram
) -> None:
    await begins(office)
    person = telegram.person("Zarina", "ru", username="zarina")
    await office.says(person, "/start")
    assert offered(telegram, person) == set()
    listed = await office.says(office.admin, "/staff add @zarina")
    assert offered(telegram, person) == set(STAFF)
    await office.press(office.admin, listed, "Remove @zarina")
    assert offered(telegram, person) == set()
    assert "faq" in telegram.menu(person)
    await office.says(office.admin, f"/staff add {person.id}")
    assert offered(telegram, person) == set(STAFF)
    await office.says(office.admin, "/staff remove @zarina")
    assert offered(telegram, person) == set()


async def test_nothing_is_sent_that_has_not_changed(
    office: Office,
    telegram: Telegram,
    tiny_matcher: Matcher,
    voices: Mapping[Language, Voice],
    database: Database,
) -> None:
    await begins(office)
    telegram.calls.clear()
    await begins(office)
    await office.says(office.admin, "/staff add @wang_li")
    restarted = Desk(tiny_matcher, voices, database, office.clock, office.desk.house)
    await begins(replace(office, desk=restarted))
    assert requests(telegram) == []


async def test_a_trainee_who_types_it_changes_nobodys_menu(office: Office, telegram: Telegram) -> None:
    await begins(office)
    trainee, other = telegram.person("Anna", "en", username="anna"), telegram.person("Boris", "ru", username="boris")
    await office.says(other, "/start")
    telegram.calls.clear()
    for words in ("/staff add @anna", "/staff add @boris", "/staff remove @boris", "/staff remove @wang_li"):
        await office.says(trainee, words)
    assert requests(telegram) == []
    assert offered(telegram, office.editor) == set(STAFF)


async def test_who_has_never_written_to_the_bot_gets_the_menu_later(office: Office, telegram: Telegram) -> None:
    telegram.fail_next("setMyCommands", 400, "Bad Request: chat not found", times=1, to=None)
    await update_staff_menus(office.bot.app.bot, office.desk, None)
    await update_staff_menus(office.bot.app.bot, office.desk, None)
    assert offered(telegram, office.admin) == offered(telegram, office.editor) == set(STAFF)


async def test_a_menu_that_could_not_be_taken_away_is_taken_away_with_the_next_word(
    office: Office, telegram: Telegram, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "bot")
    await begins(office)
    telegram.fail_next("deleteMyCommands", 500, "Internal Server Error")
    await office.says(office.admin, "/staff remove @wang_li")
    assert "a menu for staff could not be taken away" in caplog.text
    assert offered(telegram, office.editor) == set(STAFF)
    await office.says(office.admin, "/staff remove @wang_li")
    assert offered(telegram, office.editor) == set()
