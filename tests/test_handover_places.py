"""Where staff read and answer: topics of a forum, their private chats without a group, a group that moves."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from bot.language import Language
from bot.matching.matcher import Matcher
from bot.pages.voice import Voice
from bot.store.database import Database
from tests.office import UNKNOWN, Clock, Office, working
from tests.office_fixtures import NOON
from tests.postgres import BOTH_STORES
from tests.standin.people import Group, Person
from tests.standin.telegram import Telegram
from tests.telegram_bot import labels

pytestmark = BOTH_STORES
OTHER_UNKNOWN = "Who feeds the goldfish?"
OPENING = "👤 A person from the institute answers you:"


@pytest.fixture
def forum(forum_office: Office) -> Group:
    assert forum_office.group is not None
    return forum_office.group


@pytest.fixture
def john(telegram: Telegram) -> Person:
    return telegram.person("John", "en")


def topic_of(group: Group, name: str) -> int:
    return next(thread for thread, title in reversed(group.chat.topics.items()) if title.startswith(name))


def in_topic(telegram: Telegram, group: Group, name: str) -> list[str]:
    return [one.text for one in telegram.topic(group, topic_of(group, name))]


async def test_in_a_forum_everybody_has_a_topic(
    forum_office: Office, telegram: Telegram, forum: Group, john: Person
) -> None:
    ali = telegram.person("Ali", "en")
    await forum_office.asks_for_a_person(john)
    await forum_office.asks_for_a_person(ali, OTHER_UNKNOWN)
    await forum_office.writes(john, "Hello?")
    assert list(forum.chat.topics.values()) == ["John · English", "Ali · English"]
    head, letter = in_topic(telegram, forum, "John")
    assert UNKNOWN in head
    assert letter == "Hello?"
    # Nothing has to be replied to in a topic.
    forum_office.editor.says("In room 5", in_chat=forum, topic=topic_of(forum, "Ali"))
    await forum_office.settled()
    assert forum_office.reads(ali)[-2:] == [OPENING, "In room 5"]
    assert OPENING not in forum_office.reads(john)


async def test_what_is_said_in_other_topics_is_nobodys_answer(
    forum_office: Office, telegram: Telegram, forum: Group, john: Person
) -> None:
    await forum_office.asks_for_a_person(john)
    before = forum_office.reads(john)
    lunch = forum_office.admin.creates_topic(forum, "Lunch")
    forum_office.editor.says("Noodles?", in_chat=forum, topic=lunch)
    forum_office.editor.says("Noodles?", in_chat=forum)
    forum_office.editor.says("// noodles", in_chat=forum, topic=topic_of(forum, "John"))
    await forum_office.settled()
    assert forum_office.reads(john) == before


async def test_two_conversations_one_after_the_other_share_the_topic(
    forum_office: Office, telegram: Telegram, forum: Group, john: Person
) -> None:
    await forum_office.asks_for_a_person(john)
    await forum_office.says(john, "/done")
    told = await forum_office.asks_for_a_person(john, OTHER_UNKNOWN)
    assert len(forum.chat.topics) == 1
    first, ended, second = in_topic(telegram, forum, "John")
    assert UNKNOWN in first
    assert ended.startswith("✅ The person needs nothing more")
    assert OTHER_UNKNOWN in second
    forum_office.editor.says("In room 5", in_chat=forum, topic=topic_of(forum, "John"))
    await forum_office.settled()
    assert forum_office.reads(john)[-1] == "In room 5"
    await forum_office.press(john, told, "✅ Done")
    forum_office.editor.says("And bring it back", in_chat=forum, topic=topic_of(forum, "John"))
    await forum_office.settled()
    assert forum_office.reads(john)[-2:] == [OPENING, "And bring it back"]


@pytest.mark.parametrize("step", ["before the next letter", "before an edit", "before the end", "before the answer"])
async def test_a_topic_may_be_deleted_at_any_moment(
    forum_office: Office, telegram: Telegram, forum: Group, john: Person, step: str
) -> None:
    await forum_office.asks_for_a_person(john)
    written = await forum_office.writes(john, "Hello?")
    forum_office.admin.deletes_topic(forum, topic_of(forum, "John"))
    if step == "before the end":
        told = await forum_office.says(john, "/done")
        assert told.text.startswith("This conversation with a person is closed.")
        await forum_office.asks_for_a_person(john, OTHER_UNKNOWN)
        assert OTHER_UNKNOWN in in_topic(telegram, forum, "John")[0]
        return
    if step == "before an edit":
        john.edits(written, "Is anybody there?")
        await forum_office.settled()
        words = "Is anybody there?"
    else:
        await forum_office.writes(john, "Anybody?")
        words = "Anybody?"
    head, letter = in_topic(telegram, forum, "John")
    assert UNKNOWN in head
    assert letter == words
    if step == "before the answer":
        forum_office.admin.deletes_topic(forum, topic_of(forum, "John"))
        waiting = await forum_office.says(forum_office.editor, "/waiting")
        await forum_office.press(forum_office.editor, waiting, waiting.buttons[0][0])
        await forum_office.answers("Yes", telegram.replies(forum_office.editor)[-1])
    else:
        forum_office.editor.says("Yes", in_chat=forum, topic=topic_of(forum, "John"))
        await forum_office.settled()
    assert forum_office.reads(john)[-2:] == [OPENING, "Yes"]


async def test_without_the_right_to_make_topics_there_is_a_plain_thread(
    forum_office: Office, telegram: Telegram, forum: Group, john: Person
) -> None:
    forum_office.admin.changes_bot(forum.chat, "administrator", denied=["can_manage_topics"])
    await forum_office.asks_for_a_person(john)
    await forum_office.writes(john, "Hello?")
    head, letter = forum_office.staff_sees()
    assert (head.topic, letter.topic, letter.reply_to) == (None, None, head)
    await forum_office.answers("Yes", letter)
    assert forum_office.reads(john)[-1] == "Yes"


async def test_a_topic_that_is_closed_to_the_bot_is_left_for_a_plain_thread(
    forum_office: Office, telegram: Telegram, forum: Group, john: Person
) -> None:
    await forum_office.asks_for_a_person(john)
    forum_office.admin.closes_topic(forum, topic_of(forum, "John"))
    forum_office.admin.changes_bot(forum.chat, "administrator", denied=["can_manage_topics"])
    await forum_office.writes(john, "Hello?")
    head, letter = forum_office.staff_sees()[-2:]
    assert (head.topic, letter.topic, letter.reply_to) == (None, None, head)


async def test_without_a_group_all_staff_have_it_in_their_private_chats(
    lone_office: Office, telegram: Telegram, john: Person
) -> None:
    await lone_office.asks_for_a_person(john)
    for one in (lone_office.admin, lone_office.editor):
        assert UNKNOWN in telegram.replies(one)[-1].text
    await lone_office.answers("In room 5", telegram.replies(lone_office.editor)[-1])
    assert lone_office.reads(john)[-1] == "In room 5"
    assert telegram.replies(lone_office.admin)[-1].text == "↩️ In room 5", "so that nobody answers twice"
    photo = john.sends_photo(caption="Here?")
    await lone_office.settled()
    assert photo.reactions == ["👀"]
    for one in (lone_office.admin, lone_office.editor):
        assert (telegram.replies(one)[-1].photo, telegram.replies(one)[-1].text) == (photo.photo, "Here?")


async def test_what_staff_write_in_private_without_replying_is_a_question_of_their_own(
    lone_office: Office, telegram: Telegram, john: Person
) -> None:
    await lone_office.asks_for_a_person(john)
    before = lone_office.reads(john)
    assert (await lone_office.says(lone_office.editor, "/help")).text.startswith("How to use me")
    await lone_office.says(lone_office.editor, "How do I extend my visa?")
    assert lone_office.reads(john) == before


async def test_who_is_staff_no_more_reads_no_more(lone_office: Office, telegram: Telegram, john: Person) -> None:
    await lone_office.asks_for_a_person(john)
    await lone_office.says(lone_office.admin, f"/staff remove {lone_office.editor.id}")
    await lone_office.writes(john, "My passport number is 1234567")
    await lone_office.says(john, "/done")
    assert "1234567" in " ".join(lone_office.reads(lone_office.admin))
    assert "1234567" not in " ".join(lone_office.reads(lone_office.editor))
    assert "needs nothing more" not in " ".join(lone_office.reads(lone_office.editor))


async def test_a_conversation_can_be_followed_in_a_private_chat(
    plain_office: Office, telegram: Telegram, john: Person
) -> None:
    office = plain_office
    await office.asks_for_a_person(john)
    await office.writes(john, "Hello?")
    await office.answers("One moment")
    waiting = await office.says(office.editor, "/waiting")
    assert waiting.text == "1 person waits for an answer. Press it to follow it here."
    assert waiting.buttons[0] == ["0 min · One moment"]
    await office.press(office.editor, waiting, "0 min · One moment")
    head, *letters = telegram.replies(office.editor)[-3:]
    assert UNKNOWN in head.text
    assert [one.text for one in letters] == ["Hello?", "↩️ One moment"]
    await office.answers("In room 5", letters[0])
    assert office.staff_sees()[-1].text == "↩️ In room 5", "colleagues in the group see it, too"
    await office.writes(john, "Thanks")
    assert telegram.replies(office.editor)[-1].text == office.staff_sees()[-1].text == "Thanks"
    await office.press(office.editor, head, "✅ Done")
    assert office.staff_sees()[-1].text.startswith("✅ Closed.")
    assert labels(head) == []


async def test_trainees_cannot_follow_conversations(plain_office: Office, telegram: Telegram, john: Person) -> None:
    ali = telegram.person("Ali", "en")
    await plain_office.asks_for_a_person(john)
    menu = await plain_office.says(ali, "/help")
    for data in ("here:1", "close:1"):
        ali.presses_data(menu, data)
        await plain_office.settled()
        assert plain_office.reads(ali)[-1] == "This is for the staff of the institute only."
    assert await plain_office.desk.handover.conversations.waiting(9)


async def test_a_group_that_becomes_a_supergroup_is_followed_now_and_after_a_restart(
    telegram: Telegram, small_matcher: Matcher, voices: Mapping[Language, Voice], database: Database, john: Person
) -> None:
    admin, group = telegram.person("Nigora", "en"), telegram.group("Staff", basic=True)
    group.admits(admin, status="creator")
    clock = Clock(NOON)
    async with working(telegram, small_matcher, voices, database, clock, admin, admin, group) as office:
        await office.asks_for_a_person(john)
        moved = group.becomes_supergroup(admin)
        await office.writes(john, "Hello?")
        head, letter = telegram.replies(moved)
        assert UNKNOWN in head.text
        assert (letter.text, letter.reply_to) == ("Hello?", head)
        await office.answers("In room 5", letter, by=admin)
        assert office.reads(john)[-1] == "In room 5"
        assert len(telegram.replies(moved)) == 2
    async with working(telegram, small_matcher, voices, database, clock, admin, admin, group) as office:
        line = office.bot.app.bot_data.staff
        assert line
        await line.find_group()
        await office.writes(john, "Thanks")
        await office.answers("You are welcome", telegram.replies(moved)[-1], by=admin)
        assert office.reads(john)[-1] == "You are welcome"


async def test_a_group_that_moves_unseen_is_found_when_something_is_posted(
    telegram: Telegram, small_matcher: Matcher, voices: Mapping[Language, Voice], database: Database, john: Person
) -> None:
    admin, group = telegram.person("Nigora", "en"), telegram.group("Staff", basic=True)
    group.admits(admin, status="creator")
    moved = group.becomes_supergroup(admin, forum=True)
    telegram.updates.clear()
    async with working(telegram, small_matcher, voices, database, Clock(NOON), admin, admin, group) as office:
        await office.asks_for_a_person(john)
        assert UNKNOWN in in_topic(telegram, moved, "John")[0]


async def test_where_the_group_cannot_be_used_staff_are_told_in_private(
    plain_office: Office, telegram: Telegram, john: Person, caplog: pytest.LogCaptureFixture
) -> None:
    assert plain_office.group is not None
    plain_office.group.expels_bot(plain_office.admin)
    await plain_office.settled()
    await plain_office.asks_for_a_person(john)
    head = telegram.replies(plain_office.admin)[-1]
    assert UNKNOWN in head.text
    await plain_office.answers("In room 5", head, by=plain_office.admin)
    assert plain_office.reads(john)[-1] == "In room 5"
    assert "check STAFF_CHAT_ID" in caplog.text
    caplog.clear()
