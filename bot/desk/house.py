"""The rules of the house."""

from __future__ import annotations

from dataclasses import dataclass

from bot.desk.pace import PER_SECOND
from bot.language import Language

# The channel whose people can be written to, and the one whose visitors find what is new when they come again.
TELEGRAM, WEB = "telegram", "web"


@dataclass(frozen=True, slots=True)
class House:
    """What the administrator has settled about staff and memory."""

    admins: frozenset[int] = frozenset()
    # The days for which the words of a question are kept.
    keep_days: int = 180
    # Messages that one person, and all people behind one internet address, may write in a minute.
    per_person: int = 20
    per_address: int = 200
    # Of these, visitors who have not been there before, each of whom gets a row in the database.
    new_per_address: int = 100
    # Below the twenty messages a minute that Telegram takes into a group: who waited for that would have a turn of all.
    per_group: int = 15
    # The language of what is posted in the staff group.
    staff_language: Language = Language.EN
    # Messages a second that people get unasked, over all of them.
    per_second: float = PER_SECOND

    def behind(self, internet_address: str, *, new: bool) -> list[tuple[str, int]]:
        """What limits all people behind an internet address, as keys with a burst; `new` for who was never there."""
        keys = [(f"address:{internet_address}", self.per_address)]
        return [*keys, (f"new:{internet_address}", self.new_per_address)] if new else keys
