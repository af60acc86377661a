"""`python main.py announce` at work: everybody has it, whatever happens meanwhile."""

from __future__ import annotations

import os
import pty
import re
import signal
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.delivery.sender import Sender
from bot.desk import Desk
from bot.desk.pace import Pacer
from bot.language import Language
from bot.matching.matcher import Matcher
from bot.pages.voice import Voice
from bot.store.database import Database
from bot.store.leases import Leases
from tests.announcer import LONG, PNG, TEXT, Shell, ended, held, shown
from tests.crowd import Crowd, send_all
from tests.office import Clock
from tests.staff import Staff
from tests.standin.http import serve
from tests.standin.telegram import Telegram
from tests.telegram_bot import answering

FAST = 10_000.0


@pytest.fixture
async def shell(telegram: Telegram, staff: Staff, tmp_path: Path, new_database: Path) -> AsyncIterator[Shell]:
    """With the stand-in behind HTTP, and twelve people who have started the bot."""
    made = Shell(telegram, staff, tmp_path, new_database)
    made.knows(12)
    async with serve(telegram) as url:
        made.environment["BOT_API_URL"] = url
        yield made


@pytest.fixture
async def service(shell: Shell, tiny_matcher: Matcher, voices: Mapping[Language, Voice]) -> AsyncIterator[Crowd]:
    """A running service over the same database, whose clock is a minute ahead: a dead process's lease is over."""
    database, clock = Database(f"sqlite+aiosqlite:///{shell.database}"), Clock(datetime.now(UTC) + timedelta(minutes=1))
    await database.open()
    desk = Desk(tiny_matcher, voices, database, clock)
    desk.pacer = Pacer(FAST)
    async with answering(shell.telegram, desk):
        yield Crowd(shell.telegram, desk, clock, shell.people)
    await database.close()


async def test_a_wrong_token_is_told_before_anything_begins(shell: Shell) -> None:
    code, _, errors = await shell.ends("--yes", BOT_TOKEN="42:another")
    assert (code, errors) == (1, "Telegram does not know this BOT_TOKEN; copy it again from @BotFather\n")
    assert shell.rows("SELECT * FROM announcements") == []


async def test_everybody_gets_it_once_with_its_photo_and_the_tally_is_a_table(shell: Shell) -> None:
    (shell.folder / "poster.png").write_bytes(PNG)
    shell.writes(f"{TEXT}photo: poster.png\n")
    shell.telegram.block(shell.people[0])
    code, told, errors = await shell.ends("--yes")
    assert (code, errors) == (0, "")
    assert shell.copies() == {0: 1, 1: 11}
    assert len(shell.telegram.calls_of("sendPhoto")) == 12
    assert "Announcement #1" in told
    assert re.search(r"English +Russian +Tajik +Chinese +All", told)
    assert re.search(r"sent +2 +3 +3 +3 +11", told)
    assert re.search(r"have blocked the bot +1 +0 +0 +0 +1", told)
    assert shell.rows("SELECT state, author, planned FROM announcements") == [("done", None, 12)]


async def test_if_nobody_got_it_it_ends_with_1_and_no_log_shows_the_token(shell: Shell) -> None:
    for person in shell.people:
        shell.telegram.block(person)
    code, told, errors = await shell.ends("--yes", LOG_LEVEL="DEBUG")
    assert code == 1
    assert "DEBUG" in errors
    assert shell.telegram.token not in told + errors
    assert re.search(r"have blocked the bot +3 +3 +3 +3 +12", told)


@pytest.mark.parametrize(("reply", "has_it"), [(b"y\n", 12), (b"n\n", 0)])
async def test_who_sits_at_a_terminal_is_asked(shell: Shell, reply: bytes, has_it: int) -> None:
    keyboard, terminal = pty.openpty()
    try:
        async with shell.starts(stdin=terminal) as process:
            await shown(process.stdout, b"Send to 12 people? [y/N]")
            os.write(keyboard, reply)
            code, told, _ = await ended(process)
    finally:
        os.close(keyboard)
        os.close(terminal)
    assert (code, "Nothing was sent" in told) == (0, not has_it)
    assert shell.copies()[1] == has_it
    assert len(shell.rows("SELECT * FROM announcements")) == bool(has_it)


async def test_ctrl_c_at_the_question_sends_nothing(shell: Shell) -> None:
    keyboard, terminal = pty.openpty()
    try:
        async with shell.starts(stdin=terminal) as process:
            await shown(process.stdout, b"Send to 12 people? [y/N]")
            process.send_signal(signal.SIGINT)
            code, _, errors = await ended(process)
    finally:
        os.close(keyboard)
        os.close(terminal)
    assert (code, "Aborted" in errors, "Traceback" in errors) == (1, True, False)
    assert shell.rows("SELECT * FROM announcements") == []


