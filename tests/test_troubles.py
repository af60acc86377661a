"""Errors of the program are gathered from the log and grouped, without a word of anybody's."""

from __future__ import annotations

import ast
import logging
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from bot.tracing import traced
from bot.troubles import MOST, Signature, Trouble, Troubles, gathering, signature
from tests.conftest import HOME
from tests.office_fixtures import NOON

WORDS = "my passport number is 4012345"
LEVELS = {"warning", "error", "exception", "critical"}


# What is known of an error


def of(name: str, deed: str, capture: pytest.LogCaptureFixture) -> Signature:
    """The group of what a logger was told in one line of code."""
    log = logging.getLogger(name)
    exec(deed, {"__name__": "elsewhere", "log": log, "words": WORDS})
    return signature(capture.records[-1])


@pytest.mark.parametrize(
    ("name", "deed", "expected"),
    [
        ("bot.desk", "log.error('not kept: %s', words)", ("bot.desk", "not kept: %s", "", "<string>:1")),
        ("bot.desk", "log.error('not kept')", ("bot.desk", "not kept", "", "<string>:1")),
        ("library", "log.error('failed at %s', words)", ("library", "failed at %s", "", "<string>:1")),
        ("library", "log.error(f'failed at {words}')", ("library", "", "", "<string>:1")),
        ("library", "log.error(ValueError(words))", ("library", "", "", "<string>:1")),
        ("bot.desk", "log.error('failed', exc_info=ValueError(words))", ("bot.desk", "failed", "ValueError", "")),
        ("bot.desk", "log.error('failed', exc_info=True)", ("bot.desk", "failed", "", "<string>:1")),
    ],
)
def test_an_error_is_known_by_names_that_stand_in_the_code(
    name: str, deed: str, expected: tuple[str, ...], caplog: pytest.LogCaptureFixture
) -> None:
    assert of(name, deed, caplog) == Signature(*expected)


def test_an_exception_is_known_by_the_innermost_line_of_ours(caplog: pytest.LogCaptureFixture) -> None:
    deed = """
from bot.content.snapshot import read_session
try:
    read_session(words)
except ValueError as error:
    log.error("failed", exc_info=ExceptionGroup(words, [error]))
"""
    found = of("asyncio", deed, caplog)
    assert (found.logger, found.message, found.error) == ("asyncio", "", "JSONDecodeError")
    assert found.place.startswith("bot.content.snapshot:")


def test_an_exception_that_never_came_through_our_code_is_known_by_its_innermost_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    deed = "import json\ntry:\n    json.loads(words)\nexcept ValueError:\n    log.exception('failed')"
    found = of("bot.desk", deed, caplog)
    assert found.error == "JSONDecodeError"
    assert found.place.startswith("json.decoder:")


def test_what_we_log_is_said_in_sentences_that_stand_in_the_code() -> None:
    """Values are put in by the logging module, so that the sentence without them can be shown to staff."""
    logged = [
        call
        for path in (HOME / "bot").rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and ast.unparse(call.func).startswith(("log.", "logging."))
    ]
    said = [call for call in logged if ast.unparse(call.func).partition(".")[2] in LEVELS]
    assert len(said) > 40
    assert [ast.unparse(call) for call in said if not isinstance(call.args[0], ast.Constant)] == []


# Grouped


def a_clock(start: datetime = NOON) -> Iterator[datetime]:
    while True:
        yield start
        start += timedelta(seconds=1)


def test_errors_are_counted_by_group_and_only_what_is_new_is_told() -> None:
    times = a_clock()
    troubles = Troubles(lambda: next(times))
    one, other = (Signature("bot", name, "", "") for name in ("one", "other"))
    for request, kind in enumerate((one, other, one, one)):
        troubles.add(kind, f"update {request}")
    first, second = troubles.all()
    assert first == Trouble(one, 3, NOON, NOON + timedelta(seconds=3), "update 3")
    troubles.add(one, "update 9")
    troubles.told([first, second])
    assert troubles.all() == (Trouble(one, 1, first.latest, NOON + timedelta(seconds=4), "update 9"),)


def test_no_more_groups_are_kept_than_can_be_told_and_no_error_is_lost_between_threads() -> None:
    troubles = Troubles(lambda: NOON)

    def add() -> None:
        for number in range(2 * MOST):
            troubles.add(Signature("bot", str(number), "", ""))

    threads = [threading.Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.times for one in troubles.all()] == [8] * MOST


def test_warnings_are_no_errors_and_nothing_is_gathered_after_the_end() -> None:
    log = logging.getLogger("bot.test")
    with gathering(lambda: NOON) as troubles:
        log.warning("of no interest")
        with traced("update 7"):
            log.error("failed")
        logging.getLogger("of.a.library").critical("failed")
    log.error("too late")
    assert [(one.signature.logger, one.request) for one in troubles.all()] == [
        ("bot.test", "update 7"),
        ("of.a.library", ""),
    ]
