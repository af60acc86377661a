"""Cuts aiogram's machine-readable Bot API down to what `schema.py` needs.

The whole of it lies in aiogram's source package (`pip download --no-binary :all: --no-deps aiogram==3.31.0`,
file `.butcher/schema/schema.json`). Run `python -m tests.standin.cut schema.json` to renew ours.
"""

import json
import re
import sys
from pathlib import Path
from typing import TypedDict

LITERAL = re.compile(r"(?:must be|always) '?(\w+)'?$")
VARIANT = re.compile(r"^ - (\w+)$", re.MULTILINE)
SPOKEN = {"either a String for plain text": "String", "an Array of RichText": "Array of RichText"}


class Field(TypedDict):
    """One parameter of a method, or one field of a type."""

    name: str
    type: str
    required: bool
    description: str


class Item(TypedDict):
    """One method or one type."""

    name: str
    category: str
    description: str
    annotations: list[Field]


class Shape(TypedDict):
    """What is kept of an item: the kind of each field and the names of those that must be there."""

    fields: dict[str, str]
    required: list[str]


def cut(source: Path, target: Path) -> None:
    """Write the names, kinds and required marks of every method and type, and no prose."""
    whole = json.loads(source.read_text("utf-8"))
    items: list[Item] = [item for group in whole["items"] for item in group["children"]]
    kept = {
        "version": whole["api"]["version"],
        "methods": {item["name"]: shape(item) for item in items if item["category"] == "methods"},
        "types": {item["name"]: shape(item) for item in items if item["category"] == "types" and not variants(item)},
        "unions": {item["name"]: variants(item) for item in items if variants(item)},
    }
    target.write_text(json.dumps(kept, separators=(",", ":")) + "\n", "utf-8")


def shape(item: Item) -> Shape:
    """The fields of one item: {"chat_id": "Integer or String"} and ["chat_id"]."""
    fields = item["annotations"]
    return {
        "fields": {field["name"]: kind(field) for field in fields},
        "required": [field["name"] for field in fields if field["required"]],
    }


def kind(field: Field) -> str:
    """The kind of a field; "=emoji" where only the one word is possible."""
    literal = LITERAL.search(field["description"])
    if literal and field["name"] in {"type", "source", "status"}:
        return f"={literal[1]}"
    return re.sub(r", | and ", " or ", field["type"])


def variants(item: Item) -> list[str]:
    """The members of a type that is said to be one of several; nothing for any other item."""
    if item["category"] != "types" or item["annotations"]:
        return []
    spoken = [name for words, name in SPOKEN.items() if words in item["description"]]
    return spoken + VARIANT.findall(item["description"])


if __name__ == "__main__":
    cut(Path(sys.argv[1]), Path(__file__).with_name("schema.json"))
