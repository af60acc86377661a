"""`doctor`: one line a check, whatever becomes of the others; what is wrong, and what to do."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.checkup import machine, written
from bot.checkup.setup import read_setup
from bot.findings import Check, Examination, Found, fine
from bot.settings import Settings
from bot.store.backup import make_backup
from tests.conftest import HOME
from tests.doctor import faults, line, told
from tests.staff import Staff
from tests.standin.http import serve
from tests.standin.telegram import Telegram

TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0"


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine on which everything is set up; `folder` is the one in which the command is given."""

    folder: Path
    environment: Mapping[str, str]

    def doctor(self, *words: str, before: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        """The command, in a process of its own; Python may be told something `before`."""
        start = [str(HOME / "main.py")] if not before else ["-c", f"{before}; from bot.cli import cli; cli()"]
        return subprocess.run(
            [sys.executable, *start, "doctor", *words],
            env={**self.environment, **environment},
            cwd=self.folder,
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )


@pytest.fixture
def ready(staff: Staff, new_database: Path, tmp_path: Path) -> Machine:
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    shutil.copy(new_database, data)
    make_backup(data / "rohnamo.db", data / "backups", datetime.now(UTC))
    made = {"FAQ_DIR": str(staff.folder), "DATA_DIR": str(data), "WEB_PORT": "0", "SEMANTIC": "off"}
    return Machine(tmp_path, {"PATH": os.environ["PATH"], "PYTHONPATH": str(HOME), **made})


@pytest.fixture
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which the settings are read; a token is in the environment."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BOT_TOKEN", TOKEN)
    return tmp_path


def _write(folder: Path, text: str, mode: int = 0o600) -> None:
    (folder / ".env").write_text(text, encoding="utf-8")
    (folder / ".env").chmod(mode)


