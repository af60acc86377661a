"""The menu of commands and the bot's profile: in every language, and sent only when they changed."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Mapping

import pytest

from bot.content.values import Content
from bot.desk import Desk
from bot.handlers.menu import update_menu
from bot.language import Language, Text
from bot.matching.matcher import Matcher
from bot.pages.commands import menu
from bot.pages.frame import profile
from bot.pages.voice import Voice
from bot.store.database import Database
from tests.conftest import NOW
from tests.standin.arguments import word
from tests.standin.telegram import Telegram
from tests.telegram_bot import RunningBot

Voices = Mapping[Language, Voice]

SETTERS = ("setMyCommands", "setMyDescription", "setMyShortDescription")
COMMANDS = ["start", "faq", "sessions", "subscriptions", "language", "help", "about", "human", "privacy"]


def sent(telegram: Telegram) -> list[tuple[str, str]]:
    """What was set so far, as method and language."""
    return [
        (call.method, str(call.params.get("language_code", ""))) for call in telegram.calls if "setMy" in call.method
    ]


@pytest.mark.parametrize("code", ["en", "ru", "tg", "zh", "zh-hant", "uz", None])
async def test_everybody_is_offered_the_commands(
    telegram: Telegram, rohnamo: RunningBot, desk: Desk, code: str | None
) -> None:
    await update_menu(rohnamo.app.bot, desk)
    assert telegram.menu(telegram.person("Anna", code)) == COMMANDS


@pytest.mark.parametrize("language", Language)
async def test_commands_and_descriptions_are_in_the_language_of_the_phone(
    telegram: Telegram, rohnamo: RunningBot, desk: Desk, voices: Voices, language: Language
) -> None:
    await update_menu(rohnamo.app.bot, desk)
    bot, shown = rohnamo.app.bot, profile(voices[language], desk.content)
    offered = await bot.get_my_commands(language_code=language.value)
    assert {command.command: command.description for command in offered} == menu(voices[language])
    assert (await bot.get_my_description(language.value)).description == shown.description
    assert (await bot.get_my_short_description(language.value)).short_description == shown.short_description


async def test_who_speaks_another_language_reads_english(
    telegram: Telegram, rohnamo: RunningBot, desk: Desk, voices: Voices
) -> None:
    await update_menu(rohnamo.app.bot, desk)
    expected = profile(voices[Language.EN], desk.content)
    assert (await rohnamo.app.bot.get_my_description("uz")).description == expected.description


async def test_after_a_restart_nothing_is_sent_again(
    telegram: Telegram, rohnamo: RunningBot, desk: Desk, matcher: Matcher, voices: Voices, database: Database
) -> None:
    await update_menu(rohnamo.app.bot, desk)
    assert set(sent(telegram)) == {(method, code) for method in SETTERS for code in ("", "en", "ru", "tg", "zh")}
    telegram.calls.clear()
    await update_menu(rohnamo.app.bot, Desk(matcher, voices, database, now=lambda: NOW))
    assert sent(telegram) == []


async def test_only_the_language_that_changed_is_sent_again(
    telegram: Telegram, rohnamo: RunningBot, desk: Desk, content: Content
) -> None:
    await update_menu(rohnamo.app.bot, desk)
    telegram.calls.clear()
    name = Text({**content.facts["name"].versions, Language.RU: "Институт под новым именем"})
    facts = {**content.facts, "name": name}
    desk.replace(Matcher(dataclasses.replace(content, facts=facts, topics=(content.topics_by_id["visa"],))))
    await update_menu(rohnamo.app.bot, desk)
    assert sorted(sent(telegram)) == sorted((method, "ru") for method in SETTERS)
    described = telegram.profile.texts["description", "ru"]
    assert "Институт под новым именем" in described


async def test_a_refusal_is_told_and_tried_again_at_the_next_start(
    telegram: Telegram, rohnamo: RunningBot, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "bot")
    telegram.fail_next("setMyDescription", 400, "Bad Request: BOT_DESCRIPTION_INVALID")
    await update_menu(rohnamo.app.bot, desk)
    assert "the menu of commands (en) could not be changed" in caplog.text
    telegram.calls.clear()
    await update_menu(rohnamo.app.bot, desk)
    assert {code for _, code in sent(telegram)} == {"", "en"}
    assert [word(command, "command") for command in telegram.profile.commands['{"type": "default"}', "en"]] == COMMANDS
