"""The web servers of deploy/ in front of the bot as its image holds it: what gets through, and what does not."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import ExitStack
from fnmatch import fnmatch
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.compilers import CAN_COMPILE
from tests.conftest import HOME
from tests.front import SERVERS, Behind, Front, behind, free_port, in_front

DOCKERFILE = (HOME / "deploy" / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
NOT_FOR_STRANGERS = (
    "/metrics",
    "/readyz",
    "/metrics?x=1",
    "/metrics/",
    "//metrics",
    "/%6detrics",
    "/./metrics",
    "/static/../metrics",
    "/%2e/readyz",
    "/METRICS",
)
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def copied() -> list[tuple[str, str]]:
    """What the Dockerfile copies from the project's folder into the image: (from, to)."""
    lines = re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)
    return [(name, words[-1]) for words in map(str.split, lines) for name in words[:-1]]


def let_in(name: str) -> bool:
    """Whether .dockerignore lets a file into the build; its last line that fits decides."""
    verdict = True
    for line in (HOME / ".dockerignore").read_text("utf-8").splitlines():
        pattern = line.removeprefix("!")
        parts = [name, *map(str, Path(name).parents)][:-1]
        fits = any(
            fnmatch(part.split("/")[-1] if pattern.startswith("**/") else part, pattern.removeprefix("**/"))
            for part in parts
        )
        if line and not line.startswith("#") and fits:
            verdict = line.startswith("!")
    return verdict


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder /app of the image, with little content, which reads fast."""
    app = tmp_path_factory.mktemp("image") / "app"
    app.mkdir()
    for name, to in copied():
        if not to.startswith("/tmp"):
            source = HOME / name
            for path in [source] if source.is_file() else sorted(source.rglob("*")):
                inside = str(path.relative_to(HOME))
                if path.is_file() and let_in(inside):
                    (app / inside).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(path, app / inside)
    compile_kernel(app)
    for path in (app / "faq").glob("*.yaml"):
        if path.name not in ("institute.yaml", "visa.yaml"):
            path.unlink()
    return app


def compile_kernel(app: Path) -> None:
    """What the build's stage with a compiler leaves in the image, by the very command of the Dockerfile."""
    command = re.search(r"^RUN (cc .+)$", DOCKERFILE, re.MULTILINE)
    taken = re.search(r"^COPY --from=kernel (/tmp/\S+) (\S+)$", DOCKERFILE, re.MULTILINE)
    assert command is not None
    assert taken is not None
    if CAN_COMPILE:
        shutil.copy(HOME / "bot" / "matching" / "kernel.c", app.parent)
        line = command[1].replace("$(python3-config --includes)", f"-I{sysconfig.get_path('include')}")
        subprocess.run(line.replace("/tmp/", f"{app.parent}/"), shell=True, check=True)
        shutil.copy(app.parent / Path(taken[1]).name, app / taken[2])


@pytest.fixture(scope="module")
def bot(image: Path) -> Iterator[str]:
    """The service, from nothing but what is in the image; its address."""
    command = words_of("ENTRYPOINT") + words_of("CMD")
    given = {"DATA_DIR": str(image.parent / "data"), "WEB_PORT": "0", "SEMANTIC": "off", "PYTHONDONTWRITEBYTECODE": "1"}
    environment = {"PATH": os.environ["PATH"], **given}
    command[0] = sys.executable
    with subprocess.Popen(command, cwd=image, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            found = re.search(r"http://(127\.0\.0\.1:\d+)/", process.stdout.readline())
            assert found is not None
            yield found[1]
        finally:
            process.terminate()
            process.communicate()


def words_of(instruction: str) -> list[str]:
    """The words of the command that an instruction of the Dockerfile names."""
    written = re.search(rf"^{instruction} [^\[\n]*\[(.+)\]$", DOCKERFILE, re.MULTILINE)
    assert written is not None
    return re.findall(r'"([^"]*)"', written[1])


@pytest.fixture(scope="module", params=SERVERS)
def front(request: pytest.FixtureRequest, bot: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """A web server in front of the bot."""
    with in_front(request.param, [bot], tmp_path_factory.mktemp(request.param)) as server:
        yield server


@pytest.fixture(params=SERVERS)
def welcomed(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Front, Behind]]:
    """A web server in front of something that welcomes everything."""
    with behind() as server, in_front(request.param, [server.address], tmp_path) as front:
        yield front, server


def test_the_page_talks_through_a_web_server_and_its_cookie_stays_on_tls(front: Front) -> None:
    page = front.ask("GET", "/")
    assert (page.status, b"<html" in page.body) == (200, True)
    told = front.ask("POST", "/talk", urlencode({"text": "нужна ли виза"}).encode(), FORM)
    assert (told.status, told.headers["Content-Language"]) == (200, "ru")
    assert "Secure" in re.split("; ?", told.headers["Set-Cookie"])
    assert front.ask("GET", "/static/page.css").status in (200, 404)


def test_whoever_watches_from_outside_sees_that_it_lives_and_nothing_more(front: Front) -> None:
    alive = front.ask("GET", "/healthz")
    assert (alive.status, alive.body) == (200, b"ok")
    assert [front.ask("GET", path).status for path in ("/metrics", "/readyz")] == [404, 404]


def test_the_image_s_own_check_of_its_health_works_and_can_fail(bot: str) -> None:
    check = words_of("HEALTHCHECK")
    for port, healthy in ((bot.split(":")[1], True), (str(free_port()), False)):
        words = [sys.executable, *(word.replace("8080", port) for word in check[1:])]
        assert (subprocess.run(words, capture_output=True, check=False).returncode == 0) is healthy


def test_no_spelling_of_a_path_leads_strangers_to_what_is_for_neighbours(welcomed: tuple[Front, Behind]) -> None:
    front, server = welcomed
    for path in NOT_FOR_STRANGERS:
        assert front.ask("GET", path).status == 404, path
    assert server.asked == []


def test_nobody_can_say_that_they_come_from_elsewhere(welcomed: tuple[Front, Behind]) -> None:
    front, server = welcomed
    forged = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "http"}
    assert front.ask("GET", "/?start=visa", headers=forged).body == b"welcome"
    (seen,) = server.asked
    assert seen.path == "/?start=visa"
    assert (seen.headers["x-forwarded-for"], seen.headers["x-forwarded-proto"]) == ("127.0.0.1", "https")
    assert seen.headers["host"] == f"localhost:{front.port}"


