"""Who stands at the desk, and where what they say comes from."""

from __future__ import annotations

from dataclasses import dataclass

from bot.language import Language
from bot.store.conversations import Spot
from bot.store.people import Person


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person as they stand at the desk now, with the language to speak to them."""

    person: Person
    language: Language
    # Whether the language is known (chosen, or told by the channel), not only assumed.
    language_known: bool
    # What they are called in front of staff. It is never kept.
    called: str = ""

    @property
    def author(self) -> str:
        """What staff call one of them: by their username, else by their number; as in `Announcement.author`."""
        return f"@{self.person.username}" if self.person.username else self.person.address.name


@dataclass(frozen=True, slots=True)
class Source:
    """The message that something was said in; `edited` tells one edit of it from another.

    Only what is said in `private` can be for the staff: in a group others would be passed on, too.
    """

    spot: Spot | None = None
    edited: int | None = None
    private: bool = True

    @property
    def key(self) -> str | None:
        """The same for a message that comes twice."""
        if self.spot is None:
            return None
        key = f"{self.spot.chat}:{self.spot.message}"
        return key if self.edited is None else f"{key}:{self.edited}"
