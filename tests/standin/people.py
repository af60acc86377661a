"""People: what they do in Telegram, each deed as the update that the bot gets to see."""

from collections.abc import Sequence
from dataclasses import dataclass

from .arguments import whole, word
from .chats import Chat, Message, inaccessible
from .entities import typed_entities
from .methods.people import as_member
from .values import Json, Object
from .world import Ask, Press, World

BLOCKED = "bot was blocked by the user"
PIXEL = b"\x89PNG\r\n\x1a\n"


class NoSuchButtonError(AssertionError):
    """The person looks for a button that is not there."""


@dataclass(frozen=True, slots=True)
class Group:
    """A group; `chat` has its messages and topics."""

    world: World
    chat: Chat

    @property
    def id(self) -> int:
        """Its chat id, far below zero."""
        return self.chat.id

    def admits(self, *people: "Person", status: str = "member") -> None:
        """People come in, or rise to "administrator" or "creator"."""
        for person in people:
            self.chat.members[person.id] = (person.user, status)

    def expels_bot(self, by: "Person") -> None:
        """Somebody throws the bot out."""
        by.changes_bot(self.chat, "kicked")
        self.chat.closed = "bot was kicked from the supergroup chat"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a phone."""

    world: World
    chat: Chat
    user: Object

    @property
    def id(self) -> int:
        """Both the user id and the id of the private chat."""
        return self.chat.id

    @property
    def sees(self) -> list[Message]:
        """The private chat with the bot, oldest first."""
        return list(self.chat.messages.values())

    def says(
        self, text: str, reply_to: Message | None = None, in_chat: Group | None = None, topic: int | None = None
    ) -> Message:
        """Write a message."""
        message = self._new(reply_to, in_chat, topic)
        message.text, message.entities = text, typed_entities(text)
        return self._send(message)

    def edits(self, message: Message, text: str) -> None:
        """Change an own message."""
        assert message.sender == self.user, "only one's own messages can be edited"
        message.text, message.entities, message.edited = text, typed_entities(text), self.world.now
        if self._seen_by_bot(message):
            self.world.push("edited_message", message.to_json())

    def presses(self, message: Message, label_or_data: str, *, too_old: bool = False) -> Press:
        """Press a button by its label, or by its callback data."""
        assert not message.deleted, "the message is gone; presses_data() presses a button that was still on a screen"
        button = self._button(message, label_or_data)
        if "callback_data" not in button:
            raise NoSuchButtonError(f"{label_or_data!r} sends nothing to the bot: {dict(button)}")
        return self.presses_data(message, word(button, "callback_data"), too_old=too_old)

    def presses_data(self, message: Message, data: str, *, too_old: bool = False) -> Press:
        """Press what may be no button at all: forged data, or a button of a message that is gone."""
        press = Press(self._number(), too_old=too_old)
        self.world.presses[press.id] = press
        shown = inaccessible(message) if message.deleted else message.to_json()
        query: dict[str, Json] = {"id": press.id, "from": self.user, "message": shown, "data": data}
        self.world.push("callback_query", {**query, "chat_instance": message.chat.instance})
        return press

    def asks_inline(self, query: str) -> Ask:
        """Write "@bot query" in any chat; Telegram itself answers what it still remembers."""
        ask = Ask(self._number(), query, word(self.user, "language_code"))
        until, kept = self.world.inline_cache.get(query, (0.0, None))
        if kept and until > self.world.clock():
            ask.results, ask.answered, ask.from_cache = kept.results, True, True
            return ask
        self.world.asks[ask.id] = ask
        self.world.push("inline_query", {"id": ask.id, "from": self.user, "query": query, "offset": ""})
        return ask

    def sends_sticker(self, emoji: str = "👍", in_chat: Group | None = None) -> Message:
        """Send a sticker."""
        marks: Object = {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False}
        return self._sends_file("sticker", "sticker.webp", b"RIFF", {**marks, "emoji": emoji}, in_chat)

    def sends_photo(self, content: bytes = PIXEL, caption: str = "", in_chat: Group | None = None) -> Message:
        """Send a picture."""
        return self._sends_file("photo", "photo.png", content, {"width": 640, "height": 480}, in_chat, caption)

    def sends_document(self, name: str, content: bytes, caption: str = "", in_chat: Group | None = None) -> Message:
        """Send a file."""
        return self._sends_file("document", name, content, {}, in_chat, caption)

    def sends_voice(self, seconds: int = 3, in_chat: Group | None = None) -> Message:
        """Send a voice message."""
        return self._sends_file("voice", "voice.ogg", b"OggS", {"duration": seconds, "mime_type": "audio/ogg"}, in_chat)

    def sends_location(self, latitude: float = 36.07, longitude: float = 120.38) -> Message:
        """Send a place on the map."""
        return self._sends({"location": {"latitude": latitude, "longitude": longitude}})

    def sends_contact(self, phone_number: str = "+992900000000") -> Message:
        """Send the own phone number."""
        return self._sends({"contact": {"phone_number": phone_number, "user_id": self.id, **self._names()}})

    def reacts(self, message: Message, emoji: str) -> None:
        """Put an emoji on a message; the bot only hears of it if it asked for reactions."""
        change: dict[str, Json] = {"chat": message.chat.to_json(), "message_id": message.id, "user": self.user}
        change |= {"date": self.world.now, "old_reaction": [], "new_reaction": [{"type": "emoji", "emoji": emoji}]}
        self.world.push("message_reaction", change)

    def blocks(self) -> None:
        """Block the bot."""
        self.changes_bot(self.chat, "kicked")
        self.chat.closed = BLOCKED

    def unblocks(self) -> None:
        """Let the bot write again."""
        self.chat.closed = ""
        self.changes_bot(self.chat, "member")

    def changes_bot(self, chat: Chat, status: str) -> None:
        """Give the bot another standing in a chat."""
        change: dict[str, Json] = {"chat": chat.to_json(), "from": self.user, "date": self.world.now}
        change |= {"old_chat_member": as_member(self.world.bot, chat.bot_status)}
        chat.bot_status = status
        self.world.push("my_chat_member", {**change, "new_chat_member": as_member(self.world.bot, status)})

    def _names(self) -> dict[str, Json]:
        return {name: self.user[name] for name in ("first_name", "last_name") if name in self.user}

    def _number(self) -> str:
        """A query id as long as Telegram's."""
        return str((self.id << 32) + next(self.world.numbers))

    def _button(self, message: Message, wanted: str) -> Object:
        """The button with this label, else with this data."""
        buttons = [button for row in message.rows for button in row]
        for field in ("text", "callback_data"):
            for button in buttons:
                if button.get(field) == wanted:
                    return button
        labels = ", ".join(repr(word(button, "text")) for button in buttons) or "none at all"
        raise NoSuchButtonError(f"there is no button {wanted!r}; there are: {labels}")

    def _sends_file(
        self, kind: str, name: str, content: bytes, shape: Object, in_chat: Group | None, caption: str = ""
    ) -> Message:
        message = self._new(None, in_chat, None)
        message.file = self.world.store(kind, name, content, "application/octet-stream", shape)
        message.text, message.entities = caption, typed_entities(caption)
        return self._send(message)

    def _sends(self, media: Object) -> Message:
        message = self._new(None, None, None)
        message.media = media
        return self._send(message)

    def _new(self, reply_to: Message | None, in_chat: Group | None, topic: int | None) -> Message:
        """An empty message, in the chat of the message that it answers if nothing else is said."""
        chat = in_chat.chat if in_chat else reply_to.chat if reply_to else self.chat
        assert not (chat.is_private and chat.closed), f"{self.user['first_name']} has blocked the bot: unblocks() first"
        topic = topic or (reply_to.topic if reply_to else None)
        if not chat.is_private:
            chat.members.setdefault(self.id, (self.user, "member"))
        return Message(chat, next(chat.ids), self.world.now, self.user, reply_to=reply_to, topic=topic)

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
