"""From a question that failed to an answer: a group's page, the entry it belongs to, learned at once, taken back."""

from __future__ import annotations

import pytest

from bot.content.learned import Learned
from bot.language import Language
from bot.matching.trial import try_phrasing
from bot.pages.markup import plain
from bot.store.people import Address
from tests.office import Office
from tests.postgres import BOTH_STORES
from tests.standin.chats import Message
from tests.standin.people import Group, Person
from tests.standin.telegram import Telegram
from tests.telegram_bot import labels

pytestmark = BOTH_STORES

MISSED = "my shirt is dirty"
LAUNDRY = "→ Where can I wash my clothes?"
ALREADY = "This has been dealt with already, by you or a colleague."
NOT_STAFF = "This is for the staff of the institute only."
# Nothing breaks when it is taught to another entry, but it is very like a phrasing of "visa-type".
ALIKE = "Should I choose X1 or X2 please"


async def asks(office: Office, words: str = MISSED, language: str = "en", name: str = "Farrukh") -> Person:
    trainee = office.telegram.person(name, language)
    await office.says(trainee, words)
    return trainee


async def opens(office: Office, who: Person, where: Group | None = None) -> Message:
    """Somebody opens the first group of questions."""
    listed = await office.telegram.answer(who.says("/unanswered", in_chat=where))
    await office.press(who, listed, labels(listed)[0])
    return listed


async def searches(office: Office, who: Person, words: str, page: Message, where: Group | None = None) -> Message:
    """Somebody looks for an entry with words of their own; what these find."""
    await office.press(who, page, "🔍 Another one …")
    prompt = office.telegram.replies(where or who)[-1]
    assert prompt.force_reply is not None
    found = await office.telegram.answer(who.says(words, reply_to=prompt))
    await office.settled()
    return found


async def test_a_page_shows_the_words_the_three_best_guesses_and_what_can_be_done(office: Office) -> None:
    for name in ("Farrukh", "Zarina"):
        await asks(office, name=name)
    page = await opens(office, office.editor)
    assert page.text.startswith("Asked 2 times:\n\n• my shirt is dirty (EN)\n\nWhich question from the list is it?")
    guesses = [label for label in labels(page) if label.startswith("→")]
    ranked = office.desk.matcher.rank(MISSED, 3).matches
    assert guesses == [f"→ {match.entry.title(Language.EN)}" for match in ranked]
    assert len(guesses) == 3
    assert labels(page)[3:] == ["🔍 Another one …", "Not for us", "Remove from the list", "← Back"]
    await office.press(office.editor, page, "← Back")
    assert page.text.startswith("Unanswered")


async def test_what_belongs_to_an_entry_is_learned_at_once(office: Office) -> None:
    trainee = await asks(office)
    page = await opens(office, office.editor)
    await office.press(office.editor, page, LAUNDRY)
    assert page.text == ("✅ Learned: “my shirt is dirty” → Where can I wash my clothes?\n\n1 question is dealt with.")
    assert labels(page) == ["↩ Undo", "Next question"]
    assert (await office.says(trainee, MISSED)).text.startswith("Where can I wash my clothes?")
    await office.press(office.editor, page, "Next question")
    assert page.text == "Every question has been dealt with. 🎉"


async def test_the_whole_group_is_settled_and_the_wording_that_was_shown_is_learned(office: Office) -> None:
    for words in ("My shirt is dirty", "my shirt is dirty!", "my shirts is dirty"):
        await asks(office, words)
    page = await opens(office, office.editor)
    assert page.text.startswith("Asked 3 times:")
    await office.press(office.editor, page, LAUNDRY)
    assert page.text.endswith("3 questions are dealt with.")
    assert await office.desk.teaching.groups() == []


async def test_who_taught_what_and_when_is_kept(office: Office) -> None:
    await asks(office)
    office.clock.goes_on(hours=13)  # it is the next day at the institute, and not yet in UTC
    await office.press(office.editor, await opens(office, office.editor), LAUNDRY)
    listed = await office.says(office.admin, "/learned")
    assert "my shirt is dirty → Where can I wash my clothes? · @wang_li, Tuesday, 24 November 2026" in listed.text
    assert labels(listed)[0] == "↩ my shirt is dirty"
    (lesson,) = await office.desk.teaching.lessons.active()
    assert (lesson.by, lesson.at) == ("@wang_li", office.clock.now)


async def test_a_lesson_is_taken_back_by_another_editor_and_only_once(office: Office) -> None:
    trainee = await asks(office)
    taught = await opens(office, office.editor)
    await office.press(office.editor, taught, LAUNDRY)
    listed = await office.says(office.admin, "/learned")
    await office.press(office.admin, listed, "↩ my shirt is dirty")
    assert listed.text == "↩ Taken back: “my shirt is dirty” → Where can I wash my clothes?"
    assert not (await office.says(trainee, MISSED)).text.startswith("Where can I wash my clothes?")
    await office.press(office.editor, taught, "↩ Undo")
    assert taught.text == ALREADY
    assert (await office.says(office.admin, "/learned")).text.startswith("There are no new wordings")
    page = await opens(office, office.editor)
    assert page.text.startswith("Asked 2 times:")
    assert LAUNDRY in labels(page)


