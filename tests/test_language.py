"""The four languages, and text that exists in some of them."""

from __future__ import annotations

import pytest

from bot.language import FALLBACK, Language, Text


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("ru", Language.RU),
        ("ru-RU", Language.RU),
        ("TG", Language.TG),
        ("tg_TJ.UTF-8", Language.TG),
        ("en_GB", Language.EN),
        ("zh-hans", Language.ZH),
        ("zh_Hant_TW", Language.ZH),
        ("de", None),
        ("tgk", None),
        ("", None),
        (None, None),
    ],
)
def test_the_language_of_a_code(code: str | None, language: Language | None) -> None:
    assert Language.from_code(code) is language


def test_everybody_falls_back_to_every_language_their_own_first() -> None:
    for language in Language:
        assert FALLBACK[language][0] is language
        assert set(FALLBACK[language]) == set(Language)


def test_tajik_readers_get_russian_where_tajik_is_missing() -> None:
    text = Text({Language.EN: "visa", Language.RU: "виза"})
    assert text.of(Language.TG) == "виза"
    assert text.language_for(Language.TG) is Language.RU
    assert text.of(Language.ZH) == "visa"


def test_the_same_words_in_every_language() -> None:
    assert {Text.same("+86").of(language) for language in Language} == {"+86"}
    assert tuple(Text.same("+86")) == tuple(Language)


def test_a_text_in_no_language_cannot_be() -> None:
    with pytest.raises(ValueError, match="at least one language"):
        Text({})
