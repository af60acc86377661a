"""An outage of Telegram's, be it of a day: how often is tried, and how much the log says of it."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from telegram.error import Conflict, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.delivery.progress import Progress
from bot.desk.condition import Condition
from bot.handlers.connecting import UnconnectedError
from bot.handlers.reach import FIRST_PAUSE, LONGEST_PAUSE, REMINDER, Reach
from tests.mailing import Mailing
from tests.office import UNKNOWN, Office
from tests.standin.telegram import Telegram

DROPPED = "the stand-in broke the connection"
DAY = 24 * 3600.0
BROKEN = NetworkError("the connection to Telegram broke (ServerDisconnectedError)")


class Seconds:
    """A clock that only a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Seconds:
    return Seconds()


@pytest.fixture
def condition() -> Condition:
    return Condition()


@pytest.fixture
def way(condition: Condition, clock: Seconds, caplog: pytest.LogCaptureFixture) -> Reach:
    caplog.set_level(logging.DEBUG, "bot")
    return Reach(condition, clock)


def outage(way: Reach, clock: Seconds, seconds: float, error: TelegramError = BROKEN) -> list[float]:
    """Try as often as one may for so long; the pauses."""
    pauses: list[float] = []
    until = clock.now + seconds
    while clock.now < until:
        pauses.append(way.lost(error))
        clock.now += pauses[-1]
    return pauses


def test_pauses_grow_to_a_minute_and_begin_anew_after_an_answer(way: Reach, clock: Seconds) -> None:
    assert outage(way, clock, 300)[:8] == [1, 2, 4, 8, 16, 32, 60, 60]
    way.there()
    assert way.lost(BROKEN) == FIRST_PAUSE


def test_an_outage_of_a_day_is_a_line_every_ten_minutes_and_one_at_its_end(
    way: Reach, clock: Seconds, caplog: pytest.LogCaptureFixture
) -> None:
    pauses = outage(way, clock, DAY)
    assert len(pauses) < DAY / LONGEST_PAUSE + 10
    assert DAY / (REMINDER + LONGEST_PAUSE) <= len(caplog.messages) <= DAY / REMINDER + 1
    caplog.clear()
    way.there()
    way.there()
    [line] = caplog.messages
    assert line.startswith("Telegram answers again, after 86")


def test_what_comes_and_goes_is_told_each_time_it_begins(
    way: Reach, clock: Seconds, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3):
        way.lost(BROKEN)
        clock.now += 5
        way.there()
    assert [line.split(" (")[0] for line in caplog.messages] == [
        "Telegram cannot be reached",
        "Telegram answers again, after 5 s",
    ] * 3


def test_the_reason_is_told_to_the_administrator_and_only_its_kind_to_machines(
    way: Reach, condition: Condition, caplog: pytest.LogCaptureFixture
) -> None:
    way.lost(UnconnectedError("no connection through the proxy of PROXY_URL (it refuses the user and password)"))
    assert caplog.messages[0].endswith("(it refuses the user and password)")
    assert condition.telegram_error == "UnconnectedError"
    way.there()
    assert condition.telegram_error == ""


@pytest.mark.parametrize(
    ("error", "pause", "level", "says"),
    [
        (InvalidToken(), LONGEST_PAUSE, logging.ERROR, "get a new one from @BotFather"),
        (Conflict("terminated by other getUpdates request"), FIRST_PAUSE, logging.WARNING, "does it run twice?"),
        (RetryAfter(300), 300.0, logging.WARNING, "tried again"),
        (RetryAfter(timedelta(seconds=90)), 90.0, logging.WARNING, "tried again"),
    ],
    ids=["token", "conflict", "flood", "flood of a later version"],
)
@pytest.mark.filterwarnings("ignore:Deprecated")
def test_what_an_administrator_can_mend_is_told_as_that(
    way: Reach, caplog: pytest.LogCaptureFixture, error: TelegramError, pause: float, level: int, says: str
) -> None:
    assert way.lost(error) == pause
    [record] = caplog.records
    assert record.levelno == level
    assert says in record.getMessage()


# The whole bot


@pytest.fixture
def office(plain_office: Office, caplog: pytest.LogCaptureFixture) -> Office:
    caplog.set_level(logging.INFO, "bot")
    return plain_office


async def test_minutes_without_telegram_are_one_line_however_often_staff_are_to_be_told(
    office: Office, telegram: Telegram, caplog: pytest.LogCaptureFixture
) -> None:
    """People wait for staff, and the bot tries again and again, each time until one cannot be told."""
    people = [telegram.person(f"Trainee {number}", "en") for number in range(3)]
    asked = [await office.says(person, UNKNOWN) for person in people]
    caplog.clear()
    telegram.drop_next("sendMessage", times=3 + 5, to=office.group)
    for person, unknown in zip(people, asked, strict=True):
        await office.press(person, unknown, "🙋 Ask a person")
    for _ in range(5):
        office.clock.goes_on(minutes=2)
        await office.desk.handover.catch_up()
    lines = [one.getMessage() for one in caplog.records if one.name == "bot.desk.courier"]
    assert lines == ["what people write to staff cannot be sent at the moment and will be tried again: " + DROPPED]
    office.clock.goes_on(minutes=2)
    await office.desk.handover.catch_up()
    assert len(office.staff_sees()) == len(people)


async def test_staff_who_cannot_be_shown_how_far_an_announcement_is_are_one_line_and_one_at_the_end(
    office: Office, telegram: Telegram, caplog: pytest.LogCaptureFixture
) -> None:
    mailing, progress = Mailing(office.desk.database, office.clock.now), Progress(office.desk)
    number = await mailing.begun()
    telegram.drop_next("sendMessage", times=1 + 10, to=office.group)
    progress.tick([number])
    await progress.settled()
    assert await mailing.control.pause(number)
    for _ in range(10):
        await progress.report()
    await progress.report()
    lines = [one.getMessage() for one in caplog.records if one.name == "bot.delivery.progress"]
    assert lines == [
        "the progress of announcements cannot be sent at the moment and will be tried again: " + DROPPED,
        "the progress of announcements can be sent again",
    ]
    assert office.staff_sees()
