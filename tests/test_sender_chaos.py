"""Sending by real services that are killed, stopped and cut off: nobody is lost, hardly anybody has it twice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from tests.chaos import Chaos, Seen, chaos
from tests.postgres import BOTH_STORES

PEOPLE, IN_HAND = 80, 8
# Two processes must not take a busy machine for a dead one.
LEASES = {"sqlite": 0.7, "postgresql": 1.2}
PROCESSES = {"sqlite": 1, "postgresql": 2}


@pytest.fixture
def database_address(address_with_queue: str) -> str:
    return address_with_queue


@pytest.fixture
async def services(store_kind: str, database_address: str, tmp_path: Path) -> AsyncIterator[Chaos]:
    how = (PEOPLE, PROCESSES[store_kind], LEASES[store_kind])
    async with chaos(database_address, tmp_path, *how, seed=5) as made:
        yield made


@BOTH_STORES
async def test_killed_while_it_is_sent_corrected_and_recalled_nobody_is_lost(services: Chaos) -> None:
    number = await services.announced()
    await services.goes_on(number, 0, services.killed)
    sent = await services.seen(number)
    since = len(services.telegram.calls)
    await services.corrected(number)
    await services.goes_on(number, since, services.killed)
    corrected = await services.seen(number)
    since = len(services.telegram.calls)
    await services.recalled(number)
    await services.goes_on(number, since, services.killed)
    recalled = await services.seen(number)
    assert (sent.recipients, sent.lost, corrected.lost, recalled.lost) == (PEOPLE, 0, 0, 0)
    assert sent.twice <= sent.uncertain <= IN_HAND
    assert sent.uncertain == corrected.uncertain == recalled.uncertain, "to change a copy twice is no harm"


@BOTH_STORES
async def test_a_new_release_in_the_middle_leaves_nobody_in_doubt(services: Chaos) -> None:
    number = await services.announced()
    await services.goes_on(number, 0, services.stopped)
    assert await services.seen(number) == Seen(PEOPLE, 0, 0, 0)


@pytest.mark.parametrize("store_kind", ["postgresql"])
async def test_a_lost_connection_to_the_database_loses_nobody(services: Chaos, database_address: str) -> None:
    number = await services.announced()

    async def cut_off() -> None:
        url = make_url(database_address).set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(url, autocommit=True) as server:
            all_others = "datname = current_database() AND pid <> pg_backend_pid()"
            server.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {all_others}".encode())

    await services.goes_on(number, 0, cut_off, cut_off)
    seen = await services.seen(number)
    assert (seen.twice, seen.lost) == (0, 0)
