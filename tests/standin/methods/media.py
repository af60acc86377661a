"""Files and places, to and from."""

from tests.standin.arguments import Arguments
from tests.standin.chats import STICKER, File
from tests.standin.values import Json, Object, Parameters, Upload, bad
from tests.standin.world import World

from .registry import answers
from .sending import new_message, publish
from .texts import caption

LARGEST_UPLOAD = 50 * 1024 * 1024
LARGEST_PHOTO = 10 * 1024 * 1024
LARGEST_STICKER = 512 * 1024
LARGEST_DOWNLOAD = 20 * 1024 * 1024
PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"BM")
FILE_TYPES = {"voice": "VoiceNote"}


@answers("sendDocument")
def send_document(world: World, args: Arguments) -> Json:
    """A file of any kind."""
    return _send(world, args, "document", LARGEST_UPLOAD, {})


@answers("sendPhoto")
def send_photo(world: World, args: Arguments) -> Json:
    """A picture."""
    upload = args.file("photo")
    if isinstance(upload, Upload) and upload.content and not upload.content.startswith(PICTURES):
        raise bad("IMAGE_PROCESS_FAILED")
    return _send(world, args, "photo", LARGEST_PHOTO, {"width": 640, "height": 480})


@answers("sendVoice")
def send_voice(world: World, args: Arguments) -> Json:
    """A voice message."""
    shape: Object = {"duration": args.number("duration") or 0, "mime_type": "audio/ogg"}
    return _send(world, args, "voice", LARGEST_UPLOAD, shape)


@answers("sendSticker")
def send_sticker(world: World, args: Arguments) -> Json:
    """A sticker; one that is uploaded belongs to no set."""
    return _send(world, args, "sticker", LARGEST_STICKER, {**STICKER, "emoji": args.text("emoji") or "👍"})


@answers("sendLocation", "sendVenue", "sendContact")
def send_place(world: World, args: Arguments) -> Json:
    """A place on the map, a place with a name, or a business card."""
    message = new_message(world, args)
    message.media = _place(args.values)
    return publish(world, message, args).to_json()


@answers("getFile")
def get_file(world: World, args: Arguments) -> Json:
    """Where a file can be downloaded."""
    file = world.files.get(args.text("file_id"))
    if not file:
        raise bad("wrong file_id or the file is temporarily unavailable")
    if len(file.content) > LARGEST_DOWNLOAD:
        raise bad("file is too big")
    return {**file.facts(), "file_path": file.path}


def _send(world: World, args: Arguments, kind: str, largest: int, shape: Object) -> Json:
    """A message with a file."""
    message = new_message(world, args)
    message.text, message.entities = caption(args)
    message.file = _file(world, args.file(kind), kind, largest, shape)
    return publish(world, message, args).to_json()


def _file(world: World, given: Upload | str, kind: str, largest: int, shape: Object) -> File:
    """The file that was uploaded, or is already known."""
    if isinstance(given, str):
        return _known(world, given, kind)
    if not given.content:
        raise bad("file must be non-empty")
    if len(given.content) > largest:
        raise bad("file is too big")
    return world.store(kind, given.name, given.content, given.mime, shape)


def _known(world: World, file_id: str, kind: str) -> File:
    """A file that Telegram has; it fetches nothing from the web here."""
    file = world.files.get(file_id)
    if not file:
        raise bad("wrong file identifier/HTTP URL specified")
    if file.kind != kind:
        raise bad(f"can't use file of type {_type(file.kind)} as {_type(kind)}")
    return file


def _type(kind: str) -> str:
    """The kind of a file as Telegram names it in a refusal."""
    return FILE_TYPES.get(kind, kind.title())


def _place(values: Parameters) -> dict[str, Json]:
    """The content of a place or a card as it appears in the message."""
    given = {name: value for name, value in values.items() if not isinstance(value, Upload)}
    if "phone_number" in given:
        return {"contact": _only(given, "phone_number", "first_name", "last_name", "vcard")}
    location = _only(given, "latitude", "longitude")
    if "address" not in given:
        return {"location": location}
    return {"location": location, "venue": {"location": location, **_only(given, "title", "address")}}


def _only(values: Object, *names: str) -> dict[str, Json]:
    """Some of the values."""
    return {name: values[name] for name in names if name in values}
