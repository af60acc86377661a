"""What waits for the bot: a queue that getUpdates or a webhook empties."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from .arguments import whole
from .values import Json, Object, RefusedError

NOT_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
WEBHOOK_ACTIVE = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete it first"
OTHER_POLL = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"


@dataclass(slots=True)
class Webhook:
    """Where updates are posted, and what went wrong there last."""

    url: str
    secret: str = ""
    connections: int = 40
    error: str = ""
    error_date: int = 0


class Updates:
    """Updates in order; one is forgotten when the bot confirms it, not when it is handed over."""

    def __init__(self) -> None:
        self.pending: deque[Object] = deque()
        self.repeated: list[Object] = []
        self.in_flight = 0
        self.allowed: frozenset[str] = frozenset()
        self.webhook: Webhook | None = None
        self._repeats_handed = 0
        self._poll: asyncio.Future[None] | None = None
        self._arrived = asyncio.Event()

    def __len__(self) -> int:
        return len(self.pending) + len(self.repeated) + self.in_flight

    def wants(self, kind: str) -> bool:
        """Whether the bot asked for updates of this kind."""
        return kind in self.allowed if self.allowed else kind not in NOT_BY_DEFAULT

    def allow(self, kinds: Sequence[str]) -> None:
        """Remember the kinds that the bot wants from now on."""
        self.allowed = frozenset(kinds)

    def push(self, update: Object) -> None:
        """Put an update at the end and wake whoever waits for it."""
        self.pending.append(update)
        self._wake()

    def repeat(self, update: Object) -> None:
        """Let an update come once more, even if getUpdates has already confirmed it."""
        if self.webhook:
            self.pending.append(update)
        else:
            self.repeated.append(update)
        self._wake()

    def put_back(self, update: Object) -> None:
        """A webhook did not take it: it comes again, first."""
        self.in_flight -= 1
        self.pending.appendleft(update)
        self._wake()

    def taken(self) -> None:
        """A webhook took an update."""
        self.in_flight -= 1

    def clear(self) -> None:
        """Forget what waits."""
        self.pending.clear()
        self.repeated.clear()

    def begin(self, offset: int) -> None:
        """getUpdates comes in: another one ends, what is before the offset is confirmed."""
        if self.webhook:
            raise RefusedError(409, WEBHOOK_ACTIVE)
        self._end_poll(RefusedError(409, OTHER_POLL))
        del self.repeated[: self._repeats_handed]
        self._repeats_handed = 0
        self._confirm(offset)

    async def take(self, limit: int, seconds: float) -> Sequence[Json]:
        """getUpdates goes on: hold until something is there or the time is over."""
        if not self.pending and not self.repeated and seconds > 0:
            await self._hold(seconds)
        self._repeats_handed = min(len(self.repeated), limit)
        return list(islice((*self.repeated, *self.pending), limit))

    async def next_for_webhook(self, worker: int) -> Object:
        """The next update to be posted, as soon as there is one and the webhook takes so many at a time."""
        while not (self.webhook and self.pending and worker < self.webhook.connections):
            self._arrived.clear()
            await self._arrived.wait()
        self.in_flight += 1
        return self.pending.popleft()

    def set_webhook(self, webhook: Webhook | None) -> None:
        """Change how updates leave."""
        self.webhook = webhook
        if webhook:
            self._end_poll(RefusedError(409, OTHER_POLL))
        self._wake()

    def release(self) -> None:
        """Let a held getUpdates go with nothing: the server closes."""
        self._end_poll(None)

    def _confirm(self, offset: int) -> None:
        """Forget all before the offset; a negative one keeps so many from the end."""
        if offset < 0:
            offset = whole(self.pending[max(offset, -len(self.pending))], "update_id") if self.pending else 0
        while self.pending and whole(self.pending[0], "update_id") < offset:
            self.pending.popleft()

    async def _hold(self, seconds: float) -> None:
        poll = self._poll = asyncio.get_running_loop().create_future()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await poll

    def _end_poll(self, why: RefusedError | None) -> None:
        """Answer the held getUpdates, if there is one."""
        poll, self._poll = self._poll, None
        if poll and not poll.done():
            poll.set_exception(why) if why else poll.set_result(None)

    def _wake(self) -> None:
        self._arrived.set()
        self._end_poll(None)
