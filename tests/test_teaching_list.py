"""The list of what failed: similar questions together, the most frequent first, page by page."""

from __future__ import annotations

from bot.language import Language
from tests.office import Office
from tests.postgres import BOTH_STORES
from tests.standin.telegram import Telegram
from tests.telegram_bot import labels

pytestmark = BOTH_STORES

EMPTY = "Every question has been dealt with. 🎉"
WAYS = ["Unanswered", "Waiting", "Figures"]
ONE = "{number} question failed. Press it to deal with it."
MANY = "{number} questions failed; similar ones are together. Press a group to deal with it."
# None of them has a word in common with another one, or with the content.
WORDS = (
    "zephyr quixotic", "my shirt is dirty", "xenon blowtorch", "flügelhorn kazoo", "gnarly jujitsu", "vortex wumpus",
    "pickled gherkin", "rhubarb crumble", "tundra yak", "blizzard zebra", "fuzzy marzipan",
)  # fmt: skip


async def ask(office: Office, words: str, times: int = 1, language: str = "en") -> None:
    """Different people ask the same."""
    for _ in range(times):
        await office.says(office.telegram.person("Somebody", language), words)


async def test_an_empty_list_is_good_news(office: Office) -> None:
    told = await office.says(office.editor, "/unanswered")
    assert (told.text, labels(told)) == (EMPTY, WAYS)


async def test_similar_questions_are_together_and_the_most_frequent_come_first(office: Office) -> None:
    await ask(office, "zephyr quixotic")
    await ask(office, "my shirt is dirty", 2)
    await ask(office, "My shirts is dirty!")
    await ask(office, "xenon blowtorch", 2)
    told = await office.says(office.editor, "/unanswered")
    assert told.text == "Unanswered\n\n6 questions failed; similar ones are together. Press a group to deal with it."
    assert labels(told) == [
        "3 × EN · my shirt is dirty",
        "2 × EN · xenon blowtorch",
        "1 × EN · zephyr quixotic",
        *WAYS,
    ]


async def test_a_single_question_is_told_as_one(office: Office) -> None:
    await ask(office, "zephyr quixotic")
    told = await office.says(office.editor, "/unanswered")
    assert told.text == "Unanswered\n\n1 question failed. Press it to deal with it."


async def test_the_languages_of_a_group_are_told(office: Office) -> None:
    await ask(office, "zephyr quixotic", language="en")
    await ask(office, "zephyr quixotic", 2, language="ru")
    told = await office.says(office.editor, "/unanswered")
    assert labels(told)[0] == "3 × RU EN · zephyr quixotic"
    await office.press(office.editor, told, labels(told)[0])
    assert "• zephyr quixotic (EN)\n• zephyr quixotic (RU)" in told.text


async def test_what_was_answered_is_not_in_the_list(office: Office) -> None:
    await ask(office, "Where can I wash my clothes?")
    await ask(office, "Hello!")
    assert (await office.says(office.editor, "/unanswered")).text == EMPTY


async def test_an_answer_that_did_not_help_is_in_the_list_and_one_that_helped_after_all_is_not(office: Office) -> None:
    trainee = office.telegram.person("Farrukh", "en")
    answered = await office.says(trainee, "Where can I wash my clothes?")
    await office.press(trainee, answered, "👎 It did not")
    told = await office.says(office.editor, "/unanswered")
    assert labels(told)[0] == "1 × EN · Where can I wash my clothes?"
    await office.press(trainee, answered, "👍 It helped")
    assert (await office.says(office.editor, "/unanswered")).text == EMPTY


async def test_none_of_the_choices_is_a_failure_too(office: Office) -> None:
    trainee = office.telegram.person("Farrukh", "en")
    choice = await office.says(trainee, "Where may I keep my bicycle?")
    assert choice.text == "Do you mean one of these?"
    assert (await office.says(office.editor, "/unanswered")).text == EMPTY
    await office.press(trainee, choice, "None of these")
    told = await office.says(office.editor, "/unanswered")
    assert labels(told)[0] == "1 × EN · Where may I keep my bicycle?"


async def test_a_long_list_has_pages(office: Office, telegram: Telegram) -> None:
    for words in WORDS:
        await ask(office, words)
    await ask(office, WORDS[-1])
    told = await office.says(office.editor, "/unanswered")
    assert told.text.startswith("Unanswered\n\n12 questions failed")
    first, ways = labels(told)[:8], labels(told)[8:]
    assert first[0] == f"2 × EN · {WORDS[-1]}"
    assert ways == ["More →", *WAYS]
    await office.press(office.editor, told, "More →")
    second = labels(told)[:3]
    assert labels(told)[3:] == ["← Previous", *WAYS]
    assert len({*first, *second}) == 11
    await office.press(office.editor, told, "← Previous")
    assert labels(told)[:8] == first
    office.editor.presses_data(told, "un:77")
    await office.settled()
    assert labels(told)[:3] == second


async def test_the_list_is_in_the_language_of_who_reads_it(office: Office) -> None:
    await ask(office, "zephyr quixotic", 2)
    for language in Language:
        await office.says(office.editor, f"/language {language}")
        told = await office.says(office.editor, "/unanswered")
        say = office.desk.voices[language].say
        assert labels(told) == ["2 × EN · zephyr quixotic", *map(say, WAYS)]
        count = office.desk.voices[language].count(ONE, MANY, 2)
        assert told.text.endswith(f"\n\n{count}")


async def test_a_long_question_is_cut_in_the_list_and_whole_on_its_page(office: Office) -> None:
    words = "zephyr quixotic " * 9
    await ask(office, words)
    told = await office.says(office.editor, "/unanswered")
    assert labels(told)[0].endswith("…")
    assert len(labels(told)[0]) < 55
    await office.press(office.editor, told, labels(told)[0])
    assert words.strip() in told.text


async def test_formatting_in_a_question_stays_as_it_was_typed(office: Office) -> None:
    words = "<b>zephyr</b> *quixotic* [x](http://x.example) `y`"
    await ask(office, words)
    told = await office.says(office.editor, "/unanswered")
    await office.press(office.editor, told, labels(told)[0])
    assert f"• {words} (EN)" in told.text


async def test_questions_that_were_forgotten_are_not_in_the_list(office: Office) -> None:
    trainee = office.telegram.person("Farrukh", "en")
    await office.says(trainee, "zephyr quixotic")
    told = await office.says(office.editor, "/unanswered")
    asked = await office.says(trainee, "/forget")
    await office.press(trainee, asked, labels(asked)[0])
    await office.press(office.editor, told, "1 × EN · zephyr quixotic")
    assert told.text == "This has been dealt with already, by you or a colleague."
    assert (await office.says(office.editor, "/unanswered")).text == EMPTY
