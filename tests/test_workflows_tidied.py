"""Workflows that ended long ago are not kept for ever."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from dbos import DBOS

from bot.delivery.durable import tidy
from tests.office import Office
from tests.postgres import BOTH_STORES
from tests.standin.telegram import Telegram
from tests.told import asks_in_vain, becomes_known, ended, kept_up

pytestmark = pytest.mark.usefixtures("hurry")


@pytest.fixture
def database_address(address_with_queue: str) -> str:
    return address_with_queue


@BOTH_STORES
async def test_what_ended_long_ago_is_deleted_and_nothing_else(
    telegram: Telegram, office: Office, database_address: str
) -> None:
    number = await asks_in_vain(office, telegram.person("Zarina", "en"))
    await becomes_known(office, number)
    async with kept_up(office.desk, database_address) as keeping:
        await keeping.round()
        await ended(number)
        await tidy(timedelta(days=7))
        assert len(await asyncio.to_thread(DBOS.list_workflows)) == 1
        await tidy(timedelta(minutes=-1))
        assert await asyncio.to_thread(DBOS.list_workflows) == []
