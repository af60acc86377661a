"""Pages as HTML for the browser. Text comes escaped from bot.pages.markup, everything else is escaped by jinja2."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from bot.desk.current import Told
from bot.language import Language
from bot.pages import dates
from bot.pages.actions import GetCalendar, decode
from bot.pages.away import away_line
from bot.pages.frame import frame
from bot.pages.markup import plain, short, web
from bot.pages.page import Button, Page
from bot.pages.voice import NAMES, SHORT_NAMES, Voice
from bot.pages.wishes import FollowCourse
from bot.store.announcement import Announcement
from bot.store.audiences import Kind
from bot.web.assets import VERSION

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)
# What one line on a wide screen has room for.
HEADLINE = 80
_LANGUAGES = [(language.value, short, NAMES[language]) for language, short in SHORT_NAMES.items()]


@dataclass(frozen=True, slots=True)
class Pressable:
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
    return _TEMPLATES.get_template("message.html").render(
        language=page.language.value, text=_text(page), rows=_rows(page), number=number
    )


def page_html(
    shown: Sequence[Shown],
    said: str,
    language: Language,
    voice: Voice,
    *,
    greeting: bool,
    waiting: bool = False,
    current: Markup = Markup(),  # noqa: B008, immutable
    away: bool = False,
) -> str:
    """The whole web page with its messages, and before them what the person said.

    A `greeting` need not be shown to somebody whose browser has kept a conversation. Who is `waiting` may get an
    answer from staff at any moment. `current` is what `current_html` made. `away` is Telegram, where staff read.
    """
    return _TEMPLATES.get_template("page.html").render(
        language=language.value,
        languages=_LANGUAGES,
        frame=frame(voice),
        said=said,
        greeting=greeting,
        waiting=waiting,
        current=current,
        away=away_line(voice) if away else "",
        version=VERSION,
        messages=[Markup(message_html(one.page, one.number)) for one in shown],  # noqa: S704, rendered by jinja2
    )


def current_html(told: Sequence[Told], voice: Voice, zone: tzinfo) -> Markup:
    """What is announced, in a part of the page that opens when somebody wants to read it."""
    if not told:
        return Markup()
    labels, items = frame(voice), [_item(one, voice, zone) for one in told]
    html = _TEMPLATES.get_template("current.html").render(language=voice.language.value, frame=labels, items=items)
    return Markup(html)  # noqa: S704, rendered by jinja2


def _item(told: Told, voice: Voice, zone: tzinfo) -> dict[str, object]:
    """An announcement as the template shows it."""
    file, at = told.announcement.file, told.at.astimezone(zone)
    return {
        "number": told.announcement.id,
        "language": told.page.language.value,
        "headline": headline(told),
        "at": at.isoformat(timespec="minutes"),
        "day": dates.day(at, voice.language),
        "photo": file_path(told.announcement) if file is not None and file.kind == "photo" else "",
        "document": file_path(told.announcement) if file is not None and file.kind != "photo" else "",
        "text": _text(told.page),
        "rows": _rows(told.page),
    }


def headline(told: Told) -> str:
    """What it is about, in one line: of a session, that it is new and which it is; else the first line."""
    blocks = told.page.text[: 2 if told.announcement.kind is Kind.SESSION else 1]
    return short(" · ".join(plain((block,)).strip().partition("\n")[0] for block in blocks), HEADLINE)


def file_path(announcement: Announcement) -> str:
    """Where the file of an announcement is, seen from the page."""
    return f"announcements/{announcement.id}/file"


def _text(page: Page) -> Markup:
    return Markup(web(page.text))  # noqa: S704, bot.pages.markup has escaped it


def _rows(page: Page) -> list[list[Pressable]]:
    rows = ([pressable(button) for button in row if not _is_elsewhere(button)] for row in page.buttons)
    return [row for row in rows if row]


def _is_elsewhere(button: Button) -> bool:
    """Whether it is for who can be written to: news are shown here to everybody, whichever course they follow."""
    return bool(button.action) and isinstance(decode(button.action), FollowCourse)


def pressable(button: Button) -> Pressable:
    """The button as a browser has it: files are links."""
    action = decode(button.action) if button.action else None
    if isinstance(action, GetCalendar):
        return Pressable(button.label, "", f"calendar/{action.session}.ics", download=True)
    return Pressable(button.label, button.action, button.link)
