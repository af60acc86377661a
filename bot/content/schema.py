"""JSON schemas of the content files, so that editors complete keys and underline mistakes while staff type."""

from __future__ import annotations

import json
from pathlib import Path

from bot.content.announcement_file import AnnouncementFile
from bot.content.models import KINDS, Model, TopicFile


def write_schemas(folder: Path) -> list[Path]:
    """Write one schema a kind of content file, and one of announcements; returns the files written."""
    folder.mkdir(parents=True, exist_ok=True)
    kinds: dict[str, type[Model]] = {"topic": TopicFile, **{Path(name).stem: kind for name, kind in KINDS.items()}}
    kinds["announcement"] = AnnouncementFile
    written = []
    for name, kind in kinds.items():
        path = folder / f"{name}.schema.json"
        schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **kind.model_json_schema()}
        path.write_text(json.dumps(schema, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        written.append(path)
    return written
