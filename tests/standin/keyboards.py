"""Buttons, as strictly as Telegram takes them."""

import re
from collections.abc import Sequence

from .arguments import objects, word
from .entities import units
from .values import Object, ViolationError, bad

PLAIN_ACTIONS = {"url", "callback_data", "web_app", "login_url", "copy_text", "callback_game", "pay", "disabled"}
SWITCHES = {"switch_inline_query", "switch_inline_query_current_chat", "switch_inline_query_chosen_chat"}
ACTIONS = PLAIN_ACTIONS | SWITCHES
MOST_BUTTONS = 100
MOST_BYTES = 64
LONGEST_PLACEHOLDER = 64


def inline_keyboard(markup: Object | None) -> Object | None:
    """The buttons to be kept under a message; None if there are none, or it is another kind of markup."""
    if not markup or "inline_keyboard" not in markup:
        return None
    rows = markup["inline_keyboard"]
    buttons = [button for row in rows for button in objects(row)] if isinstance(rows, Sequence) else []
    for button in buttons:
        _check(button)
    if len(buttons) > MOST_BUTTONS:
        raise bad("reply markup is too long")
    return {"inline_keyboard": [row for row in rows if row]} if buttons and isinstance(rows, Sequence) else None


def interface(markup: Object | None) -> Object | None:
    """The markup if it is of the other kind: a reply keyboard, its removal, or a forced reply."""
    if not markup or "inline_keyboard" in markup:
        return None
    placeholder = word(markup, "input_field_placeholder")
    if units(placeholder) > LONGEST_PLACEHOLDER:
        raise ViolationError(400, f"Bad Request: the placeholder {placeholder!r} is longer than 64")
    return markup


def reply_keyboard(markup: Object | None, shown: Object | None) -> Object | None:
    """The reply keyboard that is shown after a message with this markup."""
    if not markup or "inline_keyboard" in markup or "force_reply" in markup:
        return shown
    return markup if "keyboard" in markup else None


def _check(button: Object) -> None:
    """Refuse a button that Telegram would refuse."""
    label, actions = word(button, "text"), ACTIONS & button.keys()
    if not label.strip():
        raise bad("inline keyboard button text must be non-empty")
    if not actions:
        raise bad("Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        raise bad(f"inline keyboard button {label!r} must have exactly one action")
    if "callback_data" in button and not 1 <= len(word(button, "callback_data").encode()) <= MOST_BYTES:
        raise bad("BUTTON_DATA_INVALID")
    if "url" in button and not re.fullmatch(r"(https?|tg|ton)://\S+|[\w-]+(\.[\w-]+)+\S*", word(button, "url")):
        raise bad(f"inline keyboard button URL '{word(button, 'url')}' is invalid: Wrong HTTP URL")
