"""Presses every button there is, and looks at everything that comes."""

from __future__ import annotations

from collections.abc import Mapping

from bot.desk import Desk, Visitor
from bot.language import Language
from bot.pages.actions import Action, SetLanguage, Welcome, decode
from bot.pages.commands import COMMANDS, menu
from bot.pages.page import Button, File, Page, Toast
from bot.store.people import Address, Person

Seen = Mapping[Action, Page | File]


def buttons(page: Page) -> list[Button]:
    return [button for row in page.buttons for button in row]


async def everything(desk: Desk, language: Language) -> Seen:
    """All that can be reached from the greeting and the menu in one language, by the action that leads there."""
    visitor = Visitor(Person(Address("test", "crawler"), language), language, language_known=True)
    seen: dict[Action, Page | File] = {}
    ahead: list[Action] = [
        Welcome(),
        *(COMMANDS[name].action([], desk.content) for name in menu(desk.voices[language])),
    ]
    while ahead:
        action = ahead.pop()
        if action in seen or isinstance(action, SetLanguage):
            continue
        shown = await desk.do(action, visitor)
        if isinstance(shown, Toast):
            shown = shown.page
        assert isinstance(shown, Page | File), action
        seen[action] = shown
        if isinstance(shown, Page):
            ahead += [_action(button) for button in buttons(shown) if button.action]
    return seen


def _action(button: Button) -> Action:
    action = decode(button.action)
    assert action is not None, f"the button {button.label!r} leads nowhere: {button.action!r}"
    return action
