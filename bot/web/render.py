"""Pages as HTML for the browser. Text comes escaped from bot.pages.markup, everything else is escaped by jinja2."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from bot.language import Language
from bot.pages.actions import GetCalendar, decode
from bot.pages.frame import frame
from bot.pages.markup import web
from bot.pages.page import Button, Page
from bot.pages.voice import NAMES, SHORT_NAMES, Voice
from bot.web.assets import VERSION

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)
_LANGUAGES = [(language.value, short, NAMES[language]) for language, short in SHORT_NAMES.items()]


@dataclass(frozen=True, slots=True)
class _Pressable:
    """A button as the template shows it."""

    label: str
    action: str
    link: str
    download: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """A page, and its number among the news if it is one of them."""

    page: Page
    number: int = 0


def message_html(page: Page, number: int = 0) -> str:
    """One message of the bot; `number` is its place among the news, 0 if it is an answer to what was just said."""
    rows = [[_pressable(button) for button in row] for row in page.buttons]
    text = Markup(web(page.text))  # noqa: S704, bot.pages.markup has escaped it
    return _TEMPLATES.get_template("message.html").render(
        language=page.language.value, text=text, rows=rows, number=number
    )


def page_html(
    shown: Sequence[Shown], said: str, language: Language, voice: Voice, *, greeting: bool, waiting: bool = False
) -> str:
    """The whole web page with its messages, and before them what the person said.

    A `greeting` need not be shown to somebody whose browser has kept a conversation. Who is `waiting` may get an
    answer from staff at any moment.
    """
    return _TEMPLATES.get_template("page.html").render(
        language=language.value,
        languages=_LANGUAGES,
        frame=frame(voice),
        said=said,
        greeting=greeting,
        waiting=waiting,
        version=VERSION,
        messages=[Markup(message_html(one.page, one.number)) for one in shown],  # noqa: S704, rendered by jinja2
    )


def _pressable(button: Button) -> _Pressable:
    action = decode(button.action) if button.action else None
    if isinstance(action, GetCalendar):
        return _Pressable(button.label, "", f"calendar/{action.session}.ics", download=True)
    return _Pressable(button.label, button.action, button.link)
