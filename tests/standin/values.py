"""The small values that pass between the rooms of the stand-in.

RefusedError      Telegram says no: a status and a description
└ ViolationError  the request could never be right: the bot is wrong, or the stand-in does not know the thing yet
DroppedError      there is no answer at all: the connection broke
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

Json: TypeAlias = bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"] | None
Object: TypeAlias = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with a request."""

    name: str
    content: bytes
    mime: str = "application/octet-stream"


Value: TypeAlias = Json | Upload
Parameters: TypeAlias = Mapping[str, Value]


class RefusedError(Exception):
    """Telegram's "no", with the description that it sends, and what helps: waiting, or another chat."""

    def __init__(
        self, status: int, description: str, retry_after: int | None = None, migrate_to: int | None = None
    ) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.retry_after = retry_after
        self.migrate_to = migrate_to

    def answer(self) -> dict[str, Json]:
        """The body of the answer."""
        body: dict[str, Json] = {"ok": False, "error_code": self.status, "description": self.description}
        helps = {"retry_after": self.retry_after, "migrate_to_chat_id": self.migrate_to}
        known: dict[str, Json] = {name: value for name, value in helps.items() if value is not None}
        return {**body, "parameters": known} if known else body


class ViolationError(RefusedError):
    """A request that no bot may send, whatever the state of the chat."""


class DroppedError(Exception):
    """The connection breaks instead of an answer."""


@dataclass(frozen=True, slots=True)
class Call:
    """One answered call; `status` 0 means that the answer never reached the bot."""

    method: str
    params: Parameters
    status: int
    result: Json
    description: str = ""


def bad(description: str) -> RefusedError:
    """The usual refusal."""
    return RefusedError(400, f"Bad Request: {description}")
