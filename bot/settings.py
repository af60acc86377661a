"""The environment (and `.env`), read once at the start."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Collection
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import SplitResult, unquote, urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.language import Language

HOME = Path(__file__).resolve().parent.parent
# What Telegram takes as the secret of a webhook.
SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
# Digits of a bot's number; longer ones are no number of Telegram's.
LONGEST_ID = 18
# What a proxy's address may begin with.
PROXIES = ("http", "https", "socks5", "socks5h")
# Bytes of a user or a password of a SOCKS proxy.
LONGEST_SOCKS = 255
THIS_MACHINE = (IPv4Network("127.0.0.1"), IPv6Network("::1"))


class SettingsError(Exception):
    """The environment holds something unusable; the message says what, for the administrator."""


class Settings(BaseSettings):
    """Everything an administrator can set; docs/operations.md explains each name."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True, env_ignore_empty=True)

    bot_token: SecretStr | None = None
    bot_api_url: str = "https://api.telegram.org/bot"
    proxy_url: SecretStr | None = None
    admin_ids: Annotated[frozenset[int], NoDecode] = frozenset()
    staff_chat_id: int | None = None
    staff_language: Language = Language.EN
    keep_days: int = Field(default=180, ge=1)
    announce_per_second: float = Field(default=28, gt=0, le=1000)
    database_url: SecretStr | None = None
    faq_dir: Path = HOME / "faq"
    locales_dir: Path = HOME / "locales"
    data_dir: Path = HOME / "data"
    web_host: str = "127.0.0.1"
    web_port: int = Field(default=8080, ge=0, le=65535)
    trusted_proxies: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode] = THIS_MACHINE
    webhook_url: str | None = None
    webhook_secret: SecretStr | None = None
    semantic: Literal["auto", "off"] = "auto"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["text", "json"] = "text"

    @field_validator("admin_ids", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return [part.strip() for part in value.split(",") if part.strip()]
        return value

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _networks(cls, value: object) -> object:
        """Everybody would be whoever they say they are, if everybody were trusted: so not "*"."""
        if not isinstance(value, str):
            return value
        try:
            return tuple(ip_network(part.strip()) for part in value.split(",") if part.strip())
        except ValueError as error:
            raise ValueError(f"{error}; write addresses such as 10.0.0.2, or networks such as 10.0.0.0/24") from error

    @field_validator("bot_api_url")
    @classmethod
    def _base(cls, value: str) -> str:
        """Accept the bare address of a Bot API server as well as one that ends in /bot."""
        if _address(value, ("http", "https")) is None:
            raise ValueError("has to be an address such as http://relay.example.org:8081")
        address = value.rstrip("/")
        return address if address.endswith("/bot") else f"{address}/bot"

    @field_validator("proxy_url")
    @classmethod
    def _proxy(cls, value: SecretStr | None) -> SecretStr | None:
        """What is wrong is told without the address, because there may be a password in it."""
        if value is None:
            return None
        parts = _address(value.get_secret_value(), PROXIES)
        if parts is None or parts.port is None or parts.path not in ("", "/"):
            raise ValueError(
                "has to be like http://user:password@proxy.example.org:3128, with a port; it may begin with https, "
                "socks5 or socks5h as well, and / ? # % in a password are written %2F %3F %23 %25"
            )
        if parts.scheme.startswith("socks") and not _fits_socks(parts.username or "", parts.password or ""):
            raise ValueError("a SOCKS proxy takes a user with a password, both in ASCII letters, or neither")
        return value

    @field_validator("webhook_url")
    @classmethod
    def _public(cls, value: str | None) -> str | None:
        """Telegram sends updates to public HTTPS addresses alone."""
        if value is not None and not value.startswith("https://"):
            raise ValueError("has to begin with https://, for Telegram sends updates to nothing else")
        return value

    @field_validator("webhook_secret")
    @classmethod
    def _header(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not SECRET.fullmatch(value.get_secret_value()):
            raise ValueError("may have 1 to 256 letters, digits, _ and - and nothing else")
        return value

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @property
    def database(self) -> str:
        """The SQLAlchemy address of the store."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite+aiosqlite:///{self.data_dir / 'rohnamo.db'}"

    @property
    def bot_file_url(self) -> str:
        """Where the same Bot API gives files; the token and the path of a file are appended."""
        return f"{self.bot_api_url.removesuffix('/bot')}/file/bot"

    @property
    def bot_id(self) -> int:
        """Telegram's number of the bot, with which its token begins; 0 for a token that is none."""
        token = self.bot_token.get_secret_value() if self.bot_token is not None else ""
        number = token.split(":")[0]
        return int(number) if number.isascii() and number.isdigit() and len(number) < LONGEST_ID else 0

    @property
    def webhook_token(self) -> str | None:
        """What Telegram shows to the webhook: the secret of the settings, else one that only who has the token knows.

        It is the same in all processes, and tells nothing of the token.
        """
        if self.webhook_secret is not None:
            return self.webhook_secret.get_secret_value()
        if self.bot_token is None:
            return None
        return hmac.new(self.bot_token.get_secret_value().encode(), b"webhook", hashlib.sha256).hexdigest()


def _address(value: str, schemes: Collection[str]) -> SplitResult | None:
    """The parts of a server's address; None if it is none."""
    try:
        parts = urlsplit(value)
        has_server = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    more = parts.query or parts.fragment or value.split() != [value]
    return parts if parts.scheme in schemes and has_server and not more else None


def _fits_socks(user: str, password: str) -> bool:
    """Whether the library of the SOCKS proxy can send them."""
    both = unquote(user), unquote(password)
    return bool(user) == bool(password) and all(one.isascii() and len(one) <= LONGEST_SOCKS for one in both)


def read_settings() -> Settings:
    """Read the environment. Raises SettingsError with one sentence a wrong value."""
    try:
        return Settings()
    except UnicodeDecodeError as error:
        raise SettingsError(".env: the file is not saved as UTF-8") from error
    except ValidationError as error:
        raise SettingsError(
            "\n".join(f"{'.'.join(map(str, wrong['loc'])).upper()}: {wrong['msg']}" for wrong in error.errors())
        ) from error
