"""You asked, here is the answer: who asked in vain and agreed is told, once, in the language of the question."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

import pytest

from bot.content.learned import Learned, with_learned
from bot.delivery.notices import Notices
from bot.desk import Desk
from bot.language import Language
from bot.matching.matcher import Matcher
from bot.pages.voice import Voice
from bot.store.database import Database
from bot.upkeep import upkeep
from tests.office import Office
from tests.postgres import BOTH_STORES
from tests.standin.telegram import Telegram
from tests.telegram_bot import labels
from tests.told import ROUTER, asks_in_vain, becomes_known, ended, kept_up, told

pytestmark = [BOTH_STORES, pytest.mark.usefixtures("hurry")]


@pytest.fixture
def database_address(address_with_queue: str) -> str:
    return address_with_queue


async def test_who_agreed_is_told_what_an_editor_taught_in_the_language_of_the_question(
    telegram: Telegram, office: Office, database_address: str
) -> None:
    zarina = telegram.person("Zarina", "tg")
    number = await asks_in_vain(office, zarina, ROUTER[Language.RU])
    unknown = telegram.replies(zarina)[-1]
    async with kept_up(office.desk, database_address) as keeping:
        await keeping.round()
        assert told(office, zarina) == []
        office.editor.presses_data(telegram.replies(office.editor)[-1], f"is:{number}:wifi:1")
        await office.settled()
        await keeping.round()
        (answer,) = await telegram.until(lambda: told(office, zarina))
        await ended(number)
        await keeping.round()
    voice, content = office.desk.voices[Language.RU], office.desk.content
    assert ROUTER[Language.RU] in answer.text
    assert content.entries["wifi"].title(Language.RU) in answer.text
    assert labels(answer)[:2] == [voice.say("👍 It helped"), voice.say("👎 It did not")]
    assert answer.id > unknown.id
    assert told(office, zarina) == [answer]


async def test_who_asked_is_told_when_new_content_goes_live(
    telegram: Telegram, office: Office, database_address: str
) -> None:
    zarina = telegram.person("Zarina", "en")
    number = await asks_in_vain(office, zarina)
    async with kept_up(office.desk, database_address) as keeping:
        await keeping.round()
        written = with_learned(office.desk.content, [Learned("wifi", Language.EN, ROUTER[Language.EN])])
        await office.desk.teaching.put_live(replace(written, version="new"))
        await keeping.round()
        await ended(number)
    assert len(told(office, zarina)) == 1


async def test_the_upkeep_tells_by_itself_and_at_once(
    telegram: Telegram, office: Office, database_address: str
) -> None:
    zarina = telegram.person("Zarina", "en")
    async with upkeep(office.desk, database_address):
        number = await asks_in_vain(office, zarina, agrees=False)
        await becomes_known(office, number)
        await office.press(zarina, telegram.replies(zarina)[-1], f"tell:{number}")
        await telegram.until(lambda: told(office, zarina))


async def test_nobody_is_told_who_did_not_agree_or_asked_long_ago(
    telegram: Telegram, office: Office, database_address: str
) -> None:
    people = [telegram.person(name, "en") for name in ("Zarina", "Aziz", "Rustam")]
    old = await asks_in_vain(office, people[0])
    office.clock.goes_on(days=30, seconds=1)
    silent = await asks_in_vain(office, people[1], agrees=False)
    wanted = await asks_in_vain(office, people[2])
    await becomes_known(office, old, silent, wanted)
    async with kept_up(office.desk, database_address) as keeping:
        await keeping.round()
        await ended(wanted, "2026-12-23")
    assert [len(told(office, person)) for person in people] == [0, 0, 1]


async def test_what_is_none_of_our_business_or_dismissed_is_not_told(
    telegram: Telegram, office: Office, database_address: str
) -> None:
    people = [telegram.person(name, "en") for name in ("Zarina", "Aziz")]
    outside, dismissed = [await asks_in_vain(office, person) for person in people]
    async with kept_up(office.desk, database_address) as keeping:
        teaching = office.desk.teaching
        for number, deed in ((outside, f"not:{outside}:1"), (dismissed, f"drop:{dismissed}")):
            office.editor.presses_data(telegram.replies(office.editor)[-1], deed)
            await office.settled()
            assert (await teaching.questions.find(number)).settled  # type: ignore[union-attr]
        await keeping.round()
        assert await Notices.tell_all(keeping._notices) == 0
    assert [told(office, person) for person in people] == [[], []]


async def test_a_restart_neither_forgets_who_waits_nor_tells_twice(
    telegram: Telegram,
    tiny_matcher: Matcher,
    voices: Mapping[Language, Voice],
    database: Database,
    office: Office,
    database_address: str,
) -> None:
    zarina = telegram.person("Zarina", "en")
    first = await asks_in_vain(office, zarina)
    await becomes_known(office, first)
    for day in ("2026-11-23", "2026-11-24"):
        desk = Desk(tiny_matcher, voices, database, office.clock)
        desk.handover.lines |= office.desk.handover.lines
        async with kept_up(desk, database_address) as keeping:
            await keeping.round()
            if day == "2026-11-23":
                await ended(first, day)
        assert len(told(office, zarina)) == 1
        office.clock.goes_on(days=1)


async def test_two_processes_at_once_tell_once(
    telegram: Telegram,
    tiny_matcher: Matcher,
    voices: Mapping[Language, Voice],
    database: Database,
    office: Office,
    database_address: str,
) -> None:
    zarina = telegram.person("Zarina", "en")
    number = await asks_in_vain(office, zarina)
    await becomes_known(office, number)
    desks = [office.desk, Desk(tiny_matcher, voices, database, office.clock)]
    desks[1].handover.lines |= desks[0].handover.lines
    gate = telegram.hold_next("sendMessage")
    sending = [asyncio.create_task(Notices(desk).send(number)) for desk in desks]
    done, _ = await asyncio.wait(sending, return_when=asyncio.FIRST_COMPLETED)
    assert "another process" in str(done.pop().exception())
    gate.set()
    await asyncio.wait(sending)
    await Notices(desks[1]).send(number)
    assert len(told(office, zarina)) == 1


async def test_a_process_that_began_to_tell_and_is_gone_does_not_keep_others_from_it(
    telegram: Telegram, office: Office
) -> None:
    zarina = telegram.person("Zarina", "en")
    number = await asks_in_vain(office, zarina)
    await becomes_known(office, number)
    assert await office.desk.teaching.questions.begin_telling(number, office.clock())
    office.clock.goes_on(minutes=5, seconds=1)
    await Notices(office.desk).send(number)
    assert len(told(office, zarina)) == 1


@pytest.mark.parametrize(("length", "quoted"), [(10, 300), (3850, 30), (4000, 0)])
async def test_the_longest_answer_to_the_longest_question_fits_into_a_message(
    telegram: Telegram, office: Office, length: int, quoted: int
) -> None:
    zarina = telegram.person("Zarina", "ru")
    asked = ROUTER[Language.RU if quoted == 0 else Language.EN] + " zzq" * 900
    number = await asks_in_vain(office, zarina, asked)
    content = office.desk.content
    entry = content.entries["wifi"]
    longest = replace(
        entry, answer=replace(entry.answer, versions={Language.EN: "word " * (length // 5 - 1) + "words"})
    )
    topics = tuple(
        replace(topic, entries=tuple(longest if one.id == "wifi" else one for one in topic.entries))
        for topic in content.topics
    )
    await office.desk.teaching.put_live(replace(content, topics=topics, version=f"long-{length}"))
    await becomes_known(office, number)
    await Notices(office.desk).send(number)
    answer = telegram.replies(zarina)[-1]
    assert "word words" in answer.text
    assert (asked[: quoted - 1].rstrip() + "…" in answer.text) == (quoted > 0)
    assert answer.text.startswith("🔔") == (quoted > 0)
