"""The whole service in a process of its own, in a hurry: what tests/chaos.py kills."""

from __future__ import annotations

import asyncio
import logging
import os
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from pydantic import SecretStr

from bot import upkeep
from bot.delivery import durable, handing, mailing, notices, outage, progress, sender
from bot.handlers import polling
from bot.service import serve
from bot.settings import Settings

# Modules are loaded once, in the process of which all others are forks.
FORKS = get_context("forkserver")
FORKS.set_forkserver_preload([__name__, "bot.handlers.polling", "uvicorn.protocols.http.h11_impl"])


@dataclass(frozen=True, slots=True)
class Service:
    """What a service is started with. `lease` are seconds, `log` is a file for all that it says."""

    database: str
    faq: Path
    telegram: str
    token: str
    admin: int
    per_second: float
    lease: float
    log: Path

    def start(self) -> ForkServerProcess:
        """A process that runs until it is stopped or killed."""
        process = FORKS.Process(target=_run, args=(self,), daemon=True)
        process.start()
        return process


def _run(service: Service) -> None:
    log = os.open(service.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s")
    _hurry(service.lease)
    settings = Settings(
        bot_token=SecretStr(service.token),
        bot_api_url=service.telegram,
        admin_ids=frozenset({service.admin}),
        database_url=SecretStr(service.database),
        faq_dir=service.faq,
        data_dir=service.faq.parent / "data",
        web_port=0,
        semantic="off",
        announce_per_second=service.per_second,
    )
    asyncio.run(serve(settings, lambda address: None))


def _hurry(lease: float) -> None:
    """Nothing waits for seconds."""
    sender.LEASE = timedelta(seconds=lease)
    sender.BEAT, sender.LOOK, sender.STEP, sender.STORE_PAUSE = lease / 4, 0.3, 2.0, 0.1
    for module in (handing, outage):
        vars(module).update(FIRST_PAUSE=0.1, LONGEST_PAUSE=0.5)
    upkeep.ROUND = 0.2
    durable.LOOK = notices.LOOK = mailing.LOOK = 0.05
    mailing.AGAIN = 1
    progress.PAUSE = 0.3
    polling.FIRST_PAUSE = 0.1
