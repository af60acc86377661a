"""A chart as JSON on standard input becomes a PNG on standard output; what went wrong is said on standard error."""

from __future__ import annotations

import sys

from bot.pictures.chart import from_json
from bot.pictures.panels import png


def main() -> int:
    """0 if the picture was drawn."""
    try:
        chart = from_json(sys.stdin.read())
    except (KeyError, TypeError, ValueError) as error:
        sys.stderr.write(f"this is no chart: {error!r}\n")
        return 1
    sys.stdout.buffer.write(png(chart))
    return 0


if __name__ == "__main__":
    sys.exit(main())
