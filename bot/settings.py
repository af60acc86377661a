"""The environment (and `.env`), read once at the start."""

from __future__ import annotations

import hashlib
import hmac
import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.language import Language

HOME = Path(__file__).resolve().parent.parent
# What Telegram takes as the secret of a webhook.
SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
# Digits of a bot's number; longer ones are no number of Telegram's.
LONGEST_ID = 18
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
        address = value.rstrip("/")
        return address if address.endswith("/bot") else f"{address}/bot"

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
