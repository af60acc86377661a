"""The settings as far as they can be used: one that is wrong keeps no other one from being looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.settings import Settings, SettingsError, read_settings


@dataclass(frozen=True, slots=True)
class Setup:
    """What is set; of a setting that cannot be used, its default, and in `faults` by its name why.

    Without `settings`, nothing at all could be read.
    """

    settings: Settings | None
    faults: Mapping[str, str] = field(default_factory=dict)
    file: Path = Path(".env")


def read_setup() -> Setup:
    """Read the environment and `.env`."""
    try:
        return Setup(read_settings())
    except OSError as error:
        return Setup(None, {".env": f".env cannot be read: {error.strerror}"})
    except SettingsError as error:
        lines = str(error).splitlines()
    faults = {line.partition(":")[0].partition(".")[0]: line for line in lines if ":" in line}
    names = [name.lower() for name in faults if name.lower() in Settings.model_fields]
    if not names:
        return Setup(None, {".env": " ".join(lines)})
    return Setup(Settings.model_validate({name: Settings.model_fields[name].get_default() for name in names}), faults)
