"""What Telegram shows as bold, italic, code or a link comes out of light Markdown as just that."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby, pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.content.formatting import Entity, as_markdown
from bot.content.markdown import parse, problems, spans
from bot.pages.markup import plain
from tests.standin.entities import units

# What a reader sees of a letter: bold, italic, code, its link.
Look = tuple[bool, bool, bool, str | None]
PLAIN: Look = (False, False, False, None)
ADDRESS = "https://example.org/a_(b)"
WRITTEN = "https://example.org/a_%28b%29"
LOOKS: list[Look] = [
    PLAIN,
    PLAIN,
    (True, False, False, None),
    (False, True, False, None),
    (True, True, False, None),
    (False, False, True, None),
    (False, False, False, ADDRESS),
    (True, False, False, ADDRESS),
]
LETTERS = "abZяЖӣҷ好注7"
QUIET = LETTERS + " ,.:!?«»，。（）🎉👨\u200d👩\n"
LOUD = QUIET + "*_`[]\\"


def entities_of(pieces: list[tuple[str, Look]]) -> Iterator[Entity]:
    """The entities that Telegram would tell, one for each stretch."""
    for number, kind in enumerate(("bold", "italic", "code", "text_link")):
        offset = 0
        looks = [(look[number], units(text)) for text, look in pieces]
        for value, group in groupby(looks, lambda piece: piece[0]):
            length = sum(size for _, size in group)
            if value:
                yield Entity(kind, offset, length, str(value) if kind == "text_link" else None)
            offset += length


def letters(written: str) -> list[tuple[str, Look]]:
    """The letters that a reader sees, with how they look."""
    return [
        (sign, (span.bold, span.italic, span.code, span.link))
        for span in spans(parse(written))
        for sign in span.text
        if sign.isalpha()
    ]


def bold(text: str, part: str) -> str:
    return as_markdown(text, [Entity("bold", units(text[: text.index(part)]), units(part))])


def styled(*alphabets: str) -> st.SearchStrategy[list[tuple[str, Look]]]:
    """Pieces of text, each with a look; markup only where the look says that it was seen as it is."""
    quiet, loud = (st.text(one, min_size=1, max_size=6) for one in alphabets)
    pieces = st.sampled_from(LOOKS).flatmap(lambda look: st.tuples(quiet if look == PLAIN else loud, st.just(look)))
    return st.lists(pieces, max_size=8)


def apart(pieces: list[tuple[str, Look]]) -> list[tuple[str, Look]]:
    """The same pieces with a blank between any two of which both look special."""
    made = pieces[:1]
    for before, piece in pairwise(pieces):
        blank = [(" ", PLAIN)] if PLAIN not in (before[1], piece[1]) and before[1] != piece[1] else []
        made += [*blank, piece]
    return made


@given(styled(QUIET, QUIET).map(apart))
def test_what_was_shown_comes_out(pieces: list[tuple[str, Look]]) -> None:
    text = "".join(piece for piece, _ in pieces)
    written = as_markdown(text, list(entities_of(pieces)))
    wanted = [
        (sign, (*look[:3], WRITTEN if look[3] else None)) for piece, look in pieces for sign in piece if sign.isalpha()
    ]
    assert [sign for sign, _ in letters(written)] == [sign for sign, _ in wanted]
    assert letters(written) == wanted


@given(styled(QUIET, LOUD))
@example([("7_", LOOKS[2]), ("7\n7", PLAIN), ("_7", LOOKS[2])])
def test_no_word_is_lost_whatever_signs_are_in_it(pieces: list[tuple[str, Look]]) -> None:
    text = "".join(piece for piece, _ in pieces)
    written = as_markdown(text, list(entities_of(pieces)))
    shown = "".join(span.text for span in spans(parse(written)))
    listed = re.search(r"^\s*([-*+]|\d+[.)])\s", f"{text}\n", re.MULTILINE)
    if not listed and not any("[" in piece or "]" in piece for piece, look in pieces if look != PLAIN):
        assert "".join(shown.split()) == "".join(text.split())
    wanted = [(sign, look) for piece, look in pieces for sign in piece if sign.isalpha()]
    assert [sign for sign, _ in letters(written)] == [sign for sign, _ in wanted]
    # Where styles touch each other one may be given up; none is made up.
    for (_, shown_as), (_, look) in zip(letters(written), wanted, strict=True):
        assert all(not one or other for one, other in zip(shown_as, look, strict=True))


@given(st.text())
def test_what_was_typed_without_formatting_stays_as_it_is(text: str) -> None:
    assert as_markdown(text, []) == text


@given(st.text(), st.lists(st.builds(Entity, st.sampled_from(["bold", "code", "url", "what"]), st.integers(0, 40),
                                     st.integers(0, 40))))  # fmt: skip
def test_entities_that_do_not_fit_harm_nothing(text: str, entities: list[Entity]) -> None:
    as_markdown(text, entities)


@pytest.mark.parametrize(
    ("text", "part", "written"),
    [
        ("Hello world", "world", "Hello **world**"),
        ("🎉 Ура всем", "Ура", "🎉 **Ура** всем"),
        ("注意：请看", "注意：", "**注意**：请看"),
        ("a word of it", " word ", "a **word** of it"),
        ("one\ntwo", "one\ntwo", "**one**\n**two**"),
        ("- milk\n- bread", "- milk\n- bread", "- **milk**\n- **bread**"),
        ("1. first", "1. first", "1. **first**"),
        ("one\n\ntwo", "one\n\ntwo", "**one**\n\n**two**"),
        ("5*3*2", "5*3*2", r"**5\*3\*2**"),
        ("see [here](https://x.org)", "see [here](https://x.org)", "**see [here](https://x.org)**"),
        ("*typed* and shown", "shown", "*typed* and **shown**"),
        ("my_file_name", "my_file_name", "**my_file_name**"),
        ("Внимание!", "Внимание!", "**Внимание!**"),
    ],
)  # fmt: skip
def test_bold_as_people_write_it(text: str, part: str, written: str) -> None:
    assert bold(text, part) == written
    assert list(problems(written)) == []


def test_an_address_is_no_markup() -> None:
    text = "See https://example.org/_next_/x and @a_b_c_"
    found = [Entity("url", 4, 28), Entity("mention", 37, 7)]
    assert plain(parse(as_markdown(text, found))) == text


def test_what_light_markdown_cannot_say_is_left_out_and_the_words_stay() -> None:
    text = "spoiler struck under quote"
    kinds = [Entity("spoiler", 0, 7), Entity("strikethrough", 8, 6), Entity("underline", 15, 5)]
    assert as_markdown(text, [*kinds, Entity("text_mention", 21, 5)]) == text
    assert as_markdown("me", [Entity("text_link", 0, 2, "tg://user?id=1")]) == "me"


def test_code_keeps_its_signs() -> None:
    assert as_markdown("a*b`c", [Entity("code", 0, 5)]) == "``a*b`c``"
    assert as_markdown("x\ny", [Entity("pre", 0, 3)]) == "`x`\n`y`"
