"""DBOS Transact: workflows whose steps are written down, so that a crash in the middle costs nothing.

Beside the store it keeps a database of its own: a file next to a SQLite store, the schema `dbos` within PostgreSQL. It
only ever sees numbers of rows, never what somebody wrote or who they are.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from dbos import DBOS, DBOSConfig

from bot.store.database import workflows_address

# A release that changes a workflow's steps counts up, and keeps the old steps for what is under way.
WORKFLOWS = "1"


@asynccontextmanager
async def durable(database: str) -> AsyncIterator[None]:
    """DBOS, for as long as the block runs. Workflows have to be registered before; what was under way goes on."""
    config: DBOSConfig = {
        "name": "rohnamo",
        "system_database_url": workflows_address(database),
        "application_version": WORKFLOWS,
        "console_log_level": "ERROR",
        "log_level": "ERROR",
    }
    DBOS(config=config)
    logging.getLogger("dbos").setLevel(logging.ERROR)
    DBOS.launch()
    try:
        yield
    finally:
        await asyncio.to_thread(DBOS.destroy, workflow_completion_timeout_sec=0, destroy_registry=True)
