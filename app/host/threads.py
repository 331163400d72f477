"""Threads that give way to the stream."""

from __future__ import annotations

import logging
import os
import sys
import threading

__all__ = ["give_way"]

_LOG = logging.getLogger(__name__)
_NICENESS = 10  # of 19: a tenth of a core where others want it, and all of it where nobody does


def give_way() -> None:
    """Have the calling thread run at low priority, where the system has priorities of threads (Linux).

    A pool takes it as its ``initializer``. Elsewhere POSIX knows priorities of processes only.
    """
    if not sys.platform.startswith("linux"):
        return
    try:
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
    except OSError as error:
        _LOG.warning("background work runs at full priority: %s", error)
