"""YAML as a tree of text in which every value knows its place in the file.

PyYAML's own construction reads 18:30 as 1110, the key `no` as False, and lets a repeated key win in silence.
Composing nodes with a BaseLoader keeps everything text, shows repeated keys, and gives line and column.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

import yaml
from yaml.reader import ReaderError

from bot.content.values import Problem, Severity
from bot.content.words import tell_yaml

Tree: TypeAlias = "str | list[Tree] | dict[str, Tree]"
Path: TypeAlias = tuple[str | int, ...]

# A whole FAQ is far below this; beyond it somebody has dropped the wrong file into the folder.
MAX_BYTES = 2_000_000
# Content is never deeper than seven; the limit keeps a hostile "[[[[..." from using up the stack.
MAX_DEPTH = 30

# The last part of the path of a key itself, as in pydantic's own paths; without it a path leads to the key's value.
KEY = "[key]"

_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


@dataclass(frozen=True, slots=True)
class Block:
    """Text that begins on the line after its `|`: as it is written there, without the indentation."""

    text: str
    indent: int


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in a file, counted from 1."""

    line: int
    column: int
    block: Block | None = None


def spot_after(before: str) -> Spot:
    """The place that follows the text before it."""
    return Spot(before.count("\n") + 1, len(before) - before.rfind("\n"))


@dataclass(slots=True)
class Document:
    """One file: its data as text, lists and mappings, and where each value stands."""

    file: str
    data: Tree = ""
    spots: dict[Path, Spot] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def spot(self, path: Path) -> Spot:
        """The place of the value at `path`, or of the nearest value around it."""
        return self.spots.get(self.nearest(path), Spot(1, 1))

    def nearest(self, path: Path) -> Path:
        """The path itself, or that of the nearest value around it."""
        while path and path not in self.spots:
            path = path[:-1]
        return path

    def report(self, path: Path, message: str, severity: Severity = Severity.ERROR) -> None:
        """Note a problem with the value at `path`."""
        self.report_at(self.spot(path), message, severity)

    def report_at(self, spot: Spot, message: str, severity: Severity = Severity.ERROR) -> None:
        """Note a problem at a place, once."""
        problem = Problem(self.file, spot.line, spot.column, severity, message)
        if problem not in self.problems:
            self.problems.append(problem)

    def report_inside(self, path: Path, offset: int, message: str) -> None:
        """Note a problem at character `offset` of the text at `path`; only blocks (`|`) keep their lines in YAML."""
        spot = self.spot(path)
        if spot.block is None:
            self.report_at(spot, message)
            return
        inside = spot_after(spot.block.text[:offset])
        self.report_at(Spot(spot.line + inside.line, spot.block.indent + inside.column), message)

    def texts(self) -> Iterator[tuple[Path, str]]:
        """Every text of the file that is not a key, as it was written, with its path."""
        return _texts(self.data, ())

    def without(self, gone: Collection[Path]) -> Document:
        """The same file with some values left out. What stays keeps its place, and problems are noted in one list."""
        rest = Document(self.file, problems=self.problems)
        rest.data = self._copy(self.data, (), (), gone, rest.spots)
        return rest

    def _copy(self, tree: Tree, old: Path, new: Path, gone: Collection[Path], spots: dict[Path, Spot]) -> Tree:
        spots[new] = self.spots[old]
        if isinstance(tree, list):
            left = [number for number in range(len(tree)) if (*old, number) not in gone]
            places = enumerate(left)
            return [self._copy(tree[number], (*old, number), (*new, place), gone, spots) for place, number in places]
        if isinstance(tree, dict):
            # The keys of what is left out stay known: a faulty translation is not a missing one.
            spots.update({(*new, name, KEY): self.spots[*old, name, KEY] for name in tree})
            kept = {name: child for name, child in tree.items() if (*old, name) not in gone}
            return {name: self._copy(child, (*old, name), (*new, name), gone, spots) for name, child in kept.items()}
        return tree


