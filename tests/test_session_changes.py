"""Followers of a session are told once that it is moved or withdrawn, and not of a slip that is mended."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.content.values import Content, Course, Mode, Session
from bot.desk.followed import SETTLE
from bot.language import Language, Text
from bot.pages.voice import Voice
from bot.store.audiences import Kind
from bot.store.database import Database, StoreError
from bot.store.seen import SeenSessions
from tests.followers import QINGDAO, Watched, a_session, watched
from tests.postgres import BOTH_STORES

pytestmark = BOTH_STORES
# Noon in Qingdao, three months before the session.
BEGINNING = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
MINUTES = SETTLE / timedelta(minutes=1)
WEEK = timedelta(days=7)


@pytest.fixture
def session(content: Content) -> Session:
    return a_session(content)


@pytest.fixture
async def house(
    database_address: str, content: Content, voices: Mapping[Language, Voice], session: Session
) -> AsyncIterator[Watched]:
    """A session that somebody follows on Telegram and somebody on the web, and somebody else another one."""
    async with watched(database_address, content, voices, BEGINNING) as house:
        await house.lists(session)
        await house.follow(Language.RU, session)
        await house.follow(Language.TG, session, "web")
        await house.follow(Language.ZH, replace(session, id="other"))
        yield house


def moved(session: Session, by: timedelta = WEEK) -> Session:
    return replace(session, start=session.start + by, end=session.end + by)


async def test_followers_are_told_once_that_it_is_moved(house: Watched, session: Session) -> None:
    later = moved(session)
    await house.lists(later)
    await house.look(minutes=MINUTES - 1)
    assert await house.told() == []
    await house.look(minutes=1)
    await house.look(minutes=MINUTES)
    await house.look(days=1)
    (told,) = await house.told()
    assert (told.kind, told.body.session, told.body.before) == (Kind.MOVED, later, session)
    assert await house.readers(told) == {Language.RU, Language.TG}
    assert told.daytime
    assert told.expires_at == later.start


@pytest.mark.parametrize(
    "changes",
    [
        {"end": datetime(2027, 3, 6, 12, 0, tzinfo=QINGDAO)},
        {"mode": Mode.ONLINE},
        {"place": Text.same("Room 6")},
        {"place": None},
        {"apply_by": date(2027, 1, 24)},
        {"apply_by": None},
        {"link": "https://example.org/apply/here"},
        {"whole_days": True},
        {"languages": (Language.EN,)},
        {"start": datetime(2027, 3, 1, 9, 0, tzinfo=ZoneInfo("Asia/Dushanbe")),
         "end": datetime(2027, 3, 5, 17, 30, tzinfo=ZoneInfo("Asia/Dushanbe"))},
    ],
)  # fmt: skip
async def test_what_followers_have_to_know_is_told(
    house: Watched, session: Session, changes: Mapping[str, object]
) -> None:
    changed = replace(session, **changes)  # type: ignore[arg-type]
    await house.lists(changed)
    await house.look(minutes=MINUTES)
    (told,) = await house.told()
    assert (told.body.session, told.body.before) == (changed, session)


async def test_what_does_not_matter_to_them_is_not_told(house: Watched, session: Session) -> None:
    course = Course(session.course.id, session.course.title, Text.same("Another description"))
    better = replace(session, course=course, seats=30, languages=session.languages[::-1])
    await house.lists(better)
    await house.look(minutes=MINUTES)
    assert await house.told() == []
    later = moved(better)
    await house.lists(later)
    await house.look(minutes=MINUTES)
    (told,) = await house.told()
    assert (told.body.session, told.body.before) == (later, better)


async def test_the_place_of_what_is_online_does_not_matter(house: Watched, session: Session) -> None:
    online = replace(session, mode=Mode.ONLINE)
    await house.lists(online)
    await house.look(minutes=MINUTES)
    await house.lists(replace(online, place=None))
    await house.look(minutes=MINUTES)
    assert len(await house.told()) == 1


async def test_a_slip_that_is_mended_within_ten_minutes_is_not_told(house: Watched, session: Session) -> None:
    for slip in (moved(session), None):
        await house.lists(*[slip] if slip is not None else [])
        await house.look(minutes=MINUTES - 1)
        await house.lists(session)
        await house.look(minutes=MINUTES)
    assert await house.told() == []


async def test_of_several_changes_in_a_row_the_last_one_is_told(house: Watched, session: Session) -> None:
    for days in (1, 2, 3):
        await house.lists(moved(session, timedelta(days=days)))
        await house.look(minutes=MINUTES - 1)
    assert await house.told() == []
    await house.look(minutes=1)
    (told,) = await house.told()
    assert (told.body.session, told.body.before) == (moved(session, timedelta(days=3)), session)


async def test_changes_there_and_back_are_told_each_time(house: Watched, session: Session) -> None:
    for now in (moved(session), session, moved(session)):
        await house.lists(now)
        await house.look(minutes=MINUTES)
        await house.arrives()
    told = await house.told()
    assert [one.body.session for one in told] == [moved(session), session, moved(session)]


async def test_followers_are_told_once_that_it_is_withdrawn(house: Watched, session: Session) -> None:
    await house.lists()
    await house.look(minutes=MINUTES)
    await house.look(minutes=MINUTES)
    (told,) = await house.told()
    assert (told.kind, told.body.session, told.body.before) == (Kind.WITHDRAWN, session, None)
    assert await house.readers(told) == {Language.RU, Language.TG}
    assert told.expires_at == session.start


async def test_who_was_told_that_it_is_withdrawn_is_told_that_it_is_back(house: Watched, session: Session) -> None:
    for days in (0, 7):
        back = moved(session, timedelta(days=days))
        await house.lists()
        await house.look(minutes=MINUTES)
        await house.arrives()
        await house.lists(back)
        await house.look(minutes=MINUTES - 1)
        assert (await house.told())[-1].kind is Kind.WITHDRAWN
        await house.look(minutes=1)
        told = (await house.told())[-1]
        assert (told.kind, told.body.session, told.body.before) == (Kind.MOVED, back, None)
        await house.arrives()
    assert len(await house.told()) == 4


async def test_back_for_a_moment_only_is_not_told(house: Watched, session: Session) -> None:
    await house.lists()
    await house.look(minutes=MINUTES)
    await house.lists(session)
    await house.look(minutes=MINUTES - 1)
    await house.lists()
    await house.look(minutes=MINUTES)
    assert [one.kind for one in await house.told()] == [Kind.WITHDRAWN]


async def test_a_session_that_is_over_goes_in_silence(house: Watched, session: Session) -> None:
    await house.look_at(session.end)
    before = await house.told()
    await house.lists()
    await house.look(minutes=MINUTES)
    assert await house.told() == before
    assert await SeenSessions(house.database).all() == {}


async def test_of_a_session_that_nobody_follows_nothing_is_left(house: Watched, session: Session) -> None:
    alone = replace(session, id="alone")
    await house.lists(session, alone)
    await house.lists(session, moved(alone))
    await house.look(minutes=MINUTES)
    assert await house.told() == []
    assert (await SeenSessions(house.database).all())["alone"].known == moved(alone)


async def test_what_begins_soon_is_told_at_night_too(house: Watched, session: Session) -> None:
    """At ten in the evening before: in the morning it would be too late for who is on the way."""
    await house.look_at(session.start - timedelta(hours=11))
    before = len(await house.told())
    await house.lists()
    await house.look(minutes=MINUTES)
    (told,) = (await house.told())[before:]
    assert told.kind is Kind.WITHDRAWN
    assert not told.daytime


async def test_a_change_while_it_is_under_way_is_told_until_its_end(house: Watched, session: Session) -> None:
    await house.look_at(session.start + timedelta(days=1))
    before = len(await house.told())
    await house.lists(replace(session, place=Text.same("Room 7")))
    await house.look(minutes=MINUTES)
    (told,) = (await house.told())[before:]
    assert told.expires_at == session.end


async def test_a_change_of_while_the_program_was_down_is_told(
    house: Watched, session: Session, voices: Mapping[Language, Voice]
) -> None:
    house.restarted(voices)
    house.content = replace(house.content, sessions=(moved(session),))
    await house.look(days=2)
    await house.look(minutes=MINUTES)
    (told,) = await house.told()
    assert told.body.before == session


async def test_what_fails_in_the_middle_has_not_happened(house: Watched, session: Session, database: Database) -> None:
    await house.lists(moved(session))
    seen = SeenSessions(database)
    before = await seen.all()

    async def fail(*, within: object) -> None:
        raise StoreError("the connection was lost")

    with pytest.raises(StoreError):
        await seen.settle(before[session.id], moved(session), fail)
    assert await seen.all() == before
    await house.look(minutes=MINUTES)
    assert len(await house.told()) == 1
