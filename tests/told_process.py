"""A process that only tells: what is killed, and what runs twice at once, in tests/test_told_process.py."""

from __future__ import annotations

import asyncio
import logging
import sys
from datetime import datetime
from pathlib import Path

from pydantic import SecretStr

from bot.content.reader import read
from bot.delivery import durable, mailing, notices
from bot.desk import Desk
from bot.handlers.app import build_app
from bot.matching.matcher import Matcher
from bot.pages.voice import load_voices
from bot.settings import Settings
from bot.store.database import Database
from bot.upkeep import upkeep

HOME = Path(__file__).parent.parent


async def main(database: str, telegram: str, token: str, faq: str, now: str, pause: str) -> None:
    """Tell until standard input ends."""
    notices.FIRST_PAUSE = float(pause)
    notices.LOOK = mailing.LOOK = durable.LOOK = 0.02
    content = read(Path(faq)).content
    assert content is not None
    opened = Database(database)
    await opened.open()
    desk = Desk(Matcher(content), load_voices(HOME / "locales"), opened, lambda: datetime.fromisoformat(now))
    settings = Settings(bot_token=SecretStr(token), bot_api_url=f"{telegram}/bot")
    async with build_app(settings, desk), upkeep(desk, database):
        await asyncio.to_thread(sys.stdin.read)
    await opened.close()


if __name__ == "__main__":
    logging.basicConfig(level=logging.ERROR)
    asyncio.run(main(*sys.argv[1:]))
