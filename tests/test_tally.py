"""How far an announcement is and how it ended, on a page and as a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.content.values import Content, Severity
from bot.language import Language
from bot.pages import announce_deeds as deeds
from bot.pages.actions import decode
from bot.pages.announce_history import (
    Change,
    Proposal,
    ask_cancel_page,
    ask_recall_page,
    correction_page,
    history_page,
)
from bot.pages.findings import Finding
from bot.pages.markup import length, plain
from bot.pages.page import Page
from bot.pages.tally import headline, progress_page, tally_file
from bot.pages.voice import Voice
from bot.store.announcement import Announcement, Body, State
from bot.store.audiences import Audience, Kind
from bot.store.ledger import Count, Recipient

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")
EN, RU = Language.EN, Language.RU
GAP = 1 / 28
DRAFTED = Announcement(
    id=12, kind=Kind.FREE, origin=None, author="@nigora", made_at=NOON, revision=3, correction=None, file=None,
    body=Body({EN: "**The library** is open on Sunday.", RU: "Библиотека открыта."}),
    audience=Audience.ALL, target="", falls_back=True, begin_at=None, daytime=False, expires_at=None,
    state=State.DRAFT, begun_at=None, ended_at=None, corrected_at=None, recalled_at=None, planned=7200, progress=None,
)  # fmt: skip
SENDING = replace(DRAFTED, state=State.SENDING, begun_at=NOON)
DONE = replace(SENDING, state=State.DONE, ended_at=NOON)


def count(number: int, outcome: str | None = "sent", todo: str | None = None, changed: str | None = None,
          language: Language = EN, *, uncertain: bool = False) -> Count:  # fmt: skip
    return Count(language, outcome, todo, changed, uncertain, number)


def shown(announcement: Announcement, counts: list[Count], voices: Mapping[Language, Voice], content: Content) -> str:
    return plain(progress_page(announcement, counts, GAP, voices[EN], NOON, content).text)


def pressed(page: Page) -> list[object]:
    return [decode(button.action) for row in page.buttons for button in row]


def test_while_it_is_being_sent(voices: Mapping[Language, Voice], content: Content) -> None:
    counts = [
        count(1200, language=RU),
        count(20, "blocked"),
        count(3, "refused"),
        count(2, "failed"),
        count(5971, None, "send"),
        count(4, None, "send", uncertain=True),
    ]
    text = shown(SENDING, counts, voices, content)
    assert text.startswith("📣 #12 · The library is open on Sunday.\n\nBeing sent: 1,225 of 7,200\n\n██░░░░░░░░░░ 17%")
    for line in (
        "Sent: 1,200",
        "Still to do: 5,975",
        "Have blocked me: 20",
        "Refused by Telegram: 3",
        "again and again: 2",
    ):
        assert line in text
    assert "Uncertain: 4 people may have it twice." in text
    assert "About 4 minutes to go." in text
    page = progress_page(SENDING, counts, GAP, voices[EN], NOON, content)
    assert pressed(page)[:4] == [deeds.Pause(12), deeds.Cancel(12), deeds.Correct(12), deeds.Recall(12)]
    assert deeds.ExportTally(12) not in pressed(page)


def test_a_hundred_is_said_only_when_nothing_is_left(voices: Mapping[Language, Voice], content: Content) -> None:
    assert "99%" in shown(SENDING, [count(7199), count(1, None, "send")], voices, content)
    assert "Less than a minute to go." in shown(SENDING, [count(7199), count(1, None, "send")], voices, content)
    assert "████████████ 100%" in shown(SENDING, [count(7200)], voices, content)
    assert "████████████ 100%" in shown(SENDING, [], voices, content)


def test_paused_and_waiting_nobody_is_told_how_long_it_takes(
    voices: Mapping[Language, Voice], content: Content
) -> None:
    counts = [count(10), count(5000, None, "send")]
    assert "to go" not in shown(replace(SENDING, state=State.PAUSED), counts, voices, content)
    page = progress_page(replace(SENDING, state=State.PAUSED), counts, GAP, voices[EN], NOON, content)
    assert pressed(page)[:2] == [deeds.Resume(12), deeds.Cancel(12)]
    waiting = replace(DRAFTED, state=State.SCHEDULED, begin_at=NOON + timedelta(hours=1))
    page = progress_page(waiting, [], GAP, voices[EN], NOON, content)
    assert "When: Monday, 23 November 2026, 13:00 (Qingdao time)" in plain(page.text)
    changing, *looking = [deeds.BackToDraft(12), deeds.Cancel(12)], deeds.ShowSent(12), deeds.DraftOfSent(12)
    assert pressed(page) == [*changing, *looking, deeds.ShowProgress(12), deeds.ShowHistory()]
    assert "in a moment" in plain(progress_page(waiting, [], GAP, voices[EN], NOON + timedelta(hours=2), content).text)


def test_by_daytime_it_goes_on_when_it_is_day_for_them(voices: Mapping[Language, Voice], content: Content) -> None:
    daytime = replace(SENDING, daytime=True)
    assert "it arrives in the morning" in shown(daytime, [count(3), count(4, None, "send")], voices, content)
    assert "when it is day" not in shown(daytime, [count(4, "sent", "edit")], voices, content)
    assert "About 3 hours to go." in shown(daytime, [count(300_000, None, "send")], voices, content)


def test_correction_and_recall_have_their_own_progress(voices: Mapping[Language, Voice], content: Content) -> None:
    counts = [count(1150, changed="corrected"), count(50, changed="kept"), count(5800, todo="edit"), count(200)]
    text = shown(SENDING, counts, voices, content)
    assert "Being corrected: 1,200 of 7,000" in text
    assert "Corrected: 1,150" in text
    assert "Could not be corrected: 50" in text
    recalled = replace(SENDING, recalled_at=NOON)
    counts = [
        count(900, changed="recalled"),
        count(100, changed="replaced"),
        count(6000, todo="delete"),
        count(9, "late"),
    ]
    text = shown(recalled, counts, voices, content)
    assert "Being recalled: 1,000 of 7,000" in text
    assert "Deleted: 900" in text
    assert "Replaced by a notice: 100" in text
    page = progress_page(recalled, counts, GAP, voices[EN], NOON, content)
    assert deeds.Correct(12) not in pressed(page)
    assert deeds.Recall(12) not in pressed(page)


def test_when_it_is_over_the_tally_is_by_outcome_and_language(
    voices: Mapping[Language, Voice], content: Content
) -> None:
    counts = [
        count(5000, language=RU),
        count(2000),
        count(150, "blocked", language=RU),
        count(49, "unwanted"),
        count(1, "cancelled", uncertain=True),
    ]
    text = shown(DONE, counts, voices, content)
    assert "✅ All done" in text
    assert "Sent: 7,000" in text
    assert "█" not in text
    assert "Uncertain: 1 person may have it although it is not counted as sent." in text
    assert text.endswith(
        "• Russian — Sent: 5,000 · Have blocked me: 150\n"
        "• English — Sent: 2,000 · Have unsubscribed meanwhile: 49 · Not sent, because it was stopped: 1"
    )
    page = progress_page(DONE, counts, GAP, voices[EN], NOON, content)
    looking = [deeds.ExportTally(12), deeds.ShowSent(12), deeds.DraftOfSent(12), deeds.ShowHistory()]
    assert pressed(page) == [deeds.Correct(12), deeds.Recall(12), *looking]


NUMBERS = st.integers(0, 99_999)
COUNTS = st.builds(
    Count,
    st.sampled_from(Language),
    st.sampled_from([None, "sent", "blocked", "refused", "failed", "unwanted", "late", "cancelled"]),
    st.sampled_from([None, "send", "edit", "delete"]),
    st.sampled_from([None, "corrected", "kept", "recalled", "replaced", "stuck"]),
    st.booleans(),
    NUMBERS,
)


class Screen:
    """The voices and the content; hypothesis would write down all of that, example by example."""

    def __init__(self, voices: Mapping[Language, Voice], content: Content) -> None:
        self.voices = voices
        self.content = content


@pytest.fixture(scope="session")
def screen(voices: Mapping[Language, Voice], content: Content) -> Screen:
    return Screen(voices, content)


@settings(max_examples=40)
@given(
    st.lists(COUNTS, max_size=40),
    st.sampled_from([state for state in State if state is not State.DRAFT]),
    st.booleans(),
    st.booleans(),
    st.text(min_size=1, max_size=5000),
)
def test_pages_in_four_languages_fit_into_a_message(
    screen: Screen,
    counts: list[Count],
    state: State,
    daytime: bool,
    recalled: bool,
    words: str,
) -> None:
    announcement = replace(
        SENDING, state=state, daytime=daytime, recalled_at=NOON if recalled else None, body=Body({RU: words})
    )
    for voice in screen.voices.values():
        several = [replace(announcement, id=number) for number in range(8)]
        for page in (
            progress_page(announcement, counts, GAP, voice, NOON, screen.content),
            history_page(several, {3: 7}, 1, voice, screen.content, more=True),
            ask_recall_page(announcement, 7, 3, voice),
            ask_cancel_page(announcement, 5, 1, voice),
        ):
            assert page.language is voice.language
            assert 0 < length(page.text) <= 4096


@given(st.text(max_size=300), st.text(max_size=300), st.sampled_from(State))
def test_a_correction_in_four_languages_fits_into_a_message(screen: Screen, old: str, new: str, state: State) -> None:
    announcement = replace(SENDING, state=state, correction=Body({RU: new}))
    for around in ("", "🎉" * 300):
        changes = [Change(language, f"{around}{old}{around}", f"{around}{new}{around}") for language in Language]
        findings = [Finding(Severity.WARNING, RU, "Something is wrong with this. " * 20)] * 30
        for voice in screen.voices.values():
            page = correction_page(announcement, Proposal(Body({}), changes, 7, findings, 9), voice, screen.content)
            assert length(page.text) <= 4096


def test_the_history_says_when_who_what_and_how_many(voices: Mapping[Language, Voice], content: Content) -> None:
    of_session = replace(DONE, id=13, kind=Kind.SESSION, author=None, body=Body({}, content.sessions[0]))
    made = [of_session, DONE, replace(DRAFTED, id=11)]
    page = history_page(made, {12: 7000, 13: 7100}, 0, voices[EN], content, more=True)
    text = plain(page.text)
    assert "#12 · Monday, 23 November 2026, 12:00 · @nigora · done · sent to 7,000 of 7,200" in text
    assert "#13 · Monday, 23 November 2026, 12:00 · terminal · done · sent to 7,100 of 7,200" in text
    assert content.sessions[0].course.title.of(EN)[:40] in text
    assert pressed(page) == [
        deeds.ShowProgress(13),
        deeds.ShowProgress(12),
        deeds.ShowDraft(11),
        deeds.ShowHistory(1),
        deeds.Announce(),
    ]


def test_beyond_the_history_there_is_a_way_back(voices: Mapping[Language, Voice], content: Content) -> None:
    page = history_page([], {}, 3, voices[EN], content, more=False)
    assert pressed(page) == [deeds.ShowHistory(2), deeds.Announce()]
    assert "Nothing was announced" in plain(history_page([], {}, 0, voices[EN], content, more=False).text)


def test_a_text_that_is_missing_in_the_language_of_staff_is_called_by_another_one(
    voices: Mapping[Language, Voice],
    content: Content,
) -> None:
    assert headline(DONE, voices[Language.ZH], content) == "The library is open on Sunday."
    assert headline(replace(DONE, body=Body({RU: " "})), voices[EN], content) == "empty"


@pytest.mark.parametrize(
    "reason", ["Forbidden: user 5000123456 is deactivated", "=cmd|'/c calc'!A1", "chat\nnot found"]
)
def test_the_table_has_nobodys_number_and_no_formula(reason: str, voices: Mapping[Language, Voice]) -> None:
    rows = [
        Recipient(RU, "sent", None, True, NOON, "corrected"),
        Recipient(EN, "refused", reason, False, None, None),
    ]
    file = tally_file(DONE, rows, SHANGHAI, voices[EN])
    assert (file.name, file.media_type) == ("announcement-12.csv", "text/csv")
    head, first, second = csv.reader(io.StringIO(file.data.decode("utf-8-sig")))
    assert head == [
        "Language",
        "What became of it",
        "Reason",
        "May have it twice (1 = yes)",
        "Sent at",
        "Correction or recall",
    ]
    assert first == ["ru", "sent", "", "1", "2026-11-23T12:00:00+08:00", "corrected"]
    assert second[:2] == ["en", "refused"]
    assert "5000123456" not in second[2]
    assert second[2][0] not in "=+-@"
    assert "\n" not in second[2]
