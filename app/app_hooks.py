"""Hooks of the server: Bokeh calls them by name when ``panel serve app`` starts."""

from __future__ import annotations

import gc
from typing import Any


def on_server_loaded(server_context: Any) -> None:
    """Import and compile what the first visitor would otherwise wait for."""
    # The first visitor would otherwise wait for the import of the page.
    from hebbscope import Dashboard, warmup  # noqa: F401
    from hebbscope.host import versions

    versions.warn()
    warmup.start()
    # A million objects of imported libraries live as long as the server: a collection that walks
    # them all would hold up a frame, and the slider that waits for it, by a tenth of a second.
    gc.collect()
    gc.freeze()


def on_server_unloaded(server_context: Any) -> None:
    """End with the server what was started with it."""
    from hebbscope import warmup
    from hebbscope.panels.landscape import pool

    warmup.stop()
    pool.close()