async def test_what_was_taken_back_can_be_taught_again(office: Office) -> None:
    trainee = await asks(office)
    page = await opens(office, office.editor)
    for _ in range(2):
        await office.press(office.editor, page, LAUNDRY)
        assert page.text.startswith("✅ Learned")
        await office.press(office.editor, page, "↩ Undo")
        page = await opens(office, office.editor)
    await office.press(office.editor, page, LAUNDRY)
    assert (await office.says(trainee, MISSED)).text.startswith("Where can I wash my clothes?")


@pytest.mark.parametrize("private", [True, False])
async def test_an_entry_is_found_by_a_reply_to_the_prompt(office: Office, private: bool) -> None:
    where = None if private else office.group
    trainee = await asks(office)
    page = await opens(office, office.editor, where)
    found = await searches(office, office.editor, "where to pray", page, where)
    assert found.text == "“my shirt is dirty” belongs to:"
    assert labels(found)[0] == "→ Where can I pray?"
    assert labels(found)[-2:] == ["🔍 Another one …", "← Back"]
    await office.press(office.editor, found, "→ Where can I pray?")
    assert found.text.startswith("✅ Learned: “my shirt is dirty” → Where can I pray?")
    assert (await office.says(trainee, MISSED)).text.startswith("Where can I pray?")


async def test_the_prompt_finds_back_to_the_question_in_every_language(office: Office) -> None:
    await asks(office)
    for language in Language:
        await office.says(office.editor, f"/language {language}")
        page = await opens(office, office.editor)
        await office.press(office.editor, page, office.desk.voices[language].say("🔍 Another one …"))
        prompt = office.telegram.replies(office.editor)[-1]
        found = await office.telegram.answer(office.editor.says("laundry", reply_to=prompt))
        assert labels(found)[0] == f"→ {office.desk.content.entries['laundry'].title(language)}"


async def test_words_that_find_nothing_can_be_tried_again(office: Office) -> None:
    await asks(office)
    page = await opens(office, office.editor)
    found = await searches(office, office.editor, "🙂", page)
    assert found.text == "“🙂” finds nothing. Please try other words."
    assert labels(found) == ["🔍 Another one …", "← Back"]
    found = await searches(office, office.editor, "laundry", found)
    assert labels(found)[0] == LAUNDRY


async def test_a_trainee_who_replies_to_the_prompt_in_the_group_finds_nothing_out(
    office: Office, telegram: Telegram
) -> None:
    await asks(office)
    opened = await opens(office, office.editor, office.group)
    await office.press(office.editor, opened, "🔍 Another one …")
    prompt = telegram.replies(office.group or office.editor)[-1]
    stranger = telegram.person("Stranger", "en")
    found = await telegram.answer(stranger.says("laundry", reply_to=prompt))
    assert (found.text, labels(found)) == (NOT_STAFF, [])
    visitor = await office.desk.meet(Address("telegram", str(stranger.id)), "en")
    page = await office.desk.staff.found(1, "laundry", visitor)
    assert plain(page.text) == NOT_STAFF


async def test_a_search_for_a_question_that_is_settled_meanwhile_ends_kindly(office: Office) -> None:
    await asks(office)
    page = await opens(office, office.editor)
    other = await opens(office, office.admin)
    found = await searches(office, office.editor, "laundry", page)
    await office.press(office.admin, other, "Remove from the list")
    await office.press(office.editor, found, LAUNDRY)
    assert found.text == ALREADY


async def test_small_talk_is_never_offered(office: Office) -> None:
    await asks(office)
    page = await opens(office, office.editor)
    titles = {f"→ {entry.title(Language.EN)}" for entry in office.desk.content.topics_by_id["small-talk"].entries}
    assert not titles & set(labels(page))
    assert not titles & set(labels(await searches(office, office.editor, "hello thanks human", page)))


async def test_what_did_not_help_is_told_and_not_guessed_again(office: Office) -> None:
    trainee = await asks(office, "Where can I wash my clothes?")
    await office.press(trainee, office.telegram.replies(trainee)[-1], "👎 It did not")
    page = await opens(office, office.editor)
    assert "👎 This answer did not help: Where can I wash my clothes?" in page.text
    assert LAUNDRY not in labels(page)
    assert len([label for label in labels(page) if label.startswith("→")]) == 3


