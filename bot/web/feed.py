"""Announcements as an Atom feed (RFC 4287)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from html import escape
from urllib.parse import urljoin
from uuid import NAMESPACE_URL, uuid5
from xml.etree.ElementTree import Element, SubElement, tostring

from bot.content.values import Content
from bot.desk.current import Told
from bot.language import Language
from bot.pages.frame import feed_title
from bot.pages.markup import web
from bot.pages.voice import Voice
from bot.store.announcement import Announcement
from bot.web.render import file_path, headline, pressable

MEDIA_TYPE = "application/atom+xml"
_ATOM = "http://www.w3.org/2005/Atom"
# What XML 1.0 forbids, however it is written.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# When a feed without entries was changed last: it has to say something that does not change by itself.
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def feed_path(language: Language) -> str:
    """Where the feed of a language is, seen from the page."""
    return f"feeds/{language}.atom"


def atom(told: Sequence[Told], voice: Voice, content: Content, base: str) -> bytes:
    """The feed of what is announced in the language of the voice; `base` is the address of the page."""
    language, institute = voice.language, content.facts["name"]
    feed = Element("feed", {"xmlns": _ATOM, "xml:lang": language.value})
    # Ids must not change when the page moves to another address, so they are made of what stays.
    _add(feed, "id", uuid5(NAMESPACE_URL, f"rohnamo:{institute.of(Language.EN)}:{language}").urn)
    _add(feed, "title", feed_title(voice, content))
    _add(feed, "updated", _written(max((_updated(one.announcement) for one in told), default=_NEVER)))
    _add(SubElement(feed, "author"), "name", institute.of(language))
    _link(feed, "self", urljoin(base, feed_path(language)), type=MEDIA_TYPE)
    _link(feed, "alternate", base, type="text/html")
    _add(feed, "icon", urljoin(base, "static/icon.svg"))
    for one in told:
        _add_entry(feed, one, language, base)
    written: bytes = tostring(feed, encoding="utf-8", xml_declaration=True)
    return written


def _add_entry(feed: Element, told: Told, language: Language, base: str) -> None:
    announcement, entry = told.announcement, SubElement(feed, "entry", {"xml:lang": told.page.language.value})
    made = f"rohnamo:{announcement.made_at.astimezone(UTC).isoformat()}:{announcement.id}:{language}"
    _add(entry, "id", uuid5(NAMESPACE_URL, made).urn)
    _add(entry, "title", headline(told))
    _add(entry, "published", _written(told.at))
    _add(entry, "updated", _written(_updated(announcement)))
    _link(entry, "alternate", urljoin(base, f"#a{announcement.id}"), type="text/html")
    if announcement.file is not None and announcement.file.kind != "photo":
        _link(entry, "enclosure", urljoin(base, file_path(announcement)), title=announcement.file.name)
    _add(entry, "content", "".join(_content(told, base)), type="html")


def _content(told: Told, base: str) -> Iterator[str]:
    """What a reader of feeds can show: the photo, the text, and the buttons that are links."""
    if told.announcement.file is not None and told.announcement.file.kind == "photo":
        yield f'<p><img src="{escape(urljoin(base, file_path(told.announcement)))}" alt=""></p>'
    yield web(told.page.text)
    for button in (pressable(one) for row in told.page.buttons for one in row):
        if button.link:
            yield f'<p><a href="{escape(urljoin(base, button.link))}">{escape(button.label)}</a></p>'


def _updated(announcement: Announcement) -> datetime:
    """When it was last corrected; one that was not, when it was begun."""
    return announcement.corrected_at or announcement.begun_at or announcement.made_at


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _add(parent: Element, tag: str, text: str, **attributes: str) -> None:
    SubElement(parent, tag, attributes).text = _FORBIDDEN.sub("", text)


def _link(parent: Element, rel: str, address: str, **attributes: str) -> None:
    values = {"rel": rel, "href": address} | attributes
    SubElement(parent, "link", {name: _FORBIDDEN.sub("", value) for name, value in values.items()})
