"""What every handler gets: a typed context with the desk."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias

from telegram.ext import Application, CallbackContext

from bot.desk import Desk
from bot.handlers.albums import Albums
from bot.handlers.answering import AnsweringBot
from bot.handlers.bulk import TelegramBulk
from bot.handlers.staffline import TelegramStaff


@dataclass(slots=True)
class Shared:
    """What all updates share. All is set before the first update."""

    desk: Desk | None = None
    staff: TelegramStaff | None = None
    bulk: TelegramBulk | None = None
    albums: Albums = field(default_factory=Albums)
    # What handlers could not deal with, by the number of the update, until `Workers` has looked at it.
    errors: dict[int, Exception] = field(default_factory=dict)


# python-telegram-bot keeps a dictionary a person and a chat; state is in the store and in buttons, so they stay empty.
Nothing: TypeAlias = dict[Any, Any]


class Context(CallbackContext[AnsweringBot, Nothing, Nothing, Shared]):
    """The context of one update."""

    @property
    def desk(self) -> Desk:
        """Where questions are asked."""
        assert self.bot_data.desk is not None
        return self.bot_data.desk


App: TypeAlias = Application[AnsweringBot, Context, Nothing, Nothing, Shared, None]
