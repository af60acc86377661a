"""What holds a secret shows it to nobody who looks at it: not in repr(), not in str(), nor within something else."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from types import FunctionType, ModuleType

import pytest
from pydantic import SecretStr
from telegram import Bot

from bot.checkup.setup import Setup
from bot.desk import Desk
from bot.desk.condition import Condition
from bot.desk.hook import Hook
from bot.handlers import checkup, network
from bot.handlers.app import build_app
from bot.handlers.running import reception
from bot.handlers.webhook import Webhook
from bot.redaction import Redaction
from bot.settings import Settings
from bot.store.database import Database, StoreError
from bot.web.webhook import WebhookPage

TOKEN, WEBHOOK, PASSWORD, PROXY = "42:AAHdqTcvCH1vGWJ", "the-secret_of-42", "pass-of-the-database", "pass-of-the-proxy"
SECRETS = (TOKEN, TOKEN.partition(":")[2], WEBHOOK, PASSWORD, PROXY)
# Nobody listens there.
DATABASES = [
    f"postgresql://guarded:{PASSWORD}@127.0.0.1:1/rohnamo",
    f"postgresql://guarded@127.0.0.1:1/rohnamo?password={PASSWORD}",
    f"postgresql+psycopg://guarded@127.0.0.1:1/rohnamo?sslpassword={PASSWORD}",
]
PROXIES = [f"{kind}://me:{PROXY}@127.0.0.1:1" for kind in ("http", "https", "socks5", "socks5h")]


def settings_with(proxy: str = PROXIES[0], database: str = DATABASES[0]) -> Settings:
    return Settings(
        bot_token=SecretStr(TOKEN),
        proxy_url=SecretStr(proxy),
        database_url=SecretStr(database),
        webhook_url="https://bot.example/telegram",
        webhook_secret=SecretStr(WEBHOOK),
    )


def shown(thing: object) -> list[str]:
    """The secrets that a thing shows, and those that something within it does, however deep."""
    looks = {f"{thing!r} {thing!s}": thing, **{repr(one): one for one in within(thing)}}
    return [f"{type(one).__name__}: {secret}" for look, one in looks.items() for secret in SECRETS if secret in look]


def within(thing: object) -> Iterator[object]:
    """Everything that a thing is made of, but for plain values: somewhere a secret has to be."""
    seen: set[int] = set()
    todo = [thing]
    while todo:
        one = todo.pop()
        if id(one) not in seen and not isinstance(one, type | ModuleType | FunctionType):
            seen.add(id(one))
            todo.extend(gc.get_referents(one))
            if type(one).__module__ != "builtins":
                yield one


def test_the_bot_and_the_application_do_not_show_the_token(desk: Desk) -> None:
    app = build_app(settings_with(), desk)
    assert app.bot.token == TOKEN
    assert repr(app.bot) == str(app.bot) == "AnsweringBot"
    assert repr(app) == "Application[bot=AnsweringBot]"
    assert shown(app) == []


async def test_the_bot_that_only_looks_whether_all_is_well_does_not_show_it_either() -> None:
    async with checkup._calling(settings_with()) as bot:
        assert isinstance(bot, Bot)
        assert shown(bot) == []


@pytest.mark.parametrize("proxy", PROXIES)
async def test_all_that_receives_and_answers_shows_no_secret_also_when_it_is_connected(desk: Desk, proxy: str) -> None:
    settings = settings_with(proxy)
    bot = reception(settings, desk, "test", Condition())
    await bot.polling.initialize()
    assert shown((bot, Webhook(bot.app.bot, settings, bot.condition))) == []
    await bot.polling.shutdown()


@pytest.mark.parametrize("proxy", PROXIES)
async def test_the_way_through_a_proxy_does_not_show_its_password(proxy: str) -> None:
    request = network.request(settings_with(proxy), 1)
    assert shown(request) == []
    await request.initialize()
    assert shown(request) == []
    await request.shutdown()


def test_the_settings_show_no_secret() -> None:
    settings = settings_with()
    assert settings.webhook_token == WEBHOOK
    assert shown((settings, Setup(settings))) == []
    assert WEBHOOK not in str(settings.model_dump())


def test_the_place_where_updates_are_posted_does_not_show_what_telegram_shows_it() -> None:
    assert shown(WebhookPage(Hook(), WEBHOOK)) == []


@pytest.mark.parametrize("address", DATABASES)
async def test_a_database_does_not_show_its_password_wherever_in_its_address_that_is(address: str) -> None:
    database = Database(address)
    assert shown(database) == []
    with pytest.raises(StoreError) as told:
        await database.open()
    assert database._engine is not None
    assert shown((database, database._engine.sync_engine)) == []
    assert PASSWORD not in f"{told.value!r} {told.value}"


def test_who_takes_secrets_out_of_text_does_not_show_them() -> None:
    assert Redaction(SECRETS).blot(PASSWORD) != PASSWORD
    assert PASSWORD not in repr(Redaction(SECRETS))
