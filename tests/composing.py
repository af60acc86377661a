"""What the tests of making an announcement share: staff who begin one, write into it, and press."""

from __future__ import annotations

from bot.pages.announce_deeds import AnnounceDeed
from bot.pages.markup import plain
from bot.pages.page import Page
from bot.store.announcement import Announcement
from bot.store.people import Address
from tests.office import Office
from tests.standin.chats import Message
from tests.standin.people import Group, Person
from tests.standin.values import Object

NOT_STAFF = "This is for the staff of the institute only."


def last(office: Office, where: Person | Group) -> Message:
    return office.telegram.replies(where)[-1]


async def begins(office: Office, who: Person, where: Group | None = None) -> Message:
    """Somebody begins an announcement; the page of its draft."""
    page = await office.telegram.answer(who.says("/announce", in_chat=where))
    await office.press(who, page, "✍️ Write an announcement")
    return page


async def writes(
    office: Office, who: Person, draft: Message, label: str, text: str, where: Group | None = None
) -> Message:
    """Somebody writes a text; the page of the draft that comes then."""
    await office.press(who, draft, label)
    prompt = last(office, where or who)
    assert prompt.force_reply is not None
    return await office.telegram.answer(await office.answers(text, prompt, who))


def formatted(who: Person, text: str, reply_to: Message, *entities: Object) -> Message:
    """Somebody writes a text with formatting."""
    message = who._new(reply_to, None, None)
    message.text, message.entities = text, list(entities)
    return who._send(message)


async def found(office: Office, number: int = 1) -> Announcement:
    one = await office.desk.announcing.announcements.find(number)
    assert one is not None
    return one


async def done(office: Office, who: Person, deed: AnnounceDeed) -> str:
    """What somebody of the staff is shown."""
    shown = await office.desk.do(deed, await office.desk.meet(Address("telegram", str(who.id)), "en"))
    assert isinstance(shown, Page)
    return plain(shown.text)
