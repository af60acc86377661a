"""What a button carries: every action survives the way through 64 bytes, and nothing else is believed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.content.models import MAX_ID
from bot.content.values import Content, Mode
from bot.language import Language
from bot.pages import deeds
from bot.pages.actions import (
    About,
    Action,
    ChooseLanguage,
    GetCalendar,
    Help,
    NoneOfThese,
    SetLanguage,
    ShowCourses,
    ShowEntry,
    ShowSession,
    ShowSessions,
    ShowTopic,
    ShowTopics,
    Welcome,
    decode,
    encode,
    from_payload,
)
from bot.pages.codec import MAX_NUMBER_DIGITS
from bot.pages.commands import COMMANDS, STAFF_COMMANDS, read_command
from bot.pages.deeds import (
    AddEditor,
    AskPerson,
    BelongsTo,
    CloseConversation,
    Deed,
    Dismiss,
    EndConversation,
    ExportQuestions,
    ForgetMe,
    NotForUs,
    OpenHere,
    Rate,
    ReadAnswer,
    ReadEnd,
    ReadLetter,
    RemoveEditor,
    SearchEntry,
    ShowFigures,
    ShowGroup,
    ShowLearned,
    ShowPrivacy,
    ShowStaff,
    ShowUnanswered,
    ShowWaiting,
    StaffDeed,
    TellMe,
    Unlearn,
)
from bot.pages.page import MAX_ACTION_BYTES, Button
from tests.typed import typed

IDS = st.from_regex(rf"[a-z0-9][a-z0-9-]{{0,{MAX_ID - 1}}}", fullmatch=True)
PAGES = st.integers(0, 99)
LANGUAGES = st.sampled_from(Language)
NUMBERS = st.integers(0, 10**MAX_NUMBER_DIGITS - 1)
NUMBERS_OR_NONE = st.none() | NUMBERS
BOTH = st.booleans()
# What every kind of action is made of.
FIELDS: Mapping[type[Action], tuple[st.SearchStrategy[object], ...]] = {
    SetLanguage: (LANGUAGES,),
    ShowTopics: (PAGES,),
    ShowTopic: (IDS, PAGES),
    ShowEntry: (IDS, st.none() | LANGUAGES, NUMBERS_OR_NONE),
    NoneOfThese: (NUMBERS_OR_NONE,),
    ShowSessions: (st.none() | IDS, st.none() | st.sampled_from(Mode), PAGES, BOTH),
    ShowSession: (IDS, BOTH),
    GetCalendar: (IDS,),
    Rate: (NUMBERS, BOTH),
    AskPerson: (NUMBERS_OR_NONE,),
    ForgetMe: (BOTH,),
    BelongsTo: (NUMBERS, IDS, BOTH),
    NotForUs: (NUMBERS, BOTH),
    AddEditor: (IDS,),
    RemoveEditor: (IDS,),
    **dict.fromkeys((Welcome, Help, About, ChooseLanguage, ShowCourses), ()),
    **dict.fromkeys((EndConversation, ShowPrivacy, ShowStaff, ShowWaiting), ()),
    **dict.fromkeys((TellMe, ReadLetter, ReadEnd, ReadAnswer, ShowUnanswered, ShowGroup, SearchEntry), (NUMBERS,)),
    **dict.fromkeys((Dismiss, ShowLearned, Unlearn, ShowFigures, ExportQuestions, OpenHere), (NUMBERS,)),
    CloseConversation: (NUMBERS,),
}
ACTIONS: st.SearchStrategy[Action] = st.one_of([st.builds(kind, *fields) for kind, fields in FIELDS.items()])
LETTERS = [*"wbhlnctesdi", "rate", "person", "tell", "forget", "un", "is", "not", "stats", "staff+"]
PIECES = st.sampled_from([*LETTERS, ":", "visa", "0", "99", "100", "-1", "tg", "xx", "online", "٣", "\n", " "])


def test_every_kind_of_action_is_among_them() -> None:
    kinds = {kind for kind in vars(deeds).values() if isinstance(kind, type) and issubclass(kind, Deed | StaffDeed)}
    assert set(FIELDS) == {*get_args(Action), *kinds} - {Deed, StaffDeed}


@given(ACTIONS)
def test_every_action_fits_into_a_button_and_comes_out_as_it_went_in(action: Action) -> None:
    written = encode(action)
    assert len(written.encode()) <= MAX_ACTION_BYTES
    assert decode(written) == action


@given(st.text() | st.lists(PIECES, max_size=8).map("".join))
def test_forged_text_is_nothing_or_an_action_that_we_could_have_written(text: str) -> None:
    action = decode(text)
    assert action is None or decode(encode(action)) == action


@pytest.mark.parametrize(
    "forged",
    ["", ":", "x", "e", "e:", "e::", "e:VISA:", "e:visa:xx", "e:visa:RU", "e:visa", "e:visa:ru:", "e:visa:ru:x",
     "e:visa:ru:-1", "e:visa:ru:٣", "e:visa:ru:1:1", "e:visa:ru:" + "1" * 10, "n:", "n:x", "n:1:1", "t:visa:",
     "t:visa:-1", "t:visa:100", "t:visa:1.5", "t::٣", "s:::", "s::nowhere:0", "s:A::0", "s:::0:x", "l:", "l:xx", "l:RU",
     "l:ru-RU", "d:", "d:a_b", "i:../../etc/passwd", "d:" + "x" * 41, "w:", "w:1", "e:visa\n:", "n\n",
     "rate", "rate:1", "rate:1:2", "rate::1", "rate:-1:1", "rate:٣:1", "rate:1:1:1", "rate:" + "1" * 10 + ":1", "tell:",
     "person", "person:x", "forget", "forget:2", "end:", "privacy:1", "un:-1", "is:1:VISA:0", "is:1::0", "not:1",
     "stats:", "staff:", "staff+:", "staff+:@wang_li", "here:x", "close:1 "],
)  # fmt: skip
def test_what_no_button_of_ours_says_is_not_understood(forged: str) -> None:
    assert decode(forged) is None


@given(st.text(max_size=80))
def test_any_payload_of_a_link_opens_something(payload: str) -> None:
    assert isinstance(from_payload(payload), Welcome | ShowEntry | ShowSession)


@pytest.mark.parametrize(
    ("payload", "opens"),
    [("visa-extension", ShowEntry("visa-extension")), ("s_chinese-2027-03", ShowSession("chinese-2027-03")),
     ("s", ShowEntry("s")), ("s_", Welcome()), ("", Welcome()), ("Visa", Welcome()), ("s_A", Welcome())],
)  # fmt: skip
def test_a_link_opens_what_it_names(payload: str, opens: Action) -> None:
    assert from_payload(payload) == opens


def test_a_button_has_an_action_or_a_link_and_fits_telegrams_limit() -> None:
    for action, link in (("", ""), ("w", "https://example.org"), ("e:" + "ӯ" * 32, "")):
        with pytest.raises(ValueError, match=r"needs an action or a link|longer than 64 bytes"):
            Button("Visa", action, link)


def test_every_action_on_the_shipped_content_can_be_typed(content: Content) -> None:
    """Ids of topics, entries and courses must not get into each other's way."""
    actions: list[Action] = [SetLanguage(language) for language in Language]
    actions += [ShowTopic(topic.id, page) for topic in content.topics for page in (0, 1)]
    actions += [ShowEntry(entry, language) for entry in content.entries for language in (None, *Language)]
    courses = [None, *(course.id for course in content.courses)]
    actions += [ShowSessions(course, mode, page) for course in courses for mode in (None, *Mode) for page in (0, 1)]
    actions += [kind(session.id) for session in content.sessions for kind in (ShowSession, GetCalendar)]
    actions += [
        Welcome(),
        Help(),
        About(),
        ChooseLanguage(),
        NoneOfThese(),
        ShowCourses(),
        ShowTopics(0),
        ShowTopics(1),
        AskPerson(),
        ShowPrivacy(),
        ForgetMe(),
        EndConversation(),
        ShowUnanswered(),
        ShowWaiting(),
        ShowLearned(),
        ShowFigures(7),
        ShowStaff(),
        AddEditor("5000001"),
        RemoveEditor("wang_li"),
    ]
    for action in actions:
        assert read_command(typed(action), content) == action


