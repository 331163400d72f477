"""Hooks of the server: Bokeh calls them by name when ``panel serve app`` starts."""

from __future__ import annotations

import gc
from typing import Any


def on_server_loaded(server_context: Any) -> None:
    """Import and compile what the first visitor would otherwise wait for."""
    # Imported here: the server reads this file before it knows where the project is.
    import app.dashboard  # noqa: F401
    from app import warmup
    from app.host import versions

    versions.warn()

    warmup.start()
    # A million objects of imported libraries live as long as the server: a collection that walks
    # them all would hold up a frame, and the slider that waits for it, by a tenth of a second.
    gc.collect()
    gc.freeze()


def on_server_unloaded(server_context: Any) -> None:
    """End with the server what was started with it."""
    from app import warmup
    from app.landscape import pool

    warmup.stop()
    pool.close()