def test_an_update_arrives_as_telegram_sent_it(welcomed: tuple[Front, Behind]) -> None:
    front, server = welcomed
    sent = {"Content-Type": "application/json", "X-Telegram-Bot-Api-Secret-Token": "secret_1-2"}
    assert front.ask("POST", "/telegram", b"{" + b" " * 500_000 + b"}", sent).status == 200
    (seen,) = server.asked
    assert (seen.method, seen.path, seen.size) == ("POST", "/telegram", 500_002)
    assert {name: seen.headers[name.lower()] for name in sent} == sent


def test_two_megabytes_are_refused_and_the_next_one_is_served_at_once(welcomed: tuple[Front, Behind]) -> None:
    front, server = welcomed
    assert front.ask("POST", "/telegram", b" " * 2_000_000).status in (413, 502)  # older Caddys call it 502
    assert [seen for seen in server.asked if seen.size > 1_100_000] == []
    # Were that taken for a fault of the bot's, everybody else would be shut out for five seconds.
    assert front.ask("GET", "/", patience=4).status == 200


# A Caddy of before March 2026 loses the body (its issue 7546), and Telegram has to post once more.
@pytest.mark.parametrize(("server", "body"), [("nginx", b"question"), ("caddy", None)])
def test_while_one_of_two_bots_is_replaced_the_other_one_gets_everything_once(
    server: str, body: bytes | None, tmp_path: Path
) -> None:
    with ExitStack() as leaving, behind() as there:
        leaves = leaving.enter_context(behind())
        with in_front(server, [leaves.address, there.address], tmp_path) as front:
            leaving.close()
            assert [front.ask("POST" if body else "GET", f"/{number}", body).status for number in range(6)] == [200] * 6
    assert [seen.path for seen in there.asked] == [f"/{number}" for number in range(6)]


@pytest.mark.parametrize("server", SERVERS)
def test_what_may_have_been_done_already_is_not_given_to_another_bot(server: str, tmp_path: Path) -> None:
    with (
        behind(moody=True) as one,
        behind(moody=True) as other,
        in_front(server, [one.address, other.address], tmp_path) as front,
    ):
        assert front.ask("POST", "/", b"question").status == 502
        assert len(one.asked + other.asked) == 1


def test_the_image_runs_as_nobody_special_and_takes_only_what_has_a_known_hash() -> None:
    user = re.findall(r"^USER (\d+):(\d+)$", DOCKERFILE, re.MULTILINE)[-1]
    assert all(int(number) >= 1000 for number in user)
    installs = [line for line in DOCKERFILE.splitlines() if "pip" in line and " install " in line]
    assert installs
    assert all("--require-hashes" in line for line in installs)


def test_no_secret_and_no_data_can_get_into_the_image() -> None:
    assert [name for name, _ in copied() if not (HOME / name).exists()] == []
    assert all(let_in(name) for name, _ in copied())
    for name in (".env", ".git/config", "data/rohnamo.db", "bot/__pycache__/x.pyc", "faq/.env", "tests/conftest.py"):
        assert not let_in(name), name


@pytest.mark.skipif(not CAN_COMPILE, reason="no C compiler, or not Python's headers")
def test_the_image_has_the_compiled_arithmetic(image: Path) -> None:
    said = "from bot.matching import arithmetic; assert arithmetic.COMPILED, arithmetic"
    done = subprocess.run([sys.executable, "-c", said], cwd=image, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
