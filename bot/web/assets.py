"""The page's own few files, which a browser fetches once and keeps until they change."""

from __future__ import annotations

import hashlib
from pathlib import Path
from urllib.parse import parse_qs

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOLDER = Path(__file__).parent / "static"
# The page asks for each file with this mark of its content: a changed file has a new address.
VERSION = hashlib.sha256(b"\0".join(path.read_bytes() for path in sorted(FOLDER.iterdir()))).hexdigest()[:10]


class Assets(StaticFiles):
    """Serves the files; by their marked address for good, by their plain one with a question whether they changed."""

    def __init__(self) -> None:
        super().__init__(directory=FOLDER)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """One file."""
        response = await super().get_response(path, scope)
        marked = parse_qs(scope["query_string"].decode("latin-1")).get("v") == [VERSION]
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if marked else "no-cache"
        return response
