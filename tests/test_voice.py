"""The bot's sentences: looked up, counted, and filled with what people wrote, which is never markup."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.content.markdown import Items, Paragraph, Span, parse, spans
from bot.language import Language
from bot.pages.markup import telegram
from bot.pages.voice import CatalogueError, Voice, catalogue_path, load_voices
from tests.conftest import HOME
from tests.standin.markup import parse_html

Voices = Mapping[Language, Voice]

SEATS = ("{number} seat", "{number} seats")
COMING = (
    "{number} session is coming. Press it to see more.",
    "{number} sessions are coming. Press one to see more.",
)


@pytest.fixture
def english(voices: Voices) -> Voice:
    return voices[Language.EN]


@pytest.mark.parametrize(
    ("number", "seats"),
    [(0, "0 мест"), (1, "1 место"), (2, "2 места"), (4, "4 места"), (5, "5 мест"), (11, "11 мест"), (12, "12 мест"),
     (14, "14 мест"), (21, "21 место"), (22, "22 места"), (25, "25 мест"), (101, "101 место"), (111, "111 мест")],
)  # fmt: skip
def test_russian_counts_in_three_forms(voices: Voices, number: int, seats: str) -> None:
    assert voices[Language.RU].count(*SEATS, number) == seats


@pytest.mark.parametrize(("number", "seats"), [(0, "0 seats"), (1, "1 seat"), (2, "2 seats"), (21, "21 seats")])
def test_english_counts_in_two_forms(english: Voice, number: int, seats: str) -> None:
    assert english.count(*SEATS, number) == seats


@pytest.mark.parametrize("language", [Language.TG, Language.ZH])
@pytest.mark.parametrize("sentence", [SEATS, COMING])
def test_tajik_and_chinese_count_in_one_form(voices: Voices, language: Language, sentence: tuple[str, str]) -> None:
    forms = {voices[language].count(*sentence, number).replace(str(number), "n") for number in (0, 1, 2, 5, 11, 21)}
    assert len(forms) == 1
    assert forms.isdisjoint(text.format(number="n") for text in sentence)


def test_a_sentence_is_said_in_each_language(voices: Voices) -> None:
    said = {voice.say("Please choose your language.") for voice in voices.values()}
    assert len(said) == 4
    assert voices[Language.EN].say("Please choose your language.") in said


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_what_people_wrote_is_never_markup_in_our_sentences(voices: Voices, words: str) -> None:
    for voice in voices.values():
        rich = voice.rich("**{topic}**\n\nChoose a question:", topic=words)
        assert (rich[0].spans if isinstance(rich[0], Paragraph) else ()) == (Span(words, bold=True),)
        shown, entities = parse_html(telegram(rich))
        assert shown.startswith(words)
        assert [entity["type"] for entity in entities] == ["bold"]


def test_a_value_that_looks_like_another_placeholder_stays_as_it_is(english: Voice) -> None:
    rich = english.rich(
        "**{topic}**\n\nChoose a question:",
        topic="{question}",
        question="must not be here",
    )
    assert "{question}" in telegram(rich)
    assert "must not be here" not in telegram(rich)


def test_a_value_may_be_a_span_with_a_style_of_its_own(english: Voice) -> None:
    rich = english.rich("Begins: {moment}", moment=Span("now", italic=True))
    assert [span.text for span in spans(rich)] == ["Begins: ", "now"]
    assert [span.italic for span in spans(rich)] == [False, True]


def test_a_placeholder_in_a_list_is_filled_too(english: Voice) -> None:
    unheard_of = "- first {name}\n- second {name}"
    assert english.rich(unheard_of, name="Zarina") == parse("- first Zarina\n- second Zarina")
    assert isinstance(english.rich(unheard_of, name="Zarina")[0], Items)


@pytest.fixture
def catalogues(tmp_path: Path) -> Path:
    return Path(shutil.copytree(HOME / "locales", tmp_path / "locales"))


def test_a_translator_saves_a_file_and_needs_nothing_else(catalogues: Path) -> None:
    path = catalogue_path(catalogues, Language.RU)
    before = load_voices(catalogues)[Language.RU].say("Send")
    saved = path.read_text(encoding="utf-8").replace(f'msgstr "{before}"', 'msgstr "Спросить"')
    path.write_text(saved, encoding="utf-8")
    assert load_voices(catalogues)[Language.RU].say("Send") == "Спросить"


@pytest.mark.parametrize("broken", ["msgid Send\n", "nonsense\n", "\udcff"])
def test_a_catalogue_that_cannot_be_read_is_told_with_its_name(catalogues: Path, broken: str) -> None:
    path = catalogue_path(catalogues, Language.TG)
    path.write_bytes(path.read_bytes() + broken.encode("utf-8", "surrogateescape"))
    with pytest.raises(CatalogueError, match=r"tg/LC_MESSAGES/messages\.po: the catalogue cannot be read"):
        load_voices(catalogues)


def test_a_missing_catalogue_is_told_with_its_name(catalogues: Path) -> None:
    catalogue_path(catalogues, Language.ZH).unlink()
    with pytest.raises(CatalogueError, match=r"zh_Hans/LC_MESSAGES/messages\.po.*set LOCALES_DIR or mend it"):
        load_voices(catalogues)
