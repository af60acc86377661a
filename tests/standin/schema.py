"""Holds every request, and every update, against the machine-readable Bot API in `schema.json`."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import TypeAlias, TypedDict

from .values import Json, Object, Parameters, Upload, Value

Checker: TypeAlias = Callable[[Value, str], list[str]]


class Shape(TypedDict):
    """The fields of a method or a type, each with its kind, and those that must be there."""

    fields: dict[str, str]
    required: list[str]


class Api(TypedDict):
    """The whole of `schema.json`."""

    version: str
    methods: dict[str, Shape]
    types: dict[str, Shape]
    unions: dict[str, list[str]]


@cache
def api() -> Api:
    """The Bot API, read once."""
    whole: Api = json.loads(Path(__file__).with_name("schema.json").read_text("utf-8"))
    return whole


def known(method: str) -> bool:
    """Whether the Bot API has this method."""
    return method in api()["methods"]


def decode(method: str, params: Parameters) -> tuple[dict[str, Value], list[str]]:
    """The parameters of a known method as values, and everything that is wrong with them."""
    shape = api()["methods"][method]
    kinds = shape["fields"]
    values = {name: unpacked(kinds.get(name, ""), value) for name, value in params.items()}
    problems = [f"{name} is missing" for name in shape["required"] if name not in params]
    for name, value in values.items():
        if name in kinds:
            problems += check(kinds[name], value, name)
        elif not _attached(name, values):
            problems.append(f"there is no parameter {name}")
    return values, problems


def check(kind: str, value: Value, where: str) -> list[str]:
    """What is wrong with a value that should be of this kind, e.g. "Array of BotCommand"."""
    return _checker(kind)(value, where)


def unpacked(kind: str, value: Value) -> Value:
    """A parameter as it was meant: forms carry numbers, flags and objects as text."""
    if not isinstance(value, str) or kind == "String":
        return value
    if "String" in kind.split(" or "):
        return int(value) if kind.startswith("Integer") and re.fullmatch(r"-?\d+", value) else value
    try:
        meant: Json = json.loads(value.lower() if kind in {"Boolean", "True"} else value)
    except ValueError:
        return value
    return meant


def _attached(name: str, values: Parameters) -> bool:
    """Whether an upload is referred to as attach://name in another parameter."""
    others = "".join(str(value) for value in values.values() if not isinstance(value, Upload))
    return isinstance(values[name], Upload) and f"attach://{name}" in others


@cache
def _checker(kind: str) -> Checker:
    """The check for a kind, built once."""
    if kind.startswith("="):
        return partial(_is_word, kind[1:])
    if kind.startswith("Array of "):
        return partial(_is_array, kind.removeprefix("Array of "))
    if " or " in kind:
        return partial(_is_one_of, tuple(kind.split(" or ")))
    if kind in PLAIN:
        return partial(_is_plain, kind)
    if kind in api()["unions"]:
        return partial(_is_one_of, tuple(api()["unions"][kind]))
    return partial(_is_object, api()["types"][kind])


def _wrong(where: str, wanted: str, value: Value) -> list[str]:
    """The sentence for a value of the wrong kind."""
    return [f"{where} should be {wanted}, not {repr(value)[:60]}"]


def _is_whole(value: Value) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


PLAIN: dict[str, Callable[[Value], bool]] = {
    "String": lambda value: isinstance(value, str),
    "Integer": _is_whole,
    "Float": lambda value: _is_whole(value) or isinstance(value, float),
    "Boolean": lambda value: isinstance(value, bool),
    "True": lambda value: value is True,
    "InputFile": lambda value: isinstance(value, Upload),
}


def _is_plain(kind: str, value: Value, where: str) -> list[str]:
    return [] if PLAIN[kind](value) else _wrong(where, f"a {kind}", value)


def _is_word(word: str, value: Value, where: str) -> list[str]:
    return [] if value == word else _wrong(where, f'"{word}"', value)


def _is_array(inner: str, value: Value, where: str) -> list[str]:
    if isinstance(value, str | Upload) or not isinstance(value, Sequence):
        return _wrong(where, f"an array of {inner}", value)
    checker = _checker(inner)
    return [problem for place, item in enumerate(value) for problem in checker(item, f"{where}[{place}]")]


def _is_one_of(kinds: tuple[str, ...], value: Value, where: str) -> list[str]:
    """Nothing if one kind fits, else the problems with the one that comes nearest."""
    nearest: list[str] | None = None
    for kind in kinds:
        problems = _checker(kind)(value, where)
        if not problems:
            return []
        if nearest is None or len(problems) < len(nearest):
            nearest = problems
    return nearest or []


def _is_object(shape: Shape, value: Value, where: str) -> list[str]:
    if not isinstance(value, Mapping):
        return _wrong(where, "an object", value)
    return _missing(shape, value, where) + _misfits(shape["fields"], value, where)


def _missing(shape: Shape, value: Object, where: str) -> list[str]:
    return [f"{where}.{name} is missing" for name in shape["required"] if name not in value]


def _misfits(fields: dict[str, str], value: Object, where: str) -> list[str]:
    """Fields that are unknown, or of the wrong kind."""
    problems: list[str] = []
    for name, item in value.items():
        if name in fields:
            problems += _checker(fields[name])(item, f"{where}.{name}")
        else:
            problems.append(f"{where} has no field {name}")
    return problems
