"""The folder of a SQLite file is made where it is missing."""

from __future__ import annotations

from pathlib import Path


def make_folder(path: Path) -> Path:
    """Make the folder of a file, which is returned. Raises OSError, of the same number, that names the folder."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OSError(error.errno, f"its folder {path.parent} cannot be made: {error.strerror}") from error
    return path
