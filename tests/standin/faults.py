"""What goes wrong on demand: refusals, slowness, broken connections, flood limits."""

import asyncio
from collections import defaultdict, deque
from dataclasses import dataclass
from math import ceil
from typing import Literal

from .values import DroppedError, Parameters, RefusedError

Break = Literal["", "before", "after"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong with one call, in this order: it waits, it breaks, it is refused."""

    refusal: RefusedError | None = None
    seconds: float = 0.0
    gate: asyncio.Event | None = None
    broken: Break = ""
    chat_id: int | None = None

    def concerns(self, params: Parameters) -> bool:
        """Whether this call is meant."""
        return self.chat_id is None or str(params.get("chat_id")) == str(self.chat_id)

    async def before(self) -> None:
        """What happens before the call has any effect."""
        if self.seconds:
            await asyncio.sleep(self.seconds)
        if self.gate:
            await self.gate.wait()
        if self.broken == "before":
            raise DroppedError
        if self.refusal:
            raise self.refusal

    def after(self) -> None:
        """What happens when the call had its effect: the answer is lost."""
        if self.broken == "after":
            raise DroppedError


class Faults:
    """The faults that wait for their calls, by method; "*" is any method but getUpdates."""

    def __init__(self) -> None:
        self._waiting: defaultdict[str, deque[Fault]] = defaultdict(deque)

    def add(self, method: str, fault: Fault, times: int = 1) -> None:
        """Let the next calls of the method go wrong."""
        self._waiting[method].extend([fault] * times)

    def take(self, method: str, params: Parameters) -> Fault | None:
        """The fault for this call, once."""
        for name in (method, "*") if method != "getUpdates" else (method,):
            fault = next((one for one in self._waiting.get(name, ()) if one.concerns(params)), None)
            if fault:
                self._waiting[name].remove(fault)
                return fault
        return None


class Flood:
    """So many sent messages in a sliding second, then 429; no limit at first."""

    def __init__(self) -> None:
        self.per_second = 0
        self._sent: deque[float] = deque()

    def check(self, method: str, now: float) -> None:
        """Count a call that sends; refuse it when there are too many."""
        if not self.per_second or not method.startswith(("send", "copy", "forward")) or method == "sendChatAction":
            return
        while self._sent and self._sent[0] <= now - 1:
            self._sent.popleft()
        if len(self._sent) >= self.per_second:
            wait = ceil(self._sent[0] + 1 - now)
            raise RefusedError(429, f"Too Many Requests: retry after {wait}", retry_after=wait)
        self._sent.append(now)
