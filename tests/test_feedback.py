"""👍 and 👎: one vote a person an answer, which they may change."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

import httpx
import pytest

from bot.delivery.notices import Notices
from bot.desk import Desk
from bot.language import Language
from bot.matching.matcher import Matcher
from bot.pages.voice import Voice
from bot.store.database import Database
from bot.store.questions import Question, Settled
from bot.web.app import build_web
from tests.office import Office
from tests.office_fixtures import NOON
from tests.postgres import BOTH_STORES
from tests.standin.chats import Message
from tests.standin.http import running
from tests.standin.people import Person
from tests.standin.telegram import Telegram
from tests.telegram_bot import labels
from tests.told import ROUTER, asks_in_vain, becomes_known, number_of, told
from tests.webpage import browser_at, read_page

pytestmark = BOTH_STORES
WIFI = "How do I connect to Wi-Fi?"
YES, NO = "👍 It helped", "👎 It did not"
PERSON = "🙋 Ask a person"
NOT_YOURS = "Only the person who asked can press this."


@pytest.fixture
def zarina(telegram: Telegram) -> Person:
    return telegram.person("Zarina", "en")


async def question(office: Office, number: int) -> Question:
    found = await office.desk.teaching.questions.find(number)
    assert found is not None
    return found


async def presses(office: Office, who: Person, message: Message, label: str) -> str:
    """Press a button; returns the passing words."""
    press = who.presses(message, label)
    await office.settled()
    assert press.answered
    return press.notice


async def test_one_vote_is_kept_shown_at_its_button_and_may_be_changed(office: Office, zarina: Person) -> None:
    answer = await office.says(zarina, WIFI)
    words, number = answer.text, number_of(answer)
    assert labels(answer)[:2] == [YES, NO]
    assert await presses(office, zarina, answer, YES) == "Thank you!"
    assert (labels(answer)[:2], (await question(office, number)).feedback) == ([f"{YES} ✓", NO], 1)
    assert "Staff will see it" in await presses(office, zarina, answer, NO)
    assert labels(answer)[:3] == [YES, f"{NO} ✓", PERSON]
    assert (await question(office, number)).feedback == -1
    await presses(office, zarina, answer, YES)
    assert (labels(answer)[:2], (await question(office, number)).feedback) == ([f"{YES} ✓", NO], 1)
    assert answer.text == words
    assert len(office.telegram.replies(zarina)) == 1


async def test_pressing_twice_is_pressing_once(office: Office, zarina: Person) -> None:
    answer = await office.says(zarina, WIFI)
    await presses(office, zarina, answer, NO)
    shown = labels(answer)
    await presses(office, zarina, answer, f"{NO} ✓")
    assert (labels(answer), (await question(office, number_of(answer))).feedback) == (shown, -1)


async def test_two_presses_at_once_leave_one_vote(office: Office, zarina: Person) -> None:
    answer = await office.says(zarina, WIFI)
    first, second = zarina.presses(answer, NO), zarina.presses(answer, NO)
    await office.settled()
    assert (first.answered, second.answered) == (True, True)
    assert [label for label in labels(answer) if label == PERSON] == [PERSON]
    assert (await question(office, number_of(answer))).feedback == -1


async def test_the_vote_is_shown_after_the_answer_is_read_in_another_language(office: Office, zarina: Person) -> None:
    answer = await office.says(zarina, WIFI)
    await presses(office, zarina, answer, NO)
    await office.press(zarina, answer, "RU")
    russian = office.desk.voices[Language.RU]
    assert labels(answer)[:3] == [russian.say(YES), russian.say(NO) + " ✓", russian.say(PERSON)]
    await presses(office, zarina, answer, russian.say(YES))
    await office.press(zarina, answer, "EN")
    assert labels(answer)[:2] == [f"{YES} ✓", NO]


async def test_of_a_choice_the_picked_answer_is_rated_and_not_another_one(office: Office, zarina: Person) -> None:
    message = await office.says(zarina, "Which laptop is best for drawing?")
    await office.press(zarina, message, message.buttons[0][0])
    await presses(office, zarina, message, NO)
    number = number_of(message)
    zarina.presses_data(message, f"e:prayer-room:en:{number}")
    await office.settled()
    assert labels(message)[:2] == [YES, NO]
    assert (await question(office, number)).feedback is None
    await presses(office, zarina, message, YES)
    assert ((await question(office, number)).entry, (await question(office, number)).feedback) == ("prayer-room", 1)


async def test_several_answers_are_rated_together(office: Office, zarina: Person) -> None:
    answers = await office.says(zarina, f"{WIFI} How do I extend my visa?")
    assert labels(answers)[:2] == [YES, NO]
    await presses(office, zarina, answers, YES)
    assert (await question(office, number_of(answers))).feedback == 1


async def test_small_talk_unknowns_and_pages_are_not_rated(office: Office, zarina: Person) -> None:
    for words in ("Hello!", ROUTER[Language.EN], "/help", "/faq wifi"):
        assert YES not in labels(await office.says(zarina, words)), words


async def test_in_a_group_others_cannot_vote_and_the_answer_stays_as_it_is(office: Office, zarina: Person) -> None:
    aziz, trainees = office.telegram.person("Aziz", "en"), office.telegram.group("Trainees")
    answer = await office.telegram.answer(zarina.says(f"@{office.bot.app.bot.username} {WIFI}", in_chat=trainees))
    await office.settled()
    words, number = answer.text, number_of(answer)
    assert await presses(office, aziz, answer, NO) == NOT_YOURS
    assert (answer.text, (await question(office, number)).feedback) == (words, None)
    press = zarina.presses_data(answer, f"rate:{number}:1")
    await office.settled()
    assert (press.notice, (await question(office, number)).feedback) == ("Thank you!", 1)


async def test_in_a_group_the_buttons_stay_when_others_press_them(office: Office, zarina: Person) -> None:
    aziz, trainees = office.telegram.person("Aziz", "en"), office.telegram.group("Trainees")
    answer = await office.telegram.answer(zarina.says(f"@{office.bot.app.bot.username} {WIFI}", in_chat=trainees))
    await office.settled()
    shown = labels(answer)
    await presses(office, aziz, answer, NO)
    assert labels(answer) == shown


@pytest.mark.parametrize(
    "forged", ["rate:1:0", "rate:999999:1", "tell:1", "rate:1:2", "rate:-1:1", "rate::1", "rate:1"]
)
async def test_a_forged_number_changes_nothing_of_somebody_else(office: Office, zarina: Person, forged: str) -> None:
    theirs = number_of(await office.says(office.telegram.person("Aziz", "en"), WIFI))
    answer = await office.says(zarina, WIFI)
    mine = number_of(answer)
    assert theirs == 1
    press = zarina.presses_data(answer, forged)
    await office.settled()
    assert press.answered
    assert [(await question(office, number)).feedback for number in (theirs, mine)] == [None, None]
    assert await office.desk.teaching.questions.to_tell(NOON) == []


async def test_a_vote_on_a_question_that_was_forgotten_leaves_the_answer_to_be_read(
    office: Office, zarina: Person
) -> None:
    answer = await office.says(zarina, WIFI)
    words = answer.text
    await office.says(zarina, "/forget")
    await office.press(zarina, office.telegram.replies(zarina)[-1], "Yes, delete everything")
    assert "no longer here" in await presses(office, zarina, answer, YES)
    assert (answer.text, YES in labels(answer)) == (words, False)


async def test_a_no_opens_a_settled_question_again_also_after_the_answer_was_told(
    office: Office, zarina: Person
) -> None:
    number = await asks_in_vain(office, zarina)
    await becomes_known(office, number)
    await Notices(office.desk).send(number)
    (answer,) = told(office, zarina)
    assert (await question(office, number)).settled is Settled.TAUGHT
    await presses(office, zarina, answer, NO)
    assert ((await question(office, number)).settled, (await question(office, number)).feedback) == (None, -1)
    assert [one.id for one in await office.desk.teaching.questions.failed(NOON, 10)] == [number]


async def test_who_said_no_before_it_was_taught_can_say_no_to_the_new_answer_too(
    office: Office, zarina: Person
) -> None:
    answer = await office.says(zarina, WIFI)
    number = number_of(answer)
    await presses(office, zarina, answer, NO)
    zarina.presses_data(answer, f"tell:{number}")
    await office.settled()
    await becomes_known(office, number, entry="sim-card")
    await Notices(office.desk).send(number)
    (told_answer,) = told(office, zarina)
    await presses(office, zarina, told_answer, NO)
    assert (await question(office, number)).settled is None


# On the page


@pytest.fixture
async def browser(
    tiny_matcher: Matcher, voices: Mapping[Language, Voice], database: Database
) -> AsyncIterator[tuple[httpx.AsyncClient, Desk]]:
    desk = Desk(tiny_matcher, voices, database, lambda: NOON)
    async with running(build_web(desk)) as address, browser_at(address) as at:
        at.headers["Accept-Language"] = "en"
        yield at, desk


async def test_on_the_page_a_vote_is_one_vote_too(browser: tuple[httpx.AsyncClient, Desk]) -> None:
    at, desk = browser
    answer = read_page(await at.post("/", data={"text": WIFI})).answer
    thanked = read_page(await at.post("/", data={"do": answer.asks_for(YES)})).answer
    assert (thanked.text, thanked.labels) == ("Thank you!", [f"{YES} ✓", NO])
    changed = read_page(await at.post("/", data={"do": thanked.asks_for(NO)})).answer
    assert changed.labels == [YES, f"{NO} ✓", PERSON]
    found = await desk.teaching.questions.find(int(thanked.asks_for(NO).split(":")[1]))
    assert found is not None
    assert found.feedback == -1


async def test_on_the_page_nobody_votes_for_somebody_else(browser: tuple[httpx.AsyncClient, Desk]) -> None:
    at, desk = browser
    deed = read_page(await at.post("/", data={"text": WIFI})).answer.asks_for(YES)
    at.cookies.clear()
    assert read_page(await at.post("/", data={"do": deed})).answer.text == NOT_YOURS
    found = await desk.teaching.questions.find(int(deed.split(":")[1]))
    assert found is not None
    assert found.feedback is None