@pytest.mark.parametrize(
    ("text", "action"),
    [("/faq", ShowTopics()), ("/FAQ VISA", ShowTopic("visa")), ("/faq visa 2", ShowTopic("visa", 1)),
     ("/faq 0", ShowTopics()), ("/faq 999", ShowTopics()), ("/faq no-such-thing", ShowEntry("no-such-thing")),
     ("/faq виза", ShowTopics()), ("/faq@rohnamo_bot visa", ShowTopic("visa")), ("/faq\nvisa", ShowTopic("visa")),
     ("/sessions online", ShowSessions(mode=Mode.ONLINE)), ("/sessions 2", ShowSessions(page=1)),
     ("/sessions nonsense", ShowSessions()), ("/session", ShowSessions()), ("/calendar", ShowSessions()),
     ("/language русский", ChooseLanguage()), ("/language zh-CN", SetLanguage(Language.ZH)),
     ("/human", AskPerson()), ("/human where is the bank?", AskPerson()), ("/HUMAN@rohnamo_bot", AskPerson()),
     ("/forget", ForgetMe()), ("/forget 1", ForgetMe()), ("/stats", ShowFigures(30)), ("/stats 7", ShowFigures(7)),
     ("/stats a week", ShowFigures(30)), ("/stats 99999", ShowFigures(30)), ("/staff", ShowStaff()),
     ("/staff add", ShowStaff()), ("/staff ADD wang_li", AddEditor("wang_li")), ("/staff praise wang_li", ShowStaff())],
)  # fmt: skip
def test_typed_commands_are_read_as_people_write_them(content: Content, text: str, action: Action) -> None:
    assert read_command(text, content) == action


@pytest.mark.parametrize("text", ["", " ", "faq", "how do I /faq", "/", "/ faq", "//faq", "/faqs", "/faq2"])
def test_other_text_is_no_command(content: Content, text: str) -> None:
    assert read_command(text, content) is None


@given(st.sampled_from([*COMMANDS, *STAFF_COMMANDS]), st.text())
def test_anything_after_a_command_is_read_somehow(content: Content, name: str, text: str) -> None:
    assert read_command(f"/{name} {text}", content) is not None
