"""What is shown: a page of text and buttons, the same for every channel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from bot.content.markdown import Rich
from bot.language import Language

# Telegram's limit, in bytes; the other channels have none that matters.
MAX_ACTION_BYTES = 64


@dataclass(frozen=True, slots=True)
class Button:
    """Something to press. Either `action` (an encoded Action) or `link` (https) is set."""

    label: str
    action: str = ""
    link: str = ""

    def __post_init__(self) -> None:
        if bool(self.action) == bool(self.link):
            raise ValueError(f"button {self.label!r} needs an action or a link, not both")
        if len(self.action.encode()) > MAX_ACTION_BYTES:
            raise ValueError(f"action {self.action!r} is longer than {MAX_ACTION_BYTES} bytes")


@dataclass(frozen=True, slots=True)
class Page:
    """Text with rows of buttons under it, all in one language.

    A page is shown in the place of the one whose button was pressed, unless it is `anew`. One that has a `prompt`
    wants to be replied to; the prompt is shown in the field for the reply.
    """

    text: Rich
    buttons: tuple[tuple[Button, ...], ...]
    language: Language
    anew: bool = False
    prompt: str = ""


@dataclass(frozen=True, slots=True)
class Toast:
    """A few words for who pressed a button; `page.buttons` take the place of the row in which it was.

    One that `keeps` the buttons as they are says only the words.
    """

    page: Page
    keeps: bool = False


@dataclass(frozen=True, slots=True)
class PassedOn:
    """A message went to the staff. Where a sign at the message is enough, `page` is not shown."""

    page: Page


@dataclass(frozen=True, slots=True)
class File:
    """A small file to hand over."""

    name: str
    media_type: str
    data: bytes
    # Shown beside it, with its buttons.
    page: Page | None = None


# What the desk hands to a channel; None is silence.
Shown: TypeAlias = Page | File | Toast | PassedOn | None
