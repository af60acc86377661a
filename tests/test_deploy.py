"""What administrators install: each file is judged by the program that reads it, as far as that is on this machine."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from threading import Thread

import pytest
import typer
import yaml

from bot.cli import cli
from bot.settings import HOME, Settings
from deploy import audit
from deploy.hashes import FILES, needed, pinned

DEPLOY = HOME / "deploy"
ASSIGNED = re.compile(r"^#?([A-Z][A-Z0-9_]*)=(.*)$", re.MULTILINE)
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
SERVICES = COMPOSE["services"]
BOTS = ("bot-1", "bot-2")
UNITS = ("rohnamo.service", "rohnamo-backup.service", "rohnamo-backup.timer")
# As systemd counts: tenths of its exposure, from 0 to 100.
EXPOSED = 15


def example() -> str:
    return (HOME / ".env.example").read_text("utf-8")


def settings_from(text: str, folder: Path) -> dict[str, object]:
    """The settings of an .env file; folders as they are for who starts the bot in the project's folder."""
    (folder / "env").write_text(text, encoding="utf-8")
    settings = Settings(_env_file=folder / "env")
    return {name: HOME / value if isinstance(value, Path) else value for name, value in settings}


@pytest.fixture
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def interpolated() -> set[str]:
    """What deploy/compose.yaml wants from the environment, besides settings."""
    asked = set(re.findall(r"\$\{([A-Z_]+)", (DEPLOY / "compose.yaml").read_text("utf-8")))
    return asked | {"COMPOSE_FILE"}


def test_the_example_of_an_env_file_names_every_setting_and_nothing_else() -> None:
    names = [name for name, _ in ASSIGNED.findall(example())]
    assert len(names) == len(set(names))
    assert set(names) - {name.upper() for name in Settings.model_fields} == interpolated() - {"SEMANTIC"}
    assert {name.upper() for name in Settings.model_fields} <= set(names)


def test_every_setting_of_the_example_is_explained() -> None:
    lines = example().splitlines()
    for before, line in pairwise(lines):
        assert not ASSIGNED.match(line) or ASSIGNED.match(before) or before.startswith("# "), line


@pytest.mark.usefixtures("nothing_set")
def test_the_example_shows_what_is_set_by_itself(tmp_path: Path) -> None:
    by_itself = settings_from("", tmp_path)
    assert settings_from(example(), tmp_path) == by_itself
    assert settings_from(ASSIGNED.sub(r"\1=\2", example()), tmp_path) == by_itself


def pins(path: Path) -> dict[str, tuple[str, list[str]]]:
    """Version and hashes by name."""
    text = path.read_text("utf-8").replace("\\\n", "")
    lines = [line.split() for line in text.splitlines() if not line.startswith(("#", "--only-binary"))]
    return {words[0].split("==")[0]: (words[0].split("==")[1], words[1:]) for words in lines}


@pytest.mark.parametrize("extra", FILES)
def test_the_image_gets_the_versions_that_the_tests_ran_with_and_no_others(extra: str) -> None:
    versions = {name: version for name, (version, _) in pins(FILES[extra]).items()}
    assert versions == {name: pinned()[name] for name in needed(extra)}, "run `make hashes`"


@pytest.mark.parametrize("extra", FILES)
def test_everything_in_the_image_is_known_by_its_hash(extra: str) -> None:
    for name, (_, hashes) in pins(FILES[extra]).items():
        assert hashes, name
        assert all(re.fullmatch("--hash=sha256:[0-9a-f]{64}", one) for one in hashes), name


