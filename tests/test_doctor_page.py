"""`doctor` and the web page's server: its port on this machine, and the public address of the webhook."""

from __future__ import annotations

import asyncio
import socket
from functools import partial

import pytest

from bot.checkup import reachable
from bot.desk import Desk
from bot.desk.condition import Condition
from bot.desk.hook import Hook
from bot.settings import Settings
from bot.web.app import build_web
from bot.web.webhook import WebhookPage
from tests.doctor import faults, told
from tests.proxies import CERTIFICATE, listening, tls_in_front
from tests.standin.http import running
from tests.test_network import Server, closed_port

# The certificate of the tests ends in 2126.
IN_2126 = 4_949_270_000.0


@pytest.fixture(autouse=True)
def believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))


async def at_port(port: int, host: str = "127.0.0.1") -> str:
    [found] = await told(partial(reachable.page, Settings(web_host=host, web_port=port)))
    return found


async def at(address: str, now: float = 0.0) -> list[str]:
    return await told(partial(reachable.webhook, Settings(webhook_url=address), lambda: now))


# The port


async def test_a_port_that_is_free_is_fine() -> None:
    port = closed_port()
    assert await at_port(port) == f"fine page: 127.0.0.1:{port} is free, so the service does not run here"


async def test_the_service_is_known_and_its_condition_told(desk: Desk) -> None:
    condition = Condition()
    async with running(build_web(desk, condition)) as address:
        port = int(address.rpartition(":")[2])
        for host in ("127.0.0.1", "0.0.0.0"):
            assert await at_port(port, host) == f"fine page: the service answers at {host}:{port} and is ready"
        condition.reload_failed("visa.yaml:1:1: error: so it is\nand so on")
        found = await at_port(port)
        assert found.startswith("warning page: ")
        assert "is degraded; content: visa.yaml:1:1: error: so it is → see its log" in found
        condition.stopping = True
        assert (await at_port(port)).startswith("wrong page: ")


@pytest.mark.parametrize("body", [b"ok", b"[]", b'{"status":1}', b'{"status":"ready"}', b'{"status":1}' * 2])
async def test_another_program_at_the_port_is_wrong(body: bytes) -> None:
    async with listening(Server(body)) as port:
        assert (await at_port(port)).startswith(
            f"wrong page: another program listens at 127.0.0.1:{port} → set WEB_PORT"
        )


async def test_an_address_of_another_machine_is_wrong() -> None:
    found = await at_port(8080, "192.0.2.1")
    assert found.startswith(
        "wrong page: 192.0.2.1:8080 cannot be used (Cannot assign requested address) → set WEB_HOST"
    )


# The public address


async def test_the_bot_is_known_by_its_refusal_and_the_certificate_told(desk: Desk) -> None:
    app = build_web(desk, Condition(), WebhookPage(Hook(), "right-one"))
    async with running(app) as inner, tls_in_front(inner) as port:
        address = f"https://localhost:{port}/telegram"
        first, second = await at(address)
        assert first == f"fine public address: the bot answers at {address}"
        assert second.startswith("fine public address: its certificate is valid for ")
        [late] = faults(await at(address, IN_2126))
        assert late.startswith("warning public address: its certificate is valid for ")
        [elsewhere] = faults(await at(f"https://localhost:{port}/elsewhere"))
        assert elsewhere.startswith(f"wrong public address: https://localhost:{port}/elsewhere answers with 404: a web")


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("200 OK", "something else answers, and takes what anybody sends"),
        ("302 Found", "it sends elsewhere, and Telegram does not follow"),
        ("403 Forbidden", "something in front of the bot refuses"),
        ("404 Not Found", "a web server answers, but has nothing at this path"),
        ("418 I'm a teapot", "that is no answer of the bot's"),
        ("502 Bad Gateway", "the web server is there, and the bot behind it is not"),
        ("503 Service Unavailable", "the web server is there, and the bot behind it is not"),
    ],
)
async def test_each_wrong_answer_has_its_meaning(status: str, said: str) -> None:
    async with listening(Server(b"<html>", status, "Location: https://a.org/\r\n"), tls=True) as port:
        [found] = faults(await at(f"https://localhost:{port}/telegram"))
    assert f" answers with {status[:3]}: {said} → " in found


async def test_nobody_at_the_address_is_told() -> None:
    address = f"https://localhost:{closed_port()}/telegram"
    [found] = await at(address)
    assert found.startswith(f"wrong public address: nobody listens at {address} → start nginx or Caddy")


async def test_a_name_that_does_not_exist_is_told() -> None:
    [found] = await at("https://nobody.invalid/telegram")
    assert found.startswith("wrong public address: the name nobody.invalid is not known → make a DNS record")


async def test_a_certificate_for_another_name_is_told() -> None:
    async with listening(Server(), host="127.0.0.2", tls=True) as port:
        [found] = await at(f"https://127.0.0.2:{port}/telegram")
    assert found.startswith("wrong public address: the certificate of 127.0.0.2 is not believed (IP address mismatch")


async def test_a_server_without_a_certificate_is_told() -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()

    async with listening(plain) as port:
        [found] = await at(f"https://localhost:{port}/telegram")
    assert found.startswith("wrong public address: localhost does not speak TLS there (")


async def test_what_makes_no_sense_is_told() -> None:
    async def nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"SSH-2.0-OpenSSH\r\n")
        await writer.drain()

    async with listening(nonsense, tls=True) as port:
        [found] = await at(f"https://localhost:{port}/telegram")
    assert " makes no sense (BadStatusLine) → see what listens there" in found


async def test_a_silent_server_is_not_waited_for_longer_than_a_check_may_take(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reachable, "PATIENCE", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        [found] = await at(f"https://127.0.0.1:{silent.getsockname()[1]}/telegram")
    assert " does not answer within 0.05 s → open the port in the firewall" in found
