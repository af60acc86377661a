"""The log: readable for people and for programs, and without a secret, whatever goes wrong."""

from __future__ import annotations

import json
import logging
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.desk import Desk
from bot.handlers.app import build_app
from bot.logs import keep_secret, redacted, set_up_logging
from bot.redaction import secrets_in
from bot.settings import Settings
from bot.store.database import Database
from bot.tracing import traced
from tests.conftest import HOME

TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
PASSWORD = 'postgresql+asyncpg://bot:p"as\\s@db/rohnamo'
ADDRESS = "postgresql+psycopg://bot:pa%40ss%20word@db/rohnamo"
LIBRARIES = (
    "httpx httpcore.connection aiohttp.client telegram telegram.Bot telegram.ext.Application telegram.ext.ExtBot "
    "asyncio uvicorn.error dbos sqlalchemy.engine.Engine sqlalchemy.pool alembic.runtime.migration psycopg aiosqlite "
    "py.warnings"
).split()
FIELDS = ["time", "level", "logger", "request", "message", "error"]


@pytest.fixture(autouse=True)
def quiet_again() -> Iterator[None]:
    """Give the loggers and Python's hooks back as they were."""
    root, hook = logging.getLogger(), sys.excepthook
    before, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in LIBRARIES}
    yield
    root.handlers[:] = before
    root.setLevel(level)
    for name, was in levels.items():
        logging.getLogger(name).setLevel(was)
    sys.excepthook = hook
    logging.captureWarnings(capture=False)
    keep_secret(())


def logged(capsys: pytest.CaptureFixture[str], *, as_json: bool, secrets: tuple[str, ...] = ()) -> str:
    """What an administrator reads after everything has gone wrong that can."""
    set_up_logging("DEBUG", as_json=as_json, secrets=secrets)
    log = logging.getLogger("bot.test")
    log.info("calling https://api.telegram.org/bot%s/getMe", TOKEN)
    log.warning("calling https://relay.example/bot%s/getMe", TOKEN.replace(":", "%3A"))
    try:
        try:
            raise ConnectionError(f"cannot reach {PASSWORD}")
        except ConnectionError as error:
            raise RuntimeError(f"token {TOKEN} with {PASSWORD}") from error
    except RuntimeError:
        log.exception("failed: %s", PASSWORD)
    return capsys.readouterr().err


@pytest.mark.parametrize("as_json", [False, True])
def test_no_secret_is_shown_in_messages_or_tracebacks(capsys: pytest.CaptureFixture[str], as_json: bool) -> None:
    text = logged(capsys, as_json=as_json, secrets=(TOKEN, PASSWORD, ""))
    assert "AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw" not in text
    assert 'p"as' not in text
    assert 'p\\"as' not in text
    assert "cannot reach [secret]" in text
    assert "RuntimeError: token [secret] with [secret]" in text


@pytest.mark.parametrize("as_json", [False, True])
def test_a_token_that_nobody_named_is_known_by_its_shape(capsys: pytest.CaptureFixture[str], as_json: bool) -> None:
    text = logged(capsys, as_json=as_json)
    assert "AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw" not in text
    assert "/bot[secret]/getMe" in text


def test_json_has_one_object_a_line_with_the_traceback_inside(capsys: pytest.CaptureFixture[str]) -> None:
    records = [json.loads(line) for line in logged(capsys, as_json=True).splitlines()]
    assert [record["level"] for record in records] == ["INFO", "WARNING", "ERROR"]
    assert all(list(record) == FIELDS for record in records)
    assert [record["error"] for record in records] == [None, None, "RuntimeError"]
    assert records[-1]["message"].startswith("failed: ")
    assert "Traceback (most recent call last)" in records[-1]["message"]


def test_text_has_a_time_a_level_and_a_name(capsys: pytest.CaptureFixture[str]) -> None:
    first = logged(capsys, as_json=False).splitlines()[0]
    assert first[:10].count("-") == 2
    assert " INFO    bot.test: calling " in first


@pytest.mark.parametrize("as_json", [False, True])
def test_words_in_any_script_and_halves_of_characters_can_be_logged(
    capsys: pytest.CaptureFixture[str], as_json: bool
) -> None:
    set_up_logging("INFO", as_json=as_json, secrets=())
    logging.getLogger("bot.test").info("somebody asked: %s", "раводид 签证 \ud83d")
    text = capsys.readouterr().err
    assert "раводид 签证" in text
    assert "Logging error" not in text


