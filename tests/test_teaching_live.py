"""Lessons live: in other processes, after a restart, and when the content of the files changes below them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from bot.content.values import Content, Entry
from bot.delivery.mailing import Mailing
from bot.delivery.notices import Notices
from bot.desk import Desk
from bot.language import Language, Text
from bot.matching.conversation import answer, hear
from bot.matching.decide import Answer
from bot.matching.matcher import Matcher
from bot.pages.voice import Voice
from bot.store.database import Database
from bot.upkeep import Upkeep
from tests.office import Office
from tests.postgres import BOTH_STORES
from tests.telegram_bot import labels

pytestmark = BOTH_STORES

MISSED = "my shirt is dirty"
LAUNDRY = "→ Where can I wash my clothes?"


@pytest.fixture
def other(office: Office, tiny_matcher: Matcher, voices: Mapping[Language, Voice], database: Database) -> Desk:
    """The desk of a second process on the same database."""
    return Desk(tiny_matcher, voices, database, office.clock, office.desk.house)


class WithoutWorkflows(Upkeep):
    """Upkeep in which nobody is told anything: there are no workflows to be tidied up."""

    async def _tidy(self) -> None:
        pass


def round_of(desk: Desk) -> Upkeep:
    return WithoutWorkflows(desk, Notices(desk), Mailing(desk))


def answered(desk: Desk, words: str = MISSED) -> str | None:
    """The entry with which a desk answers now."""
    reply = answer(hear(desk.matcher, words, None), Language.EN)
    return reply.match.entry.id if isinstance(reply, Answer) else None


async def teach(office: Office, words: str = MISSED, button: str = LAUNDRY) -> None:
    """A trainee asks in vain, and an editor teaches."""
    await office.says(office.telegram.person("Farrukh", "en"), words)
    page = await office.says(office.editor, "/unanswered")
    await office.press(office.editor, page, f"1 × EN · {words}")
    await office.press(office.editor, page, button)
    assert page.text.startswith("✅ Learned"), page.text


def changed(content: Content, version: str, change: Callable[[Entry], Entry | None]) -> Content:
    """New content of the files."""
    topics = tuple(
        replace(topic, entries=tuple(new for one in topic.entries if (new := change(one)) is not None))
        for topic in content.topics
    )
    return replace(content, topics=topics, version=version)


async def test_another_process_knows_within_a_round_and_forgets_within_a_round(office: Office, other: Desk) -> None:
    await teach(office)
    assert (answered(office.desk), answered(other)) == ("laundry", None)
    await round_of(other).round()
    assert answered(other) == "laundry"
    page = office.telegram.replies(office.editor)[-1]
    await office.press(office.editor, page, "↩ Undo")
    await round_of(other).round()
    assert (answered(office.desk), answered(other)) == (None, None)


async def test_a_round_without_news_builds_nothing(office: Office, other: Desk) -> None:
    await teach(office)
    for desk in (office.desk, other):
        await round_of(desk).round()
        before = desk.matcher
        await round_of(desk).round()
        assert desk.matcher is before


async def test_two_processes_teach_different_things_and_both_know_both(office: Office, other: Desk) -> None:
    await teach(office)
    await office.says(office.telegram.person("Zarina", "en"), "zephyr quixotic")
    (group,) = await other.teaching.groups()
    taught = await other.teaching.teach(group, "wifi", None, sure=False)
    assert taught is not None
    for desk in (office.desk, other):
        await round_of(desk).round()
        assert (answered(desk), answered(desk, "zephyr quixotic")) == ("laundry", "wifi")
    assert office.desk.content.version == other.content.version


async def test_a_lesson_that_another_process_settled_first_is_not_taught_twice(office: Office, other: Desk) -> None:
    await office.says(office.telegram.person("Farrukh", "en"), MISSED)
    (group,) = await office.desk.teaching.groups()
    assert await other.teaching.teach(group, "laundry", None, sure=False) is not None
    assert await office.desk.teaching.teach(group, "wifi", None, sure=False) is None
    (lesson,) = await other.teaching.lessons.active()
    assert lesson.learned.entry == "laundry"


async def test_new_content_of_the_files_keeps_the_lessons(office: Office) -> None:
    await teach(office)
    said = Text({Language.EN: "Now in the cellar."})
    base = changed(
        office.desk.teaching._base,
        "newer",
        lambda one: replace(one, answer=said) if one.id == "laundry" else one,
    )
    await office.desk.teaching.put_live(base)
    assert office.desk.content.entries["laundry"].answer.of(Language.EN) == "Now in the cellar."
    assert answered(office.desk) == "laundry"
    assert MISSED not in base.entries["laundry"].ask[Language.EN]


async def test_lessons_of_an_entry_that_is_gone_are_told_and_come_back_with_it(office: Office) -> None:
    await teach(office)
    old = office.desk.teaching._base
    await office.desk.teaching.put_live(changed(old, "less", lambda one: one if one.id != "laundry" else None))
    assert answered(office.desk) is None
    listed = await office.says(office.admin, "/learned")
    assert f"{MISSED} → a question that is no longer there · @wang_li" in listed.text
    await office.desk.teaching.put_live(old)
    assert answered(office.desk) == "laundry"


async def test_a_lesson_of_an_entry_that_is_gone_can_be_taken_back(office: Office) -> None:
    await teach(office)
    old = office.desk.teaching._base
    await office.desk.teaching.put_live(changed(old, "less", lambda one: one if one.id != "laundry" else None))
    listed = await office.says(office.admin, "/learned")
    await office.press(office.admin, listed, f"↩ {MISSED}")
    assert listed.text == f"↩ Taken back: “{MISSED}” → laundry"
    page = await office.says(office.admin, "/unanswered")
    await office.press(office.admin, page, f"1 × EN · {MISSED}")
    assert LAUNDRY not in labels(page)


async def test_what_the_files_have_by_now_is_there_once(office: Office) -> None:
    await teach(office)

    def with_it(one: Entry) -> Entry:
        ask = {**one.ask, Language.EN: (*one.ask[Language.EN], MISSED)}
        return replace(one, ask=ask) if one.id == "laundry" else one

    await office.desk.teaching.put_live(changed(office.desk.teaching._base, "merged", with_it))
    assert office.desk.content.entries["laundry"].ask[Language.EN].count(MISSED) == 1
    lessons = office.desk.teaching.lessons
    await lessons.merged([one.id for one in await lessons.active()], office.clock.now)
    before = office.desk.matcher
    await round_of(office.desk).round()
    assert office.desk.matcher is before
    assert answered(office.desk) == "laundry"


async def test_what_is_in_the_files_cannot_be_taken_back_and_its_questions_stay_settled(office: Office) -> None:
    await teach(office)
    page = office.telegram.replies(office.editor)[-1]
    lessons = office.desk.teaching.lessons
    await lessons.merged([one.id for one in await lessons.active()], office.clock.now)
    await office.press(office.editor, page, "↩ Undo")
    assert page.text == "This has been dealt with already, by you or a colleague."
    assert await office.desk.teaching.groups() == []


async def test_a_restart_between_the_question_and_the_lesson_changes_nothing(office: Office, other: Desk) -> None:
    await office.says(office.telegram.person("Farrukh", "en"), MISSED)
    (group,) = await other.teaching.groups()
    assert group.leader.text == MISSED
    await teach(office, "zephyr quixotic", "Not for us")
    await round_of(other).round()
    assert "zephyr quixotic" in other.content.out_of_scope[Language.EN]


async def test_new_content_that_answers_settles_the_question(office: Office) -> None:
    await office.says(office.telegram.person("Farrukh", "en"), MISSED)

    def with_it(one: Entry) -> Entry:
        ask = {**one.ask, Language.EN: (*one.ask[Language.EN], MISSED)}
        return replace(one, ask=ask) if one.id == "laundry" else one

    await office.desk.teaching.put_live(changed(office.desk.teaching._base, "better", with_it))
    await round_of(office.desk).round()
    assert (await office.says(office.editor, "/unanswered")).text == "Every question has been dealt with. 🎉"
    assert (await office.says(office.editor, "/learned")).text.startswith("There are no new wordings")
