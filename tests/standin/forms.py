"""Reads the parameters of an HTTP request, however they were sent."""

import json
import re
from email.message import Message as Headers
from urllib.parse import parse_qsl

from starlette.requests import Request

from .values import Upload, Value

Values = dict[str, Value]


async def parameters(request: Request) -> Values:
    """Query and body together, as the Bot API takes them."""
    values: Values = dict(request.query_params)
    return values | _from_body(request.headers.get("content-type", ""), await request.body())


def _from_body(content_type: str, body: bytes) -> Values:
    """A body of one of the three kinds; anything else carries no parameters."""
    kind, options = _header(content_type)
    if kind == "application/json":
        made: Values = json.loads(body or b"{}")
        return made
    if kind == "application/x-www-form-urlencoded":
        return dict(parse_qsl(body.decode(), keep_blank_values=True))
    return multipart(body, options["boundary"]) if kind == "multipart/form-data" else {}


def multipart(body: bytes, boundary: str) -> Values:
    """The parts of a multipart form: texts, and files that have a name."""
    separator = b"\r\n--" + boundary.encode()
    parts = (b"\r\n" + body).split(separator)[1:-1]
    return dict(_part(part.removeprefix(b"\r\n")) for part in parts)


def _part(part: bytes) -> tuple[str, str | Upload]:
    """The name and the value of one part."""
    head, _, content = part.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
    lower = {name.lower(): value for name, value in headers.items()}
    _, options = _header(lower["content-disposition"])
    if "filename" not in options:
        return options["name"], content.decode()
    return options["name"], Upload(options["filename"], content, lower.get("content-type", "application/octet-stream"))


def _header(line: str) -> tuple[str, dict[str, str]]:
    """A header's value and its options: form-data; name="x"."""
    kind = re.split(r"[;\s]", line, maxsplit=1)[0].lower()
    headers = Headers()
    headers["Content-Type"] = line.replace("form-data", "multipart/form-data", 1) if kind == "form-data" else line
    options = headers.get_params(failobj=[]) or []
    return kind, {name.lower(): value for name, value in options[1:]}
