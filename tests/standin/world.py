"""The state of a little Telegram, and the few acts that everything else is made of."""

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count

from aiogram.types import Update

from . import schema
from .chats import ANONYMOUS, Chat, File, Message
from .updates import Updates
from .values import Json, Object, RefusedError, bad

UPGRADED = "group chat was upgraded to a supergroup chat"
TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


@dataclass(slots=True, eq=False)
class Press:
    """A pressed button, and what the bot answered to it."""

    id: str
    answered: bool = False
    text: str = ""
    alert: bool = False
    url: str = ""
    too_old: bool = False

    @property
    def alert_text(self) -> str:
        """The words in the window that the person has to close, "" if none has come up."""
        return self.text if self.alert else ""

    @property
    def notice(self) -> str:
        """The words that the person sees for a moment, "" if there are none."""
        return "" if self.alert else self.text

    def expire(self) -> None:
        """From now on answers come too late."""
        self.too_old = True


@dataclass(slots=True, eq=False)
class Ask:
    """An inline query, and the results that the bot gave."""

    id: str
    query: str
    language: str
    results: list[Object] = field(default_factory=list)
    answered: bool = False
    from_cache: bool = False
    personal: bool = False
    too_old: bool = False


@dataclass(slots=True)
class Profile:
    """What the bot told about itself, by language; commands by scope and language."""

    texts: dict[tuple[str, str], str] = field(default_factory=dict)
    commands: dict[tuple[str, str], list[Object]] = field(default_factory=dict)
    menu_buttons: dict[int, Object] = field(default_factory=dict)


class World:
    """Chats, messages, files, presses, and the updates that wait."""

    def __init__(self, token: str = "42:standin", clock: Callable[[], float] = time.time) -> None:
        self.token = token
        self.clock = clock
        self.bot: dict[str, Json] = {"id": int(token.split(":")[0]), "is_bot": True}
        self.bot |= {"first_name": "Rohnamo", "username": "rohnamo_bot"}
        self.chats: dict[int, Chat] = {}
        self.files: dict[str, File] = {}
        self.presses: dict[str, Press] = {}
        self.asks: dict[str, Ask] = {}
        self.inline_cache: dict[str, tuple[float, Ask]] = {}
        self.profile = Profile()
        self.updates = Updates()
        self.news = asyncio.Event()
        self.numbers: Iterator[int] = count(1)
        self.private_ids: Iterator[int] = count(101)
        self.group_ids: Iterator[int] = count(1_000_000_000_001)
        self.last_update: Object | None = None
        self._update_ids: Iterator[int] = count(700_000_001)

    @property
    def now(self) -> int:
        """Unix time in seconds."""
        return int(self.clock())

    def open_chat(self, chat_id: int | None) -> Chat:
        """The chat, if the bot may write there."""
        chat = self.find_chat(chat_id)
        if chat.migrated_to:
            raise RefusedError(400, f"Bad Request: {UPGRADED}", migrate_to=chat.migrated_to)
        if chat.closed:
            raise RefusedError(403, f"Forbidden: {chat.closed}")
        return chat

    def find_chat(self, chat_id: int | None) -> Chat:
        """The chat with this id, whether or not the bot may write there."""
        chat = self.chats.get(chat_id or 0)
        if not chat:
            raise bad("chat not found")
        return chat

    def find_message(self, chat: Chat, message_id: int | None, purpose: str) -> Message:
        """The message, or the refusal "message to edit not found"."""
        message = chat.messages.get(message_id or 0)
        if not message:
            raise bad(f"message to {purpose} not found")
        return message

    def keep(self, message: Message) -> Message:
        """Put a message into its chat."""
        message.chat.messages[message.id] = message
        return message

    def remove(self, message: Message) -> None:
        """Take a message out of its chat."""
        del message.chat.messages[message.id]
        message.deleted = True

    def announce(
        self, chat: Chat, by: Object, service: Object, topic: int | None = None, message_id: int | None = None
    ) -> None:
        """Put a service message into a chat; the bot hears of every one, even of its own deeds."""
        message = Message(chat, message_id or next(chat.ids), self.now, by, topic=topic, service=service)
        message.sender_chat = chat if by == ANONYMOUS else None
        self.keep(message)
        if not chat.closed:
            self.push("message", message.to_json())

    def store(self, kind: str, name: str, content: bytes, mime: str, shape: Object) -> File:
        """Store a file."""
        file = File(kind, f"file{next(self.numbers)}", name, content, mime, shape)
        self.files[file.id] = file
        return file

    def download(self, path: str) -> bytes | None:
        """The content of the file at this path, None if there is none."""
        file = self.files.get(path.rpartition("/")[2])
        return file.content if file and file.path == path else None

    def push(self, kind: str, payload: Object) -> Object | None:
        """Let something happen: the update waits for the bot, if it asked for this kind."""
        update: dict[str, Json] = {"update_id": next(self._update_ids), kind: payload}
        problems = schema.check("Update", update, "update")
        assert not problems, problems
        Update.model_validate(update)
        if not self.updates.wants(kind):
            return None
        self.last_update = update
        self.push_raw(update)
        return update

    def wake(self) -> None:
        """Let those who wait for something look again."""
        news, self.news = self.news, asyncio.Event()
        news.set()

    def push_raw(self, update: Object) -> None:
        """Queue an update as it is: one that comes twice, or a poisonous one."""
        self.updates.push(update)