async def test_what_begins_later_is_left_to_the_service(shell: Shell, service: Crowd) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=2)
    shell.writes(f"{TEXT}audience: {{language: ru}}\nwhen: {tomorrow:%Y-%m-%d} 09:00\n")
    code, told, errors = await shell.ends("--yes")
    assert (code, errors) == (0, "")
    assert "Announcement #1 waits for its time; the running service sends it" in told
    assert shell.telegram.calls_of("sendMessage") == []
    planned = await service.now(1)
    assert (planned.state, planned.target, planned.begin_at is not None) == ("scheduled", "ru", True)


async def test_by_day_whoever_has_night_is_left_to_the_service(shell: Shell) -> None:
    # Where it is two o'clock at night now; in these names the sign is the other way round.
    east = 2 - datetime.now(UTC).hour
    zone = f"Etc/GMT{-(east if east >= -12 else east + 24):+d}"
    shell.staff.changes("institute.yaml", "Asia/Shanghai", zone)
    shell.writes(f"{TEXT}when: daytime\n")
    code, told, errors = await shell.ends("--yes")
    assert (code, errors) == (0, "")
    assert "0 people have announcement #1, 12 to go. It is night for them: the running service sends it" in told
    assert shell.copies() == {0: 12}
    assert shell.rows("SELECT state, planned FROM announcements") == [("sending", 12)]


async def test_ctrl_c_lets_arrive_what_is_on_its_way_and_leaves_the_rest_to_the_service(
    shell: Shell, service: Crowd
) -> None:
    gates = held(shell)
    async with shell.starts("--yes", FORCE_COLOR="1") as process:
        await shell.telegram.until(lambda: shell.copies()[1] == 4, LONG)
        await shown(process.stderr, b"4 sent, 16 left, 0 failed.")
        process.send_signal(signal.SIGINT)
        for gate in gates:
            gate.set()
        code, told, errors = await ended(process)
    assert code == 130
    assert "12 people have announcement #1, 8 to go. It goes on as soon as the service runs. " in told
    assert "To pause or cancel it, send /announce in the staff chat." in told
    assert "Traceback" not in errors
    assert await Leases(service.desk.database).holder(datetime.now(UTC)) is None
    await send_all(Sender(service.desk, "service"))
    assert shell.copies() == {1: 20}
    assert await service.uncertain(1) == 0


async def test_killed_in_the_middle_the_service_goes_on_and_nobody_is_lost(shell: Shell, service: Crowd) -> None:
    gates = held(shell)
    async with shell.starts("--yes") as process:
        await shell.telegram.until(lambda: shell.copies()[1] == 4, LONG)
        process.kill()
        await process.wait()
    for gate in gates:
        gate.set()
    await send_all(Sender(service.desk, "service"))
    copies = shell.copies()
    assert copies[0] == 0
    assert copies[2] <= await service.uncertain(1) <= 8
    assert (await service.now(1)).state == "done"


async def test_while_the_service_sends_the_terminal_only_watches(shell: Shell, service: Crowd) -> None:
    leases = Leases(service.desk.database)
    lease = await leases.take("service", service.desk.now(), timedelta(hours=1))
    assert lease is not None
    async with shell.starts("--yes", FORCE_COLOR="1") as process:
        await shown(process.stderr, b"Sent by the service")
        process.send_signal(signal.SIGINT)
        code, told, _ = await ended(process)
    assert code == 130
    assert "0 people have announcement #1, 12 to go. The running service goes on." in told
    assert shell.telegram.calls_of("sendMessage") == []
    async with shell.starts("--yes", FORCE_COLOR="1") as process:
        await shown(process.stderr, b"Sent by the service")
        # From now on both have the same clock, so that neither takes the other for dead.
        service.clock.now = datetime.now(UTC)
        await leases.give_back(lease)
        await send_all(Sender(service.desk, "service"))
        code, told, _ = await ended(process)
    assert code == 0
    assert re.search(r"sent +3 +3 +3 +3 +12", re.sub(r"\x1b\[[0-9;]*m", "", told))
    assert shell.copies() == {2: 12}, "each of the two announcements once"


async def test_staff_can_cancel_it_while_the_terminal_watches(shell: Shell, service: Crowd) -> None:
    gates = held(shell)
    async with shell.starts("--yes") as process:
        await shell.telegram.until(lambda: shell.copies()[1] == 4, LONG)
        assert await service.desk.announcing.control.cancel(1, service.desk.now())
        for gate in gates:
            gate.set()
        code, told, _ = await ended(process)
    assert code == 0
    assert re.search(r"cancelled .* (8|12) *\n", told)
    assert set(shell.copies()) == {0, 1}
