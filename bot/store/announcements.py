"""Announcements: what is told to many, from the draft to the last copy. `ledger` knows who has it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.language import Language
from bot.store.announcement import BEGUN, Announcement, Body, FileOf, State, announcement_of
from bot.store.announcement_tables import AnnouncementFileRow, AnnouncementRow
from bot.store.audiences import Audience, Audiences, Kind, Wanted
from bot.store.conversations import Spot
from bot.store.database import Database
from bot.store.tables import PersonRow

PAGE = 8


class Announcements:
    """The announcements in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.audiences = Audiences(database)

    async def draft(self, kind: Kind, body: Body, author: int | None, now: datetime) -> int:
        """A new draft for everybody; returns its number."""
        values = _new(kind, body, now) | {"author": author}
        async with self._database.transaction() as session:
            number: int | None = await session.scalar(
                insert(AnnouncementRow).values(**values).returning(AnnouncementRow.id)
            )
        assert number is not None
        return number

    async def copy(self, old: Announcement, author: int | None, now: datetime) -> int:
        """A new draft with the body, the file and the audience of another one; returns its number."""
        number = await self.draft(old.kind, old.body, author, now)
        for_whom = {"audience": old.audience.value, "target": old.target, "falls_back": old.falls_back}
        await self.change(number, **for_whom)
        stored = await self.file(old.id)
        if old.file is not None and stored is not None:
            await self.attach(number, old.file, *stored)
        return number

    async def begin_once(
        self,
        origin: str,
        kind: Kind,
        body: Body,
        wanted: Wanted,
        channels: Sequence[str],
        now: datetime,
        *,
        daytime: bool,
        expires_at: datetime | None,
        since: datetime | None = None,
        within: AsyncSession | None = None,
    ) -> int | None:
        """What the program itself tells, begun at once; None if this `origin` was begun before, or is for nobody.

        Who wants it only `since` later is left out. As a part of another deed (`within`) it must not have been begun
        before: IntegrityError. What is for nobody leaves no trace.
        """
        told = {"origin": origin, "daytime": daytime, "expires_at": expires_at, "reported": True}
        told |= {"audience": wanted.audience.value, "target": wanted.target, "state": State.SENDING.value}
        values = _new(kind, body, now) | told | {"begun_at": now}
        if within is not None:
            return await self._begin(within, values, wanted, channels, since)
        try:
            async with self._database.transaction() as session:
                return await self._begin(session, values, wanted, channels, since)
        except IntegrityError:  # this or another process began it before
            return None

    async def _begin(
        self,
        session: AsyncSession,
        values: Mapping[str, object],
        wanted: Wanted,
        channels: Sequence[str],
        since: datetime | None,
    ) -> int | None:
        added = insert(AnnouncementRow).values(**values).returning(AnnouncementRow.id)
        number = await session.scalar(added)
        assert number is not None
        planned = await self.audiences.write(session, number, wanted, channels, since)
        mine = AnnouncementRow.id == number
        if not planned:
            await session.execute(delete(AnnouncementRow).where(mine))
            return None
        await session.execute(update(AnnouncementRow).where(mine).values(planned=planned))
        return number

    async def find(self, number: int) -> Announcement | None:
        """The announcement with this number."""
        async with self._database.transaction() as session:
            row = (await session.execute(_announcements().where(AnnouncementRow.id == number))).first()
        return announcement_of(*row) if row is not None else None

    async def in_state(self, *states: State) -> list[Announcement]:
        """Those in one of the states, oldest first."""
        found = _announcements().where(AnnouncementRow.state.in_(states)).order_by(AnnouncementRow.id)
        async with self._database.transaction() as session:
            return [announcement_of(*row) for row in await session.execute(found)]

    async def history(self, page: int) -> tuple[list[Announcement], bool]:
        """One page of what staff made, newest first, and whether there is more."""
        made = _announcements().where(AnnouncementRow.origin.is_(None)).order_by(AnnouncementRow.id.desc())
        async with self._database.transaction() as session:
            rows = list(await session.execute(made.offset(page * PAGE).limit(PAGE + 1)))
        return [announcement_of(*row) for row in rows[:PAGE]], len(rows) > PAGE

    async def begun_since(self, since: datetime, languages: Sequence[Language]) -> list[Announcement]:
        """What staff told everybody, or all who speak one of the languages, since then; newest first."""
        to_them = AnnouncementRow.audience == Audience.ALL
        for language in languages:
            to_them |= (AnnouncementRow.audience == Audience.LANGUAGE) & AnnouncementRow.target.contains(language.value)
        told = _announcements().where(
            AnnouncementRow.origin.is_(None),
            AnnouncementRow.state.in_((State.SENDING, State.PAUSED, State.DONE)),
            AnnouncementRow.recalled_at.is_(None),
            AnnouncementRow.begun_at >= since,
            to_them,
        )
        async with self._database.transaction() as session:
            rows = await session.execute(told.order_by(AnnouncementRow.begun_at.desc(), AnnouncementRow.id.desc()))
            return [announcement_of(*row) for row in rows]

    async def of_sessions(self, sessions: Collection[str]) -> list[Announcement]:
        """What staff told of these sessions, or will tell at its time, and have not recalled; newest first."""
        # The ids are looked for in the JSON, and compared once more: a course may have the id of a session.
        written = or_(*(AnnouncementRow.body.contains(f'"id": "{one}"', autoescape=True) for one in sessions))
        found = await self._told(AnnouncementRow.kind == Kind.SESSION, written) if sessions else []
        return [one for one in found if one.body.session is not None and one.body.session.id in sessions]

    async def in_these_words(self, body: Body, since: datetime) -> list[Announcement]:
        """What staff told in the very same texts since then, or will tell at its time; newest first."""
        lately = AnnouncementRow.begun_at.is_(None) | (AnnouncementRow.begun_at >= since)
        return [one for one in await self._told(AnnouncementRow.kind == Kind.FREE, lately) if one.body == body]

    async def _told(self, *which: ColumnElement[bool]) -> list[Announcement]:
        state, begun = AnnouncementRow.state, AnnouncementRow.begun_at.is_not(None)
        told = (state == State.SCHEDULED) | (state.in_(BEGUN) & begun)
        which = (told, AnnouncementRow.origin.is_(None), AnnouncementRow.recalled_at.is_(None), *which)
        found = _announcements().where(*which).order_by(AnnouncementRow.id.desc())
        async with self._database.transaction() as session:
            return [announcement_of(*row) for row in await session.execute(found)]

    async def change(self, number: int, **values: object) -> bool:
        """Change a draft, which is another revision then; whether it still was one."""
        values["revision"] = AnnouncementRow.revision + 1
        return await self._update(_is(number, State.DRAFT), values)

    async def rewrite(self, number: int, body: Body) -> bool:
        """Give a draft another body."""
        return await self.change(number, body=body.write())

    async def attach(self, number: int, file: FileOf, media_type: str, data: bytes) -> bool:
        """Give a draft a file, in the place of one that it has."""
        changed = await self.change(number, file_kind=file.kind, file_name=file.name, file_key=file.file_id)
        if changed:
            row = AnnouncementFileRow(announcement_id=number, media_type=media_type, data=data)
            async with self._database.transaction() as session:
                await session.merge(row)
        return changed

    async def detach(self, number: int) -> bool:
        """Take the file from a draft."""
        changed = await self.change(number, file_kind=None, file_name=None, file_key=None)
        if changed:
            gone = delete(AnnouncementFileRow).where(AnnouncementFileRow.announcement_id == number)
            async with self._database.transaction() as session:
                await session.execute(gone)
        return changed

    async def file(self, number: int) -> tuple[str, bytes] | None:
        """The media type and the bytes of the file."""
        found = select(AnnouncementFileRow.media_type, AnnouncementFileRow.data)
        async with self._database.transaction() as session:
            row = (await session.execute(found.where(AnnouncementFileRow.announcement_id == number))).first()
        return (row[0], row[1]) if row is not None else None

    async def know_file(self, number: int, file_id: str | None) -> None:
        """What Telegram calls the file from now on."""
        await self._update(AnnouncementRow.id == number, {"file_key": file_id})

    async def drop(self, number: int) -> bool:
        """Throw a draft away, or one that has not begun; whether it was one."""
        gone = delete(AnnouncementRow).where(_is(number, State.DRAFT, State.SCHEDULED)).returning(AnnouncementRow.id)
        async with self._database.transaction() as session:
            return await session.scalar(gone) is not None

    async def follow(self, number: int, spot: Spot, language: Language) -> None:
        """From now on staff see there, in this language, how far it is."""
        await self._update(AnnouncementRow.id == number, _there(spot, language))

    async def move(self, announcement: Announcement, spot: Spot, language: Language) -> None:
        """Like `follow`, unless somebody has let it be shown elsewhere since the announcement was read."""
        chat, message, before = AnnouncementRow.progress_chat, AnnouncementRow.progress_message, announcement.progress
        as_seen: ColumnElement[bool] = message.is_(None)
        if before is not None:
            as_seen = (chat == before.chat) & (message == before.message)
        await self._update((AnnouncementRow.id == announcement.id) & as_seen, _there(spot, language))

    async def prepare_correction(self, number: int, body: Body | None) -> bool:
        """Keep what is to take the place of the body; None forgets it."""
        written = body.write() if body is not None else None
        return await self._update(_is(number, *BEGUN), {"correction": written})

    async def _update(self, which: ColumnElement[bool], values: Mapping[str, object]) -> bool:
        change = update(AnnouncementRow).where(which).values(**values).returning(AnnouncementRow.id)
        async with self._database.transaction() as session:
            return await session.scalar(change) is not None


def _there(spot: Spot, language: Language) -> dict[str, object]:
    """The columns that say where staff see how far it is."""
    return {"progress_chat": spot.chat, "progress_message": spot.message, "progress_language": language.value}


def _is(number: int, *states: State) -> ColumnElement[bool]:
    return (AnnouncementRow.id == number) & AnnouncementRow.state.in_(states)


def _new(kind: Kind, body: Body, now: datetime) -> dict[str, object]:
    """The columns of an announcement of which nothing is settled yet."""
    return {
        "kind": kind.value,
        "made_at": now,
        "body": body.write(),
        "revision": 1,
        "audience": Audience.ALL.value,
        "target": "",
        "falls_back": True,
        "daytime": False,
        "state": State.DRAFT.value,
        "planned": 0,
        "reported": False,
    }


def _announcements() -> Select[AnnouncementRow, str | None, str | None]:
    author = PersonRow.id == AnnouncementRow.author
    return select(AnnouncementRow, PersonRow.username, PersonRow.name).outerjoin(PersonRow, author)
