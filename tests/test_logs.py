"""The log: readable for people and for programs, and without a secret, whatever goes wrong."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest

from bot.logs import set_up_logging

TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
PASSWORD = 'postgresql+asyncpg://bot:p"as\\s@db/rohnamo'


@pytest.fixture(autouse=True)
def quiet_again() -> Iterator[None]:
    """Give the root logger back as it was."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    yield
    root.handlers[:] = before
    root.setLevel(level)


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
    assert all(list(record) == ["time", "level", "logger", "message"] for record in records)
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
