"""Where methods are found by the name that the Bot API gives them."""

from collections.abc import Callable
from typing import TypeAlias

from tests.standin.arguments import Arguments
from tests.standin.values import Json
from tests.standin.world import World

Method: TypeAlias = Callable[[World, Arguments], Json]
METHODS: dict[str, Method] = {}


def answers(*names: str) -> Callable[[Method], Method]:
    """Let a function answer these methods."""

    def register(method: Method) -> Method:
        METHODS.update(dict.fromkeys(names, method))
        return method

    return register
