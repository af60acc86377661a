"""People and groups: what they do in Telegram, each deed as the update that the bot gets to see."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import count

from . import topics
from .arguments import word
from .chats import ANONYMOUS, Chat, Message, inaccessible
from .methods.people import as_member, get_bot
from .values import Json, Object
from .world import Ask, Press, World
from .writing import Writer

BLOCKED = "bot was blocked by the user"


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
        self.chat.closed = f"bot was kicked from the {self.chat.kind} chat"

    def becomes_supergroup(self, by: "Person", *, forum: bool = False) -> "Group":
        """The group, which must be a basic one, gets another chat id; calls with the old one tell the new one."""
        old = self.chat
        assert old.kind == "group", "only a basic group can become a supergroup: telegram.group(basic=True)"
        new = replace(old, id=-next(self.world.group_ids), kind="supergroup", ids=count(2), is_forum=forum)
        new.messages, new.topics, new.closed_topics, new.members = {}, {}, set(), dict(old.members)
        self.world.chats[new.id] = new
        self.world.announce(old, by.user, {"migrate_to_chat_id": new.id})
        self.world.announce(new, ANONYMOUS, {"migrate_from_chat_id": old.id}, message_id=1)
        old.migrated_to = new.id
        return Group(self.world, new)


@dataclass(frozen=True, slots=True)
class Person(Writer):
    """Somebody with a phone; `chat` is the private one with the bot."""

    @property
    def id(self) -> int:
        """Both the user id and the id of the private chat."""
        return self.chat.id

    @property
    def sees(self) -> list[Message]:
        """The private chat with the bot, oldest first."""
        return list(self.chat.messages.values())

    def anonymously(self, group: Group) -> Writer:
        """The same person as the anonymous administrator of a group: the bot is told the group, and not who writes."""
        return Writer(self.world, group.chat, ANONYMOUS)

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

    def reacts(self, message: Message, emoji: str) -> None:
        """Put an emoji on a message; the bot only hears of it if it asked for reactions."""
        change: dict[str, Json] = {"chat": message.chat.to_json(), "message_id": message.id, "user": self.user}
        change |= {"date": self.world.now, "old_reaction": [], "new_reaction": [{"type": "emoji", "emoji": emoji}]}
        self.world.push("message_reaction", change)

    def deletes(self, *messages: Message) -> None:
        """Delete messages for everybody; no update tells so."""
        for message in messages:
            self.world.remove(message)

    def creates_topic(self, group: Group, name: str) -> int:
        """Open a forum topic; its number."""
        assert group.chat.is_forum, "the group has no topics: telegram.group(forum=True)"
        return topics.open_topic(self.world, group.chat, self.user, name)

    def renames_topic(self, group: Group, thread: int, name: str) -> None:
        """Give a forum topic another name."""
        _check_topic(group, thread)
        topics.rename_topic(self.world, group.chat, self.user, thread, name)

    def closes_topic(self, group: Group, thread: int) -> None:
        """Close a forum topic: only administrators write there from now on."""
        _check_topic(group, thread)
        topics.close_topic(self.world, group.chat, self.user, thread)

    def reopens_topic(self, group: Group, thread: int) -> None:
        """Open a closed forum topic again."""
        _check_topic(group, thread)
        topics.reopen_topic(self.world, group.chat, self.user, thread)

    def deletes_topic(self, group: Group, thread: int) -> None:
        """Delete a forum topic with everything in it; no update tells so."""
        _check_topic(group, thread)
        topics.delete_topic(self.world, group.chat, thread)

    def blocks(self) -> None:
        """Block the bot."""
        self.changes_bot(self.chat, "kicked")
        self.chat.closed = BLOCKED

    def unblocks(self) -> None:
        """Let the bot write again."""
        self.chat.closed = ""
        self.changes_bot(self.chat, "member")

    def changes_bot(self, chat: Chat, status: str, *, denied: Iterable[str] = ()) -> None:
        """Give the bot another standing in a chat; as administrator perhaps without rights like "can_manage_topics"."""
        change: dict[str, Json] = {"chat": chat.to_json(), "from": self.user, "date": self.world.now}
        change |= {"old_chat_member": get_bot(self.world, chat)}
        chat.bot_status, chat.denied = status, frozenset(denied)
        new = as_member(self.world.bot, status, chat.denied)
        self.world.push("my_chat_member", {**change, "new_chat_member": new})

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


def _check_topic(group: Group, thread: int) -> None:
    """People act on topics that they see."""
    assert thread in group.chat.topics, f"there is no topic {thread}; there are: {group.chat.topics}"
