"""Phrasings that were learned while running go into the files, each once, and what cannot is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.content.learned import Learned, tidy
from bot.content.merge import Merged, merge
from bot.language import Language
from tests.conftest import HOME
from tests.staff import VISA, Staff

EN, RU, TG, ZH = Language
ID = "visa-extension"
FLOW = "      en: [How do I extend my visa?]\n"
BLOCK = "      en:\n        - How do I extend my visa?\n"
OUT = "out-of-scope.yaml"


def asked(text: str, language: Language = EN, entry: str | None = ID) -> Learned:
    return Learned(entry, language, text)


def visa(list_of_en: str) -> str:
    """The file of the visa topic with another list of English phrasings."""
    return VISA.replace(FLOW, list_of_en)


def merged(staff: Staff, before: str, *learned: Learned) -> str:
    """The file of the visa topic as it is after a merge in which nothing was left."""
    staff.writes("visa.yaml", before)
    outcome = merge(staff.folder, learned)
    assert outcome == Merged(learned, (), (staff.folder / "visa.yaml",))
    return (staff.folder / "visa.yaml").read_bytes().decode()


def reason(staff: Staff, learned: Learned) -> str:
    """Why a phrasing is left, which must not have touched any file."""
    before = {path: path.read_bytes() for path in staff.folder.iterdir() if path.is_file()}
    outcome = merge(staff.folder, [learned])
    assert {path: path.read_bytes() for path in staff.folder.iterdir() if path.is_file()} == before
    ((left, why),) = outcome.left
    assert (left, outcome.done, outcome.files) == (learned, (), ())
    return why


FREE_TEXTS = st.one_of(
    st.text(st.characters(), max_size=60),
    st.lists(
        st.sampled_from([*"-?:,[]{}#&*!|>'\"%@`~=.<\\ \t\n", ": ", " #", "yes", "1", "e", "---", "visa", "签证", "\0"]),
        max_size=12,
    ).map("".join),
)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Staff:
    return Staff(tmp_path_factory.mktemp("merge"))


@given(
    texts=st.lists(st.tuples(FREE_TEXTS, st.sampled_from(Language), st.sampled_from([ID, None])), max_size=4),
    style=st.sampled_from([FLOW, BLOCK, "", "      en: [\n        How?\n      ]\n"]),
    ends=st.sampled_from(["\n", "\r\n"]),
)
def test_what_was_merged_is_read_back_exactly(
    desk: Staff, texts: list[tuple[str, Language, str | None]], style: str, ends: str
) -> None:
    (desk.folder / OUT).unlink(missing_ok=True)
    desk.writes("visa.yaml", visa(style).replace("\n", ends))
    before = desk.content()
    outcome = merge(desk.folder, [Learned(entry, language, text) for text, language, entry in texts])
    after = desk.content()
    wished: dict[tuple[str | None, Language], list[str]] = {}
    for text, language, entry in texts:
        old = before.entries[ID].ask.get(language, ()) if entry else ()
        new = wished.setdefault((entry, language), list(old))
        new += [tidy(text)] if tidy(text) and tidy(text) not in new else []
    for (entry, language), phrasings in wished.items():
        found = after.entries[ID].ask if entry else after.out_of_scope
        assert found.get(language, ()) == tuple(phrasings)
    assert {one for one, _ in outcome.left} == {Learned(*given[::-1]) for given in texts if not tidy(given[0])}
    assert after.entries[ID].answer == before.entries[ID].answer


@given(st.text(st.characters(categories=["L", "M", "N", "P", "S", "Zs"])))
def test_no_letter_sign_or_emoji_is_lost(text: str) -> None:
    assert tidy(text) == " ".join(text.split())


def test_a_phrasing_is_one_line_without_control_characters(staff: Staff) -> None:
    assert merged(staff, visa(BLOCK), asked(" How\tlong \n\n does\x07 it\u200b take\u2028now\u202e?\ud800 "))
    assert staff.content().entries[ID].ask[EN][-1] == "How long does it take now?"


def test_a_phrasing_that_is_there_already_is_not_added_again(staff: Staff) -> None:
    there = [asked("How do I  extend my visa?"), asked("怎么延长签证？", ZH)]
    before = (staff.folder / "visa.yaml").stat()
    assert merge(staff.folder, there) == Merged(tuple(there), (), ())
    assert (staff.folder / "visa.yaml").stat().st_ino == before.st_ino
    assert merged(staff, VISA, asked("New?"), asked(" New?\n")) == visa(FLOW.replace("]", ", New?]"))
    assert merge(staff.folder, [asked("New?"), asked("New?")]) == Merged((asked("New?"),), (), ())


def test_questions_out_of_scope_make_their_file(staff: Staff) -> None:
    learned = (asked("Tell me a joke: now", EN, None), asked("Анекдот?", RU, None), asked("A poem", EN, None))
    assert merge(staff.folder, learned) == Merged(learned, (), (staff.folder / OUT,))
    shipped = (HOME / "faq" / OUT).read_text(encoding="utf-8").splitlines()
    lines = (staff.folder / OUT).read_text(encoding="utf-8").splitlines()
    assert lines == [
        *shipped[:2],
        "out_of_scope:",
        "  en:",
        "    - 'Tell me a joke: now'",
        "    - A poem",
        "  ru:",
        "    - Анекдот?",
    ]
    assert staff.content().out_of_scope == {EN: ("Tell me a joke: now", "A poem"), RU: ("Анекдот?",)}


@pytest.mark.parametrize(
    "empty", ["out_of_scope: {}\n", "out_of_scope: {en: []}\n", "out_of_scope:\n  en: []  # none\n"]
)
def test_empty_brackets_are_filled(staff: Staff, empty: str) -> None:
    staff.writes(OUT, empty)
    assert not merge(staff.folder, [asked("Анекдот?", RU, None), asked("A joke, a poem", EN, None)]).left
    assert staff.content().out_of_scope == {EN: ("A joke, a poem",), RU: ("Анекдот?",)}


@pytest.mark.parametrize(
    ("learned", "why"),
    [
        (asked("New?", entry="gone"), "no file has the entry “gone”"),
        (asked(" \0\n"), "there is nothing in it to be read"),
        (asked("x" * 201), "it has 201 characters; at most 200 fit"),
    ],
)
def test_what_cannot_be_put_in_is_told(staff: Staff, learned: Learned, why: str) -> None:
    assert reason(staff, learned) == why


def test_two_hundred_characters_fit(staff: Staff) -> None:
    assert merged(staff, VISA, asked("x" * 200))
    assert staff.content().entries[ID].ask[EN][-1] == "x" * 200


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (VISA.replace("zh: 签证}", "zh: 签证"), "visa.yaml:3:8: error: a comma or the closing bracket is missing"),
        (VISA + "topic: visa\n", "visa.yaml:19:1: error: the key “topic” stands here a second time; keep one of them"),
        (VISA.encode("utf-16"), "visa.yaml is not saved as UTF-8"),
        (visa("      en: How do I extend my visa?\n"), "visa.yaml has no list where it belongs; mend that first"),
        (VISA.replace("    ask:\n", "    ask: x\n    x:\n"), "visa.yaml has no list where it belongs; mend that first"),
        (
            VISA.replace("topic: visa", "topic:\tvisa"),  # libyaml takes this tab, ruamel.yaml does not
            "nothing can be added safely to visa.yaml (line 1: found character '\\t' that cannot start any token); "
            "do it by hand",
        ),
    ],
)
def test_a_file_with_a_mistake_is_left_alone(staff: Staff, broken: str | bytes, why: str) -> None:
    staff.writes("visa.yaml", broken)
    assert reason(staff, asked("New?")).removeprefix(f"no file has the entry “{ID}”; ") == why


def test_a_file_with_a_mistake_keeps_no_other_file_from_being_written(staff: Staff) -> None:
    staff.writes("visa.yaml", "topic: [")
    staff.writes("more.yaml", VISA.replace(ID, "more"))
    outcome = merge(staff.folder, [asked("New?"), asked("New?", entry="more")])
    assert outcome.done == (asked("New?", entry="more"),)
    assert outcome.files == (staff.folder / "more.yaml",)
    assert [one for one, _ in outcome.left] == [asked("New?")]


def test_one_phrasing_that_does_not_fit_in_keeps_no_other_one_out(staff: Staff) -> None:
    # Without a space before it, a comment that follows would become a part of the phrasing.
    staff.writes("visa.yaml", VISA.replace("tg: [Чӣ тавр раводидро дароз кунам?]", "tg: [# none yet\n      ]"))
    learned = [asked("New?"), asked("Виза?", RU), asked("Раводид?", TG), asked("签证？", ZH)]
    outcome = merge(staff.folder, learned)
    assert outcome.left == ((learned[2], "nothing can be added safely to visa.yaml; do it by hand"),)
    text = (staff.folder / "visa.yaml").read_text(encoding="utf-8")
    assert all(new in text for new in (", New?]", ", Виза?]", ", 签证？]", "[# none yet\n"))


def test_a_file_that_cannot_be_written_is_told(staff: Staff) -> None:
    name = "x" * 250 + ".yaml"  # as long as a name may be: the one beside it would be longer
    (staff.folder / "visa.yaml").rename(staff.folder / name)
    assert reason(staff, asked("New?")) == f"{name} cannot be written: File name too long"


def test_a_folder_that_does_not_exist_is_told(tmp_path: Path) -> None:
    outcome = merge(tmp_path / "nowhere", [asked("New?"), asked("New?", entry=None)])
    assert [why for _, why in outcome.left] == [
        f"no file has the entry “{ID}”",
        "out-of-scope.yaml cannot be written: No such file or directory",
    ]


def test_who_may_read_a_file_and_where_it_is_linked_to_stay(staff: Staff, tmp_path: Path) -> None:
    kept = tmp_path / "kept.yaml"
    (staff.folder / "visa.yaml").rename(kept)
    (staff.folder / "visa.yaml").symlink_to(kept)
    kept.chmod(0o640)
    assert merge(staff.folder, [asked("New?")]).files == (staff.folder / "visa.yaml",)
    assert (staff.folder / "visa.yaml").is_symlink()
    assert kept.stat().st_mode & 0o777 == 0o640
    assert "New?" in kept.read_text(encoding="utf-8")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["faq", "kept.yaml"]
