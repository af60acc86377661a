"""What a chat holds: messages as people see them, files, members, topics."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from .arguments import objects, word
from .entities import to_html
from .values import Json, Object

STICKER: Object = {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False}
CAPTIONED = frozenset({"document", "photo", "voice"})
ANONYMOUS: Object = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
LEADERS = frozenset({"creator", "administrator"})


@dataclass(frozen=True, slots=True)
class File:
    """A stored file; `shape` is what only its kind has (width, duration, emoji)."""

    kind: str
    id: str
    name: str
    content: bytes
    mime: str
    shape: Object

    @property
    def path(self) -> str:
        """Where it is downloaded, below /file/bot<token>/."""
        return f"{self.kind}s/{self.id}"

    def facts(self) -> dict[str, Json]:
        """What Telegram tells of every file."""
        return {"file_id": self.id, "file_unique_id": f"u{self.id}", "file_size": len(self.content)}

    def to_json(self) -> Json:
        """The file inside a message: a photo is a list of its sizes."""
        if self.kind == "photo":
            return [{**self.facts(), **self.shape}]
        named = {"file_name": self.name, "mime_type": self.mime} if self.kind == "document" else {}
        return {**self.facts(), **named, **self.shape}


@dataclass(slots=True, eq=False)
class Chat:
    """One chat: the private one with a person, or a group."""

    id: int
    kind: str
    names: Object
    ids: Iterator[int]
    is_forum: bool = False
    closed: str = ""  # why the bot may not write here: the description of the 403
    migrated_to: int | None = None
    bot_status: str = "member"
    denied: frozenset[str] = frozenset()  # rights that the bot has not, though it is administrator
    messages: "dict[int, Message]" = field(default_factory=dict)
    topics: dict[int, str] = field(default_factory=dict)
    closed_topics: set[int] = field(default_factory=set)
    members: dict[int, tuple[Object, str]] = field(default_factory=dict)
    keyboard: Object | None = None

    @property
    def is_private(self) -> bool:
        """Whether it is the chat with one person."""
        return self.kind == "private"

    @property
    def instance(self) -> str:
        """`chat_instance`: the same for all presses in this chat."""
        return str(0x5EED_0000_0000 ^ abs(self.id))

    def bot_may(self, right: str) -> bool:
        """Whether the bot is an administrator with this right, e.g. "can_manage_topics"."""
        return self.bot_status == "administrator" and right not in self.denied

    def is_led_by(self, user_id: int) -> bool:
        """Whether this member is an administrator, or the owner."""
        return user_id in self.members and self.members[user_id][1] in LEADERS

    def to_json(self) -> dict[str, Json]:
        """The chat inside messages and updates."""
        forum: dict[str, Json] = {"is_forum": True} if self.is_forum else {}
        return {"id": self.id, "type": self.kind, **self.names, **forum}


@dataclass(slots=True, eq=False)
class Message:
    """A message as it is now: edits change it, `deleted` tells that nobody sees it any more."""

    chat: Chat
    id: int
    date: int
    sender: Object
    text: str = ""
    entities: Sequence[Object] = ()
    markup: Object | None = None
    interface: Object | None = None  # what stands in place of the person's keyboard: other keys, or a forced reply
    sender_chat: Chat | None = None
    service: Object = field(default_factory=dict)
    media: Object = field(default_factory=dict)
    file: File | None = None
    reply_to: "Message | None" = None
    origin: Object | None = None
    topic: int | None = None
    edited: int | None = None
    deleted: bool = False
    reactions: Sequence[str] = ()

    @property
    def from_bot(self) -> bool:
        """Whether the bot sent it."""
        return self.sender["is_bot"] is True and self.sender["id"] != ANONYMOUS["id"]

    @property
    def force_reply(self) -> Object | None:
        """The ForceReply that was sent along: the person's next words are to be a reply to this message."""
        return self.interface if self.interface and "force_reply" in self.interface else None

    @property
    def html(self) -> str:
        """The text or caption with its formatting."""
        return to_html(self.text, self.entities)

    @property
    def has_media(self) -> bool:
        """Whether the text is a caption."""
        return bool(self.media or self.file)

    @property
    def takes_caption(self) -> bool:
        """Whether words can stand under it."""
        return self.file is not None and self.file.kind in CAPTIONED

    @property
    def rows(self) -> list[list[Object]]:
        """The buttons under the message, row by row."""
        rows = self.markup["inline_keyboard"] if self.markup else []
        return [objects(row) for row in rows] if isinstance(rows, Sequence) else []

    @property
    def buttons(self) -> list[list[str]]:
        """The labels of the buttons, row by row."""
        return [[word(button, "text") for button in row] for row in self.rows]

    @property
    def document(self) -> File | None:
        """The document, if it is one."""
        return self.file if self.file and self.file.kind == "document" else None

    @property
    def photo(self) -> File | None:
        """The picture, if it is one."""
        return self.file if self.file and self.file.kind == "photo" else None

    @property
    def voice(self) -> File | None:
        """The voice message, if it is one."""
        return self.file if self.file and self.file.kind == "voice" else None

    @property
    def sticker(self) -> File | None:
        """The sticker, if it is one."""
        return self.file if self.file and self.file.kind == "sticker" else None

    def to_json(self, *, nested: bool = False) -> dict[str, Json]:
        """The Message object; inside another one it does not tell what it replies to."""
        made: dict[str, Json] = {"message_id": self.id, "date": self.date, "chat": self.chat.to_json()}
        made |= {"from": self.sender, **self.service, **self.media, **self._words()}
        made |= {"sender_chat": self.sender_chat.to_json()} if self.sender_chat else {}
        made |= {self.file.kind: self.file.to_json()} if self.file else {}
        made |= {"reply_markup": self.markup} if self.markup else {}
        made |= {"edit_date": self.edited} if self.edited else {}
        made |= {"forward_origin": self.origin} if self.origin else {}
        made |= {"message_thread_id": self.topic, "is_topic_message": True} if self.topic else {}
        answered = None if nested else self._answered()
        return made | ({"reply_to_message": answered.to_json(nested=True)} if answered else {})

    def _answered(self) -> "Message | None":
        """The message that this one replies to; in a topic, for want of one, the announcement that opened it."""
        if self.reply_to and not self.reply_to.deleted:
            return self.reply_to
        root = self.chat.messages.get(self.topic or 0)
        return root if root and root is not self and "forum_topic_created" in root.service else None

    def _words(self) -> dict[str, Json]:
        """Text or caption, with entities if there are any."""
        if not self.text:
            return {}
        name, entities = ("caption", "caption_entities") if self.has_media else ("text", "entities")
        return {name: self.text, **({entities: self.entities} if self.entities else {})}


def inaccessible(message: Message) -> dict[str, Json]:
    """What a press tells of a message that is gone."""
    return {"chat": message.chat.to_json(), "message_id": message.id, "date": 0}
