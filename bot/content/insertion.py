"""Puts phrasings into the text of a content file, of which not a character else changes.

ruamel.yaml says where every value begins and ends, and the new lines are put in as text: its own dump would keep the
comments, but would indent, fold and end the lines of the whole file in one way. What comes out has to read as before
but for the new phrasings; otherwise the text stays as it is.
"""

from __future__ import annotations

import copy
import json
import re
from dataclasses import dataclass
from typing import TypeAlias

import yaml
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import CollectionNode, MappingNode, Node, SequenceNode

from bot.content.tree import Path as Place
from bot.content.tree import Tree, parse
from bot.language import Language

_BREAK = re.compile(r"\r\n|\r|\n")
_REST_OF_ITEM = re.compile(r"[ \t]*+(?:,[ \t]*+)?(\r\n|\r|\n)")
# It takes unquoted words for numbers, dates or yes and no as YAML 1.1 has them, and ruamel.yaml as 1.2 has them.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TEXT = "tag:yaml.org,2002:str"

# Where to insert; whether a key, which comes behind the items at the same place; and what.
_Edit: TypeAlias = tuple[int, bool, str]


@dataclass(frozen=True, slots=True)
class Wish:
    """A phrasing, and the mapping of languages that it belongs into."""

    place: Place
    language: Language
    text: str


def at(tree: Tree | None, place: Place) -> Tree | None:
    """What stands at a place; None if nothing does."""
    for step in place:
        if isinstance(tree, dict) and isinstance(step, str):
            tree = tree.get(step)
        elif isinstance(tree, list) and isinstance(step, int):
            tree = tree[step]
        else:
            return None
    return tree


def with_wishes(text: str, wishes: list[Wish]) -> tuple[str, list[Wish]]:
    """The text with all that can be put in, and the wishes that cannot; one of these does not keep others out."""
    new = _inserted(text, wishes)
    if new is not None:
        return new, []
    if len(wishes) == 1:
        return text, wishes
    half = len(wishes) // 2
    text, failed = with_wishes(text, wishes[:half])
    text, more = with_wishes(text, wishes[half:])
    return text, failed + more


def _inserted(text: str, wishes: list[Wish]) -> str | None:
    """The text with the wishes; None if it would then read in any other way than before with them added."""
    lists: dict[tuple[Place, Language], list[str]] = {}
    for wish in wishes:
        lists.setdefault((wish.place, wish.language), []).append(wish.text)
    try:
        before = _ruamel().compose(text)
        edits = [_edit(text, _languages(before, place), language, new) for (place, language), new in lists.items()]
        pieces, end = [], 0
        for index, _, piece in sorted(edits, key=lambda edit: edit[:2]):
            pieces += [text[end:index], piece]
            end = index
        new_text = "".join((*pieces, text[end:]))
        after = _ruamel().compose(new_text)
    except YAMLError:
        return None
    read = parse(new_text, "")
    as_wished = read.data == _with(parse(text, "").data, wishes) and _tree(after) == _with(_tree(before), wishes)
    return new_text if as_wished and not read.problems else None


def _with(tree: Tree, wishes: list[Wish]) -> Tree:
    new = copy.deepcopy(tree)
    for wish in wishes:
        languages = at(new, wish.place)
        assert isinstance(languages, dict)
        phrasings = languages.setdefault(wish.language.value, [])
        assert isinstance(phrasings, list)
        phrasings.append(wish.text)
    return new


def _tree(node: Node) -> Tree:
    if isinstance(node, MappingNode):
        return {str(key.value): _tree(value) for key, value in node.value}
    return [_tree(item) for item in node.value] if isinstance(node, SequenceNode) else str(node.value)


def _languages(node: Node, place: Place) -> MappingNode:
    for step in place:
        node = node.value[step] if isinstance(step, int) else dict(_children(node))[step]
    assert isinstance(node, MappingNode)
    return node


def _children(mapping: Node) -> list[tuple[str, Node]]:
    return [(str(key.value), value) for key, value in mapping.value]


