"""The parameters of a call after they were held against the schema, each read as what it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .values import Object, Parameters, Upload


@dataclass(frozen=True, slots=True)
class Arguments:
    """Typed reading of parameters; an absent one is empty, nought or None."""

    values: Parameters

    def has(self, name: str) -> bool:
        """Whether the parameter was given at all."""
        return name in self.values

    def text(self, name: str) -> str:
        """A text, "" if absent."""
        value = self.values.get(name, "")
        return value if isinstance(value, str) else ""

    def number(self, name: str) -> int | None:
        """A whole number, None if absent."""
        value = self.values.get(name)
        return value if isinstance(value, int) else None

    def flag(self, name: str) -> bool:
        """A flag, False if absent."""
        return self.values.get(name) is True

    def object(self, name: str) -> Object | None:
        """A JSON object, None if absent."""
        value = self.values.get(name)
        return value if isinstance(value, Mapping) else None

    def objects(self, name: str) -> list[Object]:
        """A list of JSON objects, empty if absent."""
        value = self.values.get(name)
        return objects(value) if not isinstance(value, Upload) else []

    def strings(self, name: str) -> list[str]:
        """A list of texts, empty if absent."""
        value = self.values.get(name)
        if isinstance(value, str | Upload) or not isinstance(value, Sequence):
            return []
        return [item for item in value if isinstance(item, str)]

    def file(self, name: str) -> Upload | str:
        """A file: uploaded (directly or as attach://), or a file_id or address; "" if absent."""
        value = self.values.get(name)
        if isinstance(value, str) and value.startswith("attach://"):
            value = self.values.get(value.removeprefix("attach://"))
        return value if isinstance(value, Upload | str) else ""


def objects(value: object) -> list[Object]:
    """The JSON objects in a JSON array; nothing if it is no array."""
    if isinstance(value, str) or not isinstance(value, Sequence):
        return []
    return [item for item in value if isinstance(item, Mapping)]


def word(source: Object | None, name: str) -> str:
    """A text field of a JSON object, "" if absent."""
    value = source.get(name) if source else None
    return value if isinstance(value, str) else ""


def whole(source: Object | None, name: str) -> int:
    """A whole number in a JSON object, 0 if absent."""
    value = source.get(name) if source else None
    return value if isinstance(value, int) else 0
