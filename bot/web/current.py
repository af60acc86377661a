"""What is announced at the moment: on the page, as files, as feeds."""

from __future__ import annotations

import hashlib
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from bot.desk import Desk, Visitor
from bot.desk.current import Current
from bot.language import Language
from bot.pages.codec import is_number
from bot.web.feed import MEDIA_TYPE, atom
from bot.web.files import Downloads
from bot.web.render import current_html

# A file never changes: corrections are about the text.
FILE_CACHING = "public, max-age=86400, immutable"


class CurrentPages:
    """The part of the page that tells what is announced, and the endpoints that belong to it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._current = Current(desk.announcing.announcements, desk.voices, lambda: desk.content, desk.now)
        self._downloads = Downloads()

    async def html(self, visitor: Visitor) -> Markup:
        """What is announced in a visitor's language and shown in their time zone; nothing if nothing is."""
        zone = _zone(visitor)
        told = await self._current.told(visitor.language, zone)
        return current_html(told, self._desk.voices[visitor.language], zone or self._desk.content.zone)

    async def file(self, request: Request) -> Response:
        """The photo or document of a current announcement."""
        number = int(written) if is_number(written := request.path_params["number"]) else 0
        response = await self._downloads.response((number,), lambda: self._current.file(number))
        if response is None:
            raise HTTPException(404)
        response.headers["Cache-Control"] = FILE_CACHING
        return response

    async def feed(self, request: Request) -> Response:
        """What is announced in one language, as an Atom feed."""
        language = next((one for one in Language if one == request.path_params["language"]), None)
        if language is None:
            raise HTTPException(404)
        voice, told = self._desk.voices[language], await self._current.told(language)
        data = atom(told, voice, self._desk.content, str(request.base_url))
        headers = {"ETag": f'"{hashlib.sha256(data).hexdigest()[:32]}"', "Content-Language": language.value}
        if headers["ETag"] in _known(request):
            return Response(status_code=304, headers=headers)
        return Response(data, media_type=MEDIA_TYPE, headers=headers)


def _zone(visitor: Visitor) -> ZoneInfo | None:
    try:
        return ZoneInfo(visitor.person.zone) if visitor.person.zone else None
    except (ZoneInfoNotFoundError, ValueError):  # the zone was known to another release of the time zone data
        return None


def _known(request: Request) -> list[str]:
    """The marks of what the reader has already."""
    return [mark.strip().removeprefix("W/") for mark in request.headers.get("if-none-match", "").split(",")]
