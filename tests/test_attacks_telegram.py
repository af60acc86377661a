"""People on Telegram who pretend: to be staff, to be somebody else, to be somewhere else, or to be people at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.pages.markup import LONGEST_NAME, name_of
from tests.office import UNKNOWN, Office
from tests.standin.chats import Message
from tests.standin.people import Group, Person
from tests.standin.telegram import Telegram
from tests.standin.values import Json
from tests.telegram_bot import labels

NOT_STAFF = "This is for the staff of the institute only."


@pytest.fixture
def office(plain_office: Office) -> Office:
    return plain_office


@pytest.fixture
def john(telegram: Telegram) -> Person:
    return telegram.person("John", "en")


async def gets(office: Office, who: Person, text: str, in_chat: Group | None = None, **more: Json) -> Message:
    """Somebody sends a message about which Telegram tells more than what they wrote."""
    chat = in_chat.chat if in_chat is not None else who.chat
    message = Message(chat, next(chat.ids), office.telegram.now, who.user)
    message.text = text
    office.telegram.keep(message)
    entities: list[Json] = []
    if text.startswith("/"):
        entities.append({"type": "bot_command", "offset": 0, "length": len(text.split()[0])})
    office.telegram.push("message", {**message.to_json(), "entities": entities, **more})
    await office.settled()
    return message


def written_by(who: Person) -> Json:
    return {"type": "user", "date": 1, "sender_user": who.user}


@pytest.mark.parametrize(
    "command", ["/staff add {}", "/STAFF add {}", "/announce", "/stats", "/unanswered", "/learned"]
)
async def test_a_command_that_staff_only_forward_is_not_theirs(
    office: Office, telegram: Telegram, john: Person, command: str
) -> None:
    await office.says(john, "/start")
    await gets(office, office.admin, command.format(john.id), forward_origin=written_by(john))
    assert office.reads(office.admin)[-1] == NOT_STAFF
    assert str(john.id) not in {one.address.name for one in await office.desk.staff.editors.all()}


async def test_a_question_that_staff_forward_is_answered(office: Office, john: Person) -> None:
    await gets(office, office.admin, "visa extension", forward_origin=written_by(john))
    assert "visa" in office.reads(office.admin)[-1].casefold()


@pytest.mark.parametrize("words", ["@rohnamo_bot visa extension", "/faq", "/staff", "/human", "visa extension"])
async def test_another_bot_is_never_answered(office: Office, telegram: Telegram, words: str) -> None:
    robot = telegram.person("Robot", "en", username="other_bot")
    robot.user["is_bot"] = True  # type: ignore[index]
    football = telegram.group("Football")
    for place in (None, football, office.group):
        await gets(office, robot, words, place)
        assert [one for one in telegram.replies(place or robot) if one.sender != robot.user] == []


async def test_a_bot_that_answers_a_trainee_in_the_staff_group_is_not_passed_on(
    office: Office, telegram: Telegram, john: Person
) -> None:
    robot = telegram.person("Robot", "en", username="other_bot")
    robot.user["is_bot"] = True  # type: ignore[index]
    await office.asks_for_a_person(john)
    head = office.staff_sees()[-1]
    before = office.reads(john)
    await gets(office, robot, "Send me money", office.group, reply_to_message=head.to_json())
    assert office.reads(john) == before
    assert [one for one in office.staff_sees() if one.sender != robot.user][-1].id == head.id


async def test_a_message_by_way_of_another_bot_gives_no_rights(
    office: Office, telegram: Telegram, john: Person
) -> None:
    robot: Json = {"id": 777, "is_bot": True, "first_name": "Robot", "username": "other_bot"}
    await gets(office, john, f"/staff add {john.id}", via_bot=robot)
    assert office.reads(john)[-1] == NOT_STAFF


async def test_a_channel_that_writes_into_the_staff_group_answers_nobody(
    office: Office, telegram: Telegram, john: Person
) -> None:
    channel: Json = {"id": -1009999, "type": "channel", "title": "Linked"}
    await office.asks_for_a_person(john)
    head, before = office.staff_sees()[-1], office.reads(john)
    postman = telegram.person("Telegram", "en")
    await gets(
        office, postman, "Bring cash", office.group,
        sender_chat=channel, is_automatic_forward=True, reply_to_message=head.to_json(),
    )  # fmt: skip
    await gets(office, postman, "/staff add 5", office.group, sender_chat=channel)
    assert office.reads(john) == before


async def test_an_anonymous_administrator_of_the_staff_group_is_nobody(office: Office, john: Person) -> None:
    assert office.group is not None
    await office.says(john, "/start")
    somebody = office.admin.anonymously(office.group)
    for words in (f"/staff add {john.id}", "/unanswered", "/stats", "/announce"):
        told = await office.telegram.answer(somebody.says(words))
        await office.settled()
        assert told.text == NOT_STAFF
    assert str(john.id) not in {one.address.name for one in await office.desk.staff.editors.all()}


async def test_the_numbers_of_the_staff_groups_messages_mean_nothing_elsewhere(
    office: Office, telegram: Telegram, john: Person
) -> None:
    """Message and topic numbers are small and can be met in any group of one's own."""
    await office.asks_for_a_person(john)
    head, zarina, own = office.staff_sees()[-1], telegram.person("Zarina", "en"), telegram.group("Own", forum=True)
    before = office.reads(john)
    for number in range(head.id + 3):
        forged = {**head.to_json(), "message_id": number, "chat": own.chat.to_json()}
        await gets(office, zarina, "Send me money", own, reply_to_message=forged)
        await gets(office, zarina, "Send me money", own, message_thread_id=number, is_topic_message=True)
    assert office.reads(john) == before


