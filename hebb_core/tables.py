"""Export of traces and history as data: public alias of :mod:`hebb_core.storage.tables`."""

from __future__ import annotations

from .storage.tables import (
    history_dataset,
    history_npz,
    open_history,
    traces_csv,
    write_history,
)

__all__ = ["history_dataset", "history_npz", "open_history", "traces_csv", "write_history"]
