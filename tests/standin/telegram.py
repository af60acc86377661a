"""The little Telegram that tests hold in their hands: people act on it, the bot calls it, tests look at it."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from itertools import count
from typing import TypeVar

from . import schema
from .arguments import Arguments, word
from .chats import Chat, Message
from .faults import Break, Fault, Faults, Flood
from .methods import METHODS
from .methods.profile import scope_key, scopes_of
from .people import BLOCKED, Group, Person
from .values import Call, DroppedError, Json, Object, Parameters, RefusedError, Value, ViolationError
from .world import World

Found = TypeVar("Found")


class Telegram(World):
    """Chats, people, and the Bot API that the bot calls.

    `calls` has every answered call but getUpdates, `count` how many there were of each method, `violations` every
    request that the Bot API does not know in this form.
    """

    def __init__(self, token: str = "42:standin", clock: Callable[[], float] = time.time) -> None:
        super().__init__(token, clock)
        self.calls: list[Call] = []
        self.count: Counter[str] = Counter()
        self.violations: list[str] = []
        self.faults = Faults()
        self.flood = Flood()
        self._people = count(5_000_001)
        self._basic_groups = count(4_000_001)

    # Who is there

    def person(
        self,
        name: str = "Zarina",
        language_code: str | None = "tg",
        username: str | None = None,
        person_id: int | None = None,
    ) -> Person:
        """Somebody who has already started the bot."""
        number = person_id or next(self._people)
        user: dict[str, Json] = {"id": number, "is_bot": False, "first_name": name}
        handle: dict[str, Json] = {"username": username} if username else {}
        language: dict[str, Json] = {"language_code": language_code} if language_code else {}
        user |= handle | language
        self.chats[number] = Chat(number, "private", {"first_name": name, **handle}, self.private_ids)
        self.chats[number].members[number] = (user, "member")
        return Person(self, self.chats[number], user)

    def group(
        self, title: str = "Staff", *, forum: bool = False, bot: str = "administrator", basic: bool = False
    ) -> Group:
        """A group with the bot in it; as a plain "member" the bot does not see everything.

        It is a supergroup; a basic one can become one later, and has no topics.
        """
        assert not (forum and basic), "a basic group has no topics"
        number = -next(self._basic_groups if basic else self.group_ids)
        kind, ids = ("group", self.private_ids) if basic else ("supergroup", count(2))
        self.chats[number] = Chat(number, kind, {"title": title}, ids, forum, bot_status=bot)
        return Group(self, self.chats[number])

    # What goes wrong

    def fail_next(
        self,
        method: str,
        status: int,
        description: str,
        retry_after: int | None = None,
        *,
        times: int = 1,
        to: Person | Group | None = None,
    ) -> None:
        """Refuse the next calls of a method ("*" = any), to one chat or to all."""
        refusal = RefusedError(status, description, retry_after)
        self.faults.add(method, Fault(refusal=refusal, chat_id=to.id if to else None), times)

    def drop_next(
        self, method: str, when: Break = "before", *, times: int = 1, to: Person | Group | None = None
    ) -> None:
        """Break the connection before the call has any effect, or "after" it, so that the answer is lost."""
        self.faults.add(method, Fault(broken=when, chat_id=to.id if to else None), times)

    def delay_next(self, method: str, seconds: float, *, times: int = 1) -> None:
        """Answer late."""
        self.faults.add(method, Fault(seconds=seconds), times)

    def hold_next(self, method: str, *, to: Person | Group | None = None) -> asyncio.Event:
        """Answer when the returned event is set, not before."""
        gate = asyncio.Event()
        self.faults.add(method, Fault(gate=gate, chat_id=to.id if to else None))
        return gate

    def block(self, person: Person, why: str = BLOCKED) -> None:
        """From now on the person cannot be written to, and no update tells so."""
        person.chat.closed = why

    def repeat_last_update(self) -> Object:
        """Deliver the very same update again, as Telegram does when the bot's confirmation was lost."""
        assert self.last_update, "the bot has not been sent anything yet"
        self.updates.repeat(self.last_update)
        return self.last_update

    # What can be seen

    def chat(self, whose: Person | Group) -> list[Message]:
        """What is in a chat now, oldest first."""
        return list(whose.chat.messages.values())

    def replies(self, whose: Person | Group) -> list[Message]:
        """What the bot wrote there."""
        return [message for message in whose.chat.messages.values() if message.from_bot and not message.service]

    def topic(self, group: Group, thread: int) -> list[Message]:
        """What people and the bot wrote in a topic and is still there, oldest first."""
        return [message for message in group.chat.messages.values() if message.topic == thread and not message.service]

    def calls_of(self, method: str) -> list[Call]:
        """The calls of one method."""
        return [call for call in self.calls if call.method == method]

    def menu(self, person: Person, group: Group | None = None) -> list[str]:
        """The commands that the person is offered, in private or in a group, in their language if there are such."""
        for scope in scopes_of(person.id, group.chat if group else person.chat):
            for language in (word(person.user, "language_code")[:2], ""):
                commands = self.profile.commands.get((scope_key(scope), language))
                if commands:
                    return [word(command, "command") for command in commands]
        return []

    # Waiting, without sleeping

    async def until(self, condition: Callable[[], Found | None], seconds: float = 30.0) -> Found:
        """Wait until the condition holds, looking again after every call; return what it found."""
        try:
            async with asyncio.timeout(seconds):
                while not (found := condition()):
                    await self.news.wait()
        except TimeoutError:
            raise AssertionError(f"it did not come within {seconds} s; {self._recent()}") from None
        return found

    async def answer(self, message: Message, seconds: float = 30.0) -> Message:
        """Wait for the first thing that the bot writes in the chat after this message."""
        return await self.until(lambda: self._after(message), seconds)

    async def quiet(self, queue: "asyncio.Queue[object] | None" = None, seconds: float = 30.0) -> None:
        """Wait until the bot has fetched every update and, given the application's `update_queue`, handled it."""
        await self.until(lambda: not len(self.updates), seconds)
        if queue:
            await asyncio.wait_for(queue.join(), seconds)

    # What the bot calls

    async def handle(self, method: str, params: Parameters) -> tuple[int, dict[str, Json]]:
        """Answer one call of the Bot API: the status and the body."""
        try:
            status, body = 200, await self._attempt(method, params)
        except RefusedError as refusal:
            status, body = refusal.status, refusal.answer()
        except DroppedError:
            self._record(Call(method, params, 0, None, "the connection broke"))
            raise
        self._record(Call(method, params, status, body.get("result"), word(body, "description")))
        return status, body

    def no_token(self) -> tuple[int, dict[str, Json]]:
        """The answer to a wrong token."""
        return 401, RefusedError(401, "Unauthorized").answer()

    async def _attempt(self, method: str, params: Parameters) -> dict[str, Json]:
        """The body for a call that goes well, with whatever was to go wrong on the way."""
        values = self._checked(method, params)
        fault = self.faults.take(method, values)
        if fault:
            await fault.before()
        self.flood.check(method, self.clock())
        result = await self._result(method, Arguments(values))
        if fault:
            fault.after()
        return {"ok": True, "result": result}

    def _checked(self, method: str, params: Parameters) -> dict[str, Value]:
        """The parameters as values, if the Bot API knows them all."""
        if not schema.known(method):
            self.violations.append(f"{method}: the Bot API has no such method")
            raise RefusedError(404, "Not Found: method not found")
        values, problems = schema.decode(method, params)
        if problems:
            self.violations += [f"{method}: {problem}" for problem in problems]
            raise RefusedError(400, f"Bad Request: {'; '.join(problems)}")
        return values

    async def _result(self, method: str, args: Arguments) -> Json:
        """What the method returns."""
        if method == "getUpdates":
            return await self._updates(args)
        if method not in METHODS:
            self.violations.append(f"{method}: the stand-in cannot do this yet; teach it in tests/standin/methods")
            raise RefusedError(404, "Not Found: the stand-in cannot do this yet")
        try:
            return METHODS[method](self, args)
        except ViolationError as violation:
            self.violations.append(f"{method}: {violation.description}")
            raise

    async def _updates(self, args: Arguments) -> Json:
        """What waits for the bot."""
        if args.has("allowed_updates"):
            self.updates.allow(args.strings("allowed_updates"))
        self.updates.begin(args.number("offset") or 0)
        self.wake()
        limit = min(max(args.number("limit") or 100, 1), 100)
        return await self.updates.take(limit, args.number("timeout") or 0)

    def _record(self, call: Call) -> None:
        """Remember a call, and let those who wait look again."""
        self.count[call.method] += 1
        if call.method != "getUpdates":
            self.calls.append(call)
        self.wake()

    def _after(self, message: Message) -> Message | None:
        """The bot's first message after this one."""
        found = None
        for other in reversed(message.chat.messages.values()):
            if other.id <= message.id:
                break
            found = other if other.from_bot and not other.service else found
        return found

    def _recent(self) -> str:
        """The last calls, for a failure that explains itself."""
        lines = [f"{call.method} {_brief(call.params)} → {call.status} {call.description}" for call in self.calls[-5:]]
        return "the last calls were:\n  " + "\n  ".join(lines or ["none"])


def _brief(params: Parameters) -> Object:
    """The parameters, short enough for one line."""
    return {name: repr(value)[:80] for name, value in params.items()}
