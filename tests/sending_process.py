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
from bot.handlers import network, polling, reach, running, worker
from bot.service import serve
from bot.settings import Settings
from bot.store import updates

# Modules are loaded once, in the process of which all others are forks.
FORKS = get_context("forkserver")
FORKS.set_forkserver_preload([__name__, "bot.handlers.polling", "uvicorn.protocols.http.h11_impl"])


@dataclass(frozen=True, slots=True)
class Service:
    """What a service is started with. `log` is a file for all that it says.

    `lease` are the seconds after which it is taken for dead; `patience` those for which it waits for Telegram.
    """

    database: str
    faq: Path
    telegram: str
    token: str
    admin: int
    per_second: float
    lease: float
    log: Path
    patience: float = 20.0
    webhook: str | None = None

    def start(self, port: int = 0) -> ForkServerProcess:
        """A process that runs until it is stopped or killed, with its web page on a port, or on any."""
        process = FORKS.Process(target=_run, args=(self, port), daemon=True)
        process.start()
        return process


def _run(service: Service, port: int) -> None:
    log = os.open(service.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s")
    _hurry(service.lease)
    _hurry_to_answer(service.lease, service.patience)
    settings = Settings(
        bot_token=SecretStr(service.token),
        bot_api_url=service.telegram,
        admin_ids=frozenset({service.admin}),
        database_url=SecretStr(service.database),
        faq_dir=service.faq,
        data_dir=service.faq.parent / "data",
        web_port=port,
        webhook_url=service.webhook,
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


def _hurry_to_answer(lease: float, patience: float) -> None:
    updates.CLAIM = lease
    worker.RENEW, worker.LOOK, worker.AFTER_FAULT = lease / 4, 0.1, 0.05
    # A tenth of the pauses, and ten times the attempts.
    worker.UNLUCKY_ATTEMPTS *= 10
    for module in (reach, worker):
        vars(module).update(FIRST_PAUSE=0.1, LONGEST_PAUSE=0.5)
    worker.LONGEST_STORE_PAUSE = 0.5
    polling.HOLD, polling.ON_THE_WAY, polling.STAND_BY = 1, patience, 0.1
    vars(running).update(DUTY_SECONDS=1 + lease)
    network.READ_SECONDS = patience
