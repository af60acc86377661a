"""What others post to the webhook: it is taken from Telegram alone, and nothing that is posted breaks anything."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import AsyncIterator, Mapping

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.types import Message, Receive

from bot.desk import Desk
from bot.handlers import receiving, webhook
from bot.web import webhook as page
from bot.web.webhook import MAX_BODY
from tests.hurry import ASIDE, UNREADABLE, errors, hurry
from tests.posting import SHOWN, TOKEN, Place, an_update, at_work, placed
from tests.standin.telegram import Telegram
from tests.standin.values import Json
from tests.standin.webhook import SECRET, deliveries
from tests.telegram_bot import until_done


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch)
    monkeypatch.setattr(webhook, "LOOK", 0.02)


@pytest.fixture
async def place(telegram: Telegram, desk: Desk) -> AsyncIterator[Place]:
    """The server with the bot at work."""
    async with placed(telegram, desk) as made, at_work(telegram, desk, made):
        yield made


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


@pytest.mark.parametrize("coding", ["ascii", "utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("escaped", [True, False])
def test_whatever_an_update_is_coded_in_it_is_kept_as_text_without_nul(coding: str, escaped: bool) -> None:
    told = {"update_id": 7, "message": {"chat": {"id": 5}, "text": "visa" if coding == "ascii" else "роҳнамо 🙂"}}
    body = json.dumps(told, ensure_ascii=escaped).encode(coding)
    kept = receiving.posted(body)
    assert (kept.number, kept.chat) == (7, "5")
    assert json.loads(kept.body) == told
    assert kept.body.isascii()
    assert "\0" not in kept.body


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH"])
async def test_updates_are_posted_and_nothing_else(place: Place, method: str) -> None:
    answer = await place.client.request(method, "/telegram", headers=SHOWN)
    assert answer.status_code == 405


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

    @settings(max_examples=40, suppress_health_check=list(HealthCheck))
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