def _everything_in(folder: Path) -> Mapping[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


# The whole command


async def test_where_everything_is_right_each_check_has_its_line_and_it_ends_with_0(ready: Machine) -> None:
    telegram = Telegram(TOKEN)
    admin, group = telegram.person(), telegram.group(forum=True)
    _write(ready.folder, f"BOT_TOKEN={TOKEN}\nADMIN_IDS={admin.id}\n")
    before = _everything_in(ready.folder)
    async with serve(telegram) as url:
        done = await asyncio.to_thread(ready.doctor, BOT_API_URL=url, STAFF_CHAT_ID=str(group.id))
    *lines, summary = done.stdout.splitlines()
    assert (summary, done.returncode, done.stderr) == ("Everything is right", 0, "")
    assert {one.split(":")[0] for one in lines} == {
        f"✓ {name}"
        for name in (
            *("program", "settings", "content", "catalogues", "embeddings", "disk", "database", "integrity"),
            *("revision", "service", "backups", "page", "telegram", "token", "staff group"),
            *("administrators", "webhook"),
        )
    }
    assert "✓ token: it is that of @rohnamo_bot" in lines
    assert _everything_in(ready.folder) == before
    assert telegram.violations == []
    assert set(telegram.count) == {"getMe", "getChat", "getChatMember", "getWebhookInfo"}


def test_what_is_wrong_ends_with_1_hides_nothing_else_and_shows_no_secret(ready: Machine) -> None:
    secrets = {"BOT_TOKEN": TOKEN, "DATABASE_URL": "postgresql://me:hunter2hunter2@127.0.0.1:1/none"}
    secrets["DATA_DIR"] = str(ready.folder / "hunter2hunter2")  # which is told
    done = ready.doctor("--quick", WEB_PORT="80800", KEEP_DAYS="0", LOG_LEVEL="DEBUG", **secrets)
    assert (done.returncode, done.stderr) == (1, "")
    lines = done.stdout.splitlines()
    assert [one.split(":")[1] for one in lines if one.startswith("✗")] == [
        " KEEP_DAYS",
        " WEB_PORT",
        " it cannot be opened",
    ]
    assert lines[-1] == "3 things are wrong, 0 warnings"
    assert any(one.startswith("✓ content: 1 answer, 0 errors, 0 warnings") for one in lines)
    assert not any(one.split(" ")[1] in ("page:", "telegram:", "backups:") for one in lines)
    assert any(one.startswith("✓ disk: ") and one.endswith("[secret] is made at the first start") for one in lines)
    assert "hunter2" not in done.stdout
    assert TOKEN not in done.stdout


def test_programs_get_json(ready: Machine) -> None:
    done = ready.doctor("--json", "--quick")
    found = json.loads(done.stdout)
    assert (done.returncode, found["wrong"], found["warnings"]) == (0, 0, 1)
    assert {tuple(one) for one in found["findings"]} == {("name", "state", "words", "step")}
    [warning] = [one for one in found["findings"] if one["state"] == "warning"]
    assert warning["words"] == "BOT_TOKEN is not set, so only the chat page runs"
    assert "@BotFather" in warning["step"]


def test_a_check_that_never_ends_is_told_like_the_others_and_does_not_keep_the_command(ready: Machine) -> None:
    (ready.folder / "data" / "rohnamo.db").unlink()
    os.mkfifo(ready.folder / "data" / "rohnamo.db")  # nobody ever writes into it
    done = ready.doctor("--quick", before="import bot.cli.doctor as d; d.LIMIT = 2.0", BOT_TOKEN=TOKEN)
    assert (done.returncode, done.stderr) == (1, "")
    assert "✗ database: no answer within 2 s → see that the database answers" in done.stdout
    assert "✓ catalogues: " in done.stdout
    assert "✓ page: " in done.stdout


async def test_a_check_that_fails_itself_hides_no_other_one() -> None:
    async def fails() -> Found:
        raise ZeroDivisionError("so it is")

    async def works() -> Found:
        return [fine("b", "fine"), Check("c", fails), Check("d", works_too), fine("e", "fine")]

    async def works_too() -> Found:
        return [fine("d", "fine")]

    found = await Examination().of([Check("a", fails), Check("b", works)])
    assert [(one.name, one.state) for one in found] == [
        *(("a", "wrong"), ("b", "fine"), ("c", "wrong"), ("d", "fine"), ("e", "fine"))
    ]
    assert line(found[0]) == "wrong a: the check itself failed (ZeroDivisionError: so it is) → tell the developers"


# The settings


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("BOT_TOKN=1:a", "“BOT_TOKN” in .env is no setting → did you mean BOT_TOKEN?"),
        ("export ADMIN_ID = 1", "“ADMIN_ID” in .env is no setting → did you mean ADMIN_IDS?"),
        ("  staff_chat=-1", "“staff_chat” in .env is no setting → did you mean STAFF_CHAT_ID?"),
        ("\ufeffPROXY_URI=x", "“PROXY_URI” in .env is no setting → did you mean PROXY_URL?"),
    ],
)
async def test_a_misspelt_setting_is_told(at_home: Path, text: str, said: str) -> None:
    _write(at_home, f"{text}\n#WEB_PROT=1\nPOSTGRES_PASSWORD=x\nDOMAIN=x\nTZ=UTC\nweb_port=80\n")
    assert faults(await told(partial(written.settings, read_setup())))[0] == f"warning settings: {said}"


async def test_settings_that_others_can_read_are_told(at_home: Path) -> None:
    _write(at_home, f"BOT_TOKEN={TOKEN}\n", 0o644)
    [found] = await told(partial(written.settings, read_setup()))
    assert found == f"warning settings: every user of this machine can read .env → chmod o= {at_home / '.env'}"
    (at_home / ".env").chmod(0o640)
    assert faults(await told(partial(written.settings, read_setup()))) == []


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"BOT_TOKEN": ""}, "warning settings: BOT_TOKEN is not set, so only the chat page runs"),
        ({"BOT_TOKEN": "AAHdqTcv"}, "wrong settings: BOT_TOKEN is no token, such as 123456:ABC-DEF"),
        ({"WEBHOOK_URL": "https://a.org:8080/telegram"}, "wrong settings: Telegram sends updates to the ports 443,"),
        ({"PROXY_URL": "socks4://me:hunter2@a:1"}, "wrong settings: PROXY_URL: Value error, has to be like"),
    ],
)
async def test_a_setting_that_cannot_work_is_told(
    at_home: Path, monkeypatch: pytest.MonkeyPatch, environment: Mapping[str, str], said: str
) -> None:
    for name, value in {"BOT_TOKEN": TOKEN, **environment}.items():
        monkeypatch.setenv(name, value)
    [found] = await told(partial(written.settings, read_setup()))
    assert found.startswith(said)
    assert "hunter2" not in found


async def test_settings_in_another_encoding_leave_the_rest_to_be_checked(at_home: Path) -> None:
    (at_home / ".env").write_bytes(b"FAQ_DIR=\xe2\xe8\xe7\xe0\n")
    [found] = await told(partial(written.settings, read_setup()))
    assert found.startswith("wrong settings: .env: the file is not saved as UTF-8 → ")


