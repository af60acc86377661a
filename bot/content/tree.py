"""YAML as a tree of text in which every value knows its place in the file.

PyYAML's own construction reads 18:30 as 1110, the key `no` as False, and lets a repeated key win in silence.
Composing nodes with a BaseLoader keeps everything text, shows repeated keys, and gives line and column.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

import yaml

from bot.content.values import Problem, Severity

Tree: TypeAlias = "str | list[Tree] | dict[str, Tree]"
Path: TypeAlias = tuple[str | int, ...]

# A whole FAQ is far below this; beyond it somebody has dropped the wrong file into the folder.
MAX_BYTES = 2_000_000
# Content is never deeper than seven; the limit keeps a hostile "[[[[..." from using up the stack.
MAX_DEPTH = 30

_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in a file, counted from 1. `block` tells that the text starts on the next line (after `|`)."""

    line: int
    column: int
    block: bool = False


@dataclass(slots=True)
class Document:
    """One file: its data as text, lists and mappings, and where each value stands."""

    file: str
    data: Tree = ""
    spots: dict[Path, Spot] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def spot(self, path: Path) -> Spot:
        """The place of the value at `path`, or of the nearest value around it."""
        while path and path not in self.spots:
            path = path[:-1]
        return self.spots.get(path, Spot(1, 1))

    def report(self, path: Path, message: str, severity: Severity = Severity.ERROR) -> None:
        """Note a problem with the value at `path`."""
        spot = self.spot(path)
        self.problems.append(Problem(self.file, spot.line, spot.column, severity, message))

    def report_inside(self, path: Path, text: str, offset: int, message: str) -> None:
        """Note a problem at character `offset` of the text at `path`."""
        spot = self.spot(path)
        if not spot.block:
            self.report(path, message)
            return
        line = spot.line + 1 + text.count("\n", 0, offset)
        self.problems.append(Problem(self.file, line, 1, Severity.ERROR, message))


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


def _check_depth(source: str) -> None:
    """Walk the events first: composing is recursive in C, where a hostile "[[[[..." would end the process."""
    depth = 0
    for event in yaml.parse(source, Loader=_LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise _TooDeepError(f"values are nested deeper than {MAX_DEPTH} levels")


def _compose(source: str, document: Document) -> None:
    try:
        _check_depth(source)
        node = yaml.compose(source, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        what = error.problem or error.context or "this is not YAML"
        document.problems.append(
            Problem(document.file, line, column, Severity.ERROR, f"{what}; look at the indentation and quotes here")
        )
    except _TooDeepError as error:
        document.report((), str(error))
    except yaml.reader.ReaderError as error:
        document.report((), f"the file has a character that YAML does not allow (number {error.character:#x})")
    else:
        if node is None:
            document.report((), "the file is empty")
        else:
            document.data = _Walk(document).value(node, ())


class _Walk:
    """Turns nodes into plain data while noting places, repeated keys and aliases."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.seen: set[int] = set()

    def value(self, node: yaml.Node, path: Path) -> Tree:
        block = isinstance(node, yaml.ScalarNode) and node.style in ("|", ">")
        self.document.spots.setdefault(path, Spot(node.start_mark.line + 1, node.start_mark.column + 1, block))
        if id(node) in self.seen:
            self.document.report(path, "references (&name, *name) are not allowed here; write the value out")
            return ""
        self.seen.add(id(node))
        if isinstance(node, yaml.ScalarNode):
            return str(node.value)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, number)) for number, item in enumerate(node.value)]
        return self.mapping(node, path)

    def mapping(self, node: yaml.Node, path: Path) -> dict[str, Tree]:
        result: dict[str, Tree] = {}
        for key, child in node.value:
            inner = (*path, str(key.value))
            mark = key.start_mark
            if inner[-1] in result:
                message = f'the key "{key.value}" stands here a second time; keep one of them'
                where = (self.document.file, mark.line + 1, mark.column + 1)
                self.document.problems.append(Problem(*where, Severity.ERROR, message))
                continue
            result[str(key.value)] = self.value(child, inner)
        return result
