"""What load balancers, Prometheus and people on call are told, over real HTTP; and what strangers are not."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import httpx
import psycopg
import pytest
from sqlalchemy import make_url

from bot.desk import Desk
from bot.desk.condition import Condition
from bot.service import Reloader
from bot.settings import Settings
from bot.web import health
from bot.web.app import build_web
from tests.conftest import NOW
from tests.postgres import BOTH_STORES, Postgres
from tests.staff import Staff
from tests.standin.http import running
from tests.test_service import service, told

Gone = Callable[[], AbstractContextManager[None]]


@pytest.fixture
def condition() -> Condition:
    return Condition(lambda: NOW)


@pytest.fixture
async def machine(desk: Desk, condition: Condition) -> AsyncIterator[httpx.AsyncClient]:
    """A machine of the same network, which asks the process directly."""
    async with running(build_web(desk, condition)) as address, httpx.AsyncClient(base_url=address) as client:
        yield client


async def counted(machine: httpx.AsyncClient, *lines: str) -> bool:
    """Whether these lines are in what is counted."""
    return {*lines} <= {*(await machine.get("/metrics")).raise_for_status().text.splitlines()}


async def test_the_process_lives(machine: httpx.AsyncClient) -> None:
    alive = await machine.get("/healthz")
    assert (alive.status_code, alive.text) == (200, "ok")


@BOTH_STORES
async def test_a_process_that_can_serve_is_ready_and_says_with_what(machine: httpx.AsyncClient, desk: Desk) -> None:
    ready = await machine.get("/readyz")
    assert ready.status_code == 200
    assert ready.json() == {
        "status": "ready",
        "stopping": False,
        "database": {"fault": ""},
        "content": {"version": desk.content.version, "entries": len(desk.content.entries), "reload_fault": ""},
        "telegram": {"way": "off", "since": None, "fault": ""},
    }


# The database


@pytest.fixture
def gone(store_kind: str, database_address: str, request: pytest.FixtureRequest) -> Gone:
    """What takes the database away for a while."""
    if store_kind == "sqlite":
        return lambda: _moved(file_of(database_address))
    postgres: Postgres = request.getfixturevalue("postgres")
    return lambda: _refused(postgres, str(make_url(database_address).database))


def file_of(address: str) -> Path:
    return Path(str(make_url(address).database))


@contextmanager
def _moved(file: Path) -> Iterator[None]:
    """Somebody takes the file away; for SQLite itself it would still be there."""
    away = file.rename(file.with_suffix(".away"))
    yield
    away.rename(file)


@contextmanager
def _refused(server: Postgres, name: str) -> Iterator[None]:
    """The server throws everybody out and lets nobody in."""
    server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    server.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    yield
    server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


@BOTH_STORES
async def test_without_its_database_it_is_unready_until_that_is_back(
    machine: httpx.AsyncClient, gone: Gone, caplog: pytest.LogCaptureFixture
) -> None:
    with gone():
        unready = await machine.get("/readyz")
        assert (unready.status_code, unready.json()["status"]) == (503, "unready")
        assert re.search(r"is not there any more|cannot be used", unready.json()["database"]["fault"])
        assert (await machine.get("/healthz")).status_code == 200
        assert await counted(machine, "rohnamo_ready 0.0", "rohnamo_database_up 0.0")
    assert (await machine.get("/readyz")).status_code == 200
    assert await counted(machine, "rohnamo_ready 1.0", "rohnamo_database_up 1.0")
    assert [record for record in caplog.records if record.levelno >= logging.INFO and record.name != "httpx"] == []


async def test_a_damaged_file_is_noticed(machine: httpx.AsyncClient, database_address: str) -> None:
    file_of(database_address).write_bytes(b"This is no database. " * 10_000)
    unready = await machine.get("/readyz")
    assert (unready.status_code, "damaged" in unready.json()["database"]["fault"]) == (503, True)


@pytest.mark.parametrize("store_kind", ["postgresql"])
async def test_a_database_that_hangs_is_asked_once_however_many_want_to_know(
    machine: httpx.AsyncClient, desk: Desk, postgres: Postgres, database_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "PATIENCE", 0.1)
    name = str(make_url(database_address).database)
    with psycopg.connect(host=str(postgres.folder), user="postgres", dbname=name) as somebody:
        somebody.execute("LOCK TABLE notes")
        probes = await asyncio.gather(*(machine.get(path) for path in ("/readyz", "/readyz", "/metrics", "/readyz")))
        assert [probe.status_code for probe in probes] == [503, 503, 200, 503]
        assert probes[0].json()["database"]["fault"] == "it does not answer within 0.1 s"
        assert somebody.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone() == (1,)
    assert await desk.notes.read("anything") is None
    assert (await machine.get("/readyz")).status_code == 200


# Telegram and the end


async def test_without_telegram_it_is_degraded_but_still_ready_because_the_page_goes_on(
    machine: httpx.AsyncClient, condition: Condition
) -> None:
    condition.begins("polling")
    seen = [(await machine.get("/readyz")).json()]
    condition.reached()
    seen.append((await machine.get("/readyz")).json())
    condition.lost("TimedOut")
    condition.lost("NetworkError")
    away = await machine.get("/readyz")
    assert [one["status"] for one in (*seen, away.json())] == ["degraded", "ready", "degraded"]
    assert away.status_code == 200
    assert away.json()["telegram"] == {"way": "polling", "since": NOW.isoformat(), "fault": "NetworkError"}
    assert await counted(machine, "rohnamo_telegram_up 0.0")
    assert "Rohnamo" in (await machine.get("/")).text


async def test_since_when_telegram_is_away_is_told_from_the_first_failure() -> None:
    moments = iter(range(1, 9))
    condition = Condition(lambda: NOW.replace(minute=next(moments)))
    for tell in (condition.reached, condition.reached, lambda: condition.lost("a"), lambda: condition.lost("b")):
        tell()
    assert (condition.telegram_since, condition.telegram_error) == (NOW.replace(minute=2), "b")
    condition.update_came()
    assert (condition.telegram_since, condition.telegram_error) == (NOW.replace(minute=3), "")


async def test_who_is_being_stopped_gets_nothing_new(machine: httpx.AsyncClient, condition: Condition) -> None:
    condition.stopping = True
    leaving = await machine.get("/readyz")
    assert (leaving.status_code, leaving.json()["stopping"]) == (503, True)
    assert (await machine.get("/healthz")).status_code == 200
    assert await counted(machine, "rohnamo_ready 0.0")


# Strangers


PROXIES = {
    "X-Forwarded-For": "203.0.113.7",
    "x-forwarded-proto": "https",
    "X-Forwarded-Anything": "",
    "Forwarded": "for=203.0.113.7",
    "Via": "1.1 Caddy",
    "X-Real-IP": "203.0.113.7",
}


@pytest.mark.parametrize("header", PROXIES)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_what_came_through_a_proxy_sees_only_that_the_process_lives(
    machine: httpx.AsyncClient, header: str, method: str
) -> None:
    sent = {header: PROXIES[header]}
    asked = [await machine.request(method, path, headers=sent) for path in ("/readyz", "/metrics", "/healthz")]
    assert [one.status_code for one in asked] == [404, 404, 200]
    assert asked[0].text == asked[1].text == (await machine.request(method, "/nowhere", headers=sent)).text


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
async def test_machines_get_no_cookie_and_nobody_keeps_what_they_are_told(
    machine: httpx.AsyncClient, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "bot")
    told = await machine.get(path, headers={"Cookie": f"visitor={'0' * 32}"})
    assert "set-cookie" not in told.headers
    assert told.headers["cache-control"] == "private, no-cache"
    assert (await machine.post(path)).status_code == 405
    assert [record for record in caplog.records if record.name.startswith("bot")] == []


# The content


async def test_a_mistake_in_the_content_is_told_until_it_is_mended(
    machine: httpx.AsyncClient, desk: Desk, condition: Condition, staff: Staff
) -> None:
    reload = Reloader(desk, condition)
    await reload(staff.reading())
    staff.changes("visa.yaml", "    answer:", "    anser:")
    await reload(staff.reading())
    degraded = await machine.get("/readyz")
    assert (degraded.status_code, degraded.json()["status"]) == (200, "degraded")
    assert "visa.yaml:10:5: error: the key “anser” is not known" in degraded.json()["content"]["reload_fault"]
    assert degraded.json()["content"]["entries"] == 1
    assert await counted(machine, "rohnamo_reload_error 1.0")
    staff.changes("visa.yaml", "    anser:", "    answer:")
    await reload(staff.reading())
    assert (await machine.get("/readyz")).json()["status"] == "ready"
    assert await counted(machine, "rohnamo_reload_error 0.0")


async def test_the_running_service_tells_the_same(staff: Staff, tmp_path: Path) -> None:
    settings = Settings(faq_dir=staff.folder, data_dir=tmp_path / "data", web_port=0)
    async with service(settings) as neighbour:
        version = (await neighbour.get("/readyz")).raise_for_status().json()["content"]["version"]
        assert f'rohnamo_content_info{{version="{version}"}} 1.0' in (await neighbour.get("/metrics")).text
        with told("the old one stays live") as line:
            staff.changes("visa.yaml", "    answer:", "    anser:")
            await line
        assert "“anser”" in (await neighbour.get("/readyz")).json()["content"]["reload_fault"]
        # The server itself takes the header off the address of the client, but not out of the request.
        stranger = await neighbour.get("/metrics", headers={"X-Forwarded-For": "203.0.113.7"})
        assert stranger.status_code == 404
