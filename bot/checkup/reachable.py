"""Whether the web page's server can be reached: on this machine, and at the address that Telegram has."""

from __future__ import annotations

import asyncio
import errno
import json
import socket
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from bot.findings import Finding, State, fine, warning, wrong
from bot.settings import Settings
from bot.web.webhook import SECRET_HEADER

# Seconds for each step of a request, and bytes of an answer that are looked at.
PATIENCE, MOST = 6.0, 65_536
# Days that a certificate has left when it should have been renewed.
RENEWAL = 14
DAY = 86_400
NAME = "public address"
# Where /readyz tells what is wrong.
FAULTS = {"database": "fault", "content": "reload_fault", "telegram": "fault"}

# What an answer means that is not the bot's, and what to do.
BEHIND = (
    "the web server is there, and the bot behind it is not",
    "start the bot; see where nginx or Caddy passes on to",
)
MEANT = {
    200: ("something else answers, and takes what anybody sends", "see to whom nginx or Caddy passes this path on"),
    403: ("something in front of the bot refuses", "let POST requests from anywhere through to the bot"),
    404: (
        "a web server answers, but has nothing at this path",
        "WEBHOOK_URL has to end with /telegram, and nginx or Caddy to pass that on (deploy/); a bot that was started "
        "without WEBHOOK_URL has to be started again",
    ),
    405: ("a web server answers that takes no updates there", "see to whom nginx or Caddy passes this path on"),
    502: BEHIND,
    503: BEHIND,
    504: BEHIND,
}
REDIRECTED = ("it sends elsewhere, and Telegram does not follow", "put the address to which it sends into WEBHOOK_URL")
OTHER = ("that is no answer of the bot's", "see to whom nginx or Caddy passes this path on")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answers; `expires` is the end of its certificate, as Unix time."""

    status: int
    body: bytes
    expires: float | None = None


async def page(settings: Settings) -> Sequence[Finding]:
    """Whether the port of the web page is free, or the service is there."""
    return [await asyncio.to_thread(_page, settings.web_host, settings.web_port)]


def _page(host: str, port: int) -> Finding:
    where = f"{host}:{port}"
    try:
        socket.create_server((host, port)).close()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return _who(host, port)
        why = str(error.strerror).partition(" (")[0]
        step = "set WEB_HOST to an address of this machine, and WEB_PORT to a free port above 1023"
        return wrong("page", f"{where} cannot be used ({why})", step)
    return fine("page", f"{where} is free, so the service does not run here")


def _who(host: str, port: int) -> Finding:
    """Who listens at a port."""
    where = f"{host}:{port}"
    try:
        told = json.loads(_ask("GET", f"http://{where}/readyz", {}).body)
        status, faults = told["status"], [(part, told[part][name]) for part, name in FAULTS.items()]
    except (OSError, HTTPException, ValueError, LookupError, TypeError):
        return wrong("page", f"another program listens at {where}", "set WEB_PORT to a free one, or end that program")
    state = {"ready": State.FINE, "degraded": State.WARNING}.get(status, State.WRONG)
    whys = [f"{part}: {str(fault).splitlines()[0]}" for part, fault in faults if fault]
    words = "; ".join([f"the service answers at {where} and is {status}", *whys])
    return Finding("page", state, words, "" if state is State.FINE else "see its log, and docs/watching.md")


async def webhook(settings: Settings, now: Callable[[], float] = time.time) -> Sequence[Finding]:
    """Whether the bot answers at the address to which Telegram sends updates. It is shown a secret that is none."""
    assert settings.webhook_url is not None
    headers = {SECRET_HEADER: "doctor", "Content-Type": "application/json"}
    try:
        answer = await asyncio.to_thread(_ask, "POST", settings.webhook_url, headers)
    except (OSError, HTTPException, ValueError) as error:
        return [wrong(NAME, *_refused(settings.webhook_url, error))]
    return [_judged(settings.webhook_url, answer), *_certificate(answer, now())]


def _judged(address: str, answer: Answer) -> Finding:
    if answer.status == 403 and not answer.body:
        return fine(NAME, f"the bot answers at {address}")
    moved = 300 <= answer.status < 400
    meant, step = REDIRECTED if moved else MEANT.get(answer.status, OTHER)
    return wrong(NAME, f"{address} answers with {answer.status}: {meant}", step)


def _certificate(answer: Answer, now: float) -> Sequence[Finding]:
    """How long the certificate is valid; one that is not has been refused before."""
    if answer.expires is None:
        return []
    days = int((answer.expires - now) // DAY)
    words = f"its certificate is valid for {days} days more"
    step = "see why it is not renewed: the log of Caddy, or certbot renew"
    return [fine(NAME, words) if days >= RENEWAL else warning(NAME, words, step)]


def _refused(address: str, error: Exception) -> tuple[str, str]:
    """Why there is no answer, and what to do."""
    host = urlsplit(address).hostname
    match error:
        case socket.gaierror():
            return f"the name {host} is not known", "make a DNS record that leads it to this server, and wait an hour"
        case ssl.SSLCertVerificationError():
            step = "have Caddy or certbot make one for this very name"
            return f"the certificate of {host} is not believed ({error.verify_message})", step
        case ssl.SSLError():
            return (
                f"{host} does not speak TLS there ({error.reason})",
                "put nginx or Caddy in front of the bot (deploy/)",
            )
        case ConnectionRefusedError():
            return f"nobody listens at {address}", "start nginx or Caddy, and see that the name leads to this server"
        case TimeoutError():
            step = "open the port in the firewall; some routers do not let a machine reach itself from outside"
            return f"{address} does not answer within {PATIENCE:g} s", step
        case OSError():
            return f"{address} cannot be reached ({error.strerror or error})", "see the network and the firewall"
    return f"what answers at {address} makes no sense ({type(error).__name__})", "see what listens there"


def _ask(method: str, address: str, headers: Mapping[str, str]) -> Answer:
    """One request, of this thread. Raises OSError, HTTPException, ValueError."""
    parts = urlsplit(address)
    assert parts.hostname is not None
    if parts.scheme == "https":
        tls = ssl.create_default_context()
        connection: HTTPConnection = HTTPSConnection(parts.hostname, parts.port, timeout=PATIENCE, context=tls)
    else:
        connection = HTTPConnection(parts.hostname, parts.port, timeout=PATIENCE)
    try:
        connection.connect()
        known = connection.sock.getpeercert() if isinstance(connection.sock, ssl.SSLSocket) else None
        connection.request(method, parts.path or "/", b"{}" if method == "POST" else None, dict(headers))
        response = connection.getresponse()
        expires = ssl.cert_time_to_seconds(str(known["notAfter"])) if known else None
        return Answer(response.status, response.read(MOST), expires)
    finally:
        connection.close()
