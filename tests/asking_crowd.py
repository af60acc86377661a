"""Many people who ask, each one question after the other, and a Telegram that knows which answers the bot heard of."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path
from random import Random

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import RequestResponseCycle

from bot.content.values import Content
from bot.language import Language
from tests.standin.arguments import Arguments, whole, word
from tests.standin.http import application
from tests.standin.people import Person
from tests.standin.telegram import Telegram
from tests.standin.values import DroppedError, Json, Object, Parameters

HOME = Path(__file__).parent.parent
# Of their entries only the titles are left, which tell of each answer to which question it is.
TOPICS = frozenset({"arrival", "visa"})
# So many questions of one person may wait; many wait for the answer first.
AT_ONCE = (1, 2, 3)
# Telegram gives so many updates at a time: what is swapped has to be among them, or it would be confirmed unseen.
NEARLY_FULL = 60
POISON: Sequence[Object] = (
    {"message_id": 1, "date": "soon", "text": "?"},
    {"message_id": 1, "date": 0, "text": "?", "entities": 5},
    {"message_id": 1, "date": 0, "text": "?", "from": {"id": 1}},
)


class Heard(Enum):
    """Whether the bot can know that an answer is in its chat."""

    YES = auto()
    # The stand-in cut the connection, or was too slow for the bot's patience.
    CUT, TOO_LATE = auto(), auto()
    # Its sender was there no more when the answer to it was ready.
    GONE = auto()


@dataclass(slots=True)
class Copy:
    """An answer that the stand-in has put into a chat. `begun` is a moment of the monotonic clock."""

    chat: int
    title: str
    begun: float
    heard: Heard = Heard.GONE


@dataclass(slots=True)
class _Call:
    """One request of the bot's, from its first byte to the last one of the answer."""

    begun: float
    method: str = ""
    copy: Copy | None = None
    cut: bool = False


@dataclass(slots=True)
class Asker:
    """A person, what they have not asked yet, the numbers of the updates that asked, and what they wait for."""

    person: Person
    left: list[str]
    asked: dict[str, int] = field(default_factory=dict)
    waits: set[str] = field(default_factory=set)

    def asks(self) -> None:
        """The next question."""
        question = self.left.pop()
        self.waits.add(question)
        self.person.says(question)
        self.asked[question] = whole(self._telegram.last_update, "update_id")

    @property
    def _telegram(self) -> Telegram:
        assert isinstance(self.person.world, Telegram)
        return self.person.world


_CALL: ContextVar[_Call] = ContextVar("call")


