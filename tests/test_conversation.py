"""Several questions in one message, and going on with what was talked of: over the shipped content, at every door."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from alembic import command
from alembic.config import Config
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, text

from bot.content.values import Content, Entry, Topic
from bot.desk import Desk
from bot.language import Language, Text
from bot.matching.conversation import MOST_ANSWERS, MOST_PARTS, answer, halves, hear, questions
from bot.matching.decide import Answer, Choice, Reply, Several, answers_of
from bot.matching.matcher import Matcher
from bot.pages import answers
from bot.pages.actions import ShowEntry, decode
from bot.pages.markup import telegram as telegram_html
from bot.pages.page import Shown
from bot.pages.voice import Voice
from bot.store.database import MIGRATIONS, Database
from bot.store.people import Address, People, Person
from tests.conftest import NOW
from tests.crawl import buttons
from tests.standin.markup import parse_html
from tests.standin.telegram import Telegram
from tests.telegram_bot import RunningBot, labels, shows
from tests.webpage import ONE_LOOP, as_on_telegram, read_page, without_number

Voices = Mapping[Language, Voice]
EN, RU, TG, ZH = Language

SEVERAL = {
    "Where can I eat halal food? What is the Wi-Fi password?": "halal-food wifi",
    "how do I extend my visa\nwhere can I wash my clothes": "visa-extension laundry",
    "Where is halal food? What is the wifi password? Who meets me at the airport?": "halal-food wifi airport-pickup",
    "Какой пароль от вайфая? Когда выдадут сертификат?": "wifi certificate",
    "Кто встретит меня в аэропорту? Какой пароль от Wi-Fi? Где есть халяльная еда?": "airport-pickup wifi halal-food",
    "Пароли вайфай чист? Сертификатро кай медиҳанд?": "wifi certificate",
    "Маро дар фурудгоҳ кӣ пешвоз мегирад? Рамзи Wi-Fi чист? Таоми ҳалол дар куҷост?": "airport-pickup wifi halal-food",
    "无线网密码是多少？什么时候发证书？": "wifi certificate",
    "谁来机场接我？无线网密码是多少？哪里有清真餐？": "airport-pickup wifi halal-food",
    "when do I get my certificate and how do I extend my visa": "certificate visa-extension",
    "когда выдадут сертификат и как продлить визу": "certificate visa-extension",
    "Сертификатро кай медиҳанд ва раводидро чӣ тавр дароз кунам?": "certificate visa-extension",
    "什么时候发证书，另外谁来机场接我": "certificate airport-pickup",
}
THREE = dict(zip(Language, (message for message, expected in SEVERAL.items() if expected.count(" ") == 2), strict=True))
BACKGROUND = {
    "I am from Dushanbe and came here with my wife last week. How do I connect to the wifi in my room?": "wifi",
    "I lost my passport yesterday on the bus. I am very worried. What should I do?": "lost-passport",
    "Вчера в автобусе я потерял паспорт. Очень переживаю. Что мне делать?": "lost-passport",
    "Я приехал вчера из Душанбе. Дорога была долгой. Как продлить визу?": "visa-extension",
    "Ману ҳамсоям рӯзи якшанбе омадем. Ҳаво хуб аст. Либосро дар куҷо шӯям?": "laundry",
    "我和室友周日到的。天气很好。在哪里洗衣服？": "laundry",
}
ONE_THING = {
    "Is there internet access in the rooms and classrooms?": "wifi",
    "Is there a private bathroom and a kettle in the room?": "dormitory",
    "Выдают ли постельное бельё и полотенца или везти своё?": "packing",
    "Кӯрпаву болишт ва сачоқ медиҳанд ё аз хона барам?": "packing",
    "可以用微信支付，以及支付宝付款吗？": "mobile-payment",
}
GREETED = {
    "Hello! How do I extend my visa?": "visa-extension",
    "Hi! What is the wifi password?": "wifi",
    "Привет! Какой пароль от вайфая?": "wifi",
    "Добрый день! Как продлить визу?": "visa-extension",
    "Салом! Муҳлати раводидро чӣ тавр дароз кунам?": "visa-extension",
    "Ассалому алайкум! Сертификатро кай медиҳанд?": "certificate",
    "你好！签证怎么延期？": "visa-extension",
    "您好！什么时候发证书？": "certificate",
}


def entries_of(reply: Reply) -> list[str]:
    """The entries that a reply leads to, in its order."""
    if isinstance(reply, Answer | Several):
        return [one.match.entry.id for one in answers_of(reply)]
    return [match.entry.id for match in reply.matches] if isinstance(reply, Choice) else []


def replied(matcher: Matcher, message: str) -> tuple[type[Reply], str]:
    reply = answer(hear(matcher, message), EN)
    return type(reply), " ".join(entries_of(reply))


@pytest.mark.parametrize("message", SEVERAL)
def test_several_questions_in_one_message_are_answered_in_their_order(matcher: Matcher, message: str) -> None:
    assert replied(matcher, message) == (Several, SEVERAL[message])


@pytest.mark.parametrize("language", Language)
def test_of_four_questions_the_first_three_are_answered_in_their_language(
    matcher: Matcher, content: Content, language: Language
) -> None:
    reply = answer(hear(matcher, f"{THREE[language]} {content.entries['laundry'].title(language)}"), EN)
    assert (" ".join(entries_of(reply)), reply.language) == (SEVERAL[THREE[language]], language)


def test_the_same_asked_twice_is_answered_once(matcher: Matcher) -> None:
    assert replied(matcher, "Where can I wash my clothes? Is there a laundry?") == (Answer, "laundry")


def test_a_long_list_of_questions_is_a_pasted_text() -> None:
    asked = ["Where can I wash my clothes?", "How do I extend my visa?"] * MOST_PARTS
    assert questions(" ".join(asked[:MOST_PARTS])) == tuple(asked[:MOST_PARTS])
    assert questions(" ".join(asked[: MOST_PARTS + 1])) == ()


@pytest.mark.parametrize("message", BACKGROUND)
def test_one_question_with_its_background_is_one_answer(matcher: Matcher, message: str) -> None:
    assert replied(matcher, message) == (Answer, BACKGROUND[message])


@pytest.mark.parametrize("message", ONE_THING)
def test_x_and_y_are_one_question_where_one_entry_answers_it(matcher: Matcher, message: str) -> None:
    assert replied(matcher, message) == (Answer, ONE_THING[message])


@pytest.mark.parametrize("message", GREETED)
def test_who_greets_and_asks_gets_the_question_answered(matcher: Matcher, message: str) -> None:
    assert replied(matcher, message) == (Answer, GREETED[message])


@pytest.mark.parametrize("greeting", ["Hello, how are you?", "Здравствуйте, как дела?", "Салом!", "你好！"])
def test_a_greeting_before_several_questions_is_none_of_them(matcher: Matcher, greeting: str) -> None:
    for message in THREE.values():
        assert replied(matcher, f"{greeting} {message}") == (Several, SEVERAL[message])


CLAUSES = st.sampled_from([*SEVERAL, "?", "\n", " and ", " и ", " ва ", "还有", "Hello!", "。", "\0", "\ud83d"])


@settings(max_examples=40)
@given(said=st.one_of(st.text(st.characters(), max_size=200), st.lists(CLAUSES, max_size=8).map("".join)))
@example(said="?" * 10_000)
@example(said="Where is it? " * 1_000)
def test_whatever_is_written_gets_at_most_three_different_answers(matcher: Matcher, said: str) -> None:
    for parts in (questions(said), halves(said)):
        assert len(parts) != 1
        assert all(part and part in said for part in parts)
    found = entries_of(answer(hear(matcher, said), EN))
    assert len(found) == len(set(found)) <= MOST_ANSWERS


@settings(max_examples=80)
@given(
    sizes=st.lists(st.integers(10, 4000), min_size=2, max_size=3),
    letter=st.sampled_from("aж学😀&<"),
    language=st.sampled_from(Language),
    written=st.sampled_from(Language),
)
@example(sizes=[1190, 1190, 1190], letter="<", language=TG, written=ZH)
@example(sizes=[4000, 4000, 4000], letter="a", language=EN, written=EN)
@example(sizes=[10, 3000, 10], letter="😀", language=EN, written=EN)
def test_several_answers_fit_into_one_message_and_what_does_not_is_a_button(
    voices: Voices, sizes: list[int], letter: str, language: Language, written: Language
) -> None:
    width = len(letter.encode("utf-16-le")) // 2
    entries = tuple(
        Entry(
            f"seal-{number}", "seals", {EN: ("?" * 200,)}, Text({written: f"No {number}. {letter * (size // width)}"})
        )
        for number, size in enumerate(sizes)
    )
    content = Content((Topic("seals", Text.same("Seals"), entries),), (), (), {}, {}, {}, "1")
    page = answers.several_page(entries, voices[language], content)
    shown, _ = parse_html(telegram_html(page.text))
    assert len(shown.encode("utf-16-le")) // 2 <= 4096
    offered = {decode(button.action) for button in buttons(page)}
    for number, entry in enumerate(entries):
        assert f"No {number}. " in shown or ShowEntry(entry.id, language) in offered


async def says(desk: Desk, said: str, name: str = "1") -> Shown:
    return await desk.hear(said, await desk.meet(Address("test", name), "en"))


async def asks(desk: Desk, said: str, name: str = "1") -> Reply:
    return await desk.ask(said, await desk.meet(Address("test", name), "en"))


HOW_MUCH = ["and how much?", "а сколько стоит?", "чанд пул?", "多少钱？"]
SHOWN = {"dormitory": "dormitory-cost", "course-list": "course-fee"}


@pytest.mark.parametrize("shown", SHOWN)
@pytest.mark.parametrize("how_much", HOW_MUCH)
async def test_a_follow_up_goes_on_with_what_was_talked_of(desk: Desk, how_much: str, shown: str) -> None:
    await says(desk, f"/faq {shown}")
    assert entries_of(await asks(desk, how_much))[:1] == [SHOWN[shown]]


@pytest.mark.parametrize(("said", "expected"), [("Where will I live?", "dormitory-cost"), *SHOWN.items()])
async def test_what_was_asked_and_what_was_pressed_are_talked_of_alike(desk: Desk, said: str, expected: str) -> None:
    visitor = await desk.meet(Address("test", "1"), "en")
    await (desk.do(ShowEntry(said), visitor) if said in SHOWN else desk.hear(said, visitor))
    assert entries_of(await asks(desk, "and how much?"))[0] == expected


async def test_of_several_answers_the_last_is_talked_of(desk: Desk) -> None:
    await says(desk, "How do I extend my visa? Which courses and subjects are there?")
    assert entries_of(await asks(desk, "and how much?"))[0] == "course-fee"


async def test_after_a_quarter_of_an_hour_it_is_a_new_question(
    matcher: Matcher, voices: Voices, database: Database
) -> None:
    now = [NOW]
    desk = Desk(matcher, voices, database, now=lambda: now[0])
    await says(desk, "/faq dormitory")
    now[0] += timedelta(minutes=15, seconds=-1)
    assert entries_of(await asks(desk, "and how much?"))[0] == "dormitory-cost"
    now[0] += timedelta(seconds=1)
    assert await asks(desk, "and how much?") == await asks(desk, "and how much?", "stranger")


async def test_small_talk_is_nothing_to_go_on_with(desk: Desk) -> None:
    await says(desk, "Hello!")
    await says(desk, "/faq thanks")
    assert await asks(desk, "and how much?") == await asks(desk, "and how much?", "stranger")


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("entry", ["visa-extension", "lost-passport", "certificate", "doctor", "wifi"])
async def test_a_complete_question_about_something_else_is_not_bent(
    desk: Desk, content: Content, language: Language, entry: str
) -> None:
    await says(desk, "/faq course-list")
    question = content.entries[entry].title(language)
    reply = await asks(desk, question)
    assert (type(reply), entries_of(reply)[0]) == (type(await asks(desk, question, "stranger")), entry)


async def test_what_was_talked_of_is_nobody_elses_and_outlives_a_restart(
    matcher: Matcher, voices: Voices, new_database: Path, tmp_path: Path
) -> None:
    address = f"sqlite+aiosqlite:///{shutil.copy(new_database, tmp_path)}"
    for said, expected in (("/faq dormitory", "dormitory-cost"), ("/help", "dormitory-cost")):
        await (database := Database(address)).open()
        desk = Desk(matcher, voices, database, now=lambda: NOW)
        await says(desk, said)
        assert entries_of(await asks(desk, "and how much?"))[0] == expected
        assert entries_of(await asks(desk, "and how much?", "2")) == []
        await database.close()


async def test_an_entry_that_is_gone_is_nothing_to_go_on_with(desk: Desk, content: Content) -> None:
    await says(desk, "/faq dormitory")
    desk.replace(Matcher(replace(content, topics=content.topics[:2])))
    assert await asks(desk, "and how much?") == await asks(desk, "and how much?", "stranger")


async def test_a_database_from_before_is_migrated_and_keeps_its_people(tmp_path: Path) -> None:
    zarina, path = Address("telegram", "5000001"), tmp_path / "rohnamo.db"
    engine, config = create_engine(f"sqlite:///{path}"), Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as config.attributes["connection"]:
        command.upgrade(config, "0001")
        old = "INSERT INTO people (channel, name, language, since) VALUES ('telegram', '5000001', 'tg', '2026-11-23')"
        config.attributes["connection"].execute(text(old))
    engine.dispose()
    await (database := Database(f"sqlite+aiosqlite:///{path}")).open()
    people = People(database)
    kept = await people.find(zarina)
    assert (kept.chosen, kept.entry, kept.entry_at) == (TG, None, None)
    await people.talk_of(kept, "dormitory", NOW)
    assert kept.id is not None
    assert await people.find(zarina) == Person(zarina, TG, "dormitory", NOW, kept.id)
    await database.close()


async def test_on_telegram(telegram: Telegram, rohnamo: RunningBot, content: Content, voices: Voices) -> None:
    john = telegram.person("John", "en")
    reply = await telegram.answer(john.says("What is the wifi password? Where will I live?"))
    both = [content.entries["wifi"], content.entries["dormitory"]]
    assert shows(reply, answers.several_page(both, voices[EN], content, question=1))
    choice = await telegram.answer(john.says("and how much?"))
    assert labels(choice)[0] == content.entries["dormitory-cost"].title(EN)


@ONE_LOOP
async def test_on_the_page(web: httpx.AsyncClient, content: Content, voices: Voices) -> None:
    reply = read_page(await web.post("/", data={"text": "无线网密码是多少？什么时候发证书？"})).answer
    both = [content.entries["wifi"], content.entries["certificate"]]
    expected = answers.several_page(both, voices[ZH], content, question=1)
    assert without_number(reply) == without_number(as_on_telegram(expected))
    await web.post("/", data={"text": "/faq dormitory"})
    choice = read_page(await web.post("/", data={"text": "多少钱？"})).answer
    assert choice.labels[0] == content.entries["dormitory-cost"].title(ZH)