def test_pip_takes_the_hashes_and_misses_none() -> None:
    files = [f"--requirement={path}" for path in FILES.values()]
    how = ["--no-index", "--dry-run", "--quiet", "--require-hashes", "--disable-pip-version-check"]
    done = subprocess.run([sys.executable, "-m", "pip", "install", *how, *files], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_may_do_only_what_it_must(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert {"cpus", "memory", "pids"} <= set(service["deploy"]["resources"]["limits"])
    assert {"max-size", "max-file"} <= set(service["logging"]["options"])
    assert service["restart"] == ("no" if "profiles" in service else "unless-stopped")
    assert set(service.get("cap_add", ())) <= {"NET_BIND_SERVICE"}


def test_only_caddy_is_reached_from_outside_and_only_the_bots_reach_the_database() -> None:
    assert {name for name, service in SERVICES.items() if "ports" in service} == {"caddy"}
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert {name for name, service in SERVICES.items() if "inside" in service["networks"]} == {
        "postgres",
        "command",
        *BOTS,
    }
    assert SERVICES["postgres"]["networks"] == ["inside"]
    assert "inside" not in SERVICES["caddy"]["networks"]


@pytest.mark.usefixtures("nothing_set")
@pytest.mark.parametrize("name", BOTS)
def test_the_bots_of_the_containers_can_use_what_is_set_for_them(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled = {"POSTGRES_PASSWORD": "secret", "DOMAIN": "guide.example.org", "SEMANTIC": "off"}
    for setting, value in SERVICES[name]["environment"].items():
        assert setting.lower() in Settings.model_fields
        monkeypatch.setenv(setting, re.sub(r"\$\{(\w+)[^}]*\}", lambda found: filled[found[1]], value))
    settings = settings_from(example(), tmp_path)
    assert settings["webhook_url"] == "https://guide.example.org/telegram"
    assert SERVICES["caddy"]["environment"]["UPSTREAMS"].split() == [f"{bot}:{settings['web_port']}" for bot in BOTS]


def test_whoever_stops_the_bot_gives_it_the_time_that_it_needs() -> None:
    assert {SERVICES[name]["stop_grace_period"] for name in BOTS} == {"30s"}
    assert "\nTimeoutStopSec=30\n" in (DEPLOY / "rohnamo.service").read_text("utf-8")


@pytest.mark.parametrize("unit", UNITS[:2])
def test_systemd_calls_a_command_that_there_is(unit: str) -> None:
    started = re.search(r"^ExecStart=\S+ main\.py (.+)$", (DEPLOY / unit).read_text("utf-8"), re.MULTILINE)
    assert started is not None
    name, *words = started[1].split()
    group = typer.main.get_group(cli)
    group.commands[name].make_context(name, words)


@pytest.fixture
def systemd() -> str:
    return shutil.which("systemd-analyze") or pytest.skip("there is no systemd on this machine")


def test_systemd_understands_the_units(systemd: str, tmp_path: Path) -> None:
    for unit in UNITS:
        text = (DEPLOY / unit).read_text("utf-8").replace("/opt/rohnamo/.venv/bin/python", sys.executable)
        (tmp_path / unit).write_text(text.replace("/opt/rohnamo", str(HOME)), encoding="utf-8")
    paths = [str(tmp_path / unit) for unit in UNITS]
    done = subprocess.run([systemd, "verify", *paths], capture_output=True, text=True, check=False)
    told = [line for line in done.stderr.splitlines() if str(tmp_path) in line or "rohnamo" in line]
    assert (done.returncode, told) == (0, [])


@pytest.mark.parametrize("unit", UNITS[:2])
def test_systemd_finds_the_units_well_protected(systemd: str, unit: str) -> None:
    command = [systemd, "security", "--offline=yes", "--no-pager", f"--threshold={EXPOSED}", str(DEPLOY / unit)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


class VulnerabilityList(ThreadingHTTPServer):
    """A list of known vulnerabilities: `answer` is what it says of anything, `asked` how often it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.answer, self.status, self.asked = "{}", 200, 0

    @property
    def option(self) -> str:
        return f"--osv-url=http://127.0.0.1:{self.server_port}/v1/query"


class _Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        assert isinstance(self.server, VulnerabilityList)
        self.server.asked += 1
        self.rfile.read(int(self.headers["Content-Length"]))
        answer = self.server.answer.encode()
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[VulnerabilityList]:
    monkeypatch.setattr(audit, "STAMP", tmp_path / "audited")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with VulnerabilityList() as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_known_vulnerability_stops_the_linters(known: VulnerabilityList, capfd: pytest.CaptureFixture[str]) -> None:
    known.answer = '{"vulns": [{"id": "PYSEC-2026-1", "summary": "bad", "affected": []}]}'
    assert audit.main([known.option]) == 1
    assert "sniffio 1.3.1: PYSEC-2026-1, mended in no version yet" in capfd.readouterr().out.splitlines()


def test_the_list_is_asked_for_everything_and_once_a_day(
    known: VulnerabilityList, capfd: pytest.CaptureFixture[str]
) -> None:
    assert [audit.main([known.option]) for _ in range(2)] == [0, 0]
    assert known.asked == sum(len(pins(path)) for path in FILES.values())
    assert capfd.readouterr().out == ""


def test_on_a_train_it_is_said_that_nothing_was_checked(
    known: VulnerabilityList, capfd: pytest.CaptureFixture[str]
) -> None:
    known.status = 503
    assert audit.main([known.option]) == 0
    assert capfd.readouterr().out == f"{audit.UNREACHED}\n"
    assert not audit.STAMP.exists()


def test_without_any_network_it_is_said_that_nothing_was_checked(
    known: VulnerabilityList, capfd: pytest.CaptureFixture[str]
) -> None:
    known.server_close()
    assert audit.main([known.option]) == 0
    assert capfd.readouterr().out == f"{audit.UNREACHED}\n"


def test_a_mistake_in_calling_it_is_no_matter_of_the_network(
    known: VulnerabilityList, capfd: pytest.CaptureFixture[str]
) -> None:
    assert audit.main(["--no-such-option"]) == 1
    assert "--no-such-option" in capfd.readouterr().out


def test_the_linters_look_for_weak_places() -> None:
    planned = subprocess.run(["make", "-n", "lint"], cwd=HOME, capture_output=True, text=True, check=True).stdout
    assert "bandit" in planned
    assert "deploy.audit" in planned
