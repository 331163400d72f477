"""Lowers the priority of background threads, so that frames are computed first."""

from __future__ import annotations

import logging
import os
import sys
import threading

__all__ = ["give_way"]

_LOG = logging.getLogger(__name__)
_NICENESS = 10  # of 19: a tenth of a core if other threads compete for it, else all of it


def give_way() -> None:
    """Lower the priority of the calling thread; has no effect except on Linux.

    Suitable as the ``initializer`` of a thread pool. Other POSIX systems only have priorities of
    whole processes.
    """
    if not sys.platform.startswith("linux"):
        return
    try:
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
    except OSError as error:
        _LOG.warning("background work runs at full priority: %s", error)
