"""Shows staff a draft as it will arrive: where they ask for it, or to all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.content.values import Content
from bot.desk.handover import Handover
from bot.desk.house import TELEGRAM
from bot.desk.lines import BulkLine, LineError, Upload
from bot.desk.pace import Pacer
from bot.language import Language
from bot.pages.announce_sending import try_page
from bot.pages.announcements import addressed, languages_of, message_page
from bot.pages.voice import Voice
from bot.store.announcement import Announcement
from bot.store.announcements import Announcements
from bot.store.database import Database
from bot.store.people import Address, People, Person

# Where announcements wait longer than so many seconds, staff are told so: while a preview waits, nothing else that they
# press in that chat is dealt with, not even "cancel".
PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class Ways:
    """How people and staff are reached. Channels come later, and so does the line to staff in `handover`."""

    bulk: Mapping[str, BulkLine]
    pacer: Pacer
    handover: Handover


def readers_of(draft: Announcement) -> list[Language]:
    """The languages of those who get something, in one language or another."""
    written = languages_of(draft)
    return [one for one in addressed(draft) if one in written or (draft.falls_back and written)]


class Rehearsal:
    """Sends drafts to staff. What Telegram calls the file is remembered from the first time on."""

    def __init__(
        self,
        database: Database,
        voices: Mapping[Language, Voice],
        content: Callable[[], Content],
        now: Callable[[], datetime],
        ways: Ways,
    ) -> None:
        self._announcements = Announcements(database)
        self._people = People(database)
        self._voices = voices
        self._content = content
        self._now = now
        self._ways = ways

    async def show(
        self,
        draft: Announcement,
        languages: Sequence[Language],
        chat: int,
        zone: ZoneInfo | None = None,
        topic: int | None = None,
    ) -> None:
        """Send it into a chat, or a topic of it, as it arrives with readers of these languages. Raises LineError."""
        line, file = self._ways.bulk.get(TELEGRAM), await self._file(draft)
        if line is None:
            raise LineError("Telegram is not there at the moment")
        if (seconds := self._ways.pacer.held_for) > PATIENCE:
            raise LineError(f"Telegram takes nothing more for {seconds:.0f} seconds")
        for language in languages:
            page = message_page(draft, language, zone, self._voices[language], self._content(), self._now())
            if page is None:
                continue
            if not await self._ways.pacer.slot():
                raise LineError("the program is being stopped")
            copy = await line.post(chat, page, file, topic, kind="staff")
            if file is not None and copy.file_id is not None and copy.file_id != file.file_id:
                await self._announcements.know_file(draft.id, copy.file_id)
                file = Upload(file.kind, file.name, copy.file_id, file.data)

    async def _file(self, draft: Announcement) -> Upload | None:
        stored = await self._announcements.file(draft.id) if draft.file is not None else None
        if draft.file is None or stored is None:
            return None
        # Another one may have come in its place since the draft was read.
        now = await self._announcements.find(draft.id)
        known = now.file if now is not None and now.file is not None else draft.file
        return Upload(known.kind, known.name, known.file_id, stored[1])

    async def to_one(self, draft: Announcement, person: Person) -> None:
        """Send it to one of the staff in private, as they would get it. Raises LineError."""
        language = person.chosen or person.hinted or Language.EN
        shown = [one for one in (language,) if languages_of(draft)]
        await self.show(draft, shown, int(person.address.name), _zone(person))

    async def to_staff(self, draft: Announcement, author: str) -> None:
        """Send it to the staff group in all languages, or to each of the staff in their own. Raises LineError."""
        staff = self._ways.handover.staff
        if staff is None:
            raise LineError("there is no staff to send it to")
        heads = await staff.post(try_page(draft, author, self._ways.handover.staff_voice))
        failures: list[LineError] = []
        for head in heads:
            try:
                if head.chat < 0:
                    await self.show(draft, readers_of(draft), head.chat)
                else:
                    await self.to_one(draft, await self._people.find(Address(TELEGRAM, str(head.chat))))
            except LineError as error:
                failures.append(error)
        if failures and len(failures) == len(heads):
            raise failures[0]


def _zone(person: Person) -> ZoneInfo | None:
    """Their time zone, if it is known; a newer list of all zones may have it no more."""
    try:
        return ZoneInfo(person.zone) if person.zone else None
    except ZoneInfoNotFoundError:
        return None
