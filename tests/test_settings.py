"""The environment: what an administrator may write, and what they are told if it cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.settings import HOME, Settings, SettingsError, read_settings


@pytest.fixture(autouse=True)
def nothing_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def test_without_any_setting_the_bot_is_for_this_machine_only() -> None:
    settings = read_settings()
    assert settings.bot_token is None
    assert (settings.web_host, settings.web_port) == ("127.0.0.1", 8080)
    assert (settings.faq_dir, settings.locales_dir) == (HOME / "faq", HOME / "locales")
    assert settings.database == f"sqlite+aiosqlite:///{HOME / 'data' / 'rohnamo.db'}"


def test_the_environment_goes_before_the_env_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("WEB_PORT=9000\nWEB_HOST=0.0.0.0\nSOMETHING_ELSE=1\n", encoding="utf-8")
    monkeypatch.setenv("WEB_PORT", "9001")
    settings = read_settings()
    assert (settings.web_host, settings.web_port) == ("0.0.0.0", 9001)


@pytest.mark.parametrize(("written", "ids"), [("1,2", {1, 2}), (" 1 , 2 ,", {1, 2}), ("1", {1}), ("", set())])
def test_administrators_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch, written: str, ids: set[int]) -> None:
    monkeypatch.setenv("ADMIN_IDS", written)
    assert read_settings().admin_ids == ids


@pytest.mark.parametrize("written", ["http://relay:8081", "http://relay:8081/", "http://relay:8081/bot"])
def test_the_address_of_an_own_bot_api_may_end_as_it_likes(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    monkeypatch.setenv("BOT_API_URL", written)
    assert read_settings().bot_api_url == "http://relay:8081/bot"


def test_a_setting_left_empty_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.setenv(name.upper(), "")
    assert read_settings() == Settings()


def test_secrets_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BOT_TOKEN", "PROXY_URL", "DATABASE_URL"):
        monkeypatch.setenv(name, "socks5://me:hidden@proxy:1080")
    assert "hidden" not in repr(read_settings())


@pytest.mark.parametrize(
    ("name", "value"),
    [("WEB_PORT", "x"), ("WEB_PORT", "70000"), ("LOG_LEVEL", "LOUD"), ("LOG_FORMAT", "xml"), ("STAFF_CHAT_ID", "me")],
)
def test_an_unusable_setting_is_told_by_its_name(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as error:
        read_settings()
    assert str(error.value).startswith(f"{name}: ")


def test_a_log_level_may_be_written_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", "debug")
    assert read_settings().log_level == "DEBUG"
