"""The environment (and `.env`), read once at the start."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.language import Language

HOME = Path(__file__).resolve().parent.parent
# What Telegram takes as the secret of a webhook.
SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


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
