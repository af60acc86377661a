"""The four catalogues: complete, well formed, and the only place where the bot's sentences are."""

from __future__ import annotations

import ast
import gettext
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages import Catalog, Message
from babel.messages.pofile import read_po

from bot.content import markdown
from bot.content.markdown import Items
from bot.language import Language
from bot.pages.voice import FOLDERS, catalogue_path
from locales.words import LOCALES, collect, update
from tests.conftest import HOME

LINE = re.compile(r'(#.*|(msgid|msgid_plural|msgstr|msgstr\[\d]) "([^"\\]|\\.)*"|"([^"\\]|\\.)*"|)')
NAMED = re.compile(r"\{\w*\}")
COMMAND = re.compile(r"/[a-z]+")
CODE = re.compile(r"`[^`]*`")
FORMS = {Language.EN: 2, Language.RU: 3, Language.TG: 1, Language.ZH: 1}

catalogues = pytest.mark.parametrize("language", Language)
translations = pytest.mark.parametrize("language", [Language.RU, Language.TG, Language.ZH])


def catalogue(language: Language) -> Catalog:
    with catalogue_path(LOCALES, language).open("rb") as file:
        return read_po(file, locale=FOLDERS[language], abort_invalid=True)


def messages(language: Language) -> list[Message]:
    return [message for message in catalogue(language) if message.id]


def forms(text: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text or ())


def pairs(language: Language) -> Iterator[tuple[str, str]]:
    """Each translation with its English sentence, in the plural where there are several forms."""
    for message in messages(language):
        for text in forms(message.string):
            yield forms(message.id)[-1], text


def shape(text: str) -> tuple[object, ...]:
    """What a translation has to share with its original; a paragraph may be divided."""
    rich = markdown.parse(text)
    lists = [(block.first is None, len(block.lines)) for block in rich if isinstance(block, Items)]
    spans = list(markdown.spans(rich))
    styled = Counter((span.bold, span.italic, span.code, span.link) for span in spans if span.text.strip())
    plain = (False, False, False, None)
    return lists, {style: number for style, number in styled.items() if style != plain}


@catalogues
def test_every_sentence_is_in_every_catalogue_and_none_is_left_over(language: Language) -> None:
    wanted = {message.id for message in collect() if message.id}
    assert {message.id for message in messages(language)} == wanted
    assert not catalogue(language).obsolete


@catalogues
def test_no_translation_is_missing_or_only_guessed(language: Language) -> None:
    assert [message.id for message in messages(language) if not all(map(str.strip, forms(message.string)))] == []
    assert [message.id for message in messages(language) if message.fuzzy] == []


@catalogues
def test_every_line_of_a_catalogue_is_well_formed(language: Language) -> None:
    """Babel forgives an unclosed quotation mark, and loses a letter."""
    lines = catalogue_path(LOCALES, language).read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not LINE.fullmatch(line)] == []


@catalogues
def test_a_translation_has_the_placeholders_of_its_original(language: Language) -> None:
    for original, text in pairs(language):
        assert sorted(NAMED.findall(text)) == sorted(NAMED.findall(original)), text
        assert "{" not in NAMED.sub("", text)
        assert "}" not in NAMED.sub("", text)


@catalogues
def test_a_translation_has_the_markup_and_the_commands_of_its_original(language: Language) -> None:
    for original, text in pairs(language):
        assert shape(text) == shape(original), text
        assert list(markdown.problems(NAMED.sub("x", text))) == []
        assert sorted(COMMAND.findall(text)) == sorted(COMMAND.findall(original))


@catalogues
def test_every_language_has_its_own_number_of_plural_forms(language: Language) -> None:
    assert catalogue(language).num_plurals == FORMS[language]
    counted = [message for message in messages(language) if isinstance(message.id, tuple | list)]
    assert counted
    assert {len(forms(message.string)) for message in counted} == {FORMS[language]}


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (Language.EN, [1, 0, 1, 1, 1, 1]),
        (Language.RU, [2, 0, 1, 2, 2, 0]),
        (Language.TG, [0] * 6),
        (Language.ZH, [0] * 6),
    ],
)
def test_plurals_follow_the_languages_rule(language: Language, expected: list[int]) -> None:
    rule = gettext.c2py(catalogue(language).plural_expr)
    assert [int(rule(number)) for number in (0, 1, 2, 5, 11, 21)] == expected


