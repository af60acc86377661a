"""`doctor` and the network: Telegram, a proxy, the staff group, the webhook, the page. It only looks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from time import time

import pytest
from pydantic import SecretStr

from bot.handlers import checkup
from bot.handlers.polling import UPDATES
from bot.settings import Settings
from tests.doctor import faults, of, told
from tests.proxies import CERTIFICATE, HttpProxy, Proxy, SocksProxy, listening, tls_in_front, trust_certificate
from tests.standin.http import serve
from tests.standin.telegram import Telegram
from tests.standin.updates import Webhook
from tests.test_network import PORTAL, Server, closed_port

PUBLIC = "https://guide.example.org/telegram"
LOOKS = {"getMe", "getChat", "getChatMember", "getWebhookInfo"}


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy in the environment, and a certificate that is believed."""
    for name in (*checkup.ENVIRONMENT, "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    trust_certificate()


def settings_for(telegram: Telegram, address: str, **more: object) -> Settings:
    wanted = {"bot_token": SecretStr(telegram.token), "bot_api_url": address, **more}
    return Settings.model_validate(wanted)


async def asked(telegram: Telegram, **more: object) -> list[str]:
    """What is found out about Telegram, by looking alone."""
    async with serve(telegram) as address:
        found = await told(partial(checkup.telegram, settings_for(telegram, address, **more)))
    assert set(telegram.count) <= LOOKS
    return found


# The way to Telegram


async def test_telegram_and_the_bots_name_are_told(telegram: Telegram) -> None:
    found = await asked(telegram)
    assert found[0].startswith("fine telegram: 127.0.0.1 answers within ")
    assert "fine token: it is that of @rohnamo_bot" in found
    assert "fine webhook: none, the bot asks for updates itself" in found


async def test_a_wrong_token_is_told_and_nothing_more_is_asked(telegram: Telegram) -> None:
    found = faults(await asked(telegram, bot_token=SecretStr("42:another")))
    assert found == ["wrong token: Telegram does not know this BOT_TOKEN → copy it again from @BotFather"]


async def test_a_filter_in_telegrams_place_is_no_wrong_token() -> None:
    async with listening(Server(PORTAL, "404 Not Found")) as port:
        found = faults(await told(partial(checkup.telegram, settings_for(Telegram(), f"http://127.0.0.1:{port}"))))
    assert [one.partition(" → ")[0] for one in found] == ["wrong token: what answered with status 404 is not Telegram"]


async def test_a_telegram_that_is_out_of_reach_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://me:hunter2@proxy:3128")
    look = partial(checkup.telegram, settings_for(Telegram(), f"http://127.0.0.1:{closed_port()}"))
    [found] = await told(look)
    assert found.startswith(
        "wrong telegram: it cannot be reached: no connection (Connection refused) → see the network"
    )
    assert found.endswith("set PROXY_URL; that of HTTPS_PROXY is not used, for only PROXY_URL counts")


@pytest.mark.parametrize(("seconds", "said"), [(0, None), (100, "100 s ahead of"), (-100, "100 s behind")])
async def test_telegrams_clock_is_looked_at(seconds: int, said: str | None) -> None:
    server = Server(headers="Date: Mon, 23 Nov 2026 04:00:00 GMT\r\n")
    async with listening(server) as port:
        settings = settings_for(Telegram(), f"http://127.0.0.1:{port}")
        found = of("clock", await told(partial(checkup.telegram, settings, lambda: 1795406400.5 + seconds)))
    told_of = f"this machine is {said} Telegram's clock" if said else "it agrees with Telegram's clock"
    assert [one.partition(": ")[2].partition(" → ")[0] for one in found] == [told_of]


# A proxy


@asynccontextmanager
async def behind(telegram: Telegram, kind: type[Proxy], password: str) -> AsyncIterator[Settings]:
    """Settings with a proxy through which alone Telegram can be reached."""
    scheme = "http" if kind is HttpProxy else "socks5"
    async with (
        serve(telegram) as address,
        tls_in_front(address) as front,
        kind(front, "me", "right-one").running() as port,
    ):
        proxy = SecretStr(f"{scheme}://me:{password}@127.0.0.1:{port}")
        yield settings_for(telegram, "https://api.telegram.org", proxy_url=proxy)


@pytest.mark.parametrize("kind", [HttpProxy, SocksProxy])
async def test_telegram_is_looked_for_through_the_proxy(telegram: Telegram, kind: type[Proxy]) -> None:
    async with behind(telegram, kind, "right-one") as settings:
        found = await told(partial(checkup.telegram, settings))
    assert "api.telegram.org answers through the proxy 127.0.0.1:" in found[0]
    assert "fine token: it is that of @rohnamo_bot" in found


@pytest.mark.parametrize("kind", [HttpProxy, SocksProxy])
async def test_a_proxy_that_refuses_the_password_is_told(telegram: Telegram, kind: type[Proxy]) -> None:
    async with behind(telegram, kind, "hunter2hunter2") as settings:
        [found] = await told(partial(checkup.telegram, settings))
    assert found.startswith("wrong proxy: it lets nobody through (")
    assert found.endswith(" → correct user and password in PROXY_URL")
    assert "hunter2" not in found
    assert not telegram.count


async def test_a_proxy_that_does_not_run_is_told() -> None:
    port = closed_port()
    settings = settings_for(
        Telegram(), "https://api.telegram.org", proxy_url=SecretStr(f"http://me:x@127.0.0.1:{port}")
    )
    assert await told(partial(checkup.telegram, settings)) == [
        f"wrong proxy: 127.0.0.1:{port} cannot be reached (Connection refused)"
        " → see that the proxy runs, and check PROXY_URL"
    ]


# The staff group and the administrators


async def test_a_group_in_which_the_bot_has_its_place_is_fine(telegram: Telegram) -> None:
    found = await asked(telegram, staff_chat_id=telegram.group(forum=True).id)
    assert of("staff group", found) == ["fine staff group: the bot is an administrator of “Staff”, which has topics"]


@pytest.mark.parametrize(
    ("forum", "status", "denied", "said"),
    [
        (True, "administrator", "can_manage_topics", "wrong staff group: the bot may not manage the topics of “Staff”"),
        (False, "administrator", "can_delete_messages", "warning staff group: the bot may not delete messages in “St"),
        (True, "member", "", "wrong staff group: the bot is no administrator of “Staff”, and cannot make topics"),
        (False, "member", "", "warning staff group: the bot is no administrator of “Staff”, and only sees replies"),
        (False, "left", "", "wrong staff group: the bot is not in “Staff” → add @rohnamo_bot there as an administrat"),
    ],
)
async def test_what_the_bot_lacks_in_the_group_is_told(
    telegram: Telegram, forum: bool, status: str, denied: str, said: str
) -> None:
    group = telegram.group(forum=forum, bot=status)
    group.chat.denied = frozenset({denied})
    [found] = faults(of("staff group", await asked(telegram, staff_chat_id=group.id)))
    assert found.startswith(said)


async def test_a_group_that_the_bot_does_not_know_or_was_thrown_out_of_is_told(telegram: Telegram) -> None:
    group = telegram.group()
    group.expels_bot(telegram.person())
    for number in (-1001, group.id):
        [found] = faults(of("staff group", await asked(telegram, staff_chat_id=number)))
        assert found.startswith(f"wrong staff group: the bot cannot see {number} (")
        assert "add @rohnamo_bot to the group as an administrator" in found


async def test_a_group_that_has_moved_is_told_with_its_new_number(telegram: Telegram) -> None:
    old = telegram.group(basic=True)
    new = old.becomes_supergroup(telegram.person())
    new.chat.bot_status = "administrator"
    moved, there = of("staff group", await asked(telegram, staff_chat_id=old.id))
    assert moved.endswith(f"the bot has followed → write STAFF_CHAT_ID={new.id} into .env")
    assert there == "fine staff group: the bot is an administrator of “Staff”"


async def test_administrators_who_have_not_started_the_bot_are_told(telegram: Telegram) -> None:
    zarina, group = telegram.person(), telegram.group()
    lines = of("administrators", await asked(telegram, admin_ids=f"{zarina.id},7,{group.id}"))
    assert [one.partition(" → ")[0] for one in lines] == [
        "fine administrators: the bot may write to 1 of 3",
        f"wrong administrators: {group.id} in ADMIN_IDS is a group",
        "warning administrators: the bot may not write to 7 (Chat not found)",
    ]
    assert lines[2].endswith("have them send /start to @rohnamo_bot, and check the number in ADMIN_IDS")


async def test_where_no_staff_at_all_can_be_told_anything_it_is_wrong(telegram: Telegram) -> None:
    assert of("administrators", await asked(telegram, admin_ids="7"))[-1].startswith("wrong administrators: no staff")
    [none] = of("administrators", await asked(telegram))
    assert none.startswith("warning administrators: there is none (ADMIN_IDS)")


# What Telegram says of the webhook


async def _webhook(telegram: Telegram, **more: object) -> list[str]:
    return of("webhook", await asked(telegram, **more))


async def test_a_webhook_that_is_ours_is_fine(telegram: Telegram) -> None:
    telegram.updates.set_webhook(Webhook(PUBLIC))
    telegram.updates.allow(UPDATES)
    assert await _webhook(telegram, webhook_url=PUBLIC) == [f"fine webhook: Telegram sends updates to {PUBLIC}"]


async def test_a_webhook_of_somebody_else_is_told_without_its_path(telegram: Telegram) -> None:
    telegram.updates.set_webhook(Webhook("https://me:pw@other.example.org/hidden"))
    for more in ({}, {"webhook_url": PUBLIC}):
        [found] = await _webhook(telegram, **more)
        assert found.startswith("warning webhook: ")
        assert "https://other.example.org/…" in found


async def test_a_webhook_that_is_not_set_yet_is_told(telegram: Telegram) -> None:
    [found] = await _webhook(telegram, webhook_url=PUBLIC)
    assert found.startswith("warning webhook: Telegram has none yet → start the bot")


async def test_what_telegram_could_not_hand_over_is_told(telegram: Telegram) -> None:
    telegram.updates.set_webhook(Webhook(PUBLIC, error="Wrong response: 502", error_date=int(time()) - 86_400))
    telegram.updates.allow(["message"])
    over, kinds = await _webhook(telegram, webhook_url=PUBLIC)
    assert over.startswith(
        f"fine webhook: Telegram sends updates to {PUBLIC}; its last trouble is over: Wrong response"
    )
    assert kinds.startswith("warning webhook: Telegram was asked for other kinds of updates")
    for _ in range(101):
        telegram.person().says("?")
    trouble, waiting, _ = await _webhook(telegram, webhook_url=PUBLIC)
    assert trouble.startswith("wrong webhook: Telegram could not hand over updates: Wrong response: 502 (20")
    assert waiting.startswith("warning webhook: 101 updates wait at Telegram")
