"""Updates that Telegram posts: taken from it alone, and kept before it is told so. What others post breaks nothing."""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from sqlalchemy import event, text
from starlette.types import Message, Receive

from bot.desk import Desk
from bot.desk.condition import Condition
from bot.desk.hook import Hook
from bot.handlers import polling, webhook, worker
from bot.handlers.running import run
from bot.language import Language
from bot.matching.matcher import Matcher
from bot.pages.voice import Voice
from bot.settings import Settings
from bot.store.database import Database
from bot.store.updates import Updates
from bot.web import webhook as page
from bot.web.app import build_web
from bot.web.webhook import MAX_BODY, WebhookPage
from tests.conftest import NOW
from tests.postgres import BOTH_STORES
from tests.standin.http import serve
from tests.standin.telegram import Telegram
from tests.standin.values import Json, Object
from tests.standin.webhook import SECRET, deliveries
from tests.telegram_bot import settings_for, until_done, until_held

ADDRESS, TOKEN = "https://bot.example/telegram", "a-secret_of-40-letters"
SHOWN = {SECRET: TOKEN}
UNREADABLE = "an update cannot be read (%s), and is set aside: see `python main.py updates`"
ASIDE = "an update failed too often, and is set aside: see `python main.py updates`"
Start = Callable[[], "Place"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where Telegram posts: a server that is not behind a socket, and the bot behind it."""

    transport: httpx.ASGITransport
    client: httpx.AsyncClient
    hook: Hook
    condition: Condition
    updates: Updates
    settings: Settings
    stop: asyncio.Event

    async def post(self, body: object, **headers: str) -> int:
        """What the server says to an update with the right secret."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        known = {"Content-Type": "application/json"} | SHOWN
        return (await self.client.post("/telegram", content=content, headers=known | headers)).status_code

    async def kept(self) -> int:
        """How many updates wait or are set aside."""
        backlog = await self.updates.backlog()
        return backlog.waiting + backlog.aside


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing waits for seconds."""
    for name in ("AFTER_FAULT", "FIRST_PAUSE", "LONGEST_PAUSE", "LONGEST_STORE_PAUSE", "LOOK"):
        monkeypatch.setattr(worker, name, 0.01)
    monkeypatch.setattr(polling, "STAND_BY", 0.01)
    monkeypatch.setattr(webhook, "LOOK", 0.02)


@asynccontextmanager
async def placed(telegram: Telegram, desk: Desk) -> AsyncIterator[Place]:
    """The server, and a bot that is not started."""
    async with serve(telegram) as url:
        settings = Settings(
            bot_token=SecretStr(telegram.token),
            bot_api_url=url,
            webhook_url=ADDRESS,
            webhook_secret=SecretStr(TOKEN),
        )
        hook, condition = Hook(), Condition()
        transport = httpx.ASGITransport(build_web(desk, condition, WebhookPage(hook, TOKEN)))
        async with httpx.AsyncClient(transport=transport, base_url="https://bot.example") as client:
            updates = Updates(desk.database, settings.bot_id)
            yield Place(transport, client, hook, condition, updates, settings, asyncio.Event())


@asynccontextmanager
async def at_work(telegram: Telegram, desk: Desk, place: Place) -> AsyncIterator[None]:
    """The bot, from the moment at which it takes updates."""
    run_bot = run(place.settings, desk, place.stop, "test", place.condition, place.hook)
    task = asyncio.create_task(run_bot)
    try:
        await telegram.until(lambda: telegram.updates.webhook, 10)
        yield
    finally:
        place.stop.set()
        await task


@pytest.fixture
async def place(telegram: Telegram, desk: Desk) -> AsyncIterator[Place]:
    """The server with the bot at work."""
    async with placed(telegram, desk) as made, at_work(telegram, desk, made):
        yield made


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What was logged for the administrator, without values; the test has now looked at it."""
    told = [str(record.msg) for record in caplog.records if record.levelno >= logging.ERROR]
    caplog.clear()
    return told


def an_update(telegram: Telegram, text: str = "/help", name: str = "Zarina") -> Object:
    """Somebody says something, and the update is in our hands."""
    telegram.person(name, "en").says(text)
    update = telegram.updates.pending.pop()
    assert isinstance(update, dict)
    return update


@BOTH_STORES
async def test_what_telegram_posts_is_answered(telegram: Telegram, place: Place) -> None:
    zarina = telegram.person("Zarina", "en")
    async with deliveries(telegram, httpx.AsyncClient(transport=place.transport)):
        reply = await telegram.answer(zarina.says("/help"))
        zarina.presses(reply, "All topics")
        await telegram.until(lambda: reply.html.startswith("<b>All topics</b>"))
        await telegram.quiet()
    [call] = telegram.calls_of("setWebhook")
    assert (call.params["url"], call.params["secret_token"], call.params["max_connections"]) == (ADDRESS, TOKEN, "100")
    assert json.loads(str(call.params["allowed_updates"])) == polling.UPDATES
    assert place.condition.way == "webhook"
    assert place.condition.telegram_error == ""


async def test_a_webhook_that_somebody_takes_away_is_set_again(
    telegram: Telegram, place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    for other in (None, "https://elsewhere.example/"):
        before = telegram.count["setWebhook"]
        telegram.updates.set_webhook(None)
        if other is not None:
            await place_elsewhere(telegram, other)
        await telegram.until(lambda: telegram.count["setWebhook"] > before)  # noqa: B023, awaited here
        set_again = telegram.updates.webhook
        assert set_again is not None
        assert (set_again.url, set_again.secret) == (ADDRESS, TOKEN)
    assert sum("it is set again" in message for message in caplog.messages) == 2


async def place_elsewhere(telegram: Telegram, url: str) -> None:
    status, _ = await telegram.handle("setWebhook", {"url": url})
    assert status == 200
    telegram.count["setWebhook"] -= 1


async def test_the_webhook_stays_when_the_bot_stops_and_goes_when_it_polls(
    telegram: Telegram, matcher: Matcher, voices: Mapping[Language, Voice], database: Database
) -> None:
    def desk() -> Desk:
        return Desk(matcher, voices, database, now=lambda: NOW)

    here = desk()
    async with placed(telegram, here) as place:
        async with at_work(telegram, here, place):
            pass
        assert telegram.updates.webhook is not None
        assert await place.post(an_update(telegram)) == 503
        stop = asyncio.Event()
        polls = settings_for(telegram, str(place.settings.bot_api_url).removesuffix("/bot"))
        task = asyncio.create_task(run(polls, desk(), stop, "test"))
        assert (await telegram.answer(telegram.person("John", "en").says("/help"), 10)).text
        stop.set()
        await task
    assert telegram.updates.webhook is None


async def test_what_telegram_refuses_about_the_address_is_told_once(
    telegram: Telegram, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    why = "Bad Request: bad webhook: IP address 127.0.0.1 is reserved"
    telegram.fail_next("setWebhook", 400, why, times=3)
    async with placed(telegram, desk) as place, at_work(telegram, desk, place):
        assert telegram.count["setWebhook"] == 4
    [told] = [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
    assert told.startswith("Telegram refuses WEBHOOK_URL: Bad webhook: ip address 127.0.0.1 is reserved".split(":")[0])
    assert "is reserved" in told


async def test_why_updates_do_not_arrive_is_told_once(
    telegram: Telegram, place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    assert telegram.updates.webhook is not None
    telegram.updates.webhook.error, telegram.updates.webhook.error_date = "SSL error", telegram.now
    telegram.person("Zarina", "en").says("/help")
    looks = telegram.count["getWebhookInfo"]
    await telegram.until(lambda: telegram.count["getWebhookInfo"] > looks + 3)
    assert errors(caplog) == ["Telegram cannot hand over updates to WEBHOOK_URL: %s"]


WRONG = {
    "none": {},
    "another": {SECRET: "a-secret_of-40-lettera"},
    "the beginning": {SECRET: TOKEN[:-1]},
    "more": {SECRET: f"{TOKEN}x"},
    "in capitals": {SECRET: TOKEN.upper()},
    "nothing": {SECRET: ""},
    "too long": {SECRET: TOKEN * 5000},
    "not of ASCII": {SECRET: "ключ".encode()},
    "broken UTF-8": {SECRET: b"\xff\xfe"},
    "elsewhere": {"X-Secret": TOKEN},
}


@pytest.mark.parametrize("headers", WRONG.values(), ids=WRONG.keys())
async def test_who_does_not_know_the_secret_is_refused(
    telegram: Telegram, place: Place, headers: Mapping[str, str | bytes]
) -> None:
    body = json.dumps(an_update(telegram)).encode()
    raw = [(b"content-type", b"application/json")]
    raw += [(name.encode(), value if isinstance(value, bytes) else value.encode()) for name, value in headers.items()]
    answer = await place.client.post("/telegram", content=body, headers=raw)
    assert (answer.status_code, answer.text) == (403, "")
    assert await place.kept() == 0


async def test_the_secret_is_compared_in_constant_time(
    telegram: Telegram, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[tuple[object, object]] = []
    compare = hmac.compare_digest

    def spy(shown: bytes, known: bytes) -> bool:
        compared.append((shown, known))
        return compare(shown, known)

    monkeypatch.setattr(hmac, "compare_digest", spy)
    await place.client.post("/telegram", content=b"{}", headers={SECRET: "guess"})
    assert compared == [(b"guess", TOKEN.encode())]


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("application/json", 200),
        ("Application/JSON; charset=utf-8", 200),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("application/json-patch+json", 415),
        ("", 415),
    ],
)
async def test_updates_are_json_and_nothing_else(telegram: Telegram, place: Place, kind: str, status: int) -> None:
    assert await place.post(an_update(telegram), **{"Content-Type": kind}) == status
    await until_done(place.updates)
    assert telegram.count["sendMessage"] == (status == 200)


async def test_a_body_that_is_too_long_is_not_read_to_its_end(telegram: Telegram, place: Place) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(1000):
            sent += 100_000
            yield b"x" * 100_000

    headers = {"Content-Type": "application/json"} | SHOWN
    answer = await place.client.post("/telegram", content=endless(), headers=headers)
    assert answer.status_code == 413
    assert sent <= MAX_BODY + 200_000
    assert await place.kept() == 0
    long = an_update(telegram, "x" * 4096)
    assert await place.post({**long, "more": "x" * (MAX_BODY - 20_000)}) == 200


async def test_who_takes_too_long_for_an_update_is_told_so(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "BODY_SECONDS", 0.05)

    async def stalls() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    assert await posted(place, [b'{"update_id": '], stalls) == 408
    assert await place.kept() == 0


async def test_who_breaks_off_in_the_middle_of_an_update_has_said_nothing(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    async def is_gone() -> Message:
        return {"type": "http.disconnect"}

    assert await posted(place, [b'{"update_id": '], is_gone) == 400
    assert await place.kept() == 0
    assert errors(caplog) == []


async def posted(place: Place, chunks: list[bytes], then: Receive) -> int:
    """What is said to somebody who sends these pieces, after which `then` comes."""
    headers = [(SECRET.lower().encode(), TOKEN.encode()), (b"content-type", b"application/json")]
    scope: dict[str, object] = {
        "type": "http",
        "method": "POST",
        "path": "/telegram",
        "raw_path": b"/telegram",
        "root_path": "",
    }
    scope |= {"headers": headers, "query_string": b"", "scheme": "https", "http_version": "1.1", "client": ("::1", 1)}
    scope |= {"asgi": {"version": "3.0"}, "server": ("bot.example", 443), "state": {}}
    pieces, statuses = [*chunks], []

    async def receive() -> Message:
        return {"type": "http.request", "body": pieces.pop(0), "more_body": True} if pieces else await then()

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    await place.transport.app(scope, receive, send)
    return int(statuses[0])


BROKEN = {
    "no JSON": b"{",
    "nothing": b"",
    "no text": b"\xff\xfe\x00",
    "a number of 5,000 digits": b"9" * 5000,
    "nested deep": b"[" * 100_000,
    "nested just too deep for one of two": b"[" * 900 + b"]" * 900,
    "a list": b"[1, 2]",
    "two": b"{}{}",
    "NaN": b'{"update_id": NaN}',
}


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN.keys())
async def test_what_nobody_can_read_is_set_aside_once_however_often_it_comes(
    place: Place, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3):
        assert await place.post(body) == 200
        await until_done(place.updates)
    assert await place.kept() == 1
    [failure] = await place.updates.failures()
    assert failure.number < 0
    assert errors(caplog) == [UNREADABLE]


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH"])
async def test_updates_are_posted_and_nothing_else(place: Place, method: str) -> None:
    answer = await place.client.request(method, "/telegram", headers=SHOWN)
    assert answer.status_code == 405


@BOTH_STORES
async def test_an_update_that_is_posted_again_is_answered_once(telegram: Telegram, place: Place) -> None:
    update = an_update(telegram)
    assert await asyncio.gather(*(place.post(update) for _ in range(5))) == [200] * 5
    await until_done(place.updates)
    assert await place.post(update) == 200
    await until_done(place.updates)
    assert telegram.count["sendMessage"] == 1


async def test_nothing_is_taken_before_the_bot_begins_nor_after_it_ends(
    telegram: Telegram, desk: Desk, database: Database
) -> None:
    update = an_update(telegram)
    async with placed(telegram, desk) as place:
        assert await place.post(update) == 503
        async with at_work(telegram, desk, place):
            gate = telegram.hold_next("sendMessage")
            assert await place.post(update) == 200
            await until_held(telegram, "sendMessage")
            place.stop.set()
            while await place.post(update) == 200:
                pass
            assert await place.post(update) == 503
            gate.set()
        assert await place.post(update) == 503
    assert telegram.count["sendMessage"] == 1
    assert await place.kept() == 0


@BOTH_STORES
async def test_what_cannot_be_kept_is_refused_and_answered_when_telegram_posts_it_again(
    telegram: Telegram, place: Place, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    async with database.transaction() as session:
        await session.execute(text("ALTER TABLE updates RENAME TO gone"))
    assert await asyncio.gather(*(place.post(an_update(telegram, name=str(one))) for one in range(5))) == [503] * 5
    zarina = telegram.person("Zarina", "en")
    async with deliveries(telegram, httpx.AsyncClient(transport=place.transport)):
        asked = zarina.says("/help")
        await telegram.until(lambda: telegram.updates.webhook and telegram.updates.webhook.error)
        async with database.transaction() as session:
            await session.execute(text("ALTER TABLE gone RENAME TO updates"))
        assert (await telegram.answer(asked)).text
        await telegram.quiet()
    assert set(errors(caplog)) <= {"updates wait, because %s", "Telegram cannot hand over updates to WEBHOOK_URL: %s"}


@BOTH_STORES
async def test_updates_that_are_posted_at_the_same_time_are_kept_in_one_transaction(
    telegram: Telegram, place: Place, database: Database
) -> None:
    inserts = 0
    assert database._engine is not None

    @event.listens_for(database._engine.sync_engine, "before_cursor_execute")
    def count(_1: object, _2: object, statement: str, *_3: object) -> None:
        nonlocal inserts
        inserts += statement.startswith("INSERT INTO updates")

    posts = [an_update(telegram, name=str(one)) for one in range(100)]
    assert set(await asyncio.gather(*map(place.post, posts))) == {200}
    assert inserts <= 5
    await until_done(place.updates)
    assert telegram.count["sendMessage"] == 100


@dataclass(frozen=True, slots=True)
class Forged:
    """Something else in one place of an update."""

    where: tuple[str | int, ...]
    what: Json


NONSENSE: st.SearchStrategy[Json] = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=20)
    | st.sampled_from([[], {}, [[]], {"id": {}}, "\0", "\ud800", 2**63, -(2**70), 10**400, "/help", {"update_id": 1}])
)


def places(value: Json, here: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """All places in an update."""
    below = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    return [here, *(deeper for name, inner in below for deeper in places(inner, (*here, name)))]


def forged(value: Json, where: tuple[str | int, ...], what: Json) -> Json:
    """The same with something else in one place."""
    if not where:
        return what
    first, *rest = where
    if isinstance(value, Mapping):
        return {key: forged(inner, tuple(rest), what) if key == first else inner for key, inner in value.items()}
    assert isinstance(value, list)
    return [forged(inner, tuple(rest), what) if place == first else inner for place, inner in enumerate(value)]


async def test_a_forged_update_breaks_nothing_for_anybody(
    telegram: Telegram, place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    zarina = telegram.person("Zarina", "en")
    group = telegram.group()
    group.admits(zarina)
    zarina.says("/faq visa-extension")
    zarina.says("@rohnamo_bot how do I extend my visa", in_chat=group)
    page = next(iter(telegram.chats[zarina.id].messages.values()))
    zarina.presses_data(page, "t::0")
    zarina.blocks()
    zarina.unblocks()
    real = [json.loads(json.dumps(one)) for one in telegram.updates.pending]
    telegram.updates.pending.clear()
    numbers = iter(range(1_000_000, 2_000_000))

    @settings(max_examples=60, suppress_health_check=list(HealthCheck))
    @given(data=st.data())
    def forge(data: st.DataObject) -> None:
        update = data.draw(st.sampled_from(real))
        many.append(
            forged(
                {**update, "update_id": next(numbers)}, data.draw(st.sampled_from(places(update))), data.draw(NONSENSE)
            )
        )

    many: list[Json] = []
    forge()
    assert set(await asyncio.gather(*map(place.post, many))) == {200}
    await until_done(place.updates, seconds=30)
    assert set(errors(caplog)) <= {UNREADABLE, ASIDE}
    john = telegram.person("John", "en")
    async with deliveries(telegram, httpx.AsyncClient(transport=place.transport)):
        assert (await telegram.answer(john.says("/help"))).text
    telegram.violations.clear()  # what Telegram refuses of it is no fault of ours
