"""Whoever writes: words and files, in private, in a group, in a topic, each as the update that the bot gets to see."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .arguments import whole, word
from .chats import ANONYMOUS, STICKER, Chat, Message
from .entities import typed_entities
from .values import Json, Object
from .world import World

if TYPE_CHECKING:
    from .people import Group

PIXEL = b"\x89PNG\r\n\x1a\n"
VOICE: Object = {"mime_type": "audio/ogg"}


@dataclass(frozen=True, slots=True)
class Writer:
    """Somebody who writes into `chat` unless another one is named.

    `reply_to` is the message that the new one answers, and puts it into the same chat and topic; `topic` is the number
    of a forum topic.
    """

    world: World
    chat: Chat
    user: Object

    def says(
        self, text: str, reply_to: Message | None = None, in_chat: "Group | None" = None, topic: int | None = None
    ) -> Message:
        """Write a message."""
        message = self._new(reply_to, in_chat, topic)
        message.text, message.entities = text, typed_entities(text)
        return self._send(message)

    def edits(self, message: Message, text: str) -> None:
        """Change the text of an own message, or the caption of an own file."""
        assert message.sender == self.user, "only one's own messages can be edited"
        assert not message.deleted, "the message is gone"
        assert message.takes_caption or not message.has_media, "there are no words to be changed"
        message.text, message.entities, message.edited = text, typed_entities(text), self.world.now
        if self._seen_by_bot(message):
            self.world.push("edited_message", message.to_json())

    def sends_sticker(
        self,
        emoji: str = "👍",
        in_chat: "Group | None" = None,
        *,
        reply_to: Message | None = None,
        topic: int | None = None,
    ) -> Message:
        """Send a sticker."""
        message = self._new(reply_to, in_chat, topic)
        return self._send_file(message, "sticker", "sticker.webp", b"RIFF", {**STICKER, "emoji": emoji})

    def sends_photo(
        self,
        content: bytes = PIXEL,
        caption: str = "",
        in_chat: "Group | None" = None,
        *,
        reply_to: Message | None = None,
        topic: int | None = None,
    ) -> Message:
        """Send a picture."""
        message = self._new(reply_to, in_chat, topic)
        return self._send_file(message, "photo", "photo.png", content, {"width": 640, "height": 480}, caption)

    def sends_document(
        self,
        name: str,
        content: bytes,
        caption: str = "",
        in_chat: "Group | None" = None,
        *,
        reply_to: Message | None = None,
        topic: int | None = None,
    ) -> Message:
        """Send a file."""
        return self._send_file(self._new(reply_to, in_chat, topic), "document", name, content, {}, caption)

    def sends_voice(
        self,
        seconds: int = 3,
        in_chat: "Group | None" = None,
        *,
        caption: str = "",
        content: bytes = b"OggS",
        reply_to: Message | None = None,
        topic: int | None = None,
    ) -> Message:
        """Send a voice message."""
        message = self._new(reply_to, in_chat, topic)
        return self._send_file(message, "voice", "voice.ogg", content, {**VOICE, "duration": seconds}, caption)

    def sends_location(
        self,
        latitude: float = 36.07,
        longitude: float = 120.38,
        in_chat: "Group | None" = None,
        *,
        reply_to: Message | None = None,
        topic: int | None = None,
    ) -> Message:
        """Send a place on the map."""
        message = self._new(reply_to, in_chat, topic)
        message.media = {"location": {"latitude": latitude, "longitude": longitude}}
        return self._send(message)

    def sends_contact(
        self,
        phone_number: str = "+992900000000",
        in_chat: "Group | None" = None,
        *,
        reply_to: Message | None = None,
        topic: int | None = None,
    ) -> Message:
        """Send the own phone number."""
        message = self._new(reply_to, in_chat, topic)
        names: dict[str, Json] = {name: self.user[name] for name in ("first_name", "last_name") if name in self.user}
        message.media = {"contact": {"phone_number": phone_number, "user_id": self.user["id"], **names}}
        return self._send(message)

    def _send_file(
        self, message: Message, kind: str, name: str, content: bytes, shape: Object, caption: str = ""
    ) -> Message:
        message.file = self.world.store(kind, name, content, "application/octet-stream", shape)
        message.text, message.entities = caption, typed_entities(caption)
        return self._send(message)

    def _new(self, reply_to: Message | None, in_chat: "Group | None", topic: int | None) -> Message:
        """An empty message, in the chat of the message that it answers if nothing else is said."""
        chat = in_chat.chat if in_chat else reply_to.chat if reply_to else self.chat
        topic = topic or (reply_to.topic if reply_to and reply_to.chat is chat else None)
        self._check(chat, reply_to, topic)
        sender_chat = chat if self.user == ANONYMOUS else None
        if not chat.is_private and not sender_chat:
            chat.members.setdefault(whole(self.user, "id"), (self.user, "member"))
        return Message(
            chat,
            next(chat.ids),
            self.world.now,
            self.user,
            reply_to=reply_to,
            topic=topic,
            sender_chat=sender_chat,
        )

    def _check(self, chat: Chat, reply_to: Message | None, topic: int | None) -> None:
        """A test cannot let people do what Telegram's apps do not offer."""
        anonymous = self.user == ANONYMOUS
        assert not (chat.is_private and chat.closed), f"{self.user['first_name']} has blocked the bot: unblocks() first"
        assert not chat.migrated_to, "nobody can write there: the group has become another one"
        assert chat is self.chat or not anonymous, "one is anonymous in one group"
        assert not (reply_to and reply_to.deleted), "the message is gone, and cannot be answered"
        assert topic is None or topic in chat.topics, f"there is no topic {topic}"
        leads = anonymous or chat.is_led_by(whole(self.user, "id"))
        assert topic not in chat.closed_topics or leads, f"topic {topic} is closed: only administrators write there"

    def _send(self, message: Message) -> Message:
        """Let everybody see the message, the bot too if it may."""
        self.world.keep(message)
        if self._seen_by_bot(message):
            self.world.push("message", message.to_json())
        return message

    def _seen_by_bot(self, message: Message) -> bool:
        """In groups a bot that is no administrator sees commands, mentions of itself and replies to itself."""
        chat = message.chat
        if chat.closed:
            return False
        if chat.is_private or chat.bot_status == "administrator":
            return True
        answers_bot = bool(message.reply_to and message.reply_to.from_bot)
        return answers_bot or self._is_called(message.text, message.entities)

    def _is_called(self, text: str, entities: Sequence[Object]) -> bool:
        """Whether a text has a command, or the bot's name."""
        commands = [one for one in entities if one["type"] == "bot_command" and whole(one, "offset") == 0]
        return bool(commands) or f"@{word(self.world.bot, 'username')}" in text
