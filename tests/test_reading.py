"""Messages of typed words are read in a shorter way, and nobody can tell the difference."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Update

from bot.handlers.answering import AnsweringBot
from bot.handlers.context import Context
from bot.handlers.reading import UnreadableError, read

BOT = AnsweringBot("42:AA")
WRITER = {"id": 7, "is_bot": False, "first_name": "Зарина", "language_code": "tg", "is_premium": True}
CHAT = {"id": 7, "type": "private", "first_name": "Зарина", "something_new": 1}
SAID = {"message_id": 3, "date": 1_764_000_000, "chat": CHAT, "from": WRITER, "text": "Раводид чӣ қадар аст?"}


def update(**changed: object) -> dict[str, Any]:
    """An update with typed words, with something else in the place of a part of it; None takes a part away."""
    return {"update_id": 5, "message": {name: value for name, value in (SAID | changed).items() if value is not None}}


def app() -> Any:  # noqa: ANN401, as much of an Application as reading needs
    return SimpleNamespace(bot=BOT)


@given(
    text=st.text(),
    number=st.integers(1, 2**31),
    date=st.integers(1, 2**32),
    kind=st.sampled_from(["private", "group", "supergroup"]),
)
def test_typed_words_are_read_as_python_telegram_bot_reads_them(text: str, number: int, date: int, kind: str) -> None:
    told = update(text=text, message_id=number, date=date, chat=CHAT | {"type": kind})
    short, long = read(json.dumps(told), app()), Update.de_json(told, BOT)
    assert short == long
    assert short.to_dict() == long.to_dict()
    assert short.message is not None
    assert long.message is not None
    assert (short.message.date, short.message.date.tzinfo) == (long.message.date, long.message.date.tzinfo)
    for mine, other in ((short, long), (short.message, long.message), (short.effective_user, long.effective_user)):
        assert mine is not None
        assert other is not None
        assert mine.get_bot() is other.get_bot()


def test_typed_words_take_the_shorter_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Update, "de_json", None)
    assert read(json.dumps(update()), app()).message is not None
    with pytest.raises(UnreadableError):
        read(json.dumps(update(entities=[])), app())


OTHERWISE = [
    {"entities": [{"type": "bold", "offset": 0, "length": 2}]},
    {"reply_to_message": SAID},
    {"sticker": None, "text": None, "caption": "x"},
    {"is_topic_message": True, "message_thread_id": 8},
    {"from": None, "sender_chat": CHAT},
    {"date": 0},
    {"message_id": True},
]


@pytest.mark.parametrize("changed", OTHERWISE, ids=lambda one: ",".join(one))
def test_everything_else_is_left_to_python_telegram_bot(
    changed: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = update(**changed)
    monkeypatch.setattr(Context, "from_update", lambda update, app: None)
    assert read(json.dumps(told), app()).to_dict() == Update.de_json(told, BOT).to_dict()
    assert read(json.dumps(told | {"poll": None}), app()) is not None


@pytest.mark.parametrize(
    "changed", [{"chat": 5}, {"from": [], "text": "x"}, {"date": "now"}, {"date": 2**70}, {"chat": {}}]
)
def test_what_is_not_as_the_bot_api_says_cannot_be_read(changed: dict[str, object]) -> None:
    with pytest.raises(UnreadableError):
        read(json.dumps(update(**changed)), app())