def _edit(text: str, languages: MappingNode, language: Language, new: list[str]) -> _Edit:
    phrasings = dict(_children(languages)).get(language.value)
    if not isinstance(phrasings, CollectionNode):
        return _new_key(text, languages, language, new)
    if phrasings.flow_style:
        return _in_brackets(text, phrasings, [scalar(one, flow=True) for one in new])
    last, column = phrasings.value[-1].start_mark, phrasings.start_mark.column
    gap = text[last.index - last.column + column + 1 : last.index]
    dash = " " * column + "-" + (gap if gap and not gap.strip(" ") else " ")
    return _below(text, phrasings, [dash + scalar(one, flow=False) for one in new])


def _new_key(text: str, languages: MappingNode, language: Language, new: list[str]) -> _Edit:
    """A language that comes behind the others, its list in the style of the last one."""
    in_brackets = f"{language}: [{', '.join(scalar(one, flow=True) for one in new)}]"
    if languages.flow_style:
        return _in_brackets(text, languages, [in_brackets])
    last, column = languages.value[-1][1], languages.start_mark.column
    if not isinstance(last, SequenceNode) or last.flow_style:
        return _below(text, languages, [" " * column + in_brackets], key=True)
    items = [" " * last.start_mark.column + "- " + scalar(one, flow=False) for one in new]
    return _below(text, languages, [f"{' ' * column}{language}:", *items], key=True)


def _in_brackets(text: str, node: Node, new: list[str]) -> _Edit:
    """Behind the last item inside [] or {}; on lines of their own if that one has its own."""
    if not node.value:
        return node.start_mark.index + 1, False, ", ".join(new)
    last = node.value[-1][0] if isinstance(node, MappingNode) else node.value[-1]
    end, start = _end(node.value[-1]), last.start_mark.index
    indent = text[start - last.start_mark.column : start]
    rest = _REST_OF_ITEM.match(text, end)
    comma = f",{rest[1]}{indent}" if rest and not indent.strip() else ", "
    return end, False, "".join(comma + one for one in new)


def _below(text: str, node: Node, lines: list[str], *, key: bool = False) -> _Edit:
    """On the lines that follow the last one of a list or mapping, before any comment that follows."""
    index = _end(node)
    line_break = _BREAK.search(text)
    if text[index - 1] not in "\r\n":  # a text that begins with | or > ends with its line
        rest = _BREAK.search(text, index)
        line_break, index = rest or line_break, rest.end() if rest else len(text)
    new = line_break[0] if line_break else "\n"
    if text[index - 1] in "\r\n":
        return index, key, "".join(line + new for line in lines)
    return index, key, "".join(new + line for line in lines)


def _end(node: Node | tuple[Node, Node]) -> int:
    """Behind the last character; of lists and mappings without brackets, that of their last value."""
    while isinstance(node, tuple) or (isinstance(node, CollectionNode) and not node.flow_style):
        node = node[1] if isinstance(node, tuple) else node.value[-1]
    return int(node.end_mark.index)


def obstacle(text: str) -> str:
    """What keeps ruamel.yaml from reading a text that the bot itself can read, such as a tab; else nothing."""
    try:
        _ruamel().compose(text)
    except MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        return f"{line}{error.problem}"
    except YAMLError as error:
        return str(error)
    return ""


def scalar(text: str, *, flow: bool) -> str:
    """The text as YAML, in quotes only if it would be read as something else without them."""
    if _is_plain(text, f"[{text}]" if flow else f"- {text}"):
        return text
    return json.dumps(text, ensure_ascii=False) if "'" in text else f"'{text}'"


def _is_plain(text: str, source: str) -> bool:
    """Whether a list with the text as it stands has that text and nothing else."""
    try:
        first = yaml.compose(source, Loader=_LOADER)
        # What the first one takes for plain text has no brackets inside brackets for the second.
        return _has_only(first, text) and _has_only(_ruamel().compose(source), text)
    except (yaml.YAMLError, YAMLError):
        return False


def _ruamel() -> YAML:
    """The loader that knows nothing of comments: the one that keeps them fails where two of them meet."""
    return YAML(typ="safe", pure=True)


def _has_only(node: yaml.Node | Node | None, text: str) -> bool:
    if not isinstance(node, yaml.SequenceNode | SequenceNode):
        return False
    return [(item.tag, item.value) for item in node.value] == [(_TEXT, text)]