def test_libraries_that_tell_every_step_are_silent_below_warnings(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging("INFO", as_json=False, secrets=())
    logging.getLogger("httpx").info("HTTP Request: POST https://api.telegram.org/bot%s/getUpdates", TOKEN)
    logging.getLogger("httpx").warning("a warning")
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("name", LIBRARIES)
@pytest.mark.parametrize("as_json", [False, True])
def test_whatever_a_library_says_at_debug_it_says_without_secrets(
    capsys: pytest.CaptureFixture[str], name: str, as_json: bool
) -> None:
    set_up_logging("DEBUG", as_json=as_json, secrets=(TOKEN, *secrets_in(ADDRESS)))
    log = logging.getLogger(name)
    log.setLevel(logging.DEBUG)
    log.debug("Set Bot API URL: https://api.telegram.org/bot%s", TOKEN, stack_info=True)
    log.debug("%r", {"url": ADDRESS, "kept": (b"pa@ss word", "pa@ss word")})
    try:
        try:
            raise ConnectionError(f"cannot reach {ADDRESS}")
        except ConnectionError as error:
            error.add_note(f"with {TOKEN}")
            raise ExceptionGroup("tried pa@ss word", [ValueError("pa@ss%20word"), error]) from error
    except ExceptionGroup:
        log.exception("failed")
    text = capsys.readouterr().err
    assert "Stack (most recent call last)" in text
    assert "with [secret]" in text
    assert re.findall(r"AAHdq|ss.{1,3}word", text) == []


async def test_what_we_hold_in_our_hands_shows_no_secret_in_the_log(
    capsys: pytest.CaptureFixture[str], desk: Desk
) -> None:
    hidden = "hidden-pass-word"
    address = f"postgresql+psycopg://bot@db/rohnamo?password={hidden}"
    settings = Settings(bot_token=SecretStr(TOKEN), database_url=SecretStr(address), webhook_secret=SecretStr(hidden))
    app = build_app(settings, desk)
    set_up_logging("DEBUG", as_json=False, secrets=(TOKEN, *secrets_in(address)))
    database = Database(address)
    for thing in (settings, app, app.bot, app.bot.token, database, vars(database), desk):
        logging.getLogger("bot.test").debug("%r", thing)
    text = capsys.readouterr().err
    assert "Application" in text
    assert "hidden" not in text
    assert "AAHdq" not in text
    assert "AAHdq" not in f"{settings!r}{settings}{database!r}"


UNCAUGHT = """
import asyncio, logging, sys, threading, warnings
from bot.logs import set_up_logging
set_up_logging("DEBUG", as_json={as_json}, secrets=[{secret!r}])

class Half:
    def __del__(self):
        raise ValueError("in the end " + {secret!r})

def fail(where):
    raise ValueError(where + {secret!r})

async def main():
    asyncio.get_running_loop().call_soon(fail, "in a callback ")
    asyncio.create_task(asyncio.to_thread(fail, "in a task "))
    await asyncio.sleep(0.05)

warnings.warn("a warning of " + {secret!r})
logging.getLogger("bot.test").error("no %d at all", {secret!r})
logging.getLogger("bot.test").error({secret!r} + " %d", {secret!r})
Half()
asyncio.run(main())
thread = threading.Thread(target=fail, args=("in a thread ",))
thread.start()
thread.join()
fail("at last ")
"""


@pytest.mark.parametrize("as_json", [False, True])
def test_what_nobody_catches_goes_into_the_log_and_shows_no_secret(as_json: bool) -> None:
    secret = "hunter2 of the house"
    script = UNCAUGHT.format(as_json=as_json, secret=secret)
    done = subprocess.run([sys.executable, "-c", script], cwd=HOME, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "hunter2" not in done.stdout + done.stderr
    for where in ("in the end", "in a callback", "in a task", "in a thread", "at last", "a warning of"):
        assert f"{where} [secret]" in done.stderr
    assert done.stderr.count("this line could not be written (TypeError)") == 2
    if as_json:
        assert all(list(json.loads(line)) == FIELDS for line in done.stderr.splitlines())
    else:
        assert all(re.match(r"\d{4}-|    ", line) for line in done.stderr.splitlines())


def test_hooks_of_somebody_else_stay(capsys: pytest.CaptureFixture[str]) -> None:
    before = threading.excepthook, sys.unraisablehook
    set_up_logging("INFO", as_json=False, secrets=())
    assert (threading.excepthook, sys.unraisablehook) == before


def test_every_line_tells_to_which_request_it_belongs(capsys: pytest.CaptureFixture[str]) -> None:
    log = logging.getLogger("bot.test")
    for as_json in (False, True):
        set_up_logging("INFO", as_json=as_json, secrets=())
        with traced("update 12"):
            log.info("inside")
        log.info("outside")
    inside, outside, *objects = capsys.readouterr().err.splitlines()
    assert inside.endswith(" INFO    bot.test [update 12]: inside")
    assert outside.endswith(" INFO    bot.test: outside")
    assert [json.loads(line)["request"] for line in objects] == ["update 12", None]


def test_nobody_can_forge_a_line_or_command_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging("INFO", as_json=False, secrets=())
    said = "hi\n2026-11-23 04:00:00 ERROR   bot: all is lost\r\x1b[2J\x9b2J\u202egnol\u2028"
    logging.getLogger("bot.test").info("somebody asked: %s", said)
    first, second = capsys.readouterr().err.splitlines()
    assert first.endswith("somebody asked: hi")
    assert second == "    2026-11-23 04:00:00 ERROR   bot: all is lost\\r\\x1b[2J\\x9b2J\\u202egnol\\u2028"


def test_what_is_said_past_the_log_shows_no_secret_either() -> None:
    keep_secret(secrets_in("postgresql://bot:p@ss-word@db/rohnamo"))
    assert redacted("cannot resolve the host ss-word@db") == "cannot resolve the host [secret]@db"


# The same again and again


class Seconds:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [line.partition(": ")[2] for line in capsys.readouterr().err.splitlines()]


def test_a_complaint_that_comes_again_and_again_is_told_five_times_a_minute_and_then_counted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    clock = Seconds()
    set_up_logging("INFO", as_json=False, secrets=(), clock=clock)
    log = logging.getLogger("bot.test")
    for attempt in range(100):
        log.warning("attempt %d failed", attempt)
        clock.now += 0.5
    log.warning("something else")
    assert lines(capsys) == [f"attempt {attempt} failed" for attempt in range(5)] + ["something else"]
    clock.now = 60.0
    log.info("all is well")
    assert lines(capsys) == ["... and 95 more like this: attempt %d failed", "all is well"]
    log.warning("attempt %d failed", 100)
    assert lines(capsys) == ["attempt 100 failed"]


def test_other_loggers_other_errors_and_what_is_no_complaint_are_told_each_time(
    capsys: pytest.CaptureFixture[str],
) -> None:
    set_up_logging("INFO", as_json=False, secrets=(), clock=Seconds())
    for _ in range(5):
        logging.getLogger("bot.test").error("failed")
    for _ in range(10):
        logging.getLogger("bot.test").info("failed")
    logging.getLogger("bot.other").error("failed")
    logging.getLogger("bot.test").error("failed", exc_info=ValueError())
    assert lines(capsys).count("failed") == 17


def test_what_was_left_out_is_told_when_the_program_ends(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging("INFO", as_json=False, secrets=(), clock=Seconds())
    for _ in range(7):
        logging.getLogger("bot.test").error("failed")
    for handler in logging.getLogger().handlers:
        handler.close()
    assert lines(capsys)[5:] == ["... and 2 more like this: failed"]


def test_a_full_disk_costs_nothing_but_the_line() -> None:
    script = "from bot.logs import log, set_up_logging\n"
    script += "set_up_logging('INFO', as_json=False, secrets=())\nlog.error('failed')\nprint('and on it goes')"
    with Path("/dev/full").open("wb") as full:
        command = [sys.executable, "-c", script]
        done = subprocess.run(command, cwd=HOME, stdout=subprocess.PIPE, stderr=full, text=True, check=False)
    assert done.stdout == "and on it goes\n"
