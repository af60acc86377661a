"""What staff are told about an announcement before it can be sent: each sentence, and where it does not belong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.content.values import Content, Mode, Session, Severity
from bot.language import Language, Text
from bot.pages import dates
from bot.pages.findings import findings
from bot.pages.voice import NAMES, Voice
from bot.pages.written_dates import written_dates
from bot.store.announcement import Announcement, Body, FileOf, State
from bot.store.audiences import Audience, Kind
from tests.announcement_shown import PHOTO, TEXTS, announcement, news
from tests.conftest import NOW

Voices = Mapping[Language, Voice]

EN, RU, TG, ZH = Language.EN, Language.RU, Language.TG, Language.ZH
EVERY = dict.fromkeys(Language, "Words.")
WARNING, ERROR = Severity.WARNING, Severity.ERROR


class Office:
    """Looks at announcements, in English."""

    def __init__(self, voices: Voices, content: Content) -> None:
        self.voices = voices
        self.content = content

    def found(self, told: Announcement, now: datetime = NOW) -> list[tuple[Severity, str]]:
        listed = findings(told, self.voices, self.content, now, self.voices[EN])
        return [(finding.severity, finding.line) for finding in listed]

    def in_english(self, text: str) -> list[tuple[Severity, str]]:
        """What is wrong with the English text of an announcement that has nothing wrong else."""
        return self.found(news({**EVERY, EN: text}))


@pytest.fixture(scope="module")
def office(voices: Voices, content: Content) -> Office:
    return Office(voices, content)


@pytest.fixture(scope="module")
def session(content: Content) -> Session:
    """One that is in the content files, a month ahead."""
    return next(one for one in content.sessions if one.id == "ecommerce-2027-01")


def of(session: Session) -> Announcement:
    return announcement(Kind.SESSION, Body({}, session))


def test_an_announcement_that_is_well_made_has_no_findings(office: Office, session: Session) -> None:
    assert office.found(news(EVERY)) == []
    assert office.found(news(EVERY, PHOTO)) == []
    assert office.found(of(session)) == []
    assert (
        office.in_english("Write to {email}:\n\n- **one** `two`\n- [three](https://example.org), 24 November 2026")
        == []
    )


@pytest.mark.parametrize("texts", [{}, {EN: "  "}, {RU: "- ", ZH: ""}])
def test_nothing_to_send(office: Office, texts: Mapping[Language, str]) -> None:
    sentence = "There is nothing to send yet. Write a text in at least one language."
    assert office.found(news(texts)) == [(ERROR, sentence)]


def test_missing_languages_are_a_warning_where_readers_get_another_one(office: Office) -> None:
    sentence = "This is not written in this language. Its readers get another one: "
    assert office.found(news({RU: "Да", ZH: "是"})) == [
        (WARNING, f"TG · {sentence}{NAMES[RU]}."),
        (WARNING, f"EN · {sentence}{NAMES[RU]}."),
    ]


def test_missing_languages_are_an_error_where_they_do_not(office: Office) -> None:
    told = announcement(Kind.FREE, Body({RU: "Да", EN: "Yes", TG: "Ҳа"}), falls_back=False)
    sentence = "This is not written in this language. Write it, or let its readers get the nearest language."
    assert office.found(told) == [(ERROR, f"中文 · {sentence}")]


def test_only_the_languages_of_the_audience_can_be_missing(office: Office) -> None:
    told = replace(news({RU: "Да"}), audience=Audience.LANGUAGE, target="ru-tg", falls_back=False)
    assert [line[:2] for _, line in office.found(told)] == ["TG"]
    assert office.found(replace(told, target="ru")) == []


def test_of_a_session_that_is_not_described_in_every_language_it_is_said(office: Office, session: Session) -> None:
    half = replace(session, place=Text({RU: "Зал 5", EN: "Hall 5", ZH: "5号厅"}))
    warned = [line for severity, line in office.found(of(half)) if "not written" in line]
    assert warned == [f"TG · This is not written in this language. Its readers get another one: {NAMES[RU]}."]


@pytest.mark.parametrize(("file", "room", "limit"), [(None, 4096, "4,096"), (PHOTO, 1024, "1,024")])
def test_a_text_is_too_long_when_it_does_not_fit_as_it_arrives(
    office: Office, file: FileOf | None, room: int, limit: str
) -> None:
    fits = "😀" * ((room - len("📣 x")) // 2)  # these signs count twice
    assert office.found(news({**EVERY, EN: fits}, file)) == []
    sentence = f"EN · With everything that is added to it, the message is 1 character too long: {limit} fit."
    assert office.found(news({**EVERY, EN: f"{fits}xx"}, file)) == [(ERROR, sentence)]


def test_the_note_on_a_missing_translation_needs_room_too(office: Office) -> None:
    found = office.found(news({EN: "x" * (4096 - len("📣 x"))}))
    assert [line for severity, line in found if severity is ERROR and "characters too long" in line] != []
    assert {line.split(" · ")[0] for severity, line in found if severity is ERROR} == {"EN"}


def test_facts_are_counted_as_they_are_put_in(office: Office) -> None:
    name = len(office.content.facts["name"].of(EN))
    assert office.in_english("x" * (4093 - name) + "{name}") == []
    assert [severity for severity, _ in office.in_english("x" * (4094 - name) + "{name}")] == [ERROR]
    assert office.in_english("[x](https://example.org/" + "y" * 5000 + ")") == []  # Telegram shows no address


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("# Head", "Line 1: headings are not shown. Make the line bold instead."),
        ("one\n| a | b |", "Line 2: tables are not shown. Write a list instead."),
        ("one\n\n> two", "Line 3: quotations are not shown. Leave the sign out."),
        ("<b>one", "Line 1: tags in angle brackets are not shown. Leave them out."),
        ("![one](https://example.org)", "Line 1: a picture within the text is not shown. Attach it instead."),
        ("one **two", "Line 1: two asterisks without their partners. Bold text begins and ends with two of them."),
        ("one\n`two", "Line 2: a backquote without its partner."),
        ("[one](two three)", "Line 1: a broken link. A link is written […](https://…)."),
        ("- one\n  - two", "Line 2: a list within a list is not shown well on a phone. Make it one list."),
        ("- one\n  1. two", "Line 2: a list within a list is not shown well on a phone. Make it one list."),
        ("[one](example.org)", "Line 1: the address of a link begins with https:// and has no spaces."),
    ],
)
def test_broken_markdown_is_told_with_its_line(office: Office, text: str, sentence: str) -> None:
    assert office.in_english(text) == [(ERROR, f"EN · {sentence}")]


def test_of_many_faults_the_first_are_told(office: Office) -> None:
    assert [line for _, line in office.in_english("\n".join(["# Head"] * 50))] == [
        f"EN · Line {number}: headings are not shown. Make the line bold instead." for number in range(1, 6)
    ]


def test_a_placeholder_that_is_no_fact_is_an_error(office: Office) -> None:
    sentence = "is not a fact of the institute, and would be sent as it stands. Mend the name."
    assert office.in_english("{email} {emial} {} {emial}") == [
        (ERROR, f"EN · {{emial}} {sentence}"),
        (ERROR, f"EN · {{}} {sentence}"),
    ]


@pytest.mark.parametrize("text", ["{ email }", "{email", "email}"])
def test_a_brace_alone_is_a_warning(office: Office, text: str) -> None:
    sign = "}" if text == "email}" else "{"
    sentence = f"EN · “{sign}” stands without its partner. A fact is written {{email}}, without spaces."
    assert office.in_english(text) == [(WARNING, sentence)]


def test_the_time_to_begin_must_not_have_passed(office: Office) -> None:
    late = replace(news(EVERY), begin_at=NOW - timedelta(seconds=1))
    assert office.found(late) == [(ERROR, "The time at which it begins has passed. Choose another one.")]
    assert office.found(replace(late, begin_at=NOW)) == []
    assert office.found(replace(late, state=State.SENDING)) == []


def test_a_session_is_looked_at_when_it_is_told(office: Office, session: Session) -> None:
    closed = (WARNING, "Applications are closed when this is sent.")
    begun = (WARNING, "The session has begun when this is sent.")
    over = (ERROR, "The session is over when this is sent.")
    assert session.apply_by is not None
    next_day = datetime.combine(session.apply_by + timedelta(days=1), datetime.min.time(), session.zone)
    assert office.found(of(session), next_day - timedelta(seconds=1)) == []
    assert office.found(of(session), next_day) == [closed]
    assert office.found(of(session), session.start) == [begun, closed]
    assert office.found(of(session), session.end) == [over, closed]
    assert office.found(replace(of(session), begin_at=session.end)) == [over, closed]


def test_a_session_that_is_gone_or_different_in_the_content_files_is_told(office: Office, session: Session) -> None:
    gone = replace(session, id="gone")
    sentence = "The session is no longer in the content files. Its buttons would lead nowhere."
    assert office.found(of(gone)) == [(ERROR, sentence)]
    assert office.found(replace(of(gone), state=State.DONE)) == [(WARNING, sentence)]
    moved = replace(session, mode=Mode.ONLINE)
    sentence = "The session has changed in the content files since. Begin its announcement anew."
    assert office.found(of(moved)) == [(WARNING, sentence)]


@pytest.mark.parametrize(
    "written",
    ["2026-11-22", "22.11.2026", "22 November 2026", "November 22nd, 2026", "22 Nov 2026", "22 ноября 2026",
     "22 ноябри 2026", "22 ноябр 2026", "2026年11月22日", "2026 年 11 月 22 号"],
)  # fmt: skip
def test_a_date_in_the_past_is_a_warning(office: Office, written: str) -> None:
    sentence = f"EN · “{written}” is in the past when this is sent."
    assert office.in_english(f"Come (on {written}).") == [(WARNING, sentence)]
    assert office.in_english(f"Come (on {written.replace('22', '23')}).") == []  # today


@pytest.mark.parametrize(
    "written", ["31.02.2026", "1.22.11.2026", "11/22/2026", "22 November", "+86 2026-11-222", "2026"]
)
def test_what_may_be_no_date_is_none(office: Office, written: str) -> None:
    assert office.in_english(f"Come {written}.") == []


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.sampled_from(Language))
def test_a_date_as_the_bot_writes_it_is_read_as_that_date(day: date, language: Language) -> None:
    assert [found for _, found in written_dates(dates.day(day, language))] == [day]


def test_a_day_is_past_in_qingdao(office: Office) -> None:
    midnight = datetime(2026, 11, 24, tzinfo=ZoneInfo("Asia/Shanghai"))
    told = news({**EVERY, RU: "Ждём вас 23.11.2026"})
    assert office.found(told, midnight - timedelta(seconds=1)) == []
    assert office.found(told, midnight) != []
    assert office.found(replace(told, begin_at=midnight)) != []


def test_errors_come_first(office: Office) -> None:
    found = office.found(news({EN: "22.11.2026 {nothing} **", RU: "{"}))
    assert [severity for severity, _ in found] == sorted(
        (severity for severity, _ in found), key=[ERROR, WARNING].index
    )
    assert {ERROR, WARNING} == {severity for severity, _ in found}


@pytest.mark.parametrize("language", Language)
def test_staff_are_told_in_their_own_language(office: Office, language: Language) -> None:
    told = announcement(Kind.FREE, Body({TG: "**"}))
    assert len(findings(told, office.voices, office.content, NOW, office.voices[language])) == 4


@given(TEXTS)
def test_whatever_staff_wrote_can_be_looked_at(office: Office, texts: dict[Language, str]) -> None:
    for severity, line in office.found(news(texts)):
        assert severity in (WARNING, ERROR)
        assert 0 < len(line) < 200
