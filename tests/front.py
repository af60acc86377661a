"""nginx and Caddy with the files of deploy/, in front of something on this machine, over TLS."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import IO

import pytest

from tests.conftest import HOME

DEPLOY = HOME / "deploy"
SERVERS = ("nginx", "caddy")
NAME = "localhost"
NGINX = """\
{user}daemon off;
pid {folder}/nginx.pid;
error_log stderr notice;
events {{}}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""
# What each logs when it listens.
READY = {"nginx": "start worker processes", "caddy": "serving initial configuration"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back through a front."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes


@dataclass(frozen=True, slots=True)
class Front:
    """A web server at work, on a port of this machine."""

    port: int

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        patience: float = 30,
    ) -> Answer:
        """One request, with the path just as it is written, and so many seconds for the answer."""
        trusting = ssl._create_unverified_context()
        connection = http.client.HTTPSConnection(NAME, self.port, timeout=patience, context=trusting)
        try:
            with contextlib.suppress(ConnectionError, ssl.SSLError):  # who refuses a body need not read all of it
                connection.request(method, path, body, dict(headers or {}))
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()


@contextmanager
def in_front(server: str, upstreams: Sequence[str], folder: Path) -> Iterator[Front]:
    """A web server in front of addresses such as 127.0.0.1:8080. Skips the test where there is none."""
    program = shutil.which(server)
    if program is None:
        pytest.skip(f"{server} is not installed")
    port = free_port()
    command, environment = (_nginx if server == "nginx" else _caddy)(program, upstreams, port, folder)
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            _wait(process.stderr, READY[server])
            yield Front(port)
        finally:
            process.terminate()
            process.communicate()


def _wait(log: IO[str], ready: str) -> None:
    told = list[str]()
    for line in log:
        told.append(line)
        if ready in line:
            return
    pytest.fail("".join(told))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for this machine, and its key."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    how = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={NAME}"]
    more = ["-addext", f"subjectAltName=DNS:{NAME}", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(["openssl", "req", "-x509", *how, *more], check=True, capture_output=True)
    return certificate, key


def _nginx(program: str, upstreams: Sequence[str], port: int, folder: Path) -> tuple[list[str], dict[str, str]]:
    certificate, key = _certificate(folder)
    text = (DEPLOY / "nginx.conf").read_text("utf-8")
    for pattern, instead in (
        (r"listen \[::\]:\d+.*;", ""),
        (r"listen 80;", f"listen 127.0.0.1:{free_port()};"),
        (r"listen 443", f"listen 127.0.0.1:{port}"),
        (r"ssl_certificate .*;", f"ssl_certificate {certificate};"),
        (r"ssl_certificate_key .*;", f"ssl_certificate_key {key};"),
        (r"server 127\.0\.0\.1:8080 (.*;)", "\n".join(rf"server {upstream} \2" for upstream in upstreams)),
    ):
        text, found = re.subn(rf"^( +){pattern}", rf"\1{instead}", text, flags=re.MULTILINE)
        assert found, pattern
    (folder / "site.conf").write_text(text, encoding="utf-8")
    user = "user root;\n" if os.geteuid() == 0 else ""  # else whoever it becomes may not enter pytest's folder
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, user=user), encoding="utf-8")
    return [program, "-p", str(folder), "-c", str(folder / "nginx.conf")], {**os.environ}


def _caddy(program: str, upstreams: Sequence[str], port: int, folder: Path) -> tuple[list[str], dict[str, str]]:
    # A certificate of ours, in which this machine need not believe; and no port 80.
    quiet = "{\n\tauto_https disable_redirects\n\tdefault_bind 127.0.0.1\n"
    text = (DEPLOY / "Caddyfile").read_text("utf-8").replace("{\n", quiet, 1)
    certificate, key = _certificate(folder)
    text = text.replace("{$DOMAIN} {\n", "{$DOMAIN} {\n" + f"\ttls {certificate} {key}\n")
    (folder / "Caddyfile").write_text(text, encoding="utf-8")
    told = {"DOMAIN": f"https://{NAME}:{port}", "UPSTREAMS": " ".join(upstreams)}
    environment = {
        **os.environ,
        **told,
        "HOME": str(folder),
        "XDG_DATA_HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder),
    }
    return [program, "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")], environment


@dataclass(frozen=True, slots=True)
class Seen:
    """A request that reached what is behind the front."""

    method: str
    path: str
    headers: Mapping[str, str]
    size: int


class Behind(ThreadingHTTPServer):
    """Something behind the front that welcomes everything and remembers it. If it is `moody`, it hangs up on POSTs."""

    def __init__(self, *, moody: bool = False) -> None:
        super().__init__(("127.0.0.1", 0), _Welcoming)
        self.seen: list[Seen] = []
        self.moody = moody

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    @property
    def asked(self) -> list[Seen]:
        """What others than the front itself asked for."""
        return [one for one in self.seen if one.path != "/healthz"]

    def handle_error(self, *_: object) -> None:
        """Whom the front hangs up on is no matter for the log."""


class _Welcoming(BaseHTTPRequestHandler):
    server: Behind

    def do_GET(self) -> None:
        self._welcome()

    def do_POST(self) -> None:
        self._welcome()

    def _welcome(self) -> None:
        size = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(size)
        names = {name.lower(): value for name, value in self.headers.items()}
        self.server.seen.append(Seen(self.command, self.path, names, len(body)))
        if self.command == "POST" and self.server.moody:
            self.close_connection = True
            return
        self.send_response(200)
        self.send_header("Content-Length", "7")
        self.end_headers()
        self.wfile.write(b"welcome")

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def behind(*, moody: bool = False) -> Iterator[Behind]:
    """Something behind the front, for as long as the block runs."""
    with Behind(moody=moody) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
