"""What the bot tells about itself, in each language: name, descriptions, commands, menu button."""

import json
import re

from tests.standin.arguments import Arguments, whole, word
from tests.standin.chats import Chat
from tests.standin.entities import units
from tests.standin.values import Json, Object, bad
from tests.standin.world import World

from .registry import Method, answers

LONGEST = {"name": 64, "description": 512, "short_description": 120}
MOST_COMMANDS = 100
DEFAULT_SCOPE: Object = {"type": "default"}


def _setter(field: str) -> Method:
    """The method that sets a text of the profile."""

    def set_text(world: World, args: Arguments) -> Json:
        if units(args.text(field)) > LONGEST[field]:
            raise bad(f"bot {field.replace('_', ' ')} is too long")
        world.profile.texts[field, _language(args)] = args.text(field)
        return True

    return set_text


def _getter(field: str) -> Method:
    """The method that tells a text of the profile: in this language, else the one for all."""

    def get_text(world: World, args: Arguments) -> Json:
        texts = world.profile.texts
        return {field: texts.get((field, _language(args))) or texts.get((field, "")) or _default(world, field)}

    return get_text


for _field, _name in (("name", "Name"), ("description", "Description"), ("short_description", "ShortDescription")):
    answers(f"setMy{_name}")(_setter(_field))
    answers(f"getMy{_name}")(_getter(_field))


@answers("setMyCommands")
def set_commands(world: World, args: Arguments) -> Json:
    """The commands of the menu, for some chats and one language."""
    commands = args.objects("commands")
    if len(commands) > MOST_COMMANDS:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        _check(command)
    world.profile.commands[_key(world, args)] = commands
    return True


@answers("getMyCommands")
def get_commands(world: World, args: Arguments) -> Json:
    """Exactly what was set for this scope and language."""
    return world.profile.commands.get(_key(world, args), [])


@answers("deleteMyCommands")
def delete_commands(world: World, args: Arguments) -> Json:
    """As if they had never been set."""
    world.profile.commands.pop(_key(world, args), None)
    return True


@answers("setChatMenuButton")
def set_menu_button(world: World, args: Arguments) -> Json:
    """The button beside the input line; chat 0 is all chats."""
    world.profile.menu_buttons[args.number("chat_id") or 0] = args.object("menu_button") or DEFAULT_SCOPE
    return True


@answers("getChatMenuButton")
def get_menu_button(world: World, args: Arguments) -> Json:
    """The button beside the input line."""
    buttons = world.profile.menu_buttons
    return buttons.get(args.number("chat_id") or 0) or buttons.get(0) or DEFAULT_SCOPE


def scopes_of(user_id: int, chat: Chat) -> list[Object]:
    """The scopes that concern a person in a chat, in the order in which Telegram looks for commands."""
    here: dict[str, Json] = {"chat_id": chat.id}
    if chat.is_private:
        return [{"type": "chat", **here}, {"type": "all_private_chats"}, DEFAULT_SCOPE]
    leads = chat.is_led_by(user_id)
    return [
        {"type": "chat_member", **here, "user_id": user_id},
        *([{"type": "chat_administrators", **here}] if leads else []),
        {"type": "chat", **here},
        *([{"type": "all_chat_administrators"}] if leads else []),
        {"type": "all_group_chats"},
        DEFAULT_SCOPE,
    ]


def scope_key(scope: Object) -> str:
    """A scope as a key, e.g. "chat 5"."""
    return json.dumps(scope, sort_keys=True)


def _key(world: World, args: Arguments) -> tuple[str, str]:
    """Scope and language; a scope of one chat needs the chat."""
    scope = args.object("scope") or DEFAULT_SCOPE
    if "chat_id" in scope:
        _check_scope(world, scope)
    return scope_key(scope), _language(args)


def _check_scope(world: World, scope: Object) -> None:
    """Refuse a chat that the bot cannot reach, and a person that nobody knows."""
    chat = world.find_chat(whole(scope, "chat_id"))
    if chat.is_private and word(scope, "type") != "chat":
        raise bad("can't use specified scope in private chats")
    if not chat.is_private:
        world.open_chat(chat.id)
    if "user_id" in scope and whole(scope, "user_id") not in {*world.chats, *chat.members}:
        raise bad("user not found")


def _language(args: Arguments) -> str:
    """A two-letter language, "" for all."""
    code = args.text("language_code")
    if code and not re.fullmatch(r"[a-z]{2}", code):
        raise bad("invalid language code specified")
    return code


def _check(command: Object) -> None:
    """Refuse a command that Telegram would refuse."""
    if not re.fullmatch(r"[a-z0-9_]{1,32}", word(command, "command")):
        raise bad("BOT_COMMAND_INVALID")
    if not 1 <= units(word(command, "description")) <= 256:
        raise bad("BOT_COMMAND_DESCRIPTION_INVALID")


def _default(world: World, field: str) -> str:
    """The name that the bot was born with; no description."""
    return word(world.bot, "first_name") if field == "name" else ""
