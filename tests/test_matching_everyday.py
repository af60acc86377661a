"""Everyday words: trainees say "общага" where staff wrote "общежитие", and are understood all the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language import Language
from bot.matching.decide import Answer, Choice, decide
from bot.matching.everyday import Everyday
from bot.matching.folds import fold
from bot.matching.matcher import Matcher
from bot.matching.words import stem
from tests.staff import Staff
from tests.typed import on_the_other_layout

LIVING = """\
topic: living
title: {en: Living, ru: Жизнь, tg: Зиндагӣ, zh: 生活}
entries:
  - id: dormitory
    ask:
      en: [How much is the dormitory?]
      ru: [Сколько стоит общежитие?]
      tg: [Хобгоҳ чанд пул аст?]
      zh: [宿舍多少钱？]
    answer: {en: Nothing., ru: Ничего., tg: Ҳеҷ., zh: 不用。}
  - id: gym
    ask:
      en: [Where is the sports hall?]
      ru: [Где спортзал?]
      tg: [Толори варзиш куҷост?]
      zh: [体育馆在哪儿？]
    answer: {en: Here., ru: Тут., tg: Ин ҷо., zh: 这儿。}
"""
WORDS = """\
words:
  en:
    digs: dormitory
    place to work out: sports hall
  ru:
    общага: общежитие
    качалка: спортзал
  tg:
    бошишгоҳ: хобгоҳ
  zh:
    寝室: 宿舍
