"""What the tests of "you asked, here is the answer" share: upkeep that waits for nothing, and how to wait for it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from dbos import DBOS

from bot.delivery import durable, mailing, notices
from bot.delivery.mailing import Mailing
from bot.delivery.notices import Notices
from bot.desk import Desk
from bot.desk.pace import Pacer
from bot.language import Language
from bot.store.questions import Settled
from bot.upkeep import Upkeep
from tests.office import Office
from tests.postgres import MIGRATED, Postgres
from tests.standin.arguments import word
from tests.standin.chats import Message
from tests.standin.people import Person

# The small content has no answer to this, and staff can teach one.
ROUTER = {
    Language.EN: "My router blinks red",
    Language.RU: "Где репетирует наш оркестр?",
    Language.ZH: "调制解调器闪红灯",
}
WITH_QUEUE = "with_queue"


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing waits for seconds."""
    monkeypatch.setattr(durable, "LOOK", 0.01)
    monkeypatch.setattr(notices, "LOOK", 0.01)
    monkeypatch.setattr(mailing, "LOOK", 0.01)
    monkeypatch.setattr(notices, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(notices, "GROWTH", 1.0)


@pytest.fixture(scope="session")
def sqlite_with_queue(new_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database and that of its workflows: DBOS needs a second until it sees a new queue."""
    folder = tmp_path_factory.mktemp("workflows")
    _make_queue(f"sqlite+aiosqlite:///{shutil.copy(new_database, folder)}")
    return folder


@pytest.fixture(scope="session")
def postgres_with_queue(postgres: Postgres) -> str:
    """The same on PostgreSQL: the name of a database that others are copied from."""
    postgres.execute(f"CREATE DATABASE {WITH_QUEUE} TEMPLATE {MIGRATED}")
    _make_queue(postgres.address(WITH_QUEUE))
    return WITH_QUEUE


def _make_queue(database: str) -> None:
    async def make() -> None:
        async with durable.durable(database):
            await asyncio.to_thread(notices._make_queue)
            await asyncio.to_thread(mailing._make_queue)

    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        runner.run(make())


@pytest.fixture
def address_with_queue(store_kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """A database in which nobody has been remembered yet, with the queue of notices."""
    if store_kind == "postgresql":
        template = request.getfixturevalue("postgres_with_queue")
        with request.getfixturevalue("postgres").fresh(template) as address:
            yield address
    else:
        shutil.copytree(request.getfixturevalue("sqlite_with_queue"), tmp_path, dirs_exist_ok=True)
        yield f"sqlite+aiosqlite:///{tmp_path / 'rohnamo.db'}"


@asynccontextmanager
async def kept_up(desk: Desk, database: str) -> AsyncIterator[Upkeep]:
    """The upkeep of a desk, whose rounds the test calls."""
    desk.pacer = Pacer()  # the one of a process that has ended gives out no more moments
    made, announcing = Notices(desk), Mailing(desk)
    async with durable.durable(database):
        await made.begin()
        await announcing.begin()
        try:
            yield Upkeep(desk, made, announcing)
        finally:
            await asyncio.gather(made.end(), announcing.end())


async def ended(question: int, day: str = "2026-11-23") -> None:
    """Wait until the workflow that tells of a question on a day is over."""

    def wait() -> None:
        DBOS.retrieve_workflow(f"told-{question}-{day}").get_result(polling_interval_sec=0.01)

    await asyncio.to_thread(wait)


async def asks_in_vain(office: Office, who: Person, text: str = ROUTER[Language.EN], *, agrees: bool = True) -> int:
    """Somebody asks what is not known, and perhaps wants to be told; returns the question's number."""
    unknown = await office.says(who, text)
    if agrees:
        await office.press(who, unknown, f"tell:{number_of(unknown)}")
    return number_of(unknown)


def number_of(message: Message) -> int:
    """The number of the question that a message of the bot's is about."""
    pressed = [word(button, "callback_data") for row in message.rows for button in row]
    return next(int(data.split(":")[1]) for data in pressed if data.startswith(("tell:", "rate:")))


async def becomes_known(office: Office, *questions: int, entry: str = "wifi") -> None:
    """There is an answer now, by the store alone: quick, for where it does not matter how."""
    await office.desk.teaching.questions.settle(questions, Settled.TAUGHT, None, office.clock(), entry)


def told(office: Office, who: Person) -> list[Message]:
    """The answers that somebody got unasked."""
    return [message for message in office.telegram.replies(who) if message.text.startswith("🔔")]
