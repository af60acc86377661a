"""The findings of YAML and pydantic, said in the words of somebody who edits a file and does not program."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from bot.content.models import Model
from bot.language import Language

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_LANGUAGES = ", ".join(Language)

_SENTENCES = {
    "list_type": "a list is expected here: one line for each item, each beginning with “- ”",
    "dict_type": "names with values are expected here, such as “en: ...” on a line of its own",
    "model_type": "names with values are expected here, such as “id: ...” on a line of its own",
    "string_type": "text is expected here, not a list and not further keys",
    "string_too_short": "this is empty; write something or leave the line out",
    "int_parsing": "a whole number is expected here",
    "int_type": "a whole number is expected here",
    "enum": f"this language is not known here; use one of {_LANGUAGES}",
}

# What libyaml says, and what has happened to people who get to hear it.
_YAML = {
    "mapping values are not allowed": "this line has a second “: ” (put the text in quotes) or the wrong indentation",
    "could not find expected ':'": "above this, a name lacks its “:” or a text lacks its indentation",
    "found character that cannot start any token": "a value cannot begin with this character: put the text in quotes; "
    "and indent with spaces, not with a tab",
    "found a tab character": "a tab stands here; indent with spaces",
    "found unexpected end of stream": "these quotes are not closed",
    "did not find expected ',' or": "a comma or the closing bracket is missing",
    "did not find expected '-' indicator": "the items of a list (“- ”) begin exactly below each other",
    "block sequence entries are not allowed": "a list (“- ”) begins on a line of its own",
    "did not find expected key": "names begin exactly below each other; text that begins with { or [ stands in quotes",
    "did not find expected alphabetic": "a text that begins with * or & stands in quotes",
    "did not find expected node content": "a value is missing here, or a bracket is too many",
    "found undefined alias": "a text that begins with * stands in quotes",
    "did not find expected whitespace": "a text that begins with ! stands in quotes",
    "found undefined tag": "a text that begins with ! stands in quotes",
    "found unknown escape": "“\\” in double quotes is a sign of its own; use single quotes",
    "but found another document": "“---” begins a second document; a content file has only one",
}


def tell_yaml(problem: str) -> str:
    """One sentence for what the YAML parser found."""
    known = next((sentence for start, sentence in _YAML.items() if problem.startswith(start)), None)
    return known or f"{problem or 'this is not YAML'}; look at the indentation and quotes here"


def tell(wrong: ErrorDetails, kind: type[Model]) -> str:
    """One sentence for one finding of pydantic."""
    found = wrong["type"]
    context: dict[str, Any] = wrong.get("ctx", {})
    name = str(wrong["loc"][-1]) if wrong["loc"] else ""
    if found in _SENTENCES:
        return _SENTENCES[found]
    if found == "missing":
        return f"“{name}:” is missing here"
    if found == "extra_forbidden":
        return f"the key “{name}” is not known here{_meant(name, kind)}"
    return _sized(wrong, context)


def _sized(wrong: ErrorDetails, context: dict[str, Any]) -> str:
    found = wrong["type"]
    if found == "string_too_long":
        return f"this text has {len(wrong['input']):,} characters; at most {context['max_length']:,} fit"
    if found == "too_short":
        return "at least one is needed here"
    if found == "greater_than_equal":
        return f"the number must be at least {context['ge']}"
    if found == "literal_error":
        possible = context["expected"].replace("'", "")
        return f"“{wrong['input']}” is not possible here; use {possible}"
    if found == "string_pattern_mismatch":
        return _pattern(wrong["input"], context["pattern"])
    return wrong["msg"].removeprefix("Value error, ")


def _pattern(value: object, pattern: str) -> str:
    if pattern.startswith("^http"):
        return f"“{value}” is not a link; it begins with https://"
    if "_" in pattern:
        return f"“{value}” is not a name of a fact; use small Latin letters, digits and _"
    return f"“{value}” is not an id; use 1 to 40 small Latin letters, digits and hyphens"


def _meant(name: str, kind: type[Model]) -> str:
    close = difflib.get_close_matches(name, sorted(set(_keys(kind.model_json_schema()))), n=1)
    return f"; did you mean “{close[0]}”?" if close else ""


def _keys(schema: object) -> Iterator[str]:
    """Every key that the schema of a file names anywhere."""
    if isinstance(schema, dict):
        yield from schema.get("properties", ())
        for part in schema.values():
            yield from _keys(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from _keys(part)