"""


@pytest.fixture
def staff(staff: Staff) -> Staff:
    staff.writes("living.yaml", LIVING)
    staff.writes("words.yaml", WORDS)
    return staff


def answered(staff: Staff, question: str) -> str | None:
    """The entry that is answered, or offered first; None if the bot is not sure enough of any."""
    reply = decide(Matcher(staff.content()).rank(question), Language.EN)
    if isinstance(reply, Answer):
        return reply.match.entry.id
    return reply.matches[0].entry.id if isinstance(reply, Choice) else None


def test_words_without_a_fault_are_told_nothing(staff: Staff) -> None:
    assert staff.is_told() == []


@pytest.mark.parametrize(
    ("question", "entry"),
    [
        ("про общагу", "dormitory"),
        ("мне бы общаги получше", "dormitory"),
        ("ОБЩАГОЙ доволен", "dormitory"),
        ("у вас есть качалки", "gym"),
        ("бошишгох", "dormitory"),  # without the Tajik letter, as phones type it
        ("бошишгоҳ", "dormitory"),
        ("two digs", "dormitory"),
        ("寝室", "dormitory"),
        ("寝室费用", "dormitory"),
        ("寢室費用", "dormitory"),  # in traditional characters
        ("a place to work out", "gym"),
    ],
)
def test_an_everyday_word_finds_the_entry_whose_phrasings_never_use_it(staff: Staff, question: str, entry: str) -> None:
    assert answered(staff, question) == entry
    (staff.folder / "words.yaml").unlink()
    assert answered(staff, question) is None  # so it was the word, and nothing else


def test_an_everyday_word_is_known_on_the_wrong_layout_too(staff: Staff) -> None:
    assert answered(staff, on_the_other_layout("про общагу")) == "dormitory"


@pytest.mark.parametrize("said", ["общага", "общаги", "общаге", "общагу", "общагой", "общаг", "общагам", "общагах"])
def test_a_russian_word_is_known_by_any_of_its_endings(said: str) -> None:
    everyday = Everyday({Language.RU: {"общага": "общежитие"}})
    assert everyday.add(f"где {said} тут") == f"где {said} тут общежитие"


def test_an_everyday_word_in_a_phrasing_is_found_by_the_word_that_it_stands_for(staff: Staff) -> None:
    staff.changes("living.yaml", "Где спортзал?", "Есть ли качалка?")
    assert answered(staff, "спортзал") == "gym"


def test_what_was_written_stays_and_what_is_meant_comes_behind_it_once() -> None:
    everyday = Everyday({Language.EN: {"digs": "dormitory", "dorm": "dormitory"}})
    assert everyday.add("digs or dorm near my digs") == "digs or dorm near my digs dormitory"


def test_the_longest_everyday_word_is_found_before_its_part() -> None:
    everyday = Everyday({Language.ZH: {"公寓": "宿舍", "学生公寓": "学舍"}, Language.EN: {"sim card": "phone"}})
    assert everyday.add("学生公寓好") == "学生公寓好 学舍"
    assert everyday.add("住公寓和学生公寓") == "住公寓和学生公寓 宿舍 学舍"


def test_an_everyday_word_is_looked_for_as_trainees_type_it_and_not_as_staff_spell_it() -> None:
    everyday = Everyday({Language.TG: {"Бошишгоҳ": "Хобгоҳ"}, Language.ZH: {"SIM卡": "手機卡"}})
    assert everyday.add(fold("БОШИШГОҲ")) == "бошишгох хобгох"
    assert everyday.add(fold("买SIM卡")) == "买sim卡 手机卡"


EVERYDAY = Everyday(
    {
        Language.EN: {"digs": "dormitory", "place to work out": "sports hall"},
        Language.RU: {"общага": "общежитие"},
        Language.ZH: {"寝室": "宿舍", "学生公寓": "宿舍"},
    }
)
STEMS = {stem("digs"), stem("общага")}
PHRASES = ("place to work out", "寝室", "学生公寓")
PIECES = st.sampled_from(["digs", "общагу", "寝室", "学生", "公寓", "place", "to", "work out", "visa", "виза", "签证"])
# What people write, and what they write with everyday words and halves of them in it.
TEXTS = st.text() | st.lists(PIECES | st.text(max_size=4), max_size=8).map(" ".join)


@given(TEXTS)
def test_nothing_is_added_to_a_text_without_an_everyday_word_and_nothing_taken_from_any(text: str) -> None:
    folded = fold(text)
    added = EVERYDAY.add(folded)
    has_one = not STEMS.isdisjoint(map(stem, folded.split())) or any(phrase in folded for phrase in PHRASES)
    assert added.startswith(folded)
    assert (added != folded) is has_one


@pytest.mark.parametrize(
    "text", ["visa", "in der place", "общение", "digest", "寝", "室内", "学生", "work out a place"]
)
def test_a_text_that_is_only_like_an_everyday_word_stays_as_it_is(text: str) -> None:
    assert EVERYDAY.add(text) == text


def test_several_words_are_found_as_words_and_not_inside_others() -> None:
    everyday = Everyday({Language.EN: {"on campus": "dormitory"}})
    assert everyday.add("living on campus") == "living on campus dormitory"
    assert everyday.add("is simon campus manager") == "is simon campus manager"


def test_a_word_of_nothing_but_signs_adds_nothing() -> None:
    everyday = Everyday({Language.EN: {"dorm": "!?", "?": "dormitory"}})
    assert everyday.add("dorm") == "dorm"
    assert everyday.add("") == ""


def test_other_questions_are_ranked_as_if_there_were_no_everyday_words(staff: Staff) -> None:
    questions = ("How do I extend my visa?", "спортзал", "宿舍多少钱", "ghjlkbnm dbpe", "xobgoh", "hello")
    ranked = [Matcher(staff.content()).rank(question) for question in questions]
    (staff.folder / "words.yaml").unlink()
    assert [Matcher(staff.content()).rank(question) for question in questions] == ranked


def test_a_phrasing_of_two_letters_is_still_asked_when_it_is_an_everyday_word(staff: Staff) -> None:
    staff.changes("living.yaml", "zh: [体育馆在哪儿？]", "zh: [体育馆在哪儿？, VX]")
    staff.changes("words.yaml", "寝室: 宿舍", "VX: 微信")
    assert answered(staff, "VX") == "gym"


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("words:", "word:", "1:1: error: the key “word” is not known here; did you mean “words”?"),
        ("  en:", "  fr:", "2:3: error: this language is not known here; use one of en, ru, tg, zh"),
        ("digs: dormitory", "digs:", "3:10: error: this is empty; write something or leave the line out"),
        ("digs: dormitory", '"": dormitory', "3:5: error: this is empty; write something or leave the line out"),
        ("digs: dormitory", f"digs: {'d' * 41}", "3:11: error: this text has 41 characters; at most 40 fit"),
        ("digs: dormitory", f"{'d' * 41}: dormitory", "3:5: error: this text has 41 characters; at most 40 fit"),
        ("digs: dormitory", "digs: [dormitory, flat]", "3:11: error: text is expected here, not a list"),
        ("    качалка:", "    общага:", "7:5: error: the key “общага” stands here a second time; keep one of them"),
        ("    бошишгоҳ: хобгоҳ", "    - бошишгоҳ", "9:5: error: names with values are expected here"),
    ],
)
def test_a_mistake_in_the_words_is_told_with_its_line(staff: Staff, before: str, after: str, told: str) -> None:
    staff.changes("words.yaml", before, after)
    assert staff.reading().content is None
    assert staff.mistakes()[0].startswith(f"words.yaml:{told}")
