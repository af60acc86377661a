"""What `python main.py doctor` looks at. Nothing of it changes anything, here or at Telegram."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from bot.checkup import machine, reachable, written
from bot.checkup.setup import Setup
from bot.findings import Check, Found
from bot.settings import Settings
from bot.store import checkup as store

DATABASE = frozenset({"DATABASE_URL", "DATA_DIR"})
PAGE = frozenset({"WEB_HOST", "WEB_PORT"})
TELEGRAM = frozenset({"BOT_TOKEN", "BOT_API_URL", "PROXY_URL"})


def checks(setup: Setup, *, quick: bool) -> Sequence[Check]:
    """All checks, in the order in which they are told; `quick` leaves out Telegram and the public address."""
    made = [Check("program", machine.program), Check("settings", partial(written.settings, setup))]
    if setup.settings is None:
        return made
    return [*made, *_of_this_machine(setup.settings), *(() if quick else _of_the_network(setup.settings))]


def _of_this_machine(settings: Settings) -> Sequence[Check]:
    return (
        Check("content", partial(written.content, settings), frozenset({"FAQ_DIR"})),
        Check("catalogues", partial(written.catalogues, settings), frozenset({"LOCALES_DIR"})),
        Check("embeddings", partial(machine.embeddings, settings)),
        Check("disk", partial(machine.disk, settings), DATABASE),
        Check("database", partial(store.database, settings.database), DATABASE, "see that the database answers"),
        Check("backups", partial(store.backups, settings.database, settings.data_dir / "backups"), DATABASE),
        Check("page", partial(reachable.page, settings), PAGE),
    )


def _of_the_network(settings: Settings) -> Sequence[Check]:
    async def telegram() -> Found:
        # Imported here because it costs 25 MB and half a second, and without a token nobody needs it.
        from bot.handlers import checkup

        return await checkup.telegram(settings)

    if not settings.bot_id:
        return ()
    address = Check(
        "public address", partial(reachable.webhook, settings), frozenset({"WEBHOOK_URL"}), "see the network"
    )
    return [
        Check("telegram", telegram, TELEGRAM, "see the network"),
        *([address] if settings.webhook_url is not None else []),
    ]