def _texts(tree: Tree, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(tree, str):
        yield path, tree
        return
    for step, child in tree.items() if isinstance(tree, dict) else enumerate(tree):
        yield from _texts(child, (*path, step))


def parse(source: str, file: str) -> Document:
    """Read YAML text. Whatever is wrong with it as YAML is in the document's problems."""
    document = Document(file)
    if len(source.encode()) > MAX_BYTES:
        document.report((), f"the file is larger than {MAX_BYTES:,} bytes; is it really a content file?")
    else:
        _compose(source, document)
    return document


class _TooDeepError(Exception):
    """Values inside values inside values."""

    def __init__(self, spot: Spot) -> None:
        super().__init__(f"values are nested deeper than {MAX_DEPTH} levels")
        self.spot = spot


def _check_depth(source: str) -> None:
    """Walk the events first: composing is recursive in C, where a hostile "[[[[..." would end the process."""
    depth = 0
    for event in yaml.parse(source, Loader=_LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise _TooDeepError(_spot(event.start_mark))


def _compose(source: str, document: Document) -> None:
    try:
        _check_depth(source)
        node = yaml.compose(source, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        document.report_at(_place(error), tell_yaml(error.problem or error.context or ""))
    except _TooDeepError as error:
        document.report_at(error.spot, str(error))
    except ReaderError as error:
        message = f"a character that YAML does not allow (number {error.character:#x}) stands here; delete it"
        document.report_at(spot_after(source[: source.find(chr(error.character))]), message)
    else:
        if node is None:
            document.report((), "the file is empty")
        else:
            document.data = _Walk(document, source.split("\n")).value(node, ())


class _Mark(Protocol):
    """A place as PyYAML has it, in C and in Python, counted from 0."""

    line: int
    column: int


def _spot(mark: _Mark | None) -> Spot:
    return Spot(mark.line + 1, mark.column + 1) if mark else Spot(1, 1)


def _place(error: yaml.MarkedYAMLError) -> Spot:
    """Where the mistake was found; of quotes that are never closed, where they open."""
    opened = error.context_mark if error.problem == "found unexpected end of stream" else None
    return _spot(opened or error.problem_mark or error.context_mark)


_DEFAULT_TAGS = ("tag:yaml.org,2002:str", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map")
_REFERENCE = "references (&name, *name) are not allowed here; write the value out"
_TAG = "a value that begins with “!” stands in quotes; tags (!name) are not allowed here"


class _Walk:
    """Turns nodes into plain data while noting places, repeated keys, references and tags."""

    def __init__(self, document: Document, lines: list[str]) -> None:
        self.document = document
        self.lines = lines
        self.seen: set[int] = set()

    def value(self, node: yaml.Node, path: Path) -> Tree:
        self.document.spots.setdefault(path, self.spot(node))
        repeated = id(node) in self.seen
        self.seen.add(id(node))
        if repeated:
            self.document.report(path, _REFERENCE)
        if node.tag not in _DEFAULT_TAGS:
            self.document.report(path, _TAG)
        if isinstance(node, yaml.ScalarNode):
            return str(node.value)
        if repeated:  # unfolded again and again, a few lines could fill the memory
            return ""
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, number)) for number, item in enumerate(node.value)]
        return self.mapping(node, path)

    def mapping(self, node: yaml.Node, path: Path) -> dict[str, Tree]:
        result: dict[str, Tree] = {}
        for key, child in node.value:
            spot = _spot(key.start_mark)
            if not isinstance(key, yaml.ScalarNode):
                self.document.report_at(spot, "a name is expected before the colon; put text in brackets in quotes")
                continue
            name = str(key.value)
            if name in result:
                self.document.report_at(spot, f"the key “{name}” stands here a second time; keep one of them")
                continue
            self.document.spots[*path, name, KEY] = spot
            result[name] = self.value(child, (*path, name))
        return result

    def spot(self, node: yaml.Node) -> Spot:
        spot = _spot(node.start_mark)
        if isinstance(node, yaml.ScalarNode) and node.style == "|":
            return Spot(spot.line, spot.column, Block(node.value, self.indent(node.value, spot.line)))
        return spot

    def indent(self, text: str, first: int) -> int:
        """How far a block is indented; its first line has the number `first` in the file, from 0."""
        for line, written in zip(text.split("\n"), self.lines[first:], strict=False):
            if line.strip():
                return len(written.rstrip("\r")) - len(line)
        return 0
