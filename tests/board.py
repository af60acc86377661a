"""The web page of an institute that announces things, for who looks at it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TypedDict, Unpack

import httpx
from sqlalchemy import event, text
from starlette.types import ASGIApp

from bot.content.values import Session
from bot.desk import Desk
from bot.language import Language
from bot.matching.matcher import Matcher
from bot.pages.voice import Voice
from bot.store.announcement import Announcement, Body, FileOf
from bot.store.announcements import Announcements
from bot.store.audiences import Audience, Kind
from bot.store.control import Control
from bot.store.database import Database
from bot.web.app import build_web
from tests.office import Clock
from tests.webpage import Message, read_html

TEXTS = {
    Language.EN: "**Holiday**\n\nThe institute is closed on Friday.",
    Language.RU: "**Выходной**\n\nВ пятницу институт закрыт.",
    Language.TG: "**Рӯзи истироҳат**\n\nРӯзи ҷумъа институт баста аст.",
    Language.ZH: "**放假**\n\n学院星期五放假。",
}


class What(TypedDict, total=False):
    """What is announced beside a text or in its place, and for whom."""

    session: Session
    file: tuple[FileOf, str, bytes]
    to: Sequence[Language]
    falls_back: bool


@dataclass(slots=True)
class Board:
    """The page, and what staff announce on it."""

    database: Database
    desk: Desk
    clock: Clock
    app: ASGIApp

    @property
    def announcements(self) -> Announcements:
        return self.desk.announcing.announcements

    @property
    def control(self) -> Control:
        return self.desk.announcing.control

    async def drafts(self, texts: Mapping[Language, str] = TEXTS, **what: Unpack[What]) -> Announcement:
        """A draft for everybody, or for all who speak one of the languages."""
        session, to = what.get("session"), what.get("to", ())
        body = Body({}, session) if session is not None else Body(texts)
        number = await self.announcements.draft(Kind.SESSION if session else Kind.FREE, body, None, self.clock.now)
        if "file" in what:
            await self.announcements.attach(number, *what["file"])
        audience = Audience.LANGUAGE if to else Audience.ALL
        target = {"audience": audience.value, "target": "-".join(to)}
        await self.announcements.change(number, falls_back=what.get("falls_back", True), **target)
        return await self.found(number)

    async def tells(self, texts: Mapping[Language, str] = TEXTS, **what: Unpack[What]) -> int:
        """Announce something; ten seconds later everybody has it, and who looks sees it."""
        draft = await self.drafts(texts, **what)
        assert await self.control.begin(draft, ["telegram"], self.clock.now)
        await self.passes(seconds=10)
        return draft.id

    async def passes(self, **time: float) -> None:
        """Time passes, and what is on its way arrives."""
        self.clock.goes_on(**time)
        await self.control.finish(self.clock.now)

    async def found(self, number: int) -> Announcement:
        announcement = await self.announcements.find(number)
        assert announcement is not None
        return announcement

    async def corrects(self, number: int, texts: Mapping[Language, str]) -> None:
        assert await self.control.apply(await self.found(number), Body(texts), list(Language), self.clock.now)
        await self.passes(seconds=10)

    @asynccontextmanager
    async def without_announcements(self) -> AsyncIterator[None]:
        """Meanwhile the store cannot say what is announced."""
        async with self.database.transaction() as session:
            await session.execute(text("ALTER TABLE announcements RENAME TO lost"))
        self.clock.goes_on(seconds=10)
        yield
        async with self.database.transaction() as session:
            await session.execute(text("ALTER TABLE lost RENAME TO announcements"))

    @contextmanager
    def asked(self) -> Iterator[list[str]]:
        """What is asked of the store about announcements meanwhile."""
        statements: list[str] = []

        def note(connection: object, cursor: object, statement: str, *others: object) -> None:
            if re.search(r"\bFROM announcement", statement):
                statements.append(statement)

        assert self.database._engine is not None
        engine = self.database._engine.sync_engine
        event.listen(engine, "before_cursor_execute", note)
        yield statements
        event.remove(engine, "before_cursor_execute", note)


def board_of(database: Database, matcher: Matcher, voices: Mapping[Language, Voice], clock: Clock) -> Board:
    desk = Desk(matcher, voices, database, clock)
    return Board(database, desk, clock, build_web(desk))


@asynccontextmanager
async def reader(board: Board, **headers: str) -> AsyncIterator[httpx.AsyncClient]:
    """A browser without JavaScript, or a reader of feeds."""
    transport = httpx.ASGITransport(board.app)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with httpx.AsyncClient(transport=transport, base_url="https://ask.example.org", headers=named) as client:
        yield client


def announced(response: httpx.Response) -> list[Message]:
    """What a page announces."""
    return [message for message in read_html(response.text).messages if message.kind == "news"]