async def test_an_answer_that_did_not_help_is_not_given_again_when_a_lesson_is_taken_back(office: Office) -> None:
    trainee = await asks(office, "shirt laundry soap")
    await office.press(trainee, office.telegram.replies(trainee)[-1], "👎 It did not")
    page = await opens(office, office.editor)
    found = await searches(office, office.editor, "where to pray", page)
    await office.press(office.editor, found, "→ Where can I pray?")
    await office.press(office.editor, found, "Teach it all the same")
    await office.press(office.editor, found, "↩ Undo")
    assert await office.desk.teaching.settle_answered() == 0
    page = await opens(office, office.editor)
    assert "did not help" not in page.text


async def test_what_is_not_for_us_is_not_answered_from_now_on(office: Office) -> None:
    trainee = await asks(office, "quantum zeppelin racing tonight")
    page = await opens(office, office.editor)
    await office.press(office.editor, page, "Not for us")
    assert page.text.startswith("✅ Learned: “quantum zeppelin racing tonight” → not for us")
    assert "quantum zeppelin racing tonight" in office.desk.content.out_of_scope[Language.EN]
    assert labels(await office.says(trainee, "quantum zeppelin racing tonight"))[0] == "🙋 Ask a person"
    (lesson,) = await office.desk.teaching.lessons.active()
    assert lesson.learned == Learned(None, Language.EN, "quantum zeppelin racing tonight")
    await office.press(office.editor, page, "↩ Undo")
    assert page.text == "↩ Taken back: “quantum zeppelin racing tonight” → not for us"
    assert "quantum zeppelin racing tonight" not in office.desk.content.out_of_scope[Language.EN]


async def test_what_is_dismissed_teaches_nothing_and_is_gone(office: Office) -> None:
    await asks(office)
    before = office.desk.matcher
    page, other = await opens(office, office.editor), await opens(office, office.admin)
    await office.press(office.editor, page, "Remove from the list")
    assert page.text == "1 question is dealt with."
    await office.press(office.admin, other, "Remove from the list")
    assert other.text == ALREADY
    assert office.desk.matcher is before
    assert (await office.says(office.editor, "/unanswered")).text == "Every question has been dealt with. 🎉"


async def test_what_would_break_other_questions_cannot_be_taught(office: Office) -> None:
    words = "where can i wash my clothes please"
    trainee = await asks(office, words)
    await office.press(trainee, office.telegram.replies(trainee)[-1], "👎 It did not")
    page = await opens(office, office.editor)
    found = await searches(office, office.editor, "extend the visa", page)
    await office.press(office.editor, found, "→ How do I extend my visa?")
    assert "❌ This cannot be learned, because I would then answer these questions wrongly:" in found.text
    assert "• Where can I wash my clothes? (Where can I wash my clothes?) → " in found.text
    assert labels(found) == ["← Back"]
    number = (await office.desk.teaching.groups())[0].leader.id
    office.editor.presses_data(found, f"is:{number}:visa-extension:1")
    await office.settled()
    assert "❌ This cannot be learned" in found.text
    assert await office.desk.teaching.lessons.active() == []


async def test_what_is_hard_to_tell_apart_is_asked_about_first(office: Office) -> None:
    trial = try_phrasing(office.desk.matcher, Learned("sim-card", Language.EN, ALIKE))
    assert (trial.broken, len(trial.alike)) == ((), 1), "the example has to be another one"
    trainee = await asks(office, ALIKE)
    await office.press(trainee, office.telegram.replies(trainee)[-1], "👎 It did not")
    page = await opens(office, office.editor)
    found = await searches(office, office.editor, "sim card", page)
    await office.press(office.editor, found, "→ How do I get a Chinese SIM card?")
    assert "⚠️ This is hard to tell from what is asked elsewhere:" in found.text
    assert "Should I choose X1 or X2? (Which visa do I need?)" in found.text
    assert await office.desk.teaching.lessons.active() == []
    await office.press(office.editor, found, "Teach it all the same")
    assert found.text.startswith(f"✅ Learned: “{ALIKE}” → How do I get a Chinese SIM card?")
    assert (await office.says(trainee, ALIKE)).text.startswith("How do I get a Chinese SIM card?")


async def test_a_button_to_an_entry_that_is_gone_says_so(office: Office) -> None:
    await asks(office)
    page = await opens(office, office.editor)
    office.editor.presses_data(page, "is:1:no-such-entry:0")
    await office.settled()
    assert page.text.startswith("This question is no longer in the list. Please choose another one.\n\nAsked 1 time:")
    assert LAUNDRY in labels(page)


async def test_a_forgotten_editor_leaves_the_lesson_without_a_name(office: Office) -> None:
    await asks(office)
    await office.press(office.editor, await opens(office, office.editor), LAUNDRY)
    asked = await office.says(office.editor, "/forget")
    await office.press(office.editor, asked, labels(asked)[0])
    assert "· somebody, Monday, 23 November 2026" in (await office.says(office.admin, "/learned")).text
