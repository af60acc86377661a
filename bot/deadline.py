"""The end of the service within its time, whatever it still waits for."""

from __future__ import annotations

import logging
import os
import threading

log = logging.getLogger(__name__)

# Seconds from the signal to the end. What is in hand has twelve of them (`bot.handlers.running`); all of them are used
# only where something does not answer, such as a database server that hangs.
LAST = 18.0


def end_in_time() -> None:
    """Have this process end with 0 after so many seconds, if it has not ended by itself.

    Whatever cannot be confirmed until then is begun anew by the next start, as after a power failure.
    """
    alarm = threading.Timer(LAST, _end)
    alarm.daemon = True  # it keeps nobody from ending earlier
    alarm.start()


def _end() -> None:
    log.warning("what the service waits for does not answer within %.0f s, so it ends; see the lines above", LAST)
    logging.shutdown()
    os._exit(0)
