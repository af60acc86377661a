"""What is counted and timed for who watches the service; docs/watching.md explains each. Nothing of it is personal.

Labels have few values, which are named here or are the program's own routes. All series are there from the start: of
one that appears with its first fault, Prometheus would see no increase.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from contextlib import AbstractContextManager
from itertools import product
from typing import Literal, TypeAlias, get_args

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from bot.language import Language

Stage: TypeAlias = Literal["receive", "match", "store", "send", "whole"]

OUTCOMES = ("answer", "choice", "unknown", "small-talk")
SENT = ("answer", "announcement", "notice", "staff")
HANDLED = ("done", "failed", "repeated", "set-aside")
# What the ledger of announcements knows, and "again" for what is tried once more.
DELIVERED = tuple("sent blocked unwanted late refused failed corrected recalled replaced kept stuck again".split())
STATUSES = ("2xx", "3xx", "4xx", "5xx")
# In the place of a value that nobody has named: a mistake of the program, which costs nobody their answer.
OTHER = "other"
# Seconds: a question takes a few thousandths, a call to Telegram fifty, a flood wait several whole ones.
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

# When each series was made is nothing that anybody asks, and would be as many series again.
disable_created_metrics()  # type: ignore[no-untyped-call]


class Count:
    """Counts by labels."""

    def __init__(self, registry: CollectorRegistry, name: str, words: str, **labels: Iterable[str]) -> None:
        """`labels` are all values that each of them has."""
        self._counter = Counter(f"rohnamo_{name}", words, tuple(labels), registry=registry)
        self._labels = len(labels)
        self._children: dict[tuple[str, ...], Counter] = {}
        for values in product(*labels.values()):
            self.expect(*values)

    def expect(self, *values: str) -> None:
        """Have a series for these values of the labels, too."""
        self._children[values] = self._counter.labels(*values) if self._labels else self._counter

    def __call__(self, *values: str) -> None:
        """Count one more."""
        child = self._children.get(values)
        if child is None:
            child = self._counter.labels(*[OTHER] * self._labels)
        child.inc()


class Stages:
    """Times what a question goes through."""

    def __init__(self, registry: CollectorRegistry, name: str, words: str) -> None:
        histogram = Histogram(f"rohnamo_{name}", words, ("stage",), registry=registry, buckets=BUCKETS)
        self._children = {stage: histogram.labels(stage) for stage in get_args(Stage)}

    def __call__(self, stage: Stage) -> AbstractContextManager[object]:
        """Time a stage for as long as the block runs, however it ends."""
        return self._children[stage].time()

    def took(self, stage: Stage, seconds: float) -> None:
        """Say how long a stage took that is not one block of code."""
        self._children[stage].observe(seconds)


class Meters:
    """All meters of one process, in a registry of their own."""

    def __init__(self) -> None:
        registry = self._registry = CollectorRegistry()
        self.asked = Count(
            registry, "questions", "Questions in free text.", language=[one.value for one in Language], outcome=OUTCOMES
        )
        self.stage = Stages(registry, "stage_seconds", "Seconds that each stage of an update took.")
        self.sent = Count(registry, "sent_messages", "Messages that Telegram took.", kind=SENT)
        self.flood_limited = Count(registry, "flood_limits", "Calls that Telegram refused with 429.")
        self.updates_handled = Count(registry, "updates_handled", "Updates that were dealt with.", outcome=HANDLED)
        self.delivered = Count(
            registry, "announcement_deliveries", "What became of each copy of an announcement.", outcome=DELIVERED
        )
        self.web_requests = Count(registry, "web_requests", "Requests to the page.", route=(), status=STATUSES)
        self.queue_depth = self._gauge("queue_depth", "Updates that wait or are in hand.")
        self.queue_age_seconds = self._gauge("queue_age_seconds", "Age of the oldest of them; 0 without one.")
        self.set_aside = self._gauge("set_aside_updates", "Updates that were given up and wait for staff.")
        self.content_version = Info("rohnamo_content", "The content that is live.", registry=registry)
        self.content_loaded_at = self._gauge("content_loaded_timestamp_seconds", "When it went live.")
        self.reload_error = self._gauge("reload_error", "1 while the content of the files cannot go live.")
        self.reload_failed_at = self._gauge("reload_failed_timestamp_seconds", "When it could not the last time.")
        self.telegram_up = self._gauge("telegram_up", "1 while Telegram can be reached; NaN without a token.", math.nan)
        self.last_update_at = self._gauge("last_update_timestamp_seconds", "When Telegram sent the last update.")
        self.database_up = self._gauge("database_up", "Whether the database answered at this scrape.")
        self.ready = self._gauge("ready", "Whether /readyz would have said 200 at this scrape.")
        ProcessCollector(registry=registry)
        self._content: str | None = None

    def _gauge(self, name: str, words: str, first: float = 0.0) -> Gauge:
        gauge = Gauge(f"rohnamo_{name}", words, registry=self._registry)
        gauge.set(first)
        return gauge

    def content_live(self, version: str) -> None:
        """This content is live; when that is said again, it counts once."""
        if version != self._content:
            self._content = version
            self.content_version.info({"version": version})
            self.content_loaded_at.set(time.time())

    def exposition(self) -> tuple[bytes, str]:
        """Everything in Prometheus' text format, and the media type of that."""
        return generate_latest(self._registry), CONTENT_TYPE_PLAIN_0_0_4


# Those of this process. Importing it opens nothing; the process's own figures are read when somebody asks.
METERS = Meters()
