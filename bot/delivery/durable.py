"""DBOS Transact: workflows whose steps are written down, so that a crash in the middle costs nothing.

Beside the store it keeps a database of its own: a file next to a SQLite store, the schema `dbos` within PostgreSQL. It
only ever sees numbers of rows, never what somebody wrote or who they are.

It lives in threads of its own and must not meet our event loop: it would put a pool of its own in the place of the
loop's, and take that away with it when it stops. `in_our_loop` is the way back.
"""

from __future__ import annotations

import asyncio
import logging
import warnings
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from dbos import DBOS, DBOSConfig

from bot.store.database import in_words, workflows_address

Result = TypeVar("Result")

# A release that changes a workflow's steps counts up, and keeps the old steps for what is under way.
WORKFLOWS = "1"
# What it is called in the words of an administrator, who may help themselves.
BOOKS = "the database of the durable workflows (a file workflows.db may be deleted: what there is to do begins anew)"
# The ends of a workflow, and so many of them are deleted in one step.
ENDED = ["SUCCESS", "ERROR", "CANCELLED"]
AT_ONCE = 500
# Seconds between two looks for what workflows say to each other. Ours say nothing; stopping waits for the last look.
LOOK = 1.0


@asynccontextmanager
async def durable(database: str) -> AsyncIterator[None]:
    """DBOS, for as long as the block runs. Workflows have to be registered before; what was under way goes on.

    Raises StoreError.
    """
    await asyncio.to_thread(_launch, workflows_address(database))
    try:
        yield
    finally:
        await asyncio.to_thread(_stop)


def _launch(database: str) -> None:
    config: DBOSConfig = {
        "name": "rohnamo",
        "system_database_url": database,
        "application_version": WORKFLOWS,
        "notification_listener_polling_interval_sec": LOOK,
        # Else a thread wakes a hundred times a second, and each time takes the interpreter from who answers.
        "notification_coalesce_sec": LOOK,
        "console_log_level": "ERROR",
        "log_level": "ERROR",
    }
    with in_words(BOOKS):
        DBOS(config=config)
        _log_as_we_do()
        DBOS.launch()
    logging.getLogger("dbos").setLevel(logging.ERROR)


def _stop() -> None:
    # A workflow that was about to begin finds its threads gone, which is no error: it begins after the next start.
    logging.getLogger("dbos").setLevel(logging.CRITICAL)
    # DBOS drops such a workflow's coroutine, and Python would print a warning about that.
    warnings.filterwarnings("ignore", r"coroutine 'execute_dequeued_workflow", RuntimeWarning)
    DBOS.destroy(workflow_completion_timeout_sec=0, destroy_registry=True)


async def tidy(age: timedelta) -> None:
    """Delete the workflows that ended so long ago, which nobody asks for any more."""
    await asyncio.to_thread(_tidy, (datetime.now(UTC) - age).isoformat())


def _tidy(before: str) -> None:
    while ended := DBOS.list_workflows(
        status=ENDED, completed_before=before, limit=AT_ONCE, load_input=False, load_output=False
    ):
        DBOS.delete_workflows([one.workflow_id for one in ended])


def _log_as_we_do() -> None:
    """DBOS would write past our formatter, which hides secrets. What it tries again, we tell ourselves."""
    logger = logging.getLogger("dbos")
    logger.handlers.clear()
    logger.propagate = True
    logger.setLevel(logging.CRITICAL)  # what keeps it from beginning, we tell


async def in_our_loop(loop: asyncio.AbstractEventLoop, deed: Coroutine[Any, Any, Result]) -> Result:
    """Do something in the event loop of the program, where its connections are, and wait for it in a workflow."""
    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(deed, loop))