class Crowd(Telegram):
    """People whose answers make them ask on. `wrong` counts what has gone wrong, by its kind."""

    def __init__(self, random: Random, patience: float) -> None:
        """`patience` are the seconds for which the bot waits for an answer."""
        super().__init__()
        self.random = random
        self.patience = patience
        self.askers: dict[int, Asker] = {}
        self.copies: list[Copy] = []
        # Answers on their way into a chat.
        self.sending = 0
        self.wrong: Counter[str] = Counter()
        self.poisonous: set[int] = set()
        self._pushed: list[Object] = []
        self._held: Object | None = None
        self._is_swapping = False

    # What people do

    def come(self, people: int, questions: Sequence[str], each: int) -> None:
        """New people ask so many of the questions each."""
        codes = [language.value for language in Language]
        for place in range(people):
            person = self.person(f"Trainee {place}", codes[place % len(codes)])
            self.askers[person.id] = Asker(person, self.random.sample(questions, each))
        for asker in list(self.askers.values())[-people:]:
            asker.asks()

    @property
    def answered(self) -> int:
        """How many questions have an answer."""
        return sum(len(one.asked) - len(one.waits) for one in self.askers.values())

    @property
    def asked(self) -> int:
        """How many questions were asked."""
        return sum(len(one.asked) for one in self.askers.values())

    def repeats(self) -> None:
        """Telegram tells again what it has just told, and what it told some time and long ago."""
        for back in (1, 10, len(self._pushed)):
            self.updates.repeat(self.random.choice(self._pushed[-back:]))
            self.wrong["repeated"] += 1

    def swaps(self) -> None:
        """What two people ask, or one of them twice, comes in the wrong order."""
        some = [one for one in self.askers.values() for _ in one.left]
        if len(some) < 2 or len(self.updates) > NEARLY_FULL:
            return
        self._is_swapping = True
        for asker in self.random.sample(some, 2):
            asker.asks()
        self.wrong["swapped"] += 1

    def poisons(self) -> None:
        """Something comes that nobody can read, in the midst of somebody's questions."""
        chat = self.random.choice([*self.askers])
        number = next(self._update_ids)
        told: dict[str, Json] = {"chat": {"id": chat, "type": "private"}, **self.random.choice(POISON)}
        self.push_raw({"update_id": number, "message": told})
        self.poisonous.add(number)

    def push_raw(self, update: Object) -> None:
        """Queue an update, perhaps only after the next one."""
        self._pushed.append(update)
        if self._is_swapping:
            self._is_swapping, self._held = False, update
            return
        super().push_raw(update)
        held, self._held = self._held, None
        if held is not None:
            super().push_raw(held)

    # What the bot calls

    async def handle(self, method: str, params: Parameters) -> tuple[int, dict[str, Json]]:
        """Answer one call."""
        call = _CALL.get()
        call.method = method
        self.sending += method == "sendMessage"
        try:
            status, body = await super().handle(method, params)
        except DroppedError:
            call.cut = True
            self.wrong["drops"] += 1
            raise
        finally:
            self.sending -= method == "sendMessage"
        if status == 429 or status >= 500:
            self.wrong["429" if status == 429 else "5xx"] += 1
        return status, body

    async def _result(self, method: str, args: Arguments) -> Json:
        result = await super()._result(method, args)
        if method == "sendMessage":
            assert isinstance(result, Mapping)
            self._posted(args.number("chat_id") or 0, word(result, "text").splitlines()[0])
        return result

    def _posted(self, chat: int, title: str) -> None:
        call = _CALL.get()
        call.copy = Copy(chat, title, call.begun)
        self.copies.append(call.copy)
        asker = self.askers.get(chat)
        if asker is None or title not in asker.waits:
            return
        asker.waits.remove(title)
        most = self.random.choice(AT_ONCE)
        while asker.left and len(asker.waits) < most:
            asker.asks()

    def application(self) -> ASGIApp:
        """The Bot API, which sees who is there to be answered."""
        api = application(self)

        async def watched(scope: Scope, receive: Receive, send: Send) -> None:
            call = _Call(time.monotonic())
            _CALL.set(call)
            await api(scope, receive, send)
            cycle = getattr(send, "__self__", None)
            assert isinstance(cycle, RequestResponseCycle)
            self._over(call, gone=cycle.disconnected)

        return watched

    def _over(self, call: _Call, *, gone: bool) -> None:
        # The stand-in may have read the call a little after the bot began to wait.
        late = gone and not call.cut and time.monotonic() - call.begun > self.patience / 2
        self.wrong["timeouts"] += late and call.method != "getUpdates"
        if call.copy is not None:
            heard = Heard.GONE if gone else Heard.YES
            call.copy.heard = Heard.CUT if call.cut else Heard.TOO_LATE if late else heard
        self.wake()


def write_content(content: Content, folder: Path) -> Sequence[str]:
    """A content of a few entries; returns what can be asked, each of which has an answer of its own."""
    folder.mkdir()
    for name in ("institute.yaml", "small-talk.yaml"):
        (folder / name).write_bytes((HOME / "faq" / name).read_bytes())
    titles: list[str] = []
    for topic in content.topics:
        if topic.id not in TOPICS:
            continue
        entries = []
        for entry in topic.entries:
            ask = {language.value: entry.ask[language][:2] for language in Language}
            titles += [entry.title(language) for language in Language]
            entries.append({"id": entry.id, "ask": ask, "answer": {code: texts[0] for code, texts in ask.items()}})
        told = {"topic": topic.id, "title": {one.value: topic.title.of(one) for one in Language}, "entries": entries}
        # YAML is a superset of JSON.
        (folder / f"{topic.id}.yaml").write_text(json.dumps(told, ensure_ascii=False), "utf-8")
    return titles
