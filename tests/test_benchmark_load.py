"""The load benchmark: its Telegram counts what it should, and each bot answers every question once."""

from __future__ import annotations

import json
import math
import urllib.request
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from benchmarks.load import ECHO
from benchmarks.load_process import TelegramProcess, Whole, simple, telegram, whole
from benchmarks.load_questions import FIRST_PERSON, Crowd
from benchmarks.load_stairs import Stairs, climb_in_turn
from benchmarks.load_steps import AT_A_TIME, Pace, Step, ask_all, measure
from benchmarks.load_store import Store

# More than are asked at a time, so that who answers twice is seen to.
QUESTIONS = AT_A_TIME + 16


def call(api: TelegramProcess, method: str, **values: object) -> Any:  # noqa: ANN401, whatever Telegram returns
    body = urlencode(values).encode()
    with urllib.request.urlopen(f"{api.address}/bot1:token/{method}", body, timeout=10) as answer:
        return json.load(answer)["result"]


def asked(update: dict[str, Any]) -> tuple[int, str]:
    return update["message"]["from"]["id"], update["message"]["text"]


def test_the_stand_in_tells_what_is_answered_what_is_not_and_what_is_twice() -> None:
    with telegram() as api:
        api.go(at_a_time=3, number=3)
        chats = [update["message"]["chat"]["id"] for update in call(api, "getUpdates", offset=0)]
        sent = call(api, "sendMessage", chat_id=chats[0], text="Да & нет", reply_markup='{"inline_keyboard": []}')
        call(api, "sendMessage", chat_id=chats[0], text="again")
        call(api, "sendMessage", chat_id=chats[1], text="yes")
        state = api.state()
    assert (sent["text"], sent["reply_markup"], sent["chat"]["id"]) == ("Да & нет", {"inline_keyboard": []}, chats[0])
    assert (state["asked"], state["answered"], state["open"], state["unasked"]) == (3, 2, 1, 1)


def test_an_update_comes_again_until_it_is_confirmed() -> None:
    with telegram() as api:
        api.go(at_a_time=2, number=2)
        first = call(api, "getUpdates", offset=0)
        again = call(api, "getUpdates", offset=first[0]["update_id"])
        rest = call(api, "getUpdates", offset=first[1]["update_id"])
    assert again == first
    assert rest == first[1:]


def test_everybody_asks_in_their_language_and_nobody_says_the_same_twice_in_a_row() -> None:
    crowd, rounds = Crowd(40), 700
    said = [[asked(json.loads(crowd.ask()[1])) for _ in range(40)] for _ in range(rounds)]
    assert [person for person, _ in said[0]] == [FIRST_PERSON + place for place in range(40)]
    assert all(before[place] != after[place] for before, after in pairwise(said) for place in range(40))


@pytest.mark.parametrize(
    ("command", "webhook"),
    [(("benchmarks.load_simplest",), False), ((ECHO, "16"), False), ((ECHO, "16"), True)],
    ids=["simplest", "stock, polling", "stock, webhook"],
)
def test_the_bots_to_compare_with_answer_each_question_once(command: tuple[str, ...], *, webhook: bool) -> None:
    with simple(*command, webhook=webhook) as server:
        ask_all(server, QUESTIONS)
        state = server.telegram.state()
    assert (state["answered"], state["open"], state["unasked"]) == (QUESTIONS, 0, 0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the index of the content stays, so that it is made once."""
    return tmp_path_factory.mktemp("bots")


@pytest.mark.parametrize("webhook", [False, True], ids=["polling", "webhook"])
def test_the_whole_bot_answers_each_question_once(folder: Path, tmp_path: Path, *, webhook: bool) -> None:
    store = Store(f"sqlite:///{tmp_path / 'rohnamo.db'}")
    with whole(folder, store, Whole(webhook=webhook)) as server:
        ask_all(server, QUESTIONS)
        state = server.telegram.state()
        step = measure(server, 20.0, Pace(0.0, 0.5))
    assert (state["answered"], state["open"], state["unasked"], state["failed"]) == (QUESTIONS, 0, 0, 0)
    assert (step.questions, step.unanswered, step.unasked) == (10, 0, 0)
    assert step.cost > 0


def test_a_rate_is_sustained_only_if_all_are_answered_once_and_soon_and_none_waits_ever_longer() -> None:
    good = Step(10.0, 100, 0.1, 0.4, 0.0, 0, 0, 1.0, 0.0, 0.1)
    late, growing = Step(10.0, 100, 0.1, 0.6, 0.0, 0, 0, 1.0, 0.0, 0.1), Step(10.0, 9, 0.1, 0.4, 0.2, 0, 0, 1, 0, 0)
    lost, twice = Step(10.0, 100, 0.1, 0.4, 0.0, 1, 0, 1.0, 0.0, 0.1), Step(10.0, 9, 0.1, 0.4, 0.0, 0, 1, 1, 0, 0)
    assert good.holds
    assert not any(step.holds for step in (late, growing, lost, twice))


def promised(limit: float) -> Callable[[float], Step]:
    """A bot that sustains whatever is below the limit."""
    return lambda rate: Step(rate, 100, 0.1, 0.4 if rate < limit else 0.6, 0.0, 0, 0, 1.0, 0.0, 0.1)


def test_those_that_are_compared_are_tried_in_turn_around_the_rate_of_which_half_of_the_tries_hold() -> None:
    low, high = Stairs(promised(70.0), 100.0), Stairs(promised(200.0), 100.0)
    tried: list[float] = []
    climb_in_turn([low, high], 30, lambda step: tried.append(step.rate))
    limits = [one.limit() for one in (low, high)]
    assert [step.rate for step in limits if step is not None] == pytest.approx([70.0, 200.0], rel=0.05)
    assert [tried[0::2], tried[1::2]] == [[step.rate for step in one.steps] for one in (low, high)]


@pytest.mark.parametrize("limit", [0.0, math.inf], ids=["nothing holds", "everything holds"])
def test_where_the_stairs_never_turn_there_is_no_limit(limit: float) -> None:
    stairs = Stairs(promised(limit), 100.0)
    climb_in_turn([stairs], 5, lambda _: None)
    assert stairs.limit() is None
