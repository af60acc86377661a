"""Pages as HTML for the browser. Text comes escaped from bot.pages.markup, everything else is escaped by jinja2."""

from __future__ import annotations

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


def message_html(page: Page) -> str:
    """One message of the bot."""
    rows = [[_pressable(button) for button in row] for row in page.buttons]
    text = Markup(web(page.text))  # noqa: S704, bot.pages.markup has escaped it
    return _TEMPLATES.get_template("message.html").render(language=page.language.value, text=text, rows=rows)


def page_html(page: Page, said: str, language: Language, voice: Voice, *, greeting: bool) -> str:
    """The whole web page with one message, and before it what the person said.

    A `greeting` need not be shown to somebody whose browser has kept a conversation.
    """
    return _TEMPLATES.get_template("page.html").render(
        language=language.value,
        languages=_LANGUAGES,
        frame=frame(voice),
        said=said,
        greeting=greeting,
        version=VERSION,
        message=Markup(message_html(page)),  # noqa: S704, rendered by jinja2 itself
    )


def _pressable(button: Button) -> _Pressable:
    action = decode(button.action) if button.action else None
    if isinstance(action, GetCalendar):
        return _Pressable(button.label, "", f"calendar/{action.session}.ics", download=True)
    return _Pressable(button.label, button.action, button.link)
