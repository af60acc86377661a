"""`python main.py updates`: what is set aside, for the administrator, and what they can do about it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli import cli
from bot.cli.running import UNUSABLE
from bot.store.database import Database
from bot.store.updates import Received, Updates

WORDS = "how do I extend my visa"


class Administrator:
    """Somebody at a terminal, with a store of their own."""

    def __init__(self, folder: Path) -> None:
        self.environment = {"BOT_TOKEN": "42:secret", "DATA_DIR": str(folder), "COLUMNS": "80"}
        self.address = f"sqlite:///{folder / 'rohnamo.db'}"

    def runs(self, *arguments: str, **environment: str) -> Result:
        return CliRunner().invoke(cli, arguments, env=self.environment | environment)

    def store(self, deed: Callable[[Updates], Awaitable[object]]) -> None:
        """Do something with the updates of the bot."""

        async def do() -> None:
            database = Database(self.address)
            await database.open()
            await deed(Updates(database, 42))
            await database.close()

        with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
            runner.run(do())


@pytest.fixture
def administrator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Administrator:
    monkeypatch.chdir(tmp_path)
    return Administrator(tmp_path)


async def two_aside(updates: Updates) -> None:
    await updates.keep([Received(number, "1", WORDS) for number in (7, 8, 9)])
    await updates.set_aside(7, "KeyError")
    await updates.set_aside(8, "it cannot be read (it has no number)")


def test_what_is_set_aside_is_listed_without_a_word_of_anybodys(administrator: Administrator) -> None:
    administrator.store(two_aside)
    result = administrator.runs("updates")
    first, second, hint = result.stdout.splitlines()
    assert result.exit_code == 0
    assert (first.split()[0], first.split("UTC")[1].strip()) == ("7", "KeyError")
    assert second.endswith("UTC  it cannot be read (it has no number)")
    assert hint.startswith("2 are set aside;")
    assert "--again" in hint
    assert WORDS not in result.output


def test_what_is_set_aside_can_be_tried_again(administrator: Administrator) -> None:
    administrator.store(two_aside)
    result = administrator.runs("updates", "--again")
    assert (result.exit_code, result.stdout) == (0, "2 updates are tried again as soon as the bot runs\n")
    assert administrator.runs("updates").stdout == "No update is set aside.\n"

    async def look(updates: Updates) -> None:
        assert (await updates.backlog()).waiting == 3

    administrator.store(look)


def test_what_is_set_aside_can_be_deleted(administrator: Administrator) -> None:
    administrator.store(two_aside)
    result = administrator.runs("updates", "--drop")
    assert (result.exit_code, result.stdout) == (0, "2 updates are deleted\n")
    assert administrator.runs("updates").stdout == "No update is set aside.\n"
    assert administrator.runs("updates", "--drop").stdout == "0 updates are deleted\n"


def test_nothing_is_done_to_the_updates_of_another_bot(administrator: Administrator) -> None:
    administrator.store(two_aside)
    assert administrator.runs("updates", "--drop", BOT_TOKEN="43:other").stdout == "0 updates are deleted\n"
    assert len(administrator.runs("updates").stdout.splitlines()) == 3


@pytest.mark.parametrize(
    ("arguments", "token", "code", "told"),
    [
        (["updates"], "", 1, "BOT_TOKEN is missing, or begins with no number: which bot's updates are meant?"),
        (["updates"], "no-number", 1, "BOT_TOKEN is missing, or begins with no number: which bot's updates are meant?"),
        (["updates", "--again", "--drop"], "42:secret", 1, "Use either --again or --drop."),
        (
            ["run", "--webhook"],
            "42:secret",
            UNUSABLE,
            "--webhook needs WEBHOOK_URL, the public address of this server that ends with /telegram",
        ),
    ],
)
def test_what_is_missing_is_told_in_one_sentence(
    administrator: Administrator, arguments: list[str], token: str, code: int, told: str
) -> None:
    result = administrator.runs(*arguments, BOT_TOKEN=token)
    assert (result.exit_code, result.stderr) == (code, f"{told}\n")