# Content and catalogues


async def test_content_that_cannot_go_live_is_told_with_its_first_mistake(staff: Staff) -> None:
    staff.changes("visa.yaml", "    answer:", "    anser:")
    [found] = await told(partial(written.content, Settings(faq_dir=staff.folder)))
    assert found.startswith("wrong content: 2 errors, 0 warnings: it cannot go live (visa.yaml:4:5: error:")
    assert found.endswith("python main.py check tells everything")


async def test_facts_that_are_still_examples_are_told(staff: Staff) -> None:
    staff.changes("institute.yaml", "office@institute.cn", "office@example.org")
    [found] = await told(partial(written.content, Settings(faq_dir=staff.folder)))
    words = "1 answer, 0 errors, 1 warning; 1 of institute.yaml are still examples"
    assert found.startswith(f"warning content: {words} → put the institute's own in")


async def test_catalogues_that_are_not_there_are_told(tmp_path: Path) -> None:
    [found] = await told(partial(written.catalogues, Settings(locales_dir=tmp_path)))
    assert found.startswith(f"wrong catalogues: {tmp_path}")


# The machine


def test_libraries_that_are_missing_or_of_another_version_are_told(tmp_path: Path) -> None:
    project = tmp_path / "pyproject.toml"
    project.write_text(
        '[project]\nrequires-python = ">=3.11"\ndependencies = ["nothing-of-the-kind>=1", "rich>=99", '
        '"pydantic[email]>=2,<3", "typer>=0.1.0"]\n',
        encoding="utf-8",
    )
    [found] = machine._program(project)
    assert found.words.startswith("nothing-of-the-kind is not installed; rich is ")
    assert found.words.endswith(" and has to be >=99")
    project.write_text('[project]\nrequires-python = ">=4"\n', encoding="utf-8")
    assert "it needs >=4" in line(machine._program(project)[0])


@pytest.mark.parametrize(
    ("version", "bounds", "fits"),
    [
        ("2.0.44", ">=2.0.5", True),
        ("22.10", ">=22.7,<23", True),
        ("23.0", ">=22.7,<23", False),
        ("3.4.0rc1", ">=3.4", True),
        ("1.2", ">=1.2.0", True),
        ("0.11.9", ">=0.12,<0.13", False),
    ],
)
def test_versions_are_compared_as_numbers(version: str, bounds: str, fits: bool) -> None:
    assert machine._fits(version, bounds) is fits


async def test_a_disk_that_is_nearly_full_is_told(tmp_path: Path) -> None:
    settings, free = Settings(data_dir=tmp_path), shutil.disk_usage(tmp_path).free
    nearly = machine.Room(soon=free * 2, now=0)
    assert [one[:13] for one in faults(await told(partial(machine.disk, settings, nearly)))] == ["warning disk:"]
    full = machine.Room(soon=free * 2, now=free * 2)
    assert f"are free for {tmp_path} → free some space" in faults(await told(partial(machine.disk, settings, full)))[0]
    files = machine.Room(0, 0, sys.maxsize + 1, sys.maxsize + 1)
    assert " files, are free for " in faults(await told(partial(machine.disk, settings, files)))[0]


async def test_a_data_folder_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    [found] = faults(await told(partial(machine.disk, Settings(data_dir=tmp_path / "file" / "data"))))
    assert found == f"wrong disk: {tmp_path / 'file'} is a file and no folder → set another DATA_DIR"
    (tmp_path / "data").mkdir()
    (tmp_path / "data").chmod(0o755)
    elsewhere = Settings(data_dir=tmp_path / "data", database_url=SecretStr("postgresql://a/b"))
    assert faults(await told(partial(machine.disk, elsewhere))) == []
    [found] = faults(await told(partial(machine.disk, Settings(data_dir=tmp_path / "data"))))
    assert found.endswith(f" → chmod o= {tmp_path / 'data'}")
    new = await told(partial(machine.disk, Settings(data_dir=tmp_path / "new" / "data")))
    assert new[0] == f"fine disk: {tmp_path / 'new' / 'data'} is made at the first start"
    if os.geteuid():  # root may write anywhere
        (tmp_path / "data").chmod(0o500)
        assert "cannot write into" in (await told(partial(machine.disk, Settings(data_dir=tmp_path / "data"))))[0]
