"""Files that staff sent, as a browser may have them: shown where that is safe, else downloaded."""

from __future__ import annotations

from urllib.parse import quote

from starlette.responses import Response

# What a browser may show by itself; all other files of staff are downloaded.
SHOWN_INLINE = ("image/jpeg", "image/png", "audio/ogg")


def file_response(name: str, media_type: str, data: bytes) -> Response:
    """A file of staff."""
    kind = "inline" if media_type in SHOWN_INLINE else "attachment"
    disposition = {"Content-Disposition": f"{kind}; filename*=UTF-8''{quote(name, safe='')}"}
    return Response(data, media_type=media_type, headers=disposition)
