"""Staff are offered once to announce a session that is new."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.content.values import Content, Session
from bot.desk.followed import LOOKED
from bot.desk.lines import LineError
from bot.language import Language
from bot.pages.actions import decode
from bot.pages.announce_deeds import NewOfSession, NotNow
from bot.pages.markup import plain
from bot.pages.offers import offer_page
from bot.pages.page import Page
from bot.pages.voice import Voice
from bot.store.notes import Notes
from bot.store.seen import OFFERING, SeenSessions
from bot.store.tables import NoteRow
from tests.crawl import buttons
from tests.followers import Watched, a_session, watched
from tests.postgres import BOTH_STORES

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
MINUTES = OFFERING / timedelta(minutes=1)


@pytest.fixture
def session(content: Content) -> Session:
    return a_session(content)


class Board:
    """Where staff read; as long as there is trouble, nothing reaches them."""

    def __init__(self) -> None:
        self.trouble: BaseException | None = None
        self.pages: list[Page] = []
        self.tried = 0

    async def post(self, page: Page) -> None:
        self.tried += 1
        await asyncio.sleep(0)
        if self.trouble is not None:
            raise self.trouble
        self.pages.append(page)

    @property
    def offered(self) -> list[str]:
        """The sessions that staff were offered to announce."""
        deeds = [decode(button.action) for page in self.pages for button in buttons(page)]
        return [deed.session for deed in deeds if isinstance(deed, NewOfSession)]


@pytest.fixture
def board() -> Board:
    return Board()


@pytest.fixture
async def house(
    database_address: str, content: Content, voices: Mapping[Language, Voice], board: Board
) -> AsyncIterator[Watched]:
    """Two processes that have found no session so far."""
    async with watched(database_address, content, voices, NOW) as house:
        for process in house.processes:
            process.post = board.post
        yield house


@BOTH_STORES
async def test_of_two_processes_one_offers_what_is_new_once(house: Watched, session: Session, board: Board) -> None:
    await house.lists(session, replace(session, id="another"))
    await house.look(minutes=MINUTES)
    await house.look(days=1)
    assert sorted(board.offered) == ["another", session.id]


@BOTH_STORES
async def test_what_is_there_at_the_very_first_look_is_not_new(
    house: Watched, session: Session, board: Board, voices: Mapping[Language, Voice]
) -> None:
    """Not even where the first look ended in the middle: the note that it was done is written last."""
    async with house.database.transaction() as transaction:
        note = await transaction.get_one(NoteRow, LOOKED)
        await transaction.delete(note)
    await SeenSessions(house.database).record(session, NOW)
    house.restarted(voices)
    house.processes[0].post = board.post
    await house.lists(session, replace(session, id="another"))
    assert await Notes(house.database).read(LOOKED) is not None
    assert board.offered == []
    await house.lists(session, replace(session, id="another"), replace(session, id="new"))
    assert board.offered == ["new"]


@BOTH_STORES
async def test_what_has_not_reached_staff_is_offered_again_after_a_while(
    house: Watched, session: Session, board: Board, caplog: pytest.LogCaptureFixture
) -> None:
    board.trouble = LineError("no network")
    await house.lists(session)
    await house.look(minutes=MINUTES - 1)
    assert board.tried == 1
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    board.trouble = None
    await house.look(minutes=1)
    assert board.offered == [session.id]


async def test_a_crash_while_it_is_offered_costs_nothing(
    house: Watched, session: Session, board: Board, voices: Mapping[Language, Voice]
) -> None:
    board.trouble = asyncio.CancelledError()
    with pytest.raises(asyncio.CancelledError):
        await house.lists(session)
    board.trouble = None
    house.restarted(voices)
    house.processes[0].post = board.post
    await house.look(minutes=MINUTES - 1)
    assert board.offered == []
    await house.look(minutes=1)
    await house.look(minutes=MINUTES)
    assert board.offered == [session.id]


async def test_an_offer_waits_for_staff_that_can_be_reached(house: Watched, session: Session, board: Board) -> None:
    for process in house.processes:
        process.post = None
    await house.lists(session)
    await house.look(days=1)
    house.processes[0].post = board.post
    await house.look()
    assert board.offered == [session.id]


async def test_what_is_over_is_not_offered(house: Watched, session: Session, board: Board) -> None:
    house.clock.now = session.end
    await house.lists(session)
    assert board.offered == []


async def test_what_is_taken_back_before_it_could_be_offered_is_not_offered(
    house: Watched, session: Session, board: Board
) -> None:
    board.trouble = LineError("no network")
    await house.lists(session)
    board.trouble = None
    await house.lists()
    await house.look(minutes=MINUTES)
    assert board.offered == []


async def test_what_has_changed_is_not_new(house: Watched, session: Session, board: Board) -> None:
    await house.lists(session)
    await house.lists(replace(session, seats=1, place=None))
    await house.look(hours=1)
    assert board.offered == [session.id]


async def test_staff_read_it_in_their_language(house: Watched, session: Session, board: Board) -> None:
    for process in house.processes:
        process.staff_language = Language.RU
    await house.lists(session)
    (page,) = board.pages
    assert page.language is Language.RU
    assert session.course.title.of(Language.RU) in plain(page.text)


@pytest.mark.parametrize("language", Language)
def test_an_offer_says_what_people_will_see(
    language: Language, session: Session, content: Content, voices: Mapping[Language, Voice]
) -> None:
    page = offer_page(session, voices[language], content, NOW)
    text = plain(page.text)
    assert session.course.title.of(language) in text
    assert "2027" in text
    assert "Room 5" in text
    assert [decode(button.action) for button in buttons(page)] == [NewOfSession(session.id), NotNow()]
