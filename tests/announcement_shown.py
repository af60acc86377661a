"""Announcements and their pages, for tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from bot.content.values import Content, Session
from bot.language import Language
from bot.pages.announcements import message_page
from bot.pages.markup import plain, telegram
from bot.pages.page import Page
from bot.pages.voice import Voice
from bot.store.announcement import Announcement, Body, FileOf, State
from bot.store.audiences import Audience, Kind
from tests.conftest import NOW
from tests.crawl import buttons
from tests.standin.markup import parse_html

PHOTO = FileOf("photo", "seal.jpg", None)
TEXTS = st.dictionaries(
    st.sampled_from(Language), st.text(max_size=5000) | st.text("*_`[](){}<>&#|-+1. \n\ta", max_size=80)
)


def announcement(kind: Kind, body: Body, file: FileOf | None = None, *, falls_back: bool = True) -> Announcement:
    return Announcement(
        id=12, kind=kind, origin=None, author="@editor", made_at=NOW, body=body, revision=1, correction=None, file=file,
        audience=Audience.ALL, target="", falls_back=falls_back, begin_at=None, daytime=False, expires_at=None,
        state=State.DRAFT, begun_at=None, ended_at=None, corrected_at=None, recalled_at=None, planned=0, progress=None,
    )  # fmt: skip


def news(texts: Mapping[Language, str], file: FileOf | None = None) -> Announcement:
    return announcement(Kind.FREE, Body(texts), file)


class Post:
    """Shows announcements to one reader."""

    def __init__(self, voices: Mapping[Language, Voice], content: Content) -> None:
        self.voices = voices
        self.content = content

    def page(
        self, told: Announcement, language: Language = Language.EN, zone: ZoneInfo | None = None, now: datetime = NOW
    ) -> Page | None:
        return message_page(told, language, zone, self.voices[language], self.content, now)

    def text(
        self, told: Announcement, language: Language = Language.EN, zone: ZoneInfo | None = None, now: datetime = NOW
    ) -> str:
        page = self.page(told, language, zone, now)
        assert page is not None
        return plain(page.text)

    def labels(self, told: Announcement, now: datetime = NOW) -> list[str]:
        page = self.page(told, now=now)
        assert page is not None
        return [button.label for button in buttons(page)]

    def with_session(self, session: Session) -> Post:
        return Post(self.voices, replace(self.content, sessions=(*self.content.sessions, session)))


def fits(page: Page, room: int) -> bool:
    shown, _ = parse_html(telegram(page.text))
    assert all(len(button.action.encode()) <= 64 for button in buttons(page))
    return 0 < len(shown.strip().encode("utf-16-le")) // 2 <= room