def test_english_says_what_the_code_says() -> None:
    for message in messages(Language.EN):
        assert forms(message.string) == forms(message.id)


@translations
def test_no_english_is_left_in_a_translation(language: Language) -> None:
    for original, text in pairs(language):
        assert text != original
        rest = COMMAND.sub("", NAMED.sub("", CODE.sub("", text))).replace("Rohnamo", "").replace("Telegram", "")
        assert not re.search(r"[A-Za-z]{2,}", rest), text


def test_each_translation_is_written_in_its_own_letters() -> None:
    for _, text in pairs(Language.TG):
        assert not set(text.casefold()) & set("цщыь"), text
    for _, text in pairs(Language.RU):
        assert not set(text.casefold()) & set("ғӣқӯҳҷ"), text
    for _, text in pairs(Language.ZH):
        assert re.search(r"[\u4e00-\u9fff]", text), text


@catalogues
def test_make_words_leaves_the_catalogues_as_they_are(language: Language, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(LOCALES / FOLDERS[language], tmp_path / FOLDERS[language]))
    assert update(folder, collect()) == 0
    before = catalogue_path(LOCALES, language).read_text(encoding="utf-8")
    assert (folder / "LC_MESSAGES" / "messages.po").read_text(encoding="utf-8") == before


def test_make_words_adds_new_sentences_and_says_how_many_lack_a_translation(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(LOCALES / "ru", tmp_path / "ru"))
    found = collect()
    found.add("A sentence that nobody has translated yet")
    assert update(folder, found) == 1
    assert "A sentence that nobody has translated yet" in (folder / "LC_MESSAGES" / "messages.po").read_text("utf-8")


# Where sentences are


def spoken(path: Path) -> Iterator[ast.Call]:
    """The calls of voice.say, voice.rich and voice.count in one file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            counted = node.func.attr == "count" and len(node.args) >= 3
            if counted or node.func.attr in {"say", "rich"}:
                yield node


def test_every_sentence_of_the_pages_stands_where_it_is_said_so_that_it_is_collected() -> None:
    collected = {text for message in collect() for text in forms(message.id)}
    said = [call for path in (HOME / "bot" / "pages").glob("*.py") for call in spoken(path)]
    assert len(said) > 50
    for call in said:
        for argument in call.args[: 2 if isinstance(call.func, ast.Attribute) and call.func.attr == "count" else 1]:
            assert isinstance(argument, ast.Constant), ast.unparse(call)
            assert argument.value in collected


def test_no_other_room_says_anything() -> None:
    others = [path for path in (HOME / "bot").rglob("*.py") if path.parent.name != "pages"]
    assert [ast.unparse(call) for path in others for call in spoken(path)] == []


# What is noted of an update that is set aside, and of an outage, is for administrators as well.
UNSEEN = ("log.", "self._log.", "super().__init__", "self._set_aside", "OutageLog")


def _unseen(node: ast.AST) -> bool:
    """What no trainee gets to see: documentation, logs, errors for administrators, filters' names, what is compared."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if isinstance(node, ast.Call):
        return ast.unparse(node.func).startswith(UNSEEN)
    return isinstance(node, ast.Raise | ast.Assert | ast.Compare)


# What Telegram's refusals say is only compared; what is wrong with the way to it is told in the log and at /readyz.
FOR_ADMINISTRATORS = {"refusals.py", "network.py", "connecting.py", "condition.py"}


@pytest.mark.parametrize("room", ["handlers", "desk"])
def test_telegram_and_the_desk_have_no_sentences_of_their_own(room: str) -> None:
    # What a check-up finds, administrators read.
    ours = (path for path in (HOME / "bot" / room).glob("*.py") if not path.name.startswith("checkup"))
    paths = [path for path in ours if path.name not in FOR_ADMINISTRATORS]
    assert len(paths) > 5
    for path in paths:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        unseen = {id(part) for node in ast.walk(tree) if _unseen(node) for part in ast.walk(node)}
        said = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in unseen]
        assert [text for text in said if isinstance(text, str) and re.search(r"[A-Za-z]{2,} [a-z]{2,}", text)] == []


def test_the_web_pages_templates_have_no_words_but_the_name() -> None:
    for path in (HOME / "bot" / "web" / "templates").glob("*.html"):
        text = re.sub(r"\{[{%].*?[%}]\}|<[^>]*>", " ", path.read_text(encoding="utf-8"))
        assert set(re.findall(r"\w+", text)) <= {"Rohnamo"}, path.name
