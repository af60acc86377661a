"""The four languages, and text that exists in up to four of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Language(StrEnum):
    """A language that trainees use; the value is its ISO 639-1 code."""

    EN = "en"
    RU = "ru"
    TG = "tg"
    ZH = "zh"

    @classmethod
    def from_code(cls, code: str | None) -> Language | None:
        """The language of an IETF tag such as "ru-RU" or "zh-hans"; None for a language we do not speak."""
        head = (code or "").replace("_", "-").split("-")[0].casefold()
        return _BY_CODE.get(head)


# Looked up with every question; to go through an enumeration takes longer.
_BY_CODE: Mapping[str, Language] = {language.value: language for language in Language}

# Whom a reader understands next best: Tajik readers nearly always read Russian, Chinese readers English.
FALLBACK: Mapping[Language, tuple[Language, ...]] = MappingProxyType(
    {
        Language.EN: (Language.EN, Language.RU, Language.TG, Language.ZH),
        Language.RU: (Language.RU, Language.EN, Language.TG, Language.ZH),
        Language.TG: (Language.TG, Language.RU, Language.EN, Language.ZH),
        Language.ZH: (Language.ZH, Language.EN, Language.RU, Language.TG),
    }
)


@dataclass(frozen=True, slots=True)
class Text:
    """One text in at least one of the languages."""

    versions: Mapping[Language, str]

    def __post_init__(self) -> None:
        if not self.versions:
            raise ValueError("a Text needs at least one language")

    @classmethod
    def same(cls, value: str) -> Text:
        """The same words in every language: a phone number, a link."""
        return cls(dict.fromkeys(Language, value))

    def language_for(self, wanted: Language) -> Language:
        """The language in which a reader of `wanted` gets this text."""
        return next(language for language in FALLBACK[wanted] if language in self.versions)

    def of(self, wanted: Language) -> str:
        """The text for a reader of `wanted`, in the nearest language there is."""
        return self.versions[self.language_for(wanted)]

    def __iter__(self) -> Iterator[Language]:
        return (language for language in Language if language in self.versions)
