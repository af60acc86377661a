"""Logging that an administrator can read and that never shows a secret."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Iterable

# Libraries that tell every request (the token in its address included) and every step at INFO.
_CHATTY = ("httpx", "httpcore", "aiosqlite", "watchfiles", "telegram.Bot", "telegram.ext.ExtBot", "alembic", "uvicorn")
_TOKEN = re.compile(r"\d{6,}(:|%3A)[A-Za-z0-9_-]{30,}", re.IGNORECASE)


class _Safe(logging.Formatter):
    """Formats a record, traceback included, and blots out secrets."""

    def __init__(self, secrets: Iterable[str], *, as_json: bool) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%Y-%m-%d %H:%M:%S")
        self._secrets = [secret for secret in secrets if secret]
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        if not self._as_json:
            return self._blot(super().format(record))
        # Blotted before it is written as JSON, where a quotation mark in a password would look different.
        fields = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname,
            "logger": record.name,
            "message": self._blot(_message(record, self)),
        }
        return json.dumps(fields, ensure_ascii=False)

    def _blot(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "[secret]")
        # Half a character in somebody's message must not keep the line from being written.
        return _TOKEN.sub("[secret]", text).encode("utf-8", "backslashreplace").decode()


def _message(record: logging.LogRecord, formatter: logging.Formatter) -> str:
    text = record.getMessage()
    return f"{text}\n{formatter.formatException(record.exc_info)}" if record.exc_info else text


def set_up_logging(level: str, *, as_json: bool, secrets: Iterable[str]) -> None:
    """Log to standard error; `secrets` are never shown, at whatever level."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Safe(secrets, as_json=as_json))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))