@pytest.mark.parametrize(
    "mark", ["🔍 #1:", "✏️ #1 en:", "✍️ #1 en:", "📎 #1:", "🕐 #1:", "↩️", "🙋 John asks for a person."]
)
async def test_words_that_look_like_the_bots_own_do_not_lead_an_answer_astray(
    office: Office, john: Person, mark: str
) -> None:
    await office.asks_for_a_person(john)
    await office.writes(john, f"{mark} Where is my room?")
    await office.answers("Room five")
    assert office.reads(john)[-1].endswith("Room five")


@pytest.mark.parametrize(
    "name",
    ["<b>Root</b>", "**Root** [x](https://evil.example)", "\u202eroot\u2066", "Z" + "\u0351" * 60, "{question}",
     "%s {0}", "\u200b\u2060", "\U000e0061\U000e0062", "=1+1", "x" * 64, "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "Мария‌ Кюри", "محمد", "a\nb\r\nc"],
)  # fmt: skip
async def test_a_name_is_no_more_than_a_name(office: Office, telegram: Telegram, name: str) -> None:
    somebody = telegram.person(name, "en")
    await office.asks_for_a_person(somebody)
    head = office.staff_sees()[-1]
    first = head.text.split("\n")[0]
    assert first.endswith("asks for a person.")
    assert UNKNOWN in head.text
    assert not set(first) & set("\u202e\u2066\u200b\U000e0061")
    assert first.count("\u0351") <= 4
    assert [one for one in head.entities if one["type"] in ("text_link", "code")] == []
    assert labels(head)
    await office.answers("Room five")
    assert "Room five" in office.reads(somebody)[-1]


@given(st.text(max_size=300))
def test_whatever_somebody_calls_themselves_it_is_one_short_line(text: str) -> None:
    name = name_of(text)
    assert len(name) <= LONGEST_NAME
    assert name == " ".join(name.split())
    assert name_of(name) == name


@pytest.mark.parametrize(
    "name", ["Зарина Каримова", "Ҷӯраев", "王丽", "Nguyễn Thị Ánh", "محمد‌علی", "O'Neil-Smith", "👩‍🏫 Lola"]
)
def test_an_honest_name_stays_as_it_is(name: str) -> None:
    assert name_of(name) == name


@pytest.mark.parametrize(
    "words",
    ["/staff add @wаng_li2", "/staff add @WANG_LI2\u200b", "/stаff add {}", "/staff\u200b add {}", "／staff add {}"],
)
async def test_letters_that_only_look_alike_make_nobody_an_editor(
    office: Office, telegram: Telegram, john: Person, words: str
) -> None:
    """The first "а" is Cyrillic."""
    lookalike = telegram.person("Wang", "en", username="wang_li2")
    await office.says(lookalike, "/start")
    before = await office.desk.staff.editors.all()
    await office.says(office.admin, words.format(lookalike.id))
    assert await office.desk.staff.editors.all() == before
