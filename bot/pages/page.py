"""What is shown: a page of text and buttons, the same for every channel."""

from __future__ import annotations

from dataclasses import dataclass

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
    """Text with rows of buttons under it, all in one language."""

    text: Rich
    buttons: tuple[tuple[Button, ...], ...]
    language: Language


@dataclass(frozen=True, slots=True)
class File:
    """A small file to hand over."""

    name: str
    media_type: str
    data: bytes
